//! The links namespace - account: the place where a package is said, or attested, to be built.

use super::super::context::EvaluationContext;
use super::super::reuse::MaturityRange;
use super::link::Link;
use crate::Timestamp;
use crate::capability::Capability;
use crate::evidence::{
    EvidenceGrade, EvidenceKind, NamespaceEvidence, Provenance, SourceRepository, worth,
};
use crate::identity::{Account, Login, Subject};
use crate::reason::{RefutedReason, Unavailable, UnavailableReason};

/// Creates the link namespace - account that the publisher typed: by name, never by id.
pub(super) fn repository_link(
    context: &EvaluationContext<'_>,
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
    let link = Link::new(
        EvidenceKind::SourceRepository,
        EvidenceGrade::Plain,
        of,
        says,
    )
    .applying_to(
        &[Capability::RecycledName],
        &Subject::Account(account.clone()),
    )
    .observed_in(evidence, context.policy());
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
pub(super) fn provenance_link(
    context: &EvaluationContext<'_>,
    evidence: &NamespaceEvidence,
    attested: &Provenance,
    account: &Account,
) -> Link {
    let maturity = context.maturity();
    let ripe_at = attested.since + maturity;
    let young = attested.token_may_publish && !stands(evidence, attested, ripe_at);
    let grade = match (attested.token_may_publish, young) {
        (false, _) => EvidenceGrade::Plain,
        (true, true) => EvidenceGrade::Young,
        (true, false) => EvidenceGrade::Mature,
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
    let link = Link::new(EvidenceKind::Provenance, grade, of, says)
        // The workflow belongs to the repository. Somebody who may publish the package, or may set where it is published from,
        // can publish from their own repository.
        .applying_to(
            &[
                Capability::StolenToken,
                Capability::HeldToken,
                Capability::Collaborator,
                Capability::FormerCollaborator,
                Capability::AccountSession,
            ],
            &Subject::of_namespace(&evidence.namespace),
        )
        .observed_in(evidence, context.policy())
        .said(attested.since)
        .under(if attested.token_may_publish {
            MaturityRange::up_to(maturity)
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
        let at = ripe_at.max(evidence.observed_at);
        let needs = (!from_the_beginning(evidence, attested)).then(|| {
            let name = evidence.namespace.short();
            format!(
                "publish another attested release of {name} at {at} or later; waiting alone is not enough"
            )
        });
        link.ripening(
            at,
            worth(EvidenceKind::Provenance, EvidenceGrade::Mature),
            needs,
        )
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
fn stands(evidence: &NamespaceEvidence, attested: &Provenance, ripe_at: Timestamp) -> bool {
    ripe_at <= evidence.observed_at
        && (from_the_beginning(evidence, attested) || is_published_again(evidence, ripe_at))
}

/// Returns whether a release that is not withdrawn was published at `since` or later, as of the time of the evidence.
fn is_published_again(evidence: &NamespaceEvidence, since: Timestamp) -> bool {
    let Ok(timeline) = evidence.timeline.get() else {
        return false;
    };
    let mut standing = timeline.releases().iter().filter(|r| !r.withdrawn);
    standing.any(|release| {
        let at = release.uploaded_at;
        at.is_some_and(|at| since <= at && at <= evidence.observed_at)
    })
}

/// Returns whether the package's first release ever was already attested.
fn from_the_beginning(evidence: &NamespaceEvidence, attested: &Provenance) -> bool {
    let Ok(timeline) = evidence.timeline.get() else {
        return false;
    };
    timeline.releases().first().is_some_and(|first| {
        !first.withdrawn && first.uploaded_at.is_some_and(|at| attested.since <= at)
    })
}
