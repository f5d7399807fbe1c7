//! Maps a failed exchange to a reason, by the kind of the transport error and never by its text.

use std::error::Error;
use std::io;
use std::time::Duration;

use auths_core::{Unavailable, UnavailableReason, in_words};

/// The phase of the exchange in which it failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ExchangePhase {
    Head,
    Body,
}

/// Returns the reason for an error of the HTTP client.
pub(crate) fn from_client(error: &reqwest::Error, phase: ExchangePhase, what: &str) -> Unavailable {
    let io_kinds: Vec<io::ErrorKind> = causes(error)
        .filter_map(|e| e.downcast_ref::<io::Error>())
        .map(io::Error::kind)
        .collect();
    let is_garbage = io_kinds.contains(&io::ErrorKind::InvalidData)
        || io_kinds.contains(&io::ErrorKind::InvalidInput);
    let (why, text) = if error.is_timeout() {
        (UnavailableReason::Timeout, "it took too long to connect")
    } else if error.is_builder() {
        (
            UnavailableReason::Unreadable,
            "it could not be sent as it was built",
        )
    } else if error.is_connect() {
        // rustls reports every failed handshake as invalid data inside of the connection's error.
        let text = if is_garbage || mentions(error, "handshake") {
            "TLS failed: the server's certificate or its TLS is not acceptable"
        } else if mentions(error, "dns") {
            "its name could not be resolved"
        } else if io_kinds.contains(&io::ErrorKind::ConnectionRefused) {
            "the connection was refused"
        } else {
            "no connection could be made"
        };
        (UnavailableReason::Network, text)
    } else if phase == ExchangePhase::Body {
        if is_garbage {
            (
                UnavailableReason::Unreadable,
                "the body is not encoded as it says",
            )
        } else {
            (UnavailableReason::Truncated, "the body broke off")
        }
    } else if is_no_http(error) {
        (UnavailableReason::Unreadable, "the answer is not HTTP")
    } else {
        (
            UnavailableReason::Network,
            "the connection broke before an answer came",
        )
    };
    Unavailable::new(why, format!("{what}: {text}{}", cause(error)))
}

/// Returns the reason for an answer that did not come in time.
pub(crate) fn timed_out(phase: ExchangePhase, limit: Duration, what: &str) -> Unavailable {
    let text = match phase {
        ExchangePhase::Head => "no answer came",
        ExchangePhase::Body => "the body did not end",
    };
    let limit = if limit < Duration::from_secs(1) {
        format!("{} milliseconds", limit.as_millis())
    } else {
        in_words(limit)
    };
    Unavailable::new(
        UnavailableReason::Timeout,
        format!("{what}: {text} within {limit}"),
    )
}

/// Returns the innermost cause in its own words, where these words cannot hold anything of the request.
fn cause(error: &reqwest::Error) -> String {
    let is_tls = error.is_connect();
    let Some(last) = causes(error).last().filter(|_| is_tls) else {
        return String::new();
    };
    let text: String = last
        .to_string()
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(200)
        .collect();
    format!(" ({text})")
}

fn is_no_http(error: &reqwest::Error) -> bool {
    causes(error)
        .filter_map(|e| e.downcast_ref::<hyper::Error>())
        .any(hyper::Error::is_parse)
}

fn mentions(error: &reqwest::Error, word: &str) -> bool {
    causes(error).any(|e| e.to_string().contains(word))
}

/// Returns all causes, also those that an `io::Error` carries inside.
fn causes<'a>(error: &'a reqwest::Error) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    let mut next = error.source();
    std::iter::from_fn(move || {
        let this = next?;
        // An `io::Error` skips the error that it wraps when asked for its source.
        next = match this
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref)
        {
            Some(inner) => Some(inner as &(dyn Error + 'static)),
            None => this.source(),
        };
        Some(this)
    })
}
