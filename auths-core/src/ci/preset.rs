//! What a registry itself checks of a CI run, as the members of a rule.

use super::{AllowedRunner, CiProvider, PublisherRuleFields, Trigger, WorkflowBinding};

/// A set of members that lets a rule say what one registry itself checks, for those who move from it.
///
/// | preset | binding | triggers | runner |
/// |---|---|---|---|
/// | [`Strict`](Self::Strict), the default | `caller-and-job` | the platform's default list | `hosted` |
/// | [`CratesIo`](Self::CratesIo) | `caller` | all but `pull_request_target` and `workflow_run` | `any` |
/// | [`Npm`](Self::Npm) | `caller` | all | `hosted` |
/// | [`PyPi`](Self::PyPi) | `job` | all but `pull_request_target` | `any` |
///
/// A rule differs from the registries in these points on purpose, whatever the preset:
///
/// - The number of the repository must fit. None of the three looks at it, so a repository that was deleted and made anew under its
///   old name publishes there.
/// - Names of repositories and owners are labels. npm compares them with their case, PyPI the owner's.
/// - The repository in the reference to a workflow must be that of the run, and its version the run's. crates.io and npm look at the
///   file name alone.
/// - A ref is a full one. PyPI takes any text.
/// - Environments are compared as the platform compares them. npm always counts their case, although GitHub does not.
///
/// Sources: PyPI's page "Security model and considerations", crates.io's page "Trusted Publishing", npm's page "Trusted publishing
/// for npm packages", and the source code of Warehouse and crates.io. What npm does with triggers is not documented: its preset
/// allows all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[non_exhaustive]
pub enum PublisherPreset {
    /// The defaults of a rule.
    #[default]
    Strict,
    /// What crates.io checks.
    CratesIo,
    /// What npm checks.
    Npm,
    /// What PyPI checks.
    PyPi,
}

impl PublisherPreset {
    /// Every preset.
    pub const ALL: [Self; 4] = [Self::Strict, Self::CratesIo, Self::Npm, Self::PyPi];

    /// Returns which workflow must be the rule's file.
    #[must_use]
    pub const fn binding(self) -> WorkflowBinding {
        match self {
            Self::Strict => WorkflowBinding::CallerAndJob,
            Self::CratesIo | Self::Npm => WorkflowBinding::Caller,
            Self::PyPi => WorkflowBinding::Job,
        }
    }

    /// Returns the machines that a job may run on.
    #[must_use]
    pub const fn runner(self) -> AllowedRunner {
        match self {
            Self::Strict | Self::Npm => AllowedRunner::Hosted,
            Self::CratesIo | Self::PyPi => AllowedRunner::Any,
        }
    }

    /// Returns the events that may start a run; `None` for the platform's default list.
    #[must_use]
    pub fn triggers(self, provider: CiProvider) -> Option<Vec<Trigger>> {
        let refused: &[&str] = match self {
            Self::Strict => return None,
            Self::CratesIo => &["pull_request_target", "workflow_run"],
            Self::PyPi => &["pull_request_target"],
            Self::Npm => &[],
        };
        let allowed = provider.known_triggers().iter();
        let allowed = allowed.filter(|trigger| !refused.contains(*trigger));
        Some(allowed.filter_map(|trigger| trigger.parse().ok()).collect())
    }

    /// Sets binding, triggers and runner of a rule to those of the preset.
    ///
    /// ```
    /// use auths_core::ci::{CiIssuer, CiProvider, PublisherPreset, PublisherRule, PublisherRuleFields, WorkflowBinding};
    ///
    /// let github = CiIssuer::public(CiProvider::GitHubActions)?;
    /// let mut fields = PublisherRuleFields::new(
    ///     github.url, "700700".parse()?, "4242".parse()?, "acme/widget".parse()?, "release.yml".parse()?,
    /// );
    /// PublisherPreset::PyPi.apply(&mut fields, github.provider);
    /// assert_eq!(PublisherRule::new(fields)?.fields().binding, WorkflowBinding::Job);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn apply(self, fields: &mut PublisherRuleFields, provider: CiProvider) {
        fields.binding = self.binding();
        fields.triggers = self.triggers(provider);
        fields.runner = self.runner();
    }
}
