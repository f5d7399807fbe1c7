//! What an answer says of revocations.

use serde::{Serialize, Serializer};

use super::sources::ConsultedSource;
use crate::claim::RevocationTarget;
use crate::identity::Did;

/// A properly signed revocation of a subject of the answer, by a signer without a known right to revoke. It does not count. A
/// reader of the answer may know more: a claim that names the signer as recovery DID may have been left out.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[non_exhaustive]
pub struct UnknownRevocation {
    /// The signer.
    pub by: Did,
    /// The claim or DID that it revokes.
    pub revokes: RevocationTarget,
}

/// The report on revocations in an answer.
#[derive(Debug, Clone, Default)]
pub(in crate::decide) struct RevocationReport {
    pub(in crate::decide) consulted: Vec<ConsultedSource>,
    pub(in crate::decide) unknown: Vec<UnknownRevocation>,
}

/// Writes an empty list where no source was consulted and there is nothing to report.
impl Serialize for RevocationReport {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct RevocationReport<'a> {
            sources: &'a [ConsultedSource],
            unknown: &'a [UnknownRevocation],
        }
        let (sources, unknown) = (&*self.consulted, &*self.unknown);
        if sources.is_empty() && unknown.is_empty() {
            return sources.serialize(serializer);
        }
        RevocationReport { sources, unknown }.serialize(serializer)
    }
}
