//! What to restrict a token to.

use auths_core::{Ecosystem, PackageName, Timestamp};

use super::reading::is_uuid;
use super::restriction::Restriction;

/// Restrictions to add to a token. Names and ids are checked and brought into their normal form before anything is written, since
/// no server finds a project by another spelling: pypitoken writes them as they are, and the token then is good for nothing.
///
/// ```
/// use auths_adapters_pypi::token::Narrowing;
/// use std::time::Duration;
///
/// let now: auths_core::Timestamp = "2026-11-21T08:46:00Z".parse()?;
/// let narrowing = Narrowing::new()
///     .projects(["My.Package"])?
///     .between(now, now + Duration::from_secs(600))?;
/// assert!(Narrowing::new().projects(["no name!"]).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[must_use]
pub struct Narrowing {
    date: Option<Restriction>,
    projects: Option<Restriction>,
    project_ids: Option<Restriction>,
    user: Option<Restriction>,
    legacy_noop: Option<Restriction>,
    legacy_projects: Option<Restriction>,
    legacy_date: Option<Restriction>,
    publisher: Option<Restriction>,
    legacy_project_ids: Option<Restriction>,
}

/// A restriction that would be good for nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NarrowError {
    /// Not the name of a project.
    #[error(transparent)]
    Name(#[from] auths_core::NameError),
    /// Not an id.
    #[error("{text:?} is not an id: write it as a UUID, 8-4-4-4-12 hex digits")]
    Id {
        /// What was given, cut to 80 characters.
        text: String,
    },
    /// A list of none.
    #[error("the list of projects is empty: the token would be good for none")]
    NoProject,
    /// A time that ends before it begins.
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

impl Narrowing {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Only from the first second to before the last.
    ///
    /// # Errors
    /// [`NarrowError::NoTime`] when it ends before it begins.
    pub fn between(
        mut self,
        not_before: Timestamp,
        not_after: Timestamp,
    ) -> Result<Self, NarrowError> {
        let (not_before, not_after) = window(not_before, not_after)?;
        self.date = Some(Restriction::Date {
            not_before,
            not_after,
        });
        Ok(self)
    }

    /// Only for these projects, by name.
    ///
    /// # Errors
    /// [`NarrowError::Name`] for what PyPI would not allow, [`NarrowError::NoProject`] for none.
    pub fn projects<S: AsRef<str>>(
        mut self,
        names: impl IntoIterator<Item = S>,
    ) -> Result<Self, NarrowError> {
        let name = |name: S| PackageName::parse(&Ecosystem::PYPI, name.as_ref());
        let names = names.into_iter().map(|n| Ok(name(n)?.as_str().to_owned()));
        let names = some(names)?;
        self.projects = Some(Restriction::ProjectNames { names });
        Ok(self)
    }

    /// Only for these projects, by id.
    ///
    /// # Errors
    /// [`NarrowError::Id`] for what is no UUID, [`NarrowError::NoProject`] for none.
    pub fn project_ids<S: AsRef<str>>(
        mut self,
        ids: impl IntoIterator<Item = S>,
    ) -> Result<Self, NarrowError> {
        let ids = some(ids.into_iter().map(|text| id(text.as_ref())))?;
        self.project_ids = Some(Restriction::ProjectIds { ids });
        Ok(self)
    }

    /// Only for this user.
    ///
    /// # Errors
    /// [`NarrowError::Id`] for what is no UUID.
    pub fn user_id(mut self, text: &str) -> Result<Self, NarrowError> {
        self.user = Some(Restriction::UserId { id: id(text)? });
        Ok(self)
    }

    /// Whatever the user may, in the old form. It restricts nothing; PyPI's server asks for a user.
    pub fn legacy_noop(mut self) -> Self {
        self.legacy_noop = Some(Restriction::LegacyNoop);
        self
    }

    /// Only for these projects, in the old form, with names as they are.
    ///
    /// # Errors
    /// [`NarrowError::NoProject`] for none.
    pub fn legacy_projects<S: Into<String>>(
        mut self,
        names: impl IntoIterator<Item = S>,
    ) -> Result<Self, NarrowError> {
        let names = some(names.into_iter().map(|name| Ok(name.into())))?;
        self.legacy_projects = Some(Restriction::LegacyProjectNames { names });
        Ok(self)
    }

    /// As [`between`](Self::between), in the old form.
    ///
    /// # Errors
    /// [`NarrowError::NoTime`] when it ends before it begins.
    pub fn legacy_between(
        mut self,
        not_before: Timestamp,
        not_after: Timestamp,
    ) -> Result<Self, NarrowError> {
        let (not_before, not_after) = window(not_before, not_after)?;
        self.legacy_date = Some(Restriction::LegacyDate {
            not_before,
            not_after,
        });
        Ok(self)
    }

    /// Only for this trusted publisher. For servers: nobody but PyPI itself understands it.
    ///
    /// # Errors
    /// [`NarrowError::Id`] for what is no UUID.
    pub fn publisher_id(mut self, text: &str) -> Result<Self, NarrowError> {
        self.publisher = Some(Restriction::OidcPublisher { id: id(text)? });
        Ok(self)
    }

    /// Only for these projects, by id, in the old form. Nobody but PyPI itself understands it.
    ///
    /// # Errors
    /// [`NarrowError::Id`] for what is no UUID, [`NarrowError::NoProject`] for none.
    pub fn legacy_project_ids<S: AsRef<str>>(
        mut self,
        ids: impl IntoIterator<Item = S>,
    ) -> Result<Self, NarrowError> {
        let ids = some(ids.into_iter().map(|text| id(text.as_ref())))?;
        self.legacy_project_ids = Some(Restriction::LegacyProjectIds { ids });
        Ok(self)
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.restrictions().next().is_none()
    }

    /// What is to be added, in pypitoken's order, which is that of the bytes.
    pub fn restrictions(&self) -> impl Iterator<Item = &Restriction> {
        let all = [
            &self.date,
            &self.projects,
            &self.project_ids,
            &self.user,
            &self.legacy_noop,
            &self.legacy_projects,
            &self.legacy_date,
            &self.publisher,
            &self.legacy_project_ids,
        ];
        all.into_iter().flatten()
    }
}

fn some(
    items: impl Iterator<Item = Result<String, NarrowError>>,
) -> Result<Vec<String>, NarrowError> {
    let items = items.collect::<Result<Vec<_>, _>>()?;
    match items.is_empty() {
        true => Err(NarrowError::NoProject),
        false => Ok(items),
    }
}

fn id(text: &str) -> Result<String, NarrowError> {
    let id = text.to_ascii_lowercase();
    match is_uuid(&id) {
        true => Ok(id),
        false => Err(NarrowError::Id {
            text: text.chars().take(80).collect(),
        }),
    }
}

fn window(not_before: Timestamp, not_after: Timestamp) -> Result<(i64, i64), NarrowError> {
    if not_before >= not_after {
        return Err(NarrowError::NoTime {
            not_before,
            not_after,
        });
    }
    Ok((not_before.as_unix(), not_after.as_unix()))
}
