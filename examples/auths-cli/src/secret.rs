//! Reads secrets from a descriptor, a file, standard input, or a prompt. Never from the arguments.

use std::fs::File;
use std::io::{self, IsTerminal, Read};
use std::path::Path;

use auths_core::Invalid;
use secrecy::SecretString;
use secrecy::zeroize::Zeroizing;

use crate::failure::Failure;
use crate::output::Output;
use crate::passphrase;

/// The source of a secret: its name in words for a person, and the places where it may be found.
#[derive(Debug)]
pub(crate) struct Source<'a> {
    /// The name of the secret: `the token`.
    pub(crate) what: &'a str,
    /// An open descriptor.
    pub(crate) fd: Option<u32>,
    /// A file.
    pub(crate) file: Option<&'a Path>,
}

impl Source<'_> {
    /// Reads the secret from the descriptor, else the file, else standard input, which on a terminal is a prompt that shows
    /// nothing.
    pub(crate) fn read(&self, max: usize, output: Output) -> Result<SecretString, Failure> {
        let read = match (self.fd, self.file) {
            (Some(fd), _) => descriptor(fd).and_then(|file| whole(file, max)),
            (None, Some(file)) => {
                warn_if_open_to_others(file, self.what, output);
                File::open(file).and_then(|file| whole(file, max))
            }
            (None, None) if io::stdin().is_terminal() => {
                passphrase::hidden(&format!("{}: ", self.what))
            }
            (None, None) => whole(io::stdin().lock(), max),
        };
        read.map_err(|error| {
            let message = format!("{} cannot be read: {error}", self.what);
            let remedy = match (self.fd, self.file) {
                (Some(_), _) => "name an open descriptor that can be read",
                (None, Some(_)) => "name a file that can be read",
                (None, None) => "give it on standard input, whole",
            };
            Failure::invalid(Invalid::Usage, message).remedy(remedy)
        })
    }
}

/// Warns when others may read the file of a secret.
pub(crate) fn warn_if_open_to_others(file: &Path, what: &str, output: Output) {
    if is_open_to_others(file) {
        let file = file.display();
        output.warn(&format!(
            "others on this machine can read the file of {what}, {file}: chmod 600 it"
        ));
    }
}

/// Opens a descriptor by its number.
#[cfg(unix)]
pub(crate) fn descriptor(fd: u32) -> io::Result<File> {
    File::open(format!("/dev/fd/{fd}"))
}

/// Opens a descriptor by its number.
#[cfg(not(unix))]
pub(crate) fn descriptor(_: u32) -> io::Result<File> {
    Err(io::Error::other(
        "descriptors have no numbers on this system",
    ))
}

/// Reads everything, without the white space around it.
fn whole(reader: impl Read, max: usize) -> io::Result<SecretString> {
    let text = text(reader, max)?;
    Ok(SecretString::from(text.trim()))
}

/// Reads everything up to the first line end.
pub(crate) fn first_line(reader: impl Read, max: usize) -> io::Result<SecretString> {
    let text = text(reader, max)?;
    let line = text.split('\n').next().unwrap_or_default();
    Ok(SecretString::from(line.strip_suffix('\r').unwrap_or(line)))
}

/// Reads text into memory that never grows, so that no copy is left behind.
fn text(reader: impl Read, max: usize) -> io::Result<Zeroizing<String>> {
    let mut text = Zeroizing::new(String::with_capacity(max + 1));
    reader.take(max as u64 + 1).read_to_string(&mut text)?;
    if text.len() > max {
        return Err(io::Error::other(format!("longer than {max} bytes")));
    }
    Ok(text)
}

#[cfg(unix)]
fn is_open_to_others(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).is_ok_and(|m| m.is_file() && m.permissions().mode() & 0o077 != 0)
}

#[cfg(not(unix))]
fn is_open_to_others(_: &Path) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;

    #[test]
    fn the_line_end_is_not_part_of_it() {
        for (given, line, all) in [
            ("a b\n", "a b", "a b"),
            ("a\r\n", "a", "a"),
            ("a", "a", "a"),
            ("", "", ""),
            ("a\nb", "a", "a\nb"),
            (" a ", " a ", "a"),
        ] {
            let first = first_line(given.as_bytes(), 10).unwrap();
            assert_eq!(first.expose_secret(), line);
            assert_eq!(whole(given.as_bytes(), 10).unwrap().expose_secret(), all);
        }
        assert!(first_line("a".repeat(11).as_bytes(), 10).is_err());
    }
}
