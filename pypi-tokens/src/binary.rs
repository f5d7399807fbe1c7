//! The binary format, version 2, which PyPI issues: sections of fields (type, length, bytes), each section ended by a zero.

use zeroize::Zeroizing;

use super::caveat::Caveat;
use super::error::{MAX_CAVEATS, ParseError};
use super::macaroon::{Macaroon, TokenFormat};

/// The first byte of this format.
pub(super) const VERSION: u8 = 2;

const END: u64 = 0;
const LOCATION: u64 = 1;
const IDENTIFIER: u64 = 2;
const VID: u64 = 4;
const SIGNATURE: u64 = 6;

/// Reads a macaroon after its version byte. Bytes after the signature are dropped.
pub(super) fn read(bytes: &[u8]) -> Result<Macaroon, ParseError> {
    let mut reader = BinaryReader { rest: bytes };
    let header = reader.section()?;
    let identifier = header.identifier.ok_or(Malformed("it has no identifier"))?;
    if header.vid.is_some() {
        return Err(Malformed("its header has a field too many"));
    }
    let location = header.location.map(text).transpose()?;
    let mut caveats = Vec::new();
    loop {
        let section = reader.section()?;
        if section.is_empty() {
            break;
        }
        if caveats.len() == MAX_CAVEATS {
            return Err(ParseError::TooLarge);
        }
        caveats.push(caveat(&section)?);
    }
    match reader.field()? {
        (SIGNATURE, signature) => Ok(Macaroon {
            format: TokenFormat::V2,
            location: location.unwrap_or_default(),
            identifier: identifier.to_vec(),
            caveats,
            signature: Zeroizing::new(signature.to_vec()),
        }),
        _ => Err(Malformed("it has no signature where one belongs")),
    }
}

fn caveat(section: &BinarySection<'_>) -> Result<Caveat, ParseError> {
    let no_id = Malformed("a caveat has no identifier");
    let id = section.identifier.ok_or(no_id)?.to_vec();
    let location = section.location.map(text).transpose()?;
    match (section.vid, location) {
        (Some(vid), location) => Ok(Caveat::third_party(id, location, vid.to_vec())),
        (None, None) => Ok(Caveat::first_party(id)),
        (None, Some(_)) => Err(Malformed(
            "a caveat has a location and nothing to discharge",
        )),
    }
}

fn text(bytes: &[u8]) -> Result<String, ParseError> {
    let text = str::from_utf8(bytes).map_err(|_| Malformed("a location is not UTF-8"))?;
    Ok(text.to_owned())
}

use ParseError::Malformed;

/// The fields of one section.
#[derive(Default)]
struct BinarySection<'a> {
    location: Option<&'a [u8]>,
    identifier: Option<&'a [u8]>,
    vid: Option<&'a [u8]>,
}

impl BinarySection<'_> {
    fn is_empty(&self) -> bool {
        self.location.is_none() && self.identifier.is_none() && self.vid.is_none()
    }
}

struct BinaryReader<'a> {
    rest: &'a [u8],
}

impl<'a> BinaryReader<'a> {
    /// Reads a section to its end. The types of fields rise, so none occurs twice.
    fn section(&mut self) -> Result<BinarySection<'a>, ParseError> {
        let (mut section, mut last) = (BinarySection::default(), END);
        loop {
            let (kind, bytes) = self.field()?;
            if kind == END {
                return Ok(section);
            }
            if kind <= last {
                return Err(Malformed("its fields are out of order"));
            }
            last = kind;
            let place = match kind {
                LOCATION => &mut section.location,
                IDENTIFIER => &mut section.identifier,
                VID => &mut section.vid,
                _ => return Err(Malformed("it has a field of an unknown type")),
            };
            *place = Some(bytes);
        }
    }

    fn field(&mut self) -> Result<(u64, &'a [u8]), ParseError> {
        let kind = self.varint()?;
        if kind == END {
            return Ok((END, &[]));
        }
        let length = usize::try_from(self.varint()?).unwrap_or(usize::MAX);
        let cut = Malformed("a field is longer than what is left");
        let (bytes, rest) = self.rest.split_at_checked(length).ok_or(cut)?;
        self.rest = rest;
        Ok((kind, bytes))
    }

    /// Reads a number in groups of seven bits, the lowest first. Every group except the last has the high bit set.
    fn varint(&mut self) -> Result<u64, ParseError> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let (byte, rest) = self
                .rest
                .split_first()
                .ok_or(Malformed("it ends too early"))?;
            self.rest = rest;
            let bits = u64::from(byte & 0x7f);
            if bits.leading_zeros() < shift {
                break;
            }
            value |= bits << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(Malformed("a number in it is too large"))
    }
}

/// Writes a macaroon in the canonical form.
pub(super) fn write(macaroon: &Macaroon) -> Zeroizing<Vec<u8>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(macaroon.most_bytes()));
    bytes.push(VERSION);
    field(&mut bytes, LOCATION, macaroon.location.as_bytes());
    field(&mut bytes, IDENTIFIER, &macaroon.identifier);
    varint(&mut bytes, END);
    for caveat in &macaroon.caveats {
        if let Some(location) = caveat.location() {
            field(&mut bytes, LOCATION, location.as_bytes());
        }
        field(&mut bytes, IDENTIFIER, caveat.id());
        if let Some(vid) = caveat.vid() {
            field(&mut bytes, VID, vid);
        }
        varint(&mut bytes, END);
    }
    varint(&mut bytes, END);
    field(&mut bytes, SIGNATURE, &macaroon.signature);
    bytes
}

fn field(bytes: &mut Vec<u8>, kind: u64, value: &[u8]) {
    varint(bytes, kind);
    varint(bytes, value.len() as u64);
    bytes.extend_from_slice(value);
}

fn varint(bytes: &mut Vec<u8>, mut value: u64) {
    while value > 0x7f {
        bytes.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}
