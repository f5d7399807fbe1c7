//! Maps the statuses that mean the same for every service. Each adapter's classifier builds on it.

use auths_core::{Unavailable, UnavailableReason, shorten};
use serde::de::DeserializeOwned;

use crate::json::{Object, read_json};
use crate::response::{Response, ResponseHead};

/// The meaning of an answer, by its status, its media type and, for a 404, the service's own marks in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnswerClass {
    /// A 200 of the media type that was asked for. Its body is still to be read.
    Body,
    /// The service's own answer that it has nothing there. The meaning depends on the request.
    NotFound,
}

/// Returns why an answer of this status shows nothing; `None` for 200, which the adapter reads.
///
/// No status alone is a "no". A service that says no by a 404 does so in its own form: its adapter looks for that form first,
/// with [`Response::refusal`] or [`ResponseHead::refusal`]. Any other 404 may come from a gateway, a portal or a proxy.
///
/// | status | outcome |
/// |---|---|
/// | 200 | `None` |
/// | 304, to an unconditional request | [`UnavailableReason::Unreadable`] |
/// | other 3xx: the transport follows those that may be followed | [`UnavailableReason::Redirected`] |
/// | 401, 403 | [`UnavailableReason::Forbidden`] |
/// | 404 | [`foreign_404`] |
/// | 429 | [`UnavailableReason::RateLimited`] |
/// | 5xx | [`UnavailableReason::ServerError`] |
/// | anything else | [`UnavailableReason::UnexpectedStatus`] |
///
/// ```
/// # use auths_core::UnavailableReason;
/// let why = |status| auths_http::unavailable(status).map(|u| u.reason);
/// assert_eq!(why(200), None);
/// assert_eq!(why(404), Some(UnavailableReason::UnexpectedStatus));
/// assert_eq!(why(503), Some(UnavailableReason::ServerError));
/// ```
#[must_use]
pub fn unavailable(status: u16) -> Option<Unavailable> {
    let why = match status {
        200 => return None,
        304 => {
            let detail = "\"not modified\" to a question without condition";
            return Some(Unavailable::new(UnavailableReason::Unreadable, detail));
        }
        300..=399 => UnavailableReason::Redirected,
        401 | 403 => UnavailableReason::Forbidden,
        404 => return Some(foreign_404()),
        429 => UnavailableReason::RateLimited,
        500..=599 => UnavailableReason::ServerError,
        _ => UnavailableReason::UnexpectedStatus,
    };
    Some(Unavailable::new(why, format!("status {status}")))
}

/// Returns the meaning of a 404 that is not in the service's own form: [`UnavailableReason::UnexpectedStatus`], for every
/// service.
///
/// # Security
/// A gateway, a portal or a proxy in front of the service may have sent this answer. Its 404 says nothing about the thing asked
/// for.
///
/// ```
/// # use auths_core::UnavailableReason;
/// assert_eq!(auths_http::foreign_404().reason, UnavailableReason::UnexpectedStatus);
/// assert_eq!(auths_http::unavailable(404), Some(auths_http::foreign_404()));
/// ```
#[must_use]
pub fn foreign_404() -> Unavailable {
    let detail = "status 404, but not as the service says it: something else may have answered";
    Unavailable::new(UnavailableReason::UnexpectedStatus, detail)
}

/// Checks that a body has the media type that was asked for. Parameters of the media type are ignored.
///
/// # Errors
/// [`UnavailableReason::Unreadable`] when the media type is missing or another one. Most often such an answer is the page of a
/// proxy or a portal.
pub fn expect_type(content_type: Option<&str>, media_type: &str) -> Result<(), Unavailable> {
    let detail = match content_type {
        Some(found) if mime_essence(found).eq_ignore_ascii_case(media_type) => return Ok(()),
        Some(found) => {
            let found = shorten(mime_essence(found), 80);
            format!("the answer is {found}, not {media_type}")
        }
        None => "the answer does not say what it is".to_owned(),
    };
    Err(Unavailable::new(UnavailableReason::Unreadable, detail))
}

/// Returns the media type without its parameters.
fn mime_essence(content_type: &str) -> &str {
    content_type.split(';').next().unwrap_or_default().trim()
}

impl ResponseHead {
    /// Maps an answer to its meaning, by the table of [`unavailable`]. `own_404` looks for the service's own marks in a 404, whose
    /// body may come as a stream. See [`Response::classify`].
    ///
    /// # Errors
    /// The errors of [`unavailable`], [`expect_type`] and `own_404`, with the wait that the server asks for.
    pub fn classify(
        &self,
        media_type: &str,
        own_404: impl FnOnce() -> Result<(), Unavailable>,
    ) -> Result<AnswerClass, Unavailable> {
        let meaning = match (self.status(), unavailable(self.status())) {
            (404, _) => own_404().map(|()| AnswerClass::NotFound),
            (_, Some(why)) => Err(why),
            (_, None) => {
                expect_type(self.header("content-type"), media_type).map(|()| AnswerClass::Body)
            }
        };
        meaning.map_err(|why| why.retry_after(self.retry_after()))
    }

    /// Reads the one answer by which a service says no, from a body that came as a stream. See [`Response::refusal`].
    #[must_use]
    pub fn refusal<T: DeserializeOwned>(&self, status: u16, body: &[u8]) -> Option<T> {
        expect_type(self.header("content-type"), "application/json").ok()?;
        let is_asked = self.status() == status;
        let Object(no) = read_json(body).ok().filter(|_| is_asked)?;
        Some(no)
    }

    /// Checks that a 404 does not ask to wait: such a sender has not answered yet.
    fn may_be_own_404(&self) -> Result<(), Unavailable> {
        if self.header("retry-after").is_none() {
            return Ok(());
        }
        let detail =
            "status 404, and the server asks to wait, which is no word about what is there";
        let wait = self.retry_after();
        Err(Unavailable::new(UnavailableReason::RateLimited, detail).retry_after(wait))
    }

    /// Reads a 404 in the service's own form, from a body that came as a stream. See [`Response::own_404`].
    ///
    /// # Errors
    /// The errors of [`Response::own_404`].
    pub fn own_404<T: DeserializeOwned>(
        &self,
        body: &[u8],
        is_own: impl FnOnce(&T) -> bool,
    ) -> Result<T, Unavailable> {
        self.may_be_own_404()?;
        let no = self.refusal(404, body).filter(is_own);
        no.ok_or_else(foreign_404)
    }
}

impl Response {
    /// Maps an answer to its meaning: a 200 of `media_type`, a 404 in the service's own form, or the right failure for everything
    /// else. `is_own` looks for the service's own marks in the JSON object of a 404, as for [`Response::own_404`].
    ///
    /// ```
    /// # use auths_core::UnavailableReason;
    /// use auths_http::{AnswerClass, Response};
    ///
    /// #[derive(serde::Deserialize)]
    /// struct OwnNotFound {
    ///     error: String,
    ///     name: String,
    /// }
    ///
    /// # let url = "https://registry.example/packages/widget".parse::<url::Url>()?;
    /// # let now = "2026-11-21T08:46:00Z".parse()?;
    /// let meaning = |status, body| {
    ///     let json = [("content-type", "application/json")];
    ///     let response = Response::from_parts(url.clone(), status, &json, body, now);
    ///     let is_own = |no: &OwnNotFound| no.error == "no-such-package" && no.name == "widget";
    ///     response.classify("application/json", is_own)
    /// };
    /// assert_eq!(meaning(200, r#"{"name":"widget"}"#)?, AnswerClass::Body);
    /// assert_eq!(meaning(404, r#"{"error":"no-such-package","name":"widget"}"#)?, AnswerClass::NotFound);
    /// let why = |status, body| meaning(status, body).unwrap_err().reason;
    /// assert_eq!(why(404, r#"{"message":"Not Found"}"#), UnavailableReason::UnexpectedStatus);
    /// assert_eq!(why(503, ""), UnavailableReason::ServerError);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// The errors of [`unavailable`], [`expect_type`] and [`Response::own_404`], with the wait that the server asks for.
    pub fn classify<T: DeserializeOwned>(
        &self,
        media_type: &str,
        is_own: impl FnOnce(&T) -> bool,
    ) -> Result<AnswerClass, Unavailable> {
        self.head()
            .classify(media_type, || self.own_404(is_own).map(drop))
    }

    /// Returns the body of a 200 whose media type is `media_type`. For services that say nothing by other statuses.
    ///
    /// # Errors
    /// The errors of [`unavailable`] and [`expect_type`], with the wait that the server asks for.
    pub fn body_of(&self, media_type: &str) -> Result<&[u8], Unavailable> {
        let wait = self.retry_after();
        if let Some(why) = unavailable(self.status()) {
            return Err(why.retry_after(wait));
        }
        expect_type(self.header("content-type"), media_type)?;
        Ok(self.body())
    }

    /// Reads the JSON object in the body of a 200, with [`Response::body_of`] and [`read_json`].
    ///
    /// ```
    /// # use auths_core::UnavailableReason;
    /// use auths_http::Response;
    ///
    /// #[derive(Debug, PartialEq, serde::Deserialize)]
    /// struct Package {
    ///     name: String,
    /// }
    ///
    /// # let url = "https://registry.example/packages/widget".parse::<url::Url>()?;
    /// # let now = "2026-11-21T08:46:00Z".parse()?;
    /// let answer = |status, body| {
    ///     let json = [("content-type", "application/json")];
    ///     Response::from_parts(url.clone(), status, &json, body, now).object::<Package>()
    /// };
    /// assert_eq!(answer(200, r#"{"name":"widget"}"#)?.name, "widget");
    /// assert_eq!(answer(200, r#"["widget"]"#).unwrap_err().reason, UnavailableReason::Unreadable);
    /// assert_eq!(answer(503, r#"{"name":"widget"}"#).unwrap_err().reason, UnavailableReason::ServerError);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// The errors of [`Response::body_of`] and [`read_json`].
    pub fn object<T: DeserializeOwned>(&self) -> Result<T, Unavailable> {
        let Object(value) = read_json(self.body_of("application/json")?)?;
        Ok(value)
    }

    /// Reads the bare JSON list in the body of a 200: a list of objects, without an object around it.
    ///
    /// ```
    /// # use auths_core::UnavailableReason;
    /// use auths_http::Response;
    ///
    /// #[derive(Debug, PartialEq, serde::Deserialize)]
    /// struct Owner {
    ///     id: u64,
    /// }
    ///
    /// # let url = "https://registry.example/packages/widget/owners".parse::<url::Url>()?;
    /// # let now = "2026-11-21T08:46:00Z".parse()?;
    /// let answer = |status, body| {
    ///     let json = [("content-type", "application/json")];
    ///     Response::from_parts(url.clone(), status, &json, body, now).list::<Owner>()
    /// };
    /// assert_eq!(answer(200, r#"[{"id":7}]"#)?, [Owner { id: 7 }]);
    /// let why = |status, body| answer(status, body).unwrap_err().reason;
    /// assert_eq!(why(200, r#"{"owners":[{"id":7}]}"#), UnavailableReason::Unreadable);
    /// assert_eq!(why(200, "[[7]]"), UnavailableReason::Unreadable);
    /// assert_eq!(why(200, "[{}]"), UnavailableReason::MissingField);
    /// assert_eq!(why(403, "[]"), UnavailableReason::Forbidden);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// The errors of [`Response::body_of`] and [`read_json`].
    pub fn list<T: DeserializeOwned>(&self) -> Result<Vec<T>, Unavailable> {
        let items: Vec<Object<T>> = read_json(self.body_of("application/json")?)?;
        Ok(items.into_iter().map(|Object(item)| item).collect())
    }

    /// Reads the JSON object in the body of an answer whose meaning is known already, by [`Response::classify`].
    ///
    /// # Errors
    /// The errors of [`read_json`].
    pub fn json_object<T: DeserializeOwned>(&self) -> Result<T, Unavailable> {
        let Object(value) = read_json(self.body())?;
        Ok(value)
    }

    /// Reads the one answer by which a service says no: a JSON object under this status. Returns `None` for every other answer,
    /// such as the pages of proxies and portals. The caller checks the content of the object.
    ///
    /// ```
    /// use auths_http::Response;
    ///
    /// #[derive(serde::Deserialize)]
    /// struct OwnNotFound {
    ///     error: String,
    /// }
    ///
    /// # let url = "https://registry.example/packages/widget".parse::<url::Url>()?;
    /// # let now = "2026-11-21T08:46:00Z".parse()?;
    /// let is_no = |media_type, body| {
    ///     let headers = [("content-type", media_type)];
    ///     let response = Response::from_parts(url.clone(), 404, &headers, body, now);
    ///     response.refusal::<OwnNotFound>(404).is_some_and(|no| no.error == "no-such-package")
    /// };
    /// assert!(is_no("application/json", r#"{"error":"no-such-package"}"#));
    /// assert!(!is_no("application/json", r#"{"message":"Not Found"}"#));
    /// assert!(!is_no("text/html", r#"{"error":"no-such-package"}"#));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn refusal<T: DeserializeOwned>(&self, status: u16) -> Option<T> {
        self.head().refusal(status, self.body())
    }

    /// Reads a 404 in the service's own form: a JSON object with the service's own marks, which `is_own` looks for.
    ///
    /// # Security
    /// A gateway, a portal or a proxy may have sent this answer. JSON with a `message` or an `error` is a common form, so
    /// `is_own` must look for a mark that no other sender puts into a 404.
    ///
    /// ```
    /// # use auths_core::UnavailableReason;
    /// use auths_http::Response;
    ///
    /// #[derive(serde::Deserialize)]
    /// struct OwnNotFound {
    ///     error: String,
    ///     name: String,
    /// }
    ///
    /// # let url = "https://registry.example/packages/widget".parse::<url::Url>()?;
    /// # let now = "2026-11-21T08:46:00Z".parse()?;
    /// let own = |body| {
    ///     let json = [("content-type", "application/json")];
    ///     let response = Response::from_parts(url.clone(), 404, &json, body, now);
    ///     response.own_404(|no: &OwnNotFound| no.error == "no-such-package" && no.name == "widget").map(drop)
    /// };
    /// assert!(own(r#"{"error":"no-such-package","name":"widget"}"#).is_ok());
    /// assert_eq!(own(r#"{"message":"Not Found"}"#).unwrap_err().reason, UnavailableReason::UnexpectedStatus);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`foreign_404`] for a 404 without those marks. [`UnavailableReason::RateLimited`] for a 404 with a `Retry-After`, readable
    /// or not: such a sender has not answered yet.
    pub fn own_404<T: DeserializeOwned>(
        &self,
        is_own: impl FnOnce(&T) -> bool,
    ) -> Result<T, Unavailable> {
        self.head().own_404(self.body(), is_own)
    }
}

impl Response {
    /// Checks for a 404 in the service's own form, where that is plain text: exactly `text`, but for white space around it.
    ///
    /// # Security
    /// Plain text is a weak mark. Pass the whole sentence of the service, in its exact spelling: a proxy's 404 says `Not Found`, or
    /// has a page around it.
    ///
    /// ```
    /// # use auths_core::UnavailableReason;
    /// use auths_http::{AnswerClass, Response};
    ///
    /// # let url = "https://registry.example/packages/widget".parse::<url::Url>()?;
    /// # let now = "2026-11-21T08:46:00Z".parse()?;
    /// let meaning = |media_type, body| {
    ///     let headers = [("content-type", media_type)];
    ///     let response = Response::from_parts(url.clone(), 404, &headers, body, now);
    ///     let own = || response.own_404_text("This package could not be found.");
    ///     response.head().classify("application/json", own)
    /// };
    /// assert_eq!(meaning("text/plain", "This package could not be found.")?, AnswerClass::NotFound);
    /// let why = |media_type, body| meaning(media_type, body).unwrap_err().reason;
    /// assert_eq!(why("text/plain", "Not Found"), UnavailableReason::UnexpectedStatus);
    /// assert_eq!(why("text/html", "This package could not be found."), UnavailableReason::UnexpectedStatus);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// The errors of [`Response::own_404`].
    pub fn own_404_text(&self, text: &str) -> Result<(), Unavailable> {
        self.head().may_be_own_404()?;
        let is_text = expect_type(self.header("content-type"), "text/plain").is_ok();
        let is_own = self.status() == 404 && is_text;
        match is_own && self.body().trim_ascii() == text.as_bytes() {
            true => Ok(()),
            false => Err(foreign_404()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    struct OwnNotFound {
        error: String,
    }

    #[test]
    fn a_404_counts_in_the_services_own_form_only() {
        const JSON: (&str, &str) = ("content-type", "application/json");
        const OWN: &str = r#"{"error":"no-such-package"}"#;
        let url: url::Url = "https://h.example/p".parse().unwrap();
        let now = "2026-11-21T08:46:00Z".parse().unwrap();
        let own = |status, headers: &[(&str, &str)], body: &str| {
            let response = Response::from_parts(url.clone(), status, headers, body, now);
            let is_no = response.refusal::<OwnNotFound>(404).is_some();
            let own = response.own_404(|no: &OwnNotFound| no.error == "no-such-package");
            assert!(is_no || own.is_err(), "{status} {headers:?} {body}");
            own.map(drop).map_err(|why| why.reason)
        };
        assert_eq!(own(404, &[JSON], OWN), Ok(()));
        for (headers, body) in [
            (&[][..], OWN),
            (&[], ""),
            (&[("content-type", "text/html")], OWN),
            (&[JSON], ""),
            (&[JSON], "[]"),
            (&[JSON], r#"{"error":"no route"}"#),
            (&[JSON], r#"{"message":"Not Found"}"#),
        ] {
            let foreign = Err(UnavailableReason::UnexpectedStatus);
            assert_eq!(own(404, headers, body), foreign, "{headers:?} {body}");
        }
        for wait in ["7", "soon", ""] {
            let waits = own(404, &[JSON, ("retry-after", wait)], OWN);
            assert_eq!(waits, Err(UnavailableReason::RateLimited), "{wait}");
        }
        for status in (0..1000).filter(|status| *status != 404) {
            assert!(own(status, &[JSON], OWN).is_err(), "{status}");
        }
    }

    #[test]
    fn only_200_says_anything() {
        for status in (0..1000).filter(|status| *status != 200) {
            assert!(unavailable(status).is_some(), "{status}");
        }
        assert_eq!(unavailable(200), None);
    }

    #[test]
    fn each_status_has_its_outcome() {
        for (statuses, why) in [
            (
                &[301, 302, 307, 308, 399][..],
                UnavailableReason::Redirected,
            ),
            (&[304], UnavailableReason::Unreadable),
            (&[401, 403], UnavailableReason::Forbidden),
            (&[429], UnavailableReason::RateLimited),
            (&[500, 502, 503, 504, 599], UnavailableReason::ServerError),
            (
                &[0, 201, 204, 206, 400, 404, 406, 410, 418, 451, 600, 999],
                UnavailableReason::UnexpectedStatus,
            ),
        ] {
            for status in statuses {
                assert_eq!(unavailable(*status).unwrap().reason, why, "{status}");
            }
        }
    }

    #[test]
    fn a_body_is_what_was_asked_for() {
        let why = |found| expect_type(found, "application/json").map_err(|u| u.reason);
        for good in [
            "application/json",
            "Application/JSON; charset=utf-8",
            " application/json ;q=1",
        ] {
            assert_eq!(why(Some(good)), Ok(()), "{good}");
        }
        for bad in [
            "",
            "text/html",
            "application/jsonp",
            "text/html; application/json",
        ] {
            assert_eq!(why(Some(bad)), Err(UnavailableReason::Unreadable), "{bad}");
        }
        assert_eq!(why(None), Err(UnavailableReason::Unreadable));
    }
}
