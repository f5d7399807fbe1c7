//! Identifiers of people and things: DIDs, accounts, packages, origins. Every type accepts only valid text, also when it is
//! deserialized.

mod account;
mod did;
mod login;
mod namespace;
mod origin;
mod package;
mod platform;
mod subject;
pub(crate) mod text;

pub use account::{Account, AccountError, AccountId};
pub use did::{Did, DidError, VerificationMethod};
pub use login::Login;
pub use namespace::{Namespace, NamespaceNameError};
pub use origin::{Origin, OriginError};
pub use package::{Ecosystem, NameError, PackageName};
pub use platform::{Platform, StableIds};
pub use subject::Subject;
pub use text::{Escaped, escape};
