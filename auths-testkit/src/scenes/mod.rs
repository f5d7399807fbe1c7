//! Ready scenes: an owner with packages in a simulated world, a thief, and a verifier that decides with the real rules.
//!
//! ```
//! use auths_core::Outcome;
//! use auths_testkit::scenes::{ClaimParts, Scene, key};
//!
//! let scene = Scene::new();
//! let alice = scene.sign_up("alice");
//! for version in ["1.0", "1.1"] {
//!     scene.publish(&alice, "six", version, &[&key(1)])?;
//!     scene.wait_days(8);
//! }
//! let decision = scene.answer(&key(1), "six", &ClaimParts::with_nothing());
//! assert_eq!(decision.outcome(), Outcome::Accepted);
//! let stranger = scene.answer(&key(2), "six", &ClaimParts::with_nothing());
//! assert_eq!(stranger.outcome(), Outcome::Denied);
//! # Ok::<(), auths_testkit::world::Refused>(())
//! ```

mod attack;
mod authority;
mod keys;

pub use attack::{APP, ClaimParts, Link, MALLORY, Scene, WEEK, reason};
pub use authority::Authorities;
pub use keys::{did, key};

pub use crate::DAY;
