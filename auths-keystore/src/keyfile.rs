//! The format of a key file, version 1: four lines of ASCII.
//!
//! ```text
//! auths-key 1
//! {"kind":"ed25519-seed","name":"main","did":"did:key:z6Mk...",...,"nonce":"<48 hex digits>"}
//! <96 hex digits: the seed, encrypted, and the tag>
//! sha256 <64 hex digits: the digest of all bytes before this line>
//! ```
//!
//! Every version begins with `auths-key <version>` and ends with the digest, so that damage and an unknown version can be told
//! apart. The digest finds damage, not attacks, because it has no key. The first two lines are the seal's associated data, so a
//! file whose header was changed on purpose opens with no passphrase.

use auths_core::crypto::KeyPair;
use auths_core::ports::{Entropy, KeyInfo, KeyName, NewKey};
use auths_core::{Did, Timestamp};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::hex::Hex;
use crate::seal::{PassphraseLock, SealError, Sealed};
use crate::{Argon2Cost, OsEntropy};

/// The largest file that is read. A key file of version 1 has at most about 1 KiB.
pub(crate) const MAX_LEN: usize = 64 * 1024;

const MAGIC: &str = "auths-key";
const VERSION: u32 = 1;
const DIGEST: &str = "sha256 ";
/// The length of the last line: the word, 64 digits, the line end.
const DIGEST_LINE: usize = DIGEST.len() + 64 + 1;

/// A key file that was read and is whole. Its header is proven only once [`open`](KeyFile::open) succeeds.
#[derive(Debug)]
pub(crate) struct KeyFile {
    header: KeyFileHeader,
    /// The bytes that the seal is bound to: the first two lines.
    bound: Vec<u8>,
    sealed: Sealed,
}

/// The reasons why a file is not a whole key file of this version.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum UnreadableKeyFile {
    Damaged(String),
    Version(u32),
}

/// The header. Its names and spellings are the format: change them only together with the version.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyFileHeader {
    kind: KeyFileKind,
    name: KeyName,
    did: Did,
    created: Timestamp,
    recovery: Option<Did>,
    kdf: KeyFileKdf,
    cost: Argon2Cost,
    salt: Hex<16>,
    cipher: KeyFileCipher,
    nonce: Hex<24>,
}

#[derive(Debug, Serialize, Deserialize)]
enum KeyFileKind {
    #[serde(rename = "ed25519-seed")]
    Ed25519Seed,
}

#[derive(Debug, Serialize, Deserialize)]
enum KeyFileKdf {
    /// Argon2id, version 0x13.
    #[serde(rename = "argon2id-v19")]
    Argon2id,
}

#[derive(Debug, Serialize, Deserialize)]
enum KeyFileCipher {
    #[serde(rename = "xchacha20-poly1305")]
    XChaCha20Poly1305,
}

/// Seals a key. Returns the bytes of its file, and what a store shows of it.
pub(crate) fn seal(
    key: &NewKey,
    passphrase: &SecretString,
    cost: Argon2Cost,
) -> Result<(Vec<u8>, KeyInfo), Box<dyn std::error::Error + Send + Sync>> {
    let (mut salt, mut nonce) = ([0; 16], [0; 24]);
    OsEntropy.fill(&mut salt)?;
    OsEntropy.fill(&mut nonce)?;
    let header = KeyFileHeader {
        kind: KeyFileKind::Ed25519Seed,
        name: key.name.clone(),
        did: Did::from_key(&KeyPair::from_seed(&key.seed).public()),
        created: key.created,
        recovery: key.recovery.clone(),
        kdf: KeyFileKdf::Argon2id,
        cost,
        salt: Hex(salt),
        cipher: KeyFileCipher::XChaCha20Poly1305,
        nonce: Hex(nonce),
    };
    let bound = format!("{MAGIC} {VERSION}\n{}\n", serde_json::to_string(&header)?);
    let sealed = header.lock(passphrase).seal(bound.as_bytes(), &key.seed)?;
    let bytes = with_digest(format!("{bound}{}\n", Hex(sealed)).into_bytes());
    Ok((bytes, header.info()))
}

impl KeyFile {
    /// Reads a key file. Needs no passphrase.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, UnreadableKeyFile> {
        let body = check_digest(bytes)?;
        let mut lines = body.split_inclusive(|b| *b == b'\n');
        let first = lines.next().unwrap_or_default();
        match version(first) {
            Some(VERSION) => {}
            Some(other) => return Err(UnreadableKeyFile::Version(other)),
            None => return Err(damaged_file("it does not begin like a key file")),
        }
        let (Some(second), Some(third), None) = (lines.next(), lines.next(), lines.next()) else {
            return Err(damaged_file("it does not have four lines"));
        };
        let header: KeyFileHeader = serde_json::from_slice(second).map_err(|e| {
            damaged_file(&format!("its header cannot be used: {}", plain_message(&e)))
        })?;
        let sealed = third
            .strip_suffix(b"\n")
            .and_then(Hex::parse)
            .ok_or_else(|| damaged_file("its third line is not a sealed seed"))?
            .0;
        let bound = [first, second].concat();
        Ok(Self {
            header,
            bound,
            sealed,
        })
    }

    /// Returns what a store shows of the key, as the header says.
    pub(crate) fn info(&self) -> KeyInfo {
        self.header.info()
    }

    /// Opens the seal. Returns the key pair, which may be another one than the header says.
    pub(crate) fn open(&self, passphrase: &SecretString) -> Result<KeyPair, SealError> {
        let seed = self
            .header
            .lock(passphrase)
            .open(&self.bound, &self.sealed)?;
        Ok(KeyPair::from_seed(&seed))
    }
}

impl KeyFileHeader {
    fn info(&self) -> KeyInfo {
        KeyInfo::new(
            self.name.clone(),
            self.did.clone(),
            self.created,
            self.recovery.clone(),
        )
    }

    fn lock<'a>(&'a self, passphrase: &'a SecretString) -> PassphraseLock<'a> {
        PassphraseLock {
            passphrase,
            cost: self.cost,
            salt: &self.salt.0,
            nonce: &self.nonce.0,
        }
    }
}

/// Returns the error as plain text. The error may quote the file, and the message may be shown on a terminal.
fn plain_message(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let start = text.chars().take(200);
    start
        .map(|c| if matches!(c, ' '..='~') { c } else { '?' })
        .collect()
}

fn damaged_file(what: &str) -> UnreadableKeyFile {
    UnreadableKeyFile::Damaged(what.to_owned())
}

pub(crate) fn with_digest(mut bytes: Vec<u8>) -> Vec<u8> {
    let digest = Hex::<32>(Sha256::digest(&bytes).into());
    bytes.extend_from_slice(format!("{DIGEST}{digest}\n").as_bytes());
    bytes
}

/// Returns the bytes before the last line, when that line is their digest.
fn check_digest(bytes: &[u8]) -> Result<&[u8], UnreadableKeyFile> {
    if bytes.len() > MAX_LEN {
        return Err(damaged_file("it is larger than 64 KiB"));
    }
    let Some(at) = bytes.len().checked_sub(DIGEST_LINE) else {
        return Err(damaged_file("it is cut short"));
    };
    let (body, last) = bytes.split_at(at);
    let digest: Option<Hex<32>> = last
        .strip_prefix(DIGEST.as_bytes())
        .and_then(|rest| rest.strip_suffix(b"\n"))
        .and_then(Hex::parse);
    match digest {
        Some(digest) if digest.0 == <[u8; 32]>::from(Sha256::digest(body)) => Ok(body),
        Some(_) => Err(damaged_file(
            "its bytes do not have the digest that it states",
        )),
        None => Err(damaged_file("it does not end with its digest")),
    }
}

/// Reads the version in the first line. Each version has one spelling.
fn version(line: &[u8]) -> Option<u32> {
    let line = std::str::from_utf8(line).ok()?;
    let text = line
        .strip_prefix(MAGIC)?
        .strip_prefix(' ')?
        .strip_suffix('\n')?;
    let version: u32 = text.parse().ok()?;
    (version.to_string() == text).then_some(version)
}

#[cfg(test)]
mod tests {
    use super::*;
    use auths_core::crypto::Seed;
    use proptest::prelude::*;
    use zeroize::Zeroizing;

    fn sealed() -> Vec<u8> {
        let seed = Seed::new(Zeroizing::new([7; 32]));
        let (name, created) = ("main".parse().unwrap(), Timestamp::from_unix(0).unwrap());
        let key = NewKey::new(name, seed, created, None);
        seal(&key, &"passphrase".into(), Argon2Cost::MINIMUM)
            .unwrap()
            .0
    }

    proptest! {
        #[test]
        fn junk_with_a_fitting_digest_is_refused(junk in any::<Vec<u8>>(), line in "\\PC{0,80}\n") {
            prop_assert!(KeyFile::parse(&junk).is_err());
            prop_assert!(KeyFile::parse(&with_digest(junk)).is_err());
            for body in [format!("auths-key 1\n{line}"), format!("auths-key 1\n{line}{line}")] {
                let read = KeyFile::parse(&with_digest(body.into_bytes()));
                prop_assert!(matches!(read, Err(UnreadableKeyFile::Damaged(_))));
            }
        }
    }

    #[test]
    fn changed_bytes_with_a_fitting_digest_never_open() {
        let file = sealed();
        let body = check_digest(&file).unwrap();
        let digits: Vec<_> = (body.len() - 98..body.len()).collect();
        // Each try costs a derivation: a sample of the bytes.
        for at in (0..body.len())
            .step_by(41)
            .chain(digits.into_iter().step_by(16))
        {
            for bit in [0, 1] {
                let mut changed = body.to_vec();
                changed[at] ^= 1 << bit;
                if let Ok(read) = KeyFile::parse(&with_digest(changed)) {
                    let opened = read.open(&"passphrase".into());
                    assert!(matches!(opened, Err(SealError::Refused)), "byte {at}");
                }
            }
        }
    }

    #[test]
    fn messages_quote_no_control_characters() {
        let file = String::from_utf8(check_digest(&sealed()).unwrap().to_vec()).unwrap();
        let hostile = file.replacen("{\"kind\"", "{\"\\u001b[2J\\u202e\":1,\"kind\"", 1);
        match KeyFile::parse(&with_digest(hostile.into_bytes())) {
            Err(UnreadableKeyFile::Damaged(what)) => {
                assert!(
                    what.contains("?[2J?") && !what.chars().any(char::is_control),
                    "{what}"
                );
            }
            other => panic!("{other:?}"),
        }
    }
}
