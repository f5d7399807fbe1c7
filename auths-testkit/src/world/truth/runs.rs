//! The truth about CI runs: who was let into which, and which rules were signed for them.

use std::collections::BTreeSet;

use super::Person;
use super::holdings::{Held, HeldOf};
use super::record::{Loot, Place, Theft};
use crate::world::World;
use crate::world::access::{CiRun, Session};
use crate::world::runs::{Passage, RUN_LIFE};
use auths_core::Timestamp;
use auths_core::capability::Capability;
use auths_core::claim::{Signed, TrustedPublisher};
use auths_core::identity::{Did, Namespace};

/// A trusted publisher that somebody signed.
#[derive(Debug, Clone)]
pub(super) struct SignedPublisher {
    from: Did,
    repository: u64,
    owner: u64,
    namespaces: BTreeSet<Namespace>,
    since: Timestamp,
    until: Option<Timestamp>,
}

/// An approval of a run that somebody else had started.
#[derive(Debug, Clone)]
pub(super) struct Approval {
    to: Person,
    repository: u64,
    at: Timestamp,
    until: Timestamp,
}

impl World {
    /// Records a trusted publisher that somebody signed.
    pub fn record_publisher(&mut self, publisher: &Signed<TrustedPublisher>) {
        let body = publisher.unverified();
        let rule = body.publisher.fields();
        self.truth.publishers.push(SignedPublisher {
            from: publisher.did().clone(),
            repository: rule.repository_id.get(),
            owner: rule.owner_id.get(),
            namespaces: body.namespaces.clone(),
            since: publisher.created(),
            until: publisher.expires(),
        });
    }

    /// Returns whether a DID signed that runs of a repository may act for a namespace, and the repository still has the owner of
    /// then.
    pub(in crate::world) fn has_trusted(
        &self,
        did: &Did,
        repository: u64,
        namespace: &Namespace,
        at: Timestamp,
    ) -> bool {
        let owner = self.repositories.get(&repository).map(|r| r.owner);
        self.truth.publishers.iter().any(|signed| {
            signed.from == *did
                && signed.repository == repository
                && owner == Some(signed.owner)
                && signed
                    .namespaces
                    .iter()
                    .any(|named| named.includes(namespace))
                && signed.since <= at
                && signed.until.is_none_or(|until| at < until)
        })
    }

    /// Returns whether a person has a repository: as its owner, or as an owner of the organisation that has it.
    pub(in crate::world) fn has_repository(
        &self,
        person: &Person,
        repository: u64,
        at: Timestamp,
    ) -> bool {
        let owner = self.repositories.get(&repository).map(|r| r.owner);
        self.is_lawful_owner(person, Place::Repository(repository), at)
            || owner.is_some_and(|id| self.is_lawful_owner(person, Place::Organization(id), at))
    }

    /// Records that somebody let a run pass, for who started it.
    pub(in crate::world) fn note_approval(&mut self, by: &Session, run: &CiRun) {
        let reviewer = self.actor(by.into());
        let Some(state) = self.runs.get(&run.id) else {
            return;
        };
        let (repository, until) = (state.repository, state.started + RUN_LIFE);
        if let Some(to) = state.by.clone().filter(|to| reviewer.as_ref() != Some(to)) {
            let at = self.now;
            self.truth.approvals.push(Approval {
                to,
                repository,
                at,
                until,
            });
        }
    }

    /// Records that code of somebody ran in a job.
    pub(in crate::world) fn note_poisoning(
        &mut self,
        thief: Person,
        repository: u64,
        until: Timestamp,
    ) {
        let since = self.now;
        self.truth.thefts.push(Theft {
            thief,
            loot: Loot::Run(repository),
            since,
            until: Some(until),
            uses: Vec::new(),
        });
    }

    /// Records the name that a repository has now.
    pub(in crate::world) fn note_repository_name(&mut self, repository: u64) {
        let Some(state) = self.repositories.get(&repository) else {
            return;
        };
        let (name, now) = (self.full_name(state).to_ascii_lowercase(), self.now);
        let truth = &mut self.truth;
        let mut earlier = truth.repository_names.iter().rev();
        let earlier = earlier.find(|(other, id)| *other == name && *id != repository);
        if let Some((_, old)) = earlier {
            truth.recycled_repositories.push((repository, *old, now));
        }
        truth.repository_names.push((name, repository));
    }

    /// Returns what a person holds by having been let into runs.
    ///
    /// An approval counts as one that was tricked out of its reviewer. So does the act of an administrator who takes the guard of an
    /// environment down for a while: whoever ran there meanwhile was let in by it.
    pub(super) fn let_into_runs(&self, person: &Person) -> Vec<Held> {
        let session = |repository, since, until| {
            let of = HeldOf::Repository(repository);
            Held::new(Capability::AccountSession, of, since, Some(until))
        };
        let approvals = self.truth.approvals.iter().filter(|a| a.to == *person);
        let approved = approvals.map(|a| session(a.repository, a.at, a.until));
        let runs = self.runs.values().filter(|run| {
            let guarded = run.environment.as_ref().is_some_and(|name| {
                let now = self.environment(run.repository, name.as_str());
                now.is_guarded()
            });
            run.by.as_ref() == Some(person) && run.passage == Passage::Open && guarded
        });
        let slipped = runs.map(|r| session(r.repository, r.started, r.started + RUN_LIFE));
        approved.chain(slipped).collect()
    }
}
