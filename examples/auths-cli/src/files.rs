//! Reads and writes files: never more than a limit, and never half a file.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

use auths_core::{Invalid, Unavailable, UnavailableReason};

use crate::failure::Failure;
use crate::guard;

/// The largest signed document that is read.
pub(crate) const MAX_CLAIM: u64 = 8 * 1024 * 1024;
/// The largest bundle that is read.
pub(crate) const MAX_BUNDLE: u64 = 16 * 1024 * 1024;
/// The largest policy that is read.
pub(crate) const MAX_POLICY: u64 = 64 * 1024;
/// The largest deny list that is read.
pub(crate) const MAX_DENY_LIST: u64 = 16 * 1024 * 1024;
/// The largest list of questions that is read.
pub(crate) const MAX_BATCH: u64 = 64 * 1024 * 1024;

/// Reads a document of at most `max` bytes, from a file or from standard input for `-`. A document that holds a token is refused.
pub(crate) fn read_or_stdin(name: &str, max: u64) -> Result<Vec<u8>, Failure> {
    let bytes = read_list(name, max)?;
    guard::refuse_bytes(place(name), &bytes)?;
    Ok(bytes)
}

/// Reads a list of questions. Each line is checked for tokens by itself, so a bad line never stops the rest.
pub(crate) fn read_list(name: &str, max: u64) -> Result<Vec<u8>, Failure> {
    let read = match name {
        "-" => capped(io::stdin().lock(), max),
        name => read_io(Path::new(name), max),
    };
    read.map_err(|e| unusable(place(name), &e))
}

/// Reads a document from a file of at most `max` bytes. A document that holds a token is refused.
pub(crate) fn read(path: &Path, max: u64) -> Result<Vec<u8>, Failure> {
    let name = path.display().to_string();
    let bytes = read_io(path, max).map_err(|e| unusable(&name, &e))?;
    guard::refuse_bytes(&name, &bytes)?;
    Ok(bytes)
}

/// Returns the name of a source of text in messages.
fn place(name: &str) -> &str {
    match name {
        "-" => "standard input",
        name => name,
    }
}

/// Reads a file of at most `max` bytes, with the system's own error.
pub(crate) fn read_io(path: &Path, max: u64) -> io::Result<Vec<u8>> {
    let file = File::open(path)?;
    if file.metadata()?.is_dir() {
        return Err(io::Error::other("it is a directory"));
    }
    capped(file, max)
}

/// Writes a file that only its owner can read, through a temporary file in `directory` on the same file system.
pub(crate) fn write_private(directory: &Path, path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    write_with(directory, path, bytes, &tempfile::Builder::new())
}

/// Writes a file for others, with the usual rights of new files.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let beside = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    write_with(beside, path, bytes, &builder)
}

/// Writes a file whole: to a temporary file in `directory`, which is then renamed.
fn write_with(
    directory: &Path,
    path: &Path,
    bytes: &[u8],
    builder: &tempfile::Builder<'_, '_>,
) -> Result<(), Failure> {
    let written = builder.tempfile_in(directory).and_then(|mut file| {
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        file.persist(path).map_err(|e| e.error)?;
        Ok(())
    });
    written.map_err(|e| {
        Unavailable::new(
            UnavailableReason::StoreFailed,
            format!("{} could not be written: {e}", path.display()),
        )
        .into()
    })
}

/// Makes a directory that only its owner can use.
pub(crate) fn make_dir(path: &Path) -> Result<(), Failure> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(|e| {
        Unavailable::new(
            UnavailableReason::StoreFailed,
            format!("{} could not be made: {e}", path.display()),
        )
        .into()
    })
}

fn capped(reader: impl Read, max: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(max + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > max {
        return Err(io::Error::other(format!("it is longer than {max} bytes")));
    }
    Ok(bytes)
}

fn unusable(what: &str, error: &io::Error) -> Failure {
    Failure::invalid(Invalid::Usage, format!("{what} cannot be read: {error}"))
        .remedy("name a file that can be read")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_a_limit() {
        assert_eq!(capped(&b"1234"[..], 4).unwrap(), b"1234");
        assert!(capped(&b"12345"[..], 4).is_err());
    }
}
