//! Maps an answer of the server to an outcome, by its status, its headers and the beginning of its body.

use auths_core::{Unavailable, UnavailableReason};
use auths_http::{AnswerClass, Response, foreign_404};

/// The media type of the JSON API's answers.
pub(crate) const JSON: &str = "application/json";
/// The media type that the simple index is asked for (PEP 691).
pub(crate) const SIMPLE: &str = "application/vnd.pypi.simple.v1+json";

/// Maps an answer to its outcome. This is the only function that does so.
///
/// # Errors
/// [`Unavailable`] for everything that is neither of the expected type nor the API's own 404. The error never says "no".
pub(crate) fn classify(response: &Response, media_type: &str) -> Result<AnswerClass, Unavailable> {
    let head = response.head();
    head.classify(media_type, || not_found(response, media_type))
}

/// Tells the API's own 404 from others. A page of a proxy, a portal or an error handler says nothing about the project.
///
/// The simple index is asked only after the JSON API said no, and it also has a page for people. Its 404 therefore changes
/// nothing.
fn not_found(response: &Response, media_type: &str) -> Result<(), Unavailable> {
    let own = response.own_404(|no: &OwnNotFound| no.message == "Not Found");
    match (media_type == SIMPLE, own) {
        (false, own) => own.map(drop),
        // The index does not speak in the JSON API's form: whoever answers every address so is neither of them.
        (true, Ok(_)) => Err(foreign_404()),
        (true, Err(why)) if why.reason == UnavailableReason::UnexpectedStatus => Ok(()),
        (true, Err(why)) => Err(why),
    }
}

/// The JSON API's own, whole 404: `{"message": "Not Found"}`. JSON with more fields, or other words, comes from another sender.
///
/// Source: PyPI's `warehouse/views.py` (P3 in `docs/platform-facts.md`).
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct OwnNotFound {
    message: String,
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    type Row = (
        u16,
        Option<&'static str>,
        &'static str,
        Result<AnswerClass, UnavailableReason>,
    );

    const TABLE: &[Row] = &[
        (200, Some("application/json"), "{}", Ok(AnswerClass::Body)),
        (
            200,
            Some("Application/JSON; charset=utf-8"),
            " \n{",
            Ok(AnswerClass::Body),
        ),
        (
            200,
            Some("text/html"),
            "{}",
            Err(UnavailableReason::Unreadable),
        ),
        (
            200,
            Some("application/jsonp"),
            "{}",
            Err(UnavailableReason::Unreadable),
        ),
        (200, Some(SIMPLE), "{}", Err(UnavailableReason::Unreadable)),
        (200, Some(""), "{}", Err(UnavailableReason::Unreadable)),
        (200, None, "{}", Err(UnavailableReason::Unreadable)),
        (
            201,
            Some("application/json"),
            "{}",
            Err(UnavailableReason::UnexpectedStatus),
        ),
        (204, None, "", Err(UnavailableReason::UnexpectedStatus)),
        (
            206,
            Some("application/json"),
            "{}",
            Err(UnavailableReason::UnexpectedStatus),
        ),
        (301, None, "", Err(UnavailableReason::Redirected)),
        (302, None, "", Err(UnavailableReason::Redirected)),
        (304, None, "", Err(UnavailableReason::Unreadable)),
        (307, None, "", Err(UnavailableReason::Redirected)),
        (308, None, "", Err(UnavailableReason::Redirected)),
        (400, None, "", Err(UnavailableReason::UnexpectedStatus)),
        (401, None, "", Err(UnavailableReason::Forbidden)),
        (
            403,
            Some("text/html"),
            "",
            Err(UnavailableReason::Forbidden),
        ),
        (
            404,
            Some("application/json"),
            "{\"message\": \"Not Found\"}",
            Ok(AnswerClass::NotFound),
        ),
        (404, None, "", Err(UnavailableReason::UnexpectedStatus)),
        (
            404,
            Some("text/html"),
            "<html>",
            Err(UnavailableReason::UnexpectedStatus),
        ),
        (
            404,
            Some("text/html"),
            "",
            Err(UnavailableReason::UnexpectedStatus),
        ),
        (
            404,
            Some("text/plain"),
            "404",
            Err(UnavailableReason::UnexpectedStatus),
        ),
        (404, Some(""), "", Err(UnavailableReason::UnexpectedStatus)),
        (
            404,
            None,
            "<html>",
            Err(UnavailableReason::UnexpectedStatus),
        ),
        (404, None, "{}", Err(UnavailableReason::UnexpectedStatus)),
        (
            404,
            Some("application/json"),
            "<html>",
            Err(UnavailableReason::UnexpectedStatus),
        ),
        (
            404,
            Some("application/json"),
            "{\"mess",
            Err(UnavailableReason::UnexpectedStatus),
        ),
        (
            404,
            Some("application/json"),
            "",
            Err(UnavailableReason::UnexpectedStatus),
        ),
        (
            404,
            Some("application/json"),
            "[]",
            Err(UnavailableReason::UnexpectedStatus),
        ),
        (
            404,
            Some("application/json"),
            "{}",
            Err(UnavailableReason::UnexpectedStatus),
        ),
        (
            404,
            Some("application/json"),
            "{\"error\":\"Not Found\"}",
            Err(UnavailableReason::UnexpectedStatus),
        ),
        // A gateway's, which says more.
        (
            404,
            Some("application/json"),
            "{\"message\":\"Not Found\",\"statusCode\":404}",
            Err(UnavailableReason::UnexpectedStatus),
        ),
        (406, None, "", Err(UnavailableReason::UnexpectedStatus)),
        (410, None, "", Err(UnavailableReason::UnexpectedStatus)),
        (418, None, "", Err(UnavailableReason::UnexpectedStatus)),
        (429, None, "", Err(UnavailableReason::RateLimited)),
        (451, None, "", Err(UnavailableReason::UnexpectedStatus)),
        (500, None, "", Err(UnavailableReason::ServerError)),
        (501, None, "", Err(UnavailableReason::ServerError)),
        (502, None, "", Err(UnavailableReason::ServerError)),
        (
            503,
            Some("application/json"),
            "{}",
            Err(UnavailableReason::ServerError),
        ),
        (504, None, "", Err(UnavailableReason::ServerError)),
        (599, None, "", Err(UnavailableReason::ServerError)),
        (600, None, "", Err(UnavailableReason::UnexpectedStatus)),
        (
            999,
            Some("application/json"),
            "{}",
            Err(UnavailableReason::UnexpectedStatus),
        ),
    ];

    fn response(row: &Row, wait: Option<&str>) -> Response {
        let (content_type, wait) = (
            row.1.map(|text| ("content-type", text)),
            wait.map(|text| ("retry-after", text)),
        );
        let headers: Vec<_> = content_type.into_iter().chain(wait).collect();
        let url = "https://registry.example/pypi/six/json".parse().unwrap();
        let now = "2026-11-21T08:46:00Z".parse().unwrap();
        Response::from_parts(url, row.0, &headers, row.2, now)
    }

    #[test]
    fn each_answer_has_its_outcome() {
        for row in TABLE {
            let seen = classify(&response(row, None), JSON).map_err(|u| u.reason);
            assert_eq!(seen, row.3, "{row:?}");
        }
    }

    #[test]
    fn only_200_and_404_say_anything() {
        for status in 0..1000 {
            let body = "{\"message\":\"Not Found\"}";
            let row = (status, Some(JSON), body, Ok(AnswerClass::Body));
            assert_eq!(
                classify(&response(&row, None), JSON).is_ok(),
                matches!(status, 200 | 404),
                "{status}"
            );
        }
    }

    #[test]
    fn the_simple_index_says_no_by_a_page() {
        for (content_type, body) in [
            (Some("text/html"), "<html>"),
            (None, ""),
            (Some(JSON), "{}"),
        ] {
            let row = (404, content_type, body, Ok(AnswerClass::NotFound));
            assert_eq!(
                classify(&response(&row, None), SIMPLE).unwrap(),
                AnswerClass::NotFound
            );
        }
    }

    #[test]
    fn the_servers_wait_is_kept() {
        let wait = Some(Duration::from_secs(7));
        for status in [429, 503] {
            let row = (status, None, "", Ok(AnswerClass::Body));
            let error = classify(&response(&row, Some("7")), JSON).unwrap_err();
            assert_eq!(error.retry_after, wait);
            assert!(error.is_retryable());
        }
    }
}
