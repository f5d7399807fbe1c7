//! The key by which a store tells its own records from those that others wrote.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use auths_core::ports::Entropy;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::OsEntropy;
use crate::disk::{self, ReadEffect};
use crate::hex::Hex;

/// The name of the file, in the directory of the keys.
const FILE: &str = "records.mackey";
const FIRST_LINE: &str = "auths-record-key 1\n";
/// The length of the file: the first line, 64 digits, a line end.
const LEN: usize = FIRST_LINE.len() + 64 + 1;

pub(crate) const TAG_LEN: usize = 32;

/// The key under which a [`FileStore`](crate::FileStore) authenticates its records: 32 random bytes in a file of their own,
/// `records.mackey`, beside the device keys and with their rights (0600, in a directory that only its owner can write).
///
/// The first write of a record makes the key. It is not sealed with a passphrase, because records are read and written when
/// nobody is there to type one.
///
/// # Security
/// Anyone who can read the key can forge every record. Anyone who can write its directory can replace it, and every kept record
/// is then an error. Keep the key where only the verifier reads and writes, and never beside a copy of the cache: a cache that is
/// carried from machine to machine must not carry the key. Without the key the records are worth nothing: cached records are read
/// again from the servers, and kept records are an error until they are moved away.
#[derive(Clone)]
pub struct RecordKey {
    dir: PathBuf,
    entropy: Arc<dyn Entropy>,
    tagger: Arc<OnceLock<MacTagger>>,
}

impl RecordKey {
    /// Creates the handle of the key in `dir`. The first write of a record makes the key. Touches no file yet.
    #[must_use]
    pub fn in_dir(dir: impl Into<PathBuf>) -> Self {
        Self::made_from(dir, Arc::new(OsEntropy))
    }

    /// Creates the handle of a key that is made from another source of randomness than the system's.
    #[must_use]
    pub fn made_from(dir: impl Into<PathBuf>, entropy: Arc<dyn Entropy>) -> Self {
        Self {
            dir: dir.into(),
            entropy,
            tagger: Arc::default(),
        }
    }

    /// Returns the directory.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Returns the existing key; `None` when there is none.
    pub(crate) fn find(&self) -> io::Result<Option<&MacTagger>> {
        if let Some(tagger) = self.tagger.get() {
            return Ok(Some(tagger));
        }
        if !disk::check_dir(&self.dir).map_err(|e| self.unusable_key(&e))? {
            return Ok(None);
        }
        let path = self.dir.join(FILE);
        let bytes = disk::read(&path, LEN, ReadEffect::Only).map_err(|e| self.unusable_key(&e))?;
        let Some(bytes) = bytes.map(Zeroizing::new) else {
            return Ok(None);
        };
        let digits = bytes
            .strip_prefix(FIRST_LINE.as_bytes())
            .and_then(|rest| rest.strip_suffix(b"\n"));
        let key = digits
            .and_then(Hex::<32>::parse)
            .map(|hex| Zeroizing::new(hex.0));
        let Some(key) = key else {
            let what = "it is damaged: move it away, and what was kept under it";
            return Err(self.unusable_key(&io::Error::new(io::ErrorKind::InvalidData, what)));
        };
        Ok(Some(self.tagger.get_or_init(|| MacTagger::new(&key))))
    }

    /// Returns the existing key, or else makes a new one.
    pub(crate) fn find_or_make(&self) -> io::Result<&MacTagger> {
        if let Some(tagger) = self.find()? {
            return Ok(tagger);
        }
        disk::make_dir(&self.dir).map_err(|e| self.unusable_key(&e))?;
        let mut key = Zeroizing::new([0; 32]);
        self.entropy.fill(key.as_mut()).map_err(io::Error::other)?;
        let mut text = Zeroizing::new(String::with_capacity(LEN));
        text.push_str(FIRST_LINE);
        text.push_str(&Zeroizing::new(Hex::<32>(*key).to_string()));
        text.push('\n');
        // If two processes make the key at once, one succeeds, and both use that one.
        disk::write_new(&self.dir, FILE, text.as_bytes()).map_err(|e| self.unusable_key(&e))?;
        self.find()?.ok_or_else(|| {
            let gone = io::Error::new(io::ErrorKind::NotFound, "it was just made, and is gone");
            self.unusable_key(&gone)
        })
    }

    fn unusable_key(&self, error: &io::Error) -> io::Error {
        let path = self.dir.join(FILE);
        let what = format!("the key of the records, {}: {error}", path.display());
        io::Error::new(error.kind(), what)
    }
}

impl fmt::Debug for RecordKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecordKey")
            .field("dir", &self.dir)
            .finish_non_exhaustive()
    }
}

/// A maker and checker of the message authentication codes.
pub(crate) struct MacTagger(Hmac<Sha256>);

impl MacTagger {
    pub(crate) fn new(key: &[u8; 32]) -> Self {
        // HMAC's own block: the key, filled up with zeros (RFC 2104, section 2).
        let mut block = Zeroizing::new([0; 64]);
        block[..32].copy_from_slice(key);
        Self(Hmac::new((&*block).into()))
    }

    pub(crate) fn tag(&self, bytes: &[u8]) -> [u8; TAG_LEN] {
        let mut mac = self.0.clone();
        mac.update(bytes);
        mac.finalize().into_bytes().into()
    }

    /// Returns whether the code is that of these bytes. Takes the same time wherever it differs.
    pub(crate) fn fits(&self, bytes: &[u8], tag: &[u8; TAG_LEN]) -> bool {
        let mut mac = self.0.clone();
        mac.update(bytes);
        mac.verify(tag.into()).is_ok()
    }
}

impl fmt::Debug for MacTagger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tagger(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use auths_core::ports::EntropyError;

    #[test]
    fn the_code_is_hmac_sha256() {
        // RFC 4231, test case 1, whose key of 20 bytes is one of 32 with zeros after it.
        let mut key = [0; 32];
        key[..20].fill(0x0b);
        let tag = Hex::<32>(MacTagger::new(&key).tag(b"Hi There"));
        let expected = "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7";
        assert_eq!(tag.to_string(), expected);
    }

    #[derive(Debug)]
    struct Fixed(Option<u8>);

    impl Entropy for Fixed {
        fn fill(&self, buffer: &mut [u8]) -> Result<(), EntropyError> {
            let byte = self.0.ok_or_else(|| EntropyError("no randomness".into()))?;
            buffer.fill(byte);
            Ok(())
        }
    }

    fn key(dir: &Path, byte: Option<u8>) -> RecordKey {
        RecordKey::made_from(dir, Arc::new(Fixed(byte)))
    }

    #[test]
    fn it_is_made_once_from_the_entropy_and_stays() {
        let dir = tempfile::tempdir().unwrap();
        let dir = dir.path().join("keys");
        assert!(key(&dir, Some(7)).find().unwrap().is_none());
        assert!(!dir.exists(), "looking makes nothing");
        let tag = key(&dir, Some(7)).find_or_make().unwrap().tag(b"x");
        assert_eq!(tag, MacTagger::new(&[7; 32]).tag(b"x"));
        let again = key(&dir, Some(8));
        assert_eq!(again.find_or_make().unwrap().tag(b"x"), tag);
        assert!(!format!("{again:?}").contains("0707"));
        let text = std::fs::read_to_string(dir.join(FILE)).unwrap();
        assert_eq!(text.len(), LEN);
    }

    #[test]
    fn without_randomness_or_with_a_damaged_file_there_is_none() {
        let dir = tempfile::tempdir().unwrap();
        let dir = dir.path();
        assert!(key(dir, None).find_or_make().is_err());
        assert_eq!(std::fs::read_dir(dir).unwrap().count(), 0);
        key(dir, Some(7)).find_or_make().unwrap();
        let path = dir.join(FILE);
        let whole = std::fs::read(&path).unwrap();
        let upper = whole.to_ascii_uppercase();
        for bytes in [
            &whole[1..],
            &whole[..LEN - 1],
            &[],
            &upper,
            &[&whole[..], b"\n"].concat(),
        ] {
            std::fs::write(&path, bytes).unwrap();
            let key = key(dir, Some(8));
            let why = key
                .find_or_make()
                .err()
                .map(|e| e.to_string())
                .unwrap_or_default();
            assert!(why.contains(FILE) && why.contains("damaged"), "{why}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn it_has_the_rights_of_a_key() {
        use std::os::unix::fs::PermissionsExt;
        let root = tempfile::tempdir().unwrap();
        let dir = root.path().join("keys");
        key(&dir, Some(7)).find_or_make().unwrap();
        for (path, mode, wider) in [(&dir, 0o700, 0o722), (&dir.join(FILE), 0o600, 0o640)] {
            let is = std::fs::metadata(path).unwrap().permissions().mode() & 0o7777;
            assert_eq!(is, mode, "{}", path.display());
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(wider)).unwrap();
            assert!(key(&dir, Some(8)).find().is_err());
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
            assert!(key(&dir, Some(8)).find().unwrap().is_some());
        }
    }
}
