//! The truth about who in the world really holds what, recorded by the moves themselves.
//!
//! Registries show accounts; behind each account is a [`Person`]. A move that gives, takes or steals something is recorded for
//! the person, so that an accepted answer can be compared with what its asker really had
//! ([`find_wrong_yes`](super::find_wrong_yes)).
//!
//! - An account that signs up belongs to the person of that name, unless somebody else had the login before. With
//!   [`World::sign_up_as`] the person is given.
//! - A theft ([`World::steal_token`] and the like) gives the thief a copy. Moves with the copy are moves of the thief.
//! - An approval of somebody else's run is recorded as one that was tricked out of the reviewer: nobody can tell these apart.
//! - Roles, memberships, write access and workflows are recorded with the times when they began and ended, and with whether an
//!   owner gave them.

mod holdings;
mod people;
mod record;
mod rights;
mod runs;

use std::collections::{BTreeMap, BTreeSet};

pub use holdings::{Held, HeldOf};
pub use people::Person;
pub use record::Use;
pub(super) use record::{Place, PostSpan, Theft};

#[cfg(test)]
use crate::world::Right;
use auths_core::Timestamp;
use auths_core::identity::{Did, Namespace, Platform};

#[cfg(doc)]
use super::World;

/// The records about people.
#[derive(Debug, Clone, Default)]
pub(super) struct Truth {
    /// The person of each account. Organisations have none.
    pub(super) people: BTreeMap<u64, Person>,
    /// The maker of each key.
    pub(super) keys: BTreeMap<Did, Person>,
    /// Every theft, in order.
    pub(super) thefts: Vec<Theft>,
    /// Every role, membership and write access that any account ever had.
    pub(super) posts: Vec<PostSpan>,
    /// Posts that were given, or invited to, by somebody without the right to give them, with the giver.
    tainted: BTreeMap<(Place, u64), Person>,
    /// Every login that an account ever had.
    logins: Vec<(Platform, String, u64)>,
    /// Accounts whose login another account has taken: the new account, the old account, and the time.
    pub(super) recycled: Vec<(u64, u64, Timestamp)>,
    /// Every life of a name: the project, and when it began and ended.
    pub(super) lives: Vec<(Namespace, u64, Timestamp, Option<Timestamp>)>,
    /// The workflows that each project was published by, or has trusted.
    pub(super) published_by: BTreeSet<(u64, u64)>,
    /// The delegations that were signed.
    pub(super) delegations: Vec<record::Delegated>,
    /// The trusted publishers that were signed.
    publishers: Vec<runs::SignedPublisher>,
    /// The approvals of runs that somebody else had started.
    approvals: Vec<runs::Approval>,
    /// Every name that a repository ever had.
    pub(super) repository_names: Vec<(String, u64)>,
    /// Repositories that took a name which another had before: the new one, the old one, and the time.
    pub(super) recycled_repositories: Vec<(u64, u64, Timestamp)>,
}

#[cfg(test)]
mod tests;
