//! The adapter, over a loopback example registry that is played from the simulated world, keeps the contract of its port.
#![allow(clippy::expect_used, reason = "tests")]

mod example;

use auths_testkit::conformance::Offers;
use auths_testkit::server::SimulatedBackend;
use custom_ecosystem::ExampleRegistry;

fn subject() -> SimulatedBackend<ExampleRegistry> {
    SimulatedBackend::new(example::world, example::answer, example::SHAPE, |site| {
        ExampleRegistry::at(site.origin(), site.transport())
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
