//! The restrictions to add to a token.

use auths_core::tokens::hide_tokens;
use auths_core::{Ecosystem, Invalid, NameError, PackageName, Reason, Timestamp};

use super::Token;
use super::reading::is_uuid;
use super::restriction::Restriction;

/// The restrictions to add to a token. Names and ids are checked and brought into their normal form before anything is written,
/// because no server finds a project by another spelling. pypitoken writes them unchanged, which makes a useless token.
///
/// Restrictions add up: of two restrictions on projects or on time, both must be met.
///
/// ```
/// use pypi_tokens::{Attenuation, Timestamp};
/// use std::time::Duration;
///
/// let now: Timestamp = "2026-11-21T08:46:00Z".parse()?;
/// let narrowing = Attenuation::new()
///     .projects(["My.Package"])?
///     .between(now, now + Duration::from_secs(600))?;
/// assert!(Attenuation::new().projects(["no name!"]).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[must_use]
pub struct Attenuation {
    restrictions: Vec<Restriction>,
}

/// The errors of a restriction that no use could meet.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NarrowError {
    /// The text is not the name of a project.
    #[error(transparent)]
    Name(#[from] NameError),
    /// The text is not an id.
    #[error("{text:?} is not an id: write it as a UUID, 8-4-4-4-12 hex digits")]
    Id {
        /// The text that was given, unless it is longer than an id in any spelling.
        text: String,
    },
    /// A token, or a possible part of one, stands where a name or an id belongs. None of it is repeated.
    #[error("a token stands where a name or an id belongs; give the token on standard input")]
    Token,
    /// The list holds no project.
    #[error("the list of projects is empty: the token would be good for none")]
    NoProject,
    /// The time ends before it begins.
    #[error(
        "the time ends at {not_after}, not after it begins at {not_before}: the token would never be good"
    )]
    NoTime {
        /// The beginning.
        not_before: Timestamp,
        /// The end.
        not_after: Timestamp,
    },
}

impl NarrowError {
    /// Returns the stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Name(_) | Self::Id { .. } | Self::Token => Invalid::BadName.code(),
            Self::NoProject => Invalid::Usage.code(),
            Self::NoTime { .. } => Invalid::BadTime.code(),
        }
    }
}

impl Attenuation {
    /// Creates an empty list of restrictions.
    pub fn new() -> Self {
        Self::default()
    }

    /// Restricts the time: from the first second to before the last.
    ///
    /// # Errors
    /// [`NarrowError::NoTime`] when the time ends before it begins.
    pub fn between(self, not_before: Timestamp, not_after: Timestamp) -> Result<Self, NarrowError> {
        let (not_before, not_after) = check_window(not_before, not_after)?;
        Ok(self.and(Restriction::Date {
            not_before,
            not_after,
        }))
    }

    /// Restricts the token to these projects, by name.
    ///
    /// # Errors
    /// [`NarrowError::Name`] for a name that PyPI would not allow, [`NarrowError::Token`] for a token, [`NarrowError::NoProject`]
    /// for an empty list.
    pub fn projects<S: AsRef<str>>(
        self,
        names: impl IntoIterator<Item = S>,
    ) -> Result<Self, NarrowError> {
        let names = require_some(names.into_iter().map(|text| name(text.as_ref())))?;
        Ok(self.and(Restriction::ProjectNames { names }))
    }

    /// Restricts the token to these projects, by id.
    ///
    /// # Errors
    /// [`NarrowError::Id`] for a text that is no UUID, [`NarrowError::NoProject`] for an empty list.
    pub fn project_ids<S: AsRef<str>>(
        self,
        ids: impl IntoIterator<Item = S>,
    ) -> Result<Self, NarrowError> {
        let ids = require_some(ids.into_iter().map(|text| id(text.as_ref())))?;
        Ok(self.and(Restriction::ProjectIds { ids }))
    }

    /// Restricts the token to this user.
    ///
    /// # Errors
    /// [`NarrowError::Id`] for a text that is no UUID.
    pub fn user_id(self, text: &str) -> Result<Self, NarrowError> {
        Ok(self.and(Restriction::UserId { id: id(text)? }))
    }

    /// Adds the old form for everything that the user may do. It restricts nothing, but PyPI's server then requires a user. A
    /// token of Trusted Publishing, which has no user, would become useless.
    pub fn legacy_noop(self) -> Self {
        self.and(Restriction::LegacyNoop)
    }

    /// Restricts the token to these projects, in the old form, with names unchanged.
    ///
    /// # Errors
    /// [`NarrowError::NoProject`] for an empty list.
    pub fn legacy_projects<S: Into<String>>(
        self,
        names: impl IntoIterator<Item = S>,
    ) -> Result<Self, NarrowError> {
        let names = require_some(names.into_iter().map(|text| legacy_name(text.into())))?;
        Ok(self.and(Restriction::LegacyProjectNames { names }))
    }

    /// Restricts the time as [`between`](Self::between) does, in the old form.
    ///
    /// # Errors
    /// [`NarrowError::NoTime`] when the time ends before it begins.
    pub fn legacy_between(
        self,
        not_before: Timestamp,
        not_after: Timestamp,
    ) -> Result<Self, NarrowError> {
        let (not_before, not_after) = check_window(not_before, not_after)?;
        Ok(self.and(Restriction::LegacyDate {
            not_before,
            not_after,
        }))
    }

    /// Restricts the token to this trusted publisher. For servers: only PyPI itself understands it.
    ///
    /// # Errors
    /// [`NarrowError::Id`] for a text that is no UUID.
    pub fn publisher_id(self, text: &str) -> Result<Self, NarrowError> {
        let (id, claims) = (id(text)?, None);
        Ok(self.and(Restriction::OidcPublisher { id, claims }))
    }

    /// Restricts the token to these projects, by id, in the old form. Only PyPI itself understands it.
    ///
    /// # Errors
    /// [`NarrowError::Id`] for a text that is no UUID, [`NarrowError::NoProject`] for an empty list.
    pub fn legacy_project_ids<S: AsRef<str>>(
        self,
        ids: impl IntoIterator<Item = S>,
    ) -> Result<Self, NarrowError> {
        let ids = require_some(ids.into_iter().map(|text| id(text.as_ref())))?;
        Ok(self.and(Restriction::LegacyProjectIds { ids }))
    }

    /// Returns whether there is no restriction.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.restrictions.is_empty()
    }

    /// Returns the restrictions in pypitoken's order, which is the order of the bytes.
    pub fn restrictions(&self) -> impl Iterator<Item = &Restriction> {
        self.restrictions.iter()
    }

    fn and(mut self, restriction: Restriction) -> Self {
        self.restrictions.push(restriction);
        self.restrictions.sort_by_key(position_of);
        self
    }
}

/// Returns the place of a restriction in pypitoken's order. Restrictions that only PyPI knows come last.
fn position_of(restriction: &Restriction) -> u8 {
    match restriction {
        Restriction::Date { .. } => 0,
        Restriction::ProjectNames { .. } => 1,
        Restriction::ProjectIds { .. } => 2,
        Restriction::UserId { .. } => 3,
        Restriction::LegacyNoop => 4,
        Restriction::LegacyProjectNames { .. } => 5,
        Restriction::LegacyDate { .. } => 6,
        Restriction::OidcPublisher { .. } => 7,
        Restriction::LegacyProjectIds { .. } => 8,
        // No constructor makes these.
        Restriction::Unknown { .. } | Restriction::ThirdParty { .. } => 9,
    }
}

fn require_some(
    items: impl Iterator<Item = Result<String, NarrowError>>,
) -> Result<Vec<String>, NarrowError> {
    let items = items.collect::<Result<Vec<_>, _>>()?;
    match items.is_empty() {
        true => Err(NarrowError::NoProject),
        false => Ok(items),
    }
}

fn name(text: &str) -> Result<String, NarrowError> {
    if is_token(text) {
        return Err(NarrowError::Token);
    }
    match PackageName::parse(&Ecosystem::PYPI, text) {
        Ok(name) => Ok(name.as_str().to_owned()),
        Err(_) if text.len() > LONGEST_ID => Err(NarrowError::Token),
        Err(error) => Err(error.into()),
    }
}

fn legacy_name(text: String) -> Result<String, NarrowError> {
    match is_token(&text) {
        true => Err(NarrowError::Token),
        false => Ok(text),
    }
}

/// Returns whether a text is a token or a part of one. PyPI would allow either as a name.
fn is_token(text: &str) -> bool {
    let of_pypi = text.len() > LONGEST_ID && text.starts_with("pypi-AgE");
    of_pypi || Token::parse(text).is_ok()
}

/// The longest spelling of a UUID: `urn:uuid:` and 36 characters.
const LONGEST_ID: usize = 45;

fn id(text: &str) -> Result<String, NarrowError> {
    let id = text.to_ascii_lowercase();
    match is_uuid(&id) {
        true => Ok(id),
        false if text.len() > LONGEST_ID => Err(NarrowError::Token),
        false => Err(NarrowError::Id {
            text: hide_tokens(text).into_owned(),
        }),
    }
}

fn check_window(not_before: Timestamp, not_after: Timestamp) -> Result<(i64, i64), NarrowError> {
    if not_before >= not_after {
        return Err(NarrowError::NoTime {
            not_before,
            not_after,
        });
    }
    Ok((not_before.as_unix(), not_after.as_unix()))
}
