//! An issuer of ID tokens for tests: RSA keys that are made when they are first used, tokens with any fault, and a server that shows
//! the keys.
//!
//! ```
//! use auths_testkit::issuer::{SigningKey, TestIssuer, TokenDraft};
//!
//! let issuer = TestIssuer::start();
//! let now = "2026-11-21T08:46:00Z".parse()?;
//! let token = TokenDraft::github(&issuer.origin().to_string(), "registry.example", now)
//!     .claim("environment", "pypi")
//!     .sign(&SigningKey::shared(0));
//! assert_eq!(token.split('.').count(), 3);
//! # Ok::<(), auths_core::TimeError>(())
//! ```
//!
//! # Security
//! The keys are made anew by each process, and whoever has the test kit has them: no product may trust this issuer.

mod key;
mod server;
mod token;

pub use key::SigningKey;
pub use server::TestIssuer;
pub use token::{TokenDraft, encode_token};
