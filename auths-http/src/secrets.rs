//! Removes the secrets sent to a server from everything that it answers.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use secrecy::{ExposeSecret, SecretString};

/// The text that replaces a secret which the server repeated in its answer.
///
/// ```
/// assert_eq!(auths_http::REDACTED, "[secret]");
/// ```
pub const REDACTED: &str = "[secret]";

/// Replaces a secret in a text by [`REDACTED`]. For a secret that was not in the request, such as one from the same answer.
///
/// # Security
/// The secret is found in every spelling that a reader of JSON or of an address undoes: `%41`, `\u0041`, `\/`. A text shorter
/// than six bytes is not treated as a secret, and stays.
///
/// ```
/// let secret = "gho_hunter2".to_owned().into();
/// assert_eq!(auths_http::redact("https://h.example/?t=gho%5fhunter2", &secret), "https://h.example/?t=[secret]");
/// ```
#[must_use]
pub fn redact(text: &str, secret: &SecretString) -> String {
    let secrets = RequestSecrets::default().and(secret.expose_secret());
    secrets.strip_text(text.to_owned())
}

/// The shortest text that is treated as a secret, in bytes. Shorter texts occur in every answer by chance.
const SHORTEST: usize = 6;

/// The secrets that one request carries.
///
/// A server may repeat a secret: in a message about a refused token, in place of a name that a parser quotes, or in a redirect. A
/// removed secret cannot reach an error, a log line or a record in a store.
#[derive(Clone, Default)]
pub(crate) struct RequestSecrets(Arc<[SecretString]>);

/// The largest number of secrets that a transport remembers. The newest are kept.
const MOST_KNOWN: usize = 32;

/// The shortest secret that is looked for in the answers to other requests, in bytes. Ordinary words are as short.
const SHORTEST_KNOWN: usize = 8;

/// The secrets that a transport has seen, in its requests and in answers. A later answer may repeat any of them.
#[derive(Default)]
pub(crate) struct KnownSecrets(Mutex<RequestSecrets>);

impl KnownSecrets {
    /// Adds these secrets.
    pub(crate) fn add(&self, secrets: &RequestSecrets) {
        let long = secrets.0.iter();
        let long = long.filter(|secret| secret.expose_secret().len() >= SHORTEST_KNOWN);
        let secrets = &RequestSecrets(long.cloned().collect());
        if secrets.0.is_empty() {
            return;
        }
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *known = known.with(secrets);
    }

    /// Returns all remembered secrets.
    pub(crate) fn all(&self) -> RequestSecrets {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl RequestSecrets {
    fn has(&self, secret: &SecretString) -> bool {
        let mut known = self.0.iter();
        known.any(|known| known.expose_secret() == secret.expose_secret())
    }

    /// Returns the secrets of both sets, limited to the newest that are remembered.
    pub(crate) fn with(&self, others: &Self) -> Self {
        let others = others.0.iter();
        let new: Vec<SecretString> = others.filter(|s| !self.has(s)).cloned().collect();
        if new.is_empty() {
            return self.clone();
        }
        let too_many = (self.0.len() + new.len()).saturating_sub(MOST_KNOWN);
        let kept = self.0.iter().skip(too_many).cloned();
        Self(kept.chain(new).collect())
    }

    /// Returns these secrets and one more.
    pub(crate) fn and(&self, secret: &str) -> Self {
        let all = self.0.iter().cloned();
        Self(all.chain([SecretString::from(secret)]).collect())
    }

    /// Returns the body with the secrets replaced.
    pub(crate) fn redact(&self, body: Bytes) -> Bytes {
        match self.stripped(&body) {
            Some(body) => body.into(),
            None => body,
        }
    }

    /// Returns the text of a header with the secrets replaced.
    pub(crate) fn strip_text(&self, text: String) -> String {
        match self.stripped(text.as_bytes()) {
            Some(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            None => text,
        }
    }

    /// Returns the text with the secrets replaced; `None` when it holds none of them.
    fn stripped(&self, text: &[u8]) -> Option<Vec<u8>> {
        let mut clean = Vec::new();
        let (mut at, mut copied) = (0, 0);
        let begins = self.first_bytes();
        while at < text.len() {
            let found = match begins[usize::from(text[at])] {
                true => self.end_of_one(&text[at..]),
                false => None,
            };
            match found {
                Some(length) => {
                    clean.extend_from_slice(&text[copied..at]);
                    clean.extend_from_slice(REDACTED.as_bytes());
                    at += length;
                    copied = at;
                }
                // An escaped backslash escapes nothing.
                None if text[at..].starts_with(b"\\\\") => at += 2,
                None => at += 1,
            }
        }
        if copied == 0 {
            return None;
        }
        clean.extend_from_slice(&text[copied..]);
        Some(clean)
    }

    /// Returns the bytes that a secret may begin with, in any spelling.
    fn first_bytes(&self) -> [bool; 256] {
        let mut begins = [false; 256];
        for secret in self.0.iter() {
            if let Some(first) = secret.expose_secret().bytes().next() {
                for byte in [first, b'%', b'\\'] {
                    begins[usize::from(byte)] = true;
                }
            }
        }
        begins
    }

    /// Returns the length of the longest secret that the text begins with.
    fn end_of_one(&self, text: &[u8]) -> Option<usize> {
        let secrets = self
            .0
            .iter()
            .map(|secret| secret.expose_secret().as_bytes());
        let long = secrets.filter(|secret| secret.len() >= SHORTEST);
        long.filter_map(|secret| begins_with(text, secret)).max()
    }
}

/// Returns the length of `secret` at the beginning of `text`, with its bytes written in any way that a reader of JSON or of an
/// address undoes.
fn begins_with(text: &[u8], secret: &[u8]) -> Option<usize> {
    secret.iter().try_fold(0, |at, byte| {
        let rest = text.get(at..)?;
        Some(at + length_of(rest, *byte)?)
    })
}

/// Returns whether two digits are a byte in hexadecimal.
fn is_hex(a: u8, b: u8, byte: u8) -> bool {
    let digits = [a, b];
    let digits = std::str::from_utf8(&digits).ok();
    digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) == Some(byte)
}

/// Returns the length of the spelling of `byte` that `text` begins with: itself, `%41`, `\u0041` or `\/`.
fn length_of(text: &[u8], byte: u8) -> Option<usize> {
    match text {
        [first, ..] if *first == byte => Some(1),
        [b'%', a, b, ..] if is_hex(*a, *b, byte) => Some(3),
        [b'\\', b'u', b'0', b'0', a, b, ..] if is_hex(*a, *b, byte) => Some(6),
        [b'\\', escaped, ..] if *escaped == byte => Some(2),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stripped(secrets: &[&str], text: &str) -> String {
        let none = RequestSecrets::default();
        let all = secrets.iter().fold(none, |all, secret| all.and(secret));
        let body = all.redact(Bytes::from(text.to_owned()));
        let header = all.strip_text(text.to_owned());
        assert_eq!(body, header);
        header
    }

    #[test]
    fn every_secret_is_taken_out_wherever_and_however_it_is_written() {
        let secret = ["gho_a/b\"c"];
        for (text, expected) in [
            ("", ""),
            ("gho_a/b", "gho_a/b"),
            ("gho_a/b\"c", "[secret]"),
            ("xgho_a/b\"cgho_a/b\"cy", "x[secret][secret]y"),
            (r#"{"m":"gho_a\/b\"c"}"#, r#"{"m":"[secret]"}"#),
            (
                r#"{"m":"\u0067ho_a\u002fb\u0022\u0063"}"#,
                r#"{"m":"[secret]"}"#,
            ),
            (
                "https://h.example/gho_a%2Fb%22c?x",
                "https://h.example/[secret]?x",
            ),
            (r#""\\gho_a/b\"c""#, r#""\\[secret]""#),
            (r#""\\u0067ho_a/b""#, r#""\\u0067ho_a/b""#),
            ("gho_a%2", "gho_a%2"),
            ("gho_a\\", "gho_a\\"),
            ("gho_a\\u00", "gho_a\\u00"),
            ("%+7ho_a/b\"c", "%+7ho_a/b\"c"),
        ] {
            assert_eq!(stripped(&secret, text), expected, "{text}");
        }
    }

    #[test]
    fn the_newest_secrets_are_known_and_each_once() {
        let (known, one) = (KnownSecrets::default(), |n: usize| {
            RequestSecrets::default().and(&format!("secret{n:04}"))
        });
        for n in 0..100 {
            known.add(&one(n));
            known.add(&one(n));
        }
        let all = known.all();
        assert_eq!(all.0.len(), MOST_KNOWN);
        assert_eq!(
            all.strip_text("secret0099 secret0068".into()),
            "[secret] [secret]"
        );
        assert_eq!(all.strip_text("secret0067".into()), "secret0067");
    }

    #[test]
    fn of_two_the_longer_is_taken_out_and_what_is_too_short_for_a_secret_stays() {
        assert_eq!(stripped(&["hunter", "hunter2"], "hunter23"), "[secret]3");
        assert_eq!(stripped(&["a", "", "12345"], "a 12345"), "a 12345");
    }
}
