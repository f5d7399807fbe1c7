//! Evidence, as answers show it.

use auths_core::claim::KeyRing;
use auths_core::decide::{LinkReport, Standing, grade_account, whom_to_remove};
use auths_core::evidence::{
    AccountProof, EvidenceGrade, EvidenceKind, GistState, LinkedAccount, worth,
};
use auths_core::{CapabilitySet, Policy, RefutedReason, Timestamp};

use crate::answer::Common;
use crate::exit::Word;
use crate::failure::Failure;
use crate::page::Page;

/// The support of a linked account, and what the best of it falls to together with the claim's signature.
pub(crate) struct Support {
    pub(crate) links: Vec<LinkReport>,
    pub(crate) falls_to: Option<CapabilitySet>,
    /// The accounts to remove from the package that should speak for the account, where only that is missing.
    pub(crate) remove: Option<String>,
}

/// Grades a linked account.
pub(crate) fn support(linked: &LinkedAccount, policy: &Policy, now: Timestamp) -> Support {
    let links = grade_account(linked, policy, &KeyRing::intrinsic(), now);
    let signature = worth(EvidenceKind::ClaimSignature, EvidenceGrade::Plain);
    let falls_to = links
        .iter()
        .filter(|link| link.standing == Standing::Holds)
        .map(|link| link.falls_to.union(signature))
        .min_by_key(|set| set.len());
    let refuted = |link: &LinkReport| matches!(&link.standing, Standing::Refuted(r) if r.reason == RefutedReason::NotSoleOwner);
    let seen = linked.evidence.iter().map(|seen| seen.evidence());
    let mut remove = seen.filter_map(|seen| match &seen.proof {
        AccountProof::AccountStatement(package) => whom_to_remove(&seen.account, package),
        _ => None,
    });
    let remove = links.iter().any(refuted).then(|| remove.next()).flatten();
    Support {
        links,
        falls_to,
        remove,
    }
}

impl Support {
    /// Returns the account statement among the links.
    pub(crate) fn statement(&self) -> Option<&LinkReport> {
        let kind = EvidenceKind::AccountStatement;
        self.links.iter().find(|link| link.kind == kind)
    }

    /// Returns the proof by the account itself among the links: its statement, or its gist.
    pub(crate) fn proof(&self) -> Option<&LinkReport> {
        let gist = |link: &&LinkReport| link.kind == EvidenceKind::GistProof;
        self.statement().or_else(|| self.links.iter().find(gist))
    }

    /// Returns the obstacle of the account statement; `None` when it is mature, or was not looked for.
    pub(crate) fn obstacle(&self, now: Timestamp) -> Option<Common> {
        let statement = self.statement()?;
        if let Some(mut obstacle) = standing(statement) {
            obstacle.remedy = self.remove.clone().or(obstacle.remedy);
            return Some(obstacle);
        }
        let says = match (statement.ripe_at?, &statement.missing_release) {
            // The wait is over, and was not enough.
            (at, Some(_)) if at <= now => {
                "one more release that names the DID is missing".to_owned()
            }
            (at, Some(_)) => format!(
                "the account statement can be mature at {at} at the earliest, and one more release that names the DID is missing"
            ),
            (at, None) => format!("the account statement can be mature at {at} at the earliest"),
        };
        let ask = || statement.ripe_at.map(|at| format!("ask again at {at}"));
        let remedy = statement.missing_release.clone().or_else(ask);
        Some(Common::because(
            Word::Pending,
            RefutedReason::Young,
            says,
            remedy,
        ))
    }

    /// Returns the time when the account statement becomes mature by waiting, or when another release can make it so; `None`
    /// where only a release is missing.
    pub(crate) fn ripe_at(&self, now: Timestamp) -> Option<Timestamp> {
        let statement = self.statement()?;
        let at = statement.ripe_at?;
        (at > now || statement.missing_release.is_none()).then_some(at)
    }
}

/// Returns the obstacle of one link; `None` when it holds.
pub(crate) fn standing(link: &LinkReport) -> Option<Common> {
    match &link.standing {
        Standing::Holds => None,
        Standing::Refuted(refuted) => {
            let refuted = refuted.clone().into();
            Some(Common::standing_in_the_way(Word::Refuted, &refuted))
        }
        Standing::Undetermined(why) => {
            let why = why.clone().into();
            Some(Common::standing_in_the_way(Word::Unavailable, &why))
        }
        _ => Some(Failure::internal("a link stands as nothing known").0),
    }
}

/// Returns the state of the gist that was just read.
pub(crate) fn gist_state(linked: &LinkedAccount) -> Option<GistState> {
    let mut seen = linked.evidence.iter().map(|s| &s.evidence().proof);
    seen.find_map(|proof| match proof {
        AccountProof::GistProof { state, .. } => state.clone(),
        _ => None,
    })
}

/// Writes links as text.
pub(crate) fn show(page: &mut Page, links: &[LinkReport]) {
    for link in links {
        page.line(format!("  - {}: {}", link.kind, link.says));
        match &link.standing {
            Standing::Holds => page.line(format!("    falls to {}", link.falls_to)),
            Standing::Refuted(refuted) => page.line(format!("    refuted: {refuted}")),
            Standing::Undetermined(why) => page.line(format!("    undetermined: {why}")),
            _ => page.line("    unknown"),
        };
        if let Some(source) = &link.source {
            page.line(format!("    read at {source}"));
        }
    }
}
