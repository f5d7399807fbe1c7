//! A decision about an answer to a challenge, before the challenge is used up.

use super::decision::Decision;
use super::sealed::SealedDecision;
use super::verified::{NamespaceAuthority, Verified};
use crate::claim::IssuedChallenge;
use crate::reason::Obstacle;

/// A decision about an answer to a challenge, sealed until the challenge is used up.
///
/// One answer may be sent and decided many times, but only one decision may be acted on. So this type gives no [`Verified`]:
/// [`Challenges::use_once`](crate::use_cases::Challenges::use_once) takes it, and returns the one that may be acted on.
///
/// ```compile_fail,E0599
/// # fn awaiting() -> auths_core::decide::AwaitingUse { unimplemented!() }
/// // Not before the challenge was used up.
/// let verified = awaiting().into_verified();
/// ```
/// ```compile_fail,E0382
/// # async fn twice(challenges: auths_core::use_cases::Challenges, now: auths_core::Timestamp) {
/// # fn awaiting() -> auths_core::decide::AwaitingUse { unimplemented!() }
/// let decided = awaiting();
/// let first = challenges.use_once(decided, now).await;
/// let second = challenges.use_once(decided, now).await;
/// # }
/// ```
/// ```compile_fail,E0599
/// # fn awaiting() -> auths_core::decide::AwaitingUse { unimplemented!() }
/// // Nor can it be copied, to be used up here and kept there.
/// let copy = awaiting().clone();
/// ```
/// ```compile_fail,E0616
/// # fn awaiting() -> auths_core::decide::AwaitingUse { unimplemented!() }
/// let verified = awaiting().decided;
/// ```
///
/// If the result of `use_once` is dropped, nothing is opened. It does not compile where the lint `unused_must_use` is denied:
///
/// ```compile_fail
/// #![deny(unused_must_use)]
/// # async fn dropped(challenges: auths_core::use_cases::Challenges, now: auths_core::Timestamp) {
/// # fn awaiting() -> auths_core::decide::AwaitingUse { unimplemented!() }
/// challenges.use_once(awaiting(), now).await;
/// # }
/// ```
#[derive(Debug)]
#[must_use = "nothing may be done before the challenge was used up: `Challenges::use_once`"]
pub struct AwaitingUse {
    decided: SealedDecision,
    issued: IssuedChallenge,
}

impl AwaitingUse {
    /// Seals a decision until `issued` is used up.
    pub(super) fn seal(decision: Decision, issued: IssuedChallenge) -> Self {
        Self {
            decided: SealedDecision::seal(decision),
            issued,
        }
    }

    /// Returns the answer as it will be reported if the challenge is still unused. It may be shown, but never acted on.
    pub fn report(&self) -> &Decision {
        &self.decided.report
    }

    /// Returns the challenge that the claim answered.
    #[must_use]
    pub fn issued(&self) -> &IssuedChallenge {
        &self.issued
    }

    /// Returns the value that will be opened, to be held against what is recorded of earlier runs.
    pub(crate) fn sealed(&self) -> Option<&Verified<NamespaceAuthority>> {
        self.decided.sealed.as_ref()
    }

    pub(crate) fn is_accepted(&self) -> bool {
        self.decided.sealed.is_some()
    }

    /// Opens the decision. Only for the caller that has just used the challenge up.
    pub(crate) fn open(self) -> Decision {
        self.decided.open()
    }

    /// Returns the answer with its yes withdrawn.
    pub(crate) fn refuse(self, because: Obstacle) -> Decision {
        self.decided.refuse(because)
    }
}
