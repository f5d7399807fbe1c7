//! The rule that turns chains into the answer.

use super::DecisionInput;
use super::chain::Chain;
use super::cost::{cost, no_cost};
use super::decision::{Decision, Standing};
use super::link::{EvaluationContext, Link, Ripening, max_age};
use super::newest::recency;
use super::remedy::remedy;
use super::search::chains;
use super::verified::{NamespaceAuthority, Record, RevocationsSought, Verified};
use crate::Timestamp;
use crate::capability::{Capability, CapabilitySet};
use crate::claim::IssuedChallenge;
use crate::evidence::{Existence, NamespaceEvidence, ObservedEvidence};
use crate::identity::escape;
use crate::policy::Policy;
use crate::reason::{
    Obstacle, Outcome, Reason, Refuted, RefutedReason, Unavailable, UnavailableReason,
};

/// Decides whether the DID of the claim may speak for its namespace, as of `now`.
///
/// Pure: the same input gives the same answer. Nothing in `case` is trusted before it is checked here.
///
/// For a claim that answers a challenge, the decision can be reported, but it gives no [`Verified`]: see
/// [`decide_answer`](super::decide_answer).
pub fn decide(case: &DecisionInput, policy: &Policy, now: Timestamp) -> Decision {
    let mut decision = weigh(case, None, policy, now);
    if case.claim.challenge().is_some() {
        decision.verified = None;
    }
    decision
}

/// Makes the decision. Its `Verified` must still be withheld where a challenge must be used up first.
pub(super) fn weigh(
    case: &DecisionInput,
    issued: Option<&IssuedChallenge>,
    policy: &Policy,
    now: Timestamp,
) -> Decision {
    let mut bench = EvaluationContext::of(case, policy, now);
    bench.issued = issued;
    let claim = case.claim.unverified();
    let mut decision = Decision {
        outcome: Outcome::Denied,
        did: case.claim.did().clone(),
        namespace: claim.namespace.clone(),
        actions: claim.actions.clone(),
        decided_at: now,
        policy: policy.name().to_owned(),
        policy_digest: policy.digest(),
        resists: policy.resisted().collect(),
        chains: Vec::new(),
        falls_to: None,
        cost: no_cost(),
        reason: None,
        weakest: None,
        remedy: None,
        ripe_at: None,
        needs_release: false,
        valid_until: None,
        revocations: bench.register.report(case),
        verified: None,
    };
    let (sighting, chains, bench) = match found(case, bench) {
        Ok(found) => found,
        Err(obstacle) => {
            decision.outcome = obstacle.outcome();
            decision.remedy = Some(obstacle.remedy().to_owned());
            decision.reason = Some(obstacle);
            return decision;
        }
    };
    let evidence = sighting.evidence();
    let chains = in_order(chains, policy);
    decision.chains = chains.iter().map(Chain::report).collect();
    match conclude(&chains, case, policy) {
        Conclusion::Accepted(chain) => accept(&mut decision, case, sighting, &bench, chain),
        Conclusion::Pending(chain, then) => {
            decision.outcome = Outcome::Pending;
            decision.falls_to = Some(chain.falls_to());
            decision.weakest = policy.weakest_resisted(chain.falls_to());
            decision.cost = cost(chain, Link::falls_to_when_ripe, policy);
            decision.ripe_at = Some(then.at.max(now));
            decision.reason =
                Some(Refuted::new(RefutedReason::Young, maturity_message(&then, now)).into());
            decision.needs_release = then.needs.is_some();
            decision.remedy = Some(match then.needs {
                Some(release) => release,
                None if then.at > now => format!("ask again at {}", then.at),
                None => UnavailableReason::StaleEvidence.remedy().to_owned(),
            });
        }
        Conclusion::Undetermined(why) => {
            decision.outcome = Outcome::Undetermined;
            decision.remedy = Some(why.reason.remedy().to_owned());
            decision.reason = Some(why.into());
        }
        Conclusion::Denied(best, refuted) => {
            decision.falls_to = best.map(Chain::falls_to);
            decision.weakest = decision
                .falls_to
                .and_then(|set| policy.weakest_resisted(set));
            decision.cost = best.map_or_else(no_cost, |chain| cost(chain, Link::falls_to, policy));
            let remedy = remedy(case, evidence, policy, &refuted);
            decision.remedy = Some(escape(&remedy).to_string());
            decision.reason = Some(refuted.into());
        }
    }
    decision
}

/// Returns the message when a statement can be mature: never a time in the past.
fn maturity_message(then: &Ripening, now: Timestamp) -> String {
    let at = then.at;
    match (&then.needs, at > now) {
        (None, true) => format!("it can be mature at {at} at the earliest"),
        (None, false) => "it was not mature when it was read, and may be by now".to_owned(),
        (Some(_), true) => format!(
            "it can be mature at {at} at the earliest, and one more release that names the DID is missing"
        ),
        (Some(_), false) => "one more release that names the DID is missing".to_owned(),
    }
}

/// Returns the evidence that counts, and every chain over it, with the context in which they were evaluated.
fn found<'a>(
    case: &'a DecisionInput,
    bench: EvaluationContext<'a>,
) -> Result<
    (
        &'a ObservedEvidence<NamespaceEvidence>,
        Vec<Chain>,
        EvaluationContext<'a>,
    ),
    Obstacle,
> {
    let sighting = check_claim_and_name(case, &bench)?;
    let bench = bench.about(sighting.evidence());
    let chains = chains(case, sighting, &bench)?;
    Ok((sighting, chains, bench))
}

/// Makes the checks that come before any chain: the claim itself, and the name's existence and life.
fn check_claim_and_name<'a>(
    case: &'a DecisionInput,
    bench: &EvaluationContext<'_>,
) -> Result<&'a ObservedEvidence<NamespaceEvidence>, Obstacle> {
    bench.claim_stands(&case.claim, &case.expected)?;
    let claim = case.claim.unverified();
    if let Some(issued) = bench.issued {
        issued.answered_by(
            case.claim.challenge(),
            case.claim.did(),
            &claim.namespace,
            case.claim.audience(),
            bench.now,
        )?;
    }
    let (register, did) = (&bench.register, case.claim.did());
    register.find_revocation(case.claim.id(), did, &register.above(did))?;
    let sighting = newest_usable(case, bench)?;
    let evidence = sighting.evidence();
    if let Existence::Absent(refuted) = &evidence.existence {
        return Err(refuted.clone().into());
    }
    match evidence.incarnation.get() {
        Ok(seen) if *seen == claim.incarnation => Ok(sighting),
        Ok(seen) => {
            let detail = format!(
                "the claim is about {}, and what is there now is {seen}",
                claim.incarnation
            );
            Err(Refuted::new(RefutedReason::AnotherIncarnation, detail).into())
        }
        Err(why) => Err(
            Unavailable::new(UnavailableReason::IncarnationUnread, why.to_string())
                .retry_after(why.retry_after)
                .into(),
        ),
    }
}

/// Returns the newest evidence that is about the right name, by a trusted observer, and fresh.
fn newest_usable<'a>(
    case: &'a DecisionInput,
    bench: &EvaluationContext<'_>,
) -> Result<&'a ObservedEvidence<NamespaceEvidence>, Unavailable> {
    let namespace = &case.claim.unverified().namespace;
    let age = max_age(bench.policy, namespace.ecosystem());
    let mut sightings: Vec<_> = case.evidence.iter().collect();
    let newest =
        |s: &ObservedEvidence<NamespaceEvidence>| recency(s, s.evidence().observed_at, bench.now);
    // Of two pieces seen in one second, the choice must not depend on their order.
    let written = |s: &ObservedEvidence<NamespaceEvidence>| serde_json::to_vec(s.evidence()).ok();
    sightings.sort_by(|a, b| {
        newest(a)
            .cmp(&newest(b))
            .then_with(|| a.seen_by().did().cmp(&b.seen_by().did()))
            .then_with(|| written(a).cmp(&written(b)))
    });
    let mut first_problem = None;
    for sighting in sightings {
        let evidence = sighting.evidence();
        let checked = if evidence.is_about(namespace) {
            bench.usable(sighting, evidence.observed_at, age)
        } else {
            Err(Unavailable::new(
                UnavailableReason::EvidenceMismatch,
                format!("it is about {} at {}", evidence.namespace, evidence.origin),
            ))
        };
        match checked {
            Ok(()) => return Ok(sighting),
            Err(why) => first_problem = first_problem.or(Some(why)),
        }
    }
    let unread = case.first_unread().cloned();
    Err(unread.or(first_problem).unwrap_or_else(|| {
        Unavailable::new(
            UnavailableReason::StaleEvidence,
            "there is no evidence at all",
        )
    }))
}

/// Sorts the best chain first, in a total order: the order in which a verifier gathered things does not change the answer.
fn in_order(chains: Vec<Chain>, policy: &Policy) -> Vec<Chain> {
    let ranked = chains
        .into_iter()
        .map(|chain| (rank(&chain, policy), chain));
    let mut ranked: Vec<_> = ranked.collect();
    ranked.sort_by(|(rank_a, a), (rank_b, b)| rank_a.cmp(rank_b).then_with(|| a.order(b)));
    ranked.into_iter().map(|(_, chain)| chain).collect()
}

/// Returns the rank of a chain: accepted ones first, then pending, then undetermined, then denied; within each, the fewest
/// capabilities first.
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

enum Conclusion<'a> {
    Accepted(&'a Chain),
    Pending(&'a Chain, Ripening),
    Undetermined(Unavailable),
    Denied(Option<&'a Chain>, Refuted),
}

/// Applies the rule of the four answers to chains that are sorted best first.
fn conclude<'a>(chains: &'a [Chain], case: &DecisionInput, policy: &Policy) -> Conclusion<'a> {
    let holding = || {
        chains
            .iter()
            .filter(|chain| *chain.standing() == Standing::Holds)
    };
    let accepted = holding().find(|chain| policy.accepts(chain.falls_to()));
    // An unread source of revocations could only have said no.
    if let (Some(_), Some(unread)) = (accepted, case.revocations.unread()) {
        return Conclusion::Undetermined(unread);
    }
    if let Some(chain) = accepted {
        return Conclusion::Accepted(chain);
    }
    // Unread evidence might have been a yes, but only if its best case would be good enough.
    let open = chains.iter().find_map(|chain| match chain.standing() {
        Standing::Undetermined(why) if policy.accepts(chain.at_best()) => Some(why.clone()),
        _ => None,
    });
    if let Some(why) = open.or_else(|| case.first_unread().cloned()) {
        return Conclusion::Undetermined(why);
    }
    let pending = holding()
        .filter_map(|chain| Some((chain, chain.ripens()?)))
        .filter(|(_, then)| policy.accepts(then.falls_to))
        .min_by_key(|(_, then)| (then.needs.is_some(), then.at));
    if let Some((chain, then)) = pending {
        return match case.revocations.unread() {
            Some(unread) => Conclusion::Undetermined(unread),
            None => Conclusion::Pending(chain, then),
        };
    }
    if let Some(best) = holding().next() {
        return Conclusion::Denied(Some(best), resisted(best, policy));
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
        None => Conclusion::Denied(None, no_chain(case, chains)),
    }
}

/// Returns whether a link that holds falls to something resisted, in a chain that is undetermined because of another link.
fn weak_despite_unread(chain: &Chain, policy: &Policy) -> bool {
    let mut holding = chain
        .links
        .iter()
        .filter(|link| link.report.standing == Standing::Holds);
    matches!(chain.standing(), Standing::Undetermined(_))
        && holding.any(|link| !policy.accepts(link.report.falls_to))
}

/// Returns the refutation that names the weak link of the best chain, and what it falls to: among the links that hold.
fn resisted(chain: &Chain, policy: &Policy) -> Refuted {
    let holding = || {
        let holds = |link: &&Link| link.report.standing == Standing::Holds;
        chain.links.iter().filter(holds)
    };
    let falls_to = holding().fold(CapabilitySet::EMPTY, |set, link| {
        set.union(link.report.falls_to)
    });
    let capability = policy
        .weakest_resisted(falls_to)
        .unwrap_or(Capability::Stranger);
    let weak = holding().find(|link| link.report.falls_to.contains(capability));
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
fn no_chain(case: &DecisionInput, chains: &[Chain]) -> Refuted {
    let detail = refutations(chains)
        .map(|refuted| refuted.raw_detail.as_str())
        .next()
        .unwrap_or("no evidence leads there");
    let accounts = match case.accounts.is_empty() {
        true => "no linked account",
        false => "no linked account leads there",
    };
    Refuted::new(RefutedReason::NoChain, format!("{accounts}, and {detail}"))
}

fn accept(
    decision: &mut Decision,
    case: &DecisionInput,
    sighting: &ObservedEvidence<NamespaceEvidence>,
    bench: &EvaluationContext<'_>,
    chain: &Chain,
) {
    let (policy, now) = (bench.policy, bench.now);
    let evidence = sighting.evidence();
    let ends = [chain.valid_until(), bench.register.begins()];
    let valid_until = ends.into_iter().flatten().min().unwrap_or(now);
    let claim = case.claim.unverified();
    let authority = NamespaceAuthority::new(
        case.claim.did().clone(),
        claim.namespace.clone(),
        claim.actions.clone(),
    );
    let record = Record {
        signer: case.claim.did().clone(),
        policy: policy.digest(),
        revocations: RevocationsSought::In(case.revocations.consulted().to_vec()),
        falls_to: chain.falls_to(),
        grounds: chain.grounds(policy, sighting),
        origins: chain.origins().chain([&evidence.origin]).cloned().collect(),
        verified_at: now,
        valid_until,
    };
    decision.outcome = Outcome::Accepted;
    decision.falls_to = Some(chain.falls_to());
    decision.cost = cost(chain, Link::falls_to, policy);
    decision.valid_until = Some(valid_until);
    decision.verified = Some(Verified::mint(authority, record));
}
