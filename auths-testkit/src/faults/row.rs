//! A row of the table: the fault, and its allowed outcomes.

use auths_core::Timestamp;
use serde_json::Value;

use super::proxy::ConnectionFault;
use super::seen::Expect;
use crate::server::{Fault, Received, Reply};

/// One way in which a server, or the connection to it, fails.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// The name, unique in the table.
    pub name: &'static str,
    /// The allowed outcomes.
    pub expect: Expect,
    /// The allowed outcomes on a route that reads further pages; `None` where they do not differ.
    pub(super) paged: Option<Expect>,
    /// The allowed outcomes when an earlier good answer is in the store; `None` where they do not differ.
    pub(super) warm: Option<Expect>,
    pub(super) make: Make,
}

/// The way to produce a fault.
#[derive(Debug, Clone, Copy)]
pub(super) enum Make {
    /// A server that gives this answer.
    Reply(fn(&Good<'_>) -> Reply),
    /// New connections that end in this way.
    ConnectionFault(ConnectionFault),
}

/// The path prefix of redirect targets. They lead back to the route that they came from.
pub(super) const DETOUR: &str = "/auths-fault/";

/// The good answer that a fault is made from.
pub(super) struct Good<'a> {
    pub(super) value: &'a Value,
    /// True where the good answer is plain text and not JSON.
    pub(super) is_text: bool,
    pub(super) status: u16,
    pub(super) media_type: &'a str,
    pub(super) headers: &'a [(String, String)],
    pub(super) request: &'a Received,
    pub(super) origin: &'a str,
    pub(super) now: Timestamp,
    /// The number of requests to the route in this run, including this one.
    pub(super) asked: usize,
}

impl Good<'_> {
    /// Returns the good answer itself, without its tag.
    pub(super) fn reply(&self) -> Reply {
        self.text(self.written())
    }

    /// Returns the good body as it is written.
    pub(super) fn written(&self) -> String {
        match self.value {
            Value::String(text) if self.is_text => text.clone(),
            value => value.to_string(),
        }
    }

    /// Returns the good body with white space that changes nothing.
    pub(super) fn written_loosely(&self) -> String {
        match self.is_text {
            true => format!("{}\n", self.written()),
            false => format!("{:#}\n", self.value),
        }
    }

    /// Returns the good answer with another JSON value as its body.
    pub(super) fn json(&self, value: &Value) -> Reply {
        self.text(value.to_string())
    }

    /// Returns the good answer with another body.
    pub(super) fn text(&self, body: impl Into<Vec<u8>>) -> Reply {
        self.body(self.status, self.media_type, body)
    }

    /// Returns the good body under another status.
    pub(super) fn under(&self, status: u16) -> Reply {
        self.body(status, self.media_type, self.written())
    }

    /// Returns another body under another status.
    pub(super) fn body_of(&self, status: u16, body: &str) -> Reply {
        self.body(status, self.media_type, body)
    }

    /// Returns the good body under another media type.
    pub(super) fn as_type(&self, media_type: &str) -> Reply {
        self.body(self.status, media_type, self.written())
    }

    /// Returns the good answer with a fault in its transfer.
    pub(super) fn fault(&self, fault: Fault) -> Reply {
        self.reply().with_fault(fault)
    }

    /// Returns the good answer with an additional, unknown field.
    pub(super) fn with_field(&self, name: &str, field: &str) -> Reply {
        let text = self.written();
        match text.strip_prefix('{') {
            Some("}") => self.text(format!("{{\"{name}\":{field}}}")),
            Some(rest) => self.text(format!("{{\"{name}\":{field},{rest}")),
            None => self.text(text),
        }
    }

    /// Returns the path and query of the request.
    pub(super) fn target(&self) -> String {
        match &self.request.query {
            Some(query) => format!("{}?{query}", self.request.path),
            None => self.request.path.clone(),
        }
    }

    /// Returns the good answer, with a `Link` to a next page at `target`.
    pub(super) fn next(&self, target: &str) -> Reply {
        self.reply()
            .header("link", &format!("<{target}>; rel=\"next\""))
    }

    /// Returns the good answer with a link to another page, and `second` for that page. A route that is itself a second page,
    /// requested by its number and not by a link, begins with the good answer too.
    pub(super) fn then(&self, second: impl FnOnce() -> Reply) -> Reply {
        match self.page_asked() {
            page if page == 1 || self.asked == 1 => self.next(&self.page(page + 1)),
            _ => second(),
        }
    }

    /// Returns the address of a page.
    pub(super) fn page(&self, n: u64) -> String {
        format!("{}{}?page={n}", self.origin, self.request.path)
    }

    /// Returns the number of the requested page.
    pub(super) fn page_asked(&self) -> u64 {
        let page = self.request.query_value("page");
        page.and_then(|n| n.parse().ok()).unwrap_or(1)
    }

    /// Returns the next of `many` addresses of this server that a redirect can lead to.
    pub(super) fn detour(&self, many: usize) -> String {
        let at = self.request.path.strip_prefix(DETOUR);
        let next = at.map_or(0, |n| n.parse().unwrap_or(0) + 1);
        format!("{DETOUR}{}", next % many)
    }

    /// Returns a redirect to another address of this server, and `reply` for that address.
    pub(super) fn led_to(&self, reply: Reply) -> Reply {
        match self.request.path.starts_with(DETOUR) {
            true => reply,
            false => Reply::redirect(302, &self.detour(2)),
        }
    }

    fn body(&self, status: u16, media_type: &str, body: impl Into<Vec<u8>>) -> Reply {
        let reply = Reply::bytes(status, media_type, body);
        let headers = self.headers.iter();
        headers.fold(reply, |reply, (name, value)| reply.header(name, value))
    }
}
