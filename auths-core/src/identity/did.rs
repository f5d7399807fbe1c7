//! Decentralized identifiers: the DID of a device key.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::text::cut;
use crate::codes::{Invalid, Reason};
use crate::crypto::{KeyError, PublicKey};

/// The maximum length of a DID. A `did:key` has 56 characters.
const MAX_LEN: usize = 256;
/// The multicodec `ed25519-pub` (0xed) as an unsigned varint.
const ED25519_PUB: [u8; 2] = [0xed, 0x01];

/// A DID (W3C DID Core): the identifier of a claim's signer.
///
/// The built-in method is `did:key` with an Ed25519 key (`did:key:z6Mk...`). The DID contains the key, so no lookup is needed. A
/// `Did` of this method exists only for a canonical key of large order. DIDs of other methods are parsed by their syntax; their
/// keys come from a [`DidResolver`](crate::ports::DidResolver).
///
/// The syntax is that of W3C DID Core 1.0, section 3.1: the method-specific id consists of parts of letters, digits, `.`, `-`,
/// `_` and `%` escapes, separated by colons. Parts may be empty (`did:web:a::b`), except for the last. DIDs are compared as
/// written: `%3A` and `%3a` make two DIDs, and nothing is decoded here.
///
/// Source: the did:key method specification of the W3C Credentials Community Group, section 3.
///
/// ```
/// use auths_core::Did;
///
/// let did: Did = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK".parse()?;
/// assert_eq!(did.method(), "key");
/// assert!(did.key().is_some());
/// assert!("did:key:z6Mkfoo".parse::<Did>().is_err());
/// # Ok::<(), auths_core::DidError>(())
/// ```
#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Did(Arc<DidInner>);

struct DidInner {
    text: Box<str>,
    key: Option<PublicKey>,
}

/// The error for a text that is not a DID this library can trust.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DidError {
    /// The text is not `did:<method>:<id>`, is too long, or has a path, query or fragment.
    #[error("{text:?} is not a DID: expected did:key:z6Mk...")]
    Syntax {
        /// The input, cut to 80 characters.
        text: String,
    },
    /// The text is a `did:key`, but not the one canonical spelling of an Ed25519 key.
    #[error("{text:?} is not the did:key of an Ed25519 key")]
    NotEd25519 {
        /// The input, cut to 80 characters.
        text: String,
    },
    /// The text is a `did:key` of a key that must not be trusted.
    #[error("the key of the did:key is refused")]
    Key(#[source] KeyError),
}

impl DidError {
    /// Returns the stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        Invalid::BadName.code()
    }

    fn syntax(text: &str) -> Self {
        Self::Syntax {
            text: cut(text, 80),
        }
    }

    fn not_ed25519(text: &str) -> Self {
        Self::NotEd25519 {
            text: cut(text, 80),
        }
    }
}

impl Did {
    /// Creates the `did:key` of an Ed25519 key.
    #[must_use]
    pub fn from_key(key: &PublicKey) -> Self {
        let mut bytes = [0u8; 34];
        bytes[..2].copy_from_slice(&ED25519_PUB);
        bytes[2..].copy_from_slice(&key.to_bytes());
        let text = format!("did:key:z{}", bs58::encode(bytes).into_string());
        Self(Arc::new(DidInner {
            text: text.into(),
            key: Some(*key),
        }))
    }

    /// Returns the whole DID.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0.text
    }

    /// Returns the method's name: `key` for a `did:key`.
    #[must_use]
    pub fn method(&self) -> &str {
        self.0.text.split(':').nth(1).unwrap_or_default()
    }

    /// Returns the key that a `did:key` spells. `None` for other methods, which must be resolved.
    #[must_use]
    pub fn key(&self) -> Option<&PublicKey> {
        self.0.key.as_ref()
    }

    /// Returns the verification method that a `did:key` names for its one key: `<did>#<key>`.
    #[must_use]
    pub fn key_method(&self) -> Option<VerificationMethod> {
        self.key()?;
        let fragment = self.0.text.strip_prefix("did:key:")?.into();
        Some(VerificationMethod {
            did: self.clone(),
            fragment,
        })
    }
}

impl FromStr for Did {
    type Err = DidError;

    fn from_str(text: &str) -> Result<Self, DidError> {
        if text.len() > MAX_LEN {
            return Err(DidError::syntax(text));
        }
        let (method, id) = text
            .strip_prefix("did:")
            .and_then(|rest| rest.split_once(':'))
            .ok_or_else(|| DidError::syntax(text))?;
        let method_ok = !method.is_empty()
            && method
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        if !method_ok || !is_method_specific_id(id) {
            return Err(DidError::syntax(text));
        }
        let key = match method {
            "key" => Some(parse_key(id, text)?),
            _ => None,
        };
        Ok(Self(Arc::new(DidInner {
            text: text.into(),
            key,
        })))
    }
}

/// Returns whether `id` matches `method-specific-id = *( *idchar ":" ) 1*idchar`.
fn is_method_specific_id(id: &str) -> bool {
    let mut rest = id.as_bytes();
    loop {
        rest = match rest {
            [b'%', high, low, rest @ ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                rest
            }
            [plain, rest @ ..] if plain.is_ascii_alphanumeric() || b"._:-".contains(plain) => rest,
            _ => break,
        }
    }
    rest.is_empty() && !id.is_empty() && !id.ends_with(':')
}

fn parse_key(id: &str, text: &str) -> Result<PublicKey, DidError> {
    // Base58 decoding is quadratic, so check the length first. 34 bytes make 47 or 48 characters.
    let encoded = id
        .strip_prefix('z')
        .filter(|e| e.len() <= 48)
        .ok_or_else(|| DidError::not_ed25519(text))?;
    let mut bytes = [0u8; 34];
    let n = bs58::decode(encoded)
        .onto(&mut bytes)
        .map_err(|_| DidError::not_ed25519(text))?;
    let key: &[u8; 32] = match bytes.split_first_chunk::<2>() {
        Some((&ED25519_PUB, rest)) if n == 34 => {
            rest.try_into().map_err(|_| DidError::not_ed25519(text))?
        }
        _ => return Err(DidError::not_ed25519(text)),
    };
    // One key, one spelling: base58 maps texts to bytes one to one, and a key is its canonical bytes.
    PublicKey::from_bytes(key).map_err(DidError::Key)
}

/// A DID URL that names one key of a DID: `<did>#<fragment>`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct VerificationMethod {
    did: Did,
    fragment: Box<str>,
}

impl VerificationMethod {
    /// Returns the DID before the `#`.
    #[must_use]
    pub fn did(&self) -> &Did {
        &self.did
    }

    /// Returns the part after the `#`.
    #[must_use]
    pub fn fragment(&self) -> &str {
        &self.fragment
    }
}

impl VerificationMethod {
    /// Reads a verification method of `did`, without parsing the DID again. `None` if `text` belongs to another DID or is not a
    /// verification method.
    pub(crate) fn of(did: &Did, text: &str) -> Option<Self> {
        let fragment = text.strip_prefix(did.as_str())?.strip_prefix('#')?;
        is_fragment(fragment).then(|| Self {
            did: did.clone(),
            fragment: fragment.into(),
        })
    }
}

fn is_fragment(text: &str) -> bool {
    let mut bytes = text.bytes();
    let is_plain = bytes.all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b));
    !text.is_empty() && text.len() <= MAX_LEN && is_plain
}

impl FromStr for VerificationMethod {
    type Err = DidError;

    fn from_str(text: &str) -> Result<Self, DidError> {
        let (did, fragment) = text.split_once('#').ok_or_else(|| DidError::syntax(text))?;
        if !is_fragment(fragment) {
            return Err(DidError::syntax(text));
        }
        Ok(Self {
            did: did.parse()?,
            fragment: fragment.into(),
        })
    }
}

impl fmt::Display for VerificationMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}", self.did, self.fragment)
    }
}

impl TryFrom<String> for VerificationMethod {
    type Error = DidError;

    fn try_from(text: String) -> Result<Self, DidError> {
        text.parse()
    }
}

impl From<VerificationMethod> for String {
    fn from(method: VerificationMethod) -> Self {
        method.to_string()
    }
}

impl TryFrom<String> for Did {
    type Error = DidError;

    fn try_from(text: String) -> Result<Self, DidError> {
        text.parse()
    }
}

impl From<Did> for String {
    fn from(did: Did) -> Self {
        did.as_str().to_owned()
    }
}

impl PartialEq for Did {
    fn eq(&self, other: &Self) -> bool {
        self.0.text == other.0.text
    }
}

impl Eq for Did {}

impl PartialOrd for Did {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Did {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.text.cmp(&other.0.text)
    }
}

impl Hash for Did {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.text.hash(state);
    }
}

impl fmt::Display for Did {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.text)
    }
}

impl fmt::Debug for Did {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Did({})", self.0.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::{KeyPair, Seed};
    use proptest::prelude::*;
    use zeroize::Zeroizing;

    proptest! {
        #[test]
        fn a_key_has_one_did(seed in any::<[u8; 32]>()) {
            let key = KeyPair::from_seed(&Seed::new(Zeroizing::new(seed))).public();
            let did = Did::from_key(&key);
            let read: Did = did.as_str().parse().unwrap();
            prop_assert_eq!(read.key(), Some(&key));
            prop_assert_eq!(read, did);
        }

        #[test]
        fn what_parses_prints_the_same(text in "did:[a-z]{1,5}:[ -~]{1,60}") {
            if let Ok(did) = text.parse::<Did>() {
                prop_assert_eq!(did.as_str(), text);
            }
        }
    }

    #[test]
    fn refuses_other_codecs_lengths_and_spellings() {
        for text in [
            "did:key:z6LSbysY2xFMRpGMhb7tFTLMpeuPRaqaWM1yECx2AtzE3KCc", // x25519
            "did:key:zQ3shokFTS3brHcDQrn82RUDfCZESWL1ZdCEJwekUDPQiYBme", // secp256k1
            "did:key:z",
            "did:key:",
            "did:key:zz6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK",
            "did:key:m6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK",
            "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK#x",
            "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK?a",
            "DID:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK",
            "did::x",
            "did:web:",
            "did:web:a b",
            "",
        ] {
            assert!(text.parse::<Did>().is_err(), "{text}");
        }
    }

    #[test]
    fn other_methods_parse_but_spell_no_key() {
        let did: Did = "did:web:example.com:u:alice".parse().unwrap();
        assert_eq!((did.method(), did.key()), ("web", None));
        assert!(did.key_method().is_none());
    }

    #[test]
    fn method_specific_ids_are_those_of_did_core() {
        for text in [
            "did:web:localhost%3A8443",
            "did:web:localhost%3a8443:u",
            "did:web:a::b",
            "did:web::a",
            "did:x:%00",
        ] {
            assert_eq!(text.parse::<Did>().unwrap().as_str(), text);
        }
        for text in [
            "did:web:a:",
            "did:web:a::",
            "did:web::",
            "did:web:%",
            "did:web:a%3",
            "did:web:a%3:b",
            "did:web:a%%3A",
            "did:web:a%3G",
            "did:web:a/b",
            "did:web:é",
        ] {
            assert!(text.parse::<Did>().is_err(), "{text}");
        }
        let [upper, lower] = ["did:web:a%3A1", "did:web:a%3a1"].map(|t| t.parse::<Did>().unwrap());
        assert_ne!(upper, lower);
    }

    #[test]
    fn serde_parses() {
        assert!(serde_json::from_str::<Did>("\"did:key:junk\"").is_err());
    }
}
