//! The run that the tests of core change in one point each.

use crate::ci::{
    CiIdentity, CiIdentityParts, CiIssuer, CiProvider, JobWorkflow, OwnerIdentity,
    RepositoryIdentity, RepositoryVisibility, RunNumber, RunnerKind,
};

pub(crate) const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";
pub(crate) const WORKFLOW: &str = "acme/widget/.github/workflows/release.yml@refs/tags/v1.2.0";

pub(crate) fn issuer() -> CiIssuer {
    CiIssuer::public(CiProvider::GitHubActions).unwrap()
}

/// A release of `acme/widget` by its own workflow, for the tag `v1.2.0`, in the environment `pypi`.
pub(crate) fn parts() -> CiIdentityParts {
    CiIdentityParts {
        issuer: issuer(),
        repository: RepositoryIdentity {
            id: "700700".parse().unwrap(),
            name: "acme/widget".parse().unwrap(),
        },
        owner: OwnerIdentity {
            id: "4242".parse().unwrap(),
            name: "acme".parse().unwrap(),
        },
        workflow: WORKFLOW.parse().unwrap(),
        workflow_commit: Some(COMMIT.parse().unwrap()),
        job_workflow: Some(JobWorkflow {
            commit: Some(COMMIT.parse().unwrap()),
            ..JobWorkflow::new(WORKFLOW.parse().unwrap())
        }),
        git_ref: Some("refs/tags/v1.2.0".parse().unwrap()),
        ref_protected: Some(true),
        commit: COMMIT.parse().unwrap(),
        environment: Some("pypi".parse().unwrap()),
        trigger: "push".parse().unwrap(),
        runner: Some(RunnerKind::Hosted),
        visibility: Some(RepositoryVisibility::Public),
        run: Some(RunNumber {
            id: "99887766".parse().unwrap(),
            attempt: Some("1".parse().unwrap()),
        }),
    }
}

pub(crate) fn identity() -> CiIdentity {
    CiIdentity::new(parts()).unwrap()
}
