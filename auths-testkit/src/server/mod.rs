//! A small HTTP/1.1 server on 127.0.0.1 that answers from a function, and can fail in every way that a test needs.
//!
//! For demonstrations and tests: the server speaks plain http, keeps every request in memory and limits nothing.
//!
//! ```
//! use auths_testkit::server::{Reply, Server};
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
mod flaws;
mod loopback;
mod received;
mod registry_fault;
mod reply;
#[cfg(feature = "faults")]
mod simulated_backend;

pub use fault::Fault;
pub use loopback::Server;
pub use received::Received;
pub use registry_fault::Shape;
pub use reply::Reply;
#[cfg(feature = "faults")]
pub use simulated_backend::SimulatedBackend;
