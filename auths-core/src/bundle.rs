//! Bundles: a namespace claim with everything that its decision was made from, so that others can decide anew.

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::claim::{
    ClaimError, Delegation, JsonError, KeyRing, NamespaceClaim, Observation, PlatformClaim,
    ProofExpectation, Revocation, Signed, StrictJson,
};
use crate::decide::{Decision, DecisionInput, Revocations};
use crate::evidence::{AccountEvidence, AccountProof, Evidence, LinkedAccount, ObservedEvidence};
use crate::ports::{GistHint, ProofHint};
use crate::reason::{Invalid, Reason};

/// The maximum length of a bundle's text, in bytes.
const MAX_BYTES: usize = 16 * 1024 * 1024;
/// The maximum number of claims of one kind.
const MAX_CLAIMS: usize = 256;

/// A namespace claim, the claims and observations that support it, and a record of the decision.
///
/// Reading a bundle proves nothing. [`Bundle::into_input`] checks the observations' signatures and returns the input of
/// [`decide`](crate::decide::decide). The recorded decision is never trusted, only kept for people.
///
/// The wire form is strict JSON like the claims in it: no numbers, no duplicate keys, no unknown members.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Bundle {
    #[serde(rename = "type")]
    kind: BundleType,
    #[serde(rename = "version")]
    version: BundleVersion,
    /// The claim.
    #[serde(rename = "namespaceClaim")]
    pub claim: Signed<NamespaceClaim>,
    /// The platform claims: the accounts that its DID, and those that delegated to it, say they hold.
    #[serde(rename = "platformClaims")]
    pub platform_claims: Vec<Signed<PlatformClaim>>,
    /// The observations: evidence, signed by its observers.
    #[serde(rename = "observations")]
    pub observations: Vec<Signed<Observation>>,
    /// The delegations that lead to its DID.
    #[serde(rename = "delegations")]
    pub delegations: Vec<Signed<Delegation>>,
    /// The revocations that were known when it was made.
    #[serde(rename = "revocations")]
    pub revocations: Vec<Signed<Revocation>>,
    #[serde(rename = "decision", default, skip_serializing_if = "Option::is_none")]
    decision: Option<StrictJson>,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
enum BundleType {
    #[serde(rename = "AuthsBundle")]
    Bundle,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
enum BundleVersion {
    #[serde(rename = "1")]
    One,
}

/// The error for a text that is not a bundle.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(transparent)]
pub struct BundleError(#[from] JsonError);

impl BundleError {
    /// Returns the stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        Invalid::BadBundle.code()
    }
}

impl Bundle {
    /// Creates a bundle of a claim alone.
    #[must_use]
    pub fn new(claim: Signed<NamespaceClaim>) -> Self {
        Self {
            kind: BundleType::Bundle,
            version: BundleVersion::One,
            claim,
            platform_claims: Vec::new(),
            observations: Vec::new(),
            delegations: Vec::new(),
            revocations: Vec::new(),
            decision: None,
        }
    }

    /// Records the decision, for people to read.
    ///
    /// # Errors
    /// [`JsonError`] when the report is too large.
    pub fn recording(mut self, decision: &Decision) -> Result<Self, JsonError> {
        self.decision = Some(StrictJson::of(decision)?);
        Ok(self)
    }

    /// Reads a bundle: at most 16 MiB, 2^18 JSON values and 256 claims of one kind.
    ///
    /// # Errors
    /// [`BundleError`] with the fault and its position.
    pub fn parse(bytes: &[u8]) -> Result<Self, BundleError> {
        let bundle: Self = StrictJson::parse_up_to(bytes, MAX_BYTES)?.read()?;
        let counts = [
            bundle.platform_claims.len(),
            bundle.observations.len(),
            bundle.delegations.len(),
            bundle.revocations.len(),
        ];
        if counts.into_iter().any(|n| n > MAX_CLAIMS) {
            let what = format!("more than {MAX_CLAIMS} claims of one kind");
            return Err(JsonError(what).into());
        }
        Ok(bundle)
    }

    /// Returns the bundle's text, to be stored and sent. It is whole, and indented if the indented text is not too long to be
    /// read back.
    ///
    /// A bundle that was [parsed](Bundle::parse) can always be read back. A bundle that was built with more than a reader accepts
    /// cannot: [`check`](Bundle::check) detects this.
    #[must_use]
    pub fn to_json(&self) -> String {
        StrictJson::text(self, MAX_BYTES)
    }

    /// Checks that the output of [`to_json`](Bundle::to_json) can be read back.
    ///
    /// # Errors
    /// [`BundleError`] with the limit that is exceeded.
    pub fn check(&self) -> Result<(), BundleError> {
        Self::parse(self.to_json().as_bytes()).map(drop)
    }

    /// Returns the place where the proof of a platform claim was found, by the observations: a hint for reading it again.
    #[must_use]
    pub fn hint(&self, claim: &Signed<PlatformClaim>) -> Option<ProofHint> {
        self.account_observations()
            .find_map(|evidence| match &evidence.proof {
                _ if evidence.did != *claim.did()
                    || !evidence.account.same_as(&claim.unverified().account) =>
                {
                    None
                }
                AccountProof::AccountStatement(package) => {
                    Some(ProofHint::Statement(package.namespace.clone()))
                }
                AccountProof::GistProof { gist, state, .. } => Some(ProofHint::Gist(
                    GistHint::new(gist.as_str()).recorded(state.clone()),
                )),
                _ => None,
            })
    }

    fn account_observations(&self) -> impl Iterator<Item = &AccountEvidence> {
        self.observations
            .iter()
            .filter_map(|o| match &o.unverified().evidence {
                Evidence::Account(evidence) => Some(&**evidence),
                Evidence::Namespace(_) => None,
            })
    }

    /// Returns the input without the observations, for deciding on evidence that is read anew.
    #[must_use]
    pub fn input_without_evidence(
        &self,
        expected: ProofExpectation,
        revocations: Revocations,
        keys: KeyRing,
    ) -> DecisionInput {
        let mut input = DecisionInput::new(self.claim.clone(), expected);
        input.delegations = self.delegations.clone();
        input.revocations = revocations;
        input.keys = keys;
        // Revocations in the bundle itself count too, but the bundle is not a source that was consulted.
        input.revocations.extend(self.revocations.iter().cloned());
        input
    }

    /// Returns the input as of `now`, on the evidence in the bundle.
    ///
    /// An observation counts for nothing if it is expired, has an implausible date or is by an unknown key. The other
    /// observations are not affected.
    ///
    /// # Errors
    /// [`ClaimError`] when the signature of an observation does not verify: the bundle was tampered with.
    pub fn into_input(
        self,
        expected: ProofExpectation,
        revocations: Revocations,
        keys: KeyRing,
        now: Timestamp,
    ) -> Result<DecisionInput, ClaimError> {
        let mut input = self.input_without_evidence(expected, revocations, keys);
        let mut accounts: Vec<ObservedEvidence<AccountEvidence>> = Vec::new();
        for observation in &self.observations {
            let observed = ObservedEvidence::received(observation, &input.keys, now)?;
            match observed.evidence() {
                Evidence::Namespace(e) => input.evidence.push(observed.with((**e).clone())),
                Evidence::Account(e) => accounts.push(observed.with((**e).clone())),
            }
        }
        for claim in self.platform_claims {
            let mut linked = LinkedAccount::new(claim, Vec::new());
            for observed in &accounts {
                let evidence = observed.evidence();
                if evidence.did == *linked.claim.did() && evidence.account.same_as(linked.account())
                {
                    linked.evidence.push(observed.clone());
                }
            }
            input.accounts.push(linked);
        }
        Ok(input)
    }
}

#[cfg(test)]
mod tests;
