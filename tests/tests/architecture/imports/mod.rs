//! Who imports from whom within core: in one direction only.

mod graph;
mod paths;
mod tricks;

use std::collections::BTreeSet;

use auths_tests::root;

use crate::source::Source;
use crate::workspace::{CORE, files, product_code, read};
use graph::Graph;

/// The rooms of core, each of which imports from earlier ones only, but for [`BACK`].
const ROOMS: &[&str] = &[
    "codes",
    "tokens",
    "time",
    "exact_time",
    "crypto",
    "identity",
    "reason",
    "capability",
    "policy",
    "ci",
    "claim",
    "evidence",
    "decide",
    "pin",
    "ports",
    "grant",
    "bundle",
    "use_cases",
    "problem",
];

/// The arrows between rooms that go back, and why. No file is in a circle for that.
const BACK: &[(&str, &str)] = &[
    // An observation is a claim, and holds evidence.
    ("claim", "evidence"),
    // `Signed::verify` gives a `Verified`.
    ("claim", "decide"),
    // Claims are signed by a `Signer`; a challenge takes its bytes from an `Entropy`.
    ("claim", "ports"),
    // `NamespaceVerifierExt`, the deciding call of every verifier, is a use case and has its name beside the port.
    ("ports", "use_cases"),
];

fn core() -> Graph {
    let file = root().join(CORE).join("src/lib.rs");
    Graph::of(&Source::load(CORE, &file)).among(|module| {
        let room = module.split("::").next().unwrap_or_default();
        !room.is_empty()
    })
}

/// Run with `--nocapture` to see the order.
#[test]
fn modules_of_core_import_in_one_direction() {
    let core = core();
    let circles = core.circles();
    let shown: Vec<String> = circles.iter().map(|circle| core.shown(circle)).collect();
    assert!(
        circles.is_empty(),
        "these modules lead back to themselves:\n{}",
        shown.join("\n")
    );
    let order = core.in_order();
    println!("{}", order.join("\n"));
    let decision = order.iter().filter(|m| m.starts_with("decide::")).count();
    assert!(decision > 20, "only {decision} modules of the decision");
    assert!(
        core.arrows()
            .any(|arrow| arrow == ("decide", "decide::search"))
    );
}

#[test]
fn rooms_of_core_import_in_one_direction_but_for_what_is_listed() {
    let rooms = core().grouped(|module| module.split("::").next().unwrap().to_owned());
    let place = |room: &str| {
        let place = ROOMS.iter().position(|known| *known == room);
        place.unwrap_or_else(|| panic!("{room} is new: say in ROOMS where it stands"))
    };
    let back: BTreeSet<(&str, &str)> = rooms
        .arrows()
        .filter(|(from, to)| place(from) < place(to))
        .collect();
    let listed: BTreeSet<(&str, &str)> = BACK.iter().copied().collect();
    assert_eq!(
        back,
        listed,
        "left: the arrows that go back; right: those that BACK explains\n{}",
        rooms.shown(&ROOMS.iter().copied().collect())
    );
}

/// The files of core whose product code has `text`, below `src`.
fn places_of(text: &str) -> BTreeSet<String> {
    let folder = root().join(CORE).join("src");
    let mut found = BTreeSet::new();
    for path in files(&folder, &["rs"]) {
        let inside = path.strip_prefix(&folder).unwrap().display().to_string();
        let is_test = inside.contains("tests") || inside.starts_with("testing");
        if !is_test && product_code(&read(&path)).contains(text) {
            found.insert(inside);
        }
    }
    found
}

#[test]
fn what_makes_a_verified_is_called_by_the_decision_and_by_the_verification_of_a_signature() {
    assert_eq!(
        places_of("Verified::mint("),
        BTreeSet::from(["decide/mod.rs".to_owned()])
    );
    assert_eq!(
        places_of("Verified::of_signature("),
        BTreeSet::from(["claim/verify.rs".to_owned()])
    );
}

/// What depends on the ecosystem or the platform is a row of `identity/ecosystems.rs` or `identity/platforms.rs`.
#[test]
fn nothing_but_the_tables_tells_ecosystems_and_platforms_apart() {
    for known in [
        "Ecosystem::CARGO",
        "Ecosystem::GITHUB",
        "Ecosystem::NPM",
        "Ecosystem::PYPI",
        "Platform::GITHUB",
        "Platform::NPM",
        "Platform::PYPI",
        "\"cargo\"",
        "\"github\"",
        "\"npm\"",
        "\"pypi\"",
    ] {
        let mut places = places_of(known);
        places.retain(|place| !place.starts_with("simulation"));
        for table in [
            // What core knows of each CI platform, which may be one whose accounts it knows.
            "ci/provider.rs",
            "identity/ecosystem.rs",
            "identity/ecosystems.rs",
            "identity/platform.rs",
            "identity/platforms.rs",
        ] {
            places.remove(table);
        }
        assert!(places.is_empty(), "{known} stands in {places:?}");
    }
    for word in ["npm", "PyPI", "GitHub", "crates.io"] {
        let places = places_of(word);
        let places: Vec<_> = places.iter().filter(|p| p.starts_with("decide")).collect();
        assert!(places.is_empty(), "{word} stands in {places:?}");
    }
}
