//! Linking an account: the order of writes, and what is left when it ends at any step.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests"
)]

mod common;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use auths_adapters_github::{
    DevicePrompt, GistStanding, LinkAccount, LinkAccountError, LinkFailure, LinkProgress, LinkStep,
    NewLink,
};
use auths_core::decide::Obstacle;
use auths_core::ports::{
    KeptGist, KeptLink, LinkError, LinkStore, MemoryLinks, MemoryRevocations, RevocationMemory,
};
use auths_core::{Account, Did, Reason, Timestamp};
use auths_testkit::server::{Fault, Reply};
use common::*;
use serde_json::json;
use tokio::sync::Notify;

/// Longer than a platform claim lives.
const LIFE: Duration = Duration::from_secs(200 * 86_400);

/// What is answered in place of the world's answer, which has happened nevertheless.
type Instead = Arc<Mutex<Option<(&'static str, &'static str, Reply)>>>;

struct Scene {
    stage: Stage,
    links: Links,
    memory: MemoryRevocations,
    instead: Instead,
    slept: Mutex<Vec<u64>>,
}

impl Scene {
    fn new() -> Self {
        let instead = Instead::default();
        let answered = Arc::clone(&instead);
        let stage = Stage::answering(move |world, request| {
            let served = reply(world, request);
            match &*answered.lock().unwrap() {
                Some((method, path, other))
                    if request.method == *method && request.path.starts_with(path) =>
                {
                    other.clone()
                }
                _ => served,
            }
        });
        Self {
            stage,
            links: Links::default(),
            memory: MemoryRevocations::new(),
            instead,
            slept: Mutex::default(),
        }
    }

    fn answering(&self, method: &'static str, path: &'static str, reply: Reply) {
        *self.instead.lock().unwrap() = Some((method, path, reply));
    }

    async fn run(&self, recovery: Option<Did>) -> Result<NewLink, LinkAccountError> {
        let shown = Shown::default();
        self.run_showing(recovery, &shown).await
    }

    /// Links with the key 1. Alice approves as soon as she sees the code.
    async fn run_showing(
        &self,
        recovery: Option<Did>,
        shown: &Shown,
    ) -> Result<NewLink, LinkAccountError> {
        let (codes, alice) = (Arc::clone(&shown.codes), self.stage.alice.clone());
        let waiting = self.stage.waiting(move |world, slept| {
            if slept == 1 {
                let code = codes.lock().unwrap().last().unwrap().clone();
                world.answer_device_flow(&alice, &code, true).unwrap();
            }
        });
        let flow = self.stage.flow(waiting.clone());
        let github = self.stage.github();
        let linking = LinkAccount::new(&flow, &github, &self.links, &self.memory);
        let linked = linking.run(&key(1), recovery, shown).await;
        *self.slept.lock().unwrap() = seconds(&waiting.slept.lock().unwrap());
        linked
    }

    /// The ids of Alice's gists.
    fn gists(&self) -> Vec<String> {
        let number = self.stage.account(&self.stage.alice);
        let number = number.id().unwrap().as_str().parse().unwrap();
        self.stage
            .world(|w| w.gists_of(number).map(|g| g.id().to_owned()).collect())
    }

    /// An earlier claim of the key to Alice's account, signed at that time.
    async fn earlier(&self, at: Timestamp) -> KeptLink {
        let account = self.stage.account(&self.stage.alice);
        let claim = auths_core::use_cases::sign_account_claim(&key(1), account, None, at).await;
        KeptLink::new(claim.unwrap())
    }

    async fn kept(&self) -> Vec<KeptLink> {
        self.links.inner.all().await.unwrap()
    }

    /// Every gist that was made holds a claim that is kept, and the store or the error says that it may exist.
    async fn nothing_is_lost(&self, error: Option<&LinkAccountError>, when: &str) {
        let kept = self.kept().await;
        for id in self.gists() {
            let content = self
                .stage
                .world(|w| w.gist(&id).unwrap().content().to_owned());
            let of = kept.iter().find(|k| k.claim.to_json() == content);
            let of = of.unwrap_or_else(|| panic!("{when}: the claim of gist {id} is lost"));
            let is_stored = of.gist.as_ref().is_some_and(|gist| gist.id == id);
            assert!(is_stored || of.is_unpublished(), "{when}: another gist");
            match error.map(|error| &error.gist) {
                Some(GistStanding::Published(gist)) => assert_eq!(gist.id, id, "{when}"),
                Some(GistStanding::Unknown) | None => {}
                other => panic!("{when}: gist {id} is there, and it says {other:?}"),
            }
        }
        if let Some(GistStanding::Published(_)) = error.map(|error| &error.gist) {
            assert_eq!(self.gists().len(), 1, "{when}");
        }
    }
}

/// A front end that writes down the steps, and what the store held then.
#[derive(Default)]
struct Shown {
    codes: Arc<Mutex<Vec<String>>>,
    steps: Mutex<Vec<String>>,
}

impl LinkProgress for Shown {
    fn prompt(&self, prompt: &DevicePrompt) {
        assert_eq!(prompt.did, did(1));
        self.codes.lock().unwrap().push(prompt.user_code.clone());
    }

    fn step(&self, step: LinkStep<'_>) {
        self.steps.lock().unwrap().push(match step {
            LinkStep::ReadingAccount => "reading-account".to_owned(),
            LinkStep::Kept(kept) => format!("kept {}", kept.gist.is_some()),
            LinkStep::Publishing => "publishing".to_owned(),
            LinkStep::ReadingBack(gist) => format!("reading-back {}", gist.id),
            other => panic!("{other:?}"),
        });
    }
}

/// What becomes of one call of the store.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Trouble {
    /// The disk fails.
    Fails,
    /// The process is killed before it.
    Killed,
    /// The process is killed after it.
    KilledAfter,
}

/// A store in memory, with trouble at one call.
#[derive(Debug, Default)]
struct Links {
    inner: MemoryLinks,
    trouble: Option<(usize, Trouble)>,
    /// What another process keeps right before a link is forgotten.
    published_meanwhile: Option<KeptLink>,
    calls: AtomicUsize,
    killed: Notify,
}

impl Links {
    async fn call<T>(
        &self,
        call: impl Future<Output = Result<T, LinkError>> + Send,
    ) -> Result<T, LinkError> {
        let number = self.calls.fetch_add(1, Ordering::Relaxed);
        let trouble = self.trouble.filter(|(at, _)| *at == number);
        match trouble.map(|(_, trouble)| trouble) {
            None => call.await,
            Some(Trouble::Fails) => Err(LinkError::Failed("the disk is full".to_owned())),
            Some(trouble) => {
                if trouble == Trouble::KilledAfter {
                    call.await?;
                }
                self.killed.notify_one();
                std::future::pending().await
            }
        }
    }
}

#[async_trait]
impl LinkStore for Links {
    async fn all(&self) -> Result<Vec<KeptLink>, LinkError> {
        self.call(self.inner.all()).await
    }

    async fn of(&self, did: &Did, account: &Account) -> Result<Vec<KeptLink>, LinkError> {
        self.call(self.inner.of(did, account)).await
    }

    async fn again(&self, old: &KeptLink) -> Result<Option<KeptLink>, LinkError> {
        self.call(self.inner.again(old)).await
    }

    async fn keep(&self, kept: &KeptLink) -> Result<(), LinkError> {
        self.call(self.inner.keep(kept)).await
    }

    async fn forget(&self, read: &KeptLink) -> Result<bool, LinkError> {
        if let Some(theirs) = &self.published_meanwhile {
            self.inner.keep(theirs).await?;
        }
        self.call(self.inner.forget(read)).await
    }
}

fn ids(links: &[KeptLink]) -> Vec<String> {
    links.iter().map(|k| k.claim.id().to_string()).collect()
}

#[tokio::test]
async fn the_claim_is_kept_before_the_gist_is_requested_and_its_id_before_it_is_read() {
    let scene = Scene::new();
    let shown = Shown::default();
    let linked = scene.run_showing(Some(did(9)), &shown).await.unwrap();
    let id = linked.gist.id.clone();
    assert_eq!(scene.gists(), std::slice::from_ref(&id));
    let steps = shown.steps.lock().unwrap().clone();
    let last = format!("reading-back {id}");
    assert_eq!(
        steps,
        ["reading-account", "kept false", "publishing", &last]
    );
    let kept = scene.kept().await;
    assert_eq!(ids(&kept), ids(std::slice::from_ref(&linked.kept)));
    let gist: &KeptGist = kept[0].gist.as_ref().unwrap();
    assert!(gist.state.is_some() && *gist == linked.gist);
    assert_eq!(kept[0].observations.len(), 1);
    let recovery = scene.memory.recovery_dids(&did(1)).await.unwrap();
    assert_eq!(recovery, [did(9)]);
    // The gist, and the approval.
    assert_eq!(linked.account.evidence.len(), 2);
    assert!(linked.account.attempts.is_empty());
}

#[tokio::test]
async fn whatever_the_store_does_at_any_call_no_claim_is_lost_and_no_gist_unknown() {
    for trouble in [Trouble::Fails, Trouble::Killed, Trouble::KilledAfter] {
        let mut troubled = 0;
        for at in 0.. {
            let mut scene = Scene::new();
            // An earlier claim that has expired, which linking forgets at the end.
            let long_ago = scene.earlier(scene.stage.now()).await;
            scene.stage.world(|w| w.wait(LIFE));
            scene.links.inner.keep(&long_ago).await.unwrap();
            scene.links.trouble = Some((at, trouble));
            let when = format!("{trouble:?} at call {at}");
            let ended = tokio::select! {
                linked = scene.run(None) => Some(linked),
                () = scene.links.killed.notified() => None,
            };
            match ended {
                Some(Ok(_)) => break,
                Some(Err(error)) => {
                    assert_eq!(error.code(), "AUTHS-3024", "{when}: {error}");
                    assert!(error.obstacle().is_none());
                    scene.nothing_is_lost(Some(&error), &when).await;
                }
                None => scene.nothing_is_lost(None, &when).await,
            }
            troubled += 1;
        }
        // Which are linked; the claim; its gist; its state; the earlier one again; and without it.
        assert_eq!(troubled, 6, "{trouble:?}");
    }
}

#[tokio::test]
async fn whatever_github_answers_to_the_gist_no_claim_is_lost_and_no_gist_unknown() {
    let refusal = |status: u16| Reply::json(status, json!({ "message": "No." }));
    for (reply, reason, is_refused) in [
        (refusal(401), "forbidden", true),
        (refusal(403), "forbidden", true),
        (own_404(), "missing-scope", true),
        (refusal(422), "unexpected-status", true),
        // A gateway's: nobody knows what became of the question.
        (refusal(404), "unexpected-status", false),
        (Reply::status(502), "server-error", false),
        (refusal(201).with_fault(Fault::CutBody), "truncated", false),
        (refusal(201), "missing-field", false),
    ] {
        let scene = Scene::new();
        scene.answering("POST", "/gists", reply);
        let error = scene.run(None).await.unwrap_err();
        let LinkFailure::Publish(why) = &error.failure else {
            panic!("{error:?}");
        };
        assert_eq!(why.reason.name(), reason);
        assert!(matches!(error.obstacle(), Some(Obstacle::Unavailable(_))));
        let kept = scene.kept().await;
        if is_refused {
            assert_eq!(error.gist, GistStanding::None, "{error}");
            assert_eq!(kept.len(), 0, "{error}");
        } else {
            assert_eq!(error.gist, GistStanding::Unknown, "{error}");
            assert!(error.to_string().contains("may be there"), "{error}");
            assert!(kept.len() == 1 && kept[0].is_unpublished(), "{error}");
            scene.nothing_is_lost(Some(&error), reason).await;
        }
    }
}

#[tokio::test]
async fn an_earlier_claim_is_not_forgotten_on_a_404_alone() {
    let scene = Scene::new();
    let first = scene.run(None).await.unwrap();
    scene.answering("GET", "/gists/", own_404());
    let second = scene.run(None).await.unwrap();
    let gone = &second.account.attempts[0].obstacle;
    assert_eq!(gone.name(), "gist-deleted");
    assert!(second.gist.state.is_none());
    let both = [first.kept.clone(), second.kept.clone()];
    assert_eq!(ids(&scene.kept().await), ids(&both));
    // It was looked for four times, after growing waits.
    let slept = scene.slept.lock().unwrap().clone();
    assert_eq!(slept[slept.len() - 3..], [1, 2, 3]);

    // An outage says as little.
    scene.answering("GET", "/gists/", Reply::status(503));
    let third = scene.run(None).await.unwrap();
    assert_eq!(third.account.attempts[0].obstacle.name(), "server-error");
    assert_eq!(scene.kept().await.len(), 3);
}

#[tokio::test]
async fn an_earlier_claim_is_forgotten_once_the_new_gist_is_shown_and_the_earlier_is_gone() {
    let scene = Scene::new();
    let first = scene.run(None).await.unwrap();
    let second = scene.run(None).await.unwrap();
    // Its gist still stands, and is older.
    let both = [first.kept.clone(), second.kept.clone()];
    assert_eq!(ids(&scene.kept().await), ids(&both));
    let alice = scene.stage.alice.clone();
    scene
        .stage
        .world(|w| w.delete_gist(&alice, &first.gist.id).unwrap());
    let third = scene.run(None).await.unwrap();
    assert_eq!(
        ids(&scene.kept().await),
        ids(&[second.kept.clone(), third.kept])
    );
}

#[tokio::test]
async fn an_earlier_claim_that_another_process_publishes_meanwhile_is_kept() {
    let mut scene = Scene::new();
    let unpublished = scene.earlier(scene.stage.now()).await;
    scene.links.inner.keep(&unpublished).await.unwrap();
    let mut published = unpublished.clone();
    published.gist = Some(KeptGist::new("0a0a", "https://gist.example/0a0a"));
    scene.links.published_meanwhile = Some(published.clone());
    let linked = scene.run(None).await.unwrap();
    let kept = scene.kept().await;
    assert_eq!(ids(&kept), ids(&[unpublished, linked.kept]));
    assert!(kept[0].has_gist_of(&published));

    // Without that process it is forgotten: GitHub shows the new gist, and nobody knows one of the earlier claim.
    let scene = Scene::new();
    let unpublished = scene.earlier(scene.stage.now()).await;
    scene.links.inner.keep(&unpublished).await.unwrap();
    let linked = scene.run(None).await.unwrap();
    assert_eq!(ids(&scene.kept().await), ids(&[linked.kept]));
}
