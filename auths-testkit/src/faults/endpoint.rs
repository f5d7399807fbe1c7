//! The test server of an adapter, with clock, store and transport.

use std::sync::Arc;
use std::time::Duration;

use auths_core::ports::{Clock, Store};
use auths_core::{Origin, Timestamp};

use crate::doubles::RecordingSleeper;
use auths_http::Transport;
use auths_http::TransportConfig;

/// A server to ask, with the clock, store and transport to use.
///
/// # Contract
/// The adapter must use [`TestEndpoint::transport`]. That transport trusts the authority of the test servers, keeps time limits
/// short, and records waits instead of waiting. It accepts answers of at most [`MAX_BYTES`](super::MAX_BYTES), whatever
/// `auths_http::Request::max_bytes` and the limits of the adapter say.
#[derive(Debug, Clone)]
pub struct TestEndpoint {
    pub(crate) origin: Origin,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) base: Transport,
    pub(crate) timeout: Duration,
}

/// The number of attempts at an idempotent request. A fault that is retried must therefore occur twice.
pub(super) const ATTEMPTS: u32 = 2;

impl TestEndpoint {
    /// Returns the origin of the server.
    #[must_use]
    pub fn origin(&self) -> Origin {
        self.origin.clone()
    }

    /// Returns the time now, which is the server's time too.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Returns the clock.
    #[must_use]
    pub fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.clock)
    }

    /// Returns the store, the same for all requests to this server.
    #[must_use]
    pub fn store(&self) -> Arc<dyn Store> {
        Arc::clone(&self.store)
    }

    /// Returns a transport with short time limits, two attempts, and this endpoint's clock and store.
    #[must_use]
    pub fn transport(&self) -> Transport {
        let config = TransportConfig::default()
            .with_timeout(self.timeout)
            .with_max_attempts(ATTEMPTS)
            .with_max_bytes(super::MAX_BYTES as u64)
            .with_byte_ceiling(super::MAX_BYTES as u64);
        self.base.sibling(
            config,
            self.clock(),
            Arc::new(RecordingSleeper::default()),
            self.store(),
        )
    }
}
