//! The tables as Markdown. `docs/security/trust-model.md` and `docs/errors.md` hold exactly this text, and a test checks that.

use std::fmt::Write;

use auths_core::capability::CAPABILITIES;
use auths_core::evidence::{WORTH, WorthRow};
use auths_core::problem::status;
use auths_core::reason::all_reasons;
use auths_core::{Capability, Policy, in_words};

/// Returns the table of what an attacker may hold.
pub(crate) fn capabilities() -> String {
    let mut text = String::from(
        "| capability | means | costs an attacker | includes directly |\n|---|---|---|---|\n",
    );
    for row in CAPABILITIES {
        let includes = match row.includes_directly {
            [] => "-".to_owned(),
            list => names(list),
        };
        let _ = writeln!(
            text,
            "| `{}` | {} | {} | {includes} |",
            row.capability, row.means, row.cost
        );
    }
    text
}

/// Returns the table of what each kind of evidence is worth.
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

/// Returns the table of the presets, and what each resists.
pub(crate) fn policies() -> String {
    let mut text =
        String::from("| policy | resists | maturity | evidence at most |\n|---|---|---|---|\n");
    for policy in [
        Policy::standard(),
        Policy::strict(),
        Policy::trust_self_reported(),
    ] {
        let resists: Vec<_> = policy.resisted().collect();
        let resists = if resists.is_empty() {
            "nobody".to_owned()
        } else {
            names(&resists)
        };
        let (maturity, age) = (in_words(policy.maturity()), in_words(policy.evidence_age()));
        let _ = writeln!(
            text,
            "| `{}` | {resists} | {maturity} | {age} old |",
            policy.name()
        );
    }
    text
}

/// Returns the table of every code, with its HTTP status and its remedy.
pub(crate) fn codes() -> String {
    let mut text = String::from(
        "| code | reason | class | HTTP | means | what to do |\n|---|---|---|---|---|---|\n",
    );
    for row in all_reasons() {
        let status = status(&row);
        let _ = writeln!(
            text,
            "| {} | `{}` | {} | {status} | {} | {} |",
            row.code, row.name, row.class, row.meaning, row.remedy
        );
    }
    text
}

/// Returns the grade of a row in words: `-` where a kind has one grade.
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
    use std::path::PathBuf;

    fn document(path: &str) -> String {
        let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
        std::fs::read_to_string(root.join(path)).unwrap()
    }

    /// What stands between the two marks of a table.
    fn held(document: &str, table: &str) -> String {
        let mark = |end: &str| format!("<!-- explain {table}: {end} -->\n");
        let (_, rest) = document.split_once(&mark("begin")).unwrap();
        rest.split_once(&mark("end")).unwrap().0.to_owned()
    }

    #[test]
    fn every_row_is_there_once() {
        let rows = |text: String| text.lines().filter(|l| l.starts_with("| `")).count();
        assert_eq!(rows(capabilities()), CAPABILITIES.len());
        assert_eq!(rows(evidence()), WORTH.len());
    }

    #[test]
    fn the_trust_model_holds_the_tables_as_the_command_prints_them() {
        let page = document("docs/security/trust-model.md");
        for (name, table) in [
            ("capabilities", capabilities()),
            ("evidence", evidence()),
            ("policy", policies()),
        ] {
            assert_eq!(
                held(&page, name),
                table,
                "run: auths explain {name} --markdown"
            );
        }
    }

    #[test]
    fn every_code_has_its_line_in_the_documents() {
        let page = document("docs/errors.md");
        assert_eq!(
            held(&page, "codes"),
            codes(),
            "run: auths explain codes --markdown"
        );
    }
}
