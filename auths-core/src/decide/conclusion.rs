//! The rule of the four answers: from the chains of an input to one of them. [`pick_answer`] has the order in which they apply.

use std::cmp::Reverse;

use super::chain::Chain;
use super::input::DecisionInput;
use super::links::{Link, Ripening};
use super::report::Standing;
use super::speaker::{RunProof, SpeakerProof};
use crate::Timestamp;
use crate::capability::{Capability, CapabilitySet};
use crate::ci::find_matching_rule;
use crate::claim::Signed;
use crate::policy::Policy;
use crate::reason::{Refuted, RefutedReason, Unavailable};

/// Sorts the best chain first, in a total order: the order in which a verifier gathered things does not change the answer.
pub(super) fn in_order(chains: Vec<Chain>, input: &DecisionInput, policy: &Policy) -> Vec<Chain> {
    let is_run = matches!(input.speaker, SpeakerProof::Run(_));
    let mut ranked: Vec<_> = chains
        .into_iter()
        .map(|chain| {
            let first = is_run.then(|| rank_for_pin(&chain));
            let (class, size) = rank(&chain, policy);
            ((class, first, size), chain)
        })
        .collect();
    ranked.sort_by(|(rank_a, a), (rank_b, b)| rank_a.cmp(rank_b).then_with(|| a.order(b)));
    ranked.into_iter().map(|(_, chain)| chain).collect()
}

/// Returns the rank of a chain in the report: accepted ones first, then those that will be once they are mature, then undetermined
/// ones, then those that hold and are too weak, then refuted ones; within each, the fewest capabilities first.
///
/// This is not the order of [`pick_answer`], by which one undetermined chain goes before all that would be pending: the report
/// shows what holds before what is not known.
fn rank(chain: &Chain, policy: &Policy) -> (u8, u32) {
    let now = chain.falls_to();
    let class = match chain.standing() {
        Standing::Holds if policy.accepts(now) => 0,
        Standing::Holds
            if chain
                .ripens()
                .is_some_and(|then| policy.accepts(then.falls_to)) =>
        {
            1
        }
        Standing::Undetermined(_) => 2,
        Standing::Holds => 3,
        Standing::Refuted(_) => 4,
    };
    (class, now.len())
}

/// Returns the rank of a run's chain by what it is worth against a pin, before its size: one that does not fall to `collaborator`
/// first, then one by a trusted publisher that names the package itself, then the one that was signed last.
fn rank_for_pin(chain: &Chain) -> (bool, bool, Reverse<Option<Timestamp>>) {
    let named = chain.publisher.as_ref().filter(|one| one.names_namespace);
    (
        chain.falls_to().contains(Capability::Collaborator),
        named.is_none(),
        Reverse(named.map(|one| one.signed_at)),
    )
}

/// One of the four answers, with what it rests on.
pub(super) enum Conclusion<'a> {
    /// The chain that is accepted.
    Accepted(&'a Chain),
    /// The chain that will be accepted, and when.
    Pending(&'a Chain, Ripening),
    /// What could not be read; and the chain that is or will be accepted, where nothing is missing but a source of revocations.
    Undetermined(Option<&'a Chain>, Unavailable),
    /// The chain that comes closest, if any, and why it does not suffice: the best one that holds; where none does, an
    /// undetermined one that is too weak by those of its links that hold.
    Denied(Option<&'a Chain>, Refuted),
}

/// Picks the answer from chains that are sorted best first. It is the first of these that applies:
///
/// 1. undetermined, if a chain is accepted and a source of revocations was not read;
/// 2. accepted, if a chain is accepted;
/// 3. undetermined, if a chain is undetermined and would be accepted in the best case;
/// 4. undetermined, if something was not read that is in no chain;
/// 5. pending, if a chain will be accepted once it is mature; undetermined, if also a source of revocations was not read;
/// 6. denied.
pub(super) fn pick_answer<'a>(
    chains: &'a [Chain],
    input: &DecisionInput,
    policy: &Policy,
) -> Conclusion<'a> {
    let accepted = holding(chains).find(|chain| policy.accepts(chain.falls_to()));
    // An unread source of revocations could only have said no.
    if let (Some(chain), Some(unread)) = (accepted, input.revocations.unread()) {
        return Conclusion::Undetermined(Some(chain), unread);
    }
    if let Some(chain) = accepted {
        return Conclusion::Accepted(chain);
    }
    // Unread evidence might have been a yes, but only if its best case would be good enough.
    let open = chains.iter().find_map(|chain| match chain.standing() {
        Standing::Undetermined(why) if policy.accepts(chain.at_best()) => Some(why.clone()),
        _ => None,
    });
    if let Some(why) = open {
        return Conclusion::Undetermined(None, why);
    }
    // What failed before there was a link, such as the list of a DID's accounts, has no best case: anything might have been in it.
    if let Some(why) = input.first_unread() {
        return Conclusion::Undetermined(None, why.clone());
    }
    let pending = holding(chains)
        .filter_map(|chain| Some((chain, chain.ripens()?)))
        .filter(|(_, then)| policy.accepts(then.falls_to))
        .min_by_key(|(_, then)| (then.needs.is_some(), then.at));
    if let Some((chain, then)) = pending {
        return match input.revocations.unread() {
            Some(unread) => Conclusion::Undetermined(Some(chain), unread),
            None => Conclusion::Pending(chain, then),
        };
    }
    if let Some(best) = holding(chains).next() {
        return Conclusion::Denied(Some(best), resisted(best, policy));
    }
    // That the owner of the run's repository is another says less than the rule that comes nearest.
    if let SpeakerProof::Run(run) = &input.speaker
        && !run.publishers.is_empty()
        && chains.iter().all(|chain| chain.publisher.is_none())
    {
        return Conclusion::Denied(None, no_rule(run));
    }
    if let Some(refuted) = first_substantive_refutation(chains) {
        return Conclusion::Denied(None, refuted.clone());
    }
    // The unread part makes no difference, because the part that was read is too weak.
    match chains
        .iter()
        .find(|chain| weak_despite_unread(chain, policy))
    {
        Some(best) => Conclusion::Denied(Some(best), resisted(best, policy)),
        None => Conclusion::Denied(None, no_chain(input, chains)),
    }
}

/// Returns the chains whose links all hold.
fn holding(chains: &[Chain]) -> impl Iterator<Item = &Chain> {
    chains
        .iter()
        .filter(|chain| *chain.standing() == Standing::Holds)
}

/// Returns the links of a chain that hold, whatever the others do.
fn holding_links(chain: &Chain) -> impl Iterator<Item = &Link> {
    let links = chain.links.iter();
    links.filter(|link| link.report.standing == Standing::Holds)
}

/// Returns whether a link that holds falls to something resisted, in a chain that is undetermined because of another link. What
/// was not read cannot make such a chain good enough.
fn weak_despite_unread(chain: &Chain, policy: &Policy) -> bool {
    matches!(chain.standing(), Standing::Undetermined(_))
        && holding_links(chain).any(|link| !policy.accepts(link.report.falls_to))
}

/// Returns the refutation that names the weak link of the best chain, and what it falls to: among the links that hold.
fn resisted(chain: &Chain, policy: &Policy) -> Refuted {
    let falls_to = holding_links(chain).fold(CapabilitySet::EMPTY, |set, link| {
        set.union(link.report.falls_to)
    });
    let capability = policy
        .weakest_resisted(falls_to)
        .unwrap_or(Capability::Stranger);
    let weak = holding_links(chain).find(|link| link.report.falls_to.contains(capability));
    let detail = match weak {
        Some(link) => format!(
            "the weak link is {}: {}; it falls to {capability} ({})",
            link.report.kind,
            link.report.says,
            capability.row().means
        ),
        None => format!("it falls to {capability}"),
    };
    Refuted::new(RefutedReason::Resisted, detail)
}

fn refutations(chains: &[Chain]) -> impl Iterator<Item = &Refuted> {
    chains.iter().filter_map(|chain| match chain.standing() {
        Standing::Refuted(refuted) => Some(refuted),
        _ => None,
    })
}

/// Returns the first contradiction that is more than a missing statement.
fn first_substantive_refutation(chains: &[Chain]) -> Option<&Refuted> {
    let silent = [
        RefutedReason::StatementAbsent,
        RefutedReason::StatementsNotOffered,
    ];
    refutations(chains).find(|refuted| !silent.contains(&refuted.reason))
}

/// Returns why there is no chain at all.
fn no_chain(input: &DecisionInput, chains: &[Chain]) -> Refuted {
    if let SpeakerProof::Run(run) = &input.speaker
        && chains.is_empty()
    {
        return no_rule(run);
    }
    let detail = refutations(chains)
        .map(|refuted| refuted.raw_detail.as_str())
        .next()
        .unwrap_or("no evidence leads there");
    let accounts = match input.accounts.is_empty() {
        true => "no linked account",
        false => "no linked account leads there",
    };
    Refuted::new(RefutedReason::NoChain, format!("{accounts}, and {detail}"))
}

/// Returns why none of the trusted publishers leads from a run anywhere: the nearest rule and every field that differs, among those
/// that cover what the run asks for.
fn no_rule(run: &RunProof) -> Refuted {
    let bodies = run.publishers.iter().map(Signed::unverified);
    let covering: Vec<_> = bodies
        .clone()
        .filter(|body| body.covers(&run.namespace, &run.actions))
        .map(|body| &body.publisher)
        .collect();
    match find_matching_rule(covering, run.identity()) {
        Err(none) if none.nearest.is_some() => none.refuted(),
        _ if bodies.len() > 0 => {
            let detail = format!(
                "none of the trusted publishers covers {} of {}",
                run.actions,
                run.namespace.short()
            );
            Refuted::new(RefutedReason::DelegationTooNarrow, detail)
        }
        _ => Refuted::new(
            RefutedReason::NoChain,
            "there is no trusted publisher for it, and nothing else leads there",
        ),
    }
}
