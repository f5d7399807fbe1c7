#![forbid(unsafe_code)]
//! The one place where auths talks HTTP.

mod attempt;
mod clock;
mod conditional;
mod config;
mod error;
mod fault;
#[cfg(feature = "loopback")]
pub mod loopback;
mod pace;
mod request;
mod response;
mod sleeper;
mod stream;
mod transport;

pub use clock::SystemClock;
pub use conditional::Digested;
pub use config::TransportConfig;
pub use error::TransportError;
pub use request::Request;
pub use response::{Head, Response};
pub use sleeper::{RecordingSleeper, Sleeper, TokioSleeper};
pub use transport::Transport;
