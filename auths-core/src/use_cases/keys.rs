//! Resolving the keys of DIDs before deciding.

use std::collections::BTreeSet;

use crate::Timestamp;
use crate::claim::KeyRing;
use crate::identity::Did;
use crate::ports::DidResolver;
use crate::reason::{Unavailable, UnavailableReason};

/// The keys of `dids`, through `resolver` for those that do not spell their own: at most `most` of them, each asked for once, in
/// the order given.
///
/// One whose keys could not be looked up, or that is one too many ([`UnavailableReason::RequestBudget`]), is recorded as such: what it signed
/// cannot be told then, and what the others signed can.
///
/// # Security
/// A bundle names as many DIDs as its sender likes, on whatever servers: `most` is how many of them are asked for it.
/// [`Limits::dids`](super::Limits) is a good number.
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
