//! Whether a CI run matches a publisher rule: a pure function, which names every field that differs.

use std::fmt;

use serde::Serialize;

use super::expected_workflow::{ExpectedWorkflow, Versions};
use super::{
    AllowedRunner, CiIdentity, GitRef, JobWorkflow, PublisherRule, PublisherRuleFields,
    RepositoryName, ReusableWorkflow, RunnerKind, Trigger, WorkflowBinding, WorkflowPin,
};
use crate::identity::escape;
use crate::reason::{Reason, RefutedReason};

/// A field of a rule that a run can differ in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[non_exhaustive]
pub enum RuleField {
    /// The issuer.
    #[serde(rename = "issuer")]
    Issuer,
    /// The number of the repository.
    #[serde(rename = "repositoryId")]
    RepositoryId,
    /// The number of the owner.
    #[serde(rename = "ownerId")]
    OwnerId,
    /// The workflow that was started.
    #[serde(rename = "workflow")]
    Workflow,
    /// The workflow of the job, where the rule names no reusable one.
    #[serde(rename = "jobWorkflow")]
    JobWorkflow,
    /// The reusable workflow of the job.
    #[serde(rename = "reusable")]
    Reusable,
    /// The environment.
    #[serde(rename = "environment")]
    Environment,
    /// The ref.
    #[serde(rename = "refs")]
    Refs,
    /// The event that started the run.
    #[serde(rename = "triggers")]
    Triggers,
    /// The machine.
    #[serde(rename = "runner")]
    Runner,
}

impl RuleField {
    /// Returns the wire name: that of the member in the rule object, or `jobWorkflow`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Issuer => "issuer",
            Self::RepositoryId => "repositoryId",
            Self::OwnerId => "ownerId",
            Self::Workflow => "workflow",
            Self::JobWorkflow => "jobWorkflow",
            Self::Reusable => "reusable",
            Self::Environment => "environment",
            Self::Refs => "refs",
            Self::Triggers => "triggers",
            Self::Runner => "runner",
        }
    }
}

impl fmt::Display for RuleField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One field in which a run differs from a rule. Its display form writes hidden characters out.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub struct FieldMismatch {
    /// The field.
    #[serde(rename = "field")]
    pub field: RuleField,
    /// The value that the rule expects, unescaped. Of several, one after the other with `, `.
    #[serde(rename = "expected")]
    pub raw_expected: String,
    /// The value of the run, unescaped; `None` where the token shows none.
    #[serde(rename = "found")]
    pub raw_found: Option<String>,
}

impl FieldMismatch {
    /// Returns a hint for whoever wrote the rule, where the cause is one that many meet.
    #[must_use]
    pub const fn hint(&self) -> Option<&'static str> {
        match self.field {
            RuleField::JobWorkflow => Some(
                "if the job is meant to be in a reusable workflow, name that in the rule's `reusable`",
            ),
            RuleField::Environment => {
                Some("set `environment` in the job, or leave it out of the rule")
            }
            RuleField::Triggers => Some(
                "let another event start the workflow; allow this one in the rule's `triggers` only if it never runs a stranger's code",
            ),
            _ => None,
        }
    }
}

impl fmt::Display for FieldMismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: expected {}", self.field, escape(&self.raw_expected))?;
        match &self.raw_found {
            Some(found) => write!(f, ", found {}", escape(found)),
            None => f.write_str(", and the token shows none"),
        }
    }
}

/// Every field in which a run differs from one rule: at least one.
#[derive(Debug, Clone, PartialEq, Eq, Hash, thiserror::Error)]
#[error("{}", listed(fields))]
#[non_exhaustive]
pub struct RuleMismatch {
    /// The fields, in the order of [`RuleField`].
    pub fields: Vec<FieldMismatch>,
}

impl RuleMismatch {
    /// Returns the stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        RefutedReason::NoRuleMatches.code()
    }
}

fn listed(fields: &[FieldMismatch]) -> String {
    let texts: Vec<String> = fields.iter().map(ToString::to_string).collect();
    texts.join("; ")
}

/// A name in a rule that is no longer that of the repository. The number still fits, so this changes no answer.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct LabelDrift {
    /// The name in the rule.
    pub rule: RepositoryName,
    /// The name now.
    pub now: RepositoryName,
}

/// How the repository of a foreign workflow was compared with the rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum RepositoryComparison {
    /// By its number, which the token shows.
    ByNumber,
    /// By its name, since the token shows no number. A name may change hands.
    ByName,
    /// Not at all: the rule binds the caller alone.
    NotCompared,
}

/// The workflow of the job, where it stands in another repository than the run's. Whoever may write there can act, unless the rule
/// pins the commit.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct ForeignWorkflow {
    /// The workflow.
    pub workflow: JobWorkflow,
    /// The name of its repository, where one can be told.
    pub repository: Option<RepositoryName>,
    /// How its repository was compared.
    pub compared: RepositoryComparison,
    /// True where the rule pins its commit.
    pub is_pinned: bool,
}

/// A run that matches a rule, and what a reader of the answer should know.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub struct RuleMatch {
    /// The names that drifted since the rule was made.
    pub drifts: Vec<LabelDrift>,
    /// The workflow of the job, where it is of another repository.
    pub foreign_workflow: Option<ForeignWorkflow>,
}

impl PublisherRule {
    /// Compares a run with the rule.
    ///
    /// ```
    /// # use auths_core::ci::{CiIdentity, PublisherRule, RuleField};
    /// /// Prints what keeps a run from matching.
    /// fn explain(rule: &PublisherRule, run: &CiIdentity) -> String {
    ///     match rule.matches(run) {
    ///         Ok(matched) if matched.drifts.is_empty() => "it matches".to_owned(),
    ///         Ok(_) => "it matches, and the repository was renamed".to_owned(),
    ///         Err(mismatch) => mismatch.to_string(),
    ///     }
    /// }
    /// ```
    ///
    /// # Errors
    /// [`RuleMismatch`] with every field that differs.
    pub fn matches(&self, identity: &CiIdentity) -> Result<RuleMatch, RuleMismatch> {
        let mut comparison = Comparison {
            rule: self.fields(),
            identity,
            mismatches: Vec::new(),
            matched: RuleMatch::default(),
        };
        comparison.compare_repository();
        comparison.compare_workflows();
        comparison.compare_circumstances();
        if comparison.mismatches.is_empty() {
            return Ok(comparison.matched);
        }
        Err(RuleMismatch {
            fields: comparison.mismatches,
        })
    }
}

/// A comparison under way.
struct Comparison<'a> {
    rule: &'a PublisherRuleFields,
    identity: &'a CiIdentity,
    mismatches: Vec<FieldMismatch>,
    matched: RuleMatch,
}

impl Comparison<'_> {
    fn differ(&mut self, field: RuleField, expected: impl fmt::Display, found: Option<String>) {
        self.mismatches.push(FieldMismatch {
            field,
            raw_expected: expected.to_string(),
            raw_found: found,
        });
    }

    fn compare_repository(&mut self) {
        let (rule, identity) = (self.rule, self.identity);
        let (issuer, repository) = (&identity.issuer().url, identity.repository());
        if *issuer != rule.issuer {
            self.differ(RuleField::Issuer, &rule.issuer, Some(issuer.to_string()));
        }
        if repository.id != rule.repository_id {
            let found = Some(repository.id.to_string());
            self.differ(RuleField::RepositoryId, rule.repository_id, found);
        } else {
            self.note_drift(&rule.repository, &repository.name);
        }
        let owner = identity.owner().id;
        if owner != rule.owner_id {
            self.differ(RuleField::OwnerId, rule.owner_id, Some(owner.to_string()));
        }
    }

    fn note_drift(&mut self, rule: &RepositoryName, now: &RepositoryName) {
        if !rule.is_same_as(now) {
            self.matched.drifts.push(LabelDrift {
                rule: rule.clone(),
                now: now.clone(),
            });
        }
    }

    fn compare_workflows(&mut self) {
        let (rule, parts) = (self.rule, self.identity.parts());
        let issuer = &parts.issuer;
        let tells_job = issuer.provider.tells_job_workflow();
        let own = ExpectedWorkflow::new(issuer, &parts.repository.name, &rule.workflow);
        // Where the platform shows one workflow, it is both the caller and that of the job.
        if rule.binding != WorkflowBinding::Job || !tells_job {
            let versions = Versions::of_run(parts, parts.workflow_commit.as_ref());
            if !own.is(&parts.workflow, &versions) {
                let found = Some(parts.workflow.as_str().to_owned());
                self.differ(RuleField::Workflow, own.text(versions.text()), found);
            }
        }
        let job = parts.job_workflow.as_ref();
        match &rule.reusable {
            Some(reusable) => self.compare_reusable(reusable, job),
            None if !tells_job => {}
            None if rule.binding == WorkflowBinding::Caller => self.note_foreign(job),
            None => {
                // As PyPI: the run's own ref or commit. Another commit of the file may be an old one with a hole.
                let versions = Versions::of_run(parts, None);
                if !job.is_some_and(|job| own.is(&job.reference, &versions)) {
                    let found = job.map(|job| job.reference.as_str().to_owned());
                    self.differ(RuleField::JobWorkflow, own.text(versions.text()), found);
                }
            }
        }
    }

    /// Notes the workflow of the job where the rule does not look at it and it is of another repository.
    fn note_foreign(&mut self, job: Option<&JobWorkflow>) {
        let (issuer, own) = (self.identity.issuer(), self.identity.repository());
        let Some(job) = job else { return };
        if issuer.is_workflow_of(&job.reference, &own.name) {
            return;
        }
        let shown = job.repository.as_ref().map(|shown| shown.name.clone());
        self.matched.foreign_workflow = Some(ForeignWorkflow {
            workflow: job.clone(),
            repository: shown.or_else(|| job.reference.leading_repository()),
            compared: RepositoryComparison::NotCompared,
            is_pinned: false,
        });
    }

    fn compare_reusable(&mut self, reusable: &ReusableWorkflow, job: Option<&JobWorkflow>) {
        let (issuer, own) = (self.identity.issuer(), self.identity.repository());
        let is_own = reusable.repository_id == own.id;
        let shown = job.and_then(|job| job.repository.as_ref());
        let name = match shown {
            _ if is_own => &own.name,
            Some(shown) => &shown.name,
            None => &reusable.repository,
        };
        let expected = ExpectedWorkflow::new(issuer, name, &reusable.workflow);
        // A name that is the run's own has the run's number, whether or not the token shows one for the workflow.
        let has_id = match shown {
            Some(shown) => shown.id == reusable.repository_id,
            None => is_own || !reusable.repository.is_same_as(&own.name),
        };
        let fits = job.filter(|job| has_id && expected.is_pinned(job, reusable.pin.as_ref()));
        let Some(job) = fits else {
            let version = match &reusable.pin {
                Some(WorkflowPin::Ref(git_ref)) => git_ref.as_str(),
                Some(WorkflowPin::Commit(commit)) => commit.as_str(),
                None => "any version",
            };
            let number = reusable.repository_id;
            let text = format!("{} (repository {number})", expected.text(version));
            let found = job.map(|job| match shown {
                Some(shown) => format!("{} (repository {})", job.reference.as_str(), shown.id),
                None => job.reference.as_str().to_owned(),
            });
            return self.differ(RuleField::Reusable, text, found);
        };
        if is_own {
            return;
        }
        if let Some(shown) = shown {
            self.note_drift(&reusable.repository, &shown.name);
        }
        let compared = match shown {
            Some(_) => RepositoryComparison::ByNumber,
            None => RepositoryComparison::ByName,
        };
        self.matched.foreign_workflow = Some(ForeignWorkflow {
            workflow: job.clone(),
            repository: Some(name.clone()),
            compared,
            is_pinned: matches!(reusable.pin, Some(WorkflowPin::Commit(_))),
        });
    }

    fn compare_circumstances(&mut self) {
        let (rule, parts) = (self.rule, self.identity.parts());
        let provider = parts.issuer.provider;
        if let Some(expected) = &rule.environment {
            let found = parts.environment.as_ref();
            if !found.is_some_and(|found| provider.is_same_environment(expected, found)) {
                let found = found.map(|found| found.as_str().to_owned());
                self.differ(RuleField::Environment, expected.as_str(), found);
            }
        }
        if let Some(refs) = &rule.refs {
            let found = parts.git_ref.as_ref();
            if !found.is_some_and(|found| refs.iter().any(|pattern| pattern.allows(found))) {
                let expected: Vec<&str> = refs.iter().map(|pattern| pattern.as_str()).collect();
                let found = found.map(|found| GitRef::as_str(found).to_owned());
                self.differ(RuleField::Refs, expected.join(", "), found);
            }
        }
        let allowed: Vec<&str> = match &rule.triggers {
            Some(triggers) => triggers.iter().map(Trigger::as_str).collect(),
            None => provider.default_triggers().to_vec(),
        };
        if !allowed.contains(&parts.trigger.as_str()) {
            let found = Some(parts.trigger.as_str().to_owned());
            self.differ(RuleField::Triggers, allowed.join(", "), found);
        }
        if rule.runner == AllowedRunner::Hosted && parts.runner != Some(RunnerKind::Hosted) {
            let found = parts.runner.map(|runner| runner.to_string());
            self.differ(RuleField::Runner, RunnerKind::Hosted, found);
        }
    }
}
