#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod answer;
mod attempt;
mod clock;
mod conditional;
mod config;
mod entry;
mod error;
mod fault;
mod host_limiter;
mod json;
mod lookup;
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

pub use answer::{expect_type, foreign_404, unavailable};
pub use clock::SystemClock;
pub use conditional::Cached;
pub use config::TransportConfig;
pub use entry::Entry;
pub use error::TransportError;
pub use json::{Field, Object, Pairs, read_json, unreadable};
pub use lookup::Lookup;
pub use request::Request;
pub use request_budget::RequestBudget;
pub use response::{Head, Response};
pub use roles::RoleMemory;
pub use secrecy::{ExposeSecret, SecretString};
pub use secrets::{REDACTED, redact};
pub use serial::Serials;
pub use sleeper::{Sleeper, TokioSleeper};
pub use transport::Transport;
