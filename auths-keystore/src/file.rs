//! Device keys in files, sealed with a passphrase.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use auths_core::Did;
use auths_core::ports::{
    KeyInfo, KeyName, KeyPersistence, KeyStore, KeyStoreError, NewKey, Signer,
};

use crate::Argon2Cost;
use crate::disk::{self, ReadEffect};
use crate::filename::{self, FileKind};
use crate::keyfile::{self, KeyFile, UnreadableKeyFile};
use crate::passphrase::{PassphrasePurpose, PassphraseSource, ask};
use crate::seal::SealError;

/// A store that keeps each key in its own file, sealed with a passphrase: `<directory>/<name>.authskey`.
///
/// Capital letters of the name are written as `+` and the small letter (`Main`: `+main.authskey`), so that two keys never share a
/// file on systems that ignore case. The file is text: a version line, the public part as JSON, the sealed seed, and a SHA-256
/// digest over all of it. A directory that does not exist reads as a store without keys, and the first
/// [`create`](KeyStore::create) makes it.
///
/// # Errors
/// Guarantees beyond the port's contract:
/// - An empty passphrase counts as none: [`Locked`](KeyStoreError::Locked), for making and for opening.
/// - Any accidental change, of any bit, and any cut is [`Corrupt`](KeyStoreError::Corrupt). Only a whole file that the passphrase
///   does not open is [`WrongPassphrase`](KeyStoreError::WrongPassphrase). A file changed on purpose, with a matching digest, is
///   one of the two and never opens.
/// - [`Failed`](KeyStoreError::Failed), with what to do, for a key file open to others, a directory that others can write, a link
///   or pipe in place of a key file, and a file that ends in `.authskey` but has no key's name.
/// - When the new key's file was written but its directory could not be flushed, `create` is `Failed` and the key exists.
/// - [`delete`](KeyStore::delete) does not read the file, so that a damaged one can be deleted. It does not overwrite: a copy, a
///   snapshot or the disk itself may still hold the sealed bytes.
///
/// # Security
/// The seed is sealed with XChaCha20-Poly1305. Argon2id derives the key from the passphrase at the file's [`Argon2Cost`]. The public
/// part is bound to the seal, and the DID is derived again from the opened seed. A person with a copy of the file can guess
/// passphrases at that cost for each guess, without limit: the security rests on the passphrase. Seed, derived key, passphrase
/// and Argon2's memory are wiped after use.
///
/// [`list`](KeyStore::list) asks for no passphrase and so proves nothing: anyone who can write the file can make it show another
/// DID, time or recovery DID. A [`signer`](KeyStore::signer) proves the whole public part of its key's file as it was then.
/// Anyone who can write the directory can also delete keys, or put back an older file of the same key and passphrase.
///
/// ```
/// use std::sync::Arc;
/// use auths_core::ports::{KeyStore, NewKey, new_seed};
/// use auths_keystore::{FileKeyStore, FixedPassphrase, OsEntropy};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let directory = tempfile::tempdir()?;
/// # let directory = directory.path();
/// let passphrase = Arc::new(FixedPassphrase("correct horse battery staple".into()));
/// let store = FileKeyStore::new(directory, passphrase);
/// let key = NewKey::new("main".parse()?, new_seed(&OsEntropy)?, "2026-11-21T08:46:00Z".parse()?, None);
/// let made = store.create(key).await?;
/// assert_eq!(store.signer(&made.name).await?.method().did(), &made.did);
/// # Ok(()) }
/// ```
pub struct FileKeyStore {
    dir: PathBuf,
    passphrase: Arc<dyn PassphraseSource>,
    cost: Argon2Cost,
}

impl FileKeyStore {
    /// Creates a store for the keys in `dir`. Touches no file yet.
    #[must_use]
    pub fn new(dir: impl Into<PathBuf>, passphrase: Arc<dyn PassphraseSource>) -> Self {
        Self::with_cost(dir, passphrase, Argon2Cost::default())
    }

    /// Creates a store that makes new keys at another cost than the default. Existing keys keep theirs.
    #[must_use]
    pub fn with_cost(
        dir: impl Into<PathBuf>,
        passphrase: Arc<dyn PassphraseSource>,
        cost: Argon2Cost,
    ) -> Self {
        Self {
            dir: dir.into(),
            passphrase,
            cost,
        }
    }

    /// Returns the directory.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Returns what the store shows of one key, whatever the state of the others. Asks for no passphrase, and so proves nothing.
    ///
    /// # Errors
    /// The errors of [`signer`](KeyStore::signer), without those of the passphrase.
    pub fn info(&self, name: &KeyName) -> Result<KeyInfo, KeyStoreError> {
        self.check_dir()?;
        let file = self.read(name)?;
        let file = file.ok_or_else(|| KeyStoreError::NotFound(name.clone()))?;
        Ok(file.info())
    }

    /// Opens a key. Returns what its file shows, now proven by the passphrase, and a signer for it.
    ///
    /// # Errors
    /// The errors of [`signer`](KeyStore::signer).
    pub fn open(&self, name: &KeyName) -> Result<(KeyInfo, Arc<dyn Signer>), KeyStoreError> {
        self.check_dir()?;
        let file = self
            .read(name)?
            .ok_or_else(|| KeyStoreError::NotFound(name.clone()))?;
        let passphrase = ask(&*self.passphrase, PassphrasePurpose::Open(name.clone()))?;
        let pair = file.open(&passphrase).map_err(|e| match e {
            SealError::Refused => KeyStoreError::WrongPassphrase(name.clone()),
            other => failed("opening the key", other),
        })?;
        let info = file.info();
        if Did::from_key(&pair.public()) != info.did {
            return Err(corrupt(
                name,
                "it holds the key of another DID than it states",
            ));
        }
        Ok((info, Arc::new(pair)))
    }

    /// Reads every key file by itself, in the order of their names: what [`list`](KeyStore::list) shows of it, or why it cannot
    /// be read. Use it to show what is left of a damaged store. Code that must know *every* key needs `list`, which fails as a
    /// whole.
    ///
    /// # Errors
    /// [`KeyStoreError::Failed`] when the directory cannot be read.
    pub fn each(&self) -> Result<Vec<Result<KeyInfo, KeyStoreError>>, KeyStoreError> {
        let mut files = disk::names(&self.dir).map_err(|e| self.failed_dir("reading", e))?;
        files.sort();
        let mut keys: Vec<_> = files.iter().filter_map(|file| self.entry(file)).collect();
        // Files that cannot be read come first.
        keys.sort_by(|a, b| {
            a.as_ref()
                .ok()
                .map(|k| &k.name)
                .cmp(&b.as_ref().ok().map(|k| &k.name))
        });
        Ok(keys)
    }

    /// Returns what the directory's entry of that name shows; `None` when it is no key file.
    fn entry(&self, file: &str) -> Option<Result<KeyInfo, KeyStoreError>> {
        match filename::read(file) {
            // A file that is gone by now was deleted meanwhile.
            FileKind::Key(name) => Some(self.read(&name).transpose()?.map(|file| file.info())),
            FileKind::Other => None,
            FileKind::Misnamed => {
                let what = "no key's file has this name: rename it or move it away";
                let doing = format!("reading {file:?}");
                Some(Err(failed(
                    doing,
                    io::Error::new(io::ErrorKind::InvalidInput, what),
                )))
            }
        }
    }

    /// Reads the file of this name, whole and with its own name in it; `None` when there is none.
    fn read(&self, name: &KeyName) -> Result<Option<KeyFile>, KeyStoreError> {
        let path = self.dir.join(filename::of_key(name));
        let bytes = disk::read(&path, keyfile::MAX_LEN, ReadEffect::Only)
            .map_err(|e| failed(format!("reading {}", path.display()), e))?;
        let Some(bytes) = bytes else { return Ok(None) };
        let file = KeyFile::parse(&bytes).map_err(|unreadable| match unreadable {
            UnreadableKeyFile::Damaged(what) => corrupt(name, what),
            UnreadableKeyFile::Version(version) => KeyStoreError::Version {
                name: name.clone(),
                version,
            },
        })?;
        let stated = file.info().name;
        if stated != *name {
            return Err(corrupt(name, format!("it is the file of the key {stated}")));
        }
        Ok(Some(file))
    }

    /// Returns whether the directory exists and is fit to be used.
    fn check_dir(&self) -> Result<bool, KeyStoreError> {
        disk::check_dir(&self.dir).map_err(|e| self.failed_dir("reading", e))
    }

    fn failed_dir(&self, doing: &str, source: io::Error) -> KeyStoreError {
        failed(format!("{doing} {}", self.dir.display()), source)
    }
}

impl fmt::Debug for FileKeyStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The source is left out: its own `Debug` may show the passphrase.
        f.debug_struct("FileKeyStore")
            .field("dir", &self.dir)
            .field("cost", &self.cost)
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl KeyStore for FileKeyStore {
    fn describe(&self) -> (&'static str, KeyPersistence) {
        ("file", KeyPersistence::UntilDeleted)
    }

    async fn create(&self, key: NewKey) -> Result<KeyInfo, KeyStoreError> {
        let file = filename::of_key(&key.name);
        let path = self.dir.join(&file);
        disk::make_dir(&self.dir).map_err(|e| self.failed_dir("making", e))?;
        // This check only saves asking for a passphrase. The writing below decides.
        if path.symlink_metadata().is_ok() {
            return Err(KeyStoreError::Exists(key.name));
        }
        let passphrase = ask(
            &*self.passphrase,
            PassphrasePurpose::Create(key.name.clone()),
        )?;
        let (bytes, info) = keyfile::seal(&key, &passphrase, self.cost)
            .map_err(|e| failed("sealing the key", e))?;
        match disk::write_new(&self.dir, &file, &bytes) {
            Ok(true) => Ok(info),
            Ok(false) => Err(KeyStoreError::Exists(key.name)),
            Err(e) => Err(failed(format!("writing {}", path.display()), e)),
        }
    }

    async fn list(&self) -> Result<Vec<KeyInfo>, KeyStoreError> {
        self.each()?.into_iter().collect()
    }

    async fn signer(&self, name: &KeyName) -> Result<Arc<dyn Signer>, KeyStoreError> {
        self.open(name).map(|(_, signer)| signer)
    }

    async fn delete(&self, name: &KeyName) -> Result<(), KeyStoreError> {
        self.check_dir()?;
        let file = filename::of_key(name);
        match disk::remove(&self.dir, &file) {
            Ok(true) => Ok(()),
            Ok(false) => Err(KeyStoreError::NotFound(name.clone())),
            Err(e) => Err(failed(format!("deleting {file}"), e)),
        }
    }
}

fn corrupt(name: &KeyName, what: impl Into<String>) -> KeyStoreError {
    KeyStoreError::Corrupt {
        name: name.clone(),
        what: what.into(),
    }
}

fn failed(
    doing: impl Into<String>,
    source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
) -> KeyStoreError {
    KeyStoreError::Failed {
        doing: doing.into(),
        source: source.into(),
    }
}
