//! Maps an answer of crates.io to an outcome, by its status, its headers and its body.
//!
//! Sources: crates.io's data access policy, and its sources (`util/errors`, `middleware/cargo_compat`).

use auths_core::{Unavailable, UnavailableReason, shorten};
use auths_http::{AnswerClass, Field, Object, Response, expect_type};
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::wire::MAX_MESSAGE;

/// The media type of the API's answers.
pub(super) const JSON: &str = "application/json";

/// Maps an answer to its outcome. This is the only function that does so. `is_no` looks for the message by which the API says
/// that there is nothing; with other messages, its 404 says nothing about the crate.
///
/// The server can send its errors with status 200 to old versions of cargo. A body that holds `errors` is therefore a failure
/// whatever the status.
///
/// # Errors
/// [`Unavailable`] for everything that is neither a JSON object nor the API's own 404. The error never says "no".
pub(super) fn classify(
    response: &Response,
    is_no: impl FnOnce(&str) -> bool,
) -> Result<AnswerClass, Unavailable> {
    let (status, head) = (response.status(), response.head());
    let meaning = if is_throttle(response) {
        Err(throttled(response))
    } else {
        match head.classify(JSON, || not_found(response, is_no)) {
            Ok(AnswerClass::Body) => has_no_errors(response).map(|()| AnswerClass::Body),
            Err(why) if !matches!(status, 200 | 404) => Err(in_its_words(response, why)),
            meaning => meaning,
        }
    };
    meaning.map_err(|why| why.retry_after(response.retry_after()))
}

/// Returns whether an answer is a temporary refusal, whatever else it says. This check comes first, because a throttle must never
/// pass for a "no".
fn is_throttle(response: &Response) -> bool {
    let is_refusal = (400..=499).contains(&response.status());
    is_refusal && (response.status() == 429 || response.header("retry-after").is_some())
}

fn throttled(response: &Response) -> Unavailable {
    let said = errors(response).map_or_else(String::new, |said| format!(": {said}"));
    let detail = format!("status {}, not now{said}", response.status());
    Unavailable::new(UnavailableReason::RateLimited, detail)
}

/// Returns the failure with the API's own message, if it has one.
fn in_its_words(response: &Response, why: Unavailable) -> Unavailable {
    match errors(response) {
        Some(said) => Unavailable::new(why.reason, format!("status {}: {said}", response.status())),
        None => why,
    }
}

/// Checks that a success is a JSON object without an error in it.
fn has_no_errors(response: &Response) -> Result<(), Unavailable> {
    let envelope: AnyErrors = response.json_object()?;
    if envelope.errors == Field::Missing {
        return Ok(());
    }
    let said = errors(response).unwrap_or_default();
    let detail = format!("status 200 with an error in it: {said}");
    Err(Unavailable::unreadable(detail))
}

fn not_found(response: &Response, is_no: impl FnOnce(&str) -> bool) -> Result<(), Unavailable> {
    let own = response.own_404(|said: &ErrorBody| said.first().is_some())?;
    let said = own.first().unwrap_or_default();
    match is_no(&said) {
        true => Ok(()),
        false => {
            let detail = format!("status 404: {said}");
            Err(Unavailable::new(
                UnavailableReason::UnexpectedStatus,
                detail,
            ))
        }
    }
}

/// A test for the presence of errors, of any shape.
#[derive(Deserialize)]
struct AnyErrors {
    #[serde(default)]
    errors: Field<IgnoredAny>,
}

#[derive(Deserialize)]
struct ErrorBody {
    errors: Vec<Object<ErrorEntry>>,
}

#[derive(Deserialize)]
struct ErrorEntry {
    detail: String,
}

impl ErrorBody {
    /// Returns the first error's message, cut to 200 characters.
    fn first(&self) -> Option<String> {
        Some(shorten(&self.errors.first()?.detail, MAX_MESSAGE))
    }
}

/// Returns the API's own message for an error, cut to 200 characters.
fn errors(response: &Response) -> Option<String> {
    expect_type(response.header("content-type"), JSON).ok()?;
    let Object(said) = serde_json::from_slice::<Object<ErrorBody>>(response.body()).ok()?;
    said.first()
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: &str = r#"{"errors":[{"detail":"crate `x` does not exist"}]}"#;

    type Row = (
        u16,
        Option<&'static str>,
        &'static str,
        Result<AnswerClass, UnavailableReason>,
    );

    fn table() -> Vec<Row> {
        let json = Some("application/json");
        const OTHER: &str = r#"{"errors":[{"detail":"Not Found"}]}"#;
        vec![
            (200, json, r#"{"users":[]}"#, Ok(AnswerClass::Body)),
            (
                200,
                Some("application/json; charset=utf-8"),
                "{}",
                Ok(AnswerClass::Body),
            ),
            (200, json, OWN, Err(UnavailableReason::Unreadable)),
            (
                200,
                json,
                r#"{"users":[],"errors":[]}"#,
                Err(UnavailableReason::Unreadable),
            ),
            (
                200,
                json,
                r#"{"users":[],"errors":null}"#,
                Err(UnavailableReason::Unreadable),
            ),
            (200, json, "", Err(UnavailableReason::Unreadable)),
            (200, json, "[]", Err(UnavailableReason::Unreadable)),
            (200, json, "null", Err(UnavailableReason::Unreadable)),
            (
                200,
                Some("text/html"),
                "{}",
                Err(UnavailableReason::Unreadable),
            ),
            (200, None, "{}", Err(UnavailableReason::Unreadable)),
            (404, json, OWN, Ok(AnswerClass::NotFound)),
            // Of a route that the server does not have.
            (404, json, OTHER, Err(UnavailableReason::UnexpectedStatus)),
            (
                404,
                json,
                r#"{"errors":[]}"#,
                Err(UnavailableReason::UnexpectedStatus),
            ),
            (
                404,
                json,
                r#"{"message":"Not Found"}"#,
                Err(UnavailableReason::UnexpectedStatus),
            ),
            (
                404,
                Some("text/html"),
                OWN,
                Err(UnavailableReason::UnexpectedStatus),
            ),
            (404, None, "", Err(UnavailableReason::UnexpectedStatus)),
            (400, json, OWN, Err(UnavailableReason::UnexpectedStatus)),
            (403, json, OWN, Err(UnavailableReason::Forbidden)),
            (
                403,
                Some("text/html"),
                "",
                Err(UnavailableReason::Forbidden),
            ),
            (429, json, OWN, Err(UnavailableReason::RateLimited)),
            (500, json, OWN, Err(UnavailableReason::ServerError)),
            (
                503,
                Some("text/html"),
                "",
                Err(UnavailableReason::ServerError),
            ),
            (429, None, "", Err(UnavailableReason::RateLimited)),
            (301, None, "", Err(UnavailableReason::Redirected)),
        ]
    }

    fn meaning(response: &Response) -> Result<AnswerClass, Unavailable> {
        classify(response, |said| said == "crate `x` does not exist")
    }

    fn response(status: u16, media_type: Option<&str>, wait: Option<&str>, body: &str) -> Response {
        let url = "https://registry.example/api/v1/crates/x".parse().unwrap();
        let media_type = media_type.map(|m| ("content-type", m));
        let wait = wait.map(|wait| ("retry-after", wait));
        let headers: Vec<_> = media_type.into_iter().chain(wait).collect();
        let now = "2026-11-21T08:46:00Z".parse().unwrap();
        Response::from_parts(url, status, &headers, body, now)
    }

    #[test]
    fn every_answer_has_its_one_outcome() {
        for (status, media_type, body, expected) in table() {
            let seen = meaning(&response(status, media_type, None, body));
            let seen = seen.map_err(|why| why.reason);
            assert_eq!(seen, expected, "{status} {media_type:?} {body}");
        }
    }

    #[test]
    fn a_refusal_that_asks_to_wait_is_never_a_no() {
        for (status, media_type, body, expected) in table() {
            let seen = meaning(&response(status, media_type, Some("7"), body));
            let context = format!("{status} {media_type:?} {body}");
            let (true, Err(why)) = (expected != Ok(AnswerClass::Body), seen) else {
                assert_eq!(
                    (status, expected),
                    (200, Ok(AnswerClass::Body)),
                    "{context}"
                );
                continue;
            };
            assert_eq!(why.retry_after.map(|t| t.as_secs()), Some(7), "{context}");
            let is_refused = (400..500).contains(&status);
            assert_eq!(
                is_refused,
                why.reason == UnavailableReason::RateLimited,
                "{context}"
            );
        }
        for unreadable in ["", "soon", "7, 8"] {
            let why = meaning(&response(404, Some(JSON), Some(unreadable), OWN)).unwrap_err();
            assert_eq!(why.reason, UnavailableReason::RateLimited, "{unreadable}");
        }
    }

    #[test]
    fn what_the_server_says_of_an_error_is_passed_on_and_cut() {
        let long = format!(r#"{{"errors":[{{"detail":"{}"}}]}}"#, "x".repeat(500));
        for status in [200, 403, 503] {
            let why = meaning(&response(status, Some(JSON), None, &long)).unwrap_err();
            assert!(
                why.raw_detail.contains(&"x".repeat(200)),
                "{}",
                why.raw_detail
            );
            assert!(!why.raw_detail.contains(&"x".repeat(201)));
        }
    }
}
