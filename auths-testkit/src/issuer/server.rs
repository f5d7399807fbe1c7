//! The server of the test issuer: its discovery document, and its keys.

use std::sync::{Arc, Mutex, PoisonError};

use auths_core::Origin;
use auths_core::ports::Clock;
use serde_json::{Value, json};

use super::SigningKey;
use crate::server::{Received, Reply, Server};
use auths_http::SystemClock;

/// The path of the keys.
const KEYS: &str = "/.well-known/jwks";
const DISCOVERY: &str = "/.well-known/openid-configuration";

/// A server of an issuer, on a free port of 127.0.0.1. It shows the first of the shared keys until it is told otherwise.
#[derive(Debug)]
pub struct TestIssuer {
    server: Server,
    answer: Arc<Mutex<Reply>>,
}

impl TestIssuer {
    /// Starts an issuer.
    #[must_use]
    pub fn start() -> Self {
        Self::start_with_clock(Arc::new(SystemClock))
    }

    /// Starts an issuer that dates its answers by `clock`.
    #[must_use]
    pub fn start_with_clock(clock: Arc<dyn Clock>) -> Self {
        let keys = Reply::json(200, key_set([SigningKey::shared(0).public_jwk()]));
        let answer = Arc::new(Mutex::new(keys));
        let served = Arc::clone(&answer);
        let server = Server::start_with_clock(clock, move |request| {
            let keys = served
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .clone();
            reply(request, keys)
        });
        Self { server, answer }
    }

    /// Returns the address of the server, which is the `iss` of its tokens.
    #[must_use]
    pub fn origin(&self) -> Origin {
        self.server.origin()
    }

    /// Replaces the keys.
    pub fn show_keys(&self, keys: impl IntoIterator<Item = Value>) {
        self.answer_keys_with(Reply::json(200, key_set(keys)));
    }

    /// Replaces the whole answer about the keys, by a fault for one.
    pub fn answer_keys_with(&self, reply: Reply) {
        *self.answer.lock().unwrap_or_else(PoisonError::into_inner) = reply;
    }

    /// Returns how often the keys were asked for.
    #[must_use]
    pub fn count_key_requests(&self) -> usize {
        let requests = self.server.requests();
        requests
            .iter()
            .filter(|request| request.path == KEYS)
            .count()
    }
}

fn key_set(keys: impl IntoIterator<Item = Value>) -> Value {
    let keys: Vec<_> = keys.into_iter().collect();
    json!({ "keys": keys })
}

fn reply(request: &Received, keys: Reply) -> Reply {
    let issuer = format!("http://{}", request.header("host").unwrap_or_default());
    match request.path.as_str() {
        DISCOVERY => Reply::json(
            200,
            json!({ "issuer": issuer, "jwks_uri": format!("{issuer}{KEYS}") }),
        ),
        KEYS => keys,
        _ => Reply::status(404),
    }
}
