//! GitLab CI: what its ID tokens say of a run.
//!
//! Source: GitLab's page "OpenID Connect (OIDC) authentication using ID tokens". Projects and namespaces have ids, names of
//! environments count in upper and lower case, and a token is made when its job starts.

use auths_core::Refuted;
use auths_core::ci::{
    CiIdentityParts, CiIssuer, OwnerIdentity, RepositoryIdentity, RunNumber, RunnerKind,
};

use crate::claims::Claims;
use crate::github::VISIBILITIES;

const RUNNERS: [(&str, RunnerKind); 2] = [
    ("gitlab-hosted", RunnerKind::Hosted),
    ("self-hosted", RunnerKind::SelfHosted),
];

/// Reads the run. The claim `sub` is never looked at: projects may choose what stands in it.
///
/// `ci_config_ref_uri` is null where the configuration stands in another project; such a run names no workflow, and is refused.
pub(crate) fn read_run(claims: &Claims<'_>, issuer: &CiIssuer) -> Result<CiIdentityParts, Refuted> {
    let repository = RepositoryIdentity {
        id: claims.id("project_id")?,
        name: claims.required("project_path")?,
    };
    let owner = OwnerIdentity {
        id: claims.id("namespace_id")?,
        name: claims.required("namespace_path")?,
    };
    Ok(CiIdentityParts {
        issuer: issuer.clone(),
        workflow: claims.required("ci_config_ref_uri")?,
        workflow_commit: claims.optional("ci_config_sha")?,
        job_workflow: None,
        git_ref: claims.maybe_empty("ref_path")?,
        ref_protected: claims.flag("ref_protected")?,
        commit: claims.required("sha")?,
        environment: claims.optional("environment")?,
        trigger: claims.required("pipeline_source")?,
        runner: claims.word("runner_environment", &RUNNERS)?,
        visibility: claims.word("project_visibility", &VISIBILITIES)?,
        run: claims
            .optional_id("pipeline_id")?
            .map(|id| RunNumber { id, attempt: None }),
        repository,
        owner,
    })
}
