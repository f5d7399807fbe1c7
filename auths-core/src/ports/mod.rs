//! The ports: what the domain needs from the outside, one trait a file.
//!
//! Every port is object-safe, `Debug + Send + Sync`, and async ones use `#[async_trait]`. No port has a default method
//! that decides: adapters gather, core decides. With the feature `testing`, each has a `mockall` mock named `Mock<Port>`.

mod clock;
mod did;
mod entropy;
mod keystore;
mod namespace;
mod platform;
mod replay;
mod revocation;
mod signer;
mod store;

pub use clock::*;
pub use did::*;
pub use entropy::*;
pub use keystore::*;
pub use namespace::*;
pub use platform::*;
pub use replay::*;
pub use revocation::*;
pub use signer::*;
pub use store::*;
