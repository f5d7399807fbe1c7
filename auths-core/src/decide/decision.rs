//! The decision, as it is reported.

use serde::Serialize;

use super::input::DecisionInput;
use super::report::ChainReport;
use super::revocation::{ConsultedSource, RevocationReport, UnknownRevocation};
use super::speaker::Speaker;
use super::verified::{NamespaceAuthority, Verified};
use crate::Timestamp;
use crate::capability::{Capability, CapabilitySet};
use crate::claim::Actions;
use crate::identity::{Did, Namespace};
use crate::policy::{Policy, PolicyDigest};
use crate::reason::{Obstacle, Outcome, Reason, RefutedReason, Unavailable, UnavailableReason};

/// The cost of a forged yes where the answer rests on no chain.
const NOTHING_HOLDS: &str = "nothing holds, so there is nothing to forge";

/// The answer to "may whoever asks act for this namespace?", with everything that it rests on.
///
/// A decision may be reported freely. Acting on it requires the [`Verified`] value in it, which only an accepted decision
/// contains:
///
/// ```compile_fail,E0277
/// // A stored answer is a report. It cannot become a decision again: decide anew.
/// let decision: auths_core::decide::Decision = serde_json::from_str("{}").unwrap();
/// ```
/// ```compile_fail,E0451
/// # use auths_core::decide::{Decision, Outcome};
/// # fn denied() -> Decision { unimplemented!() }
/// let accepted = Decision { outcome: Outcome::Accepted, ..denied() };
/// ```
#[derive(Debug, Clone, Serialize)]
#[must_use = "a decision says whether something may be done"]
pub struct Decision {
    pub(in crate::decide) outcome: Outcome,
    #[serde(flatten)]
    pub(in crate::decide) speaker: Speaker,
    pub(in crate::decide) namespace: Namespace,
    pub(in crate::decide) actions: Actions,
    pub(in crate::decide) decided_at: Timestamp,
    pub(in crate::decide) policy: String,
    pub(in crate::decide) policy_digest: PolicyDigest,
    pub(in crate::decide) resists: Vec<Capability>,
    pub(in crate::decide) chains: Vec<ChainReport>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::decide) falls_to: Option<CapabilitySet>,
    pub(in crate::decide) cost: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::decide) reason: Option<Obstacle>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::decide) weakest: Option<Capability>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::decide) remedy: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::decide) ripe_at: Option<Timestamp>,
    pub(in crate::decide) needs_release: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::decide) valid_until: Option<Timestamp>,
    pub(in crate::decide) revocations: RevocationReport,
    #[serde(skip)]
    pub(in crate::decide) verified: Option<Verified<NamespaceAuthority>>,
}

/// The error when the answer was not a yes.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{}: {}", .0.outcome, .0.message())]
pub struct NotAccepted(pub Box<Decision>);

impl NotAccepted {
    /// Returns the stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        let internal = UnavailableReason::Internal.code();
        self.0.reason.as_ref().map_or(internal, Obstacle::code)
    }
}

/// Returns the obstacle. The rest of the decision, including its own remedy, is dropped.
impl From<NotAccepted> for Obstacle {
    fn from(NotAccepted(decision): NotAccepted) -> Self {
        decision.reason.unwrap_or_else(|| {
            Unavailable::new(UnavailableReason::Internal, "the decision gives no reason").into()
        })
    }
}

impl Decision {
    /// Creates a decision about `input` that has no answer yet: denied, and for no reason.
    pub(super) fn open(
        input: &DecisionInput,
        policy: &Policy,
        now: Timestamp,
        revocations: RevocationReport,
    ) -> Self {
        Self {
            outcome: Outcome::Denied,
            speaker: input.speaker.speaker(),
            namespace: input.namespace().clone(),
            actions: input.actions().clone(),
            decided_at: now,
            policy: policy.name().to_owned(),
            policy_digest: policy.digest(),
            resists: policy.resisted().collect(),
            chains: Vec::new(),
            falls_to: None,
            cost: NOTHING_HOLDS.to_owned(),
            reason: None,
            weakest: None,
            remedy: None,
            ripe_at: None,
            needs_release: false,
            valid_until: None,
            revocations,
            verified: None,
        }
    }

    /// Ends the decision by an obstacle, with the obstacle's own outcome and remedy.
    pub(super) fn stopped_by(mut self, obstacle: Obstacle) -> Self {
        self.outcome = obstacle.outcome();
        self.remedy = Some(obstacle.remedy().to_owned());
        self.reason = Some(obstacle);
        self
    }

    /// Returns the outcome: one of the four answers.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// Returns who asked.
    #[must_use]
    pub fn speaker(&self) -> &Speaker {
        &self.speaker
    }

    /// Returns the DID that asked; `None` where a CI run did.
    #[must_use]
    pub fn did(&self) -> Option<&Did> {
        self.speaker.did()
    }

    /// Returns the namespace that was asked for.
    #[must_use]
    pub fn namespace(&self) -> &Namespace {
        &self.namespace
    }

    /// Returns the time as of which it was decided.
    #[must_use]
    pub fn decided_at(&self) -> Timestamp {
        self.decided_at
    }

    /// Returns every chain that was examined, the best first.
    #[must_use]
    pub fn chains(&self) -> &[ChainReport] {
        &self.chains
    }

    /// Returns what the chain that it rests on falls to, as of now. A denied answer rests on the best chain that holds; where none
    /// does, it may be an undetermined one, which is too weak by its links that hold. For a pending answer, the chain will fall to
    /// less when it is mature: [`ChainReport::ripe_falls_to`]. `None` where the answer rests on no chain.
    #[must_use]
    pub fn falls_to(&self) -> Option<CapabilitySet> {
        self.falls_to
    }

    /// Returns what a yes would have cost an attacker, in plain words. For a pending answer, this is the cost of the yes that
    /// there will be when the chain is mature, while [`falls_to`](Self::falls_to) and [`weakest`](Self::weakest) are of now.
    #[must_use]
    pub fn cost(&self) -> &str {
        &self.cost
    }

    /// Returns the capabilities that the policy resists.
    #[must_use]
    pub fn resists(&self) -> &[Capability] {
        &self.resists
    }

    /// Returns the obstacle to a yes.
    #[must_use]
    pub fn reason(&self) -> Option<&Obstacle> {
        self.reason.as_ref()
    }

    /// Returns the weakest resisted capability that the chain that it rests on falls to, as of now.
    #[must_use]
    pub fn weakest(&self) -> Option<Capability> {
        self.weakest
    }

    /// Returns the first remedy that works under this policy.
    #[must_use]
    pub fn remedy(&self) -> Option<&str> {
        self.remedy.as_deref()
    }

    /// Returns, for a pending answer, the earliest time when it can be mature.
    #[must_use]
    pub fn ripe_at(&self) -> Option<Timestamp> {
        self.ripe_at
    }

    /// Returns, for a pending answer, whether another release must be published, because waiting alone is not enough.
    #[must_use]
    pub fn needs_release(&self) -> bool {
        self.needs_release
    }

    /// Returns, for an accepted answer, the time until which it holds.
    #[must_use]
    pub fn valid_until(&self) -> Option<Timestamp> {
        self.valid_until
    }

    /// Returns the sources of revocations that were consulted; an empty list means `not-checked`.
    #[must_use]
    pub fn revocations(&self) -> &[ConsultedSource] {
        &self.revocations.consulted
    }

    /// Returns revocations of the DID, a delegator or one of their claims by signers without a known right to revoke. They do not
    /// count, and are reported.
    #[must_use]
    pub fn unknown_revocations(&self) -> &[UnknownRevocation] {
        &self.revocations.unknown
    }

    /// Returns the reason in a sentence; for a yes, the cost.
    #[must_use]
    pub fn message(&self) -> String {
        self.reason
            .as_ref()
            .map_or_else(|| self.cost.clone(), ToString::to_string)
    }

    /// Returns the value that a consumer acts on, if the answer is a yes.
    ///
    /// # Errors
    /// [`NotAccepted`] with the whole decision, for every other answer. Also, as [`UnavailableReason::ChallengeUnused`], for a
    /// yes to a claim that answers a challenge: that requires
    /// [`VerifyOptions::with_challenge`](crate::use_cases::VerifyOptions::with_challenge) and
    /// [`Challenges::use_once`](crate::use_cases::Challenges::use_once). A yes to a CI run is given by the use of its token.
    pub fn into_verified(mut self) -> Result<Verified<NamespaceAuthority>, NotAccepted> {
        if let Some(verified) = self.verified.take() {
            return Ok(verified);
        }
        if self.outcome == Outcome::Accepted {
            let detail = match self.speaker {
                Speaker::Key(_) => "the claim answers a challenge, and this decision used none up",
                Speaker::Run(_) => "the token of the run was not used up by this decision",
            };
            let unused = Unavailable::new(UnavailableReason::ChallengeUnused, detail);
            self = self.taken_back(unused.into());
        }
        Err(NotAccepted(Box::new(self)))
    }

    /// Returns the answer with its yes withdrawn.
    pub(crate) fn taken_back(mut self, because: Obstacle) -> Self {
        self.valid_until = None;
        self.verified = None;
        self.stopped_by(because)
    }

    /// Returns whether the obstacle is this refutation.
    #[must_use]
    pub fn is_refuted_by(&self, by: RefutedReason) -> bool {
        matches!(&self.reason, Some(Obstacle::Refuted(r)) if r.reason == by)
    }
}
