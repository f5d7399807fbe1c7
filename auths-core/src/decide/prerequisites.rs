//! The checks that come before any chain: the claim itself, the evidence that counts, and the name's existence and life.

use super::context::EvaluationContext;
use super::input::DecisionInput;
use super::newest::recency;
use crate::evidence::{Existence, NamespaceEvidence, ObservedEvidence};
use crate::reason::{Obstacle, Refuted, RefutedReason, Unavailable, UnavailableReason};

/// Checks the claim and the name, and returns the evidence that the decision is about.
pub(super) fn check_claim_and_name<'a>(
    input: &'a DecisionInput,
    context: &EvaluationContext<'_>,
) -> Result<&'a ObservedEvidence<NamespaceEvidence>, Obstacle> {
    context.checks.claim_stands(&input.claim, &input.expected)?;
    let (claim, did) = (input.claim.unverified(), input.claim.did());
    if let Some(issued) = context.issued {
        issued.answered_by(
            input.claim.challenge(),
            did,
            &claim.namespace,
            input.claim.audience(),
            context.now(),
        )?;
    }
    let revocations = context.revocations();
    revocations.ensure_not_revoked(
        input.claim.id(),
        did,
        &revocations.others_who_may_revoke(did),
    )?;
    let observed = newest_usable(input, context)?;
    let evidence = observed.evidence();
    if let Existence::Absent(refuted) = &evidence.existence {
        return Err(refuted.clone().into());
    }
    match evidence.incarnation.get() {
        Ok(seen) if *seen == claim.incarnation => Ok(observed),
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
    let namespace = &input.claim.unverified().namespace;
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
