//! Counts expensive work, so that tests can say how much of it an answer took. Time would say how busy the machine was.

use std::cell::Cell;

thread_local! {
    static SIGNATURES: Cell<usize> = const { Cell::new(0) };
    static TIMELINES: Cell<usize> = const { Cell::new(0) };
    static STEPS: Cell<usize> = const { Cell::new(0) };
}

/// What was done on this thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Work {
    /// How many signatures were verified.
    pub(crate) signatures: usize,
    /// How many releases were gone through to find statements.
    pub(crate) releases: usize,
    /// How many steps the search for chains took.
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

/// What `of` gives, and the work that it took.
pub(crate) fn work<T>(of: impl FnOnce() -> T) -> (T, Work) {
    SIGNATURES.set(0);
    TIMELINES.set(0);
    STEPS.set(0);
    let value = of();
    let work = Work {
        signatures: SIGNATURES.get(),
        releases: TIMELINES.get(),
        steps: STEPS.get(),
    };
    (value, work)
}
