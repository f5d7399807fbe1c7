//! The real binary, with a home of its own and servers on loopback addresses: answers, exit statuses, schemas.
#![forbid(unsafe_code)]

mod accounts;
mod batch;
mod bundles;
mod check;
mod claims;
mod demo;
mod keys;
mod sandbox;
mod schema;
mod settings;
mod shell;
mod statements;
mod world;
