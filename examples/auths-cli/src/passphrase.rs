//! Where the passphrase comes from: a descriptor, a file, or a prompt. Never from the arguments.

use std::fmt;
use std::io::{self, IsTerminal, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use auths_keystore::{PassphraseError, PassphraseSource, Purpose};
use secrecy::{ExposeSecret, SecretString};

use crate::output::Output;

/// The longest passphrase that is read.
const MAX: u64 = 4_096;

/// How long an interrupted prompt waits for the end of the program.
const INTERRUPT: Duration = Duration::from_secs(5);

/// A new passphrase was typed twice, differently.
#[derive(Debug)]
pub(crate) struct PassphrasesDiffer;

impl fmt::Display for PassphrasesDiffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the two passphrases differ")
    }
}

impl std::error::Error for PassphrasesDiffer {}

/// Asks wherever the user said, in this order: `--passphrase-fd`, `AUTHS_PASSPHRASE_FILE`, a terminal.
#[derive(Debug)]
pub(crate) struct Asking {
    fd: Option<u32>,
    file: Option<PathBuf>,
    output: Output,
}

impl Asking {
    /// The sources that the arguments and the environment name.
    pub(crate) fn new(fd: Option<u32>, output: Output) -> Self {
        let file = std::env::var_os("AUTHS_PASSPHRASE_FILE")
            .filter(|f| !f.is_empty())
            .map(PathBuf::from);
        Self { fd, file, output }
    }
}

impl PassphraseSource for Asking {
    fn passphrase(&self, purpose: Purpose) -> Result<SecretString, PassphraseError> {
        if let Some(fd) = self.fd {
            return read_descriptor(fd).map_err(failed);
        }
        if let Some(file) = &self.file {
            if is_open_to_others(file) {
                self.output.warn(&format!(
                    "others on this machine can read the passphrase file {}: chmod 600 it",
                    file.display()
                ));
            }
            return std::fs::File::open(file)
                .and_then(first_line)
                .map_err(failed);
        }
        if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
            return Err(PassphraseError::NotGiven);
        }
        prompt(&purpose)
    }
}

/// Gives the terminal its echo back when a prompt is interrupted.
pub(crate) fn restore_terminal() {
    #[cfg(unix)]
    terminal::restore();
}

fn prompt(purpose: &Purpose) -> Result<SecretString, PassphraseError> {
    #[cfg(unix)]
    terminal::remember();
    let ask = |text: String| match rpassword::prompt_password(text) {
        Ok(given) => Ok(SecretString::from(given)),
        Err(error) => {
            if error.kind() == io::ErrorKind::Interrupted {
                // Ctrl-C: the signal is on its way, and ends the program. Nothing is to be said before it does.
                std::thread::sleep(INTERRUPT);
            }
            Err(failed(error))
        }
    };
    match purpose {
        Purpose::Create(name) => {
            let first = ask(format!("New passphrase for the key {name}: "))?;
            if first.expose_secret().is_empty() {
                return Err(PassphraseError::NotGiven);
            }
            let second = ask("The same again: ".to_owned())?;
            if first.expose_secret() != second.expose_secret() {
                return Err(PassphraseError::Failed(Box::new(PassphrasesDiffer)));
            }
            Ok(first)
        }
        Purpose::Open(name) => ask(format!("Passphrase of the key {name}: ")),
        _ => ask("Passphrase: ".to_owned()),
    }
}

#[cfg(unix)]
fn read_descriptor(fd: u32) -> io::Result<SecretString> {
    first_line(std::fs::File::open(format!("/dev/fd/{fd}"))?)
}

#[cfg(not(unix))]
fn read_descriptor(_: u32) -> io::Result<SecretString> {
    Err(io::Error::other(
        "descriptors have no numbers on this system",
    ))
}

/// Everything up to the first line end.
fn first_line(reader: impl Read) -> io::Result<SecretString> {
    let mut text = secrecy::zeroize::Zeroizing::new(String::new());
    reader.take(MAX + 1).read_to_string(&mut text)?;
    if text.len() as u64 > MAX {
        return Err(io::Error::other(format!("longer than {MAX} bytes")));
    }
    let line = text.split('\n').next().unwrap_or_default();
    Ok(SecretString::from(line.strip_suffix('\r').unwrap_or(line)))
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

fn failed(error: io::Error) -> PassphraseError {
    PassphraseError::Failed(Box::new(error))
}

#[cfg(unix)]
mod terminal {
    //! What the terminal was set to before it was told to hide what is typed.

    use std::sync::{Mutex, PoisonError};

    use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};

    static BEFORE: Mutex<Option<Termios>> = Mutex::new(None);

    pub(super) fn remember() {
        if let Ok(settings) = tcgetattr(std::io::stdin()) {
            *BEFORE.lock().unwrap_or_else(PoisonError::into_inner) = Some(settings);
        }
    }

    pub(super) fn restore() {
        if let Some(settings) = BEFORE.lock().unwrap_or_else(PoisonError::into_inner).take() {
            let _ = tcsetattr(std::io::stdin(), OptionalActions::Now, &settings);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_end_is_not_part_of_it() {
        for (given, read) in [
            ("a b\n", "a b"),
            ("a\r\n", "a"),
            ("a", "a"),
            ("", ""),
            ("a\nb", "a"),
            (" a ", " a "),
        ] {
            assert_eq!(first_line(given.as_bytes()).unwrap().expose_secret(), read);
        }
        assert!(first_line("a".repeat(5_000).as_bytes()).is_err());
    }
}
