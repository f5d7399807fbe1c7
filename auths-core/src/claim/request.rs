//! Signing a claim.

use std::time::Duration;

use super::proof::{Proof, context, hash_data};
use super::{Audience, Challenge, Claim, MAX_LIFE, SignError, Signed, StrictJson, rules};
use crate::Timestamp;
use crate::ports::Signer;

/// The content of a proof to be signed.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SigningRequest<C> {
    /// The body of the claim.
    pub claim: C,
    /// The audience.
    pub audience: Audience,
    /// The verifier's challenge, when it gave one (namespace claims).
    pub challenge: Option<Challenge>,
    /// The present time.
    pub now: Timestamp,
    /// The life of the claim. Ignored for revocations, which never expire.
    pub life: Duration,
}

impl<C: Claim> SigningRequest<C> {
    /// Creates a request to sign `claim` for everyone, for its longest life.
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

    /// Sets the audience.
    #[must_use]
    pub fn for_audience(mut self, audience: Audience) -> Self {
        self.audience = audience;
        self
    }

    /// Sets the challenge that the claim answers.
    #[must_use]
    pub fn with_challenge(mut self, challenge: Option<Challenge>) -> Self {
        self.challenge = challenge;
        self
    }

    /// Sets the life of the claim.
    #[must_use]
    pub fn living(mut self, life: Duration) -> Self {
        self.life = life;
        self
    }

    /// Signs the claim.
    ///
    /// # Errors
    /// [`SignError::Refused`] when life, audience or challenge do not fit the type, or when the document could not be read back
    /// (for example, because it is too large). [`SignError::Signer`] when the signer fails.
    pub async fn sign(self, signer: &dyn Signer) -> Result<Signed<C>, SignError> {
        let method = signer.method();
        let proof = Proof {
            created: self.now,
            expires: rules::<C>().expires.then(|| self.now + self.life),
            method,
            domain: self.audience,
            challenge: self.challenge,
        };
        let StrictJson::Object(mut body) =
            StrictJson::of(&self.claim).map_err(|e| refused(e.to_string()))?
        else {
            return Err(refused("the body is not an object".to_owned()));
        };
        let did = proof.method.did().to_string();
        for (key, value) in [
            ("@context", context()),
            ("type", StrictJson::String(C::TYPE.to_owned())),
            ("did", StrictJson::String(did)),
        ] {
            if body.insert(key.to_owned(), value).is_some() {
                return Err(refused(format!("the body has its own {key}")));
            }
        }
        if body.contains_key("proof") {
            return Err(refused("the body has its own proof".to_owned()));
        }
        let document = StrictJson::Object(body);
        let canonical = document.canonical();
        let (_, claim) = Signed::<C>::read_body(document).map_err(|e| refused(e.to_string()))?;
        let hash_data = hash_data(&StrictJson::Object(proof.configuration()), &canonical);
        let max = rules::<C>().max_bytes;
        if canonical.len() > max {
            return Err(refused(format!("it is longer than {max} bytes")));
        }
        let signature = signer.sign(&hash_data).await?;
        let signed = Signed::assemble(claim, canonical, proof, hash_data, signature);
        signed.check_profile().map_err(|e| refused(e.to_string()))?;
        signed.check_life().map_err(|e| refused(e.to_string()))?;
        // Return the document as others will read it, not the input: in a foreign type the two may differ.
        let signed = Signed::parse(signed.to_json().as_bytes());
        signed.map_err(|e| refused(format!("it would not read back: {e}")))
    }
}

fn refused(what: String) -> SignError {
    SignError::Refused { what }
}
