//! Audiences: the verifiers that a claim was signed for.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::identity::Did;
use crate::reason::{Invalid, Reason};

/// The `domain` of a proof: the verifier that the signer meant.
///
/// `auths:public` for claims that anyone may check; `auths:local:<did>` for a verifier that is the holder's own machine; for a
/// hub or gate, its own name, for example `https://hub.example`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Audience(Box<str>);

/// The error for a text that names no audience.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not an audience: 1 to 300 visible ASCII characters without spaces or quotes")]
pub struct AudienceError {
    /// The input, cut to 80 characters.
    pub text: String,
}

impl AudienceError {
    /// Returns the stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        Invalid::BadName.code()
    }
}

impl Audience {
    /// Creates the audience of everyone: `auths:public`.
    #[must_use]
    pub fn public() -> Self {
        Self("auths:public".into())
    }

    /// Creates the audience of the holder's own machine: `auths:local:<did>`.
    #[must_use]
    pub fn local(did: &Did) -> Self {
        Self(format!("auths:local:{did}").into())
    }

    /// Returns the audience as written in the proof.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns whether this is `auths:public`.
    #[must_use]
    pub fn is_public(&self) -> bool {
        &*self.0 == "auths:public"
    }
}

impl FromStr for Audience {
    type Err = AudienceError;

    fn from_str(text: &str) -> Result<Self, AudienceError> {
        let ok = (1..=300).contains(&text.len())
            && text
                .bytes()
                .all(|b| b.is_ascii_graphic() && b != b'"' && b != b'\\');
        if ok {
            Ok(Self(text.into()))
        } else {
            Err(AudienceError {
                text: crate::identity::text::cut(text, 80),
            })
        }
    }
}

impl TryFrom<String> for Audience {
    type Error = AudienceError;

    fn try_from(text: String) -> Result<Self, AudienceError> {
        text.parse()
    }
}

impl From<Audience> for String {
    fn from(audience: Audience) -> Self {
        audience.0.into()
    }
}

impl fmt::Display for Audience {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
