//! The wire forms of an issuer's answers: only the fields that are used.

use serde::Deserialize;
use serde_json::value::RawValue;

/// The answer at `/.well-known/openid-configuration` (OpenID Connect Discovery 1.0 section 4.2).
#[derive(Debug, Deserialize)]
pub(crate) struct Discovery {
    pub(crate) issuer: String,
    pub(crate) jwks_uri: String,
}

/// A set of keys (RFC 7517 section 5). Each entry is read by itself, so that one that cannot be read spoils no other.
#[derive(Debug, Deserialize)]
pub(crate) struct KeySetAnswer {
    pub(crate) keys: Vec<Box<RawValue>>,
}

/// The answer of GitHub's runner about the job's own token.
#[derive(Deserialize)]
pub(crate) struct JobTokenAnswer {
    pub(crate) value: String,
}
