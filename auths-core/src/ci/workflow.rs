//! Workflows: the name of a workflow file in a rule, and the reference to one in a token.

use serde::Serialize;

use super::value::{check_line, text_value};
use super::{CommitId, RepositoryIdentity};

text_value! {
    /// The file name of a workflow, without its folder: `release.yml`, `.gitlab-ci.yml`.
    ///
    /// At most 255 bytes, ending in `.yml` or `.yaml` after at least one character, without `/`, `\` and control characters. `@`
    /// may stand in it: names are compared by building the expected text, never by searching for an `@`.
    ///
    /// ```
    /// use auths_core::ci::WorkflowFile;
    ///
    /// assert!("release.yml".parse::<WorkflowFile>().is_ok());
    /// assert!("nested@evil.yml".parse::<WorkflowFile>().is_ok());
    /// for bad in ["", ".yml", "release", ".github/workflows/release.yml", "release.yml ", "release.yml@main"] {
    ///     assert!(bad.parse::<WorkflowFile>().is_err());
    /// }
    /// ```
    WorkflowFile, "the name of a workflow file", check_file
}

text_value! {
    /// A workflow as a token names it: its repository, its path and its version in one text, such as
    /// `acme/widget/.github/workflows/release.yml@refs/tags/v1`.
    ///
    /// It is never taken apart: whoever compares it builds the text that is expected.
    ///
    /// Source: the claims `workflow_ref` and `job_workflow_ref` of a GitHub Actions ID token, `ci_config_ref_uri` of a GitLab one.
    WorkflowRef, "a reference to a workflow", check_reference
}

fn check_file(text: &str) -> Result<(), &'static str> {
    check_line(text, 255)?;
    if text.contains(['/', '\\']) {
        return Err("the name of the file alone, without its folder");
    }
    let stem = text.strip_suffix(".yml").or(text.strip_suffix(".yaml"));
    if stem.is_none_or(str::is_empty) {
        return Err("it must end in .yml or .yaml, after a name");
    }
    Ok(())
}

fn check_reference(text: &str) -> Result<(), &'static str> {
    // It ends in a ref, which may have every character beyond ASCII.
    let has_control = text.contains(|c: char| c.is_ascii_control());
    if (1..=4096).contains(&text.len()) && !has_control && text.trim_ascii() == text {
        return Ok(());
    }
    Err("1 to 4096 bytes, without control characters and spaces at its ends")
}

/// The workflow file that holds the job, where the platform tells it apart from the workflow that was started.
///
/// For an ordinary job both are one file. For a job in a reusable workflow this is the reusable one, which may stand in another
/// repository.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct JobWorkflow {
    /// The reference to the file.
    #[serde(rename = "ref")]
    pub reference: WorkflowRef,
    /// The commit that the file was read at, where the token shows it.
    #[serde(rename = "commit", skip_serializing_if = "Option::is_none")]
    pub commit: Option<CommitId>,
    /// The repository of the file, where the token shows it by number. Without it, the name in `reference` is all there is, and a
    /// name may change hands.
    #[serde(rename = "repository", skip_serializing_if = "Option::is_none")]
    pub repository: Option<RepositoryIdentity>,
}

impl JobWorkflow {
    /// Creates the workflow of a job of which the token shows the reference alone.
    #[must_use]
    pub const fn new(reference: WorkflowRef) -> Self {
        Self {
            reference,
            commit: None,
            repository: None,
        }
    }
}
