//! The links that signatures make: key - DID, and Owner's DID - delegate's DID.

use super::super::context::EvaluationContext;
use super::super::speaker::SpeakerProof;
use super::link::Link;
use crate::claim::{Audience, Delegation, NamespaceClaim, ProofExpectation, Signed};
use crate::evidence::{EvidenceGrade, EvidenceKind, worth};
use crate::identity::Subject;
use crate::reason::RefutedReason;

/// Creates the link key - DID.
pub(in crate::decide) fn signature_link(claim: &Signed<NamespaceClaim>) -> Link {
    let says = format!("{} signed the claim", claim.did());
    let of = Subject::Did(claim.did().clone());
    Link::new(EvidenceKind::ClaimSignature, EvidenceGrade::Plain, of, says)
        .said(claim.created())
        .until(claim.expires())
        .id("claim", claim.id())
}

/// Creates the link Owner's DID - delegate's DID.
pub(in crate::decide) fn delegation_link(
    context: &EvaluationContext<'_>,
    delegation: &Signed<Delegation>,
    asked: &SpeakerProof,
) -> Link {
    let body = delegation.unverified();
    let says = format!(
        "{} delegated {} to {}",
        delegation.did(),
        body.actions,
        body.to
    );
    // The delegator's key signed the delegation; the delegate holds the other key.
    let of = Subject::Did(delegation.did().clone());
    let mut link = Link::new(EvidenceKind::Delegation, EvidenceGrade::Plain, of, says)
        .said(delegation.created())
        .until(delegation.expires())
        .id("claim", delegation.id());
    // The owner's signature on the delegation falls to the owner's key too.
    link = link.falling_to_also(worth(EvidenceKind::ClaimSignature, EvidenceGrade::Plain));
    if let Err(obstacle) = context
        .checks
        .claim_stands(delegation, &ProofExpectation::new(Audience::public()))
    {
        return link.standing(obstacle);
    }
    if !body.covers(asked.namespace(), asked.actions()) {
        let detail = format!(
            "it covers {} of other packages or fewer actions than {}",
            body.actions,
            asked.actions()
        );
        return link.refuted(RefutedReason::DelegationTooNarrow, detail);
    }
    link
}
