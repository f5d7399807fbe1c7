//! The form of a grant on the wire: a compact JWS with one spelling.

use std::collections::BTreeSet;

use data_encoding::BASE64URL_NOPAD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::error::GrantError;
use super::subject::GrantSubject;
use crate::Timestamp;
use crate::capability::CapabilitySet;
use crate::ci::{IssuerUrl, TokenAudience, TokenId};
use crate::claim::Actions;
use crate::crypto::Signature;
use crate::identity::{Namespace, VerificationMethod};

/// The `typ` of a grant. Nothing else has it.
pub const GRANT_TYPE: &str = "auths-grant+jwt";

/// The largest grant that is made or read, in bytes: 16 KiB.
pub const MAX_GRANT_BYTES: usize = 16 * 1024;

/// The one algorithm of grants (RFC 8037).
const ALGORITHM: &str = "EdDSA";

/// The header of a grant.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    #[serde(rename = "alg")]
    alg: String,
    #[serde(rename = "kid")]
    kid: VerificationMethod,
    #[serde(rename = "typ")]
    typ: String,
}

/// The payload of a grant. Its times are the whole seconds of RFC 7519.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Payload {
    #[serde(rename = "iss")]
    pub(super) iss: IssuerUrl,
    #[serde(rename = "sub")]
    pub(super) sub: GrantSubject,
    #[serde(rename = "aud")]
    pub(super) aud: TokenAudience,
    #[serde(rename = "iat", with = "seconds")]
    pub(super) iat: Timestamp,
    #[serde(rename = "exp", with = "seconds")]
    pub(super) exp: Timestamp,
    #[serde(rename = "jti")]
    pub(super) jti: TokenId,
    #[serde(
        rename = "purls",
        serialize_with = "crate::claim::by_purl::serialize",
        deserialize_with = "crate::claim::by_purl::deserialize_some"
    )]
    pub(super) purls: BTreeSet<Namespace>,
    #[serde(rename = "actions")]
    pub(super) actions: Actions,
    #[serde(rename = "falls_to")]
    pub(super) falls_to: CapabilitySet,
}

/// A grant taken apart. Of its payload nothing was checked.
pub(super) struct Parts<'a> {
    /// The key that its header names.
    pub(super) kid: VerificationMethod,
    /// The bytes that the signature is of, as they were received.
    pub(super) signed: &'a [u8],
    pub(super) signature: Signature,
    payload: Vec<u8>,
}

/// Returns what is signed for this payload and key: header and payload, with a dot between them.
pub(super) fn signing_input(kid: VerificationMethod, payload: &Payload) -> String {
    let header = Header {
        alg: ALGORITHM.to_owned(),
        kid,
        typ: GRANT_TYPE.to_owned(),
    };
    let [header, payload] = [written(&header), written(payload)];
    let [header, payload] = [header, payload].map(|json| BASE64URL_NOPAD.encode(&json));
    format!("{header}.{payload}")
}

/// Returns the whole grant.
pub(super) fn with_signature(input: &str, signature: &Signature) -> String {
    let signature = BASE64URL_NOPAD.encode(&signature.to_bytes());
    format!("{input}.{signature}")
}

impl<'a> Parts<'a> {
    /// Takes a grant apart: its size, three segments of strict base64url, and a header that is exactly a grant's.
    pub(super) fn read(token: &'a str) -> Result<Self, GrantError> {
        if token.len() > MAX_GRANT_BYTES {
            return Err(GrantError::malformed("it is larger than any grant"));
        }
        let mut dots = token.match_indices('.').map(|(at, _)| at);
        let (Some(first), Some(second), None) = (dots.next(), dots.next(), dots.next()) else {
            return Err(GrantError::malformed("it does not have three parts"));
        };
        let header = decode(&token[..first])?;
        let payload = decode(&token[first + 1..second])?;
        let signature = <[u8; 64]>::try_from(decode(&token[second + 1..])?)
            .map_err(|_| GrantError::malformed("its signature is not one of Ed25519"))?;
        let header: Header = read(&header)
            .filter(|header: &Header| header.alg == ALGORITHM && header.typ == GRANT_TYPE)
            .ok_or(GrantError::malformed("its header is not that of a grant"))?;
        Ok(Self {
            kid: header.kid,
            signed: &token.as_bytes()[..second],
            signature: Signature::from_bytes(signature),
            payload,
        })
    }

    /// Reads the payload. The signature was checked before.
    pub(super) fn payload(&self) -> Result<Payload, GrantError> {
        let payload = read(&self.payload);
        payload.ok_or(GrantError::malformed("its payload is not that of a grant"))
    }
}

fn decode(segment: &str) -> Result<Vec<u8>, GrantError> {
    let bytes = BASE64URL_NOPAD.decode(segment.as_bytes());
    bytes.map_err(|_| GrantError::malformed("a part of it is not strict base64url"))
}

/// Reads a value that is written exactly as this library writes it. So there is no second spelling: no doubled or unknown member, no
/// white space, no other order, no escapes, and no list in place of an object.
fn read<T: Serialize + DeserializeOwned>(json: &[u8]) -> Option<T> {
    let value: T = serde_json::from_slice(json).ok()?;
    (written(&value) == json).then_some(value)
}

fn written<T: Serialize>(value: &T) -> Vec<u8> {
    #[expect(
        clippy::expect_used,
        reason = "headers and payloads are text, whole numbers and lists of text"
    )]
    serde_json::to_vec(value).expect("a grant serializes")
}

/// A time as whole seconds since 1970 (RFC 7519, NumericDate).
mod seconds {
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    use crate::Timestamp;

    pub(super) fn serialize<S: Serializer>(
        time: &Timestamp,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(time.as_unix())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Timestamp, D::Error> {
        let seconds = i64::deserialize(deserializer)?;
        Timestamp::from_unix(seconds).map_err(D::Error::custom)
    }
}
