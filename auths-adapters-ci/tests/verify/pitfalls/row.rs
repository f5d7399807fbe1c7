//! A row of the tables, and the ways to make its token.

use std::sync::Arc;

use auths_testkit::issuer::{SigningKey, TokenDraft, encode_token};
use serde_json::Value;

/// What `jsonwebtoken` is told to check.
#[derive(Clone, Copy)]
pub(super) enum Probe {
    /// Algorithm, issuer, audience, and what it requires by default.
    Usual,
    /// What `Usual` checks, with these claims required and no others.
    Requiring(&'static [&'static str]),
    /// The claims are decoded into a JSON value.
    IntoValue,
}

pub(super) type Make = Box<dyn Fn(TokenDraft) -> String>;

/// One row: its name, how `jsonwebtoken` is asked, whether it accepts the token, and what comes of the token here.
pub(super) struct Row(
    pub(super) &'static str,
    pub(super) Probe,
    pub(super) bool,
    pub(super) &'static str,
    pub(super) Make,
);

pub(super) fn key() -> Arc<SigningKey> {
    SigningKey::shared(0)
}

/// A token with some change of its draft.
pub(super) fn draft(change: impl Fn(TokenDraft) -> TokenDraft + 'static) -> Make {
    Box::new(move |draft| change(draft).sign(&key()))
}

/// A token whose payload is written otherwise.
pub(super) fn payload(change: impl Fn(String) -> Vec<u8> + 'static) -> Make {
    Box::new(move |draft| {
        let payload = change(draft.payload_json());
        encode_token(draft.header_json(&key()).as_bytes(), &payload, &key())
    })
}

/// A token whose header is written otherwise.
pub(super) fn header(change: impl Fn(String) -> String + 'static) -> Make {
    Box::new(move |draft| {
        let header = change(draft.header_json(&key()));
        encode_token(header.as_bytes(), draft.payload_json().as_bytes(), &key())
    })
}

/// A token whose text is changed after it was signed.
pub(super) fn text(change: impl Fn(String) -> String + 'static) -> Make {
    Box::new(move |draft| change(draft.sign(&key())))
}

pub(super) fn claim(name: &'static str, value: Value) -> Make {
    draft(move |draft| draft.claim(name, value.clone()))
}

pub(super) fn without(name: &'static str) -> Make {
    draft(move |draft| draft.without_claim(name))
}

pub(super) fn member(name: &'static str, value: Value) -> Make {
    draft(move |draft| draft.header(name, value.clone()))
}

/// Adds a member at the beginning of a JSON object.
pub(super) fn prepended(json: &str, member: &str) -> String {
    json.replacen('{', &format!("{{{member},"), 1)
}

pub(super) fn issuer_of(draft: &TokenDraft) -> String {
    draft.claims["iss"].as_str().unwrap().to_owned()
}

pub(super) fn times(draft: &TokenDraft) -> i64 {
    draft.claims["iat"].as_i64().unwrap()
}

pub(super) const REQUIRED: Probe = Probe::Requiring(&["exp", "iss", "aud"]);
