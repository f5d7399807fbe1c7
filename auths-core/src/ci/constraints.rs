//! The values that a rule alone has: bindings, runners, ref patterns, reusable workflows.

use std::fmt;
use std::str::FromStr;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::git::check_ref_characters;
use super::members::Members;
use super::value::text_value;
use super::{CiValueError, CommitId, GitRef, NumericId, RepositoryName, RuleError, WorkflowFile};

/// Which of a run's two workflows must be the rule's file: the one that was started (the caller), or the one that holds the job.
///
/// They differ for jobs in reusable workflows alone. On a platform that shows one workflow, every binding looks at that one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[non_exhaustive]
pub enum WorkflowBinding {
    /// Both must be. A job in a reusable workflow matches only a rule that names it in `reusable`.
    #[default]
    CallerAndJob,
    /// The caller must be, as npm and crates.io require. The job may be in any reusable workflow, whose writers can then publish.
    Caller,
    /// The workflow of the job must be, as PyPI requires. Any workflow of the repository may call it.
    Job,
}

impl WorkflowBinding {
    /// Every binding.
    pub const ALL: [Self; 3] = [Self::CallerAndJob, Self::Caller, Self::Job];

    /// Returns the wire name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CallerAndJob => "caller-and-job",
            Self::Caller => "caller",
            Self::Job => "job",
        }
    }
}

impl FromStr for WorkflowBinding {
    type Err = CiValueError;

    fn from_str(text: &str) -> Result<Self, CiValueError> {
        let found = Self::ALL
            .into_iter()
            .find(|binding| binding.as_str() == text);
        let rule = "one of caller-and-job, caller, job";
        found.ok_or_else(|| CiValueError::new("a binding", text, rule))
    }
}

impl fmt::Display for WorkflowBinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The machines that a job may run on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[non_exhaustive]
pub enum AllowedRunner {
    /// The platform's own alone. A run whose token does not show its machine does not match.
    #[default]
    Hosted,
    /// Any. What an earlier job left on a self-hosted machine may then publish.
    Any,
}

impl AllowedRunner {
    /// Every value.
    pub const ALL: [Self; 2] = [Self::Hosted, Self::Any];

    /// Returns the wire name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Hosted => "hosted",
            Self::Any => "any",
        }
    }
}

impl FromStr for AllowedRunner {
    type Err = CiValueError;

    fn from_str(text: &str) -> Result<Self, CiValueError> {
        let found = Self::ALL.into_iter().find(|runner| runner.as_str() == text);
        found.ok_or_else(|| CiValueError::new("a kind of runner", text, "hosted or any"))
    }
}

impl fmt::Display for AllowedRunner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

text_value! {
    /// A ref that a rule allows: one by its exact name, or all that begin with a text, written with one `*` at the end. Case
    /// counts.
    ///
    /// No ref has a `*`, so that a pattern is never taken for a name.
    ///
    /// ```
    /// use auths_core::ci::RefPattern;
    ///
    /// let tags: RefPattern = "refs/tags/v*".parse()?;
    /// assert!(tags.allows(&"refs/tags/v1.0".parse()?));
    /// assert!(!tags.allows(&"refs/heads/v1.0".parse()?));
    /// for bad in ["", "*", "main", "refs/*/v1", "refs/tags/v**"] {
    ///     assert!(bad.parse::<RefPattern>().is_err());
    /// }
    /// # Ok::<(), auths_core::ci::CiValueError>(())
    /// ```
    RefPattern, "a ref or the beginning of refs", check_pattern
}

fn check_pattern(text: &str) -> Result<(), &'static str> {
    let checked = match text.strip_suffix('*') {
        Some(beginning) => check_ref_characters(beginning),
        None => text.parse::<GitRef>().map(drop).map_err(|error| error.rule),
    };
    checked.map_err(|_| "a full ref such as refs/heads/main, or the beginning of one and a '*'")
}

impl RefPattern {
    /// Returns whether a run for `git_ref` is allowed.
    #[must_use]
    pub fn allows(&self, git_ref: &GitRef) -> bool {
        match self.as_str().strip_suffix('*') {
            Some(beginning) => git_ref.as_str().starts_with(beginning),
            None => git_ref.as_str() == self.as_str(),
        }
    }
}

/// The version of a reusable workflow that a rule insists on.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WorkflowPin {
    /// A ref, which whoever may write to that repository can move.
    Ref(GitRef),
    /// A commit, which nobody can change.
    Commit(CommitId),
}

/// A reusable workflow that holds the job of a run, where that is not the rule's own file.
///
/// # Security
/// Where the platform does not show the number of its repository, the name is compared, and a name may change hands. Unless it is
/// pinned to a commit, whoever may write to that repository can publish.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct ReusableWorkflow {
    /// The number of its repository.
    pub repository_id: NumericId,
    /// The name of its repository: a label where the platform shows the number.
    pub repository: RepositoryName,
    /// The workflow file.
    pub workflow: WorkflowFile,
    /// The version; `None` for any.
    pub pin: Option<WorkflowPin>,
}

impl ReusableWorkflow {
    /// Creates a reusable workflow in any version.
    #[must_use]
    pub const fn new(
        repository_id: NumericId,
        repository: RepositoryName,
        workflow: WorkflowFile,
    ) -> Self {
        Self {
            repository_id,
            repository,
            workflow,
            pin: None,
        }
    }

    /// Sets the version.
    #[must_use]
    pub fn pinned(mut self, pin: Option<WorkflowPin>) -> Self {
        self.pin = pin;
        self
    }

    pub(super) fn read(mut members: Members) -> Result<Self, RuleError> {
        let reusable = Self::new(
            members.needed("repositoryId")?,
            members.needed("repository")?,
            members.needed("workflow")?,
        );
        let (git_ref, commit) = (members.value("ref")?, members.value("sha")?);
        members.end()?;
        let pin = match (git_ref, commit) {
            (Some(_), Some(_)) => {
                let what = "a version is named by `ref` or by `sha`, not by both";
                return Err(RuleError::new("reusable.sha", what));
            }
            (Some(git_ref), None) => Some(WorkflowPin::Ref(git_ref)),
            (None, commit) => commit.map(WorkflowPin::Commit),
        };
        Ok(reusable.pinned(pin))
    }
}

impl Serialize for ReusableWorkflow {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("repositoryId", &self.repository_id)?;
        map.serialize_entry("repository", &self.repository)?;
        map.serialize_entry("workflow", &self.workflow)?;
        match &self.pin {
            Some(WorkflowPin::Ref(git_ref)) => map.serialize_entry("ref", git_ref)?,
            Some(WorkflowPin::Commit(commit)) => map.serialize_entry("sha", commit)?,
            None => {}
        }
        map.end()
    }
}
