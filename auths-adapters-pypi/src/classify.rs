//! What an answer of the server means, by its status, its headers and how its body begins.

use std::time::Duration;

use auths_core::{Unavailable, Why};
use auths_http::{Object, Response, expect_type, unavailable};

/// What the JSON API answers in.
pub(crate) const JSON: &str = "application/json";
/// What the simple index is asked to answer in (PEP 691).
pub(crate) const SIMPLE: &str = "application/vnd.pypi.simple.v1+json";

/// An answer that says something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// A JSON object in the media type that was asked for.
    Json,
    /// The API itself says that it has nothing there. What that means depends on what was asked.
    NotFound,
}

/// What the classifier looks at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Head<'a> {
    pub(crate) status: u16,
    pub(crate) content_type: Option<&'a str>,
    pub(crate) retry_after: Option<Duration>,
    /// The body, or its first bytes.
    pub(crate) body: &'a [u8],
}

impl<'a> From<&'a Response> for Head<'a> {
    fn from(response: &'a Response) -> Self {
        Self {
            status: response.status(),
            content_type: response.header("content-type"),
            retry_after: response.retry_after(),
            body: response.body(),
        }
    }
}

/// The one place where an answer becomes an outcome.
///
/// # Errors
/// [`Unavailable`] for everything that is neither JSON of the expected type nor the API's own 404: it never says "no".
pub(crate) fn classify(head: Head<'_>, media_type: &str) -> Result<Answer, Unavailable> {
    let meaning = match (head.status, unavailable(head.status)) {
        (404, _) => not_found(head, media_type),
        (_, Some(why)) => Err(why),
        (_, None) => json(head, media_type),
    };
    meaning.map_err(|why| why.retry_after(head.retry_after))
}

/// A body of the type that was asked for, which begins as an object does.
fn json(head: Head<'_>, media_type: &str) -> Result<Answer, Unavailable> {
    expect_type(head.content_type, media_type)?;
    match head.body.iter().find(|b| !b.is_ascii_whitespace()) {
        Some(b'{') => Ok(Answer::Json),
        _ => Err(Unavailable::new(
            Why::Unreadable,
            "the answer is not a JSON object",
        )),
    }
}

fn not_found(head: Head<'_>, media_type: &str) -> Result<Answer, Unavailable> {
    if is_own_404(head, media_type) {
        return Ok(Answer::NotFound);
    }
    let detail = "status 404, but not as the API says it: something else may have answered";
    Err(Unavailable::new(Why::Unreadable, detail))
}

/// Whether a 404 is the API's word. A page of a proxy, a portal or an error handler says nothing of the project.
///
/// The JSON API answers `{"message": "Not Found"}`, and JSON in other words is somebody else's; proxies that carry no body
/// leave the type out too. The simple index, which is asked only after the JSON API said no, has a page for people.
fn is_own_404(head: Head<'_>, media_type: &str) -> bool {
    match head.content_type {
        _ if media_type == SIMPLE => true,
        Some(_) => expect_type(head.content_type, JSON).is_ok() && says_not_found(head.body),
        None => head.body.is_empty(),
    }
}

/// Whether the body is the JSON API's no, whole.
fn says_not_found(body: &[u8]) -> bool {
    serde_json::from_slice::<Object<No>>(body).is_ok_and(|no| no.message == "Not Found")
}

#[derive(serde::Deserialize)]
struct No {
    message: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    type Row = (u16, Option<&'static str>, &'static str, Result<Answer, Why>);

    const TABLE: &[Row] = &[
        (200, Some("application/json"), "{}", Ok(Answer::Json)),
        (
            200,
            Some("Application/JSON; charset=utf-8"),
            " \n{",
            Ok(Answer::Json),
        ),
        (200, Some("application/json"), "", Err(Why::Unreadable)),
        (200, Some("application/json"), "[]", Err(Why::Unreadable)),
        (200, Some("application/json"), "null", Err(Why::Unreadable)),
        (
            200,
            Some("application/json"),
            "<html>",
            Err(Why::Unreadable),
        ),
        (
            200,
            Some("application/json"),
            "\u{feff}{}",
            Err(Why::Unreadable),
        ),
        (200, Some("text/html"), "{}", Err(Why::Unreadable)),
        (200, Some("application/jsonp"), "{}", Err(Why::Unreadable)),
        (200, Some(SIMPLE), "{}", Err(Why::Unreadable)),
        (200, Some(""), "{}", Err(Why::Unreadable)),
        (200, None, "{}", Err(Why::Unreadable)),
        (
            201,
            Some("application/json"),
            "{}",
            Err(Why::UnexpectedStatus),
        ),
        (204, None, "", Err(Why::UnexpectedStatus)),
        (
            206,
            Some("application/json"),
            "{}",
            Err(Why::UnexpectedStatus),
        ),
        (301, None, "", Err(Why::Redirected)),
        (302, None, "", Err(Why::Redirected)),
        (304, None, "", Err(Why::Unreadable)),
        (307, None, "", Err(Why::Redirected)),
        (308, None, "", Err(Why::Redirected)),
        (400, None, "", Err(Why::UnexpectedStatus)),
        (401, None, "", Err(Why::Forbidden)),
        (403, Some("text/html"), "", Err(Why::Forbidden)),
        (
            404,
            Some("application/json"),
            "{\"message\": \"Not Found\"}",
            Ok(Answer::NotFound),
        ),
        (404, None, "", Ok(Answer::NotFound)),
        (404, Some("text/html"), "<html>", Err(Why::Unreadable)),
        (404, Some("text/html"), "", Err(Why::Unreadable)),
        (404, Some("text/plain"), "404", Err(Why::Unreadable)),
        (404, Some(""), "", Err(Why::Unreadable)),
        (404, None, "<html>", Err(Why::Unreadable)),
        (404, None, "{}", Err(Why::Unreadable)),
        (
            404,
            Some("application/json"),
            "<html>",
            Err(Why::Unreadable),
        ),
        (
            404,
            Some("application/json"),
            "{\"mess",
            Err(Why::Unreadable),
        ),
        (404, Some("application/json"), "", Err(Why::Unreadable)),
        (404, Some("application/json"), "[]", Err(Why::Unreadable)),
        (404, Some("application/json"), "{}", Err(Why::Unreadable)),
        (
            404,
            Some("application/json"),
            "{\"error\":\"Not Found\"}",
            Err(Why::Unreadable),
        ),
        (406, None, "", Err(Why::UnexpectedStatus)),
        (410, None, "", Err(Why::UnexpectedStatus)),
        (418, None, "", Err(Why::UnexpectedStatus)),
        (429, None, "", Err(Why::RateLimited)),
        (451, None, "", Err(Why::UnexpectedStatus)),
        (500, None, "", Err(Why::ServerError)),
        (501, None, "", Err(Why::ServerError)),
        (502, None, "", Err(Why::ServerError)),
        (503, Some("application/json"), "{}", Err(Why::ServerError)),
        (504, None, "", Err(Why::ServerError)),
        (599, None, "", Err(Why::ServerError)),
        (600, None, "", Err(Why::UnexpectedStatus)),
        (
            999,
            Some("application/json"),
            "{}",
            Err(Why::UnexpectedStatus),
        ),
    ];

    fn head(row: &Row) -> Head<'static> {
        Head {
            status: row.0,
            content_type: row.1,
            retry_after: None,
            body: row.2.as_bytes(),
        }
    }

    #[test]
    fn each_answer_has_its_outcome() {
        for row in TABLE {
            let seen = classify(head(row), JSON).map_err(|u| u.why);
            assert_eq!(seen, row.3, "{row:?}");
        }
    }

    #[test]
    fn only_200_and_404_say_anything() {
        for status in 0..1000 {
            let body = "{\"message\":\"Not Found\"}";
            let row = (status, Some(JSON), body, Ok(Answer::Json));
            assert_eq!(
                classify(head(&row), JSON).is_ok(),
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
            let row = (404, content_type, body, Ok(Answer::NotFound));
            assert_eq!(classify(head(&row), SIMPLE).unwrap(), Answer::NotFound);
        }
    }

    #[test]
    fn the_servers_wait_is_kept() {
        let wait = Some(Duration::from_secs(7));
        for status in [429, 503] {
            let head = Head {
                status,
                content_type: None,
                retry_after: wait,
                body: b"",
            };
            let error = classify(head, JSON).unwrap_err();
            assert_eq!(error.retry_after, wait);
            assert!(error.is_retryable());
        }
    }
}
