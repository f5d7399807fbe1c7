//! Every link from one account to the namespace.

use super::super::context::EvaluationContext;
use super::super::report::Standing;
use super::link::Link;
use super::listing::ownership_link;
use super::source::{provenance_link, repository_link};
use crate::Timestamp;
use crate::claim::KeyRing;
use crate::evidence::{Existence, MAX_REPOSITORIES, NamespaceEvidence};
use crate::identity::Account;
use crate::policy::Policy;

/// Returns every link from `account` to the namespace: by the listing, and by matching repositories and attested builds.
///
/// A typed repository that does not match is no evidence against the account. Only matching ones make a chain.
pub(in crate::decide) fn links_from_account(
    context: &EvaluationContext<'_>,
    evidence: &NamespaceEvidence,
    account: &Account,
    recorded: &[(Account, Timestamp)],
) -> Vec<Link> {
    let mut links = vec![ownership_link(context, evidence, account, recorded)];
    if let Ok(repositories) = evidence.repositories.get() {
        let typed = hints_unless_too_many(repositories).iter();
        let typed = typed.map(|typed| repository_link(context, evidence, typed, account));
        links.extend(typed.filter(|link| link.report.standing == Standing::Holds));
    }
    if let Ok(attested) = evidence.provenance.get() {
        let attested = hints_unless_too_many(attested).iter();
        let attested = attested.map(|build| provenance_link(context, evidence, build, account));
        links.extend(attested.filter(|link| link.report.standing == Standing::Holds));
    }
    links
}

/// Returns the hints of a package, or none where there are more than the maximum. Every account is compared with every hint.
fn hints_unless_too_many<T>(hints: &[T]) -> &[T] {
    if hints.len() > MAX_REPOSITORIES {
        return &[];
    }
    hints
}

/// Returns whether a proof of `account` could change the decision about the namespace. It could if the listing has the account,
/// or was not read whole and so may have it; or if a typed repository or an attested build belongs to the account.
///
/// Where it could not, the platform need not be asked for the proof. So nobody can make a verifier ask about accounts that a
/// package has nothing to do with.
#[must_use]
pub fn may_lead(evidence: &NamespaceEvidence, account: &Account) -> bool {
    if evidence.existence != Existence::Present {
        return false;
    }
    let (policy, keys) = (Policy::standard(), KeyRing::intrinsic());
    let context = EvaluationContext::alone(&[], &policy, &keys, evidence.observed_at);
    let listed = evidence.namespace.ecosystem().facts().accounts.as_ref();
    let lists_its_kind = listed.is_none_or(|platform| platform == account.platform());
    let links = links_from_account(&context, evidence, account, &[]);
    links.iter().any(|link| match link.report.standing {
        Standing::Refuted(_) => false,
        Standing::Undetermined(_) => lists_its_kind,
        Standing::Holds => true,
    })
}
