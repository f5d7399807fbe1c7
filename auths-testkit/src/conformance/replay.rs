//! The contract of [`ReplayGuard`].

use std::sync::LazyLock;
use std::thread;
use std::time::Duration;

use futures_util::future::join_all;

use super::report::{Check, Checked, Report, ensure, run, unless};
use crate::block_on;
use crate::doubles::CountingEntropy;
use auths_core::claim::ChallengeKey;
use auths_core::ports::{EntropyError, ReplayGuard, TokenUse};
use auths_core::{TimeError, Timestamp};

/// A [`ReplayGuard`] under test.
pub trait ReplaySubject: Send + Sync {
    /// The implementation.
    type Guard: ReplayGuard;

    /// Creates an empty guard, separate from every other guard.
    fn open(&self) -> Self::Guard;

    /// Reopens the guard as a later process would; `None` for a guard that lives as long as its process.
    fn reopen(&self, guard: Self::Guard) -> Option<Self::Guard> {
        drop(guard);
        None
    }

    /// Returns whether plain threads may call it, without a runtime.
    fn threads_may_call(&self) -> bool {
        true
    }
}

/// Checks a guard against its contract.
pub async fn replay_guard<S: ReplaySubject>(subject: &S) -> Report {
    run("ReplayGuard", &checks::<S>(), subject).await
}

fn checks<S: ReplaySubject>() -> Vec<Check<S>> {
    vec![
        Check {
            name: "once",
            promise: "`First` for the first use of a token, and `UsedUp` for every other",
            excluded_by: |_| None,
            run: |s| Box::pin(once(s)),
        },
        Check {
            name: "tokens-apart",
            promise: "the use of one token does not use up another, however alike",
            excluded_by: |_| None,
            run: |s| Box::pin(tokens_apart(s)),
        },
        Check {
            name: "not-before-its-time",
            promise: "a token is remembered until it expires, whatever is asked meanwhile",
            excluded_by: |_| None,
            run: |s| Box::pin(not_before_its_time(s)),
        },
        Check {
            name: "expired-is-used",
            promise: "a token that has expired by now counts as used, whether it was used or not",
            excluded_by: |_| None,
            run: |s| Box::pin(expired_is_used(s)),
        },
        Check {
            name: "peek-sees-the-use",
            promise: "looking shows whether a token was used, and a token that has expired as used",
            excluded_by: |_| None,
            run: |s| Box::pin(peek_sees_the_use(s)),
        },
        Check {
            name: "peek-records-nothing",
            promise: "looking at a token does not use it up",
            excluded_by: |_| None,
            run: |s| Box::pin(peek_records_nothing(s)),
        },
        Check {
            name: "one-of-many-tasks",
            promise: "of many tasks that use a token at once, one succeeds",
            excluded_by: |_| None,
            run: |s| Box::pin(one_of_many_tasks(s)),
        },
        Check {
            name: "one-of-many-threads",
            promise: "of many threads that use a token at once, one succeeds",
            excluded_by: |s| unless(s.threads_may_call(), "`ReplaySubject::threads_may_call`"),
            run: |s| Box::pin(one_of_many_threads(s)),
        },
        Check {
            name: "survives-the-process",
            promise: "a used token is known to a later process",
            excluded_by: |s| unless(s.reopen(s.open()).is_some(), "`ReplaySubject::reopen`"),
            run: |s| Box::pin(survives_the_process(s)),
        },
        Check {
            name: "one-key",
            promise: "the key is the same each time, for many tasks that ask at once too",
            excluded_by: |_| None,
            run: |s| Box::pin(one_key(s)),
        },
        Check {
            name: "key-goes-with-the-record",
            promise: "a guard that has seen nothing has a key that no other has: it is lost with the record",
            excluded_by: |_| None,
            run: |s| Box::pin(key_goes_with_the_record(s)),
        },
        Check {
            name: "key-stays-with-the-record",
            promise: "a later process finds the key beside the record",
            excluded_by: |s| unless(s.reopen(s.open()).is_some(), "`ReplaySubject::reopen`"),
            run: |s| Box::pin(key_stays_with_the_record(s)),
        },
    ]
}

/// Returns the time `seconds` after a fixed time.
fn at(seconds: u64) -> Result<Timestamp, TimeError> {
    Ok(Timestamp::from_unix(1_700_000_000)? + Duration::from_secs(seconds))
}

async fn once<S: ReplaySubject>(subject: &S) -> Checked {
    let guard = subject.open();
    ensure!(
        guard.consume("token", at(0)?, at(600)?).await?.is_first(),
        "the first use is refused"
    );
    for _ in 0..3 {
        ensure!(
            !guard.consume("token", at(1)?, at(600)?).await?.is_first(),
            "a further use succeeds"
        );
    }
    Ok(())
}

async fn tokens_apart<S: ReplaySubject>(subject: &S) -> Checked {
    let guard = subject.open();
    let long = "t".repeat(300);
    for token in [
        "", "t", "T", "t ", "t/1", "t%2F1", "..", "t\n", "t\0", &long,
    ] {
        ensure!(
            guard.consume(token, at(0)?, at(600)?).await?.is_first(),
            "the first use of {token:?} is refused"
        );
        ensure!(
            !guard.consume(token, at(0)?, at(600)?).await?.is_first(),
            "a second use of {token:?} succeeds"
        );
    }
    Ok(())
}

async fn not_before_its_time<S: ReplaySubject>(subject: &S) -> Checked {
    let guard = subject.open();
    let _ = guard.consume("token", at(0)?, at(600)?).await?;
    // The guard must not forget because of a second use with an earlier expiry, the expiry of others, or the last second.
    let _ = guard.consume("token", at(1)?, at(10)?).await?;
    for i in 0..100 {
        let other = format!("other {i}");
        let _ = guard.consume(&other, at(i)?, at(i + 1)?).await?;
    }
    for seconds in [11, 300, 599] {
        ensure!(
            !guard
                .consume("token", at(seconds)?, at(600)?)
                .await?
                .is_first(),
            "it was used again {seconds} s after its use, {} s before its end",
            600 - seconds
        );
    }
    Ok(())
}

async fn expired_is_used<S: ReplaySubject>(subject: &S) -> Checked {
    let guard = subject.open();
    ensure!(
        guard.consume("used", at(0)?, at(600)?).await?.is_first(),
        "the first use is refused"
    );
    for token in ["used", "never used"] {
        for seconds in [600, 601, 10_000] {
            ensure!(
                !guard
                    .consume(token, at(seconds)?, at(600)?)
                    .await?
                    .is_first(),
                "a token that is {token:?} was used {} s after its end",
                seconds - 600
            );
        }
    }
    Ok(())
}

async fn peek_sees_the_use<S: ReplaySubject>(subject: &S) -> Checked {
    let guard = subject.open();
    let _ = guard.consume("token", at(0)?, at(600)?).await?;
    ensure!(
        !guard.peek("token", at(599)?, at(600)?).await?.is_first(),
        "a used token looks unused"
    );
    ensure!(
        !guard.peek("expired", at(600)?, at(600)?).await?.is_first(),
        "a token that has expired looks unused"
    );
    ensure!(
        guard.peek("other", at(1)?, at(600)?).await?.is_first(),
        "an unused token looks used"
    );
    Ok(())
}

async fn peek_records_nothing<S: ReplaySubject>(subject: &S) -> Checked {
    let guard = subject.open();
    for _ in 0..3 {
        ensure!(
            guard.peek("token", at(0)?, at(600)?).await?.is_first(),
            "a token looks used after it was looked at"
        );
    }
    ensure!(
        guard.consume("token", at(1)?, at(600)?).await?.is_first(),
        "a token is used up by looking at it"
    );
    Ok(())
}

async fn one_of_many_tasks<S: ReplaySubject>(subject: &S) -> Checked {
    let guard = subject.open();
    let (now, end) = (at(0)?, at(600)?);
    let uses = (0..16).map(|_| guard.consume("token", now, end));
    let outcomes = join_all(uses).await;
    one(outcomes
        .into_iter()
        .filter(|o| matches!(o, Ok(TokenUse::First)))
        .count())
}

async fn one_of_many_threads<S: ReplaySubject>(subject: &S) -> Checked {
    let guard = subject.open();
    let (now, end) = (at(0)?, at(600)?);
    for round in 0..8 {
        let token = format!("round {round}");
        one(thread::scope(|scope| {
            let threads: Vec<_> = (0..8)
                .map(|_| scope.spawn(|| block_on(guard.consume(&token, now, end))))
                .collect();
            let outcomes = threads.into_iter().map(thread::ScopedJoinHandle::join);
            outcomes
                .filter(|o| matches!(o, Ok(Ok(TokenUse::First))))
                .count()
        }))?;
    }
    Ok(())
}

fn one(successes: usize) -> Checked {
    ensure!(successes == 1, "{successes} of the uses succeeded");
    Ok(())
}

async fn survives_the_process<S: ReplaySubject>(subject: &S) -> Checked {
    let guard = subject.open();
    let _ = guard.consume("token", at(0)?, at(600)?).await?;
    let Some(guard) = subject.reopen(guard) else {
        return Ok(());
    };
    ensure!(
        !guard.consume("token", at(1)?, at(600)?).await?.is_first(),
        "a later process lets it be used again"
    );
    Ok(())
}

/// Returns a key that no other call returns.
fn fresh() -> Result<ChallengeKey, EntropyError> {
    static RANDOM: LazyLock<CountingEntropy> = LazyLock::new(CountingEntropy::default);
    ChallengeKey::generate(&*RANDOM)
}

async fn one_key<S: ReplaySubject>(subject: &S) -> Checked {
    let guard = subject.open();
    let fresh_keys = (0..16).map(|_| fresh()).collect::<Result<Vec<_>, _>>()?;
    let asking = fresh_keys.into_iter().map(|key| guard.key(key));
    let mut keys = Vec::new();
    for key in join_all(asking).await {
        keys.push(*key?.expose());
    }
    let _ = guard.consume("token", at(0)?, at(600)?).await?;
    keys.push(*guard.key(fresh()?).await?.expose());
    keys.dedup();
    ensure!(keys.len() == 1, "it gave {} keys", keys.len());
    Ok(())
}

async fn key_goes_with_the_record<S: ReplaySubject>(subject: &S) -> Checked {
    let [one, other] = [subject.open(), subject.open()];
    let (one, other) = (one.key(fresh()?).await?, other.key(fresh()?).await?);
    ensure!(
        one.expose() != other.expose(),
        "two guards with records of their own have one key"
    );
    Ok(())
}

async fn key_stays_with_the_record<S: ReplaySubject>(subject: &S) -> Checked {
    let guard = subject.open();
    let before = guard.key(fresh()?).await?;
    let Some(guard) = subject.reopen(guard) else {
        return Ok(());
    };
    let after = guard.key(fresh()?).await?;
    ensure!(
        before.expose() == after.expose(),
        "a later process has another key, and the record is there"
    );
    Ok(())
}
