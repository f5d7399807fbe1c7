//! The capabilities that an attacker may hold, and their order: the holder of one that includes another can do everything that the
//! other allows.
//!
//! The order is partial, and [`Capability::includes`] is it: of two capabilities, such as a device key and a stolen token, neither
//! may include the other. [`Capability::ALL`] is one fixed sequence of them, for display and to choose between several. The
//! derived `<` compares places in this sequence. A capability comes after those that it includes, and its place says nothing else.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::identity::NameError;

/// One capability that an attacker may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[non_exhaustive]
pub enum Capability {
    /// Nothing that belongs to the victim.
    Stranger,
    /// A name that was released and then registered again by somebody else.
    RecycledName,
    /// A legitimate lesser role.
    Collaborator,
    /// Any role that ended after the releases were published.
    FormerCollaborator,
    /// Any API token, stolen once.
    StolenToken,
    /// Any API token, stolen and unnoticed for longer than the maturity.
    HeldToken,
    /// Write access to the package's repository, where nothing else guards publishing.
    RepositoryWriter,
    /// Code of the attacker's ran once inside the publishing job.
    PoisonedRun,
    /// Lasting control over the publishing workflow.
    CiWorkflow,
    /// The browser session of the account, or a token with administration rights.
    AccountSession,
    /// The key of a DID that the Owner delegated to.
    DelegateKey,
    /// The device key.
    DeviceKey,
    /// The registry or platform itself.
    Registry,
}

/// One row of the table of capabilities.
#[derive(Debug, Clone, Copy, Serialize)]
#[non_exhaustive]
pub struct CapabilityRow {
    /// The capability.
    pub capability: Capability,
    /// The things that a holder of the capability has.
    pub means: &'static str,
    /// The actions that an attacker needs to gain the capability, in the words of an answer.
    pub cost: &'static str,
    /// The capabilities that a holder of this one has as well. Those that they include in turn need not be repeated.
    #[serde(rename = "above")]
    pub includes_directly: &'static [Capability],
}

use Capability::{
    AccountSession, CiWorkflow, Collaborator, DelegateKey, DeviceKey, FormerCollaborator,
    HeldToken, PoisonedRun, RecycledName, Registry, RepositoryWriter, StolenToken, Stranger,
};

/// The table of capabilities, in the sequence of [`Capability::ALL`]. `docs/security/trust-model.md` shows it under "What an
/// attacker may hold".
pub const CAPABILITIES: [CapabilityRow; 13] = [
    CapabilityRow {
        capability: Stranger,
        means: "nothing of the victim's: own key, own accounts, free names",
        cost: "nothing: anyone could have done it",
        includes_directly: &[],
    },
    CapabilityRow {
        capability: RecycledName,
        means: "a login, org, repository or package name that was released after an earlier claim, pin or bundle, and registered again or renamed into",
        cost: "register a name that was given up",
        includes_directly: &[Stranger],
    },
    CapabilityRow {
        capability: Collaborator,
        means: "a lawful lesser role on the registry or in the organisation: org member, PyPI Maintainer, npm co-maintainer, team with write on the registry",
        cost: "hold a lesser role on the project",
        includes_directly: &[Stranger],
    },
    CapabilityRow {
        capability: FormerCollaborator,
        means: "any role there, Owner too, that was held while the releases were published, and has ended since",
        cost: "have held a role on the project while its releases were published",
        includes_directly: &[Stranger],
    },
    CapabilityRow {
        capability: StolenToken,
        means: "any API token taken from CI or a laptop (publish, gist, classic PAT)",
        cost: "steal an API token once",
        includes_directly: &[Stranger],
    },
    CapabilityRow {
        capability: HeldToken,
        means: "an API token, held unnoticed for longer than the policy's maturity and over more than one publish, or the one that made the package",
        cost: "steal an API token, publish with it twice, and stay unnoticed for the maturity in between",
        includes_directly: &[StolenToken],
    },
    CapabilityRow {
        capability: RepositoryWriter,
        means: "write access to the package's own repository, where nothing but that guards publishing",
        cost: "get write access to the package's repository",
        includes_directly: &[Stranger],
    },
    CapabilityRow {
        capability: PoisonedRun,
        means: "code of the attacker's ran once inside the package's publishing job (a poisoned dependency, action or cache)",
        cost: "get code to run in the package's publishing job once",
        includes_directly: &[StolenToken],
    },
    CapabilityRow {
        capability: CiWorkflow,
        means: "lasting control over the package's publishing workflow",
        cost: "take lasting control of the publishing workflow",
        includes_directly: &[PoisonedRun, RepositoryWriter],
    },
    CapabilityRow {
        capability: AccountSession,
        means: "the browser session, one approval tricked out of the user, or a token with account or org administration rights",
        cost: "take over the account's browser session, or trick one approval out of its holder",
        includes_directly: &[HeldToken],
    },
    CapabilityRow {
        capability: DelegateKey,
        means: "the key of someone the Owner delegated to",
        cost: "steal the key of a delegate",
        includes_directly: &[Stranger],
    },
    CapabilityRow {
        capability: DeviceKey,
        means: "the device key",
        cost: "steal the device key",
        includes_directly: &[Stranger],
    },
    CapabilityRow {
        capability: Registry,
        means: "the registry, platform or CI issuer itself, or the operator of a configured origin",
        cost: "control the registry or platform itself",
        includes_directly: &[
            Stranger,
            RecycledName,
            Collaborator,
            FormerCollaborator,
            StolenToken,
            HeldToken,
            RepositoryWriter,
            PoisonedRun,
            CiWorkflow,
            AccountSession,
        ],
    },
];

impl Capability {
    /// All capabilities in one fixed sequence, in which each comes after those that it includes.
    pub const ALL: [Self; 13] = [
        Stranger,
        RecycledName,
        Collaborator,
        FormerCollaborator,
        StolenToken,
        HeldToken,
        RepositoryWriter,
        PoisonedRun,
        CiWorkflow,
        AccountSession,
        DelegateKey,
        DeviceKey,
        Registry,
    ];

    /// Returns the capability's row in the table.
    #[must_use]
    pub fn row(self) -> &'static CapabilityRow {
        &CAPABILITIES[self as usize]
    }

    /// Returns the name in documents, such as `stolen-token`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Stranger => "stranger",
            RecycledName => "recycled-name",
            Collaborator => "collaborator",
            FormerCollaborator => "former-collaborator",
            StolenToken => "stolen-token",
            HeldToken => "held-token",
            RepositoryWriter => "repository-writer",
            PoisonedRun => "poisoned-run",
            CiWorkflow => "ci-workflow",
            AccountSession => "account-session",
            DelegateKey => "delegate-key",
            DeviceKey => "device-key",
            Registry => "registry",
        }
    }

    /// Returns whether a holder of this capability can do everything that a holder of `weaker` can.
    #[must_use]
    pub fn includes(self, weaker: Self) -> bool {
        self == weaker
            || self
                .row()
                .includes_directly
                .iter()
                .any(|directly| directly.includes(weaker))
    }
}

impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Capability {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let found = Self::ALL.into_iter().find(|c| c.as_str() == text);
        let rule = "one of stranger, recycled-name, collaborator, former-collaborator, stolen-token, held-token, \
                    repository-writer, poisoned-run, ci-workflow, account-session, delegate-key, device-key, registry";
        found.ok_or_else(|| NameError::new(text, "capabilities", rule))
    }
}

impl TryFrom<String> for Capability {
    type Error = NameError;

    fn try_from(text: String) -> Result<Self, NameError> {
        text.parse()
    }
}

impl From<Capability> for String {
    fn from(capability: Capability) -> Self {
        capability.as_str().to_owned()
    }
}

/// A set of capabilities that is upward closed: with a member, every capability that includes it is in the set.
///
/// The capabilities that a chain *falls to* are such a set. It prints, serializes and lists its weakest members only: those that
/// include no other member.
///
/// ```
/// use auths_core::{Capability, CapabilitySet};
///
/// let set = CapabilitySet::from_iter([Capability::StolenToken, Capability::Registry]);
/// assert_eq!(set.to_string(), "stolen-token");
/// assert!(set.contains(Capability::AccountSession));
/// assert!(!set.contains(Capability::DeviceKey));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(from = "Vec<Capability>", into = "Vec<Capability>")]
pub struct CapabilitySet(u16);

impl CapabilitySet {
    /// The empty set: no attacker can forge the evidence.
    pub const EMPTY: Self = Self(0);

    /// Creates the set of a capability and everything that includes it.
    #[must_use]
    pub fn at_least(capability: Capability) -> Self {
        let at_least = Capability::ALL
            .into_iter()
            .filter(|c| c.includes(capability));
        Self(at_least.fold(0, |bits, c| bits | 1 << c as u16))
    }

    /// Returns the bits of a capability and everything that it includes, which is what a policy resists with it. They are no
    /// [`CapabilitySet`], which is closed in the other direction.
    #[must_use]
    pub(crate) fn bits_at_most(capability: Capability) -> u16 {
        let at_most = Capability::ALL
            .into_iter()
            .filter(|c| capability.includes(*c));
        at_most.fold(0, |bits, c| bits | 1 << c as u16)
    }

    /// Returns the union of both sets. A chain of two links falls to the union of what the links fall to.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Returns whether `capability` is in the set.
    #[must_use]
    pub fn contains(self, capability: Capability) -> bool {
        self.0 & (1 << capability as u16) != 0
    }

    /// Returns whether the set contains all of `other`.
    #[must_use]
    pub fn is_superset(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Returns the weakest members: those that include no other member.
    pub fn weakest(self) -> impl Iterator<Item = Capability> {
        Capability::ALL.into_iter().filter(move |c| {
            self.contains(*c)
                && !Capability::ALL
                    .into_iter()
                    .any(|d| d != *c && self.contains(d) && c.includes(d))
        })
    }

    /// Returns the number of capabilities in the set. It serves to choose the stronger of two chains.
    #[must_use]
    pub fn len(self) -> u32 {
        self.0.count_ones()
    }

    /// Returns whether the set is empty.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub(crate) fn bits(self) -> u16 {
        self.0
    }
}

impl FromIterator<Capability> for CapabilitySet {
    fn from_iter<I: IntoIterator<Item = Capability>>(capabilities: I) -> Self {
        capabilities
            .into_iter()
            .fold(Self::EMPTY, |set, c| set.union(Self::at_least(c)))
    }
}

impl From<Vec<Capability>> for CapabilitySet {
    fn from(list: Vec<Capability>) -> Self {
        list.into_iter().collect()
    }
}

impl From<CapabilitySet> for Vec<Capability> {
    fn from(set: CapabilitySet) -> Self {
        set.weakest().collect()
    }
}

impl fmt::Display for CapabilitySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.weakest().map(Capability::as_str).collect();
        f.write_str(&names.join(", "))
    }
}

impl fmt::Debug for CapabilitySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{{{self}}}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_stand_at_their_own_place() {
        for (i, row) in CAPABILITIES.iter().enumerate() {
            assert_eq!(row.capability as usize, i);
            assert_eq!(Capability::ALL[i], row.capability);
            assert_eq!(
                row.capability.as_str().parse::<Capability>().unwrap(),
                row.capability
            );
        }
    }

    #[test]
    fn the_order_is_the_designs() {
        use Capability::*;
        assert!(Capability::ALL.iter().all(|c| c.includes(Stranger)));
        assert!(AccountSession.includes(HeldToken) && AccountSession.includes(StolenToken));
        assert!(!AccountSession.includes(CiWorkflow) && !AccountSession.includes(Collaborator));
        assert!(
            !DeviceKey.includes(StolenToken)
                && !Registry.includes(DeviceKey)
                && !Registry.includes(DelegateKey)
        );
        assert!(Registry.includes(AccountSession) && Registry.includes(CiWorkflow));
        assert!(CiWorkflow.includes(RepositoryWriter) && CiWorkflow.includes(PoisonedRun));
        assert!(PoisonedRun.includes(StolenToken) && !PoisonedRun.includes(RepositoryWriter));
        assert!(!AccountSession.includes(PoisonedRun) && Registry.includes(PoisonedRun));
        for apart in [Collaborator, FormerCollaborator, RepositoryWriter] {
            let above: Vec<_> = Capability::ALL
                .into_iter()
                .filter(|c| c.includes(apart) && *c != apart)
                .collect();
            let workflow = [CiWorkflow, Registry];
            assert_eq!(
                above,
                workflow[usize::from(apart != RepositoryWriter)..],
                "{apart}"
            );
        }
    }

    #[test]
    fn a_set_survives_its_wire_form() {
        for a in Capability::ALL {
            for b in Capability::ALL {
                let set: CapabilitySet = [a, b].into_iter().collect();
                let wire = serde_json::to_string(&set).unwrap();
                assert_eq!(serde_json::from_str::<CapabilitySet>(&wire).unwrap(), set);
                assert!(set.is_superset(CapabilitySet::at_least(a)));
            }
        }
        assert_eq!(CapabilitySet::at_least(Capability::Stranger).len(), 13);
    }
}
