//! The configuration: the issuers, where their keys are, and for how long a set of keys serves.

use std::time::Duration;

use auths_core::Origin;
use auths_core::ci::{CiIssuer, CiProvider, CiValueError};
use auths_core::{Invalid, Reason};
use auths_http::Limits;

/// The configuration of an [`IdTokenVerifier`](crate::IdTokenVerifier): the issuers that are accepted, each by its exact address.
///
/// ```
/// use auths_adapters_ci::{IdTokenConfig, IssuerConfig};
/// use auths_core::ci::{CiIssuer, CiProvider};
///
/// let enterprise = CiIssuer::new(
///     CiProvider::GitHubActions,
///     "https://ghes.example/_services/token".parse()?,
/// );
/// let config = IdTokenConfig::public()?.with_issuer(IssuerConfig::new(enterprise));
/// assert_eq!(config.issuers().count(), 3);
/// # Ok::<(), auths_core::ci::CiValueError>(())
/// ```
#[derive(Debug, Clone)]
pub struct IdTokenConfig {
    pub(crate) issuers: Vec<IssuerConfig>,
    pub(crate) limits: Limits,
    pub(crate) ages: KeyAges,
}

/// For how long a set of keys serves.
#[derive(Debug, Clone, Copy)]
pub(crate) struct KeyAges {
    /// The age at which a set is read again, while it still serves.
    pub(crate) refresh: Duration,
    /// The age from which on a set no longer serves.
    pub(crate) hard: Duration,
}

impl Default for IdTokenConfig {
    /// Returns the configuration of [`IdTokenConfig::new`].
    fn default() -> Self {
        Self::new()
    }
}

impl IdTokenConfig {
    /// Creates a configuration without any issuer.
    #[must_use]
    pub fn new() -> Self {
        Self {
            issuers: Vec::new(),
            limits: Limits::new(2, Duration::from_secs(5), 256 << 10),
            ages: KeyAges {
                refresh: Duration::from_secs(3600),
                hard: Duration::from_secs(24 * 3600),
            },
        }
    }

    /// Creates the configuration for the public services of every platform: GitHub Actions and GitLab CI.
    ///
    /// # Errors
    /// Never in practice: the addresses are fixed, but reading them is fallible.
    pub fn public() -> Result<Self, CiValueError> {
        let issuers = CiProvider::ALL.into_iter().map(CiIssuer::public);
        issuers
            .map(|issuer| issuer.map(IssuerConfig::new))
            .try_fold(
                Self::new(),
                |config, issuer| Ok(config.with_issuer(issuer?)),
            )
    }

    /// Adds an issuer: GitHub Enterprise, a GitLab instance, a test server.
    ///
    /// # Security
    /// Whoever holds a key of this issuer can name any repository in its tokens. Repositories and owners of one issuer are never
    /// taken for those of another.
    #[must_use]
    pub fn with_issuer(mut self, issuer: IssuerConfig) -> Self {
        self.issuers.push(issuer);
        self
    }

    /// Sets the age at which a set of keys is read again while it still serves. Default: one hour.
    ///
    /// A key that its issuer withdraws is trusted for about that long.
    #[must_use]
    pub fn with_refresh_age(mut self, age: Duration) -> Self {
        self.ages.refresh = age;
        self
    }

    /// Sets the age from which on a set of keys no longer serves, when no newer one could be read. Default: 24 hours.
    #[must_use]
    pub fn with_hard_age(mut self, age: Duration) -> Self {
        self.ages.hard = age;
        self
    }

    /// Sets the most time that reading the keys of an issuer may take, all requests, retries and waits together. Default: 5 seconds.
    #[must_use]
    pub fn with_max_time(mut self, time: Duration) -> Self {
        self.limits = self.limits.with_max_time(time);
        self
    }

    /// Sets the size of the largest answer, in bytes after decompression. Default: 256 KiB.
    #[must_use]
    pub fn with_max_bytes(mut self, bytes: u64) -> Self {
        self.limits = self.limits.with_max_bytes(bytes);
        self
    }

    /// Returns the issuers.
    pub fn issuers(&self) -> impl Iterator<Item = &CiIssuer> {
        self.issuers.iter().map(|issuer| &issuer.issuer)
    }

    /// Checks that there is an issuer, and that no two have the same address.
    pub(crate) fn check(&self) -> Result<(), IdTokenConfigError> {
        if self.issuers.is_empty() {
            return Err(IdTokenConfigError::NoIssuer);
        }
        for (at, config) in self.issuers.iter().enumerate() {
            let url = &config.issuer.url;
            if self.issuers[..at]
                .iter()
                .any(|other| other.issuer.url == *url)
            {
                return Err(IdTokenConfigError::SameIssuer {
                    issuer: url.to_string(),
                });
            }
        }
        Ok(())
    }
}

/// One issuer, and where its keys are.
#[derive(Debug, Clone)]
pub struct IssuerConfig {
    pub(crate) issuer: CiIssuer,
    pub(crate) keys: KeyAddress,
}

/// Where the keys of an issuer are.
#[derive(Debug, Clone)]
pub(crate) enum KeyAddress {
    /// Where its discovery document says.
    Discovered,
    /// At this address.
    Fixed(Origin),
}

impl IssuerConfig {
    /// Creates the configuration of an issuer whose discovery document (`/.well-known/openid-configuration` below its address)
    /// says where its keys are. They must be on the issuer's own server.
    #[must_use]
    pub fn new(issuer: CiIssuer) -> Self {
        Self {
            issuer,
            keys: KeyAddress::Discovered,
        }
    }

    /// Sets the address of the keys, so that no discovery document is read.
    ///
    /// ```
    /// use auths_adapters_ci::IssuerConfig;
    /// use auths_core::ci::{CiIssuer, CiProvider};
    ///
    /// let gitlab = || Ok::<_, auths_core::ci::CiValueError>(IssuerConfig::new(CiIssuer::public(CiProvider::GitLabCi)?));
    /// assert!(gitlab()?.with_keys_at("https://gitlab.com/oauth/discovery/keys".parse()?).is_ok());
    /// assert!(gitlab()?.with_keys_at("https://keys.example/gitlab".parse()?).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`IdTokenConfigError::KeysElsewhere`] for another server than the issuer's.
    pub fn with_keys_at(mut self, address: Origin) -> Result<Self, IdTokenConfigError> {
        let url = address.at(&[]);
        if !url.is_ok_and(|url| self.issuer.url.origin().contains(&url)) {
            return Err(IdTokenConfigError::KeysElsewhere {
                issuer: self.issuer.url.to_string(),
                address: address.to_string(),
            });
        }
        self.keys = KeyAddress::Fixed(address);
        Ok(self)
    }
}

/// A reason why no verifier can be made of a configuration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IdTokenConfigError {
    /// No issuer is accepted.
    #[error("no issuer of ID tokens is configured")]
    NoIssuer,
    /// Two issuers have the same address.
    #[error("the issuer {issuer} is configured twice")]
    SameIssuer {
        /// The address.
        issuer: String,
    },
    /// The keys are on another server than the issuer.
    #[error("the keys of {issuer} must be on its own server, and {address} is not")]
    KeysElsewhere {
        /// The address of the issuer.
        issuer: String,
        /// The address of the keys.
        address: String,
    },
    /// The form of the tokens of this platform is not known here.
    #[error("the tokens of {provider} cannot be read by this version")]
    UnknownPlatform {
        /// The platform.
        provider: CiProvider,
    },
}

impl IdTokenConfigError {
    /// Returns the stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        Invalid::BadConfiguration.code()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_is_configured_once_and_keys_are_its_own() {
        let public = || IdTokenConfig::public().unwrap();
        assert!(public().check().is_ok());
        assert_eq!(
            IdTokenConfig::new().check(),
            Err(IdTokenConfigError::NoIssuer)
        );
        let github = IssuerConfig::new(CiIssuer::public(CiProvider::GitHubActions).unwrap());
        let twice = public().with_issuer(github.clone()).check();
        assert!(matches!(twice, Err(IdTokenConfigError::SameIssuer { .. })));
        for elsewhere in [
            "https://evil.example/.well-known/jwks",
            "https://token.actions.githubusercontent.com:8443/.well-known/jwks",
            "https://token.actions.githubusercontent.com.evil.example/jwks",
            "http://127.0.0.1:1/jwks",
        ] {
            let error = github
                .clone()
                .with_keys_at(elsewhere.parse().unwrap())
                .unwrap_err();
            assert_eq!(error.code(), "AUTHS-1008", "{elsewhere}");
        }
    }
}
