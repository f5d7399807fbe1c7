//! A test server for one row: it answers well, or fails in the way of the row.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, OnceLock};

use auths_core::ports::Clock;
use auths_core::{Origin, Timestamp};
use serde_json::Value;

use super::certificates::Certificates;
use super::proxy::{ConnectionFault, FaultProxy};
use super::route::{How, Served};
use super::row::{DETOUR, Good, Make};
use crate::server::{Received, Reply, Server};

/// A running server for one row on one route.
pub(super) struct FaultyServer {
    script: Arc<Script>,
    server: Server,
}

/// The answers of the server, and when it gives which.
struct Script {
    served: Served,
    how: How,
    now: Timestamp,
    /// The number of other requests in a run before the first request to the route.
    before: usize,
    is_faulty: AtomicBool,
    /// The number of requests to the route in this run.
    asked: AtomicUsize,
    /// The number of requests beside the route in this run.
    beside: AtomicUsize,
    /// The number of requests beside the route when it was first asked, in any run.
    first: OnceLock<usize>,
    front: OnceLock<FaultProxy>,
    is_shut: AtomicBool,
}

impl FaultyServer {
    pub(super) fn start(
        served: &Served,
        how: &How,
        before: usize,
        clock: &Arc<dyn Clock>,
        certificates: &Arc<Certificates>,
    ) -> std::io::Result<Self> {
        let script = Arc::new(Script {
            served: served.clone(),
            how: how.clone(),
            now: clock.now(),
            before,
            is_faulty: AtomicBool::new(false),
            asked: AtomicUsize::new(0),
            beside: AtomicUsize::new(0),
            first: OnceLock::new(),
            front: OnceLock::new(),
            is_shut: AtomicBool::new(false),
        });
        let answering = Arc::clone(&script);
        let server =
            Server::start_with_clock(Arc::clone(clock), move |request| answering.answer(request));
        if let How::Row(Make::ConnectionFault(door)) = how {
            let front = FaultProxy::start(&server.origin(), *door, certificates)?;
            let _ = script.front.set(front);
        }
        Ok(Self { script, server })
    }

    /// Returns the address of the server.
    pub(super) fn origin(&self) -> Origin {
        let front = self.script.front.get();
        front.map_or_else(|| self.server.origin(), |front| front.origin.clone())
    }

    /// Sets whether the server fails in the next run.
    pub(super) fn begin(&self, is_faulty: bool) {
        let script = &self.script;
        script.is_faulty.store(is_faulty, SeqCst);
        script.asked.store(0, SeqCst);
        script.beside.store(0, SeqCst);
        if script.is_shut.swap(false, SeqCst)
            && let Some(front) = script.front.get()
        {
            front.set(ConnectionFault::Open);
        }
        if is_faulty && script.before == 0 {
            script.shut();
        }
    }

    /// Returns whether the run came to the place of the fault.
    pub(super) fn was_met(&self) -> bool {
        let script = &self.script;
        script.is_shut.load(SeqCst) || script.asked.load(SeqCst) > 0
    }

    /// Returns the number of requests that the first run made before it came to the route; `None` if it never came there.
    pub(super) fn before(&self) -> Option<usize> {
        self.script.first.get().copied()
    }
}

impl Script {
    fn answer(&self, request: &Received) -> Reply {
        let is_faulty = self.is_faulty.load(SeqCst);
        let is_ours = (self.served.is_asked)(request) || request.path.starts_with(DETOUR);
        let reply = if is_ours {
            let _ = self.first.set(self.beside.load(SeqCst));
            let asked = self.asked.fetch_add(1, SeqCst) + 1;
            self.reply(request, is_faulty, asked)
        } else {
            let nth = self.beside.fetch_add(1, SeqCst) + 1;
            if is_faulty && nth == self.before {
                self.shut();
            }
            (self.served.others)(&self.forward(request))
        };
        match self.front.get() {
            // A connection that is kept alive would bypass the proxy.
            Some(_) => reply.header("connection", "close"),
            None => reply,
        }
    }

    fn reply(&self, request: &Received, is_faulty: bool, asked: usize) -> Reply {
        let origin = match self.front.get() {
            Some(front) => front.origin.to_string(),
            None => format!("http://{}", request.header("host").unwrap_or_default()),
        };
        let value = match &self.served.origin_text {
            Some(text) => &with_text(&self.served.good, text, &origin),
            None => &self.served.good,
        };
        let good = Good {
            value,
            is_text: self.served.is_text,
            status: self.served.status,
            media_type: &self.served.media_type,
            headers: &self.served.headers,
            request,
            origin: &origin,
            now: self.now,
            asked,
        };
        match &self.how {
            How::Row(Make::Reply(make)) if is_faulty => make(&good),
            How::Change(change) if is_faulty => change(&good),
            _ => good.reply().etag("\"good\""),
        }
    }

    /// Returns the request as a proxy passes it on: with the scheme that the client used.
    fn forward(&self, request: &Received) -> Received {
        let mut request = request.clone();
        if let Some(front) = self.front.get() {
            let origin = front.origin.to_string();
            let scheme = origin.split(':').next().unwrap_or_default().to_owned();
            request.headers.push(("x-forwarded-proto".into(), scheme));
        }
        request
    }

    /// Makes new connections fail, if this row says so.
    fn shut(&self) {
        if let (How::Row(Make::ConnectionFault(door)), Some(front)) = (&self.how, self.front.get())
        {
            front.set(*door);
            self.is_shut.store(true, SeqCst);
        }
    }
}

/// Returns `value` with `new` in place of `old` in every text.
fn with_text(value: &Value, old: &str, new: &str) -> Value {
    match value {
        Value::String(text) => text.replace(old, new).into(),
        Value::Array(items) => items.iter().map(|item| with_text(item, old, new)).collect(),
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| (name.clone(), with_text(value, old, new)))
            .collect(),
        other => other.clone(),
    }
}
