//! Redirects: none by default, only below the origin when allowed, and never with a token.

mod common;

use auths_core::UnavailableReason;
use auths_http::Request;
use auths_testkit::server::{Reply, Server};
use common::{Pair, config, pair, pair_with};
use secrecy::SecretString;

/// A server that sends `/x` to `location` and answers everything else with its path.
fn sending_to(location: &'static str) -> Pair {
    pair(config(), move |request| match request.path.as_str() {
        "/x" => Reply::redirect(302, location),
        path => Reply::json(200, path),
    })
}

#[test]
fn a_redirect_is_an_answer_by_default() {
    for location in ["/y", "https://evil.example/", "nonsense://"] {
        let pair = sending_to(location);
        let response = pair.send(pair.get()).unwrap();
        assert_eq!(response.status(), 302);
        assert_eq!(response.header("location"), Some(location));
        assert_eq!(pair.server.request_count(), 1);
    }
}

#[test]
fn one_below_the_origin_is_followed_without_the_token() {
    for status in [301, 302, 303, 307, 308] {
        let pair = pair(config(), move |request| match request.path.as_str() {
            "/x" => Reply::redirect(status, "/y?z=1#f"),
            path => Reply::json(200, path),
        });
        let request = pair
            .get()
            .accept("application/json")
            .bearer(&SecretString::from("hunter2"))
            .redirects_within_origin(1);
        let response = pair.send(request).unwrap();
        assert_eq!(response.body(), b"\"/y\"");
        assert!(response.url().as_str().ends_with("/y?z=1"));
        let seen = pair.server.requests();
        assert_eq!(seen[0].header("authorization"), Some("Bearer hunter2"));
        assert_eq!(seen[1].header("authorization"), None);
        assert_eq!(seen[1].header("accept"), Some("application/json"));
        assert_eq!(seen[1].header("referer"), None);
    }
}

#[test]
fn one_away_from_the_origin_is_refused() {
    let other = Server::start(|_| Reply::status(200));
    let other_port: &'static str = format!("{}/y", other.origin()).leak();
    for location in [
        other_port,
        "https://evil.example/y?code=hunter2",
        "//evil.example/y",
        "http://localhost/y",
        "file:///etc/passwd",
        "data:text/plain,x",
    ] {
        let pair = sending_to(location);
        let error = pair
            .send(pair.get().redirects_within_origin(3))
            .unwrap_err();
        assert_eq!(error.reason, UnavailableReason::Redirected, "{location}");
        assert!(!error.raw_detail.contains("hunter2"), "{error}");
        assert_eq!(pair.server.request_count(), 1);
    }
    assert_eq!(other.request_count(), 0);
}

#[test]
fn one_above_the_base_path_is_refused() {
    for location in [
        "/elsewhere",
        "/base/../elsewhere",
        "/based",
        "/base/%2e%2e/x",
        "../../x",
    ] {
        let server = Server::start(move |request| match request.path.as_str() {
            "/base/x" => Reply::redirect(307, location),
            _ => Reply::status(200),
        });
        let origin = format!("{}/base", server.origin()).parse().unwrap();
        let pair = pair_with(
            server,
            config(),
            std::sync::Arc::new(auths_core::ports::MemoryStore::new()),
        );
        let request = Request::get(&origin, &["x"])
            .unwrap()
            .redirects_within_origin(3);
        assert_eq!(
            pair.why(request),
            UnavailableReason::Redirected,
            "{location}"
        );
        assert_eq!(pair.server.request_count(), 1, "{location}");
    }
}

#[test]
fn a_loop_ends() {
    let pair = pair(config(), |_| Reply::redirect(302, "/x"));
    assert_eq!(
        pair.why(pair.get().redirects_within_origin(4)),
        UnavailableReason::Redirected
    );
    assert_eq!(pair.server.request_count(), 5);
}

#[test]
fn a_redirect_to_nowhere_is_an_answer() {
    let pair = pair(config(), |_| Reply::status(302));
    let response = pair.send(pair.get().redirects_within_origin(4)).unwrap();
    assert_eq!(response.status(), 302);
}

#[test]
fn a_post_is_not_redirected() {
    for status in [302, 307, 308] {
        let pair = pair(config(), move |_| Reply::redirect(status, "/y"));
        let request = pair.post().json("x").redirects_within_origin(4);
        assert_eq!(pair.send(request).unwrap().status(), status);
        assert_eq!(pair.server.request_count(), 1);
    }
}

#[test]
fn the_message_says_where_it_was_sent_and_shows_no_secret() {
    for (location, said) in [
        (
            "http://127.0.0.1:1/y?token=hunter2#hunter2",
            "http://127.0.0.1:1/y",
        ),
        ("https://u:hunter2@evil.example/y", "https://evil.example/y"),
        ("https://evil.example:8443/y", "https://evil.example:8443/y"),
    ] {
        let pair = sending_to(location);
        let request = pair.get().redirects_within_origin(3);
        let error = pair.send(request).unwrap_err();
        assert!(error.raw_detail.contains(said), "{error}");
        assert!(!error.raw_detail.contains("hunter2"), "{error}");
    }
    let long = format!("https://evil.example/{}", "a".repeat(9_000));
    let pair = pair(config(), move |_| Reply::redirect(302, &long));
    let error = pair
        .send(pair.get().redirects_within_origin(3))
        .unwrap_err();
    assert!(error.raw_detail.len() < 500, "{error}");
}
