//! Chains of links from the key to the namespace.

use std::cmp::{Ordering, Reverse};

use super::decision::{ChainReport, Standing};
use super::grounds::{EvidenceUse, MaturityRange, ReuseConditions};
use super::link::{Link, Ripening};
use crate::Timestamp;
use crate::capability::CapabilitySet;
use crate::evidence::{NamespaceEvidence, ObservedEvidence};
use crate::identity::Origin;
use crate::policy::Policy;

/// A chain while the decision works on it.
#[derive(Debug, Clone)]
pub(super) struct Chain {
    pub(super) links: Vec<Link>,
}

impl Chain {
    pub(super) fn falls_to(&self) -> CapabilitySet {
        self.links
            .iter()
            .fold(CapabilitySet::EMPTY, |set, link| set.union(link.falls_to()))
    }

    /// Returns when everything in the chain is mature, what the chain falls to then, and what must be published for it.
    pub(super) fn ripens(&self) -> Option<Ripening> {
        let ripening = || self.links.iter().filter_map(|link| link.ripens.as_ref());
        let at = ripening().map(|then| then.at).max()?;
        let falls_to = self.links.iter().fold(CapabilitySet::EMPTY, |set, link| {
            set.union(link.falls_to_when_ripe())
        });
        let needs = ripening().find_map(|then| then.needs.clone());
        Some(Ripening {
            at,
            falls_to,
            needs,
        })
    }

    /// Returns the worst standing of the links: a refuted link removes the chain, an undetermined link leaves it undetermined.
    pub(super) fn standing(&self) -> &Standing {
        let standings = || self.links.iter().map(|link| &link.report.standing);
        standings()
            .find(|s| matches!(s, Standing::Refuted(_)))
            .or_else(|| standings().find(|s| matches!(s, Standing::Undetermined(_))))
            .unwrap_or(&Standing::Holds)
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

    /// Returns the conditions of the chain that another policy may judge differently: those of its links, and of the namespace's
    /// evidence.
    pub(super) fn grounds(
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
            seen: links
                .filter_map(|link| link.seen.clone())
                .chain([own])
                .collect(),
        }
    }

    pub(super) fn valid_until(&self) -> Option<Timestamp> {
        self.links.iter().filter_map(|link| link.valid_until).min()
    }

    /// Orders chains that are otherwise equally good: the one that holds longest first, then by their content.
    pub(super) fn order(&self, other: &Self) -> Ordering {
        let lasts = |chain: &Self| Reverse(chain.valid_until());
        let bits = |chain: &Self| chain.falls_to().bits();
        let says = self.links.iter().map(|link| link.report.order_key());
        lasts(self)
            .cmp(&lasts(other))
            .then_with(|| bits(self).cmp(&bits(other)))
            .then_with(|| says.cmp(other.links.iter().map(|link| link.report.order_key())))
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
