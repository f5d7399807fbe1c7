//! Who asks: a key, or a CI run.

use std::fmt;
use std::sync::Arc;

use serde::Serialize;

use super::intake::PublisherIntake;
use crate::ci::{CiIdentity, EnvironmentEvidence, RuleMatch, VerifiedCiToken};
use crate::claim::{Actions, ClaimId, NamespaceClaim, ProofExpectation, Signed, TrustedPublisher};
use crate::identity::{Did, Namespace};

/// Whoever asks, as an answer names it.
///
/// It serializes as one member: `did`, or `run` with the identity of the run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub enum Speaker {
    /// A key: the DID that signed the claim.
    #[serde(rename = "did")]
    Key(Did),
    /// A CI run.
    #[serde(rename = "run")]
    Run(Box<CiIdentity>),
}

impl Speaker {
    /// Returns the DID, where a key asks.
    #[must_use]
    pub fn did(&self) -> Option<&Did> {
        match self {
            Self::Key(did) => Some(did),
            Self::Run(_) => None,
        }
    }

    /// Returns the run, where a CI run asks.
    #[must_use]
    pub fn run(&self) -> Option<&CiIdentity> {
        match self {
            Self::Key(_) => None,
            Self::Run(run) => Some(run),
        }
    }
}

/// Prints the DID; for a run, its repository and number: `a run of acme/widget (repository 700700 of GitHub Actions)`.
impl fmt::Display for Speaker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(did) => did.fmt(f),
            Self::Run(run) => write!(f, "a {run}"),
        }
    }
}

/// The proof of who asks, and for what: the part of a decision's input that the speaker brings.
#[derive(Debug, Clone)]
#[non_exhaustive]
#[expect(
    clippy::large_enum_variant,
    reason = "there is one for each decision, and it is not moved around"
)]
pub enum SpeakerProof {
    /// A claim that a key signed.
    Key(KeyProof),
    /// The ID token of a CI run.
    Run(RunProof),
}

/// A signed claim, and what it must have been signed for.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct KeyProof {
    /// The claim: "this DID speaks for that namespace".
    pub claim: Signed<NamespaceClaim>,
    /// The audience that the claim must have been signed for.
    pub expected: ProofExpectation,
}

impl KeyProof {
    /// Creates the proof.
    #[must_use]
    pub const fn new(claim: Signed<NamespaceClaim>, expected: ProofExpectation) -> Self {
        Self { claim, expected }
    }
}

/// The verified ID token of a CI run, what it asks for, and the rules that it may match.
///
/// Nothing in it but the token is trusted. A trusted publisher is checked like any claim, and leads nowhere where its signer may not
/// speak for the namespace.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct RunProof {
    /// The token. A decision uses nothing up: whoever acts on it records the token's use.
    pub token: Arc<VerifiedCiToken>,
    /// The namespace that the run asks for.
    pub namespace: Namespace,
    /// The actions that it asks for.
    pub actions: Actions,
    /// The trusted publishers that may cover it, of any signers.
    pub publishers: Vec<Signed<TrustedPublisher>>,
    /// What adapters saw of environments, for this decision.
    pub environments: Vec<EnvironmentEvidence>,
    /// What this verifier saw itself when it took the trusted publishers in, from its own records.
    pub intakes: Vec<PublisherIntake>,
}

impl RunProof {
    /// Creates the proof, without trusted publishers.
    #[must_use]
    pub const fn new(token: Arc<VerifiedCiToken>, namespace: Namespace, actions: Actions) -> Self {
        Self {
            token,
            namespace,
            actions,
            publishers: Vec::new(),
            environments: Vec::new(),
            intakes: Vec::new(),
        }
    }

    /// Returns what was seen when this trusted publisher was taken in.
    pub(super) fn intake(&self, publisher: &ClaimId) -> Option<&PublisherIntake> {
        let mut intakes = self.intakes.iter();
        intakes.find(|intake| intake.publisher() == publisher)
    }

    /// Returns the run.
    #[must_use]
    pub fn identity(&self) -> &CiIdentity {
        self.token.identity()
    }

    /// Returns the trusted publishers that cover what the run asks for and whose rule it matches, each with how it does. No other
    /// one leads anywhere, as if it were not there: its signer never agreed to anything that this run does.
    pub(crate) fn matching(&self) -> impl Iterator<Item = (&Signed<TrustedPublisher>, RuleMatch)> {
        let publishers = self.publishers.iter();
        publishers.filter_map(|publisher| {
            let body = publisher.unverified();
            let is_covered = body.covers(&self.namespace, &self.actions);
            let matched = is_covered.then(|| body.publisher.matches(self.identity()).ok());
            Some((publisher, matched??))
        })
    }
}

impl SpeakerProof {
    /// Returns who asks.
    #[must_use]
    pub fn speaker(&self) -> Speaker {
        match self {
            Self::Key(key) => Speaker::Key(key.claim.did().clone()),
            Self::Run(run) => Speaker::Run(Box::new(run.identity().clone())),
        }
    }

    /// Returns the namespace that is asked for.
    #[must_use]
    pub fn namespace(&self) -> &Namespace {
        match self {
            Self::Key(key) => &key.claim.unverified().namespace,
            Self::Run(run) => &run.namespace,
        }
    }

    /// Returns the actions that are asked for.
    #[must_use]
    pub fn actions(&self) -> &Actions {
        match self {
            Self::Key(key) => &key.claim.unverified().actions,
            Self::Run(run) => &run.actions,
        }
    }

    /// Returns the claim, where a key asks.
    #[must_use]
    pub fn claim(&self) -> Option<&Signed<NamespaceClaim>> {
        match self {
            Self::Key(key) => Some(&key.claim),
            Self::Run(_) => None,
        }
    }

    /// Returns the documents at whose signers the search for chains begins, each with its id: the claim of a key; the trusted
    /// publishers that a run matches.
    pub(super) fn roots(&self) -> Vec<(&ClaimId, &Did)> {
        match self {
            Self::Key(key) => vec![(key.claim.id(), key.claim.did())],
            Self::Run(run) => {
                let publishers = run.matching();
                publishers.map(|(one, _)| (one.id(), one.did())).collect()
            }
        }
    }
}
