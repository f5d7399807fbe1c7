//! Memories of revocations that lie.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use auths_core::Did;
use auths_core::claim::{Revocation, RevocationTarget, Signed};
use auths_core::ports::{RevocationMemory, StoreError, StoreKey};
use auths_testkit::block_on;
use auths_testkit::conformance::{RevocationMemorySubject, revocation_memory};

use crate::doubles::Memories;
use crate::{assert_caught, assert_every_check_caught};

#[derive(Debug, Clone, Copy, PartialEq)]
enum Lie {
    ForgetsAll,
    RepeatsWhatItKeeps,
    LastNameCounts,
    DropsTheOldest,
    OneForAll,
    BothWays,
    ForgetsRevocations,
    IgnoresBy,
    AnswersForOneAlone,
    IgnoresWhat,
    LastRevocationCounts,
    ReadsThenWrites,
    SkipsWhatIsDamaged,
    ForgetsOnRestart,
}

const LIES: &[(Lie, &str)] = &[
    (Lie::ForgetsAll, "recalls-recovery-dids"),
    (Lie::RepeatsWhatItKeeps, "recalls-recovery-dids"),
    (Lie::LastNameCounts, "forgets-no-recovery-did"),
    (Lie::DropsTheOldest, "forgets-no-recovery-did"),
    (Lie::OneForAll, "keeps-dids-apart"),
    (Lie::BothWays, "keeps-dids-apart"),
    (Lie::ForgetsRevocations, "recalls-revocations"),
    (Lie::IgnoresBy, "keeps-revocations-apart"),
    (Lie::AnswersForOneAlone, "keeps-revocations-apart"),
    (Lie::IgnoresWhat, "keeps-revocations-apart"),
    (Lie::LastRevocationCounts, "forgets-no-revocation"),
    (Lie::ReadsThenWrites, "loses-nothing-among-threads"),
    (Lie::SkipsWhatIsDamaged, "damage-is-an-error"),
    (Lie::ForgetsOnRestart, "survives-the-process"),
];

#[derive(Debug)]
struct EvilMemory {
    lie: Lie,
    recovery: Mutex<Vec<(Did, Did)>>,
    revocations: Mutex<Vec<Signed<Revocation>>>,
    damaged: AtomicBool,
}

#[async_trait]
impl RevocationMemory for EvilMemory {
    async fn remember_recovery(&self, did: &Did, recovery: &Did) -> Result<(), StoreError> {
        let named = (did.clone(), recovery.clone());
        if self.lie == Lie::ReadsThenWrites {
            let mut all = self.recovery.lock().unwrap().clone();
            std::thread::sleep(Duration::from_millis(50));
            all.push(named);
            *self.recovery.lock().unwrap() = all;
            return Ok(());
        }
        let mut all = self.recovery.lock().unwrap();
        match self.lie {
            Lie::ForgetsAll => return Ok(()),
            Lie::LastNameCounts => all.retain(|(of, _)| of != did),
            Lie::DropsTheOldest if all.len() >= 64 => drop(all.remove(0)),
            Lie::RepeatsWhatItKeeps => {}
            _ => all.retain(|known| *known != named),
        }
        all.push(named);
        Ok(())
    }

    async fn recovery_dids(&self, did: &Did) -> Result<Vec<Did>, StoreError> {
        if self.damaged.load(Ordering::Relaxed) && self.lie != Lie::SkipsWhatIsDamaged {
            let key = StoreKey::new("recovery", did.as_str());
            return Err(StoreError::new(&key, "read", "it is damaged"));
        }
        let all = self.recovery.lock().unwrap();
        let of = |(of, recovery): &(Did, Did)| match self.lie {
            Lie::OneForAll => Some(recovery.clone()),
            Lie::BothWays if recovery == did => Some(of.clone()),
            _ => (of == did).then(|| recovery.clone()),
        };
        Ok(all.iter().filter_map(of).collect())
    }

    async fn remember_revocation(&self, revocation: &Signed<Revocation>) -> Result<(), StoreError> {
        let mut all = self.revocations.lock().unwrap();
        match self.lie {
            Lie::ForgetsRevocations => return Ok(()),
            Lie::LastRevocationCounts => all.retain(|known| {
                known.did() != revocation.did()
                    || known.unverified().revokes != revocation.unverified().revokes
            }),
            _ => all.retain(|known| known != revocation),
        }
        all.push(revocation.clone());
        Ok(())
    }

    async fn revocations(
        &self,
        what: &RevocationTarget,
        by: &BTreeSet<Did>,
    ) -> Result<Vec<Signed<Revocation>>, StoreError> {
        let all = self.revocations.lock().unwrap();
        let last = by.iter().next_back();
        let fits = |known: &&Signed<Revocation>| {
            if self.lie == Lie::AnswersForOneAlone {
                return known.unverified().revokes == *what && Some(known.did()) == last;
            }
            let is_what = self.lie == Lie::IgnoresWhat || known.unverified().revokes == *what;
            is_what && (self.lie == Lie::IgnoresBy || by.contains(known.did()))
        };
        Ok(all.iter().filter(fits).cloned().collect())
    }
}

struct LyingMemories(Lie);

impl RevocationMemorySubject for LyingMemories {
    type Memory = EvilMemory;

    fn open(&self) -> EvilMemory {
        EvilMemory {
            lie: self.0,
            recovery: Mutex::default(),
            revocations: Mutex::default(),
            damaged: AtomicBool::new(false),
        }
    }

    fn reopen(&self, memory: EvilMemory) -> Option<EvilMemory> {
        match self.0 {
            Lie::ForgetsOnRestart => Some(self.open()),
            _ => Some(memory),
        }
    }

    fn damaged(&self, memory: EvilMemory) -> Option<EvilMemory> {
        memory.damaged.store(true, Ordering::Relaxed);
        Some(memory)
    }
}

#[test]
fn every_lying_memory_is_caught_by_name() {
    for (lie, check) in LIES {
        let report = block_on(revocation_memory(&LyingMemories(*lie)));
        assert_caught(lie, check, &report);
    }
    let caught: Vec<_> = LIES.iter().map(|(_, check)| *check).collect();
    assert_every_check_caught(&block_on(revocation_memory(&Memories)), &caught);
}
