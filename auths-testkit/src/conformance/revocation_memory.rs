//! The contract of [`RevocationMemory`].

use std::collections::BTreeSet;
use std::thread;
use std::time::Duration;

use super::report::{Check, Checked, Report, Violation, ensure, run, unless};
use crate::block_on;
use auths_core::Timestamp;
use auths_core::claim::{ClaimId, Revocation, RevocationTarget, Signed, SigningRequest};
use auths_core::crypto::{KeyPair, Seed};
use auths_core::identity::Did;
use auths_core::ports::RevocationMemory;

/// A [`RevocationMemory`] under test.
pub trait RevocationMemorySubject: Send + Sync {
    /// The implementation.
    type Memory: RevocationMemory;

    /// Creates an empty memory, separate from every other memory.
    fn open(&self) -> Self::Memory;

    /// Reopens the memory as a later process would; `None` for a memory that lives as long as its process.
    fn reopen(&self, memory: Self::Memory) -> Option<Self::Memory> {
        drop(memory);
        None
    }

    /// Returns the memory with one entry damaged or cut; `None` where nothing can be damaged.
    fn damaged(&self, memory: Self::Memory) -> Option<Self::Memory> {
        drop(memory);
        None
    }

    /// Returns whether plain threads may call it, without a runtime.
    fn threads_may_call(&self) -> bool {
        true
    }
}

/// Checks a memory of revocations against its contract.
pub async fn revocation_memory<S: RevocationMemorySubject>(subject: &S) -> Report {
    run("RevocationMemory", &checks::<S>(), subject).await
}

fn checks<S: RevocationMemorySubject>() -> Vec<Check<S>> {
    vec![
        Check {
            name: "recalls-recovery-dids",
            promise: "a recovery DID that was remembered is recalled, once, and of what was not there is none",
            excluded_by: |_| None,
            run: |s| Box::pin(recalls_recovery_dids(s)),
        },
        Check {
            name: "forgets-no-recovery-did",
            promise: "what is remembered later, of the same DID or of others, replaces nothing",
            excluded_by: |_| None,
            run: |s| Box::pin(forgets_no_recovery_did(s)),
        },
        Check {
            name: "keeps-dids-apart",
            promise: "a recovery DID is that of the DID that named it, and of no other",
            excluded_by: |_| None,
            run: |s| Box::pin(keeps_dids_apart(s)),
        },
        Check {
            name: "recalls-revocations",
            promise: "a revocation is recalled as it was signed, for what it revokes and by whom",
            excluded_by: |_| None,
            run: |s| Box::pin(recalls_revocations(s)),
        },
        Check {
            name: "keeps-revocations-apart",
            promise: "a revocation of something else, or by somebody else, is another",
            excluded_by: |_| None,
            run: |s| Box::pin(keeps_revocations_apart(s)),
        },
        Check {
            name: "forgets-no-revocation",
            promise: "a later revocation of the same by the same DID replaces none",
            excluded_by: |_| None,
            run: |s| Box::pin(forgets_no_revocation(s)),
        },
        Check {
            name: "loses-nothing-among-threads",
            promise: "of what many threads remember at once, nothing is lost",
            excluded_by: |s| {
                unless(
                    s.threads_may_call(),
                    "`RevocationMemorySubject::threads_may_call`",
                )
            },
            run: |s| Box::pin(loses_nothing_among_threads(s)),
        },
        Check {
            name: "damage-is-an-error",
            promise: "where a part cannot be read, recalling fails: there is no shorter list",
            excluded_by: |s| {
                unless(
                    s.damaged(s.open()).is_some(),
                    "`RevocationMemorySubject::damaged`",
                )
            },
            run: |s| Box::pin(damage_is_an_error(s)),
        },
        Check {
            name: "survives-the-process",
            promise: "what was remembered is found by a later process",
            excluded_by: |s| {
                unless(
                    s.reopen(s.open()).is_some(),
                    "`RevocationMemorySubject::reopen`",
                )
            },
            run: |s| Box::pin(survives_the_process(s)),
        },
    ]
}

fn key(n: u8) -> KeyPair {
    KeyPair::from_seed(&Seed::new(zeroize::Zeroizing::new([n; 32])))
}

fn did(n: u8) -> Did {
    Did::from_key(&key(n).public())
}

fn at(seconds: u64) -> Result<Timestamp, Violation> {
    Ok(Timestamp::from_unix(1_700_000_000)? + Duration::from_secs(seconds))
}

/// Signs a revocation with the key of that number.
async fn by(n: u8, revocation: Revocation) -> Result<Signed<Revocation>, Violation> {
    Ok(SigningRequest::new(revocation, at(0)?)
        .sign(&key(n))
        .await?)
}

async fn recovery_of<M: RevocationMemory>(memory: &M, n: u8) -> Result<Vec<Did>, Violation> {
    let mut named = memory.recovery_dids(&did(n)).await?;
    named.sort();
    Ok(named)
}

fn all(numbers: impl IntoIterator<Item = u8>) -> Vec<Did> {
    of(numbers).into_iter().collect()
}

/// Returns the DIDs of those numbers.
fn of(numbers: impl IntoIterator<Item = u8>) -> BTreeSet<Did> {
    numbers.into_iter().map(did).collect()
}

async fn recalls_recovery_dids<S: RevocationMemorySubject>(subject: &S) -> Checked {
    let memory = subject.open();
    let none = recovery_of(&memory, 1).await?;
    ensure!(none.is_empty(), "a new memory recalls {none:?}");
    for _ in 0..3 {
        memory.remember_recovery(&did(1), &did(9)).await?;
    }
    let named = recovery_of(&memory, 1).await?;
    ensure!(
        named == all([9]),
        "one was remembered, and {named:?} recalled"
    );
    Ok(())
}

async fn forgets_no_recovery_did<S: RevocationMemorySubject>(subject: &S) -> Checked {
    let memory = subject.open();
    for n in 100..164 {
        memory.remember_recovery(&did(1), &did(n)).await?;
        memory.remember_recovery(&did(n), &did(1)).await?;
    }
    let named = recovery_of(&memory, 1).await?;
    ensure!(
        named == all(100..164),
        "64 were remembered, and {} recalled",
        named.len()
    );
    Ok(())
}

async fn keeps_dids_apart<S: RevocationMemorySubject>(subject: &S) -> Checked {
    let memory = subject.open();
    memory.remember_recovery(&did(1), &did(9)).await?;
    memory.remember_recovery(&did(2), &did(8)).await?;
    for (n, named) in [(1, all([9])), (2, all([8])), (8, all([])), (9, all([]))] {
        let recalled = recovery_of(&memory, n).await?;
        ensure!(recalled == named, "of DID {n} it recalls {recalled:?}");
    }
    Ok(())
}

async fn recalls_revocations<S: RevocationMemorySubject>(subject: &S) -> Checked {
    let memory = subject.open();
    let what = RevocationTarget::Did(did(1));
    let none = memory.revocations(&what, &of([9])).await?;
    ensure!(none.is_empty(), "a new memory recalls {none:?}");
    let revocation = by(9, Revocation::new(what.clone()).starting(at(5)?)).await?;
    for _ in 0..3 {
        memory.remember_revocation(&revocation).await?;
    }
    let recalled = memory.revocations(&what, &of([9])).await?;
    ensure!(
        recalled == [revocation],
        "one was remembered, and recalled was {recalled:?}"
    );
    Ok(())
}

async fn keeps_revocations_apart<S: RevocationMemorySubject>(subject: &S) -> Checked {
    let memory = subject.open();
    let id: ClaimId = format!("sha256:{}", "0".repeat(64))
        .parse()
        .map_err(|_| Violation::Broken("the suite's own claim id is not one".to_owned()))?;
    let targets = [
        RevocationTarget::Did(did(1)),
        RevocationTarget::Did(did(2)),
        RevocationTarget::Claim(id),
    ];
    let mut given = Vec::new();
    for what in &targets {
        for n in [1, 2] {
            let revocation = by(n, Revocation::new(what.clone())).await?;
            memory.remember_revocation(&revocation).await?;
            given.push((what, n, revocation));
        }
    }
    for what in &targets {
        let recalled = memory.revocations(what, &of([1, 2, 3])).await?;
        let by: BTreeSet<_> = recalled.iter().map(|one| one.did().clone()).collect();
        ensure!(
            recalled.len() == 2 && by == of([1, 2]),
            "two DIDs revoked {what:?}, and asked for both and another it recalls {recalled:?}"
        );
        let by_none = memory.revocations(what, &of([])).await?;
        ensure!(
            by_none.is_empty(),
            "by no DID at all it recalls {by_none:?}"
        );
    }
    for (what, n, revocation) in given {
        let recalled = memory.revocations(what, &of([n])).await?;
        ensure!(
            recalled == [revocation],
            "of {what:?} by DID {n} it recalls {recalled:?}"
        );
    }
    let other = memory.revocations(&targets[0], &of([3])).await?;
    ensure!(
        other.is_empty(),
        "by a DID that signed none it recalls {other:?}"
    );
    Ok(())
}

async fn forgets_no_revocation<S: RevocationMemorySubject>(subject: &S) -> Checked {
    let memory = subject.open();
    let what = RevocationTarget::Did(did(1));
    let mut given = vec![by(1, Revocation::new(what.clone())).await?];
    for second in 0..40 {
        given.push(by(1, Revocation::new(what.clone()).starting(at(second)?)).await?);
    }
    for revocation in &given {
        memory.remember_revocation(revocation).await?;
    }
    let recalled = memory.revocations(&what, &of([1])).await?;
    ensure!(
        recalled.len() == given.len() && given.iter().all(|one| recalled.contains(one)),
        "{} were remembered, and {} recalled",
        given.len(),
        recalled.len()
    );
    Ok(())
}

async fn loses_nothing_among_threads<S: RevocationMemorySubject>(subject: &S) -> Checked {
    let memory = subject.open();
    let kept: Vec<u8> = thread::scope(|scope| {
        let threads: Vec<_> = (100..108u8)
            .map(|n| {
                let memory = &memory;
                scope.spawn(move || {
                    let kept = block_on(memory.remember_recovery(&did(1), &did(n)));
                    kept.is_ok().then_some(n)
                })
            })
            .collect();
        let kept = threads.into_iter().filter_map(|t| t.join().ok().flatten());
        kept.collect()
    });
    ensure!(
        kept.len() == 8,
        "{} of 8 threads could remember",
        kept.len()
    );
    let named = recovery_of(&memory, 1).await?;
    ensure!(
        named == all(kept),
        "8 were remembered, and {named:?} recalled"
    );
    Ok(())
}

async fn damage_is_an_error<S: RevocationMemorySubject>(subject: &S) -> Checked {
    let memory = subject.open();
    for n in [8, 9] {
        memory.remember_recovery(&did(1), &did(n)).await?;
    }
    let Some(memory) = subject.damaged(memory) else {
        return Ok(());
    };
    let recalled = memory.recovery_dids(&did(1)).await;
    ensure!(recalled.is_err(), "damaged, it recalls {recalled:?}");
    Ok(())
}

async fn survives_the_process<S: RevocationMemorySubject>(subject: &S) -> Checked {
    let memory = subject.open();
    let revocation = by(9, Revocation::new(RevocationTarget::Did(did(1)))).await?;
    memory.remember_recovery(&did(1), &did(9)).await?;
    memory.remember_revocation(&revocation).await?;
    let Some(memory) = subject.reopen(memory) else {
        return Ok(());
    };
    let named = recovery_of(&memory, 1).await?;
    ensure!(named == all([9]), "the recovery DID is lost: {named:?}");
    let recalled = memory
        .revocations(&revocation.unverified().revokes, &of([9]))
        .await?;
    ensure!(
        recalled == [revocation],
        "the revocation is lost: {recalled:?}"
    );
    Ok(())
}
