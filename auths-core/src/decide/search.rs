//! The search for chains from the key to the namespace, in a bounded number of steps.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::chain::Chain;
use super::context::EvaluationContext;
use super::input::DecisionInput;
use super::links::{
    Link, account as account_links, delegation as delegation_link, links_from_account,
    package_statement, signature,
};
use super::report::Standing;
use super::reuse::MaturityRange;
use super::stance::{Stance, can_be_contested};
use super::timeline::TimelineView;
use crate::capability::CapabilitySet;
use crate::claim::{ClaimId, IssuedChallenge};
use crate::evidence::{LinkedAccount, NamespaceEvidence, ObservedEvidence, SeenBy};
use crate::identity::Did;
use crate::reason::{Obstacle, Unavailable, UnavailableReason};

/// The maximum number of consecutive delegations in a chain.
const MAX_DELEGATIONS: usize = 4;

/// Returns every chain of the case, good and bad.
///
/// # Errors
/// [`UnavailableReason::StepBudget`] when the search needs more steps than one decision may take. Then no chain counts.
pub(super) fn find_chains<'a>(
    case: &'a DecisionInput,
    seen: &'a ObservedEvidence<NamespaceEvidence>,
    context: &EvaluationContext<'a>,
) -> Result<Vec<Chain>, Unavailable> {
    let mut search = ChainSearch::over(case, seen, context);
    let start = [signature(&case.claim)];
    search.from(case.claim.did(), &start, &mut Vec::new());
    context.steps.spent().map_or(Ok(search.found), Err)
}

struct ChainSearch<'a, 'b> {
    case: &'a DecisionInput,
    evidence: &'a NamespaceEvidence,
    seen_by: &'a SeenBy,
    context: &'b EvaluationContext<'a>,
    accounts: BTreeMap<&'a Did, Vec<&'a LinkedAccount>>,
    /// The positions of the delegations to each DID.
    delegated_to: BTreeMap<&'a Did, Vec<usize>>,
    /// The link of each delegation, before the check whether somebody above revoked it.
    delegations: Vec<Option<Link>>,
    /// Cached results of the check whether a delegator, or a recovery DID of it, revoked a claim.
    revoked: BTreeMap<(&'a ClaimId, &'a Did), Result<(), Obstacle>>,
    /// The links that lead from each DID to the namespace.
    endings: BTreeMap<&'a Did, Rc<[Vec<Link>]>>,
    found: Vec<Chain>,
}

impl<'a, 'b> ChainSearch<'a, 'b> {
    fn over(
        case: &'a DecisionInput,
        seen: &'a ObservedEvidence<NamespaceEvidence>,
        context: &'b EvaluationContext<'a>,
    ) -> Self {
        let mut accounts: BTreeMap<&Did, Vec<&LinkedAccount>> = BTreeMap::new();
        for linked in &case.accounts {
            accounts.entry(linked.claim.did()).or_default().push(linked);
        }
        let mut delegated_to: BTreeMap<&Did, Vec<usize>> = BTreeMap::new();
        for (place, delegation) in case.delegations.iter().enumerate() {
            let to = &delegation.unverified().to;
            delegated_to.entry(to).or_default().push(place);
        }
        Self {
            case,
            evidence: seen.evidence(),
            seen_by: seen.seen_by(),
            context,
            accounts,
            delegated_to,
            delegations: vec![None; case.delegations.len()],
            revoked: BTreeMap::new(),
            endings: BTreeMap::new(),
            found: Vec::new(),
        }
    }

    /// Adds the chains of `did` itself, and those of every DID that delegated to it.
    fn from(&mut self, did: &'a Did, so_far: &[Link], path: &mut Vec<usize>) {
        for ending in self.endings(did).iter() {
            if !self.context.steps.take() {
                return;
            }
            let start = self.without_key_if_flow_was_run(ending, so_far);
            let links = start.into_iter().chain(ending.iter().cloned()).collect();
            self.found.push(Chain { links });
        }
        if path.len() >= MAX_DELEGATIONS {
            return;
        }
        let case = self.case;
        for place in self.delegated_to.get(did).cloned().unwrap_or_default() {
            if !self.context.steps.take() {
                return;
            }
            let delegation = &case.delegations[place];
            let owner = delegation.did();
            let seen_before = owner == case.claim.did()
                || path
                    .iter()
                    .any(|below| case.delegations[*below].did() == owner);
            // A delegation to a delegator must allow further delegation.
            let allowed = path.is_empty() || delegation.unverified().further;
            if seen_before || !allowed {
                continue;
            }
            path.push(place);
            let mut links = so_far.to_vec();
            links.push(self.delegation(place, path));
            self.from(owner, &links, path);
            path.pop();
        }
    }

    /// Returns the link of one delegation. Its signer stands above everything signed below, so its revocations of that are
    /// applied.
    fn delegation(&mut self, place: usize, below: &[usize]) -> Link {
        let case = self.case;
        let delegation = &case.delegations[place];
        let above = delegation.did();
        let claim = (case.claim.id(), case.claim.did());
        let signed_below = below.iter().map(|place| {
            let below = &case.delegations[*place];
            (below.id(), below.did())
        });
        let mut revoked = Ok(());
        for (id, signer) in std::iter::once(claim).chain(signed_below) {
            if revoked.is_ok() {
                revoked = self.revoked_by(above, id, signer);
            }
        }
        let link = self.delegations[place].get_or_insert_with(|| {
            delegation_link(self.context, delegation, case.claim.unverified())
        });
        link.clone().unless_revoked(revoked)
    }

    /// Checks that the claim `id` of `signer` was not revoked by `above`, by a recovery DID of `above`, or by the signer itself.
    fn revoked_by(
        &mut self,
        above: &'a Did,
        id: &'a ClaimId,
        signer: &'a Did,
    ) -> Result<(), Obstacle> {
        let revocations = self.context.revocations();
        let known = self.revoked.entry((id, above)).or_insert_with(|| {
            let mut who = revocations.above(above);
            who.dids.push(above);
            revocations.find_revocation(id, signer, &who)
        });
        known.clone()
    }

    /// Returns the links that lead from `did` to the namespace. They are made once, for any number of delegations to `did`.
    fn endings(&mut self, did: &'a Did) -> Rc<[Vec<Link>]> {
        if let Some(known) = self.endings.get(did) {
            return Rc::clone(known);
        }
        let stated = package_statement(self.context, self.evidence, did);
        let mut endings: Vec<_> = stated.into_iter().map(|link| vec![link]).collect();
        for linked in self.accounts.get(did).cloned().unwrap_or_default() {
            self.account(linked, &mut endings);
        }
        if endings.iter().any(|links| can_be_contested(links)) {
            let stance = self.stance(did);
            endings = endings.into_iter().map(|links| stance.on(links)).collect();
        }
        // The last link of each ending rests on the evidence about the namespace.
        for links in &mut endings {
            let last = links.pop();
            links.extend(last.map(|last| last.on_the_word_of(self.seen_by)));
        }
        let made: Rc<[_]> = endings.into();
        self.endings.insert(did, Rc::clone(&made));
        made
    }

    fn account(&self, linked: &LinkedAccount, endings: &mut Vec<Vec<Link>>) {
        let (context, evidence) = (self.context, self.evidence);
        let (id, did) = (linked.claim.id(), linked.claim.did());
        let revocations = context.revocations();
        let revoked = revocations.find_revocation(id, did, &revocations.above(did));
        let recorded = &self.case.recorded_owners;
        let ends = links_from_account(context, evidence, linked.account(), recorded);
        for link in account_links(context, linked, Some(&evidence.namespace)) {
            let link = link.unless_revoked(revoked.clone());
            for end in &ends {
                if !context.steps.take() {
                    return;
                }
                endings.push(vec![link.clone(), end.clone()]);
            }
        }
    }

    /// Returns the position of the other mature and present DIDs on the links from `did` to the namespace. It is determined once,
    /// for any number of ways.
    fn stance(&mut self, did: &'a Did) -> Stance {
        let context = self.context;
        let Some(view) = &context.claimed else {
            return Stance::unread(match self.evidence.timeline.get() {
                Err(why) if why.reason != UnavailableReason::NotOffered => Err(why.into()),
                _ => Ok(()),
            });
        };
        let mut consents: BTreeMap<&Did, Link> = BTreeMap::new();
        view.each_contesting(did, |other| {
            if context.revocations().is_revoked(other) {
                return true;
            }
            let consent = self.consent(other, did);
            consent.is_some_and(|link| consents.insert(other, link).is_none())
        });
        let maturity = context.maturity();
        Stance {
            against_young: contest(context, view, did, true, &consents),
            against: contest(context, view, did, false, &consents),
            maturities: match view.names_nobody_but(did) {
                true => MaturityRange::up_to(maturity),
                false => MaturityRange::only(maturity),
            },
            consents: consents.into_values().collect(),
        }
    }

    /// Returns the delegation by which `other` agrees to the statement of `did`, or to what `did` lets the asker do: the best of
    /// those that are not refuted.
    fn consent(&mut self, other: &'a Did, did: &'a Did) -> Option<Link> {
        let asker = self.case.claim.did();
        let mut given = Vec::new();
        for to in BTreeSet::from([asker, did]) {
            let places = self.delegated_to.get(to).cloned().unwrap_or_default();
            for place in places {
                let delegation = &self.case.delegations[place];
                let reaches = to == asker || delegation.unverified().further;
                if delegation.did() == other && reaches && self.context.steps.take() {
                    given.push((place, self.delegation(place, &[place])));
                }
            }
        }
        given.retain(|(_, link)| !matches!(link.report.standing, Standing::Refuted(_)));
        let best = given.into_iter().min_by_key(|(place, link)| {
            let holds = link.report.standing == Standing::Holds;
            let id = self.case.delegations[*place].id().to_string();
            (!holds, Reverse(link.valid_until), id)
        });
        best.map(|(_, link)| link)
    }

    /// Removes the device key from what the chain falls to, if this decision's verifier ran a device flow for exactly this
    /// challenge. A stolen device key alone is then not enough, because the account's holder was asked again.
    fn without_key_if_flow_was_run(&self, ending: &[Link], so_far: &[Link]) -> Vec<Link> {
        let mut start = so_far.to_vec();
        let asked = self.context.issued.map(IssuedChallenge::challenge);
        let was_run = asked.is_some()
            && asked == self.case.claim.challenge()
            && ending.iter().any(|link| link.flow_for.as_ref() == asked);
        if was_run && so_far.len() == 1 {
            for first in &mut start {
                first.report.falls_to = CapabilitySet::EMPTY;
            }
        }
        start
    }
}

/// Checks that no DID contests what leads from `did` to the package, leaving out those that consent or were revoked.
fn contest(
    context: &EvaluationContext<'_>,
    view: &TimelineView<'_>,
    did: &Did,
    is_young: bool,
    consents: &BTreeMap<&Did, Link>,
) -> Result<(), Obstacle> {
    let contested = view.contest(did, is_young, |other| {
        consents.contains_key(other) || context.revocations().is_revoked(other)
    });
    contested.map_err(Obstacle::from)
}
