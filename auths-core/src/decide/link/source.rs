//! namespace - account: where a package is said, or attested, to be built.

use super::{Bench, Link};
use crate::evidence::{
    EvidenceKind, Grade, NamespaceEvidence, Provenance, SourceRepository, worth,
};
use crate::identity::{Account, Login};
use crate::outcome::Refutation;

/// namespace - account, typed by the publisher: by name, never by id.
pub(in crate::decide) fn repository(
    bench: &Bench<'_>,
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
    let link = Link::new(EvidenceKind::SourceRepository, Grade::Plain, says).seen(
        evidence.observed_at,
        &evidence.sources,
        bench.policy.evidence_age(),
    );
    let same = platform == account.platform()
        && account.origin().is_none()
        && Login::parse(platform, owner).is_ok_and(|login| login == *account.login());
    if same {
        link
    } else {
        link.refuted(
            Refutation::OtherRepository,
            format!("{owner} is not {account}"),
        )
    }
}

/// namespace - account, attested, by numeric id.
pub(in crate::decide) fn provenance(
    bench: &Bench<'_>,
    evidence: &NamespaceEvidence,
    attested: &Provenance,
    account: &Account,
) -> Link {
    let kind = EvidenceKind::Provenance;
    let mature = evidence.observed_at.since(attested.since) >= bench.policy.maturity();
    let young = attested.token_may_publish && !mature;
    let says = format!(
        "{} was built in repository {} of {} id {}",
        evidence.namespace.short(),
        attested.repository_id,
        attested.platform,
        attested.owner_id
    );
    let link = Link::new(kind, if young { Grade::Young } else { Grade::Mature }, says)
        .seen(
            evidence.observed_at,
            &evidence.sources,
            bench.policy.evidence_age(),
        )
        .said(attested.since)
        .id("repository", &attested.repository_id)
        .id("owner", &attested.owner_id);
    let same = attested.platform == *account.platform()
        && account.origin().is_none()
        && account.id() == Some(&attested.owner_id);
    if !same {
        return link.refuted(
            Refutation::OtherRepository,
            format!("the owner of the build is not {account}"),
        );
    }
    if young {
        let ripe = worth(kind, Grade::Mature);
        link.ripening(attested.since + bench.policy.maturity(), ripe, false)
    } else {
        link
    }
}
