//! The checks that come before any chain: the claim or token itself, the evidence that counts, and the name's existence and life.

use super::context::EvaluationContext;
use super::input::DecisionInput;
use super::newest::recency;
use super::speaker::{KeyProof, SpeakerProof};
use crate::evidence::{Existence, NamespaceEvidence, ObservedEvidence};
use crate::reason::{Obstacle, Refuted, RefutedReason, Unavailable, UnavailableReason};

/// Checks the speaker's proof and the name, and returns the evidence that the decision is about.
pub(super) fn check_speaker_and_name<'a>(
    input: &'a DecisionInput,
    context: &EvaluationContext<'_>,
) -> Result<&'a ObservedEvidence<NamespaceEvidence>, Obstacle> {
    match &input.speaker {
        SpeakerProof::Key(key) => check_key(key, context)?,
        SpeakerProof::Run(run) => {
            let provider = run.identity().issuer().provider;
            run.token.times().check(provider, context.now())?;
        }
    }
    let observed = newest_usable(input, context)?;
    let evidence = observed.evidence();
    if let Existence::Absent(refuted) = &evidence.existence {
        return Err(refuted.clone().into());
    }
    let claimed = input.claim().map(|claim| &claim.unverified().incarnation);
    match (evidence.incarnation.get(), claimed) {
        (Ok(seen), Some(claimed)) if seen != claimed => {
            let detail = format!("the claim is about {claimed}, and what is there now is {seen}");
            Err(Refuted::new(RefutedReason::AnotherIncarnation, detail).into())
        }
        (Ok(_), _) => Ok(observed),
        (Err(why), _) => Err(Unavailable::new(
            UnavailableReason::IncarnationUnread,
            why.to_string(),
        )
        .retry_after(why.retry_after)
        .into()),
    }
}

/// Checks a claim by itself: signature, audience, time, challenge and revocations.
fn check_key(key: &KeyProof, context: &EvaluationContext<'_>) -> Result<(), Obstacle> {
    let (claim, did) = (&key.claim, key.claim.did());
    context.checks.claim_stands(claim, &key.expected)?;
    if let Some(issued) = context.issued {
        issued.answered_by(
            claim.challenge(),
            did,
            &claim.unverified().namespace,
            claim.audience(),
            context.now(),
        )?;
    }
    let revocations = context.revocations();
    revocations.ensure_not_revoked(claim.id(), did, &revocations.others_who_may_revoke(did))
}

/// Returns the newest evidence that is about the right name, by a trusted observer, and fresh.
fn newest_usable<'a>(
    input: &'a DecisionInput,
    context: &EvaluationContext<'_>,
) -> Result<&'a ObservedEvidence<NamespaceEvidence>, Unavailable> {
    let mut first_problem = None;
    for observed in newest_first(input, context) {
        match check_evidence(input, context, observed) {
            Ok(()) => return Ok(observed),
            Err(why) => first_problem = first_problem.or(Some(why)),
        }
    }
    let unread = input.first_unread().cloned();
    Err(unread.or(first_problem).unwrap_or_else(|| {
        Unavailable::new(
            UnavailableReason::StaleEvidence,
            "there is no evidence at all",
        )
    }))
}

/// Returns the evidence about the namespace, the newest first. Of two pieces seen in one second, the choice does not depend on
/// their order.
fn newest_first<'a>(
    input: &'a DecisionInput,
    context: &EvaluationContext<'_>,
) -> Vec<&'a ObservedEvidence<NamespaceEvidence>> {
    let mut all: Vec<_> = input.evidence.iter().collect();
    all.sort_by(|a, b| {
        let (seen, other) = (a.evidence(), b.evidence());
        let newer = recency(a, seen.observed_at, context.now());
        newer
            .cmp(&recency(b, other.observed_at, context.now()))
            .then_with(|| a.seen_by().did().cmp(&b.seen_by().did()))
            .then_with(|| as_written(seen).cmp(&as_written(other)))
    });
    all
}

fn as_written(evidence: &NamespaceEvidence) -> Option<Vec<u8>> {
    serde_json::to_vec(evidence).ok()
}

/// Checks that a piece of evidence is about the name of the claim, and usable.
fn check_evidence(
    input: &DecisionInput,
    context: &EvaluationContext<'_>,
    observed: &ObservedEvidence<NamespaceEvidence>,
) -> Result<(), Unavailable> {
    let namespace = &input.evidence_name();
    let evidence = observed.evidence();
    if !evidence.is_about(namespace) {
        return Err(Unavailable::new(
            UnavailableReason::EvidenceMismatch,
            format!("it is about {} at {}", evidence.namespace, evidence.origin),
        ));
    }
    let age = context.policy().ownership_age(namespace.ecosystem());
    context.checks.usable(observed, evidence.observed_at, age)
}
