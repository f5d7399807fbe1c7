//! Which registry is asked, how much of it, and whose accounts it lists.

use std::time::Duration;

use auths_core::{Origin, OriginError};

/// The public crates.io. The address stands here and nowhere else.
const PUBLIC: &str = "https://crates.io";

/// What the public crates.io asks of every program: at most one request a second. Source: its data access policy.
const PUBLIC_PACE: Duration = Duration::from_secs(1);

/// How a [`CratesIo`](crate::CratesIo) asks: which server, how often, how many requests and how long for one question.
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
    origin: Origin,
    is_public: bool,
    accounts_at: Option<Origin>,
    pub(super) pace: Option<Duration>,
    pub(super) max_requests: u32,
    pub(super) max_time: Duration,
    pub(super) max_bytes: u64,
}

impl CratesIoConfig {
    /// The public crates.io, whose owners are accounts of the public GitHub. It is asked at most once a second by this
    /// process, however many adapters and transports there are.
    ///
    /// # Errors
    /// Never in practice: the address is fixed, but reading it is fallible.
    pub fn public() -> Result<Self, OriginError> {
        Ok(Self::at(public_origin()?))
    }

    /// A configured server that speaks crates.io's API. The public address is the public crates.io.
    ///
    /// Names there say so: ask about `namespace.at(Some(origin))`. So do the accounts that it lists, until
    /// [`with_accounts_of`](Self::with_accounts_of) says whose ids they are: what a strange server calls `id 7` is not taken
    /// for the public GitHub's account 7.
    #[must_use]
    pub fn at(origin: Origin) -> Self {
        let is_public = public_origin().is_ok_and(|public| public == origin);
        Self {
            is_public,
            accounts_at: (!is_public).then(|| origin.clone()),
            pace: is_public.then_some(PUBLIC_PACE),
            max_requests: 100,
            max_time: Duration::from_secs(120),
            max_bytes: 16 << 20,
            origin,
        }
    }

    /// The GitHub whose account ids this registry lists: `None` for the public one.
    ///
    /// # Security
    /// Whoever operates a configured registry can then list any account of that GitHub for the names of that registry, and
    /// for no others: the registry stands in them.
    #[must_use]
    pub fn with_accounts_of(mut self, github: Option<Origin>) -> Self {
        self.accounts_at = github;
        self
    }

    /// The least time between two requests to this server, over the whole process. Default: one second for the public
    /// crates.io, none for others.
    #[must_use]
    pub fn with_pace(mut self, interval: Duration) -> Self {
        self.pace = Some(interval);
        self
    }

    /// The most requests that one question may take; at least one. Default: 100.
    ///
    /// A question takes three requests and one for each owner. One that would take more is answered without its owners, and
    /// with [`RequestBudget`](auths_core::Why::RequestBudget) as the reason.
    #[must_use]
    pub fn with_max_requests(mut self, requests: u32) -> Self {
        self.max_requests = requests.max(1);
        self
    }

    /// The most time that one question may take, all its requests, retries and waits together. Default: two minutes.
    #[must_use]
    pub fn with_max_time(mut self, time: Duration) -> Self {
        self.max_time = time;
        self
    }

    /// The largest answer, in bytes after decompression. Default: 16 MiB, which holds a crate with thousands of versions.
    #[must_use]
    pub fn with_max_bytes(mut self, bytes: u64) -> Self {
        self.max_bytes = bytes;
        self
    }

    /// The server.
    #[must_use]
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Whether it is the public crates.io.
    #[must_use]
    pub fn is_public(&self) -> bool {
        self.is_public
    }

    /// The server as it stands in namespaces: `None` for the public crates.io.
    #[must_use]
    pub fn configured(&self) -> Option<&Origin> {
        (!self.is_public).then_some(&self.origin)
    }

    /// The GitHub whose accounts it lists: `None` for the public one.
    #[must_use]
    pub fn accounts_of(&self) -> Option<&Origin> {
        self.accounts_at.as_ref()
    }
}

fn public_origin() -> Result<Origin, OriginError> {
    PUBLIC.parse()
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
            assert_eq!(config.with_accounts_of(None).accounts_of(), None);
        }
    }
}
