//! What a server answered.

use std::fmt;
use std::time::{Duration, UNIX_EPOCH};

use auths_core::Timestamp;
use bytes::Bytes;
use http::header::{AGE, DATE, RETRY_AFTER};
use http::{HeaderMap, HeaderName, HeaderValue};
use url::Url;

use crate::pace::LEFT_ALONE;
use crate::request::place;

/// No server may ask for a longer wait than this.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(24 * 3600);

/// The status and the headers of an answer.
#[derive(Clone)]
pub struct Head {
    status: u16,
    url: Url,
    headers: HeaderMap,
    retry_after: Option<Duration>,
    server_date: Option<Timestamp>,
}

/// A whole answer: its head, and a body that was read to its end within the limits.
#[derive(Clone)]
pub struct Response {
    head: Head,
    body: Bytes,
}

impl Head {
    pub(crate) fn new(status: u16, url: Url, headers: HeaderMap, now: Timestamp) -> Self {
        let text = |name: HeaderName| headers.get(name).and_then(|v| v.to_str().ok());
        Self {
            status,
            url,
            retry_after: asked_to_wait(status, text(RETRY_AFTER), now),
            server_date: text(DATE).and_then(http_date),
            headers,
        }
    }

    /// The status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The first header of that name, if there is one in plain ASCII.
    ///
    /// `Content-Encoding` and `Content-Length` of a compressed body are gone: the body is not that any more.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The address that answered; another than asked only after a followed redirect.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// How long the server asks to wait: seconds or a date, at most a day. `None` when it says nothing readable.
    ///
    /// A 429 that names no time, or none at all, asks for a minute: that is what GitHub's page on its limits says, and npm's
    /// registry throttles on for clients that come back at once.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }

    /// The time of the answer by the server's clock, when it says so.
    #[must_use]
    pub fn server_date(&self) -> Option<Timestamp> {
        self.server_date
    }

    /// How long the answer lay in a cache, when the cache says so, at most a day.
    #[must_use]
    pub fn age(&self) -> Option<Duration> {
        self.header(AGE.as_str()).and_then(seconds)
    }
}

impl Response {
    pub(crate) fn new(head: Head, body: Bytes) -> Self {
        Self { head, body }
    }

    /// A response that no server gave, for table tests of code that reads responses. Nothing vouches for a response,
    /// so there is nothing to forge. Headers that no response can have are left out.
    ///
    /// ```
    /// use auths_http::Response;
    ///
    /// let now = "2026-11-21T08:46:00Z".parse()?;
    /// let url = "https://registry.example/x".parse()?;
    /// let response = Response::from_parts(url, 429, &[("retry-after", "7")], "slow down", now);
    /// assert_eq!(response.retry_after().map(|t| t.as_secs()), Some(7));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn from_parts(
        url: Url,
        status: u16,
        headers: &[(&str, &str)],
        body: impl Into<Vec<u8>>,
        now: Timestamp,
    ) -> Self {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            if let (Ok(name), Ok(value)) = (
                HeaderName::from_bytes(name.as_bytes()),
                HeaderValue::from_str(value),
            ) {
                map.append(name, value);
            }
        }
        Self::new(Head::new(status, url, map, now), Bytes::from(body.into()))
    }

    /// The status and headers alone.
    #[must_use]
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// The status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.head.status
    }

    /// See [`Head::header`].
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.header(name)
    }

    /// The body, decompressed.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// See [`Head::url`].
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.head.url
    }

    /// See [`Head::retry_after`].
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.head.retry_after
    }

    /// See [`Head::server_date`].
    #[must_use]
    pub fn server_date(&self) -> Option<Timestamp> {
        self.head.server_date
    }
}

impl fmt::Debug for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Head")
            .field("status", &self.status)
            .field("from", &place(&self.url))
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A body may hold a token.
        f.debug_struct("Response")
            .field("status", &self.head.status)
            .field("from", &place(&self.head.url))
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// The wait that an answer of this status asks for.
fn asked_to_wait(status: u16, named: Option<&str>, now: Timestamp) -> Option<Duration> {
    let named = named.and_then(|text| wait(text, now));
    match status {
        429 => Some(named.filter(|w| !w.is_zero()).unwrap_or(LEFT_ALONE)),
        _ => named,
    }
}

/// Reads a `Retry-After`: seconds, or a date from which `now` is taken.
fn wait(text: &str, now: Timestamp) -> Option<Duration> {
    if let Some(wait) = seconds(text) {
        return Some(wait);
    }
    Some(http_date(text)?.since(now).min(MAX_RETRY_AFTER))
}

/// Reads whole seconds; more than a day, or than fits a number, is a day.
fn seconds(text: &str) -> Option<Duration> {
    let text = text.trim();
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let wait = text.parse().map_or(MAX_RETRY_AFTER, Duration::from_secs);
    Some(wait.min(MAX_RETRY_AFTER))
}

/// Reads an HTTP date.
pub(crate) fn http_date(text: &str) -> Option<Timestamp> {
    let time = httpdate::parse_http_date(text.trim()).ok()?;
    let unix = time.duration_since(UNIX_EPOCH).ok()?.as_secs();
    Timestamp::from_unix(i64::try_from(unix).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2026-11-21T08:46:00Z".parse().unwrap()
    }

    #[test]
    fn retry_after_kinds() {
        for (text, expected) in [
            ("7", Some(7)),
            (" 7 ", Some(7)),
            ("0", Some(0)),
            ("86401", Some(86_400)),
            ("99999999999999999999999999", Some(86_400)),
            ("Sat, 21 Nov 2026 08:46:30 GMT", Some(30)),
            ("Sat, 21 Nov 2026 08:45:30 GMT", Some(0)),
            ("Tue, 21 Nov 2126 08:46:30 GMT", None), // the 21st is a Thursday: not a date
            ("Thu, 21 Nov 2126 08:46:30 GMT", Some(86_400)),
            ("-5", None),
            ("+5", None),
            ("1.5", None),
            ("soon", None),
            ("", None),
        ] {
            assert_eq!(wait(text, now()).map(|t| t.as_secs()), expected, "{text:?}");
        }
    }

    #[test]
    fn a_429_asks_for_a_minute_where_it_names_no_time() {
        let asked = |status, named| asked_to_wait(status, named, now()).map(|t| t.as_secs());
        for named in [
            None,
            Some("0"),
            Some("soon"),
            Some("Sat, 21 Nov 2026 08:45:30 GMT"),
        ] {
            assert_eq!(asked(429, named), Some(60), "{named:?}");
        }
        assert_eq!(asked(429, Some("7")), Some(7));
        assert_eq!((asked(503, None), asked(503, Some("0"))), (None, Some(0)));
    }

    #[test]
    fn debug_shows_no_header_query_or_body() {
        let url = "https://h.example/p?code=hunter2".parse().unwrap();
        let headers = [("set-cookie", "hunter2")];
        let response = Response::from_parts(url, 200, &headers, "hunter2", now());
        for debug in [format!("{response:?}"), format!("{:?}", response.head())] {
            assert!(!debug.contains("hunter2"), "{debug}");
            assert!(debug.contains("h.example/p"), "{debug}");
        }
    }
}
