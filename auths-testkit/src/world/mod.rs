//! A simulated world: PyPI, npm, crates.io and GitHub with their accounts, organisations, tokens, builds and projects, and one
//! clock that only [`World::wait`] advances.
//!
//! Owners and attackers make *moves* in the world, and the world enforces what each of them may do with the credentials that they
//! hold. Stealing a credential copies it. When its owner revokes or ends it, every copy ends.
//!
//! | credential | capability of a thief | ends by |
//! |---|---|---|
//! | [`Session`] | `account-session` | [`World::end_sessions`], [`World::close_account`] |
//! | [`Token`], by what it was made for: [`GRANTS`] | `stolen-token`; with `admin:org` and the like `account-session` | [`World::revoke_token`] |
//! | [`Token`] of one [`World::run`] | `stolen-token` (a poisoned run) | minutes |
//! | [`CiRun`], and its ID tokens | `poisoned-run`; `account-session` for who was let in by an approval | hours |
//! | write access to a repository ([`World::set_writer`]) | `repository-writer` | [`World::set_writer`], [`World::delete_repository`] |
//! | [`Workflow`] | `ci-workflow` | [`World::stop_trusting`], [`World::transfer_repository`] |
//!
//! | move | on |
//! |---|---|
//! | `sign_up`, `sign_up_on`, `rename_account`, `close_account`, `end_sessions` | accounts |
//! | `create_token`, `create_token_for`, `revoke_token` | tokens |
//! | `publish`, `publish_attested`, `add_file`, `yank` (deprecate), `tag`, `delete_file`, `delete_release`, `delete_project` | projects |
//! | `add_owner`, `set_role`, `accept_invitation`, `remove_role`, `add_team`, `remove_team`, `set_organization` | owners |
//! | `create_repository`, `fork_repository`, `rename_repository`, `transfer_repository`, `delete_repository`, `set_writer` | repositories |
//! | `rename_workflow`, `use_environment`, `call_workflow`, `protect_environment` | workflows and environments |
//! | `trust`, `trust_workflow`, `stop_trusting`, `run` | builds, for registries that trust them |
//! | `start_run`, `approve_run`, `poison_run`, `take_called_job`, `id_token` | CI runs, and their ID tokens |
//! | `create_gist`, `edit_gist`, `delete_gist`, `fork_gist` | gists |
//! | `create_org`, `become_organization`, `set_member`, `accept_membership`, `remove_member`, `set_team`, `rename_org`, `delete_org`, `protect_org`, `approve_app`, `authorize_sso` | organisations |
//! | `register_app`, `begin_device_flow`, `answer_device_flow`, `poll_device_flow` | OAuth apps |
//! | `quarantine`, `hand_over`, `depend_on`, `wait` | the registry, other projects, and time |
//!
//! The answers of the registries and of GitHub are read through the same ports as the real ones, [`SimulatedRegistry`] and
//! [`SimulatedPlatform`], so that demonstrations and tests run attacks against the real decision.
//!
//! The world is pure: no I/O, no real clock, no randomness. The same moves make the same world.
//!
//! ```
//! use auths_testkit::world::{Metadata, World};
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
//!
//! The credential of a move determines the registry: a GitHub session publishes crates, and a token is valid at the service where
//! it was made.
//!
//! ```
//! use auths_core::{Namespace, Platform};
//! use auths_testkit::world::{Grant, Metadata, Refused, World};
//!
//! let mut world = World::pypi("2026-01-01T00:00:00Z".parse()?);
//! let alice = world.sign_up_on(&Platform::GITHUB, "alice")?;
//! world.publish(&alice, "demo", "1.0.0", Metadata::new())?;
//! let demo: Namespace = "cargo:demo".parse()?;
//! assert!(world.project(&demo).is_some());
//!
//! let yanks = world.create_token_for(&alice, &[Grant::CratesYank], None)?;
//! world.yank(&yanks, "demo", "1.0.0", true)?;
//! assert_eq!(world.publish(&yanks, "demo", "1.0.1", Metadata::new()), Err(Refused::Forbidden));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod access;
mod accounts;
mod ci;
mod clock;
mod crates;
mod device;
mod environments;
mod gist;
mod github;
mod listing;
mod membership;
mod metadata;
mod moves;
mod named;
mod oracle;
mod org;
mod owners;
mod platform;
mod project;
mod publish;
mod refused;
mod registry;
mod registry_fault;
mod repositories;
mod rules;
mod runs;
mod scope;
mod state;
mod tokens;
mod truth;
mod version;

pub use access::{
    AccountKind, AccountState, Attestation, CiRun, Credential, Session, Token, Workflow,
};
pub use clock::SimulatedClock;
pub use crates::CratesUser;
pub use device::{DeviceFlow, FlowError};
pub use environments::{Protection, SimulatedEnvironments};
pub use gist::{Gist, Revision};
pub use membership::{Hidden, Membership};
pub use metadata::{Metadata, Naming};
pub use named::Named;
pub use oracle::{Asked, AskedWith, Given, WrongBecause, WrongYes};
pub use org::OrgRole;
pub use platform::SimulatedPlatform;
pub use project::{Buried, Project, PublishedRelease, TeamOwner};
pub use refused::Refused;
pub use registry::SimulatedRegistry;
pub use registry_fault::RegistryFault;
pub use rules::{
    Deletion, GRANTS, Grant, GrantRow, PLATFORMS, PlatformRules, REGISTRIES, RegistryRules, Right,
};
pub use runs::{RewrittenJob, RunPlan};
pub use state::World;
pub use truth::{Held, HeldOf, Person, Use};

#[cfg(test)]
mod crates_tests;
#[cfg(test)]
mod custom_tests;
#[cfg(test)]
mod github_tests;
#[cfg(test)]
mod npm_tests;
#[cfg(test)]
mod runs_tests;
