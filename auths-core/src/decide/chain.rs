//! Chains of links from the key to the namespace.

use super::Case;
use super::decision::{ChainReport, Standing};
use super::link::{self, Bench, Link, Ripening};
use crate::Timestamp;
use crate::capability::CapabilitySet;
use crate::claim::{Delegation, Signed};
use crate::evidence::{AccountProof, EvidenceKind, LinkedAccount, NamespaceEvidence, SeenBy};
use crate::identity::Did;

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
        self.links.iter().fold(CapabilitySet::EMPTY, |set, link| {
            set.union(link.report.falls_to)
        })
    }

    /// When everything in it is mature, and what it falls to then.
    pub(super) fn ripens(&self) -> Option<Ripening> {
        let ripening = || self.links.iter().filter_map(|link| link.ripens);
        let at = ripening().map(|ripening| ripening.at).max()?;
        let falls_to = self.links.iter().fold(CapabilitySet::EMPTY, |set, link| {
            set.union(
                link.ripens
                    .map_or(link.report.falls_to, |then| then.falls_to),
            )
        });
        let needs_release = ripening().any(|ripening| ripening.needs_release);
        Some(Ripening {
            at,
            falls_to,
            needs_release,
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

    pub(super) fn valid_until(&self) -> Option<Timestamp> {
        self.links.iter().filter_map(|link| link.valid_until).min()
    }

    pub(super) fn report(&self) -> ChainReport {
        let ripens = self.ripens();
        ChainReport {
            links: self.links.iter().map(|link| link.report.clone()).collect(),
            falls_to: self.falls_to(),
            standing: self.standing().clone(),
            ripe_at: ripens.map(|then| then.at),
            ripe_falls_to: ripens.map(|then| then.falls_to),
        }
    }
}

/// Every chain that the case holds, good and bad.
pub(super) fn chains(case: &Case, evidence: &NamespaceEvidence, bench: &Bench<'_>) -> Vec<Chain> {
    let mut found = Vec::new();
    let start = vec![link::signature(&case.claim)];
    let mut builder = Builder {
        case,
        evidence,
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
        let mut above: Vec<Did> = path.iter().map(|d| d.did().clone()).collect();
        above.extend(recovery_dids(self.case, self.bench, delegation.did()));
        let (revocations, keys) = (&self.case.revocations, self.bench.keys);
        // A delegator above may also revoke what the delegate signed.
        let revoked = revocations
            .against(&self.case.claim, &above, keys)
            .and_then(|()| {
                path.iter()
                    .try_for_each(|d| revocations.against(d, &above, keys))
            });
        match revoked {
            Ok(()) => link,
            Err(refuted) => link.standing(Standing::Refuted(refuted)),
        }
    }

    fn direct(&mut self, did: &Did, so_far: &[Link]) {
        let statement = link::package_statement(self.bench, self.evidence, did);
        self.push(so_far, [statement]);
        let case = self.case;
        for linked in case
            .accounts
            .iter()
            .filter(|linked| linked.claim.did() == did)
        {
            self.account(linked, so_far);
        }
    }

    fn account(&mut self, linked: &LinkedAccount, so_far: &[Link]) {
        let (bench, evidence) = (self.bench, self.evidence);
        let account = linked.account();
        let recovery = recovery_dids(self.case, bench, linked.claim.did());
        let revoked = self
            .case
            .revocations
            .against(&linked.claim, &recovery, bench.keys);
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
                repositories
                    .iter()
                    .map(|r| link::repository(bench, evidence, r, account))
                    .filter(fits),
            );
        }
        if let Ok(attested) = evidence.provenance.get() {
            ends.extend(
                attested
                    .iter()
                    .map(|p| link::provenance(bench, evidence, p, account))
                    .filter(fits),
            );
        }
        for mut link in link::account(bench, linked) {
            if let Err(refuted) = &revoked {
                link = link.standing(Standing::Refuted(refuted.clone()));
            }
            let start = self.without_key_if_flow_was_run(linked, &link, so_far);
            for end in &ends {
                self.push(&start, [link.clone(), end.clone()]);
            }
        }
    }

    /// With a device flow that this decision's verifier ran for this very challenge, a stolen device key alone is not
    /// enough: the account's holder was asked again.
    fn without_key_if_flow_was_run(
        &self,
        linked: &LinkedAccount,
        link: &Link,
        so_far: &[Link],
    ) -> Vec<Link> {
        let mut start = so_far.to_vec();
        let challenge = self.case.claim.challenge();
        let is_the_claims = self
            .case
            .issued
            .as_ref()
            .map(crate::claim::IssuedChallenge::challenge)
            == challenge;
        let was_run = linked.evidence.iter().any(|sighting| {
            let proof = &sighting.evidence().proof;
            *sighting.seen_by() == SeenBy::ThisProcess
                && matches!(proof, AccountProof::DeviceFlow { challenge: Some(run) } if Some(run) == challenge)
        });
        if link.report.kind == EvidenceKind::DeviceFlow
            && is_the_claims
            && was_run
            && so_far.len() == 1
        {
            for first in &mut start {
                first.report.falls_to = CapabilitySet::EMPTY;
            }
        }
        start
    }

    fn push<const N: usize>(&mut self, so_far: &[Link], more: [Link; N]) {
        if self.found.len() < MAX_CHAINS {
            let links = so_far.iter().cloned().chain(more).collect();
            self.found.push(Chain { links });
        }
    }
}

/// The DIDs that a DID's own platform claims name for its recovery.
pub(super) fn recovery_dids(case: &Case, bench: &Bench<'_>, did: &Did) -> Vec<Did> {
    let own = case
        .accounts
        .iter()
        .filter(|linked| linked.claim.did() == did);
    own.filter(|linked| linked.claim.check_signature(bench.keys).is_ok())
        .filter_map(|linked| linked.claim.unverified().recovery.clone())
        .collect()
}
