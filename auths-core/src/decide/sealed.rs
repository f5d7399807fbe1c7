//! A decision whose yes may be acted on once something was used up.

use super::decision::Decision;
use super::verified::{NamespaceAuthority, Verified};
use crate::reason::Obstacle;

/// A decision, with its [`Verified`] kept apart. What must be used up is known to whoever holds it.
#[derive(Debug)]
pub(super) struct SealedDecision {
    pub(super) report: Decision,
    pub(super) sealed: Option<Verified<NamespaceAuthority>>,
}

impl SealedDecision {
    pub(super) fn seal(mut decision: Decision) -> Self {
        Self {
            sealed: decision.verified.take(),
            report: decision,
        }
    }

    /// Opens the decision.
    pub(super) fn open(self) -> Decision {
        let mut decision = self.report;
        decision.verified = self.sealed;
        decision
    }

    /// Returns the answer with its yes withdrawn.
    pub(super) fn refuse(self, because: Obstacle) -> Decision {
        self.report.taken_back(because)
    }
}
