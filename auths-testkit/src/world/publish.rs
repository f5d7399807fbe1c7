//! Publishing, which also registers names.

use std::collections::BTreeMap;

use super::access::{Attestation, Credential, Workflow};
use super::accounts::last_shown;
use super::metadata::Metadata;
use super::named::Named;
use super::project::{Buried, Project, PublishedRelease};
use super::refused::Refused;
use super::rules::Right;
use super::state::World;
use super::truth::{Person, Place};
use super::version::Version;
use auths_core::evidence::OwnerRole;
use auths_core::identity::{Account, Namespace};

impl World {
    /// Publishes a version with one file. A name that is free is registered, and its publisher becomes its Owner. Where there are
    /// tags, `latest` moves to the version. A release by a workflow carries what the registry keeps of the build.
    ///
    /// # Errors
    /// [`Refused`]: a credential without that right, a version that exists already, an invalid name or version.
    pub fn publish<'a, 'n>(
        &mut self,
        by: impl Into<Credential<'a>>,
        name: impl Into<Named<'n>>,
        version: &str,
        metadata: Metadata,
    ) -> Result<(), Refused> {
        self.publish_release(by.into(), name.into(), version, metadata, None)
    }

    /// Publishes a version like [`World::publish`], with an attestation of a build in the repository of `workflow`. The
    /// credential need not belong to that workflow.
    ///
    /// # Errors
    /// The errors of [`World::publish`], and [`Refused::NotOffered`] where only a trusted workflow attests;
    /// [`Refused::UnknownThing`] when the workflow is in no repository.
    pub fn publish_attested<'a, 'n>(
        &mut self,
        by: impl Into<Credential<'a>>,
        name: impl Into<Named<'n>>,
        version: &str,
        metadata: Metadata,
        workflow: &Workflow,
    ) -> Result<(), Refused> {
        let (by, name) = (by.into(), name.into());
        let namespace = self.meant(by, name)?;
        let rules = self.rules(namespace.ecosystem());
        if !rules.is_some_and(|r| r.tokens_may_attest) {
            return Err(Refused::NotOffered);
        }
        let attestation = self.attest(workflow.id).ok_or(Refused::UnknownThing)?;
        self.publish_release(by, name, version, metadata, Some(attestation))
    }

    fn publish_release(
        &mut self,
        by: Credential<'_>,
        name: Named<'_>,
        version: &str,
        metadata: Metadata,
        attestation: Option<Attestation>,
    ) -> Result<(), Refused> {
        let spelled = version.to_owned();
        let version = Version::parse(version).ok_or(Refused::Version {
            version: spelled.clone(),
        })?;
        let namespace = self.meant(by, name)?;
        let made_it = !self.projects.contains_key(&namespace);
        if made_it {
            self.register(by, &namespace, name, &spelled)?;
        } else {
            self.entitled(by, name, Right::Publish)?;
        }
        let (account, workflow) = self.publisher(by)?;
        let rules = self.rules(namespace.ecosystem());
        let (tags, again, attests) = rules.map_or((false, true, false), |r| {
            (r.tags, r.versions_again, r.attests)
        });
        let built = workflow.and_then(|id| self.attest(id)).filter(|_| attests);
        let (now, actor) = (self.now, self.actor(by));
        if made_it {
            self.note_roles(&namespace);
        }
        let project = self.running(&namespace)?;
        let place = Place::Project(project.id);
        let owns = |actor: &Person| self.is_lawful_owner(actor, place, now);
        let lawful = actor.as_ref().is_some_and(owns);
        let project = self.running(&namespace)?;
        let used = !again && project.history.iter().any(|(v, _)| *v == spelled);
        if used || project.releases.iter().any(|r| r.version == version) {
            return Err(Refused::VersionExists);
        }
        if tags {
            project.tags.insert("latest".to_owned(), spelled.clone());
        }
        project.history.push((spelled.clone(), now));
        project.releases.push(PublishedRelease {
            spelled,
            version,
            yanked: false,
            metadata,
            files: vec![now],
            published_by: account,
            attestation: attestation.or(built),
            actor,
            lawful,
        });
        let id = project.id;
        self.note_use(by, Right::Publish, Some(id), made_it);
        self.changed(&namespace);
        Ok(())
    }

    /// Makes a new project. Only a credential for everything that its account may do can make one.
    fn register(
        &mut self,
        by: Credential<'_>,
        namespace: &Namespace,
        name: Named<'_>,
        version: &str,
    ) -> Result<(), Refused> {
        let holder = self.may(by, Right::Register)?;
        let (Some(account), None) = (holder.account, holder.projects) else {
            return Err(Refused::Forbidden);
        };
        let buried = self.buried.get(namespace);
        let rules = self
            .rules(namespace.ecosystem())
            .ok_or(Refused::NotOffered)?;
        if buried.is_some_and(|b| self.now < b.deleted + rules.name_held) {
            return Err(Refused::NameHeld);
        }
        let used = |b: &&Buried| b.history.iter().any(|(v, _)| v == version);
        if !rules.versions_again && buried.filter(used).is_some() {
            return Err(Refused::VersionExists);
        }
        if !self.owns_scope(account, namespace) {
            return Err(Refused::Forbidden);
        }
        // It is not documented whether npm's `time.created` begins anew, so the world decides.
        let stays = rules.tags && !self.creates_anew;
        let before = buried.filter(|_| stays).map(|b| b.created);
        let project = Project {
            id: self.next_id(),
            namespace: namespace.clone(),
            spelled: match name {
                Named::Here(spelled) => self.scoped(namespace.ecosystem(), spelled).into_owned(),
                Named::Namespace(namespace) => namespace.name().as_str().to_owned(),
            },
            created: before.unwrap_or(self.now),
            serial: 0,
            revision: 0,
            roles: BTreeMap::from([(account, OwnerRole::Owner)]),
            invited: BTreeMap::new(),
            teams: Vec::new(),
            trusted: Vec::new(),
            organization: None,
            quarantined: false,
            in_use: false,
            tags: BTreeMap::new(),
            releases: Vec::new(),
            history: Vec::new(),
        };
        self.projects.insert(namespace.clone(), project);
        self.join_crates(account, namespace);
        Ok(())
    }

    /// Returns the account that published a release, as its registry shows it; `None` for a trusted workflow.
    #[must_use]
    pub fn publisher_of(&self, release: &PublishedRelease) -> Option<Account> {
        let id = release.published_by()?;
        self.account(id).or_else(|| last_shown(self, id))
    }

    /// Returns the account or the workflow that publishes a release.
    fn publisher(&self, by: Credential<'_>) -> Result<(Option<u64>, Option<u64>), Refused> {
        Ok(match by {
            Credential::Session(session) => (Some(self.signed_in(session)?), None),
            Credential::Token(token) => {
                let state = self.live(token)?;
                (state.account, state.workflow)
            }
            Credential::Workflow(workflow) => (None, Some(workflow.id)),
        })
    }
}
