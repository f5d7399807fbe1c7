//! The players, their goals, and the policies.

use std::fmt;
use std::sync::OnceLock;

use auths_core::capability::Capability;
use auths_core::crypto::KeyPair;
use auths_core::{Did, Namespace, Platform, Policy, Timestamp};
use auths_testkit::world::{Person, World};

use crate::claims::{did, key};

/// The registry that a sequence is played on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Home {
    /// PyPI.
    PyPi,
    /// npm.
    Npm,
    /// crates.io.
    CratesIo,
    /// GitHub's own names.
    GitHub,
}

impl Home {
    /// All registries.
    pub const ALL: [Self; 4] = [Self::PyPi, Self::Npm, Self::CratesIo, Self::GitHub];

    /// Returns an empty world on this registry.
    #[must_use]
    pub fn world(self, now: Timestamp) -> World {
        match self {
            Self::PyPi => World::pypi(now),
            Self::Npm => World::npm(now),
            Self::CratesIo => World::crates_io(now),
            Self::GitHub => World::github(now),
        }
    }

    /// Returns the platform of its accounts.
    #[must_use]
    pub fn platform(self) -> Platform {
        match self {
            Self::PyPi => Platform::PYPI,
            Self::Npm => Platform::NPM,
            Self::CratesIo | Self::GitHub => Platform::GITHUB,
        }
    }
}

/// A player. The moves of each are drawn: nobody is good or bad by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Who {
    /// The player who owns the existing packages at the beginning.
    Alice,
    /// A player who owns nothing at the beginning.
    Bob,
    /// A player who owns nothing at the beginning.
    Mallory,
}

impl Who {
    /// All players.
    pub const ALL: [Self; 3] = [Self::Alice, Self::Bob, Self::Mallory];

    /// Returns the login on every platform.
    #[must_use]
    pub const fn login(self) -> &'static str {
        match self {
            Self::Alice => "alice",
            Self::Bob => "bob",
            Self::Mallory => "mallory",
        }
    }

    /// Returns the person.
    #[must_use]
    pub fn person(self) -> Person {
        Person::named(self.login())
    }

    /// Returns the device key.
    #[must_use]
    pub fn key(self) -> &'static KeyPair {
        &keys()[self as usize]
    }

    /// Returns the recovery key, which is kept elsewhere.
    #[must_use]
    pub fn recovery_key(self) -> &'static KeyPair {
        &keys()[3 + self as usize]
    }

    /// Returns the DID of the device key.
    #[must_use]
    pub fn did(self) -> Did {
        did(self.key())
    }
}

/// Returns the key of the observer whom some policies trust.
#[must_use]
pub fn observer() -> &'static KeyPair {
    &keys()[6]
}

fn keys() -> &'static [KeyPair; 7] {
    static KEYS: OnceLock<[KeyPair; 7]> = OnceLock::new();
    KEYS.get_or_init(|| [1, 2, 3, 11, 12, 13, 20].map(key))
}

/// A set of players.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Players(pub u8);

impl Players {
    /// Returns each player of the set.
    pub fn each(self) -> impl Iterator<Item = Who> {
        Who::ALL
            .into_iter()
            .filter(move |who| self.0 & (1 << *who as u8) != 0)
    }
}

impl fmt::Debug for Players {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.each()).finish()
    }
}

/// A name that is played for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Package {
    /// An old package of alice.
    Crown,
    /// Another old package of alice.
    Toy,
    /// A name that is free at the beginning, in the scope of this player on npm.
    Of(Who),
    /// A name in the scope of an organisation on npm, free at the beginning.
    OfOrg,
}

impl Package {
    /// All names.
    pub const ALL: [Self; 6] = [
        Self::Crown,
        Self::Toy,
        Self::Of(Who::Alice),
        Self::Of(Who::Bob),
        Self::Of(Who::Mallory),
        Self::OfOrg,
    ];

    /// Returns the name on this registry. On GitHub the names are those of accounts and of an organisation.
    #[must_use]
    pub fn name(self, home: Home) -> String {
        match (self, home) {
            (Self::Crown | Self::Toy | Self::OfOrg, Home::GitHub) => "acme".to_owned(),
            (Self::Of(who), Home::GitHub) => who.login().to_owned(),
            (Self::Crown, _) => "crown-jewels".to_owned(),
            (Self::Toy, _) => "toy".to_owned(),
            (Self::Of(who), Home::Npm) => format!("@{}/auths", who.login()),
            (Self::Of(who), _) => format!("{}-auths", who.login()),
            (Self::OfOrg, Home::Npm) => "@acme/tools".to_owned(),
            (Self::OfOrg, _) => "acme-tools".to_owned(),
        }
    }

    /// Returns the namespace that runs and rules name. On GitHub the name of the organisation's package lies below it.
    #[must_use]
    #[expect(clippy::unwrap_used, reason = "it is a name of GitHub")]
    pub fn run_namespace(self, home: Home) -> Namespace {
        match (self, home) {
            (Self::OfOrg, Home::GitHub) => "github:acme/tools".parse().unwrap(),
            _ => self.namespace(home),
        }
    }

    /// Returns the namespace on this registry.
    #[must_use]
    #[expect(clippy::unwrap_used, reason = "every name is one in its ecosystem")]
    pub fn namespace(self, home: Home) -> Namespace {
        let ecosystem = match home {
            Home::PyPi => "pypi",
            Home::Npm => "npm",
            Home::CratesIo => "cargo",
            Home::GitHub => "github",
        };
        format!("{ecosystem}:{}", self.name(home)).parse().unwrap()
    }
}

/// The policy of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// The default policy.
    Default,
    /// The strict policy.
    Strict,
    /// The policy that believes typed names.
    TrustSelfReported,
    /// A policy built by hand: the capabilities that it resists, one bit each, and whether it waits for a day or a week.
    Built(u16, bool),
}

impl Rule {
    /// Returns the policy itself. A rule that would resist nobody resists strangers.
    #[must_use]
    #[expect(clippy::unwrap_used, reason = "what is built here is a policy")]
    pub fn policy(self) -> Policy {
        match self {
            Self::Default => Policy::standard(),
            Self::Strict => Policy::strict(),
            Self::TrustSelfReported => Policy::trust_self_reported(),
            Self::Built(bits, hasty) => {
                let resisted = Capability::ALL.into_iter().enumerate();
                let resisted = resisted.filter(|(n, _)| bits & (1 << n) != 0);
                let mut names: Vec<&str> = resisted.map(|(_, c)| c.as_str()).collect();
                if names.is_empty() {
                    names.push("stranger");
                }
                let hours = if hasty { 24 } else { 168 };
                let text = format!("resist = {names:?}\nmaturity_hours = {hours}");
                Policy::from_toml(&text).unwrap()
            }
        }
    }
}
