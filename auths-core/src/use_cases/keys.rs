//! Resolving the keys of DIDs before deciding.

use std::collections::BTreeSet;

use crate::Timestamp;
use crate::claim::KeyRing;
use crate::identity::Did;
use crate::ports::DidResolver;
use crate::reason::{Unavailable, UnavailableReason};

/// Resolves the keys of `dids` through `resolver`, except for DIDs that contain their own key. At most `most` DIDs are resolved,
/// each once, in the given order.
///
/// A DID whose keys could not be looked up, or that exceeds the limit ([`UnavailableReason::RequestBudget`]), is recorded as
/// such. Claims that it signed are then unavailable; claims of the others are not affected.
///
/// # Security
/// A bundle may name any number of DIDs, on any servers. `most` limits how many of them are resolved;
/// [`VerificationLimits::dids`](super::VerificationLimits) is a good value.
pub async fn resolve_keys(
    dids: &[Did],
    resolver: &dyn DidResolver,
    most: usize,
    at: Timestamp,
) -> KeyRing {
    let mut ring = KeyRing::intrinsic();
    let mut seen = BTreeSet::new();
    let unknown = dids
        .iter()
        .filter(|did| did.key().is_none() && seen.insert(*did));
    for (number, did) in unknown.enumerate() {
        if number >= most {
            let detail = format!("the keys of more than {most} DIDs");
            ring = ring.unread(
                did.clone(),
                Unavailable::new(UnavailableReason::RequestBudget, detail),
            );
            continue;
        }
        ring = match resolver.resolve(did, at).await {
            Ok(keys) => ring.with(did.clone(), keys),
            Err(why) => ring.unread(did.clone(), why),
        };
    }
    ring
}
