//! Watching the statements of a package: what is asked, what is shown, and which answer comes first.

use auths_core::evidence::{
    Existence, NamedAccount, NamespaceEvidence, Reading, Release, Timeline,
};
use auths_core::use_cases::{
    ExpectedStatements, StatementState, WatchError, WatchVerdict, WatchedPackage, watch_statements,
};
use auths_core::{Account, Did, Refuted, RefutedReason};

use super::*;

fn now() -> Timestamp {
    "2026-11-21T08:46:00Z".parse().unwrap()
}

fn person(byte: u8) -> Did {
    did(&key(byte))
}

/// A registry that has one answer, and records the DIDs that it is told to expect.
#[derive(Debug)]
struct Shows {
    origin: Origin,
    seen: Result<NamespaceEvidence, NamespaceError>,
    expected: Mutex<Vec<Did>>,
}

#[async_trait]
impl NamespaceVerifier for Shows {
    fn ecosystem(&self) -> &Ecosystem {
        &Ecosystem::PYPI
    }
    fn origin(&self) -> &Origin {
        &self.origin
    }
    fn is_public(&self) -> bool {
        true
    }
    async fn gather(&self, query: &NamespaceQuery) -> Result<NamespaceEvidence, NamespaceError> {
        *self.expected.lock().unwrap() = query.expected.clone();
        self.seen.clone()
    }
}

/// A release that many days ago. It names these DIDs for the package.
fn release(version: &str, days: u32, names: &[u8]) -> Release {
    let names = names.iter().map(|byte| person(*byte));
    Release::new(version.to_owned(), Some(now() - DAY * days), false).naming(names)
}

fn six(timeline: Timeline) -> NamespaceEvidence {
    let origin = "https://registry.example".parse().unwrap();
    let mut seen = NamespaceEvidence::new("pypi:six".parse().unwrap(), origin, now());
    seen.timeline = Reading::Read(timeline);
    seen
}

fn releases(releases: Vec<Release>) -> NamespaceEvidence {
    let newest = releases.last().map(|release| release.version.clone());
    six(Timeline::new(releases, newest))
}

fn compared(seen: &NamespaceEvidence, expected: &ExpectedStatements) -> WatchedPackage {
    WatchedPackage::compare(seen, expected, &Policy::standard(), now()).unwrap()
}

fn expecting(bytes: &[u8]) -> ExpectedStatements {
    ExpectedStatements::default().naming(bytes.iter().map(|byte| person(*byte)))
}

fn states(watched: &WatchedPackage) -> Vec<(Did, StatementState)> {
    let statements = watched.statements.iter();
    statements
        .map(|one| (one.did.clone(), one.state()))
        .collect()
}

#[test]
fn what_is_expected_and_named_is_as_expected_and_everything_else_is_not() {
    let seen = releases(vec![
        release("1.0", 40, &[]),
        release("1.1", 30, &[1]),
        release("1.2", 10, &[1]),
    ]);
    for (expected, verdict) in [
        (ExpectedStatements::default(), WatchVerdict::Shown),
        (expecting(&[]), WatchVerdict::Shown),
        (expecting(&[1]), WatchVerdict::AsExpected),
        (
            ExpectedStatements::nobody(),
            WatchVerdict::Unexpected {
                subjects: vec![person(1).to_string()],
            },
        ),
    ] {
        let watched = compared(&seen, &expected);
        assert_eq!(watched.verdict, verdict);
        assert_eq!(states(&watched), [(person(1), StatementState::Mature)]);
    }
    let none = releases(vec![release("1.0", 40, &[])]);
    let watched = compared(&none, &ExpectedStatements::nobody());
    assert_eq!(watched.verdict, WatchVerdict::AsExpected);
    assert!(watched.verdict.code().is_none() && !watched.verdict.is_no());
}

#[test]
fn an_intruder_comes_before_what_it_displaced() {
    let seen = releases(vec![
        release("1.0", 60, &[1]),
        release("1.1", 40, &[1]),
        release("1.2", 1, &[2]),
    ]);
    let watched = compared(&seen, &expecting(&[1]));
    assert!(watched.verdict.is_no());
    assert_eq!(watched.verdict.reason(), Some("wrong-subject"));
    let said = watched.verdict.to_string();
    assert!(said.contains(&person(2).to_string()) && !said.contains(&person(1).to_string()));
    // Both are expected: the one that is contested comes before the one that was dropped.
    let watched = compared(&seen, &expecting(&[1, 2]));
    let WatchVerdict::Gone { state, subject, .. } = &watched.verdict else {
        panic!("{:?}", watched.verdict);
    };
    assert_eq!(
        (state, subject),
        (&StatementState::Contested, &person(2).to_string())
    );
}

#[test]
fn an_expected_did_is_shown_although_no_release_names_it() {
    let seen = releases(vec![release("1.0", 60, &[])]);
    let watched = compared(&seen, &expecting(&[1]));
    assert_eq!(states(&watched), [(person(1), StatementState::Absent)]);
    assert_eq!(watched.verdict.reason(), Some("statement-absent"));
    let for_accounts = ExpectedStatements::default().speaking_for_accounts([person(1)]);
    let watched = compared(&seen, &for_accounts);
    assert_eq!(states(&watched), [(person(1), StatementState::Absent)]);
    assert_eq!(watched.statements[0].expected, Some(true));
    assert!(
        watched
            .verdict
            .to_string()
            .contains("speaks for an account")
    );
}

#[test]
fn speaking_for_an_account_and_being_named_for_the_package_are_two_things() {
    let alice: Account = "pypi:alice".parse().unwrap();
    let speaks = NamedAccount::new(person(1), alice);
    let stated = |version, days| release(version, days, &[1]).naming_accounts([speaks.clone()]);
    let seen = releases(vec![stated("1.0", 40), stated("1.1", 10)]);
    let as_an_account = ExpectedStatements::default().speaking_for_accounts([person(1)]);
    let watched = compared(&seen, &as_an_account);
    assert_eq!(watched.verdict, WatchVerdict::AsExpected);
    assert_eq!(watched.statements.len(), 1);
    let subject = format!("{} for pypi:alice", person(1));
    assert_eq!(watched.statements[0].subject(), subject);

    let watched = compared(&seen, &expecting(&[1]));
    let unexpected = WatchVerdict::Unexpected {
        subjects: vec![subject],
    };
    assert_eq!(watched.verdict, unexpected);
}

#[test]
fn a_young_statement_is_as_expected_and_its_time_is_named_while_waiting_helps() {
    for (days, is_named) in [(2, true), (30, false)] {
        let seen = releases(vec![release("1.0", 60, &[]), release("1.1", days, &[1])]);
        let watched = compared(&seen, &expecting(&[1]));
        assert_eq!(watched.verdict, WatchVerdict::AsExpected);
        assert_eq!(states(&watched), [(person(1), StatementState::Young)]);
        assert_eq!(
            watched.statements[0].matures_at.is_some(),
            is_named,
            "{days}"
        );
    }
}

#[test]
fn what_was_not_read_is_no_yes_and_takes_back_no_no() {
    let why = Unavailable::new(UnavailableReason::RequestBudget, "no more requests");
    let unread = Release::new("1.2".to_owned(), Some(now() - DAY), false);
    let timeline = Timeline::new(
        vec![release("1.0", 60, &[]), release("1.1", 30, &[2]), unread],
        Some("1.2".to_owned()),
    );
    let seen = six(timeline.stopped(why));
    let watched = compared(&seen, &ExpectedStatements::default());
    assert_eq!(watched.verdict.reason(), Some("request-budget"));
    assert!(!watched.verdict.is_no());
    assert_eq!((watched.releases_read, watched.releases), (2, 3));
    assert_eq!(watched.oldest_read.as_deref(), Some("1.0"));
    let watched = compared(&seen, &expecting(&[1]));
    assert!(watched.verdict.is_no(), "{:?}", watched.verdict);

    let unread = Release::new("1.0".to_owned(), Some(now() - DAY), false);
    let timeline = Timeline::new(vec![unread], Some("1.0".to_owned()));
    let watched = compared(&six(timeline), &ExpectedStatements::nobody());
    let said = watched.verdict.to_string();
    assert!(
        said.starts_with("no release that can be read names anybody; "),
        "{said}"
    );
    let shown = compared(
        &releases(vec![release("1.0", 60, &[])]),
        &ExpectedStatements::default(),
    );
    assert_eq!(shown.verdict, WatchVerdict::Shown);
}

#[test]
fn releases_without_a_time_are_listed() {
    let undated = Release::new("0.9".to_owned(), None, false);
    let timeline = Timeline::new(
        vec![undated, release("1.0", 60, &[])],
        Some("1.0".to_owned()),
    );
    let watched = compared(&six(timeline), &ExpectedStatements::nobody());
    assert_eq!(watched.undated, ["0.9"]);
}

#[test]
fn a_package_that_is_not_there_or_was_not_read_is_an_error_and_no_empty_answer() {
    let policy = Policy::standard();
    let compare = |seen: &NamespaceEvidence, at| {
        WatchedPackage::compare(seen, &ExpectedStatements::nobody(), &policy, at)
    };
    let mut gone = releases(vec![release("1.0", 60, &[])]);
    assert!(compare(&gone, now()).is_ok());
    let late = compare(&gone, now() + DAY * 30).unwrap_err();
    assert_eq!(late.name(), "stale-evidence");
    let refuted = Refuted::new(RefutedReason::UnknownProject, "it is not there");
    gone.existence = Existence::Absent(refuted);
    assert_eq!(compare(&gone, now()).unwrap_err().name(), "unknown-project");
    let mut unread = releases(vec![]);
    let why = Unavailable::new(UnavailableReason::Network, "the line is dead");
    unread.timeline = Reading::Unread(why);
    assert_eq!(compare(&unread, now()).unwrap_err().name(), "network");
}

#[test]
fn the_registry_is_told_whom_to_look_for_and_its_failure_is_the_answer() {
    let seen = releases(vec![release("1.0", 60, &[1])]);
    let mut shows = Shows {
        origin: "https://registry.example".parse().unwrap(),
        seen: Ok(seen),
        expected: Mutex::default(),
    };
    let expected = expecting(&[1]).speaking_for_accounts([person(2)]);
    let watch = |registry: &Shows, name: &str| {
        let (name, policy) = (name.parse().unwrap(), Policy::standard());
        block_on(watch_statements(registry, name, &expected, &policy, now()))
    };
    assert!(watch(&shows, "pypi:six").is_ok());
    assert_eq!(*shows.expected.lock().unwrap(), [person(1), person(2)]);
    let other = watch(&shows, "npm:six").unwrap_err();
    assert!(
        matches!(other, WatchError::Registry(NamespaceError::Invalid { .. })),
        "{other}"
    );
    let why = Unavailable::new(UnavailableReason::Network, "the line is dead");
    shows.seen = Err(why.into());
    assert_eq!(watch(&shows, "pypi:six").unwrap_err().code(), "AUTHS-3001");
}
