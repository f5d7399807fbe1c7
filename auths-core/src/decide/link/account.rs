//! The links DID - account: the evidence for a linked account.

use super::super::decision::LinkReport;
use super::super::grounds::{EvidenceUse, MaturityRange};
use super::account_statement::account_statement;
use super::{EvaluationContext, Link, identify};
use crate::Timestamp;
use crate::claim::{Audience, ClaimId, Expectation, KeyRing};
use crate::evidence::{
    AccountEvidence, AccountProof, EvidenceKind, Grade, LinkedAccount, ObservedEvidence, SeenBy,
    worth,
};
use crate::identity::{Namespace, Subject};
use crate::policy::Policy;
use crate::reason::{Obstacle, Unavailable, UnavailableReason};

/// Returns the links DID - account: one per support of a linked account, the self-reported one first.
///
/// `claimed` is the namespace that the account is to own: evidence from that same package is worth no more for the account than
/// for the namespace.
pub(in crate::decide) fn account(
    bench: &EvaluationContext<'_>,
    linked: &LinkedAccount,
    claimed: Option<&Namespace>,
) -> Vec<Link> {
    let claim = &linked.claim;
    let (did, account) = (claim.did(), linked.account());
    let says = format!("{did} says that it holds {account}; nothing from the account was seen");
    let base = identify(
        Link::new(
            EvidenceKind::SelfReported,
            Grade::Plain,
            Subject::Account(account.clone()),
            says,
        ),
        account,
    )
    .said(claim.created())
    .until(claim.expires());
    if let Err(obstacle) = bench.claim_stands(claim, &Expectation::new(Audience::public())) {
        return vec![base.standing(obstacle)];
    }
    let without = |kind: EvidenceKind, obstacle: Obstacle| {
        let says = format!("{kind} for {account} and {did}");
        let of = Subject::Account(account.clone());
        Link::new(kind, best_grade(kind), of, says).standing(obstacle)
    };
    let current = linked
        .evidence
        .iter()
        .filter(|sighting| !bench.newest.outdates(sighting, bench.now));
    let supported = current.map(|sighting| {
        let evidence = sighting.evidence();
        // Do not examine evidence that does not count: its signer may have made it as large as they like.
        let link = match account_evidence_counts(bench, sighting, linked) {
            Ok(()) => {
                proof(bench, sighting, claim.id(), claimed).on_the_word_of(sighting.seen_by())
            }
            Err(why) => without(evidence.proof.kind(), why.into()),
        };
        identify(link, account).until(claim.expires())
    });
    let missing = linked
        .attempts
        .iter()
        .map(|attempt| identify(without(attempt.kind, attempt.obstacle.clone()), account));
    std::iter::once(base)
        .chain(supported)
        .chain(missing)
        .collect()
}

/// Checks that evidence is about exactly this account and DID, and usable.
pub(in crate::decide) fn account_evidence_counts(
    bench: &EvaluationContext<'_>,
    sighting: &ObservedEvidence<AccountEvidence>,
    linked: &LinkedAccount,
) -> Result<(), Unavailable> {
    let evidence = sighting.evidence();
    if evidence.did != *linked.claim.did() || !evidence.account.same_as(linked.account()) {
        let detail = format!("it is about {} and {}", evidence.did, evidence.account);
        return Err(Unavailable::new(
            UnavailableReason::EvidenceMismatch,
            detail,
        ));
    }
    bench.usable(sighting, evidence.observed_at, bench.policy.evidence_age())
}

/// Returns the best grade that evidence of this kind can have.
fn best_grade(kind: EvidenceKind) -> Grade {
    match kind {
        EvidenceKind::GistProof => Grade::Mature,
        EvidenceKind::AccountStatement => Grade::MatureSoleByHand,
        _ => Grade::Plain,
    }
}

/// Creates the link of one proof of an account.
fn proof(
    bench: &EvaluationContext<'_>,
    sighting: &ObservedEvidence<AccountEvidence>,
    claim_id: &ClaimId,
    claimed: Option<&Namespace>,
) -> Link {
    let evidence = sighting.evidence();
    let (account, at) = (&evidence.account, evidence.observed_at);
    let maturity = bench.policy.maturity();
    let of = Subject::Account(account.clone());
    let seen = |link: Link| {
        let mut link = link.seen(at, &evidence.sources, bench.policy.evidence_age());
        link.seen = Some(EvidenceUse::new(sighting, at, None));
        link
    };
    match &evidence.proof {
        AccountProof::DeviceFlow { challenge } => {
            let says = format!("the holder of {account} approved it in a device flow");
            let mut link = seen(Link::new(EvidenceKind::DeviceFlow, Grade::Plain, of, says));
            let ran_it = *sighting.seen_by() == SeenBy::ThisProcess;
            link.flow_for = challenge.clone().filter(|_| ran_it);
            link
        }
        AccountProof::TokenHolder {} => {
            let says = format!("somebody presented a token of {account}");
            seen(Link::new(EvidenceKind::TokenHolder, Grade::Plain, of, says))
        }
        AccountProof::GistProof {
            gist,
            claim,
            unchanged_since,
            ..
        } => {
            let mature = at.since(*unchanged_since) >= maturity;
            let says =
                format!("gist {gist} of {account} holds the signed claim since {unchanged_since}");
            let grade = if mature { Grade::Mature } else { Grade::Young };
            let link = seen(Link::new(EvidenceKind::GistProof, grade, of, says))
                .said(*unchanged_since)
                .under(MaturityRange::up_to(maturity))
                .id("gist", gist);
            if claim != claim_id {
                let detail = format!("the gist holds another claim, {claim}");
                return link.undetermined(Unavailable::new(
                    UnavailableReason::EvidenceMismatch,
                    detail,
                ));
            }
            let ripe = worth(EvidenceKind::GistProof, Grade::Mature);
            if mature {
                link
            } else {
                link.ripening(*unchanged_since + maturity, ripe, None)
            }
        }
        AccountProof::AccountStatement(package) => {
            let mut link = seen(account_statement(bench, evidence, package));
            link.origin = Some(package.origin.clone());
            if claimed == Some(&package.namespace) {
                let there = worth(EvidenceKind::PackageStatement, Grade::MatureSole);
                link = link.falling_to_also(there);
            }
            link
        }
    }
}

/// Returns the links that support a linked account, with what each falls to. For front ends that show an account by itself.
#[must_use]
pub fn grade_account(
    linked: &LinkedAccount,
    policy: &Policy,
    keys: &KeyRing,
    now: Timestamp,
) -> Vec<LinkReport> {
    let bench = EvaluationContext::alone(std::slice::from_ref(linked), policy, keys, now);
    account(&bench, linked, None)
        .into_iter()
        .map(|link| link.report)
        .collect()
}
