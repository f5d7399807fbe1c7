//! Logins, read and compared by the rules of their platform.

use std::fmt;

use super::error::NameError;
use super::platform::Platform;

/// An account's login, read and compared by the rules of its platform.
///
/// | platform | grammar, all ASCII | compared |
/// |---|---|---|
/// | `github` | 1 to 39 letters, digits, `-`, `_`; no `_` first | without case |
/// | `pypi` | 1 to 50 letters, digits, `.`, `_`, `-`; a letter or digit at both ends | without case |
/// | `npm` | 1 to 214 letters, digits, `-`, `_`, `.`, `~`; no `.` first | as given |
/// | any other | 1 to 128 letters, digits, `.`, `_`, `@`, `-`; a letter or digit at both ends | as given |
///
/// Core compares the logins of an unknown platform as given. If such a platform folds case, its adapter must write each login in
/// the one spelling that the platform uses. A login outside the grammar cannot be reported: the list that contains it is
/// unavailable.
///
/// ```
/// use auths_core::{Login, Platform};
///
/// let same = |platform: &Platform| Ok::<_, auths_core::NameError>(Login::parse(platform, "Alice")? == Login::parse(platform, "alice")?);
/// assert!(same(&Platform::GITHUB)? && same(&Platform::PYPI)?);
/// assert!(!same(&Platform::NPM)? && !same(&Platform::new("shelf")?)?);
/// assert!(Login::parse(&Platform::new("shelf")?, "alice@example.org").is_ok());
/// assert!(Login::parse(&Platform::new("shelf")?, "alice/bob").is_err());
/// # Ok::<(), auths_core::NameError>(())
/// ```
#[derive(Clone)]
pub struct Login {
    text: Box<str>,
    folded: Box<str>,
}

impl Login {
    /// Reads a login by the grammar of `platform`.
    ///
    /// # Errors
    /// [`NameError`] with the rule that was broken.
    pub fn parse(platform: &Platform, text: &str) -> Result<Self, NameError> {
        let read = (platform.facts().read_login)(text);
        let folded = read.map_err(|rule| NameError::new(text, platform.as_str(), rule))?;
        Ok(Self {
            text: text.into(),
            folded: folded.into(),
        })
    }

    /// Returns the login in its original spelling, for display.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl PartialEq for Login {
    fn eq(&self, other: &Self) -> bool {
        self.folded == other.folded
    }
}

impl Eq for Login {}

impl PartialOrd for Login {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Login {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.folded.cmp(&other.folded)
    }
}

impl fmt::Display for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Login({})", self.text)
    }
}
