//! What no text of the workspace may hold.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use auths_tests::root;

use crate::workspace::{files, members, product_code, read, text};

/// Whether a line opens a code block that the documentation tests would pass over.
fn is_ignored_fence(line: &str) -> bool {
    let line = line
        .trim_start()
        .trim_start_matches(['/', '!', '*', '>', ' ']);
    let info = line
        .strip_prefix("```")
        .or_else(|| line.strip_prefix("~~~"));
    info.is_some_and(|info| {
        let mut words = info.split([',', ' ', '\t']);
        words.any(|word| word == "ignore" || word.starts_with("ignore-"))
    })
}

#[test]
fn no_example_is_left_untested() {
    let found = files(&root(), &["rs", "md"]);
    assert!(found.len() > 50, "only {} files were read", found.len());
    for path in found {
        for (n, line) in read(&path).lines().enumerate() {
            assert!(
                !is_ignored_fence(line),
                "{}:{}: {line}",
                path.display(),
                n + 1
            );
        }
    }
    let fence = format!("/// ```rust,{}", "ignore");
    assert!(is_ignored_fence(&fence) && !is_ignored_fence("/// ```no_run"));
}

/// The numbers of the lines at which a doc comment begins with words that point at what stands before it.
fn leaning_openings(source: &str) -> Vec<usize> {
    let is_doc = |line: &str| line.trim_start().starts_with("///") || line.starts_with("//!");
    let mut before = false;
    let mut found = Vec::new();
    for (n, line) in source.lines().enumerate() {
        let words = line.trim_start().trim_start_matches(['/', '!', ' ']);
        let leans = ["The same", "Likewise", "Ditto", "As above", "See above"];
        if is_doc(line) && !before && leans.iter().any(|opening| words.starts_with(opening)) {
            found.push(n + 1);
        }
        before = is_doc(line);
    }
    found
}

#[test]
fn no_doc_comment_needs_the_one_before_it() {
    let mut sources = 0;
    for (_, package) in members() {
        let manifest = Path::new(text(&package["manifest_path"]));
        for path in files(&manifest.parent().unwrap().join("src"), &["rs"]) {
            let is_test = path.ends_with("tests.rs") || path.iter().any(|part| part == "tests");
            if is_test && !path.starts_with(root().join("tests/src")) {
                continue;
            }
            sources += 1;
            let found = leaning_openings(&read(&path));
            assert!(found.is_empty(), "{}, lines {found:?}", path.display());
        }
    }
    assert!(sources > 100, "only {sources} files were read");
    let leaning = "/// The same, later.\nfn a() {}\n/// Returns it.\n/// The same answer twice is one.\nfn b() {}";
    assert_eq!(leaning_openings(leaning), [1]);
}

/// How often an address stands in a text; `https://pypi.org` does not stand in `https://pypi.org.example`.
fn occurrences(text: &str, address: &str) -> usize {
    let tails = text
        .match_indices(address)
        .map(|(at, _)| &text[at + address.len()..]);
    let whole = tails.filter(|tail| {
        let next = tail.chars().next();
        !next.is_some_and(|c| c.is_ascii_alphanumeric() || ".-_".contains(c))
    });
    whole.count()
}

#[test]
fn public_addresses_stand_once() {
    let mut found: BTreeMap<&str, Vec<PathBuf>> = BTreeMap::from([
        ("https://pypi.org", Vec::new()),
        ("https://registry.npmjs.org", Vec::new()),
        ("https://api.github.com", Vec::new()),
        ("https://github.com", Vec::new()),
        ("https://crates.io", Vec::new()),
    ]);
    for (name, package) in members() {
        if name == "auths-tests" {
            continue;
        }
        let folder = Path::new(text(&package["manifest_path"]))
            .parent()
            .unwrap()
            .join("src");
        for path in files(&folder, &["rs"]) {
            let inside = path.strip_prefix(&folder).unwrap();
            let is_test = inside.iter().any(|part| {
                part.to_str()
                    .is_some_and(|p| matches!(p, "tests" | "tests.rs" | "testing" | "testing.rs"))
            });
            if is_test {
                continue;
            }
            let code = product_code(&read(&path));
            for (address, places) in &mut found {
                let times = occurrences(&code, address);
                places.extend(std::iter::repeat_n(path.clone(), times));
            }
        }
    }
    for (address, places) in found {
        assert!(
            places.len() <= 1,
            "{address} stands in {places:?}: give it one constant"
        );
    }
    assert_eq!(
        occurrences(
            "https://pypi.org/simple https://pypi.org.example",
            "https://pypi.org"
        ),
        1
    );
}

/// The names in the second column of a table that look like those of tests: words in backticks, joined by low lines.
fn named_tests(page: &str) -> BTreeSet<&str> {
    let rows = page.lines().filter(|line| line.starts_with('|'));
    let words = rows.flat_map(|row| row.split('`').skip(1).step_by(2));
    let is_name = |word: &&str| {
        word.matches('_').count() >= 3
            && word
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
    };
    words.filter(is_name).collect()
}

#[test]
fn what_closes_a_past_hole_is_a_test_that_is_there() {
    let page = read(&root().join("docs/security/past-holes.md"));
    let named = named_tests(&page);
    assert!(named.len() > 50, "only {} tests are named", named.len());
    let sources = files(&root(), &["rs"]);
    let functions: BTreeSet<String> = sources
        .iter()
        .flat_map(|path| {
            let source = read(path);
            let names = source.split("fn ").skip(1).map(|rest| {
                let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
                rest[..end.unwrap_or(rest.len())].to_owned()
            });
            names.collect::<Vec<_>>()
        })
        .collect();
    let gone: Vec<&&str> = named.iter().filter(|n| !functions.contains(**n)).collect();
    assert!(gone.is_empty(), "no test is called {gone:?}");
    assert_eq!(
        named_tests("| a | `it_is_not_so` and `AwaitingUse`, `compile_fail` |"),
        ["it_is_not_so"].into()
    );
}
