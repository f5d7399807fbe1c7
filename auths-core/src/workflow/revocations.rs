//! Asking every source of revocations.

use crate::Timestamp;
use crate::decide::Revocations;
use crate::identity::Did;
use crate::ports::RevocationSource;

/// What every source says about these DIDs. A source that cannot be read is recorded, and keeps an answer from being a yes.
pub async fn consult(
    sources: &[&dyn RevocationSource],
    dids: &[Did],
    now: Timestamp,
) -> Revocations {
    let mut revocations = Revocations::not_checked();
    for source in sources {
        revocations = revocations.with(source.name(), source.revocations(dids, now).await);
    }
    revocations
}
