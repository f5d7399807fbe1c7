//! Revocations: the sources that were consulted, and the claims and DIDs that each revocation counts against.

mod index;
mod report;
mod sources;
mod unknown;

pub(in crate::decide) use index::RevocationIndex;
pub(in crate::decide) use report::RevocationReport;
pub use report::UnknownRevocation;
pub use sources::{ConsultedSource, Revocations};
