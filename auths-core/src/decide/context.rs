//! The context in which every link of one decision is evaluated.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::Duration;

use super::checks::EvidenceChecks;
use super::input::DecisionInput;
use super::newest::NewestEvidence;
use super::publishers::PossiblePublishers;
use super::revocation::RevocationIndex;
use super::steps::StepCounter;
use super::timeline::{NoStatement, TimelineStatement, TimelineView};
use crate::Timestamp;
use crate::claim::{IssuedChallenge, KeyRing};
use crate::evidence::{LinkedAccount, NamespaceEvidence, Timeline};
use crate::identity::Did;
use crate::policy::Policy;

/// The context in which every link is evaluated.
#[derive(Debug)]
pub(super) struct EvaluationContext<'a> {
    pub(super) checks: EvidenceChecks<'a>,
    /// The challenge that this verifier issued.
    pub(super) issued: Option<&'a IssuedChallenge>,
    pub(super) newest: NewestEvidence<'a>,
    /// The releases of the claimed package, where they were read.
    pub(super) claimed: Option<TimelineView<'a>>,
    pub(super) steps: StepCounter,
    /// Cached statements of releases about a DID. The key is the timeline's address in memory during this decision.
    told: RefCell<BTreeMap<(usize, Did), Told>>,
    /// Cached publishers of these releases.
    published: RefCell<BTreeMap<(usize, Did), PossiblePublishers>>,
}

/// A statement, or the reason why there is none; and true where its releases name nobody else.
type Told = (Result<TimelineStatement, NoStatement>, bool);

impl<'a> EvaluationContext<'a> {
    /// Creates the context of a whole case.
    pub(super) fn of(
        case: &'a DecisionInput,
        issued: Option<&'a IssuedChallenge>,
        policy: &'a Policy,
        now: Timestamp,
    ) -> Self {
        let checks = EvidenceChecks {
            policy,
            now,
            revocations: RevocationIndex::of(case, now),
        };
        Self::with(checks, issued, &case.accounts)
    }

    /// Creates the context of accounts that are graded by themselves, with no revocations.
    pub(super) fn alone(
        accounts: &'a [LinkedAccount],
        policy: &'a Policy,
        keys: &'a KeyRing,
        now: Timestamp,
    ) -> Self {
        let checks = EvidenceChecks {
            policy,
            now,
            revocations: RevocationIndex::empty(keys, now),
        };
        Self::with(checks, None, accounts)
    }

    fn with(
        checks: EvidenceChecks<'a>,
        issued: Option<&'a IssuedChallenge>,
        accounts: &'a [LinkedAccount],
    ) -> Self {
        Self {
            newest: NewestEvidence::of(&checks, accounts),
            checks,
            issued,
            claimed: None,
            steps: StepCounter::default(),
            told: RefCell::default(),
            published: RefCell::default(),
        }
    }

    /// Sets the evidence that the decision is about.
    pub(super) fn about(mut self, evidence: &'a NamespaceEvidence) -> Self {
        let timeline = evidence.timeline.get().ok();
        self.claimed = timeline
            .map(|timeline| TimelineView::new(timeline, self.maturity(), evidence.observed_at));
        self
    }

    pub(super) fn policy(&self) -> &'a Policy {
        self.checks.policy
    }

    pub(super) fn now(&self) -> Timestamp {
        self.checks.now
    }

    /// Returns the minimum age of a statement under the policy.
    pub(super) fn maturity(&self) -> Duration {
        self.checks.policy.maturity()
    }

    pub(super) fn revocations(&self) -> &RevocationIndex<'a> {
        &self.checks.revocations
    }

    /// Returns the statement that the releases of `evidence` make for a DID, and whether they name nobody else. It is derived
    /// once, for any number of claims that rest on it. Contests are checked here for packages that speak for an account; for the
    /// claimed package they are checked for every chain alike.
    pub(super) fn statement(
        &self,
        evidence: &NamespaceEvidence,
        timeline: &Timeline,
        did: &Did,
    ) -> Told {
        let which = (std::ptr::from_ref(timeline).addr(), did.clone());
        if let Some(known) = self.told.borrow().get(&which) {
            return known.clone();
        }
        let told = match self.claimed.as_ref().filter(|view| view.is_of(timeline)) {
            Some(view) => (view.statement_of(did), view.names_nobody_but(did)),
            None => {
                let view = TimelineView::new(timeline, self.maturity(), evidence.observed_at);
                let statement = view.uncontested(did, |other| self.revocations().is_revoked(other));
                (statement, view.names_nobody_but(did))
            }
        };
        self.told.borrow_mut().insert(which, told.clone());
        told
    }

    /// Returns the publishers of the releases that name a DID. They are determined once, for any number of claims that rest on
    /// them.
    pub(super) fn published(
        &self,
        timeline: &Timeline,
        did: &Did,
        find: impl FnOnce() -> PossiblePublishers,
    ) -> PossiblePublishers {
        let which = (std::ptr::from_ref(timeline).addr(), did.clone());
        let mut published = self.published.borrow_mut();
        *published.entry(which).or_insert_with(find)
    }
}
