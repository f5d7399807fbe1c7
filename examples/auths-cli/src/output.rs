//! Prints answers: one JSON document, or text for people, on stdout. Everything else goes to stderr. No token is shown, whatever
//! its source, unless the token is the answer.

use std::io::{self, Write};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use auths_core::escape;
use auths_core::tokens::hide_tokens;
use serde::Serialize;
use serde_json::ser::{Formatter, PrettyFormatter};

use crate::answer::Common;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::page::Page;

/// The form of the output.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Output {
    json: bool,
    /// True where every JSON document takes one line (JSON Lines).
    in_lines: bool,
}

/// The lock held while something is written, so that an interrupt never cuts a line.
static WRITING: Mutex<()> = Mutex::new(());

impl Output {
    /// Creates output as JSON or as text. With `in_lines`, each JSON document takes one line.
    pub(crate) fn new(json: bool, in_lines: bool) -> Self {
        Self { json, in_lines }
    }

    /// Returns whether answers are JSON.
    pub(crate) fn is_json(self) -> bool {
        self.json
    }

    /// Prints an answer, and returns the exit status.
    pub(crate) fn answer(self, common: &Common, document: &impl Serialize, page: &Page) -> Exit {
        let written = self.written(document, page);
        let printed = written.and_then(|text| out(&hide_tokens(&text)));
        self.after(printed, common.outcome.exit())
    }

    /// Prints an answer that holds the requested token.
    pub(crate) fn answer_with_token(
        self,
        common: &Common,
        document: &impl Serialize,
        page: &Page,
    ) -> Exit {
        let printed = self.written(document, page).and_then(|text| out(&text));
        self.after(printed, common.outcome.exit())
    }

    fn written(self, document: &impl Serialize, page: &Page) -> io::Result<String> {
        match self.json {
            true => json(document, !self.in_lines),
            false => Ok(page.render()),
        }
    }

    /// Prints an answer that consists of its reason alone.
    pub(crate) fn failure(self, failure: &Failure) -> Exit {
        let common = &failure.0;
        if self.json {
            return self.answer(common, common, &Page::new());
        }
        let mut page = Page::new();
        let code = common
            .code
            .map_or_else(String::new, |code| format!(" ({code})"));
        page.outcome(
            common.outcome,
            format!("{}{code}", common.message.as_deref().unwrap_or_default()),
        );
        if let Some(remedy) = &common.remedy {
            page.line(format!("  what to do: {remedy}"));
        }
        if let Some(wait) = common.retry_after_s {
            page.line(format!("  the server asks to wait {wait} seconds"));
        }
        // Nothing can be done when stderr is gone.
        let _ = err(&page.render());
        common.outcome.exit()
    }

    /// Prints text that is the whole answer: a script, a page.
    pub(crate) fn raw(self, text: &str) -> Exit {
        self.after(out(text), Exit::Yes)
    }

    /// Prints one complete line of JSON Lines.
    pub(crate) fn json_line(self, document: &impl Serialize) -> io::Result<()> {
        json(document, false).and_then(|line| out(&hide_tokens(&line)))
    }

    /// Prints one line for people, whole.
    pub(crate) fn text_line(self, page: &Page) -> io::Result<()> {
        out(&hide_tokens(&page.render()))
    }

    /// Prints a note beside the answer, on stderr.
    pub(crate) fn note(self, text: &str) {
        let _ = err(&format!("{}\n", escape(text)));
    }

    /// Prints a warning beside the answer, on stderr.
    pub(crate) fn warn(self, text: &str) {
        self.note(&format!("warning: {text}"));
    }

    fn after(self, printed: io::Result<()>, exit: Exit) -> Exit {
        match printed {
            Ok(()) => exit,
            // The reader is gone: the exit status still says what the answer was.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => exit,
            Err(error) => {
                self.warn(&format!("the answer could not be written: {error}"));
                exit.worse(Exit::Unknown)
            }
        }
    }
}

/// Hides a panic's message, which may hold anything, from the terminal. Only its place is shown.
pub(crate) fn quiet_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic
            .location()
            .map_or_else(String::new, |l| format!(" at {}:{}", l.file(), l.line()));
        let _ = err(&format!(
            "auths: an error of this program{place}; please report it\n"
        ));
    }));
}

/// Waits for a line that is being written, and lets no other line begin after it. Called right before the program ends.
pub(crate) fn hold_for_exit() {
    let end = Instant::now() + Duration::from_secs(2);
    while Instant::now() < end {
        if let Ok(guard) = WRITING.try_lock() {
            std::mem::forget(guard);
            return;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn out(text: &str) -> io::Result<()> {
    let _guard = WRITING.lock().unwrap_or_else(PoisonError::into_inner);
    let mut stdout = anstream::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()
}

fn err(text: &str) -> io::Result<()> {
    let mut stderr = anstream::stderr().lock();
    stderr.write_all(hide_tokens(text).as_bytes())?;
    stderr.flush()
}

/// Returns a document and a line end. Hidden characters are written as `\u` escapes: the same JSON, safe on a terminal.
fn json(document: &impl Serialize, pretty: bool) -> io::Result<String> {
    let mut bytes = Vec::new();
    if pretty {
        let mut writer =
            serde_json::Serializer::with_formatter(&mut bytes, Visible(PrettyFormatter::new()));
        document.serialize(&mut writer)?;
    } else {
        let mut writer = serde_json::Serializer::with_formatter(
            &mut bytes,
            Visible(serde_json::ser::CompactFormatter),
        );
        document.serialize(&mut writer)?;
    }
    bytes.push(b'\n');
    String::from_utf8(bytes).map_err(io::Error::other)
}

/// A formatter that writes the characters that [`escape`] hides as JSON escapes, and leaves the rest to the inner formatter.
struct Visible<F>(F);

impl<F: Formatter> Formatter for Visible<F> {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let mut utf16 = [0u16; 2];
        for c in fragment.chars() {
            let mut utf8 = [0u8; 4];
            let text: &str = c.encode_utf8(&mut utf8);
            if c.is_ascii_graphic() || c == ' ' || escape(text).to_string() == text {
                writer.write_all(text.as_bytes())?;
            } else {
                for unit in c.encode_utf16(&mut utf16) {
                    write!(writer, "\\u{unit:04x}")?;
                }
            }
        }
        Ok(())
    }

    fn begin_array<W: ?Sized + Write>(&mut self, w: &mut W) -> io::Result<()> {
        self.0.begin_array(w)
    }
    fn end_array<W: ?Sized + Write>(&mut self, w: &mut W) -> io::Result<()> {
        self.0.end_array(w)
    }
    fn begin_array_value<W: ?Sized + Write>(&mut self, w: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_array_value(w, first)
    }
    fn end_array_value<W: ?Sized + Write>(&mut self, w: &mut W) -> io::Result<()> {
        self.0.end_array_value(w)
    }
    fn begin_object<W: ?Sized + Write>(&mut self, w: &mut W) -> io::Result<()> {
        self.0.begin_object(w)
    }
    fn end_object<W: ?Sized + Write>(&mut self, w: &mut W) -> io::Result<()> {
        self.0.end_object(w)
    }
    fn begin_object_key<W: ?Sized + Write>(&mut self, w: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_object_key(w, first)
    }
    fn begin_object_value<W: ?Sized + Write>(&mut self, w: &mut W) -> io::Result<()> {
        self.0.begin_object_value(w)
    }
    fn end_object_value<W: ?Sized + Write>(&mut self, w: &mut W) -> io::Result<()> {
        self.0.end_object_value(w)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_characters_are_escaped_and_survive() {
        let document = serde_json::json!({"a\u{202e}": "b\u{9b}\u{e0041}\u{7f}é\n"});
        for pretty in [true, false] {
            let text = json(&document, pretty).unwrap();
            assert!(
                !text
                    .chars()
                    .any(|c| matches!(c, '\u{202e}' | '\u{9b}' | '\u{e0041}' | '\u{7f}'))
            );
            assert_eq!(
                serde_json::from_str::<serde_json::Value>(&text).unwrap(),
                document
            );
        }
    }
}
