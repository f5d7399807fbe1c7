//! The last links of chains: from an account to the namespace.

use super::decision::Standing;
use super::link::{self, EvaluationContext, Link};
use crate::Timestamp;
use crate::claim::KeyRing;
use crate::evidence::{Existence, MAX_REPOSITORIES, NamespaceEvidence};
use crate::identity::{Account, Ecosystem, Platform};
use crate::policy::Policy;

/// Returns every link from `account` to the namespace: by the listing, and by matching repositories and attested builds.
pub(super) fn ends(
    bench: &EvaluationContext<'_>,
    evidence: &NamespaceEvidence,
    account: &Account,
    recorded: &[(Account, Timestamp)],
) -> Vec<Link> {
    let mut ends = vec![link::ownership(bench, evidence, account, recorded)];
    // A typed repository that does not match is no evidence against the account. Only matching ones make a chain.
    let fits = |link: &Link| link.report.standing == Standing::Holds;
    if let Ok(repositories) = evidence.repositories.get() {
        let typed = hints_unless_too_many(repositories).iter();
        let typed = typed.map(|r| link::repository(bench, evidence, r, account));
        ends.extend(typed.filter(fits));
    }
    if let Ok(attested) = evidence.provenance.get() {
        let attested = hints_unless_too_many(attested).iter();
        let attested = attested.map(|p| link::provenance(bench, evidence, p, account));
        ends.extend(attested.filter(fits));
    }
    ends
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
    let bench = EvaluationContext::alone(&[], &policy, &keys, evidence.observed_at);
    let lists_its_kind = lists_accounts_of(evidence.namespace.ecosystem())
        .is_none_or(|platform| platform == *account.platform());
    ends(&bench, evidence, account, &[])
        .iter()
        .any(|end| match end.report.standing {
            Standing::Refuted(_) => false,
            Standing::Undetermined(_) => lists_its_kind,
            Standing::Holds => true,
        })
}

/// Returns the platform whose accounts the registry of an ecosystem lists; `None` where core does not know the ecosystem.
fn lists_accounts_of(ecosystem: &Ecosystem) -> Option<Platform> {
    match ecosystem.as_str() {
        "pypi" => Some(Platform::PYPI),
        "npm" => Some(Platform::NPM),
        "cargo" | "github" => Some(Platform::GITHUB),
        _ => None,
    }
}
