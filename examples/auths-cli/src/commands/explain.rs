//! `auths explain`: the trust model's tables.

use auths_core::capability::CAPABILITIES;
use auths_core::evidence::WORTH;
use auths_core::problem::status;
use auths_core::reason::all_reasons;
use auths_core::{CapabilitySet, Policy, in_words};
use serde_json::{Value, json};

use super::Context;
use crate::answer::Common;
use crate::args::{Explain, Table};
use crate::exit::{Exit, Word};
use crate::failure::Failure;
use crate::page::Page;
use crate::{policy, tables};

/// Prints the requested tables. When none is named, prints all except the codes.
pub(crate) fn run(context: &Context, what: &Explain) -> Result<Exit, Failure> {
    if what.markdown && context.output.is_json() {
        return Err(Failure::usage("--markdown is one form, and --json another"));
    }
    if what.markdown {
        let text = match &what.table {
            None => format!("{}\n{}", tables::capabilities(), tables::evidence()),
            Some(Table::Capabilities) => tables::capabilities(),
            Some(Table::Evidence) => tables::evidence(),
            Some(Table::Policy { .. }) => tables::policies(),
            Some(Table::Codes) => tables::codes(),
        };
        return Ok(context.output.raw(&text));
    }
    let mut document = json!({ "outcome": Word::Done });
    let mut page = Page::new();
    let mut add = |name: &str, rows: Value| document[name] = rows;
    match &what.table {
        Some(Table::Capabilities) => add("capabilities", capabilities(&mut page)),
        Some(Table::Evidence) => add("evidence", evidence(&mut page)),
        Some(Table::Policy { name }) => {
            add("policy", show_policy(&policy::read(name)?, &mut page));
        }
        Some(Table::Codes) => add("codes", codes(&mut page)),
        None => {
            add("capabilities", capabilities(&mut page));
            page.gap();
            add("evidence", evidence(&mut page));
            page.gap();
            add("policy", show_policy(&Policy::standard(), &mut page));
        }
    }
    Ok(context
        .output
        .answer(&Common::positive(Word::Done), &document, &page))
}

fn capabilities(page: &mut Page) -> Value {
    let rows: Vec<_> = CAPABILITIES
        .iter()
        .map(|row| vec![row.capability.to_string(), row.means.to_owned()])
        .collect();
    page.strong("What an attacker may hold, weakest first")
        .table(&["capability", "means"], &rows);
    let rows = CAPABILITIES.iter().map(|row| {
        json!({ "name": row.capability, "means": row.means, "cost": row.cost, "above": row.includes_directly })
    });
    rows.collect()
}

fn evidence(page: &mut Page) -> Value {
    let falls_to = |falls_to: &[auths_core::Capability]| {
        falls_to
            .iter()
            .copied()
            .collect::<CapabilitySet>()
            .to_string()
    };
    let rows: Vec<_> = WORTH
        .iter()
        .map(|row| {
            vec![
                row.kind.to_string(),
                tables::grade(row),
                row.link.to_owned(),
                falls_to(row.falls_to),
                row.seen.to_owned(),
            ]
        })
        .collect();
    page.strong("What each kind of evidence is worth")
        .table(&["evidence", "grade", "link", "falls to", "seen"], &rows);
    let rows = WORTH.iter().map(|row| {
        json!({ "kind": row.kind, "grade": row.grade, "link": row.link, "seen": row.seen, "falls_to": row.falls_to })
    });
    rows.collect()
}

fn show_policy(policy: &Policy, page: &mut Page) -> Value {
    let resists: Vec<_> = policy.resisted().map(|c| c.to_string()).collect();
    let shown = if resists.is_empty() {
        "nobody: any key may type any maintainer's name".to_owned()
    } else {
        resists.join(", ")
    };
    page.strong(format!("The policy {}", policy.name()))
        .field("resists", shown)
        .field("maturity", in_words(policy.maturity()))
        .field("evidence age", in_words(policy.evidence_age()))
        .field("digest", policy.digest().to_string());
    json!({
        "name": policy.name(),
        "resists": resists,
        "maturity_s": policy.maturity().as_secs(),
        "evidence_age_s": policy.evidence_age().as_secs(),
        "digest": policy.digest(),
    })
}

fn codes(page: &mut Page) -> Value {
    let rows = all_reasons();
    let cells: Vec<_> = rows
        .iter()
        .map(|row| {
            [row.code, row.name, row.meaning, row.remedy]
                .map(str::to_owned)
                .to_vec()
        })
        .collect();
    page.table(&["code", "reason", "means", "what to do"], &cells);
    let rows = rows.iter().map(|row| {
        json!({
            "class": row.class, "code": row.code, "name": row.name, "status": status(row),
            "meaning": row.meaning, "remedy": row.remedy,
        })
    });
    rows.collect()
}
