//! What supports a linked account, and what the best of it falls to.

use crate::Timestamp;
use crate::capability::CapabilitySet;
use crate::claim::KeyRing;
use crate::decide::{LinkReport, Standing, grade_account, whom_to_remove};
use crate::evidence::{AccountProof, EvidenceGrade, EvidenceKind, LinkedAccount, worth};
use crate::policy::Policy;
use crate::reason::RefutedReason;

/// The support of a linked account, graded for one policy at one time.
///
/// ```
/// use auths_core::claim::{KeyRing, PlatformClaim, Signed};
/// use auths_core::evidence::LinkedAccount;
/// use auths_core::use_cases::AccountSupport;
/// use auths_core::{Policy, Timestamp};
///
/// let claim = Signed::<PlatformClaim>::parse(include_bytes!("../../../tests/vectors/claims/platform/claim.json"))?;
/// let now: Timestamp = claim.created();
/// let alone = LinkedAccount::new(claim, Vec::new());
/// let support = AccountSupport::grade(&alone, &Policy::standard(), &KeyRing::intrinsic(), now);
/// assert!(support.proof().is_none(), "anyone can sign that they hold an account");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Security
/// It is for people to see what an account is worth. A decision about a package grades the evidence again.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct AccountSupport {
    /// The pieces of evidence, each with what it falls to and whether it holds.
    pub links: Vec<LinkReport>,
    /// What the best of them falls to, together with the claim's signature; `None` when none holds.
    pub falls_to: Option<CapabilitySet>,
    /// The accounts to remove from the package that should speak for the account, where only that is missing.
    pub remove: Option<String>,
}

impl AccountSupport {
    /// Grades the evidence of a linked account.
    #[must_use]
    pub fn grade(linked: &LinkedAccount, policy: &Policy, keys: &KeyRing, now: Timestamp) -> Self {
        let links = grade_account(linked, policy, keys, now);
        let signature = worth(EvidenceKind::ClaimSignature, EvidenceGrade::Plain);
        let holding = links
            .iter()
            .filter(|link| link.standing == Standing::Holds)
            .map(|link| link.falls_to.union(signature));
        let falls_to = holding.min_by_key(|set| set.len());
        let has_others = links.iter().any(|link| {
            matches!(&link.standing, Standing::Refuted(r) if r.reason == RefutedReason::NotSoleOwner)
        });
        let seen = linked.evidence.iter().map(|seen| seen.evidence());
        let mut remove = seen.filter_map(|seen| match &seen.proof {
            AccountProof::AccountStatement(package) => whom_to_remove(&seen.account, package),
            _ => None,
        });
        let remove = has_others.then(|| remove.next()).flatten();
        Self {
            links,
            falls_to,
            remove,
        }
    }

    /// Returns whether the package that was read can never speak for the account: others publish it too, and removing them would
    /// not be enough. More releases of it do not help.
    #[must_use]
    pub fn is_of_others(&self) -> bool {
        let standing = self.statement().map(|statement| &statement.standing);
        let is_shared = matches!(standing, Some(Standing::Refuted(r)) if r.reason == RefutedReason::NotSoleOwner);
        is_shared && self.remove.is_none()
    }

    /// Returns the account statement among the links.
    #[must_use]
    pub fn statement(&self) -> Option<&LinkReport> {
        self.of(EvidenceKind::AccountStatement)
    }

    /// Returns the gist among the links.
    #[must_use]
    pub fn gist(&self) -> Option<&LinkReport> {
        self.of(EvidenceKind::GistProof)
    }

    /// Returns the proof by the account itself among the links: its statement, or its gist.
    #[must_use]
    pub fn proof(&self) -> Option<&LinkReport> {
        self.statement().or_else(|| self.gist())
    }

    /// Returns the time when the account statement becomes mature by waiting, or when another release can make it so; `None`
    /// where only a release is missing.
    #[must_use]
    pub fn ripe_at(&self, now: Timestamp) -> Option<Timestamp> {
        let statement = self.statement()?;
        let at = statement.ripe_at?;
        (at > now || statement.missing_release.is_none()).then_some(at)
    }

    fn of(&self, kind: EvidenceKind) -> Option<&LinkReport> {
        self.links.iter().find(|link| link.kind == kind)
    }
}
