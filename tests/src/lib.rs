//! The shared parts of the tests: sample claims, a second signer, and the golden vectors.
#![forbid(unsafe_code)]

pub mod bundles;
pub mod claims;
pub mod document;
pub mod front_end;
pub mod fuzz;
pub mod grants;
pub mod play;
pub mod proofs;
pub mod published;
pub mod vectors;
pub mod worst;

use std::path::PathBuf;

/// Returns the root of the workspace.
#[must_use]
pub fn root() -> PathBuf {
    let mut root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    root.pop();
    root
}

/// The front page, so that its code is compiled.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct Readme;
