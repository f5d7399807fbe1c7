//! A decision about a CI run, before the run's token is used up.

use std::sync::Arc;

use super::decision::Decision;
use super::sealed::SealedDecision;
use super::verified::{NamespaceAuthority, Verified};
use crate::ci::VerifiedCiToken;
use crate::reason::Obstacle;

/// A decision about a CI run, sealed until the run's token is used up.
///
/// One token may be sent and decided many times, but only one decision may be acted on. So this type gives no [`Verified`]:
/// [`TokenUses::use_once`](crate::use_cases::TokenUses::use_once) takes it, and returns the one that may be acted on.
///
/// ```compile_fail,E0599
/// # fn awaiting() -> auths_core::decide::AwaitingToken { unimplemented!() }
/// // Not before the token was used up.
/// let verified = awaiting().into_verified();
/// ```
/// ```compile_fail,E0599
/// # fn awaiting() -> auths_core::decide::AwaitingToken { unimplemented!() }
/// // Nor can it be copied, to be used up here and kept there.
/// let copy = awaiting().clone();
/// ```
/// ```compile_fail,E0616
/// # fn awaiting() -> auths_core::decide::AwaitingToken { unimplemented!() }
/// let verified = awaiting().decided;
/// ```
#[derive(Debug)]
#[must_use = "nothing may be done before the token was used up"]
pub struct AwaitingToken {
    decided: SealedDecision,
    token: Arc<VerifiedCiToken>,
}

impl AwaitingToken {
    /// Seals a decision until `token` is used up.
    pub(super) fn seal(decision: Decision, token: Arc<VerifiedCiToken>) -> Self {
        Self {
            decided: SealedDecision::seal(decision),
            token,
        }
    }

    /// Returns the answer as it will be reported if the token is still unused. It may be shown, but never acted on.
    pub fn report(&self) -> &Decision {
        &self.decided.report
    }

    /// Returns the token that must be used up.
    #[must_use]
    pub fn token(&self) -> &VerifiedCiToken {
        &self.token
    }

    /// Returns the value that will be opened, to be held against what is recorded of earlier runs.
    pub(crate) fn sealed(&self) -> Option<&Verified<NamespaceAuthority>> {
        self.decided.sealed.as_ref()
    }

    pub(crate) fn is_accepted(&self) -> bool {
        self.decided.sealed.is_some()
    }

    /// Opens the decision. Only for the caller that has just used the token up.
    pub(crate) fn open(self) -> Decision {
        self.decided.open()
    }

    /// Returns the answer with its yes withdrawn.
    pub(crate) fn refuse(self, because: Obstacle) -> Decision {
        self.decided.refuse(because)
    }
}
