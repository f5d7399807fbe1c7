//! Chains of links from the speaker to the namespace.

use std::cmp::{Ordering, Reverse};

use super::lasting::LastingEvidence;
use super::links::{Link, Ripening};
use super::report::{ChainReport, Standing};
use super::reuse::{EvidenceUse, MaturityRange, ReuseConditions};
use super::verified::MatchedPublisher;
use crate::Timestamp;
use crate::capability::CapabilitySet;
use crate::evidence::{NamespaceEvidence, ObservedEvidence};
use crate::identity::Origin;
use crate::policy::Policy;

/// A chain while the decision works on it.
#[derive(Debug, Clone)]
pub(super) struct Chain {
    pub(super) links: Vec<Link>,
    /// The trusted publisher that it begins at.
    pub(super) publisher: Option<MatchedPublisher>,
}

impl Chain {
    /// Returns what the chain falls to now: the union of its links. Where a link does not hold, it counts with its best case, so
    /// the union is the least that the chain could fall to. Only of a chain that holds it is what the evidence shows.
    pub(super) fn falls_to(&self) -> CapabilitySet {
        self.links
            .iter()
            .fold(CapabilitySet::EMPTY, |set, link| set.union(link.falls_to()))
    }

    /// Returns when everything in the chain is mature, what the chain falls to then, and what must be published for it.
    pub(super) fn ripens(&self) -> Option<Ripening> {
        let at = self.ripenings().map(|then| then.at).max()?;
        let falls_to = self.links.iter().fold(CapabilitySet::EMPTY, |set, link| {
            set.union(link.falls_to_when_ripe())
        });
        let needs = self.ripenings().find_map(|then| then.needs.clone());
        Some(Ripening {
            at,
            falls_to,
            needs,
        })
    }

    fn ripenings(&self) -> impl Iterator<Item = &Ripening> {
        self.links.iter().filter_map(|link| link.ripens.as_ref())
    }

    /// Returns the worst standing of the links: a refuted link removes the chain, an undetermined link leaves it undetermined.
    pub(super) fn standing(&self) -> &Standing {
        let mut worst = &Standing::Holds;
        for link in &self.links {
            match (&link.report.standing, worst) {
                (refuted @ Standing::Refuted(_), _) => return refuted,
                (undetermined @ Standing::Undetermined(_), Standing::Holds) => worst = undetermined,
                _ => {}
            }
        }
        worst
    }

    /// Returns what the chain falls to at best: now, or when its last statement is mature.
    pub(super) fn at_best(&self) -> CapabilitySet {
        self.ripens()
            .map_or_else(|| self.falls_to(), |then| then.falls_to)
    }

    /// Returns the servers that the links were read from, in addition to the namespace's own.
    pub(super) fn origins(&self) -> impl Iterator<Item = &Origin> {
        self.links.iter().filter_map(|link| link.origin.as_ref())
    }

    /// Returns what this process saw in the chain, and that holds for the life of a trusted publisher.
    pub(super) fn lasting(&self) -> Vec<LastingEvidence> {
        let links = self.links.iter();
        links.filter_map(|link| link.lasting.clone()).collect()
    }

    /// Returns the conditions of the chain that another policy may judge differently: those of its links, and of the namespace's
    /// evidence.
    pub(super) fn reuse_conditions(
        &self,
        policy: &Policy,
        namespace: &ObservedEvidence<NamespaceEvidence>,
    ) -> ReuseConditions {
        let evidence = namespace.evidence();
        let ecosystem = evidence.namespace.ecosystem();
        let own = EvidenceUse::new(namespace, evidence.observed_at, Some(ecosystem));
        let links = self.links.iter();
        ReuseConditions {
            decided: policy.maturity(),
            maturities: links
                .clone()
                .fold(MaturityRange::ANY, |all, link| all.and(link.maturities)),
            evidence: links
                .filter_map(|link| link.evidence.clone())
                .chain([own])
                .collect(),
        }
    }

    /// Returns the time until which every link holds. There is one: every chain has the link of the claim's signature, and only
    /// revocations have no expiry.
    pub(super) fn valid_until(&self) -> Option<Timestamp> {
        self.links.iter().filter_map(|link| link.valid_until).min()
    }

    /// Orders chains that are otherwise equally good: the one that holds longest first, then by their content.
    pub(super) fn order(&self, other: &Self) -> Ordering {
        Reverse(self.valid_until())
            .cmp(&Reverse(other.valid_until()))
            .then_with(|| self.falls_to().bits().cmp(&other.falls_to().bits()))
            .then_with(|| {
                let own = self.links.iter().map(|link| link.report.order_key());
                own.cmp(other.links.iter().map(|link| link.report.order_key()))
            })
    }

    pub(super) fn report(&self) -> ChainReport {
        let ripens = self.ripens();
        ChainReport {
            links: self.links.iter().map(|link| link.report.clone()).collect(),
            falls_to: self.falls_to(),
            standing: self.standing().clone(),
            ripe_at: ripens.as_ref().map(|then| then.at),
            ripe_falls_to: ripens.as_ref().map(|then| then.falls_to),
            needs_release: ripens.is_some_and(|then| then.needs.is_some()),
        }
    }
}
