//! Vectors that others have published. This repository does not hold them: a variable names the folder where they are.

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::PathBuf;

/// The variable that names the folder of the published vectors, from the root of the workspace. `tests/vectors/README.md` says what is
/// in it.
pub const VARIABLE: &str = "AUTHS_TEST_VECTORS";

/// Returns the folder of one set of published vectors, such as `jcs`.
///
/// Returns `None` where the variable is not set, and says on standard error, in one line, which `checks` are left out and how to turn
/// them on. The line is written past the test runner, which keeps what a passing test prints to itself.
///
/// # Panics
/// The variable is set, and the folder that it names does not have the set.
#[must_use]
pub fn folder(set: &str, checks: &str) -> Option<PathBuf> {
    let found = folder_in(std::env::var_os(VARIABLE), set);
    if found.is_none() {
        let line = format!(
            "left out: {checks}; to turn them on, let {VARIABLE} name a folder that has {set} (tests/vectors/README.md)\n"
        );
        let _ = io::stderr().write_all(line.as_bytes());
    }
    found
}

#[expect(clippy::panic, reason = "a panic is a failed test")]
fn folder_in(vectors: Option<OsString>, set: &str) -> Option<PathBuf> {
    let vectors = vectors.filter(|name| !name.is_empty())?;
    let folder = crate::root().join(vectors).join(set);
    if !folder.is_dir() {
        panic!("{VARIABLE} is set, and there is no {}", folder.display());
    }
    Some(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_is_found_from_the_root_of_the_workspace() {
        let found = folder_in(Some("tests/vectors".into()), "claims").unwrap();
        assert_eq!(found, crate::root().join("tests/vectors/claims"));
        let whole = crate::root().join("tests/vectors").into_os_string();
        assert_eq!(folder_in(Some(whole), "claims"), Some(found));
    }

    #[test]
    fn without_the_variable_there_is_none() {
        assert_eq!(folder_in(None, "claims"), None);
        assert_eq!(folder_in(Some(OsString::new()), "claims"), None);
    }

    #[test]
    #[should_panic(expected = "AUTHS_TEST_VECTORS is set, and there is no")]
    fn a_set_that_is_missing_fails_the_test() {
        let _ = folder_in(Some("tests/vectors".into()), "no-such-set");
    }
}
