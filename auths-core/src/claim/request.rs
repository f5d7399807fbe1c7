//! Signing a claim.

use std::time::Duration;

use super::proof::{Proof, context, hash_data};
use super::{Audience, Challenge, Claim, Json, MAX_LIFE, SignError, Signed, rules};
use crate::Timestamp;
use crate::ports::Signer;

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
    pub fn with_challenge(mut self, challenge: Option<Challenge>) -> Self {
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
    /// [`SignError::Refused`] when life, audience or challenge do not fit the type, or the document would not read back (it
    /// is too large); [`SignError::Signer`].
    pub async fn sign(self, signer: &dyn Signer) -> Result<Signed<C>, SignError> {
        let refuse = |what: String| SignError::Refused { what };
        let method = signer.method();
        let proof = Proof {
            created: self.now,
            expires: rules::<C>().expires.then(|| self.now + self.life),
            method,
            domain: self.audience,
            challenge: self.challenge,
        };
        let Json::Object(mut body) = Json::of(&self.claim).map_err(|e| refuse(e.to_string()))?
        else {
            return Err(refuse("the body is not an object".to_owned()));
        };
        let did = proof.method.did().to_string();
        for (key, value) in [
            ("@context", context()),
            ("type", Json::String(C::TYPE.to_owned())),
            ("did", Json::String(did)),
        ] {
            if body.insert(key.to_owned(), value).is_some() {
                return Err(refuse(format!("the body has its own {key}")));
            }
        }
        if body.contains_key("proof") {
            return Err(refuse("the body has its own proof".to_owned()));
        }
        let document = Json::Object(body);
        let canonical = document.canonical();
        let (_, claim) = Signed::<C>::read_body(document).map_err(|e| refuse(e.to_string()))?;
        let hash_data = hash_data(&Json::Object(proof.configuration()), &canonical);
        let max = rules::<C>().max_bytes;
        if canonical.len() > max {
            return Err(refuse(format!("it is longer than {max} bytes")));
        }
        let signature = signer.sign(&hash_data).await?;
        let signed = Signed::assemble(claim, canonical, proof, hash_data, signature);
        signed.check_profile().map_err(|e| refuse(e.to_string()))?;
        signed.check_life().map_err(|e| refuse(e.to_string()))?;
        // What is handed on is what others will read, not what was given: the two may differ in a foreign type.
        let signed = Signed::parse(signed.to_json().as_bytes());
        signed.map_err(|e| refuse(format!("it would not read back: {e}")))
    }
}
