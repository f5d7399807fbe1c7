//! ARCHITECTURE.md's table of the ports, held to the code, cell by cell.

mod code;
mod table;

use std::collections::{BTreeMap, BTreeSet};

use auths_tests::root;

use code::Code;
use table::{Row, Table};

const FOLDER: &str = "auths-core/src/ports";

fn table() -> Table {
    Table::read(&crate::workspace::read(&root().join("ARCHITECTURE.md")))
}

#[test]
fn every_port_has_its_row_and_file() {
    let (table, ports) = (table(), code::ports());
    let listed: BTreeMap<_, _> = table
        .rows
        .iter()
        .map(|r| (r.port.clone(), r.file.clone()))
        .collect();
    assert_eq!(listed.len(), table.rows.len(), "a port has two rows");
    assert_eq!(
        listed, ports,
        "left: the ports and files of the table; right: the traits in {FOLDER}"
    );
}

#[test]
fn every_implementation_is_listed_and_is_one() {
    let (table, code) = (table(), Code::read());
    for Row {
        port,
        adapters,
        doubles,
        ..
    } in &table.rows
    {
        let mut waiting: BTreeSet<_> = code.implementations(port);
        for name in adapters.iter().chain(doubles) {
            let Some(found) = code.find(name) else {
                panic!(
                    "{port}: there is no {name} that other crates could use (front ends: no such item)"
                );
            };
            let is_mock = *name == format!("ports::Mock{port}");
            assert!(
                waiting.remove(&found) || is_mock,
                "{name} does not implement {port}, or is listed twice"
            );
        }
        // What the test kit keeps to itself is a part of its suites and scenes.
        waiting.retain(|found| {
            code.is_public(*found) || !code.name(*found).starts_with("auths_testkit::")
        });
        let missing: Vec<_> = waiting.into_iter().map(|found| code.name(found)).collect();
        assert!(
            missing.is_empty(),
            "{port}: {missing:?} implement it and are not in the table"
        );
        let mock = format!("ports::Mock{port}");
        assert!(
            doubles.contains(&mock),
            "{port}: {mock} is not in the table"
        );
    }
}

#[test]
fn every_suite_is_listed_and_exists() {
    let (table, code) = (table(), Code::read());
    let listed: BTreeSet<_> = table
        .rows
        .iter()
        .flat_map(|row| row.suite.clone())
        .collect();
    assert_eq!(
        listed,
        code.suites(),
        "left: the suites of the table; right: the macros `<suite>_conformance!` of auths-testkit"
    );
    for suite in listed {
        let function = format!("auths_testkit::conformance::{suite}");
        assert!(code.find(&function).is_some(), "there is no {function}");
    }
}

#[test]
fn every_adapter_is_run_by_the_suite_of_its_port() {
    let (table, code) = (table(), Code::read());
    let mut runs = 0;
    for Row {
        port,
        adapters,
        suite,
        ..
    } in &table.rows
    {
        let Some(suite) = suite else { continue };
        let mut by_crate: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for name in adapters {
            let (owner, item) = code.owner(name);
            by_crate.entry(owner).or_default().push(item);
        }
        for (owner, items) in by_crate {
            let tests = code::tests_of(owner);
            let line = format!("{suite}_conformance");
            let lines = code::count(&tests, &line);
            assert!(
                lines >= items.len(),
                "{owner} implements {port} {} times, and its tests have {lines} lines of {line}!",
                items.len()
            );
            for item in items {
                assert!(
                    code::count(&tests, item) > 0,
                    "the tests of {owner} do not name {item}"
                );
                runs += 1;
            }
        }
    }
    assert!(runs >= 6, "only {runs} adapters were looked at");
}

/// `-` in a cell is answered below the table: "- `Clock` has no suite: ...".
#[test]
fn what_a_port_lacks_is_explained() {
    let table = table();
    let mut lacking = BTreeSet::new();
    for row in &table.rows {
        let cells = [
            ("adapter", row.adapters.is_empty()),
            ("suite", row.suite.is_none()),
        ];
        let empty = cells.into_iter().filter(|(_, is_empty)| *is_empty);
        lacking.extend(empty.map(|(what, _)| (row.port.clone(), what.to_owned())));
    }
    assert_eq!(
        lacking, table.explained,
        "left: what is `-` in the table; right: what a line below it explains"
    );
}
