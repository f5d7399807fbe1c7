//! The device flow: what each answer of the server leads to, and that nothing but a token given to this flow is one.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests"
)]

mod common;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use auths_adapters_github::{
    DeviceFlow, DeviceFlowError, DevicePrompt, FlowRequest, FlowToken, GitHub, OwnApp,
};
use auths_core::evidence::EvidenceKind;
use auths_core::ports::AccountProverError;
use auths_core::{Reason, RefutedReason, Timestamp, UnavailableReason};
use auths_http::Sleeper;
use auths_testkit::server::{Fault, Reply};
use auths_testkit::world::{Grant, Session, World};
use common::*;
use secrecy::ExposeSecret;
use serde_json::{Value, json};

fn request() -> FlowRequest {
    FlowRequest::new(did(1)).asking("gist")
}

fn silent(_: &DevicePrompt) {}

/// The user code of the only flow of the world, as its prompt says it.
async fn approved(
    stage: &Stage,
    after: usize,
    approves: bool,
) -> (
    Result<FlowToken, DeviceFlowError>,
    Vec<DevicePrompt>,
    Vec<u64>,
) {
    let prompts: Arc<Mutex<Vec<DevicePrompt>>> = Arc::default();
    let (shown, alice) = (Arc::clone(&prompts), stage.alice.clone());
    let waiting = stage.waiting(move |world, slept| {
        if slept == after {
            let code = shown.lock().unwrap()[0].user_code.clone();
            world.answer_device_flow(&alice, &code, approves).unwrap();
        }
    });
    let show = |prompt: &DevicePrompt| prompts.lock().unwrap().push(prompt.clone());
    let token = stage.flow(waiting.clone()).run(request(), &show).await;
    let slept = seconds(&waiting.slept.lock().unwrap());
    drop(waiting);
    let seen = prompts.lock().unwrap().clone();
    (token, seen, slept)
}

#[tokio::test]
async fn an_approved_flow_gives_a_token_of_whoever_approved() {
    let stage = Stage::new();
    let (token, prompts, slept) = approved(&stage, 3, true).await;
    let token = token.unwrap();
    assert_eq!(slept, [6, 6, 6], "longer than the server asks");
    assert!(token.has_scope("gist") && !token.has_scope("repo"));
    let first = &prompts[0];
    assert_eq!(first.did, did(1));
    assert_eq!(first.url, format!("{}/login/device", stage.server.origin()));
    assert_eq!(first.remaining, Duration::from_secs(900));
    assert_eq!(prompts[2].remaining, Duration::from_secs(888));
    let evidence = stage.github().approved(&token, stage.now()).await.unwrap();
    assert_eq!(evidence.account, stage.account(&stage.alice));
    assert_eq!(evidence.did, did(1));
    assert_eq!(evidence.proof.kind(), EvidenceKind::DeviceFlow);
    assert_eq!(
        evidence.sources,
        [format!("{}/user", stage.server.origin())]
    );
    let form = |name: &str| stage.server.requests()[0].form_value(name);
    assert_eq!(form("scope").as_deref(), Some("gist"));
    assert_eq!(
        stage.server.requests()[0].header("accept"),
        Some("application/json")
    );
}

#[tokio::test]
async fn a_refused_flow_is_a_no() {
    let (token, ..) = approved(&Stage::new(), 2, false).await;
    let Err(DeviceFlowError::Denied(refuted)) = token else {
        panic!("{token:?}");
    };
    assert_eq!(refuted.reason, RefutedReason::FlowDenied);
}

#[tokio::test]
async fn a_flow_that_nobody_answers_ends_with_its_code() {
    let stage = Stage::new();
    let waiting = stage.waiting(|_, _| {});
    let ended = stage.flow(waiting.clone()).run(request(), &silent).await;
    let slept: u64 = seconds(&waiting.slept.lock().unwrap()).iter().sum();
    assert!((890..900).contains(&slept), "{slept}");
    assert_eq!(why(ended), "flow-expired");
}

/// Sleeps by a clock that runs fast: the world sees it wake too early.
#[derive(Debug)]
struct Hasty {
    world: Arc<Mutex<World>>,
    percent: u32,
    alice: Session,
    slept: Mutex<usize>,
    code: Arc<Mutex<String>>,
}

#[async_trait]
impl Sleeper for Hasty {
    async fn sleep(&self, time: Duration) {
        let mut world = self.world.lock().unwrap();
        // The world counts whole seconds, in favour of the server.
        let real = time * 100 / (100 + self.percent);
        world.wait(Duration::from_secs(real.as_secs()));
        let mut slept = self.slept.lock().unwrap();
        *slept += 1;
        if *slept == 40 {
            let code = self.code.lock().unwrap().clone();
            world.answer_device_flow(&self.alice, &code, true).unwrap();
        }
    }
}

#[tokio::test]
async fn a_clock_that_runs_fast_ends_with_a_token_and_not_with_endless_slow_downs() {
    for percent in [0, 15, 30] {
        let told: Arc<Mutex<usize>> = Arc::default();
        let counted = Arc::clone(&told);
        let stage = Stage::answering(move |world, request| {
            edited(world, request, |_, body| {
                *counted.lock().unwrap() += usize::from(body["error"] == "slow_down");
            })
        });
        let code: Arc<Mutex<String>> = Arc::default();
        let sleeper = Arc::new(Hasty {
            world: Arc::clone(&stage.world),
            percent,
            alice: stage.alice.clone(),
            slept: Mutex::default(),
            code: Arc::clone(&code),
        });
        let clock = Arc::clone(&stage.clock);
        let flow = DeviceFlow::new(stage.config(), transport(clock.clone()), sleeper, clock);
        let show = move |prompt: &DevicePrompt| *code.lock().unwrap() = prompt.user_code.clone();
        let token = flow.unwrap().run(request(), &show).await;
        assert!(token.is_ok(), "{percent}: {token:?}");
        let told = *told.lock().unwrap();
        assert!(told <= usize::from(percent > 15), "{percent}: {told}");
    }
}

/// The answers of a server that lets a code live for so long, at the times of its polls, approved at a time.
async fn polled_within(
    life: u64,
    interval: u64,
    approved_at: Option<u64>,
    in_place: impl Fn(usize) -> Option<Reply> + Send + Sync + 'static,
) -> (Result<FlowToken, DeviceFlowError>, Vec<u64>) {
    let polls: Arc<Mutex<Vec<u64>>> = Arc::default();
    let seen = Arc::clone(&polls);
    let start: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
    let stage = Stage::answering(move |world, request| match request.path.as_str() {
        "/login/device/code" => edited(world, request, |_, body| {
            body["expires_in"] = json!(life);
            body["interval"] = json!(interval);
        }),
        _ => {
            let now = world.now().since(start).as_secs();
            let mut seen = seen.lock().unwrap();
            seen.push(now);
            match in_place(seen.len()) {
                Some(reply) => reply,
                None if approved_at.is_some_and(|at| at <= now) => granted(),
                None => error(200, "authorization_pending"),
            }
        }
    });
    let ended = stage
        .flow(stage.waiting(|_, _| {}))
        .run(request(), &silent)
        .await;
    let polls = polls.lock().unwrap().clone();
    (ended, polls)
}

#[tokio::test]
async fn the_last_poll_comes_just_before_the_code_ends() {
    for life in 12..60 {
        for interval in [5, 10] {
            let (ended, polls) = polled_within(life, interval, None, |_| None).await;
            let last = *polls.last().unwrap();
            assert!(
                last < life && last + 3 >= life,
                "{life}, {interval}: {polls:?}"
            );
            let apart = polls.windows(2).all(|two| two[1] - two[0] >= interval);
            assert!(apart, "{life}, {interval}: {polls:?}");
            let ended = ended.unwrap_err().to_string();
            assert!(
                ended.contains("nobody had approved it just before"),
                "{ended}"
            );
            // Whoever approves late is seen.
            let (token, _) = polled_within(life, interval, Some(life - 4), |_| None).await;
            assert!(token.is_ok(), "{life}, {interval}: {token:?}");
        }
    }
    // Asked to wait for longer than the code lives, it is asked once, at the end.
    let (ended, polls) = polled_within(900, 100_000, None, |_| None).await;
    assert_eq!((why(ended), polls), ("flow-expired", vec![898]));
}

#[tokio::test]
async fn what_is_said_at_the_end_is_true() {
    let slow = |_| Some(Reply::json(200, json!({ "error": "slow_down" })));
    let (ended, _) = polled_within(20, 5, None, slow).await;
    let said = ended.unwrap_err().to_string();
    assert!(
        said.contains("did not say whether it was approved"),
        "{said}"
    );
    let busy = |nth| (nth > 1).then(|| Reply::status(503));
    let (ended, _) = polled_within(20, 5, None, busy).await;
    let said = ended.unwrap_err().to_string();
    assert!(
        said.contains("it is not known whether it was approved"),
        "{said}"
    );
    // The answer that was lost may have been the one with the token.
    let lost = |nth| match nth {
        1 => Some(Reply::fault(Fault::CutBody)),
        _ => Some(error(200, "incorrect_device_code")),
    };
    let (ended, _) = polled_within(900, 5, None, lost).await;
    let said = ended.unwrap_err().to_string();
    assert!(said.contains("may have held the token"), "{said}");
}

#[tokio::test]
async fn a_server_that_asks_to_wait_past_the_codes_end_is_polled_once_more_just_before_it() {
    let limit = "You have exceeded a secondary rate limit. Please wait a few minutes.";
    for busy in [
        Reply::status(429),
        Reply::json(429, json!({ "error": "slow_down" })),
        Reply::json(403, json!({ "message": limit })),
        Reply::status(503).header("retry-after", "100"),
        Reply::status(429).header("retry-after", "100"),
    ] {
        for life in [30, 59] {
            let once = busy.clone();
            let first = move |nth| (nth == 1).then(|| once.clone());
            let (token, polls) = polled_within(life, 5, Some(life - 4), first).await;
            assert!(token.is_ok(), "{busy:?}, {life}: {token:?}");
            assert_eq!(polls, [6, life - 2], "{busy:?}, {life}");
            let again = busy.clone();
            let (ended, polls) = polled_within(life, 5, None, move |_| Some(again.clone())).await;
            assert_eq!(polls, [6, life - 2], "{busy:?}, {life}");
            let Err(DeviceFlowError::Unavailable(ended)) = ended else {
                panic!("{busy:?}, {life}: {ended:?}");
            };
            // No time is given after which to ask again: the code has ended by then.
            assert_eq!(ended.reason, UnavailableReason::FlowExpired, "{busy:?}");
            assert_eq!(ended.retry_after, None, "{busy:?}, {life}");
            assert!(ended.reason.remedy().contains("run the command again"));
            let open = "it is not known whether it was approved";
            assert!(ended.raw_detail.contains(open), "{}", ended.raw_detail);
        }
    }
}

#[tokio::test]
async fn the_label_of_an_ended_code_contradicts_nothing_that_is_said_beside_it() {
    let slow = |_| Some(Reply::json(200, json!({ "error": "slow_down" })));
    let (ended, _) = polled_within(20, 5, None, slow).await;
    let said = ended.unwrap_err().to_string();
    assert!(said.contains("no approval was seen"), "{said}");
    assert!(!said.contains("was not approved"), "{said}");
}

#[tokio::test]
async fn one_foreign_answer_while_waiting_ends_no_flow_and_many_do() {
    let limit = "You have exceeded a secondary rate limit. Please wait a few minutes.";
    for (foreign, reason, waits) in [
        (
            Reply::bytes(200, "text/html", "<html>Sign in to the network</html>"),
            "unreadable",
            12,
        ),
        (Reply::bytes(200, "application/json", ""), "unreadable", 12),
        (Reply::status(200), "unreadable", 12),
        (Reply::status(403), "forbidden", 12),
        (
            Reply::json(403, json!({ "error": "Forbidden", "status": 403 })),
            "unexpected-status",
            12,
        ),
        (
            Reply::json(404, json!({ "message": "no route" })),
            "unexpected-status",
            12,
        ),
        (
            Reply::redirect(302, "http://127.0.0.1:9/"),
            "redirected",
            12,
        ),
        (
            Reply::json(403, json!({ "message": limit })),
            "rate-limited",
            60,
        ),
        (Reply::bytes(403, "text/plain", limit), "rate-limited", 60),
    ] {
        let (token, slept) = played(vec![foreign.clone(), granted()]).await;
        assert!(token.is_ok(), "{foreign:?}: {token:?}");
        assert_eq!(slept, [6, waits], "{foreign:?}");
        let (ended, slept) = played(vec![foreign.clone()]).await;
        assert_eq!((why(ended), slept.len()), (reason, 4), "{foreign:?}");
    }
}

#[tokio::test]
async fn one_foreign_json_answer_while_waiting_ends_no_flow_and_the_end_says_what_is_not_known() {
    let page = Reply::bytes(200, "application/json", "<html>Sign in</html>");
    let said = |status, body: Value| Reply::json(status, body);
    for (foreign, reason) in [
        (said(200, json!({})), "missing-field"),
        (
            said(200, json!({ "status": "login required" })),
            "missing-field",
        ),
        (
            said(200, json!({ "message": "Service Unavailable" })),
            "missing-field",
        ),
        (
            said(200, json!({ "message": "API rate limit exceeded" })),
            "missing-field",
        ),
        (said(200, json!({ "error": null })), "missing-field"),
        (page, "unreadable"),
        (said(200, json!([])), "unreadable"),
        (said(200, Value::Null), "unreadable"),
        (said(200, json!({ "error": { "code": 503 } })), "unreadable"),
        (error(200, "Forbidden"), "unexpected-status"),
        (error(200, "server_error"), "unexpected-status"),
        (error(200, "something_new"), "unexpected-status"),
        (error(200, ""), "unexpected-status"),
        (error(403, "forbidden"), "unexpected-status"),
        (error(403, "rate_limit_exceeded"), "rate-limited"),
        (error(400, "temporarily_unavailable"), "unexpected-status"),
    ] {
        let pending = error(200, "authorization_pending");
        let (token, _) = played(vec![pending, foreign.clone(), granted()]).await;
        assert!(token.is_ok(), "{foreign:?}: {token:?}");
        let (ended, slept) = played(vec![foreign.clone()]).await;
        let text = format!("{ended:?}");
        assert!(
            text.contains("it is not known whether the code"),
            "{foreign:?}: {text}"
        );
        assert_eq!((why(ended), slept.len()), (reason, 4), "{foreign:?}");
    }
}

/// A server that begins a flow, and then answers the polls in turn; the last answer is repeated.
fn scripted(polls: Vec<Reply>) -> Stage {
    let left = Mutex::new(polls);
    Stage::answering(move |world, request| match request.path.as_str() {
        "/login/oauth/access_token" => {
            let mut left = left.lock().unwrap();
            match left.len() {
                1 => left[0].clone(),
                _ => left.remove(0),
            }
        }
        _ => reply(world, request),
    })
}

fn error(status: u16, code: &str) -> Reply {
    Reply::json(
        status,
        json!({ "error": code, "error_description": "so it is" }),
    )
}

fn granted() -> Reply {
    Reply::json(
        200,
        json!({ "access_token": "gho_x", "token_type": "bearer", "scope": "repo,gist" }),
    )
}

async fn played(polls: Vec<Reply>) -> (Result<FlowToken, DeviceFlowError>, Vec<u64>) {
    let stage = scripted(polls);
    let waiting = stage.waiting(|_, _| {});
    let token = stage.flow(waiting.clone()).run(request(), &silent).await;
    let slept = seconds(&waiting.slept.lock().unwrap());
    (token, slept)
}

fn why(ended: Result<FlowToken, DeviceFlowError>) -> &'static str {
    match ended.unwrap_err() {
        DeviceFlowError::Denied(refuted) => refuted.reason.name(),
        DeviceFlowError::Unavailable(why) => why.reason.name(),
        DeviceFlowError::App { .. } => "app",
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn slow_down_adds_up_and_the_servers_interval_counts_when_it_is_longer() {
    let slow = |interval: Option<u64>| {
        let mut body = json!({ "error": "slow_down" });
        if let Some(interval) = interval {
            body["interval"] = json!(interval);
        }
        Reply::json(200, body)
    };
    let pending = error(200, "authorization_pending");
    let polls = vec![
        pending.clone(),
        slow(Some(10)),
        slow(None),
        slow(Some(3)),
        slow(Some(60)),
        pending,
        granted(),
    ];
    let (token, slept) = played(polls).await;
    assert!(token.is_ok());
    assert_eq!(slept, [6, 6, 14, 21, 28, 84, 84]);
}

#[tokio::test]
async fn errors_mean_the_same_with_the_status_of_github_and_of_the_rfc() {
    for (code, expected) in [
        ("expired_token", "flow-expired"),
        ("token_expired", "flow-expired"),
        ("access_denied", "flow-denied"),
        ("incorrect_client_credentials", "app"),
        ("device_flow_disabled", "app"),
        ("unauthorized_client", "app"),
        ("invalid_client", "app"),
        ("redirect_uri_mismatch", "app"),
        ("incorrect_device_code", "flow-expired"),
        ("bad_verification_code", "flow-expired"),
        ("invalid_grant", "flow-expired"),
        ("unverified_user_email", "email-unverified"),
        ("unsupported_grant_type", "unexpected-status"),
    ] {
        for status in [200, 400, 401] {
            let (ended, slept) = played(vec![error(status, code)]).await;
            assert_eq!(why(ended), expected, "{code} with {status}");
            assert_eq!(slept, [6], "{code}: it is asked once");
        }
    }
    for status in [200, 400] {
        let (token, slept) = played(vec![error(status, "authorization_pending"), granted()]).await;
        assert!(token.is_ok());
        assert_eq!(slept, [6, 6]);
    }
}

/// What such a token may do GitHub says when it is used.
#[tokio::test]
async fn a_github_apps_token_has_permissions_in_place_of_scopes() {
    for (token, has_scope) in [("ghu_x", true), ("gho_x", false)] {
        let answer = json!({ "access_token": token, "token_type": "bearer", "scope": "" });
        let token = played(vec![Reply::json(200, answer)]).await.0.unwrap();
        assert_eq!(token.has_scope("gist"), has_scope, "{token:?}");
    }
}

#[tokio::test]
async fn an_error_beside_a_token_is_an_error_and_neither_is_one_too() {
    let both = json!({ "error": "access_denied", "access_token": "gho_x", "token_type": "bearer" });
    for (body, expected) in [
        (both, "flow-denied"),
        (
            json!({ "access_token": "" , "token_type": "bearer" }),
            "missing-field",
        ),
        (json!({ "access_token": "gho_x" }), "missing-field"),
        (
            json!({ "access_token": "gho_x", "token_type": "mac" }),
            "unreadable",
        ),
        (
            json!({ "access_token": "gho\nx", "token_type": "bearer" }),
            "unreadable",
        ),
        (
            json!({ "access_token": 7, "token_type": "bearer" }),
            "unreadable",
        ),
    ] {
        let (ended, slept) = played(vec![Reply::json(200, &body)]).await;
        let said = format!("{ended:?}");
        let is_told = expected == "flow-denied" || said.contains("may have been approved");
        assert!(is_told, "{body}: {said}");
        assert_eq!(why(ended), expected, "{body}");
        assert_eq!(slept, [6], "{body}");
    }
    let form = Reply::bytes(
        200,
        "application/x-www-form-urlencoded",
        "access_token=gho_x&token_type=bearer",
    );
    assert_eq!(why(played(vec![form]).await.0), "unreadable");
}

#[tokio::test]
async fn polls_that_fail_on_their_way_are_made_again_later_and_later_a_few_times() {
    let busy = || Reply::status(503);
    let (token, slept) = played(vec![
        busy(),
        Reply::fault(Fault::ResetAfterRequest),
        granted(),
    ])
    .await;
    assert!(token.is_ok(), "{token:?}");
    assert_eq!(slept, [6, 12, 24]);
    let limited = Reply::status(429).header("retry-after", "30");
    let (token, slept) = played(vec![limited, granted()]).await;
    assert!(token.is_ok(), "{token:?}");
    assert_eq!(slept, [6, 30]);
    let (ended, slept) = played(vec![busy()]).await;
    assert_eq!(why(ended), "server-error");
    assert_eq!(slept, [6, 12, 24, 48]);
}

/// The page's address has this in its query.
fn holding(begun: &mut Value, text: &str) {
    begun["device_code"] = json!("kept-code");
    let page = begun["verification_uri"].as_str().unwrap();
    begun["verification_uri"] = json!(format!("{page}?c={text}"));
}

#[tokio::test]
async fn a_flow_is_begun_by_a_good_answer_only() {
    let good = |stage: &Stage| {
        json!({
            "device_code": "d", "user_code": "ABCD-1234", "expires_in": 900,
            "verification_uri": format!("{}/login/device", stage.server.origin()),
        })
    };
    type Case = (fn(&mut Value), &'static str);
    let cases: &[Case] = &[
        (|_| {}, "flow-expired"),
        (|b| b["interval"] = json!(0), "flow-expired"),
        (|b| b["device_code"] = json!(null), "missing-field"),
        (|b| b["user_code"] = json!(""), "missing-field"),
        (|b| b["user_code"] = json!("AB\u{1b}[2J"), "unreadable"),
        (|b| b["expires_in"] = json!(0), "missing-field"),
        (|b| b["expires_in"] = json!("900"), "unreadable"),
        (
            |b| b["verification_uri"] = json!("http://evil.example/login/device"),
            "unreadable",
        ),
        // A server on this machine may stand in front of another.
        (
            |b| b["verification_uri"] = json!("https://github.example/login/device"),
            "flow-expired",
        ),
        (
            |b| b["verification_uri"] = json!("javascript:alert(1)"),
            "unreadable",
        ),
        // What the person is shown must not tell the code that the process keeps.
        (|b| b["device_code"] = json!("ABCD-1234"), "unreadable"),
        (|b| b["device_code"] = json!("CD-1234"), "unreadable"),
        (
            |b| (b["device_code"], b["user_code"]) = (json!("d"), json!("d")),
            "unreadable",
        ),
        (|b| holding(b, "kept-code"), "unreadable"),
        (|b| holding(b, "%6bept%2Dcode"), "unreadable"),
        (|b| holding(b, "kept\t-code"), "unreadable"),
        (|b| holding(b, "other-code"), "flow-expired"),
        (|b| b["error"] = json!("device_flow_disabled"), "app"),
        (|b| b["error"] = json!("new"), "unexpected-status"),
        (|b| b["interval"] = json!(1_000_000_000_u64), "flow-expired"),
    ];
    for (change, expected) in cases {
        let body: Arc<Mutex<Value>> = Arc::default();
        let shown = Arc::clone(&body);
        let stage = Stage::answering(move |_, request| match request.path.as_str() {
            "/login/device/code" => Reply::json(200, &*shown.lock().unwrap()),
            _ => error(200, "authorization_pending"),
        });
        let mut changed = good(&stage);
        change(&mut changed);
        *body.lock().unwrap() = changed.clone();
        let waiting = stage.waiting(|_, _| {});
        let ended = stage.flow(waiting).run(request(), &silent).await;
        assert_eq!(why(ended), *expected, "{changed}");
    }
    for (client, expected) in [("Iv1.unknown", "app"), ("Iv1.off", "app")] {
        let stage = Stage::new();
        stage.world(|w| w.register_app("Iv1.off", false));
        let config = stage.config().with_client_id(client).unwrap();
        let clock = Arc::clone(&stage.clock);
        let waiting = Arc::new(stage.waiting(|_, _| {}));
        let flow = DeviceFlow::new(config, transport(clock.clone()), waiting, clock);
        assert_eq!(why(flow.unwrap().run(request(), &silent).await), expected);
    }
}

#[tokio::test]
async fn a_flow_ends_even_when_the_clock_stands_still() {
    let stage = Stage::new();
    let sleeper = Arc::new(auths_testkit::doubles::RecordingSleeper::default());
    let clock = Arc::clone(&stage.clock);
    let flow = DeviceFlow::new(
        stage.config(),
        transport(clock.clone()),
        sleeper.clone(),
        clock,
    );
    // Time does not pass, so the server asks to slow down each time.
    assert_eq!(
        why(flow.unwrap().run(request(), &silent).await),
        "flow-expired"
    );
    assert!(sleeper.slept().iter().sum::<Duration>() < Duration::from_secs(900));
}

/// Waits as another does, twice, and then for ever.
#[derive(Debug)]
struct Hanging(Waiting, Arc<tokio::sync::Notify>);

#[async_trait]
impl Sleeper for Hanging {
    async fn sleep(&self, time: Duration) {
        self.0.sleep(time).await;
        if self.0.slept.lock().unwrap().len() == 3 {
            self.1.notify_one();
            std::future::pending::<()>().await;
        }
    }
}

#[tokio::test]
async fn a_flow_that_is_dropped_asks_no_more() {
    let stage = Stage::new();
    let hangs = Arc::new(tokio::sync::Notify::new());
    let sleeper = Hanging(stage.waiting(|_, _| {}), Arc::clone(&hangs));
    let clock = Arc::clone(&stage.clock);
    let flow = DeviceFlow::new(
        stage.config(),
        transport(clock.clone()),
        Arc::new(sleeper),
        clock,
    );
    let flow = flow.unwrap();
    tokio::select! {
        () = hangs.notified() => {}
        ended = flow.run(request(), &silent) => panic!("{ended:?}"),
    }
    assert_eq!(stage.server.request_count(), 3);
    // Nobody approves any more, and nobody asks.
    stage.world(|w| w.wait(Duration::from_secs(60)));
    tokio::task::yield_now().await;
    assert_eq!(stage.server.request_count(), 3);
}

#[tokio::test]
async fn only_a_token_of_the_own_app_is_a_device_flow() {
    let stage = Stage::new();
    let github = stage.github();
    let (token, ..) = approved(&stage, 1, true).await;
    let own = token.unwrap().secret().clone();
    let classic = stage.world(|w| {
        let token = w
            .create_token_for(&stage.alice, &[Grant::Gist], None)
            .unwrap();
        w.secret(&token).into()
    });
    let app = OwnApp::new(APP, "the-apps-secret".to_owned().into()).unwrap();
    let another = OwnApp::new("Iv1.another", "secret".to_owned().into()).unwrap();
    for (token, app, expected) in [
        (&own, Some(&app), EvidenceKind::DeviceFlow),
        (&own, None, EvidenceKind::TokenHolder),
        (&own, Some(&another), EvidenceKind::TokenHolder),
        (&classic, Some(&app), EvidenceKind::TokenHolder),
        (&classic, None, EvidenceKind::TokenHolder),
    ] {
        let evidence = github
            .present(token, did(2), app, stage.now())
            .await
            .unwrap();
        assert_eq!(evidence.proof.kind(), expected);
        assert_eq!(evidence.account, stage.account(&stage.alice));
    }
    let dead = github
        .present(
            &"gho_dead".to_owned().into(),
            did(2),
            Some(&app),
            stage.now(),
        )
        .await;
    let Err(AccountProverError::Unavailable(unavailable)) = dead else {
        panic!("{dead:?}");
    };
    assert_eq!(unavailable.reason, UnavailableReason::DeadToken);
    let sent = stage.server.requests();
    let secrets = [own.expose_secret(), "the-apps-secret"];
    for request in &sent {
        let address = format!(
            "{}?{}",
            request.path,
            request.query.as_deref().unwrap_or_default()
        );
        assert!(
            secrets.iter().all(|secret| !address.contains(secret)),
            "{address}"
        );
    }
}

#[tokio::test]
async fn an_account_that_is_no_persons_is_refused() {
    for kind in ["Organization", "Bot", "Mannequin", "user"] {
        let stage = Stage::answering(move |world, request| {
            edited(world, request, |path, body| {
                if path == "/user" {
                    body["type"] = json!(kind);
                }
            })
        });
        let (token, ..) = approved(&stage, 1, true).await;
        let evidence = stage.github().approved(&token.unwrap(), stage.now()).await;
        let Err(AccountProverError::Refuted(refuted)) = evidence else {
            panic!("{evidence:?}");
        };
        assert_eq!(refuted.reason, RefutedReason::NotAPerson);
    }
}

/// An attacker's own GitHub may hand out a token that was stolen at another.
#[tokio::test]
async fn a_flow_run_at_one_github_is_no_evidence_at_another() {
    let (own, victims) = (Stage::new(), Stage::new());
    let token = approved(&own, 1, true).await.0.unwrap();
    assert!(own.github().approved(&token, own.now()).await.is_ok());
    let other_web = own.config().with_web(victims.server.origin());
    for other in [victims.config(), other_web] {
        let github = GitHub::new(other, transport(Arc::clone(&victims.clock)));
        match github.approved(&token, victims.now()).await {
            Err(AccountProverError::Invalid { what }) => {
                assert!(what.contains(&own.server.origin().to_string()), "{what}");
            }
            answer => panic!("{answer:?}"),
        }
    }
    assert_eq!(victims.server.request_count(), 0);
}
