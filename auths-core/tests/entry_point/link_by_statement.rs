//! Linking an account by the statement of a package: what is stored, in which order, and what a failure leaves.

use std::sync::Mutex;

use async_trait::async_trait;
use auths_core::claim::SignError;
use auths_core::ports::{
    KeptLink, LinkError, LinkStore, MemoryLinks, RevocationMemory, SignerError, StoreError,
    StoreKey,
};
use auths_core::use_cases::{LinkByStatement, LinkByStatementError};
use auths_core::{Account, Did, Namespace};
use auths_testkit::doubles::FailNext;

use super::*;

/// A store of links, and a memory, that fail at one of their writes and write down every one.
#[derive(Debug, Default)]
struct Written {
    links: MemoryLinks,
    memory: MemoryRevocations,
    fails_at: Option<&'static str>,
    writes: Mutex<Vec<&'static str>>,
}

impl Written {
    fn write(&self, what: &'static str) -> bool {
        self.writes.lock().unwrap().push(what);
        self.fails_at == Some(what)
    }

    fn link_write(&self, what: &'static str) -> Result<(), LinkError> {
        match self.write(what) {
            true => Err(LinkError::Failed(format!("no {what}"))),
            false => Ok(()),
        }
    }
}

#[async_trait]
impl LinkStore for Written {
    async fn all(&self) -> Result<Vec<KeptLink>, LinkError> {
        self.links.all().await
    }
    async fn of(&self, did: &Did, account: &Account) -> Result<Vec<KeptLink>, LinkError> {
        self.links.of(did, account).await
    }
    async fn again(&self, old: &KeptLink) -> Result<Option<KeptLink>, LinkError> {
        self.links.again(old).await
    }
    async fn keep(&self, kept: &KeptLink) -> Result<(), LinkError> {
        self.link_write("keep")?;
        self.links.keep(kept).await
    }
    async fn forget(&self, read: &KeptLink) -> Result<bool, LinkError> {
        self.link_write("forget")?;
        self.links.forget(read).await
    }
}

#[async_trait]
impl RevocationMemory for Written {
    async fn remember_recovery(&self, did: &Did, recovery: &Did) -> Result<(), StoreError> {
        if self.write("recovery") {
            let key = StoreKey::new("recovery", "it");
            return Err(StoreError::new(&key, "write", "the disk is full"));
        }
        self.memory.remember_recovery(did, recovery).await
    }
    async fn recovery_dids(&self, did: &Did) -> Result<Vec<Did>, StoreError> {
        self.memory.recovery_dids(did).await
    }
    async fn remember_revocation(
        &self,
        revocation: &auths_core::claim::Signed<auths_core::claim::Revocation>,
    ) -> Result<(), StoreError> {
        self.memory.remember_revocation(revocation).await
    }
    async fn revocations(
        &self,
        what: &auths_core::claim::RevocationTarget,
        by: &std::collections::BTreeSet<Did>,
    ) -> Result<Vec<auths_core::claim::Signed<auths_core::claim::Revocation>>, StoreError> {
        self.memory.revocations(what, by).await
    }
}

fn now() -> Timestamp {
    "2026-11-21T08:46:00Z".parse().unwrap()
}

fn package(name: &str) -> Option<Namespace> {
    Some(name.parse().unwrap())
}

fn alice() -> Account {
    "pypi:alice".parse().unwrap()
}

/// Links alice's account, `days` later than the first time.
fn link(
    written: &Written,
    days: u32,
    package: Option<Namespace>,
) -> Result<KeptLink, LinkByStatementError> {
    let mut link = LinkByStatement::new(written, written);
    if let Some(package) = package {
        link = link.with_package(package);
    }
    let recovery = Some(did(&key(9)));
    block_on(link.run(&key(1), alice(), recovery, now() + DAY * days))
}

fn all(written: &Written) -> Vec<(Timestamp, Option<Namespace>)> {
    let all = block_on(written.links.all()).unwrap().into_iter();
    all.map(|kept| (kept.claim.created(), kept.statement))
        .collect()
}

#[test]
fn a_new_link_takes_over_the_package_of_the_earlier_one_and_replaces_it() {
    let written = Written::default();
    let first = link(&written, 0, package("pypi:alice-auths")).unwrap();
    assert_eq!(first.claim.unverified().account, alice());
    assert_eq!(first.statement, package("pypi:alice-auths"));

    let renewed = link(&written, 1, None).unwrap();
    assert_eq!(renewed.statement, package("pypi:alice-auths"));
    assert_eq!(
        all(&written),
        [(now() + DAY, package("pypi:alice-auths"))],
        "the earlier one is gone"
    );

    let moved = link(&written, 2, package("pypi:alice-key")).unwrap();
    assert_eq!(moved.statement, package("pypi:alice-key"));
}

#[test]
fn links_of_other_accounts_and_of_other_keys_stay() {
    let written = Written::default();
    let use_case = LinkByStatement::new(&written, &written);
    for (seed, account) in [(1, "pypi:bob"), (2, "pypi:alice"), (1, "pypi:alice")] {
        let account = account.parse().unwrap();
        block_on(use_case.run(&key(seed), account, None, now())).unwrap();
    }
    link(&written, 1, None).unwrap();
    assert_eq!(all(&written).len(), 3);
}

#[test]
fn the_same_claim_again_is_kept_and_not_forgotten() {
    let written = Written::default();
    for _ in 0..2 {
        link(&written, 0, package("pypi:alice-auths")).unwrap();
    }
    assert_eq!(all(&written), [(now(), package("pypi:alice-auths"))]);
}

#[test]
fn the_recovery_did_is_remembered_first_and_the_old_link_is_forgotten_last() {
    let written = Written::default();
    link(&written, 0, None).unwrap();
    link(&written, 1, None).unwrap();
    let order = written.writes.lock().unwrap().clone();
    assert_eq!(order, ["recovery", "keep", "recovery", "keep", "forget"]);
    let named = block_on(written.memory.recovery_dids(&did(&key(1)))).unwrap();
    assert_eq!(named, [did(&key(9))]);
}

/// A process that is killed at a write leaves the same as a write that fails.
#[test]
fn whichever_write_fails_no_link_is_lost_and_the_next_run_mends_it() {
    for (fails_at, left) in [("recovery", 1), ("keep", 1), ("forget", 2)] {
        let mut written = Written::default();
        link(&written, 0, package("pypi:alice-auths")).unwrap();
        written.fails_at = Some(fails_at);
        let error = link(&written, 1, None).unwrap_err();
        assert_eq!(error.code(), "AUTHS-3024", "{fails_at}: {error}");
        let found = all(&written);
        assert_eq!(found.len(), left, "{fails_at}");
        assert_eq!(found[0], (now(), package("pypi:alice-auths")), "{fails_at}");
        written.fails_at = None;
        link(&written, 2, None).unwrap();
        let mended = [(now() + DAY * 2, package("pypi:alice-auths"))];
        assert_eq!(all(&written), mended, "{fails_at}");
    }
}

#[test]
fn a_key_that_does_not_sign_writes_nothing() {
    let written = Written::default();
    let signer = FailNext::new(key(1));
    signer.fail_next(SignerError::Locked);
    let linking = LinkByStatement::new(&written, &written);
    let error = block_on(linking.run(&signer, alice(), Some(did(&key(9))), now())).unwrap_err();
    assert!(
        matches!(
            error,
            LinkByStatementError::Sign(SignError::Signer(SignerError::Locked))
        ),
        "{error}"
    );
    assert!(written.writes.lock().unwrap().is_empty());
}
