//! The limit on the work of one decision.

use std::cell::Cell;

use crate::reason::{Unavailable, UnavailableReason};

/// The maximum number of steps in the search for chains: delegations followed, proofs compared with what they may lead to, chains
/// put together. An input that needs more is an attempt to make deciding slow.
pub(super) const MAX_STEPS: usize = 4_096;

/// The steps of one decision.
#[derive(Debug, Default)]
pub(super) struct StepCounter(Cell<usize>);

impl StepCounter {
    /// Takes one step, and returns whether there was one left.
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

    /// Returns why the answer is undetermined, if more steps were needed than allowed.
    pub(super) fn spent(&self) -> Option<Unavailable> {
        (self.0.get() > MAX_STEPS).then(|| {
            let detail = format!("the search for a way to a yes takes more than {MAX_STEPS} steps");
            Unavailable::new(UnavailableReason::StepBudget, detail)
        })
    }
}
