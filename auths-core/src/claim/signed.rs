//! Signed claims: the whole document, read but not yet verified.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::json::SLACK;
use super::proof::{Proof, hash_data, is_context, write_signature};
use super::{Audience, Challenge, Claim, ClaimError, ClaimId, JsonError, StrictJson, rules};
use crate::Timestamp;
use crate::crypto::Signature;
use crate::identity::Did;

/// A claim that was read from outside or signed here. **Unverified**: anybody may have written its content.
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
    /// The document without its proof, in canonical form.
    document: Vec<u8>,
    hash_data: [u8; 64],
    proof: Proof,
    signature: Signature,
}

impl<C: Claim> Signed<C> {
    /// Reads a document of type `C` from bytes.
    ///
    /// In canonical form without its proof, a claim has at most 1 MiB and an observation 4 MiB. The text may be twice as long.
    /// When serde reads the document, the same limit on the canonical form applies.
    ///
    /// # Errors
    /// [`ClaimError::Json`] or [`ClaimError::Malformed`]. Signature, time and audience are not checked here, but in
    /// [`verify`](Signed::verify).
    pub fn parse(bytes: &[u8]) -> Result<Self, ClaimError> {
        Self::from_tree(StrictJson::parse_up_to(bytes, Self::max_text())?)
    }

    pub(crate) fn from_tree(tree: StrictJson) -> Result<Self, ClaimError> {
        let StrictJson::Object(mut members) = tree else {
            return Err(ClaimError::malformed("the document is not an object"));
        };
        let Some(StrictJson::Object(mut configuration)) = members.remove("proof") else {
            return Err(ClaimError::malformed("proof is missing or not one object"));
        };
        let document = StrictJson::Object(members);
        let canonical = document.canonical();
        let max = rules::<C>().max_bytes;
        if canonical.len() > max {
            let detail = format!("longer than {max} bytes in canonical form");
            return Err(JsonError(detail).into());
        }
        let (did, claim) = Self::read_body(document)?;
        let (proof, signature) =
            Proof::read(&mut configuration, &did).map_err(ClaimError::malformed)?;
        let hash_data = hash_data(&StrictJson::Object(configuration), &canonical);
        let signed = Self::assemble(claim, canonical, proof, hash_data, signature);
        signed.check_profile()?;
        Ok(signed)
    }

    fn max_text() -> usize {
        SLACK * rules::<C>().max_bytes
    }

    #[cfg(test)]
    pub(super) fn document_len(&self) -> usize {
        self.document.len()
    }

    /// Creates the value from its parts. The caller must check that they agree.
    pub(super) fn assemble(
        claim: C,
        document: Vec<u8>,
        proof: Proof,
        hash_data: [u8; 64],
        signature: Signature,
    ) -> Self {
        Self {
            claim,
            did: proof.method.did().clone(),
            id: ClaimId::of(&hash_data),
            document,
            hash_data,
            proof,
            signature,
        }
    }

    pub(super) fn read_body(document: StrictJson) -> Result<(Did, C), ClaimError> {
        let StrictJson::Object(mut body) = document else {
            return Err(ClaimError::malformed("the document is not an object"));
        };
        if !body.remove("@context").as_ref().is_some_and(is_context) {
            return Err(ClaimError::malformed(
                "@context is not the context of this profile",
            ));
        }
        if !matches!(body.remove("type"), Some(StrictJson::String(t)) if t == C::TYPE) {
            return Err(ClaimError::malformed(format!("type is not {:?}", C::TYPE)));
        }
        let Some(StrictJson::String(did)) = body.remove("did") else {
            return Err(ClaimError::malformed("did is missing"));
        };
        let did = did
            .parse()
            .map_err(|e| ClaimError::malformed(format!("did: {e}")))?;
        let claim = StrictJson::Object(body)
            .read()
            .map_err(|e| ClaimError::malformed(e.0))?;
        Ok((did, claim))
    }

    /// Checks the rules of the type, except for time and life.
    pub(super) fn check_profile(&self) -> Result<(), ClaimError> {
        let rules = rules::<C>();
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

    /// Returns the body. It is unverified: neither its signer nor its truth is known.
    #[must_use]
    pub fn unverified(&self) -> &C {
        &self.claim
    }

    /// Returns the DID in the document. It is unverified that this DID signed it.
    #[must_use]
    pub fn did(&self) -> &Did {
        &self.did
    }

    /// Returns the claim's id. It changes when anything signed changes.
    #[must_use]
    pub fn id(&self) -> &ClaimId {
        &self.id
    }

    /// Returns the time of signing that the document gives.
    #[must_use]
    pub fn created(&self) -> Timestamp {
        self.proof.created
    }

    /// Returns the time at which the claim expires; `None` for revocations.
    #[must_use]
    pub fn expires(&self) -> Option<Timestamp> {
        self.proof.expires
    }

    /// Returns the audience.
    #[must_use]
    pub fn audience(&self) -> &Audience {
        &self.proof.domain
    }

    /// Returns the challenge that the claim answers.
    #[must_use]
    pub fn challenge(&self) -> Option<&Challenge> {
        self.proof.challenge.as_ref()
    }

    pub(crate) fn signature_parts(
        &self,
    ) -> (&crate::identity::VerificationMethod, &[u8; 64], &Signature) {
        (&self.proof.method, &self.hash_data, &self.signature)
    }

    fn canonical_tree(&self) -> StrictJson {
        let mut configuration: BTreeMap<String, StrictJson> = self.proof.configuration();
        configuration.insert(
            "proofValue".to_owned(),
            StrictJson::String(write_signature(&self.signature)),
        );
        let mut document = StrictJson::read_again(&self.document);
        if let StrictJson::Object(members) = &mut document {
            members.insert("proof".to_owned(), StrictJson::Object(configuration));
        }
        document
    }

    /// Reads the body again from the signed bytes.
    pub(crate) fn read_again(&self) -> Result<C, ClaimError> {
        Ok(Self::read_body(StrictJson::read_again(&self.document))?.1)
    }

    /// Returns the whole document, to be stored and sent: indented, or compact where the indented text would be too long to be
    /// read back.
    #[must_use]
    pub fn to_json(&self) -> String {
        StrictJson::text(&self.canonical_tree(), Self::max_text())
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
        self.canonical_tree().serialize(serializer)
    }
}

impl<'de, C: Claim> Deserialize<'de> for Signed<C> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::from_tree(StrictJson::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}
