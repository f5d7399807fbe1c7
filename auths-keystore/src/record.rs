//! The format of a record file, version 1.
//!
//! A line `auths-record 1`, a line of JSON with the record's full key, the value's bytes, and the 32 bytes of the SHA-256 of
//! all before them.

use auths_core::ports::StoreKey;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The largest file that is written or read.
pub(crate) const MAX_LEN: usize = 16 * 1024 * 1024;

const FIRST_LINE: &[u8] = b"auths-record 1\n";

/// A record as its file states it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) key: Key,
    pub(crate) value: Vec<u8>,
}

/// The full key of a record.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Key {
    pub(crate) collection: String,
    pub(crate) name: String,
}

impl Key {
    pub(crate) fn of(key: &StoreKey) -> Self {
        Self {
            collection: key.collection().to_owned(),
            name: key.name().to_owned(),
        }
    }
}

/// The file cannot be written or used, and why.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct BadRecord(pub(crate) &'static str);

/// The bytes of the record's file.
pub(crate) fn encode(key: &StoreKey, value: &[u8]) -> Result<Vec<u8>, BadRecord> {
    let key = serde_json::to_vec(&Key::of(key)).map_err(|_| BadRecord("its key is not text"))?;
    let mut bytes = [FIRST_LINE, &key, b"\n", value].concat();
    bytes.extend_from_slice(&Sha256::digest(&bytes));
    if bytes.len() > MAX_LEN {
        return Err(BadRecord("it is larger than 16 MiB"));
    }
    Ok(bytes)
}

/// Reads the bytes of a record's file.
pub(crate) fn decode(bytes: &[u8]) -> Result<Record, BadRecord> {
    if bytes.len() > MAX_LEN {
        return Err(BadRecord("it is larger than 16 MiB"));
    }
    if bytes.is_empty() {
        let what = "it is empty, as a power failure may leave it: delete the file";
        return Err(BadRecord(what));
    }
    let (body, digest) = bytes
        .split_last_chunk::<32>()
        .ok_or(BadRecord("it is cut short"))?;
    if *digest != <[u8; 32]>::from(Sha256::digest(body)) {
        return Err(BadRecord("it is damaged"));
    }
    let rest = body
        .strip_prefix(FIRST_LINE)
        .ok_or(BadRecord("it is not a record of version 1"))?;
    let end = rest
        .iter()
        .position(|b| *b == b'\n')
        .ok_or(BadRecord("it has no key"))?;
    let (key, value) = rest.split_at(end);
    Ok(Record {
        key: serde_json::from_slice(key).map_err(|_| BadRecord("its key cannot be read"))?,
        value: value[1..].to_vec(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_was_written_is_read(name in "\\PC{0,40}|.{0,10}", value in any::<Vec<u8>>()) {
            let key = StoreKey::new("things", name);
            let record = decode(&encode(&key, &value).unwrap()).unwrap();
            prop_assert_eq!(record, Record { key: Key::of(&key), value });
        }

        #[test]
        fn junk_is_refused(bytes in any::<Vec<u8>>()) {
            prop_assert!(decode(&bytes).is_err());
        }
    }

    #[test]
    fn every_flip_and_every_cut_is_refused() {
        let bytes = encode(&StoreKey::new("things", "one"), b"value").unwrap();
        for at in 0..bytes.len() {
            assert!(decode(&bytes[..at]).is_err(), "cut at {at}");
            for bit in 0..8 {
                let mut flipped = bytes.clone();
                flipped[at] ^= 1 << bit;
                assert!(decode(&flipped).is_err(), "bit {bit} of byte {at}");
            }
        }
    }
}
