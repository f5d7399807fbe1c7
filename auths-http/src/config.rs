//! The limits of requests, and the name under which they are made.

use std::collections::BTreeMap;
use std::time::Duration;

use auths_core::Origin;

use crate::error::TransportError;
use crate::host_limiter::lane;

/// The configuration of a [`Transport`](crate::Transport): its name in requests, and its limits.
///
/// Every limit has a default that is safe to keep. Adapters raise single limits for single requests
/// ([`Request::max_bytes`](crate::Request::max_bytes), [`Request::timeout`](crate::Request::timeout)).
///
/// ```
/// use auths_http::TransportConfig;
/// use std::time::Duration;
///
/// let config = TransportConfig::default()
///     .with_product("acme-hub", "2.1")
///     .with_contact("https://acme.example/contact")
///     .with_min_interval(&"https://registry.example".parse()?, Duration::from_secs(1));
/// assert!(config.user_agent().starts_with("acme-hub/2.1 auths/"));
/// assert!(config.user_agent().ends_with(" (+https://acme.example/contact)"));
/// # Ok::<(), auths_core::OriginError>(())
/// ```
#[derive(Debug, Clone)]
pub struct TransportConfig {
    product: Option<(String, String)>,
    contact: Option<String>,
    ca_bundle: Option<Vec<u8>>,
    min_intervals: BTreeMap<String, Duration>,
    pub(crate) connect_timeout: Duration,
    pub(crate) attempt_timeout: Duration,
    pub(crate) deadline: Duration,
    pub(crate) max_attempts: u32,
    pub(crate) max_retry_after: Duration,
    pub(crate) max_bytes: u64,
    pub(crate) byte_ceiling: u64,
    pub(crate) max_concurrent: usize,
}

impl Default for TransportConfig {
    /// Returns the defaults that each `with_*` method states.
    fn default() -> Self {
        Self {
            product: None,
            contact: None,
            ca_bundle: None,
            min_intervals: BTreeMap::new(),
            connect_timeout: Duration::from_secs(10),
            attempt_timeout: Duration::from_secs(30),
            deadline: Duration::from_secs(60),
            max_attempts: 3,
            max_retry_after: Duration::from_secs(60),
            max_bytes: 2 << 20,
            byte_ceiling: u64::MAX,
            max_concurrent: 8,
        }
    }
}

impl TransportConfig {
    /// Sets the program that embeds this library, put before `auths/<version>`. Default: none.
    #[must_use]
    pub fn with_product(mut self, name: impl Into<String>, version: impl Into<String>) -> Self {
        self.product = Some((name.into(), version.into()));
        self
    }

    /// Sets an address or a URL where a registry's operators can reach the user of this program. Default: none.
    ///
    /// Registries ask for a contact, and block clients that they cannot reach.
    #[must_use]
    pub fn with_contact(mut self, contact: impl Into<String>) -> Self {
        self.contact = Some(contact.into());
        self
    }

    /// Sets the time to connect, TLS included. Default: 10 seconds.
    #[must_use]
    pub fn with_connect_timeout(mut self, time: Duration) -> Self {
        self.connect_timeout = time;
        self
    }

    /// Sets the time for one attempt, from connecting to the last byte of the body. Default: 30 seconds.
    #[must_use]
    pub fn with_timeout(mut self, time: Duration) -> Self {
        self.attempt_timeout = time;
        self
    }

    /// Sets the time for all attempts of one request and the waits between them. Default: 60 seconds.
    ///
    /// Time spent waiting for a turn (the concurrency limit, the minimum interval) is not counted, because this side chose to
    /// wait.
    #[must_use]
    pub fn with_deadline(mut self, time: Duration) -> Self {
        self.deadline = time;
        self
    }

    /// Sets the largest number of attempts for an idempotent request (GET, HEAD). Other requests are made once. Default: 3.
    #[must_use]
    pub fn with_max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = attempts;
        self
    }

    /// Sets the longest `Retry-After` of a 5xx that the transport waits for. A longer one is reported to the caller. Default: 60
    /// seconds.
    ///
    /// The transport never waits for the `Retry-After` of a 429: see [`Transport::send`](crate::Transport::send).
    #[must_use]
    pub fn with_max_retry_after(mut self, time: Duration) -> Self {
        self.max_retry_after = time;
        self
    }

    /// Sets the size of the largest body, counted after decompression. Default: 2 MiB. A request can set another one
    /// ([`Request::max_bytes`](crate::Request::max_bytes)).
    #[must_use]
    pub fn with_max_bytes(mut self, bytes: u64) -> Self {
        self.max_bytes = bytes;
        self
    }

    /// Sets the size of the largest body for every request, also for those that set a larger one. Default: none.
    #[must_use]
    pub fn with_byte_ceiling(mut self, bytes: u64) -> Self {
        self.byte_ceiling = bytes;
        self
    }

    /// Sets how many requests to one server may be under way at once. Default: 8.
    #[must_use]
    pub fn with_max_concurrent(mut self, requests: usize) -> Self {
        self.max_concurrent = requests;
        self
    }

    /// Sets the shortest time between the starts of two requests to this server. Default: none.
    ///
    /// A [`Transport`](crate::Transport) and its clones keep this interval together, for retries and redirects too. The base path
    /// of the origin does not count, because the limit belongs to the server.
    #[must_use]
    pub fn with_min_interval(mut self, origin: &Origin, interval: Duration) -> Self {
        self.min_intervals.insert(lane(origin), interval);
        self
    }

    /// Adds certificates (PEM) of authorities to trust beside the system's, such as those of a company's proxy or private
    /// registry.
    ///
    /// # Security
    /// The holder of the key of any of these authorities can answer for every server.
    #[must_use]
    pub fn with_ca_bundle(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.ca_bundle = Some(pem.into());
        self
    }

    /// Returns the `User-Agent` that every request carries.
    #[must_use]
    pub fn user_agent(&self) -> String {
        let mut text = String::new();
        if let Some((name, version)) = &self.product {
            text = format!("{name}/{version} ");
        }
        text.push_str(concat!("auths/", env!("CARGO_PKG_VERSION")));
        if let Some(contact) = &self.contact {
            text = format!("{text} (+{contact})");
        }
        text
    }

    /// Returns the size of the largest body of a request that set this size for itself, or none.
    pub(crate) fn byte_cap(&self, of_request: Option<u64>) -> u64 {
        of_request.unwrap_or(self.max_bytes).min(self.byte_ceiling)
    }

    pub(crate) fn min_interval(&self, lane: &str) -> Option<Duration> {
        self.min_intervals.get(lane).copied()
    }

    /// Refuses limits and names that could never work.
    pub(crate) fn check(&self) -> Result<(), TransportError> {
        for (limit, is_zero) in [
            ("the connect timeout", self.connect_timeout.is_zero()),
            ("the timeout", self.attempt_timeout.is_zero()),
            ("the deadline", self.deadline.is_zero()),
            ("the number of attempts", self.max_attempts == 0),
            (
                "the number of concurrent requests",
                self.max_concurrent == 0,
            ),
        ] {
            if is_zero {
                return Err(TransportError::Zero { limit });
            }
        }
        let product = self
            .product
            .iter()
            .flat_map(|(name, version)| [name, version]);
        for text in product.chain(&self.contact) {
            if !fits_user_agent(text) {
                return Err(TransportError::UserAgent { text: text.clone() });
            }
        }
        Ok(())
    }

    /// Returns the extra authorities.
    pub(crate) fn authorities(&self) -> Result<Vec<reqwest::Certificate>, TransportError> {
        let Some(pem) = &self.ca_bundle else {
            return Ok(Vec::new());
        };
        let found = reqwest::Certificate::from_pem_bundle(pem).map_err(|source| {
            TransportError::CaBundle {
                source: Some(source),
            }
        })?;
        if found.is_empty() {
            return Err(TransportError::CaBundle { source: None });
        }
        Ok(found)
    }
}

/// Returns whether a text can stand in a `User-Agent`.
fn fits_user_agent(text: &str) -> bool {
    let is_plain = text
        .bytes()
        .all(|b| b.is_ascii_graphic() && !b"()\\".contains(&b));
    (1..=200).contains(&text.len()) && is_plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_user_agent_names_the_library_and_the_contact() {
        let plain = TransportConfig::default().user_agent();
        assert_eq!(plain, concat!("auths/", env!("CARGO_PKG_VERSION")));
        let full = TransportConfig::default()
            .with_product("hub", "1")
            .with_contact("mailto:ops@acme.example");
        assert!(full.check().is_ok());
        assert_eq!(
            full.user_agent(),
            format!("hub/1 {plain} (+mailto:ops@acme.example)")
        );
    }

    #[test]
    fn a_user_agent_cannot_smuggle_a_header() {
        for contact in ["a\r\nX: y", "a b", "a)", "", "é"] {
            let config = TransportConfig::default().with_contact(contact);
            assert!(
                matches!(config.check(), Err(TransportError::UserAgent { .. })),
                "{contact:?}"
            );
        }
    }

    #[test]
    fn the_ceiling_holds_for_requests_that_allow_more() {
        let config = TransportConfig::default().with_max_bytes(2);
        assert_eq!(
            [None, Some(1), Some(9)].map(|own| config.byte_cap(own)),
            [2, 1, 9]
        );
        let config = config.with_byte_ceiling(3);
        assert_eq!(
            [None, Some(1), Some(9)].map(|own| config.byte_cap(own)),
            [2, 1, 3]
        );
    }

    #[test]
    fn zero_limits_are_refused() {
        let config = TransportConfig::default;
        for config in [
            config().with_connect_timeout(Duration::ZERO),
            config().with_timeout(Duration::ZERO),
            config().with_deadline(Duration::ZERO),
            config().with_max_attempts(0),
            config().with_max_concurrent(0),
        ] {
            assert!(matches!(config.check(), Err(TransportError::Zero { .. })));
        }
    }

    #[test]
    fn an_empty_or_unreadable_ca_bundle_is_refused() {
        for pem in [
            "",
            "nonsense",
            "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n",
        ] {
            let config = TransportConfig::default().with_ca_bundle(pem);
            assert!(
                matches!(config.authorities(), Err(TransportError::CaBundle { .. })),
                "{pem:?}"
            );
        }
    }
}
