//! The ports: what the domain needs from the outside, one trait a file.
//!
//! Every port is object-safe, `Debug + Send + Sync`, and async ones use `#[async_trait]`. No port has a default method
//! that decides: adapters gather, core decides. With the feature `testing`, each has a `mockall` mock named `Mock<Port>`.
//!
//! | port | gives | to be had |
//! |---|---|---|
//! | [`NamespaceVerifier`] | what a registry shows of a package | the crates `auths-adapters-*` |
//! | [`AccountProver`] | what ties an account to a DID | [`StatementProver`](crate::use_cases::StatementProver), adapters |
//! | [`PlatformContext`] | the accounts of a DID | [`ClaimsContext`](crate::use_cases::ClaimsContext) |
//! | [`Signer`], [`KeyStore`] | signatures, and the keys that make them | [`KeyPair`](crate::crypto::KeyPair), `auths-keystore` |
//! | [`DidResolver`] | the keys of DIDs that do not spell their own | - |
//! | [`RevocationSource`] | what was revoked, and who may revoke | [`RevocationList`] |
//! | [`RevocationMemory`] | who may revoke and what was revoked, as it was ever shown | [`MemoryRevocations`], `auths-keystore` |
//! | [`ReplayGuard`] | each challenge once | [`MemoryReplayGuard`], `auths-keystore` |
//! | [`Store`] | what was seen before | [`MemoryStore`], `auths-keystore` |
//! | [`Clock`], [`Entropy`] | the time, randomness | `auths_http::SystemClock`, `auths_keystore::OsEntropy` |
//!
//! # An adapter
//!
//! For one more registry, implement [`NamespaceVerifier`]: say whose names you read and where, and report what you saw. What
//! could not be read stays [`Unread`](crate::evidence::Reading::Unread), and what the registry has not at all is
//! [`NotOffered`](crate::evidence::Reading::NotOffered); neither is ever an empty list. Core checks the rest: whose name it
//! is, what each thing is worth, and whether the sum is a yes. Then hold it to the contract above its trait with one line in a
//! test, `auths_core::namespace_verifier_conformance!(...)` (feature `testing`), and read over the network by `auths-http`
//! alone, which brings the guards.
//!
//! ```
//! use auths_core::evidence::{ListedAccount, Listing, NamespaceEvidence, Reading, Role};
//! use auths_core::ports::{NamespaceError, NamespaceQuery, NamespaceVerifier, NamespaceVerifierExt};
//! use auths_core::{Account, Ecosystem, Origin, Platform, Unavailable, UnavailableReason};
//!
//! /// A registry whose whole answer is a line: who owns the package.
//! #[derive(Debug)]
//! struct Shelf {
//!     ecosystem: Ecosystem,
//!     platform: Platform,
//!     origin: Origin,
//! }
//!
//! impl Shelf {
//!     async fn owner(&self, _package: &str) -> Result<String, Unavailable> {
//!         Ok("alice".to_owned()) // by `auths_http::Transport`: every failure is an `Unavailable`
//!     }
//! }
//!
//! #[async_trait::async_trait]
//! impl NamespaceVerifier for Shelf {
//!     fn ecosystem(&self) -> &Ecosystem {
//!         &self.ecosystem
//!     }
//!     fn origin(&self) -> &Origin {
//!         &self.origin
//!     }
//!     fn is_public(&self) -> bool {
//!         true
//!     }
//!     async fn gather(&self, query: &NamespaceQuery) -> Result<NamespaceEvidence, NamespaceError> {
//!         let login = self.owner(query.namespace.name().as_str()).await?;
//!         let account = Account::parse_login(self.platform.clone(), &login)
//!             .map_err(|e| Unavailable::new(UnavailableReason::Unreadable, e.to_string()))?;
//!         let mut seen = NamespaceEvidence::new(query.namespace.clone(), self.origin.clone(), query.now);
//!         seen.listing = Reading::Read(Listing::new(vec![ListedAccount::new(account, Role::Owner, "owner")]));
//!         seen.timeline = Reading::NotOffered;
//!         Ok(seen)
//!     }
//! }
//!
//! # use futures_util::FutureExt as _;
//! let shelf = Shelf {
//!     ecosystem: Ecosystem::new("shelf")?,
//!     platform: Platform::new("shelf")?,
//!     origin: "https://shelf.example".parse()?,
//! };
//! let query = NamespaceQuery::new("shelf:six".parse()?, "2026-11-21T08:46:00Z".parse()?);
//! let seen = shelf.gather_checked(&query).now_or_never().ok_or("it waits for nothing")??;
//! assert_eq!(seen.listing.get()?.accounts.len(), 1);
//!
//! // A question for another registry never reaches it.
//! let other = NamespaceQuery::new("pypi:six".parse()?, query.now);
//! let refused = shelf.gather_checked(&other).now_or_never().ok_or("it waits for nothing")?;
//! assert!(matches!(refused, Err(NamespaceError::Invalid { .. })));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod budget;
mod clock;
mod did;
mod entropy;
mod keystore;
mod namespace;
mod platform;
mod replay;
mod revocation;
mod revocation_memory;
mod signer;
mod store;

pub use budget::*;
pub use clock::*;
pub use did::*;
pub use entropy::*;
pub use keystore::*;
pub use namespace::*;
pub use platform::*;
pub use replay::*;
pub use revocation::*;
pub use revocation_memory::*;
pub use signer::*;
pub use store::*;
