//! A reader that limits the nesting and the length of single values, so that one value cannot break, or fill, the reading of an
//! answer.
//!
//! The parser skips unread values without recursion, and holds the text that it is reading as a whole. Both would take memory
//! without limit from a server that sends nothing but `[`, or one key of many megabytes. This reader therefore removes values
//! that are nested deeper than [`MAX_DEPTH`] and puts a `0` in their place, and it removes the part of a text beyond
//! [`MAX_TEXT`]. The parser can learn of both, and in which value they were: [`BodyPieces::take_cut`]. Nothing is held of a skipped
//! value, so its texts may have any length.
//!
//! The parser can also ask for the bytes of the value that it has just passed over: [`BodyPieces::begin`] and [`BodyPieces::end`].

use std::cell::{Cell, RefCell};
use std::io::{self, Read};
use std::rc::Rc;

/// The deepest nesting of lists and objects. Published values are seldom deeper than ten.
pub(crate) const MAX_DEPTH: u32 = 128;

/// The longest text, in bytes as it is written. npm keeps the first 64 KiB of a readme, which escapes may double.
pub(crate) const MAX_TEXT: u32 = 256 * 1024;

/// The number of bytes of the body that are requested at once.
pub(crate) const PIECE: usize = 64 * 1024;
const _: () = assert!(PIECE < MAX_TEXT as usize, "see Filter::text_is_long");

/// The longest value of a version whose bytes are kept, in bytes: 64 statements take half of it.
pub(crate) const MAX_VALUE: usize = 64 * 1024;

/// The kinds of things that were removed from an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RemovedPart {
    /// A value that was nested too deeply.
    Deep,
    /// The rest of a text that was too long.
    Long,
}

/// The piece of the body that is ready for the parser. Reader and parser share it.
#[derive(Debug)]
pub(crate) struct BodyPieces {
    piece: Box<[Cell<u8>]>,
    /// The position of the parser in the piece, and the length of the piece.
    at: Cell<usize>,
    end: Cell<usize>,
    skipping: Cell<bool>,
    /// The removed things, and their places in the piece.
    cuts: RefCell<Vec<(usize, RemovedPart)>>,
    /// The first removed thing that the parser has read past.
    passed: Cell<Option<RemovedPart>>,
    /// The place in the piece where the value begins whose bytes are kept.
    begun: Cell<Option<usize>>,
    /// The most bytes of that value that are kept.
    most: Cell<usize>,
    /// The part of that value that lies in earlier pieces.
    value: RefCell<Vec<u8>>,
}

impl BodyPieces {
    fn new() -> Self {
        Self {
            piece: vec![Cell::new(0); PIECE].into(),
            at: Cell::new(0),
            end: Cell::new(0),
            skipping: Cell::new(false),
            cuts: RefCell::default(),
            passed: Cell::new(None),
            begun: Cell::new(None),
            most: Cell::new(0),
            value: RefCell::default(),
        }
    }

    /// Sets whether the parser is passing over a value that is not read.
    pub(crate) fn skip(&self, skips: bool) {
        self.skipping.set(skips);
    }

    /// Returns the first thing that was removed from the part that the parser has read since the last call.
    pub(crate) fn take_cut(&self) -> Option<RemovedPart> {
        self.pass(self.at.get());
        self.passed.take()
    }

    /// Keeps the bytes that the parser reads from now on, up to `most`.
    pub(crate) fn begin(&self, most: usize) {
        self.value.borrow_mut().clear();
        self.most.set(most);
        self.begun.set(Some(self.at.get()));
    }

    /// Gives `read` the bytes that were kept; `None` where they are more than was allowed.
    ///
    /// The byte behind the value may be among them, because the parser looks at it to see where a number ends.
    pub(crate) fn end<T>(&self, read: impl FnOnce(&[u8]) -> T) -> Option<T> {
        self.keep(self.at.get());
        self.begun.set(None);
        let value = self.value.borrow();
        (value.len() <= self.most.get()).then(|| read(&value))
    }

    /// Keeps the part of the value that the parser has read, up to `end` in the piece.
    fn keep(&self, end: usize) {
        let mut value = self.value.borrow_mut();
        let begun = self.begun.get().unwrap_or(end);
        let bytes = self.piece.get(begun..end).unwrap_or_default();
        if value.len() <= self.most.get() {
            value.extend(bytes.iter().map(Cell::get));
        }
    }

    /// Marks the things removed before `end` in the piece as read past.
    fn pass(&self, end: usize) {
        let mut cuts = self.cuts.borrow_mut();
        let passed = cuts.iter().take_while(|(at, _)| *at < end).count();
        if let Some((_, first)) = cuts.drain(..passed).next()
            && self.passed.get().is_none()
        {
            self.passed.set(Some(first));
        }
    }

    /// Makes room for another piece. All of this one was read.
    fn clear(&self) {
        let end = self.end.get();
        self.pass(end);
        if self.begun.get().is_some() {
            self.keep(end);
            self.begun.set(Some(0));
        }
        self.at.set(0);
        self.end.set(0);
    }

    fn push(&self, bytes: &[u8]) {
        let end = self.end.get();
        let room = self.piece.get(end..).unwrap_or_default();
        for (cell, byte) in room.iter().zip(bytes) {
            cell.set(*byte);
        }
        self.end.set(end + bytes.len());
    }

    fn cut(&self, cut: RemovedPart) {
        self.cuts.borrow_mut().push((self.end.get(), cut));
    }
}

/// A reader that passes an answer on, without the parts beyond the limits. It checks nothing else of JSON.
#[derive(Debug)]
pub(crate) struct BoundedReader<R> {
    inner: R,
    raw: Vec<u8>,
    filter: ByteFilter,
    pieces: Rc<BodyPieces>,
}

impl<R: Read> BoundedReader<R> {
    pub(crate) fn new(inner: R) -> Self {
        Self {
            inner,
            raw: vec![0; PIECE],
            filter: ByteFilter::default(),
            pieces: Rc::new(BodyPieces::new()),
        }
    }

    /// Returns the state that the parser shares with this reader.
    pub(crate) fn pieces(&self) -> Rc<BodyPieces> {
        self.pieces.clone()
    }

    /// Reads until there is something for the parser, or the body ends.
    #[cold]
    fn fill_evidence(&mut self) -> io::Result<()> {
        self.pieces.clear();
        while self.pieces.end.get() == 0 {
            let read = self.inner.read(&mut self.raw)?;
            if read == 0 {
                return Ok(());
            }
            self.filter.pass_on(&self.raw[..read], &self.pieces);
        }
        Ok(())
    }
}

impl<R: Read> Read for BoundedReader<R> {
    #[inline]
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.pieces.at.get() == self.pieces.end.get() {
            self.fill_evidence()?;
        }
        let (at, end) = (self.pieces.at.get(), self.pieces.end.get());
        // The parser asks for one byte at a time.
        if let ([byte], Some(cell)) = (&mut *out, self.pieces.piece.get(at))
            && at < end
        {
            *byte = cell.get();
            self.pieces.at.set(at + 1);
            return Ok(1);
        }
        let ready = self.pieces.piece.get(at..end).unwrap_or_default();
        let mut read = 0;
        for (byte, cell) in out.iter_mut().zip(ready) {
            *byte = cell.get();
            read += 1;
        }
        self.pieces.at.set(at + read);
        Ok(read)
    }
}

/// The number of bytes of an escape that are still to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum EscapeState {
    #[default]
    None,
    /// The character after the backslash.
    Kind,
    /// The digits of a `\u` escape.
    Digits(u8),
}

/// The thing that is being removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum TakenPart {
    /// A value that is nested too deeply, up to its end: the depth in it, and whether the reader is in a text there, and behind a
    /// backslash.
    Deep(u64, Option<bool>),
    /// The rest of a text, up to its end: true behind a backslash.
    Text(bool),
}

/// The place in the answer of the last byte.
#[derive(Debug, Default)]
struct ByteFilter {
    depth: u32,
    /// The length so far of the text that holds the last byte; `None` outside of a text.
    text: Option<u64>,
    escape: EscapeState,
    taking: Option<TakenPart>,
}

impl ByteFilter {
    /// Passes `bytes` on, which follow the piece that the parser has read.
    fn pass_on(&mut self, bytes: &[u8], to: &BodyPieces) {
        let mut rest = bytes;
        while !rest.is_empty() {
            rest = match (self.taking, self.text) {
                (Some(TakenPart::Deep(depth, text)), _) => self.take_deep(rest, depth, text),
                (Some(TakenPart::Text(escaped)), _) => self.take_text(rest, escaped, to),
                (None, Some(length)) => self.within_text(rest, length, to),
                (None, None) => self.between_texts(rest, to),
            };
        }
    }

    /// Goes on to the end of the text, and returns the bytes behind it.
    fn within_text<'a>(&mut self, bytes: &'a [u8], length: u64, to: &BodyPieces) -> &'a [u8] {
        let mut from = 0;
        while self.escape != EscapeState::None {
            let Some(byte) = bytes.get(from) else {
                to.push(bytes);
                self.text = Some(length + from as u64);
                return &[];
            };
            self.escape = match self.escape {
                EscapeState::Kind if *byte == b'u' => EscapeState::Digits(4),
                EscapeState::Digits(left) if left > 1 => EscapeState::Digits(left - 1),
                _ => EscapeState::None,
            };
            from += 1;
        }
        if Self::text_is_long(length, to) {
            to.push(&bytes[..from]);
            self.taking = Some(TakenPart::Text(false));
            return &bytes[from..];
        }
        let mut at = from;
        loop {
            let left = &bytes[at..];
            match left.iter().position(|b| matches!(b, b'"' | b'\\')) {
                None => {
                    at = bytes.len();
                    break;
                }
                Some(next) if left[next] == b'"' => {
                    let end = at + next;
                    let length = length + end as u64;
                    self.text = None;
                    to.push(&bytes[..end]);
                    if Self::text_is_long(length, to) {
                        to.cut(RemovedPart::Long);
                    }
                    to.push(b"\"");
                    return &bytes[end + 1..];
                }
                Some(next) => {
                    let escape = at + next;
                    let is_long = bytes.get(escape + 1) == Some(&b'u');
                    let end = escape + if is_long { 6 } else { 2 };
                    if end > bytes.len() {
                        let missing = u8::try_from(end - bytes.len()).unwrap_or(1);
                        self.escape = match is_long {
                            true => EscapeState::Digits(missing),
                            false => EscapeState::Kind,
                        };
                        at = bytes.len();
                        break;
                    }
                    // The parser reads the bytes after a backslash, digits too. A quote among them ends the text there.
                    at = escape + 2;
                }
            }
        }
        to.push(bytes);
        self.text = Some(length + at as u64);
        &[]
    }

    /// Returns whether a text of this length is too long. Called only for a text that began in an earlier piece, all of which the
    /// parser has read. The parser is then within this very text, and has said whether it skips it.
    fn text_is_long(length: u64, to: &BodyPieces) -> bool {
        length > u64::from(MAX_TEXT) && !to.skipping.get()
    }

    /// Removes the rest of a text, and returns the bytes from its closing quote on.
    fn take_text<'a>(&mut self, bytes: &'a [u8], escaped: bool, to: &BodyPieces) -> &'a [u8] {
        let mut escaped = escaped;
        for (at, byte) in bytes.iter().enumerate() {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => {
                    (self.taking, self.text) = (None, None);
                    to.cut(RemovedPart::Long);
                    to.push(b"\"");
                    return &bytes[at + 1..];
                }
                _ => {}
            }
        }
        self.taking = Some(TakenPart::Text(escaped));
        &[]
    }

    /// Goes on to the beginning of the next text, and returns the bytes behind it.
    fn between_texts<'a>(&mut self, bytes: &'a [u8], to: &BodyPieces) -> &'a [u8] {
        for (at, byte) in bytes.iter().enumerate() {
            match byte {
                b'"' => {
                    self.text = Some(0);
                    to.push(&bytes[..=at]);
                    return &bytes[at + 1..];
                }
                b'[' | b'{' if self.depth == MAX_DEPTH => {
                    self.taking = Some(TakenPart::Deep(1, None));
                    to.push(&bytes[..at]);
                    to.cut(RemovedPart::Deep);
                    to.push(b"0");
                    return &bytes[at + 1..];
                }
                b'[' | b'{' => self.depth += 1,
                b']' | b'}' => self.depth = self.depth.saturating_sub(1),
                _ => {}
            }
        }
        to.push(bytes);
        &[]
    }

    /// Removes a value that is nested too deeply, and returns the bytes behind it.
    fn take_deep<'a>(&mut self, bytes: &'a [u8], depth: u64, text: Option<bool>) -> &'a [u8] {
        let (mut depth, mut text) = (depth, text);
        for (at, byte) in bytes.iter().enumerate() {
            text = match (text, byte) {
                (Some(true), _) => Some(false),
                (Some(false), b'\\') => Some(true),
                (Some(false), b'"') => None,
                (None, b'"') => Some(false),
                (None, b'[' | b'{') => {
                    depth += 1;
                    None
                }
                (None, b']' | b'}') if depth == 1 => {
                    self.taking = None;
                    return &bytes[at + 1..];
                }
                (None, b']' | b'}') => {
                    depth -= 1;
                    None
                }
                (as_it_is, _) => as_it_is,
            };
        }
        self.taking = Some(TakenPart::Deep(depth, text));
        &[]
    }
}

#[cfg(test)]
mod tests;
