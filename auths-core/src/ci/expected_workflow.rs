//! The reference to a workflow that is expected, built from what is known, and compared with the one in a token.

use super::{
    CiIdentity, CiIdentityParts, CiIssuer, CommitId, GitRef, JobWorkflow, RepositoryName,
    WorkflowFile, WorkflowPin, WorkflowRef,
};

/// A workflow file of a repository, in any version.
pub(super) struct ExpectedWorkflow<'a> {
    issuer: &'a CiIssuer,
    repository: &'a RepositoryName,
    file: &'a WorkflowFile,
}

/// The versions of its own files that a run can be at: its ref, its commit, and the commit of the file.
pub(super) struct Versions<'a>([Option<&'a str>; 3]);

impl<'a> Versions<'a> {
    pub(super) fn of_run(parts: &'a CiIdentityParts, file: Option<&'a CommitId>) -> Self {
        Self([
            parts.git_ref.as_ref().map(GitRef::as_str),
            Some(parts.commit.as_str()),
            file.map(CommitId::as_str),
        ])
    }

    /// Returns what stands before `@` and one of the versions at the end of a text, where all of them that fit agree.
    fn cut_from<'t>(&self, text: &'t str) -> Option<&'t str> {
        let versions = self.0.iter().flatten();
        let mut cut = versions.filter_map(|v| text.strip_suffix(v)?.strip_suffix('@'));
        let first = cut.next()?;
        cut.all(|other| other == first).then_some(first)
    }

    fn contain(&self, version: &str) -> bool {
        self.0.contains(&Some(version))
    }

    /// Returns the version to show: the ref, or else a commit.
    pub(super) fn text(&self) -> &'a str {
        self.0.iter().flatten().next().copied().unwrap_or_default()
    }
}

impl<'a> ExpectedWorkflow<'a> {
    pub(super) const fn new(
        issuer: &'a CiIssuer,
        repository: &'a RepositoryName,
        file: &'a WorkflowFile,
    ) -> Self {
        Self {
            issuer,
            repository,
            file,
        }
    }

    /// Returns the reference to a version of it.
    pub(super) fn text(&self, version: &str) -> String {
        let prefix = self.issuer.workflow_prefix(self.repository);
        format!("{prefix}{}@{version}", self.file.as_str())
    }

    /// Returns whether a reference is to this file in one of the versions.
    pub(super) fn is(&self, reference: &WorkflowRef, versions: &Versions<'_>) -> bool {
        let version = self.version_in(reference);
        version.is_some_and(|version| versions.contain(version))
    }

    /// Returns whether a job is in this file, in the version of the pin or, where there is none, in any.
    pub(super) fn is_pinned(&self, job: &JobWorkflow, pin: Option<&WorkflowPin>) -> bool {
        let Some(version) = self.version_in(&job.reference) else {
            return false;
        };
        let is_ref = version.parse::<GitRef>().is_ok();
        let is_version = is_ref || version.parse::<CommitId>().is_ok();
        is_version
            && match (pin, &job.commit) {
                (None, _) => true,
                (Some(WorkflowPin::Ref(git_ref)), _) => version == git_ref.as_str(),
                (Some(WorkflowPin::Commit(pinned)), Some(commit)) => {
                    pinned == commit && (is_ref || version == pinned.as_str())
                }
                (Some(WorkflowPin::Commit(pinned)), None) => version == pinned.as_str(),
            }
    }

    /// Returns the text after the `@` that follows the file name, where the reference begins with this repository and file.
    fn version_in<'r>(&self, reference: &'r WorkflowRef) -> Option<&'r str> {
        let rest = self
            .issuer
            .strip_workflow_prefix(reference, self.repository)?;
        rest.strip_prefix(self.file.as_str())?.strip_prefix('@')
    }
}

impl CiIdentity {
    /// Returns the file of the calling workflow, where it is a file of the run's own repository, in the version that the run is at.
    ///
    /// The name is what is left of the reference when the known text before it and the known version after it are taken away.
    /// Nothing is searched for, so an `@` or a `/` in a name or a ref moves no border. `None` where the reference is not of this
    /// form: to a file of another repository, in another version, or in a folder below that of the workflows.
    ///
    /// ```
    /// # use auths_core::ci::{CiIdentity, CiIdentityParts, CiIssuer, CiProvider, OwnerIdentity, RepositoryIdentity};
    /// # fn run(workflow: &str) -> Result<CiIdentity, auths_core::ci::CiIdentityError> {
    /// #     CiIdentity::new(CiIdentityParts {
    /// #         issuer: CiIssuer::public(CiProvider::GitHubActions)?,
    /// #         repository: RepositoryIdentity { id: "700700".parse()?, name: "acme/widget".parse()? },
    /// #         owner: OwnerIdentity { id: "4242".parse()?, name: "acme".parse()? },
    /// #         workflow: workflow.parse()?, workflow_commit: None, job_workflow: None,
    /// #         git_ref: Some("refs/tags/v1".parse()?), ref_protected: None,
    /// #         commit: "0123456789abcdef0123456789abcdef01234567".parse()?,
    /// #         environment: None, trigger: "push".parse()?, runner: None, visibility: None, run: None,
    /// #     })
    /// # }
    /// let own = run("acme/widget/.github/workflows/release.yml@refs/tags/v1")?;
    /// assert_eq!(own.workflow_file(), Some("release.yml".parse()?));
    /// assert_eq!(run("acme/shared/.github/workflows/release.yml@refs/tags/v1")?.workflow_file(), None);
    /// # Ok::<(), auths_core::ci::CiIdentityError>(())
    /// ```
    #[must_use]
    pub fn workflow_file(&self) -> Option<WorkflowFile> {
        let parts = self.parts();
        let rest = parts
            .issuer
            .strip_workflow_prefix(&parts.workflow, &parts.repository.name)?;
        let versions = Versions::of_run(parts, parts.workflow_commit.as_ref());
        versions.cut_from(rest)?.parse().ok()
    }
}

impl CiIssuer {
    /// Returns whether a reference is to a workflow of `repository`.
    pub(super) fn is_workflow_of(
        &self,
        reference: &WorkflowRef,
        repository: &RepositoryName,
    ) -> bool {
        self.strip_workflow_prefix(reference, repository).is_some()
    }

    /// Returns what follows [`workflow_prefix`](Self::workflow_prefix) in a reference. Names are compared without ASCII case, the
    /// folder as it is.
    fn strip_workflow_prefix<'r>(
        &self,
        reference: &'r WorkflowRef,
        repository: &RepositoryName,
    ) -> Option<&'r str> {
        let prefix = self.workflow_prefix(repository);
        let folder = self.provider.facts().workflow_folder;
        let names = prefix.len() - folder.len();
        let (found, rest) = reference.as_str().split_at_checked(names)?;
        let is_named = found.eq_ignore_ascii_case(&prefix[..names]);
        rest.strip_prefix(folder).filter(|_| is_named)
    }
}

impl WorkflowRef {
    /// Returns the repository that a reference of the form `OWNER/NAME/...` begins with.
    pub(super) fn leading_repository(&self) -> Option<RepositoryName> {
        let mut segments = self.as_str().split('/');
        let (owner, name) = (segments.next()?, segments.next()?);
        format!("{owner}/{name}").parse().ok()
    }
}
