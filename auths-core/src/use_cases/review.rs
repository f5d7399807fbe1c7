//! Looking again at what was accepted before.

use super::accepted_record::{AcceptedRecord, RecordState};
use super::verifier::Verifier;
use crate::Timestamp;
use crate::decide::Decision;
use crate::policy::Policy;

/// The result of [`Verifier::review`].
#[derive(Debug)]
#[must_use = "store the record: it holds the result of the review"]
#[non_exhaustive]
pub struct Review {
    /// The record with the result of the review.
    pub record: AcceptedRecord,
    /// The [version](AcceptedRecord::version) of the record that was read. Store the new one only in its place.
    pub replaces: String,
    /// The answer of this look. `None` where the record had ended, so that nothing was asked.
    pub decision: Option<Decision>,
}

impl Verifier {
    /// Looks again at what was accepted before, on what the registry and the platforms show now, and returns the record with the
    /// answer in it.
    ///
    /// | the answer | the record |
    /// |---|---|
    /// | accepted | fresh again |
    /// | undetermined: something could not be read | unchanged; it ages |
    /// | pending or denied, for the first time | suspended |
    /// | denied, a day or more after the first negative answer | removed |
    /// | denied because the claim or its DID was revoked | revoked at once |
    ///
    /// A record that was removed or revoked, or whose claim has expired, is not looked at again: nothing is asked.
    ///
    /// Store the record afterwards, but only in the place of the one that was read ([`Review::replaces`]): its holder may have renewed
    /// the claim in the meantime, or another review may have found it revoked. `auths_keystore::FileRecords::put_reviewed` does so; in
    /// a database, compare [`AcceptedRecord::version`] in the statement that writes. [`AcceptedRecord::state`] tells what came of it.
    ///
    /// # Security
    /// The challenge that the claim answered was used up when the claim was accepted, so it is not asked for again. The decision of
    /// a review therefore gives no [`Verified`](crate::Verified) for such a claim; act on [`AcceptedRecord::authority`].
    pub async fn review(
        &self,
        mut record: AcceptedRecord,
        policy: &Policy,
        now: Timestamp,
    ) -> Review {
        let replaces = record.version();
        if matches!(
            record.state(policy, now),
            RecordState::Removed | RecordState::Revoked | RecordState::Expired
        ) {
            return Review {
                record,
                replaces,
                decision: None,
            };
        }
        let verifier = self.without_challenges();
        let decision = verifier.verify(record.bundle(), policy, now).await;
        record.record(&decision, policy, self.removal_after);
        Review {
            record,
            replaces,
            decision: Some(decision),
        }
    }
}
