//! The text of a token: a prefix, a dash, and the macaroon in base64.

use data_encoding::BASE64URL_NOPAD;
use secrecy::SecretString;
use zeroize::Zeroizing;

use super::error::{MAX_TEXT, ParseError};

/// The prefix of PyPI and TestPyPI.
pub(super) const PREFIX: &str = "pypi";

/// Reads the prefix and the macaroon's bytes. The first dash ends the prefix, because base64 has dashes of its own.
pub(super) fn decode(text: &str) -> Result<(&str, Zeroizing<Vec<u8>>), ParseError> {
    if text.len() > MAX_TEXT {
        return Err(ParseError::TooLarge);
    }
    let (prefix, body) = text.split_once('-').ok_or(ParseError::NoPrefix)?;
    if !is_prefix(prefix) {
        return Err(ParseError::BadPrefix);
    }
    let body = body.trim_end_matches('=');
    if body.is_empty() {
        return Err(ParseError::Empty);
    }
    let bytes = decode_url_safe(body.as_bytes()).or_else(|_| decode_url_safe(&url_safe(body)))?;
    Ok((prefix, bytes))
}

/// Returns the text in the URL-safe alphabet. Other libraries write the other one.
fn url_safe(body: &str) -> Zeroizing<Vec<u8>> {
    let mut letters = Zeroizing::new(body.as_bytes().to_vec());
    for letter in letters.iter_mut() {
        match letter {
            b'+' => *letter = b'-',
            b'/' => *letter = b'_',
            _ => {}
        }
    }
    letters
}

/// Decodes URL-safe base64. Unused bits in the last letter must be zero.
fn decode_url_safe(letters: &[u8]) -> Result<Zeroizing<Vec<u8>>, ParseError> {
    let length = BASE64URL_NOPAD.decode_len(letters.len());
    let mut bytes = Zeroizing::new(vec![0; length.map_err(|_| ParseError::NotBase64)?]);
    let decoded = BASE64URL_NOPAD.decode_mut(letters, &mut bytes);
    decoded.map_err(|_| ParseError::NotBase64)?;
    Ok(bytes)
}

/// Returns the canonical text: the URL-safe alphabet without padding.
pub(super) fn encode(prefix: &str, bytes: &[u8]) -> SecretString {
    // Allocated with its final length, so that growing leaves no copy behind.
    let mut text = String::with_capacity(length(prefix, bytes.len()));
    text.push_str(prefix);
    text.push('-');
    BASE64URL_NOPAD.encode_append(bytes, &mut text);
    SecretString::from(text)
}

/// Returns the length of the text.
pub(super) fn length(prefix: &str, bytes: usize) -> usize {
    prefix.len() + 1 + BASE64URL_NOPAD.encode_len(bytes)
}

pub(super) fn is_prefix(text: &str) -> bool {
    (1..=32).contains(&text.len()) && text.bytes().all(is_prefix_byte)
}

fn is_prefix_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.')
}
