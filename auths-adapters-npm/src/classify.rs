//! What an answer of the server means, by its status, its type and, for a 404, its body.

use std::time::Duration;

use auths_core::{Unavailable, Why};
use auths_http::{Head as Answered, Object, expect_type, unavailable};

/// What a full packument comes as.
pub(crate) const JSON: &str = "application/json";

/// What npm's abbreviated packument comes as: it has no maintainers and no times.
const ABBREVIATED: &str = "application/vnd.npm.install-v1+json";

/// What a registry says of a package that it does not have: npm, and Verdaccio, which many run themselves.
const OWN: &[&str] = &["not found", "no such package available"];

/// An answer that says something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// JSON follows.
    Json,
    /// The registry itself may say that it knows no such package: see [`is_own_404`].
    NotFound,
}

/// What the classifier looks at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Head<'a> {
    pub(crate) status: u16,
    pub(crate) content_type: Option<&'a str>,
    pub(crate) retry_after: Option<Duration>,
}

impl<'a> From<&'a Answered> for Head<'a> {
    fn from(head: &'a Answered) -> Self {
        Self {
            status: head.status(),
            content_type: head.header("content-type"),
            retry_after: head.retry_after(),
        }
    }
}

/// The one place where an answer becomes an outcome.
///
/// # Errors
/// [`Unavailable`] for everything that is neither JSON nor a 404 in JSON: it never says "no".
pub(crate) fn classify(head: Head<'_>) -> Result<Answer, Unavailable> {
    let is_json = || expect_type(head.content_type, JSON);
    let meaning = match (head.status, unavailable(head.status)) {
        (404, Some(_)) if is_json().is_ok() => Ok(Answer::NotFound),
        (404, Some(_)) => Err(foreign_404()),
        (_, Some(why)) => Err(why),
        (_, None) if expect_type(head.content_type, ABBREVIATED).is_ok() => Err(abbreviated()),
        (_, None) => is_json().map(|()| Answer::Json),
    };
    meaning.map_err(|why| why.retry_after(head.retry_after))
}

/// Whether the body of a 404 is the registry's word, whole: `{"error": "Not found"}`, or what it says of an unpublished
/// package. A page of a proxy, a portal or an error handler, or JSON in other words, says nothing of the package.
///
/// # Errors
/// [`Why::UnexpectedStatus`] when it is anything else.
pub(crate) fn is_own_404(body: &[u8]) -> Result<(), Unavailable> {
    let is_own = |no: &No| match (&no.error, &no.time) {
        (Some(error), None) => OWN.iter().any(|own| error.eq_ignore_ascii_case(own)),
        (None, Some(time)) => time.unpublished.is_some(),
        _ => false,
    };
    match serde_json::from_slice::<Object<No>>(body) {
        Ok(Object(no)) if is_own(&no) => Ok(()),
        _ => Err(foreign_404()),
    }
}

fn foreign_404() -> Unavailable {
    let detail = "status 404, but not as the registry says it: something else may have answered";
    Unavailable::new(Why::UnexpectedStatus, detail)
}

fn abbreviated() -> Unavailable {
    let detail = "the answer is npm's abbreviated packument, which has no maintainers and no times";
    Unavailable::new(Why::MissingField, detail)
}

#[derive(serde::Deserialize)]
struct No {
    error: Option<String>,
    time: Option<Object<Times>>,
}

#[derive(serde::Deserialize)]
struct Times {
    unpublished: Option<Object<IgnoredFields>>,
}

/// Fields that nobody reads.
#[derive(serde::Deserialize)]
struct IgnoredFields {}

#[cfg(test)]
mod tests {
    use super::*;

    fn why(status: u16, content_type: Option<&str>) -> Result<Answer, Why> {
        let head = Head {
            status,
            content_type,
            retry_after: None,
        };
        classify(head).map_err(|u| u.why)
    }

    #[test]
    fn each_answer_has_its_outcome() {
        let json = Some("application/json; charset=utf-8");
        for (status, content_type, outcome) in [
            (200, json, Ok(Answer::Json)),
            (200, Some("Application/JSON"), Ok(Answer::Json)),
            (200, Some(ABBREVIATED), Err(Why::MissingField)),
            (200, Some("text/html"), Err(Why::Unreadable)),
            (200, None, Err(Why::Unreadable)),
            (201, json, Err(Why::UnexpectedStatus)),
            (301, None, Err(Why::Redirected)),
            (304, None, Err(Why::Unreadable)),
            (401, json, Err(Why::Forbidden)),
            (402, json, Err(Why::UnexpectedStatus)),
            (403, json, Err(Why::Forbidden)),
            (404, json, Ok(Answer::NotFound)),
            (404, Some("text/html"), Err(Why::UnexpectedStatus)),
            (404, None, Err(Why::UnexpectedStatus)),
            (405, json, Err(Why::UnexpectedStatus)),
            (410, json, Err(Why::UnexpectedStatus)),
            (429, Some("text/html"), Err(Why::RateLimited)),
            (500, json, Err(Why::ServerError)),
            (503, None, Err(Why::ServerError)),
        ] {
            assert_eq!(
                why(status, content_type),
                outcome,
                "{status} {content_type:?}"
            );
        }
    }

    #[test]
    fn only_200_and_404_say_anything() {
        for status in 0..1000 {
            let says = why(status, Some(JSON)).is_ok();
            assert_eq!(says, matches!(status, 200 | 404), "{status}");
        }
    }

    #[test]
    fn a_404_is_the_registrys_in_its_own_words() {
        let unpublished = "{\"_id\":\"a\",\"time\":{\"unpublished\":{}}}";
        for own in [
            "{\"error\":\"Not found\"}",
            "{\"error\":\"no such package available\"}",
            unpublished,
        ] {
            assert_eq!(is_own_404(own.as_bytes()), Ok(()), "{own}");
        }
        for foreign in [
            "",
            "<html>",
            "{}",
            "[]",
            "\"Not found\"",
            "{\"error\":",
            "{\"error\":\"Not found\"}{}",
            "{\"error\":{\"code\":404}}",
            "{\"error\":\"no route\"}",
            "{\"message\":\"Not Found\"}",
            "{\"time\":{}}",
        ] {
            let error = is_own_404(foreign.as_bytes()).unwrap_err();
            assert_eq!(error.why, Why::UnexpectedStatus, "{foreign}");
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
            };
            let error = classify(head).unwrap_err();
            assert_eq!(error.retry_after, wait);
            assert!(error.is_retryable());
        }
    }
}
