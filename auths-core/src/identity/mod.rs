//! Identifiers of people and things: DIDs, accounts, packages, origins. Every type accepts only valid text, also when it is
//! deserialized.
//!
//! What core knows of each ecosystem and platform stands in two tables, `ecosystems.rs` and `platforms.rs`.

mod account;
mod did;
mod ecosystem;
mod ecosystems;
mod error;
pub(crate) mod grammar;
mod login;
mod namespace;
mod origin;
mod package;
mod parent;
mod platform;
mod platforms;
mod subject;
pub(crate) mod text;

pub use account::{Account, AccountError, AccountId};
pub use did::{Did, DidError, VerificationMethod};
pub use ecosystem::Ecosystem;
pub use error::NameError;
pub use login::Login;
pub use namespace::{Namespace, NamespaceNameError};
pub use origin::{Origin, OriginError};
pub use package::PackageName;
pub use platform::Platform;
pub use platforms::StableIds;
pub use subject::Subject;
pub use text::{EscapedText, escape, shorten};
