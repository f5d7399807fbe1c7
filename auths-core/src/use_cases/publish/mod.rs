//! A run or a key asks to publish: its package is held to its pin, what it showed is used up once, and a grant is handed out.

mod check;
mod desk;
mod error;
mod granted;
mod key;
mod pins;
mod request;
mod run;

use std::sync::Arc;

pub use check::PublishCheck;
pub use desk::{GrantDesk, PublishGate};
pub use error::PublishError;
pub use granted::PublishGrant;
pub use request::{KeyPublishRequest, PublishRequest};

use super::Verifier;
use crate::Timestamp;
use crate::ci::VerifiedCiToken;
use crate::decide::{AwaitingToken, Decision, NamespaceAuthority, NotAccepted, Verified};
use crate::grant::{GrantIssueError, GrantRequest, check_life};
use crate::policy::Policy;
use crate::ports::{CiTokenQuery, CiTokenVerifierExt};
use error::MAX_PACKAGES;
use pins::{HeldToPin, hold, write};

impl Verifier {
    /// Hands out a grant to the CI run that presents a token, for every package of the request or for none.
    ///
    /// It verifies the token; reads, for each package, what the registry and the platforms show now, and decides; holds each answer to
    /// the pin of its package; writes the pins; uses the token up; and makes the grant: in this order. What fails before the token is
    /// used up burns nothing. What fails after it may cost the token, and never gives a second grant: the next try with it is
    /// [`RefutedReason::TokenUsed`](crate::RefutedReason::TokenUsed).
    ///
    /// # Errors
    /// [`PublishError`]. A race for the first pin of a package, which another run won, is
    /// [`RefutedReason::PinnedToAnother`](crate::RefutedReason::PinnedToAnother).
    ///
    /// # Security
    /// Nothing of the request but the token says who asks, and the token alone gives no right. Trusted publishers and delegations may be
    /// a stranger's: they are checked like any claim. The links only say where to look for proofs.
    pub async fn publish(
        &self,
        desk: &GrantDesk,
        request: PublishRequest,
        policy: &Policy,
        now: Timestamp,
    ) -> Result<PublishGrant, PublishError> {
        let (token, decided) = self.decide_run(&desk.gate, &request, policy, now).await?;
        let mut held = Vec::new();
        for answer in &decided {
            let verified = sealed(answer)?;
            check_grantable(desk, verified, policy, now)?;
            held.push(hold(&*desk.gate.pins, verified, now).await?);
        }
        let sealed: Vec<_> = held.iter().map(|one| one.verified).collect();
        let size = desk.grants.check_size(&sealed, &request.actions, now);
        size.map_err(PublishError::Grant)?;
        let packages = reports(&decided, &held);
        // Nothing is written before every package has passed.
        for one in held {
            write(&*desk.gate.pins, one, now).await?;
        }
        let used = desk.gate.uses.use_first(&token, now).await;
        let mut verified = Vec::new();
        for answer in decided {
            let decision = match &used {
                Ok(()) => answer.open(),
                Err(obstacle) => answer.refuse(obstacle.clone()),
            };
            verified.push(decision.into_verified()?);
        }
        let request = GrantRequest::new(&verified, request.actions, policy, now).living(desk.life);
        Ok(PublishGrant::new(
            desk.grants.issue(&request).await?,
            packages,
        ))
    }

    /// Says what [`publish`](Self::publish) would answer now. It uses nothing up, and sets no pin.
    ///
    /// # Errors
    /// [`PublishError`], as `publish` gives it, but for what only the maker of grants can say (a name on its deny list).
    pub async fn check_publish(
        &self,
        gate: &PublishGate,
        request: &PublishRequest,
        policy: &Policy,
        now: Timestamp,
    ) -> Result<Vec<PublishCheck>, PublishError> {
        let (_, decided) = self.decide_run(gate, request, policy, now).await?;
        let mut held = Vec::new();
        for answer in &decided {
            held.push(hold(&*gate.pins, sealed(answer)?, now).await?);
        }
        Ok(reports(&decided, &held))
    }

    /// Hands out a grant to the key that signed a claim in answer to a challenge, for the claim's package and actions, or for what
    /// is [asked](KeyPublishRequest::asking) of them.
    ///
    /// It decides as [`verify`](Self::verify) does, holds the answer to the pin of the package, uses the challenge up, and makes the
    /// grant, in this order. A key sets no pin.
    ///
    /// # Errors
    /// [`PublishError`]; [`RefutedReason::WrongChallenge`](crate::RefutedReason::WrongChallenge) also where neither the verifier nor the
    /// request has a challenge: a bundle that answers none could be sent again by whoever has it.
    pub async fn publish_by_key(
        &self,
        desk: &GrantDesk,
        request: &KeyPublishRequest,
        policy: &Policy,
        now: Timestamp,
    ) -> Result<PublishGrant, PublishError> {
        let answered = self.decide_key(request, policy, now).await?;
        let verified = answered.sealed()?;
        check_grantable(desk, verified, policy, now)?;
        let held = hold(&*desk.gate.pins, verified, now).await?;
        let packages = vec![report(answered.decided.report(), &held)];
        write(&*desk.gate.pins, held, now).await?;
        let verified = [answered.use_once(desk, now).await?];
        let actions = match &request.asked {
            Some((_, actions)) => actions.clone(),
            None => verified[0].get().actions.clone(),
        };
        let request = GrantRequest::new(&verified, actions, policy, now).living(desk.life);
        Ok(PublishGrant::new(
            desk.grants.issue(&request).await?,
            packages,
        ))
    }

    /// Says what [`publish_by_key`](Self::publish_by_key) would answer now. It uses nothing up.
    ///
    /// # Errors
    /// [`PublishError`], as `publish_by_key` gives it, but for what only the maker of grants can say.
    pub async fn check_publish_by_key(
        &self,
        gate: &PublishGate,
        request: &KeyPublishRequest,
        policy: &Policy,
        now: Timestamp,
    ) -> Result<PublishCheck, PublishError> {
        let answered = self.decide_key(request, policy, now).await?;
        let held = hold(&*gate.pins, answered.sealed()?, now).await?;
        answered.check_unused(gate, now).await?;
        Ok(report(answered.decided.report(), &held))
    }

    /// Verifies the token, and decides about every package. The token is not used up.
    async fn decide_run(
        &self,
        gate: &PublishGate,
        request: &PublishRequest,
        policy: &Policy,
        now: Timestamp,
    ) -> Result<(Arc<VerifiedCiToken>, Vec<AwaitingToken>), PublishError> {
        let packages = request.namespaces.len();
        if !(1..=MAX_PACKAGES).contains(&packages) {
            return Err(PublishError::Packages(packages));
        }
        let query = CiTokenQuery::new(request.token.clone(), gate.audience.clone(), now);
        let token = Arc::new(gate.tokens.verify(&query).await?);
        // Whoever has a used token neither makes this verifier read nor sets pins.
        let unused = gate.uses.check_unused(&token, now).await;
        unused.map_err(|why| PublishError::TokenUse(Box::new(why)))?;
        let environment = run::environment(gate, &token, request, self.limits(), now).await;
        let mut decided = Vec::new();
        for namespace in &request.namespaces {
            let namespace = self.registries().canonical(namespace);
            let environment = environment.as_ref();
            let answer = self.decide_publish(request, &token, environment, namespace, policy, now);
            decided.push(answer.await?);
        }
        Ok((token, decided))
    }
}

fn sealed(answer: &AwaitingToken) -> Result<&Verified<NamespaceAuthority>, NotAccepted> {
    let sealed = answer.sealed();
    sealed.ok_or_else(|| NotAccepted(Box::new(answer.report().clone())))
}

/// Finds what would keep the grant from being made, before anything is written or used up.
fn check_grantable(
    desk: &GrantDesk,
    verified: &Verified<NamespaceAuthority>,
    policy: &Policy,
    now: Timestamp,
) -> Result<(), PublishError> {
    check_life(desk.life)?;
    let holds = verified.resisting(policy, now);
    let authority = holds.map_err(GrantIssueError::from)?;
    let may_be_named = desk.grants.check_names(authority);
    Ok(may_be_named.map_err(GrantIssueError::from)?)
}

fn reports(decided: &[AwaitingToken], held: &[HeldToPin<'_>]) -> Vec<PublishCheck> {
    let pairs = decided.iter().zip(held);
    pairs
        .map(|(answer, held)| report(answer.report(), held))
        .collect()
}

fn report(decision: &Decision, held: &HeldToPin<'_>) -> PublishCheck {
    PublishCheck::new(decision.clone(), held.present.clone(), held.step.clone())
}
