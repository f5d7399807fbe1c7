//! Resolving the keys of DIDs before deciding.

use crate::Timestamp;
use crate::claim::KeyRing;
use crate::identity::Did;
use crate::outcome::Unavailable;
use crate::ports::DidResolver;

/// The keys of `dids`, through `resolver` for those that do not spell their own.
///
/// # Errors
/// [`Unavailable`] when one could not be looked up.
pub async fn resolve_keys(
    dids: &[Did],
    resolver: &dyn DidResolver,
    at: Timestamp,
) -> Result<KeyRing, Unavailable> {
    let mut ring = KeyRing::intrinsic();
    for did in dids.iter().filter(|did| did.key().is_none()) {
        ring = ring.with(did.clone(), resolver.resolve(did, at).await?);
    }
    Ok(ring)
}
