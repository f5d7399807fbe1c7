//! A keystore that lies.

use std::sync::Arc;

use async_trait::async_trait;
use auths_core::crypto::{KeyPair, Seed, Signature};
use auths_core::ports::{
    KeyInfo, KeyName, KeyPersistence, KeyStore, KeyStoreError, NewKey, Signer, SignerError,
};
use auths_core::{Timestamp, VerificationMethod};
use auths_testkit::block_on;
use auths_testkit::conformance::{KeyStoreSubject, keystore};
use auths_testkit::doubles::FakeKeyStore;

use crate::doubles::Keys;
use crate::evil_stores::pause;
use crate::{assert_caught, assert_every_check_caught};

#[derive(Debug, Clone, Copy, PartialEq)]
enum Lie {
    SignsWithAnother,
    Replaces,
    SaysExistsAndReplaces,
    ListsOneLess,
    ListsUnsorted,
    ForgetsRecovery,
    ChangesTimes,
    AbsentIsLocked,
    DeletesNothing,
    DeletesAll,
    FoldsCase,
    LooksThenCreates,
    SignersFollowTheName,
    ShowsTheSecret,
    SaysItKeeps,
    ForgetsOnRestart,
    LockedIsEmpty,
    LockedIsNotFound,
    WrongPassphraseIsDamage,
    DamageIsLeftOut,
    DamageIsWrongPassphrase,
    DamageIsReplaced,
}

const LIES: &[(Lie, &str)] = &[
    (Lie::SignsWithAnother, "signs-with-the-key"),
    (Lie::Replaces, "never-replaces"),
    (Lie::SaysExistsAndReplaces, "never-replaces"),
    (Lie::ListsOneLess, "lists-every-key"),
    (Lie::ListsUnsorted, "lists-every-key"),
    (Lie::ForgetsRecovery, "lists-every-key"),
    (Lie::ChangesTimes, "lists-every-key"),
    (Lie::AbsentIsLocked, "not-there-is-not-found"),
    (Lie::DeletesNothing, "deletes-one-key"),
    (Lie::DeletesAll, "deletes-one-key"),
    (Lie::FoldsCase, "keeps-names-apart"),
    (Lie::LooksThenCreates, "one-create-of-many"),
    (Lie::SignersFollowTheName, "a-signer-stays-itself"),
    (Lie::ShowsTheSecret, "shows-no-secret"),
    (Lie::SaysItKeeps, "says-how-long-it-keeps"),
    (Lie::ForgetsOnRestart, "survives-the-process"),
    (Lie::LockedIsEmpty, "locked-is-locked"),
    (Lie::LockedIsNotFound, "locked-is-locked"),
    (Lie::WrongPassphraseIsDamage, "wrong-passphrase-is-told"),
    (Lie::DamageIsLeftOut, "damage-is-told"),
    (Lie::DamageIsWrongPassphrase, "damage-is-told"),
    (Lie::DamageIsReplaced, "damage-is-told"),
];

/// What keeps the store from its keys.
#[derive(Debug, Clone, PartialEq)]
enum State {
    Open,
    Locked,
    WrongPassphrase,
    Damaged(KeyName),
}

#[derive(Debug)]
struct Evil {
    lie: Option<Lie>,
    inner: Arc<FakeKeyStore>,
    state: State,
    /// Kept in the clear by one of the lies.
    secret: std::sync::Mutex<Vec<u8>>,
}

/// Signs with whatever key has the name now.
#[derive(Debug)]
struct ByName {
    store: Arc<FakeKeyStore>,
    name: KeyName,
    method: VerificationMethod,
}

#[async_trait]
impl Signer for ByName {
    fn method(&self) -> VerificationMethod {
        self.method.clone()
    }

    async fn sign(&self, message: &[u8]) -> Result<Signature, SignerError> {
        let signer = self.store.signer(&self.name).await;
        let signer = signer.map_err(|e| SignerError::Failed(Box::new(e)))?;
        signer.sign(message).await
    }
}

impl Evil {
    fn lies(&self, lie: Lie) -> bool {
        self.lie == Some(lie)
    }

    fn is_damaged(&self, name: &KeyName) -> bool {
        self.state == State::Damaged(name.clone())
    }
}

fn corrupt(name: &KeyName) -> KeyStoreError {
    KeyStoreError::Corrupt {
        name: name.clone(),
        what: "cut".to_owned(),
    }
}

#[async_trait]
impl KeyStore for Evil {
    fn describe(&self) -> (&'static str, KeyPersistence) {
        let process = self.lies(Lie::SaysItKeeps);
        let keeps = if process {
            KeyPersistence::Process
        } else {
            KeyPersistence::UntilDeleted
        };
        ("evil", keeps)
    }

    async fn create(&self, mut key: NewKey) -> Result<KeyInfo, KeyStoreError> {
        if self.lies(Lie::ShowsTheSecret) {
            *self.secret.lock().unwrap() = key.seed.expose().to_vec();
        }
        if self.lies(Lie::FoldsCase) {
            key.name = key.name.as_str().to_lowercase().parse().unwrap();
        }
        if self.lies(Lie::LooksThenCreates) {
            if self.inner.signer(&key.name).await.is_ok() {
                return Err(KeyStoreError::Exists(key.name));
            }
            pause().await;
            let _ = self.inner.delete(&key.name).await;
        }
        let replaces = self.lies(Lie::Replaces) || self.lies(Lie::SaysExistsAndReplaces);
        let damaged = self.is_damaged(&key.name) && self.lies(Lie::DamageIsReplaced);
        let name = key.name.clone();
        if replaces || damaged {
            let replaced = self.inner.delete(&name).await.is_ok();
            let info = self.inner.create(key).await?;
            if replaced && self.lies(Lie::SaysExistsAndReplaces) {
                return Err(KeyStoreError::Exists(name));
            }
            return Ok(info);
        }
        self.inner.create(key).await
    }

    async fn list(&self) -> Result<Vec<KeyInfo>, KeyStoreError> {
        if self.state == State::Locked && self.lies(Lie::LockedIsEmpty) {
            return Ok(Vec::new());
        }
        let mut keys = self.inner.list().await?;
        if let State::Damaged(name) = &self.state {
            if !self.lies(Lie::DamageIsLeftOut) {
                return Err(corrupt(name));
            }
            keys.retain(|k| k.name != *name);
        }
        match self.lie {
            Some(Lie::ListsOneLess) => drop(keys.pop()),
            Some(Lie::ListsUnsorted) => keys.reverse(),
            Some(Lie::ForgetsRecovery) => {
                for key in &mut keys {
                    key.recovery = None;
                }
            }
            Some(Lie::ChangesTimes) => {
                for key in &mut keys {
                    key.created = Timestamp::from_unix(0).unwrap();
                }
            }
            _ => {}
        }
        Ok(keys)
    }

    async fn signer(&self, name: &KeyName) -> Result<Arc<dyn Signer>, KeyStoreError> {
        match &self.state {
            State::Locked if self.lies(Lie::LockedIsNotFound) => {
                return Err(KeyStoreError::NotFound(name.clone()));
            }
            State::Locked => return Err(KeyStoreError::Locked),
            State::WrongPassphrase if self.lies(Lie::WrongPassphraseIsDamage) => {
                return Err(corrupt(name));
            }
            State::WrongPassphrase => return Err(KeyStoreError::WrongPassphrase(name.clone())),
            State::Damaged(damaged) if damaged == name => {
                return Err(match self.lies(Lie::DamageIsWrongPassphrase) {
                    true => KeyStoreError::WrongPassphrase(name.clone()),
                    false => corrupt(name),
                });
            }
            _ => {}
        }
        match self.inner.signer(name).await {
            Err(KeyStoreError::NotFound(_)) if self.lies(Lie::AbsentIsLocked) => {
                Err(KeyStoreError::Locked)
            }
            Ok(honest) if self.lies(Lie::SignersFollowTheName) => Ok(Arc::new(ByName {
                store: self.inner.clone(),
                name: name.clone(),
                method: honest.method(),
            })),
            Ok(_) if self.lies(Lie::SignsWithAnother) => {
                let other = KeyPair::from_seed(&Seed::new([99; 32].into()));
                Ok(Arc::new(other))
            }
            other => other,
        }
    }

    async fn delete(&self, name: &KeyName) -> Result<(), KeyStoreError> {
        if self.lies(Lie::DeletesNothing) {
            self.inner.signer(name).await?;
            return Ok(());
        }
        if self.lies(Lie::DeletesAll) {
            for key in self.inner.list().await? {
                self.inner.delete(&key.name).await?;
            }
            return Ok(());
        }
        self.inner.delete(name).await
    }
}

struct Subject(Option<Lie>);

impl Subject {
    fn in_state(mut store: Evil, state: State) -> Option<Evil> {
        store.state = state;
        Some(store)
    }
}

impl KeyStoreSubject for Subject {
    type KeyStore = Evil;

    fn open(&self) -> Evil {
        Evil {
            lie: self.0,
            inner: Arc::default(),
            state: State::Open,
            secret: std::sync::Mutex::default(),
        }
    }

    /// The race is played between tasks, which take turns: threads might happen not to meet.
    fn threads_may_call(&self) -> bool {
        self.0 != Some(Lie::LooksThenCreates)
    }

    fn reopen(&self, store: Evil) -> Option<Evil> {
        match self.0 {
            Some(Lie::ForgetsOnRestart) => Some(self.open()),
            _ => Some(store),
        }
    }

    fn locked(&self, store: Evil) -> Option<Evil> {
        Self::in_state(store, State::Locked)
    }

    fn with_wrong_passphrase(&self, store: Evil) -> Option<Evil> {
        Self::in_state(store, State::WrongPassphrase)
    }

    fn damaged(&self, store: Evil, name: &KeyName) -> Option<Evil> {
        Self::in_state(store, State::Damaged(name.clone()))
    }
}

#[test]
fn every_lying_keystore_is_caught_by_name() {
    let honest = block_on(keystore(&Subject(None)));
    honest.assert();
    for (lie, check) in LIES {
        let report = block_on(keystore(&Subject(Some(*lie))));
        assert_caught(lie, check, &report);
    }
    let caught: Vec<_> = LIES.iter().map(|(_, check)| *check).collect();
    assert_every_check_caught(&honest, &caught);
    assert!(block_on(keystore(&Keys)).broken.is_empty());
}
