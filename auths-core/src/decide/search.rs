//! The search for chains from the key to the namespace, in a bounded number of steps.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::DecisionInput;
use super::chain::Chain;
use super::decision::Standing;
use super::ends::ends;
use super::grounds::MaturityRange;
use super::link::{self, EvaluationContext, Link};
use super::statement::NoStatement;
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
pub(super) fn chains<'a>(
    case: &'a DecisionInput,
    seen: &'a ObservedEvidence<NamespaceEvidence>,
    bench: &EvaluationContext<'a>,
) -> Result<Vec<Chain>, Unavailable> {
    let mut search = Search::over(case, seen, bench);
    let start = [link::signature(&case.claim)];
    search.from(case.claim.did(), &start, &mut Vec::new());
    bench.steps.spent().map_or(Ok(search.found), Err)
}

struct Search<'a, 'b> {
    case: &'a DecisionInput,
    evidence: &'a NamespaceEvidence,
    seen_by: &'a SeenBy,
    bench: &'b EvaluationContext<'a>,
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

impl<'a, 'b> Search<'a, 'b> {
    fn over(
        case: &'a DecisionInput,
        seen: &'a ObservedEvidence<NamespaceEvidence>,
        bench: &'b EvaluationContext<'a>,
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
            bench,
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
            if !self.bench.steps.take() {
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
            if !self.bench.steps.take() {
                return;
            }
            let delegation = &case.delegations[place];
            let owner = delegation.did();
            let signer = |place: &usize| case.delegations[*place].did();
            let seen_before =
                owner == case.claim.did() || path.iter().any(|below| signer(below) == owner);
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
            link::delegation(self.bench, delegation, case.claim.unverified())
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
        let register = &self.bench.register;
        let known = self.revoked.entry((id, above)).or_insert_with(|| {
            let mut who = register.above(above);
            who.dids.push(above);
            register.find_revocation(id, signer, &who)
        });
        known.clone()
    }

    /// Returns the links that lead from `did` to the namespace. They are made once, for any number of delegations to `did`.
    fn endings(&mut self, did: &'a Did) -> Rc<[Vec<Link>]> {
        if let Some(known) = self.endings.get(did) {
            return Rc::clone(known);
        }
        let stated = link::package_statement(self.bench, self.evidence, did);
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
        let (bench, evidence) = (self.bench, self.evidence);
        let account = linked.account();
        let (id, did) = (linked.claim.id(), linked.claim.did());
        let revoked = bench
            .register
            .find_revocation(id, did, &bench.register.above(did));
        let recorded = &self.case.recorded_owners;
        let ends = ends(bench, evidence, account, recorded);
        for link in link::account(bench, linked, Some(&evidence.namespace)) {
            let link = link.unless_revoked(revoked.clone());
            for end in &ends {
                if !bench.steps.take() {
                    return;
                }
                endings.push(vec![link.clone(), end.clone()]);
            }
        }
    }

    /// Returns the position of the other mature and present DIDs on the links from `did` to the namespace. It is determined once,
    /// for any number of ways.
    fn stance(&mut self, did: &'a Did) -> Stance {
        let bench = self.bench;
        let maturity = bench.policy.maturity();
        let Some(view) = &bench.claimed else {
            let unread = match self.evidence.timeline.get() {
                Err(why) if why.reason != UnavailableReason::NotOffered => Err(Obstacle::from(why)),
                _ => Ok(()),
            };
            return Stance {
                consents: Vec::new(),
                against_young: unread.clone(),
                against: unread,
                maturities: MaturityRange::ANY,
            };
        };
        let mut consents: BTreeMap<&Did, Link> = BTreeMap::new();
        view.each_contesting(did, |other| {
            if bench.is_revoked(other) {
                return true;
            }
            let consent = self.consent(other, did);
            consent.is_some_and(|link| consents.insert(other, link).is_none())
        });
        let contest = |is_young| {
            let excused = |other: &Did| consents.contains_key(other) || bench.is_revoked(other);
            let asked = view.contest(did, is_young, excused);
            asked.map_err(Obstacle::from)
        };
        Stance {
            against_young: contest(true),
            against: contest(false),
            maturities: match view.names_nobody_but(did) {
                true => MaturityRange::up_to(maturity),
                false => MaturityRange::only(maturity),
            },
            consents: consents.into_values().collect(),
        }
    }

    /// Returns the delegation by which `other` agrees to the statement of `did`, or to what `did` lets the asker do.
    fn consent(&mut self, other: &'a Did, did: &'a Did) -> Option<Link> {
        let asker = self.case.claim.did();
        let mut given = Vec::new();
        for to in BTreeSet::from([asker, did]) {
            let places = self.delegated_to.get(to).cloned().unwrap_or_default();
            for place in places {
                let delegation = &self.case.delegations[place];
                let reaches = to == asker || delegation.unverified().further;
                if delegation.did() == other && reaches && self.bench.steps.take() {
                    given.push((place, self.delegation(place, &[place])));
                }
            }
        }
        let agrees = |link: &Link| !matches!(link.report.standing, Standing::Refuted(_));
        let standing = given.into_iter().filter(|(_, link)| agrees(link));
        let best = standing.min_by_key(|(place, link)| {
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
        let asked = self.bench.issued.map(IssuedChallenge::challenge);
        let run_for = |link: &Link| asked.is_some() && asked == link.flow_for.as_ref();
        let was_run = asked == self.case.claim.challenge() && ending.iter().any(run_for);
        if was_run && so_far.len() == 1 {
            for first in &mut start {
                first.report.falls_to = CapabilitySet::EMPTY;
            }
        }
        start
    }
}

/// The position of other DIDs on the links from one DID to the namespace: contests and consents.
struct Stance {
    /// The delegations of DIDs that would otherwise contest the links.
    consents: Vec<Link>,
    /// The contest against a chain of nothing but a young statement.
    against_young: Result<(), Obstacle>,
    against: Result<(), Obstacle>,
    /// The maturities under which the position is valid.
    maturities: MaturityRange,
}

impl Stance {
    /// Applies contests to the links of an ending. A DID that contests does so against every link that could be forged with less
    /// than a session of the account. If it delegates instead, its delegation becomes a link of the chain, which then rests on it
    /// too.
    fn on(&self, mut links: Vec<Link>) -> Vec<Link> {
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
fn can_be_contested(links: &[Link]) -> bool {
    let is_refuted = |link: &Link| matches!(link.report.standing, Standing::Refuted(_));
    links.iter().any(Link::is_weaker_than_a_session) && !links.iter().any(is_refuted)
}

impl From<NoStatement> for Obstacle {
    fn from(none: NoStatement) -> Self {
        match none {
            NoStatement::Refuted(refuted) => Self::Refuted(refuted),
            NoStatement::Unavailable(why) => Self::Unavailable(why),
        }
    }
}
