//! The place of the npm adapter. **Not built yet: this crate has no items.**
//!
//! It will hold, in the file names that all adapters share (`config`, `client`, `wire`, `classify`, `verifier`, ...), a
//! [`NamespaceVerifier`](auths_core::ports::NamespaceVerifier) over the full packument: the top-level maintainers, the
//! statements in each version's `package.json`, their times and withdrawals. Accounts will be proved by
//! [`StatementProver`](auths_core::workflow::StatementProver); no token is ever asked for.
//!
//! Until then, questions about `npm:` namespaces have no verifier to ask.

#![forbid(unsafe_code)]
