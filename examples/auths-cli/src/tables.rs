//! The trust model's tables as Markdown: `docs/security/trust-model.md` holds exactly this text.

use std::fmt::Write;

use auths_core::Capability;
use auths_core::capability::CAPABILITIES;
use auths_core::evidence::{WORTH, WorthRow};

/// What an attacker may hold.
pub(crate) fn capabilities() -> String {
    let mut text =
        String::from("| capability | means | costs an attacker | above |\n|---|---|---|---|\n");
    for row in CAPABILITIES {
        let above = match row.above {
            [] => "-".to_owned(),
            list => names(list),
        };
        let _ = writeln!(
            text,
            "| `{}` | {} | {} | {above} |",
            row.capability, row.means, row.cost
        );
    }
    text
}

/// What each kind of evidence is worth.
pub(crate) fn evidence() -> String {
    let mut text = String::from(
        "| evidence | grade | link it makes | what was seen | falls to |\n|---|---|---|---|---|\n",
    );
    for row in WORTH {
        let _ = writeln!(
            text,
            "| `{}` | {} | {} | {} | {} |",
            row.kind,
            grade(row),
            row.link,
            row.seen,
            names(row.falls_to)
        );
    }
    text
}

/// The grade of a row in words: `-` where a kind has one grade.
pub(crate) fn grade(row: &WorthRow) -> String {
    let word = serde_json::to_value(row.grade).unwrap_or_default();
    match word.as_str() {
        None | Some("plain") => "-".to_owned(),
        Some(word) => word.replace('-', " "),
    }
}

fn names(list: &[Capability]) -> String {
    let names: Vec<_> = list.iter().map(|c| format!("`{c}`")).collect();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_there_once() {
        let text = capabilities() + &evidence();
        let rows = text.lines().filter(|l| l.starts_with("| `")).count();
        assert_eq!(rows, CAPABILITIES.len() + WORTH.len());
    }
}
