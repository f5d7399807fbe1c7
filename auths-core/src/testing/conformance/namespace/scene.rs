//! A world in which some moves were made, with the verifier before it; and the moves that more than one check makes.

use super::super::report::Violation;
use super::stage::Stage;
use super::subject::{NamespaceSubject, Opened};
use crate::crypto::{KeyPair, Seed};
use crate::evidence::NamespaceEvidence;
use crate::identity::{Did, Ecosystem, Namespace};
use crate::ports::{NamespaceError, NamespaceQuery, NamespaceVerifier};
use crate::simulation::{Metadata, Refused, Session, SimulatedRegistry, World};
use crate::{TimeError, Timestamp};

pub(super) type Subject = dyn NamespaceSubject;

/// The project that most checks look at.
pub(super) const NAME: &str = "widget";

/// When every world begins.
pub(super) fn start() -> Result<Timestamp, TimeError> {
    Timestamp::from_unix(1_767_225_600)
}

/// The DID of a key of that number.
pub(super) fn did(number: u8) -> Did {
    Did::from_key(&KeyPair::from_seed(&Seed::new([number; 32].into())).public())
}

/// A check whose moves the world does not allow.
pub(super) fn refuses(refused: &Refused) -> Violation {
    Violation(format!("the world refuses the scene: {refused}"))
}

pub(super) fn has_releases(world: &World) -> bool {
    *world.ecosystem() != Ecosystem::GITHUB
}

/// Makes a name be there: by a first release, or on GitHub by the account that takes it.
pub(super) fn register(world: &mut World, by: &Session, name: &str) -> Result<(), Refused> {
    // Some registries take no version of an earlier life again.
    let version = match world.buried(name) {
        Some(_) => "2.0.0",
        None => "1.0.0",
    };
    match has_releases(world) {
        true => world.publish(by, name, version, Metadata::new()),
        false => world.rename_account(by, name),
    }
}

/// Does what owners do every day, where there is anything of the kind.
pub(super) fn go_on(world: &mut World, by: &Session, name: &str) -> Result<(), Refused> {
    match has_releases(world) {
        true => world.publish(by, name, "1.1.0", Metadata::new()),
        false => Ok(()),
    }
}

/// Takes a name that was given up: under a version that was never published, where versions are not used twice.
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

/// A world with a verifier before it.
pub(super) struct Scene {
    pub(super) stage: Stage,
    opened: Opened,
}

impl Scene {
    /// A world in which these moves were made.
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

    /// The namespace of a project of that name, as the verifier is to be asked for it.
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

    /// What the verifier shows of the project of that name.
    pub(super) async fn gather(&self, name: &str) -> Result<NamespaceEvidence, Violation> {
        Ok(self.try_gather(name).await??)
    }

    pub(super) async fn try_gather(
        &self,
        name: &str,
    ) -> Result<Result<NamespaceEvidence, NamespaceError>, Violation> {
        Ok(self.verifier().gather(&self.query(name)?).await)
    }

    /// What there is to be seen of it.
    pub(super) async fn reference(&self, name: &str) -> Result<NamespaceEvidence, Violation> {
        let (world, origin) = (self.stage.shared_world(), self.verifier().origin().clone());
        let registry = match self.verifier().is_public() {
            true => SimulatedRegistry::public(world, origin),
            false => SimulatedRegistry::configured(world, origin),
        };
        Ok(registry.gather(&self.query(name)?).await?)
    }
}
