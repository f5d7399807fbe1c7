//! What an adapter is given to ask with.

use std::sync::Arc;
use std::time::Duration;

use auths_core::ports::{Clock, Store};
use auths_core::{Origin, Timestamp};

use crate::config::TransportConfig;
use crate::sleeper::RecordingSleeper;
use crate::transport::Transport;

/// A server to ask, and what to ask it with.
///
/// # Contract
/// The adapter's answers may be at most [`MAX_BYTES`](super::MAX_BYTES) large, and it asks by [`TestEndpoint::transport`]: that knows
/// the authority of the test servers, keeps time limits short, and waits without waiting.
#[derive(Debug, Clone)]
pub struct TestEndpoint {
    pub(in crate::loopback) origin: Origin,
    pub(in crate::loopback) store: Arc<dyn Store>,
    pub(in crate::loopback) clock: Arc<dyn Clock>,
    pub(in crate::loopback) base: Transport,
    pub(in crate::loopback) timeout: Duration,
}

/// How often an idempotent request is made: what is retried must fail twice.
pub(super) const ATTEMPTS: u32 = 2;

impl TestEndpoint {
    /// The server.
    #[must_use]
    pub fn origin(&self) -> Origin {
        self.origin.clone()
    }

    /// The time now, by the server's clock too.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The clock.
    #[must_use]
    pub fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.clock)
    }

    /// The store, the same for all questions to this server.
    #[must_use]
    pub fn store(&self) -> Arc<dyn Store> {
        Arc::clone(&self.store)
    }

    /// A transport with short time limits, two attempts and this site's clock and store.
    #[must_use]
    pub fn transport(&self) -> Transport {
        let config = TransportConfig::default()
            .with_timeout(self.timeout)
            .with_max_attempts(ATTEMPTS)
            .with_max_bytes(super::MAX_BYTES as u64);
        self.base.sibling(
            config,
            self.clock(),
            Arc::new(RecordingSleeper::default()),
            self.store(),
        )
    }
}
