//! The answer of `auths namespace claim` and `auths namespace verify`.

use auths_core::Outcome;
use auths_core::claim::RevocationTarget;
use auths_core::decide::{Decision, Standing};
use serde::Serialize;
use serde_json::Value;

use super::Context;
use crate::answer::Common;
use crate::evidence;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::page::Page;

#[derive(Debug, Serialize)]
struct Decided {
    #[serde(flatten)]
    common: Common,
    decision: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    bundle: Option<String>,
}

/// Prints a decision, and the path of its bundle.
pub(super) fn answer(
    context: &Context,
    decision: &Decision,
    bundle: Option<String>,
) -> Result<Exit, Failure> {
    let page = page(decision, bundle.as_deref());
    let document = Decided {
        common: Common::decision(decision),
        decision: json(decision)?,
        bundle,
    };
    Ok(context.output.answer(&document.common, &document, &page))
}

/// Returns the decision as core writes it, with sources of revocations as `not-checked` where there was none.
pub(super) fn json(decision: &Decision) -> Result<Value, Failure> {
    let mut value = serde_json::to_value(decision)
        .map_err(|e| Failure::internal(format!("a decision does not serialize: {e}")))?;
    if decision.revocations().is_empty() {
        value["revocations"] = "not-checked".into();
    }
    Ok(value)
}

/// Returns the page that shows a decision, and the path of its bundle.
fn page(decision: &Decision, bundle: Option<&str>) -> Page {
    let mut page = Page::new();
    show(&mut page, decision, bundle);
    page
}

/// Adds a decision to a page.
pub(super) fn show(page: &mut Page, decision: &Decision, bundle: Option<&str>) {
    let subject = format!(
        "{} for {}",
        decision.speaker(),
        decision.namespace().short()
    );
    page.outcome(decision.outcome().into(), subject);
    if decision.outcome() != Outcome::Accepted
        && let Some(reason) = decision.reason()
    {
        page.field("because", format!("{reason} ({})", reason.code()));
    }
    if let Some(weakest) = decision.weakest() {
        page.field("weak point", weakest.to_string());
    }
    if let Some(falls_to) = decision.falls_to() {
        page.field("falls to", falls_to.to_string());
    }
    page.field("cost", decision.cost());
    let resists: Vec<_> = decision.resists().iter().map(ToString::to_string).collect();
    let resists = if resists.is_empty() {
        "nobody".to_owned()
    } else {
        resists.join(", ")
    };
    page.field("resists", resists);
    if let Some(at) = decision.ripe_at() {
        let when = match decision.needs_release() {
            true if at <= decision.decided_at() => "after one more release".to_owned(),
            true => format!("{at}, after one more release"),
            false => at.to_string(),
        };
        page.field("ask again", when);
    }
    if let Some(until) = decision.valid_until() {
        page.field("valid until", until.to_string());
    }
    let consulted: Vec<_> = decision
        .revocations()
        .iter()
        .map(|c| match &c.unread {
            None => format!(
                "{} ({} revocations, {} platform claims)",
                c.source, c.revocations, c.claims
            ),
            Some(why) => format!("{} (could not be read: {why})", c.source),
        })
        .collect();
    let consulted = if consulted.is_empty() {
        "not-checked".to_owned()
    } else {
        consulted.join(", ")
    };
    page.field("revocations", consulted);
    for told in decision.unknown_revocations() {
        let what = match &told.revokes {
            RevocationTarget::Claim(id) => format!("the claim {id}"),
            RevocationTarget::Did(did) => did.to_string(),
            _ => "something".to_owned(),
        };
        let says = format!(
            "{} revoked {what}; nothing known here gives it the right. If it is the recovery DID, give the platform claim that \
             names it with --revocations too",
            told.by
        );
        page.field("not counted", says);
    }
    if let Some(remedy) = decision.remedy() {
        page.field("what to do", remedy);
    }
    for (i, chain) in decision.chains().iter().enumerate() {
        let standing = match &chain.standing {
            Standing::Holds => format!("falls to {}", chain.falls_to),
            Standing::Refuted(refuted) => format!("refuted: {refuted}"),
            Standing::Undetermined(why) => format!("undetermined: {why}"),
            _ => "unknown".to_owned(),
        };
        page.strong(format!("chain {}: {standing}", i + 1));
        evidence::show(page, &chain.links);
    }
    if let Some(bundle) = bundle {
        page.line(format!("The bundle is in {bundle}"));
    }
}
