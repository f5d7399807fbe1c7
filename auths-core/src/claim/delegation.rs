//! The delegation: "this other DID may do these things for these packages, until this time".

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Claim;
use crate::identity::{Did, NameError, Namespace};
use crate::time::DAY;

/// An action in a package's name: a closed list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Action {
    /// Publishing releases.
    #[serde(rename = "publish")]
    Publish,
    /// Withdrawing releases.
    #[serde(rename = "yank")]
    Yank,
    /// Signing statements about releases.
    #[serde(rename = "attest")]
    Attest,
}

impl Action {
    /// Every action.
    pub const ALL: [Self; 3] = [Self::Publish, Self::Yank, Self::Attest];

    /// Returns the wire name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Publish => "publish",
            Self::Yank => "yank",
            Self::Attest => "attest",
        }
    }
}

impl FromStr for Action {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let found = Self::ALL.into_iter().find(|a| a.as_str() == text);
        found.ok_or_else(|| NameError::new(text, "actions", "one of publish, yank, attest"))
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A non-empty set of actions, in one fixed order on the wire.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Action>", into = "Vec<Action>")]
pub struct Actions(BTreeSet<Action>);

impl Actions {
    /// Creates a set of one action.
    #[must_use]
    pub fn only(action: Action) -> Self {
        Self(BTreeSet::from([action]))
    }

    /// Returns the actions, in order.
    pub fn iter(&self) -> impl Iterator<Item = Action> + '_ {
        self.0.iter().copied()
    }

    /// Returns whether every action of `other` is in this set.
    #[must_use]
    pub fn cover(&self, other: &Self) -> bool {
        other.0.is_subset(&self.0)
    }
}

impl TryFrom<Vec<Action>> for Actions {
    type Error = NameError;

    fn try_from(list: Vec<Action>) -> Result<Self, NameError> {
        if list.is_empty() || !list.is_sorted_by(|a, b| a < b) {
            let rule = "at least one action, each once, in the order publish, yank, attest";
            return Err(NameError::new("", "actions", rule));
        }
        Ok(Self(list.into_iter().collect()))
    }
}

impl From<Actions> for Vec<Action> {
    fn from(actions: Actions) -> Self {
        actions.0.into_iter().collect()
    }
}

impl FromStr for Actions {
    type Err = NameError;

    /// Reads a comma-separated list.
    fn from_str(text: &str) -> Result<Self, NameError> {
        let set: Result<BTreeSet<Action>, NameError> =
            text.split(',').map(|a| a.trim().parse()).collect();
        Ok(Self(set?))
    }
}

impl fmt::Display for Actions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.iter().map(Action::as_str).collect();
        f.write_str(&names.join(", "))
    }
}

/// "`to` may do `actions` for `namespaces`", signed by a DID that itself may do them.
///
/// # Security
/// A delegation only narrows. The delegate's chain holds while the delegator's own chain holds, for the namespaces and actions
/// that both cover. `to` may delegate in turn only if `further` is true.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Delegation {
    /// The delegate.
    #[serde(rename = "to")]
    pub to: Did,
    /// The packages. On the wire they are in the byte order of their purls, each once.
    #[serde(rename = "namespaces", with = "super::by_purl")]
    pub namespaces: BTreeSet<Namespace>,
    /// The actions that the delegate may do.
    #[serde(rename = "actions")]
    pub actions: Actions,
    /// True where the delegate may delegate in turn.
    #[serde(rename = "further")]
    pub further: bool,
}

impl Delegation {
    /// Creates a delegation to `to`, which may not delegate in turn.
    #[must_use]
    pub fn new(to: Did, namespaces: impl IntoIterator<Item = Namespace>, actions: Actions) -> Self {
        Self {
            to,
            namespaces: namespaces.into_iter().collect(),
            actions,
            further: false,
        }
    }

    /// Sets that `to` may delegate in turn.
    #[must_use]
    pub fn with_further(mut self) -> Self {
        self.further = true;
        self
    }

    /// Returns whether the delegation covers these actions on this namespace. One of an organisation covers the names below it.
    #[must_use]
    pub fn covers(&self, namespace: &Namespace, actions: &Actions) -> bool {
        namespace.is_within(&self.namespaces) && self.actions.cover(actions)
    }
}

impl Claim for Delegation {
    const TYPE: &'static str = "Delegation";

    fn max_life(&self) -> Duration {
        30 * DAY
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_have_one_order_and_are_never_empty() {
        assert!(serde_json::from_str::<Actions>(r#"["publish","yank"]"#).is_ok());
        for bad in [
            "[]",
            r#"["yank","publish"]"#,
            r#"["publish","publish"]"#,
            r#"["own"]"#,
        ] {
            assert!(serde_json::from_str::<Actions>(bad).is_err(), "{bad}");
        }
        assert_eq!(
            "yank,publish".parse::<Actions>().unwrap().to_string(),
            "publish, yank"
        );
        assert!("".parse::<Actions>().is_err());
    }

    fn read(namespaces: &str) -> Result<Delegation, serde_json::Error> {
        serde_json::from_str(&format!(
            r#"{{"to":"did:web:a.example","namespaces":[{namespaces}],"actions":["publish"],"further":false}}"#
        ))
    }

    #[test]
    fn namespaces_have_one_order_and_stand_once() {
        let (a, b) = (r#""pkg:pypi/aa""#, r#""pkg:pypi/bb""#);
        assert!(read(&format!("{a},{b}")).is_ok());
        assert!(read(&format!("{b},{a}")).is_err());
        assert!(read(&format!("{a},{a}")).is_err());
        let (hyphen, underscore) = (r#""pkg:cargo/a-b""#, r#""pkg:cargo/a_b""#);
        assert!(read(&format!("{hyphen},{a}")).is_ok());
        assert!(read(&format!("{hyphen},{underscore}")).is_err());
        let made = ["pypi:bb", "npm:1", "npm:@z/z", "npm:a", "pypi:aa"].map(|n| n.parse().unwrap());
        let to = "did:web:a.example".parse().unwrap();
        let made = Delegation::new(to, made, Actions::only(Action::Publish));
        let text = serde_json::to_string(&made).unwrap();
        assert_eq!(serde_json::from_str::<Delegation>(&text).unwrap(), made);
        assert!(text.find("%40z").unwrap() < text.find("npm/1").unwrap());
    }

    #[test]
    fn covers_only_what_it_names() {
        let to: Did = "did:web:bob.example".parse().unwrap();
        let six: Namespace = "pypi:six".parse().unwrap();
        let delegation = Delegation::new(to, [six.clone()], Actions::only(Action::Publish));
        assert!(delegation.covers(&six, &Actions::only(Action::Publish)));
        assert!(!delegation.covers(&six, &Actions::only(Action::Yank)));
        assert!(!delegation.covers(&six, &"publish,yank".parse().unwrap()));
        assert!(!delegation.covers(
            &"pypi:sax".parse().unwrap(),
            &Actions::only(Action::Publish)
        ));
    }

    #[test]
    fn an_organisation_covers_the_names_below_it_and_never_the_other_way_round() {
        let to: Did = "did:web:bob.example".parse().unwrap();
        let publish = Actions::only(Action::Publish);
        let of = |name: &str| Delegation::new(to.clone(), [name.parse().unwrap()], publish.clone());
        let covers = |of: &Delegation, name: &str| of.covers(&name.parse().unwrap(), &publish);
        let acme = of("github:acme");
        assert!(covers(&acme, "github:acme/server"));
        assert!(!covers(&acme, "github:acme-corp/server"));
        let server = of("github:acme/server");
        assert!(covers(&server, "github:acme/server"));
        assert!(!covers(&server, "github:acme") && !covers(&server, "github:acme/client"));
    }
}
