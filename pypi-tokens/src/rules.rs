//! The rule sets: our own, and emulations of the two programs that check PyPI's tokens.

use super::check::UnmetCause;
use super::context::TokenUse;
use super::macaroon::TokenFormat;
use super::restriction::Restriction;
use super::{Token, reading, text};
use auths_core::{Reason, RefutedReason};

/// The rules by which a token is checked.
///
/// Only the default is made to protect something. The others show what another program would say, its mistakes included: both
/// programs pass over a caveat that is neither met nor signed (`docs/guides/pypi-tokens.md`).
///
/// ```
/// use pypi_tokens::{TokenUse, RootKey, RuleSet, Token, TokenWarning};
///
/// let key = RootKey::new(b"32 random bytes of your database")?;
/// let token = Token::create("pypi.example", "7d1e2f3a-0b1c-4d2e-8f3a-4b5c6d7e8f90", &key)?;
/// let now = TokenUse::at("2026-11-21T08:46:00Z".parse()?);
/// let valid = token.check(&key, &now, RuleSet::PyPiToken)?;
/// assert_eq!(valid.warnings(), [TokenWarning::Emulated("pypitoken")]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum RuleSet {
    /// Our own rules: the signature covers all caveats, each one is understood, and each one is met.
    #[default]
    Strict,
    /// The rules of pypitoken 7.1.
    PyPiToken,
    /// The rules of PyPI's own server, for a token that it knows and that has no restrictions stored on the server.
    Warehouse,
}

/// The reasons why a program does not accept a token, whatever its restrictions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotAccepted {
    /// PyPI's server requires the prefix `pypi`.
    #[error("the token does not begin with `pypi-`")]
    Prefix,
    /// PyPI's server fails on the packet format.
    #[error("the token is of version 1, on which PyPI's server fails")]
    Format,
    /// PyPI's identifiers are UUIDs.
    #[error("the token's identifier is no UUID, so PyPI cannot know it")]
    Identifier,
}

impl NotAccepted {
    /// Returns the stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        RefutedReason::TokenNotServed.code()
    }
}

/// The differences between one rule set and another.
pub(super) struct RuleRow {
    /// Checks that the token is accepted at all.
    pub(super) serves: fn(&Token) -> Result<(), NotAccepted>,
    /// Reads the meaning of a caveat's bytes.
    pub(super) read: fn(&[u8]) -> Result<Restriction, UnmetCause>,
    /// Checks that a restriction is met.
    pub(super) meets: fn(&Restriction, &TokenUse) -> Result<(), UnmetCause>,
    /// Returns whether a caveat that is not met for this cause is left out of the chain, so that an unsigned one goes unnoticed.
    pub(super) passes_over: fn(UnmetCause) -> bool,
}

const STRICT: RuleRow = RuleRow {
    serves: |_| Ok(()),
    read: reading::read_strictly,
    meets: check_strictly,
    passes_over: |_| false,
};

const PYPITOKEN: RuleRow = RuleRow {
    // The server fails on caveats that are not UTF-8, and on third parties, before it compares any signature.
    passes_over: |cause| !matches!(cause, UnmetCause::NotUtf8 | UnmetCause::ThirdParty),
    ..STRICT
};

const WAREHOUSE: RuleRow = RuleRow {
    serves: is_served,
    read: reading::as_warehouse,
    meets: as_warehouse,
    passes_over: |cause| {
        !matches!(
            cause,
            UnmetCause::NotUtf8 | UnmetCause::NotJson | UnmetCause::ThirdParty | UnmetCause::Fatal
        )
    },
};

impl RuleSet {
    pub(super) fn row(self) -> &'static RuleRow {
        match self {
            Self::Strict => &STRICT,
            Self::PyPiToken => &PYPITOKEN,
            Self::Warehouse => &WAREHOUSE,
        }
    }

    /// Returns the name of the emulated program.
    #[must_use]
    pub fn emulates(self) -> Option<&'static str> {
        match self {
            Self::Strict => None,
            Self::PyPiToken => Some("pypitoken"),
            Self::Warehouse => Some("warehouse"),
        }
    }
}

fn check_strictly(restriction: &Restriction, context: &TokenUse) -> Result<(), UnmetCause> {
    use Restriction as R;
    match restriction {
        R::Date {
            not_before,
            not_after,
        }
        | R::LegacyDate {
            not_before,
            not_after,
        } => in_time(*not_before, *not_after, context),
        R::ProjectNames { names } | R::LegacyProjectNames { names } => {
            listed(names, context.project.as_ref(), UnmetCause::OtherProject)
        }
        R::ProjectIds { ids } => {
            listed(ids, context.project_id.as_ref(), UnmetCause::OtherProjectId)
        }
        R::UserId { id } => equal(id, context.user_id.as_ref(), UnmetCause::OtherUser),
        R::LegacyNoop => Ok(()),
        R::ThirdParty { .. } => Err(UnmetCause::ThirdParty),
        R::OidcPublisher { .. } | R::LegacyProjectIds { .. } | R::Unknown { .. } => {
            Err(UnmetCause::NotUnderstood)
        }
    }
}

/// Checks a restriction as PyPI's server does. The server compares its own canonical names and ids, and requires a user even
/// where the user may do everything.
fn as_warehouse(restriction: &Restriction, context: &TokenUse) -> Result<(), UnmetCause> {
    let known = TokenUse {
        now: context.now,
        project: context.project.as_deref().map(normal_name),
        project_id: context.project_id.as_deref().map(str::to_ascii_lowercase),
        user_id: context.user_id.as_deref().map(str::to_ascii_lowercase),
        publisher_id: context.publisher_id.as_deref().map(str::to_ascii_lowercase),
    };
    match restriction {
        Restriction::LegacyNoop => known.user_id.map(|_| ()).ok_or(UnmetCause::Missing),
        Restriction::OidcPublisher { id, .. } => {
            known.project.as_ref().ok_or(UnmetCause::Missing)?;
            equal(id, known.publisher_id.as_ref(), UnmetCause::OtherPublisher)
        }
        Restriction::LegacyProjectIds { ids } => {
            listed(ids, known.project_id.as_ref(), UnmetCause::OtherProjectId)
        }
        other => check_strictly(other, &known),
    }
}

fn in_time(not_before: i64, not_after: i64, context: &TokenUse) -> Result<(), UnmetCause> {
    let now = context.now.as_unix();
    match (not_before <= now, now < not_after) {
        (_, false) => Err(UnmetCause::Expired),
        (false, true) => Err(UnmetCause::NotYetValid),
        (true, true) => Ok(()),
    }
}

fn listed(list: &[String], asked: Option<&String>, other: UnmetCause) -> Result<(), UnmetCause> {
    let asked = asked.ok_or(UnmetCause::Missing)?;
    list.contains(asked).then_some(()).ok_or(other)
}

fn equal(id: &String, asked: Option<&String>, other: UnmetCause) -> Result<(), UnmetCause> {
    listed(std::slice::from_ref(id), asked, other)
}

/// Returns the normal form of a name (PEP 503): lower case, and one dash for every run of `-`, `_` and `.`.
fn normal_name(name: &str) -> String {
    let mut normal = String::with_capacity(name.len());
    for c in name.to_lowercase().chars() {
        match c {
            '-' | '_' | '.' if normal.ends_with('-') => {}
            '-' | '_' | '.' => normal.push('-'),
            other => normal.push(other),
        }
    }
    normal
}

fn is_served(token: &Token) -> Result<(), NotAccepted> {
    if token.prefix() != text::PREFIX {
        return Err(NotAccepted::Prefix);
    }
    if token.format() == TokenFormat::V1 {
        return Err(NotAccepted::Format);
    }
    // Python reads UUIDs with or without dashes and braces, and as a URN.
    let id = token.identifier_text().unwrap_or_default();
    let id = id.replace("urn:", "").replace("uuid:", "");
    let id = id.trim_matches(['{', '}']).replace('-', "");
    let is_uuid = id.len() == 32 && id.bytes().all(|b| b.is_ascii_hexdigit());
    is_uuid.then_some(()).ok_or(NotAccepted::Identifier)
}
