//! The packet format, version 1. It is read, and written only for tokens that were read in it. PyPI never issued it.

use zeroize::Zeroizing;

use super::caveat::Caveat;
use super::error::MAX_CAVEATS;
use super::error::ParseError::{self, Malformed};
use super::macaroon::{Macaroon, TokenFormat};

/// The longest packet that its four digits can state.
const MAX_PACKET: usize = 0xffff;

/// Reads a macaroon of packets.
pub(super) fn read(bytes: &[u8]) -> Result<Macaroon, ParseError> {
    let mut reader = PacketReader { rest: bytes };
    let location = text(reader.expect("location")?)?;
    let identifier = reader.expect("identifier")?.to_vec();
    let mut caveats = Vec::new();
    let mut next = reader.packet()?;
    while let ("cid", id) = next {
        if caveats.len() == MAX_CAVEATS {
            return Err(ParseError::TooLarge);
        }
        next = reader.packet()?;
        caveats.push(match next {
            ("vid", vid) => {
                let location = text(reader.expect("cl")?)?;
                next = reader.packet()?;
                Caveat::third_party(id.to_vec(), Some(location), vid.to_vec())
            }
            _ => Caveat::first_party(id.to_vec()),
        });
    }
    match next {
        ("signature", signature) if reader.rest.is_empty() => Ok(Macaroon {
            format: TokenFormat::V1,
            location,
            identifier,
            caveats,
            signature: Zeroizing::new(signature.to_vec()),
        }),
        _ => Err(Malformed("its packets do not end with the signature")),
    }
}

fn text(bytes: &[u8]) -> Result<String, ParseError> {
    let text = str::from_utf8(bytes).map_err(|_| Malformed("a location is not UTF-8"))?;
    Ok(text.to_owned())
}

fn is_lower_hex(byte: &u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'a'..=b'f')
}

struct PacketReader<'a> {
    rest: &'a [u8],
}

impl<'a> PacketReader<'a> {
    fn expect(&mut self, key: &str) -> Result<&'a [u8], ParseError> {
        match self.packet()? {
            (found, value) if found == key => Ok(value),
            _ => Err(Malformed("its packets are out of order")),
        }
    }

    /// Reads the key and the value. A last packet that was cut is read as the Python library does: it is as long as the rest, and
    /// its last byte counts as the line end. Its signature is then another one.
    fn packet(&mut self) -> Result<(&'a str, &'a [u8]), ParseError> {
        let bad = Malformed("a packet does not begin with its length and key");
        let digits = self.rest.get(..4).ok_or(bad)?;
        if !digits.iter().all(is_lower_hex) {
            return Err(bad);
        }
        let digits = str::from_utf8(digits).map_err(|_| bad)?;
        let length = usize::from_str_radix(digits, 16).map_err(|_| bad)?;
        let (packet, rest) = self.rest.split_at(length.min(self.rest.len()));
        self.rest = rest;
        let content = packet.get(4..packet.len().max(5) - 1).ok_or(bad)?;
        let space = content.iter().position(|b| *b == b' ').ok_or(bad)?;
        let key = str::from_utf8(&content[..space]).map_err(|_| bad)?;
        Ok((key, &content[space + 1..]))
    }
}

/// Writes a macaroon in the canonical form.
pub(super) fn write(macaroon: &Macaroon) -> Zeroizing<Vec<u8>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(macaroon.most_bytes()));
    packet(&mut bytes, "location", macaroon.location.as_bytes());
    packet(&mut bytes, "identifier", &macaroon.identifier);
    for caveat in &macaroon.caveats {
        packet(&mut bytes, "cid", caveat.id());
        if let Some(vid) = caveat.vid() {
            packet(&mut bytes, "vid", vid);
            let location = caveat.location().unwrap_or_default();
            packet(&mut bytes, "cl", location.as_bytes());
        }
    }
    packet(&mut bytes, "signature", &macaroon.signature);
    bytes
}

fn packet(bytes: &mut Vec<u8>, key: &str, value: &[u8]) {
    let length = 4 + key.len() + 1 + value.len() + 1;
    // The limit on the whole text is below it.
    debug_assert!(length <= MAX_PACKET);
    bytes.extend_from_slice(format!("{length:04x}{key} ").as_bytes());
    bytes.extend_from_slice(value);
    bytes.push(b'\n');
}
