//! The contract of [`LinkStore`].

use std::thread;
use std::time::Duration;

use super::report::{Check, Checked, Report, Violation, ensure, run, unless};
use crate::block_on;
use crate::scenes::key;
use auths_core::claim::{PlatformClaim, SigningRequest};
use auths_core::identity::{Account, AccountId, Did};
use auths_core::ports::{KeptGist, KeptLink, LinkStore};
use auths_core::{Platform, Timestamp};

/// A [`LinkStore`] under test.
pub trait LinkStoreSubject: Send + Sync {
    /// The implementation.
    type Links: LinkStore;

    /// Creates an empty store, separate from every other store.
    fn open(&self) -> Self::Links;

    /// Reopens the store as a later process would, which finds only what is durable; `None` for a store that lives as long as its
    /// process.
    fn reopen(&self, links: Self::Links) -> Option<Self::Links> {
        drop(links);
        None
    }

    /// Returns the store with one entry damaged or cut; `None` where nothing can be damaged.
    fn damaged(&self, links: Self::Links) -> Option<Self::Links> {
        drop(links);
        None
    }

    /// Returns whether plain threads may call it, without a runtime.
    fn threads_may_call(&self) -> bool {
        true
    }
}

/// Checks a store of links against its contract.
pub async fn link_store<S: LinkStoreSubject>(subject: &S) -> Report {
    run("LinkStore", &checks::<S>(), subject).await
}

fn checks<S: LinkStoreSubject>() -> Vec<Check<S>> {
    vec![
        Check {
            name: "reads-what-it-kept",
            promise: "a link is read as it was kept: its claim, statement, gist and observations",
            excluded_by: |_| None,
            run: |s| Box::pin(reads_what_it_kept(s)),
        },
        Check {
            name: "replaces-its-own-entry-alone",
            promise: "keeping a claim again replaces its entry whole, and no other",
            excluded_by: |_| None,
            run: |s| Box::pin(replaces_its_own_entry_alone(s)),
        },
        Check {
            name: "oldest-first",
            promise: "links are listed in the order of their claims, the oldest first",
            excluded_by: |_| None,
            run: |s| Box::pin(oldest_first(s)),
        },
        Check {
            name: "keeps-holders-apart",
            promise: "the links of one DID to one account are those, by the account's id where it has one",
            excluded_by: |_| None,
            run: |s| Box::pin(keeps_holders_apart(s)),
        },
        Check {
            name: "forgets-that-alone",
            promise: "forgetting a link forgets no other; forgetting it twice is no error",
            excluded_by: |_| None,
            run: |s| Box::pin(forgets_that_alone(s)),
        },
        Check {
            name: "leaves-what-got-another-gist",
            promise: "a link that was published since it was read is left, and the caller is told",
            excluded_by: |_| None,
            run: |s| Box::pin(leaves_what_got_another_gist(s)),
        },
        Check {
            name: "loses-nothing-among-threads",
            promise: "of what many threads keep at once, nothing is lost",
            excluded_by: |s| unless(s.threads_may_call(), "`LinkStoreSubject::threads_may_call`"),
            run: |s| Box::pin(loses_nothing_among_threads(s)),
        },
        Check {
            name: "damage-is-an-error",
            promise: "where an entry cannot be read, listing fails: there is no shorter list",
            excluded_by: |s| unless(s.damaged(s.open()).is_some(), "`LinkStoreSubject::damaged`"),
            run: |s| Box::pin(damage_is_an_error(s)),
        },
        Check {
            name: "durable-when-it-returns",
            promise: "what was kept or forgotten is so for a later process as soon as the call returns",
            excluded_by: |s| unless(s.reopen(s.open()).is_some(), "`LinkStoreSubject::reopen`"),
            run: |s| Box::pin(durable_when_it_returns(s)),
        },
    ]
}

fn account(login: &str, id: u64) -> Result<Account, Violation> {
    let account = Account::parse_login(Platform::GITHUB, login)?;
    Ok(account.with_id(AccountId::new(&id.to_string())?))
}

/// A link of the DID of that key to an account, made that many seconds after a fixed time.
async fn link(n: u8, account: Account, seconds: u64) -> Result<KeptLink, Violation> {
    let at = Timestamp::from_unix(1_700_000_000)? + Duration::from_secs(seconds);
    let request = SigningRequest::new(PlatformClaim::new(account, None), at);
    Ok(KeptLink::new(request.sign(&key(n)).await?))
}

async fn alices(n: u8, seconds: u64) -> Result<KeptLink, Violation> {
    link(n, account("alice", 1)?, seconds).await
}

fn published(mut kept: KeptLink, gist: &str) -> KeptLink {
    kept.gist = Some(KeptGist::new(gist, format!("https://gist.example/{gist}")));
    kept
}

/// The links as they are written, in their order.
fn written(links: &[KeptLink]) -> Result<Vec<String>, Violation> {
    let texts = links.iter().map(serde_json::to_string);
    Ok(texts.collect::<Result<_, _>>()?)
}

async fn holds<L: LinkStore>(links: &L, expected: &[&KeptLink]) -> Checked {
    let expected: Vec<KeptLink> = expected.iter().copied().cloned().collect();
    let (found, expected) = (written(&links.all().await?)?, written(&expected)?);
    ensure!(
        found == expected,
        "it should hold {expected:?}, and holds {found:?}"
    );
    Ok(())
}

async fn reads_what_it_kept<S: LinkStoreSubject>(subject: &S) -> Checked {
    let links = subject.open();
    holds(&links, &[]).await?;
    let mut kept = published(alices(1, 0).await?, "0a");
    ensure!(
        links.again(&kept).await?.is_none(),
        "a new store has an entry"
    );
    kept.statement = Some("pypi:alice-auths".parse()?);
    links.keep(&kept).await?;
    holds(&links, &[&kept]).await?;
    let again = links.again(&kept).await?;
    let again = written(again.as_slice())?;
    ensure!(
        again == written(std::slice::from_ref(&kept))?,
        "read again, it is {again:?}"
    );
    Ok(())
}

async fn replaces_its_own_entry_alone<S: LinkStoreSubject>(subject: &S) -> Checked {
    let links = subject.open();
    let (first, second) = (alices(1, 0).await?, alices(1, 1).await?);
    links.keep(&first).await?;
    links.keep(&second).await?;
    let first = published(first, "0a");
    links.keep(&first).await?;
    holds(&links, &[&first, &second]).await?;
    // Unpublished again: the entry is replaced, not merged.
    let bare = KeptLink::new(first.claim.clone());
    links.keep(&bare).await?;
    holds(&links, &[&bare, &second]).await
}

async fn oldest_first<S: LinkStoreSubject>(subject: &S) -> Checked {
    let links = subject.open();
    let mut made = Vec::new();
    for seconds in [7, 3, 9, 1, 5] {
        made.push(alices(1, seconds).await?);
        links.keep(&made[made.len() - 1]).await?;
    }
    made.sort_by_key(|kept| kept.claim.created());
    holds(&links, &made.iter().collect::<Vec<_>>()).await?;
    let did = Did::from_key(&key(1).public());
    let found = written(&links.of(&did, &account("alice", 1)?).await?)?;
    ensure!(
        found == written(&made)?,
        "the links of one account are in another order"
    );
    Ok(())
}

async fn keeps_holders_apart<S: LinkStoreSubject>(subject: &S) -> Checked {
    let links = subject.open();
    let own = alices(1, 0).await?;
    let renamed = link(1, account("alice-new", 1)?, 1).await?;
    let of_the_next_alice = link(1, account("alice", 2)?, 2).await?;
    let of_another_key = alices(2, 3).await?;
    for kept in [&own, &renamed, &of_the_next_alice, &of_another_key] {
        links.keep(kept).await?;
    }
    let did = Did::from_key(&key(1).public());
    let found = written(&links.of(&did, &account("alice", 1)?).await?)?;
    ensure!(
        found == written(&[own, renamed])?,
        "the links of DID 1 to account 1 are {found:?}"
    );
    Ok(())
}

async fn forgets_that_alone<S: LinkStoreSubject>(subject: &S) -> Checked {
    let links = subject.open();
    let (old, new) = (alices(1, 0).await?, alices(1, 1).await?);
    let theirs = alices(2, 2).await?;
    for kept in [&old, &new, &theirs] {
        links.keep(kept).await?;
    }
    for _ in 0..2 {
        ensure!(
            links.forget(&old).await?,
            "a link that nobody changed is said to be left"
        );
        ensure!(
            links.again(&old).await?.is_none(),
            "a link that was forgotten is still there"
        );
        holds(&links, &[&new, &theirs]).await?;
    }
    Ok(())
}

async fn leaves_what_got_another_gist<S: LinkStoreSubject>(subject: &S) -> Checked {
    let links = subject.open();
    let read = alices(1, 0).await?;
    links.keep(&read).await?;
    // Another process hears of its gist.
    let theirs = published(read.clone(), "0a");
    links.keep(&theirs).await?;
    ensure!(
        !links.forget(&read).await?,
        "a link that was published since is said to be forgotten"
    );
    holds(&links, &[&theirs]).await?;
    let another = published(read.clone(), "0b");
    ensure!(
        !links.forget(&another).await?,
        "a link with another gist is said to be forgotten"
    );
    holds(&links, &[&theirs]).await
}

async fn loses_nothing_among_threads<S: LinkStoreSubject>(subject: &S) -> Checked {
    let links = subject.open();
    let mut made = Vec::new();
    for n in 0..8 {
        made.push(alices(n + 1, u64::from(n)).await?);
    }
    let kept = thread::scope(|scope| {
        let threads: Vec<_> = made
            .iter()
            .map(|kept| scope.spawn(|| block_on(links.keep(kept))))
            .collect();
        let outcomes = threads.into_iter().map(thread::ScopedJoinHandle::join);
        outcomes.filter(|o| matches!(o, Ok(Ok(())))).count()
    });
    ensure!(kept == made.len(), "{kept} of 8 were kept");
    holds(&links, &made.iter().collect::<Vec<_>>()).await
}

async fn damage_is_an_error<S: LinkStoreSubject>(subject: &S) -> Checked {
    let links = subject.open();
    for seconds in 0..2 {
        links.keep(&alices(1, seconds).await?).await?;
    }
    let Some(links) = subject.damaged(links) else {
        return Ok(());
    };
    let all = links.all().await;
    ensure!(
        all.is_err(),
        "one of two links is damaged, and {} are listed",
        all.map_or(0, |all| all.len())
    );
    let did = Did::from_key(&key(1).public());
    let of = links.of(&did, &account("alice", 1)?).await;
    ensure!(
        of.is_err(),
        "one of two links is damaged, and those of its account are listed"
    );
    Ok(())
}

async fn durable_when_it_returns<S: LinkStoreSubject>(subject: &S) -> Checked {
    let links = subject.open();
    let (old, kept) = (alices(1, 0).await?, alices(1, 1).await?);
    links.keep(&old).await?;
    links.keep(&kept).await?;
    let Some(links) = subject.reopen(links) else {
        return Ok(());
    };
    holds(&links, &[&old, &kept]).await?;
    let kept = published(kept, "0a");
    links.keep(&kept).await?;
    ensure!(
        links.forget(&old).await?,
        "a link that nobody changed is said to be left"
    );
    let Some(links) = subject.reopen(links) else {
        return Ok(());
    };
    holds(&links, &[&kept]).await
}
