//! The place of the GitHub adapter. **Not built yet: this crate has no items.**
//!
//! It will hold, in the file names that all adapters share (`config`, `client`, `wire`, `classify`, `verifier`, ...):
//!
//! - the OAuth device flow (RFC 8628 with GitHub's deviations) and the gist proof, as an
//!   [`AccountProver`](auths_core::ports::AccountProver);
//! - organisation Owners by ids, and crates.io owners by linked GitHub ids, as
//!   [`NamespaceVerifier`](auths_core::ports::NamespaceVerifier)s.
//!
//! Until then, questions about `cargo:` and `github:` namespaces have no verifier to ask.

#![forbid(unsafe_code)]
