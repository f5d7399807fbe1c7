//! Deciding about a bundle: on the evidence in it, or on evidence that is read anew.

use std::sync::Arc;

use crate::Timestamp;
use crate::bundle::Bundle;
use crate::claim::{Audience, ClaimError, IssuedChallenge, KeyRing, ProofExpectation};
use crate::decide::{
    AwaitingUse, Decision, DecisionInput, Outcome, Revocations, decide, decide_answer,
};
use crate::policy::Policy;
use crate::ports::{AccountProver, NamespaceVerifier};
use crate::reason::Unavailable;
use crate::use_cases::gather::{NamedParts, gather_about};
use crate::use_cases::{ClaimsContext, StoredLink, VerificationLimits};

/// The conditions under which a bundle is decided.
///
/// If the claim must [answer](VerifyOptions::with_challenge) a challenge, the result has another type, which opens only when the challenge is
/// used up.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct VerifyOptions<'a, C = NoChallenge> {
    /// The audience that the claim must have been signed for, and the challenge that it must answer.
    pub expected: ProofExpectation,
    /// The policy of the verifier.
    pub policy: &'a Policy,
    /// The revocations, and the sources that were asked for them.
    pub revocations: Revocations,
    /// The keys of DIDs that do not contain their own.
    pub keys: KeyRing,
    /// The limits on requests to others.
    pub limits: VerificationLimits,
    /// The time as of which the bundle is decided.
    pub now: Timestamp,
    challenge: C,
}

impl<'a> VerifyOptions<'a> {
    /// Creates options with no source of revocations consulted, for `did:key` DIDs. A yes under them resists no preset.
    #[must_use]
    pub fn new(expected: ProofExpectation, policy: &'a Policy, now: Timestamp) -> Self {
        Self {
            expected,
            policy,
            revocations: Revocations::not_checked(),
            keys: KeyRing::intrinsic(),
            limits: VerificationLimits::default(),
            now,
            challenge: NoChallenge,
        }
    }
}

impl<'a, C> VerifyOptions<'a, C> {
    /// Sets the known revocations, as [`collect_revocations`](super::collect_revocations) found them.
    #[must_use]
    pub fn with_revocations(mut self, revocations: Revocations) -> Self {
        self.revocations = revocations;
        self
    }
}

impl<'a> VerifyOptions<'a> {
    /// Sets the challenge that the claim must answer, which this verifier issued. The result is then an [`AwaitingUse`].
    #[must_use]
    pub fn with_challenge(self, issued: IssuedChallenge) -> VerifyOptions<'a, IssuedChallenge> {
        let mut expected = self.expected;
        expected.challenge = Some(issued.challenge().clone());
        VerifyOptions {
            expected,
            policy: self.policy,
            revocations: self.revocations,
            keys: self.keys,
            limits: self.limits,
            now: self.now,
            challenge: issued,
        }
    }
}

/// The marker that the verifier issued no challenge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoChallenge;

/// The marker whether a verifier issued a challenge, and so the type of its decision: [`NoChallenge`] makes a [`Decision`], an
/// [`IssuedChallenge`] an [`AwaitingUse`].
pub trait ChallengeTerms: Clone + Send + Sync + sealed::Sealed {
    /// The type of the decision.
    type Decided: Send;

    /// Decides on an input.
    fn decide(self, input: &DecisionInput, policy: &Policy, now: Timestamp) -> Self::Decided;

    /// Returns the decision as it is reported.
    fn report(decided: &Self::Decided) -> &Decision;
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::NoChallenge {}
    impl Sealed for crate::claim::IssuedChallenge {}
}

impl ChallengeTerms for NoChallenge {
    type Decided = Decision;

    fn decide(self, input: &DecisionInput, policy: &Policy, now: Timestamp) -> Decision {
        decide(input, policy, now)
    }

    fn report(decided: &Decision) -> &Decision {
        decided
    }
}

impl ChallengeTerms for IssuedChallenge {
    type Decided = AwaitingUse;

    fn decide(self, input: &DecisionInput, policy: &Policy, now: Timestamp) -> AwaitingUse {
        decide_answer(input, self, policy, now)
    }

    fn report(decided: &AwaitingUse) -> &Decision {
        decided.report()
    }
}

/// Decides on the evidence in the bundle, which counts as far as the policy trusts its observers.
///
/// # Errors
/// [`ClaimError`] when an observation in the bundle was tampered with.
pub fn verify_offline<C: ChallengeTerms>(
    bundle: Bundle,
    options: VerifyOptions<'_, C>,
) -> Result<C::Decided, ClaimError> {
    let (keys, now) = (options.keys, options.now);
    let input = bundle.into_input(options.expected, options.revocations, keys, now)?;
    Ok(options.challenge.decide(&input, options.policy, now))
}

/// Decides on evidence that is read now. The bundle's observations serve only as hints where to look.
///
/// # Security
/// A bundle may come from anybody, and must not make this process send many requests. Nothing is asked for a namespace claim that
/// does not hold by itself (signature, audience, challenge, time, revocations), nor for the proof of a platform claim that does
/// not. The registry is read first. Then only the proofs of accounts are read that [could lead](crate::decide::may_lead) to what
/// it showed: accounts that it lists or, where its listing was not read whole, may list. All of it together stays within
/// [`VerifyOptions::limits`], in the bundle's order. Further accounts count as not seen,
/// [`UnavailableReason::RequestBudget`](crate::UnavailableReason::RequestBudget).
pub async fn verify_live<C: ChallengeTerms>(
    bundle: &Bundle,
    options: VerifyOptions<'_, C>,
    verifier: &dyn NamespaceVerifier,
    provers: Vec<Arc<dyn AccountProver>>,
) -> C::Decided {
    verify_on(bundle, options, Ok(verifier), provers).await
}

/// Decides on evidence that is read now, from a registry that may be none: then the namespace counts as unread.
pub(super) async fn verify_on<C: ChallengeTerms>(
    bundle: &Bundle,
    options: VerifyOptions<'_, C>,
    verifier: Result<&dyn NamespaceVerifier, Unavailable>,
    provers: Vec<Arc<dyn AccountProver>>,
) -> C::Decided {
    let (policy, limits, now) = (options.policy, options.limits, options.now);
    let links = links(bundle, &options.keys, now);
    let expected = options.expected;
    let mut input =
        bundle.input_without_evidence(expected.clone(), options.revocations, options.keys);
    // Without evidence, a claim that holds is undetermined. If it is denied now, no evidence can change that.
    let unseen = options.challenge.clone().decide(&input, policy, now);
    let stands = bundle.claim.verify(&expected, &input.keys, now).is_ok();
    if !stands || C::report(&unseen).outcome() == Outcome::Denied {
        return unseen;
    }
    let provable = links.iter().filter(|link| link.hint.is_some());
    let accounts = provable.map(|link| link.claim.unverified().account.clone());
    let accounts: Vec<_> = accounts.collect();
    let context = ClaimsContext::new(links, provers).reading_at_most(limits.proofs);
    let dids = input.dids();
    let names = NamedParts { dids, accounts };
    gather_about(&mut input, names, verifier, &context, policy, limits, now).await;
    options.challenge.decide(&input, policy, now)
}

/// Decides without any evidence. The answer is never a yes.
pub(super) fn verify_nothing(bundle: &Bundle, options: VerifyOptions<'_>) -> Decision {
    let input = bundle.input_without_evidence(options.expected, options.revocations, options.keys);
    decide(&input, options.policy, options.now)
}

/// Returns the bundle's accounts whose claims hold, each with the place to look for its proof.
fn links(bundle: &Bundle, keys: &KeyRing, now: Timestamp) -> Vec<StoredLink> {
    let public = ProofExpectation::new(Audience::public());
    let mut links = Vec::new();
    for claim in &bundle.platform_claims {
        let hint = match claim.verify(&public, keys, now) {
            Ok(_) => bundle.hint(claim),
            Err(_) => None,
        };
        links.push(StoredLink::new(claim.clone(), hint));
    }
    links
}
