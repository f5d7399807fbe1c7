//! GitHub Actions: what its ID tokens say of a run.
//!
//! Source: GitHub's page "OpenID Connect reference". The claims that decide are required; whatever may be absent is never null.

use auths_core::ci::{
    CiIdentityParts, CiIssuer, JobWorkflow, NumericId, OwnerIdentity, RepositoryIdentity,
    RepositoryVisibility, RunNumber, RunnerKind,
};
use auths_core::{Refuted, RefutedReason};

use crate::claims::Claims;

const RUNNERS: [(&str, RunnerKind); 2] = [
    ("github-hosted", RunnerKind::Hosted),
    ("self-hosted", RunnerKind::SelfHosted),
];

pub(crate) const VISIBILITIES: [(&str, RepositoryVisibility); 3] = [
    ("public", RepositoryVisibility::Public),
    ("internal", RepositoryVisibility::Internal),
    ("private", RepositoryVisibility::Private),
];

/// Reads the run.
pub(crate) fn read_run(claims: &Claims<'_>, issuer: &CiIssuer) -> Result<CiIdentityParts, Refuted> {
    let repository = RepositoryIdentity {
        id: claims.id("repository_id")?,
        name: claims.required("repository")?,
    };
    let owner = OwnerIdentity {
        id: claims.id("repository_owner_id")?,
        name: claims.required("repository_owner")?,
    };
    let parts = CiIdentityParts {
        issuer: issuer.clone(),
        workflow: claims.required("workflow_ref")?,
        workflow_commit: claims.optional("workflow_sha")?,
        job_workflow: read_job_workflow(claims)?,
        git_ref: claims.maybe_empty("ref")?,
        ref_protected: claims.flag("ref_protected")?,
        commit: claims.required("sha")?,
        environment: claims.optional("environment")?,
        trigger: claims.required("event_name")?,
        runner: claims.word("runner_environment", &RUNNERS)?,
        visibility: claims.word("repository_visibility", &VISIBILITIES)?,
        run: read_run_number(claims)?,
        repository,
        owner,
    };
    if let Some(subject) = claims.label("sub") {
        check_subject(&subject, parts.owner.id, parts.repository.id)?;
    }
    Ok(parts)
}

fn read_job_workflow(claims: &Claims<'_>) -> Result<Option<JobWorkflow>, Refuted> {
    let commit = claims.optional("job_workflow_sha")?;
    let reference = claims.optional("job_workflow_ref")?;
    Ok(reference.map(|reference| JobWorkflow {
        commit,
        ..JobWorkflow::new(reference)
    }))
}

fn read_run_number(claims: &Claims<'_>) -> Result<Option<RunNumber>, Refuted> {
    let attempt = claims.optional_id("run_attempt")?;
    let id = claims.optional_id("run_id")?;
    Ok(id.map(|id| RunNumber { id, attempt }))
}

/// Checks the ids of an immutable subject, `repo:OWNER@ID/NAME@ID:...`. A subject of any other form is not looked at: owners of
/// repositories may write it as they like.
fn check_subject(subject: &str, owner: NumericId, repository: NumericId) -> Result<(), Refuted> {
    let Some((owner_part, repository_part)) = subject
        .strip_prefix("repo:")
        .and_then(|rest| rest.split(':').next())
        .and_then(|name| name.split_once('/'))
    else {
        return Ok(());
    };
    for (part, id, claim) in [
        (owner_part, owner, "repository_owner_id"),
        (repository_part, repository, "repository_id"),
    ] {
        let named = part
            .rsplit_once('@')
            .and_then(|(_, id)| id.parse::<NumericId>().ok());
        if let Some(named) = named.filter(|named| *named != id) {
            let detail = format!("its subject names the id {named}, and {claim} is {id}");
            return Err(Refuted::new(RefutedReason::TokenInconsistent, detail));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_immutable_subject_can_contradict() {
        let is_fine = |subject: &str| {
            let [owner, repository] = ["4242", "700700"].map(|id| id.parse().unwrap());
            check_subject(subject, owner, repository).is_ok()
        };
        for subject in [
            "repo:acme@4242/widget@700700:ref:refs/heads/main",
            "repo:acme@4242/widget@700700",
            "repo:acme/widget:ref:refs/tags/@scope/pkg@1",
            "repo:acme/widget:environment:a%3Ab",
            "repository_owner:acme@1/x@2",
            "repo:acme@/widget@x:",
            "repo:acme@04242/widget@0:",
            "repo:",
            "",
        ] {
            assert!(is_fine(subject), "{subject}");
        }
        for subject in [
            "repo:acme@4243/widget@700700:ref:refs/heads/main",
            "repo:acme@4242/widget@700701:ref:refs/heads/main",
            "repo:acme/widget@700701:ref:refs/heads/main",
            "repo:acme@1/widget",
        ] {
            assert!(!is_fine(subject), "{subject}");
        }
    }
}
