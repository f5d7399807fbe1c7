//! The content that both formats share.

use std::fmt;

use zeroize::Zeroizing;

use super::caveat::Caveat;
use super::error::ParseError;
use super::{binary, packet};

/// The byte format of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenFormat {
    /// Packets of text, version 1. PyPI never issued it, and its server fails on it.
    V1,
    /// Binary, version 2: the format that PyPI issues.
    V2,
}

impl fmt::Display for TokenFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::V1 => "v1",
            Self::V2 => "v2",
        })
    }
}

/// A macaroon. Its signature may have any length, but keys only ever make signatures of 32 bytes.
#[derive(Clone)]
pub(super) struct Macaroon {
    pub(super) format: TokenFormat,
    pub(super) location: String,
    pub(super) identifier: Vec<u8>,
    pub(super) caveats: Vec<Caveat>,
    pub(super) signature: Zeroizing<Vec<u8>>,
}

impl Macaroon {
    /// Reads a macaroon in the format that its first byte names.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, ParseError> {
        match bytes.split_first() {
            None => Err(ParseError::Empty),
            Some((&binary::VERSION, rest)) => binary::read(rest),
            Some((b'0'..=b'9' | b'a'..=b'f', _)) => packet::read(bytes),
            Some(_) => Err(ParseError::UnknownFormat),
        }
    }

    /// Writes the macaroon in its format, in the canonical form.
    pub(super) fn write(&self) -> Zeroizing<Vec<u8>> {
        match self.format {
            TokenFormat::V1 => packet::write(self),
            TokenFormat::V2 => binary::write(self),
        }
    }

    /// Returns the most bytes that it can take in either format, so that a buffer with the signature in it never grows and leaves
    /// a copy.
    pub(super) fn most_bytes(&self) -> usize {
        let caveats: usize = self.caveats.iter().map(most_bytes_of_caveat).sum();
        64 + self.location.len() + self.identifier.len() + caveats + self.signature.len()
    }
}

fn most_bytes_of_caveat(caveat: &Caveat) -> usize {
    let vid = caveat.vid().map_or(0, <[u8]>::len);
    let location = caveat.location().map_or(0, str::len);
    caveat.id().len() + vid + location + 32
}
