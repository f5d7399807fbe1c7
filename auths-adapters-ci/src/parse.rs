//! The container of a token: three segments of strict base64url, divided by dots (RFC 7515 section 7.1).

use auths_core::Invalid;
use auths_core::ports::CiTokenError;
use data_encoding::BASE64URL_NOPAD;

/// A token taken apart. Nothing in it was checked.
///
/// It is never shown: there is no `Debug`.
pub(crate) struct TokenParts<'a> {
    /// The bytes that the signature is of, as they were received: header, dot and payload.
    pub(crate) signed: &'a [u8],
    /// The decoded header.
    pub(crate) header: Vec<u8>,
    /// The decoded payload.
    pub(crate) payload: Vec<u8>,
    /// The decoded signature.
    pub(crate) signature: Vec<u8>,
}

/// Returns the error for a text that is no token.
pub(crate) fn malformed(what: &str) -> CiTokenError {
    CiTokenError::invalid(Invalid::MalformedToken, what)
}

impl<'a> TokenParts<'a> {
    /// Takes a token apart. Its size was checked before.
    ///
    /// The alphabet is base64url, without padding, white space or stray bits in the last character, so that each token has one
    /// spelling.
    ///
    /// # Errors
    /// [`Invalid::MalformedToken`], with the part that is wrong and nothing of its content.
    pub(crate) fn read(token: &'a str) -> Result<Self, CiTokenError> {
        let mut dots = token.match_indices('.').map(|(at, _)| at);
        let (Some(first), Some(second), None) = (dots.next(), dots.next(), dots.next()) else {
            return Err(malformed("it does not have three parts"));
        };
        let signature = decode(&token[second + 1..], "signature")?;
        if signature.is_empty() {
            return Err(malformed("its signature is empty"));
        }
        Ok(Self {
            signed: &token.as_bytes()[..second],
            header: decode(&token[..first], "header")?,
            payload: decode(&token[first + 1..second], "payload")?,
            signature,
        })
    }
}

fn decode(segment: &str, name: &str) -> Result<Vec<u8>, CiTokenError> {
    let bytes = BASE64URL_NOPAD.decode(segment.as_bytes());
    bytes.map_err(|_| malformed(&format!("its {name} is not strict base64url")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(token: &str) -> Option<[Vec<u8>; 4]> {
        let parts = TokenParts::read(token).ok()?;
        Some([
            parts.signed.to_vec(),
            parts.header,
            parts.payload,
            parts.signature,
        ])
    }

    #[test]
    fn a_token_has_three_parts_in_one_spelling() {
        let read = parts("e30.e30.AQ").unwrap();
        assert_eq!(
            read,
            [b"e30.e30".to_vec(), b"{}".to_vec(), b"{}".to_vec(), vec![1]]
        );
        for bad in [
            "",
            ".",
            "..",
            "e30",
            "e30.e30",
            "e30.e30.",
            "e30.e30.AQ.AQ",
            "e30.e30.AQ.",
            // Padding, the standard alphabet, stray bits, white space, a prefix.
            "e30=.e30.AQ",
            "e30.e30.AQ==",
            "e30.e30.+/8",
            "e30.e30.AR",
            "e30.e30.AQ\n",
            " e30.e30.AQ",
            "Bearer e30.e30.AQ",
            "e30.e30.A",
            "e30.e\u{301}30.AQ",
        ] {
            assert!(parts(bad).is_none(), "{bad:?}");
        }
    }
}
