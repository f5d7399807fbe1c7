#![forbid(unsafe_code)]
//! The only crate in which auths speaks HTTP: a [`Transport`] that every adapter shares, with the guards built in.
//!
//! An adapter builds a [`Request`] from an [`Origin`](auths_core::Origin) and path segments, sends it, and says what status,
//! headers and body mean. It never sees a raw client, so it cannot forget a guard. A failure on the way is an
//! [`Unavailable`](auths_core::Unavailable) with its [`UnavailableReason`](auths_core::UnavailableReason): never a no, and never a yes.
//!
//! ```
//! use std::sync::Arc;
//! use auths_core::ports::MemoryStore;
//! use auths_testkit::server::{Reply, Server};
//! use auths_http::{Request, SystemClock, TokioSleeper, Transport, TransportConfig};
//!
//! let server = Server::start(|_| Reply::json(200, ["alice", "bob"]).etag("\"1\""));
//! let transport = Transport::new(
//!     TransportConfig::default(),
//!     Arc::new(SystemClock),
//!     Arc::new(TokioSleeper),
//!     Arc::new(MemoryStore::new()),
//! )?;
//!
//! let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
//! for not_modified in [false, true] {
//!     let request = Request::get(&server.origin(), &["owners", "@acme/x"])?;
//!     // The second time, the server says "not modified", and the owners come from the store.
//!     let owners = runtime.block_on(transport.fetch_cached(request, |response| {
//!         serde_json::from_slice::<Vec<String>>(response.body())
//!             .map_err(|e| auths_core::Unavailable::new(auths_core::UnavailableReason::Unreadable, e.to_string()))
//!     }))?;
//!     assert_eq!(owners.value, ["alice", "bob"]);
//!     assert_eq!(owners.not_modified, not_modified);
//! }
//! assert_eq!(server.requests()[0].path, "/owners/@acme%2Fx");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # The guards
//!
//! | danger | guard |
//! |---|---|
//! | read or changed on the way | https only; plain http to literal loopback addresses only |
//! | sent elsewhere | addresses are built by segments below the origin; redirects are answers, or followed only below it |
//! | a token leaks | `Authorization` goes to the asked address alone, on no redirect; no message, log or `Debug` holds a query, header, token or body |
//! | the server repeats a token | secrets of a request are removed from its answer and every later one, head and body, before it is returned; so are secrets that came in an answer ([`Transport::keep_secret`]) |
//! | a token where a name belongs | no address that holds what looks like a token is asked ([`auths_core::tokens`]) |
//! | a huge or endless body | cap per request, counted after decompression; a stated length over it is refused unread |
//! | a cut body taken for whole | [`UnavailableReason::Truncated`](auths_core::UnavailableReason::Truncated), also when a stream's reader had read enough |
//! | a server that stalls, drips or resets | time limits to connect, per attempt and over all attempts |
//! | done twice | only GET and HEAD are retried; the client's own retries are off |
//! | a server that asks to wait for ever | the transport waits for a `Retry-After` up to a limit, and reports a longer one to the caller |
//! | asking on after a throttle | a server that says 429 is not asked again during its `Retry-After`: requests in that time fail unsent, with the time that is left ([`Transport::send`]) |
//! | overrunning a server | concurrency limit and minimum interval per server; conditional requests |
//! | a wrong clock | a `Date` more than ten minutes off is [`UnavailableReason::ClockSkew`](auths_core::UnavailableReason::ClockSkew); a smaller limit is set by [`Request::max_skew`] |
//! | a cached copy taken for the present state | an answer says when it was made ([`Head::made_at`]), and a [`RequestBudget`] knows the age of the oldest answer; [`Request::past_caches`] asks past caches |
//!
//! A body without a length that ends with its connection looks the same as a body that was cut there. Only TLS tells them apart,
//! because it announces that it closes. Over https a missing close announcement is an error. Over plain http, which is for
//! loopback only, it is not.
//!
//! # What an adapter uses
//!
//! | to | there is |
//! |---|---|
//! | say which server it asks | [`Endpoint`] |
//! | build an address and what goes with it | [`Request`] |
//! | make one lookup in several requests, within limits and a budget | [`RequestBudget`] with [`Limits`] |
//! | tell a good answer, the service's own 404, and everything else | [`Response::classify`], [`RequestBudget::read`] |
//! | read a good answer strictly | [`Response::object`], [`Response::list`], [`Response::body_of`], [`read_json`] with [`Object`], [`Field`], [`Pairs`] |
//! | know the service's own "no" | [`Response::own_404`], in plain text [`Response::own_404_text`] |
//! | remember who owned a package, where tokens add owners | [`OwnerHistory`] |
//! | say what another status means | [`unavailable`], [`expect_type`] |
//! | read an answer too large to hold | [`Transport::stream`], [`Transport::fetch_cached_stream`] |
//!
//! # Proxies and certificates
//!
//! The transport honours these settings when it is made, as reqwest does:
//!
//! - `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY` (or their lower-case forms), and on macOS and Windows the system's proxy settings.
//!   Https goes through the proxy by `CONNECT`: the proxy sees the host, not the request. Requests to a loopback address never go
//!   through a proxy, whatever the environment says.
//! - Certificates are checked by the platform's verifier (`rustls-platform-verifier`). On Linux and the BSDs that is the system's
//!   CA bundle, or the files named by `SSL_CERT_FILE` and `SSL_CERT_DIR` in its place; on macOS and Windows it is the system's
//!   store, and these variables have no effect. [`TransportConfig::with_ca_bundle`] adds authorities on every platform. The check
//!   cannot be turned off.
//!
//! # Tests
//!
//! The crate `auths-testkit` has a loopback server with faults on demand, a sleeper that only records, and the table of faults for
//! adapters.

mod answer;
mod attempt;
mod clock;
mod conditional;
mod config;
mod endpoint;
mod entry;
mod error;
mod fault;
mod host_limiter;
mod json;
mod limits;
mod lookup;
mod owner_history;
mod pages;
mod request;
mod request_budget;
mod response;
mod roles;
mod secrets;
mod serial;
mod sleeper;
mod stream;
mod transport;

pub use answer::{Answer, expect_type, foreign_404, unavailable};
pub use clock::SystemClock;
pub use conditional::Cached;
pub use config::TransportConfig;
pub use endpoint::Endpoint;
pub use entry::Entry;
pub use error::TransportError;
pub use json::{Field, Object, Pairs, read_json, unreadable};
pub use limits::Limits;
pub use lookup::Lookup;
pub use owner_history::OwnerHistory;
pub use request::Request;
pub use request_budget::RequestBudget;
pub use response::{Head, Response};
pub use roles::RoleMemory;
pub use secrets::{REDACTED, redact};
pub use serial::Serials;
pub use sleeper::{Sleeper, TokioSleeper};
pub use transport::Transport;
