//! The adapter, over a loopback Shelf that is played from the simulated world, keeps the contract of its port.
#![allow(clippy::expect_used, reason = "tests")]

mod shelf;

use auths_testkit::conformance::Offers;
use auths_testkit::server::SimulatedBackend;
use custom_ecosystem::Shelf;

fn subject() -> SimulatedBackend<Shelf> {
    SimulatedBackend::new(shelf::world, shelf::answer, shelf::SHAPE, |site| {
        Shelf::at(site.origin(), site.transport())
    })
    .offering(
        Offers::everything()
            .without_account_statements()
            .without_organizations()
            .without_quarantine()
            .without_pages(),
    )
}

auths_testkit::namespace_verifier_conformance!(subject(), tokio);
