//! The answers of the loopback server.

use std::fmt::Write;
use std::time::{Duration, UNIX_EPOCH};

use auths_core::Timestamp;
use serde::Serialize;

use super::fault::{Fault, gzip};
use super::received::Received;

/// An answer, or a failure to give one. An answer carries a `Date` unless told otherwise.
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
    /// Creates an answer with a status and no body.
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

    /// Creates an answer with a value as JSON. For JSON that is text already, use [`Reply::bytes`].
    #[must_use]
    pub fn json(status: u16, body: impl Serialize) -> Self {
        // A value that cannot be written as JSON becomes an empty body, which no test takes for an answer.
        let bytes = serde_json::to_vec(&body).unwrap_or_default();
        Self::bytes(status, "application/json", bytes)
    }

    /// Creates an answer with a body of any type.
    #[must_use]
    pub fn bytes(status: u16, media_type: &str, body: impl Into<Vec<u8>>) -> Self {
        let mut reply = Self::status(status).header("content-type", media_type);
        reply.body = body.into();
        reply
    }

    /// Creates an answer with a body and no `Content-Type`.
    #[must_use]
    pub fn untyped(status: u16, body: impl Into<Vec<u8>>) -> Self {
        let mut reply = Self::status(status);
        reply.body = body.into();
        reply
    }

    /// Creates a redirect.
    #[must_use]
    pub fn redirect(status: u16, location: &str) -> Self {
        Self::status(status).header("location", location)
    }

    /// Creates a failure, in the middle of a small JSON body where it needs one.
    #[must_use]
    pub fn fault(fault: Fault) -> Self {
        let body = serde_json::json!({ "what": "the body of an answer that fails" });
        Self::json(200, body).with_fault(fault)
    }

    /// Sets a fault in this answer.
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

    /// Removes every header of that name, as a proxy may.
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

    /// Sets a wait before the answer, which does not hold up other requests.
    #[must_use]
    pub fn delay(mut self, time: Duration) -> Self {
        self.delay = time;
        self
    }

    /// Sets the `Date` of the answer.
    #[must_use]
    pub fn date(mut self, date: Timestamp) -> Self {
        self.date = Date::At(date);
        self
    }

    /// Sets the answer to one from a cache, with an `Age`: the server made it that long ago. Its `Date` is the time when the
    /// cache serves it, as many caches write it, unless it was set.
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

    /// Returns a 304 in place of this answer, if the request names its validator.
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

    /// Returns the status line and the headers, each with its line end, without those of the body's length.
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
