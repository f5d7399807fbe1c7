//! Accounts on platforms: a stable id where there is one, and a login for people to read.

use std::fmt;
use std::str::FromStr;

use crate::codes::{Invalid, Reason};
use serde::{Deserialize, Serialize};

use super::text::{cut, is_word};
use super::{Login, NameError, Origin, Platform, StableIds};

/// A platform's stable id of an account: for GitHub, its number in decimal. Decisions rest on ids; names are labels.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AccountId(Box<str>);

impl AccountId {
    /// Reads 1 to 64 ASCII letters, digits, `.`, `_`, `-`; a number has no leading zero.
    ///
    /// # Errors
    /// [`NameError`] for anything else.
    pub fn new(text: &str) -> Result<Self, NameError> {
        let padded =
            text.len() > 1 && text.starts_with('0') && text.bytes().all(|b| b.is_ascii_digit());
        if text.len() <= 64 && is_word(text, b"._-") && !padded && text != "0" {
            Ok(Self(text.into()))
        } else {
            let rule = "1 to 64 ASCII letters and digits, numbers without leading zeros";
            Err(NameError::new(text, "account ids", rule))
        }
    }

    /// Returns the id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for AccountId {
    type Error = NameError;

    fn try_from(text: String) -> Result<Self, NameError> {
        Self::new(&text)
    }
}

impl From<AccountId> for String {
    fn from(id: AccountId) -> Self {
        id.0.into()
    }
}

/// One account on one platform.
///
/// Two values are [the same account](Account::same_as) only if they are on the same server. In addition, one of two conditions
/// must hold: both carry a stable id and the ids are equal; or neither carries one, the platform is not known to have stable ids,
/// and the logins are equal.
///
/// ```
/// use auths_core::Account;
///
/// let account: Account = "pypi:gutworth".parse()?;
/// assert_eq!(account.login().as_str(), "gutworth");
/// assert!(account.same_as(&"pypi:Gutworth".parse()?));
/// # Ok::<(), auths_core::AccountError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "AccountWire", into = "AccountWire")]
pub struct Account {
    platform: Platform,
    id: Option<AccountId>,
    login: Login,
    origin: Option<Origin>,
}

/// The error for a text that names no account.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AccountError {
    /// The text is not `platform:login`.
    #[error("{text:?} names no account: write pypi:alice")]
    Syntax {
        /// The input, cut to 80 characters.
        text: String,
    },
    /// The platform does not allow the login or the id.
    #[error(transparent)]
    Name(#[from] NameError),
}

impl AccountError {
    /// Returns the stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        Invalid::BadName.code()
    }
}

impl Account {
    /// Creates the account `login` of `platform`, on its public server, with an unknown id.
    #[must_use]
    pub fn new(platform: Platform, login: Login) -> Self {
        Self {
            platform,
            id: None,
            login,
            origin: None,
        }
    }

    /// Reads `login` by the rules of `platform`.
    ///
    /// # Errors
    /// [`NameError`] when the platform does not allow the login.
    pub fn parse_login(platform: Platform, login: &str) -> Result<Self, NameError> {
        let login = Login::parse(&platform, login)?;
        Ok(Self::new(platform, login))
    }

    /// Sets the stable id.
    #[must_use]
    pub fn with_id(mut self, id: AccountId) -> Self {
        self.id = Some(id);
        self
    }

    /// Sets the server (`None`: the platform's public one).
    #[must_use]
    pub fn at(mut self, origin: Option<Origin>) -> Self {
        self.origin = origin;
        self
    }

    /// Returns the platform.
    #[must_use]
    pub fn platform(&self) -> &Platform {
        &self.platform
    }

    /// Returns the stable id, where the platform has one and it is known.
    #[must_use]
    pub fn id(&self) -> Option<&AccountId> {
        self.id.as_ref()
    }

    /// Returns the login, for display.
    #[must_use]
    pub fn login(&self) -> &Login {
        &self.login
    }

    /// Returns the configured server, or `None` for the platform's public one.
    #[must_use]
    pub fn origin(&self) -> Option<&Origin> {
        self.origin.as_ref()
    }

    /// Returns whether both are certainly one account: by id where both have one; by login where neither has one, unless the
    /// platform is known to have ids. If only one side has an id, the answer is no.
    #[must_use]
    pub fn same_as(&self, other: &Self) -> bool {
        let here = self.platform == other.platform && self.origin == other.origin;
        here && match (&self.id, &other.id) {
            (Some(a), Some(b)) => a == b,
            (None, None) => {
                self.platform.stable_ids() != StableIds::Always && self.login == other.login
            }
            _ => false,
        }
    }

    /// Returns whether the account is identified by a stable id. Otherwise it is identified by a name, which may change hands.
    #[must_use]
    pub fn is_identified_by_id(&self) -> bool {
        match self.platform.stable_ids() {
            StableIds::Always => true,
            StableIds::Never => false,
            StableIds::AsShown => self.id.is_some(),
        }
    }

    /// Returns whether both have the same login on the same server. A login is a label: it proves little where ids exist.
    #[must_use]
    pub fn same_login(&self, other: &Self) -> bool {
        self.platform == other.platform && self.origin == other.origin && self.login == other.login
    }
}

impl FromStr for Account {
    type Err = AccountError;

    /// Reads `platform:login`.
    fn from_str(text: &str) -> Result<Self, AccountError> {
        let parts = text.split_once(':');
        let parts =
            parts.and_then(|(platform, login)| Some((Platform::new(platform).ok()?, login)));
        let Some((platform, login)) = parts else {
            let text = cut(text, 80);
            return Err(AccountError::Syntax { text });
        };
        Ok(Self::parse_login(platform, login)?)
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.platform, self.login)?;
        if let Some(id) = &self.id {
            write!(f, " (id {id})")?;
        }
        if let Some(origin) = &self.origin {
            write!(f, " at {origin}")?;
        }
        Ok(())
    }
}

/// The signed form. Platform and login are read together, because the platform decides how the login is read.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct AccountWire {
    #[serde(rename = "platform")]
    platform: Platform,
    #[serde(rename = "id", default, skip_serializing_if = "Option::is_none")]
    id: Option<AccountId>,
    #[serde(rename = "login")]
    login: String,
    #[serde(rename = "origin", default, skip_serializing_if = "Option::is_none")]
    origin: Option<Origin>,
}

impl TryFrom<AccountWire> for Account {
    type Error = NameError;

    fn try_from(wire: AccountWire) -> Result<Self, NameError> {
        let login = Login::parse(&wire.platform, &wire.login)?;
        Ok(Self {
            platform: wire.platform,
            id: wire.id,
            login,
            origin: wire.origin,
        })
    }
}

impl From<Account> for AccountWire {
    fn from(account: Account) -> Self {
        Self {
            platform: account.platform,
            id: account.id,
            login: account.login.as_str().to_owned(),
            origin: account.origin,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn github(login: &str, id: Option<&str>) -> Account {
        let account = Account::parse_login(Platform::GITHUB, login).unwrap();
        match id {
            Some(id) => account.with_id(AccountId::new(id).unwrap()),
            None => account,
        }
    }

    #[test]
    fn ids_decide_where_they_exist() {
        assert!(github("old", Some("7")).same_as(&github("new", Some("7"))));
        assert!(!github("same", Some("7")).same_as(&github("same", Some("8"))));
        assert!(!github("same", None).same_as(&github("same", None)));
        assert!(!github("same", Some("7")).same_as(&github("same", None)));
    }

    fn account(text: &str) -> Account {
        text.parse().unwrap()
    }

    fn sample_account(id: Option<&str>) -> Account {
        match id {
            Some(id) => account("toy:alice").with_id(AccountId::new(id).unwrap()),
            None => account("toy:alice"),
        }
    }

    #[test]
    fn where_core_does_not_know_the_platform_ids_decide_if_both_have_them() {
        assert!(
            sample_account(None).same_as(&sample_account(None))
                && !sample_account(None).is_identified_by_id()
        );
        assert!(!sample_account(None).same_as(&"toy:bob".parse().unwrap()));
        assert!(
            sample_account(Some("7")).same_as(&sample_account(Some("7")))
                && sample_account(Some("7")).is_identified_by_id()
        );
        assert!(!sample_account(Some("7")).same_as(&sample_account(Some("8"))));
        assert!(
            !sample_account(Some("7")).same_as(&sample_account(None))
                && !sample_account(None).same_as(&sample_account(Some("7")))
        );
        assert!(github("a", None).is_identified_by_id());
    }

    #[test]
    fn logins_compare_by_the_platforms_rule() {
        assert!(account("pypi:Alice").same_as(&account("pypi:alice")));
        assert!(!account("pypi:a-b").same_as(&account("pypi:a_b")));
        assert!(!account("npm:Alice").same_as(&account("npm:alice")));
        assert!(!account("npm:alice").same_as(&account("pypi:alice")));
    }

    #[test]
    fn another_server_is_another_account() {
        let public: Account = "pypi:alice".parse().unwrap();
        let local = public
            .clone()
            .at(Some("http://127.0.0.1:9".parse().unwrap()));
        assert!(!public.same_as(&local) && !public.same_login(&local));
    }

    #[test]
    fn bad_logins_and_ids_are_refused() {
        for text in [
            "pypi:",
            "pypi:-a",
            "pypi:a b",
            "github:a/b",
            "npm:.x",
            "npm:",
            "x",
            "pypi:naïve",
        ] {
            assert!(text.parse::<Account>().is_err(), "{text}");
        }
        for id in ["", "0", "007", "a b", "-1", "1/2"] {
            assert!(AccountId::new(id).is_err(), "{id}");
        }
    }

    fn read(text: &str) -> Result<Account, serde_json::Error> {
        serde_json::from_str(text)
    }

    #[test]
    fn serde_parses_and_refuses_unknown_fields() {
        assert!(read(r#"{"platform":"pypi","login":"alice"}"#).is_ok());
        assert!(read(r#"{"platform":"pypi","login":"al ice"}"#).is_err());
        assert!(read(r#"{"platform":"pypi","login":"alice","admin":"yes"}"#).is_err());
        assert!(read(r#"{"platform":"github","login":"a","id":7}"#).is_err());
    }
}
