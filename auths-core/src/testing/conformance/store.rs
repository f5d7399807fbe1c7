//! The contract of [`Store`].

use std::thread;

use futures_util::future::join_all;

use super::report::{Check, Checked, Report, ensure, run};
use crate::ports::{Store, StoreKey};
use crate::testing::block_on;

/// A [`Store`] to be held to its contract.
pub trait StoreSubject: Send + Sync {
    /// The implementation.
    type Store: Store;

    /// An empty store, apart from every other that was opened.
    fn open(&self) -> Self::Store;

    /// The same store as another process, started later, finds it; `None` for one that lives as long as its process.
    fn reopen(&self, store: Self::Store) -> Option<Self::Store> {
        drop(store);
        None
    }

    /// Whether plain threads may call it, without a runtime around them.
    fn threads_may_call(&self) -> bool {
        true
    }
}

/// Holds a store to its contract.
pub async fn store<S: StoreSubject>(subject: &S) -> Report {
    run("Store", &checks::<S>(), subject).await
}

fn checks<S: StoreSubject>() -> Vec<Check<S>> {
    vec![
        Check {
            name: "returns-what-was-written",
            promise: "a record read is exactly a record written, and the last one",
            offered: |_| true,
            run: |s| Box::pin(returns_what_was_written(s)),
        },
        Check {
            name: "nothing-is-none",
            promise: "what was never written, or was removed, is `None`; removing nothing is no error",
            offered: |_| true,
            run: |s| Box::pin(nothing_is_none(s)),
        },
        Check {
            name: "keeps-names-apart",
            promise: "a record is never another's, whatever the names are made of",
            offered: |_| true,
            run: |s| Box::pin(keeps_names_apart(s)),
        },
        Check {
            name: "first-write-wins",
            promise: "`put_new` writes only where nothing is, and says whether it did",
            offered: |_| true,
            run: |s| Box::pin(first_write_wins(s)),
        },
        Check {
            name: "one-first-of-many-tasks",
            promise: "of many tasks that call `put_new` at once, one is first, and its record stays",
            offered: |_| true,
            run: |s| Box::pin(one_first_of_many_tasks(s)),
        },
        Check {
            name: "one-first-of-many-threads",
            promise: "of many threads that call `put_new` at once, one is first, and its record stays",
            offered: S::threads_may_call,
            run: |s| Box::pin(one_first_of_many_threads(s)),
        },
        Check {
            name: "survives-the-process",
            promise: "what was written is found by a later process",
            offered: |s| s.reopen(s.open()).is_some(),
            run: |s| Box::pin(survives_the_process(s)),
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
        .chain([StoreKey::new("elsewhere", "a")])
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
