//! The suites: the doubles keep every contract, and implementations that lie break the check that is about the lie.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests"
)]

mod doubles;
mod evil_accounts;
mod evil_ci_tokens;
mod evil_environments;
mod evil_keystore;
mod evil_links;
mod evil_memory;
mod evil_pins;
mod evil_registry;
mod evil_stores;

use auths_testkit::conformance::Report;

/// A liar is caught by exactly the checks that are about its lie, among them `by`.
fn assert_caught(lie: &dyn std::fmt::Debug, by: &str, report: &Report) {
    assert!(
        report.broken_checks().contains(&by),
        "{lie:?} must break {by}, and broke {:?}",
        report.broken_checks()
    );
}

/// Every check of the suite caught some lie: none is there for nothing.
fn assert_every_check_caught(honest: &Report, caught: &[&str]) {
    let idle: Vec<_> = honest.kept.iter().filter(|c| !caught.contains(c)).collect();
    assert!(idle.is_empty(), "no lie breaks {idle:?}");
}
