//! Text from outside: character rules for identifiers, and escaping before a person reads it.

use std::fmt;

use crate::tokens::shown;

/// Escapes text from outside: control, bidi and other invisible characters are written out.
///
/// Names, roles and messages come from servers and files. Printed raw, they could move the cursor, colour the terminal or reorder
/// the text that a person reads. Every front end prints them through this function.
///
/// ```
/// assert_eq!(auths_core::escape("six\u{202e}\x1b[31m").to_string(), "six\\u{202e}\\u{1b}[31m");
/// ```
#[must_use]
pub fn escape(text: &str) -> EscapedText<'_> {
    EscapedText(text)
}

/// The result of [`escape`].
#[derive(Debug, Clone, Copy)]
pub struct EscapedText<'a>(&'a str);

impl fmt::Display for EscapedText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            if is_hidden(c) {
                write!(f, "\\u{{{:x}}}", u32::from(c))?;
            } else {
                fmt::Write::write_char(f, c)?;
            }
        }
        Ok(())
    }
}

/// Returns whether `c` is hidden: a control character, a bidi control, a zero-width or other format character, a tag, or a line
/// separator.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(u32::from(c),
            0xad | 0x34f | 0x61c | 0x115f..=0x1160 | 0x17b4..=0x17b5 | 0x180b..=0x180f
            | 0x200b..=0x200f | 0x2028..=0x202e | 0x2060..=0x206f | 0x3164
            | 0xfe00..=0xfe0f | 0xfeff | 0xffa0 | 0xfff0..=0xfffb
            | 0x1bca0..=0x1bca3 | 0x1d173..=0x1d17a | 0xe0000..=0xe0fff)
}

/// Returns the first `max` characters of a text from outside, for a message. The text may be of any length.
///
/// ```
/// assert_eq!(auths_core::shorten("naïvely", 3), "naï");
/// ```
#[must_use]
pub fn shorten(text: &str, max: usize) -> String {
    text.chars().take(max).collect()
}

/// Cuts text from outside to `max` characters for an error message, and redacts tokens in it.
pub(crate) fn cut(text: &str, max: usize) -> String {
    let text = &*shown(text);
    let mut short = shorten(text, max);
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

/// Returns whether `text` consists of ASCII letters and digits with single separators from `inner` between them, and begins and
/// ends with a letter or digit.
pub(crate) fn is_word(text: &str, inner: &[u8]) -> bool {
    let bytes = text.as_bytes();
    let (Some(first), Some(last)) = (bytes.first(), bytes.last()) else {
        return false;
    };
    first.is_ascii_alphanumeric()
        && last.is_ascii_alphanumeric()
        && bytes
            .iter()
            .all(|b| b.is_ascii_alphanumeric() || inner.contains(b))
}

/// Returns whether `text` is a lower-case identifier for platforms and ecosystems: `[a-z][a-z0-9-]*`, at most 32 characters, no
/// hyphen at its end.
pub(crate) const fn is_slug(text: &str) -> bool {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let is_edge = at == 0 || at + 1 == bytes.len();
        match bytes[at] {
            b'a'..=b'z' => {}
            b'0'..=b'9' if at > 0 => {}
            b'-' if !is_edge => {}
            _ => return false,
        }
        at += 1;
    }
    1 <= at && at <= 32
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn nothing_hidden_passes(text in ".*") {
            prop_assert!(!escape(&text).to_string().chars().any(is_hidden));
        }
    }

    #[test]
    fn bidi_and_escape_sequences_are_written_out() {
        for c in [
            '\u{202e}',
            '\u{2066}',
            '\u{200b}',
            '\x1b',
            '\u{9b}',
            '\u{feff}',
            '\u{e0041}',
            '\n',
        ] {
            assert!(
                escape(&c.to_string()).to_string().starts_with("\\u{"),
                "{c:?}"
            );
        }
        assert_eq!(escape("naïve – 日本").to_string(), "naïve – 日本");
    }
}
