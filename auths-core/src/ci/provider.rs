//! What core knows of each CI platform: one row for each.
//!
//! Whatever depends on the platform of a run asks this table. A new platform is a new row.

use std::fmt;
use std::time::Duration;

use crate::identity::Platform;

/// A CI platform whose runs can be identified.
///
/// | platform | workflows are named | case of environments | default triggers | a token lives at most |
/// |---|---|---|---|---|
/// | GitHub Actions | `OWNER/NAME/.github/workflows/FILE@REF` | does not count | `push`, `release`, `workflow_dispatch`, `schedule` | 15 minutes |
/// | GitLab CI | `HOST/GROUP/NAME//FILE@REF` | counts | `push`, `web`, `schedule`, `api` | no limit of ours |
///
/// Sources: GitHub's page "OpenID Connect reference", GitLab's page "OpenID Connect (OIDC) authentication using ID tokens".
///
/// ```
/// use auths_core::ci::CiProvider;
///
/// let provider = CiProvider::named("gitlab").expect("it is known");
/// assert_eq!(provider.public_issuer(), "https://gitlab.com");
/// assert!(provider.default_triggers().contains(&"web"));
/// assert!(CiProvider::named("jenkins").is_none());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum CiProvider {
    /// GitHub Actions, also on GitHub Enterprise.
    GitHubActions,
    /// GitLab CI, also on instances that others run.
    GitLabCi,
}

/// What core knows of one platform.
#[derive(Debug)]
pub(super) struct ProviderFacts {
    /// The short name, as `--issuer` and `--origin` take it.
    pub(super) name: &'static str,
    /// The name in sentences.
    pub(super) title: &'static str,
    pub(super) public_issuer: &'static str,
    pub(super) default_triggers: &'static [&'static str],
    /// Every event that can start a run, as the platform documents them.
    pub(super) known_triggers: &'static [&'static str],
    /// True where `Prod` and `prod` are one environment.
    pub(super) folds_environment_case: bool,
    /// True where a token tells the workflow of the job apart from the one that was started.
    pub(super) tells_job_workflow: bool,
    /// True where owners stand in owners: groups and subgroups.
    pub(super) has_subgroups: bool,
    /// True where a workflow's text begins with the host of the issuer.
    pub(super) names_host: bool,
    /// The text between a repository and the file name of a workflow.
    pub(super) workflow_folder: &'static str,
    /// The platform whose accounts own its repositories, where core knows that platform.
    pub(super) accounts: Option<Platform>,
    /// The longest time from issue to expiry that a token may have.
    pub(super) max_token_life: Option<Duration>,
}

static GITHUB_ACTIONS: ProviderFacts = ProviderFacts {
    name: "github-actions",
    title: "GitHub Actions",
    public_issuer: "https://token.actions.githubusercontent.com",
    default_triggers: &["push", "release", "workflow_dispatch", "schedule"],
    known_triggers: GITHUB_TRIGGERS,
    folds_environment_case: true,
    tells_job_workflow: true,
    has_subgroups: false,
    names_host: false,
    workflow_folder: "/.github/workflows/",
    accounts: Some(Platform::GITHUB),
    max_token_life: Some(Duration::from_secs(15 * 60)),
};

static GITLAB_CI: ProviderFacts = ProviderFacts {
    name: "gitlab",
    title: "GitLab CI",
    public_issuer: "https://gitlab.com",
    default_triggers: &["push", "web", "schedule", "api"],
    known_triggers: GITLAB_TRIGGERS,
    folds_environment_case: false,
    tells_job_workflow: false,
    has_subgroups: true,
    names_host: true,
    workflow_folder: "//",
    accounts: None,
    max_token_life: None,
};

/// GitHub's page "Events that trigger workflows". A called workflow has the event of its caller, so `workflow_call` is none.
const GITHUB_TRIGGERS: &[&str] = &[
    "branch_protection_rule",
    "check_run",
    "check_suite",
    "create",
    "delete",
    "deployment",
    "deployment_status",
    "discussion",
    "discussion_comment",
    "fork",
    "gollum",
    "image_version",
    "issue_comment",
    "issues",
    "label",
    "merge_group",
    "milestone",
    "page_build",
    "public",
    "pull_request",
    "pull_request_review",
    "pull_request_review_comment",
    "pull_request_target",
    "push",
    "registry_package",
    "release",
    "repository_dispatch",
    "schedule",
    "status",
    "watch",
    "workflow_dispatch",
    "workflow_run",
];

/// GitLab's page "Specify when jobs run with `rules`", the values of `CI_PIPELINE_SOURCE`, and those that its page "Pipelines API" lists
/// beside them for `source`: `container_registry_push`, `duo_workflow`, `pipeline_execution_policy_schedule`. `unknown` names no event.
const GITLAB_TRIGGERS: &[&str] = &[
    "api",
    "chat",
    "container_registry_push",
    "duo_workflow",
    "external",
    "external_pull_request_event",
    "merge_request_event",
    "ondemand_dast_scan",
    "ondemand_dast_validation",
    "parent_pipeline",
    "pipeline",
    "pipeline_execution_policy_schedule",
    "push",
    "schedule",
    "security_orchestration_policy",
    "trigger",
    "web",
    "webide",
];

impl CiProvider {
    /// Every platform.
    pub const ALL: [Self; 2] = [Self::GitHubActions, Self::GitLabCi];

    pub(super) fn facts(self) -> &'static ProviderFacts {
        match self {
            Self::GitHubActions => &GITHUB_ACTIONS,
            Self::GitLabCi => &GITLAB_CI,
        }
    }

    /// Finds a platform by its short name: `github-actions` or `gitlab`.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|provider| provider.name() == name)
    }

    /// Returns the short name.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.facts().name
    }

    /// Returns the issuer of the platform's public service.
    #[must_use]
    pub fn public_issuer(self) -> &'static str {
        self.facts().public_issuer
    }

    /// Returns the events that may start a run where a rule names none: those that run the code of the repository itself, started
    /// by somebody who may write to it.
    #[must_use]
    pub fn default_triggers(self) -> &'static [&'static str] {
        self.facts().default_triggers
    }

    /// Returns every event that can start a run, as the platform documents them.
    #[must_use]
    pub fn known_triggers(self) -> &'static [&'static str] {
        self.facts().known_triggers
    }

    /// Returns whether `a` and `b` name one environment on this platform.
    #[must_use]
    pub fn is_same_environment(
        self,
        a: &super::EnvironmentName,
        b: &super::EnvironmentName,
    ) -> bool {
        let (a, b) = (a.as_str(), b.as_str());
        a == b || (self.facts().folds_environment_case && a.eq_ignore_ascii_case(b))
    }

    /// Returns whether a token tells the workflow of the job apart from the workflow that was started. Where it does not, the
    /// configuration of the repository is the one workflow there is.
    #[must_use]
    pub fn tells_job_workflow(self) -> bool {
        self.facts().tells_job_workflow
    }

    /// Returns the longest time from issue to expiry that a token may have; `None` where core sets no limit.
    #[must_use]
    pub fn max_token_life(self) -> Option<Duration> {
        self.facts().max_token_life
    }
}

impl fmt::Display for CiProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.facts().title)
    }
}
