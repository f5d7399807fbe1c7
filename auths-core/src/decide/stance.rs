//! The position of other DIDs on the links from one DID to the namespace: contests and consents.

use super::links::Link;
use super::report::Standing;
use super::reuse::MaturityRange;
use crate::reason::Obstacle;

/// The position of other mature and present DIDs on the links from one DID to the namespace.
pub(super) struct Stance {
    /// The delegations of DIDs that would otherwise contest the links.
    pub(super) consents: Vec<Link>,
    /// The contest against a chain of nothing but a young statement.
    pub(super) against_young: Result<(), Obstacle>,
    pub(super) against: Result<(), Obstacle>,
    /// The maturities under which the position is valid.
    pub(super) maturities: MaturityRange,
}

impl Stance {
    /// Creates the stance where there is no timeline to read one from, which may be an obstacle itself.
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
    /// too.
    pub(super) fn on(&self, mut links: Vec<Link>) -> Vec<Link> {
        if !can_be_contested(&links) {
            return links;
        }
        let Some(last) = links.pop() else {
            return links;
        };
        let is_young = links.is_empty() && last.ripens.is_some();
        let asked = match is_young {
            true => &self.against_young,
            false => &self.against,
        };
        let last = last.under(self.maturities);
        links.push(last.unless_contested(asked.clone()));
        self.consents.iter().cloned().chain(links).collect()
    }
}

/// Returns whether an ending can be contested: it could be forged with less than a session of the account, and is not refuted
/// anyway.
pub(super) fn can_be_contested(links: &[Link]) -> bool {
    let mut standings = links.iter().map(|link| &link.report.standing);
    links.iter().any(Link::is_weaker_than_a_session)
        && !standings.any(|standing| matches!(standing, Standing::Refuted(_)))
}
