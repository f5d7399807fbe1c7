//! The decision: pure functions from claims, evidence, policy and time to an answer with reasons.
//!
//! A **chain** leads from the speaker, a key or a CI run, to the namespace. It falls to anybody who can forge *any* of its links. A decision rests on
//! **one** chain: two weak ones do not make a strong one. Evidence against the claim removes every chain that it concerns. If a
//! check that can only say no could not be made, the answer is undetermined.
//!
//! - **accepted**: some chain falls to nothing that the policy resists;
//! - **pending**: some chain will be accepted once its statement is mature;
//! - **undetermined**: some chain might be accepted, but something needed could not be read;
//! - **denied**: no chain is accepted.
//!
//! More than one of them may apply. `pick_answer` in `conclusion.rs` has the order in which they do.

mod awaiting;
mod awaiting_token;
mod chain;
mod checks;
mod conclusion;
mod contests_and_consents;
mod context;
mod cost;
mod decision;
mod input;
mod intake;
mod lasting;
mod links;
mod listing_answer;
mod newest;
mod prerequisites;
mod publishers;
mod remedy;
mod removal;
mod report;
mod reuse;
mod revocation;
mod sealed;
mod search;
mod signatures;
mod speaker;
mod steps;
mod take_in;
mod timeline;
mod verified;

pub use awaiting::AwaitingUse;
pub use awaiting_token::AwaitingToken;
pub use decision::{Decision, NotAccepted};
pub use input::DecisionInput;
pub use intake::{IntakeError, PublisherIntake};
pub use links::{grade_account, may_lead};
pub(crate) use links::{only_role, outside_own_scope};
pub use listing_answer::{ListingAnswer, check_age, check_listing};
pub use removal::whom_to_remove;
pub use report::{ChainReport, LinkReport, Standing};
pub use reuse::NotResisting;
pub use revocation::{ConsultedSource, Revocations, UnknownRevocation};
pub use speaker::{KeyProof, RunProof, Speaker, SpeakerProof};
pub use timeline::{
    NoStatement, TimelineStatement, account_statement, may_hide_another, next_to_read,
    next_to_read_expecting, statement,
};
pub use verified::{MatchedPublisher, NamespaceAuthority, Verified};

pub use crate::reason::{Obstacle, Outcome};

use chain::Chain;
use conclusion::{Conclusion, in_order, pick_answer};
use context::EvaluationContext;
use cost::cost;
use links::{Link, Ripening};
use prerequisites::check_speaker_and_name;
use remedy::remedy;
use search::find_chains;
use verified::{DecisionRecord, RevocationsSought};

use crate::Timestamp;
use crate::claim::IssuedChallenge;
use crate::evidence::{NamespaceEvidence, ObservedEvidence};
use crate::identity::escape;
use crate::policy::Policy;
use crate::reason::{Reason, Refuted, RefutedReason, UnavailableReason};

/// Decides whether the speaker of the input may act for its namespace, as of `now`.
///
/// Pure: the same input gives the same answer. Nothing in `input` is trusted before it is checked here.
///
/// For a claim that answers a challenge, and for a CI run, the decision can be reported, but it gives no [`Verified`]: see
/// [`decide_answer`] and [`decide_run`].
pub fn decide(input: &DecisionInput, policy: &Policy, now: Timestamp) -> Decision {
    let mut decision = decide_unsealed(input, None, policy, now);
    let may_be_repeated = match &input.speaker {
        SpeakerProof::Key(key) => key.claim.challenge().is_some(),
        SpeakerProof::Run(_) => true,
    };
    if may_be_repeated {
        decision.verified = None;
    }
    decision
}

/// Decides about a claim that answers a challenge which this verifier issued. The result can be reported, and it opens only when
/// the challenge is used up: [`Challenges::use_once`](crate::use_cases::Challenges::use_once).
///
/// Pure like [`decide`]: deciding the same answer again gives the same result.
pub fn decide_answer(
    input: &DecisionInput,
    issued: IssuedChallenge,
    policy: &Policy,
    now: Timestamp,
) -> AwaitingUse {
    let decision = decide_unsealed(input, Some(&issued), policy, now);
    AwaitingUse::seal(decision, issued)
}

/// Decides about a CI run. The result can be reported, and it opens only when the run's token is used up. `None` where the input is
/// not of a run.
///
/// Pure like [`decide`]: deciding the same run again gives the same result, and uses nothing up:
/// [`TokenUses::use_once`](crate::use_cases::TokenUses::use_once) does.
pub fn decide_run(input: &DecisionInput, policy: &Policy, now: Timestamp) -> Option<AwaitingToken> {
    let SpeakerProof::Run(run) = &input.speaker else {
        return None;
    };
    let decision = decide_unsealed(input, None, policy, now);
    Some(AwaitingToken::seal(decision, run.token.clone()))
}

/// Makes the decision. Its `Verified` must still be withheld where a challenge or a token must be used up first.
fn decide_unsealed(
    input: &DecisionInput,
    issued: Option<&IssuedChallenge>,
    policy: &Policy,
    now: Timestamp,
) -> Decision {
    let context = EvaluationContext::of(input, issued, policy, now);
    let revocations = context.revocations().report(input);
    let mut decision = Decision::open(input, policy, now, revocations);
    let (observed, chains, context) = match collect_chains(input, context) {
        Ok(collected) => collected,
        Err(obstacle) => return decision.stopped_by(obstacle),
    };
    let chains = in_order(chains, input, policy);
    decision.chains = chains.iter().map(Chain::report).collect();
    match pick_answer(&chains, input, policy) {
        Conclusion::Accepted(chain) => accept(&mut decision, input, observed, &context, chain),
        Conclusion::Pending(chain, then) => pend(&mut decision, chain, then, policy),
        Conclusion::Undetermined(chain, why) => {
            if let Some(chain) = chain {
                rest_on(&mut decision, chain, policy);
            }
            return decision.stopped_by(why.into());
        }
        Conclusion::Denied(closest, refuted) => {
            let remedy = remedy(input, observed.evidence(), policy, &refuted);
            decision.remedy = Some(escape(&remedy).to_string());
            deny(&mut decision, closest, refuted, policy);
        }
    }
    decision
}

/// Returns the evidence that counts, and every chain over it, with the context in which they were evaluated.
fn collect_chains<'a>(
    input: &'a DecisionInput,
    context: EvaluationContext<'a>,
) -> Result<
    (
        &'a ObservedEvidence<NamespaceEvidence>,
        Vec<Chain>,
        EvaluationContext<'a>,
    ),
    Obstacle,
> {
    let observed = check_speaker_and_name(input, &context)?;
    let context = context.about(observed.evidence());
    let chains = find_chains(input, observed, &context)?;
    Ok((observed, chains, context))
}

/// Accepts: the decision rests on this chain, and holds the value that a consumer acts on.
fn accept(
    decision: &mut Decision,
    input: &DecisionInput,
    observed: &ObservedEvidence<NamespaceEvidence>,
    context: &EvaluationContext<'_>,
    chain: &Chain,
) {
    let (policy, now) = (context.policy(), context.now());
    let ends = [chain.valid_until(), context.revocations().begins()];
    // Every chain ends with its claim or token at the latest, because each of them expires. Without an end, the yes would be over
    // now.
    let valid_until = ends.into_iter().flatten().min().unwrap_or(now);
    // It was read: without it, there is no chain.
    let Ok(incarnation) = observed.evidence().incarnation.get().cloned() else {
        return;
    };
    let authority = NamespaceAuthority::new(
        input.speaker.speaker(),
        input.namespace().clone(),
        input.actions().clone(),
        incarnation,
        chain.publisher.clone(),
    );
    let origins = chain.origins().chain([&observed.evidence().origin]);
    let record = DecisionRecord {
        signed: input
            .claim()
            .map(|claim| (claim.id().clone(), claim.did().clone())),
        policy: policy.digest(),
        revocations: RevocationsSought::In(input.revocations.consulted().to_vec()),
        falls_to: chain.falls_to(),
        conditions: chain.reuse_conditions(policy, observed),
        origins: origins.cloned().collect(),
        lasting: chain.lasting(),
        verified_at: now,
        valid_until,
    };
    decision.outcome = Outcome::Accepted;
    rest_on(decision, chain, policy);
    decision.valid_until = Some(valid_until);
    decision.verified = Some(Verified::mint(authority, record));
}

/// Leaves pending: the chain will be accepted then.
fn pend(decision: &mut Decision, chain: &Chain, then: Ripening, policy: &Policy) {
    let now = decision.decided_at;
    decision.outcome = Outcome::Pending;
    rest_on(decision, chain, policy);
    decision.ripe_at = Some(then.at.max(now));
    decision.reason = Some(Refuted::new(RefutedReason::Young, maturity_message(&then, now)).into());
    decision.needs_release = then.needs.is_some();
    decision.remedy = Some(match then.needs {
        Some(release) => release,
        None if then.at > now => format!("ask again at {}", then.at),
        None => UnavailableReason::StaleEvidence.remedy().to_owned(),
    });
}

/// Denies: `closest` is the chain that comes closest to a yes, if any ([`Conclusion::Denied`]).
fn deny(decision: &mut Decision, closest: Option<&Chain>, refuted: Refuted, policy: &Policy) {
    if let Some(chain) = closest {
        rest_on(decision, chain, policy);
    }
    decision.reason = Some(refuted.into());
}

/// Sets the chain that the answer rests on: what it falls to now, the weak point in that, and the cost of a forged yes. The cost
/// is that of the time when there can be a yes: of now, unless the chain will be accepted only once it is mature.
fn rest_on(decision: &mut Decision, chain: &Chain, policy: &Policy) {
    let waits = !policy.accepts(chain.falls_to())
        && chain
            .ripens()
            .is_some_and(|then| policy.accepts(then.falls_to));
    let forged_by = match waits {
        true => Link::falls_to_when_ripe,
        false => Link::falls_to,
    };
    decision.falls_to = Some(chain.falls_to());
    decision.weakest = policy.weakest_resisted(chain.falls_to());
    decision.cost = cost(chain, forged_by, policy);
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

#[cfg(test)]
mod tests;
