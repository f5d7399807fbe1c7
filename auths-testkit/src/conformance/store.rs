//! The contract of [`Store`].

use std::thread;

use futures_util::future::join_all;

use super::report::{Check, Checked, Report, Violation, ensure, run, unless};
use crate::block_on;
use auths_core::ports::{RecordKind, Store, StoreBounds, StoreKey};

/// A [`Store`] under test.
pub trait StoreSubject: Send + Sync {
    /// The implementation.
    type Store: Store;

    /// Creates an empty store, separate from every other store.
    fn open(&self) -> Self::Store {
        self.open_within(StoreBounds::default())
    }

    /// Creates an empty store with these bounds, separate from every other store.
    fn open_within(&self, bounds: StoreBounds) -> Self::Store;

    /// Reopens the store as a later process would; `None` for a store that lives as long as its process.
    fn reopen(&self, store: Self::Store) -> Option<Self::Store> {
        drop(store);
        None
    }

    /// Returns the store after somebody else made the change `what` to the record `of`, if it exists. `None` where only the store
    /// can change its data, such as in the memory of a process.
    fn changed_by_another(
        &self,
        store: Self::Store,
        of: &StoreKey,
        what: Change<'_>,
    ) -> Option<Self::Store> {
        drop(store);
        let _ = (of, what);
        None
    }

    /// Returns whether plain threads may call it, without a runtime.
    fn threads_may_call(&self) -> bool {
        true
    }
}

/// A change of a record by somebody who can write to the underlying storage, and knows no secret of the store.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Change<'a> {
    /// One byte of the value is changed, and everything that does not need a secret is adapted to it.
    Edit,
    /// The record is replaced by the stored data of this other key.
    Swap(&'a StoreKey),
}

/// Checks a store against its contract.
pub async fn store<S: StoreSubject>(subject: &S) -> Report {
    run("Store", &checks::<S>(), subject).await
}

fn checks<S: StoreSubject>() -> Vec<Check<S>> {
    vec![
        Check {
            name: "returns-what-was-written",
            promise: "a record read is exactly a record written, and the last one",
            excluded_by: |_| None,
            run: |s| Box::pin(returns_what_was_written(s)),
        },
        Check {
            name: "nothing-is-none",
            promise: "what was never written, or was removed, is `None`; removing nothing is no error",
            excluded_by: |_| None,
            run: |s| Box::pin(nothing_is_none(s)),
        },
        Check {
            name: "keeps-names-apart",
            promise: "a record is never another's, whatever the names are made of",
            excluded_by: |_| None,
            run: |s| Box::pin(keeps_names_apart(s)),
        },
        Check {
            name: "first-write-wins",
            promise: "`put_new` writes only where nothing is, and says whether it did",
            excluded_by: |_| None,
            run: |s| Box::pin(first_write_wins(s)),
        },
        Check {
            name: "one-first-of-many-tasks",
            promise: "of many tasks that call `put_new` at once, one is first, and its record stays",
            excluded_by: |_| None,
            run: |s| Box::pin(one_first_of_many_tasks(s)),
        },
        Check {
            name: "one-first-of-many-threads",
            promise: "of many threads that call `put_new` at once, one is first, and its record stays",
            excluded_by: |s| unless(s.threads_may_call(), "`StoreSubject::threads_may_call`"),
            run: |s| Box::pin(one_first_of_many_threads(s)),
        },
        Check {
            name: "survives-the-process",
            promise: "what was written is found by a later process",
            excluded_by: |s| unless(s.reopen(s.open()).is_some(), "`StoreSubject::reopen`"),
            run: |s| Box::pin(survives_the_process(s)),
        },
        Check {
            name: "keeps-what-must-be-kept",
            promise: "no kept record makes room for another, cached or kept",
            excluded_by: |_| None,
            run: |s| Box::pin(keeps_what_must_be_kept(s)),
        },
        Check {
            name: "stays-within-its-bounds",
            promise: "records of a kind take no more room in a collection than its bound; kept ones are then refused",
            excluded_by: |_| None,
            run: |s| Box::pin(stays_within_its_bounds(s)),
        },
        Check {
            name: "drops-the-least-recently-used",
            promise: "a cached record that is read again and again outlives those that are not, and the newest is there",
            excluded_by: |_| None,
            run: |s| Box::pin(drops_the_least_recently_used(s)),
        },
        Check {
            name: "believes-no-change-by-another",
            promise: "a record that another changed is an error when it is kept, and `None` when it is cached",
            excluded_by: |s| unless(can_be_changed(s), "`StoreSubject::changed_by_another`"),
            run: |s| Box::pin(believes_no_change_by_another(s)),
        },
    ]
}

fn key(name: &str) -> StoreKey {
    StoreKey::new("conformance", name)
}

async fn returns_what_was_written<S: StoreSubject>(subject: &S) -> Checked {
    let store = subject.open();
    let every_byte: Vec<u8> = (0..=255).collect();
    let large = vec![7; 1 << 20];
    for value in [
        &[][..],
        b"text",
        b"line\nline\r\n",
        &every_byte,
        &large,
        b"shorter again",
    ] {
        store.put(&key("a"), value).await?;
        let found = store.get(&key("a")).await?;
        ensure!(
            found.as_deref() == Some(value),
            "{} bytes were written, and {:?} read",
            value.len(),
            found.map(|f| f.len())
        );
    }
    Ok(())
}

async fn nothing_is_none<S: StoreSubject>(subject: &S) -> Checked {
    let store = subject.open();
    ensure!(
        store.get(&key("a")).await?.is_none(),
        "a new store has a record"
    );
    store.remove(&key("a")).await?;
    store.put(&key("a"), b"1").await?;
    store.remove(&key("a")).await?;
    ensure!(
        store.get(&key("a")).await?.is_none(),
        "a removed record is still there"
    );
    let wrote = store.put_new(&key("a"), b"2").await?;
    ensure!(wrote, "put_new says that a removed record is there");
    Ok(())
}

async fn keeps_names_apart<S: StoreSubject>(subject: &S) -> Checked {
    let store = subject.open();
    let long = "n".repeat(300);
    let longer = format!("{long}n");
    let names = [
        "",
        "a",
        "A",
        "a/b",
        "a%2Fb",
        "a\\b",
        "..",
        "../a",
        ".",
        "a ",
        "a\n",
        "a\0",
        "\u{e9}",
        "e\u{301}",
        "CON",
        "pypi:six",
        "https://x.example/?q=1#f",
        &long,
        &longer,
    ];
    let keys: Vec<StoreKey> = names
        .iter()
        .map(|n| key(n))
        .chain([StoreKey::new("elsewhere", "a"), key("a").as_cached()])
        .collect();
    for (i, key) in keys.iter().enumerate() {
        store.put(key, &i.to_be_bytes()).await?;
    }
    for (i, key) in keys.iter().enumerate() {
        let found = store.get(key).await?;
        ensure!(
            found.as_deref() == Some(&i.to_be_bytes()[..]),
            "the record {key:?} is gone or another's: {found:?}"
        );
    }
    store.remove(&key("a")).await?;
    let kept = store.get(&key("A")).await?.is_some();
    ensure!(kept, "removing `a` removed `A`");
    Ok(())
}

async fn first_write_wins<S: StoreSubject>(subject: &S) -> Checked {
    let store = subject.open();
    ensure!(
        store.put_new(&key("a"), b"first").await?,
        "put_new says that an empty store has the record"
    );
    ensure!(
        !store.put_new(&key("a"), b"second").await?,
        "put_new says that it wrote where a record was"
    );
    let found = store.get(&key("a")).await?;
    ensure!(
        found.as_deref() == Some(b"first"),
        "put_new replaced the record"
    );
    Ok(())
}

async fn one_first_of_many_tasks<S: StoreSubject>(subject: &S) -> Checked {
    let store = subject.open();
    let key = &key("a");
    let store_ref = &store;
    let writes = (0..16u8).map(|i| async move { (i, store_ref.put_new(key, &[i]).await) });
    let outcomes = join_all(writes).await;
    let mut firsts = Vec::new();
    for (i, outcome) in outcomes {
        if outcome? {
            firsts.push(i);
        }
    }
    only_one_first(&store, key, &firsts).await
}

async fn one_first_of_many_threads<S: StoreSubject>(subject: &S) -> Checked {
    let store = subject.open();
    for round in 0..8 {
        let key = key(&format!("round {round}"));
        let firsts: Vec<u8> = thread::scope(|scope| {
            let threads: Vec<_> = (0..8u8)
                .map(|i| {
                    let (store, key) = (&store, &key);
                    scope.spawn(move || (i, block_on(store.put_new(key, &[i]))))
                })
                .collect();
            let outcomes = threads.into_iter().filter_map(|t| t.join().ok());
            outcomes
                .filter(|(_, wrote)| matches!(wrote, Ok(true)))
                .map(|(i, _)| i)
                .collect()
        });
        only_one_first(&store, &key, &firsts).await?;
    }
    Ok(())
}

async fn only_one_first<S: Store>(store: &S, key: &StoreKey, firsts: &[u8]) -> Checked {
    ensure!(
        firsts.len() == 1,
        "{} of the writers were told that they were first",
        firsts.len()
    );
    let found = store.get(key).await?;
    ensure!(
        found.as_deref() == Some(firsts),
        "the record is not the first writer's: {found:?}"
    );
    Ok(())
}

async fn survives_the_process<S: StoreSubject>(subject: &S) -> Checked {
    let store = subject.open();
    store.put(&key("a"), b"kept").await?;
    store.put(&key("gone"), b"1").await?;
    store.remove(&key("gone")).await?;
    let Some(store) = subject.reopen(store) else {
        return Ok(());
    };
    ensure!(
        store.get(&key("a")).await?.as_deref() == Some(b"kept"),
        "the record is lost"
    );
    ensure!(
        store.get(&key("gone")).await?.is_none(),
        "a removed record came back"
    );
    Ok(())
}

/// The maximum size for both kinds of record. It is small: sixteen values of the size of `VALUE` fit.
const BOUND: u64 = 1 << 20;
static VALUE: [u8; 60 << 10] = [7; 60 << 10];

fn small() -> StoreBounds {
    StoreBounds::default().with_cached(BOUND).with_kept(BOUND)
}

fn numbered(n: usize) -> StoreKey {
    key(&n.to_string())
}

/// Returns which of the numbered records exist, as they were written.
async fn there<S: Store>(
    store: &S,
    numbers: std::ops::Range<usize>,
    kind: fn(StoreKey) -> StoreKey,
) -> Result<Vec<usize>, Violation> {
    let mut found = Vec::new();
    for n in numbers {
        match store.get(&kind(numbered(n))).await? {
            Some(value) if value == VALUE => found.push(n),
            Some(_) => return Err(Violation::Broken(format!("the record {n} is another"))),
            None => {}
        }
    }
    Ok(found)
}

async fn keeps_what_must_be_kept<S: StoreSubject>(subject: &S) -> Checked {
    let store = subject.open_within(small());
    for n in 0..8 {
        store.put(&numbered(n), &VALUE).await?;
    }
    for n in 0..64 {
        store.put(&numbered(n).as_cached(), &VALUE).await?;
        store.put(&StoreKey::new("elsewhere", "a"), &VALUE).await?;
    }
    // Once the store is full, existing records stay, are reported, and can be written anew.
    let mut refused = 0;
    for n in 8..64 {
        let written = match n % 2 {
            0 => store.put(&numbered(n), &VALUE).await.map(|()| true),
            _ => store.put_new(&numbered(n), &VALUE).await,
        };
        refused += usize::from(written.is_err());
    }
    let found = there(&store, 0..64, |key| key).await?;
    ensure!(
        found.starts_with(&[0, 1, 2, 3, 4, 5, 6, 7]) && found.len() + refused == 64,
        "{found:?} are left of 64 kept records, and {refused} were refused"
    );
    store.put(&numbered(3), b"anew").await?;
    let anew = store.get(&numbered(3)).await?;
    ensure!(
        anew.as_deref() == Some(&b"anew"[..]),
        "a kept record cannot be replaced by a smaller one when there is no room for more"
    );
    Ok(())
}

async fn stays_within_its_bounds<S: StoreSubject>(subject: &S) -> Checked {
    let store = subject.open_within(small());
    let most = BOUND as usize / VALUE.len();
    for n in 0..64 {
        store.put(&numbered(n).as_cached(), &VALUE).await?;
        let _ = store.put(&numbered(n), &VALUE).await;
    }
    let cached = there(&store, 0..64, StoreKey::as_cached).await?;
    let kept = there(&store, 0..64, |key| key).await?;
    for (kind, found) in [("cached", cached), ("kept", kept)] {
        ensure!(
            found.len() <= most,
            "{} {kind} records of {} bytes are in a collection that may hold {BOUND} bytes",
            found.len(),
            VALUE.len()
        );
    }
    // The overhead of a record counts too: even empty records are limited.
    let tiny = subject.open_within(small().with_cached(4096).with_kept(4096));
    let mut written = 0;
    for n in 0..512 {
        tiny.put(&numbered(n).as_cached(), b"").await?;
        written += usize::from(tiny.put(&numbered(n), b"").await.is_ok());
    }
    let mut cached = 0;
    for n in 0..512 {
        cached += usize::from(tiny.get(&numbered(n).as_cached()).await?.is_some());
    }
    ensure!(
        cached < 512 && written < 512,
        "{cached} cached and {written} kept records without a value are in a collection that may hold 4096 bytes"
    );
    Ok(())
}

async fn drops_the_least_recently_used<S: StoreSubject>(subject: &S) -> Checked {
    let store = subject.open_within(small());
    for n in 0..64 {
        store.put(&numbered(n).as_cached(), &VALUE).await?;
        let newest = store.get(&numbered(n).as_cached()).await?;
        ensure!(newest.is_some(), "a record that was just written is gone");
        let used = store.get(&numbered(0).as_cached()).await?;
        ensure!(
            used.is_some(),
            "a record that was read after every one that was written is gone after {n}"
        );
    }
    let found = there(&store, 1..32, StoreKey::as_cached).await?;
    ensure!(
        found.is_empty(),
        "{found:?} are there, and newer ones were dropped"
    );
    Ok(())
}

fn can_be_changed<S: StoreSubject>(subject: &S) -> bool {
    let changed = subject.changed_by_another(subject.open(), &key("a"), Change::Edit);
    changed.is_some()
}

async fn believes_no_change_by_another<S: StoreSubject>(subject: &S) -> Checked {
    let elsewhere = StoreKey::new("elsewhere", "a");
    let (other, cached) = (key("b"), key("a").as_cached());
    for change in [
        Change::Edit,
        Change::Swap(&other),
        Change::Swap(&elsewhere),
        Change::Swap(&cached),
    ] {
        for of in [key("a"), key("a").as_cached()] {
            if matches!(change, Change::Swap(with) if *with == of) {
                continue;
            }
            let store = subject.open();
            for key in [&of, &other, &elsewhere, &cached] {
                store.put(key, b"value of it").await?;
            }
            store.put(&of, b"value").await?;
            let Some(store) = subject.changed_by_another(store, &of, change) else {
                return Ok(());
            };
            match (of.kind(), store.get(&of).await) {
                (RecordKind::Kept, Err(_)) | (RecordKind::Cached, Ok(None)) => {}
                (kind, read) => {
                    return Err(Violation::Broken(format!(
                        "a {kind:?} record that was changed ({change:?}) is read as {read:?}"
                    )));
                }
            }
            // The record can be written anew.
            store.put(&of, b"anew").await?;
            let anew = store.get(&of).await?;
            ensure!(
                anew.as_deref() == Some(&b"anew"[..]),
                "a record that was changed cannot be replaced"
            );
        }
    }
    Ok(())
}
