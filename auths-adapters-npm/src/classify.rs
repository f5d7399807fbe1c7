//! Maps an answer of the server to an outcome, by its status, its type and, for a 404, its body.

use std::collections::BTreeMap;

use auths_core::{Namespace, Unavailable, UnavailableReason};
use auths_http::{AnswerClass, Object, ResponseHead, expect_type, foreign_404};
use serde::de::IgnoredAny;

/// The media type of a full packument.
pub(crate) const JSON: &str = "application/json";

/// The media type of npm's abbreviated packument, which has no maintainers and no times.
const ABBREVIATED: &str = "application/vnd.npm.install-v1+json";

/// The messages of a registry for a package that it does not have: those of npm, and of Verdaccio, a common private registry.
const OWN: &[&str] = &["Not found", "no such package available"];

/// Maps an answer to its outcome. This is the only function that does so. `own_404` looks for the registry's own marks in a 404:
/// see [`is_own_404`].
///
/// # Errors
/// [`Unavailable`] for everything that is neither JSON nor the registry's own 404. The error never says "no".
pub(crate) fn classify(
    head: &ResponseHead,
    own_404: impl FnOnce() -> Result<(), Unavailable>,
) -> Result<AnswerClass, Unavailable> {
    if head.status() == 200 && expect_type(head.header("content-type"), ABBREVIATED).is_ok() {
        return Err(abbreviated());
    }
    head.classify(JSON, own_404)
}

/// Returns whether the body of a 404 is the registry's own, whole answer about `namespace`: `{"error": "Not found"}`, or the form
/// for an unpublished package, with its name. A page of a proxy, a portal or an error handler, or JSON in other words, says
/// nothing about the package. "Not found" for a scoped name says nothing either, because npm gives the same answer for private
/// packages (N5 in `docs/platform-facts.md`).
///
/// # Errors
/// [`UnavailableReason::EvidenceMismatch`] when the body is about another name. [`UnavailableReason::NameHidden`] when the name
/// may be that of a private package. [`UnavailableReason::UnexpectedStatus`] for any other body.
pub(crate) fn is_own_404(
    head: &ResponseHead,
    body: &[u8],
    namespace: &Namespace,
) -> Result<(), Unavailable> {
    let unknown = head.own_404(body, |no: &UnknownBody| OWN.contains(&&*no.error));
    if unknown.is_ok() {
        return match namespace.name().as_str().starts_with('@') {
            true => Err(hidden(namespace)),
            false => Ok(()),
        };
    }
    let no = head.own_404(body, |_: &UnpublishedBody| true)?;
    let names = [&no.name, &no.id];
    for name in names.into_iter().flatten() {
        namespace.confirm(name)?;
    }
    let is_named = names.iter().any(|name| name.is_some());
    let is_unpublished = no
        .time
        .as_ref()
        .is_some_and(|time| time.unpublished.is_some());
    let is_own = no.error.is_none() && is_named && is_unpublished && no.lists_nothing();
    is_own.then_some(()).ok_or_else(foreign_404)
}

fn hidden(namespace: &Namespace) -> Unavailable {
    let name = namespace.name();
    let detail = format!(
        "the registry answers that it has no {name}, and answers the same where {name} is there and private"
    );
    Unavailable::new(UnavailableReason::NameHidden, detail)
}

fn abbreviated() -> Unavailable {
    Unavailable::missing_field("maintainers and no times: it is npm's abbreviated packument")
}

/// A registry's whole body for a package that it does not have. Gateways put a status, a path or a time beside the error.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct UnknownBody {
    error: String,
}

/// npm's body for a package that was unpublished.
#[derive(serde::Deserialize)]
struct UnpublishedBody {
    #[serde(rename = "_id")]
    id: Option<String>,
    name: Option<String>,
    error: Option<IgnoredAny>,
    time: Option<Object<TimesBody>>,
    #[serde(default)]
    versions: Option<BTreeMap<String, IgnoredAny>>,
}

impl UnpublishedBody {
    /// Returns whether no version is listed, as for a package that was unpublished.
    fn lists_nothing(&self) -> bool {
        self.versions.as_ref().is_none_or(BTreeMap::is_empty)
    }
}

#[derive(serde::Deserialize)]
struct TimesBody {
    unpublished: Option<Object<IgnoredFields>>,
}

/// Fields that are not read.
#[derive(serde::Deserialize)]
struct IgnoredFields {}

#[cfg(test)]
mod tests {
    use auths_http::Response;

    use super::*;

    fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> Response {
        let url = "https://registry.example/a".parse().unwrap();
        let now = "2026-11-21T08:46:00Z".parse().unwrap();
        Response::from_parts(url, status, headers, body, now)
    }

    fn meaning(answer: &Response, namespace: &str) -> Result<AnswerClass, Unavailable> {
        let namespace = namespace.parse().unwrap();
        classify(answer.head(), || {
            is_own_404(answer.head(), answer.body(), &namespace)
        })
    }

    fn why(status: u16, content_type: Option<&str>) -> Result<AnswerClass, UnavailableReason> {
        let content_type = content_type.map(|text| ("content-type", text));
        let headers: Vec<_> = content_type.into_iter().collect();
        let answer = answer(status, &headers, "{\"error\":\"Not found\"}");
        meaning(&answer, "npm:a").map_err(|u| u.reason)
    }

    #[test]
    fn each_answer_has_its_outcome() {
        let json = Some("application/json; charset=utf-8");
        for (status, content_type, outcome) in [
            (200, json, Ok(AnswerClass::Body)),
            (200, Some("Application/JSON"), Ok(AnswerClass::Body)),
            (200, Some(ABBREVIATED), Err(UnavailableReason::MissingField)),
            (200, Some("text/html"), Err(UnavailableReason::Unreadable)),
            (200, None, Err(UnavailableReason::Unreadable)),
            (201, json, Err(UnavailableReason::UnexpectedStatus)),
            (301, None, Err(UnavailableReason::Redirected)),
            (304, None, Err(UnavailableReason::Unreadable)),
            (401, json, Err(UnavailableReason::Forbidden)),
            (402, json, Err(UnavailableReason::UnexpectedStatus)),
            (403, json, Err(UnavailableReason::Forbidden)),
            (404, json, Ok(AnswerClass::NotFound)),
            (
                404,
                Some("text/html"),
                Err(UnavailableReason::UnexpectedStatus),
            ),
            (404, None, Err(UnavailableReason::UnexpectedStatus)),
            (405, json, Err(UnavailableReason::UnexpectedStatus)),
            (410, json, Err(UnavailableReason::UnexpectedStatus)),
            (429, Some("text/html"), Err(UnavailableReason::RateLimited)),
            (500, json, Err(UnavailableReason::ServerError)),
            (503, None, Err(UnavailableReason::ServerError)),
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

    fn is_own(body: &str) -> Result<(), UnavailableReason> {
        is_own_of("npm:a", body)
    }

    fn is_own_of(namespace: &str, body: &str) -> Result<(), UnavailableReason> {
        let answer = answer(404, &[("content-type", JSON)], body);
        let own = is_own_404(answer.head(), answer.body(), &namespace.parse().unwrap());
        own.map_err(|error| error.reason)
    }

    #[test]
    fn a_404_about_another_name_says_nothing_of_this_one() {
        for other in [
            "{\"name\":\"other\",\"time\":{\"unpublished\":{}}}",
            "{\"_id\":\"other\",\"time\":{\"unpublished\":{}}}",
            "{\"_id\":\"a\",\"name\":\"other\",\"time\":{\"unpublished\":{}}}",
            "{\"name\":\"A\",\"time\":{\"unpublished\":{}}}",
            "{\"name\":\"other\",\"error\":\"Not found\"}",
        ] {
            assert_eq!(
                is_own(other),
                Err(UnavailableReason::EvidenceMismatch),
                "{other}"
            );
        }
        // Whose package was unpublished must be said.
        let nobodys = "{\"time\":{\"unpublished\":{}}}";
        assert_eq!(is_own(nobodys), Err(UnavailableReason::UnexpectedStatus));
    }

    #[test]
    fn a_404_is_the_registrys_in_its_own_words() {
        let unpublished = "{\"_id\":\"a\",\"time\":{\"unpublished\":{}}}";
        for own in [
            "{\"error\":\"Not found\"}",
            "{\"error\":\"no such package available\"}",
            unpublished,
        ] {
            assert_eq!(is_own(own), Ok(()), "{own}");
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
            "{\"error\":\"Not Found\"}",
            "{\"message\":\"Not Found\"}",
            "{\"status\":404,\"error\":\"Not Found\",\"path\":\"/a\"}",
            "{\"time\":{}}",
            "{\"name\":\"a\",\"time\":{\"unpublished\":false}}",
            "{\"name\":\"a\",\"time\":{\"unpublished\":\"\"}}",
            "{\"name\":\"a\",\"time\":{\"unpublished\":[]}}",
            "{\"name\":\"a\",\"time\":{\"unpublished\":0}}",
            "{\"name\":\"a\",\"time\":{\"unpublished\":{}},\"versions\":{\"1.0.0\":{}}}",
        ] {
            assert_eq!(
                is_own(foreign),
                Err(UnavailableReason::UnexpectedStatus),
                "{foreign}"
            );
        }
    }

    #[test]
    fn a_404_for_a_scoped_name_says_nothing_because_a_private_package_looks_the_same() {
        let of = |body: &str| is_own_of("npm:@acme/x", body);
        assert_eq!(
            of("{\"error\":\"Not found\"}"),
            Err(UnavailableReason::NameHidden)
        );
        assert_eq!(
            of("{\"error\":\"no such package available\"}"),
            Err(UnavailableReason::NameHidden)
        );
        // That it was unpublished is the registry's word about this name.
        let unpublished = "{\"name\":\"@acme/x\",\"time\":{\"unpublished\":{}}}";
        assert_eq!(of(unpublished), Ok(()));
        assert_eq!(
            of("{\"error\":\"no route\"}"),
            Err(UnavailableReason::UnexpectedStatus)
        );
    }

    #[test]
    fn the_servers_wait_is_kept() {
        for status in [404, 429, 503] {
            let answer = answer(status, &[("retry-after", "7")], "");
            let error = meaning(&answer, "npm:a").unwrap_err();
            assert_eq!(error.retry_after.map(|wait| wait.as_secs()), Some(7));
            assert!(error.is_retryable());
        }
    }
}
