//! A reader that lets no JSON through which is nested deeply, or has a text that nobody would keep.
//!
//! The parser skips what nobody reads without recursion, and holds the text that it is reading as a whole. Both would take
//! memory without end from a server that sends nothing but `[`, or one key of many megabytes. Of a value that is skipped it
//! holds nothing: the texts in there may be as long as they like.

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

/// The deepest nesting of lists and objects. What is published is seldom deeper than ten.
pub(crate) const MAX_DEPTH: u32 = 128;

/// The longest text, in bytes as it is written. npm keeps the first 64 KiB of a readme, which escapes may double.
pub(crate) const MAX_TEXT: u32 = 256 * 1024;

/// The error for text that is too long. Nesting that is too deep is [`io::ErrorKind::InvalidData`].
pub(crate) const TOO_LONG: io::ErrorKind = io::ErrorKind::FileTooLarge;

/// Passes bytes on as long as they stay within the limits. It checks nothing else of JSON.
#[derive(Debug)]
pub(crate) struct Bounded<R> {
    inner: R,
    depth: u32,
    /// How long the text is that the last byte lies in, if it lies in one.
    text: Option<u32>,
    /// Whether the last byte was a backslash in a text.
    escaped: bool,
    skipping: Skipping,
}

/// Whether the parser is passing over a value that nobody reads. It says so itself.
///
/// It may be behind by what was read ahead, and by no more. That is less than the longest text, so that when a text turns out
/// too long the parser is within this very text.
#[derive(Debug, Clone, Default)]
pub(crate) struct Skipping(Rc<Cell<bool>>);

impl Skipping {
    pub(crate) fn set(&self, skips: bool) {
        self.0.set(skips);
    }
}

impl<R> Bounded<R> {
    /// Nothing is skipped unless `skipping` says so. What is read ahead must be less than [`MAX_TEXT`].
    pub(crate) fn new(inner: R, skipping: Skipping) -> Self {
        Self {
            skipping,
            inner,
            depth: 0,
            text: None,
            escaped: false,
        }
    }

    fn check(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            bytes = match self.text {
                Some(length) => self.within_text(bytes, length)?,
                None => self.between_texts(bytes)?,
            };
        }
        Ok(())
    }

    /// Goes on to the end of the text, and returns what is behind it.
    fn within_text<'a>(&mut self, bytes: &'a [u8], length: u32) -> io::Result<&'a [u8]> {
        let from = usize::from(std::mem::take(&mut self.escaped));
        let mut rest = bytes.get(from..).unwrap_or_default();
        let mut is_open = true;
        while let Some(at) = rest.iter().position(|b| matches!(b, b'"' | b'\\')) {
            let is_end = rest[at] == b'"';
            rest = &rest[at + 1..];
            if is_end {
                is_open = false;
                break;
            }
            self.escaped = rest.is_empty();
            rest = rest.get(1..).unwrap_or_default();
        }
        let rest = if is_open { &[][..] } else { rest };
        let read = u32::try_from(bytes.len() - rest.len()).unwrap_or(u32::MAX);
        let length = length.saturating_add(read);
        if length > MAX_TEXT && !self.skipping.0.get() {
            let what = format!("a text of the answer is longer than {MAX_TEXT} bytes");
            return Err(io::Error::new(TOO_LONG, what));
        }
        self.text = is_open.then_some(length);
        Ok(rest)
    }

    /// Goes on to the beginning of the next text, and returns what is behind it.
    fn between_texts<'a>(&mut self, bytes: &'a [u8]) -> io::Result<&'a [u8]> {
        for (at, byte) in bytes.iter().enumerate() {
            match byte {
                b'"' => {
                    self.text = Some(0);
                    return Ok(&bytes[at + 1..]);
                }
                b'[' | b'{' => {
                    self.depth += 1;
                    if self.depth > MAX_DEPTH {
                        let what = format!("the answer is nested deeper than {MAX_DEPTH}");
                        return Err(io::Error::new(io::ErrorKind::InvalidData, what));
                    }
                }
                b']' | b'}' => self.depth = self.depth.saturating_sub(1),
                _ => {}
            }
        }
        Ok(&[])
    }
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(out)?;
        self.check(&out[..read])?;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Reads `text` in pieces of that many bytes.
    fn outcome(text: &str, piece: usize) -> Result<usize, io::ErrorKind> {
        let mut bounded = Bounded::new(text.as_bytes(), Skipping::default());
        let (mut buffer, mut all) = (vec![0; piece], 0);
        loop {
            match bounded.read(&mut buffer) {
                Ok(0) => return Ok(all),
                Ok(n) => all += n,
                Err(error) => return Err(error.kind()),
            }
        }
    }

    #[test]
    fn nesting_counts_where_it_is_nesting() {
        let deep = |n: usize| "[".repeat(n);
        let quoted = format!("\"{}\\\"{0}\\\\\"", deep(500));
        let closed = "[{}]".repeat(1_000);
        for piece in [1, 2, 3, 7, 4096] {
            assert!(outcome(&deep(128), piece).is_ok());
            assert!(outcome(&quoted, piece).is_ok());
            assert!(outcome(&closed, piece).is_ok());
            for bad in [
                deep(129),
                format!("{quoted}{}", deep(129)),
                "{\"a\":".repeat(129),
            ] {
                assert_eq!(outcome(&bad, piece), Err(io::ErrorKind::InvalidData));
            }
        }
    }

    #[test]
    fn a_text_ends_where_the_parser_says_and_not_before() {
        let long = |n: usize| format!("\"{}\"", "x".repeat(n));
        let most = MAX_TEXT as usize - 1;
        for piece in [1, 1000, 65_536] {
            assert!(outcome(&long(most), piece).is_ok());
            assert_eq!(outcome(&long(most + 1), piece), Err(TOO_LONG));
        }
        let many = long(1000).repeat(1000);
        assert!(outcome(&many, 777).is_ok(), "each ends");
        let escapes = format!("\"{}\"", "\\\"".repeat(MAX_TEXT as usize / 2));
        assert_eq!(outcome(&escapes, 3), Err(TOO_LONG));
    }

    proptest! {
        /// However the bytes come, the same is refused.
        #[test]
        fn pieces_do_not_matter(text in "[\\[\\]{}\"\\\\a,]{0,400}", piece in 1usize..20) {
            prop_assert_eq!(outcome(&text, piece), outcome(&text, 4096));
        }
    }
}
