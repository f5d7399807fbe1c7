//! The identity of a CI run.

use std::fmt;

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use super::{
    CiIssuer, CiValueError, CommitId, EnvironmentName, GitRef, JobWorkflow, OwnerIdentity, RefKind,
    RepositoryIdentity, RepositoryVisibility, RunNumber, RunnerKind, Trigger, WorkflowRef,
};
use crate::reason::{Invalid, Reason};

/// Everything that a CI run is told by. Whoever reads a token or a certificate fills in every field: what the platform does not
/// show is `None`, and nothing is left out or guessed.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[allow(
    clippy::exhaustive_structs,
    reason = "an identity cannot be made by half: a new field must break those who make one"
)]
pub struct CiIdentityParts {
    /// The issuer of the token or certificate.
    pub issuer: CiIssuer,
    /// The repository that the workflow ran in.
    pub repository: RepositoryIdentity,
    /// The owner of that repository.
    pub owner: OwnerIdentity,
    /// The workflow that was started (the calling one).
    pub workflow: WorkflowRef,
    /// The commit that the calling workflow was read at.
    pub workflow_commit: Option<CommitId>,
    /// The workflow that holds the job; `None` where it is not shown.
    pub job_workflow: Option<JobWorkflow>,
    /// The ref that the run is for; `None` where the token has an empty one.
    pub git_ref: Option<GitRef>,
    /// Whether rules of the repository protect the ref; `None` where it is not shown.
    pub ref_protected: Option<bool>,
    /// The commit that the run is for.
    pub commit: CommitId,
    /// The deployment environment of the job; `None` where the job has none.
    pub environment: Option<EnvironmentName>,
    /// The event that started the run.
    pub trigger: Trigger,
    /// Whose machine the job runs on; `None` where it is not shown.
    pub runner: Option<RunnerKind>,
    /// Who can see the repository; `None` where it is not shown.
    pub visibility: Option<RepositoryVisibility>,
    /// The number of the run; `None` where it is not shown.
    pub run: Option<RunNumber>,
}

/// A reason why the parts of an identity do not belong together.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CiIdentityError {
    /// The owner is not the one in the name of the repository.
    #[error("the repository {repository} is not one of the owner {owner}")]
    OwnerMismatch {
        /// The name of the repository.
        repository: String,
        /// The name of the owner.
        owner: String,
    },
    /// The platform has no owners within owners.
    #[error("{repository} is not OWNER/NAME")]
    Subgroup {
        /// The name of the repository.
        repository: String,
    },
    /// A value is not written as it must be.
    #[error(transparent)]
    Value(#[from] CiValueError),
}

impl CiIdentityError {
    /// Returns the stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        Invalid::BadName.code()
    }
}

/// The identity of one CI run: which workflow, of which repository, at which commit, started by what.
///
/// It is made from [`CiIdentityParts`], all of which must be given, and refuses parts that contradict each other. It proves nothing
/// by itself: a [`VerifiedCiToken`](crate::ci::VerifiedCiToken) is one whose token was verified.
///
/// # Security
/// The numbers of repository and owner identify; every name is a label. The issuer belongs to the numbers.
///
/// ```
/// use auths_core::ci::{
///     CiIdentity, CiIdentityParts, CiIssuer, CiProvider, OwnerIdentity, RefKind, RepositoryIdentity,
/// };
///
/// let parts = CiIdentityParts {
///     issuer: CiIssuer::public(CiProvider::GitHubActions)?,
///     repository: RepositoryIdentity { id: "700700".parse()?, name: "acme/widget".parse()? },
///     owner: OwnerIdentity { id: "4242".parse()?, name: "acme".parse()? },
///     workflow: "acme/widget/.github/workflows/release.yml@refs/tags/v1".parse()?,
///     workflow_commit: None,
///     job_workflow: None,
///     git_ref: Some("refs/tags/v1".parse()?),
///     ref_protected: Some(true),
///     commit: "0123456789abcdef0123456789abcdef01234567".parse()?,
///     environment: None,
///     trigger: "push".parse()?,
///     runner: None,
///     visibility: None,
///     run: None,
/// };
/// let identity = CiIdentity::new(parts.clone())?;
/// assert_eq!(identity.ref_kind(), RefKind::Tag);
/// let owner = OwnerIdentity { id: "4242".parse()?, name: "acme-corp".parse()? };
/// assert!(CiIdentity::new(CiIdentityParts { owner, ..parts }).is_err(), "the repository is of another owner");
/// # Ok::<(), auths_core::ci::CiIdentityError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CiIdentity(CiIdentityParts);

impl CiIdentity {
    /// Puts an identity together, and checks that its parts belong together.
    ///
    /// # Errors
    /// [`CiIdentityError`] when the owner is not the one in the name of the repository, or the name has groups on a platform
    /// without them.
    pub fn new(parts: CiIdentityParts) -> Result<Self, CiIdentityError> {
        let (name, owner) = (&parts.repository.name, &parts.owner.name);
        if !name.owner().eq_ignore_ascii_case(owner.as_str()) {
            return Err(CiIdentityError::OwnerMismatch {
                repository: name.to_string(),
                owner: owner.to_string(),
            });
        }
        if !parts.issuer.provider.facts().has_subgroups && name.owner().contains('/') {
            return Err(CiIdentityError::Subgroup {
                repository: name.to_string(),
            });
        }
        Ok(Self(parts))
    }

    /// Returns every part.
    #[must_use]
    pub const fn parts(&self) -> &CiIdentityParts {
        &self.0
    }

    /// Returns the issuer.
    #[must_use]
    pub const fn issuer(&self) -> &CiIssuer {
        &self.0.issuer
    }

    /// Returns the repository that the workflow ran in.
    #[must_use]
    pub const fn repository(&self) -> &RepositoryIdentity {
        &self.0.repository
    }

    /// Returns the owner of that repository.
    #[must_use]
    pub const fn owner(&self) -> &OwnerIdentity {
        &self.0.owner
    }

    /// Checks that the run was started in the ordinary way: by a default trigger of its platform, with the calling workflow and the
    /// workflow of the job in its own repository.
    ///
    /// # Errors
    /// What is not so, in a sentence.
    pub(crate) fn check_ordinary(&self) -> Result<(), String> {
        let (issuer, own) = (&self.0.issuer, &self.0.repository.name);
        let trigger = &self.0.trigger;
        let defaults = issuer.provider.default_triggers();
        if !defaults.contains(&trigger.as_str()) {
            return Err(format!(
                "the event {trigger} is none of {}",
                defaults.join(", ")
            ));
        }
        let job = self.0.job_workflow.as_ref().map(|job| &job.reference);
        if job.is_none() && issuer.provider.tells_job_workflow() {
            return Err("the workflow of the job is not shown".to_owned());
        }
        let mut workflows = std::iter::once(&self.0.workflow).chain(job);
        match workflows.find(|workflow| !issuer.is_workflow_of(workflow, own)) {
            Some(other) => Err(format!("{other} is no workflow of {own}")),
            None => Ok(()),
        }
    }

    /// Returns the kind of ref that the run is for: [`RefKind::Other`] where the token has none.
    #[must_use]
    pub fn ref_kind(&self) -> RefKind {
        self.0.git_ref.as_ref().map_or(RefKind::Other, GitRef::kind)
    }
}

/// Prints what a person recognizes, and the number that decides: `run of acme/widget (repository 700700 of GitHub Actions at
/// https://token.actions.githubusercontent.com)`.
impl fmt::Display for CiIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let repository = self.repository();
        write!(
            f,
            "run of {} (repository {} of {})",
            repository.name,
            repository.id,
            self.issuer()
        )
    }
}

/// Writes the identity as the commands answer it. Numbers are text, and what is not shown is left out.
impl Serialize for CiIdentity {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let parts = &self.0;
        let mut fields = serializer.serialize_struct("CiIdentity", 14)?;
        fields.serialize_field("issuer", &parts.issuer.url)?;
        fields.serialize_field("repository", &parts.repository)?;
        fields.serialize_field("owner", &parts.owner)?;
        fields.serialize_field("workflow", &parts.workflow)?;
        serialize_shown(
            &mut fields,
            "workflow_commit",
            parts.workflow_commit.as_ref(),
        )?;
        serialize_shown(&mut fields, "job_workflow", parts.job_workflow.as_ref())?;
        fields.serialize_field("ref", parts.git_ref.as_ref().map_or("", GitRef::as_str))?;
        fields.serialize_field("ref_kind", &self.ref_kind())?;
        serialize_shown(&mut fields, "ref_protected", parts.ref_protected.as_ref())?;
        fields.serialize_field("commit", &parts.commit)?;
        serialize_shown(&mut fields, "environment", parts.environment.as_ref())?;
        fields.serialize_field("trigger", &parts.trigger)?;
        serialize_shown(&mut fields, "runner", parts.runner.as_ref())?;
        serialize_shown(&mut fields, "visibility", parts.visibility.as_ref())?;
        serialize_shown(&mut fields, "run", parts.run.as_ref())?;
        fields.end()
    }
}

fn serialize_shown<F: SerializeStruct, T: Serialize>(
    fields: &mut F,
    name: &'static str,
    value: Option<&T>,
) -> Result<(), F::Error> {
    match value {
        Some(value) => fields.serialize_field(name, value),
        None => fields.skip_field(name),
    }
}
