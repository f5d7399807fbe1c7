//! The newest evidence on each account: older evidence on the same thing does not count beside it.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::checks::EvidenceChecks;
use crate::Timestamp;
use crate::claim::Challenge;
use crate::evidence::{
    AccountEvidence, AccountProof, EvidenceKind, LinkedAccount, ObservedEvidence, SeenBy,
};
use crate::identity::{AccountId, Did, Login, Namespace, Origin, Platform};

/// Returns a sort key for evidence, the newest first. An observer's clock may run ahead: evidence that this process saw is never
/// older than evidence that an observer dated later than now.
pub(super) fn recency<E>(
    observed: &ObservedEvidence<E>,
    at: Timestamp,
    now: Timestamp,
) -> Reverse<(Timestamp, bool, Timestamp)> {
    let here = *observed.seen_by() == SeenBy::ThisProcess;
    Reverse((at.min(now), here, at))
}

/// The subject of one proof of an account. Newer evidence on the same subject replaces older evidence.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct ProofSubject<'a> {
    did: &'a Did,
    place: (&'a Platform, Option<&'a Origin>),
    /// The account, by id where there is one, because logins change.
    account: Result<&'a AccountId, &'a Login>,
    kind: EvidenceKind,
    by: ProofKey<'a>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum ProofKey<'a> {
    Package(&'a Namespace),
    Gist(&'a str),
    Flow(Option<&'a str>),
    Token,
}

impl<'a> ProofSubject<'a> {
    fn in_evidence(evidence: &'a AccountEvidence) -> Self {
        let account = &evidence.account;
        Self {
            did: &evidence.did,
            place: (account.platform(), account.origin()),
            account: account.id().ok_or(account.login()),
            kind: evidence.proof.kind(),
            by: match &evidence.proof {
                AccountProof::AccountStatement(package) => ProofKey::Package(&package.namespace),
                AccountProof::GistProof { gist, .. } => ProofKey::Gist(gist),
                AccountProof::DeviceFlow { challenge } => {
                    ProofKey::Flow(challenge.as_ref().map(Challenge::as_str))
                }
                AccountProof::TokenHolder {} => ProofKey::Token,
            },
        }
    }
}

/// The time of the newest usable evidence of each proof.
#[derive(Debug, Default)]
pub(super) struct NewestEvidence<'a>(
    BTreeMap<ProofSubject<'a>, Reverse<(Timestamp, bool, Timestamp)>>,
);

impl<'a> NewestEvidence<'a> {
    /// Collects the newest evidence over every account of an input: two claims may link one account, with evidence of different
    /// age.
    pub(super) fn of(checks: &EvidenceChecks<'_>, accounts: &'a [LinkedAccount]) -> Self {
        let mut newest = BTreeMap::new();
        for linked in accounts {
            for observed in &linked.evidence {
                if checks.account_evidence_counts(observed, linked).is_err() {
                    continue;
                }
                let evidence = observed.evidence();
                let this = recency(observed, evidence.observed_at, checks.now);
                let best = newest
                    .entry(ProofSubject::in_evidence(evidence))
                    .or_insert(this);
                *best = this.min(*best);
            }
        }
        Self(newest)
    }

    /// Returns whether newer usable evidence replaces this evidence.
    pub(super) fn outdates(
        &self,
        observed: &ObservedEvidence<AccountEvidence>,
        now: Timestamp,
    ) -> bool {
        let evidence = observed.evidence();
        let this = recency(observed, evidence.observed_at, now);
        let best = self.0.get(&ProofSubject::in_evidence(evidence));
        best.is_some_and(|best| *best < this)
    }
}
