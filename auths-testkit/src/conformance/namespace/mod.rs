//! The contract of [`NamespaceVerifier`](auths_core::ports::NamespaceVerifier).

mod basics;
mod listing;
mod lives;
mod one_answer;
mod scene;
mod stage;
mod statements;
mod subject;
mod trouble;

use super::report::{Check, Report, run_before};
pub use stage::Stage;
pub use subject::{NamespaceSubject, Offers, Opened};

/// Checks a verifier against its contract: its answers are compared with those of
/// [`SimulatedRegistry`](crate::world::SimulatedRegistry) about the same world.
pub async fn namespace_verifier<S: NamespaceSubject + 'static>(subject: &S) -> Report {
    let groups = [
        basics::checks(),
        listing::checks(),
        lives::checks(),
        one_answer::checks(),
        statements::checks(),
        trouble::checks(),
    ];
    let checks: Vec<Check<dyn NamespaceSubject>> = groups.into_iter().flatten().collect();
    run_before("NamespaceVerifier", &checks, subject, || subject.flaws()).await
}
