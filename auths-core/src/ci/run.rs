//! What else a token shows of a run: its trigger, environment, runner, visibility and number.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::NumericId;
use super::value::{check_line, text_value};

text_value! {
    /// The event that started a run: `push`, `release`, `workflow_dispatch`; on GitLab `web`, `api`.
    ///
    /// 1 to 64 lower-case letters, digits and low lines, a letter first.
    ///
    /// Source: the claim `event_name` of a GitHub Actions ID token, `pipeline_source` of a GitLab one.
    Trigger, "the name of an event that starts a run", check_trigger
}

text_value! {
    /// The name of a deployment environment, in the spelling of the workflow: 1 to 255 bytes, without control characters and white
    /// space at its ends. The platform says whether case counts: [`CiProvider`](super::CiProvider).
    ///
    /// Source: the claim `environment` of a GitHub Actions or GitLab ID token.
    EnvironmentName, "the name of an environment", check_environment
}

fn check_trigger(text: &str) -> Result<(), &'static str> {
    let is_word = |b: u8| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_');
    let starts_ok = text.starts_with(|c: char| c.is_ascii_lowercase());
    if starts_ok && text.len() <= 64 && text.bytes().all(is_word) {
        return Ok(());
    }
    Err("1 to 64 lower-case letters, digits and '_', a letter first")
}

fn check_environment(text: &str) -> Result<(), &'static str> {
    check_line(text, 255)
}

/// The machine that a job runs on: whose it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[non_exhaustive]
pub enum RunnerKind {
    /// A machine of the platform, fresh for the job.
    #[serde(rename = "hosted")]
    Hosted,
    /// A machine of somebody else, which other jobs may have changed.
    #[serde(rename = "self-hosted")]
    SelfHosted,
}

impl RunnerKind {
    /// Returns the wire name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Hosted => "hosted",
            Self::SelfHosted => "self-hosted",
        }
    }
}

impl fmt::Display for RunnerKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Who can see a repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum RepositoryVisibility {
    /// Everybody.
    #[serde(rename = "public")]
    Public,
    /// The members of the organisation or instance.
    #[serde(rename = "internal")]
    Internal,
    /// Those who were let in.
    #[serde(rename = "private")]
    Private,
}

/// One run of a workflow: its number, and which attempt it is where the token shows that.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct RunNumber {
    /// The number of the run.
    #[serde(rename = "id")]
    pub id: NumericId,
    /// The attempt, from 1 on.
    #[serde(rename = "attempt", skip_serializing_if = "Option::is_none")]
    pub attempt: Option<NumericId>,
}
