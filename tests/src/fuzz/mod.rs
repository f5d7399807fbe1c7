//! The checks of the fuzz targets: one function for every parser of outside input. It takes any bytes, and panics when the result
//! breaks a promise.
//!
//! `tests/fuzz` runs them with libFuzzer. `tests/tests/fuzz.rs` runs them, on any toolchain, over their seeds and over inputs
//! close to the seeds.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "a target fails by panicking"
)]

mod ci;
mod claims;
mod github;
mod grants;
mod names;
mod seeds;
mod servers;
mod tokens;

pub use ci::ci_token;
pub use claims::{bundle, claim, policy, publisher_rule};
pub use github::{github_address, github_environment, github_flow, github_gist};
pub use grants::{grant, stored_record};
pub use names::{account, did, namespace, origin, package, time};
pub use servers::{
    headers, key_file, npm_packument, pypi_index, pypi_project, pypi_release, statement,
};
pub use tokens::pypi_token;

/// One target.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// The name, which is that of its file in `tests/fuzz/fuzz_targets`.
    pub name: &'static str,
    /// The check: it takes bytes, and returns whether they could be read.
    pub run: fn(&[u8]) -> bool,
    /// The first inputs, made from the golden vectors and the sample claims, so that nothing is committed twice.
    pub seeds: fn() -> Vec<Vec<u8>>,
}

/// Every target.
pub const TARGETS: [Target; 25] = [
    Target {
        name: "account",
        run: account,
        seeds: seeds::accounts,
    },
    Target {
        name: "bundle",
        run: bundle,
        seeds: seeds::bundles,
    },
    Target {
        name: "ci_token",
        run: ci_token,
        seeds: seeds::id_tokens,
    },
    Target {
        name: "claim",
        run: claim,
        seeds: seeds::claims,
    },
    Target {
        name: "did",
        run: did,
        seeds: seeds::dids,
    },
    Target {
        name: "github_address",
        run: github_address,
        seeds: seeds::github_addresses,
    },
    Target {
        name: "github_environment",
        run: github_environment,
        seeds: seeds::github_environments,
    },
    Target {
        name: "github_flow",
        run: github_flow,
        seeds: seeds::github_flows,
    },
    Target {
        name: "github_gist",
        run: github_gist,
        seeds: seeds::github_gists,
    },
    Target {
        name: "grant",
        run: grant,
        seeds: seeds::grants,
    },
    Target {
        name: "headers",
        run: headers,
        seeds: seeds::headers,
    },
    Target {
        name: "key_file",
        run: key_file,
        seeds: seeds::key_files,
    },
    Target {
        name: "namespace",
        run: namespace,
        seeds: seeds::namespaces,
    },
    Target {
        name: "npm_packument",
        run: npm_packument,
        seeds: seeds::packuments,
    },
    Target {
        name: "origin",
        run: origin,
        seeds: seeds::origins,
    },
    Target {
        name: "package",
        run: package,
        seeds: seeds::packages,
    },
    Target {
        name: "policy",
        run: policy,
        seeds: seeds::policies,
    },
    Target {
        name: "publisher_rule",
        run: publisher_rule,
        seeds: seeds::publisher_rules,
    },
    Target {
        name: "pypi_index",
        run: pypi_index,
        seeds: seeds::indexes,
    },
    Target {
        name: "pypi_project",
        run: pypi_project,
        seeds: seeds::projects,
    },
    Target {
        name: "pypi_release",
        run: pypi_release,
        seeds: seeds::releases,
    },
    Target {
        name: "pypi_token",
        run: pypi_token,
        seeds: seeds::tokens,
    },
    Target {
        name: "statement",
        run: statement,
        seeds: seeds::statements,
    },
    Target {
        name: "stored_record",
        run: stored_record,
        seeds: seeds::stored_records,
    },
    Target {
        name: "time",
        run: time,
        seeds: seeds::times,
    },
];
