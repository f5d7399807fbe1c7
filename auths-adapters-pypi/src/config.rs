//! The configuration: the server, and the limits of a lookup.

use std::time::Duration;

use auths_core::{Origin, OriginError};
use auths_http::{Endpoint, Limits};

/// The public PyPI. No other place in the product holds this address.
const PUBLIC: &str = "https://pypi.org";

/// The configuration of a [`PyPi`](crate::PyPi): its server, the requests and the time that one lookup may take, and the size of
/// the largest answers.
///
/// ```
/// use auths_adapters_pypi::PyPiConfig;
///
/// assert!(PyPiConfig::public()?.is_public());
/// let local = PyPiConfig::at("http://127.0.0.1:8080".parse()?).with_max_requests(10);
/// assert!(!local.is_public());
/// # Ok::<(), auths_core::OriginError>(())
/// ```
#[derive(Debug, Clone)]
pub struct PyPiConfig {
    endpoint: Endpoint,
    /// The limits of a lookup. Its bytes are those of the answer about a whole project.
    pub(crate) limits: Limits,
    pub(crate) max_release_bytes: u64,
}

impl PyPiConfig {
    /// Creates the configuration for the public PyPI.
    ///
    /// # Errors
    /// Never in practice: the address is fixed, but reading it is fallible.
    pub fn public() -> Result<Self, OriginError> {
        Ok(Self::at(public_origin()?))
    }

    /// Creates the configuration for a server that speaks PyPI's JSON and simple API. The public PyPI's own address is the public
    /// PyPI.
    ///
    /// Names and accounts on that server carry its origin: ask about `namespace.at(Some(origin))`, and let claims and queries
    /// name `account.at(Some(origin))`. The listing that is read carries it too: `alice` on that server is another account than
    /// PyPI's `alice`.
    #[must_use]
    pub fn at(origin: Origin) -> Self {
        Self {
            endpoint: Endpoint::new(origin, PUBLIC),
            limits: Limits::new(40, Duration::from_secs(45), 32 << 20),
            max_release_bytes: 2 << 20,
        }
    }

    /// Sets the most requests that one lookup may take, the project's own included; at least one. Default: 40.
    ///
    /// Retries and followed redirects are not counted. A lookup that would take more is answered with the parts that were read.
    /// The other parts have [`RequestBudget`](auths_core::UnavailableReason::RequestBudget) as their reason.
    #[must_use]
    pub fn with_max_requests(mut self, requests: u32) -> Self {
        self.limits = self.limits.with_max_requests(requests);
        self
    }

    /// Sets the most time that one lookup may take, all its requests, retries and waits together. Default: 45 seconds.
    ///
    /// A lookup that would take longer is answered with the parts that were read. The other parts have
    /// [`Timeout`](auths_core::UnavailableReason::Timeout) as their reason. The lookup is unavailable when the project itself was not read in
    /// that time.
    #[must_use]
    pub fn with_max_time(mut self, time: Duration) -> Self {
        self.limits = self.limits.with_max_time(time);
        self
    }

    /// Sets the size of the largest answer about a whole project, in bytes after decompression. Default: 32 MiB, which holds
    /// every file of projects with tens of thousands of them.
    #[must_use]
    pub fn with_max_project_bytes(mut self, bytes: u64) -> Self {
        self.limits = self.limits.with_max_bytes(bytes);
        self
    }

    /// Sets the size of the largest answer about one release, in bytes after decompression. Default: 2 MiB.
    #[must_use]
    pub fn with_max_release_bytes(mut self, bytes: u64) -> Self {
        self.max_release_bytes = bytes;
        self
    }

    /// Returns the origin of the server.
    #[must_use]
    pub fn origin(&self) -> &Origin {
        self.endpoint.origin()
    }

    /// Returns whether it is the public PyPI.
    #[must_use]
    pub fn is_public(&self) -> bool {
        self.endpoint.is_public()
    }

    /// Returns the server as it is written in namespaces and accounts: `None` for the public PyPI.
    #[must_use]
    pub fn configured(&self) -> Option<&Origin> {
        self.endpoint.configured()
    }
}

pub(crate) fn public_origin() -> Result<Origin, OriginError> {
    PUBLIC.parse()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_public_address_is_public_however_it_was_given() {
        assert!(PyPiConfig::public().unwrap().configured().is_none());
        assert!(PyPiConfig::at("https://PyPI.org/".parse().unwrap()).is_public());
        for other in [
            "https://pypi.org:8443",
            "https://pypi.org/base",
            "https://test.pypi.org",
            "http://127.0.0.1:1",
        ] {
            let config = PyPiConfig::at(other.parse().unwrap());
            assert_eq!(config.configured(), Some(config.origin()), "{other}");
        }
    }

    #[test]
    fn a_question_takes_at_least_one_request() {
        let config = PyPiConfig::public().unwrap().with_max_requests(0);
        assert_eq!(config.limits.max_requests(), 1);
    }
}
