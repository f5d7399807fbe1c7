//! Reviewing a holder's own links: which still hold, and what needs attention.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use super::account_support::AccountSupport;
use super::context::prove_account;
use super::link_finding::{FindingOutcome, LinkFinding};
use super::revocations::{RevocableParts, collect_revocations};
use crate::Timestamp;
use crate::capability::CapabilitySet;
use crate::claim::KeyRing;
use crate::decide::{LinkReport, Standing};
use crate::evidence::{AccountEvidence, LinkedAccount, ObservedEvidence, SeenBy};
use crate::identity::{Account, Did};
use crate::policy::Policy;
use crate::ports::{
    AccountDirectory, AccountProver, KeptLink, RevocationMemory, RevocationSource, prover_of,
};
use crate::reason::{Obstacle, RefutedReason};

/// A reviewer of a holder's own links.
///
/// For each link it reads the proof again, asks the sources of revocations, and grades what it saw together with the observations
/// that were kept when the account was claimed.
///
/// # Whose observations count
/// Those of the DIDs that the policy trusts. A holder trusts the observations that its own keys signed, so a front end opens its
/// keys among [`LinkReviewer::observers`] and adds their DIDs ([`Policy::trusting`]). A file that only *states* such a DID proves
/// nothing: anyone who can write there can write such a file. Open the key.
///
/// ```
/// use auths_core::ports::{KeptLink, MemoryRevocations};
/// use auths_core::use_cases::{FindingOutcome, LinkReviewer};
/// use auths_core::Policy;
/// # use futures_util::FutureExt as _;
///
/// let claim = include_str!("../../../tests/vectors/claims/platform-pypi/claim.json");
/// let kept = KeptLink::parse(format!("{{\"claim\": {claim}}}").as_bytes())?;
/// let end = kept.claim.expires().ok_or("it never ends")?;
///
/// let (policy, memory) = (Policy::standard(), MemoryRevocations::new());
/// let reviewer = LinkReviewer::new(&policy, &memory, end);
/// let review = reviewer.review(&[kept]).now_or_never().ok_or("it waits for nothing")?;
/// let worst = review.worst().ok_or("nothing was found")?;
/// assert_eq!((worst.name(), worst.outcome()), ("expired", FindingOutcome::Refuted));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Security
/// A review decides nothing, and makes no [`Verified`](crate::Verified). Where something could not be read, it says so: a link
/// without findings was read.
#[derive(Debug)]
pub struct LinkReviewer<'a> {
    policy: &'a Policy,
    now: Timestamp,
    memory: &'a dyn RevocationMemory,
    sources: Vec<&'a dyn RevocationSource>,
    provers: &'a [Arc<dyn AccountProver>],
    directory: Option<&'a dyn AccountDirectory>,
    keys: KeyRing,
}

/// A link as it was found in a review.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ReviewedLink {
    /// The account that the claim names.
    pub account: Account,
    /// The evidence, each piece with what it falls to and whether it holds.
    pub evidence: Vec<LinkReport>,
    /// What the best of it falls to, together with the claim's signature; `None` when none holds.
    pub falls_to: Option<CapabilitySet>,
    /// What needs attention: the life of the claim, its publication, revocations, its proof, its login.
    pub findings: Vec<LinkFinding>,
}

/// The links of a holder as they were found, in the order in which they were given.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct LinkReview {
    /// The links.
    pub links: Vec<ReviewedLink>,
}

impl LinkReview {
    /// Returns the worst finding: something that could not be found out, then a refuted link, then a notice. Of equal ones, the
    /// last. `None` when nothing needs attention.
    #[must_use]
    pub fn worst(&self) -> Option<&LinkFinding> {
        let findings = self.links.iter().flat_map(|link| &link.findings);
        findings.max_by_key(|finding| finding.outcome())
    }

    /// Returns whether every link was read and holds.
    #[must_use]
    pub fn is_good(&self) -> bool {
        let worst = self.worst().map(LinkFinding::outcome);
        worst.is_none_or(|worst| worst == FindingOutcome::Notice)
    }
}

impl<'a> LinkReviewer<'a> {
    /// The time before its expiry from which a claim is reported.
    pub const SOON: Duration = Duration::from_secs(7 * 86_400);

    /// Creates a reviewer that reads nothing from servers yet: proofs are `not-offered`, and revocations come from `memory`.
    #[must_use]
    pub fn new(policy: &'a Policy, memory: &'a dyn RevocationMemory, now: Timestamp) -> Self {
        Self {
            policy,
            now,
            memory,
            sources: Vec::new(),
            provers: &[],
            directory: None,
            keys: KeyRing::intrinsic(),
        }
    }

    /// Sets the provers of accounts. Each link is read by the one of its platform and server ([`prover_of`]).
    #[must_use]
    pub fn with_provers(mut self, provers: &'a [Arc<dyn AccountProver>]) -> Self {
        self.provers = provers;
        self
    }

    /// Sets the sources of revocations.
    #[must_use]
    pub fn with_revocations(mut self, sources: Vec<&'a dyn RevocationSource>) -> Self {
        self.sources = sources;
        self
    }

    /// Sets where to look who has a login now. Without it, a renamed account is reported, and not who has its old login.
    #[must_use]
    pub fn with_directory(mut self, directory: &'a dyn AccountDirectory) -> Self {
        self.directory = Some(directory);
        self
    }

    /// Sets the keys of DIDs that do not contain their own.
    #[must_use]
    pub fn with_keys(mut self, keys: KeyRing) -> Self {
        self.keys = keys;
        self
    }

    /// Returns the DIDs that signed the observations of these links. An observation that does not verify, or has ended, has none.
    #[must_use]
    pub fn observers(&self, links: &[KeptLink]) -> BTreeSet<Did> {
        let seen = links.iter().flat_map(|kept| self.seen_before(kept));
        let dids = seen.filter_map(|seen| match seen.seen_by() {
            SeenBy::Observer(did) => Some(did.clone()),
            SeenBy::ThisProcess => None,
        });
        dids.collect()
    }

    /// Reviews every link, one after the other.
    pub async fn review(&self, links: &[KeptLink]) -> LinkReview {
        let mut reviewed = Vec::with_capacity(links.len());
        for kept in links {
            reviewed.push(self.review_one(kept, links).await);
        }
        LinkReview { links: reviewed }
    }

    /// Reviews one link. `links` are all links of the holder: the end of a claim is no finding where a later one replaces it.
    pub async fn review_one(&self, kept: &KeptLink, links: &[KeptLink]) -> ReviewedLink {
        let mut findings = Vec::new();
        if !links.iter().any(|newer| kept.is_renewed_by(newer)) {
            findings.extend(self.expiry(kept));
        }
        let account = &kept.claim.unverified().account;
        if kept.is_unpublished() {
            let account = account.clone();
            findings.push(LinkFinding::Unpublished { account });
        }
        findings.extend(self.revoked(kept).await.map(LinkFinding::from));
        let prover = prover_of(self.provers, account);
        let maturity = self.policy.maturity();
        let mut linked = prove_account(&kept.link(), prover, self.now, maturity).await;
        linked.evidence.extend(self.seen_before(kept));
        let support = AccountSupport::grade(&linked, self.policy, &self.keys, self.now);
        findings.extend(about_proof(&support));
        if let Some(now) = renamed(account, &linked) {
            findings.extend(self.about_login(account, now).await);
        }
        ReviewedLink {
            account: account.clone(),
            evidence: support.links,
            falls_to: support.falls_to,
            findings,
        }
    }

    /// Returns the observations of the account when it was claimed, as long as they are valid.
    fn seen_before(&self, kept: &KeptLink) -> Vec<ObservedEvidence<AccountEvidence>> {
        let seen = kept.observations.iter().filter_map(|seen| {
            let seen = ObservedEvidence::observed(seen, &self.keys, self.now);
            seen.ok()?.of_account()
        });
        seen.collect()
    }

    fn expiry(&self, kept: &KeptLink) -> Option<LinkFinding> {
        let at = kept.claim.expires()?;
        let account = kept.claim.unverified().account.clone();
        if at <= self.now {
            return Some(LinkFinding::Expired { account, at });
        }
        let is_soon = at.since(self.now) <= Self::SOON;
        is_soon.then_some(LinkFinding::ExpiringSoon { account, at })
    }

    /// Checks whether the claim or its DID was revoked, as far as the sources say.
    async fn revoked(&self, kept: &KeptLink) -> Option<Obstacle> {
        let about = RevocableParts::claim(&kept.claim);
        let revocations =
            collect_revocations(&self.sources, self.memory, &about, &self.keys, self.now).await;
        let checked = revocations.check(&kept.claim, &[], &self.keys, self.now);
        checked.err()
    }

    /// Reports that an account has another login now, and whether another account has the old one. If that could not be read,
    /// reports why.
    async fn about_login(&self, claimed: &Account, now: Account) -> Vec<LinkFinding> {
        let account = claimed.clone();
        let found = match self.directory {
            Some(directory) => directory.account_of(claimed).await,
            None => Ok(None),
        };
        let other = match found {
            Ok(Some(other)) if !other.same_as(claimed) => other.to_string(),
            Ok(_) => return vec![LinkFinding::Renamed { account, now }],
            // No person has the login, so an organisation or a bot does.
            Err(Obstacle::Refuted(refuted)) => refuted.raw_detail,
            Err(unread) => return vec![LinkFinding::Renamed { account, now }, unread.into()],
        };
        vec![LinkFinding::LoginReregistered {
            account,
            now,
            other,
        }]
    }
}

/// Returns what is wrong with the proof by the account itself. An expired claim is reported once.
fn about_proof(support: &AccountSupport) -> Option<LinkFinding> {
    match &support.proof()?.standing {
        Standing::Refuted(refuted) if refuted.reason == RefutedReason::Expired => None,
        Standing::Refuted(refuted) => Some(LinkFinding::Refuted {
            refuted: refuted.clone(),
            remedy: support.remove.clone(),
        }),
        Standing::Undetermined(why) => Some(LinkFinding::Unavailable(why.clone())),
        Standing::Holds => None,
    }
}

/// Returns the account as its platform names it now, when that differs from the claim.
fn renamed(claimed: &Account, linked: &LinkedAccount) -> Option<Account> {
    let mut seen = linked.evidence.iter().map(|seen| &seen.evidence().account);
    let renamed = seen.find(|seen| seen.same_as(claimed) && !seen.same_login(claimed));
    renamed.cloned()
}
