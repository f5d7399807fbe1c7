//! Repositories and their owners: a number that decides, and a name that is a label.

use serde::Serialize;

use super::NumericId;
use super::value::text_value;

text_value! {
    /// The name of a repository with that of its owner: `owner/name`, on GitLab also `group/subgroup/name`. A label: it may be
    /// given to another repository later, so nothing rests on it where a number is shown.
    ///
    /// Each segment has 1 to 100 ASCII letters, digits, `-`, `_` and `.`, and is neither `.` nor `..`.
    ///
    /// Source: the claim `repository` of a GitHub Actions ID token, `project_path` of a GitLab one.
    ///
    /// ```
    /// use auths_core::ci::RepositoryName;
    ///
    /// let name: RepositoryName = "acme/widget".parse()?;
    /// assert_eq!(name.owner(), "acme");
    /// assert!(name.is_same_as(&"ACME/Widget".parse()?));
    /// for bad in ["", "acme", "acme/", "/widget", "acme//widget", "acme/..", "acme/wid get", "acme/\u{212a}"] {
    ///     assert!(bad.parse::<RepositoryName>().is_err());
    /// }
    /// # Ok::<(), auths_core::ci::CiValueError>(())
    /// ```
    RepositoryName, "the name of a repository", check_repository
}

text_value! {
    /// The name of the owner of a repository: a login or an organisation, on GitLab a group with its subgroups. A label, as
    /// [`RepositoryName`] is.
    ///
    /// Source: the claim `repository_owner` of a GitHub Actions ID token, `namespace_path` of a GitLab one.
    OwnerName, "the name of the owner of a repository", check_owner
}

/// The most segments of a name: GitLab nests groups 20 deep.
const MAX_SEGMENTS: usize = 22;

fn check_repository(text: &str) -> Result<(), &'static str> {
    if text.split('/').count() < 2 {
        return Err("OWNER/NAME");
    }
    check_owner(text)
}

fn check_owner(text: &str) -> Result<(), &'static str> {
    if text.split('/').count() > MAX_SEGMENTS || !text.split('/').all(is_segment) {
        return Err("segments of 1 to 100 ASCII letters, digits, '-', '_' and '.', divided by '/'");
    }
    Ok(())
}

fn is_segment(text: &str) -> bool {
    let is_word = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
    (1..=100).contains(&text.len()) && !matches!(text, "." | "..") && text.bytes().all(is_word)
}

impl RepositoryName {
    /// Returns the part before the last `/`: the name of the owner.
    #[must_use]
    pub fn owner(&self) -> &str {
        let split = self.as_str().rsplit_once('/');
        split.map_or("", |(owner, _)| owner)
    }

    /// Compares two names as platforms do: without ASCII case. Other letters never fold, and no name has any.
    #[must_use]
    pub fn is_same_as(&self, other: &Self) -> bool {
        self.as_str().eq_ignore_ascii_case(other.as_str())
    }
}

impl OwnerName {
    /// Compares two names as platforms do: without ASCII case.
    #[must_use]
    pub fn is_same_as(&self, other: &Self) -> bool {
        self.as_str().eq_ignore_ascii_case(other.as_str())
    }
}

/// A repository: its number, which decides, and its present name.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct RepositoryIdentity {
    /// The number that the platform never gives to another repository.
    #[serde(rename = "id")]
    pub id: NumericId,
    /// The name when the run began.
    #[serde(rename = "name")]
    pub name: RepositoryName,
}

/// The owner of a repository: the number of the account or group, which decides, and its present name.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct OwnerIdentity {
    /// The number that the platform never gives to another owner.
    #[serde(rename = "id")]
    pub id: NumericId,
    /// The name when the run began.
    #[serde(rename = "name")]
    pub name: OwnerName,
}
