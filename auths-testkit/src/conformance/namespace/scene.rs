//! A world in which some moves were made, with a verifier that reads it; and moves that several checks share.

use super::super::report::Violation;
use super::stage::Stage;
use super::subject::{NamespaceSubject, Opened};
use crate::world::{Metadata, Refused, Session, SimulatedRegistry, World};
use auths_core::crypto::{KeyPair, Seed};
use auths_core::evidence::NamespaceEvidence;
use auths_core::identity::{Did, Ecosystem, Namespace};
use auths_core::ports::{NamespaceError, NamespaceQuery, NamespaceVerifier};
use auths_core::{TimeError, Timestamp};

pub(super) type Subject = dyn NamespaceSubject;

/// The project that most checks use.
pub(super) const NAME: &str = "widget";

/// Returns the time at which every world begins.
pub(super) fn start() -> Result<Timestamp, TimeError> {
    Timestamp::from_unix(1_767_225_600)
}

/// Returns the DID of the key with that number.
pub(super) fn did(number: u8) -> Did {
    Did::from_key(&KeyPair::from_seed(&Seed::new([number; 32].into())).public())
}

/// Returns the outcome of a check whose moves the world does not allow.
pub(super) fn refuses(refused: &Refused) -> Violation {
    Violation::CannotBePlayed(format!("the world refuses the scene: {refused}"))
}

pub(super) fn has_releases(world: &World) -> bool {
    *world.ecosystem() != Ecosystem::GITHUB
}

/// Registers a name: by a first release, or on GitHub by the account that takes it.
pub(super) fn register(world: &mut World, by: &Session, name: &str) -> Result<(), Refused> {
    // Some registries do not accept a version of an earlier life again.
    let version = match world.buried(name) {
        Some(_) => "2.0.0",
        None => "1.0.0",
    };
    match has_releases(world) {
        true => world.publish(by, name, version, Metadata::new()),
        false => world.rename_account(by, name),
    }
}

/// Makes an ordinary move of an owner, if the registry has any.
pub(super) fn go_on(world: &mut World, by: &Session, name: &str) -> Result<(), Refused> {
    match has_releases(world) {
        true => world.publish(by, name, "1.1.0", Metadata::new()),
        false => Ok(()),
    }
}

/// Takes a name that was given up: with a version that was never published, where versions cannot be used twice.
pub(super) fn take_over(world: &mut World, by: &Session, name: &str) -> Result<(), Refused> {
    match has_releases(world) {
        true => world.publish(by, name, "1.0.1", Metadata::new()),
        false => world.rename_account(by, name),
    }
}

/// Gives a name up.
pub(super) fn give_up(world: &mut World, by: &Session, name: &str) -> Result<(), Refused> {
    match has_releases(world) {
        true => world.delete_project(by, name),
        false => world.rename_account(by, "given-up"),
    }
}

/// A world with a verifier that reads it.
pub(super) struct Scene {
    pub(super) stage: Stage,
    opened: Opened,
}

impl Scene {
    /// Creates a world in which these moves were made.
    pub(super) fn open(
        subject: &Subject,
        moves: impl FnOnce(&mut World) -> Result<(), Refused>,
    ) -> Result<Self, Violation> {
        let mut world = subject.world(start()?);
        moves(&mut world).map_err(|refused| refuses(&refused))?;
        let stage = Stage::new(world);
        let opened = subject.open(stage.clone());
        Ok(Self { stage, opened })
    }

    pub(super) fn verifier(&self) -> &dyn NamespaceVerifier {
        &*self.opened.verifier
    }

    pub(super) fn requests(&self) -> Option<usize> {
        self.opened.requests.as_ref().map(|count| count())
    }

    /// Returns the namespace of a project of that name, as it is to be passed to the verifier.
    pub(super) fn namespace(&self, name: &str) -> Result<Namespace, Violation> {
        let namespace = self.stage.world().namespace(name)?;
        let verifier = self.verifier();
        let configured = (!verifier.is_public()).then(|| verifier.origin().clone());
        Ok(namespace.at(configured))
    }

    pub(super) fn query(&self, name: &str) -> Result<NamespaceQuery, Violation> {
        let now = self.stage.world().now();
        Ok(NamespaceQuery::new(self.namespace(name)?, now))
    }

    /// Returns the verifier's answer about the project of that name.
    pub(super) async fn gather(&self, name: &str) -> Result<NamespaceEvidence, Violation> {
        Ok(self.try_gather(name).await??)
    }

    pub(super) async fn try_gather(
        &self,
        name: &str,
    ) -> Result<Result<NamespaceEvidence, NamespaceError>, Violation> {
        Ok(self.verifier().gather(&self.query(name)?).await)
    }

    /// Returns the correct answer about the project of that name.
    pub(super) async fn reference(&self, name: &str) -> Result<NamespaceEvidence, Violation> {
        let (world, origin) = (self.stage.shared_world(), self.verifier().origin().clone());
        let registry = match self.verifier().is_public() {
            true => SimulatedRegistry::public(world, origin),
            false => SimulatedRegistry::configured(world, origin),
        };
        Ok(registry.gather(&self.query(name)?).await?)
    }
}
