//! The contract of [`KeyStore`].

use std::thread;

use futures_util::future::join_all;
use zeroize::Zeroizing;

use super::report::{Check, Checked, Report, Violation, ensure, run, unless};
use crate::block_on;
use auths_core::crypto::{KeyPair, Seed};
use auths_core::identity::Did;
use auths_core::ports::{KeyName, KeyPersistence, KeyStore, KeyStoreError, NewKey};
use auths_core::{TimeError, Timestamp};

/// A [`KeyStore`] under test.
pub trait KeyStoreSubject: Send + Sync {
    /// The implementation.
    type KeyStore: KeyStore;

    /// Creates an empty, unlocked store, separate from every other store.
    fn open(&self) -> Self::KeyStore;

    /// Returns whether plain threads may call it, without a runtime.
    fn threads_may_call(&self) -> bool {
        true
    }

    /// Reopens the store as a later process would; `None` for a store that lives as long as its process.
    fn reopen(&self, store: Self::KeyStore) -> Option<Self::KeyStore> {
        drop(store);
        None
    }

    /// Returns the store locked or without its passphrase; `None` where that does not exist.
    fn locked(&self, store: Self::KeyStore) -> Option<Self::KeyStore> {
        drop(store);
        None
    }

    /// Returns the store opened with a wrong passphrase; `None` where that does not exist.
    fn with_wrong_passphrase(&self, store: Self::KeyStore) -> Option<Self::KeyStore> {
        drop(store);
        None
    }

    /// Returns the store with the stored data of the key `name` cut in the middle; `None` where that cannot happen.
    fn damaged(&self, store: Self::KeyStore, name: &KeyName) -> Option<Self::KeyStore> {
        drop((store, name));
        None
    }
}

/// Checks a keystore against its contract.
pub async fn keystore<S: KeyStoreSubject>(subject: &S) -> Report {
    run("KeyStore", &checks::<S>(), subject).await
}

fn checks<S: KeyStoreSubject>() -> Vec<Check<S>> {
    vec![
        Check {
            name: "signs-with-the-key",
            promise: "`signer` signs with exactly the key that `create` kept, and names its DID",
            excluded_by: |_| None,
            run: |s| Box::pin(signs_with_the_key(s)),
        },
        Check {
            name: "never-replaces",
            promise: "a name that is taken is `Exists`, and the key stays",
            excluded_by: |_| None,
            run: |s| Box::pin(never_replaces(s)),
        },
        Check {
            name: "lists-every-key",
            promise: "`list` shows every key as it was created, in the order of the names",
            excluded_by: |_| None,
            run: |s| Box::pin(lists_every_key(s)),
        },
        Check {
            name: "not-there-is-not-found",
            promise: "a key that is not there is `NotFound`, for `signer` and `delete`",
            excluded_by: |_| None,
            run: |s| Box::pin(not_there_is_not_found(s)),
        },
        Check {
            name: "deletes-one-key",
            promise: "a deleted key is gone, the others stay, and its name is free",
            excluded_by: |_| None,
            run: |s| Box::pin(deletes_one_key(s)),
        },
        Check {
            name: "keeps-names-apart",
            promise: "names are told apart whatever their case and length",
            excluded_by: |_| None,
            run: |s| Box::pin(keeps_names_apart(s)),
        },
        Check {
            name: "one-create-of-many",
            promise: "of many that create one name at once, one does, and its key is there",
            excluded_by: |_| None,
            run: |s| Box::pin(one_create_of_many(s)),
        },
        Check {
            name: "a-signer-stays-itself",
            promise: "a signer names and uses its key for as long as it lives, whatever becomes of the store",
            excluded_by: |_| None,
            run: |s| Box::pin(a_signer_stays_itself(s)),
        },
        Check {
            name: "shows-no-secret",
            promise: "no part of a secret is in any `Debug`",
            excluded_by: |_| None,
            run: |s| Box::pin(shows_no_secret(s)),
        },
        Check {
            name: "says-how-long-it-keeps",
            promise: "`describe` says `UntilDeleted` exactly where a later process finds the keys",
            excluded_by: |_| None,
            run: |s| Box::pin(says_how_long_it_keeps(s)),
        },
        Check {
            name: "survives-the-process",
            promise: "a later process finds every key, and signs with it",
            excluded_by: |s| unless(s.reopen(s.open()).is_some(), "`KeyStoreSubject::reopen`"),
            run: |s| Box::pin(survives_the_process(s)),
        },
        Check {
            name: "locked-is-locked",
            promise: "a locked store says `Locked`, and never reads as one without the key",
            excluded_by: |s| unless(s.locked(s.open()).is_some(), "`KeyStoreSubject::locked`"),
            run: |s| Box::pin(locked_is_locked(s)),
        },
        Check {
            name: "wrong-passphrase-is-told",
            promise: "a wrong passphrase is `WrongPassphrase`, and not damage",
            excluded_by: |s| {
                unless(
                    s.with_wrong_passphrase(s.open()).is_some(),
                    "`KeyStoreSubject::with_wrong_passphrase`",
                )
            },
            run: |s| Box::pin(wrong_passphrase_is_told(s)),
        },
        Check {
            name: "damage-is-told",
            promise: "a damaged key is `Corrupt`, in `list` too: never a key left out, never a wrong passphrase",
            excluded_by: |s| {
                unless(
                    name("a").is_ok_and(|n| s.damaged(s.open(), &n).is_some()),
                    "`KeyStoreSubject::damaged`",
                )
            },
            run: |s| Box::pin(damage_is_told(s)),
        },
    ]
}

fn name(text: &str) -> Result<KeyName, auths_core::identity::NameError> {
    text.parse()
}

fn seed(byte: u8) -> Seed {
    Seed::new(Zeroizing::new([byte; 32]))
}

fn did(byte: u8) -> Did {
    Did::from_key(&KeyPair::from_seed(&seed(byte)).public())
}

fn created() -> Result<Timestamp, TimeError> {
    Timestamp::from_unix(1_700_000_000)
}

async fn create(store: &impl KeyStore, key: &str, byte: u8) -> Checked {
    let recovery = byte.is_multiple_of(2).then(|| did(byte + 100));
    let new = NewKey::new(name(key)?, seed(byte), created()?, recovery.clone());
    let info = store.create(new).await?;
    ensure!(
        (info.name.as_str(), &info.did, info.created, &info.recovery)
            == (key, &did(byte), created()?, &recovery),
        "`create` of {key} shows {info:?}"
    );
    Ok(())
}

async fn signs(store: &impl KeyStore, key: &str, byte: u8) -> Checked {
    let signer = store.signer(&name(key)?).await?;
    ensure!(
        *signer.method().did() == did(byte),
        "the signer of {key} names {}",
        signer.method()
    );
    for message in [&b""[..], b"message", &[0; 4096]] {
        let signature = signer.sign(message).await?;
        let public = KeyPair::from_seed(&seed(byte)).public();
        ensure!(
            public.verify(message, &signature).is_ok(),
            "the signature of {key} is not its key's"
        );
    }
    Ok(())
}

/// Returns the error of an answer that should be an error.
fn error<T>(answer: Result<T, KeyStoreError>, of: &str) -> Result<KeyStoreError, Violation> {
    match answer {
        Ok(_) => Err(Violation::Broken(format!("{of} succeeded"))),
        Err(error) => Ok(error),
    }
}

async fn signs_with_the_key<S: KeyStoreSubject>(subject: &S) -> Checked {
    let store = subject.open();
    create(&store, "a", 1).await?;
    create(&store, "b", 2).await?;
    signs(&store, "a", 1).await?;
    signs(&store, "b", 2).await
}

async fn never_replaces<S: KeyStoreSubject>(subject: &S) -> Checked {
    let store = subject.open();
    create(&store, "a", 1).await?;
    let again = NewKey::new(name("a")?, seed(2), created()?, None);
    let seen = error(store.create(again).await, "a second `create` of the name")?;
    ensure!(
        matches!(&seen, KeyStoreError::Exists(n) if n.as_str() == "a"),
        "{seen:?}"
    );
    signs(&store, "a", 1).await
}

async fn lists_every_key<S: KeyStoreSubject>(subject: &S) -> Checked {
    let store = subject.open();
    let nobody = store.list().await?;
    ensure!(nobody.is_empty(), "a new store lists {nobody:?}");
    for (key, byte) in [("b", 2), ("a", 1), ("c-1_X", 3), ("B2", 4)] {
        create(&store, key, byte).await?;
    }
    let listed = store.list().await?;
    let seen: Vec<_> = listed
        .iter()
        .map(|i| (i.name.as_str(), i.did.clone(), i.created))
        .collect();
    let created = created()?;
    let expected: Vec<_> = [("B2", 4), ("a", 1), ("b", 2), ("c-1_X", 3)]
        .map(|(key, byte)| (key, did(byte), created))
        .into();
    ensure!(seen == expected, "it lists {seen:?}");
    ensure!(
        listed
            .iter()
            .all(|i| i.recovery.is_some() == (i.name.as_str() == "b" || i.name.as_str() == "B2")),
        "the recovery DIDs are lost: {listed:?}"
    );
    Ok(())
}

async fn not_there_is_not_found<S: KeyStoreSubject>(subject: &S) -> Checked {
    let store = subject.open();
    create(&store, "a", 1).await?;
    let b = name("b")?;
    let signer = error(
        store.signer(&b).await.map(drop),
        "`signer` of a key that is not there",
    )?;
    let delete = error(
        store.delete(&b).await,
        "`delete` of a key that is not there",
    )?;
    for seen in [signer, delete] {
        ensure!(
            matches!(&seen, KeyStoreError::NotFound(n) if *n == b),
            "{seen:?}"
        );
    }
    Ok(())
}

async fn deletes_one_key<S: KeyStoreSubject>(subject: &S) -> Checked {
    let store = subject.open();
    create(&store, "a", 1).await?;
    create(&store, "b", 2).await?;
    store.delete(&name("a")?).await?;
    let gone = error(
        store.signer(&name("a")?).await.map(drop),
        "`signer` of a deleted key",
    )?;
    ensure!(matches!(gone, KeyStoreError::NotFound(_)), "{gone:?}");
    signs(&store, "b", 2).await?;
    create(&store, "a", 3).await?;
    signs(&store, "a", 3).await
}

async fn keeps_names_apart<S: KeyStoreSubject>(subject: &S) -> Checked {
    let store = subject.open();
    let long = "z".repeat(64);
    let keys = [
        ("a", 1),
        ("A", 2),
        ("a-", 3),
        ("a_", 4),
        (&*long, 5),
        (&long[..63], 6),
        ("nul", 7),
    ];
    for (key, byte) in keys {
        create(&store, key, byte).await?;
    }
    for (key, byte) in keys {
        signs(&store, key, byte).await?;
    }
    Ok(())
}

async fn one_create_of_many<S: KeyStoreSubject>(subject: &S) -> Checked {
    let store = subject.open();
    let (key, created) = (name("a")?, created()?);
    let new = |byte| NewKey::new(key.clone(), seed(byte), created, None);
    let outcomes: Vec<(u8, Result<_, _>)> = if subject.threads_may_call() {
        thread::scope(|scope| {
            let create = |byte| (byte, block_on(store.create(new(byte))));
            let threads: Vec<_> = (20..28)
                .map(|byte| scope.spawn(move || create(byte)))
                .collect();
            threads.into_iter().filter_map(|t| t.join().ok()).collect()
        })
    } else {
        let create = async |byte| (byte, store.create(new(byte)).await);
        join_all((20..28).map(create)).await
    };
    let mut first = Vec::new();
    for (byte, outcome) in outcomes {
        match outcome {
            Ok(_) => first.push(byte),
            Err(KeyStoreError::Exists(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    let [first] = first[..] else {
        return Err(Violation::Broken(format!(
            "{} of 8 were told that they made it",
            first.len()
        )));
    };
    signs(&store, "a", first).await
}

async fn a_signer_stays_itself<S: KeyStoreSubject>(subject: &S) -> Checked {
    let store = subject.open();
    create(&store, "a", 1).await?;
    let held = store.signer(&name("a")?).await?;
    store.delete(&name("a")?).await?;
    create(&store, "a", 2).await?;
    ensure!(*held.method().did() == did(1), "it names {}", held.method());
    // The store may refuse, but it must not sign with another key.
    if let Ok(signature) = held.sign(b"message").await {
        let public = KeyPair::from_seed(&seed(1)).public();
        ensure!(
            public.verify(b"message", &signature).is_ok(),
            "it signs with another key"
        );
    }
    Ok(())
}

async fn shows_no_secret<S: KeyStoreSubject>(subject: &S) -> Checked {
    let store = subject.open();
    create(&store, "a", 0xa5).await?;
    let signer = store.signer(&name("a")?).await?;
    let shown = format!(
        "{store:?} {signer:?} {:#?} {:?}",
        store,
        store.list().await?
    );
    let plain: String = shown.split_whitespace().collect();
    for secret in ["a5a5a5a5", "A5A5A5A5", "165,165,165,165", "paWlpaWl"] {
        ensure!(!plain.contains(secret), "the secret is in its `Debug`");
    }
    Ok(())
}

async fn says_how_long_it_keeps<S: KeyStoreSubject>(subject: &S) -> Checked {
    let store = subject.open();
    let (kind, persistence) = store.describe();
    let keeps = subject.reopen(store).is_some();
    ensure!(
        !kind.is_empty() && keeps == (persistence == KeyPersistence::UntilDeleted),
        "{kind:?} says {persistence:?}"
    );
    Ok(())
}

async fn survives_the_process<S: KeyStoreSubject>(subject: &S) -> Checked {
    let store = subject.open();
    create(&store, "a", 1).await?;
    create(&store, "b", 2).await?;
    let before = store.list().await?;
    let Some(store) = subject.reopen(store) else {
        return Ok(());
    };
    let after = store.list().await?;
    ensure!(before == after, "before {before:?}, after {after:?}");
    signs(&store, "a", 1).await?;
    signs(&store, "b", 2).await
}

async fn locked_is_locked<S: KeyStoreSubject>(subject: &S) -> Checked {
    let store = subject.open();
    create(&store, "a", 1).await?;
    let Some(store) = subject.locked(store) else {
        return Ok(());
    };
    let signer = error(
        store.signer(&name("a")?).await.map(drop),
        "`signer` of a locked store",
    )?;
    ensure!(matches!(signer, KeyStoreError::Locked), "{signer:?}");
    // Listing needs no passphrase, but it must not return "no keys".
    match store.list().await {
        Ok(keys) => ensure!(keys.len() == 1, "a locked store lists {keys:?}"),
        Err(seen) => ensure!(matches!(seen, KeyStoreError::Locked), "{seen:?}"),
    }
    Ok(())
}

async fn wrong_passphrase_is_told<S: KeyStoreSubject>(subject: &S) -> Checked {
    let store = subject.open();
    create(&store, "a", 1).await?;
    let Some(store) = subject.with_wrong_passphrase(store) else {
        return Ok(());
    };
    let seen = error(
        store.signer(&name("a")?).await.map(drop),
        "`signer` with a wrong passphrase",
    )?;
    ensure!(
        matches!(seen, KeyStoreError::WrongPassphrase(_)),
        "{seen:?}"
    );
    Ok(())
}

async fn damage_is_told<S: KeyStoreSubject>(subject: &S) -> Checked {
    let store = subject.open();
    create(&store, "a", 1).await?;
    create(&store, "b", 2).await?;
    let a = name("a")?;
    let Some(store) = subject.damaged(store, &a) else {
        return Ok(());
    };
    let signer = error(
        store.signer(&a).await.map(drop),
        "`signer` of a damaged key",
    )?;
    let list = error(store.list().await, "`list` with a damaged key")?;
    for seen in [signer, list] {
        ensure!(
            matches!(&seen, KeyStoreError::Corrupt { name, .. } if *name == a),
            "{seen:?}"
        );
    }
    let again = NewKey::new(a, seed(3), created()?, None);
    let create = error(store.create(again).await, "`create` over a damaged key")?;
    ensure!(
        matches!(
            create,
            KeyStoreError::Exists(_) | KeyStoreError::Corrupt { .. }
        ),
        "{create:?}"
    );
    signs(&store, "b", 2).await
}
