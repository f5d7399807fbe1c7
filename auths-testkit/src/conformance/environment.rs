//! The contract of [`EnvironmentReader`].

use std::time::Duration;

use auths_core::ci::{
    CiIssuer, EnvironmentEvidence, EnvironmentName, EnvironmentProtection, EnvironmentReviewer,
    NumericId,
};
use auths_core::ports::{Budget, EnvironmentQuery, EnvironmentReader, EnvironmentReaderExt};
use auths_core::{Timestamp, UnavailableReason};

use super::report::{Check, Checked, Report, Violation, ensure, run};
use crate::world::RegistryFault;

/// An [`EnvironmentReader`] under test, and the platform that it reads.
pub trait EnvironmentSubject: Send + Sync {
    /// The implementation.
    type Reader: EnvironmentReader;

    /// Opens a reader of its own, before a platform without environments.
    fn open(&self) -> Self::Reader;

    /// Returns the issuer whose repositories the platform has.
    fn issuer(&self) -> CiIssuer;

    /// Returns the platform's time.
    fn now(&self) -> Timestamp;

    /// Sets the state of an environment on the platform that a reader was opened before.
    fn set(
        &self,
        reader: &Self::Reader,
        repository: NumericId,
        environment: &EnvironmentName,
        state: EnvironmentState,
    );
}

/// The state of an environment on a platform.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum EnvironmentState {
    /// The platform shows the environment with this protection.
    Shown(EnvironmentProtection),
    /// The platform shows no such environment: there is none, or the reader may not see it.
    NotShown,
    /// The platform has a guarded environment, and the answer about it has a fault. The owners that the fault names are the
    /// reviewers.
    InTrouble(RegistryFault),
}

impl EnvironmentState {
    /// Returns the protection of an environment that is guarded, by the account 7 and the team 8. An environment
    /// [in trouble](Self::InTrouble) has it.
    #[must_use]
    pub fn guarded() -> EnvironmentProtection {
        let number = |id| NumericId::new(id).ok();
        let reviewers = [
            number(7).map(EnvironmentReviewer::User),
            number(8).map(EnvironmentReviewer::Team),
        ];
        EnvironmentProtection::new(reviewers.into_iter().flatten().collect(), true, false)
    }
}

/// Checks a reader of environments against its contract.
pub async fn environment_reader<S: EnvironmentSubject>(subject: &S) -> Report {
    run("EnvironmentReader", &checks::<S>(), subject).await
}

fn checks<S: EnvironmentSubject>() -> Vec<Check<S>> {
    vec![
        Check {
            name: "names-its-issuer",
            promise: "the issuer is that of the repositories that are read",
            excluded_by: |_| None,
            run: |s| Box::pin(names_its_issuer(s)),
        },
        Check {
            name: "reads-what-is-stated",
            promise: "the protection is what the platform states, with every reviewer by kind and number",
            excluded_by: |_| None,
            run: |s| Box::pin(reads_what_is_stated(s)),
        },
        Check {
            name: "answers-what-was-asked",
            promise: "the evidence is about the environment of the query",
            excluded_by: |_| None,
            run: |s| Box::pin(answers_what_was_asked(s)),
        },
        Check {
            name: "repositories-by-number",
            promise: "an environment of another repository guards nothing here",
            excluded_by: |_| None,
            run: |s| Box::pin(repositories_by_number(s)),
        },
        Check {
            name: "environments-by-name",
            promise: "another environment of the repository guards nothing here",
            excluded_by: |_| None,
            run: |s| Box::pin(environments_by_name(s)),
        },
        Check {
            name: "case-as-the-platform",
            promise: "names that are one on the platform are one environment, and no others",
            excluded_by: |_| None,
            run: |s| Box::pin(case_as_the_platform(s)),
        },
        Check {
            name: "not-shown-is-not-read",
            promise: "an environment that is not shown is not read, and guards nothing",
            excluded_by: |_| None,
            run: |s| Box::pin(not_shown_is_not_read(s)),
        },
        Check {
            name: "faults-guard-nothing",
            promise: "an answer with a fault is not read, and guards nothing",
            excluded_by: |_| None,
            run: |s| Box::pin(faults_guard_nothing(s)),
        },
        Check {
            name: "as-old-as-its-answer",
            promise: "the evidence is as old as the answer that it came in",
            excluded_by: |_| None,
            run: |s| Box::pin(as_old_as_its_answer(s)),
        },
        Check {
            name: "looks-each-time",
            promise: "the next query sees what changed",
            excluded_by: |_| None,
            run: |s| Box::pin(looks_each_time(s)),
        },
        Check {
            name: "other-issuers",
            promise: "a query about another issuer's repository reads nothing",
            excluded_by: |_| None,
            run: |s| Box::pin(other_issuers(s)),
        },
        Check {
            name: "spends-the-budget",
            promise: "every request is taken from the query's budget",
            excluded_by: |_| None,
            run: |s| Box::pin(spends_the_budget(s)),
        },
    ]
}

const NAME: &str = "Prod";

fn number(id: u64) -> Result<NumericId, Violation> {
    Ok(NumericId::new(id)?)
}

/// Returns a query about an environment of the repository 700.
fn query<S: EnvironmentSubject>(subject: &S, name: &str) -> Result<EnvironmentQuery, Violation> {
    let (issuer, now) = (subject.issuer(), subject.now());
    Ok(EnvironmentQuery::new(
        issuer,
        number(700)?,
        name.parse()?,
        now,
    ))
}

/// Opens a reader before a platform with one environment, `Prod` of the repository 700, in a state.
fn opened<S: EnvironmentSubject>(
    subject: &S,
    state: EnvironmentState,
) -> Result<S::Reader, Violation> {
    let reader = subject.open();
    subject.set(&reader, number(700)?, &NAME.parse()?, state);
    Ok(reader)
}

fn guarded() -> EnvironmentState {
    EnvironmentState::Shown(EnvironmentState::guarded())
}

/// Checks that evidence has no protection.
fn check_unread(what: impl std::fmt::Debug, seen: &EnvironmentEvidence) -> Checked {
    ensure!(seen.protection.is_err(), "{what:?}: {seen:?}");
    Ok(())
}

async fn names_its_issuer<S: EnvironmentSubject>(subject: &S) -> Checked {
    let reader = subject.open();
    let (named, own) = (reader.issuer(), subject.issuer());
    ensure!(*named == own, "{named}, and {own} was expected");
    Ok(())
}

async fn reads_what_is_stated<S: EnvironmentSubject>(subject: &S) -> Checked {
    let users = |ids: &[u64]| -> Result<Vec<EnvironmentReviewer>, Violation> {
        let users = ids.iter().map(|id| number(*id));
        users.map(|id| Ok(EnvironmentReviewer::User(id?))).collect()
    };
    let mut restricted = EnvironmentState::guarded();
    restricted.restricts_refs = true;
    let stated = [
        EnvironmentState::guarded(),
        EnvironmentProtection::new(users(&[7, 9, u64::MAX])?, true, false),
        EnvironmentProtection::new(users(&[7])?, false, false),
        EnvironmentProtection::new(users(&[7])?, true, true),
        EnvironmentProtection::new(Vec::new(), false, true),
        EnvironmentProtection::new(Vec::new(), false, false),
        restricted,
    ];
    for mut stated in stated {
        let reader = opened(subject, EnvironmentState::Shown(stated.clone()))?;
        let seen = reader.read_environment(&query(subject, NAME)?).await;
        let mut read = seen.protection?;
        stated.reviewers.sort_unstable();
        read.reviewers.sort_unstable();
        ensure!(read == stated, "stated: {stated:?}\n  read: {read:?}");
    }
    Ok(())
}

async fn answers_what_was_asked<S: EnvironmentSubject>(subject: &S) -> Checked {
    for state in [guarded(), EnvironmentState::NotShown] {
        let reader = opened(subject, state)?;
        let query = query(subject, NAME)?;
        let seen = reader.read_environment(&query).await;
        let is_own = seen.issuer == query.issuer.url
            && seen.repository_id == query.repository_id
            && (query.issuer.provider).is_same_environment(&seen.environment, &query.environment);
        ensure!(is_own, "{query:?}: {seen:?}");
        ensure!(
            seen.observed_at <= query.now,
            "seen after the query: {seen:?}"
        );
    }
    Ok(())
}

async fn repositories_by_number<S: EnvironmentSubject>(subject: &S) -> Checked {
    let reader = subject.open();
    subject.set(&reader, number(701)?, &NAME.parse()?, guarded());
    let seen = reader.read_environment(&query(subject, NAME)?).await;
    check_unread("the environment of the repository 701", &seen)?;
    let open = EnvironmentProtection::new(Vec::new(), false, true);
    let open = EnvironmentState::Shown(open);
    subject.set(&reader, number(700)?, &NAME.parse()?, open);
    let seen = reader.read_environment(&query(subject, NAME)?).await;
    let is_guarded = seen.protection?.is_guarded();
    ensure!(!is_guarded, "the repository 700 has the guard of 701");
    Ok(())
}

async fn environments_by_name<S: EnvironmentSubject>(subject: &S) -> Checked {
    let reader = opened(subject, guarded())?;
    for other in ["Pro", "Prod2", "production", "Prod/1", "Pr%6Fd", "Prod?"] {
        let seen = reader.read_environment(&query(subject, other)?).await;
        check_unread(other, &seen)?;
    }
    Ok(())
}

async fn case_as_the_platform<S: EnvironmentSubject>(subject: &S) -> Checked {
    let reader = opened(subject, guarded())?;
    let query = query(subject, "pROD")?;
    let seen = reader.read_environment(&query).await;
    let is_same = (query.issuer.provider).is_same_environment(&query.environment, &NAME.parse()?);
    let is_read = seen.protection.is_ok();
    ensure!(
        is_read == is_same,
        "one environment: {is_same}; read: {seen:?}"
    );
    Ok(())
}

async fn not_shown_is_not_read<S: EnvironmentSubject>(subject: &S) -> Checked {
    let reader = opened(subject, EnvironmentState::NotShown)?;
    let seen = reader.read_environment(&query(subject, NAME)?).await;
    check_unread("not shown", &seen)?;
    let seen = subject
        .open()
        .read_environment(&query(subject, NAME)?)
        .await;
    check_unread("a platform without environments", &seen)
}

async fn faults_guard_nothing<S: EnvironmentSubject>(subject: &S) -> Checked {
    let faults = RegistryFault::ALL
        .iter()
        .filter(|fault| **fault != RegistryFault::OldCopy);
    for fault in faults {
        let reader = opened(subject, EnvironmentState::InTrouble(*fault))?;
        let seen = reader.read_environment(&query(subject, NAME)?).await;
        check_unread(fault, &seen)?;
    }
    Ok(())
}

async fn as_old_as_its_answer<S: EnvironmentSubject>(subject: &S) -> Checked {
    let reader = opened(subject, EnvironmentState::InTrouble(RegistryFault::OldCopy))?;
    let query = query(subject, NAME)?;
    let seen = reader.read_environment(&query).await;
    let made_at = query.now - RegistryFault::COPY_AGE;
    let is_old = seen.observed_at <= made_at + Duration::from_secs(5);
    ensure!(
        seen.protection.is_err() || is_old,
        "the copy was made at {made_at}: {seen:?}"
    );
    Ok(())
}

async fn looks_each_time<S: EnvironmentSubject>(subject: &S) -> Checked {
    let reader = opened(subject, guarded())?;
    let query = query(subject, NAME)?;
    let first = reader.read_environment(&query).await;
    ensure!(first.protection?.is_guarded(), "it was guarded at first");
    let removed = EnvironmentProtection::new(Vec::new(), false, true);
    for state in [EnvironmentState::Shown(removed), EnvironmentState::NotShown] {
        subject.set(&reader, number(700)?, &NAME.parse()?, state.clone());
        let seen = reader.read_environment(&query).await;
        let is_guarded = seen.protection.as_ref().is_ok_and(|it| it.is_guarded());
        ensure!(!is_guarded, "{state:?}: {seen:?}");
    }
    Ok(())
}

async fn other_issuers<S: EnvironmentSubject>(subject: &S) -> Checked {
    let reader = opened(subject, guarded())?;
    let mut query = query(subject, NAME)?;
    query.issuer.url = "https://issuer.example/other".parse()?;
    let seen = reader.read_environment(&query).await;
    let reason = seen.protection.as_ref().err().map(|why| why.reason);
    ensure!(reason == Some(UnavailableReason::NotOffered), "{seen:?}");
    let checked = reader.read_checked(&query).await;
    ensure!(checked.issuer == query.issuer.url, "{checked:?}");
    Ok(())
}

async fn spends_the_budget<S: EnvironmentSubject>(subject: &S) -> Checked {
    let reader = opened(subject, guarded())?;
    let query = query(subject, NAME)?;
    let nothing = query.within(Budget::new(0, Duration::from_secs(60)));
    let seen = reader.read_environment(&nothing).await;
    check_unread("with a budget of no request", &seen)
}
