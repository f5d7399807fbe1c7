//! The header of a token (RFC 7515 section 4): what it must have, and what no token of a CI platform has.

use std::borrow::Cow;

use auths_core::RefutedReason;
use auths_core::ports::CiTokenError;

use crate::key::ALGORITHM_NAME;
use crate::members::{Members, Value};
use crate::parse::malformed;

/// The longest id of a key, in bytes.
const MAX_KEY_ID: usize = 256;

/// Members that tell a verifier to use other keys or other rules. No CI platform sends one, and none is followed.
const FORBIDDEN: [&str; 4] = ["crit", "jku", "x5u", "jwk"];

/// The header of a token, with an algorithm that is the configured one.
pub(crate) struct Header<'a> {
    /// The id of the key, which only ever finds a key by equality.
    pub(crate) key_id: Cow<'a, str>,
}

impl<'a> Header<'a> {
    /// Reads a header, in this order: strict JSON without doubled members, the algorithm, the key id, members that are forbidden, the type.
    ///
    /// # Errors
    /// [`CiTokenError`], which holds nothing of the header.
    pub(crate) fn read(json: &'a [u8]) -> Result<Self, CiTokenError> {
        let members =
            Members::read(json).ok_or_else(|| malformed("its header is no JSON object"))?;
        if members.has_doubled() {
            return Err(malformed("a member of its header stands twice"));
        }
        check_algorithm(&members, ALGORITHM_NAME)?;
        let key_id = read_key_id(&members)?;
        check_forbidden(&members)?;
        match members.get("typ") {
            None => {}
            Some(Value::Text(kind)) if kind.eq_ignore_ascii_case("JWT") => {}
            Some(_) => return Err(wrong_header("its member typ is not JWT")),
        }
        Ok(Self { key_id })
    }
}

/// Checks that the algorithm is the configured one.
pub(crate) fn check_algorithm(members: &Members<'_>, configured: &str) -> Result<(), CiTokenError> {
    match members.get("alg") {
        Some(Value::Text(name)) if name == configured => Ok(()),
        None => Err(wrong_header("it has no member alg")),
        Some(_) => {
            let detail = format!("its header does not name {configured}");
            Err(CiTokenError::refuted(RefutedReason::TokenAlgorithm, detail))
        }
    }
}

/// Checks that the header has no member that changes how it is verified.
pub(crate) fn check_forbidden(members: &Members<'_>) -> Result<(), CiTokenError> {
    match FORBIDDEN.iter().find(|name| members.has(name)) {
        Some(name) => Err(wrong_header(format!("it has the member {name}"))),
        None => Ok(()),
    }
}

fn read_key_id<'a>(members: &Members<'a>) -> Result<Cow<'a, str>, CiTokenError> {
    match members.get("kid") {
        Some(Value::Text(id)) if is_key_id(&id) => Ok(id),
        Some(_) => Err(wrong_header(
            "its member kid is not 1 to 256 printable ASCII characters",
        )),
        None => Err(wrong_header("it has no member kid")),
    }
}

/// Returns whether a text can be the id of a key.
pub(crate) fn is_key_id(text: &str) -> bool {
    let is_printable = |b: u8| matches!(b, b' '..=b'~');
    (1..=MAX_KEY_ID).contains(&text.len()) && text.bytes().all(is_printable)
}

fn wrong_header(detail: impl Into<String>) -> CiTokenError {
    CiTokenError::refuted(RefutedReason::TokenHeader, detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(json: &str) -> &'static str {
        match Header::read(json.as_bytes()) {
            Ok(_) => "read",
            Err(error) => error.code(),
        }
    }

    #[test]
    fn what_a_header_must_have() {
        let (malformed, header, algorithm) = ("AUTHS-1017", "AUTHS-2080", "AUTHS-2081");
        for (json, expected) in [
            (r#"{"alg":"RS256","kid":"k"}"#, "read"),
            (
                r#"{"alg":"RS256","kid":"k","typ":"jwt","x5t":"abc","more":{}}"#,
                "read",
            ),
            (r#"["RS256","k"]"#, malformed),
            (r#"{"alg":"RS256","kid":"k","kid":"k"}"#, malformed),
            (r#"{"alg":"RS256","kid":"k","more":1,"more":1}"#, malformed),
            (r#"{"kid":"k"}"#, header),
            (r#"{"alg":"rs256","kid":"k"}"#, algorithm),
            (r#"{"alg":"none","kid":"k"}"#, algorithm),
            (r#"{"alg":"","kid":"k"}"#, algorithm),
            (r#"{"alg":null,"kid":"k"}"#, algorithm),
            (r#"{"alg":["RS256"],"kid":"k"}"#, algorithm),
            (r#"{"alg":"HS256","kid":"k"}"#, algorithm),
            (r#"{"alg":"RS256"}"#, header),
            (r#"{"alg":"RS256","kid":7}"#, header),
            (r#"{"alg":"RS256","kid":""}"#, header),
            (r#"{"alg":"RS256","kid":"../\u0000"}"#, header),
            (r#"{"alg":"RS256","kid":"k","crit":["exp"]}"#, header),
            (
                r#"{"alg":"RS256","kid":"k","crit":["b64"],"b64":false}"#,
                header,
            ),
            (
                r#"{"alg":"RS256","kid":"k","jku":"https://evil.example"}"#,
                header,
            ),
            (r#"{"alg":"RS256","kid":"k","x5u":null}"#, header),
            (r#"{"alg":"RS256","kid":"k","jwk":{}}"#, header),
            (r#"{"alg":"RS256","kid":"k","typ":"at+jwt"}"#, header),
            (r#"{"alg":"RS256","kid":"k","typ":null}"#, header),
        ] {
            assert_eq!(code(json), expected, "{json}");
        }
        let long = |n: usize| format!(r#"{{"alg":"RS256","kid":"{}"}}"#, "k".repeat(n));
        assert_eq!((code(&long(256)), code(&long(257))), ("read", header));
    }
}
