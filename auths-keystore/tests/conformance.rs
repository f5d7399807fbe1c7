//! One suite for every keystore: what the port's contract promises.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test may fail by panicking"
)]

mod common;

use std::sync::Arc;

use auths_core::Did;
use auths_core::crypto::KeyPair;
use auths_core::ports::{KeyName, KeyStore, KeyStoreError, NewKey, Persistence};
use auths_keystore::MemoryKeyStore;
use common::{CREATED, file_store, key, now, seed};

fn name(text: &str) -> KeyName {
    text.parse().unwrap()
}

fn did(byte: u8) -> Did {
    Did::from_key(&KeyPair::from_seed(&seed(byte)).public())
}

/// Signs with the key, and checks the signature with the key that the DID spells.
fn assert_signs(store: &dyn KeyStore, of: &str, byte: u8) {
    let signer = now(store.signer(&name(of))).unwrap();
    assert_eq!(signer.method(), did(byte).key_method().unwrap());
    let signature = now(signer.sign(b"message")).unwrap();
    let public = *did(byte).key().unwrap();
    assert_eq!(public.verify(b"message", &signature), Ok(()));
    assert!(public.verify(b"another", &signature).is_err());
}

fn assert_not_found<T>(result: Result<T, KeyStoreError>, of: &str) {
    match result {
        Err(KeyStoreError::NotFound(n)) if n == name(of) => {}
        Err(other) => panic!("{other:?}"),
        Ok(_) => panic!("{of} was found"),
    }
}

/// Gives the store once more: the same keys, as another program would open them.
type Reopen<'a> = &'a dyn Fn() -> Arc<dyn KeyStore>;

/// What every keystore does. `open` gives an empty store at first.
fn conforms(open: Reopen<'_>) {
    let store = open();
    assert!(now(store.list()).unwrap().is_empty());
    assert_not_found(now(store.signer(&name("main"))), "main");
    assert_not_found(now(store.delete(&name("main"))), "main");

    // Made, shown, signing for its DID; in the order of the names; `A` and `a` are two keys.
    let long = "z".repeat(64);
    for (of, byte) in [("main", 1), ("a", 2), (&long, 3), ("A", 4), ("1_b-c", 5)] {
        let mut new = key(of, byte);
        new.recovery = (byte == 1).then(|| did(9));
        let info = now(store.create(new)).unwrap();
        assert_eq!((info.name, info.did), (name(of), did(byte)));
        assert_eq!(info.created, CREATED.parse().unwrap());
        assert_signs(&*store, of, byte);
    }
    let listed = now(store.list()).unwrap();
    let names: Vec<_> = listed.iter().map(|info| info.name.as_str()).collect();
    assert_eq!(names, ["1_b-c", "A", "a", "main", &long]);
    let dids: Vec<_> = listed.iter().map(|info| info.did.clone()).collect();
    assert_eq!(dids, [did(5), did(4), did(2), did(1), did(3)]);
    assert_eq!(listed[3].recovery, Some(did(9)));
    assert_eq!(listed[2].recovery, None);

    // A name that is taken changes nothing.
    let again = now(store.create(key("main", 7)));
    assert!(matches!(again, Err(KeyStoreError::Exists(n)) if n == name("main")));
    assert_signs(&*store, "main", 1);

    // Reopened.
    if store.describe().1 == Persistence::UntilDeleted {
        let other = open();
        assert_eq!(now(other.list()).unwrap(), listed);
        assert_signs(&*other, "main", 1);
        assert_signs(&*other, "A", 4);
    }

    // Deleted: that one only, and a signer that is held still names and uses its key.
    let held = now(store.signer(&name("a"))).unwrap();
    now(store.delete(&name("a"))).unwrap();
    assert_not_found(now(store.signer(&name("a"))), "a");
    assert_not_found(now(store.delete(&name("a"))), "a");
    assert_eq!(held.method().did(), &did(2));
    let signature = now(held.sign(b"m")).unwrap();
    assert!(did(2).key().unwrap().verify(b"m", &signature).is_ok());
    assert_signs(&*store, "A", 4);
    assert_eq!(now(store.list()).unwrap().len(), 4);

    // The name is free again.
    now(store.create(key("a", 8))).unwrap();
    assert_signs(&*store, "a", 8);

    one_of_many_wins(&store);
    let shown = format!("{store:?} {listed:?} {held:?}");
    assert!(!shown.contains("0101010101") && !shown.contains("1, 1, 1, 1"));
}

/// Of many that make the same key at once, one does, and its key is what is there.
fn one_of_many_wins(store: &Arc<dyn KeyStore>) {
    let results: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (20..28u8)
            .map(|byte| {
                let new: NewKey = key("race", byte);
                (byte, scope.spawn(move || now(store.create(new))))
            })
            .collect();
        let join = |(byte, thread): (u8, std::thread::ScopedJoinHandle<'_, _>)| {
            (byte, thread.join().unwrap())
        };
        threads.into_iter().map(join).collect()
    });
    let mut winners = Vec::new();
    for (byte, result) in results {
        match result {
            Ok(_) => winners.push(byte),
            Err(KeyStoreError::Exists(_)) => {}
            Err(other) => panic!("{other:?}"),
        }
    }
    assert_eq!(winners.len(), 1);
    assert_signs(&**store, "race", winners[0]);
}

#[test]
fn the_memory_store_conforms() {
    let store: Arc<dyn KeyStore> = Arc::new(MemoryKeyStore::new());
    assert_eq!(store.describe(), ("memory", Persistence::Process));
    conforms(&|| store.clone());
}

#[test]
fn the_file_store_conforms() {
    let dir = tempfile::tempdir().unwrap();
    let keys = dir.path().join("not/there/yet");
    assert_eq!(
        file_store(&keys).describe(),
        ("file", Persistence::UntilDeleted)
    );
    conforms(&|| Arc::new(file_store(&keys)));
}
