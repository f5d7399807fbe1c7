//! A row of the table: what goes wrong, and what may come of it.

use auths_core::Timestamp;
use serde_json::Value;

use super::proxy::ConnectionFault;
use super::seen::Expect;
use crate::loopback::{Fault, Received, Reply};

/// One way in which a server, or the way to it, fails.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// Its name, unique in the table.
    pub name: &'static str,
    /// What may come of it.
    pub expect: Expect,
    /// What may come of it on a route that reads further pages; `None`: the same.
    pub(super) paged: Option<Expect>,
    /// What may come of it when an earlier good answer is in the store; `None`: the same.
    pub(super) warm: Option<Expect>,
    pub(super) make: Make,
}

/// How a row comes about.
#[derive(Debug, Clone, Copy)]
pub(super) enum Make {
    /// The server answers so.
    Reply(fn(&Good<'_>) -> Reply),
    /// New connections to it end so.
    ConnectionFault(ConnectionFault),
}

/// Where redirects lead: to the route that they came from.
pub(super) const DETOUR: &str = "/auths-fault/";

/// The good answer that a fault is made from.
pub(super) struct Good<'a> {
    pub(super) value: &'a Value,
    pub(super) status: u16,
    pub(super) media_type: &'a str,
    pub(super) headers: &'a [(String, String)],
    pub(super) request: &'a Received,
    pub(super) origin: &'a str,
    pub(super) now: Timestamp,
    /// How many requests came to the route in this question, this one among them.
    pub(super) asked: usize,
}

impl Good<'_> {
    /// The good answer itself, without its tag.
    pub(super) fn reply(&self) -> Reply {
        self.json(self.value)
    }

    /// The same with another value.
    pub(super) fn json(&self, value: &Value) -> Reply {
        self.text(value.to_string())
    }

    /// The same with another body.
    pub(super) fn text(&self, body: impl Into<Vec<u8>>) -> Reply {
        self.body(self.status, self.media_type, body)
    }

    /// The good body under another status.
    pub(super) fn under(&self, status: u16) -> Reply {
        self.body(status, self.media_type, self.value.to_string())
    }

    /// Another body under another status.
    pub(super) fn body_of(&self, status: u16, body: &str) -> Reply {
        self.body(status, self.media_type, body)
    }

    /// The good body under another media type.
    pub(super) fn as_type(&self, media_type: &str) -> Reply {
        self.body(self.status, media_type, self.value.to_string())
    }

    /// The good answer, failing on its way.
    pub(super) fn fault(&self, fault: Fault) -> Reply {
        self.reply().with_fault(fault)
    }

    /// The good answer with a field that nobody knows.
    pub(super) fn with_field(&self, name: &str, field: &str) -> Reply {
        let text = self.value.to_string();
        match text.strip_prefix('{') {
            Some("}") => self.text(format!("{{\"{name}\":{field}}}")),
            Some(rest) => self.text(format!("{{\"{name}\":{field},{rest}")),
            None => self.text(text),
        }
    }

    /// The path and query that were asked for.
    pub(super) fn target(&self) -> String {
        match &self.request.query {
            Some(query) => format!("{}?{query}", self.request.path),
            None => self.request.path.clone(),
        }
    }

    /// The good answer, with a `Link` to a next page at `target`.
    pub(super) fn next(&self, target: &str) -> Reply {
        self.reply()
            .header("link", &format!("<{target}>; rel=\"next\""))
    }

    /// The good answer with a link to another page, and there `second`. A route that is itself a second page, asked for by its
    /// number and by no link, begins with the good answer too.
    pub(super) fn then(&self, second: impl FnOnce() -> Reply) -> Reply {
        match self.page_asked() {
            page if page == 1 || self.asked == 1 => self.next(&self.page(page + 1)),
            _ => second(),
        }
    }

    /// The address of a page.
    pub(super) fn page(&self, n: u64) -> String {
        format!("{}{}?page={n}", self.origin, self.request.path)
    }

    /// Which page was asked for.
    pub(super) fn page_asked(&self) -> u64 {
        let page = self.request.query_value("page");
        page.and_then(|n| n.parse().ok()).unwrap_or(1)
    }

    /// The next of `many` addresses of this server that a redirect can lead to.
    pub(super) fn detour(&self, many: usize) -> String {
        let at = self.request.path.strip_prefix(DETOUR);
        let next = at.map_or(0, |n| n.parse().unwrap_or(0) + 1);
        format!("{DETOUR}{}", next % many)
    }

    /// A redirect to another address of this server, and there `reply`.
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
