//! The real binary, with a home of its own and servers on loopback addresses: answers, exit statuses, schemas.
#![forbid(unsafe_code)]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on fails, and so do the helpers of tests"
)]

mod accounts;
mod ages;
mod batch;
mod bundles;
mod check;
mod ci;
mod claims;
mod crates_io;
mod demo;
mod forge;
mod gists;
mod github;
mod home;
mod hub;
mod keys;
mod misplaced;
mod npm;
mod orgs;
mod prompt;
mod publish;
mod publisher_match;
mod renewal;
mod revocations;
mod sandbox;
mod schema;
mod settings;
mod shell;
mod statements;
mod tokens;
mod world;
