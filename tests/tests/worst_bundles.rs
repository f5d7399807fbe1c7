//! The worst bundle that the format allows makes a verifier ask no more of others than it means to, in every ecosystem.
//!
//! What it costs the verifier itself is measured by `cargo run --release -p auths-tests --example measure_worst_bundles`.

#![expect(
    clippy::unwrap_used,
    reason = "a scene that cannot be set up fails its test"
)]

use auths_core::decide::Decision;
use auths_core::use_cases::VerificationLimits;
use auths_core::{Bundle, Outcome};
use auths_testkit::scenes::reason;
use auths_tests::worst::{Weight, Worst};

const LIGHT: Weight = Weight {
    releases: 60,
    padding: 200,
    acts: 8,
};

/// What is decided about the worst bundle, and how many requests the server got for it.
fn decided(worst: Worst, limits: VerificationLimits) -> (Decision, usize) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let server = worst.serve(LIGHT);
    let life = runtime.block_on(worst.life_there(&server.origin()));
    let bundle = worst.bundle(&server.origin(), life, LIGHT);
    // As it would come: what cannot be read back is no bundle.
    let bundle = Bundle::parse(bundle.to_json().as_bytes()).unwrap();
    let before = server.request_count();
    let decision = runtime.block_on(worst.verify(&bundle, &server.origin(), limits));
    (decision, server.request_count() - before)
}

#[test]
fn the_worst_bundle_of_every_ecosystem_stays_within_its_budget_of_requests() {
    for worst in Worst::ALL {
        let limits = VerificationLimits::default();
        let most = limits.requests as usize;
        let (decision, asked) = decided(worst, limits);
        println!("{}: {asked} requests", worst.name());
        assert!(asked <= most, "{}: {asked}", worst.name());
        // One that asks for little would show nothing.
        let least = if worst == Worst::GitHub { 10 } else { most / 8 };
        assert!(asked >= least, "{}: {asked}", worst.name());
        assert_eq!(
            decision.outcome(),
            Outcome::Undetermined,
            "{}",
            worst.name()
        );
        assert_eq!(reason(&decision), "request-budget", "{}", worst.name());
    }
}

#[test]
fn a_smaller_budget_is_kept_too_and_is_never_a_no_or_a_yes() {
    for worst in Worst::ALL {
        for requests in [0, 1, 2, 5, 13] {
            let limits = VerificationLimits::default().with_requests(requests);
            let (decision, asked) = decided(worst, limits);
            let what = format!("{}, {requests}: {asked}", worst.name());
            assert!(asked <= requests as usize, "{what}");
            assert_eq!(decision.outcome(), Outcome::Undetermined, "{what}");
            assert_eq!(reason(&decision), "request-budget", "{what}");
        }
    }
}
