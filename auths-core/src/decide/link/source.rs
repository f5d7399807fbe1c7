//! The links namespace - account: the place where a package is said, or attested, to be built.

use super::super::grounds::MaturityRange;
use super::{EvaluationContext, Link, max_age};
use crate::capability::Capability;
use crate::evidence::{
    EvidenceKind, Grade, NamespaceEvidence, Provenance, SourceRepository, Timeline, worth,
};
use crate::identity::{Account, Login, Subject};
use crate::reason::{RefutedReason, Unavailable, UnavailableReason};

/// Creates the link namespace - account that the publisher typed: by name, never by id.
pub(in crate::decide) fn repository(
    bench: &EvaluationContext<'_>,
    evidence: &NamespaceEvidence,
    repository: &SourceRepository,
    account: &Account,
) -> Link {
    let SourceRepository {
        platform,
        owner,
        name,
    } = repository;
    let says = format!(
        "the publisher of {} typed {platform}:{owner}/{name} as its repository",
        evidence.namespace.short()
    );
    let of = Subject::of_namespace(&evidence.namespace);
    let link = Link::new(EvidenceKind::SourceRepository, Grade::Plain, of, says)
        .held_apart(
            &[Capability::RecycledName],
            &Subject::Account(account.clone()),
        )
        .seen(
            evidence.observed_at,
            &evidence.sources,
            max_age(bench.policy, evidence.namespace.ecosystem()),
        );
    let same = platform == account.platform()
        && account.origin().is_none()
        && Login::parse(platform, owner).is_ok_and(|login| login == *account.login());
    if same {
        link
    } else {
        link.refuted(
            RefutedReason::OtherRepository,
            format!("{owner} is not {account}"),
        )
    }
}

/// Creates the link namespace - account of an attested build, by numeric id.
pub(in crate::decide) fn provenance(
    bench: &EvaluationContext<'_>,
    evidence: &NamespaceEvidence,
    attested: &Provenance,
    account: &Account,
) -> Link {
    let kind = EvidenceKind::Provenance;
    let young = attested.token_may_publish && !stands(bench, evidence, attested);
    let grade = match (attested.token_may_publish, young) {
        (false, _) => Grade::Plain,
        (true, true) => Grade::Young,
        (true, false) => Grade::Mature,
    };
    let says = format!(
        "{} was built in repository {} of {} id {}",
        evidence.namespace.short(),
        attested.repository_id,
        attested.platform,
        attested.owner_id
    );
    let of = Subject::Repository {
        platform: attested.platform.clone(),
        id: attested.repository_id.clone(),
    };
    let link = Link::new(kind, grade, of, says)
        // The workflow belongs to the repository. Somebody who may publish the package, or may set where it is published from,
        // can publish from their own repository.
        .held_apart(
            &[
                Capability::StolenToken,
                Capability::HeldToken,
                Capability::Collaborator,
                Capability::FormerCollaborator,
                Capability::AccountSession,
            ],
            &Subject::of_namespace(&evidence.namespace),
        )
        .seen(
            evidence.observed_at,
            &evidence.sources,
            max_age(bench.policy, evidence.namespace.ecosystem()),
        )
        .said(attested.since)
        .under(if attested.token_may_publish {
            MaturityRange::up_to(bench.policy.maturity())
        } else {
            MaturityRange::ANY
        })
        .id("repository", &attested.repository_id)
        .id("owner", &attested.owner_id);
    let same = attested.platform == *account.platform()
        && account.origin().is_none()
        && account.id() == Some(&attested.owner_id);
    if !same {
        return link.refuted(
            RefutedReason::OtherRepository,
            format!("the owner of the build is not {account}"),
        );
    }
    if let Err(why) = reaches_newest(evidence, attested) {
        return link.undetermined(why);
    }
    if young {
        let at = (attested.since + bench.policy.maturity()).max(evidence.observed_at);
        let name = evidence.namespace.short();
        let needs = format!(
            "publish another attested release of {name} at {at} or later; waiting alone is not enough"
        );
        let needs = (!from_the_beginning(evidence, attested)).then_some(needs);
        link.ripening(at, worth(kind, Grade::Mature), needs)
    } else {
        link
    }
}

/// Checks that the newest release is attested too.
fn reaches_newest(evidence: &NamespaceEvidence, attested: &Provenance) -> Result<(), Unavailable> {
    let timeline = evidence.timeline.get()?;
    let newest = timeline.releases().last().map(|release| &release.version);
    if newest.is_some() && newest == attested.newest.as_ref() {
        return Ok(());
    }
    let detail = "that the newest release was built there was not seen";
    Err(Unavailable::new(UnavailableReason::MissingField, detail))
}

/// Returns whether attested builds have existed for as long as a statement must. One planted release does not suffice, unless
/// attestations began with the package's first release.
fn stands(
    bench: &EvaluationContext<'_>,
    evidence: &NamespaceEvidence,
    attested: &Provenance,
) -> bool {
    let ripe_at = attested.since + bench.policy.maturity();
    let again = |timeline: &Timeline| {
        let ripe = |at| ripe_at <= at && at <= evidence.observed_at;
        let mut standing = timeline.releases().iter().filter(|r| !r.withdrawn);
        standing.any(|r| r.uploaded_at.is_some_and(ripe))
    };
    ripe_at <= evidence.observed_at
        && (from_the_beginning(evidence, attested) || evidence.timeline.get().is_ok_and(again))
}

/// Returns whether the package's first release ever was already attested.
fn from_the_beginning(evidence: &NamespaceEvidence, attested: &Provenance) -> bool {
    let first = |timeline: &Timeline| {
        timeline.releases().first().is_some_and(|first| {
            !first.withdrawn && first.uploaded_at.is_some_and(|at| attested.since <= at)
        })
    };
    evidence.timeline.get().is_ok_and(first)
}
