use super::*;

fn origin() -> Origin {
    "https://registry.example/base".parse().unwrap()
}

fn get() -> Request {
    Request::get(&origin(), &["a"]).unwrap()
}

#[test]
fn debug_and_messages_show_no_value() {
    let secret = SecretString::from("hunter2");
    let request = Request::post(&origin(), &["a"])
        .unwrap()
        .query("device_code", "hunter2")
        .header("x-otp", "hunter2")
        .basic("me", &secret)
        .bearer(&secret)
        .form(&[("client_secret", "hunter2")]);
    let debug = format!("{request:?}");
    for seen in ["hunter2", "aHVudGVy", "bWU6aHVudGVyMg"] {
        assert!(!debug.contains(seen), "{debug}");
    }
    assert!(debug.contains("device_code") && debug.contains("x-otp"));
    assert_eq!(request.what(), "POST registry.example/base/a");
}

#[test]
fn what_no_request_can_carry_is_refused_unsent() {
    for request in [
        get().bearer(&SecretString::from("")),
        get().bearer(&SecretString::from("a\r\nX: y")),
        get().basic("a:b", &SecretString::from("c")),
        get().header("Authorization", "Bearer x"),
        get().header("if-none-match", "*"),
        get().header("x", "a\nb"),
        get().header("a b", "c"),
        get().form(&[("a", "b")]),
    ] {
        let refused = request.check().unwrap_err();
        assert!(!refused.is_retryable(), "{refused}");
    }
    assert!(get().header("x-api-version", "1").check().is_ok());
}

#[test]
fn covers_only_what_lies_below_the_origin() {
    let request = get();
    for (url, covered) in [
        ("https://registry.example/base", true),
        ("https://registry.example/base/x/y?z", true),
        ("https://registry.example:443/base?z", true),
        ("https://registry.example/based", false),
        ("https://registry.example/", false),
        ("https://registry.example/base/../x", false),
        ("https://registry.example/base/%2e%2e/x", false),
        ("https://registry.example:444/base/x", false),
        ("http://registry.example/base/x", false),
        ("https://registry.example.evil.example/base/x", false),
        ("https://u@registry.example/base/x", false),
    ] {
        assert_eq!(request.covers(&url.parse().unwrap()), covered, "{url}");
    }
}

#[test]
fn what_was_asked_is_told_with_its_port() {
    let at = |origin: &str| {
        let origin: Origin = origin.parse().unwrap();
        Request::get(&origin, &["p"]).unwrap().what()
    };
    assert!(at("http://127.0.0.1:4873").contains("127.0.0.1:4873/p"));
    assert!(at("https://registry.example:443").contains("registry.example/p"));
}

#[test]
fn the_fingerprint_tells_questions_apart() {
    let base = get().fingerprint();
    assert_eq!(base, get().fingerprint());
    let other: Origin = "https://registry.example".parse().unwrap();
    for request in [
        get().query("a", "b"),
        get().accept("text/html"),
        get().header("x", "y"),
        get().bearer(&SecretString::from("t")),
        get().bearer(&SecretString::from("u")),
        get().cache_as("v2"),
        Request::head(&origin(), &["a"]).unwrap(),
        Request::get(&other, &["base", "a"]).unwrap(),
    ] {
        assert_ne!(request.fingerprint(), base, "{request:?}");
    }
}
