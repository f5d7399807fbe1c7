//! How long the files are.

use std::fs;
use std::path::Path;

use auths_tests::root;

use crate::workspace::{files, members, product_part, read, text};

/// Half of the files are no longer than this.
const MEDIAN: usize = 150;
/// No file is longer than this.
const MOST: usize = 500;

/// The lines of every source file that is not a test, comments too; the tests at a file's end are not counted.
fn lengths() -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (name, package) in members() {
        if name == "auths-tests" {
            continue;
        }
        let folder = Path::new(text(&package["manifest_path"])).parent().unwrap();
        for path in files(&folder.join("src"), &["rs"]) {
            let inside = path.strip_prefix(folder).unwrap();
            let mut parts = inside.iter().filter_map(|part| part.to_str());
            if !parts.any(|part| part == "tests" || part.ends_with("tests.rs")) {
                let lines = product_part(&read(&path)).lines().count();
                let shown = path.strip_prefix(root()).unwrap().display().to_string();
                found.push((lines, shown));
            }
        }
    }
    found.sort();
    found
}

/// Run with `--nocapture` to see the report; it also lies in `target/tmp/file-sizes.txt`.
#[test]
fn files_are_short() {
    let lengths = lengths();
    assert!(lengths.len() > 100, "only {} files", lengths.len());
    let at = |percent: usize| lengths[(lengths.len() - 1) * percent / 100].0;
    let (median, p90) = (at(50), at(90));
    let too_long: Vec<_> = lengths.iter().filter(|(lines, _)| *lines > MOST).collect();
    let longest = lengths.iter().rev().take(10);
    let longest: String = longest
        .map(|(lines, path)| format!("{lines:5} {path}\n"))
        .collect();
    let report = format!(
        "{} files: median {median} lines, p90 {p90}, over {MOST}: {}\n{longest}",
        lengths.len(),
        too_long.len()
    );
    fs::write(
        Path::new(env!("CARGO_TARGET_TMPDIR")).join("file-sizes.txt"),
        &report,
    )
    .unwrap();
    println!("{report}");
    assert!(median <= MEDIAN, "the median is over {MEDIAN}\n{report}");
    assert!(
        too_long.is_empty(),
        "{too_long:?} are too long: split them by what they are about"
    );
}
