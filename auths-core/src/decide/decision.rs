//! The answer, as it is reported.

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
    /// One would, once its statement is mature.
    #[serde(rename = "pending")]
    Pending,
    /// None does.
    #[serde(rename = "denied")]
    Denied,
    /// One might, but something needed could not be read.
    #[serde(rename = "undetermined")]
    Undetermined,
}

impl Outcome {
    /// The word in documents.
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

/// What stands in the way of a yes: evidence against, or something that could not be seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(untagged)]
#[non_exhaustive]
pub enum Obstacle {
    /// Something seen contradicts.
    #[error(transparent)]
    Refuted(Refuted),
    /// Something could not be seen.
    #[error(transparent)]
    Unavailable(Unavailable),
}

impl Obstacle {
    /// The answer that it makes.
    pub(crate) fn outcome(&self) -> Outcome {
        match self {
            Self::Refuted(_) => Outcome::Denied,
            Self::Unavailable(_) => Outcome::Undetermined,
        }
    }

    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Refuted(r) => r.reason.code(),
            Self::Unavailable(u) => u.reason.code(),
        }
    }

    /// The stable short name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Refuted(r) => r.reason.name(),
            Self::Unavailable(u) => u.reason.name(),
        }
    }

    /// What the reader can do.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::Refuted(r) => r.reason.remedy(),
            Self::Unavailable(u) => u.reason.remedy(),
        }
    }

    /// How long to wait before asking again, when the server that could not be read said so. Always `None` for what was
    /// refuted: asking again changes nothing.
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

/// Whether a link or chain holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub enum Standing {
    /// It holds, and falls to what it falls to.
    #[serde(rename = "holds")]
    Holds,
    /// It was refuted.
    #[serde(rename = "refuted")]
    Refuted(Refuted),
    /// It could not be told.
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
    /// What it shows, in a sentence, with hidden characters written out. The values themselves are in `stable_ids`.
    pub says: String,
    /// Where it was read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// When it was seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub observed_at: Option<Timestamp>,
    /// When it was said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asserted_at: Option<Timestamp>,
    /// The stable ids in it.
    pub stable_ids: std::collections::BTreeMap<String, String>,
    /// What a capability that forges it is held of, but for those that [`held_of`](Self::held_of) says otherwise of.
    pub of: Subject,
    /// The capabilities that are held of something else: a token of the package, in a link from a repository.
    #[serde(skip)]
    pub(in crate::decide) held_apart: Vec<(Capability, Subject)>,
    /// What it falls to now.
    pub falls_to: CapabilitySet,
    /// When it will be worth more, at the earliest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ripe_at: Option<Timestamp>,
    /// What must be published for that; waiting alone is then not enough.
    #[serde(rename = "ripens_by", skip_serializing_if = "Option::is_none")]
    pub missing_release: Option<String>,
    /// Whether it holds.
    pub standing: Standing,
}

impl LinkReport {
    /// What `capability` would have to be held of to forge this link: of [`of`](Self::of), mostly. A token that publishes an
    /// attestation is one of the package, where the link leads to a repository; a recycled name is the account's.
    #[must_use]
    pub fn held_of(&self, capability: Capability) -> &Subject {
        let apart = self.held_apart.iter().find(|(c, _)| *c == capability);
        apart.map_or(&self.of, |(_, of)| of)
    }

    /// Equal for links that are reported alike.
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
    /// What it falls to now: the union of its links.
    pub falls_to: CapabilitySet,
    /// Whether it holds.
    pub standing: Standing,
    /// When a statement in it is mature, if that is still to come.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ripe_at: Option<Timestamp>,
    /// What it will fall to then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ripe_falls_to: Option<CapabilitySet>,
    /// Whether another release must be published for that; waiting alone is then not enough.
    pub needs_release: bool,
}

/// The answer to "may this DID speak for this namespace?", with everything that it rests on.
///
/// Reporting it is free; acting on it takes the [`Verified`] value in it, which only an accepted decision holds:
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

/// The answer was not a yes.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{}: {}", .0.outcome, .0.message())]
pub struct NotAccepted(pub Box<Decision>);

/// What stood in the way. The rest of the decision, its own remedy too, is left behind.
impl From<NotAccepted> for Obstacle {
    fn from(NotAccepted(decision): NotAccepted) -> Self {
        let unsaid =
            || Unavailable::new(UnavailableReason::Internal, "the decision gives no reason").into();
        decision.reason.unwrap_or_else(unsaid)
    }
}

impl Decision {
    /// Which of the four answers it is.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// The DID that asked.
    #[must_use]
    pub fn did(&self) -> &Did {
        &self.did
    }

    /// What it asked to speak for.
    #[must_use]
    pub fn namespace(&self) -> &Namespace {
        &self.namespace
    }

    /// The time that it was decided as of.
    #[must_use]
    pub fn decided_at(&self) -> Timestamp {
        self.decided_at
    }

    /// Every chain that was looked at, the best first.
    #[must_use]
    pub fn chains(&self) -> &[ChainReport] {
        &self.chains
    }

    /// What the chain that it rests on falls to: for a denied answer, the best of those that hold.
    #[must_use]
    pub fn falls_to(&self) -> Option<CapabilitySet> {
        self.falls_to
    }

    /// What a yes would have cost an attacker, in plain words.
    #[must_use]
    pub fn cost(&self) -> &str {
        &self.cost
    }

    /// What the policy resists.
    #[must_use]
    pub fn resists(&self) -> &[Capability] {
        &self.resists
    }

    /// What stands in the way of a yes.
    #[must_use]
    pub fn reason(&self) -> Option<&Obstacle> {
        self.reason.as_ref()
    }

    /// The weakest resisted capability that the best holding chain falls to.
    #[must_use]
    pub fn weakest(&self) -> Option<Capability> {
        self.weakest
    }

    /// The first remedy that works under this policy.
    #[must_use]
    pub fn remedy(&self) -> Option<&str> {
        self.remedy.as_deref()
    }

    /// For a pending answer: when it can be mature at the earliest.
    #[must_use]
    pub fn ripe_at(&self) -> Option<Timestamp> {
        self.ripe_at
    }

    /// For a pending answer: whether another release must be published, so that waiting alone is not enough.
    #[must_use]
    pub fn needs_release(&self) -> bool {
        self.needs_release
    }

    /// For an accepted answer: until when it holds.
    #[must_use]
    pub fn valid_until(&self) -> Option<Timestamp> {
        self.valid_until
    }

    /// Which sources of revocations were consulted; none means `not-checked`.
    #[must_use]
    pub fn revocations(&self) -> &[Consulted] {
        &self.revocations.consulted
    }

    /// Revocations of the DID, a delegator or one of their claims by somebody of whom nothing is known that gives them the
    /// right: they do not count, and are told.
    #[must_use]
    pub fn unknown_revocations(&self) -> &[UnknownRevocation] {
        &self.revocations.unknown
    }

    /// The reason in a sentence; for a yes, the cost.
    #[must_use]
    pub fn message(&self) -> String {
        self.reason
            .as_ref()
            .map_or_else(|| self.cost.clone(), ToString::to_string)
    }

    /// What a consumer acts on, if the answer is a yes.
    ///
    /// # Errors
    /// [`NotAccepted`] with the whole decision, for every other answer; and, as [`UnavailableReason::ChallengeUnused`], for a yes to a claim
    /// that answers a challenge: that takes [`VerifyOptions::with_challenge`](crate::use_cases::VerifyOptions::with_challenge) and
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

    /// The same answer, its yes taken back.
    pub(crate) fn taken_back(mut self, because: Obstacle) -> Self {
        self.outcome = because.outcome();
        self.remedy = Some(because.remedy().to_owned());
        self.reason = Some(because);
        self.valid_until = None;
        self.verified = None;
        self
    }

    /// Whether the obstacle is this refutation.
    #[must_use]
    pub fn is_refuted_by(&self, by: RefutedReason) -> bool {
        matches!(&self.reason, Some(Obstacle::Refuted(r)) if r.reason == by)
    }
}
