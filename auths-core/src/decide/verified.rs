//! The value that only a decision over evidence can create.

use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

use super::lasting::LastingEvidence;
use super::reuse::{NotResisting, ReuseConditions};
use super::revocation::ConsultedSource;
use super::speaker::Speaker;
use crate::Timestamp;
use crate::capability::CapabilitySet;
use crate::claim::{Actions, Claim, ClaimId, Incarnation, MAX_CLOCK_LEAD, Signed};
use crate::identity::{Did, Namespace, Origin};
use crate::policy::{Policy, PolicyDigest};

/// A `T` that core accepted, with the decision that it rests on.
///
/// It means: *core accepted what the adapter that you plugged in said*, under the policy whose digest it carries. Before acting,
/// a consumer checks it with [`resisting`](Verified::resisting), against its own policy and its own time.
///
/// Only core's decision creates one. There is no constructor, no `Default`, no `Deserialize`, no conversion, no mapping, no
/// mutable access and no back door for tests:
///
/// ```compile_fail,E0451
/// use auths_core::Verified;
/// // Its fields are private: it cannot be written down.
/// let forged: Verified<u8> = Verified { value: 7, record: todo!() };
/// ```
/// ```compile_fail,E0624
/// # fn record() -> auths_core::decide::Decision { unimplemented!() }
/// // The one function that makes it is private to the decision.
/// let forged = auths_core::Verified::mint(7u8, unimplemented!());
/// ```
/// ```compile_fail,E0277
/// fn needs_default<T: Default>() {}
/// needs_default::<auths_core::Verified<u8>>();
/// ```
/// ```compile_fail,E0277
/// // Nothing stored or sent can become one again.
/// let forged: auths_core::Verified<u8> = serde_json::from_str("{}").unwrap();
/// ```
/// ```compile_fail,E0277
/// let forged: auths_core::Verified<u8> = 7u8.into();
/// ```
/// ```compile_fail,E0599
/// # fn verified() -> auths_core::Verified<u8> { unimplemented!() }
/// // What was verified cannot be turned into something else that would then pass for verified.
/// let other = verified().map(|n| n + 1);
/// ```
/// ```compile_fail,E0594
/// # fn verified() -> auths_core::Verified<u8> { unimplemented!() }
/// let mut v = verified();
/// *v.get() = 8;
/// ```
/// ```compile_fail,E0596
/// # fn verified() -> auths_core::Verified<Vec<u8>> { unimplemented!() }
/// let mut v = verified();
/// v.get().push(8);
/// ```
#[cfg_attr(
    feature = "mocks",
    doc = r#"
```compile_fail,E0433
// No mock yields one: the deciding call has none,
let mock = auths_core::ports::MockNamespaceVerifierExt::new();
```
```compile_fail,E0599
// the mock of a verifier has no deciding call to expect anything of,
let mut mock = auths_core::ports::MockNamespaceVerifier::new();
mock.expect_verify();
```
```compile_fail,E0119
// and neither a mock nor a verifier of one's own can override the deciding call.
use auths_core::ports::{MockNamespaceVerifier, NamespaceVerifierExt};
impl NamespaceVerifierExt for MockNamespaceVerifier {}
```
"#
)]
#[derive(Clone)]
pub struct Verified<T> {
    value: T,
    record: DecisionRecord,
}

/// The record of its decision in a [`Verified`].
#[derive(Debug, Clone)]
pub(in crate::decide) struct DecisionRecord {
    /// The claim that was verified, and the DID that signed it; `None` for a run, which signs none.
    pub(in crate::decide) signed: Option<(ClaimId, Did)>,
    pub(in crate::decide) policy: PolicyDigest,
    pub(in crate::decide) revocations: RevocationsSought,
    pub(in crate::decide) falls_to: CapabilitySet,
    pub(in crate::decide) conditions: ReuseConditions,
    pub(in crate::decide) origins: BTreeSet<Origin>,
    /// What this verifier saw itself and that holds for the life of a trusted publisher.
    pub(in crate::decide) lasting: Vec<LastingEvidence>,
    pub(in crate::decide) verified_at: Timestamp,
    pub(in crate::decide) valid_until: Timestamp,
}

/// The sources that were consulted for revocations.
#[derive(Debug, Clone)]
pub(in crate::decide) enum RevocationsSought {
    /// These sources were consulted; an empty list means none.
    In(Vec<ConsultedSource>),
    /// No revocation can count, because a revocation itself cannot be revoked.
    Irrevocable,
}

impl<T> Verified<T> {
    /// Returns what the decision rests on, that this verifier saw itself, and that holds for the life of a trusted publisher.
    pub(in crate::decide) fn lasting(&self) -> &[LastingEvidence] {
        &self.record.lasting
    }

    pub(in crate::decide) fn mint(value: T, record: DecisionRecord) -> Self {
        Self { value, record }
    }

    /// Returns the verified value.
    #[must_use]
    pub fn get(&self) -> &T {
        &self.value
    }

    /// Returns the value, if it is good enough for `policy` at `now`.
    ///
    /// `policy` may differ from the one of the decision. The maturity, the evidence and the observers of the decision must then
    /// suit `policy` too, because they determined what the value falls to. So the result is never a yes unless deciding anew on
    /// the same evidence would also be a yes. Where this cannot be told, the error says to decide anew. Every preset also
    /// requires that some source of revocations was consulted: a revoked key signs as well as any other.
    ///
    /// # Errors
    /// [`NotResisting`] when the value falls to something that `policy` resists, rests on something that `policy` does not
    /// accept, or is outside its time of validity.
    pub fn resisting(&self, policy: &Policy, now: Timestamp) -> Result<&T, NotResisting> {
        let record = &self.record;
        if now >= record.valid_until {
            let valid_until = record.valid_until;
            return Err(NotResisting::Expired { valid_until });
        }
        if record.verified_at > now + MAX_CLOCK_LEAD {
            let verified_at = record.verified_at;
            return Err(NotResisting::FromTheFuture { verified_at });
        }
        if let Some(capability) = policy.weakest_resisted(record.falls_to) {
            return Err(NotResisting::FallsTo { capability });
        }
        record.conditions.allow(policy, now)?;
        match &record.revocations {
            RevocationsSought::In(sources)
                if sources.is_empty() && policy.asks_for_revocations() =>
            {
                Err(NotResisting::RevocationsNotChecked)
            }
            _ => Ok(&self.value),
        }
    }

    /// Returns the sources of revocations that were consulted for it; an empty list means `not-checked`.
    #[must_use]
    pub fn revocations(&self) -> &[ConsultedSource] {
        match &self.record.revocations {
            RevocationsSought::In(sources) => sources,
            RevocationsSought::Irrevocable => &[],
        }
    }

    /// Returns the id of the claim that was verified; `None` where a CI run asked, which signs none.
    #[must_use]
    pub fn claim(&self) -> Option<&ClaimId> {
        self.record.signed.as_ref().map(|(id, _)| id)
    }

    /// Returns the DID whose key signed the underlying claim, read by core from the signed bytes; `None` where a CI run asked.
    ///
    /// # Security
    /// For a delegation, a trusted publisher, a revocation or an observation this is all that was verified: anyone can sign one. Act on it only if
    /// this DID may sign it: the owner for a delegation; the revoked DID itself, a delegator above it or its recovery DID for a
    /// revocation; an observer that you trust for an observation.
    #[must_use]
    pub fn signer(&self) -> Option<&Did> {
        self.record.signed.as_ref().map(|(_, did)| did)
    }

    /// Returns the capabilities that it falls to: an attacker would have needed any one of these.
    #[must_use]
    pub fn falls_to(&self) -> CapabilitySet {
        self.record.falls_to
    }

    /// Returns the digest of the policy that it was decided under.
    #[must_use]
    pub fn policy(&self) -> &PolicyDigest {
        &self.record.policy
    }

    /// Returns the servers that the evidence came from.
    #[must_use]
    pub fn origins(&self) -> &BTreeSet<Origin> {
        &self.record.origins
    }

    /// Returns the time of the decision.
    #[must_use]
    pub fn verified_at(&self) -> Timestamp {
        self.record.verified_at
    }

    /// Returns the time until which it holds. After that it must be decided anew.
    #[must_use]
    pub fn valid_until(&self) -> Timestamp {
        self.record.valid_until
    }
}

impl<C: Claim> Verified<C> {
    /// Creates the value of a claim that rests on its signature and on nothing else. The caller must have checked signature,
    /// audience and time: only [`Signed::verify`](crate::claim::Signed::verify) calls this.
    pub(crate) fn of_signature(
        value: C,
        signed: &Signed<C>,
        falls_to: CapabilitySet,
        consulted: Vec<ConsultedSource>,
        now: Timestamp,
    ) -> Self {
        let record = DecisionRecord {
            signed: Some((signed.id().clone(), signed.did().clone())),
            policy: Policy::trust_self_reported().digest(),
            revocations: match signed.expires() {
                Some(_) => RevocationsSought::In(consulted),
                None => RevocationsSought::Irrevocable,
            },
            falls_to,
            conditions: ReuseConditions::signature_alone(),
            lasting: Vec::new(),
            origins: BTreeSet::new(),
            verified_at: now,
            // A revocation never expires.
            valid_until: signed.expires().unwrap_or(now + Duration::MAX),
        };
        Self::mint(value, record)
    }
}

impl<T: fmt::Debug> fmt::Debug for Verified<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verified")
            .field("value", &self.value)
            .field("record", &self.record)
            .finish()
    }
}

/// The authority of a speaker to act for a namespace: the value of an accepted decision.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct NamespaceAuthority {
    /// The speaker: a DID or a CI run.
    pub speaker: Speaker,
    /// The namespace that it speaks for.
    pub namespace: Namespace,
    /// The actions that it may do.
    pub actions: Actions,
    /// The life of the name that was decided about.
    pub incarnation: Incarnation,
    /// The trusted publisher that the decision rests on; `None` for a key, and for a run that needs none.
    pub publisher: Option<MatchedPublisher>,
}

/// The trusted publisher that an accepted run rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct MatchedPublisher {
    /// The id of the claim.
    pub claim: ClaimId,
    /// The DID that signed it.
    pub signer: Did,
    /// The time when it was signed, as it says.
    pub signed_at: Timestamp,
    /// True where it names the namespace of the decision itself.
    pub names_namespace: bool,
}

/// Prints a sentence: `did:key:z6Mk... may publish pypi:six`.
impl fmt::Display for NamespaceAuthority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} may {} {}",
            self.speaker,
            self.actions,
            self.namespace.short()
        )
    }
}

impl NamespaceAuthority {
    pub(in crate::decide) fn new(
        speaker: Speaker,
        namespace: Namespace,
        actions: Actions,
        incarnation: Incarnation,
        publisher: Option<MatchedPublisher>,
    ) -> Self {
        Self {
            speaker,
            namespace,
            actions,
            incarnation,
            publisher,
        }
    }
}
