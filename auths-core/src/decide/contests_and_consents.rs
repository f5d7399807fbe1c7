//! What other DIDs do to the links from one DID to the namespace: contests and consents. `timeline/contest.rs` says when a DID
//! contests another, with an example.

use super::links::Link;
use super::report::Standing;
use super::reuse::MaturityRange;
use crate::reason::Obstacle;

/// The contests of other mature and present DIDs against the links from one DID to the namespace, and their consents.
pub(super) struct ContestsAndConsents {
    /// The delegations of DIDs that would otherwise contest the links.
    pub(super) consents: Vec<Link>,
    /// `Err` where a DID contests a chain of nothing but a young statement, or where that is not known.
    pub(super) against_young: Result<(), Obstacle>,
    /// `Err` where a DID contests any other chain, or where that is not known.
    pub(super) against: Result<(), Obstacle>,
    /// The maturities under which the contests are valid.
    pub(super) maturities: MaturityRange,
}

impl ContestsAndConsents {
    /// Creates the value where there is no timeline that shows contests, which may be an obstacle itself.
    pub(super) fn unread(why: Result<(), Obstacle>) -> Self {
        Self {
            consents: Vec::new(),
            against_young: why.clone(),
            against: why,
            maturities: MaturityRange::ANY,
        }
    }

    /// Applies contests to the links of an ending. A DID that contests does so against every link that could be forged with less
    /// than a session of the account. If it delegates instead, its delegation becomes a link of the chain, which then rests on it
    /// too: a side condition, which stands before the links from the DID to the namespace.
    pub(super) fn applied_to(&self, mut links: Vec<Link>) -> Vec<Link> {
        if !can_be_contested(&links) {
            return links;
        }
        let Some(last) = links.pop() else {
            return links;
        };
        let is_young = links.is_empty() && last.ripens.is_some();
        let uncontested = match is_young {
            true => &self.against_young,
            false => &self.against,
        };
        let last = last.under(self.maturities);
        links.push(last.unless_contested(uncontested.clone()));
        self.consents.iter().cloned().chain(links).collect()
    }
}

/// Returns whether an ending can be contested: it could be forged without a session of the account or a key, and is not refuted
/// anyway.
pub(super) fn can_be_contested(links: &[Link]) -> bool {
    let mut standings = links.iter().map(|link| &link.report.standing);
    links.iter().any(Link::can_be_forged_without_session_or_key)
        && !standings.any(|standing| matches!(standing, Standing::Refuted(_)))
}
