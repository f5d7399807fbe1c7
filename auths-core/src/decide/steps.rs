//! How much one decision may try.

use std::cell::Cell;

use crate::reason::{Unavailable, UnavailableReason};

/// How many steps the search for chains may take: delegations followed, proofs held against what they may lead to, chains put
/// together. More than this in one case is an attempt to make deciding slow.
pub(super) const MAX_STEPS: usize = 4_096;

/// The steps of one decision.
#[derive(Debug, Default)]
pub(super) struct Steps(Cell<usize>);

impl Steps {
    /// Takes one, if there is one left.
    pub(super) fn take(&self) -> bool {
        let tried = self.0.get();
        if tried > MAX_STEPS {
            return false;
        }
        #[cfg(test)]
        crate::work::took_a_step();
        self.0.set(tried + 1);
        tried < MAX_STEPS
    }

    /// Why the answer is open, where more steps were needed than there are.
    pub(super) fn spent(&self) -> Option<Unavailable> {
        (self.0.get() > MAX_STEPS).then(|| {
            let detail = format!("the search for a way to a yes takes more than {MAX_STEPS} steps");
            Unavailable::new(UnavailableReason::StepBudget, detail)
        })
    }
}
