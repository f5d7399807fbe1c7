//! The surroundings of the programs in `src/bin`. They run offline, and contain only code that uses the library:
//!
//! - [`Outside`]: a simulated PyPI, npm, crates.io and GitHub on loopback addresses, for the real adapters, and their clock;
//! - [`People`]: people with device keys who publish there;
//! - [`Runs`]: an issuer of ID tokens on a loopback address, and the requests of CI runs;
//! - [`Client`]: their requests to a server; [`Visitors`]: requests which ask for a yes, or try an attack.
//!
//! | program | shows |
//! |---|---|
//! | `verify_claim` | who signed which claim, for whom, until when; what it is worth; how it can fail |
//! | `three_registries` | one verifier of PyPI, npm and crates.io, with revocations and challenges |
//! | `embed_in_server` | challenges, a decision on live evidence, one use, and a status for each outcome |
//! | `accept_ci` | the token of a CI run is exchanged for a grant, an upload shows the grant, and a status for each outcome |
//! | `decide_offline` | a decision on evidence that an observer signed, and the policy that relies on that observer |
//!
//! `cargo run -p auths-snippets --bin <program>`
//!
//! The server leaves some work to the proxy in front of it: TLS, headers that never end, and limits for each caller. It keeps its
//! challenges and their uses in memory, so it is one process, and forgets both when it ends.
#![forbid(unsafe_code)]

mod client;
mod http;
mod outside;
mod people;
mod runs;
mod visitors;

pub use client::Client;
pub use http::Answer;
pub use outside::Outside;
pub use people::{Holder, People};
pub use runs::Runs;
pub use visitors::Visitors;

/// Any error of a demonstration.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;
