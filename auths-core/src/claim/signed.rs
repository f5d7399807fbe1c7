//! A claim as it travels: the whole document, read but not yet believed.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};

use super::proof::{Proof, context, hash_data, is_context, write_signature};
use super::{
    Audience, Challenge, Claim, Delegation, Json, JsonError, MAX_LIFE, NamespaceClaim, Observation,
    PlatformClaim, Revocation, rules,
};
use crate::Timestamp;
use crate::crypto::Signature;
use crate::identity::Did;
use crate::outcome::{Refuted, Unavailable};
use crate::ports::{Signer, SignerError};

/// What names one claim for good: `sha256:` and the hex digest of what its signature covers.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ClaimId(Box<str>);

impl ClaimId {
    fn of(hash_data: &[u8; 64]) -> Self {
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

/// Why a document is not a claim that can be relied on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ClaimError {
    /// The bytes are not the strict JSON of this format.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// The document is not of the exact profile.
    #[error("not a claim of this profile: {what}")]
    Malformed {
        /// What was seen, and where.
        what: String,
    },
    /// The document is a claim, and does not hold.
    #[error(transparent)]
    Refuted(#[from] Refuted),
    /// Whether it holds could not be seen.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl ClaimError {
    pub(crate) fn malformed(what: impl Into<String>) -> Self {
        Self::Malformed { what: what.into() }
    }
}

/// Why a claim could not be signed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SignError {
    /// The claim does not fit the profile.
    #[error("the claim cannot be signed as asked: {what}")]
    Refused {
        /// What is wrong.
        what: String,
    },
    /// The signer failed.
    #[error("the device key did not sign")]
    Signer(#[from] SignerError),
}

/// What a proof should say.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SigningRequest<C> {
    /// The body.
    pub claim: C,
    /// For whom.
    pub audience: Audience,
    /// The verifier's challenge, when it gave one (namespace claims).
    pub challenge: Option<Challenge>,
    /// The time now.
    pub now: Timestamp,
    /// How long it shall hold. Not used for revocations, which never expire.
    pub life: Duration,
}

impl<C: Claim> SigningRequest<C> {
    /// A request to sign `claim` for everyone, for its longest life.
    #[must_use]
    pub fn new(claim: C, now: Timestamp) -> Self {
        let life = claim.max_life().min(MAX_LIFE);
        Self {
            claim,
            audience: Audience::public(),
            challenge: None,
            now,
            life,
        }
    }

    /// For this audience.
    #[must_use]
    pub fn for_audience(mut self, audience: Audience) -> Self {
        self.audience = audience;
        self
    }

    /// In answer to this challenge.
    #[must_use]
    pub fn answering(mut self, challenge: Option<Challenge>) -> Self {
        self.challenge = challenge;
        self
    }

    /// For this long.
    #[must_use]
    pub fn living(mut self, life: Duration) -> Self {
        self.life = life;
        self
    }

    /// Signs.
    ///
    /// # Errors
    /// [`SignError::Refused`] when life, audience or challenge do not fit the type; [`SignError::Signer`].
    pub async fn sign(self, signer: &dyn Signer) -> Result<Signed<C>, SignError> {
        let refuse = |what: String| SignError::Refused { what };
        let method = signer.method();
        let proof = Proof {
            created: self.now,
            expires: rules(C::TYPE).expires.then(|| self.now + self.life),
            method,
            domain: self.audience,
            challenge: self.challenge,
        };
        let Json::Object(mut body) = Json::of(&self.claim).map_err(|e| refuse(e.to_string()))?
        else {
            return Err(refuse("the body is not an object".to_owned()));
        };
        let did = proof.method.did().clone();
        for (key, value) in [
            ("@context", context()),
            ("type", Json::String(C::TYPE.to_owned())),
            ("did", Json::String(did.to_string())),
        ] {
            if body.insert(key.to_owned(), value).is_some() {
                return Err(refuse(format!("the body has its own {key}")));
            }
        }
        if body.contains_key("proof") {
            return Err(refuse("the body has its own proof".to_owned()));
        }
        let document = Json::Object(body);
        let hash_data = hash_data(&Json::Object(proof.configuration()), &document);
        let signature = signer.sign(&hash_data).await?;
        let signed = Signed {
            claim: self.claim,
            did,
            id: ClaimId::of(&hash_data),
            document,
            hash_data,
            proof,
            signature,
        };
        signed.check_profile().map_err(|e| refuse(e.to_string()))?;
        signed.check_life().map_err(|e| refuse(e.to_string()))?;
        Ok(signed)
    }
}

/// A claim that was read from outside or signed here. **Unverified**: everything in it is what somebody wrote.
///
/// ```
/// use auths_core::claim::{PlatformClaim, Signed, SigningRequest};
/// use auths_core::crypto::{KeyPair, Seed};
/// # use std::future::Future; use std::task::{Context, Poll, Waker};
/// # fn block_on<F: Future>(f: F) -> F::Output {
/// #     let mut f = std::pin::pin!(f);
/// #     loop { if let Poll::Ready(v) = f.as_mut().poll(&mut Context::from_waker(Waker::noop())) { return v; } }
/// # }
///
/// let key = KeyPair::from_seed(&Seed::new(zeroize::Zeroizing::new([7; 32])));
/// let now = "2026-11-21T08:46:00Z".parse()?;
/// let claim = PlatformClaim::new("pypi:alice".parse()?, None);
/// let signed = block_on(SigningRequest::new(claim, now).sign(&key))?;
///
/// let read = Signed::<PlatformClaim>::parse(signed.to_json().as_bytes())?;
/// assert_eq!(read.id(), signed.id());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq)]
pub struct Signed<C> {
    claim: C,
    did: Did,
    id: ClaimId,
    /// The document without its proof.
    document: Json,
    hash_data: [u8; 64],
    proof: Proof,
    signature: Signature,
}

impl<C: Claim> Signed<C> {
    /// Reads a document of type `C` from bytes.
    ///
    /// # Errors
    /// [`ClaimError::Json`] or [`ClaimError::Malformed`]. Signature, time and audience are not looked at: that is
    /// [`verify`](Signed::verify).
    pub fn parse(bytes: &[u8]) -> Result<Self, ClaimError> {
        Self::from_tree(Json::parse(bytes)?)
    }

    pub(crate) fn from_tree(tree: Json) -> Result<Self, ClaimError> {
        let Json::Object(mut members) = tree else {
            return Err(ClaimError::malformed("the document is not an object"));
        };
        let Some(Json::Object(mut configuration)) = members.remove("proof") else {
            return Err(ClaimError::malformed("proof is missing or not one object"));
        };
        let document = Json::Object(members);
        let (did, claim) = Self::read_body(&document)?;
        let (proof, signature) =
            Proof::read(&mut configuration, &did).map_err(ClaimError::malformed)?;
        let hash_data = hash_data(&Json::Object(configuration), &document);
        let signed = Self {
            claim,
            did,
            id: ClaimId::of(&hash_data),
            document,
            hash_data,
            proof,
            signature,
        };
        signed.check_profile()?;
        Ok(signed)
    }

    fn read_body(document: &Json) -> Result<(Did, C), ClaimError> {
        let Json::Object(mut body) = document.clone() else {
            return Err(ClaimError::malformed("the document is not an object"));
        };
        if !body.remove("@context").as_ref().is_some_and(is_context) {
            return Err(ClaimError::malformed(
                "@context is not the context of this profile",
            ));
        }
        if !matches!(body.remove("type"), Some(Json::String(t)) if t == C::TYPE) {
            return Err(ClaimError::malformed(format!("type is not {:?}", C::TYPE)));
        }
        let Some(Json::String(did)) = body.remove("did") else {
            return Err(ClaimError::malformed("did is missing"));
        };
        let did = did
            .parse()
            .map_err(|e| ClaimError::malformed(format!("did: {e}")))?;
        let claim = Json::Object(body)
            .read()
            .map_err(|e| ClaimError::malformed(e.0))?;
        Ok((did, claim))
    }

    /// What the table of types fixes, but for time and life.
    fn check_profile(&self) -> Result<(), ClaimError> {
        let rules = rules(C::TYPE);
        let proof = &self.proof;
        let wrong = if *proof.method.did() != self.did {
            "proof.verificationMethod is not a key of the document's did"
        } else if proof.expires.is_some() != rules.expires {
            "proof.expires must stand on every claim but revocations, and on those never"
        } else if proof.challenge.is_some() && !rules.challenge {
            "proof.challenge has no place on this type"
        } else if rules
            .public
            .is_some_and(|public| public != proof.domain.is_public())
        {
            "proof.domain must be auths:public, and on namespace claims a verifier"
        } else {
            return Ok(());
        };
        Err(ClaimError::malformed(wrong))
    }

    /// What somebody wrote. Says nothing about who, or whether it is true.
    #[must_use]
    pub fn unverified(&self) -> &C {
        &self.claim
    }

    /// The DID that is said to have signed.
    #[must_use]
    pub fn did(&self) -> &Did {
        &self.did
    }

    /// The claim's name: changes when anything signed changes.
    #[must_use]
    pub fn id(&self) -> &ClaimId {
        &self.id
    }

    /// When it is said to have been signed.
    #[must_use]
    pub fn created(&self) -> Timestamp {
        self.proof.created
    }

    /// When it ends; `None` for revocations.
    #[must_use]
    pub fn expires(&self) -> Option<Timestamp> {
        self.proof.expires
    }

    /// For whom it is.
    #[must_use]
    pub fn audience(&self) -> &Audience {
        &self.proof.domain
    }

    /// The challenge that it answers.
    #[must_use]
    pub fn challenge(&self) -> Option<&Challenge> {
        self.proof.challenge.as_ref()
    }

    pub(crate) fn signature_parts(
        &self,
    ) -> (&crate::identity::VerificationMethod, &[u8; 64], &Signature) {
        (&self.proof.method, &self.hash_data, &self.signature)
    }

    fn tree(&self) -> Json {
        let mut configuration: BTreeMap<String, Json> = self.proof.configuration();
        configuration.insert(
            "proofValue".to_owned(),
            Json::String(write_signature(&self.signature)),
        );
        let mut members = match &self.document {
            Json::Object(members) => members.clone(),
            _ => BTreeMap::new(),
        };
        members.insert("proof".to_owned(), Json::Object(configuration));
        Json::Object(members)
    }

    /// The whole document, indented, as it may be stored and sent.
    #[must_use]
    pub fn to_json(&self) -> String {
        #[expect(
            clippy::expect_used,
            clippy::missing_panics_doc,
            reason = "strings, booleans, arrays and objects always serialize"
        )]
        serde_json::to_string_pretty(&self.tree()).expect("strict JSON serializes")
    }
}

impl<C: Claim> fmt::Debug for Signed<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signed")
            .field("type", &C::TYPE)
            .field("did", &self.did)
            .field("id", &self.id)
            .field("claim", &self.claim)
            .field("proof", &self.proof)
            .finish()
    }
}

impl<C: Claim> Serialize for Signed<C> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.tree().serialize(serializer)
    }
}

impl<'de, C: Claim> Deserialize<'de> for Signed<C> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::from_tree(Json::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

/// A claim of one of the built-in types, told apart by its `type`.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum AnyClaim {
    /// A platform claim.
    Platform(Signed<PlatformClaim>),
    /// A namespace claim.
    Namespace(Signed<NamespaceClaim>),
    /// A delegation.
    Delegation(Signed<Delegation>),
    /// A revocation.
    Revocation(Signed<Revocation>),
    /// An observation.
    Observation(Box<Signed<Observation>>),
}

impl AnyClaim {
    /// Reads a document of any built-in type from bytes.
    ///
    /// # Errors
    /// As [`Signed::parse`]; an unknown type is [`ClaimError::Malformed`].
    pub fn parse(bytes: &[u8]) -> Result<Self, ClaimError> {
        let tree = Json::parse(bytes)?;
        let name = match &tree {
            Json::Object(members) => members.get("type").cloned(),
            _ => None,
        };
        let Some(Json::String(name)) = name else {
            return Err(ClaimError::malformed("type is missing"));
        };
        Ok(match name.as_str() {
            PlatformClaim::TYPE => Self::Platform(Signed::from_tree(tree)?),
            NamespaceClaim::TYPE => Self::Namespace(Signed::from_tree(tree)?),
            Delegation::TYPE => Self::Delegation(Signed::from_tree(tree)?),
            Revocation::TYPE => Self::Revocation(Signed::from_tree(tree)?),
            Observation::TYPE => Self::Observation(Box::new(Signed::from_tree(tree)?)),
            _ => {
                let name = crate::identity::text::cut(&name, 40);
                return Err(ClaimError::malformed(format!("type {name:?} is not known")));
            }
        })
    }
}
