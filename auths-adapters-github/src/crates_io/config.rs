//! The configuration: the registry, the limits of a lookup, and the GitHub of the listed accounts.

use std::time::Duration;

use auths_core::{Origin, OriginError};
use auths_http::{Endpoint, Limits};

use crate::config::GitHubConfig;

/// The public crates.io. No other place in the product holds this address.
const PUBLIC: &str = "https://crates.io";

/// The interval that the public crates.io asks of every program: at most one request a second. Source: its data access policy.
const PUBLIC_MIN_INTERVAL: Duration = Duration::from_secs(1);

/// The configuration of a [`CratesIo`](crate::CratesIo): its server, the interval between requests, and the requests and the time
/// that one lookup may take.
///
/// ```
/// use auths_adapters_github::CratesIoConfig;
///
/// assert!(CratesIoConfig::public()?.is_public());
/// let local = CratesIoConfig::at("http://127.0.0.1:8080".parse()?).with_max_requests(10);
/// assert!(!local.is_public());
/// # Ok::<(), auths_core::OriginError>(())
/// ```
#[derive(Debug, Clone)]
pub struct CratesIoConfig {
    endpoint: Endpoint,
    accounts_at: Option<Origin>,
    pub(super) pace: Option<Duration>,
    pub(super) limits: Limits,
}

/// The server that the account ids in a registry's listings belong to.
///
/// This is no `Option`: a setting that was never made must not mean the public GitHub.
///
/// ```compile_fail,E0308
/// # use auths_adapters_github::CratesIoConfig;
/// # use auths_core::Origin;
/// # let config = CratesIoConfig::at("http://127.0.0.1:8080".parse::<Origin>().unwrap());
/// let setting: Option<Origin> = None;
/// let config = config.with_accounts_of(setting);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AccountsOf {
    /// The registry itself: the ids belong to no GitHub. The default of a configured registry.
    ThisServer,
    /// The public GitHub. The default of the public crates.io.
    PublicGitHub,
    /// The GitHub whose API has this origin.
    GitHubAt(Origin),
}

impl From<&GitHubConfig> for AccountsOf {
    /// Returns the setting for the accounts of the configured GitHub.
    fn from(github: &GitHubConfig) -> Self {
        match github.configured() {
            Some(api) => Self::GitHubAt(api.clone()),
            None => Self::PublicGitHub,
        }
    }
}

impl CratesIoConfig {
    /// Creates the configuration for the public crates.io, whose owners are accounts of the public GitHub. This process asks it
    /// at most once a second, however many adapters and transports there are.
    ///
    /// # Errors
    /// Never in practice: the address is fixed, but reading it is fallible.
    pub fn public() -> Result<Self, OriginError> {
        Ok(Self::at(PUBLIC.parse()?))
    }

    /// Creates the configuration for a server that speaks crates.io's API. The public address is the public crates.io.
    ///
    /// Names on that server carry its origin: ask about `namespace.at(Some(origin))`. The accounts that it lists carry it too,
    /// until [`with_accounts_of`](Self::with_accounts_of) sets the server of their ids: `id 7` on an unknown server is not taken
    /// for the public GitHub's account 7.
    #[must_use]
    pub fn at(origin: Origin) -> Self {
        let endpoint = Endpoint::new(origin, PUBLIC);
        Self {
            accounts_at: endpoint.configured().cloned(),
            pace: endpoint.is_public().then_some(PUBLIC_MIN_INTERVAL),
            limits: Limits::new(100, Duration::from_secs(120), 16 << 20),
            endpoint,
        }
    }

    /// Sets the server that the account ids of this registry belong to.
    ///
    /// # Security
    /// The operator of a configured registry can then list any account of that GitHub for the names of that registry, and for no
    /// others, because these names contain the registry.
    ///
    /// ```
    /// use auths_adapters_github::{AccountsOf, CratesIoConfig, GitHubConfig};
    ///
    /// let github = GitHubConfig::at("http://127.0.0.1:8081".parse()?);
    /// let local = CratesIoConfig::at("http://127.0.0.1:8080".parse()?);
    /// assert_eq!(local.accounts_of(), Some(local.origin()), "nobody's on any GitHub, until it is said");
    /// let local = local.with_accounts_of(AccountsOf::from(&github));
    /// assert_eq!(local.accounts_of(), Some(github.api()));
    /// # Ok::<(), auths_core::OriginError>(())
    /// ```
    #[must_use]
    pub fn with_accounts_of(mut self, accounts: AccountsOf) -> Self {
        self.accounts_at = match accounts {
            AccountsOf::ThisServer => Some(self.origin().clone()),
            AccountsOf::PublicGitHub => None,
            // The public GitHub may have been named by its address.
            AccountsOf::GitHubAt(api) => GitHubConfig::at(api).configured().cloned(),
        };
        self
    }

    /// Sets the shortest time between two requests to this server, over the whole process. Default: one second for the public
    /// crates.io, none for others.
    #[must_use]
    pub fn with_min_interval(mut self, interval: Duration) -> Self {
        self.pace = Some(interval);
        self
    }

    /// Sets the most requests that one lookup may take; at least one. Default: 100.
    ///
    /// A lookup takes three requests and one for each owner. A lookup that would take more is answered without its owners, and
    /// with [`RequestBudget`](auths_core::UnavailableReason::RequestBudget) as the reason.
    #[must_use]
    pub fn with_max_requests(mut self, requests: u32) -> Self {
        self.limits = self.limits.with_max_requests(requests);
        self
    }

    /// Sets the most time that one lookup may take, all its requests, retries and waits together. Default: two minutes.
    #[must_use]
    pub fn with_max_time(mut self, time: Duration) -> Self {
        self.limits = self.limits.with_max_time(time);
        self
    }

    /// Sets the size of the largest answer, in bytes after decompression. Default: 16 MiB, which holds a crate with thousands of
    /// versions.
    #[must_use]
    pub fn with_max_bytes(mut self, bytes: u64) -> Self {
        self.limits = self.limits.with_max_bytes(bytes);
        self
    }

    /// Returns the origin of the server.
    #[must_use]
    pub fn origin(&self) -> &Origin {
        self.endpoint.origin()
    }

    /// Returns whether it is the public crates.io.
    #[must_use]
    pub fn is_public(&self) -> bool {
        self.endpoint.is_public()
    }

    /// Returns the server as it is written in namespaces: `None` for the public crates.io.
    #[must_use]
    pub fn configured(&self) -> Option<&Origin> {
        self.endpoint.configured()
    }

    /// Returns the server of the GitHub accounts that it lists: `None` for the public GitHub.
    #[must_use]
    pub fn accounts_of(&self) -> Option<&Origin> {
        self.accounts_at.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_public_address_is_public_however_it_was_given_and_is_asked_once_a_second() {
        for public in [
            CratesIoConfig::public().unwrap(),
            CratesIoConfig::at("https://Crates.io/".parse().unwrap()),
        ] {
            assert_eq!((public.configured(), public.accounts_of()), (None, None));
            assert_eq!(public.pace, Some(Duration::from_secs(1)));
        }
        for other in [
            "https://crates.io:8443",
            "https://crates.io/base",
            "http://127.0.0.1:1",
        ] {
            let config = CratesIoConfig::at(other.parse().unwrap());
            assert_eq!(config.configured(), Some(config.origin()), "{other}");
            assert_eq!(config.accounts_of(), Some(config.origin()), "{other}");
        }
    }

    #[test]
    fn the_accounts_are_nobodys_on_github_unless_it_is_said_whose() {
        let origin = |text: &str| -> Origin { text.parse().unwrap() };
        let (local, api) = (origin("http://127.0.0.1:1"), origin("http://127.0.0.1:2"));
        let of = |accounts: Option<AccountsOf>| {
            let config = CratesIoConfig::at(local.clone());
            let config = match accounts {
                Some(accounts) => config.with_accounts_of(accounts),
                None => config,
            };
            config.accounts_of().cloned()
        };
        let asked = GitHubConfig::at(api.clone());
        let public = GitHubConfig::public().unwrap();
        for (accounts, expected) in [
            (None, Some(&local)),
            (Some(AccountsOf::ThisServer), Some(&local)),
            (Some(AccountsOf::GitHubAt(api.clone())), Some(&api)),
            (Some(AccountsOf::from(&asked)), Some(&api)),
            (Some(AccountsOf::PublicGitHub), None),
            (Some(AccountsOf::from(&public)), None),
            (Some(AccountsOf::GitHubAt(public.api().clone())), None),
        ] {
            assert_eq!(of(accounts.clone()).as_ref(), expected, "{accounts:?}");
        }
        // What was said last counts.
        let config = CratesIoConfig::at(local.clone()).with_accounts_of(AccountsOf::PublicGitHub);
        let config = config.with_accounts_of(AccountsOf::ThisServer);
        assert_eq!(config.accounts_of(), Some(&local));
    }
}
