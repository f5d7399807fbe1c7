//! What is asked: the requests, the token, and what never reaches a server.

use auths_adapters_github::{GitHubConfig, GitHubConfigError, GitHubEnvironments};
use auths_core::UnavailableReason::*;
use auths_core::ci::{CiIssuer, CiProvider, EnvironmentProtection};
use auths_core::ports::{Budget, EnvironmentReader, EnvironmentReaderExt};
use auths_core::{Invalid, Reason, SecretString};
use auths_testkit::conformance::EnvironmentState;
use auths_testkit::server::{Reply, Server};
use std::time::Duration;

use crate::common::*;

const TOKEN: &str = "gho_hunter2neverShown";

fn guarded_place() -> Place {
    let place = Place::default();
    let guarded = EnvironmentState::Shown(EnvironmentState::guarded());
    place.set("700".parse().unwrap(), &"Prod".parse().unwrap(), guarded);
    place
}

#[test]
fn two_requests_answer_a_query_and_nothing_is_kept() {
    let server = guarded_place().serve();
    let reader = reader(&server);
    for _ in 0..2 {
        let budget = Budget::new(2, Duration::from_secs(60));
        let query = query("prod").within(budget.clone());
        let seen = run(reader.read_checked(&query));
        assert!(seen.protection.unwrap().is_guarded());
        assert_eq!(budget.requests_left(), 0);
    }
    let requests = server.requests();
    let paths: Vec<_> = requests.iter().map(|r| r.path.as_str()).collect();
    let once = ["/repositories/700", "/repositories/700/environments/prod"];
    assert_eq!(paths, [once, once].concat());
    for request in &requests {
        assert_eq!(request.header("cache-control"), Some("no-cache"));
        assert_eq!(request.header("if-none-match"), None);
        assert_eq!(request.header("authorization"), None);
    }
    let one = query("Prod").within(Budget::new(1, Duration::from_secs(60)));
    let seen = run(reader.read_checked(&one));
    assert_eq!(seen.protection.unwrap_err().reason, RequestBudget);
}

#[test]
fn a_name_is_one_segment() {
    for (name, written) in [
        ("a/b", "a%2Fb"),
        ("a b", "a%20b"),
        ("50%", "50%25"),
        ("a?b#c", "a%3Fb%23c"),
        ("../../user", "..%2F..%2Fuser"),
    ] {
        let server = guarded_place().serve();
        let seen = run(reader(&server).read_checked(&query(name)));
        assert!(seen.protection.is_err(), "{name}");
        let paths: Vec<_> = server.requests().into_iter().map(|r| r.path).collect();
        let expected = format!("/repositories/700/environments/{written}");
        assert_eq!(paths.last(), Some(&expected), "{name}");
    }
    for name in [".", ".."] {
        let server = guarded_place().serve();
        let seen = run(reader(&server).read_checked(&query(name)));
        assert!(seen.protection.is_err(), "{name}");
        assert_eq!(server.requests().len(), 1, "{name}");
    }
}

#[test]
fn a_token_goes_with_both_requests_and_into_no_text() {
    let server = guarded_place().serve();
    let reader = reader(&server).reading_as(SecretString::from(TOKEN));
    let seen = run(reader.read_checked(&query("Prod")));
    assert!(seen.protection.as_ref().unwrap().is_guarded());
    let unread = run(reader.read_checked(&query("other")));
    let text = format!("{reader:?} {seen:?} {unread:?}");
    assert!(!text.contains(TOKEN), "{text}");
    let bearer = format!("Bearer {TOKEN}");
    for request in server.requests() {
        assert_eq!(request.header("authorization"), Some(&*bearer));
    }
}

#[test]
fn a_query_about_another_issuer_reaches_no_server() {
    let server = guarded_place().serve();
    let mut query = query("Prod");
    query.issuer = github();
    let seen = run(reader(&server).read_environment(&query));
    assert_eq!(seen.protection.unwrap_err().reason, NotOffered);
    assert!(server.requests().is_empty());
}

#[test]
fn a_redirect_is_not_followed() {
    let good = environment(700, "Prod", &EnvironmentState::guarded());
    let server = Server::start(move |request| match request.path.as_str() {
        REPOSITORY => Reply::json(200, repository(700)),
        ENVIRONMENT => Reply::redirect(301, "/repositories/700/environments/Prod2"),
        _ => Reply::json(200, good.clone()),
    });
    let config = GitHubConfig::at(server.origin());
    let transport = auths_http::Transport::system().unwrap();
    let reader = GitHubEnvironments::new(local_issuer(), config, transport).unwrap();
    let mut query = query("Prod");
    query.now = auths_core::ports::Clock::now(&auths_http::SystemClock);
    let seen = run(reader.read_checked(&query));
    assert_eq!(seen.protection.unwrap_err().reason, Redirected);
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn reviewers_that_are_removed_for_a_minute_are_missed_at_once() {
    let place = guarded_place();
    let server = place.serve();
    let reader = reader(&server);
    let guarded = || {
        let seen = run(reader.read_checked(&query("Prod")));
        seen.protection.is_ok_and(|it| it.is_guarded())
    };
    assert!(guarded());
    let open = EnvironmentProtection::new(Vec::new(), false, false);
    let (id, name) = ("700".parse().unwrap(), "Prod".parse().unwrap());
    place.set(id, &name, EnvironmentState::Shown(open));
    assert!(!guarded());
}

#[test]
fn an_api_and_an_issuer_are_of_one_github() {
    let issuer = |provider, url: &str| CiIssuer::new(provider, url.parse().unwrap());
    let actions = CiProvider::GitHubActions;
    let own_server = "https://ghes.example/_services/token";
    let enterprise = "https://token.actions.githubusercontent.com/acme";
    let alike = "https://token.actions.githubusercontent.com.evil.example";
    let public = || GitHubConfig::public().unwrap();
    let own = || GitHubConfig::at("https://ghes.example/api/v3".parse().unwrap());
    for (issuer, config, is_one) in [
        (github(), public(), true),
        (issuer(actions, enterprise), public(), true),
        (issuer(actions, own_server), own(), true),
        (github(), own(), false),
        (issuer(actions, enterprise), own(), false),
        (issuer(actions, own_server), public(), false),
        (issuer(actions, alike), public(), false),
        (
            issuer(CiProvider::GitLabCi, "https://gitlab.com"),
            own(),
            false,
        ),
        (
            issuer(CiProvider::GitLabCi, &github().url.to_string()),
            public(),
            false,
        ),
    ] {
        let made = GitHubEnvironments::new(issuer.clone(), config, transport());
        assert_eq!(made.is_ok(), is_one, "{issuer}");
        if let Err(error) = made {
            assert!(matches!(error, GitHubConfigError::OtherIssuer { .. }));
            assert_eq!(error.code(), Invalid::BadConfiguration.code());
        }
    }
}
