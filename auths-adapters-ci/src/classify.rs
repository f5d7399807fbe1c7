//! Maps an issuer's answer to an outcome. An issuer says nothing by a status: whatever is not a 200 of the right type is unavailable.

use auths_core::Unavailable;
use auths_http::{Object, Response, expect_type, read_json};
use serde::de::DeserializeOwned;

/// The media type of discovery documents, and of key sets at most issuers.
pub(crate) const JSON: &str = "application/json";
/// The media type of key sets by RFC 7517 section 8.5.
pub(crate) const KEY_SET: &str = "application/jwk-set+json";

/// Reads the JSON object of a key set's answer, under either media type.
///
/// # Errors
/// The errors of [`Response::object`].
pub(crate) fn read_key_set<T: DeserializeOwned>(response: &Response) -> Result<T, Unavailable> {
    let is_key_set = expect_type(response.header("content-type"), KEY_SET).is_ok();
    let body = response.body_of(if is_key_set { KEY_SET } else { JSON })?;
    let Object(value) = read_json(body)?;
    Ok(value)
}

#[cfg(test)]
mod tests {
    use auths_core::UnavailableReason;

    use super::*;
    use crate::wire::KeySetAnswer;

    #[test]
    fn each_answer_has_its_outcome() {
        let unreadable = Err(UnavailableReason::Unreadable);
        for (status, media_type, body, expected) in [
            (200, "application/json", r#"{"keys":[]}"#, Ok(0)),
            (
                200,
                "application/json; charset=utf-8",
                r#"{"keys":[{}],"more":1}"#,
                Ok(1),
            ),
            (200, "application/jwk-set+json", r#"{"keys":[7]}"#, Ok(1)),
            (200, "text/html", r#"{"keys":[]}"#, unreadable),
            (200, "application/json", r#"[[]]"#, unreadable),
            (
                200,
                "application/json",
                r#"{"keys":[],"keys":[]}"#,
                unreadable,
            ),
            (200, "application/json", r#"{"keys":null}"#, unreadable),
            (
                200,
                "application/json",
                "{}",
                Err(UnavailableReason::MissingField),
            ),
            (
                204,
                "application/json",
                "",
                Err(UnavailableReason::UnexpectedStatus),
            ),
            (
                302,
                "application/json",
                "",
                Err(UnavailableReason::Redirected),
            ),
            (
                404,
                "application/json",
                r#"{"keys":[]}"#,
                Err(UnavailableReason::UnexpectedStatus),
            ),
            (
                429,
                "application/json",
                "",
                Err(UnavailableReason::RateLimited),
            ),
            (
                503,
                "application/jwk-set+json",
                r#"{"keys":[]}"#,
                Err(UnavailableReason::ServerError),
            ),
        ] {
            let url = "https://issuer.example/jwks".parse().unwrap();
            let now = "2026-11-21T08:46:00Z".parse().unwrap();
            let response =
                Response::from_parts(url, status, &[("content-type", media_type)], body, now);
            let read = read_key_set::<KeySetAnswer>(&response);
            assert_eq!(
                read.map(|set| set.keys.len()).map_err(|e| e.reason),
                expected,
                "{status} {media_type} {body}"
            );
        }
    }
}
