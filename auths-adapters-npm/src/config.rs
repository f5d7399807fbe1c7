//! The configuration: the server, and the limits of a lookup.

use std::time::Duration;

use auths_core::{Origin, OriginError};
use auths_http::{Endpoint, Limits};

/// The public npm registry. No other place in the product holds this address.
const PUBLIC: &str = "https://registry.npmjs.org";

/// The configuration of an [`Npm`](crate::Npm): its server, the time that one lookup may take, and the size of the largest
/// answer.
///
/// ```
/// use auths_adapters_npm::NpmConfig;
///
/// assert!(NpmConfig::public()?.is_public());
/// let local = NpmConfig::at("http://127.0.0.1:4873".parse()?).with_max_bytes(8 << 20);
/// assert!(!local.is_public());
/// # Ok::<(), auths_core::OriginError>(())
/// ```
#[derive(Debug, Clone)]
pub struct NpmConfig {
    endpoint: Endpoint,
    pub(crate) limits: Limits,
    pub(crate) max_versions: usize,
}

impl NpmConfig {
    /// Creates the configuration for the public npm registry.
    ///
    /// # Errors
    /// Never in practice: the address is fixed, but reading it is fallible.
    pub fn public() -> Result<Self, OriginError> {
        Ok(Self::at(public_origin()?))
    }

    /// Creates the configuration for a server that speaks npm's registry API. The public registry's own address is the public
    /// registry.
    ///
    /// Names and accounts on that server carry its origin: ask about `namespace.at(Some(origin))`, and let claims and queries
    /// name `account.at(Some(origin))`. The listing that is read carries it too: `alice` on that server is another account than
    /// npm's `alice`.
    #[must_use]
    pub fn at(origin: Origin) -> Self {
        Self {
            endpoint: Endpoint::new(origin, PUBLIC),
            limits: Limits::new(1, Duration::from_secs(60), 100 << 20),
            max_versions: 100_000,
        }
    }

    /// Sets the most time that one lookup may take, retries and waits included. Default: 60 seconds.
    ///
    /// A lookup that would take longer is unavailable, with [`Timeout`](auths_core::UnavailableReason::Timeout) as the reason.
    #[must_use]
    pub fn with_max_time(mut self, time: Duration) -> Self {
        self.limits = self.limits.with_max_time(time);
        self
    }

    /// Sets the size of the largest packument, in bytes after decompression. Default: 100 MiB, because npm itself keeps none
    /// larger than 100 MB (N17 in `docs/platform-facts.md`). The packument is read as it comes and never held, so this limits
    /// time and traffic, not memory.
    #[must_use]
    pub fn with_max_bytes(mut self, bytes: u64) -> Self {
        self.limits = self.limits.with_max_bytes(bytes);
        self
    }

    /// Sets the most versions of one package, unpublished ones included. Default: 100,000. Each takes about 64 bytes while the
    /// packument is read.
    #[must_use]
    pub fn with_max_versions(mut self, versions: usize) -> Self {
        self.max_versions = versions;
        self
    }

    /// Returns the origin of the server.
    #[must_use]
    pub fn origin(&self) -> &Origin {
        self.endpoint.origin()
    }

    /// Returns whether it is the public registry.
    #[must_use]
    pub fn is_public(&self) -> bool {
        self.endpoint.is_public()
    }

    /// Returns the server as it is written in namespaces and accounts: `None` for the public registry.
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
        assert!(NpmConfig::public().unwrap().configured().is_none());
        assert!(NpmConfig::at("https://Registry.npmjs.org/".parse().unwrap()).is_public());
        for other in [
            "https://registry.npmjs.org:8443",
            "https://registry.npmjs.org/base",
            "https://npm.example",
            "http://127.0.0.1:1",
        ] {
            let config = NpmConfig::at(other.parse().unwrap());
            assert_eq!(config.configured(), Some(config.origin()), "{other}");
        }
    }
}
