//! The issuers of ID tokens: exact strings, each of one platform.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{CiProvider, CiValueError, RepositoryName};
use crate::identity::{Namespace, Origin};

/// The `iss` of an ID token, in its one spelling: `https://token.actions.githubusercontent.com`.
///
/// The text is compared byte for byte. Whatever an [`Origin`] would spell in another way is refused: a trailing slash, a host in
/// upper case, a default port. The scheme is https, but for literal loopback addresses.
///
/// ```
/// use auths_core::ci::IssuerUrl;
///
/// let issuer: IssuerUrl = "https://token.actions.githubusercontent.com/acme".parse()?;
/// assert_eq!(issuer.to_string(), "https://token.actions.githubusercontent.com/acme");
/// for bad in ["https://gitlab.com/", "https://GitLab.com", "https://gitlab.com:443", "gitlab.com", "http://gitlab.com"] {
///     assert!(bad.parse::<IssuerUrl>().is_err());
/// }
/// # Ok::<(), auths_core::ci::CiValueError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct IssuerUrl(Origin);

impl IssuerUrl {
    /// Returns the server that the issuer's keys are read from.
    #[must_use]
    pub fn origin(&self) -> &Origin {
        &self.0
    }

    /// Returns the host, with the port where it is not the scheme's own.
    #[must_use]
    pub fn authority(&self) -> String {
        let text = self.to_string();
        let rest = text.split_once("://").map_or("", |(_, rest)| rest);
        rest.split('/').next().unwrap_or_default().to_owned()
    }
}

impl FromStr for IssuerUrl {
    type Err = CiValueError;

    fn from_str(text: &str) -> Result<Self, CiValueError> {
        let rule = "the address of a configured issuer in its one spelling, such as https://gitlab.example";
        let origin = Origin::try_from(text.to_owned());
        origin
            .map(Self)
            .map_err(|_| CiValueError::new("the issuer of a token", text, rule))
    }
}

impl TryFrom<String> for IssuerUrl {
    type Error = CiValueError;

    fn try_from(text: String) -> Result<Self, CiValueError> {
        text.parse()
    }
}

impl From<IssuerUrl> for String {
    fn from(issuer: IssuerUrl) -> Self {
        issuer.to_string()
    }
}

impl fmt::Display for IssuerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// An issuer of ID tokens, and the platform whose form its tokens have.
///
/// # Security
/// Repositories and owners are numbered by each issuer for itself, so two issuers are never taken for one, even of one platform.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub struct CiIssuer {
    /// The platform.
    pub provider: CiProvider,
    /// The exact `iss` of its tokens.
    pub url: IssuerUrl,
}

impl CiIssuer {
    /// Creates an issuer: GitHub Enterprise, a GitLab instance, a test server.
    #[must_use]
    pub const fn new(provider: CiProvider, url: IssuerUrl) -> Self {
        Self { provider, url }
    }

    /// Returns the issuer of the platform's public service.
    ///
    /// # Errors
    /// Never for the platforms of this version: a test reads each address.
    pub fn public(provider: CiProvider) -> Result<Self, CiValueError> {
        Ok(Self::new(provider, provider.public_issuer().parse()?))
    }

    /// Returns the text before the file name in a reference to a workflow of `repository`.
    ///
    /// ```
    /// use auths_core::ci::{CiIssuer, CiProvider};
    ///
    /// let (github, gitlab) = (CiIssuer::public(CiProvider::GitHubActions)?, CiIssuer::public(CiProvider::GitLabCi)?);
    /// assert_eq!(github.workflow_prefix(&"acme/widget".parse()?), "acme/widget/.github/workflows/");
    /// assert_eq!(gitlab.workflow_prefix(&"acme/ci/widget".parse()?), "gitlab.com/acme/ci/widget//");
    /// # Ok::<(), auths_core::ci::CiValueError>(())
    /// ```
    #[must_use]
    pub fn workflow_prefix(&self, repository: &RepositoryName) -> String {
        let facts = self.provider.facts();
        let host = match facts.names_host {
            true => self.url.authority() + "/",
            false => String::new(),
        };
        format!("{host}{repository}{}", facts.workflow_folder)
    }

    /// Returns whether the owners of its repositories are the accounts that `namespace` is a name of, with the same numbers. So are
    /// those of GitHub's public service for names of accounts on github.com, such as `github:acme`. A name below one, such as
    /// `github:acme/server`, is no account's. Nothing is known of another server's.
    #[must_use]
    pub fn numbers_accounts_of(&self, namespace: &Namespace) -> bool {
        let accounts = namespace.ecosystem().facts().accounts.as_ref();
        self.is_public()
            && namespace.repository().is_none()
            && namespace.is_organization()
            && accounts == self.provider.facts().accounts.as_ref()
    }

    /// Returns whether this is the platform's public service.
    #[must_use]
    pub fn is_public(&self) -> bool {
        self.url.to_string() == self.provider.public_issuer()
    }
}

impl fmt::Display for CiIssuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {}", self.provider, self.url)
    }
}
