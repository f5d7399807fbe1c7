//! A small HTTP/1.1 server on 127.0.0.1 that answers from a function, and fails in every way that a test wants.
//!
//! For demonstrations and tests: it speaks plain http, keeps every request in memory and limits nothing.
//!
//! ```
//! use auths_http::loopback::{Reply, Server};
//!
//! let server = Server::start(|request| match request.path.as_str() {
//!     "/hello" => Reply::json(200, serde_json::json!({ "hello": request.query_value("name") })),
//!     _ => Reply::status(404),
//! });
//! assert!(server.origin().is_loopback());
//! assert!(server.requests().is_empty());
//! ```

mod fault;
#[cfg(feature = "faults")]
pub mod faults;
#[cfg(feature = "faults")]
mod played;
mod received;
mod reply;
mod server;
mod trouble;

pub use fault::Fault;
#[cfg(feature = "faults")]
pub use played::Played;
pub use received::Received;
pub use reply::Reply;
pub use server::Server;
pub use trouble::Shape;
