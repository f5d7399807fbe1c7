//! The search for chains from the speaker to the namespace, in a bounded number of steps.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::chain::Chain;
use super::contests_and_consents::{ContestsAndConsents, can_be_contested};
use super::context::EvaluationContext;
use super::input::DecisionInput;
use super::intake::PublisherIntake;
use super::links::{
    Link, account_links, ci_run_links, delegation_link, links_from_account, own_repository_link,
    package_statement_links, recorded_flow_link, recorded_role_link, registry_publisher_links,
    signature_link, trusted_publisher_link,
};
use super::report::Standing;
use super::reuse::MaturityRange;
use super::speaker::{RunProof, SpeakerProof};
use super::timeline::TimelineView;
use super::verified::MatchedPublisher;
use crate::capability::CapabilitySet;
use crate::claim::{Claim, ClaimId, IssuedChallenge, Signed};
use crate::evidence::{LinkedAccount, NamespaceEvidence, ObservedEvidence, SeenBy};
use crate::identity::Did;
use crate::reason::{Obstacle, Unavailable, UnavailableReason};

/// The maximum number of consecutive delegations in a chain.
const MAX_DELEGATIONS: usize = 4;

/// Returns every chain of the input, good and bad.
///
/// The search begins at the DID of the claim, or at each DID that signed a trusted publisher which the run matches, and goes up: from
/// a DID to those that delegated to it. For each DID on the way, the links that lead from it to the namespace end a chain. A run also
/// has chains without a DID: by what the registry attests, and by its repository's owner.
///
/// # Errors
/// [`UnavailableReason::StepBudget`] when the search needs more steps than one decision may take. Then no chain counts.
pub(super) fn find_chains<'a>(
    input: &'a DecisionInput,
    observed: &'a ObservedEvidence<NamespaceEvidence>,
    context: &EvaluationContext<'a>,
) -> Result<Vec<Chain>, Unavailable> {
    let mut search = ChainSearch::over(input, observed, context);
    match &input.speaker {
        SpeakerProof::Key(key) => {
            search.root = Some(ChainRoot::of(&key.claim, false));
            let start = [signature_link(&key.claim)];
            search.search_upwards(key.claim.did(), &start, &mut Vec::new());
        }
        SpeakerProof::Run(run) => search.search_for_run(run),
    }
    context.steps.spent().map_or(Ok(search.found), Err)
}

/// The document at whose signer the search begins.
#[derive(Debug, Clone, Copy)]
struct ChainRoot<'a> {
    id: &'a ClaimId,
    did: &'a Did,
    /// True where its signer passes a right on, so that a delegation to it must allow further delegation.
    passes_on: bool,
}

impl<'a> ChainRoot<'a> {
    fn of<C: Claim>(signed: &'a Signed<C>, passes_on: bool) -> Self {
        Self {
            id: signed.id(),
            did: signed.did(),
            passes_on,
        }
    }
}

/// The links that lead from one DID to the namespace, one list for each way.
type Endings = Rc<[Vec<Link>]>;

struct ChainSearch<'a, 'b> {
    input: &'a DecisionInput,
    evidence: &'a NamespaceEvidence,
    seen_by: &'a SeenBy,
    context: &'b EvaluationContext<'a>,
    /// The document that is followed at present; `None` for chains of a run that begin at none.
    root: Option<ChainRoot<'a>>,
    /// The trusted publisher that is followed at present.
    publisher: Option<MatchedPublisher>,
    /// The trusted publishers that the run matches: by signer, the link of each.
    publishers: Vec<(&'a Did, Link)>,
    accounts: BTreeMap<&'a Did, Vec<&'a LinkedAccount>>,
    /// The positions of the delegations to each DID.
    delegated_to: BTreeMap<&'a Did, Vec<usize>>,
    /// The link of each delegation, before the check whether somebody above revoked it.
    delegations: Vec<Option<Link>>,
    /// Cached results of the check whether a delegator, or a recovery DID of it, revoked a claim.
    revoked: BTreeMap<(&'a ClaimId, &'a Did), Result<(), Obstacle>>,
    /// The links that lead from each DID to the namespace, for each root: others consent to its signer, and may have revoked it.
    endings: BTreeMap<(Option<&'a ClaimId>, &'a Did), Endings>,
    found: Vec<Chain>,
}

impl<'a, 'b> ChainSearch<'a, 'b> {
    fn over(
        input: &'a DecisionInput,
        observed: &'a ObservedEvidence<NamespaceEvidence>,
        context: &'b EvaluationContext<'a>,
    ) -> Self {
        let mut accounts: BTreeMap<&Did, Vec<&LinkedAccount>> = BTreeMap::new();
        for linked in &input.accounts {
            accounts.entry(linked.claim.did()).or_default().push(linked);
        }
        let mut delegated_to: BTreeMap<&Did, Vec<usize>> = BTreeMap::new();
        for (place, delegation) in input.delegations.iter().enumerate() {
            let to = &delegation.unverified().to;
            delegated_to.entry(to).or_default().push(place);
        }
        Self {
            input,
            evidence: observed.evidence(),
            seen_by: observed.seen_by(),
            context,
            root: None,
            publisher: None,
            publishers: Vec::new(),
            accounts,
            delegated_to,
            delegations: vec![None; input.delegations.len()],
            revoked: BTreeMap::new(),
            endings: BTreeMap::new(),
            found: Vec::new(),
        }
    }

    /// Adds the chains of a run.
    fn search_for_run(&mut self, run: &'a RunProof) {
        let (context, evidence) = (self.context, self.evidence);
        let mut found = Vec::new();
        for (publisher, matched) in run.matching() {
            if !context.steps.take() {
                return;
            }
            let link = trusted_publisher_link(context, publisher);
            self.publishers.push((publisher.did(), link.clone()));
            found.push((publisher, matched, link));
        }
        for (publisher, matched, link) in found {
            self.root = Some(ChainRoot::of(publisher, true));
            self.publisher = Some(MatchedPublisher {
                claim: publisher.id().clone(),
                signer: publisher.did().clone(),
                signed_at: publisher.created(),
                names_namespace: publisher.unverified().namespaces.contains(&run.namespace),
            });
            let mut start = ci_run_links(context, run, &publisher.unverified().publisher, &matched);
            start.push(link);
            self.search_upwards(publisher.did(), &start, &mut Vec::new());
        }
        (self.root, self.publisher) = (None, None);
        let direct = registry_publisher_links(context, evidence, run)
            .into_iter()
            .chain(own_repository_link(context, evidence, run));
        for link in direct {
            if !context.steps.take() {
                return;
            }
            let link = link.on_the_word_of(self.seen_by);
            let links = match can_be_contested(std::slice::from_ref(&link)) {
                true => self.contests_against_run().applied_to(vec![link]),
                false => vec![link],
            };
            let publisher = None;
            self.found.push(Chain { links, publisher });
        }
    }

    /// Adds the chains of `did` itself, and those of every DID that delegated to it. `path` has the positions of the delegations
    /// from the root's DID up to `did`, and `so_far` the links before theirs: that of the claim's signature, or those of a run.
    fn search_upwards(&mut self, did: &'a Did, so_far: &[Link], path: &mut Vec<usize>) {
        for ending in self.endings(did).iter() {
            if !self.context.steps.take() {
                return;
            }
            let start = self.without_key_if_flow_was_run(ending, so_far);
            let links = start.into_iter().chain(ending.iter().cloned()).collect();
            let publisher = self.publisher.clone();
            self.found.push(Chain { links, publisher });
        }
        if path.len() >= MAX_DELEGATIONS {
            return;
        }
        let (input, root) = (self.input, self.root);
        for place in self.delegated_to.get(did).cloned().unwrap_or_default() {
            if !self.context.steps.take() {
                return;
            }
            let delegation = &input.delegations[place];
            let owner = delegation.did();
            let seen_before = root.is_some_and(|root| root.did == owner)
                || path
                    .iter()
                    .any(|below| input.delegations[*below].did() == owner);
            // A delegation to somebody who passes the right on, by a delegation or a trusted publisher, must allow that. One that
            // does not leads nowhere, as if it were not there: its signer never agreed to anything that the speaker does. A chain over it could only be refuted, and would
            // show the accounts and statements of a DID that has nothing to do with the speaker.
            let passes_on = !path.is_empty() || root.is_some_and(|root| root.passes_on);
            let allowed = !passes_on || delegation.unverified().further;
            if seen_before || !allowed {
                continue;
            }
            path.push(place);
            let mut links = so_far.to_vec();
            links.push(self.delegation_on(path, place));
            self.search_upwards(owner, &links, path);
            path.pop();
        }
    }

    /// Returns the link of the delegation at `place`, the last one of `path_with_self`. Its signer stands above everything that is
    /// signed on the path: the claim or trusted publisher, the delegations below, and this delegation itself. So its revocations of all of these are
    /// applied.
    fn delegation_on(&mut self, path_with_self: &[usize], place: usize) -> Link {
        let input = self.input;
        let delegation = &input.delegations[place];
        let above = delegation.did();
        let root = self.root.map(|root| (root.id, root.did));
        let delegations = path_with_self.iter().map(|place| {
            let delegation = &input.delegations[*place];
            (delegation.id(), delegation.did())
        });
        let mut revoked = Ok(());
        for (id, signer) in root.into_iter().chain(delegations) {
            if revoked.is_ok() {
                revoked = self.revoked_by(above, id, signer);
            }
        }
        let link = self.delegations[place]
            .get_or_insert_with(|| delegation_link(self.context, delegation, &input.speaker));
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
            let mut who = revocations.others_who_may_revoke(above);
            who.dids.push(above);
            revocations.ensure_not_revoked(id, signer, &who)
        });
        known.clone()
    }

    /// Returns the links that lead from `did` to the namespace. They are made once, for any number of delegations to `did`.
    fn endings(&mut self, did: &'a Did) -> Endings {
        let key = (self.root.map(|root| root.id), did);
        if let Some(known) = self.endings.get(&key) {
            return Rc::clone(known);
        }
        let stated = package_statement_links(self.context, self.evidence, did);
        let mut endings: Vec<_> = stated.into_iter().map(|link| vec![link]).collect();
        for linked in self.accounts.get(did).cloned().unwrap_or_default() {
            self.add_endings_by_account(linked, &mut endings);
        }
        if endings.iter().any(|links| can_be_contested(links)) {
            let others = self.contests_and_consents(did);
            endings = endings
                .into_iter()
                .map(|links| others.applied_to(links))
                .collect();
        }
        // The last link of each ending rests on the evidence about the namespace.
        for links in &mut endings {
            let last = links.pop();
            links.extend(last.map(|last| last.on_the_word_of(self.seen_by)));
        }
        let made: Endings = endings.into();
        self.endings.insert(key, Rc::clone(&made));
        made
    }

    /// Adds the ways from the DID of a linked account by that account to the namespace.
    fn add_endings_by_account(&self, linked: &LinkedAccount, endings: &mut Vec<Vec<Link>>) {
        let (context, evidence) = (self.context, self.evidence);
        let (id, did) = (linked.claim.id(), linked.claim.did());
        let revocations = context.revocations();
        let revoked =
            revocations.ensure_not_revoked(id, did, &revocations.others_who_may_revoke(did));
        let recorded = &self.input.recorded_owners;
        let mut ends = links_from_account(context, evidence, linked.account(), recorded);
        let mut starts = account_links(context, linked, Some(&evidence.namespace));
        if let Some(intake) = self.intake() {
            let role = recorded_role_link(context, evidence, intake, linked.account());
            // What is read now goes first. A recorded role stands in for one that could not be read.
            let is_unread = matches!(ends[0].report.standing, Standing::Undetermined(_));
            ends.extend(role.filter(|_| is_unread));
            // The first link is the claim of the account. A flow says nothing without it.
            let is_claimed = starts[0].report.standing == Standing::Holds;
            starts.extend(recorded_flow_link(intake, linked).filter(|_| is_claimed));
        }
        for link in starts {
            let link = link.unless_revoked(revoked.clone());
            for end in &ends {
                if !context.steps.take() {
                    return;
                }
                endings.push(vec![link.clone(), end.clone()]);
            }
        }
    }

    /// Returns what was seen when the trusted publisher that is followed at present was taken in.
    fn intake(&self) -> Option<&'a PublisherIntake> {
        match &self.input.speaker {
            SpeakerProof::Run(run) => run.intake(self.root?.id),
            SpeakerProof::Key(_) => None,
        }
    }

    /// Returns the contests of other mature and present DIDs against what leads from `did` to the namespace, and their consents.
    /// They are determined once, for any number of ways.
    fn contests_and_consents(&mut self, did: &'a Did) -> ContestsAndConsents {
        let context = self.context;
        let Some(view) = &context.claimed_timeline else {
            return self.unread_contests();
        };
        let mut consents: BTreeMap<&Did, Link> = BTreeMap::new();
        for other in view.contesting(Some(did)) {
            if context.revocations().is_revoked(other) {
                continue;
            }
            // One that does not agree contests, whatever the others do: their consents change nothing then.
            let Some(consent) = self.consent(other, did) else {
                break;
            };
            consents.insert(other, consent);
        }
        let maturity = context.maturity();
        ContestsAndConsents {
            against_young: ensure_uncontested(context, view, Some(did), true, &consents),
            against: ensure_uncontested(context, view, Some(did), false, &consents),
            maturities: match view.names_nobody_but(did) {
                true => MaturityRange::up_to(maturity),
                false => MaturityRange::only(maturity),
            },
            consents: consents.into_values().collect(),
        }
    }

    /// Returns the contests of mature and present DIDs against what leads from a run to the namespace without a DID. Such a DID
    /// consents by a trusted publisher that the run matches.
    fn contests_against_run(&self) -> ContestsAndConsents {
        let context = self.context;
        let Some(view) = &context.claimed_timeline else {
            return self.unread_contests();
        };
        let mut consents: BTreeMap<&Did, Link> = BTreeMap::new();
        for other in view.contesting(None) {
            if context.revocations().is_revoked(other) {
                continue;
            }
            let Some(consent) = self.consent_to_run(other) else {
                break;
            };
            consents.insert(other, consent);
        }
        let contests = ensure_uncontested(context, view, None, false, &consents);
        ContestsAndConsents {
            against_young: contests.clone(),
            against: contests,
            maturities: MaturityRange::only(context.maturity()),
            consents: consents.into_values().collect(),
        }
    }

    fn unread_contests(&self) -> ContestsAndConsents {
        ContestsAndConsents::unread(match self.evidence.timeline.get() {
            Err(why) if why.reason != UnavailableReason::NotOffered => Err(why.into()),
            _ => Ok(()),
        })
    }

    /// Returns the trusted publisher by which `other` agrees to what the run does: one that holds, before one that may.
    fn consent_to_run(&self, other: &Did) -> Option<Link> {
        let own = self.publishers.iter().filter(|(did, _)| *did == other);
        let given = own.map(|(_, link)| link);
        let given = given.filter(|link| !matches!(link.report.standing, Standing::Refuted(_)));
        let best = given.min_by_key(|link| {
            let holds = link.report.standing == Standing::Holds;
            (!holds, Reverse(link.valid_until))
        });
        best.cloned()
    }

    /// Returns the document by which `other` agrees to the statement of `did`, or to what `did` lets the speaker do: the best of
    /// those that are not refuted. It may be a delegation to the root's DID itself, or one to `did` that allows further
    /// delegation; for a run, also a trusted publisher that the run matches.
    fn consent(&mut self, other: &'a Did, did: &'a Did) -> Option<Link> {
        if let Some(publisher) = self.consent_to_run(other) {
            return Some(publisher);
        }
        let root = self.root?;
        let claimant = root.did;
        let mut given = Vec::new();
        for to in BTreeSet::from([claimant, did]) {
            let places = self.delegated_to.get(to).cloned().unwrap_or_default();
            for place in places {
                let delegation = &self.input.delegations[place];
                let ends_here = to == claimant && !root.passes_on;
                let reaches = ends_here || delegation.unverified().further;
                if delegation.did() == other && reaches && self.context.steps.take() {
                    given.push((place, self.delegation_on(&[place], place)));
                }
            }
        }
        given.retain(|(_, link)| !matches!(link.report.standing, Standing::Refuted(_)));
        let best = given.into_iter().min_by_key(|(place, link)| {
            let holds = link.report.standing == Standing::Holds;
            let id = self.input.delegations[*place].id().to_string();
            // Every delegation expires, so the one that lasts longest comes first. (`None`, for never, would come last.)
            (!holds, Reverse(link.valid_until), id)
        });
        best.map(|(_, link)| link)
    }

    /// Removes the device key from what the chain falls to, if this decision's verifier ran a device flow for exactly this
    /// challenge. A stolen device key alone is then not enough, because the account's holder was asked again.
    ///
    /// Only where `so_far` is the claim's signature alone. With a delegation, it is the delegator's account whose holder approved,
    /// and that says nothing of who holds the delegate's key.
    fn without_key_if_flow_was_run(&self, ending: &[Link], so_far: &[Link]) -> Vec<Link> {
        let mut start = so_far.to_vec();
        let issued = self.context.issued.map(IssuedChallenge::challenge);
        let answered = self.input.claim().and_then(Signed::challenge);
        let was_run = issued.is_some()
            && issued == answered
            && ending.iter().any(|link| link.flow_for.as_ref() == issued);
        if let [signature] = start.as_mut_slice()
            && was_run
        {
            signature.report.falls_to = CapabilitySet::EMPTY;
        }
        start
    }
}

/// Checks that no DID contests what leads from `did` to the package, leaving out those that consent or were revoked.
fn ensure_uncontested(
    context: &EvaluationContext<'_>,
    view: &TimelineView<'_>,
    did: Option<&Did>,
    is_young: bool,
    consents: &BTreeMap<&Did, Link>,
) -> Result<(), Obstacle> {
    let uncontested = view.ensure_uncontested(did, is_young, |other| {
        consents.contains_key(other) || context.revocations().is_revoked(other)
    });
    uncontested.map_err(Obstacle::from)
}
