//! Deciding about a bundle: on the evidence in it, or on evidence that is read anew.

use std::sync::Arc;

use crate::Timestamp;
use crate::bundle::Bundle;
use crate::claim::{
    Audience, ClaimError, Expectation, IssuedChallenge, KeyRing, PlatformClaim, Signed,
};
use crate::decide::{
    AwaitingUse, Decision, DecisionInput, Outcome, Revocations, decide, decide_answer,
};
use crate::policy::Policy;
use crate::ports::{AccountProver, NamespaceVerifier};
use crate::use_cases::gather::gather_about;
use crate::use_cases::{ClaimsContext, Limits, StoredLink};

/// On what terms a bundle is decided.
///
/// Terms on which the claim must [answer](VerifyOptions::with_challenge) a challenge give another answer: one that opens only when the
/// challenge is used up.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct VerifyOptions<'a, C = NoChallenge> {
    /// For whom the claim must have been signed, and which challenge it must answer.
    pub expected: Expectation,
    /// What the answer must resist.
    pub policy: &'a Policy,
    /// The revocations, and where they were looked for.
    pub revocations: Revocations,
    /// The keys of DIDs that do not spell their own.
    pub keys: KeyRing,
    /// How much is asked of others for it.
    pub limits: Limits,
    /// The time as of which it is decided.
    pub now: Timestamp,
    challenge: C,
}

impl<'a> VerifyOptions<'a> {
    /// Terms with no source of revocations consulted, for `did:key` DIDs: a yes on them resists no preset.
    #[must_use]
    pub fn new(expected: Expectation, policy: &'a Policy, now: Timestamp) -> Self {
        Self {
            expected,
            policy,
            revocations: Revocations::not_checked(),
            keys: KeyRing::intrinsic(),
            limits: Limits::default(),
            now,
            challenge: NoChallenge,
        }
    }
}

impl<'a, C> VerifyOptions<'a, C> {
    /// What is known of revocations, as [`collect_revocations`](super::collect_revocations) found it.
    #[must_use]
    pub fn with_revocations(mut self, revocations: Revocations) -> Self {
        self.revocations = revocations;
        self
    }
}

impl<'a> VerifyOptions<'a> {
    /// The claim must answer this challenge, which this verifier gave. What is decided then is an [`AwaitingUse`].
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

/// The verifier gave no challenge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoChallenge;

/// Whether a verifier gave a challenge, and so what its decision is: [`NoChallenge`] makes a [`Decision`], an
/// [`IssuedChallenge`] an [`AwaitingUse`].
pub trait ChallengeTerms: Clone + Send + Sync + sealed::Sealed {
    /// What is decided on such terms.
    type Decided: Send;

    /// Decides a case on them.
    fn decide(self, case: &DecisionInput, policy: &Policy, now: Timestamp) -> Self::Decided;

    /// The decision as it is reported.
    fn report(decided: &Self::Decided) -> &Decision;
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::NoChallenge {}
    impl Sealed for crate::claim::IssuedChallenge {}
}

impl ChallengeTerms for NoChallenge {
    type Decided = Decision;

    fn decide(self, case: &DecisionInput, policy: &Policy, now: Timestamp) -> Decision {
        decide(case, policy, now)
    }

    fn report(decided: &Decision) -> &Decision {
        decided
    }
}

impl ChallengeTerms for IssuedChallenge {
    type Decided = AwaitingUse;

    fn decide(self, case: &DecisionInput, policy: &Policy, now: Timestamp) -> AwaitingUse {
        decide_answer(case, self, policy, now)
    }

    fn report(decided: &AwaitingUse) -> &Decision {
        decided.report()
    }
}

/// Decides on the evidence in the bundle, which counts as far as the policy trusts its observers.
///
/// # Errors
/// [`ClaimError`] when an observation in it was tampered with.
pub fn verify_offline<C: ChallengeTerms>(
    bundle: Bundle,
    terms: VerifyOptions<'_, C>,
) -> Result<C::Decided, ClaimError> {
    let (keys, now) = (terms.keys, terms.now);
    let case = bundle.into_case(terms.expected, terms.revocations, keys, now)?;
    Ok(terms.challenge.decide(&case, terms.policy, now))
}

/// Decides on evidence that is read now: the bundle's observations serve as hints where to look, and no more.
///
/// # Security
/// A bundle comes from anybody, and must not make this process ask others many questions. Nothing is asked for a namespace
/// claim that does not hold by itself (signature, audience, challenge, time, revocations), nor for the proof of a platform
/// claim that does not. The registry is read first, and then only the proofs of accounts that [could lead](crate::decide::may_lead) to what it
/// showed: those that it lists or, where its listing was not read whole, may list. All of it together stays within
/// [`VerifyOptions::limits`], in the bundle's order; the accounts beyond count as not seen,
/// [`UnavailableReason::RequestBudget`](crate::UnavailableReason::RequestBudget).
pub async fn verify_live<C: ChallengeTerms>(
    bundle: &Bundle,
    terms: VerifyOptions<'_, C>,
    verifier: &dyn NamespaceVerifier,
    provers: Vec<Arc<dyn AccountProver>>,
) -> C::Decided {
    let (policy, limits, now) = (terms.policy, terms.limits, terms.now);
    let links = links(bundle, &terms.keys, now);
    let mut case = bundle.case_without_evidence(terms.expected, terms.revocations, terms.keys);
    // With no evidence a claim that stands is undetermined: denied now, it is denied whatever is seen.
    let unseen = terms.challenge.clone().decide(&case, policy, now);
    let stands = case.claim.verify(&case.expected, &case.keys, now).is_ok();
    if !stands || C::report(&unseen).outcome() == Outcome::Denied {
        return unseen;
    }
    let provable = links.iter().filter(|link| link.hint.is_some());
    let accounts = provable.map(|link| link.claim.unverified().account.clone());
    let accounts: Vec<_> = accounts.collect();
    let context = ClaimsContext::new(links, provers).reading_at_most(limits.proofs);
    gather_about(&mut case, accounts, verifier, &context, policy, limits, now).await;
    terms.challenge.decide(&case, policy, now)
}

/// The bundle's accounts: where to look for the proof of each whose claim holds.
fn links(bundle: &Bundle, keys: &KeyRing, now: Timestamp) -> Vec<StoredLink> {
    let public = Expectation::new(Audience::public());
    let link = |claim: &Signed<PlatformClaim>| {
        let holds = claim.verify(&public, keys, now).is_ok();
        let hint = holds.then(|| bundle.hint(claim)).flatten();
        StoredLink::new(claim.clone(), hint)
    };
    bundle.platform_claims.iter().map(link).collect()
}
