//! The table of the ports, as ARCHITECTURE.md has it.

use std::collections::BTreeSet;

const HEAD: [&str; 5] = [
    "port",
    "file (`auths-core/src/ports/`)",
    "adapters",
    "doubles",
    "suite",
];

pub(super) struct Table {
    pub(super) rows: Vec<Row>,
    /// The ports that a line below explains to have no adapter, or no suite.
    pub(super) explained: BTreeSet<(String, String)>,
}

pub(super) struct Row {
    pub(super) port: String,
    pub(super) file: String,
    pub(super) adapters: Vec<String>,
    pub(super) doubles: Vec<String>,
    pub(super) suite: Option<String>,
}

impl Table {
    pub(super) fn read(text: &str) -> Self {
        let section = text
            .split("\n## ")
            .find(|section| section.starts_with("Ports\n"));
        let section = section.expect("ARCHITECTURE.md has a section `## Ports`");
        let mut lines = section.lines().filter(|line| line.starts_with('|'));
        assert_eq!(
            lines.next().map(cells),
            Some(HEAD.map(str::to_owned).into()),
            "the table's head"
        );
        let rows: Vec<_> = lines.skip(1).map(row).collect();
        assert!(rows.len() >= 11, "only {} rows", rows.len());
        let explained = section.lines().filter(|line| line.starts_with("- `"));
        Self {
            rows,
            explained: explained.map(explanation).collect(),
        }
    }
}

fn cells(line: &str) -> Vec<String> {
    let inside = line.trim().trim_matches('|');
    inside
        .split('|')
        .map(|cell| cell.trim().to_owned())
        .collect()
}

fn row(line: &str) -> Row {
    let cells = cells(line);
    let [port, file, adapters, doubles, suite] = &*cells else {
        panic!("not five cells: {line}");
    };
    let one = |cell: &str| match &*names(cell) {
        [name] => name.clone(),
        _ => panic!("not one name: {cell}"),
    };
    Row {
        port: one(port),
        file: one(file),
        adapters: names(adapters),
        doubles: names(doubles),
        suite: (suite != "-").then(|| one(suite)),
    }
}

/// The names of a cell, `a::{B, C}` taken apart. Nothing but names in backticks, or `-`.
fn names(cell: &str) -> Vec<String> {
    let mut names = Vec::new();
    for (n, part) in cell.split('`').enumerate() {
        if n % 2 == 0 {
            assert!(
                ["", "-", ","].contains(&part.trim()),
                "more than names: {cell}"
            );
        } else if let Some((path, items)) = part.split_once('{') {
            let items = items.trim_end_matches('}').split(',');
            names.extend(items.map(|item| format!("{path}{}", item.trim())));
        } else {
            names.push(part.to_owned());
        }
    }
    names
}

/// Of "- `Clock` has no suite: it cannot fail.": the port and what it lacks.
fn explanation(line: &str) -> (String, String) {
    let (head, why) = line.split_once(": ").unwrap_or((line, ""));
    let words = head
        .strip_prefix("- `")
        .and_then(|head| head.split_once("` has no "));
    let (port, what) =
        words.unwrap_or_else(|| panic!("not \"- `Port` has no suite: why\": {line}"));
    assert!(why.split_whitespace().count() >= 4, "say why: {line}");
    (port.to_owned(), what.to_owned())
}
