//! Finds tokens in input where none belongs. They are refused by their kind, and neither shown nor sent.
//!
//! Core recognises tokens ([`auths_core::tokens`]). This module lists the input that is checked.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use auths_core::Invalid;
use auths_core::tokens::{TokenKind, find_token, find_token_word};

use crate::failure::Failure;
use crate::files;
use crate::revocations::{MAX_BYTES, MAX_DEPTH, MAX_ENTRIES};

/// The only variable that may hold a token.
const TOKEN_VARIABLE: &str = "AUTHS_GITHUB_TOKEN";

/// Returns the refusal of a token in that place.
pub(crate) fn refusal(place: &str, kind: TokenKind) -> Failure {
    let says = format!(
        "{place} holds what looks like a token, {kind}, and none of it is repeated here: others can read arguments and files, and \
         histories and logs keep them"
    );
    let remedy = "end that token where it was made, and give a new one as --help says: in the environment, a file of its own, or \
                  standard input";
    Failure::invalid(Invalid::Usage, says).remedy(remedy)
}

/// Refuses a text that holds a token.
pub(crate) fn refuse(place: &str, text: &str) -> Result<(), Failure> {
    match find_token(text) {
        Some(found) => Err(refusal(place, found.kind)),
        None => Ok(()),
    }
}

/// Refuses a text that holds a token, for texts with only names and accounts. There, older tokens without a prefix are refused
/// too.
pub(crate) fn refuse_names(place: &str, text: &str) -> Result<(), Failure> {
    refuse(place, text)?;
    match find_token_word(text) {
        Some(kind) => Err(refusal(place, kind)),
        None => Ok(()),
    }
}

/// Refuses a document that holds a token, whatever else it holds.
pub(crate) fn refuse_bytes(place: &str, bytes: &[u8]) -> Result<(), Failure> {
    refuse(place, &String::from_utf8_lossy(bytes))
}

/// The amount that may still be checked: the limits of a source of revocations.
struct Left {
    entries: usize,
    bytes: usize,
}

impl Left {
    const ALL: Self = Self {
        entries: MAX_ENTRIES,
        bytes: MAX_BYTES,
    };

    /// Subtracts an entry of that size. Returns false where the limit is reached.
    fn take(&mut self, bytes: usize) -> bool {
        let (entries, bytes) = (self.entries.checked_sub(1), self.bytes.checked_sub(bytes));
        self.entries = entries.unwrap_or_default();
        self.bytes = bytes.unwrap_or_default();
        entries.is_some() && bytes.is_some()
    }
}

/// Refuses files that hold a token, or have one as a name: each file, and each file in a directory. Unreadable files are left to
/// the code that reads them. Files beyond the limits of a source of revocations are skipped, because they are not read there
/// either.
pub(crate) fn refuse_files(paths: &[PathBuf]) -> Result<(), Failure> {
    let mut all = paths.iter();
    all.try_for_each(|path| refuse_file(path, MAX_DEPTH, &mut Left { ..Left::ALL }))
}

fn refuse_file(path: &Path, depth: usize, left: &mut Left) -> Result<(), Failure> {
    let name = path.display().to_string();
    refuse("the name of a file", &name)?;
    // A pipe is not checked: opening one would block, and its content could be read only once.
    let meta = std::fs::metadata(path).ok();
    let size = meta.filter(std::fs::Metadata::is_file).map(|m| m.len());
    // A file larger than any document is not read.
    let size = size.filter(|size| *size <= files::MAX_BUNDLE);
    if !left.take(usize::try_from(size.unwrap_or(0)).unwrap_or(usize::MAX)) {
        return Ok(());
    }
    if size.is_some()
        && let Ok(bytes) = files::read_io(path, files::MAX_BUNDLE)
    {
        return refuse_bytes(&name, &bytes);
    }
    let Some(depth) = depth.checked_sub(1) else {
        return Ok(());
    };
    for entry in std::fs::read_dir(path).into_iter().flatten().flatten() {
        refuse_file(&entry.path(), depth, left)?;
    }
    Ok(())
}

/// Refuses a token in a variable that has another purpose.
pub(crate) fn refuse_environment(
    variables: impl IntoIterator<Item = (OsString, OsString)>,
) -> Result<(), Failure> {
    for (name, value) in variables {
        let (name, value) = (name.to_string_lossy(), value.to_string_lossy());
        if !name.starts_with("AUTHS_") || name == TOKEN_VARIABLE {
            continue;
        }
        match name == "AUTHS_GITHUB_CLIENT_ID" {
            true => refuse_names(&name, &value)?,
            false => refuse(&name, &value)?,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_hold_no_token_but_the_one_that_is_for_it() {
        let token = format!("ghp_{}", "aB3".repeat(12));
        let refused = |name: &str, value: &str| {
            let refused = refuse_environment([(name.into(), value.into())]);
            refused.map_err(|failure| format!("{failure:?}")).err()
        };
        for name in [
            "AUTHS_HOME",
            "AUTHS_KEYSTORE",
            "AUTHS_GITHUB_CLIENT_ID",
            "AUTHS_ORIGIN_NPM",
            "AUTHS_PASSPHRASE_FILE",
        ] {
            let said = refused(name, &format!("https://{token}@host")).unwrap();
            assert!(
                said.contains(name) && said.contains("a GitHub token"),
                "{said}"
            );
            assert!(!said.contains("aB3"), "{said}");
        }
        let secret = "0123456789abcdef0123456789abcdef01234567";
        assert!(refused("AUTHS_GITHUB_CLIENT_ID", secret).is_some());
        assert!(refused("AUTHS_HOME", &format!("/builds/{secret}/home")).is_none());
        assert!(refused("AUTHS_GITHUB_TOKEN", &token).is_none());
        assert!(refused("GITHUB_TOKEN", &token).is_none(), "it is not read");
    }

    #[test]
    fn a_folder_is_looked_into_as_far_as_a_source_may_hold() {
        let folder = tempfile::tempdir().unwrap();
        let token = format!("ghp_{}", "aB3".repeat(12));
        std::fs::write(folder.path().join("a"), "x".repeat(100)).unwrap();
        std::fs::write(folder.path().join("b"), &token).unwrap();
        let refused = |left: &mut Left| refuse_file(folder.path(), MAX_DEPTH, left).is_err();
        assert!(refused(&mut Left { ..Left::ALL }));
        let (entries, bytes) = (3, 100 + token.len());
        assert!(refused(&mut Left { entries, bytes }));
        assert!(!refused(&mut Left { entries: 1, bytes }));
        assert!(!refused(&mut Left { entries, bytes: 30 }));
        // One that is larger than any document is not read, and takes nothing from the others.
        let large = std::fs::File::create(folder.path().join("c")).unwrap();
        large.set_len(files::MAX_BUNDLE + 1).unwrap();
        assert!(refused(&mut Left { entries: 4, bytes }));
    }
}
