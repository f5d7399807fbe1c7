//! A simulated world: one registry with its accounts, tokens and projects, and a clock that only its moves advance.
//!
//! Owners and attackers make *moves* in it, and the world enforces what each may do by what they hold: a session of an
//! account, or a token. Stealing one is cloning it. What the registry then shows is read through the same port as a real
//! one, [`SimulatedRegistry`], so that demonstrations and tests play attacks against the real decision.
//!
//! It is pure: no I/O, no real clock, no randomness. The same moves make the same world.
//!
//! ```
//! use auths_core::simulation::{Metadata, World};
//! use std::time::Duration;
//!
//! let mut world = World::pypi("2026-01-01T00:00:00Z".parse()?);
//! let alice = world.sign_up("alice")?;
//! world.publish(&alice, "six", "1.0", Metadata::new())?;
//! let token = world.create_token(&alice, None)?;
//!
//! let stolen = token.clone();
//! world.wait(Duration::from_secs(3600));
//! world.publish(&stolen, "six", "1.1", Metadata::new())?;
//! let mallory = world.sign_up("mallory")?;
//! assert!(world.publish(&mallory, "six", "1.2", Metadata::new()).is_err());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod access;
mod clock;
mod metadata;
mod moves;
mod project;
mod refused;
mod registry;
mod trouble;
mod version;
mod world;

pub use access::{Credential, Session, Token};
pub use clock::SimulatedClock;
pub use metadata::{Metadata, Naming};
pub use project::{Project, PublishedRelease};
pub use refused::Refused;
pub use registry::SimulatedRegistry;
pub use trouble::Trouble;
pub use world::World;
