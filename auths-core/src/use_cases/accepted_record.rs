//! A record of an accepted answer, which can be stored.

use std::fmt;
use std::time::Duration;

use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::Timestamp;
use crate::bundle::Bundle;
use crate::capability::CapabilitySet;
use crate::claim::{Actions, MAX_CLOCK_LEAD};
use crate::decide::{Decision, NamespaceAuthority, Speaker, Verified};
use crate::identity::{Did, Namespace, escape};
use crate::policy::Policy;
use crate::reason::{
    Obstacle, Outcome, Reason, Refuted, RefutedReason, Unavailable, UnavailableReason,
};

/// A record of an accepted answer, which a server stores and looks at again with [`Verifier::review`](crate::Verifier::review).
///
/// It is no [`Verified`]: it says what was accepted, when, and the results of the reviews since. It is stored as JSON
/// ([`to_json`](Self::to_json), or `serde`), in a database or a file, and read back whole or refused.
///
/// ```
/// use auths_core::use_cases::{AcceptedRecord, RecordState};
/// use auths_core::{Bundle, NamespaceAuthority, Policy, Timestamp, Verified};
///
/// fn store(bundle: &Bundle, verified: &Verified<NamespaceAuthority>) -> Result<String, Box<dyn std::error::Error>> {
///     Ok(AcceptedRecord::new(bundle.clone(), verified)?.to_json())
/// }
///
/// fn may_publish(stored: &str, policy: &Policy, now: Timestamp) -> Result<bool, Box<dyn std::error::Error>> {
///     let record = AcceptedRecord::parse(stored.as_bytes())?;
///     Ok(record.authority(policy, now).is_ok())
/// }
/// ```
///
/// # Security
/// Whoever can write to the place where records are stored decides what was accepted. Keep them where you keep who owns what.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "StoredRecord", into = "StoredRecord")]
pub struct AcceptedRecord {
    bundle: Bundle,
    authority: NamespaceAuthority,
    policy: String,
    falls_to: CapabilitySet,
    accepted_at: Timestamp,
    confirmed_at: Timestamp,
    valid_until: Timestamp,
    mark: Option<NegativeMark>,
}

/// The negative answer that a record got since.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct NegativeMark {
    #[serde(rename = "state")]
    state: MarkedState,
    #[serde(rename = "since")]
    since: Timestamp,
    /// The time of the last negative answer, where that was not the first.
    #[serde(rename = "last", default, skip_serializing_if = "Option::is_none")]
    last: Option<Timestamp>,
    #[serde(rename = "because")]
    because: Refuted,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum MarkedState {
    #[serde(rename = "suspended")]
    Suspended,
    #[serde(rename = "removed")]
    Removed,
    #[serde(rename = "revoked")]
    Revoked,
}

/// The state of a record, at a time and under a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub enum RecordState {
    /// It was accepted, or confirmed, under this policy, and that answer still holds.
    #[serde(rename = "fresh")]
    Fresh,
    /// The last yes holds no longer, or was given under another policy: look again.
    #[serde(rename = "aged")]
    Aged,
    /// The last answer was negative, for the first time. It may be a mistake of the registry: look again later.
    #[serde(rename = "suspended")]
    Suspended,
    /// Two negative answers apart in time. It ends here; a new claim begins a new record.
    #[serde(rename = "removed")]
    Removed,
    /// The claim or its DID was revoked. It ends here.
    #[serde(rename = "revoked")]
    Revoked,
    /// The claim's life has ended. Its holder signs a new one, which begins a new record.
    #[serde(rename = "expired")]
    Expired,
}

impl fmt::Display for RecordState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Fresh => "fresh",
            Self::Aged => "aged",
            Self::Suspended => "suspended",
            Self::Removed => "removed",
            Self::Revoked => "revoked",
            Self::Expired => "expired",
        })
    }
}

/// A reason why there is no record.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// The bundle holds another claim than the one that was accepted.
    #[error(
        "the bundle claims {claimed}, and what was accepted is {accepted}: store the bundle that was decided on"
    )]
    OtherClaim {
        /// The claim of the bundle.
        claimed: String,
        /// What was accepted.
        accepted: String,
    },
    /// The stored record cannot be read.
    #[error("the stored record cannot be read: {}", escape(.0))]
    Unreadable(String),
}

impl RecordError {
    /// Returns the stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::OtherClaim { .. } => UnavailableReason::Internal.code(),
            Self::Unreadable(_) => UnavailableReason::StoreFailed.code(),
        }
    }
}

impl From<&RecordError> for Unavailable {
    /// Converts to a fault of the server: whoever asks it has sent nothing wrong.
    fn from(error: &RecordError) -> Self {
        let reason = match error {
            RecordError::OtherClaim { .. } => UnavailableReason::Internal,
            RecordError::Unreadable(_) => UnavailableReason::StoreFailed,
        };
        Self::new(reason, error.to_string())
    }
}

impl AcceptedRecord {
    /// Creates the record of an accepted answer and the bundle that it was decided on.
    ///
    /// # Errors
    /// [`RecordError::OtherClaim`] when the bundle holds another claim than the one that was accepted.
    pub fn new(
        bundle: Bundle,
        verified: &Verified<NamespaceAuthority>,
    ) -> Result<Self, RecordError> {
        let at = verified.verified_at();
        if Some(bundle.claim.id()) != verified.claim() {
            let accepted = verified.claim().map(ToString::to_string);
            return Err(RecordError::OtherClaim {
                claimed: bundle.claim.id().to_string(),
                accepted: accepted.unwrap_or_else(|| verified.get().speaker.to_string()),
            });
        }
        Self {
            bundle,
            authority: verified.get().clone(),
            policy: verified.policy().to_string(),
            falls_to: verified.falls_to(),
            accepted_at: at,
            confirmed_at: at,
            valid_until: verified.valid_until(),
            mark: None,
        }
        .checked()
    }

    /// Reads a stored record.
    ///
    /// # Errors
    /// [`RecordError::Unreadable`] when it is not a record that [`to_json`](Self::to_json) wrote.
    pub fn parse(bytes: &[u8]) -> Result<Self, RecordError> {
        serde_json::from_slice(bytes).map_err(|error| RecordError::Unreadable(error.to_string()))
    }

    /// Returns the text to store.
    #[must_use]
    pub fn to_json(&self) -> String {
        // Every member is text or a number, so it can be written.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Returns a text that differs for records that differ: the SHA-256 of the stored form, in hexadecimal. Compare it when a
    /// reviewed record is stored ([`Review::replaces`](super::Review::replaces)).
    #[must_use]
    pub fn version(&self) -> String {
        HEXLOWER.encode(&Sha256::digest(self.to_json()))
    }

    /// Checks that the record may take the place of the one that is stored: no negative answer came between its decision and now.
    ///
    /// # Errors
    /// The negative answer of the stored record, where it is of the time of this record's decision or later. This record was
    /// decided without knowledge of it: let the holder claim again.
    pub fn check_against(&self, stored: &Self) -> Result<(), Refuted> {
        match &stored.mark {
            Some(mark) if self.accepted_at <= mark.last.unwrap_or(mark.since) => {
                Err(mark.because.clone())
            }
            _ => Ok(()),
        }
    }

    fn checked(self) -> Result<Self, RecordError> {
        let (claim, accepted) = (&self.bundle.claim, &self.authority);
        let namespace = &claim.unverified().namespace;
        if Some(claim.did()) == accepted.speaker.did() && *namespace == accepted.namespace {
            return Ok(self);
        }
        Err(RecordError::OtherClaim {
            claimed: format!("{namespace} for {}", claim.did()),
            accepted: format!("{} for {}", accepted.namespace, accepted.speaker),
        })
    }

    /// Returns the authority that was accepted, if the record is [fresh](RecordState::Fresh) under `policy`.
    ///
    /// # Errors
    /// [`Obstacle`] for every other state: a refutation where the record was suspended, removed or revoked or has expired, and
    /// [`UnavailableReason::StaleEvidence`] where it is aged.
    pub fn authority(
        &self,
        policy: &Policy,
        now: Timestamp,
    ) -> Result<&NamespaceAuthority, Obstacle> {
        self.authority_until(self.valid_until, policy, now)
    }

    /// Returns the authority like [`authority`](Self::authority), for `age` after the last yes, however short that yes held. Use it to
    /// go on during an outage, for as long as you choose: the registry cannot be asked, and nothing negative was seen.
    ///
    /// # Errors
    /// [`Obstacle`], as for [`authority`](Self::authority).
    pub fn authority_within(
        &self,
        age: Duration,
        policy: &Policy,
        now: Timestamp,
    ) -> Result<&NamespaceAuthority, Obstacle> {
        self.authority_until(self.confirmed_at + age, policy, now)
    }

    fn authority_until(
        &self,
        end: Timestamp,
        policy: &Policy,
        now: Timestamp,
    ) -> Result<&NamespaceAuthority, Obstacle> {
        match self.state_until(end, policy, now) {
            RecordState::Fresh => Ok(&self.authority),
            RecordState::Aged => {
                let seen = self.confirmed_at;
                let detail = format!(
                    "it was confirmed last at {seen}, and may be used until {end}, under the same policy"
                );
                Err(Unavailable::new(UnavailableReason::StaleEvidence, detail).into())
            }
            RecordState::Expired => {
                let detail = format!("the claim held until {}", self.expires_at());
                Err(Refuted::new(RefutedReason::Expired, detail).into())
            }
            _ => Err(match &self.mark {
                Some(mark) => mark.because.clone().into(),
                None => Unavailable::new(UnavailableReason::Internal, "a mark is missing").into(),
            }),
        }
    }

    /// Returns the state at `now` under `policy`. A record that was confirmed last under another policy is aged: nothing tells what
    /// this one would have answered.
    #[must_use]
    pub fn state(&self, policy: &Policy, now: Timestamp) -> RecordState {
        self.state_until(self.valid_until, policy, now)
    }

    fn state_until(&self, end: Timestamp, policy: &Policy, now: Timestamp) -> RecordState {
        let is_recent = now < end && self.confirmed_at <= now + MAX_CLOCK_LEAD;
        let is_of_policy = self.policy == policy.digest().to_string();
        match self.mark.as_ref().map(|mark| mark.state) {
            Some(MarkedState::Revoked) => RecordState::Revoked,
            Some(MarkedState::Removed) => RecordState::Removed,
            _ if self.expires_at() <= now => RecordState::Expired,
            Some(MarkedState::Suspended) => RecordState::Suspended,
            None if is_recent && is_of_policy => RecordState::Fresh,
            None => RecordState::Aged,
        }
    }

    /// Returns the bundle that was accepted.
    #[must_use]
    pub fn bundle(&self) -> &Bundle {
        &self.bundle
    }

    /// Returns the DID.
    #[must_use]
    pub fn did(&self) -> &Did {
        self.bundle.claim.did()
    }

    /// Returns the namespace.
    #[must_use]
    pub fn namespace(&self) -> &Namespace {
        &self.authority.namespace
    }

    /// Returns what the accepted answer falls to, as of the last confirmation.
    #[must_use]
    pub fn falls_to(&self) -> CapabilitySet {
        self.falls_to
    }

    /// Returns the digest of the policy of the last confirmation.
    #[must_use]
    pub fn policy(&self) -> &str {
        &self.policy
    }

    /// Returns the time when it was accepted.
    #[must_use]
    pub fn accepted_at(&self) -> Timestamp {
        self.accepted_at
    }

    /// Returns the time of the last answer that was a yes.
    #[must_use]
    pub fn confirmed_at(&self) -> Timestamp {
        self.confirmed_at
    }

    /// Returns the time until which that yes holds: until its evidence is too old for the policy or, where that is earlier, until a
    /// claim that it rests on ends. Look again before.
    #[must_use]
    pub fn valid_until(&self) -> Timestamp {
        self.valid_until
    }

    /// Returns the time when the claim's life ends. Its holder renews it before.
    #[must_use]
    pub fn expires_at(&self) -> Timestamp {
        // Every namespace claim that was accepted has an end. One without would be expired at once.
        self.bundle.claim.expires().unwrap_or(self.accepted_at)
    }

    /// Returns the negative answer since, where there was one: its reason, and when it was seen first.
    #[must_use]
    pub fn negative(&self) -> Option<(&Refuted, Timestamp)> {
        self.mark.as_ref().map(|mark| (&mark.because, mark.since))
    }

    /// Records an answer about the same bundle.
    pub(super) fn record(&mut self, decision: &Decision, policy: &Policy, removal_after: Duration) {
        let at = decision.decided_at();
        let because = match (decision.outcome(), decision.reason()) {
            (Outcome::Accepted, _) => {
                self.confirmed_at = at;
                self.valid_until = decision.valid_until().unwrap_or(at);
                self.policy = policy.digest().to_string();
                self.falls_to = decision.falls_to().unwrap_or(self.falls_to);
                self.mark = None;
                return;
            }
            (Outcome::Denied | Outcome::Pending, Some(Obstacle::Refuted(refuted))) => {
                refuted.clone()
            }
            // What could not be read says nothing.
            _ => return,
        };
        let is_revoked = because.reason == RefutedReason::Revoked;
        let suspended_since = self.mark.as_ref().map(|mark| mark.since);
        let is_second = suspended_since.is_some_and(|since| at.since(since) >= removal_after);
        let (state, since) = match (is_revoked, decision.outcome()) {
            (true, _) => (MarkedState::Revoked, at),
            // A pending answer becomes a yes by itself, or a no.
            (false, Outcome::Denied) if is_second => (MarkedState::Removed, at),
            _ => (MarkedState::Suspended, suspended_since.unwrap_or(at)),
        };
        self.mark = Some(NegativeMark {
            state,
            since,
            last: (at != since).then_some(at),
            because,
        });
    }
}

/// The stored form. The bundle is kept as the text that it is sent as.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredRecord {
    #[serde(rename = "type")]
    kind: String,
    #[serde(rename = "did")]
    did: Did,
    #[serde(rename = "namespace")]
    namespace: Namespace,
    #[serde(rename = "actions")]
    actions: Actions,
    #[serde(rename = "policy")]
    policy: String,
    #[serde(rename = "fallsTo")]
    falls_to: CapabilitySet,
    #[serde(rename = "acceptedAt")]
    accepted_at: Timestamp,
    #[serde(rename = "confirmedAt")]
    confirmed_at: Timestamp,
    #[serde(rename = "validUntil")]
    valid_until: Timestamp,
    #[serde(rename = "mark", default, skip_serializing_if = "Option::is_none")]
    mark: Option<NegativeMark>,
    #[serde(rename = "bundle")]
    bundle: String,
}

/// The name and version of the stored form.
const KIND: &str = "auths-accepted-record-1";

impl From<AcceptedRecord> for StoredRecord {
    fn from(record: AcceptedRecord) -> Self {
        let did = record.did().clone();
        let NamespaceAuthority {
            namespace, actions, ..
        } = record.authority;
        Self {
            kind: KIND.to_owned(),
            did,
            namespace,
            actions,
            policy: record.policy,
            falls_to: record.falls_to,
            accepted_at: record.accepted_at,
            confirmed_at: record.confirmed_at,
            valid_until: record.valid_until,
            mark: record.mark,
            bundle: record.bundle.to_json(),
        }
    }
}

impl TryFrom<StoredRecord> for AcceptedRecord {
    type Error = RecordError;

    fn try_from(stored: StoredRecord) -> Result<Self, RecordError> {
        if stored.kind != KIND {
            let what = "it is of a kind or version that this program does not know";
            return Err(RecordError::Unreadable(what.to_owned()));
        }
        let bundle = Bundle::parse(stored.bundle.as_bytes());
        let bundle = bundle.map_err(|error| RecordError::Unreadable(error.to_string()))?;
        let incarnation = bundle.claim.unverified().incarnation.clone();
        Self {
            bundle,
            authority: NamespaceAuthority {
                speaker: Speaker::Key(stored.did),
                namespace: stored.namespace,
                actions: stored.actions,
                incarnation,
                publisher: None,
            },
            policy: stored.policy,
            falls_to: stored.falls_to,
            accepted_at: stored.accepted_at,
            confirmed_at: stored.confirmed_at,
            valid_until: stored.valid_until,
            mark: stored.mark,
        }
        .checked()
    }
}
