//! CI runs: each thing that an attacker may hold, on each path of a run to a yes, by name; and what is done with the answer.

mod environments;
mod keys;
mod names;
mod pins;
mod replays;
mod reusable;
mod takers;

use auths_core::RefutedReason;
use auths_core::claim::{Signed, TrustedPublisher};
use auths_core::use_cases::{PublishError, PublishGrant};
use auths_testkit::world::CiRun;

use super::*;
use auths_tests::front_end::{Kept, Stage};

/// A policy that resists these capabilities and what is weaker.
fn resisting(names: &str) -> Policy {
    Policy::from_toml(&format!("resist = [{names}]")).unwrap()
}

#[track_caller]
fn accepted_at(decision: &Decision, price: &[Capability]) {
    let why = decision.reason();
    assert_eq!(decision.outcome(), Outcome::Accepted, "{why:?}");
    let falls_to = decision.falls_to().unwrap();
    for one in price {
        assert!(falls_to.contains(*one), "{one} is not named: {falls_to}");
    }
}

#[track_caller]
fn refused(result: Result<PublishGrant, PublishError>, by: RefutedReason) {
    let error = result.unwrap_err();
    assert_eq!(
        error.code(),
        auths_core::reason::Reason::code(by),
        "{error}"
    );
}
