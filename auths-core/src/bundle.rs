//! Bundles: a namespace claim with everything that its decision was made from, for others to decide anew.

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::claim::{
    ClaimError, Delegation, Expectation, Json, JsonError, KeyRing, NamespaceClaim, Observation,
    PlatformClaim, Revocation, Signed,
};
use crate::decide::{Decision, DecisionInput, Revocations};
use crate::evidence::{AccountEvidence, AccountProof, Evidence, LinkedAccount, ObservedEvidence};
use crate::ports::{GistHint, ProofHint};

/// The longest text that is read as a bundle, in bytes.
const MAX_BYTES: usize = 16 * 1024 * 1024;
/// The most claims of one kind that are read.
const MAX_CLAIMS: usize = 256;

/// A namespace claim, the claims and observations that support it, and a record of what was decided.
///
/// Reading one proves nothing. [`Bundle::into_case`] checks the observations' signatures and gives what
/// [`decide`](crate::decide::decide) needs; the recorded decision is never believed, only kept for people.
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
    /// The accounts that its DID, and those that delegated to it, say they hold.
    #[serde(rename = "platformClaims")]
    pub platform_claims: Vec<Signed<PlatformClaim>>,
    /// What was seen, signed by whoever saw it.
    #[serde(rename = "observations")]
    pub observations: Vec<Signed<Observation>>,
    /// The delegations that lead to its DID.
    #[serde(rename = "delegations")]
    pub delegations: Vec<Signed<Delegation>>,
    /// The revocations that were known when it was made.
    #[serde(rename = "revocations")]
    pub revocations: Vec<Signed<Revocation>>,
    #[serde(rename = "decision", default, skip_serializing_if = "Option::is_none")]
    decision: Option<Json>,
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

impl Bundle {
    /// A bundle of a claim alone.
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

    /// Keeps what was decided, for people to read.
    ///
    /// # Errors
    /// [`JsonError`] when the report is too large to be written down.
    pub fn recording(mut self, decision: &Decision) -> Result<Self, JsonError> {
        self.decision = Some(Json::of(decision)?);
        Ok(self)
    }

    /// Reads a bundle: at most 16 MiB, 2^18 JSON values and 256 claims of one kind.
    ///
    /// # Errors
    /// [`JsonError`] with what is wrong, and where.
    pub fn parse(bytes: &[u8]) -> Result<Self, JsonError> {
        let bundle: Self = Json::parse_up_to(bytes, MAX_BYTES)?.read()?;
        let counts = [
            bundle.platform_claims.len(),
            bundle.observations.len(),
            bundle.delegations.len(),
            bundle.revocations.len(),
        ];
        if counts.into_iter().any(|n| n > MAX_CLAIMS) {
            return Err(JsonError(format!(
                "more than {MAX_CLAIMS} claims of one kind"
            )));
        }
        Ok(bundle)
    }

    /// The bundle as it may be stored and sent: whole, and indented where it can then be read back.
    ///
    /// What was [parsed](Bundle::parse) is always read back. A bundle that was put together from more than a reader takes is
    /// not: [`check`](Bundle::check) says so.
    #[must_use]
    pub fn to_json(&self) -> String {
        Json::text(self, MAX_BYTES)
    }

    /// Whether what [`to_json`](Bundle::to_json) writes will be read back.
    ///
    /// # Errors
    /// [`JsonError`] with the limit that it exceeds.
    pub fn check(&self) -> Result<(), JsonError> {
        Self::parse(self.to_json().as_bytes()).map(drop)
    }

    /// Where the proof of a platform claim was found, as the observations say: a hint for reading it again.
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

    /// The case without its observations: for deciding on evidence that is read anew.
    #[must_use]
    pub fn case_without_evidence(
        &self,
        expected: Expectation,
        revocations: Revocations,
        keys: KeyRing,
    ) -> DecisionInput {
        let mut case = DecisionInput::new(self.claim.clone(), expected);
        case.delegations = self.delegations.clone();
        case.revocations = revocations;
        case.keys = keys;
        // What the bundle itself brings counts too, and is not a source that was consulted.
        case.revocations.extend(self.revocations.iter().cloned());
        case
    }

    /// The case as of `now`, on the evidence in the bundle.
    ///
    /// An observation that is expired, dated oddly or by a key that is not known counts for nothing; the others stay.
    ///
    /// # Errors
    /// [`ClaimError`] when the signature of an observation does not verify: the bundle was tampered with.
    pub fn into_case(
        self,
        expected: Expectation,
        revocations: Revocations,
        keys: KeyRing,
        now: Timestamp,
    ) -> Result<DecisionInput, ClaimError> {
        let mut case = self.case_without_evidence(expected, revocations, keys);
        let mut accounts: Vec<ObservedEvidence<AccountEvidence>> = Vec::new();
        for observation in &self.observations {
            let sighting = ObservedEvidence::received(observation, &case.keys, now)?;
            match sighting.evidence() {
                Evidence::Namespace(e) => case.evidence.push(sighting.with((**e).clone())),
                Evidence::Account(e) => accounts.push(sighting.with((**e).clone())),
            }
        }
        case.accounts = self
            .platform_claims
            .into_iter()
            .map(|claim| {
                let fits = |s: &&ObservedEvidence<AccountEvidence>| {
                    let evidence = s.evidence();
                    evidence.did == *claim.did()
                        && evidence.account.same_as(&claim.unverified().account)
                };
                let evidence = accounts.iter().filter(fits).cloned().collect();
                LinkedAccount::new(claim, evidence)
            })
            .collect();
        Ok(case)
    }
}

#[cfg(test)]
mod tests;
