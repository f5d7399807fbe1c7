//! The links of a chain: the meaning of a piece of evidence, the capabilities that it falls to, and whether it holds.

mod account;
mod account_statement;
mod listing;
mod source;
mod statement;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::Duration;

use super::DecisionInput;
use super::decision::{LinkReport, Standing};
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
use crate::reason::{
    Invalid, Obstacle, Reason, Refuted, RefutedReason, Unavailable, UnavailableReason,
};
use crate::time::in_words;

pub use account::grade_account;
pub(in crate::decide) use account::{account, account_evidence_counts};
pub(crate) use account_statement::{only_role, outside_own_scope};
pub(in crate::decide) use listing::{find, ownership};
pub(in crate::decide) use source::{provenance, repository};
pub(in crate::decide) use statement::package_statement;

/// A link while the decision works on it.
#[derive(Debug, Clone)]
pub(in crate::decide) struct Link {
    pub(in crate::decide) report: LinkReport,
    /// The later state in which the link is worth more.
    pub(in crate::decide) ripens: Option<Ripening>,
    /// True for a statement that is there from the package's first release on: only the maker of that release could have forged
    /// it.
    pub(in crate::decide) from_the_first_release: bool,
    /// The challenge that this process ran a device flow for.
    pub(in crate::decide) flow_for: Option<Challenge>,
    /// The server that the evidence was read from, where it is not the namespace's own evidence.
    pub(in crate::decide) origin: Option<Origin>,
    /// The time and the observer of the evidence, where it is not the namespace's own evidence.
    pub(in crate::decide) seen: Option<EvidenceUse>,
    /// The maturities under which its worth is valid.
    pub(in crate::decide) maturities: MaturityRange,
    pub(in crate::decide) valid_until: Option<Timestamp>,
}

/// The later state in which a link or chain is worth more.
#[derive(Debug, Clone)]
pub(in crate::decide) struct Ripening {
    pub(in crate::decide) at: Timestamp,
    /// The capabilities that it will fall to then.
    pub(in crate::decide) falls_to: CapabilitySet,
    /// The release that must be published for it; `None` where waiting is enough.
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

    /// Returns what the link falls to now.
    pub(in crate::decide) fn falls_to(&self) -> CapabilitySet {
        self.report.falls_to
    }

    /// Returns what the link falls to when it is mature. This is the present value where time does not matter.
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

    /// Sets that these capabilities apply to something else.
    fn held_apart(mut self, capabilities: &[Capability], of: &Subject) -> Self {
        let apart = capabilities.iter().map(|c| (*c, of.clone()));
        self.report.held_apart.extend(apart);
        self
    }

    pub(in crate::decide) fn standing(mut self, standing: impl Into<Standing>) -> Self {
        self.report.standing = standing.into();
        self
    }

    /// Applies the result of a search for revocations. An existing refutation is kept, unless a revocation was found.
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

    /// Applies the result of a contest by another DID. An existing refutation is kept, and so is an existing undetermined
    /// standing unless the contest refutes.
    pub(in crate::decide) fn unless_contested(self, asked: Result<(), Obstacle>) -> Self {
        match (&self.report.standing, asked) {
            (_, Ok(())) | (Standing::Refuted(_), _) => self,
            (Standing::Undetermined(_), Err(Obstacle::Unavailable(_))) => self,
            (_, Err(obstacle)) => self.standing(obstacle),
        }
    }

    /// Returns whether the link can be forged without a session of the account and without a key.
    pub(in crate::decide) fn is_weaker_than_a_session(&self) -> bool {
        let no_less = [
            Capability::AccountSession,
            Capability::DelegateKey,
            Capability::DeviceKey,
        ];
        let no_less: CapabilitySet = no_less.into_iter().collect();
        !no_less.is_superset(self.falls_to())
    }

    /// Adds `more` to the capabilities that the link falls to, now and when it is mature.
    fn falling_to_also(mut self, more: CapabilitySet) -> Self {
        self.report.falls_to = self.report.falls_to.union(more);
        if let Some(then) = &mut self.ripens {
            then.falls_to = then.falls_to.union(more);
        }
        self
    }

    /// Adds the trust in the observer: a holder of the observer's key can sign that it saw anything.
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

    /// Restricts the maturities under which the worth of the link is valid.
    pub(in crate::decide) fn under(mut self, maturities: MaturityRange) -> Self {
        self.maturities = self.maturities.and(maturities);
        self
    }

    fn until(mut self, at: Option<Timestamp>) -> Self {
        self.valid_until = [self.valid_until, at].into_iter().flatten().min();
        self
    }
}

/// The context in which every link is evaluated.
#[derive(Debug)]
pub(in crate::decide) struct EvaluationContext<'a> {
    pub(in crate::decide) policy: &'a Policy,
    pub(in crate::decide) now: Timestamp,
    /// The challenge that this verifier issued.
    pub(in crate::decide) issued: Option<&'a IssuedChallenge>,
    pub(in crate::decide) register: RevocationIndex<'a>,
    pub(in crate::decide) newest: Newest<'a>,
    /// The releases of the claimed package, where they were read.
    pub(in crate::decide) claimed: Option<TimelineView<'a>>,
    pub(in crate::decide) steps: Steps,
    /// Cached statements of releases about a DID. The key is the timeline's address in memory during this decision.
    told: RefCell<BTreeMap<(usize, Did), Told>>,
    /// Cached publishers of these releases.
    published: RefCell<BTreeMap<(usize, Did), Publishers>>,
}

/// A statement, or the reason why there is none; and true where its releases name nobody else.
type Told = (Result<Statement, NoStatement>, bool);

/// Returns the maximum age of evidence of this ecosystem's ownership.
pub(in crate::decide) fn max_age(policy: &Policy, ecosystem: &Ecosystem) -> Duration {
    if *ecosystem == Ecosystem::GITHUB {
        policy.evidence_age().min(ORG_EVIDENCE_AGE)
    } else {
        policy.evidence_age()
    }
}

/// Checks that evidence seen at `at` is not from the future, and less than `max_age` old.
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
    // An answer is valid until its evidence reaches this age, and no longer valid in that second.
    if now.since(at) >= max_age {
        let detail = format!("it was seen at {at}, {} ago or more", in_words(max_age));
        return Err(Unavailable::new(UnavailableReason::StaleEvidence, detail));
    }
    Ok(())
}

impl<'a> EvaluationContext<'a> {
    /// Creates the context of a whole case.
    pub(in crate::decide) fn of(
        case: &'a DecisionInput,
        policy: &'a Policy,
        now: Timestamp,
    ) -> Self {
        Self::with(policy, now, RevocationIndex::of(case, now), &case.accounts)
    }

    /// Creates the context of accounts that are graded by themselves, with no revocations.
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

    /// Sets the evidence that the decision is about.
    pub(in crate::decide) fn about(mut self, evidence: &'a NamespaceEvidence) -> Self {
        let view =
            |timeline| TimelineView::new(timeline, self.policy.maturity(), evidence.observed_at);
        self.claimed = evidence.timeline.get().ok().map(view);
        self
    }

    /// Returns the statement that the releases of `evidence` make for a DID, and whether they name nobody else. It is derived
    /// once, for any number of claims that rest on it. Contests are checked here for packages that speak for an account; for the
    /// claimed package they are checked for every chain alike.
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

    /// Returns the publishers of the releases that name a DID. They are determined once, for any number of claims that rest on
    /// them.
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

    /// Returns whether a DID was revoked with all its claims, so that it contests nobody.
    pub(in crate::decide) fn is_revoked(&self, did: &Did) -> bool {
        self.register.is_revoked(did)
    }

    /// Checks that evidence counts: seen by a trusted observer who was not revoked, not too old, not from the future.
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

    /// Checks that the signed observation of the evidence, if there is one, is good and not revoked, and that its observer is not
    /// revoked.
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

    /// Checks a claim's signature, audience and time.
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

/// Creates the link key - DID.
pub(in crate::decide) fn signature(claim: &Signed<NamespaceClaim>) -> Link {
    let says = format!("{} signed the claim", claim.did());
    let of = Subject::Did(claim.did().clone());
    Link::new(EvidenceKind::ClaimSignature, Grade::Plain, of, says)
        .said(claim.created())
        .until(claim.expires())
        .id("claim", claim.id())
}

/// Creates the link Owner's DID - delegate's DID.
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
    // The delegator's key signed the delegation; the delegate holds the other key.
    let of = Subject::Did(delegation.did().clone());
    let mut link = Link::new(EvidenceKind::Delegation, Grade::Plain, of, says)
        .said(delegation.created())
        .until(delegation.expires())
        .id("claim", delegation.id());
    // The owner's signature on the delegation falls to the owner's key too.
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
