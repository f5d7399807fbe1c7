//! Reading the evidence of an input: the registry first, then the accounts that could lead to what the registry shows.

use super::VerificationLimits;
use crate::Timestamp;
use crate::decide::DecisionInput;
use crate::evidence::{NamespaceEvidence, ObservedEvidence};
use crate::identity::{Account, Did, Namespace};
use crate::policy::{DEFAULT_MATURITY, Policy};
use crate::ports::{
    Budget, LinkedAccountsQuery, NamespaceError, NamespaceQuery, NamespaceVerifier,
    PlatformContext, ProofsToRead, gather_checked,
};
use crate::reason::{Unavailable, UnavailableReason};

/// Reads the evidence on the namespace of `input`, and adds the accounts that `context` returns. Failures to read are recorded.
pub(crate) async fn gather<V: NamespaceVerifier + ?Sized>(
    input: &mut DecisionInput,
    verifier: &V,
    context: &dyn PlatformContext,
    policy: &Policy,
    limits: VerificationLimits,
    now: Timestamp,
) {
    let (namespace, dids) = (input.evidence_name(), input.dids());
    let accounts = named_accounts(dids.clone(), context, &namespace, limits, now).await;
    let names = NamedParts { dids, accounts };
    gather_about(input, names, Ok(verifier), context, policy, limits, now).await;
}

/// What is known of an input before anything is read.
pub(crate) struct NamedParts {
    /// The DIDs whose accounts are looked up.
    pub(crate) dids: Vec<Did>,
    /// The accounts that their claims link.
    pub(crate) accounts: Vec<Account>,
}

/// Names the accounts that claims of these DIDs link, without looking for any proof. The registry is asked about them first, so
/// that what cannot be read of others keeps nothing back; what is not named here is read all the same.
pub(crate) async fn named_accounts(
    dids: Vec<Did>,
    context: &dyn PlatformContext,
    namespace: &Namespace,
    limits: VerificationLimits,
    now: Timestamp,
) -> Vec<Account> {
    let mut named = Vec::new();
    for did in dids.into_iter().take(limits.dids) {
        let query = LinkedAccountsQuery::new(did, namespace.clone(), now, DEFAULT_MATURITY);
        let query = query.looking_for(ProofsToRead::None);
        let accounts = context.accounts(&query).await.unwrap_or_default();
        named.extend(accounts.iter().map(|linked| linked.account().clone()));
    }
    named
}

/// Reads the evidence on the namespace, where there is an adapter for it, and then the accounts. Failures to read are recorded.
pub(crate) async fn gather_about<V: NamespaceVerifier + ?Sized>(
    input: &mut DecisionInput,
    names: NamedParts,
    verifier: Result<&V, Unavailable>,
    context: &dyn PlatformContext,
    policy: &Policy,
    limits: VerificationLimits,
    now: Timestamp,
) {
    let budget = limits.budget();
    let namespace = input.evidence_name();
    let read = match verifier {
        Ok(verifier) => {
            let parts = limits.for_the_name(&budget);
            read_namespace(namespace, names.accounts, verifier, policy, parts, now).await
        }
        Err(why) => Err(why),
    };
    match read {
        Ok(evidence) => input.evidence.push(ObservedEvidence::live(evidence)),
        Err(why) => input.unread.push(why),
    }
    add_accounts(input, names.dids, context, policy, limits, budget, now).await;
}

/// Reads what a registry shows of a namespace. The accounts are asked about first.
pub(crate) async fn read_namespace<V: NamespaceVerifier + ?Sized>(
    namespace: Namespace,
    accounts: Vec<Account>,
    verifier: &V,
    policy: &Policy,
    budget: Budget,
    now: Timestamp,
) -> Result<NamespaceEvidence, Unavailable> {
    let query = NamespaceQuery::new(namespace, now)
        .with_maturity(policy.maturity())
        .about(accounts)
        .within(budget);
    let seen = gather_checked(verifier, &query).await;
    seen.map_err(NamespaceError::into_unavailable)
}

/// Adds the accounts of these DIDs, with the proofs of those that could lead to the evidence just seen of the
/// namespace.
///
/// A failure to read one DID's accounts does not affect those of another.
pub(crate) async fn add_accounts(
    input: &mut DecisionInput,
    dids: Vec<Did>,
    context: &dyn PlatformContext,
    policy: &Policy,
    limits: VerificationLimits,
    budget: Budget,
    now: Timestamp,
) {
    let namespace = input.evidence_name();
    let proofs = match input.evidence.last() {
        Some(seen) => ProofsToRead::LeadingTo(seen.shared()),
        None => ProofsToRead::None,
    };
    for (number, did) in dids.into_iter().enumerate() {
        if number >= limits.dids {
            let detail = format!("the accounts of more than {} DIDs", limits.dids);
            let why = Unavailable::new(UnavailableReason::RequestBudget, detail);
            input.unread_accounts.push((did, why));
            continue;
        }
        let query = LinkedAccountsQuery::new(did, namespace.clone(), now, policy.maturity())
            .looking_for(proofs.clone())
            .within(budget.clone());
        match context.accounts(&query).await {
            Ok(accounts) => input.accounts.extend(accounts),
            Err(unavailable) => input.unread_accounts.push((query.did, unavailable)),
        }
    }
}
