//! Statements: how a release's `package.json` names DIDs for its package, and how it is read.
//!
//! A statement is the field `auths` of `package.json`, which npm publishes as it stands. It says the DID **and** the package,
//! so that a copied `package.json` says nothing of another package:
//!
//! ```json
//! { "auths": { "did": "did:key:z6Mk...", "for": "npm:@scope/name" } }
//! ```
//!
//! Several DIDs take a list of such objects. Each has exactly these two fields. `for` is the package's short form or its
//! purl. What breaks any rule, or is for another package, names nobody.

use std::collections::VecDeque;

use auths_core::{Did, Ecosystem, Namespace};
use serde_json::{Value, json};

/// The field of `package.json`.
pub const FIELD: &str = "auths";

/// The longest DID or name that is read, in bytes.
pub(crate) const MAX_TEXT: usize = 1024;

/// What a publisher puts under [`FIELD`] into `package.json`, so that its releases name these DIDs for `namespace`.
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
    // The release says the name alone: the same package may be published to several servers.
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

/// The DID that one statement names for `asked`: none when it is no DID, or for another package.
fn named(did: &str, package: &str, asked: &Namespace) -> Option<Did> {
    let name: Namespace = package.parse().ok()?;
    let is_asked = name == *asked || name == asked.clone().at(None);
    if !is_asked || *asked.ecosystem() != Ecosystem::NPM {
        return None;
    }
    did.parse().ok()
}

/// How many statements are remembered.
const MAX_KNOWN: usize = 16;

/// Reads the statements of one package. Releases mostly say what those before them said, and checking a key takes longer than
/// reading its release: what was just read is remembered.
#[derive(Debug)]
pub(crate) struct Statements<'a> {
    asked: &'a Namespace,
    known: VecDeque<(String, String, Option<Did>)>,
}

impl<'a> Statements<'a> {
    pub(crate) fn new(asked: &'a Namespace) -> Self {
        Self {
            asked,
            known: VecDeque::new(),
        }
    }

    /// As [`named`].
    pub(crate) fn named(&mut self, did: String, package: String) -> Option<Did> {
        let known = self.known.iter();
        if let Some((.., found)) = known.rev().find(|(d, p, _)| *d == did && *p == package) {
            return found.clone();
        }
        let found = named(&did, &package, self.asked);
        if self.known.len() == MAX_KNOWN {
            self.known.pop_front();
        }
        self.known.push_back((did, package, found.clone()));
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK";
    const B: &str = "did:key:z6MkpTHR8VNsBxYAAWHut2Geadd9jSwuBV8xRoAnwWsdvktH";

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
        let mut statements = Statements::new(&asked);
        for n in 0..3 * MAX_KNOWN {
            for (did, name) in [
                (A, "npm:left"),
                (B, "npm:left"),
                (A, "npm:right"),
                ("x", "npm:left"),
            ] {
                let found = statements.named(did.to_owned(), name.to_owned());
                assert_eq!(found, named(did, name, &asked));
            }
            assert_eq!(
                statements.named(format!("{A}{n}"), "npm:left".to_owned()),
                None
            );
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
