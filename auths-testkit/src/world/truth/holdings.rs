//! The things of others that a person holds.

use std::collections::BTreeSet;

use super::Person;
use super::record::{Loot, Place, Post, Theft, Use};
use crate::world::access::TokenState;
use crate::world::rules::GRANTS;
use crate::world::{Right, World};
use auths_core::Timestamp;
use auths_core::capability::Capability;
use auths_core::identity::{Did, Ecosystem, Namespace, Platform, Subject};

/// The subject of a held thing, by numbers that the world never uses again.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum HeldOf {
    /// One project.
    Project(u64),
    /// An account, or an organisation.
    Account(u64),
    /// A repository.
    Repository(u64),
    /// A workflow.
    Workflow(u64),
    /// A key.
    Key(Did),
}

/// One thing that a person holds, or held.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Held {
    /// The capability.
    pub capability: Capability,
    /// The subject of the capability.
    pub of: HeldOf,
    /// The rights that it gives; `None` for everything that the capability allows.
    pub rights: Option<BTreeSet<Right>>,
    /// The time since when it is held.
    pub since: Timestamp,
    /// The time when it ended, if it has.
    pub until: Option<Timestamp>,
    /// The uses that were made of it.
    pub uses: Vec<Use>,
    /// True for the workflows of a repository that the person lawfully owns, of which a package of others may depend.
    pub is_own: bool,
}

impl Held {
    pub(super) fn new(
        capability: Capability,
        of: HeldOf,
        since: Timestamp,
        until: Option<Timestamp>,
    ) -> Self {
        Self {
            capability,
            of,
            rights: None,
            since,
            until,
            uses: Vec::new(),
            is_own: false,
        }
    }

    /// Returns whether it may be used for one of these rights; true where its rights are not limited.
    #[must_use]
    pub fn allows(&self, any_of: &[Right]) -> bool {
        let rights = self.rights.as_ref();
        any_of.is_empty() || rights.is_none_or(|rights| any_of.iter().any(|r| rights.contains(r)))
    }
}

impl World {
    /// Returns everything of others that a person holds, or held. The person's own keys, accounts and packages are not included.
    #[must_use]
    pub fn holdings(&self, person: &Person) -> Vec<Held> {
        let thefts = self.truth.thefts.iter().filter(|t| t.thief == *person);
        let mut held: Vec<Held> = thefts.flat_map(|theft| self.stolen(theft)).collect();
        for span in self.posts_of(person) {
            let of = match span.place {
                Place::Project(id) => HeldOf::Project(id),
                Place::Organization(id) => HeldOf::Account(id),
                Place::Repository(id) => HeldOf::Repository(id),
            };
            let lesser = match span.place {
                Place::Repository(_) => Capability::RepositoryWriter,
                _ => Capability::Collaborator,
            };
            if let (Place::Repository(id), Post::Owner) = (span.place, span.post) {
                held.extend(self.workflows_in(id).map(|workflow| {
                    let of = HeldOf::Workflow(workflow);
                    Held {
                        is_own: span.lawful && span.until.is_none(),
                        ..Held::new(Capability::CiWorkflow, of, span.from, span.until)
                    }
                }));
            }
            // An administrator may publish the organisation's packages, but is not an owner of them.
            let in_org = matches!(span.place, Place::Organization(_));
            if in_org || span.post == Post::Lesser || !span.lawful || span.until.is_some() {
                held.push(Held::new(lesser, of.clone(), span.from, span.until));
            }
            if let Some(until) = span.until {
                held.push(Held::new(Capability::FormerCollaborator, of, until, None));
            }
        }
        for (new, old, since) in &self.truth.recycled {
            if self.person_of(*new) == Some(person) {
                let of = HeldOf::Account(*old);
                held.push(Held::new(Capability::RecycledName, of, *since, None));
            }
        }
        for (new, old, since) in &self.truth.recycled_repositories {
            if self.has_repository(person, *new, self.now) {
                let of = HeldOf::Repository(*old);
                held.push(Held::new(Capability::RecycledName, of, *since, None));
            }
        }
        held.extend(self.let_into_runs(person));
        held
    }

    fn stolen(&self, theft: &Theft) -> Vec<Held> {
        let one = |capability, of| Held {
            uses: theft.uses.clone(),
            ..Held::new(capability, of, theft.since, theft.until)
        };
        match &theft.loot {
            Loot::Session(account) => {
                vec![one(Capability::AccountSession, HeldOf::Account(*account))]
            }
            Loot::Workflow(id) => vec![one(Capability::CiWorkflow, HeldOf::Workflow(*id))],
            Loot::Run(repository) => {
                vec![one(
                    Capability::PoisonedRun,
                    HeldOf::Repository(*repository),
                )]
            }
            Loot::Key(did) => vec![one(Capability::DeviceKey, HeldOf::Key(did.clone()))],
            Loot::Token { state, .. } => {
                let capability = capability_of(state);
                let rights = GRANTS
                    .iter()
                    .filter(|row| state.grants.contains(&row.grant));
                let rights: BTreeSet<Right> = rights.flat_map(|row| row.may).copied().collect();
                let of: Vec<HeldOf> = match (&state.projects, state.account) {
                    (Some(projects), _) => projects.iter().map(|id| HeldOf::Project(*id)).collect(),
                    (None, Some(account)) => vec![HeldOf::Account(account)],
                    (None, None) => Vec::new(),
                };
                of.into_iter()
                    .map(|of| Held {
                        rights: (capability != Capability::AccountSession).then(|| rights.clone()),
                        ..one(capability, of)
                    })
                    .collect()
            }
        }
    }

    fn workflows_in(&self, repository: u64) -> impl Iterator<Item = u64> {
        let there = move |w: &super::super::ci::WorkflowState| w.repository == Some(repository);
        let workflows = self.workflows.iter();
        workflows
            .filter(move |(_, state)| there(state))
            .map(|(id, _)| *id)
    }

    /// Returns whether something held of one thing is also held of this subject, as it was named at some time. Something held of
    /// an account is held of every package and repository on which the account has, or had, a post.
    #[must_use]
    pub fn covers(&self, held: &HeldOf, subject: &Subject, at: Timestamp) -> bool {
        match subject {
            Subject::Package(namespace) => self
                .named_at(namespace, at)
                .is_some_and(|named| self.reaches(held, &named)),
            Subject::Organization(namespace) => self
                .named_at(namespace, at)
                .is_some_and(|named| self.reaches(held, &named)),
            Subject::Account(account) => {
                let login = account.login().as_str();
                let number = account.id().and_then(|id| id.as_str().parse().ok());
                let named = || {
                    let state = self.account_by_login(account.platform(), login);
                    state.map(|state| state.id())
                };
                let id = number.or_else(named);
                let HeldOf::Account(held_of) = held else {
                    return false;
                };
                id == Some(*held_of) || self.had_login(*held_of, account.platform(), login)
            }
            Subject::Repository { id, .. } => {
                let id = id.as_str().parse().ok();
                id.is_some_and(|id| self.reaches(held, &HeldOf::Repository(id)))
            }
            // The world's one issuer. The same number at another is another repository's.
            Subject::CiRepository { issuer, id, name } => {
                issuer == "token.actions.githubusercontent.com"
                    && match id.parse() {
                        Ok(id) => self.reaches(held, &HeldOf::Repository(id)),
                        Err(_) => {
                            let mut called = self.repositories_called(name).into_iter();
                            called.any(|id| self.reaches(held, &HeldOf::Repository(id)))
                        }
                    }
            }
            Subject::Did(did) => *held == HeldOf::Key(did.clone()),
            // A subject that the world does not know yet: nobody holds anything of it, so that a yes over it is reported.
            _ => false,
        }
    }

    /// Returns whether something held of `held` is also held of `thing`.
    pub(in crate::world) fn reaches(&self, held: &HeldOf, thing: &HeldOf) -> bool {
        if held == thing {
            return true;
        }
        match (held, thing) {
            (HeldOf::Account(account), HeldOf::Project(id)) => {
                self.has_post(*account, Place::Project(*id)) || self.belongs_to(*id, *account)
            }
            (HeldOf::Account(account), HeldOf::Account(org)) => {
                self.is_organization(*org) && self.has_post(*account, Place::Organization(*org))
            }
            (HeldOf::Account(account), HeldOf::Repository(id)) => {
                let owner = self.repositories.get(id).map(|r| r.owner);
                self.has_post(*account, Place::Repository(*id))
                    || owner.is_some_and(|org| {
                        self.is_organization(org)
                            && (org == *account
                                || self.has_post(*account, Place::Organization(org)))
                    })
            }
            (HeldOf::Workflow(workflow), HeldOf::Project(id)) => self.publishes(*workflow, *id),
            (HeldOf::Workflow(workflow), HeldOf::Repository(id)) => {
                let state = self.workflows.get(workflow);
                state.is_some_and(|state| state.repository == Some(*id))
            }
            (HeldOf::Repository(repository), HeldOf::Project(id)) => {
                let mut workflows = self.workflows_in(*repository);
                workflows.any(|workflow| self.publishes(workflow, *id))
            }
            _ => false,
        }
    }

    /// Returns whether an account has, or ever had, a post at a place.
    fn has_post(&self, account: u64, place: Place) -> bool {
        let mut posts = self.truth.posts.iter();
        posts.any(|span| span.account == account && span.place == place)
    }

    /// Returns whether an organisation has the scope of an npm package, or a team that owns a crate.
    fn belongs_to(&self, project: u64, org: u64) -> bool {
        let mut projects = self.projects.values();
        let Some(project) = projects.find(|p| p.id == project) else {
            return false;
        };
        let by_team = project.teams().iter().any(|team| team.org == org);
        let scope = super::super::scope::scope_of(project.namespace());
        by_team || scope.is_some_and(|scope| self.had_login(org, &Platform::NPM, scope))
    }

    /// Returns whether a project trusts a workflow, or was published by it.
    fn publishes(&self, workflow: u64, project: u64) -> bool {
        let trusting = self.trusting_workflow(workflow);
        trusting.contains(&project) || self.truth.published_by.contains(&(project, workflow))
    }

    /// Returns whether something held concerns the subject of a claim: it is held of the subject, of the account behind it, or of
    /// the repository that it is built in.
    pub(in crate::world) fn concerns(
        &self,
        held: &HeldOf,
        namespace: &Namespace,
        at: Timestamp,
    ) -> bool {
        let Some(target) = self.named_at(namespace, at) else {
            return false;
        };
        if self.reaches(held, &target) {
            return true;
        }
        let (HeldOf::Account(account), Some(project)) = (held, self.project(namespace)) else {
            return false;
        };
        // The accounts of a repository that the package was built in, or that was typed into it.
        let builds = project.releases().iter().filter_map(|r| r.attestation());
        let mut owners = builds.map(|built| built.owner_id.as_str().parse().ok());
        let mut typed = project
            .releases()
            .iter()
            .filter_map(|r| r.metadata().repository());
        owners.any(|owner| owner == Some(*account))
            || typed.any(|r| self.had_login(*account, &r.platform, &r.owner))
    }
}

/// Returns the capability that a token is.
fn capability_of(state: &TokenState) -> Capability {
    let rights = GRANTS
        .iter()
        .filter(|row| state.grants.contains(&row.grant));
    let mut rights = rights.flat_map(|row| row.may);
    let administers = rights.any(|right| matches!(right, Right::ChangeMembers | Right::Account));
    let at_github = state.ecosystem == Ecosystem::GITHUB;
    match (state.workflow, &state.app) {
        (Some(_), _) => Capability::StolenToken,
        // A token of a device flow is an approval by the account.
        (None, Some(_)) => Capability::AccountSession,
        _ if at_github && administers => Capability::AccountSession,
        _ => Capability::StolenToken,
    }
}
