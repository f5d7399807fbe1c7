//! The harness of faults: an adapter that does enough passes it, and those that do not are told so, row by row.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use auths_core::{Unavailable, UnavailableReason};
use auths_http::{Request, Response};
use auths_testkit::faults::{Expect, FAULTS, FaultSuite, Field, Route, Seen, TestEndpoint};
use serde::Deserialize;
use serde_json::{Value, json};

fn fail<T>(why: UnavailableReason, what: impl ToString) -> Result<T, Unavailable> {
    Err(Unavailable::new(why, what.to_string()))
}

/// What a good adapter makes of a response, before it reads the JSON.
fn body(response: &Response) -> Result<&[u8], Unavailable> {
    let status = response.status();
    let why = match status {
        200 if response.header("content-type").is_some_and(is_json) => return Ok(response.body()),
        200 | 304 => UnavailableReason::Unreadable,
        301..=399 => UnavailableReason::Redirected,
        401 | 403 => UnavailableReason::Forbidden,
        429 => UnavailableReason::RateLimited,
        500..=599 => UnavailableReason::ServerError,
        _ => UnavailableReason::UnexpectedStatus,
    };
    Err(Unavailable::new(why, format!("status {status}")).retry_after(response.retry_after()))
}

fn is_json(content_type: &str) -> bool {
    content_type.split(';').next() == Some("application/json")
}

fn read<'a, T: Deserialize<'a>>(response: &'a Response) -> Result<T, Unavailable> {
    serde_json::from_slice(body(response)?).or_else(|e| {
        let is_missing = e.to_string().starts_with("missing field");
        fail(
            if is_missing {
                UnavailableReason::MissingField
            } else {
                UnavailableReason::Unreadable
            },
            e,
        )
    })
}

#[derive(Deserialize)]
struct Package {
    name: String,
    owners: Vec<String>,
}

fn package() -> Value {
    json!({ "name": "left-pad", "owners": ["alice", "bob"], "more": { "a": 1 } })
}

/// Is alice an owner, in one answer?
async fn one(site: TestEndpoint) -> Seen {
    let request = Request::get(&site.origin(), &["package"]).unwrap();
    let transport = site.transport();
    let read = transport.fetch_cached(request, |response| {
        let package: Package = read(response)?;
        match package {
            Package { name, .. } if name != "left-pad" => {
                fail(UnavailableReason::EvidenceMismatch, name)
            }
            Package { owners, .. } if owners.is_empty() => {
                fail(UnavailableReason::Empty, "no owners")
            }
            Package { owners, .. } => Ok(owners),
        }
    });
    match read.await {
        Ok(owners) if owners.value.contains(&"alice".to_owned()) => Seen::Yes,
        Ok(_) => Seen::No("not listed".into()),
        Err(unavailable) => unavailable.into(),
    }
}

/// The same of a list that goes on over pages, at most five.
async fn many(site: TestEndpoint) -> Seen {
    let read_all = async {
        let (transport, mut seen) = (site.transport(), Vec::new());
        let mut request = Request::get(&site.origin(), &["owners"]).unwrap();
        for page in 2..7 {
            let response = transport.send(request).await?;
            let owners: Vec<String> = read(&response)?;
            if owners.is_empty() {
                return fail(UnavailableReason::Empty, "an empty page");
            }
            if owners.iter().any(|owner| seen.contains(owner)) {
                return fail(UnavailableReason::EvidenceMismatch, "an owner came twice");
            }
            seen.extend(owners);
            let Some(link) = response.header("link") else {
                return Ok(seen);
            };
            let next = format!("{}/owners?page={page}", site.origin());
            if link != format!("<{next}>; rel=\"next\"") {
                return fail(
                    UnavailableReason::Redirected,
                    "the next page lies elsewhere",
                );
            }
            let again = Request::get(&site.origin(), &["owners"]).unwrap();
            request = again.query("page", &page.to_string());
        }
        fail(UnavailableReason::RequestBudget, "too many pages")
    };
    match read_all.await {
        Ok(owners) if owners.contains(&"alice".to_owned()) => Seen::Yes,
        Ok(_) => Seen::No("not listed".into()),
        Err(unavailable) => unavailable.into(),
    }
}

/// Is there no such package? By the registry's own 404.
async fn absent(site: TestEndpoint) -> Seen {
    #[derive(Deserialize)]
    struct No {
        error: String,
        name: String,
    }
    let request = Request::get(&site.origin(), &["package"]).unwrap();
    match site.transport().send(request).await {
        Ok(response) => match response.refusal::<No>(404) {
            Some(no) if no.error == "no-such-package" && no.name == "left-pad" => {
                Seen::No(no.error)
            }
            _ => read::<Package>(&response).into(),
        },
        Err(unavailable) => unavailable.into(),
    }
}

#[test]
fn a_no_by_404_is_drilled_too() {
    async fn any_404(site: TestEndpoint) -> Seen {
        let request = Request::get(&site.origin(), &["package"]).unwrap();
        match site.transport().send(request).await {
            Ok(response) if response.status() == 404 => Seen::No("status 404".into()),
            Ok(response) => body(&response).map(drop).into(),
            Err(unavailable) => unavailable.into(),
        }
    }
    let no = json!({ "error": "no-such-package", "name": "left-pad" });
    let fields = || ["/error", "/name"].map(Field::new);
    let report = FaultSuite::new().run(&[
        Route::new("strict", "/package", no.clone(), absent)
            .says_no_by(404)
            .fields(fields())
            .identity("/name", "right-pad"),
        Route::new("hasty", "/package", no, any_404)
            .says_no_by(404)
            .fields(fields())
            .identity("/name", "right-pad"),
    ]);
    assert_eq!(report.failed("strict"), [""; 0], "{report}");
    let failed: BTreeSet<_> = report.failed("hasty").into_iter().collect();
    for row in [
        "404 web page",
        "404 without a word",
        "404 in JSON",
        "404 in JSON, a code",
        "200 with the good body",
        "half the JSON, whole",
        "/name missing",
        "/name of another",
    ] {
        assert!(failed.contains(row), "{row}: {report}");
    }
}

fn fields() -> [Field; 3] {
    // Each of the others alone is an answer too.
    let owner = Field::new("/owners/0").or_empty();
    [Field::new("/name"), Field::new("/owners"), owner]
}

#[test]
fn an_adapter_that_does_enough_passes() {
    let report = FaultSuite::new().run(&[
        Route::new("one", "/package", package(), one)
            .fields([Field::new("/name"), Field::new("/owners")])
            .identity("/name", "right-pad"),
        Route::new("many", "/owners", json!(["alice", "bob"]), many).pages(),
    ]);
    println!("{report}");
    report.assert_held(150);
    // Pages are faults only where they are read.
    assert!(report.counts[1].controls < report.counts[0].controls);
}

#[test]
fn one_that_takes_every_200_for_a_yes_is_told() {
    async fn ask(site: TestEndpoint) -> Seen {
        let request = Request::get(&site.origin(), &["package"]).unwrap();
        match site.transport().send(request).await {
            Ok(response) if response.status() == 200 => Seen::Yes,
            Ok(response) => body(&response).map(drop).into(),
            Err(unavailable) => unavailable.into(),
        }
    }
    let route = Route::new("hasty", "/package", package(), ask).fields(fields());
    let report = FaultSuite::new().run(&[route.identity("/name", "right-pad")]);
    let failed: BTreeSet<_> = report.failed("hasty").into_iter().collect();
    for row in [
        "a web page",
        "the answer as text",
        "an empty body",
        "null",
        "an empty object",
        "an error in place of the answer",
        "not UTF-8",
        "half the JSON, whole",
        "deep nesting",
        "/name missing",
        "/name null",
        "/name a number",
        "/name of another",
        "/owners an empty list",
        "/owners twice",
    ] {
        assert!(failed.contains(row), "{row}: {report}");
    }
    for row in [
        "good: as it is",
        "404 web page",
        "503",
        "cut body",
        "connection refused",
    ] {
        assert!(!failed.contains(row), "{row}: {report}");
    }
    let text = report.to_string();
    assert!(
        text.contains("- hasty, \"/name missing\", filled store: yes;"),
        "{text}"
    );
    assert!(std::panic::catch_unwind(|| report.assert_held(1)).is_err());
}

#[test]
fn one_that_takes_every_error_for_a_no_is_told() {
    async fn ask(site: TestEndpoint) -> Seen {
        match one(site).await {
            Seen::Yes => Seen::Yes,
            other => Seen::No(other.to_string()),
        }
    }
    let route = Route::new("sulky", "/package", package(), ask).fields(fields()[..2].to_vec());
    let report = FaultSuite::new().run(&[route]);
    let failed = report.failed("sulky");
    assert!(
        !failed.iter().any(|row| row.starts_with("good")),
        "{report}"
    );
    assert!(failed.len() > report.counts[0].faults - 5, "{report}");
    for row in FAULTS.iter().filter(|row| row.expect != Expect::GOOD) {
        let may_be_good = row.expect.allows(&Seen::Yes, &Seen::Yes);
        assert!(may_be_good || failed.contains(&row.name), "{}", row.name);
    }
}

#[test]
fn one_that_is_content_with_the_first_page_is_told() {
    async fn ask(site: TestEndpoint) -> Seen {
        let request = Request::get(&site.origin(), &["owners"]).unwrap();
        let response = site.transport().send(request).await;
        response.and_then(|r| read::<Vec<String>>(&r)).into()
    }
    let route = |name: &str| Route::new(name, "/owners", json!(["alice"]), ask);
    let report = FaultSuite::new().run(&[route("first page"), route("all pages").pages()]);
    let is_of_pages = |row: &&str| row.contains("page ") || row.starts_with("pages");
    let failed = |route: &str| report.failed(route).into_iter().filter(is_of_pages).count();
    assert_eq!(failed("first page"), 0, "{report}");
    assert_eq!(failed("all pages"), 19, "{report}");
}

#[test]
fn panics_hangs_and_what_lasts_are_told() {
    async fn falters(site: TestEndpoint) -> Seen {
        let request = Request::get(&site.origin(), &["package"]).unwrap();
        match site.transport().send(request).await.map(|r| r.status()) {
            Ok(418) => panic!("a teapot"),
            Ok(451) => std::future::pending().await,
            _ => one(site).await,
        }
    }
    // Keeps the first answer for ever, wherever it asks.
    static ASKED: AtomicUsize = AtomicUsize::new(0);
    async fn remembers(site: TestEndpoint) -> Seen {
        match ASKED.fetch_add(1, Ordering::SeqCst) {
            0 => one(site).await,
            _ => Seen::Yes,
        }
    }
    let report = FaultSuite::new().within(Duration::from_secs(4)).run(&[
        Route::new("falters", "/package", package(), falters),
        Route::new("remembers", "/package", package(), remembers),
    ]);
    assert_eq!(report.failed("falters"), ["418", "451"], "{report}");
    let text = report.to_string();
    assert!(text.contains("it panicked: a teapot"), "{text}");
    assert!(text.contains("it did not end within 4s"), "{text}");
    let controls = FAULTS.iter().filter(|row| row.expect == Expect::GOOD);
    // Not even the good answer was asked for.
    assert!(report.failed("remembers").len() >= FAULTS.len() - controls.count());
    assert!(
        report
            .to_string()
            .contains("the question never came to the fault")
    );
}

#[test]
fn a_declaration_that_does_not_fit_is_told_and_nothing_runs() {
    let route = |name: &str| Route::new(name, "/package", package(), one);
    let report = FaultSuite::new().run(&[
        route("no such field").fields([Field::new("/maintainers")]),
        route("no such row").expect("teapot", Expect::GOOD),
        route("the same identity").identity("/name", "left-pad"),
        route("a no after all").says_no(),
        Route::new("elsewhere", "/packages", package(), one),
        Route::new("unasked", "/package", package(), |_| async { Seen::Yes }),
    ]);
    for count in &report.counts {
        assert_eq!(count.faults, 0);
        assert_eq!(report.failed(&count.route), ["the route"], "{report}");
    }
    assert!(std::panic::catch_unwind(|| report.assert_held(0)).is_err());
    assert!(std::panic::catch_unwind(|| FaultSuite::new().run(&[]).assert_held(0)).is_err());
}

#[test]
fn the_table_is_large_and_its_names_are_unique() {
    let names: BTreeSet<_> = FAULTS.iter().map(|row| row.name).collect();
    assert_eq!(names.len(), FAULTS.len());
    let faults = FAULTS.iter().filter(|row| row.expect != Expect::GOOD);
    assert!(faults.count() >= 150);
}

#[test]
fn waits_count_within_seconds() {
    let seen = |wait: Option<u64>| {
        let limited = Unavailable::new(UnavailableReason::RateLimited, "");
        Seen::Unavailable(limited.retry_after(wait.map(Duration::from_secs)))
    };
    let expect = Expect::unavailable(&[UnavailableReason::RateLimited]);
    let allows = |expect: Expect, wait| expect.allows(&seen(wait), &Seen::Yes);
    assert!(allows(expect, None) && allows(expect, Some(7)));
    assert!(allows(expect.after(7), Some(8)) && !allows(expect.after(7), None));
    assert!(!allows(expect.after(7), Some(60)));
    assert!(allows(expect.without_wait(), None) && !allows(expect.without_wait(), Some(0)));
    let no = Seen::No("no".into());
    assert!(Expect::GOOD.allows(&no, &no) && !Expect::GOOD.allows(&Seen::Yes, &no));
    assert!(Expect::NO.allows(&no, &Seen::Yes) && !Expect::NO.allows(&Seen::Yes, &no));
}
