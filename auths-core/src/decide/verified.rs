//! The value that only a decision over evidence can make.

use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

use super::Consulted;
use super::grounds::ReuseConditions;
use crate::Timestamp;
use crate::capability::{Capability, CapabilitySet};
use crate::claim::{Actions, MAX_CLOCK_LEAD};
use crate::identity::{Did, Namespace, Origin};
use crate::policy::{Policy, PolicyDigest};
use crate::time::in_words;

/// A `T` that core accepted, with the decision it rests on.
///
/// It means: *core accepted what the adapter that you plugged in said*, under the policy whose digest it carries. A
/// consumer asks it before acting: [`resisting`](Verified::resisting) its own policy, at its own time.
///
/// Only core's decision makes one. There is no constructor, no `Default`, no `Deserialize`, no conversion, no mapping, no
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
    feature = "testing",
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
    record: Record,
}

/// What a [`Verified`] remembers of its decision.
#[derive(Debug, Clone)]
pub(in crate::decide) struct Record {
    pub(in crate::decide) signer: Did,
    pub(in crate::decide) policy: PolicyDigest,
    pub(in crate::decide) revocations: RevocationsSought,
    pub(in crate::decide) falls_to: CapabilitySet,
    pub(in crate::decide) grounds: ReuseConditions,
    pub(in crate::decide) origins: BTreeSet<Origin>,
    pub(in crate::decide) verified_at: Timestamp,
    pub(in crate::decide) valid_until: Timestamp,
}

/// Where revocations were looked for.
#[derive(Debug, Clone)]
pub(in crate::decide) enum RevocationsSought {
    /// In these sources; in none where there is none.
    In(Vec<Consulted>),
    /// There can be none that counts: a revocation holds for good.
    Irrevocable,
}

/// Why a verified value is not good enough here and now.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotResisting {
    /// It falls to something that this policy resists.
    #[error("it falls to {capability}, which this policy resists")]
    FallsTo {
        /// The weakest such capability.
        capability: Capability,
    },
    /// How much it resists was judged by a maturity; under another one it may be less.
    #[error(
        "it was judged by a maturity of {}, and this policy asks for {}; decide anew",
        in_words(*decided),
        in_words(*asked)
    )]
    Maturity {
        /// The maturity of the decision.
        decided: Duration,
        /// The maturity of the policy that was asked.
        asked: Duration,
    },
    /// It rests on evidence that is too old for this policy.
    #[error(
        "it rests on evidence of {observed_at}, and this policy takes none older than {}; decide anew",
        in_words(*max_age)
    )]
    StaleEvidence {
        /// When the evidence was seen.
        observed_at: Timestamp,
        /// How old the policy lets it be.
        max_age: Duration,
    },
    /// It rests on the word of an observer whom this policy does not trust.
    #[error("it rests on what {observer} says it saw, whom this policy does not trust")]
    UntrustedObserver {
        /// The observer.
        observer: Did,
    },
    /// No source of revocations was consulted, and this policy asks for that.
    #[error(
        "nobody looked whether it was revoked, and this policy asks for that; decide anew with a source of revocations"
    )]
    RevocationsNotChecked,
    /// It held until then.
    #[error("it was valid until {valid_until}; decide anew")]
    Expired {
        /// The end.
        valid_until: Timestamp,
    },
    /// It was decided in the future of `now`.
    #[error("it was decided at {verified_at}, which lies in the future")]
    FromTheFuture {
        /// The time of the decision.
        verified_at: Timestamp,
    },
}

impl<T> Verified<T> {
    pub(in crate::decide) fn mint(value: T, record: Record) -> Self {
        Self { value, record }
    }

    /// What was verified.
    #[must_use]
    pub fn get(&self) -> &T {
        &self.value
    }

    /// The value, if it is good enough for `policy` at `now`.
    ///
    /// `policy` may be another one than it was decided under. What it falls to was found by the maturity, the evidence and
    /// the observers of the decision, so they must suit `policy` too: this is never a yes that deciding anew on the same
    /// evidence would not be. Where it cannot tell, it says to decide anew. Every preset also asks that some source of
    /// revocations was consulted: a key that was revoked signs as well as any other.
    ///
    /// # Errors
    /// [`NotResisting`] when it falls to something that `policy` resists, it rests on something that `policy` would not take,
    /// or its time is over.
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
        record.grounds.allow(policy, now)?;
        match &record.revocations {
            RevocationsSought::In(sources)
                if sources.is_empty() && policy.asks_for_revocations() =>
            {
                Err(NotResisting::RevocationsNotChecked)
            }
            _ => Ok(&self.value),
        }
    }

    /// The sources of revocations that were consulted for it; none means `not-checked`.
    #[must_use]
    pub fn revocations(&self) -> &[Consulted] {
        match &self.record.revocations {
            RevocationsSought::In(sources) => sources,
            RevocationsSought::Irrevocable => &[],
        }
    }

    /// The DID whose key signed the claim that this is or rests on, read by core from the signed bytes.
    ///
    /// # Security
    /// For a delegation, a revocation or an observation this is the whole of what was verified: anyone can sign one. Act on it
    /// only if this DID may: the owner for a delegation; the revoked DID itself, a delegator above it or its recovery DID for
    /// a revocation; an observer that you trust for an observation.
    #[must_use]
    pub fn signer(&self) -> &Did {
        &self.record.signer
    }

    /// What an attacker would have had to hold: any one of these.
    #[must_use]
    pub fn falls_to(&self) -> CapabilitySet {
        self.record.falls_to
    }

    /// The policy that it was decided under.
    #[must_use]
    pub fn policy(&self) -> &PolicyDigest {
        &self.record.policy
    }

    /// The servers that the evidence came from.
    #[must_use]
    pub fn origins(&self) -> &BTreeSet<Origin> {
        &self.record.origins
    }

    /// When it was decided.
    #[must_use]
    pub fn verified_at(&self) -> Timestamp {
        self.record.verified_at
    }

    /// Until when it holds; then it must be decided anew.
    #[must_use]
    pub fn valid_until(&self) -> Timestamp {
        self.record.valid_until
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

/// That a DID may speak for a namespace: what an accepted decision is about.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct NamespaceAuthority {
    /// Whose key.
    pub did: Did,
    /// What it speaks for.
    pub namespace: Namespace,
    /// What it may do.
    pub actions: Actions,
}

/// In words: `did:key:z6Mk... may publish pypi:six`.
impl fmt::Display for NamespaceAuthority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} may {} {}",
            self.did,
            self.actions,
            self.namespace.short()
        )
    }
}

impl NamespaceAuthority {
    pub(in crate::decide) fn new(did: Did, namespace: Namespace, actions: Actions) -> Self {
        Self {
            did,
            namespace,
            actions,
        }
    }
}
