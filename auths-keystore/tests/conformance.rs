//! The keystores, stores and guards of this crate keep the contracts of their ports.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod common;

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use auths_core::ports::{KeyName, Store, StoreBounds, StoreKey};
use auths_keystore::{
    Argon2Cost, FileKeyStore, FileLinks, FilePins, FileReplayGuard, FileRevocationMemory,
    FileStore, MemoryKeyStore, NoPassphrase, RecordKey,
};
use auths_testkit::conformance::{
    Change, KeyStoreSubject, LinkStoreSubject, PinSubject, ReplaySubject, RevocationMemorySubject,
    StoreSubject,
};
use common::{file_of, file_store, fixed, guard, key_beside, now, records};

/// A folder that is removed in the end, with a new place in it for each store.
struct Places {
    root: tempfile::TempDir,
    opened: AtomicU32,
}

impl Places {
    fn new() -> Self {
        Self {
            root: tempfile::tempdir().unwrap(),
            opened: AtomicU32::new(0),
        }
    }

    /// A folder that does not exist yet.
    fn next(&self) -> PathBuf {
        let number = self.opened.fetch_add(1, Ordering::Relaxed);
        self.root.path().join(format!("{number}/not/there/yet"))
    }
}

mod memory_keystore {
    use super::*;

    struct Subject;

    impl KeyStoreSubject for Subject {
        type KeyStore = MemoryKeyStore;

        fn open(&self) -> MemoryKeyStore {
            MemoryKeyStore::new()
        }
    }

    auths_testkit::keystore_conformance!(Subject);
}

mod file_keystore {
    use super::*;

    struct Subject(Places);

    impl KeyStoreSubject for Subject {
        type KeyStore = FileKeyStore;

        fn open(&self) -> FileKeyStore {
            file_store(&self.0.next())
        }

        fn reopen(&self, store: FileKeyStore) -> Option<FileKeyStore> {
            Some(file_store(store.dir()))
        }

        fn locked(&self, store: FileKeyStore) -> Option<FileKeyStore> {
            Some(FileKeyStore::new(store.dir(), Arc::new(NoPassphrase)))
        }

        fn with_wrong_passphrase(&self, store: FileKeyStore) -> Option<FileKeyStore> {
            let wrong = fixed("incorrect horse battery staple");
            Some(FileKeyStore::with_cost(
                store.dir(),
                wrong,
                Argon2Cost::MINIMUM,
            ))
        }

        fn damaged(&self, store: FileKeyStore, name: &KeyName) -> Option<FileKeyStore> {
            let path = store.dir().join(format!("{name}.authskey"));
            if let Ok(bytes) = fs::read(&path) {
                fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
            }
            Some(store)
        }
    }

    auths_testkit::keystore_conformance!(Subject(Places::new()));
}

mod file_store {
    use super::*;

    struct Subject(Places);

    impl StoreSubject for Subject {
        type Store = FileStore;

        fn open_within(&self, bounds: StoreBounds) -> FileStore {
            records(&self.0.next()).bounded(bounds)
        }

        fn reopen(&self, store: FileStore) -> Option<FileStore> {
            Some(FileStore::new(store.dir(), key_beside(store.dir())))
        }

        fn changed_by_another(
            &self,
            store: FileStore,
            of: &StoreKey,
            what: Change<'_>,
        ) -> Option<FileStore> {
            match what {
                // Whoever has no key can make one.
                Change::Edit => {
                    let own = RecordKey::in_dir(self.0.next());
                    let forged = FileStore::new(store.dir(), own).keeping_in(store.kept_in());
                    now(forged.put(of, b"valuf")).unwrap();
                }
                Change::Swap(with) => {
                    let (from, to) = (file_of(&store, with), file_of(&store, of));
                    fs::copy(from, to).unwrap();
                }
                _ => return None,
            }
            self.reopen(store)
        }
    }

    auths_testkit::store_conformance!(Subject(Places::new()));
}

mod file_replay_guard {
    use super::*;

    struct Subject(Places);

    impl ReplaySubject for Subject {
        type Guard = FileReplayGuard;

        fn open(&self) -> FileReplayGuard {
            guard(&self.0.next())
        }

        fn reopen(&self, guard: FileReplayGuard) -> Option<FileReplayGuard> {
            Some(FileReplayGuard::new(guard.dir(), key_beside(guard.dir())))
        }
    }

    auths_testkit::replay_guard_conformance!(Subject(Places::new()));
}

mod file_revocation_memory {
    use super::*;

    struct Subject(Places);

    impl RevocationMemorySubject for Subject {
        type Memory = FileRevocationMemory;

        fn open(&self) -> FileRevocationMemory {
            FileRevocationMemory::new(self.0.next())
        }

        fn reopen(&self, memory: FileRevocationMemory) -> Option<FileRevocationMemory> {
            Some(FileRevocationMemory::new(memory.dir()))
        }

        fn damaged(&self, memory: FileRevocationMemory) -> Option<FileRevocationMemory> {
            let places = fs::read_dir(memory.dir().join("recovery"));
            for place in places.into_iter().flatten() {
                let mut files = fs::read_dir(place.unwrap().path()).unwrap();
                let file = files.next().unwrap().unwrap().path();
                let bytes = fs::read(&file).unwrap();
                fs::write(&file, &bytes[..bytes.len() / 2]).unwrap();
            }
            Some(memory)
        }
    }

    auths_testkit::revocation_memory_conformance!(Subject(Places::new()));
}

mod file_links {
    use super::*;

    struct Subject(Places);

    impl LinkStoreSubject for Subject {
        type Links = FileLinks;

        fn open(&self) -> FileLinks {
            let home = self.0.next();
            fs::create_dir_all(&home).unwrap();
            FileLinks::new(home.join("claims"), home)
        }

        fn reopen(&self, links: FileLinks) -> Option<FileLinks> {
            let home = links.dir().parent().unwrap();
            Some(FileLinks::new(links.dir(), home))
        }

        fn damaged(&self, links: FileLinks) -> Option<FileLinks> {
            let files = fs::read_dir(links.dir()).into_iter().flatten();
            for file in files.take(1) {
                let path = file.unwrap().path();
                let bytes = fs::read(&path).unwrap();
                fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
            }
            Some(links)
        }
    }

    auths_testkit::link_store_conformance!(Subject(Places::new()));
}

mod file_pins {
    use super::*;

    struct Subject(Places);

    impl PinSubject for Subject {
        type Pins = FilePins;

        fn open(&self) -> FilePins {
            let dir = self.0.next();
            FilePins::create(&dir, key_beside(&dir)).unwrap()
        }

        fn also_open(&self, pins: &FilePins) -> Option<FilePins> {
            Some(FilePins::open(pins.dir(), key_beside(pins.dir())).unwrap())
        }

        fn reopen(&self, pins: FilePins) -> Option<FilePins> {
            self.also_open(&pins)
        }

        fn damaged(&self, pins: FilePins) -> Option<FilePins> {
            for file in fs::read_dir(pins.dir().join("pins")).unwrap() {
                let path = file.unwrap().path();
                let bytes = fs::read(&path).unwrap();
                fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
            }
            Some(pins)
        }

        fn emptied(&self, pins: FilePins) -> Option<FilePins> {
            fs::remove_dir_all(pins.dir().join("pins")).unwrap();
            Some(pins)
        }
    }

    auths_testkit::pin_store_conformance!(Subject(Places::new()));
}
