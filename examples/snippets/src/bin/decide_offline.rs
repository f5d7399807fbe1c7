//! Decide offline, on evidence that an observer saw and signed, as far as the policy trusts that observer.
#![expect(clippy::print_stdout, reason = "an example prints")]

use auths_core::claim::ProofExpectation;
use auths_core::decide::{Obstacle, Revocations};
use auths_core::use_cases::{VerifyOptions, verify_offline};
use auths_core::{Bundle, NamespaceAuthority, Policy, Timestamp, Verified, escape};
use auths_snippets::Failure;

/// The bundle that came with a package: its publisher's claim and account, and a hub's signed observations of both on PyPI.
const BUNDLE: &str = include_str!("../../../../tests/vectors/bundles/account/bundle.json");

/// The policy of a build machine without a network: the default's resistance, and the hub as a trusted observer.
const POLICY: &str = "
name = 'air-gapped'
resist = ['recycled-name', 'collaborator', 'stolen-token']
evidence_age_hours = 48
trusted_observers = ['did:key:z6MkmNL6xksdEJENGk9Z1qqGsY5njKQdjU1UhnUEUvWyQUVX']
";

/// Prints which of the four outcomes holds. An error means that the text is no bundle, or was tampered with.
fn decide(text: &str, policy: &Policy, now: Timestamp) -> Result<(), Failure> {
    let bundle = Bundle::parse(text.as_bytes())?;
    let expected = ProofExpectation::new("https://hub.example".parse()?); // this machine takes the hub's
    // A source of revocations must have been checked: here the list that came with the machine's image, which is empty.
    let revocations = Revocations::not_checked().with("the image's list", Ok(vec![]));
    let terms = VerifyOptions::new(expected, policy, now).with_revocations(revocations);
    let decision = verify_offline(bundle, terms)?;
    let (outcome, cost) = (decision.outcome(), decision.cost().to_owned());
    match decision.into_verified() {
        Ok(verified) => {
            println!("  {outcome}; to forge it: {cost}");
            install(&verified, policy, now);
            // The receiver of the result checks it by its own policy: here one that does not know the hub.
            install(&verified, &Policy::standard(), now);
        }
        Err(no) => {
            let remedy = no.0.remedy().unwrap_or_default().to_owned();
            let why = Obstacle::from(no);
            let (code, why) = (why.code(), why.to_string());
            println!("  {outcome} ({code}): {}", escape(&why));
            println!("  what helps: {}", escape(&remedy));
        }
    }
    Ok(())
}

/// Acts only on what core verified, and checks that it resists enough now.
fn install(verified: &Verified<NamespaceAuthority>, policy: &Policy, now: Timestamp) {
    match verified.resisting(policy, now) {
        Ok(authority) => println!("  {}: installed, for {authority}", policy.name()),
        Err(why) => println!("  {}: not installed: {why}", policy.name()),
    }
}

fn main() -> Result<(), Failure> {
    let policy = Policy::from_toml(POLICY)?;
    let hub = "did:key:z6MkmNL6xksdEJENGk9Z1qqGsY5njKQdjU1UhnUEUvWyQUVX".parse()?;
    let strict = Policy::strict().trusting([hub]);
    // A program uses `auths_http::SystemClock`. A decision is made as of a time, and states that time.
    let now: Timestamp = "2026-11-21T09:00:00Z".parse()?;
    let later = now + std::time::Duration::from_secs(3 * 86_400);
    let forged = BUNDLE.replace("\"login\": \"Alice\"", "\"login\": \"Mallory\"");
    for (what, bundle, policy, now) in [
        ("trusting the hub", BUNDLE, &policy, now),
        ("trusting nobody", BUNDLE, &Policy::standard(), now),
        ("strict, trusting the hub", BUNDLE, &strict, now),
        ("three days later", BUNDLE, &policy, later),
        ("what the hub saw was changed", &forged, &policy, now),
    ] {
        println!("{what}:");
        if let Err(error) = decide(bundle, policy, now) {
            println!("  refused: {error}");
        }
    }
    Ok(())
}
