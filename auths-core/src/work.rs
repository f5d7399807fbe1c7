//! Counters of expensive work, so that tests can check how much of it an answer took. Time would measure how busy the machine
//! was.

use std::cell::Cell;

thread_local! {
    static SIGNATURES: Cell<usize> = const { Cell::new(0) };
    static TIMELINES: Cell<usize> = const { Cell::new(0) };
    static STEPS: Cell<usize> = const { Cell::new(0) };
}

/// The work done on this thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct WorkCounter {
    /// The number of signatures that were verified.
    pub(crate) signatures: usize,
    /// The number of releases that were scanned to find statements.
    pub(crate) releases: usize,
    /// The number of steps in the search for chains.
    pub(crate) steps: usize,
}

pub(crate) fn verified_a_signature() {
    SIGNATURES.set(SIGNATURES.get() + 1);
}

pub(crate) fn went_through(releases: usize) {
    TIMELINES.set(TIMELINES.get() + releases);
}

pub(crate) fn took_a_step() {
    STEPS.set(STEPS.get() + 1);
}

/// Returns the result of `of`, and the work that it took.
pub(crate) fn work<T>(of: impl FnOnce() -> T) -> (T, WorkCounter) {
    SIGNATURES.set(0);
    TIMELINES.set(0);
    STEPS.set(0);
    let value = of();
    let work = WorkCounter {
        signatures: SIGNATURES.get(),
        releases: TIMELINES.get(),
        steps: STEPS.get(),
    };
    (value, work)
}
