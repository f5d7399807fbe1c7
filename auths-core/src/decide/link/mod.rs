//! One link of a chain: what a piece of evidence shows, what it falls to, and whether it holds.

mod account;
mod account_statement;
mod listing;
mod source;
mod statement;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::Duration;

use super::DecisionInput;
use super::decision::{LinkReport, Obstacle, Standing};
use super::grounds::{EvidenceUse, MaturityRange};
use super::newest::Newest;
use super::revocation::RevocationIndex;
use super::span::Publishers;
use super::statement::{NoStatement, Statement, TimelineView};
use super::steps::Steps;
use crate::Timestamp;
use crate::capability::{Capability, CapabilitySet};
use crate::claim::{
    Audience, Challenge, Claim, ClaimError, Delegation, Expectation, IssuedChallenge, KeyRing,
    MAX_CLOCK_LEAD, NamespaceClaim, Signed,
};
use crate::evidence::{
    EvidenceKind, Grade, LinkedAccount, NamespaceEvidence, ObservedEvidence, SeenBy, Timeline,
    worth,
};
use crate::identity::{Account, Did, Ecosystem, Origin, Subject, escape};
use crate::policy::{ORG_EVIDENCE_AGE, Policy};
use crate::reason::{Invalid, Reason, Refuted, RefutedReason, Unavailable, UnavailableReason};
use crate::time::in_words;

pub use account::grade_account;
pub(in crate::decide) use account::{account, account_evidence_counts};
pub(crate) use account_statement::{only_role, outside_own_scope};
pub(in crate::decide) use listing::{find, ownership};
pub(in crate::decide) use source::{provenance, repository};
pub(in crate::decide) use statement::package_statement;

/// A link as the decision handles it.
#[derive(Debug, Clone)]
pub(in crate::decide) struct Link {
    pub(in crate::decide) report: LinkReport,
    /// How it will be worth more.
    pub(in crate::decide) ripens: Option<Ripening>,
    /// Whether it is a statement that is there from the package's first release on: only whoever made that could have forged it.
    pub(in crate::decide) from_the_first_release: bool,
    /// The challenge that this process ran a device flow for.
    pub(in crate::decide) flow_for: Option<Challenge>,
    /// The server that it was read from, where it is not the namespace's own evidence.
    pub(in crate::decide) origin: Option<Origin>,
    /// When and by whom it was seen, where it is not the namespace's own evidence.
    pub(in crate::decide) seen: Option<EvidenceUse>,
    /// The maturities under which it is worth this.
    pub(in crate::decide) maturities: MaturityRange,
    pub(in crate::decide) valid_until: Option<Timestamp>,
}

/// How a link or chain will be worth more.
#[derive(Debug, Clone)]
pub(in crate::decide) struct Ripening {
    pub(in crate::decide) at: Timestamp,
    /// What it will fall to then.
    pub(in crate::decide) falls_to: CapabilitySet,
    /// What must be published for it; `None` where waiting is enough.
    pub(in crate::decide) needs: Option<String>,
}

impl Link {
    fn new(kind: EvidenceKind, grade: Grade, of: Subject, says: impl Into<String>) -> Self {
        Self {
            report: LinkReport {
                kind,
                says: escape(&says.into()).to_string(),
                source: None,
                observed_at: None,
                asserted_at: None,
                stable_ids: BTreeMap::new(),
                of,
                held_apart: Vec::new(),
                falls_to: worth(kind, grade),
                ripe_at: None,
                missing_release: None,
                standing: Standing::Holds,
            },
            ripens: None,
            from_the_first_release: false,
            flow_for: None,
            origin: None,
            seen: None,
            maturities: MaturityRange::ANY,
            valid_until: None,
        }
    }

    /// What it falls to now.
    pub(in crate::decide) fn falls_to(&self) -> CapabilitySet {
        self.report.falls_to
    }

    /// What it falls to when it is mature; now, where that is no matter of time.
    pub(in crate::decide) fn falls_to_when_ripe(&self) -> CapabilitySet {
        let ripens = self.ripens.as_ref();
        ripens.map_or_else(|| self.falls_to(), |then| then.falls_to)
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

    /// The same, in which these capabilities are held of something else.
    fn held_apart(mut self, capabilities: &[Capability], of: &Subject) -> Self {
        let apart = capabilities.iter().map(|c| (*c, of.clone()));
        self.report.held_apart.extend(apart);
        self
    }

    pub(in crate::decide) fn standing(mut self, standing: impl Into<Standing>) -> Self {
        self.report.standing = standing.into();
        self
    }

    /// The same, with what a search for revocations came to: what refutes it already is not forgotten.
    pub(in crate::decide) fn unless_revoked(self, searched: Result<(), Obstacle>) -> Self {
        match searched {
            Err(Obstacle::Unavailable(_))
                if matches!(self.report.standing, Standing::Refuted(_)) =>
            {
                self
            }
            Err(obstacle) => self.standing(obstacle),
            Ok(()) => self,
        }
    }

    /// The same, unless another DID stands against it: what refutes it or leaves it open already is not forgotten.
    pub(in crate::decide) fn unless_contested(self, asked: Result<(), Obstacle>) -> Self {
        match (&self.report.standing, asked) {
            (_, Ok(())) | (Standing::Refuted(_), _) => self,
            (Standing::Undetermined(_), Err(Obstacle::Unavailable(_))) => self,
            (_, Err(obstacle)) => self.standing(obstacle),
        }
    }

    /// Whether somebody can forge it who holds neither a session of the account nor a key.
    pub(in crate::decide) fn is_weaker_than_a_session(&self) -> bool {
        let no_less = [
            Capability::AccountSession,
            Capability::DelegateKey,
            Capability::DeviceKey,
        ];
        let no_less: CapabilitySet = no_less.into_iter().collect();
        !no_less.is_superset(self.falls_to())
    }

    /// The same, which the holders of `more` can forge too, now and when it is ripe.
    fn falling_to_also(mut self, more: CapabilitySet) -> Self {
        self.report.falls_to = self.report.falls_to.union(more);
        if let Some(then) = &mut self.ripens {
            then.falls_to = then.falls_to.union(more);
        }
        self
    }

    /// The same, resting on the word of who saw it: whoever holds an observer's key can sign that it saw anything.
    pub(in crate::decide) fn on_the_word_of(self, seen_by: &SeenBy) -> Self {
        match seen_by {
            SeenBy::ThisProcess => self,
            SeenBy::Observer(did) => self
                .falling_to_also(worth(EvidenceKind::ClaimSignature, Grade::Plain))
                .held_apart(&[Capability::DeviceKey], &Subject::Did(did.clone())),
        }
    }

    fn refuted(self, by: RefutedReason, detail: impl Into<String>) -> Self {
        self.standing(Standing::Refuted(Refuted::new(by, detail)))
    }

    fn undetermined(self, why: Unavailable) -> Self {
        self.standing(Standing::Undetermined(why))
    }

    fn ripening(mut self, at: Timestamp, falls_to: CapabilitySet, needs: Option<String>) -> Self {
        self.report.ripe_at = Some(at);
        let needs = needs.map(|needs| escape(&needs).to_string());
        self.report.missing_release = needs.clone();
        self.ripens = Some(Ripening {
            at,
            falls_to,
            needs,
        });
        self
    }

    /// The same, whose worth was found under these maturities too.
    pub(in crate::decide) fn under(mut self, maturities: MaturityRange) -> Self {
        self.maturities = self.maturities.and(maturities);
        self
    }

    fn until(mut self, at: Option<Timestamp>) -> Self {
        self.valid_until = [self.valid_until, at].into_iter().flatten().min();
        self
    }
}

/// What every link is judged by.
#[derive(Debug)]
pub(in crate::decide) struct EvaluationContext<'a> {
    pub(in crate::decide) policy: &'a Policy,
    pub(in crate::decide) now: Timestamp,
    /// The challenge that this verifier gave.
    pub(in crate::decide) issued: Option<&'a IssuedChallenge>,
    pub(in crate::decide) register: RevocationIndex<'a>,
    pub(in crate::decide) newest: Newest<'a>,
    /// The releases of the package that is claimed, where they were read.
    pub(in crate::decide) claimed: Option<TimelineView<'a>>,
    pub(in crate::decide) steps: Steps,
    /// What releases were found to say of a DID, by where in memory this decision holds them.
    told: RefCell<BTreeMap<(usize, Did), Told>>,
    /// Who was found to have published them.
    published: RefCell<BTreeMap<(usize, Did), Publishers>>,
}

/// A statement, or why there is none, and whether its releases name nobody else.
type Told = (Result<Statement, NoStatement>, bool);

/// How old evidence of this ecosystem's ownership may be.
pub(in crate::decide) fn max_age(policy: &Policy, ecosystem: &Ecosystem) -> Duration {
    if *ecosystem == Ecosystem::GITHUB {
        policy.evidence_age().min(ORG_EVIDENCE_AGE)
    } else {
        policy.evidence_age()
    }
}

/// Whether what was seen at `at` is not from the future, and less than `max_age` old.
pub(in crate::decide) fn is_recent(
    at: Timestamp,
    max_age: Duration,
    now: Timestamp,
) -> Result<(), Unavailable> {
    if at > now + MAX_CLOCK_LEAD {
        let detail = format!("it says that it was seen at {at}, and it is {now}");
        return Err(Unavailable::new(
            UnavailableReason::EvidenceMismatch,
            detail,
        ));
    }
    // An answer is valid until its evidence is that old, and not in that second any more.
    if now.since(at) >= max_age {
        let detail = format!("it was seen at {at}, {} ago or more", in_words(max_age));
        return Err(Unavailable::new(UnavailableReason::StaleEvidence, detail));
    }
    Ok(())
}

impl<'a> EvaluationContext<'a> {
    /// For a whole case.
    pub(in crate::decide) fn of(
        case: &'a DecisionInput,
        policy: &'a Policy,
        now: Timestamp,
    ) -> Self {
        Self::with(policy, now, RevocationIndex::of(case, now), &case.accounts)
    }

    /// For accounts that are looked at by themselves, with no revocations.
    pub(in crate::decide) fn alone(
        accounts: &'a [LinkedAccount],
        policy: &'a Policy,
        keys: &'a KeyRing,
        now: Timestamp,
    ) -> Self {
        Self::with(policy, now, RevocationIndex::over(&[], keys, now), accounts)
    }

    fn with(
        policy: &'a Policy,
        now: Timestamp,
        register: RevocationIndex<'a>,
        accounts: &'a [LinkedAccount],
    ) -> Self {
        let mut bench = Self {
            policy,
            now,
            issued: None,
            register,
            newest: Newest::default(),
            claimed: None,
            steps: Steps::default(),
            told: RefCell::default(),
            published: RefCell::default(),
        };
        bench.newest = Newest::of(&bench, accounts);
        bench
    }

    /// The same, for a decision about what `evidence` shows.
    pub(in crate::decide) fn about(mut self, evidence: &'a NamespaceEvidence) -> Self {
        let view =
            |timeline| TimelineView::new(timeline, self.policy.maturity(), evidence.observed_at);
        self.claimed = evidence.timeline.get().ok().map(view);
        self
    }

    /// The statement that the releases of `evidence` make for a DID, and whether they name nobody else: derived once, however
    /// many claims rest on it. Who stands against it is asked here for packages that speak for an account; for the package
    /// that is claimed it is asked of every chain alike.
    fn statement(&self, evidence: &NamespaceEvidence, timeline: &Timeline, did: &Did) -> Told {
        let which = (std::ptr::from_ref(timeline).addr(), did.clone());
        if let Some(known) = self.told.borrow().get(&which) {
            return known.clone();
        }
        let told = match self.claimed.as_ref().filter(|view| view.is_of(timeline)) {
            Some(view) => (view.statement_of(did), view.names_nobody_but(did)),
            None => {
                let view =
                    TimelineView::new(timeline, self.policy.maturity(), evidence.observed_at);
                let statement = view.uncontested(did, |other| self.is_revoked(other));
                (statement, view.names_nobody_but(did))
            }
        };
        self.told.borrow_mut().insert(which, told.clone());
        told
    }

    /// Who published the releases that name a DID: found once, however many claims rest on it.
    fn published(
        &self,
        timeline: &Timeline,
        did: &Did,
        find: impl FnOnce() -> Publishers,
    ) -> Publishers {
        let which = (std::ptr::from_ref(timeline).addr(), did.clone());
        let mut published = self.published.borrow_mut();
        *published.entry(which).or_insert_with(find)
    }

    /// Whether a DID was revoked with all its claims, so that it stands against nobody.
    pub(in crate::decide) fn is_revoked(&self, did: &Did) -> bool {
        self.register.is_revoked(did)
    }

    /// Whether what was seen counts: by a trusted observer who was not revoked, not too old, not from the future.
    pub(in crate::decide) fn usable<E>(
        &self,
        sighting: &ObservedEvidence<E>,
        at: Timestamp,
        max_age: Duration,
    ) -> Result<(), Unavailable> {
        if let SeenBy::Observer(observer) = sighting.seen_by()
            && !self.policy.trusts(observer)
        {
            return Err(Unavailable::new(
                UnavailableReason::UntrustedObserver,
                format!("it was signed by {observer}"),
            ));
        }
        self.observation_stands(sighting)?;
        is_recent(at, max_age, self.now)
    }

    /// Whether the observation that it came in, if it came in one, was good and not revoked, nor its observer.
    fn observation_stands<E>(&self, sighting: &ObservedEvidence<E>) -> Result<(), Unavailable> {
        let (SeenBy::Observer(observer), Some(signed)) = (sighting.seen_by(), sighting.signed())
        else {
            return Ok(());
        };
        if let Some(flaw) = &signed.flaw {
            return Err(flaw.clone());
        }
        let above = self.register.above(observer);
        let revoked = self.register.find_revocation(&signed.id, observer, &above);
        revoked.map_err(|obstacle| match obstacle {
            Obstacle::Refuted(refuted) => {
                Unavailable::new(UnavailableReason::RevokedObserver, refuted.raw_detail)
            }
            Obstacle::Unavailable(why) => why,
        })
    }

    /// A claim's signature, audience and time.
    pub(in crate::decide) fn claim_stands<C: Claim>(
        &self,
        claim: &Signed<C>,
        expected: &Expectation,
    ) -> Result<(), Obstacle> {
        let checked = claim
            .check_expectation(expected)
            .and_then(|()| claim.check_time(self.now))
            .and_then(|()| self.register.signatures.check(claim));
        checked.map_err(|error| match error {
            ClaimError::Refuted(refuted) => Obstacle::Refuted(refuted),
            ClaimError::Unavailable(why) => Obstacle::Unavailable(why),
            ClaimError::Json(_) | ClaimError::Malformed { .. } => Obstacle::Refuted(Refuted::new(
                RefutedReason::BadSignature,
                Invalid::BadClaim.meaning(),
            )),
        })
    }
}

/// key - DID.
pub(in crate::decide) fn signature(claim: &Signed<NamespaceClaim>) -> Link {
    let says = format!("{} signed the claim", claim.did());
    let of = Subject::Did(claim.did().clone());
    Link::new(EvidenceKind::ClaimSignature, Grade::Plain, of, says)
        .said(claim.created())
        .until(claim.expires())
        .id("claim", claim.id())
}

/// Owner's DID - delegate's DID.
pub(in crate::decide) fn delegation(
    bench: &EvaluationContext<'_>,
    delegation: &Signed<Delegation>,
    claim: &NamespaceClaim,
) -> Link {
    let body = delegation.unverified();
    let says = format!(
        "{} delegated {} to {}",
        delegation.did(),
        body.actions,
        body.to
    );
    // Its key signed the delegation, and whoever it delegated to holds the other one.
    let of = Subject::Did(delegation.did().clone());
    let mut link = Link::new(EvidenceKind::Delegation, Grade::Plain, of, says)
        .said(delegation.created())
        .until(delegation.expires())
        .id("claim", delegation.id());
    // The owner's signature on it falls to the owner's key too.
    link = link.falling_to_also(worth(EvidenceKind::ClaimSignature, Grade::Plain));
    if let Err(obstacle) = bench.claim_stands(delegation, &Expectation::new(Audience::public())) {
        return link.standing(obstacle);
    }
    if !body.covers(&claim.namespace, &claim.actions) {
        let detail = format!(
            "it covers {} of other packages or fewer actions than {}",
            body.actions, claim.actions
        );
        return link.refuted(RefutedReason::DelegationTooNarrow, detail);
    }
    link
}

fn identify(link: Link, account: &Account) -> Link {
    match account.id() {
        Some(id) => link.id("account", id),
        None => link.id("login", account.login()),
    }
}
