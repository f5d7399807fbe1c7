//! A token.

use std::fmt;
use std::str::FromStr;

use secrecy::SecretString;
use subtle::ConstantTimeEq;

use super::attenuation::Attenuation;
use super::caveat::Caveat;
use super::chain::{ChainLink, RootKey};
use super::check::{TokenRejected, TokenValid};
use super::context::TokenUse;
use super::error::{MAX_CAVEATS, MAX_TEXT, MakeError, ParseError};
use super::macaroon::{Macaroon, TokenFormat};
use super::restriction::Restriction;
use super::rules::RuleSet;
use super::{check, text, writing};

/// A token. Its text is a secret: `Debug` leaves the signature out, there is no `Display`, and [`to_text`](Self::to_text) gives a
/// [`SecretString`].
#[derive(Clone)]
pub struct Token {
    prefix: String,
    macaroon: Macaroon,
}

impl Token {
    /// Reads a token. Only [`check`](Self::check) tells whether it is genuine.
    ///
    /// Both alphabets of base64 are read, with padding or without. One token therefore has several texts, and no text is fit as a
    /// key of a cache or of a list of revoked tokens: use the [`identifier`](Self::identifier).
    ///
    /// # Errors
    /// [`ParseError`], which never holds any of the text.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        let (prefix, bytes) = text::decode(text)?;
        let token = Self {
            prefix: prefix.to_owned(),
            macaroon: Macaroon::read(&bytes)?,
        };
        // The canonical form of a damaged token can be some bytes longer, and must be readable again.
        let is_near = text.len() + 8 > MAX_TEXT;
        if is_near && token.clone().small_enough().is_err() {
            return Err(ParseError::TooLarge);
        }
        Ok(token)
    }

    /// Returns the canonical text of the token.
    #[must_use]
    pub fn to_text(&self) -> SecretString {
        text::encode(&self.prefix, &self.macaroon.write())
    }

    /// Creates a token without restrictions, as a server does, from its domain, the name by which the server will find the key,
    /// and the key. Neither text is checked, and either may be empty.
    ///
    /// # Errors
    /// [`MakeError::TooLarge`] when it would be larger than the largest token that is read.
    pub fn create(domain: &str, identifier: &str, key: &RootKey) -> Result<Self, MakeError> {
        let token = Self {
            prefix: text::PREFIX.to_owned(),
            macaroon: Macaroon {
                format: TokenFormat::V2,
                location: domain.to_owned(),
                identifier: identifier.as_bytes().to_vec(),
                caveats: Vec::new(),
                signature: key.sign(identifier.as_bytes()).to_signature(),
            },
        };
        token.small_enough()
    }

    /// Sets another prefix than `pypi`. The prefix is not signed.
    ///
    /// # Errors
    /// [`MakeError`] for more than 32 characters, or for others than letters, digits, `_` and `.`.
    pub fn with_prefix(mut self, prefix: &str) -> Result<Self, MakeError> {
        if !text::is_prefix(prefix) {
            return Err(MakeError::BadPrefix);
        }
        prefix.clone_into(&mut self.prefix);
        self.small_enough()
    }

    /// Creates a token that may only do what this one may and `narrowing` allows. Needs no key. Adds all restrictions, or fails.
    ///
    /// Restrictions can never be removed: keep the original token in a safe place. Revoking one token revokes all, because they
    /// share their identifier.
    ///
    /// # Errors
    /// [`MakeError`] when the token would be too large, or when this token's signature was cut.
    pub fn restrict(&self, narrowing: &Attenuation) -> Result<Self, MakeError> {
        let mut link = ChainLink::of(&self.macaroon.signature).ok_or(MakeError::BadSignature)?;
        let mut token = self.clone();
        for restriction in narrowing.restrictions() {
            let caveat = Caveat::first_party(writing::caveat(restriction));
            link = link.then(&caveat);
            token.macaroon.caveats.push(caveat);
        }
        token.macaroon.signature = link.to_signature();
        token.small_enough()
    }

    /// Checks whether the token holds in this context, by these rules. For a server, which has the key.
    ///
    /// With [`RuleSet::Strict`] all caveats are in the chain whatever they say, the signature is compared in constant time before
    /// any caveat is read, and a refusal names every restriction that is not met. Neither the [`domain`](Self::domain) nor the
    /// [`prefix`](Self::prefix) is signed or compared: check them yourself.
    ///
    /// # Errors
    /// [`TokenRejected`] when it does not hold.
    pub fn check(
        &self,
        key: &RootKey,
        context: &TokenUse,
        rules: RuleSet,
    ) -> Result<TokenValid, TokenRejected> {
        check::check(self, key, context, rules)
    }

    /// Returns the token's own restrictions, in order. An empty list does not mean unrestricted, because the server may hold
    /// more.
    #[must_use]
    pub fn restrictions(&self) -> Vec<Restriction> {
        self.caveats().iter().map(Caveat::restriction).collect()
    }

    /// Returns the caveats as they are signed.
    #[must_use]
    pub fn caveats(&self) -> &[Caveat] {
        &self.macaroon.caveats
    }

    /// Returns the server that the token says it is for: `pypi.org`, `test.pypi.org`. Not signed.
    #[must_use]
    pub fn domain(&self) -> &str {
        &self.macaroon.location
    }

    /// Returns the name by which the server finds the key. Signed, and no secret. PyPI's are UUIDs.
    #[must_use]
    pub fn identifier(&self) -> &[u8] {
        &self.macaroon.identifier
    }

    /// Returns the identifier as text, where it is text.
    #[must_use]
    pub fn identifier_text(&self) -> Option<&str> {
        str::from_utf8(self.identifier()).ok()
    }

    /// Returns the text before the first dash. Not signed.
    #[must_use]
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// Returns the byte format of the token.
    #[must_use]
    pub fn format(&self) -> TokenFormat {
        self.macaroon.format
    }

    pub(super) fn signature(&self) -> &[u8] {
        &self.macaroon.signature
    }

    /// Checks that the token is small enough to be read.
    fn small_enough(self) -> Result<Self, MakeError> {
        let bytes = self.macaroon.write().len();
        let is_small = text::length(&self.prefix, bytes) <= MAX_TEXT;
        match is_small && self.caveats().len() <= MAX_CAVEATS {
            true => Ok(self),
            false => Err(MakeError::TooLarge),
        }
    }
}

impl FromStr for Token {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        Self::parse(text)
    }
}

impl PartialEq for Token {
    /// Compares the signatures in constant time.
    fn eq(&self, other: &Self) -> bool {
        self.prefix == other.prefix
            && self.format() == other.format()
            && self.domain() == other.domain()
            && self.identifier() == other.identifier()
            && self.caveats() == other.caveats()
            && bool::from(self.signature().ct_eq(other.signature()))
    }
}

impl Eq for Token {}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token")
            .field("prefix", &self.prefix)
            .field("domain", &self.domain())
            .field("identifier", &String::from_utf8_lossy(self.identifier()))
            .field("restrictions", &self.restrictions())
            .finish_non_exhaustive()
    }
}
