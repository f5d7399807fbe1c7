//! Evidence, as answers show it.

use auths_core::claim::KeyRing;
use auths_core::decide::{LinkReport, Standing};
use auths_core::evidence::LinkedAccount;
use auths_core::use_cases::AccountSupport;
use auths_core::{Policy, RefutedReason, Timestamp};

use crate::answer::Common;
use crate::exit::Word;
use crate::failure::Failure;
use crate::page::Page;

/// Grades a linked account.
pub(crate) fn support(linked: &LinkedAccount, policy: &Policy, now: Timestamp) -> AccountSupport {
    AccountSupport::grade(linked, policy, &KeyRing::intrinsic(), now)
}

/// Returns the obstacle of the account statement; `None` when it is mature, or was not looked for.
pub(crate) fn obstacle(support: &AccountSupport, now: Timestamp) -> Option<Common> {
    let statement = support.statement()?;
    if let Some(mut obstacle) = standing(statement) {
        obstacle.remedy = support.remove.clone().or(obstacle.remedy);
        return Some(obstacle);
    }
    let says = match (statement.ripe_at?, &statement.missing_release) {
        // The wait is over, and was not enough.
        (at, Some(_)) if at <= now => "one more release that names the DID is missing".to_owned(),
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
