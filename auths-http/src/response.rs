//! The answer of a server.

use std::collections::BTreeMap;
use std::fmt;
use std::time::{Duration, UNIX_EPOCH};

use auths_core::Timestamp;
use bytes::Bytes;
use http::header::{AGE, DATE, RETRY_AFTER};
use http::{HeaderMap, HeaderName, HeaderValue};
use url::Url;

use crate::host_limiter::LEFT_ALONE;
use crate::request::place;
use crate::secrets::RequestSecrets;

/// The longest wait that a server can ask for.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(24 * 3600);

/// The age of an answer whose `Age` cannot be read: older than any age limit.
pub(crate) const UNREADABLE_AGE: Duration = Duration::MAX;

/// The status and the headers of an answer.
#[derive(Clone)]
pub struct ResponseHead {
    status: u16,
    url: Url,
    fields: BTreeMap<String, HeaderField>,
    retry_after: Option<Duration>,
    server_date: Option<Timestamp>,
    came_at: Timestamp,
    made_at: Timestamp,
}

/// The value of one header name in a head.
#[derive(Clone)]
struct HeaderField {
    /// The lines of the header, as one list.
    text: String,
    /// True for one line of plain ASCII. Only such a value counts for a header that allows no list.
    is_plain: bool,
}

/// A whole answer: its head, and a body that was read to its end within the limits.
#[derive(Clone)]
pub struct Response {
    head: ResponseHead,
    body: Bytes,
}

impl ResponseHead {
    /// Creates the head of an answer to a request with these secrets.
    pub(crate) fn new(
        status: u16,
        url: Url,
        headers: &HeaderMap,
        secrets: &RequestSecrets,
        now: Timestamp,
    ) -> Self {
        let fields = headers.keys().map(|name| {
            let lines: Vec<&HeaderValue> = headers.get_all(name).iter().collect();
            let mut field = HeaderField::of(&lines);
            field.text = secrets.strip_text(field.text);
            (name.as_str().to_owned(), field)
        });
        let mut head = Self {
            status,
            url,
            fields: fields.collect(),
            retry_after: None,
            server_date: None,
            came_at: now,
            made_at: now,
        };
        head.retry_after = asked_to_wait(status, head.plain(RETRY_AFTER), now);
        head.server_date = head.plain(DATE).and_then(http_date);
        let by_age = now - head.age().unwrap_or_default();
        head.made_at = by_age.min(head.server_date.unwrap_or(now));
        head
    }

    /// Sets the head of an answer that a redirect made at `earlier` led to. The earlier time then counts as the answer's own.
    pub(crate) fn led_to_by(mut self, earlier: Timestamp) -> Self {
        self.made_at = self.made_at.min(earlier);
        self
    }

    /// Returns the status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status
    }

    /// Returns the value of the header with that name: its lines as one list, with `, ` between them (RFC 9110 section 5.3).
    /// Returns `None` only when there is no such line.
    ///
    /// # Security
    /// An unreadable header is not treated as absent: every byte that is not plain ASCII becomes U+FFFD, which no grammar allows.
    ///
    /// `Content-Encoding` and `Content-Length` of a compressed body are removed, because the body is decompressed.
    ///
    /// ```
    /// use auths_http::Response;
    ///
    /// # let url = "https://registry.example/x".parse::<url::Url>()?;
    /// # let now = "2026-11-21T08:46:00Z".parse()?;
    /// let response = Response::from_parts(url, 200, &[("link", "<a>"), ("link", "<b>")], "", now);
    /// assert_eq!(response.header("Link"), Some("<a>, <b>"));
    /// assert_eq!(response.header("etag"), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let field = self.fields.get(&name.to_ascii_lowercase())?;
        Some(&field.text)
    }

    /// Returns the one line of that name, in plain ASCII. For headers that are no list.
    pub(crate) fn plain(&self, name: HeaderName) -> Option<&str> {
        let field = self.fields.get(name.as_str())?;
        field.is_plain.then_some(field.text.as_str())
    }

    /// Returns the address that answered. It differs from the requested one only after a followed redirect.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Returns how long the server asks to wait: seconds or a date, at most a day. `None` when it says nothing readable.
    ///
    /// A 429 that names no time, or zero, asks for a minute. GitHub's page on its limits says so, and npm's registry goes on
    /// throttling clients that come back at once.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }

    /// Returns the time of the answer by the server's clock, when the answer has one.
    #[must_use]
    pub fn server_date(&self) -> Option<Timestamp> {
        self.server_date
    }

    /// Returns how long the answer lay in caches, when they say so; the longest time where they say several. An unreadable time
    /// counts as the longest possible one.
    #[must_use]
    pub fn age(&self) -> Option<Duration> {
        self.header(AGE.as_str()).map(|text| {
            let ages = text.split(',').map(|age| whole_seconds(age.trim()));
            let readable: Option<Vec<Duration>> = ages.collect();
            readable
                .into_iter()
                .flatten()
                .max()
                .unwrap_or(UNREADABLE_AGE)
        })
    }

    /// Returns when the server made the answer, as far as the answer says: by its `Date` or its `Age`, whichever is longer ago,
    /// and never later than when it came. An answer with neither was made when it came. A "not modified" answer has its own time,
    /// not that of the kept answer. Where redirects led to the answer, the oldest of them counts.
    ///
    /// Evidence is as old as the answer that it came in: a copy from a cache shows the state at the time when the server made it.
    /// Source: RFC 9111 section 4.2.3.
    ///
    /// ```
    /// use auths_http::Response;
    /// # use std::time::Duration;
    ///
    /// # let url = "https://registry.example/x".parse::<url::Url>()?;
    /// let now = "2026-11-21T08:46:00Z".parse()?;
    /// let made = |headers: &[(&str, &str)]| {
    ///     Response::from_parts(url.clone(), 200, headers, "", now).head().made_at()
    /// };
    /// assert_eq!(made(&[]), now);
    /// assert_eq!(made(&[("age", "82800")]), now - Duration::from_secs(82_800));
    /// assert_eq!(made(&[("date", "Sat, 21 Nov 2026 08:45:00 GMT")]), now - Duration::from_secs(60));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn made_at(&self) -> Timestamp {
        self.made_at
    }

    /// Returns how old the answer was when it came, by [`made_at`](ResponseHead::made_at).
    #[must_use]
    pub fn how_old(&self) -> Duration {
        self.came_at.since(self.made_at)
    }
}

impl HeaderField {
    fn of(lines: &[&HeaderValue]) -> Self {
        let texts = lines.iter().map(|line| match line.to_str() {
            Ok(text) => text.to_owned(),
            Err(_) => line.as_bytes().iter().copied().map(shown).collect(),
        });
        // Empty elements of a list say nothing (section 5.6.1).
        let texts: Vec<String> = texts.filter(|text| !text.trim().is_empty()).collect();
        Self {
            text: texts.join(", "),
            is_plain: matches!(lines, [line] if line.to_str().is_ok()),
        }
    }
}

/// Returns a byte of a header as a character, or U+FFFD for a byte that no header should have.
fn shown(byte: u8) -> char {
    match byte {
        b'\t' | b' '..=b'~' => char::from(byte),
        _ => char::REPLACEMENT_CHARACTER,
    }
}

impl Response {
    pub(crate) fn new(head: ResponseHead, body: Bytes) -> Self {
        Self { head, body }
    }

    /// Creates a response that no server gave, for table tests of code that reads responses. A response proves nothing by itself,
    /// so this forges nothing. Headers that no response can have are left out.
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
        let head = ResponseHead::new(status, url, &map, &RequestSecrets::default(), now);
        Self::new(head, Bytes::from(body.into()))
    }

    /// Returns the status and headers alone.
    #[must_use]
    pub fn head(&self) -> &ResponseHead {
        &self.head
    }

    /// Returns the status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.head.status
    }

    /// Returns the value of a header. See [`ResponseHead::header`].
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.header(name)
    }

    /// Returns the body, decompressed.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// Returns the address that answered. See [`ResponseHead::url`].
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.head.url
    }

    /// Returns how long the server asks to wait. See [`ResponseHead::retry_after`].
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.head.retry_after
    }

    /// Returns the time of the answer by the server's clock. See [`ResponseHead::server_date`].
    #[must_use]
    pub fn server_date(&self) -> Option<Timestamp> {
        self.head.server_date
    }

    /// Returns how old the answer was when it came. See [`ResponseHead::how_old`].
    #[must_use]
    pub fn how_old(&self) -> Duration {
        self.head.how_old()
    }
}

impl fmt::Debug for ResponseHead {
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

/// Returns the wait that an answer of this status asks for.
fn asked_to_wait(status: u16, named: Option<&str>, now: Timestamp) -> Option<Duration> {
    let named = named.and_then(|text| parse_retry_after(text, now));
    match status {
        429 => Some(named.filter(|w| !w.is_zero()).unwrap_or(LEFT_ALONE)),
        _ => named,
    }
}

/// Reads a `Retry-After`: seconds, or a date, from which `now` is subtracted.
fn parse_retry_after(text: &str, now: Timestamp) -> Option<Duration> {
    if let Some(wait) = seconds(text) {
        return Some(wait);
    }
    Some(http_date(text)?.since(now).min(MAX_RETRY_AFTER))
}

/// Reads whole seconds. More than a day counts as a day.
fn seconds(text: &str) -> Option<Duration> {
    Some(whole_seconds(text.trim())?.min(MAX_RETRY_AFTER))
}

/// Reads whole seconds. A number too large for the type counts as its largest value.
fn whole_seconds(text: &str) -> Option<Duration> {
    let is_number = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    is_number.then(|| Duration::from_secs(text.parse().unwrap_or(u64::MAX)))
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
            assert_eq!(
                parse_retry_after(text, now()).map(|t| t.as_secs()),
                expected,
                "{text:?}"
            );
        }
    }

    #[test]
    fn an_answer_is_as_old_as_the_oldest_that_it_says() {
        let url: Url = "https://h.example/p".parse().unwrap();
        let made = |headers: &[(&str, &str)]| {
            let response = Response::from_parts(url.clone(), 200, headers, "", now());
            response.how_old().as_secs()
        };
        let date = |text| ("date", text);
        let (same, hour_ago, ahead) = (
            date("Sat, 21 Nov 2026 08:46:00 GMT"),
            date("Sat, 21 Nov 2026 07:46:00 GMT"),
            date("Sat, 21 Nov 2026 08:55:00 GMT"),
        );
        for (headers, age) in [
            (&[][..], 0),
            (&[same], 0),
            (&[ahead], 0),
            (&[hour_ago], 3_600),
            (&[("age", "0")], 0),
            (&[("age", "82800")], 82_800),
            // A cache that dates anew, and one that hands on the server's own date.
            (&[same, ("age", "82800")], 82_800),
            (&[hour_ago, ("age", "3600")], 3_600),
            (&[hour_ago, ("age", "60")], 3_600),
            (&[ahead, ("age", "60")], 60),
            // Two caches on the way, in one line or two; a year, which is more than a day.
            (&[("age", "5, 82800")], 82_800),
            (&[("age", "82800"), ("age", "5")], 82_800),
            (&[("age", "31536000")], 31_536_000),
            (&[date("yesterday"), ("age", "60")], 60),
        ] {
            assert_eq!(made(headers), age, "{headers:?}");
        }
        let epoch = now().as_unix().unsigned_abs();
        for unreadable in ["soon", "-5", "1.5", "5, soon", "99999999999999999999999999"] {
            assert_eq!(made(&[("age", unreadable)]), epoch, "{unreadable}");
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
    fn what_cannot_be_read_is_there_all_the_same_and_lines_of_one_name_are_one_list() {
        let url: Url = "https://h.example/p".parse().unwrap();
        let head = |lines: &[(&str, &str)]| {
            let response = Response::from_parts(url.clone(), 200, lines, "", now());
            response.head().clone()
        };
        for (lines, expected) in [
            (&[][..], None),
            (&[("x", "")], Some("")),
            (&[("x", "a")], Some("a")),
            (&[("x", "a"), ("y", "-"), ("X", "b")], Some("a, b")),
            (&[("x", ""), ("x", "b")], Some("b")),
            (&[("x", "\u{e9}a")], Some("\u{fffd}\u{fffd}a")),
        ] {
            assert_eq!(head(lines).header("X"), expected, "{lines:?}");
        }
        for lines in [
            &[("etag", "\"a\""), ("etag", "\"a\"")][..],
            &[("etag", "\"\u{e9}\"")],
        ] {
            assert_eq!(head(lines).plain(http::header::ETAG), None, "{lines:?}");
        }
        let twice = head(&[("retry-after", "7"), ("retry-after", "7")]);
        assert_eq!(twice.retry_after(), None);
        assert_eq!(twice.header("retry-after"), Some("7, 7"));
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
