//! The ports: everything that the domain needs from outside, one trait per file.
//!
//! Every port is object-safe, `Debug + Send + Sync`, and async ones use `#[async_trait]`. No port has a default method that
//! decides: adapters gather, core decides. With the feature `mocks`, each has a `mockall` mock named `Mock<Port>`.
//!
//! | port | provides | implementations |
//! |---|---|---|
//! | [`NamespaceVerifier`] | a registry's answer about a package | the crates `auths-adapters-*` |
//! | [`AccountProver`] | the evidence that ties an account to a DID | [`StatementProver`](crate::use_cases::StatementProver), adapters |
//! | [`CiTokenVerifier`] | the CI run that an ID token is of | adapters |
//! | [`EnvironmentReader`] | who must approve before a job in an environment runs | adapters |
//! | [`AccountDirectory`] | who has a login on a platform now | `auths_adapters_github::GitHub` |
//! | [`PlatformContext`] | the accounts of a DID | [`ClaimsContext`](crate::use_cases::ClaimsContext) |
//! | [`Signer`], [`KeyStore`] | signatures, and the keys that make them | [`KeyPair`](crate::crypto::KeyPair), `auths-keystore` |
//! | [`DidResolver`] | the keys of DIDs that do not contain their own | - |
//! | [`RevocationSource`] | published revocations, and claims that tell who may revoke | [`RevocationList`] |
//! | [`RevocationMemory`] | every recovery DID and revocation that was ever shown | [`MemoryRevocations`], `auths-keystore` |
//! | [`ReplayGuard`] | a single use of each challenge | [`MemoryReplayGuard`], `auths-keystore` |
//! | [`PinStore`] | the repository that each package is pinned to | [`MemoryPins`], `auths-keystore` |
//! | [`LinkStore`] | a holder's own links, each with the place of its proof | [`MemoryLinks`], `auths-keystore` |
//! | [`Store`] | records of earlier observations | [`MemoryStore`], `auths-keystore` |
//! | [`Clock`], [`Entropy`] | the time, randomness | `auths_http::SystemClock`, `auths_keystore::OsEntropy` |
//!
//! # Writing an adapter
//!
//! For another registry, implement [`NamespaceVerifier`]: state the ecosystem and the server that you read, and report what you
//! saw. A part that could not be read is [`Unread`](crate::evidence::Reading::Unread). A part that the registry does not have at
//! all is [`NotOffered`](crate::evidence::Reading::NotOffered). Neither is ever an empty list. Core checks the rest: the name,
//! the worth of each piece of evidence, and whether the sum is a yes. Test the adapter against the contract of the trait with one
//! line, `auths_testkit::namespace_verifier_conformance!(...)`. Read over the network only through `auths-http`,
//! which contains the safeguards.
//!
//! ```
//! use auths_core::evidence::{ListedAccount, Listing, NamespaceEvidence, Reading, OwnerRole};
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
//!         seen.listing = Reading::Read(Listing::new(vec![ListedAccount::new(account, OwnerRole::Owner, "owner")]));
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
mod ci_token;
mod clock;
mod did;
mod directory;
mod entropy;
mod environment;
mod keystore;
mod links;
mod memory_links;
mod memory_pins;
mod memory_store;
mod namespace;
mod pins;
mod platform;
mod replay;
mod revocation;
mod revocation_memory;
mod shared;
mod signer;
mod store;

pub use budget::Budget;
pub use ci_token::{CiTokenError, CiTokenQuery, CiTokenVerifier, CiTokenVerifierExt};
pub use clock::{Clock, FixedClock};
pub use did::DidResolver;
pub use directory::AccountDirectory;
pub use entropy::{Entropy, EntropyError, new_seed};
pub use environment::{EnvironmentQuery, EnvironmentReader, EnvironmentReaderExt};
pub use keystore::{KeyInfo, KeyName, KeyPersistence, KeyStore, KeyStoreError, NewKey};
pub use links::{KeptGist, KeptLink, LinkError, LinkStore};
pub use memory_links::MemoryLinks;
pub use memory_pins::MemoryPins;
pub use memory_store::MemoryStore;
pub use namespace::{
    LinkedAccountsQuery, NamespaceError, NamespaceQuery, NamespaceVerifier, PlatformContext,
    ProofsToRead, ReadScope,
};
pub use pins::{PinChange, PinRecording, PinStore};
pub use platform::{
    AccountProofQuery, AccountProver, AccountProverError, CLAIM_FILE, GistHint, ProofHint,
    prover_of,
};
pub use replay::{MemoryReplayGuard, ReplayGuard, TokenUse};
pub use revocation::{PublishedRevocations, RevocationList, RevocationSource};
pub use revocation_memory::{MemoryRevocations, RevocationMemory};
pub use signer::{Signer, SignerError};
pub use store::{RecordKind, Store, StoreBounds, StoreError, StoreKey};

#[cfg(feature = "mocks")]
pub use ci_token::MockCiTokenVerifier;
#[cfg(feature = "mocks")]
pub use clock::MockClock;
#[cfg(feature = "mocks")]
pub use did::MockDidResolver;
#[cfg(feature = "mocks")]
pub use directory::MockAccountDirectory;
#[cfg(feature = "mocks")]
pub use entropy::MockEntropy;
#[cfg(feature = "mocks")]
pub use environment::MockEnvironmentReader;
#[cfg(feature = "mocks")]
pub use keystore::MockKeyStore;
#[cfg(feature = "mocks")]
pub use links::MockLinkStore;
#[cfg(feature = "mocks")]
pub use namespace::{MockNamespaceVerifier, MockPlatformContext};
#[cfg(feature = "mocks")]
pub use pins::MockPinStore;
#[cfg(feature = "mocks")]
pub use platform::MockAccountProver;
#[cfg(feature = "mocks")]
pub use replay::MockReplayGuard;
#[cfg(feature = "mocks")]
pub use revocation::MockRevocationSource;
#[cfg(feature = "mocks")]
pub use revocation_memory::MockRevocationMemory;
#[cfg(feature = "mocks")]
pub use signer::MockSigner;
#[cfg(feature = "mocks")]
pub use store::MockStore;

pub(crate) use namespace::gather_checked;

pub use crate::use_cases::verifier_ext::NamespaceVerifierExt;
