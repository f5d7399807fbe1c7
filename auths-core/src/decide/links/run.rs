//! The links of a CI run: run - trusted publisher - DID, and run - namespace.

use super::super::context::EvaluationContext;
use super::super::reuse::MaturityRange;
use super::super::speaker::RunProof;
use super::link::Link;
use crate::capability::Capability;
use crate::ci::{
    CLOCK_LEEWAY, CiIdentity, EnvironmentEvidence, ForeignWorkflow, PublisherRule,
    RepositoryComparison, RuleMatch,
};
use crate::claim::{Audience, ProofExpectation, Signed, TrustedPublisher};
use crate::evidence::{
    AttestedPublisher, EvidenceGrade, EvidenceKind, MAX_REPOSITORIES, NamespaceEvidence, worth,
};
use crate::identity::Subject;
use crate::policy::ORG_EVIDENCE_AGE;
use crate::reason::{RefutedReason, Unavailable, UnavailableReason};

/// Returns the repository of a run, as a thing that an attacker may hold something of.
fn repository_of(run: &CiIdentity) -> Subject {
    let repository = run.repository();
    Subject::CiRepository {
        issuer: run.issuer().url.authority(),
        id: repository.id.to_string(),
        name: repository.name.to_string(),
    }
}

/// Adds what identifies the run, and the time until which its token holds: a leeway after its expiry.
fn of_run(link: Link, run: &RunProof) -> Link {
    let identity = run.identity();
    link.id("issuer", &identity.issuer().url)
        .id("repository", identity.repository().id)
        .id("owner", identity.owner().id)
        .said(run.token.times().issued_at)
        .until(Some(run.token.times().expires + CLOCK_LEEWAY))
}

/// Creates the links run - trusted publisher: the run matches the rule; and, where its job is in a workflow of another repository,
/// a second one, since whoever may write there can publish too.
pub(in crate::decide) fn ci_run_links(
    context: &EvaluationContext<'_>,
    run: &RunProof,
    rule: &PublisherRule,
    matched: &RuleMatch,
) -> Vec<Link> {
    let identity = run.identity();
    let guarded = guarded_environment(context, run, rule);
    let (grade, how) = match guarded {
        Some(_) => (
            EvidenceGrade::Guarded,
            ", in an environment that reviewers guard",
        ),
        None => (EvidenceGrade::Open, ""),
    };
    let says = format!("{identity} matches the rule for {rule}{how}");
    let link = Link::new(EvidenceKind::CiRun, grade, repository_of(identity), says);
    let link = match guarded {
        Some(seen) => link.observed(seen.observed_at, &[], ORG_EVIDENCE_AGE),
        None => link,
    };
    let mut links = vec![of_run(link, run)];
    if let Some(foreign) = &matched.foreign_workflow {
        links.extend(foreign_workflow_link(run, foreign));
    }
    links
}

/// Returns the environment that the rule names, where an adapter saw it guarded for this decision.
fn guarded_environment<'r>(
    context: &EvaluationContext<'_>,
    run: &'r RunProof,
    rule: &PublisherRule,
) -> Option<&'r EnvironmentEvidence> {
    let identity = run.identity();
    let named = rule.fields().environment.as_ref()?;
    run.environments
        .iter()
        .find(|seen| seen.is_about(identity, named) && seen.is_guarded(context.now()))
}

/// Creates the link of a job in a workflow of another repository; `None` where the rule pins the commit of that workflow.
fn foreign_workflow_link(run: &RunProof, foreign: &ForeignWorkflow) -> Option<Link> {
    if foreign.is_pinned {
        return None;
    }
    let name = foreign.repository.as_ref();
    let name = name.map_or_else(
        || foreign.workflow.reference.to_string(),
        ToString::to_string,
    );
    let shown = foreign.workflow.repository.as_ref();
    let is_by_number = foreign.compared == RepositoryComparison::ByNumber;
    let of = Subject::CiRepository {
        issuer: run.identity().issuer().url.authority(),
        id: shown.map_or_else(|| "not shown".to_owned(), |shown| shown.id.to_string()),
        name,
    };
    let says = format!(
        "the job is in a workflow of another repository, {}",
        foreign.workflow.reference
    );
    let link = Link::new(EvidenceKind::CiRun, EvidenceGrade::Guarded, of, says);
    let writer = [Capability::RepositoryWriter];
    let both = [Capability::RepositoryWriter, Capability::RecycledName];
    let falls_to: &[Capability] = match is_by_number {
        true => &writer,
        false => &both,
    };
    Some(of_run(
        link.falling_to(falls_to.iter().copied().collect()),
        run,
    ))
}

/// Creates the link trusted publisher - DID, with its signature, time and revocations checked.
pub(in crate::decide) fn trusted_publisher_link(
    context: &EvaluationContext<'_>,
    publisher: &Signed<TrustedPublisher>,
) -> Link {
    let (body, did) = (publisher.unverified(), publisher.did());
    let says = format!(
        "{did} signed that runs of {} may {}",
        body.publisher, body.actions
    );
    let of = Subject::Did(did.clone());
    let link = Link::new(
        EvidenceKind::TrustedPublisher,
        EvidenceGrade::Plain,
        of,
        says,
    )
    .said(publisher.created())
    .until(publisher.expires())
    .id("claim", publisher.id());
    let expected = ProofExpectation::new(Audience::public());
    if let Err(obstacle) = context.checks.claim_stands(publisher, &expected) {
        return link.standing(obstacle);
    }
    let revocations = context.revocations();
    let above = revocations.others_who_may_revoke(did);
    link.unless_revoked(revocations.ensure_not_revoked(publisher.id(), did, &above))
}

/// Creates the links run - namespace by what the registry attests of the package's publishers. A publisher that the run is not
/// one of makes none.
pub(in crate::decide) fn registry_publisher_links(
    context: &EvaluationContext<'_>,
    evidence: &NamespaceEvidence,
    run: &RunProof,
) -> Vec<Link> {
    let Ok(attested) = evidence.publishers.get() else {
        return Vec::new();
    };
    // Every one is compared with the run.
    let attested = attested.iter().take(MAX_REPOSITORIES);
    attested
        .filter(|publisher| publisher.rule.matches(run.identity()).is_ok())
        .map(|publisher| registry_publisher_link(context, evidence, run, publisher))
        .collect()
}

fn registry_publisher_link(
    context: &EvaluationContext<'_>,
    evidence: &NamespaceEvidence,
    run: &RunProof,
    publisher: &AttestedPublisher,
) -> Link {
    let (identity, maturity) = (run.identity(), context.maturity());
    let name = evidence.namespace.short();
    let mature = match publisher.token_may_publish {
        true => EvidenceGrade::Mature,
        false => EvidenceGrade::Plain,
    };
    let ripe_at = publisher.since + maturity;
    let is_mature = publisher.last >= ripe_at && evidence.observed_at >= ripe_at;
    let grade = match is_mature {
        true => mature,
        false => EvidenceGrade::Young,
    };
    let says = format!(
        "the registry attests that every release of {name} since {} came from runs like this one of {}",
        publisher.since,
        identity.repository().name
    );
    let link = Link::new(
        EvidenceKind::RegistryPublisher,
        grade,
        Subject::of_namespace(&evidence.namespace),
        says,
    )
    .applying_to(
        &[Capability::RepositoryWriter, Capability::PoisonedRun],
        &repository_of(identity),
    )
    .observed_in(evidence, context.policy());
    let link = of_run(link, run)
        .said(publisher.since)
        .under(MaturityRange::up_to(maturity));
    if let Err(why) = reaches_newest(evidence, publisher) {
        return link.undetermined(why);
    }
    match is_mature {
        true => link,
        false => {
            let at = ripe_at.max(evidence.observed_at);
            let needs = format!(
                "publish another release of {name} from such a run at {at} or later; waiting alone is not enough"
            );
            let mature = worth(EvidenceKind::RegistryPublisher, mature);
            link.ripening(at, mature, Some(needs))
        }
    }
}

/// Checks that the newest release is one of those that the registry attests.
fn reaches_newest(
    evidence: &NamespaceEvidence,
    publisher: &AttestedPublisher,
) -> Result<(), Unavailable> {
    let timeline = evidence.timeline.get()?;
    let newest = timeline.releases().last().map(|release| &release.version);
    if newest == Some(&publisher.newest) {
        return Ok(());
    }
    let detail = "that the newest release came from such a run was not seen";
    Err(Unavailable::new(UnavailableReason::MissingField, detail))
}

/// Creates the link run - `github:<owner>`: the owner of the run's repository is the account of that name, by id. `None` where the
/// namespace is no account of the platform that the run is of.
pub(in crate::decide) fn own_repository_link(
    context: &EvaluationContext<'_>,
    evidence: &NamespaceEvidence,
    run: &RunProof,
) -> Option<Link> {
    let identity = run.identity();
    if !identity.issuer().numbers_accounts_of(&evidence.namespace) {
        return None;
    }
    let owner = identity.owner();
    let name = evidence.namespace.short();
    let says = format!(
        "the run is of {}, a repository of {name}",
        identity.repository().name
    );
    let link = Link::new(
        EvidenceKind::OwnRepository,
        EvidenceGrade::Plain,
        Subject::of_namespace(&evidence.namespace),
        says,
    )
    .applying_to(
        &[Capability::RepositoryWriter, Capability::PoisonedRun],
        &repository_of(identity),
    )
    .observed_in(evidence, context.policy());
    let link = of_run(link, run);
    let account = match evidence.incarnation.get() {
        Ok(account) => account,
        Err(why) => return Some(link.undetermined(why)),
    };
    if account.value() != owner.id.to_string() {
        let detail = format!(
            "the owner of the run's repository has the number {}, and {name} is {account}",
            owner.id
        );
        return Some(link.refuted(RefutedReason::OtherRepository, detail));
    }
    if let Err(detail) = identity.check_ordinary() {
        return Some(link.refuted(RefutedReason::NoRuleMatches, detail));
    }
    Some(link)
}
