//! Suites that check an implementation of a port against its contract, one macro line each.
//!
//! | port | implement | and write |
//! |---|---|---|
//! | [`NamespaceVerifier`](auths_core::ports::NamespaceVerifier) | [`NamespaceSubject`] | [`namespace_verifier_conformance!`](crate::namespace_verifier_conformance) |
//! | [`AccountProver`](auths_core::ports::AccountProver) | [`AccountSubject`] | [`account_prover_conformance!`](crate::account_prover_conformance) |
//! | [`PlatformContext`](auths_core::ports::PlatformContext) | [`ContextSubject`] | [`platform_context_conformance!`](crate::platform_context_conformance) |
//! | [`CiTokenVerifier`](auths_core::ports::CiTokenVerifier) | [`CiTokenSubject`] | [`ci_token_verifier_conformance!`](crate::ci_token_verifier_conformance) |
//! | [`EnvironmentReader`](auths_core::ports::EnvironmentReader) | [`EnvironmentSubject`] | [`environment_reader_conformance!`](crate::environment_reader_conformance) |
//! | [`KeyStore`](auths_core::ports::KeyStore) | [`KeyStoreSubject`] | [`keystore_conformance!`](crate::keystore_conformance) |
//! | [`LinkStore`](auths_core::ports::LinkStore) | [`LinkStoreSubject`] | [`link_store_conformance!`](crate::link_store_conformance) |
//! | [`PinStore`](auths_core::ports::PinStore) | [`PinSubject`] | [`pin_store_conformance!`](crate::pin_store_conformance) |
//! | [`Store`](auths_core::ports::Store) | [`StoreSubject`] | [`store_conformance!`](crate::store_conformance) |
//! | [`ReplayGuard`](auths_core::ports::ReplayGuard) | [`ReplaySubject`] | [`replay_guard_conformance!`](crate::replay_guard_conformance) |
//! | [`RevocationMemory`](auths_core::ports::RevocationMemory) | [`RevocationMemorySubject`] | [`revocation_memory_conformance!`](crate::revocation_memory_conformance) |
//!
//! A suite checks *outcome classes* and the rules of the contract, never wording. An implementation declares what it does not
//! offer (for example, a registry without organisations); the report lists those checks as not offered. A check that panics in
//! the implementation counts as broken. The macro makes one test, which names every broken check at once.
//!
//! ```
//! use auths_core::ports::{MemoryStore, StoreBounds};
//! use auths_testkit::block_on;
//! use auths_testkit::conformance::{StoreSubject, store};
//!
//! struct Memory;
//!
//! impl StoreSubject for Memory {
//!     type Store = MemoryStore;
//!
//!     fn open_within(&self, bounds: StoreBounds) -> MemoryStore {
//!         MemoryStore::bounded(bounds)
//!     }
//! }
//!
//! // As a test of yours:
//! auths_testkit::store_conformance!(Memory);
//!
//! // Or by hand:
//! block_on(store(&Memory)).assert();
//! ```

mod account;
mod ci_token;
mod context;
mod environment;
mod keystore;
mod links;
mod macros;
mod namespace;
mod pins;
mod replay;
mod report;
mod revocation_memory;
mod store;

pub use account::{AccountSubject, ProofScene, Proving, account_prover};
pub use ci_token::{CiTokenSubject, TokenFlaw, TokenScene, ci_token_verifier};
pub use context::{ContextSubject, platform_context};
pub use environment::{EnvironmentState, EnvironmentSubject, environment_reader};
pub use keystore::{KeyStoreSubject, keystore};
pub use links::{LinkStoreSubject, link_store};
pub use namespace::{NamespaceSubject, Offers, Opened, Stage, namespace_verifier};
pub use pins::{PinSubject, pin_store};
pub use replay::{ReplaySubject, replay_guard};
pub use report::{Broken, Report};
pub use revocation_memory::{RevocationMemorySubject, revocation_memory};
pub use store::{Change, StoreSubject, store};
