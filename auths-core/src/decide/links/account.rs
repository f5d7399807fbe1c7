//! The links DID - account: the evidence for a linked account.

use super::super::context::EvaluationContext;
use super::super::lasting::LastingEvidence;
use super::super::report::LinkReport;
use super::super::reuse::{EvidenceUse, MaturityRange};
use super::account_statement::account_statement_link;
use super::link::Link;
use crate::Timestamp;
use crate::claim::{Audience, Challenge, ClaimId, KeyRing, ProofExpectation};
use crate::evidence::{
    AccountEvidence, AccountProof, EvidenceGrade, EvidenceKind, LinkedAccount, ObservedEvidence,
    SeenBy, worth,
};
use crate::identity::{Namespace, Subject};
use crate::policy::Policy;
use crate::reason::{Unavailable, UnavailableReason};

/// Returns the links that support a linked account, with what each falls to. For front ends that show an account by itself.
#[must_use]
pub fn grade_account(
    linked: &LinkedAccount,
    policy: &Policy,
    keys: &KeyRing,
    now: Timestamp,
) -> Vec<LinkReport> {
    let context = EvaluationContext::alone(std::slice::from_ref(linked), policy, keys, now);
    account_links(&context, linked, None)
        .into_iter()
        .map(|link| link.report)
        .collect()
}

/// Returns the links DID - account: one per support of a linked account, the self-reported one first.
///
/// `claimed_namespace` is the one that the account is to own: evidence from that same package is worth no more for the account
/// than for the namespace.
pub(in crate::decide) fn account_links(
    context: &EvaluationContext<'_>,
    linked: &LinkedAccount,
    claimed_namespace: Option<&Namespace>,
) -> Vec<Link> {
    let claim = &linked.claim;
    let base = self_reported(linked);
    let expected = ProofExpectation::new(Audience::public());
    if let Err(obstacle) = context.checks.claim_stands(claim, &expected) {
        return vec![base.standing(obstacle)];
    }
    let mut links = Vec::with_capacity(1 + linked.evidence.len() + linked.attempts.len());
    links.push(base);
    for observed in &linked.evidence {
        if context.newest.outdates(observed, context.now()) {
            continue;
        }
        // Do not examine evidence that does not count: its signer may have made it as large as they like.
        let link = match context.checks.account_evidence_counts(observed, linked) {
            Ok(()) => {
                let link = proof(context, observed, claim.id(), claimed_namespace);
                link.on_the_word_of(observed.seen_by())
            }
            Err(why) => {
                let kind = observed.evidence().proof.kind();
                missing(linked, kind).undetermined(why)
            }
        };
        links.push(link.identifying(linked.account()).until(claim.expires()));
    }
    for attempt in &linked.attempts {
        let link = missing(linked, attempt.kind).standing(attempt.obstacle.clone());
        links.push(link.identifying(linked.account()));
    }
    links
}

/// Creates the link of the claim alone.
fn self_reported(linked: &LinkedAccount) -> Link {
    let claim = &linked.claim;
    let (did, account) = (claim.did(), linked.account());
    let says = format!("{did} says that it holds {account}; nothing from the account was seen");
    let of = Subject::Account(account.clone());
    Link::new(EvidenceKind::SelfReported, EvidenceGrade::Plain, of, says)
        .identifying(account)
        .said(claim.created())
        .until(claim.expires())
}

/// Creates the link of a support that is missing or does not count, with the best worth that it could have had.
fn missing(linked: &LinkedAccount, kind: EvidenceKind) -> Link {
    let (did, account) = (linked.claim.did(), linked.account());
    let says = format!("{kind} for {account} and {did}");
    let of = Subject::Account(account.clone());
    Link::new(kind, best_grade(kind), of, says)
}

/// Returns the best grade that evidence of this kind can have.
fn best_grade(kind: EvidenceKind) -> EvidenceGrade {
    match kind {
        EvidenceKind::GistProof => EvidenceGrade::Mature,
        EvidenceKind::AccountStatement => EvidenceGrade::MatureSoleByHand,
        _ => EvidenceGrade::Plain,
    }
}

/// Creates the link of one proof of an account.
fn proof(
    context: &EvaluationContext<'_>,
    observed: &ObservedEvidence<AccountEvidence>,
    claim_id: &ClaimId,
    claimed_namespace: Option<&Namespace>,
) -> Link {
    let evidence = observed.evidence();
    match &evidence.proof {
        AccountProof::DeviceFlow { challenge } => {
            device_flow(context, observed, challenge.as_ref())
        }
        AccountProof::TokenHolder {} => {
            let says = format!("somebody presented a token of {}", evidence.account);
            proof_link(context, observed, EvidenceGrade::Plain, says)
        }
        AccountProof::GistProof {
            gist,
            claim,
            unchanged_since,
            ..
        } => {
            let (since, maturity) = (*unchanged_since, context.maturity());
            let is_mature = evidence.observed_at.since(since) >= maturity;
            let link = gist_link(context, observed, gist, since, is_mature);
            if claim != claim_id {
                let detail = format!("the gist holds another claim, {claim}");
                let why = Unavailable::new(UnavailableReason::EvidenceMismatch, detail);
                return link.undetermined(why);
            }
            match is_mature {
                true => link,
                false => {
                    let mature = worth(EvidenceKind::GistProof, EvidenceGrade::Mature);
                    link.ripening(since + maturity, mature, None)
                }
            }
        }
        AccountProof::AccountStatement(package) => {
            let link = account_statement_link(context, evidence, package);
            let mut link = resting_on(observed, link, context);
            link.origin = Some(package.origin.clone());
            if claimed_namespace == Some(&package.namespace) {
                let there = worth(EvidenceKind::PackageStatement, EvidenceGrade::MatureSole);
                link = link.falling_to_also(there);
            }
            link
        }
    }
}

fn device_flow(
    context: &EvaluationContext<'_>,
    observed: &ObservedEvidence<AccountEvidence>,
    challenge: Option<&Challenge>,
) -> Link {
    let account = &observed.evidence().account;
    let says = format!("the holder of {account} approved it in a device flow");
    let link = proof_link(context, observed, EvidenceGrade::Plain, says);
    let mut link = link.lasting(LastingEvidence::DeviceFlow(account.clone()));
    if *observed.seen_by() == SeenBy::ThisProcess {
        link.flow_for = challenge.cloned();
    }
    link
}

fn gist_link(
    context: &EvaluationContext<'_>,
    observed: &ObservedEvidence<AccountEvidence>,
    gist: &str,
    since: Timestamp,
    is_mature: bool,
) -> Link {
    let account = &observed.evidence().account;
    let says = format!("gist {gist} of {account} holds the signed claim since {since}");
    let grade = match is_mature {
        true => EvidenceGrade::Mature,
        false => EvidenceGrade::Young,
    };
    proof_link(context, observed, grade, says)
        .said(since)
        .under(MaturityRange::up_to(context.maturity()))
        .id("gist", gist)
}

/// Creates the link of a proof that speaks of the account itself.
fn proof_link(
    context: &EvaluationContext<'_>,
    observed: &ObservedEvidence<AccountEvidence>,
    grade: EvidenceGrade,
    says: String,
) -> Link {
    let evidence = observed.evidence();
    let of = Subject::Account(evidence.account.clone());
    let link = Link::new(evidence.proof.kind(), grade, of, says);
    resting_on(observed, link, context)
}

/// Sets that the link rests on this evidence of an account.
fn resting_on(
    observed: &ObservedEvidence<AccountEvidence>,
    link: Link,
    context: &EvaluationContext<'_>,
) -> Link {
    let evidence = observed.evidence();
    let at = evidence.observed_at;
    let mut link = link.observed(at, &evidence.sources, context.policy().evidence_age());
    link.evidence = Some(EvidenceUse::new(observed, at, None));
    link
}
