//! What the server is to answer.

use std::fmt::Write;
use std::time::{Duration, UNIX_EPOCH};

use auths_core::Timestamp;
use serde::Serialize;

use super::fault::{Fault, gzip};
use super::received::Received;

/// An answer, or a failure to give one. It carries a `Date` unless told otherwise.
#[derive(Debug, Clone)]
pub struct Reply {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
    pub(super) fault: Option<Fault>,
    pub(super) delay: Duration,
    date: Date,
}

#[derive(Debug, Clone, Copy)]
enum Date {
    OfServer,
    At(Timestamp),
    Without,
}

impl Reply {
    /// A status alone.
    #[must_use]
    pub fn status(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Vec::new(),
            fault: None,
            delay: Duration::ZERO,
            date: Date::OfServer,
        }
    }

    /// A value as JSON. For JSON that is text already, use [`Reply::bytes`].
    #[must_use]
    pub fn json(status: u16, body: impl Serialize) -> Self {
        // What cannot be written as JSON is an empty body, which no test takes for an answer.
        let bytes = serde_json::to_vec(&body).unwrap_or_default();
        Self::bytes(status, "application/json", bytes)
    }

    /// A body of any type.
    #[must_use]
    pub fn bytes(status: u16, media_type: &str, body: impl Into<Vec<u8>>) -> Self {
        let mut reply = Self::status(status).header("content-type", media_type);
        reply.body = body.into();
        reply
    }

    /// A body that does not say what it is.
    #[must_use]
    pub fn untyped(status: u16, body: impl Into<Vec<u8>>) -> Self {
        let mut reply = Self::status(status);
        reply.body = body.into();
        reply
    }

    /// A redirect.
    #[must_use]
    pub fn redirect(status: u16, location: &str) -> Self {
        Self::status(status).header("location", location)
    }

    /// A failure, in the middle of a small JSON body where it needs one.
    #[must_use]
    pub fn fault(fault: Fault) -> Self {
        let body = serde_json::json!({ "what": "the body of an answer that fails" });
        Self::json(200, body).with_fault(fault)
    }

    /// The same answer, failing in this way.
    #[must_use]
    pub fn with_fault(mut self, fault: Fault) -> Self {
        self.fault = Some(fault);
        self
    }

    /// Adds a header; a `date` replaces the server's own.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        if name.eq_ignore_ascii_case("date") {
            self.date = Date::Without;
        }
        self.headers
            .push((name.to_ascii_lowercase(), value.to_owned()));
        self
    }

    /// Takes every header of that name off, as a proxy may.
    #[must_use]
    pub fn without_header(mut self, name: &str) -> Self {
        self.headers
            .retain(|(kept, _)| !kept.eq_ignore_ascii_case(name));
        self
    }

    /// Adds an `ETag` (given with its quotes). A request that names it in `If-None-Match` is answered with a 304.
    #[must_use]
    pub fn etag(self, tag: &str) -> Self {
        self.header("etag", tag)
    }

    /// Compresses the body.
    #[must_use]
    pub fn gzip(mut self) -> Self {
        self.body = gzip(&self.body);
        self.header("content-encoding", "gzip")
    }

    /// Waits before answering, without holding up other requests.
    #[must_use]
    pub fn delay(mut self, time: Duration) -> Self {
        self.delay = time;
        self
    }

    /// Dates the answer.
    #[must_use]
    pub fn date(mut self, date: Timestamp) -> Self {
        self.date = Date::At(date);
        self
    }

    /// The answer as a cache hands it on that long after the server made it: with an `Age`. Its `Date` is that of the handing on,
    /// as many caches write it, unless it was set.
    #[must_use]
    pub fn from_cache(self, age: Duration) -> Self {
        let age = age.as_secs().to_string();
        self.header("age", &age)
    }

    /// Leaves out the `Date`.
    #[must_use]
    pub fn without_date(mut self) -> Self {
        self.date = Date::Without;
        self
    }

    /// A 304 in place of this, if the request has it already.
    pub(super) fn unless_known(mut self, request: &Received) -> Self {
        let tag = self.headers.iter().find(|(name, _)| name == "etag");
        let known = request.header("if-none-match");
        let is_known = self.status == 200
            && self.fault.is_none()
            && tag.is_some_and(|(_, tag)| known == Some(tag.as_str()));
        if is_known {
            self.status = 304;
            self.body.clear();
            self.headers.retain(|(name, _)| {
                matches!(name.as_str(), "etag" | "date" | "age" | "connection")
            });
        }
        self
    }

    /// The status line and the headers, each with its line end, without those of the body's length.
    pub(super) fn head(&self, now: Timestamp) -> String {
        let mut head = format!("HTTP/1.1 {} Status\r\n", self.status);
        let date = match self.date {
            Date::OfServer => Some(now),
            Date::At(date) => Some(date),
            Date::Without => None,
        };
        if let Some(date) = date {
            let since = Duration::from_secs(date.as_unix().unsigned_abs());
            let date = httpdate::fmt_http_date(UNIX_EPOCH + since);
            let _ = write!(head, "date: {date}\r\n");
        }
        for (name, value) in &self.headers {
            let _ = write!(head, "{name}: {value}\r\n");
        }
        head
    }
}
