//! Names from outside: one normal form, one spelling on the wire, and no name moves an address to another host or depth.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may fail by panicking"
)]

use std::cell::RefCell;
use std::collections::BTreeMap;

use auths_core::{Ecosystem, Namespace, Origin, OriginError, PackageName};
use auths_http::Request;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestError, TestRunner};

/// What a name may hold to look like something else: escapes, steps, divisions of an address, other scripts.
const PARTS: [&str; 30] = [
    "a", "B", "7", "six", "-", "_", ".", "..", "...", "/", "//", "\\", "%", "%2F", "%2f", "%2e%2e",
    "%00", "?", "#", "@", ":", "&", ";", " ", "~", "\u{e9}", "\u{ff0f}", "\u{2024}", "\u{202e}",
    "\u{0}",
];

fn nasty() -> impl Strategy<Value = String> {
    let parts = prop::sample::select(PARTS.to_vec());
    prop::collection::vec(parts, 1..6).prop_map(|parts| parts.concat())
}

/// Nasty ones, and those that some ecosystem allows: with runs of separators, capitals, scopes and odd characters.
fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        2 => nasty(),
        2 => "[A-Za-z][A-Za-z0-9]{0,4}([._-]{1,3}[A-Za-z0-9]{1,4}){0,3}",
        1 => "@[A-Za-z0-9~_-]{1,5}/[A-Za-z0-9._~!*'()-]{1,8}",
        1 => "[A-Za-z0-9._~!*'()-]{1,8}",
    ]
}

fn ecosystems() -> [Ecosystem; 5] {
    let other = Ecosystem::new("golang").unwrap();
    [
        Ecosystem::PYPI,
        Ecosystem::CARGO,
        Ecosystem::NPM,
        Ecosystem::GITHUB,
        other,
    ]
}

fn origins() -> [Origin; 3] {
    let all = [
        "https://registry.example",
        "https://registry.example/base/v1",
        "http://127.0.0.1:8080/base",
    ];
    all.map(|origin| origin.parse().unwrap())
}

#[track_caller]
fn for_all<S: Strategy>(strategy: &S, test: impl Fn(S::Value) -> Result<(), TestCaseError>) {
    let config = Config {
        failure_persistence: None,
        ..Config::with_cases(2_000)
    };
    match TestRunner::new(config).run(strategy, test) {
        Ok(()) => {}
        Err(TestError::Fail(why, input)) => panic!("{why}\n{input:?}"),
        Err(TestError::Abort(why)) => panic!("{why}"),
    }
}

#[test]
fn a_name_has_one_normal_form_and_one_spelling() {
    let read = RefCell::new(BTreeMap::<Ecosystem, u32>::new());
    for_all(&(name(), prop::option::of(0usize..3)), |(text, at)| {
        for ecosystem in ecosystems() {
            let Ok(name) = PackageName::parse(&ecosystem, &text) else {
                continue;
            };
            *read.borrow_mut().entry(ecosystem.clone()).or_default() += 1;
            let again = PackageName::parse(&ecosystem, name.as_str());
            prop_assert_eq!(again.as_ref(), Ok(&name), "normalised twice");
            let repository = at.map(|i| origins()[i].clone());
            let namespace = Namespace::new(ecosystem.clone(), name).at(repository);
            let purl = namespace.to_string();
            let read = purl.parse::<Namespace>().ok();
            prop_assert_eq!(read.as_ref(), Some(&namespace), "{}", purl);
            let signed = Namespace::try_from(purl.clone()).ok();
            prop_assert_eq!(signed.as_ref(), Some(&namespace), "{}", purl);
            let written = serde_json::to_string(&namespace).unwrap();
            prop_assert_eq!(
                &serde_json::from_str::<Namespace>(&written).unwrap(),
                &namespace
            );
            if at.is_none() {
                let short = namespace.short().parse::<Namespace>();
                prop_assert_eq!(short.as_ref(), Ok(&namespace));
                // Whatever spelling it came in, it is the same namespace.
                let short = format!("{ecosystem}:{text}").parse::<Namespace>();
                prop_assert_eq!(short.as_ref(), Ok(&namespace));
            }
        }
        Ok(())
    });
    for ecosystem in ecosystems() {
        let times = read.borrow().get(&ecosystem).copied().unwrap_or_default();
        assert!(times > 100, "only {times} names of {ecosystem} were read");
    }
}

/// Host, port and depth of an address are the origin's and the caller's, whatever stands in the names.
fn stays_in_place(
    origin: &Origin,
    segments: &[&str],
    request: &Request,
) -> Result<(), TestCaseError> {
    let url = request.url();
    prop_assert!(origin.contains(url), "{}", url);
    prop_assert_eq!((url.query(), url.fragment()), (None, None), "{}", url);
    let base = origin.to_string();
    let below = url
        .as_str()
        .strip_prefix(&base)
        .and_then(|rest| rest.strip_prefix('/'));
    prop_assert!(below.is_some(), "{} is not below {}", url, base);
    let below: Vec<_> = below.unwrap().split('/').collect();
    prop_assert_eq!(below.len(), segments.len(), "{}", url);
    // And every segment says what was put there.
    for (found, put) in below.into_iter().zip(segments) {
        let decoded = percent_encoding::percent_decode_str(found)
            .decode_utf8()
            .unwrap();
        prop_assert_eq!(decoded.as_ref(), *put, "{}", url);
    }
    Ok(())
}

#[test]
fn no_name_of_any_ecosystem_moves_an_address() {
    for_all(&(name(), 0usize..3), |(text, at)| {
        let origin = &origins()[at];
        for ecosystem in ecosystems() {
            if let Ok(name) = PackageName::parse(&ecosystem, &text) {
                // A name is one segment, or as many as it has parts; neither may escape.
                let segments = ["x", name.as_str(), "json"];
                let request = Request::get(origin, &segments);
                stays_in_place(origin, &segments, &request.unwrap())?;
                let parts: Vec<&str> = ["x"].into_iter().chain(name.as_str().split('/')).collect();
                let request = Request::get(origin, &parts);
                stays_in_place(origin, &parts, &request.unwrap())?;
            }
        }
        Ok(())
    });
}

#[test]
fn no_text_at_all_moves_an_address() {
    let refused = RefCell::new(0);
    let text = prop_oneof![2 => nasty(), 1 => "\\PC{0,20}", 1 => Just("..".to_owned()), 1 => Just(".".to_owned())];
    for_all(&(text.clone(), text, 0usize..3), |(one, two, at)| {
        let origin = &origins()[at];
        let segments = ["x", &one, &two, "json"];
        match Request::get(origin, &segments) {
            Ok(request) => stays_in_place(origin, &segments, &request)?,
            Err(OriginError::Segment { segment }) => {
                prop_assert!(matches!(segment.as_str(), "" | "." | ".."), "{}", segment);
                *refused.borrow_mut() += 1;
            }
            Err(other) => prop_assert!(false, "{other}"),
        }
        Ok(())
    });
    assert!(refused.take() > 50);
}
