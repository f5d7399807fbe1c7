//! Subjects: the package, account or other thing that a capability applies to.

use std::fmt;

use serde::{Serialize, Serializer};

use super::{Account, AccountId, Did, Namespace, Platform};

/// The thing that a capability applies to. To forge a link, an attacker needs the capability *of* this thing: a token of this
/// package, or the session of that account.
///
/// A subject prints and serializes as a short text: `pypi:toy`, `github:alice`, `github:repository/1296269`, or the DID. A
/// package and an account may have the same text (`npm:alice`); the kind of the link distinguishes them.
///
/// A capability of an account covers every package and repository on which the account has that right. The reverse is never true:
/// a token of one package is worth nothing for another.
///
/// ```
/// use auths_core::Subject;
///
/// let of = Subject::of_namespace(&"pypi:Toy".parse()?);
/// assert_eq!(of.to_string(), "pypi:toy");
/// assert_eq!(serde_json::to_string(&of).unwrap(), "\"pypi:toy\"");
/// # Ok::<(), auths_core::NamespaceNameError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Subject {
    /// A package. Capabilities: a token that may publish it, a role on it, its repository, its workflow, an owner of it.
    Package(Namespace),
    /// An organisation. Capabilities: a role in it, an owner of it.
    Organization(Namespace),
    /// An account. Capabilities: a token of it, its session, its name.
    Account(Account),
    /// A repository. Capabilities: its workflow, its owner.
    Repository {
        /// The platform that hosts it.
        platform: Platform,
        /// Its stable id on that platform.
        id: AccountId,
    },
    /// A repository as the issuer of its CI tokens identifies it. Capabilities: write access to it, its publishing job, its
    /// owner's session, its name.
    CiRepository {
        /// The host of the issuer. The same number at two issuers is two repositories.
        issuer: String,
        /// Its number at that issuer.
        id: String,
        /// Its name, a label.
        name: String,
    },
    /// A DID. Capabilities: its device key, the key of a delegate of it.
    Did(Did),
}

impl Subject {
    /// Returns the package or organisation that a namespace names.
    #[must_use]
    pub fn of_namespace(namespace: &Namespace) -> Self {
        if namespace.is_organization() {
            Self::Organization(namespace.clone())
        } else {
            Self::Package(namespace.clone())
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Package(namespace) | Self::Organization(namespace) => {
                f.write_str(&namespace.short())
            }
            Self::Account(account) => {
                write!(f, "{}:{}", account.platform(), account.login())?;
                match account.origin() {
                    Some(origin) => write!(f, " at {origin}"),
                    None => Ok(()),
                }
            }
            Self::Repository { platform, id } => write!(f, "{platform}:repository/{id}"),
            Self::CiRepository { issuer, id, name } => {
                write!(f, "{name} (repository {id} of {issuer})")
            }
            Self::Did(did) => f.write_str(did.as_str()),
        }
    }
}

impl Serialize for Subject {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Subject {
        Subject::of_namespace(&text.parse().unwrap())
    }

    #[test]
    fn every_subject_has_its_short_text() {
        let did = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK";
        let local = "https://pypi.corp.example".parse().unwrap();
        let alice = Account::parse_login(Platform::GITHUB, "alice").unwrap();
        let alice = alice.with_id(AccountId::new("7").unwrap());
        let elsewhere: Account = "pypi:alice".parse().unwrap();
        let repository = Subject::Repository {
            platform: Platform::GITHUB,
            id: AccountId::new("1296269").unwrap(),
        };
        assert!(matches!(of("github:acme"), Subject::Organization(_)));
        for (subject, text) in [
            (of("npm:@alice/auths"), "npm:@alice/auths"),
            (of("github:acme"), "github:acme"),
            (Subject::Account(alice), "github:alice"),
            (
                Subject::Account(elsewhere.at(Some(local))),
                "pypi:alice at https://pypi.corp.example",
            ),
            (repository, "github:repository/1296269"),
            (Subject::Did(did.parse().unwrap()), did),
        ] {
            assert_eq!(subject.to_string(), text);
            assert_eq!(serde_json::to_value(&subject).unwrap(), text);
        }
    }
}
