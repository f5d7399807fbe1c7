#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod answer;
mod attempt;
mod clock;
mod conditional;
mod config;
mod endpoint;
mod entry;
mod error;
mod fault;
mod handed_out;
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

pub use answer::{AnswerClass, expect_type, foreign_404, unavailable};
pub use clock::SystemClock;
pub use conditional::Cached;
pub use config::TransportConfig;
pub use endpoint::Endpoint;
pub use entry::ListEntry;
pub use error::TransportError;
pub use json::{Field, Object, Pairs, read_json, unreadable};
pub use limits::Limits;
pub use lookup::Lookup;
pub use owner_history::OwnerHistory;
pub use request::Request;
pub use request_budget::RequestBudget;
pub use response::{Response, ResponseHead};
pub use roles::RoleMemory;
pub use secrecy::{ExposeSecret, SecretString};
pub use secrets::{REDACTED, redact};
pub use serial::SerialMemory;
pub use sleeper::{Sleeper, TokioSleeper};
pub use transport::Transport;
