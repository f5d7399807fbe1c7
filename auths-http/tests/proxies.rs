//! Proxies: honoured for the world, never for loopback. Each test runs itself again in a process with the variables set.

mod common;

use auths_core::UnavailableReason;
use auths_http::Request;
use auths_testkit::server::{Reply, Server};
use common::{config, pair};
use secrecy::SecretString;

#[test]
fn inner_loopback() {
    if std::env::var_os("AUTHS_HTTP_INNER").is_some() {
        let pair = pair(config(), |_| Reply::status(204));
        assert_eq!(pair.send(pair.get()).unwrap().status(), 204);
        assert_eq!(pair.server.request_count(), 1);
    }
}

#[test]
fn inner_public() {
    if std::env::var_os("AUTHS_HTTP_INNER").is_some() {
        let pair = pair(config(), |_| Reply::status(204));
        let origin = "https://registry.example".parse().unwrap();
        let request = Request::get(&origin, &["x"])
            .unwrap()
            .bearer(&SecretString::from("hunter2"));
        let error = pair.send(request).unwrap_err();
        assert_eq!(error.reason, UnavailableReason::Network);
        assert!(!format!("{error:?}").contains("swordfish"), "{error:?}");
    }
}

/// Runs `test` with this proxy for everything, and says what the proxy saw.
fn through_proxy(test: &str) -> Vec<auths_testkit::server::Received> {
    let proxy = Server::start(|_| Reply::status(403));
    let url = proxy.origin().to_string().replace("//", "//me:swordfish@");
    let variables = [
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "ALL_PROXY",
        "http_proxy",
        "https_proxy",
        "all_proxy",
    ];
    let variables = variables.map(|name| (name, url.as_str()));
    let status = common::inner(test, &variables);
    assert!(status.success());
    proxy.requests()
}

#[test]
fn loopback_is_never_asked_through_a_proxy() {
    assert!(through_proxy("inner_loopback").is_empty());
}

#[test]
fn the_world_is_asked_through_the_proxy_which_sees_no_token() {
    let seen = through_proxy("inner_public");
    assert_eq!(seen.len(), 1);
    assert_eq!(
        (seen[0].method.as_str(), seen[0].path.as_str()),
        ("CONNECT", "registry.example:443")
    );
    assert!(!format!("{:?}", seen[0]).contains("hunter2"));
}
