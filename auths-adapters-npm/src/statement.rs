//! Statements: the DIDs that a release's `package.json` names for its package, and how they are read.
//!
//! A statement is the field `auths` of `package.json`, which npm publishes unchanged. It names the DID **and** the package, so
//! that a copied `package.json` says nothing about another package:
//!
//! ```json
//! { "auths": { "did": "did:key:z6Mk...", "for": "npm:@scope/name" } }
//! ```
//!
//! For several DIDs, the field is a list of such objects. `for` is the package's short form or its purl. A package that was made
//! to speak for an account has a third field, which makes the statement an *account statement*.
//!
//! ```json
//! { "auths": { "did": "did:key:z6Mk...", "for": "npm:@alice/auths", "account": "npm:alice" } }
//! ```
//!
//! Each object has exactly these fields. An object that breaks any rule, or is for another package, names nobody.

use std::collections::VecDeque;

use auths_core::{Account, Did, Ecosystem, Namespace, Platform};
use serde_json::{Value, json};

/// The name of the field in `package.json`.
pub const FIELD: &str = "auths";

/// The longest DID or name that is read, in bytes.
pub(crate) const MAX_TEXT: usize = 1024;

/// Makes the value of [`FIELD`] for a `package.json`, so that its releases name these DIDs for `namespace`.
///
/// ```
/// use auths_adapters_npm::statement;
/// use auths_core::{Did, Namespace};
///
/// let did: Did = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK".parse()?;
/// let name: Namespace = "npm:@alice/auths".parse()?;
/// assert_eq!(
///     statement::render([&did], &name).to_string(),
///     r#"{"did":"did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK","for":"npm:@alice/auths"}"#
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn render<'a>(dids: impl IntoIterator<Item = &'a Did>, namespace: &Namespace) -> Value {
    // The release holds the name without a server: the same package may be published to several servers.
    let name = namespace.clone().at(None).short();
    let each = dids.into_iter();
    let mut all: Vec<Value> = each
        .map(|did| json!({ "did": did.as_str(), "for": name }))
        .collect();
    match all.len() {
        1 => all.remove(0),
        _ => Value::Array(all),
    }
}

/// Makes the value of [`FIELD`] for a `package.json`, so that its releases say that `did` speaks for `account`. The package must
/// be made for that purpose, in the account's own scope: every release from the first on must say so.
///
/// ```
/// use auths_adapters_npm::statement;
/// use auths_core::{Account, Did, Namespace};
///
/// let did: Did = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK".parse()?;
/// let (name, alice): (Namespace, Account) = ("npm:@alice/auths".parse()?, "npm:alice".parse()?);
/// let said = statement::render_for_account(&did, &name, &alice);
/// assert_eq!(said["account"], "npm:alice");
/// assert_eq!(said["for"], "npm:@alice/auths");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn render_for_account(did: &Did, namespace: &Namespace, account: &Account) -> Value {
    let mut said = render([did], namespace);
    // The account's name has no server, like the package's: the server is the one that the release is read from.
    said["account"] = json!(format!("{}:{}", account.platform(), account.login()));
    said
}

/// The texts in one statement.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct StatementTexts {
    pub(crate) did: String,
    pub(crate) package: String,
    pub(crate) account: Option<String>,
}

/// The DID that one statement names for a package, and the account that it speaks for, if it names one.
pub(crate) type Named = (Did, Option<Account>);

/// Returns the DID that one statement names for `asked`; `None` when it is no DID, or when the statement is for another package.
fn named(said: &StatementTexts, asked: &Namespace) -> Option<Named> {
    let name: Namespace = said.package.parse().ok()?;
    let is_asked = name == *asked || name == asked.clone().at(None);
    if !is_asked || *asked.ecosystem() != Ecosystem::NPM {
        return None;
    }
    let did: Did = said.did.parse().ok()?;
    let Some(account) = &said.account else {
        return Some((did, None));
    };
    let account: Account = account.parse().ok()?;
    (*account.platform() == Platform::NPM)
        .then(|| (did, Some(account.at(asked.repository().cloned()))))
}

/// The number of statements that are remembered.
const MAX_KNOWN: usize = 16;

/// A reader of the statements of one package. Most releases repeat earlier statements, and checking a key takes longer than
/// reading a release, so the latest statements are remembered.
#[derive(Debug)]
pub(crate) struct StatementReader<'a> {
    asked: &'a Namespace,
    known: VecDeque<(StatementTexts, Option<Named>)>,
}

impl<'a> StatementReader<'a> {
    pub(crate) fn new(asked: &'a Namespace) -> Self {
        Self {
            asked,
            known: VecDeque::new(),
        }
    }

    /// Returns the DID and account that a statement names, as [`named`] does.
    pub(crate) fn named(&mut self, said: StatementTexts) -> Option<Named> {
        let known = self.known.iter();
        if let Some((.., found)) = known.rev().find(|(texts, _)| *texts == said) {
            return found.clone();
        }
        let found = named(&said, self.asked);
        if self.known.len() == MAX_KNOWN {
            self.known.pop_front();
        }
        self.known.push_back((said, found.clone()));
        found
    }

    /// Returns the account of that login, on the server of the package; `None` when npm has no such login.
    pub(crate) fn account(&self, login: &str) -> Option<Account> {
        let account = Account::parse_login(Platform::NPM, login).ok()?;
        Some(account.at(self.asked.repository().cloned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK";
    const B: &str = "did:key:z6MkpTHR8VNsBxYAAWHut2Geadd9jSwuBV8xRoAnwWsdvktH";

    fn texts(did: &str, package: &str, account: Option<&str>) -> StatementTexts {
        StatementTexts {
            did: did.to_owned(),
            package: package.to_owned(),
            account: account.map(str::to_owned),
        }
    }

    fn named(did: &str, package: &str, asked: &Namespace) -> Option<Did> {
        super::named(&texts(did, package, None), asked).map(|(did, _)| did)
    }

    #[test]
    fn an_account_statement_names_an_account_of_npm_at_the_server_of_the_package() {
        let asked: Namespace = "npm:@alice/auths".parse().unwrap();
        let server = || Some("https://npm.example".parse().unwrap());
        for asked in [asked.clone(), asked.clone().at(server())] {
            let found = super::named(&texts(A, "npm:@alice/auths", Some("npm:alice")), &asked);
            let (did, account) = found.unwrap();
            let alice: Account = "npm:alice".parse().unwrap();
            assert_eq!(did.as_str(), A);
            assert_eq!(account, Some(alice.at(asked.repository().cloned())));
        }
        for odd in [
            "",
            "alice",
            "npm:",
            "pypi:alice",
            "github:alice",
            "npm:a b",
            "npm:alice ",
        ] {
            let said = texts(A, "npm:@alice/auths", Some(odd));
            assert_eq!(super::named(&said, &asked), None, "{odd}");
        }
    }

    #[test]
    fn a_statement_is_for_one_package() {
        let asked: Namespace = "npm:@Alice/auths".parse().unwrap();
        let at = asked
            .clone()
            .at(Some("https://npm.example".parse().unwrap()));
        for name in ["npm:@Alice/auths", "pkg:npm/%40Alice/auths"] {
            assert!(named(A, name, &asked).is_some(), "{name}");
            assert!(named(A, name, &at).is_some(), "{name}");
        }
        for name in [
            "",
            "@Alice/auths",
            "npm:@alice/auths",
            "npm:auths",
            "pypi:auths",
            "pkg:npm/%40Alice/auths@1.0.0",
            "pkg:npm/%40Alice/auths?repository_url=https:%2F%2Fother.example",
        ] {
            assert!(named(A, name, &asked).is_none(), "{name}");
        }
        for did in ["", "did:key:z6Mkfoo", " did:key:z6Mk", &format!("{A} ")] {
            assert!(named(did, "npm:@Alice/auths", &asked).is_none(), "{did}");
        }
    }

    #[test]
    fn what_is_remembered_is_what_was_read() {
        let asked: Namespace = "npm:left".parse().unwrap();
        let mut statements = StatementReader::new(&asked);
        for n in 0..3 * MAX_KNOWN {
            for (did, name) in [
                (A, "npm:left"),
                (B, "npm:left"),
                (A, "npm:right"),
                ("x", "npm:left"),
            ] {
                for account in [None, Some("npm:alice"), Some("x")] {
                    let said = texts(did, name, account);
                    assert_eq!(statements.named(said.clone()), super::named(&said, &asked));
                }
            }
            let odd = texts(&format!("{A}{n}"), "npm:left", None);
            assert_eq!(statements.named(odd), None);
        }
    }

    #[test]
    fn several_dids_are_a_list() {
        let (one, two): (Did, Did) = (A.parse().unwrap(), B.parse().unwrap());
        let name: Namespace = "npm:left".parse().unwrap();
        assert!(render([&one], &name).is_object());
        assert_eq!(
            render([&one, &two], &name).as_array().map(Vec::len),
            Some(2)
        );
        assert_eq!(render([], &name), json!([]));
    }
}
