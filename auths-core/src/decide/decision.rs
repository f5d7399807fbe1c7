//! The decision, as it is reported.

use std::fmt;
use std::time::Duration;

use serde::Serialize;

use super::revocation::RevocationReport;
use super::verified::{NamespaceAuthority, Verified};
use super::{Consulted, UnknownRevocation};
use crate::Timestamp;
use crate::capability::{Capability, CapabilitySet};
use crate::claim::Actions;
use crate::evidence::EvidenceKind;
use crate::identity::{Did, Namespace, Subject};
use crate::policy::PolicyDigest;
use crate::reason::{Reason, Refuted, RefutedReason, Unavailable, UnavailableReason};

/// The four answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub enum Outcome {
    /// Some chain falls to nothing that the policy resists.
    #[serde(rename = "accepted")]
    Accepted,
    /// Some chain will be accepted once its statement is mature.
    #[serde(rename = "pending")]
    Pending,
    /// No chain is accepted.
    #[serde(rename = "denied")]
    Denied,
    /// Some chain might be accepted, but something needed could not be read.
    #[serde(rename = "undetermined")]
    Undetermined,
}

impl Outcome {
    /// Returns the word in documents.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Pending => "pending",
            Self::Denied => "denied",
            Self::Undetermined => "undetermined",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An obstacle to a yes: evidence against it, or something that could not be seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(untagged)]
#[non_exhaustive]
pub enum Obstacle {
    /// The evidence contradicts the claim.
    #[error(transparent)]
    Refuted(Refuted),
    /// The evidence could not be seen.
    #[error(transparent)]
    Unavailable(Unavailable),
}

impl Obstacle {
    /// Returns the outcome that the obstacle causes.
    pub(crate) fn outcome(&self) -> Outcome {
        match self {
            Self::Refuted(_) => Outcome::Denied,
            Self::Unavailable(_) => Outcome::Undetermined,
        }
    }

    /// Returns the stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Refuted(r) => r.reason.code(),
            Self::Unavailable(u) => u.reason.code(),
        }
    }

    /// Returns the stable short name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Refuted(r) => r.reason.name(),
            Self::Unavailable(u) => u.reason.name(),
        }
    }

    /// Returns the remedy: the action that is open to the reader.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::Refuted(r) => r.reason.remedy(),
            Self::Unavailable(u) => u.reason.remedy(),
        }
    }

    /// Returns how long to wait before asking again, when the server that could not be read gave a time. Always `None` for a
    /// refutation: asking again changes nothing.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Refuted(_) => None,
            Self::Unavailable(u) => u.retry_after,
        }
    }
}

impl From<Refuted> for Obstacle {
    fn from(refuted: Refuted) -> Self {
        Self::Refuted(refuted)
    }
}

impl From<Unavailable> for Obstacle {
    fn from(unavailable: Unavailable) -> Self {
        Self::Unavailable(unavailable)
    }
}

/// The standing of a link or chain: it holds, is refuted, or is undetermined.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub enum Standing {
    /// The link or chain holds, and its `falls_to` applies.
    #[serde(rename = "holds")]
    Holds,
    /// The link or chain was refuted.
    #[serde(rename = "refuted")]
    Refuted(Refuted),
    /// Something that decides about the link or chain could not be read.
    #[serde(rename = "undetermined")]
    Undetermined(Unavailable),
}

impl From<Obstacle> for Standing {
    fn from(obstacle: Obstacle) -> Self {
        match obstacle {
            Obstacle::Refuted(refuted) => Self::Refuted(refuted),
            Obstacle::Unavailable(why) => Self::Undetermined(why),
        }
    }
}

/// One link, as it is reported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct LinkReport {
    /// The kind of evidence.
    pub kind: EvidenceKind,
    /// The meaning of the evidence, in a sentence, with hidden characters written out. The values themselves are in `stable_ids`.
    pub says: String,
    /// The address that it was read from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The time when it was seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub observed_at: Option<Timestamp>,
    /// The time when it was stated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asserted_at: Option<Timestamp>,
    /// The stable ids in the evidence.
    pub stable_ids: std::collections::BTreeMap<String, String>,
    /// The thing that a capability applies to when it forges this link. For exceptions see [`held_of`](Self::held_of).
    pub of: Subject,
    /// The capabilities that apply to something else, such as a token of the package in a link from a repository.
    #[serde(skip)]
    pub(in crate::decide) held_apart: Vec<(Capability, Subject)>,
    /// The capabilities that the link falls to now.
    pub falls_to: CapabilitySet,
    /// The earliest time when the link will be worth more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ripe_at: Option<Timestamp>,
    /// The release that must be published for that, in which case waiting alone is not enough.
    #[serde(rename = "ripens_by", skip_serializing_if = "Option::is_none")]
    pub missing_release: Option<String>,
    /// The standing of the link.
    pub standing: Standing,
}

impl LinkReport {
    /// Returns the thing that `capability` applies to when it forges this link, usually [`of`](Self::of). If the link leads to a
    /// repository, a token that publishes an attestation is a token of the package, and a recycled name is a name of the account.
    #[must_use]
    pub fn held_of(&self, capability: Capability) -> &Subject {
        let apart = self.held_apart.iter().find(|(c, _)| *c == capability);
        apart.map_or(&self.of, |(_, of)| of)
    }

    /// Returns a key that is equal for links with equal reports.
    pub(in crate::decide) fn order_key(&self) -> impl Ord + use<'_> {
        let standing = match &self.standing {
            Standing::Holds => (0, "", ""),
            Standing::Undetermined(u) => (1, u.reason.name(), u.raw_detail.as_str()),
            Standing::Refuted(r) => (2, r.reason.name(), r.raw_detail.as_str()),
        };
        (
            (self.kind.as_str(), self.says.as_str()),
            (self.source.as_deref(), self.observed_at, self.asserted_at),
            (
                &self.stable_ids,
                (&self.of, &self.held_apart),
                self.falls_to.bits(),
                standing,
            ),
            (self.ripe_at, self.missing_release.as_deref()),
        )
    }
}

/// One chain, as it is reported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ChainReport {
    /// Its links, from the key to the namespace.
    pub links: Vec<LinkReport>,
    /// The capabilities that the chain falls to now: the union of its links.
    pub falls_to: CapabilitySet,
    /// The standing of the chain.
    pub standing: Standing,
    /// The time when its statement is mature, if that is in the future.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ripe_at: Option<Timestamp>,
    /// The capabilities that the chain will fall to then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ripe_falls_to: Option<CapabilitySet>,
    /// True where another release must be published for that, because waiting alone is not enough.
    pub needs_release: bool,
}

/// The answer to "may this DID speak for this namespace?", with everything that it rests on.
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
    pub(in crate::decide) did: Did,
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
        let unsaid =
            || Unavailable::new(UnavailableReason::Internal, "the decision gives no reason").into();
        decision.reason.unwrap_or_else(unsaid)
    }
}

impl Decision {
    /// Returns the outcome: one of the four answers.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// Returns the DID of the claim.
    #[must_use]
    pub fn did(&self) -> &Did {
        &self.did
    }

    /// Returns the namespace of the claim.
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

    /// Returns what the chain that it rests on falls to. For a denied answer, this is the best chain that holds.
    #[must_use]
    pub fn falls_to(&self) -> Option<CapabilitySet> {
        self.falls_to
    }

    /// Returns what a yes would have cost an attacker, in plain words.
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

    /// Returns the weakest resisted capability that the best holding chain falls to.
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
    pub fn revocations(&self) -> &[Consulted] {
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
    /// [`Challenges::use_once`](crate::use_cases::Challenges::use_once).
    pub fn into_verified(mut self) -> Result<Verified<NamespaceAuthority>, NotAccepted> {
        if let Some(verified) = self.verified.take() {
            return Ok(verified);
        }
        if self.outcome == Outcome::Accepted {
            let detail = "the claim answers a challenge, and this decision used none up";
            self = self
                .taken_back(Unavailable::new(UnavailableReason::ChallengeUnused, detail).into());
        }
        Err(NotAccepted(Box::new(self)))
    }

    /// Returns the answer with its yes withdrawn.
    pub(crate) fn taken_back(mut self, because: Obstacle) -> Self {
        self.outcome = because.outcome();
        self.remedy = Some(because.remedy().to_owned());
        self.reason = Some(because);
        self.valid_until = None;
        self.verified = None;
        self
    }

    /// Returns whether the obstacle is this refutation.
    #[must_use]
    pub fn is_refuted_by(&self, by: RefutedReason) -> bool {
        matches!(&self.reason, Some(Obstacle::Refuted(r)) if r.reason == by)
    }
}
