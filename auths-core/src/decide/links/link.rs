//! A link of a chain: the meaning of a piece of evidence, the capabilities that it falls to, and whether it holds.

use std::collections::BTreeMap;
use std::time::Duration;

use super::super::lasting::LastingEvidence;
use super::super::report::{LinkReport, Standing};
use super::super::reuse::{EvidenceUse, MaturityRange};
use crate::Timestamp;
use crate::capability::{Capability, CapabilitySet};
use crate::claim::Challenge;
use crate::evidence::{EvidenceGrade, EvidenceKind, NamespaceEvidence, SeenBy, worth};
use crate::identity::{Account, Origin, Subject, escape};
use crate::policy::Policy;
use crate::reason::{Obstacle, Refuted, RefutedReason, Unavailable};

/// A link while the decision works on it.
///
/// What it falls to depends on its standing. A link that holds falls to that by the evidence that was seen. For one that is
/// refuted or undetermined, it is the best case: what the link would fall to at least, had the evidence been as good as it can be.
/// An undetermined link whose best case is not accepted need not be read.
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
    pub(in crate::decide) evidence: Option<EvidenceUse>,
    /// The maturities under which its worth is valid.
    pub(in crate::decide) maturities: MaturityRange,
    /// What this process saw, and that holds for the life of a trusted publisher.
    pub(in crate::decide) lasting: Option<LastingEvidence>,
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
    pub(super) fn new(
        kind: EvidenceKind,
        grade: EvidenceGrade,
        of: Subject,
        says: impl Into<String>,
    ) -> Self {
        Self {
            report: LinkReport {
                kind,
                says: escape(&says.into()).to_string(),
                source: None,
                observed_at: None,
                asserted_at: None,
                stable_ids: BTreeMap::new(),
                of,
                other_subjects: Vec::new(),
                falls_to: worth(kind, grade),
                ripe_at: None,
                missing_release: None,
                standing: Standing::Holds,
            },
            ripens: None,
            from_the_first_release: false,
            flow_for: None,
            origin: None,
            evidence: None,
            maturities: MaturityRange::ANY,
            lasting: None,
            valid_until: None,
        }
    }

    /// Returns what the link falls to now; the best case, where it does not hold.
    pub(in crate::decide) fn falls_to(&self) -> CapabilitySet {
        self.report.falls_to
    }

    /// Returns what the link falls to when it is mature. This is the present value where time does not matter.
    pub(in crate::decide) fn falls_to_when_ripe(&self) -> CapabilitySet {
        let ripens = self.ripens.as_ref();
        ripens.map_or_else(|| self.falls_to(), |then| then.falls_to)
    }

    /// Sets where and when the evidence was seen. It is good for `max_age`.
    pub(super) fn observed(mut self, at: Timestamp, sources: &[String], max_age: Duration) -> Self {
        self.report.observed_at = Some(at);
        self.report.source = sources.first().cloned();
        self.valid_until = Some(at + max_age);
        self
    }

    /// Sets that the link rests on the evidence of the namespace, which is good for as long as evidence of ownership there.
    pub(super) fn observed_in(self, evidence: &NamespaceEvidence, policy: &Policy) -> Self {
        let age = policy.ownership_age(evidence.namespace.ecosystem());
        self.observed(evidence.observed_at, &evidence.sources, age)
    }

    pub(super) fn said(mut self, at: Timestamp) -> Self {
        self.report.asserted_at = Some(at);
        self
    }

    pub(super) fn id(mut self, key: &str, value: impl ToString) -> Self {
        self.report
            .stable_ids
            .insert(key.to_owned(), value.to_string());
        self
    }

    /// Adds the account's stable id, or its login where it has none.
    pub(super) fn identifying(self, account: &Account) -> Self {
        match account.id() {
            Some(id) => self.id("account", id),
            None => self.id("login", account.login()),
        }
    }

    /// Sets that these capabilities apply to something else than the others.
    pub(super) fn applying_to(mut self, capabilities: &[Capability], of: &Subject) -> Self {
        let others = capabilities.iter().map(|c| (*c, of.clone()));
        self.report.other_subjects.extend(others);
        self
    }

    pub(in crate::decide) fn standing(mut self, standing: impl Into<Standing>) -> Self {
        self.report.standing = standing.into();
        self
    }

    /// Applies the result of a search for revocations. An existing refutation is kept, unless a revocation was found.
    pub(in crate::decide) fn unless_revoked(self, check: Result<(), Obstacle>) -> Self {
        match check {
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
    pub(in crate::decide) fn unless_contested(self, check: Result<(), Obstacle>) -> Self {
        match (&self.report.standing, check) {
            (_, Ok(())) | (Standing::Refuted(_), _) => self,
            (Standing::Undetermined(_), Err(Obstacle::Unavailable(_))) => self,
            (_, Err(obstacle)) => self.standing(obstacle),
        }
    }

    /// Returns whether the link can be forged with something that is neither a session of an account nor a key, and includes
    /// none of them. Such a capability need not be weaker than a session: with control over the publishing workflow, one can do
    /// things that a session does not allow.
    pub(in crate::decide) fn can_be_forged_without_session_or_key(&self) -> bool {
        let session_or_key = [
            Capability::AccountSession,
            Capability::DelegateKey,
            Capability::DeviceKey,
        ];
        let session_or_key: CapabilitySet = session_or_key.into_iter().collect();
        !session_or_key.is_superset(self.falls_to())
    }

    /// Sets the capabilities that the link falls to, in place of those of its kind and grade.
    pub(super) fn falling_to(mut self, falls_to: CapabilitySet) -> Self {
        self.report.falls_to = falls_to;
        self
    }

    /// Adds `more` to the capabilities that the link falls to, now and when it is mature.
    pub(super) fn falling_to_also(mut self, more: CapabilitySet) -> Self {
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
                .seen_by_another()
                .falling_to_also(worth(EvidenceKind::ClaimSignature, EvidenceGrade::Plain))
                .applying_to(&[Capability::DeviceKey], &Subject::Did(did.clone())),
        }
    }

    fn seen_by_another(mut self) -> Self {
        self.lasting = None;
        self
    }

    /// Sets that what this process saw holds for the life of a trusted publisher.
    pub(super) fn lasting(mut self, seen: LastingEvidence) -> Self {
        self.lasting = Some(seen);
        self
    }

    pub(super) fn refuted(self, by: RefutedReason, detail: impl Into<String>) -> Self {
        self.standing(Standing::Refuted(Refuted::new(by, detail)))
    }

    /// Sets the link to refuted. Nothing can still turn up: a registry without statements has none for this DID either.
    pub(super) fn not_offered(self, evidence: &NamespaceEvidence) -> Self {
        let detail = format!("{} offers none", evidence.namespace.ecosystem());
        self.refuted(RefutedReason::StatementsNotOffered, detail)
    }

    pub(super) fn undetermined(self, why: Unavailable) -> Self {
        self.standing(Standing::Undetermined(why))
    }

    pub(super) fn ripening(
        mut self,
        at: Timestamp,
        falls_to: CapabilitySet,
        needs: Option<String>,
    ) -> Self {
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

    pub(super) fn until(mut self, at: Option<Timestamp>) -> Self {
        self.valid_until = [self.valid_until, at].into_iter().flatten().min();
        self
    }
}
