//! The device flow against a certified OAuth server, which a person answers in a browser: pending, slow-down, approval,
//! denial, expiry, and a code that was used before.
#![forbid(unsafe_code)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod server;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use auths_adapters_github::{
    DeviceFlow, DeviceFlowError, DevicePrompt, FlowRequest, FlowToken, GitHub, GitHubConfig,
};
use auths_core::crypto::{KeyPair, Seed};
use auths_core::evidence::EvidenceKind;
use auths_core::ports::MemoryStore;
use auths_core::{Did, Reason};
use auths_http::{Sleeper, SystemClock, TokioSleeper, Transport, TransportConfig};
use auths_testkit::doubles::ManualClock;

use crate::server::OAuthServer;

fn did() -> Did {
    let key = KeyPair::from_seed(&Seed::new([1; 32].into()));
    Did::from_key(&key.public())
}

fn transport() -> Transport {
    let (clock, store) = (Arc::new(SystemClock), Arc::new(MemoryStore::new()));
    let config = TransportConfig::default();
    Transport::new(config, clock, Arc::new(TokioSleeper), store).unwrap()
}

fn config(server: &OAuthServer) -> GitHubConfig {
    let config = GitHubConfig::at(server.origin()).with_web(server.origin());
    config.with_client_id("Iv1.peer").unwrap()
}

/// What happens while the flow waits for the nth time.
type Script = fn(&OAuthServer, &str, usize);

/// Writes down how long it was to wait, and lets things happen instead.
#[derive(Clone)]
struct Acting {
    server: Arc<OAuthServer>,
    script: Script,
    code: Arc<Mutex<String>>,
    slept: Arc<Mutex<Vec<u64>>>,
}

impl std::fmt::Debug for Acting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Acting")
    }
}

#[async_trait]
impl Sleeper for Acting {
    async fn sleep(&self, time: Duration) {
        let nth = {
            let mut slept = self.slept.lock().unwrap();
            slept.push(time.as_secs());
            slept.len()
        };
        let (acting, code) = (self.clone(), self.code.lock().unwrap().clone());
        let act = move || (acting.script)(&acting.server, &code, nth);
        tokio::task::spawn_blocking(act).await.unwrap();
    }
}

/// Runs a flow in which this happens.
async fn play(
    server: &Arc<OAuthServer>,
    script: Script,
) -> (Result<FlowToken, DeviceFlowError>, Vec<u64>) {
    let acting = Acting {
        server: Arc::clone(server),
        script,
        code: Arc::default(),
        slept: Arc::default(),
    };
    let sleeper = Arc::new(acting.clone());
    // Our clock stands still, so that only the server's time ends a code, however busy the machine is.
    let clock = Arc::new(ManualClock::at(SystemClock.now()));
    let flow = DeviceFlow::new(config(server), transport(), sleeper, clock);
    let code = Arc::clone(&acting.code);
    let show = move |prompt: &DevicePrompt| *code.lock().unwrap() = prompt.user_code.clone();
    // This server gives nothing to a flow that asks for nothing.
    let request = FlowRequest::new(did()).asking("openid");
    let ended = flow.unwrap().run(request, &show).await;
    let slept = acting.slept.lock().unwrap().clone();
    (ended, slept)
}

fn why(ended: Result<FlowToken, DeviceFlowError>) -> &'static str {
    match ended.unwrap_err() {
        DeviceFlowError::Denied(refuted) => refuted.reason.name(),
        DeviceFlowError::Unavailable(why) => why.reason.name(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_approves_after_polls_that_were_pending_and_one_that_was_early() {
    let server = Arc::new(OAuthServer::start(600));
    let (token, slept) = play(&server, |server, code, nth| match nth {
        2 => server.tell("strict"),
        3 => server.tell("lenient"),
        4 => server.tell(&format!("approve {code}")),
        _ => {}
    })
    .await;
    let token = token.unwrap();
    assert_eq!(slept, [6, 6, 14, 14]);
    let github = GitHub::new(config(&server), transport());
    let evidence = github.approved(&token, SystemClock.now()).await.unwrap();
    assert_eq!(evidence.account.login().as_str(), "alice");
    assert_eq!(evidence.proof.kind(), EvidenceKind::DeviceFlow);
    assert_eq!(evidence.did, did());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_refuses() {
    let server = Arc::new(OAuthServer::start(600));
    let (ended, slept) = play(&server, |server, code, nth| {
        if nth == 2 {
            server.tell(&format!("deny {code}"));
        }
    })
    .await;
    assert_eq!(why(ended), "flow-denied");
    assert_eq!(slept, [6, 6]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_ends_before_anybody_answers() {
    let server = Arc::new(OAuthServer::start(6));
    let (ended, slept) = play(&server, |_, _, _| {
        std::thread::sleep(Duration::from_millis(7_100));
    })
    .await;
    assert_eq!(why(ended), "flow-expired");
    assert_eq!(slept, [5], "the server said so");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_good_for_one_token_even_when_that_was_lost() {
    let server = Arc::new(OAuthServer::start(600));
    let (ended, slept) = play(&server, |server, code, nth| {
        if nth == 1 {
            server.tell("lose");
            server.tell(&format!("approve {code}"));
        }
    })
    .await;
    assert_eq!(why(ended), "flow-expired");
    assert_eq!(slept, [6, 12], "it is asked again, and later");
}
