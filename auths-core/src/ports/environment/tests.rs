use std::sync::Arc;

use futures_util::FutureExt;

use super::*;
use crate::ci::{CiProvider, EnvironmentReviewer};

/// An adapter that answers with what it was given, whatever the query is.
#[derive(Debug)]
struct Parrot {
    issuer: CiIssuer,
    answer: EnvironmentEvidence,
}

#[async_trait]
impl EnvironmentReader for Parrot {
    fn issuer(&self) -> &CiIssuer {
        &self.issuer
    }

    async fn read_environment(&self, _query: &EnvironmentQuery) -> EnvironmentEvidence {
        self.answer.clone()
    }
}

fn github() -> CiIssuer {
    CiIssuer::public(CiProvider::GitHubActions).unwrap()
}

fn query() -> EnvironmentQuery {
    let now = "2026-11-21T08:46:00Z".parse().unwrap();
    let (id, name) = ("700".parse().unwrap(), "Prod".parse().unwrap());
    EnvironmentQuery::new(github(), id, name, now)
}

fn guarded() -> EnvironmentProtection {
    let reviewer = EnvironmentReviewer::User("7".parse().unwrap());
    EnvironmentProtection::new(vec![reviewer], true, false)
}

fn evidence() -> EnvironmentEvidence {
    query().answer(query().now, Ok(guarded()))
}

fn read(answer: EnvironmentEvidence, query: &EnvironmentQuery) -> EnvironmentEvidence {
    let issuer = github();
    let reader: Arc<dyn EnvironmentReader> = Arc::new(Parrot { issuer, answer });
    let through_arc = reader.read_checked(query).now_or_never().unwrap();
    let by_reference = (*reader).read_checked(query).now_or_never().unwrap();
    assert_eq!(through_arc, by_reference);
    by_reference
}

fn why(seen: &EnvironmentEvidence) -> UnavailableReason {
    seen.protection.as_ref().unwrap_err().reason
}

#[test]
fn an_answer_to_the_query_stays_as_it_is() {
    assert_eq!(read(evidence(), &query()), evidence());
    let mut folded = evidence();
    folded.environment = "pROD".parse().unwrap();
    assert_eq!(read(folded.clone(), &query()), folded);
    let unread = query().answer(query().now, Err(Unavailable::missing_field("name")));
    assert_eq!(read(unread.clone(), &query()), unread);
}

#[test]
fn an_answer_about_something_else_guards_nothing_of_what_was_asked() {
    let changes: [fn(&mut EnvironmentEvidence); 3] = [
        |seen| seen.repository_id = "701".parse().unwrap(),
        |seen| seen.environment = "prod2".parse().unwrap(),
        |seen| seen.issuer = "https://ghes.example/_services/token".parse().unwrap(),
    ];
    for change in changes {
        let mut other = evidence();
        change(&mut other);
        let seen = read(other, &query());
        assert_eq!(why(&seen), UnavailableReason::EvidenceMismatch);
        assert!(query().is_answered_by(&seen), "{seen:?}");
    }
}

#[test]
fn a_query_for_another_issuer_never_reaches_the_adapter() {
    for other in [
        CiIssuer::new(
            CiProvider::GitHubActions,
            "https://ghes.example/_services/token".parse().unwrap(),
        ),
        CiIssuer::new(CiProvider::GitLabCi, github().url),
    ] {
        let mut query = query();
        query.issuer = other;
        let seen = read(evidence(), &query);
        assert_eq!(why(&seen), UnavailableReason::NotOffered);
        assert_eq!(seen.issuer, query.issuer.url);
    }
}

#[test]
fn evidence_is_never_younger_than_the_query() {
    let hour = std::time::Duration::from_secs(3600);
    let mut ahead = evidence();
    ahead.observed_at = query().now + hour;
    assert_eq!(read(ahead, &query()).observed_at, query().now);
    let mut old = evidence();
    old.observed_at = query().now - hour;
    assert_eq!(read(old, &query()).observed_at, query().now - hour);
}
