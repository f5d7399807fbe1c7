//! What stands around the three programs in `src/bin`, so that they run offline and are about nothing but the library:
//!
//! - [`Outside`]: a simulated PyPI on a loopback address, read by the real adapter, and its clock;
//! - [`Visitors`]: people with device keys who publish there, and ask a server for a yes - or try something else.
//!
//! | program | shows |
//! |---|---|
//! | `verify_claim` | who signed what, for whom, until when; what that is worth; how it can fail |
//! | `embed_in_server` | challenges, a decision on live evidence, one use, and a status for each outcome |
//! | `decide_offline` | a decision on evidence that an observer signed, and what it takes to rely on that observer |
//!
//! `cargo run -p auths-snippets --bin <program>`
//!
//! The server leaves to whatever stands before it: TLS, headers that never end, and how often one caller may ask. It keeps its
//! challenges and their uses in memory, so it is one process, and forgets both when it ends.
#![forbid(unsafe_code)]

mod outside;
mod post;
mod visitors;

pub use outside::Outside;
pub use visitors::Visitors;

/// Whatever goes wrong in a demonstration.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;
