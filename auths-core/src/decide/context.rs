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
    /// The releases of the package that the claim is about, where they were read.
    pub(super) claimed_timeline: Option<TimelineView<'a>>,
    pub(super) steps: StepCounter,
    /// Cached statements of releases about a DID. The key is the timeline's address in memory during this decision.
    statements: RefCell<BTreeMap<(usize, Did), DerivedStatement>>,
    /// Cached publishers of these releases.
    publishers: RefCell<BTreeMap<(usize, Did), PossiblePublishers>>,
}

/// What the releases of a package say of one DID.
#[derive(Debug, Clone)]
pub(super) struct DerivedStatement {
    /// The statement, or the reason why there is none.
    pub(super) found: Result<TimelineStatement, NoStatement>,
    /// True where the releases name no other DID.
    pub(super) names_nobody_else: bool,
}

impl<'a> EvaluationContext<'a> {
    /// Creates the context of a whole input.
    pub(super) fn of(
        input: &'a DecisionInput,
        issued: Option<&'a IssuedChallenge>,
        policy: &'a Policy,
        now: Timestamp,
    ) -> Self {
        let checks = EvidenceChecks {
            policy,
            now,
            revocations: RevocationIndex::of(input, now),
        };
        Self::with(checks, issued, &input.accounts)
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
            claimed_timeline: None,
            steps: StepCounter::default(),
            statements: RefCell::default(),
            publishers: RefCell::default(),
        }
    }

    /// Sets the evidence that the decision is about.
    pub(super) fn about(mut self, evidence: &'a NamespaceEvidence) -> Self {
        let timeline = evidence.timeline.get().ok();
        self.claimed_timeline = timeline
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
    ) -> DerivedStatement {
        let which = (std::ptr::from_ref(timeline).addr(), did.clone());
        if let Some(known) = self.statements.borrow().get(&which) {
            return known.clone();
        }
        let claimed = self.claimed_timeline.as_ref();
        let derived = match claimed.filter(|view| view.is_of(timeline)) {
            Some(view) => DerivedStatement {
                found: view.statement_of(did),
                names_nobody_else: view.names_nobody_but(did),
            },
            None => {
                let view = TimelineView::new(timeline, self.maturity(), evidence.observed_at);
                DerivedStatement {
                    found: view.uncontested(did, |other| self.revocations().is_revoked(other)),
                    names_nobody_else: view.names_nobody_but(did),
                }
            }
        };
        self.statements.borrow_mut().insert(which, derived.clone());
        derived
    }

    /// Returns the publishers of the releases that name a DID. They are determined once, by `find`, for any number of claims that
    /// rest on them.
    pub(super) fn publishers(
        &self,
        timeline: &Timeline,
        did: &Did,
        find: impl FnOnce() -> PossiblePublishers,
    ) -> PossiblePublishers {
        let which = (std::ptr::from_ref(timeline).addr(), did.clone());
        let mut publishers = self.publishers.borrow_mut();
        *publishers.entry(which).or_insert_with(find)
    }
}
