//! Stores of links that lie.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use auths_core::ports::{KeptLink, LinkError, LinkStore};
use auths_core::{Account, Did};
use auths_testkit::block_on;
use auths_testkit::conformance::{LinkStoreSubject, link_store};

use crate::doubles::Links;
use crate::{assert_caught, assert_every_check_caught};

#[derive(Debug, Clone, Copy, PartialEq)]
enum Lie {
    LosesTheGist,
    KeepsNothing,
    KeepsBoth,
    ReplacesByAccount,
    MergesTheGist,
    NewestFirst,
    ComparesLogins,
    IgnoresTheDid,
    ForgetsOnesOfTheAccount,
    ForgetsNothing,
    ForgetsWhatWasPublished,
    SaysForgotten,
    ReadsThenWrites,
    SkipsWhatIsDamaged,
    AnswersBeforeItIsKept,
    ForgetsLater,
}

const LIES: &[(Lie, &str)] = &[
    (Lie::LosesTheGist, "reads-what-it-kept"),
    (Lie::KeepsNothing, "reads-what-it-kept"),
    (Lie::KeepsBoth, "replaces-its-own-entry-alone"),
    (Lie::ReplacesByAccount, "replaces-its-own-entry-alone"),
    (Lie::MergesTheGist, "replaces-its-own-entry-alone"),
    (Lie::NewestFirst, "oldest-first"),
    (Lie::ComparesLogins, "keeps-holders-apart"),
    (Lie::IgnoresTheDid, "keeps-holders-apart"),
    (Lie::ForgetsOnesOfTheAccount, "forgets-that-alone"),
    (Lie::ForgetsNothing, "forgets-that-alone"),
    (Lie::ForgetsWhatWasPublished, "leaves-what-got-another-gist"),
    (Lie::SaysForgotten, "leaves-what-got-another-gist"),
    (Lie::ReadsThenWrites, "loses-nothing-among-threads"),
    (Lie::SkipsWhatIsDamaged, "damage-is-an-error"),
    (Lie::AnswersBeforeItIsKept, "durable-when-it-returns"),
    (Lie::ForgetsLater, "durable-when-it-returns"),
];

#[derive(Debug)]
struct EvilLinks {
    lie: Lie,
    links: Mutex<Vec<KeptLink>>,
    /// What a later process finds.
    durable: Mutex<Vec<KeptLink>>,
    damaged: AtomicBool,
}

impl EvilLinks {
    fn account(kept: &KeptLink) -> &Account {
        &kept.claim.unverified().account
    }

    fn listed(&self, is_asked: impl Fn(&KeptLink) -> bool) -> Result<Vec<KeptLink>, LinkError> {
        let mut all = self.links.lock().unwrap().clone();
        if self.damaged.load(Ordering::Relaxed) {
            if self.lie != Lie::SkipsWhatIsDamaged {
                return Err(LinkError::Failed("it is damaged".to_owned()));
            }
            all.pop();
        }
        all.retain(is_asked);
        all.sort_by_key(KeptLink::sort_key);
        if self.lie == Lie::NewestFirst {
            all.reverse();
        }
        Ok(all)
    }
}

#[async_trait]
impl LinkStore for EvilLinks {
    async fn all(&self) -> Result<Vec<KeptLink>, LinkError> {
        self.listed(|_| true)
    }

    async fn of(&self, did: &Did, account: &Account) -> Result<Vec<KeptLink>, LinkError> {
        self.listed(|kept| match self.lie {
            Lie::ComparesLogins => {
                kept.claim.did() == did && Self::account(kept).same_login(account)
            }
            Lie::IgnoresTheDid => Self::account(kept).same_as(account),
            _ => kept.is_of(did, account),
        })
    }

    async fn again(&self, old: &KeptLink) -> Result<Option<KeptLink>, LinkError> {
        let links = self.links.lock().unwrap();
        let mut links = links.iter();
        Ok(links.find(|k| k.claim.id() == old.claim.id()).cloned())
    }

    async fn keep(&self, kept: &KeptLink) -> Result<(), LinkError> {
        let mut kept = kept.clone();
        if self.lie == Lie::ReadsThenWrites {
            let mut all = self.links.lock().unwrap().clone();
            std::thread::sleep(Duration::from_millis(50));
            all.retain(|known| known.claim.id() != kept.claim.id());
            all.push(kept);
            *self.links.lock().unwrap() = all;
            return Ok(());
        }
        let mut all = self.links.lock().unwrap();
        match self.lie {
            Lie::KeepsNothing => return Ok(()),
            Lie::LosesTheGist => kept.gist = None,
            Lie::MergesTheGist => {
                let old = all.iter().find(|k| k.claim.id() == kept.claim.id());
                kept.gist = kept.gist.or_else(|| old.and_then(|old| old.gist.clone()));
            }
            _ => {}
        }
        all.retain(|known| match self.lie {
            Lie::KeepsBoth => true,
            Lie::ReplacesByAccount => !Self::account(known).same_as(Self::account(&kept)),
            _ => known.claim.id() != kept.claim.id(),
        });
        all.push(kept);
        if self.lie != Lie::AnswersBeforeItIsKept {
            *self.durable.lock().unwrap() = all.clone();
        }
        Ok(())
    }

    async fn forget(&self, read: &KeptLink) -> Result<bool, LinkError> {
        let mut all = self.links.lock().unwrap();
        let is_same = |known: &KeptLink| known.claim.id() == read.claim.id();
        all.retain(|known| match self.lie {
            Lie::ForgetsNothing => true,
            Lie::ForgetsWhatWasPublished => !is_same(known),
            Lie::ForgetsOnesOfTheAccount => !Self::account(known).same_as(Self::account(read)),
            _ => !known.has_gist_of(read),
        });
        if self.lie != Lie::ForgetsLater {
            *self.durable.lock().unwrap() = all.clone();
        }
        let is_gone = !all.iter().any(is_same);
        Ok(is_gone || self.lie == Lie::SaysForgotten)
    }
}

struct LyingLinks(Lie);

impl LinkStoreSubject for LyingLinks {
    type Links = EvilLinks;

    fn open(&self) -> EvilLinks {
        EvilLinks {
            lie: self.0,
            links: Mutex::default(),
            durable: Mutex::default(),
            damaged: AtomicBool::new(false),
        }
    }

    fn reopen(&self, links: EvilLinks) -> Option<EvilLinks> {
        let durable = links.durable.lock().unwrap().clone();
        *links.links.lock().unwrap() = durable;
        Some(links)
    }

    fn damaged(&self, links: EvilLinks) -> Option<EvilLinks> {
        links.damaged.store(true, Ordering::Relaxed);
        Some(links)
    }
}

#[test]
fn every_lying_store_of_links_is_caught_by_name() {
    for (lie, check) in LIES {
        let report = block_on(link_store(&LyingLinks(*lie)));
        assert_caught(lie, check, &report);
    }
    let caught: Vec<_> = LIES.iter().map(|(_, check)| *check).collect();
    assert_every_check_caught(&block_on(link_store(&Links)), &caught);
}
