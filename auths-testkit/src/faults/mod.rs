//! The table of faults that every adapter is tested with, over real sockets, and the suite that runs it.
//!
//! An adapter names its routes. For each route, [`FaultSuite::run`] starts a server for every row of [`FAULTS`], and for every
//! way in which the route's own [`Field`]s can be wrong. It asks the adapter's question, and reports **every** row with an
//! outcome that is not allowed. All rows have these rules in common: a fault is never a yes and never a no, but unavailable for a
//! fitting [`UnavailableReason`](auths_core::UnavailableReason). The question ends within the time limit. Nothing panics. The outcome after the
//! fault equals the outcome before it. An earlier good answer in the store changes none of this.
//!
//! ```
//! use auths_core::{Unavailable, UnavailableReason};
//! use auths_http::Request;
//! use auths_testkit::faults::{FaultSuite, Field, Route, Seen, TestEndpoint};
//! use serde_json::{Value, json};
//!
//! /// The adapter: is alice an owner of the package?
//! async fn ask(site: TestEndpoint) -> Seen {
//!     let unreadable = |_| Unavailable::new(UnavailableReason::Unreadable, "this is not the answer");
//!     let request = Request::get(&site.origin(), &["owners", "left-pad"]).expect("a fixed path");
//!     let transport = site.transport();
//!     let answer = transport.fetch_cached(request, |response| match response.status() {
//!         200 => serde_json::from_slice::<Vec<String>>(response.body()).map_err(unreadable),
//!         status => Err(Unavailable::new(UnavailableReason::UnexpectedStatus, status.to_string())),
//!     });
//!     match answer.await {
//!         Ok(owners) if owners.value.iter().any(|owner| owner == "alice") => Seen::Yes,
//!         Ok(_) => Seen::No("alice is not listed".into()),
//!         Err(unavailable) => unavailable.into(),
//!     }
//! }
//!
//! let owners = Route::new("owners", "/owners/left-pad", json!(["alice"]), ask)
//!     .fields([Field::new("/0").or_missing()]);
//! let report = FaultSuite::new().run(&[owners]);
//!
//! // It does too little: it takes an empty list for a no, and every refusal for an unexpected status.
//! assert!(report.failed("owners").contains(&"an empty list"));
//! assert!(report.failed("owners").contains(&"429 after seconds"));
//! // But it never reads what is not there.
//! assert!(!report.failed("owners").contains(&"cut body"));
//! assert!(report.counts[0].faults > 150);
//! ```
//!
//! The test of an adapter ends with [`Report::assert_held`].
//!
//! # What a route declares
//!
//! | what | when |
//! |---|---|
//! | [`Route::fields`] | always: the fields that the outcome depends on. One route can be declared several times, once for each question |
//! | [`Route::identity`] | always, where the answer names its subject |
//! | [`Route::beside`] | when the question asks other routes too: their good answers |
//! | [`Route::says_no`], [`Route::says_no_by`] | when the good answer is the registry's own no: under 200, or under 404 |
//! | [`Route::says_no_in_text`] | when that no is plain text |
//! | [`Route::bare_list`] | when the answer is a list without an object around it |
//! | [`Route::on_404`] | when a 404 means more than an unexpected status |
//! | [`Route::with_origin_for`] | when the good answer names its own server |
//! | [`Route::pages`] | when the route follows `Link: rel="next"`. Otherwise such links must change nothing |
//! | [`Route::asked_by`] | when the path alone does not tell it from others. Each page requested by number is a route of its own: the first, and a further one, where [`identity`](Route::identity) is also the list of the first page |
//! | [`Route::expect`] | for every other row with another meaning on this route, such as a rate limit behind a 403 |
//!
//! # Security
//! The suite trusts the adapter's own report of what it saw. It shows that an adapter fails closed for the faults in the table,
//! and says nothing about other faults.

mod certificates;
mod endpoint;
mod faulty_server;
mod field;
mod proxy;
mod report;
mod route;
mod row;
mod seen;
mod suite;
mod table;

pub use endpoint::TestEndpoint;
pub use field::Field;
pub use report::{Count, Failure, Report};
pub use route::Route;
pub use row::Row;
pub use seen::{Expect, Seen};
pub use suite::FaultSuite;
pub use table::FAULTS;

use crate::server::Reply;

/// The most bytes that an adapter may accept of any answer when it is tested with the table.
pub const MAX_BYTES: usize = 256 * 1024;

/// Returns a web page, as proxies and portals send them.
fn html(status: u16) -> Reply {
    Reply::bytes(
        status,
        "text/html; charset=utf-8",
        "<!doctype html><title>Sorry</title>",
    )
}
