//! Signing of claims that need no evidence.

use std::time::Duration;

use crate::Timestamp;
use crate::claim::{
    Delegation, PlatformClaim, Revocation, SignError, Signed, SigningRequest, TrustedPublisher,
};
use crate::identity::{Account, Did};
use crate::ports::Signer;

/// Signs "this DID holds `account`", for its longest life.
///
/// # Errors
/// [`SignError`] when the key does not sign.
pub async fn sign_account_claim(
    signer: &dyn Signer,
    account: Account,
    recovery: Option<Did>,
    now: Timestamp,
) -> Result<Signed<PlatformClaim>, SignError> {
    SigningRequest::new(PlatformClaim::new(account, recovery), now)
        .sign(signer)
        .await
}

/// Signs a delegation that ends after `life`, at most 30 days.
///
/// # Errors
/// [`SignError::Refused`] when `life` is longer; [`SignError::Signer`].
pub async fn delegate(
    signer: &dyn Signer,
    delegation: Delegation,
    life: Duration,
    now: Timestamp,
) -> Result<Signed<Delegation>, SignError> {
    SigningRequest::new(delegation, now)
        .living(life)
        .sign(signer)
        .await
}

/// Signs a trusted publisher, which ends after `life`, at most 180 days.
///
/// # Errors
/// [`SignError::Refused`] when `life` is longer, or no package is named; [`SignError::Signer`].
pub async fn trust_publisher(
    signer: &dyn Signer,
    publisher: TrustedPublisher,
    life: Duration,
    now: Timestamp,
) -> Result<Signed<TrustedPublisher>, SignError> {
    SigningRequest::new(publisher, now)
        .living(life)
        .sign(signer)
        .await
}

/// Signs a revocation: of a claim or DID for all times, or of a DID from a time on. It never expires, and cannot be undone.
///
/// # Errors
/// [`SignError`] when the key does not sign.
pub async fn revoke(
    signer: &dyn Signer,
    what: impl Into<Revocation>,
    now: Timestamp,
) -> Result<Signed<Revocation>, SignError> {
    SigningRequest::new(what.into(), now).sign(signer).await
}
