//! The source of the passphrase: a descriptor, a file, or a prompt. Never the arguments.

use std::fmt;
use std::io::{self, IsTerminal};
use std::path::PathBuf;
#[cfg(unix)]
use std::time::Duration;

use auths_keystore::{PassphraseError, PassphrasePurpose, PassphraseSource};
use secrecy::{ExposeSecret, SecretString};

use crate::output::Output;
use crate::secret;

/// The longest passphrase that is read.
const MAX: usize = 4_096;

/// The time that an interrupted prompt waits for the end of the program.
#[cfg(unix)]
const INTERRUPT: Duration = Duration::from_secs(5);

/// The error of a new passphrase that was typed twice, differently.
#[derive(Debug)]
pub(crate) struct PassphrasesDiffer;

impl fmt::Display for PassphrasesDiffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the two passphrases differ")
    }
}

impl std::error::Error for PassphrasesDiffer {}

/// A passphrase source that follows the user's settings, in this order: `--passphrase-fd`, `AUTHS_PASSPHRASE_FILE`, a terminal.
#[derive(Debug)]
pub(crate) struct PassphrasePrompt {
    fd: Option<u32>,
    file: Option<PathBuf>,
    output: Output,
}

impl PassphrasePrompt {
    /// Creates the source from the arguments and the environment.
    pub(crate) fn new(fd: Option<u32>, output: Output) -> Self {
        let file = std::env::var_os("AUTHS_PASSPHRASE_FILE")
            .filter(|f| !f.is_empty())
            .map(PathBuf::from);
        Self { fd, file, output }
    }
}

impl PassphraseSource for PassphrasePrompt {
    fn passphrase(&self, purpose: PassphrasePurpose) -> Result<SecretString, PassphraseError> {
        if let Some(fd) = self.fd {
            let line = secret::descriptor(fd).and_then(|file| secret::first_line(file, MAX));
            return line.map_err(failed);
        }
        if let Some(file) = &self.file {
            secret::warn_if_open_to_others(file, "the passphrase", self.output);
            return std::fs::File::open(file)
                .and_then(|file| secret::first_line(file, MAX))
                .map_err(failed);
        }
        if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
            return Err(PassphraseError::NotGiven);
        }
        prompt(&purpose)
    }
}

/// Turns the terminal's echo on again when a prompt is interrupted. Unread typed text is dropped: it was meant for the prompt,
/// and the next reader of the terminal would show it.
pub(crate) fn restore_terminal() {
    #[cfg(unix)]
    terminal::restore(terminal::Typed::Dropped);
}

/// Asks on the terminal, and shows nothing of the typed text.
#[cfg(unix)]
pub(crate) fn hidden(text: &str) -> io::Result<SecretString> {
    // Done before the prompt is shown: otherwise quickly typed text would be visible.
    terminal::hide();
    let given = terminal::ask(text);
    if let Err(error) = &given
        && error.kind() == io::ErrorKind::Interrupted
    {
        // Ctrl-C: the signal is on its way, and ends the program. Nothing is printed before it does.
        std::thread::sleep(INTERRUPT);
    }
    terminal::restore(terminal::Typed::Kept);
    given.map(SecretString::from)
}

/// Asks on the terminal, and shows nothing of the typed text.
#[cfg(not(unix))]
pub(crate) fn hidden(text: &str) -> io::Result<SecretString> {
    rpassword::prompt_password(text).map(SecretString::from)
}

fn prompt(purpose: &PassphrasePurpose) -> Result<SecretString, PassphraseError> {
    let ask = |text: String| hidden(&text).map_err(failed);
    match purpose {
        PassphrasePurpose::Create(name) => {
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
        PassphrasePurpose::Open(name) => ask(format!("Passphrase of the key {name}: ")),
        _ => ask("Passphrase: ".to_owned()),
    }
}

fn failed(error: io::Error) -> PassphraseError {
    PassphraseError::Failed(Box::new(error))
}

#[cfg(unix)]
mod terminal {
    //! The terminal's settings from before the echo was turned off.

    use std::fs::File;
    use std::io;
    use std::sync::{Mutex, PoisonError};

    use rustix::termios::{
        LocalModes, OptionalActions, QueueSelector, Termios, tcflush, tcgetattr, tcsetattr,
    };

    static BEFORE: Mutex<Option<Termios>> = Mutex::new(None);

    /// The treatment of typed text that was not read yet.
    #[derive(Clone, Copy, PartialEq)]
    pub(super) enum Typed {
        /// The text goes to the next reader.
        Kept,
        /// The text is dropped.
        Dropped,
    }

    pub(super) fn hide() {
        if let Ok(mut settings) = tcgetattr(io::stdin()) {
            *BEFORE.lock().unwrap_or_else(PoisonError::into_inner) = Some(settings.clone());
            settings.local_modes.remove(LocalModes::ECHO);
            // The end of the line is shown, as usual.
            settings.local_modes.insert(LocalModes::ECHONL);
            let _ = tcsetattr(io::stdin(), OptionalActions::Now, &settings);
        }
    }

    /// Reads a line of the terminal, and leaves its settings as they are. Only one place changes and restores them.
    pub(super) fn ask(text: &str) -> io::Result<String> {
        let config = rpassword::ConfigBuilder::new()
            .input_reader(File::open("/dev/tty")?)
            .output_writer(File::options().write(true).open("/dev/tty")?)
            .build();
        rpassword::prompt_password_with_config(text, config)
    }

    pub(super) fn restore(typed: Typed) {
        if let Some(settings) = BEFORE.lock().unwrap_or_else(PoisonError::into_inner).take() {
            if typed == Typed::Dropped {
                // Done while the echo is off: text that reaches the terminal's reader later is not shown.
                let _ = tcflush(io::stdin(), QueueSelector::IFlush);
            }
            let _ = tcsetattr(io::stdin(), OptionalActions::Now, &settings);
        }
    }
}
