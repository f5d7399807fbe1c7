//! Chains of links from the key to the namespace.

use std::cmp::{Ordering, Reverse};

use super::Case;
use super::decision::{ChainReport, Standing};
use super::grounds::{Grounds, Maturities, Seen};
use super::link::{self, Bench, Link, Ripening};
use crate::Timestamp;
use crate::capability::CapabilitySet;
use crate::claim::{Delegation, IssuedChallenge, Signed};
use crate::evidence::{LinkedAccount, MAX_REPOSITORIES, NamespaceEvidence, SeenBy, Sighting};
use crate::identity::{Did, Origin};
use crate::policy::Policy;

/// How many delegations may follow each other.
const MAX_DELEGATIONS: usize = 4;
/// How many chains are looked at: more than this in one case is an attempt to make deciding slow.
const MAX_CHAINS: usize = 512;

/// A chain as the decision handles it.
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

    /// When everything in it is mature, what it falls to then, and what must be published for it.
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

    /// The worst standing of its links: a refuted one removes it, an undetermined one leaves it open.
    pub(super) fn standing(&self) -> &Standing {
        let standings = || self.links.iter().map(|link| &link.report.standing);
        standings()
            .find(|s| matches!(s, Standing::Refuted(_)))
            .or_else(|| standings().find(|s| matches!(s, Standing::Undetermined(_))))
            .unwrap_or(&Standing::Holds)
    }

    /// What it falls to at best: now, or when its last statement is mature.
    pub(super) fn at_best(&self) -> CapabilitySet {
        self.ripens()
            .map_or_else(|| self.falls_to(), |then| then.falls_to)
    }

    /// The servers that its links were read from, beside the namespace's own.
    pub(super) fn origins(&self) -> impl Iterator<Item = &Origin> {
        self.links.iter().filter_map(|link| link.origin.as_ref())
    }

    /// What another policy may judge otherwise: in its links, and in what was seen of the namespace.
    pub(super) fn grounds(
        &self,
        policy: &Policy,
        namespace: &Sighting<NamespaceEvidence>,
    ) -> Grounds {
        let evidence = namespace.evidence();
        let ecosystem = evidence.namespace.ecosystem();
        let own = Seen::new(namespace, evidence.observed_at, Some(ecosystem));
        let links = self.links.iter();
        Grounds {
            decided: policy.maturity(),
            maturities: links
                .clone()
                .fold(Maturities::ANY, |all, link| all.and(link.maturities)),
            seen: links
                .filter_map(|link| link.seen.clone())
                .chain([own])
                .collect(),
        }
    }

    pub(super) fn valid_until(&self) -> Option<Timestamp> {
        self.links.iter().filter_map(|link| link.valid_until).min()
    }

    /// The order of chains that are otherwise as good as each other: the one that holds longest first, then by what they say.
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

/// Every chain that the case holds, good and bad.
pub(super) fn chains(
    case: &Case,
    seen: &Sighting<NamespaceEvidence>,
    bench: &Bench<'_>,
) -> Vec<Chain> {
    let mut found = Vec::new();
    let start = vec![link::signature(&case.claim)];
    let mut builder = Builder {
        case,
        evidence: seen.evidence(),
        seen_by: seen.seen_by(),
        bench,
        found: &mut found,
    };
    builder.from(case.claim.did(), start, &mut Vec::new());
    found.truncate(MAX_CHAINS);
    found
}

struct Builder<'a, 'f> {
    case: &'a Case,
    evidence: &'a NamespaceEvidence,
    seen_by: &'a SeenBy,
    bench: &'a Bench<'a>,
    found: &'f mut Vec<Chain>,
}

impl<'a> Builder<'a, '_> {
    /// The chains of `did` itself, and those of every DID that delegated to it.
    fn from(&mut self, did: &Did, so_far: Vec<Link>, path: &mut Vec<&'a Signed<Delegation>>) {
        self.direct(did, &so_far);
        if path.len() >= MAX_DELEGATIONS {
            return;
        }
        let case = self.case;
        for delegation in &case.delegations {
            let body = delegation.unverified();
            let owner = delegation.did();
            let seen_before = owner == case.claim.did() || path.iter().any(|d| d.did() == owner);
            // Whoever delegates to a delegator must have allowed it to delegate further.
            let allowed = path.is_empty() || body.further;
            if body.to != *did || seen_before || !allowed || self.found.len() >= MAX_CHAINS {
                continue;
            }
            path.push(delegation);
            let mut links = so_far.clone();
            links.push(self.delegation(delegation, path));
            self.from(owner, links, path);
            path.pop();
        }
    }

    /// One delegation, with every revocation that those above it may have made.
    fn delegation(&self, delegation: &Signed<Delegation>, path: &[&Signed<Delegation>]) -> Link {
        let link = link::delegation(self.bench, delegation, self.case.claim.unverified());
        let register = &self.bench.register;
        let mut above = register.above(delegation.did());
        above.dids.extend(path.iter().map(|d| d.did()));
        // A delegator above may also revoke what the delegate signed.
        let claim = (self.case.claim.id(), self.case.claim.did());
        let below = path.iter().map(|d| (d.id(), d.did()));
        let revoked = std::iter::once(claim)
            .chain(below)
            .try_for_each(|(id, did)| register.against(id, did, &above));
        link.unless_revoked(revoked)
    }

    fn direct(&mut self, did: &Did, so_far: &[Link]) {
        for statement in link::package_statement(self.bench, self.evidence, did) {
            self.push(so_far, None, statement);
        }
        let case = self.case;
        for linked in case
            .accounts
            .iter()
            .filter(|linked| linked.claim.did() == did)
        {
            if self.found.len() >= MAX_CHAINS {
                return;
            }
            self.account(linked, so_far);
        }
    }

    fn account(&mut self, linked: &LinkedAccount, so_far: &[Link]) {
        let (bench, evidence) = (self.bench, self.evidence);
        let account = linked.account();
        let (id, did) = (linked.claim.id(), linked.claim.did());
        let revoked = bench.register.against(id, did, &bench.register.above(did));
        let mut ends = vec![link::ownership(
            bench,
            evidence,
            account,
            &self.case.recorded_owners,
        )];
        // A wrong guess of a publisher's typing is no evidence against: only those that fit make a chain.
        let fits = |link: &Link| link.report.standing == Standing::Holds;
        if let Ok(repositories) = evidence.repositories.get() {
            ends.extend(
                few(repositories)
                    .iter()
                    .map(|r| link::repository(bench, evidence, r, account))
                    .filter(fits),
            );
        }
        if let Ok(attested) = evidence.provenance.get() {
            ends.extend(
                few(attested)
                    .iter()
                    .map(|p| link::provenance(bench, evidence, p, account))
                    .filter(fits),
            );
        }
        for link in link::account(bench, linked, Some(&evidence.namespace)) {
            let link = link.unless_revoked(revoked.clone());
            let start = self.without_key_if_flow_was_run(&link, so_far);
            for end in &ends {
                self.push(&start, Some(&link), end.clone());
            }
        }
    }

    /// With a device flow that this decision's verifier ran for this very challenge, a stolen device key alone is not
    /// enough: the account's holder was asked again.
    fn without_key_if_flow_was_run(&self, link: &Link, so_far: &[Link]) -> Vec<Link> {
        let mut start = so_far.to_vec();
        let asked = self.case.issued.as_ref().map(IssuedChallenge::challenge);
        let was_run = asked.is_some()
            && asked == self.case.claim.challenge()
            && asked == link.flow_for.as_ref();
        if was_run && so_far.len() == 1 {
            for first in &mut start {
                first.report.falls_to = CapabilitySet::EMPTY;
            }
        }
        start
    }

    /// A chain whose last link, `end`, is what was seen of the namespace.
    fn push(&mut self, so_far: &[Link], between: Option<&Link>, end: Link) {
        if self.found.len() < MAX_CHAINS {
            let links = so_far.iter().chain(between).cloned();
            let links = links.chain([end.as_seen_by(self.seen_by)]).collect();
            self.found.push(Chain { links });
        }
    }
}

/// The hints of a package, or none where there are more than count: every account is held against every hint.
fn few<T>(hints: &[T]) -> &[T] {
    if hints.len() > MAX_REPOSITORIES {
        return &[];
    }
    hints
}
