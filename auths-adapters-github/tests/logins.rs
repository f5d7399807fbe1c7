//! Whose a login is: the answer must be about the login that was asked about, and about a person.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod common;

use auths_core::decide::Obstacle;
use auths_core::{Account, RefutedReason, UnavailableReason};
use auths_testkit::server::Reply;
use serde_json::json;

use common::Stage;

/// What is found out about the login `alice` where GitHub answers with this account.
async fn found(login: &'static str, kind: &'static str) -> Result<Option<Account>, Obstacle> {
    let stage = Stage::answering(move |_, _| {
        Reply::json(200, json!({ "login": login, "id": 9, "type": kind }))
    });
    let alice: Account = "github:alice".parse().unwrap();
    stage.github().account_of(&alice).await
}

#[tokio::test]
async fn an_answer_about_another_login_is_no_answer() {
    let same = found("Alice", "User").await.unwrap().unwrap();
    assert_eq!(same.id().unwrap().as_str(), "9");
    for other in ["mallory", "alice2", "alic"] {
        match found(other, "User").await {
            Err(Obstacle::Unavailable(why)) => {
                assert_eq!(why.reason, UnavailableReason::EvidenceMismatch)
            }
            answer => panic!("{answer:?}"),
        }
    }
}

#[tokio::test]
async fn an_organisation_does_not_pass_for_the_person_that_an_owner_is() {
    for kind in ["Organization", "Bot", "user"] {
        match found("alice", kind).await {
            Err(Obstacle::Refuted(refuted)) => {
                assert_eq!(refuted.reason, RefutedReason::NotAPerson)
            }
            answer => panic!("{answer:?}"),
        }
    }
    assert!(matches!(
        found("alice", "").await,
        Err(Obstacle::Unavailable(_))
    ));
}
