//! How long an account has been known as an owner.

use std::time::Duration;

use crate::Timestamp;
use crate::evidence::{EvidenceGrade, ListedAccount};
use crate::identity::Account;

/// The time since when an owner is known, where a token may add owners.
///
/// A stolen token can add its thief, who then is an owner like any other and may publish. Only one thing proves that an owner is
/// not a thief: the package's first release. A thief gets everything else by staying unnoticed for the maturity, so it falls to a
/// `held-token`. Releases before an observation that did not find the owner listed count for nothing.
pub(super) struct OwnerSeniority {
    made_it_at: Option<Timestamp>,
    pub(super) known_since: Option<Timestamp>,
}

impl OwnerSeniority {
    pub(super) fn of(listed: &ListedAccount, recorded: &[(Account, Timestamp)]) -> Self {
        let own_record = recorded
            .iter()
            .find(|(a, _)| a.same_as(&listed.account))
            .map(|(_, since)| *since);
        let published = listed
            .first_published
            .filter(|_| listed.absent_at.is_none());
        let known = [published, listed.known_since, own_record];
        Self {
            made_it_at: published.filter(|_| listed.founder),
            known_since: known.into_iter().flatten().min(),
        }
    }

    /// Returns why an owner counts as new.
    pub(super) fn in_words(&self, absent_at: Option<Timestamp>) -> String {
        match (self.known_since, absent_at) {
            (Some(since), Some(at)) => {
                format!(
                    "a new owner: a look at {at} did not find it listed, and it is known since {since}"
                )
            }
            (Some(since), None) => format!("a new owner, known since {since}"),
            (None, _) => "an owner of whom it is not known since when".to_owned(),
        }
    }

    /// Returns the grade of the listing at `at`.
    pub(super) fn grade(&self, at: Timestamp, maturity: Duration) -> EvidenceGrade {
        if is_old(self.made_it_at, at, maturity) {
            EvidenceGrade::Established
        } else if is_old(self.known_since, at, maturity) {
            EvidenceGrade::Mature
        } else {
            EvidenceGrade::Fresh
        }
    }
}

/// Returns whether `since` is known, and at least the maturity before `at`.
fn is_old(since: Option<Timestamp>, at: Timestamp, maturity: Duration) -> bool {
    since.is_some_and(|since| at.since(since) >= maturity)
}
