//! Links and chains, as an answer reports them.

use serde::Serialize;

use crate::Timestamp;
use crate::capability::{Capability, CapabilitySet};
use crate::evidence::EvidenceKind;
use crate::identity::Subject;
use crate::reason::{Obstacle, Reason, Refuted, Unavailable};

/// The standing of a link or chain: it holds, is refuted, or is undetermined.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub enum Standing {
    /// The link or chain holds, and falls to its `falls_to`.
    #[serde(rename = "holds")]
    Holds,
    /// The link or chain was refuted. Its `falls_to` is the best case.
    #[serde(rename = "refuted")]
    Refuted(Refuted),
    /// Something that decides about the link or chain could not be read. Its `falls_to` is the best case.
    #[serde(rename = "undetermined")]
    Undetermined(Unavailable),
}

impl From<Obstacle> for Standing {
    fn from(obstacle: Obstacle) -> Self {
        match obstacle {
            Obstacle::Refuted(refuted) => Self::Refuted(refuted),
            Obstacle::Unavailable(why) => Self::Undetermined(why),
        }
    }
}

/// One link, as it is reported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct LinkReport {
    /// The kind of evidence.
    pub kind: EvidenceKind,
    /// The meaning of the evidence, in a sentence, with hidden characters written out. The values themselves are in `stable_ids`.
    pub says: String,
    /// The address that it was read from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The time when it was seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub observed_at: Option<Timestamp>,
    /// The time when it was stated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asserted_at: Option<Timestamp>,
    /// The stable ids in the evidence.
    pub stable_ids: std::collections::BTreeMap<String, String>,
    /// The thing that a capability applies to when it forges this link. For exceptions see [`subject_of`](Self::subject_of).
    pub of: Subject,
    /// The capabilities that apply to something else, such as a token of the package in a link from a repository.
    #[serde(skip)]
    pub(in crate::decide) other_subjects: Vec<(Capability, Subject)>,
    /// The capabilities that the link falls to now. For a link that does not hold, the best case: what it would fall to at least,
    /// had its evidence been as good as it can be.
    pub falls_to: CapabilitySet,
    /// The earliest time when the link will be worth more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ripe_at: Option<Timestamp>,
    /// The release that must be published for that, in which case waiting alone is not enough.
    #[serde(rename = "ripens_by", skip_serializing_if = "Option::is_none")]
    pub missing_release: Option<String>,
    /// The standing of the link.
    pub standing: Standing,
}

impl LinkReport {
    /// Returns the thing that `capability` applies to when it forges this link, usually [`of`](Self::of). If the link leads to a
    /// repository, a token that publishes an attestation is a token of the package, and a recycled name is a name of the account.
    #[must_use]
    pub fn subject_of(&self, capability: Capability) -> &Subject {
        let other = self.other_subjects.iter().find(|(c, _)| *c == capability);
        other.map_or(&self.of, |(_, of)| of)
    }

    /// Returns a key that is equal for links with equal reports.
    pub(in crate::decide) fn order_key(&self) -> impl Ord + use<'_> {
        let standing = match &self.standing {
            Standing::Holds => (0, "", ""),
            Standing::Undetermined(u) => (1, u.reason.name(), u.raw_detail.as_str()),
            Standing::Refuted(r) => (2, r.reason.name(), r.raw_detail.as_str()),
        };
        (
            (self.kind.as_str(), self.says.as_str()),
            (self.source.as_deref(), self.observed_at, self.asserted_at),
            (
                &self.stable_ids,
                (&self.of, &self.other_subjects),
                self.falls_to.bits(),
                standing,
            ),
            (self.ripe_at, self.missing_release.as_deref()),
        )
    }
}

/// One chain, as it is reported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ChainReport {
    /// Its links, from the key to the namespace. Where another DID would contest the chain, and consents by a delegation, that
    /// delegation is a link too. It is a side condition, and stands before the links that it consents to.
    pub links: Vec<LinkReport>,
    /// The capabilities that the chain falls to now: the union of its links. A link that does not hold counts with its best case.
    pub falls_to: CapabilitySet,
    /// The standing of the chain.
    pub standing: Standing,
    /// The time when its statement is mature, if that is in the future.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ripe_at: Option<Timestamp>,
    /// The capabilities that the chain will fall to then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ripe_falls_to: Option<CapabilitySet>,
    /// True where another release must be published for that, because waiting alone is not enough.
    pub needs_release: bool,
}
