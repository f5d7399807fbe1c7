//! The format of a record file, version 2.
//!
//! A file has four parts: a line `auths-record 2`, a line of JSON with the record's kind and full key, the value's bytes, and the
//! 32 bytes of the HMAC-SHA-256 (RFC 2104, FIPS 180-4) of everything before, under the store's own key. Without that key nobody
//! can change a byte of a record, or put a record in another's place.
//!
//! Version 1 had a digest without a key in place of the HMAC. It is not believed: anyone who can write the directory could write
//! it, and bring back any earlier record.

use auths_core::ports::{RecordKind, StoreKey};
use serde::{Deserialize, Serialize};

use crate::record_key::{MacTagger, TAG_LEN};

/// The largest file that is written or read.
pub(crate) const MAX_LEN: usize = 16 * 1024 * 1024;

const FIRST_LINE: &[u8] = b"auths-record 2\n";
const FIRST_LINE_BEFORE: &[u8] = b"auths-record 1\n";

/// A record as its file states it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct StoreRecord {
    pub(crate) key: KindAndKey,
    pub(crate) value: Vec<u8>,
}

/// The kind and the full key of a record.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct KindAndKey {
    kind: StoredKind,
    pub(crate) collection: String,
    pub(crate) name: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum StoredKind {
    #[serde(rename = "kept")]
    Kept,
    #[serde(rename = "cached")]
    Cached,
}

impl KindAndKey {
    pub(crate) fn of(key: &StoreKey) -> Self {
        Self {
            kind: match key.kind() {
                RecordKind::Kept => StoredKind::Kept,
                RecordKind::Cached => StoredKind::Cached,
            },
            collection: key.collection().to_owned(),
            name: key.name().to_owned(),
        }
    }
}

/// The reason why the file cannot be written or used.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct BadRecord(pub(crate) &'static str);

/// The error of a record that has no HMAC.
pub(crate) const EARLIER: BadRecord = BadRecord(
    "an earlier version kept it, and nothing shows that it was this home: move the store's directory away to begin anew",
);

/// Returns the bytes of the record's file.
pub(crate) fn encode(
    key: &StoreKey,
    value: &[u8],
    tagger: &MacTagger,
) -> Result<Vec<u8>, BadRecord> {
    let key =
        serde_json::to_vec(&KindAndKey::of(key)).map_err(|_| BadRecord("its key is not text"))?;
    let mut bytes = [FIRST_LINE, &key, b"\n", value].concat();
    let tag = tagger.tag(&bytes);
    bytes.extend_from_slice(&tag);
    if bytes.len() > MAX_LEN {
        return Err(BadRecord("it is larger than 16 MiB"));
    }
    Ok(bytes)
}

/// Reads the bytes of a record's file.
pub(crate) fn decode(bytes: &[u8], tagger: Option<&MacTagger>) -> Result<StoreRecord, BadRecord> {
    if bytes.len() > MAX_LEN {
        return Err(BadRecord("it is larger than 16 MiB"));
    }
    if bytes.is_empty() {
        let what = "it is empty, as a power failure may leave it: delete the file";
        return Err(BadRecord(what));
    }
    if bytes.starts_with(FIRST_LINE_BEFORE) {
        return Err(EARLIER);
    }
    let (body, tag) = bytes
        .split_last_chunk::<TAG_LEN>()
        .ok_or(BadRecord("it is cut short"))?;
    if !tagger.is_some_and(|tagger| tagger.fits(body, tag)) {
        let what = "it is damaged, or was not written by this home: delete the file, if it may be forgotten";
        return Err(BadRecord(what));
    }
    let rest = body
        .strip_prefix(FIRST_LINE)
        .ok_or(BadRecord("it is not a record of version 2"))?;
    let end = rest
        .iter()
        .position(|b| *b == b'\n')
        .ok_or(BadRecord("it has no key"))?;
    let (key, value) = rest.split_at(end);
    Ok(StoreRecord {
        key: serde_json::from_slice(key).map_err(|_| BadRecord("its key cannot be read"))?,
        value: value[1..].to_vec(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn tagger(n: u8) -> MacTagger {
        MacTagger::new(&[n; 32])
    }

    proptest! {
        #[test]
        fn what_was_written_is_read(name in "\\PC{0,40}|.{0,10}", value in any::<Vec<u8>>(), cached in any::<bool>()) {
            let key = StoreKey::new("things", name);
            let key = if cached { key.as_cached() } else { key };
            let bytes = encode(&key, &value, &tagger(1)).unwrap();
            let record = decode(&bytes, Some(&tagger(1))).unwrap();
            prop_assert_eq!(record, StoreRecord { key: KindAndKey::of(&key), value });
            prop_assert!(decode(&bytes, Some(&tagger(2))).is_err(), "under another key");
            prop_assert!(decode(&bytes, None).is_err(), "without a key");
        }

        #[test]
        fn junk_is_refused(bytes in any::<Vec<u8>>()) {
            prop_assert!(decode(&bytes, Some(&tagger(1))).is_err());
        }
    }

    #[test]
    fn every_flip_and_every_cut_is_refused() {
        let tagger = tagger(1);
        let bytes = encode(&StoreKey::new("things", "one"), b"value", &tagger).unwrap();
        for at in 0..bytes.len() {
            assert!(decode(&bytes[..at], Some(&tagger)).is_err(), "cut at {at}");
            for bit in 0..8 {
                let mut flipped = bytes.clone();
                flipped[at] ^= 1 << bit;
                let read = decode(&flipped, Some(&tagger));
                assert!(read.is_err(), "bit {bit} of byte {at}");
            }
        }
    }

    #[test]
    fn the_digest_without_a_key_of_version_1_shows_nothing() {
        use sha2::{Digest, Sha256};
        let key = br#"{"collection":"things","name":"one"}"#;
        let mut bytes = [FIRST_LINE_BEFORE, key, b"\nvalue"].concat();
        bytes.extend_from_slice(&Sha256::digest(&bytes));
        let why = decode(&bytes, Some(&tagger(1))).unwrap_err();
        assert!(why.to_string().contains("earlier version"), "{why}");
    }
}
