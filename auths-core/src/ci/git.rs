//! Git refs and commits, as ID tokens name them.

use std::fmt;

use serde::Serialize;

use super::value::text_value;

text_value! {
    /// A full git ref: `refs/heads/main`, `refs/tags/v1`, `refs/pull/7/merge`.
    ///
    /// The rules are git's own (`git check-ref-format`), with at most 1024 bytes. `@` and `/` may stand in it: the tag
    /// `@scope/pkg@1.0.0` is a ref. So may every character beyond ASCII, a no-break space too, since git allows them; the display
    /// form writes the hidden ones out.
    ///
    /// Source: the claim `ref` of a GitHub Actions ID token, `ref_path` of a GitLab one.
    ///
    /// ```
    /// use auths_core::ci::{GitRef, RefKind};
    ///
    /// let tag: GitRef = "refs/tags/@scope/pkg@1.0.0".parse()?;
    /// assert_eq!(tag.kind(), RefKind::Tag);
    /// for bad in ["", "main", "refs/", "refs/heads/", "refs/heads/a b", "refs/heads/a..b", "refs/heads/*", "refs/tags/v1.lock"] {
    ///     assert!(bad.parse::<GitRef>().is_err());
    /// }
    /// # Ok::<(), auths_core::ci::CiValueError>(())
    /// ```
    GitRef, "a git ref", check_ref
}

text_value! {
    /// The digest of a git commit: 40 or 64 lower-case hex digits.
    ///
    /// Source: the claims `sha`, `workflow_sha` and `job_workflow_sha` of a GitHub Actions ID token, `sha` and `ci_config_sha` of a
    /// GitLab one.
    CommitId, "a git commit", check_commit
}

fn check_ref(text: &str) -> Result<(), &'static str> {
    check_ref_characters(text)?;
    let is_last_ok = !text.ends_with(['/', '.']) && text != "refs";
    let parts_ok = text.split('/').all(is_ref_part);
    if is_last_ok && parts_ok {
        return Ok(());
    }
    Err("a full ref such as refs/heads/main, as git allows it")
}

/// Checks the characters of a ref, or of the beginning of one.
pub(super) fn check_ref_characters(text: &str) -> Result<(), &'static str> {
    if text.len() > 1024 {
        return Err("a ref of at most 1024 bytes");
    }
    let is_forbidden = |c: char| c.is_ascii_control() || " ~^:?*[\\".contains(c);
    let has_forbidden = text.contains(is_forbidden) || text.contains("..") || text.contains("@{");
    if !text.starts_with("refs/") || has_forbidden || text.contains("//") {
        return Err("a full ref such as refs/heads/main, as git allows it");
    }
    Ok(())
}

fn is_ref_part(part: &str) -> bool {
    !part.is_empty() && !part.starts_with('.') && !part.ends_with(".lock")
}

fn check_commit(text: &str) -> Result<(), &'static str> {
    let is_hex = |b: u8| matches!(b, b'0'..=b'9' | b'a'..=b'f');
    if matches!(text.len(), 40 | 64) && text.bytes().all(is_hex) {
        return Ok(());
    }
    Err("40 or 64 lower-case hex digits")
}

impl GitRef {
    /// Returns the kind of ref, by its folder.
    #[must_use]
    pub fn kind(&self) -> RefKind {
        let folder = self.as_str().split('/').nth(1).unwrap_or_default();
        match folder {
            "heads" => RefKind::Branch,
            "tags" => RefKind::Tag,
            "pull" | "merge-requests" => RefKind::PullRequest,
            _ => RefKind::Other,
        }
    }
}

/// The kind of a git ref.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[non_exhaustive]
pub enum RefKind {
    /// A branch: `refs/heads/`.
    #[serde(rename = "branch")]
    Branch,
    /// A tag: `refs/tags/`.
    #[serde(rename = "tag")]
    Tag,
    /// A proposed change that was not merged: `refs/pull/`, `refs/merge-requests/`.
    #[serde(rename = "pull-request")]
    PullRequest,
    /// Any other ref, or none.
    #[serde(rename = "other")]
    Other,
}

impl RefKind {
    /// Returns the wire name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Branch => "branch",
            Self::Tag => "tag",
            Self::PullRequest => "pull-request",
            Self::Other => "other",
        }
    }
}

impl fmt::Display for RefKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
