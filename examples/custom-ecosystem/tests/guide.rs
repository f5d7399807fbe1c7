//! The adapter is short, and what the guide quotes is compiled and run.
#![allow(clippy::unwrap_used, reason = "tests")]

mod example;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use auths_core::Timestamp;
use auths_testkit::conformance::{Report, namespace_verifier};
use auths_testkit::server::{Received, Reply, Shape, SimulatedBackend};
use auths_testkit::world::World;
use custom_ecosystem::{ECOSYSTEM, ExampleRegistry, PLATFORM};

/// Where the guide quotes from.
const QUOTED: [&str; 11] = [
    "src/lib.rs",
    "tests/example/mod.rs",
    "tests/conformance.rs",
    "tests/faults.rs",
    "examples/claim.rs",
    "tests/depot/adapter.rs",
    "tests/depot/main.rs",
    "tests/depot/server.rs",
    "tests/gems/adapter.rs",
    "tests/gems/main.rs",
    "../../auths-adapters-pypi/src/verifier.rs",
];

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn read(path: &str) -> String {
    fs::read_to_string(here(path)).unwrap()
}

fn guide() -> String {
    read("../../docs/guides/write-an-adapter.md")
}

/// The guide's code blocks of one language, each as lines without indentation.
fn blocks(language: &str) -> Vec<Vec<String>> {
    let guide = guide();
    let parts = guide.split("\n```").skip(1).step_by(2);
    let blocks = parts.filter_map(|part| part.strip_prefix(language)?.strip_prefix('\n'));
    blocks.map(lines).collect()
}

fn lines(text: &str) -> Vec<String> {
    text.lines().map(|line| line.trim().to_owned()).collect()
}

#[test]
fn the_adapter_fits_into_150_lines() {
    let count = read("src/lib.rs").lines().count();
    assert!(count <= 150, "src/lib.rs has {count} lines");
    let others = fs::read_dir(here("src")).unwrap().count() - 1;
    assert_eq!(others, 0, "the adapter is one file");
}

#[test]
fn the_guide_quotes_code_that_is_compiled() {
    let sources: Vec<_> = QUOTED.iter().map(|path| lines(&read(path))).collect();
    let blocks = blocks("rust");
    assert!(blocks.len() > 15, "{} blocks", blocks.len());
    for block in blocks {
        let stands = |source: &Vec<String>| source.windows(block.len()).any(|part| part == block);
        assert!(
            sources.iter().any(stands),
            "not in the sources:\n{}",
            block.join("\n")
        );
    }
}

/// The versions and features that the guide names are those that this package is built with.
#[test]
fn the_guides_dependencies_are_this_packages() {
    let block = blocks("toml").remove(0).join("\n");
    let table = |text: &str| text.parse::<toml::Table>().unwrap();
    let (guide, own, workspace) = (
        table(&block),
        table(&read("Cargo.toml")),
        table(&read("../../Cargo.toml")),
    );
    let shared = &workspace["workspace"]["dependencies"];
    for kind in ["dependencies", "dev-dependencies"] {
        for (name, wanted) in guide[kind].as_table().unwrap() {
            let version = |value: &toml::Value| {
                let version = value.get("version").unwrap_or(value);
                version.as_str().unwrap().to_owned()
            };
            let built = version(&shared[name]);
            assert!(built.starts_with(&version(wanted)), "{name} is {built}");
            let features = |value: &toml::Value| value.get("features").cloned();
            let of_own = features(&own[kind][name]).or_else(|| features(&shared[name]));
            assert_eq!(features(wanted), of_own, "features of {name}");
        }
    }
    for kind in ["dependencies", "dev-dependencies"] {
        for name in own[kind]
            .as_table()
            .unwrap()
            .keys()
            .filter(|name| *name != "toml")
        {
            assert!(
                guide[kind].get(name).is_some(),
                "the guide does not name {name}"
            );
        }
    }
}

fn report_of(
    world: fn(Timestamp) -> World,
    answer: fn(&World, &Received) -> Reply,
    shape: Shape,
) -> Report {
    let subject = SimulatedBackend::new(world, answer, shape, |site| {
        ExampleRegistry::at(site.origin(), site.transport())
    });
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(namespace_verifier(&subject))
}

/// A mistake in the simulated registry is told as that, and not as the adapter's.
#[test]
fn a_mistake_of_the_simulation_is_named() {
    let elsewhere = Shape {
        name: "/names",
        owners: "/latest",
    };
    let constant: fn(&World, &Received) -> Reply = |world, request| {
        let reply = example::answer(world, request);
        reply.without_header("etag").etag("\"1\"")
    };
    let with_ids = |now| World::new(ECOSYSTEM.clone(), PLATFORM.clone(), now);
    let report = report_of(example::world, example::answer, elsewhere).to_string();
    let said = [
        "the simulated registry: `Shape::name` (`/names`) is not in the answer of /packages/widget",
        "the simulated registry: `Shape::owners` (`/latest`) is no list in the answer of /packages/widget",
        "say `Offers::without_organizations`",
        "say `Offers::without_quarantine`",
        "say `Offers::without_account_statements`",
        "say `Offers::without_pages`",
        "- follows-renames is not offered (world: `PlatformRules::renames` is off)",
        "- shows-what-is-not-withdrawn is not offered (only with `Offers::hiding_withdrawn`)",
    ];
    for said in said {
        assert!(report.contains(said), "{said}\n{report}");
    }
    let report = report_of(example::world, constant, example::SHAPE).to_string();
    let said = "the answer of /packages/widget changed, and its `ETag` stayed \"1\"";
    assert!(report.contains(said), "{report}");
    let report = report_of(example::world, |_, _| Reply::status(404), example::SHAPE);
    let report = report.to_string();
    let said = "the simulated registry: it has no answer for /packages/widget.";
    assert!(report.contains(said), "{report}");
    assert!(report.contains("- the same for "), "{report}");
    let report = report_of(with_ids, example::answer, example::SHAPE).to_string();
    let said = "alice is not as in the world: its basis is OnlyName, in the world Id: report the id by `with_id`";
    assert!(report.contains(said), "{report}");
    let same = "- the same for 4 checks: lists-every-owner, lists-the-roles, lists-readers-as-readers, lists-long-lists-whole";
    assert!(report.contains(same), "{report}");
}

/// The first word of each, between `before` and what is no part of a name.
fn names_after<'a>(text: &'a str, before: &str) -> BTreeSet<&'a str> {
    let is_end = |c: char| !(c.is_ascii_alphanumeric() || c == '_');
    let rest = text.split(before).skip(1);
    rest.filter_map(|rest| rest.split(is_end).next()).collect()
}

fn sources(folder: &str) -> String {
    let files = fs::read_dir(here(folder)).unwrap();
    let files = files.map(|file| file.unwrap().path());
    let files = files.filter(|path| path.is_file());
    files
        .map(|path| fs::read_to_string(path).unwrap())
        .collect()
}

/// The moves that the guide says the suite makes are all that it makes.
#[test]
fn the_guides_moves_are_those_of_the_suite() {
    let world = sources("../../auths-testkit/src/world");
    let functions = world.split("    pub fn ").skip(1);
    let moves: BTreeSet<_> = functions
        .filter(|f| {
            f.split_once(')')
                .is_some_and(|(head, _)| head.contains("&mut self"))
        })
        .filter_map(|f| f.split(['(', '<']).next())
        .collect();
    let suite = sources("../../auths-testkit/src/conformance/namespace");
    let made: BTreeSet<_> = names_after(&suite, "world.")
        .intersection(&moves)
        .copied()
        .collect();
    let guide = guide();
    let table = guide.split("| moves | then |").nth(1).unwrap();
    let rows = table.split("\n\n").next().unwrap().lines();
    let cells: String = rows.filter_map(|row| row.split('|').nth(1)).collect();
    let said: BTreeSet<_> = cells.split('`').skip(1).step_by(2).collect();
    assert_eq!(said, made);
}

/// Every check that the guide names is one of the suite.
#[test]
fn the_guides_checks_are_those_of_the_suite() {
    let report = report_of(example::world, example::answer, example::SHAPE);
    // What the registry does not have, and did not say so.
    let own = [
        "quarantined-is-absent",
        "reads-account-statements",
        "shows-an-organization",
        "takes-no-page-twice",
    ];
    let mut broken = report.broken_checks();
    broken.sort_unstable();
    assert_eq!(broken, own);
    let lists = [&report.kept[..], &report.not_offered, &own];
    let known = |name: &str| lists.iter().any(|list| list.contains(&name));
    let guide = guide();
    let rows = guide.split("| lie | check |").nth(1).unwrap();
    let rows = rows.split("\n\n").next().unwrap();
    let named: Vec<_> = rows
        .split('`')
        .skip(1)
        .step_by(2)
        .filter(|n| !n.contains(' '))
        .collect();
    assert!(named.len() > 15, "{named:?}");
    for name in named {
        assert!(known(name), "there is no check {name}");
    }
}
