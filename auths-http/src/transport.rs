//! The transport: attempts, the waits between them, and when to stop.

use std::collections::hash_map::RandomState;
use std::fmt;
use std::hash::BuildHasher;
use std::sync::Arc;
use std::time::{Duration, Instant};

use auths_core::ports::{Clock, MemoryStore, Store};
use auths_core::{Origin, Unavailable, UnavailableReason, in_words};
use secrecy::{ExposeSecret, SecretString};

use crate::SystemClock;
use crate::attempt::{OpenAnswer, ReadExtent};
use crate::conditional::CacheValidators;
use crate::config::TransportConfig;
use crate::error::TransportError;
use crate::host_limiter::{CredentialId, HostLimiter, HostQueue};
use crate::request::Request;
use crate::response::Response;
use crate::secrets::{KnownSecrets, RequestSecrets};
use crate::sleeper::{Sleeper, TokioSleeper};

/// The first wait before a retry. It doubles with each retry, and up to as much again is added at random.
const BACK_OFF: Duration = Duration::from_millis(200);

/// A client that sends [`Request`]s within the limits of its [`TransportConfig`]. A clone is the same transport.
///
/// # Security
/// A transport reads only over https (plain http to literal loopback addresses only), only below the request's origin, and holds
/// every answer to the limits of size and time. See the crate's documentation for the whole list.
///
/// ```
/// use std::sync::Arc;
/// use auths_core::ports::MemoryStore;
/// use auths_http::{Request, SystemClock, TokioSleeper, Transport, TransportConfig};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let transport = Transport::new(
///     TransportConfig::default(),
///     Arc::new(SystemClock),
///     Arc::new(TokioSleeper),
///     Arc::new(MemoryStore::new()),
/// )?;
/// let origin = "https://registry.example".parse()?;
/// let response = transport.send(Request::get(&origin, &["left-pad"])?).await?;
/// println!("{} with {} bytes", response.status(), response.body().len());
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Transport(Arc<TransportInner>);

pub(crate) struct TransportInner {
    pub(crate) config: TransportConfig,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) sleeper: Arc<dyn Sleeper>,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) pace: HostLimiter,
    pub(crate) known: KnownSecrets,
    /// The client for public servers: https only, through the system's proxy if there is one. `None` where TLS could not be set
    /// up, as on a machine without CA certificates. Loopback addresses can still be asked there.
    public: Option<reqwest::Client>,
    /// The client for loopback addresses: plain http allowed, and never through a proxy.
    loopback: reqwest::Client,
}

impl TransportInner {
    /// Returns the client for requests to `origin`.
    pub(crate) fn client(&self, origin: &Origin) -> Result<&reqwest::Client, Unavailable> {
        if origin.is_loopback() {
            return Ok(&self.loopback);
        }
        self.public.as_ref().ok_or_else(|| {
            let detail =
                "TLS could not be set up: this machine has no CA certificates that can be read";
            Unavailable::new(UnavailableReason::Network, detail)
        })
    }
}

/// Returns a client with the settings that all requests share.
fn client(config: &TransportConfig) -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .user_agent(config.user_agent())
        .connect_timeout(config.connect_timeout)
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
}

impl Transport {
    /// Creates a transport that tells the time by `clock`, waits by `sleeper` and keeps its records in `store`.
    ///
    /// # Errors
    /// [`TransportError`] when the configuration cannot be used. A machine without CA certificates is no error here: loopback
    /// addresses can be asked there, and all others are [`UnavailableReason::Network`].
    pub fn new(
        config: TransportConfig,
        clock: Arc<dyn Clock>,
        sleeper: Arc<dyn Sleeper>,
        store: Arc<dyn Store>,
    ) -> Result<Self, TransportError> {
        config.check()?;
        let authorities = config.authorities()?;
        let public = client(&config)
            .tls_certs_merge(authorities.clone())
            .https_only(true)
            .build()
            .ok();
        // A server on this machine may have a certificate of the system's authorities. If there are none, only the added
        // authorities are trusted.
        let loopback = client(&config)
            .tls_certs_merge(authorities.clone())
            .no_proxy()
            .build();
        let loopback = loopback
            .or_else(|_| {
                client(&config)
                    .tls_certs_only(authorities)
                    .no_proxy()
                    .build()
            })
            .map_err(|source| TransportError::Tls { source })?;
        Ok(Self(Arc::new(TransportInner {
            config,
            clock,
            sleeper,
            store,
            pace: HostLimiter::default(),
            known: KnownSecrets::default(),
            public,
            loopback,
        })))
    }

    /// Sends a request, and reads the whole answer. Every status is a response: the caller says what it means.
    ///
    /// A GET or HEAD that fails on the way, or is answered with 500, 502, 503 or 504, is made again within the limits. The last
    /// answer is then returned.
    ///
    /// # A server that asks for fewer requests
    /// A request answered with 429 is never repeated, and the server is not asked again for a time. This holds for this transport
    /// and its clones, for requests with the same `Authorization` (or for those without any). The time is the `Retry-After`, a
    /// minute where the answer names no time or zero, and an hour at most. Requests that are under way end. Every other one fails
    /// at once, and nothing is sent for it. [`Transport::fetch_cached`] and [`Transport::fetch_cached_stream`] do the same when
    /// `parse` returns [`UnavailableReason::RateLimited`], for services that use another status.
    ///
    /// # Errors
    /// [`Unavailable`] when no whole answer came: its [`UnavailableReason`] says what went wrong on the way.
    /// [`UnavailableReason::ServerError`], with the wait, when the server asks for a longer wait than the limit.
    /// [`UnavailableReason::RateLimited`], with the time left, when the server is not to be asked yet.
    pub async fn send(&self, request: Request) -> Result<Response, Unavailable> {
        let open = self.open(&request, None, ReadExtent::Whole).await?;
        open.read_whole().await
    }

    /// Marks `secret`, which came in an answer, as a secret. From now on it is removed from every answer to this transport and
    /// its clones, as the secrets of requests are ([`Request::secret`](crate::Request::secret)). The newest 32 are remembered.
    ///
    /// A device code, and the token that it is exchanged for, come in answers. A later answer to any request may repeat them.
    pub fn keep_secret(&self, secret: &SecretString) {
        let secret = RequestSecrets::default().and(secret.expose_secret());
        self.0.known.add(&secret);
    }

    /// Returns the store of the transport. An adapter may keep there what it knows of its server from earlier observations.
    #[must_use]
    pub fn store(&self) -> Arc<dyn Store> {
        Arc::clone(&self.0.store)
    }

    /// Creates a transport for a program: the system's clock, tokio's timer, the default configuration, and a store in memory.
    ///
    /// # Errors
    /// [`TransportError`], as for [`new`](Self::new).
    pub fn system() -> Result<Self, TransportError> {
        let store = Arc::new(MemoryStore::new());
        Self::system_with(TransportConfig::default(), store)
    }

    /// Creates a transport for a program like [`system`](Self::system), with a configuration and a store of your own. A store that
    /// outlives the process remembers what the adapters saw earlier.
    ///
    /// # Errors
    /// [`TransportError`], as for [`new`](Self::new).
    pub fn system_with(
        config: TransportConfig,
        store: Arc<dyn Store>,
    ) -> Result<Self, TransportError> {
        Self::new(config, Arc::new(SystemClock), Arc::new(TokioSleeper), store)
    }

    /// Creates another transport that shares this one's TLS set-up, which takes longer to make than a test does to run.
    pub fn sibling(
        &self,
        config: TransportConfig,
        clock: Arc<dyn Clock>,
        sleeper: Arc<dyn Sleeper>,
        store: Arc<dyn Store>,
    ) -> Self {
        Self(Arc::new(TransportInner {
            config,
            clock,
            sleeper,
            store,
            pace: HostLimiter::default(),
            known: KnownSecrets::default(),
            public: self.0.public.clone(),
            loopback: self.0.loopback.clone(),
        }))
    }

    pub(crate) fn inner(&self) -> &TransportInner {
        &self.0
    }

    /// Returns the outcome of a request. If the service asked for fewer requests, the host is closed for a time, and the outcome
    /// says for how long at least.
    pub(crate) fn record_throttle<T>(
        &self,
        request: &Request,
        outcome: Result<T, Unavailable>,
    ) -> Result<T, Unavailable> {
        outcome.map_err(|why| match why.reason {
            UnavailableReason::RateLimited => {
                let lane = self.0.pace.lane(&request.origin, &self.0.config);
                let wait = lane.close(request.credential_id(), why.retry_after, self.0.clock.now());
                let told = why.retry_after.unwrap_or_default();
                why.retry_after(Some(told.max(wait)))
            }
            _ => why,
        })
    }

    /// Checks that the server may be asked now.
    fn may_ask(
        &self,
        request: &Request,
        lane: &HostQueue,
        whom: &CredentialId,
    ) -> Result<(), Unavailable> {
        match lane.closed(whom, self.0.clock.now()) {
            Some(left) if !request.is_past_throttle => Err(left_alone(left, &request.what())),
            _ => Ok(()),
        }
    }

    /// Makes attempts until one has a final answer. Reads the body too when asked to.
    pub(crate) async fn open(
        &self,
        request: &Request,
        validators: Option<&CacheValidators>,
        reading: ReadExtent,
    ) -> Result<OpenAnswer, Unavailable> {
        request.check()?;
        self.0.known.add(&request.secrets);
        let config = &self.0.config;
        let per_attempt = request.timeout.unwrap_or(config.attempt_timeout);
        let deadline = config.deadline.max(request.timeout.unwrap_or_default());
        let attempts = match request.is_idempotent() {
            true => config.max_attempts,
            false => 1,
        };
        let lane = self.0.pace.lane(&request.origin, config);
        let whom = request.credential_id();
        let mut spent = Duration::ZERO;
        let mut attempt = 1;
        loop {
            self.may_ask(request, &lane, &whom)?;
            let seat = lane.permit().await;
            // The request that held the permit may have been told to slow down.
            self.may_ask(request, &lane, &whom)?;
            let turn = lane.reserve_slot(request.min_interval);
            if !turn.is_zero() {
                self.0.sleeper.sleep(turn).await;
                self.may_ask(request, &lane, &whom)?;
            }
            request.budget.take_request().map_err(|why| {
                let detail = format!("{} was not sent: {}", request.what(), why.raw_detail);
                Unavailable::new(why.reason, detail)
            })?;
            let limit = per_attempt.min(deadline.saturating_sub(spent));
            let started = Instant::now();
            let outcome = self
                .attempt(request, validators, reading, &lane, seat, limit)
                .await;
            spent += started.elapsed();
            let asked = match &outcome {
                Ok(open) if is_busy(open.head.status()) => open.head.retry_after(),
                Err(fault) if fault.is_retryable() => None,
                _ => return outcome,
            };
            if let (Some(asked), Ok(open), true) = (asked, &outcome, request.is_idempotent())
                && asked > config.max_retry_after
            {
                return Err(too_long(open.head.status(), asked, &request.what()));
            }
            let wait = asked.unwrap_or_default().max(back_off(attempt));
            let is_last = attempt >= attempts || request.budget.requests_left() == 0;
            if is_last || spent + wait >= deadline {
                return outcome;
            }
            tracing::debug!(what = %request.what(), attempt, ?wait, "asking again");
            // Gives back the permit while waiting.
            drop(outcome);
            self.0.sleeper.sleep(wait).await;
            spent += wait;
            attempt += 1;
        }
    }
}

/// Returns whether the server may answer the same request differently in a moment.
fn is_busy(status: u16) -> bool {
    matches!(status, 500 | 502 | 503 | 504)
}

/// Returns the failure of a server that asks for a longer wait than the limit.
fn too_long(status: u16, wait: Duration, what: &str) -> Unavailable {
    let detail = format!("{what}: status {status}, ask again in {}", in_words(wait));
    Unavailable::new(UnavailableReason::ServerError, detail).retry_after(Some(wait))
}

/// Returns the failure of a server that asked for fewer requests a while ago.
fn left_alone(left: Duration, what: &str) -> Unavailable {
    let detail = format!(
        "{what} was not sent: the server asked for fewer requests, ask again in {}",
        in_words(left)
    );
    Unavailable::new(UnavailableReason::RateLimited, detail).retry_after(Some(left))
}

/// Returns the wait before the next attempt. It doubles with each attempt, and its random part keeps many clients from coming
/// back together.
fn back_off(attempt: u32) -> Duration {
    let base = BACK_OFF.saturating_mul(1 << attempt.saturating_sub(1).min(8));
    // std keys this hasher at random: enough for jitter.
    let random = RandomState::new().hash_one(attempt) % 1_000;
    base + base.saturating_mul(u32::try_from(random).unwrap_or(0)) / 1_000
}

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transport")
            .field("user_agent", &self.0.config.user_agent())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn back_off_grows_and_stays_bounded() {
        for attempt in 1..100 {
            let base = BACK_OFF * (1 << (attempt - 1).min(8));
            let wait = back_off(attempt);
            assert!(wait >= base && wait < base * 2, "{attempt}: {wait:?}");
        }
    }

    #[test]
    fn only_momentary_statuses_are_busy() {
        let busy: Vec<u16> = (100..600).filter(|s| is_busy(*s)).collect();
        assert_eq!(busy, [500, 502, 503, 504]);
    }
}
