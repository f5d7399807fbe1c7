//! What is asked for when somebody asks to publish.

use std::collections::BTreeSet;

use super::super::StoredLink;
use crate::SecretString;
use crate::bundle::Bundle;
use crate::claim::{Actions, Challenge, Delegation, Signed, TrustedPublisher};
use crate::decide::PublisherIntake;
use crate::identity::Namespace;

/// What a run asks for, with what the front end keeps of the packages.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct PublishRequest {
    /// The ID token. `Debug` does not show it.
    pub token: SecretString,
    /// The packages: at least one, and at most 64. All are granted, or none.
    pub namespaces: BTreeSet<Namespace>,
    /// The actions.
    pub actions: Actions,
    /// The trusted publishers that the front end keeps for the packages, of any signers.
    pub publishers: Vec<Signed<TrustedPublisher>>,
    /// What the front end saw when it took those in.
    pub intakes: Vec<PublisherIntake>,
    /// The delegations that it keeps.
    pub delegations: Vec<Signed<Delegation>>,
    /// The linked accounts of those who signed the trusted publishers and delegations. Few proofs are read for one answer
    /// ([`VerificationLimits`](crate::use_cases::VerificationLimits)): whoever keeps links of anybody, unproved, lets strangers use them up.
    pub links: Vec<StoredLink>,
}

impl PublishRequest {
    /// Creates a request, with nothing kept.
    #[must_use]
    pub fn new(
        token: SecretString,
        namespaces: impl IntoIterator<Item = Namespace>,
        actions: Actions,
    ) -> Self {
        Self {
            token,
            namespaces: namespaces.into_iter().collect(),
            actions,
            publishers: Vec::new(),
            intakes: Vec::new(),
            delegations: Vec::new(),
            links: Vec::new(),
        }
    }

    /// Adds the delegations and the platform claims of a bundle that a maintainer sent, with the places of their proofs. The claim in
    /// it says nothing here: only the token says who asks.
    #[must_use]
    pub fn with_documents_of(mut self, bundle: &Bundle) -> Self {
        self.delegations.extend(bundle.delegations.iter().cloned());
        let claims = bundle.platform_claims.iter();
        let links = claims.map(|claim| StoredLink::new(claim.clone(), bundle.hint(claim)));
        self.links.extend(links);
        self
    }
}

/// What a key asks for: what its claim says, in answer to a challenge.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct KeyPublishRequest {
    /// The claim, with its evidence as hints.
    pub bundle: Bundle,
    /// The challenge that the front end gave, where the verifier's own [`Challenges`](crate::use_cases::Challenges) did not.
    pub given: Option<Challenge>,
    /// The package and the actions that are asked for; `None` for all that the claim says.
    pub asked: Option<(Namespace, Actions)>,
}

impl KeyPublishRequest {
    /// Creates a request that answers a challenge of the verifier.
    #[must_use]
    pub const fn new(bundle: Bundle) -> Self {
        Self {
            bundle,
            given: None,
            asked: None,
        }
    }

    /// Asks for these actions of this package. A claim that does not say as much is refused, and no more than this is granted.
    #[must_use]
    pub fn asking(mut self, namespace: Namespace, actions: Actions) -> Self {
        self.asked = Some((namespace, actions));
        self
    }

    /// Sets the challenge that the front end gave to whoever asks.
    ///
    /// # Security
    /// It must be one that the front end made itself, at random and for this request. It is used up like a token.
    #[must_use]
    pub fn answering(mut self, given: Challenge) -> Self {
        self.given = Some(given);
        self
    }
}
