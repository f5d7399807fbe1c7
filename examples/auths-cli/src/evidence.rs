//! Evidence as answers show it.

use auths_core::claim::KeyRing;
use auths_core::decide::{LinkReport, Standing, grade_account};
use auths_core::evidence::{EvidenceKind, Grade, LinkedAccount, worth};
use auths_core::{CapabilitySet, Policy, Refutation, Timestamp};

use crate::answer::Common;
use crate::exit::Word;
use crate::page::Page;

/// What supports a linked account, and what the best of it falls to together with the claim's signature.
pub(crate) struct Support {
    pub(crate) links: Vec<LinkReport>,
    pub(crate) falls_to: Option<CapabilitySet>,
}

/// Grades a linked account.
pub(crate) fn support(linked: &LinkedAccount, policy: &Policy, now: Timestamp) -> Support {
    let links = grade_account(linked, policy, &KeyRing::intrinsic(), now);
    let signature = worth(EvidenceKind::ClaimSignature, Grade::Plain);
    let falls_to = links
        .iter()
        .filter(|link| link.standing == Standing::Holds)
        .map(|link| link.falls_to.union(signature))
        .min_by_key(|set| set.len());
    Support { links, falls_to }
}

impl Support {
    /// The account statement among the links.
    pub(crate) fn statement(&self) -> Option<&LinkReport> {
        let kind = EvidenceKind::AccountStatement;
        self.links.iter().find(|link| link.kind == kind)
    }

    /// What stands in the way of the account statement that was looked for: nothing when it is mature, or was not looked for.
    pub(crate) fn obstacle(&self) -> Option<Common> {
        let statement = self.statement()?;
        match (&statement.standing, statement.ripe_at) {
            (Standing::Refuted(refuted), _) => {
                let refuted = refuted.clone().into();
                Some(Common::standing_in_the_way(Word::Refuted, &refuted))
            }
            (Standing::Undetermined(why), _) => {
                let why = why.clone().into();
                Some(Common::standing_in_the_way(Word::Unavailable, &why))
            }
            (_, Some(at)) => {
                let says = format!("the account statement can be mature at {at} at the earliest");
                let ask = || format!("ask again at {at}");
                let remedy = statement.ripens_by.clone().unwrap_or_else(ask);
                Some(Common::because(
                    Word::Pending,
                    Refutation::Young,
                    says,
                    Some(remedy),
                ))
            }
            _ => None,
        }
    }
}

/// Links as text.
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
