//! Deciding about a key that answers a challenge.

use super::super::{Challenges, Verifier};
use super::{GrantDesk, KeyPublishRequest, PublishError, PublishGate};
use crate::Timestamp;
use crate::decide::{AwaitingUse, NamespaceAuthority, NotAccepted, Verified};
use crate::policy::Policy;
use crate::reason::{Refuted, RefutedReason};

/// A decision about an answer, with the challenge that must be used up before anything is done.
pub(super) struct Answered<'a> {
    pub(super) decided: AwaitingUse,
    /// The challenges of the verifier, where the challenge is one of them. Otherwise the front end gave it.
    challenges: Option<&'a Challenges>,
}

impl Answered<'_> {
    /// Returns the value to be held to its pin. It is not acted on before the challenge is used up.
    ///
    /// # Errors
    /// [`NotAccepted`] when there is none.
    pub(super) fn sealed(&self) -> Result<&Verified<NamespaceAuthority>, NotAccepted> {
        let sealed = self.decided.sealed();
        sealed.ok_or_else(|| NotAccepted(Box::new(self.decided.report().clone())))
    }

    /// Checks that the challenge was not used. It may be used the moment after.
    ///
    /// # Errors
    /// [`NotAccepted`] when it was, or when that cannot be read.
    pub(super) async fn check_unused(
        &self,
        gate: &PublishGate,
        now: Timestamp,
    ) -> Result<(), NotAccepted> {
        let issued = self.decided.issued();
        let unused = match self.challenges {
            Some(challenges) => challenges.check_unused(issued, now).await,
            None => gate.uses.check_challenge_unused(issued, now).await,
        };
        let report = self.decided.report();
        unused.map_err(|why| NotAccepted(Box::new(report.clone().taken_back(why))))
    }

    /// Uses the challenge up.
    ///
    /// # Errors
    /// [`NotAccepted`] when it was used before, or its use could not be recorded.
    pub(super) async fn use_once(
        self,
        desk: &GrantDesk,
        now: Timestamp,
    ) -> Result<Verified<NamespaceAuthority>, NotAccepted> {
        if let Some(challenges) = self.challenges {
            return challenges.use_once(self.decided, now).await;
        }
        let uses = &desk.gate.uses;
        let decision = match uses.use_challenge(self.decided.issued(), now).await {
            Ok(()) => self.decided.open(),
            Err(obstacle) => self.decided.refuse(obstacle),
        };
        decision.into_verified()
    }
}

impl Verifier {
    /// Decides about what a key sent. The challenge is not used up.
    pub(super) async fn decide_key(
        &self,
        request: &KeyPublishRequest,
        policy: &Policy,
        now: Timestamp,
    ) -> Result<Answered<'_>, PublishError> {
        self.check_asked(request).map_err(PublishError::Claim)?;
        let bundle = &request.bundle;
        let Some(given) = &request.given else {
            let (decided, challenges) = self.decide_answered(bundle, policy, now).await?;
            return Ok(Answered {
                decided,
                challenges: Some(challenges),
            });
        };
        Ok(Answered {
            decided: self.decide_given(bundle, given, policy, now).await,
            challenges: None,
        })
    }

    /// Checks that the claim says what is asked for.
    fn check_asked(&self, request: &KeyPublishRequest) -> Result<(), Refuted> {
        let Some((asked, actions)) = &request.asked else {
            return Ok(());
        };
        let claim = request.bundle.claim.unverified();
        let (said, wanted) = (claim.namespace.short(), asked.short());
        let registries = self.registries();
        if registries.canonical(&claim.namespace) != registries.canonical(asked) {
            let detail = format!("the claim is about {said}, and {wanted} is asked for");
            return Err(Refuted::new(RefutedReason::WrongSubject, detail));
        }
        if !claim.actions.cover(actions) {
            let detail = format!(
                "the claim is for {} of {said}, and {actions} is asked for",
                claim.actions
            );
            return Err(Refuted::new(RefutedReason::GrantTooNarrow, detail));
        }
        Ok(())
    }
}
