//! The calls of every verifier that check and decide.

use async_trait::async_trait;

use super::VerificationLimits;
use super::gather::gather;
use crate::Timestamp;
use crate::decide::{Decision, DecisionInput, decide};
use crate::evidence::NamespaceEvidence;
use crate::policy::Policy;
use crate::ports::{
    NamespaceError, NamespaceQuery, NamespaceVerifier, PlatformContext, gather_checked,
};

/// The calls that check and decide. Implemented for every [`NamespaceVerifier`], so that no adapter can implement them
/// differently.
#[async_trait]
pub trait NamespaceVerifierExt: NamespaceVerifier {
    /// Asks the registry, and checks the query and the answer against the verifier's own description: its ecosystem, its server,
    /// whether the server is the public one, and exactly the name that was asked for.
    ///
    /// Every use case gathers through this. An adapter that forgets these checks, or answers for a server other than its own,
    /// returns nothing that could be mistaken for evidence.
    ///
    /// # Errors
    /// [`NamespaceError::Invalid`], before any request, when the name is not one of this verifier's;
    /// [`UnavailableReason::EvidenceMismatch`](crate::UnavailableReason::EvidenceMismatch) when the answer is about another name or from another server; otherwise the errors
    /// of [`gather`](NamespaceVerifier::gather).
    async fn gather_checked(
        &self,
        query: &NamespaceQuery,
    ) -> Result<NamespaceEvidence, NamespaceError>;

    /// Reads the evidence on the namespace of `input`, adds the accounts that `context` returns, and decides.
    ///
    /// If something cannot be read, the answer is undetermined, never decided on less. Requests stay within
    /// [`VerificationLimits::default`](crate::use_cases::VerificationLimits).
    async fn verify(
        &self,
        context: &dyn PlatformContext,
        input: DecisionInput,
        policy: &Policy,
        now: Timestamp,
    ) -> Decision;
}

#[async_trait]
impl<V: NamespaceVerifier + ?Sized> NamespaceVerifierExt for V {
    async fn gather_checked(
        &self,
        query: &NamespaceQuery,
    ) -> Result<NamespaceEvidence, NamespaceError> {
        gather_checked(self, query).await
    }

    async fn verify(
        &self,
        context: &dyn PlatformContext,
        mut input: DecisionInput,
        policy: &Policy,
        now: Timestamp,
    ) -> Decision {
        let limits = VerificationLimits::default();
        gather(&mut input, self, context, policy, limits, now).await;
        decide(&input, policy, now)
    }
}
