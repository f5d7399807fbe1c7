//! Stores and replay guards that lie.

use std::collections::BTreeMap;
use std::sync::Mutex;

use async_trait::async_trait;
use auths_core::Timestamp;
use auths_core::claim::ChallengeKey;
use auths_core::ports::{
    MemoryReplayGuard, MemoryStore, RecordKind, ReplayGuard, Store, StoreBounds, StoreError,
    StoreKey, TokenUse,
};
use auths_testkit::block_on;
use auths_testkit::conformance::{Change, ReplaySubject, StoreSubject, replay_guard, store};

use zeroize::Zeroizing;

use crate::doubles::{Guards, Stores};
use crate::{assert_caught, assert_every_check_caught};

#[derive(Debug, Clone, Copy, PartialEq)]
enum Lie {
    CutsRecords,
    KeepsTheFirstRecord,
    RemovesNothing,
    FoldsCase,
    IgnoresCollections,
    CutsNames,
    AlwaysFirst,
    NewReplaces,
    LooksThenWrites,
    ForgetsOnRestart,
    RevivesOnRestart,
    IgnoresKinds,
    DropsKept,
    DropsKeptForCached,
    GrowsWithoutBound,
    KeepsWithoutBound,
    CountsValuesAlone,
    RefusesToReplace,
    DropsTheOldest,
    DropsTheNewest,
    BelievesChanges,
    TakesChangedForMissing,
}

const STORE_LIES: &[(Lie, &str)] = &[
    (Lie::CutsRecords, "returns-what-was-written"),
    (Lie::KeepsTheFirstRecord, "returns-what-was-written"),
    (Lie::RemovesNothing, "nothing-is-none"),
    (Lie::FoldsCase, "keeps-names-apart"),
    (Lie::IgnoresCollections, "keeps-names-apart"),
    (Lie::CutsNames, "keeps-names-apart"),
    (Lie::AlwaysFirst, "first-write-wins"),
    (Lie::NewReplaces, "first-write-wins"),
    (Lie::LooksThenWrites, "one-first-of-many-tasks"),
    (Lie::LooksThenWrites, "one-first-of-many-threads"),
    (Lie::ForgetsOnRestart, "survives-the-process"),
    (Lie::RevivesOnRestart, "survives-the-process"),
    (Lie::IgnoresKinds, "keeps-names-apart"),
    (Lie::DropsKept, "keeps-what-must-be-kept"),
    (Lie::DropsKeptForCached, "keeps-what-must-be-kept"),
    (Lie::RefusesToReplace, "keeps-what-must-be-kept"),
    (Lie::GrowsWithoutBound, "stays-within-its-bounds"),
    (Lie::KeepsWithoutBound, "stays-within-its-bounds"),
    (Lie::CountsValuesAlone, "stays-within-its-bounds"),
    (Lie::DropsTheOldest, "drops-the-least-recently-used"),
    (Lie::DropsTheNewest, "drops-the-least-recently-used"),
    (Lie::BelievesChanges, "believes-no-change-by-another"),
    (Lie::TakesChangedForMissing, "believes-no-change-by-another"),
];

#[derive(Debug)]
struct EvilStore {
    lie: Lie,
    inner: MemoryStore,
    removed: Mutex<Vec<(StoreKey, Vec<u8>)>>,
    /// In the order of their first writing.
    written: Mutex<Vec<StoreKey>>,
}

/// As many records as a small store of the suite has room for.
const ROOM: usize = 15;

impl EvilStore {
    fn open(lie: Lie, bounds: StoreBounds) -> Self {
        let bounds = match lie {
            Lie::GrowsWithoutBound | Lie::DropsTheOldest => bounds.with_cached(u64::MAX),
            Lie::KeepsWithoutBound | Lie::DropsKept | Lie::DropsKeptForCached => {
                bounds.with_kept(u64::MAX)
            }
            _ => bounds,
        };
        Self {
            lie,
            inner: MemoryStore::bounded(bounds),
            removed: Mutex::default(),
            written: Mutex::default(),
        }
    }

    fn key(&self, key: &StoreKey) -> StoreKey {
        let name = key.name();
        let name = match self.lie {
            Lie::FoldsCase => name.to_lowercase(),
            Lie::CutsNames => name.chars().take(255).collect(),
            _ => name.to_owned(),
        };
        let told = match self.lie {
            Lie::IgnoresCollections => StoreKey::new("all", name),
            _ => StoreKey::new(key.collection(), name),
        };
        match key.kind() {
            RecordKind::Cached if self.lie != Lie::IgnoresKinds => told.as_cached(),
            _ => told,
        }
    }

    /// Whether the record is one of the first cached ones, or no cached one at all.
    fn has_room_for(&self, key: &StoreKey) -> bool {
        let mut written = self.written.lock().unwrap();
        if key.kind() == RecordKind::Kept || written.contains(key) {
            return true;
        }
        written.push(key.clone());
        written.len() <= ROOM
    }

    /// What it drops to make room for `key`, which is being written.
    fn drops(&self, key: &StoreKey) -> Option<StoreKey> {
        let drops = match self.lie {
            Lie::DropsKept => RecordKind::Kept,
            Lie::DropsKeptForCached if key.kind() == RecordKind::Kept => return None,
            Lie::DropsKeptForCached | Lie::DropsTheOldest => RecordKind::Cached,
            _ => return None,
        };
        let mut written = self.written.lock().unwrap();
        if key.kind() != drops || written.contains(key) {
            return None;
        }
        written.push(key.clone());
        let dropped = (written.len() > ROOM).then(|| written.remove(0))?;
        Some(match self.lie {
            Lie::DropsKeptForCached => StoreKey::new(dropped.collection(), dropped.name()),
            _ => dropped,
        })
    }
}

/// Lets another task in between.
pub(crate) async fn pause() {
    let mut paused = false;
    std::future::poll_fn(|context| {
        if std::mem::replace(&mut paused, true) {
            return std::task::Poll::Ready(());
        }
        context.waker().wake_by_ref();
        std::task::Poll::Pending
    })
    .await;
}

#[async_trait]
impl Store for EvilStore {
    async fn get(&self, key: &StoreKey) -> Result<Option<Vec<u8>>, StoreError> {
        if self.lie == Lie::CountsValuesAlone && self.written.lock().unwrap().contains(key) {
            return Ok(Some(Vec::new()));
        }
        let found = self.inner.get(&self.key(key)).await?;
        let cut = self.lie == Lie::CutsRecords;
        Ok(found.map(|mut record| {
            record.truncate(if cut { 4096 } else { usize::MAX });
            record
        }))
    }

    async fn put(&self, key: &StoreKey, value: &[u8]) -> Result<(), StoreError> {
        let there = self.inner.get(&self.key(key)).await?.is_some();
        if self.lie == Lie::KeepsTheFirstRecord && there {
            return Ok(());
        }
        if let Some(dropped) = self.drops(key) {
            self.inner.remove(&dropped).await?;
        }
        match self.lie {
            Lie::RefusesToReplace if there => Err(StoreError::full(key, 0)),
            // By its value alone an empty record takes no room.
            Lie::CountsValuesAlone if value.is_empty() => {
                self.written.lock().unwrap().push(key.clone());
                Ok(())
            }
            Lie::DropsTheNewest if !self.has_room_for(key) => Ok(()),
            _ => self.inner.put(&self.key(key), value).await,
        }
    }

    async fn put_new(&self, key: &StoreKey, value: &[u8]) -> Result<bool, StoreError> {
        let key = self.key(key);
        match self.lie {
            Lie::AlwaysFirst => {
                self.inner.put_new(&key, value).await?;
                Ok(true)
            }
            Lie::NewReplaces => {
                let is_new = self.inner.get(&key).await?.is_none();
                self.inner.put(&key, value).await?;
                Ok(is_new)
            }
            Lie::LooksThenWrites => {
                let is_new = self.inner.get(&key).await?.is_none();
                pause().await;
                std::thread::sleep(std::time::Duration::from_millis(50));
                if is_new {
                    self.inner.put(&key, value).await?;
                }
                Ok(is_new)
            }
            _ => self.inner.put_new(&key, value).await,
        }
    }

    async fn remove(&self, key: &StoreKey) -> Result<(), StoreError> {
        let key = self.key(key);
        if let Some(value) = self.inner.get(&key).await? {
            self.removed.lock().unwrap().push((key.clone(), value));
        }
        match self.lie {
            Lie::RemovesNothing => Ok(()),
            _ => self.inner.remove(&key).await,
        }
    }
}

struct LyingStores(Lie);

impl StoreSubject for LyingStores {
    type Store = EvilStore;

    fn open_within(&self, bounds: StoreBounds) -> EvilStore {
        EvilStore::open(self.0, bounds)
    }

    fn changed_by_another(
        &self,
        store: EvilStore,
        of: &StoreKey,
        what: Change<'_>,
    ) -> Option<EvilStore> {
        let read = |key| block_on(store.inner.get(key)).unwrap().unwrap_or_default();
        let changed = match what {
            Change::Edit => read(of).into_iter().map(|b| b ^ 1).collect(),
            Change::Swap(with) => read(with),
            _ => return None,
        };
        match self.0 {
            Lie::BelievesChanges => block_on(store.inner.put(of, &changed)).unwrap(),
            Lie::TakesChangedForMissing => block_on(store.inner.remove(of)).unwrap(),
            _ => return None,
        }
        Some(store)
    }

    fn reopen(&self, store: EvilStore) -> Option<EvilStore> {
        match self.0 {
            Lie::ForgetsOnRestart => return Some(self.open()),
            Lie::RevivesOnRestart => {
                for (key, value) in store.removed.lock().unwrap().drain(..) {
                    block_on(store.inner.put(&key, &value)).unwrap();
                }
            }
            _ => {}
        }
        Some(store)
    }
}

#[test]
fn every_lying_store_is_caught_by_name() {
    for (lie, check) in STORE_LIES {
        let report = block_on(store(&LyingStores(*lie)));
        assert_caught(lie, check, &report);
    }
    let caught: Vec<_> = STORE_LIES.iter().map(|(_, check)| *check).collect();
    assert_every_check_caught(&block_on(store(&Stores)), &caught);
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum GuardLie {
    Always,
    Never,
    OneForAll,
    FoldsCase,
    ForgetsEarly,
    LastEndCounts,
    ExpiredIsFresh,
    LooksThenWrites,
    ForgetsOnRestart,
    ForgetsAllButTheKey,
    NewKeyEachTime,
    OneKeyForAll,
    NewKeyOnRestart,
    PeekUses,
    PeekSeesNothing,
    PeekForgetsExpiry,
}

const GUARD_LIES: &[(GuardLie, &str)] = &[
    (GuardLie::Always, "once"),
    (GuardLie::Never, "once"),
    (GuardLie::OneForAll, "tokens-apart"),
    (GuardLie::FoldsCase, "tokens-apart"),
    (GuardLie::ForgetsEarly, "not-before-its-time"),
    (GuardLie::LastEndCounts, "not-before-its-time"),
    (GuardLie::ExpiredIsFresh, "expired-is-used"),
    (GuardLie::LooksThenWrites, "one-of-many-tasks"),
    (GuardLie::LooksThenWrites, "one-of-many-threads"),
    (GuardLie::ForgetsOnRestart, "survives-the-process"),
    (GuardLie::ForgetsAllButTheKey, "survives-the-process"),
    (GuardLie::NewKeyEachTime, "one-key"),
    (GuardLie::OneKeyForAll, "key-goes-with-the-record"),
    (GuardLie::NewKeyOnRestart, "key-stays-with-the-record"),
    (GuardLie::PeekUses, "peek-records-nothing"),
    (GuardLie::PeekSeesNothing, "peek-sees-the-use"),
    (GuardLie::PeekForgetsExpiry, "peek-sees-the-use"),
];

#[derive(Debug)]
struct EvilGuard {
    lie: GuardLie,
    honest: MemoryReplayGuard,
    key: MemoryReplayGuard,
    used: Mutex<BTreeMap<String, Timestamp>>,
}

#[async_trait]
impl ReplayGuard for EvilGuard {
    async fn consume(
        &self,
        token: &str,
        now: Timestamp,
        expires: Timestamp,
    ) -> Result<TokenUse, StoreError> {
        let token = match self.lie {
            GuardLie::Always => return Ok(TokenUse::First),
            GuardLie::Never => return Ok(TokenUse::UsedUp),
            GuardLie::OneForAll => "one".to_owned(),
            GuardLie::FoldsCase => token.to_lowercase(),
            _ => token.to_owned(),
        };
        match self.lie {
            GuardLie::ForgetsEarly => {
                let mut used = self.used.lock().unwrap();
                while used.len() > 50 {
                    used.pop_last();
                }
                Ok(first_if(used.insert(token, expires).is_none()))
            }
            GuardLie::LastEndCounts => {
                let mut used = self.used.lock().unwrap();
                used.retain(|_, end| *end > now);
                Ok(first_if(used.insert(token, expires).is_none()))
            }
            GuardLie::ExpiredIsFresh => {
                let mut used = self.used.lock().unwrap();
                used.retain(|_, end| *end > now);
                if used.contains_key(&token) {
                    return Ok(TokenUse::UsedUp);
                }
                used.insert(token, expires);
                Ok(TokenUse::First)
            }
            GuardLie::LooksThenWrites => {
                let is_new = !self.used.lock().unwrap().contains_key(&token);
                pause().await;
                std::thread::sleep(std::time::Duration::from_millis(50));
                self.used.lock().unwrap().insert(token, expires);
                Ok(first_if(is_new))
            }
            _ => self.honest.consume(&token, now, expires).await,
        }
    }

    async fn peek(
        &self,
        token: &str,
        now: Timestamp,
        expires: Timestamp,
    ) -> Result<TokenUse, StoreError> {
        match self.lie {
            GuardLie::PeekUses => self.honest.consume(token, now, expires).await,
            GuardLie::PeekSeesNothing => Ok(TokenUse::First),
            GuardLie::PeekForgetsExpiry => {
                let later = expires.max(now + std::time::Duration::from_secs(1));
                self.honest.peek(token, now, later).await
            }
            _ => self.honest.peek(token, now, expires).await,
        }
    }

    async fn key(&self, fresh: ChallengeKey) -> Result<ChallengeKey, StoreError> {
        match self.lie {
            GuardLie::NewKeyEachTime => Ok(fresh),
            GuardLie::OneKeyForAll => Ok(ChallengeKey::from_bytes(Zeroizing::new([7; 32]))),
            _ => self.key.key(fresh).await,
        }
    }
}

fn first_if(is_first: bool) -> TokenUse {
    match is_first {
        true => TokenUse::First,
        false => TokenUse::UsedUp,
    }
}

struct LyingGuards(GuardLie);

impl ReplaySubject for LyingGuards {
    type Guard = EvilGuard;

    fn open(&self) -> EvilGuard {
        EvilGuard {
            lie: self.0,
            honest: MemoryReplayGuard::new(),
            key: MemoryReplayGuard::new(),
            used: Mutex::default(),
        }
    }

    fn reopen(&self, guard: EvilGuard) -> Option<EvilGuard> {
        match self.0 {
            GuardLie::ForgetsOnRestart => Some(self.open()),
            GuardLie::ForgetsAllButTheKey => Some(EvilGuard {
                key: guard.key,
                ..self.open()
            }),
            GuardLie::NewKeyOnRestart => Some(EvilGuard {
                key: MemoryReplayGuard::new(),
                ..guard
            }),
            _ => Some(guard),
        }
    }
}

#[test]
fn every_lying_guard_is_caught_by_name() {
    for (lie, check) in GUARD_LIES {
        let report = block_on(replay_guard(&LyingGuards(*lie)));
        assert_caught(lie, check, &report);
    }
    let caught: Vec<_> = GUARD_LIES.iter().map(|(_, check)| *check).collect();
    assert_every_check_caught(&block_on(replay_guard(&Guards)), &caught);
}
