//! The rule of pins, case by case, and the stored form.

use serde_json::{Value, json};

use super::record::Pin;
use super::rule::{Asking, AskingRun, PinStep};
use crate::Timestamp;
use crate::claim::Incarnation;
use crate::reason::RefutedReason;

const ISSUER: &str = "https://token.actions.githubusercontent.com";
const SET_AT: &str = "2026-11-21T08:46:00Z";
const LATER: &str = "2026-12-01T00:00:00Z";

fn stored() -> Value {
    json!({
        "type": "auths-pin-1",
        "namespace": "pkg:pypi/widget",
        "incarnation": { "kind": "first-upload", "value": "2026-01-01T00:00:00Z" },
        "issuer": ISSUER,
        "repositoryId": "1",
        "repository": "acme/widget",
        "ownerId": "42",
        "recordedAt": SET_AT,
        "fallsToCollaborator": false,
    })
}

fn pin(changes: &[(&str, Value)]) -> Pin {
    let mut stored = stored();
    for (member, value) in changes {
        stored[*member] = value.clone();
    }
    Pin::parse(stored.to_string().as_bytes()).unwrap()
}

/// The state of the pin of a package.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Present {
    Missing,
    OfAnotherLife,
    Weak,
    Strong,
}

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Who {
    Key,
    SameRepository,
    /// A run that differs from the pin in this member, with the time when a publisher that names the package was signed.
    Other(&'static str, Option<&'static str>),
}

#[derive(Debug, PartialEq)]
enum Step {
    Keep,
    Record,
    Change,
    Refused,
}

/// What the rule says. The chain of the answer falls to `collaborator` where `is_weak`.
fn step(present: Present, who: Who, is_weak: bool, may_set: bool) -> Step {
    let present = match present {
        Present::Missing => None,
        Present::OfAnotherLife => {
            let other = json!({ "kind": "first-upload", "value": "2025-01-01T00:00:00Z" });
            Some(pin(&[("incarnation", other)]))
        }
        Present::Weak => Some(pin(&[("fallsToCollaborator", true.into())])),
        Present::Strong => Some(pin(&[])),
    };
    let mut changes = vec![
        ("recordedAt", LATER.into()),
        ("fallsToCollaborator", is_weak.into()),
    ];
    let named_at = match who {
        Who::Key | Who::SameRepository => None,
        Who::Other(member, named_at) => {
            let other = match member {
                "issuer" => "https://ghe.example",
                _ => "2",
            };
            changes.push((member, other.into()));
            named_at.map(|at| at.parse::<Timestamp>().unwrap())
        }
    };
    let own = pin(&changes);
    let incarnation = Incarnation::new("first-upload", "2026-01-01T00:00:00Z");
    let asking = Asking {
        incarnation: &incarnation,
        falls_to_collaborator: is_weak,
        run: (who != Who::Key).then(|| AskingRun {
            pin: own.clone(),
            may_set,
            named_at,
        }),
    };
    match asking.step(present.as_ref()) {
        Ok(PinStep::Keep) => Step::Keep,
        Ok(PinStep::Record(to)) => {
            assert_eq!(to, own);
            Step::Record
        }
        Ok(PinStep::Change(to)) => {
            assert_eq!(to, own);
            Step::Change
        }
        Err(refuted) => {
            assert_eq!(refuted.reason, RefutedReason::PinnedToAnother);
            let detail = refuted.detail().to_string();
            assert!(detail.contains("acme/widget (repository 1 of"), "{detail}");
            Step::Refused
        }
    }
}

const BEFORE: Option<&str> = Some("2026-11-21T08:45:59Z");
const AT_ONCE: Option<&str> = Some(SET_AT);
const AFTER: Option<&str> = Some("2026-11-21T08:46:01Z");
const UNNAMED: Who = Who::Other("repositoryId", None);

#[test]
fn the_rule_case_by_case() {
    use Present::{Missing, OfAnotherLife, Strong, Weak};
    let named = |at| Who::Other("repositoryId", at);
    // The pin, who asks, what to do where the answer resists `collaborator`, and what where it falls to it.
    let cases = [
        (Missing, Who::Key, Step::Keep, Step::Keep),
        (Missing, Who::SameRepository, Step::Record, Step::Record),
        (Missing, named(BEFORE), Step::Record, Step::Record),
        (OfAnotherLife, Who::Key, Step::Keep, Step::Keep),
        (
            OfAnotherLife,
            Who::SameRepository,
            Step::Change,
            Step::Change,
        ),
        (OfAnotherLife, UNNAMED, Step::Change, Step::Change),
        (Weak, Who::Key, Step::Keep, Step::Refused),
        (Weak, Who::SameRepository, Step::Change, Step::Keep),
        (Weak, UNNAMED, Step::Change, Step::Refused),
        (Weak, named(AFTER), Step::Change, Step::Refused),
        (Strong, Who::Key, Step::Keep, Step::Refused),
        (Strong, Who::SameRepository, Step::Keep, Step::Keep),
        (Strong, UNNAMED, Step::Refused, Step::Refused),
        // An earlier rule that is replayed moves no pin.
        (Strong, named(BEFORE), Step::Refused, Step::Refused),
        (Strong, named(AT_ONCE), Step::Refused, Step::Refused),
        (Strong, named(AFTER), Step::Change, Step::Refused),
    ];
    for (present, who, strong, weak) in cases {
        for (is_weak, expected) in [(false, strong), (true, weak)] {
            let case = format!("{present:?}, {who:?}, falls to collaborator: {is_weak}");
            let may_set = step(present, who, is_weak, true);
            // What may set no pin passes or is refused all the same, and writes nothing.
            let may_not = step(present, who, is_weak, false);
            let same = may_set == Step::Refused;
            assert_eq!(may_not == Step::Refused, same, "{case}, sets none");
            assert!(same || may_not == Step::Keep, "{case}, sets none");
            assert_eq!(may_set, expected, "{case}");
        }
    }
}

#[test]
fn another_number_of_repository_owner_or_issuer_is_another_repository() {
    for member in ["issuer", "repositoryId", "ownerId"] {
        let who = Who::Other(member, None);
        let expected = Step::Refused;
        assert_eq!(
            step(Present::Strong, who, false, true),
            expected,
            "{member}"
        );
    }
    let renamed = pin(&[("repository", "acme-corp/widget2".into())]);
    assert!(
        pin(&[]).is_of_same_repository(&renamed),
        "a name is a label"
    );
}

#[test]
fn a_stored_pin_is_read_whole_or_refused() {
    let publisher = format!("sha256:{}", "0a".repeat(32));
    for pin in [pin(&[]), pin(&[("publisher", publisher.into())])] {
        assert_eq!(Pin::parse(pin.to_json().as_bytes()).unwrap(), pin);
    }
    let whole = stored();
    let members = whole.as_object().unwrap();
    for member in members.keys() {
        let mut cut = whole.clone();
        cut.as_object_mut().unwrap().remove(member);
        assert!(
            Pin::parse(cut.to_string().as_bytes()).is_err(),
            "without {member}"
        );
        let mut odd = whole.clone();
        odd[member] = 7.into();
        assert!(Pin::parse(odd.to_string().as_bytes()).is_err(), "{member}");
    }
    let bad = [
        ("type", "auths-pin-2".into()),
        ("more", "x".into()),
        ("namespace", "pkg:cargo/tokio-util".into()),
        ("repositoryId", "01".into()),
        ("issuer", "http://gitlab.com".into()),
        ("publisher", "sha256:0".into()),
    ];
    for (member, value) in bad {
        let mut odd = whole.clone();
        odd[member] = value;
        assert!(Pin::parse(odd.to_string().as_bytes()).is_err(), "{member}");
    }
    let text = whole.to_string();
    let twice = text.replacen('{', r#"{"ownerId":"42","#, 1);
    let list = Value::from_iter(members.values().cloned()).to_string();
    let cut = &text[..text.len() - 1];
    for bad in ["", "null", "[]", &twice, &list, cut] {
        let why = Pin::parse(bad.as_bytes()).unwrap_err();
        assert_eq!(why.code(), "AUTHS-3024", "{bad}");
    }
}
