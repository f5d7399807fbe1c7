//! The id of a claim.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::ClaimError;

/// The permanent id of one claim: `sha256:` and the hex digest of the bytes that its signature covers.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ClaimId(Box<str>);

impl ClaimId {
    pub(super) fn of(hash_data: &[u8; 64]) -> Self {
        let digest = data_encoding::HEXLOWER.encode(&Sha256::digest(hash_data));
        Self(format!("sha256:{digest}").into())
    }
}

impl FromStr for ClaimId {
    type Err = ClaimError;

    fn from_str(text: &str) -> Result<Self, ClaimError> {
        let hex = text.strip_prefix("sha256:").unwrap_or_default();
        if hex.len() == 64
            && hex
                .bytes()
                .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
        {
            Ok(Self(text.into()))
        } else {
            Err(ClaimError::malformed(
                "a claim id is sha256: and 64 lower-case hex digits",
            ))
        }
    }
}

impl TryFrom<String> for ClaimId {
    type Error = ClaimError;

    fn try_from(text: String) -> Result<Self, ClaimError> {
        text.parse()
    }
}

impl From<ClaimId> for String {
    fn from(id: ClaimId) -> Self {
        id.0.into()
    }
}

impl fmt::Display for ClaimId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
