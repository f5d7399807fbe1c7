//! One link of a chain: what a piece of evidence shows, what it falls to, and whether it holds.

use std::collections::BTreeMap;
use std::time::Duration;

use super::decision::{LinkReport, Obstacle, Standing};
use super::statement::{NoStatement, Statement, statement};
use crate::Timestamp;
use crate::capability::CapabilitySet;
use crate::claim::{
    Claim, ClaimError, Expectation, KeyRing, MAX_CLOCK_LEAD, NamespaceClaim, Signed,
};
use crate::evidence::{
    AccountEvidence, AccountProof, EvidenceKind, Existence, Grade, LinkedAccount, ListedAccount,
    Listing, ListingBasis, NamespaceEvidence, Owners, Provenance, Role, SeenBy, Sighting,
    SourceRepository, worth,
};
use crate::identity::{Account, Did, Ecosystem, Login};
use crate::outcome::{Invalid, Reason, Refutation, Refuted, Unavailable, Why};
use crate::policy::{ORG_EVIDENCE_AGE, Policy};
use crate::time::in_words;

/// A link as the decision handles it.
#[derive(Debug, Clone)]
pub(super) struct Link {
    pub(super) report: LinkReport,
    /// When it will be worth more, and what it will fall to then.
    pub(super) ripens: Option<(Timestamp, CapabilitySet)>,
    pub(super) valid_until: Option<Timestamp>,
}

impl Link {
    fn new(kind: EvidenceKind, grade: Grade, says: impl Into<String>) -> Self {
        Self {
            report: LinkReport {
                kind,
                says: says.into(),
                source: None,
                observed_at: None,
                asserted_at: None,
                stable_ids: BTreeMap::new(),
                falls_to: worth(kind, grade),
                standing: Standing::Holds,
            },
            ripens: None,
            valid_until: None,
        }
    }

    fn seen(mut self, at: Timestamp, sources: &[String], max_age: Duration) -> Self {
        self.report.observed_at = Some(at);
        self.report.source = sources.first().cloned();
        self.valid_until = Some(at + max_age);
        self
    }

    fn said(mut self, at: Timestamp) -> Self {
        self.report.asserted_at = Some(at);
        self
    }

    fn id(mut self, key: &str, value: impl ToString) -> Self {
        self.report
            .stable_ids
            .insert(key.to_owned(), value.to_string());
        self
    }

    pub(super) fn standing(mut self, standing: impl Into<Standing>) -> Self {
        self.report.standing = standing.into();
        self
    }

    fn refuted(self, by: Refutation, detail: impl Into<String>) -> Self {
        self.standing(Standing::Refuted(Refuted::new(by, detail)))
    }

    fn undetermined(self, why: Unavailable) -> Self {
        self.standing(Standing::Undetermined(why))
    }

    fn ripening(mut self, at: Timestamp, falls_to: CapabilitySet) -> Self {
        self.ripens = Some((at, falls_to));
        self
    }

    fn until(mut self, at: Option<Timestamp>) -> Self {
        self.valid_until = [self.valid_until, at].into_iter().flatten().min();
        self
    }
}

/// What every link is judged by.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bench<'a> {
    pub(super) policy: &'a Policy,
    pub(super) keys: &'a KeyRing,
    pub(super) now: Timestamp,
}

/// How old evidence of this ecosystem's ownership may be.
pub(super) fn max_age(policy: &Policy, ecosystem: &Ecosystem) -> Duration {
    if *ecosystem == Ecosystem::GITHUB {
        policy.evidence_age().min(ORG_EVIDENCE_AGE)
    } else {
        policy.evidence_age()
    }
}

impl Bench<'_> {
    /// Whether what was seen counts: by a trusted observer, not too old, not from the future.
    pub(super) fn usable<E>(
        &self,
        sighting: &Sighting<E>,
        at: Timestamp,
        max_age: Duration,
    ) -> Result<(), Unavailable> {
        if let SeenBy::Observer(observer) = sighting.seen_by()
            && !self.policy.trusts(observer)
        {
            return Err(Unavailable::new(
                Why::UntrustedObserver,
                format!("it was signed by {observer}"),
            ));
        }
        if at > self.now + MAX_CLOCK_LEAD {
            let detail = format!("it says that it was seen at {at}, and it is {}", self.now);
            return Err(Unavailable::new(Why::EvidenceMismatch, detail));
        }
        if self.now.since(at) > max_age {
            let detail = format!("it was seen at {at}, more than {} ago", in_words(max_age));
            return Err(Unavailable::new(Why::StaleEvidence, detail));
        }
        Ok(())
    }

    /// A claim's signature, audience and time.
    pub(super) fn claim_stands<C: Claim>(
        &self,
        claim: &Signed<C>,
        expected: &Expectation,
    ) -> Result<(), Obstacle> {
        let checked = claim
            .check_expectation(expected)
            .and_then(|()| claim.check_time(self.now))
            .and_then(|()| claim.check_signature(self.keys));
        checked.map_err(|error| match error {
            ClaimError::Refuted(refuted) => Obstacle::Refuted(refuted),
            ClaimError::Unavailable(why) => Obstacle::Unavailable(why),
            ClaimError::Json(_) | ClaimError::Malformed { .. } => Obstacle::Refuted(Refuted::new(
                Refutation::BadSignature,
                Invalid::BadClaim.meaning(),
            )),
        })
    }
}

/// key - DID.
pub(super) fn signature(claim: &Signed<NamespaceClaim>) -> Link {
    let says = format!("{} signed the claim", claim.did());
    Link::new(EvidenceKind::ClaimSignature, Grade::Plain, says)
        .said(claim.created())
        .until(claim.expires())
        .id("claim", claim.id())
}

/// DID - account: every way in which a linked account is supported, self-reported first.
pub(super) fn account(bench: &Bench<'_>, linked: &LinkedAccount) -> Vec<Link> {
    let claim = &linked.claim;
    let (did, account) = (claim.did(), linked.account());
    let says = format!("{did} says that it holds {account}; nothing from the account was seen");
    let base = identify(
        Link::new(EvidenceKind::SelfReported, Grade::Plain, says),
        account,
    )
    .said(claim.created())
    .until(claim.expires());
    if let Err(obstacle) =
        bench.claim_stands(claim, &Expectation::new(crate::claim::Audience::public()))
    {
        return vec![base.standing(obstacle)];
    }
    let supported = linked.evidence.iter().map(|sighting| {
        let link = proof(bench, sighting, claim.id().to_string()).until(claim.expires());
        let link = identify(link, account);
        let evidence = sighting.evidence();
        if evidence.did != *did || !evidence.account.same_as(account) {
            let detail = format!("it is about {} and {}", evidence.did, evidence.account);
            return link.undetermined(Unavailable::new(Why::EvidenceMismatch, detail));
        }
        match bench.usable(sighting, evidence.observed_at, bench.policy.evidence_age()) {
            Ok(()) => link,
            Err(why) => link.undetermined(why),
        }
    });
    let missing = linked.attempts.iter().map(|attempt| {
        let says = format!("{} for {account} and {did}", attempt.kind);
        identify(
            Link::new(attempt.kind, best_grade(attempt.kind), says),
            account,
        )
        .standing(attempt.obstacle.clone())
    });
    std::iter::once(base)
        .chain(supported)
        .chain(missing)
        .collect()
}

/// What evidence of this kind could be worth at best.
fn best_grade(kind: EvidenceKind) -> Grade {
    let matures = matches!(
        kind,
        EvidenceKind::GistProof | EvidenceKind::AccountStatement
    );
    if matures { Grade::Mature } else { Grade::Plain }
}

fn identify(link: Link, account: &Account) -> Link {
    match account.id() {
        Some(id) => link.id("account", id),
        None => link.id("login", account.login()),
    }
}

/// What one proof of an account is worth.
fn proof(bench: &Bench<'_>, sighting: &Sighting<AccountEvidence>, claim_id: String) -> Link {
    let evidence = sighting.evidence();
    let (account, at) = (&evidence.account, evidence.observed_at);
    let maturity = bench.policy.maturity();
    let seen = |link: Link| link.seen(at, &evidence.sources, bench.policy.evidence_age());
    match &evidence.proof {
        AccountProof::DeviceFlow { .. } => {
            let says = format!("the holder of {account} approved it in a device flow");
            seen(Link::new(EvidenceKind::DeviceFlow, Grade::Plain, says))
        }
        AccountProof::TokenHolder {} => {
            let says = format!("somebody presented a token of {account}");
            seen(Link::new(EvidenceKind::TokenHolder, Grade::Plain, says))
        }
        AccountProof::GistProof {
            gist,
            claim,
            unchanged_since,
        } => {
            let mature = at.since(*unchanged_since) >= maturity;
            let says =
                format!("gist {gist} of {account} holds the signed claim since {unchanged_since}");
            let grade = if mature { Grade::Mature } else { Grade::Young };
            let link = seen(Link::new(EvidenceKind::GistProof, grade, says))
                .said(*unchanged_since)
                .id("gist", gist);
            if claim.to_string() != claim_id {
                let detail = format!("the gist holds another claim, {claim}");
                return link.undetermined(Unavailable::new(Why::EvidenceMismatch, detail));
            }
            let ripe = worth(EvidenceKind::GistProof, Grade::Mature);
            if mature {
                link
            } else {
                link.ripening(*unchanged_since + maturity, ripe)
            }
        }
        AccountProof::AccountStatement(package) => {
            seen(account_statement(bench, evidence, package))
        }
    }
}

/// A package that only this account can publish names the DID.
fn account_statement(
    bench: &Bench<'_>,
    evidence: &AccountEvidence,
    package: &NamespaceEvidence,
) -> Link {
    let (account, did) = (&evidence.account, &evidence.did);
    let says = format!(
        "{}, which {account} alone can publish, names {did}",
        package.namespace.short()
    );
    let link = |grade| Link::new(EvidenceKind::AccountStatement, grade, says.clone());
    let same_place = package.namespace.ecosystem().as_str() == account.platform().as_str()
        && package.namespace.repository() == account.origin()
        && package.observed_at == evidence.observed_at;
    if !same_place {
        let detail = format!(
            "{} is not a package of {}",
            package.namespace,
            account.platform()
        );
        return link(Grade::Mature).undetermined(Unavailable::new(Why::EvidenceMismatch, detail));
    }
    if let Existence::Absent(refuted) = &package.existence {
        return link(Grade::Mature).standing(Standing::Refuted(refuted.clone()));
    }
    match package.listing.get() {
        Err(why) => return link(Grade::Mature).undetermined(why),
        Ok(listing) => match listing.sole_owner() {
            Some(owner) if owner.account.same_as(account) => {}
            _ => {
                let detail = format!(
                    "{} does not list {account} as its only role",
                    package.namespace.short()
                );
                return link(Grade::Mature).refuted(Refutation::NotSoleOwner, detail);
            }
        },
    }
    let kind = EvidenceKind::AccountStatement;
    let link = |grade| Link::new(kind, grade, says.clone()).id("package", &package.namespace);
    from_statement(bench, package, did, link, kind, Grade::Mature)
}

/// DID - namespace, directly.
pub(super) fn package_statement(
    bench: &Bench<'_>,
    evidence: &NamespaceEvidence,
    did: &Did,
) -> Link {
    let kind = EvidenceKind::PackageStatement;
    let says = format!("releases of {} name {did}", evidence.namespace.short());
    let age = max_age(bench.policy, evidence.namespace.ecosystem());
    let sole = evidence
        .listing
        .get()
        .is_ok_and(|listing| listing.sole_owner().is_some());
    let ripe = if sole {
        Grade::MatureSole
    } else {
        Grade::Mature
    };
    let link = |grade| {
        Link::new(kind, grade, says.clone()).seen(evidence.observed_at, &evidence.sources, age)
    };
    from_statement(bench, evidence, did, link, kind, ripe)
}

fn from_statement(
    bench: &Bench<'_>,
    evidence: &NamespaceEvidence,
    did: &Did,
    link: impl Fn(Grade) -> Link,
    kind: EvidenceKind,
    ripe: Grade,
) -> Link {
    let timeline = match evidence.timeline.get() {
        Ok(timeline) => timeline,
        Err(why) => return link(ripe).undetermined(why),
    };
    match statement(timeline, did, bench.policy.maturity(), evidence.observed_at) {
        Ok(Statement {
            mature: true,
            since,
            ..
        }) => link(ripe).said(since),
        Ok(Statement {
            since, matures_at, ..
        }) => {
            let ripe_at = matures_at.max(evidence.observed_at);
            link(Grade::Young)
                .said(since)
                .ripening(ripe_at, worth(kind, ripe))
        }
        Err(NoStatement::Refuted(refuted)) => link(ripe).standing(Standing::Refuted(refuted)),
        Err(NoStatement::Unavailable(why)) => link(ripe).undetermined(why),
    }
}

/// account - namespace: what the registry's listing says of one account.
pub(super) fn ownership(
    bench: &Bench<'_>,
    evidence: &NamespaceEvidence,
    account: &Account,
    recorded: &[(Account, Timestamp)],
) -> Link {
    let name = evidence.namespace.short();
    let age = max_age(bench.policy, evidence.namespace.ecosystem());
    let seen = |link: Link| {
        identify(
            link.seen(evidence.observed_at, &evidence.sources, age),
            account,
        )
    };
    let best = |says: String| {
        seen(Link::new(
            EvidenceKind::ListedOwner,
            Grade::Established,
            says,
        ))
    };
    let listing = match evidence.listing.get() {
        Ok(listing) => listing,
        Err(why) => return best(format!("who owns {name} was not read")).undetermined(why),
    };
    let Some(listed) = find(listing, account) else {
        let link = best(format!("{name} does not list {account}"));
        return match not_listed(listing, account) {
            Ok(refuted) => link.standing(Standing::Refuted(refuted)),
            Err(why) => link.undetermined(why),
        };
    };
    let says = format!("{name} lists {} as {}", listed.account, listed.label);
    let (kind, grade) = match (listed.role, listed.basis) {
        (Role::Maintainer, _) => (EvidenceKind::ListedMaintainer, Grade::Plain),
        (Role::Other, _) => {
            let detail = format!(
                "{account} is {}, which gives no right to publish",
                listed.label
            );
            return best(says).refuted(Refutation::LesserRole, detail);
        }
        (_, ListingBasis::RecyclableName) => (EvidenceKind::ListedOwner, Grade::RecyclableName),
        (Role::OwnAccount, _) => (EvidenceKind::OwnAccount, Grade::Plain),
        (Role::Owner, _) => {
            let fresh =
                listing.tokens_may_add_owners && !established(bench, evidence, listed, recorded);
            (
                EvidenceKind::ListedOwner,
                if fresh {
                    Grade::Fresh
                } else {
                    Grade::Established
                },
            )
        }
    };
    seen(Link::new(kind, grade, says)).id("role", &listed.label)
}

/// The account's entry: by id or the platform's only name; by a recyclable name where the listing has no ids.
fn find<'a>(listing: &'a Listing, account: &Account) -> Option<&'a ListedAccount> {
    let by_name = |l: &&ListedAccount| {
        l.basis == ListingBasis::RecyclableName && l.account.same_login(account)
    };
    let mut entries = listing.accounts.iter();
    entries
        .clone()
        .find(|l| l.account.same_as(account))
        .or_else(|| entries.find(by_name))
}

/// What it means that a listing has no entry for an account: a no only from a complete, non-empty list.
pub(super) fn not_listed(listing: &Listing, account: &Account) -> Result<Refuted, Unavailable> {
    match &listing.owners {
        Owners::Organization(organization) => {
            let detail =
                format!("the organization {organization} owns it, and its members are not listed");
            Err(Unavailable::new(Why::OwnersHidden, detail))
        }
        Owners::Listed if listing.accounts.is_empty() => Err(Unavailable::new(
            Why::Empty,
            "the registry lists nobody at all",
        )),
        Owners::Listed => Ok(Refuted::new(
            Refutation::NotListed,
            format!("{account} is not among those listed"),
        )),
    }
}

/// Whether this very owner is older than the maturity: by a version it published, or by this verifier's own record.
fn established(
    bench: &Bench<'_>,
    evidence: &NamespaceEvidence,
    listed: &ListedAccount,
    recorded: &[(Account, Timestamp)],
) -> bool {
    let own_record = recorded
        .iter()
        .find(|(a, _)| a.same_as(&listed.account))
        .map(|(_, since)| *since);
    let known_since = [listed.first_published, own_record]
        .into_iter()
        .flatten()
        .min();
    known_since.is_some_and(|since| evidence.observed_at.since(since) >= bench.policy.maturity())
}

/// namespace - account, typed by the publisher: by name, never by id.
pub(super) fn repository(
    bench: &Bench<'_>,
    evidence: &NamespaceEvidence,
    repository: &SourceRepository,
    account: &Account,
) -> Link {
    let SourceRepository {
        platform,
        owner,
        name,
    } = repository;
    let says = format!(
        "the publisher of {} typed {platform}:{owner}/{name} as its repository",
        evidence.namespace.short()
    );
    let link = Link::new(EvidenceKind::SourceRepository, Grade::Plain, says).seen(
        evidence.observed_at,
        &evidence.sources,
        bench.policy.evidence_age(),
    );
    let same = platform == account.platform()
        && account.origin().is_none()
        && Login::parse(platform, owner).is_ok_and(|login| login == *account.login());
    if same {
        link
    } else {
        link.refuted(
            Refutation::OtherRepository,
            format!("{owner} is not {account}"),
        )
    }
}

/// namespace - account, attested, by numeric id.
pub(super) fn provenance(
    bench: &Bench<'_>,
    evidence: &NamespaceEvidence,
    attested: &Provenance,
    account: &Account,
) -> Link {
    let kind = EvidenceKind::Provenance;
    let mature = evidence.observed_at.since(attested.since) >= bench.policy.maturity();
    let young = attested.token_may_publish && !mature;
    let says = format!(
        "{} was built in repository {} of {} id {}",
        evidence.namespace.short(),
        attested.repository_id,
        attested.platform,
        attested.owner_id
    );
    let link = Link::new(kind, if young { Grade::Young } else { Grade::Mature }, says)
        .seen(
            evidence.observed_at,
            &evidence.sources,
            bench.policy.evidence_age(),
        )
        .said(attested.since)
        .id("repository", &attested.repository_id)
        .id("owner", &attested.owner_id);
    let same = attested.platform == *account.platform()
        && account.origin().is_none()
        && account.id() == Some(&attested.owner_id);
    if !same {
        return link.refuted(
            Refutation::OtherRepository,
            format!("the owner of the build is not {account}"),
        );
    }
    if young {
        link.ripening(
            attested.since + bench.policy.maturity(),
            worth(kind, Grade::Mature),
        )
    } else {
        link
    }
}

/// Owner's DID - delegate's DID.
pub(super) fn delegation(
    bench: &Bench<'_>,
    delegation: &Signed<crate::claim::Delegation>,
    claim: &NamespaceClaim,
) -> Link {
    let body = delegation.unverified();
    let says = format!(
        "{} delegated {} to {}",
        delegation.did(),
        body.actions,
        body.to
    );
    let mut link = Link::new(EvidenceKind::Delegation, Grade::Plain, says)
        .said(delegation.created())
        .until(delegation.expires())
        .id("claim", delegation.id());
    // The owner's signature on it falls to the owner's key too.
    link.report.falls_to = link
        .report
        .falls_to
        .union(worth(EvidenceKind::ClaimSignature, Grade::Plain));
    if let Err(obstacle) = bench.claim_stands(
        delegation,
        &Expectation::new(crate::claim::Audience::public()),
    ) {
        return link.standing(obstacle);
    }
    if !body.covers(&claim.namespace, &claim.actions) {
        let detail = format!(
            "it covers {} of other packages or fewer actions than {}",
            body.actions, claim.actions
        );
        return link.refuted(Refutation::DelegationTooNarrow, detail);
    }
    link
}

/// What supports a linked account, and what each falls to: for front ends that show an account by itself.
#[must_use]
pub fn grade_account(
    linked: &LinkedAccount,
    policy: &Policy,
    keys: &KeyRing,
    now: Timestamp,
) -> Vec<LinkReport> {
    let bench = Bench { policy, keys, now };
    account(&bench, linked)
        .into_iter()
        .map(|link| link.report)
        .collect()
}
