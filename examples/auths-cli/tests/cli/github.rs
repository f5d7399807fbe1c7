//! GitHub accounts: `auths id claim github`, `id status`, `id verify` with a gist, and what they are worth to a crate.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use auths_testkit::server::{Received, Reply};
use auths_testkit::world::{Session, World};
use serde_json::{Value, json};

use crate::forge::{Forge, demo_of_alice};
use crate::sandbox::{Run, Sandbox};
use crate::world::DAY;

const APP: &str = "Iv1.0123456789abcdef";
pub(crate) const CLAIM: [&str; 3] = ["id", "claim", "github"];

/// What Alice does about the codes that she sees, and what the server says to the polls before that.
#[derive(Default)]
pub(crate) struct Play {
    /// Polls that are answered with this first.
    polls: Vec<Value>,
    /// Whether she approves.
    approves: bool,
    /// How old gists say they are: all, or the one of this id.
    aged: Duration,
    aged_only: Option<String>,
    /// Whether somebody has just commented on every gist.
    commented: bool,
    /// Who answers the flows, where that is not Alice.
    other: Option<Session>,
    /// What is answered to requests of this method below this path, once they were served.
    in_place: Option<(&'static str, &'static str, Reply)>,
    /// What happens while the next gist is published.
    meanwhile: Option<Box<dyn FnOnce() + Send>>,
    codes: Vec<String>,
    tokens: Vec<String>,
    waits: Vec<u64>,
}

/// A GitHub on which Alice answers every flow. It lets itself be asked every second.
pub(crate) fn github(play: Play) -> (Forge, Arc<Mutex<Play>>, Session) {
    let (mut world, alice) = demo_of_alice();
    world.register_app(APP, true);
    let play = Arc::new(Mutex::new(play));
    let (played, owner) = (Arc::clone(&play), alice.clone());
    let forge = Forge::serve_edited(world, move |world, request, body| {
        let mut play = played.lock().unwrap();
        let owner = play.other.clone().unwrap_or_else(|| owner.clone());
        play.edit(world, request, body, &owner);
        play.in_place(request)
    });
    (forge, play, alice)
}

impl Play {
    fn edit(&mut self, world: &mut World, request: &Received, body: &mut Value, alice: &Session) {
        match request.path.as_str() {
            "/login/device/code" if body["user_code"].is_string() => {
                let code = body["user_code"].as_str().unwrap();
                self.codes.push(code.to_owned());
                body["interval"] = json!(1);
                self.answer(world, alice);
            }
            "/login/oauth/access_token" => {
                self.waits.push(world.now().as_unix().unsigned_abs());
                if !self.polls.is_empty() {
                    *body = self.polls.remove(0);
                    self.answer(world, alice);
                }
                if let Some(token) = body["access_token"].as_str() {
                    self.tokens.push(token.to_owned());
                }
            }
            "/gists" => {
                if let Some(happens) = self.meanwhile.take() {
                    happens();
                }
            }
            path if path.starts_with("/gists/") && self.is_aged(body) => {
                let times = ["created_at", "updated_at"];
                for time in &times[..times.len() - usize::from(self.commented)] {
                    let at: auths_core::Timestamp = body[time].as_str().unwrap().parse().unwrap();
                    let unix = at.as_unix() - i64::try_from(self.aged.as_secs()).unwrap();
                    let aged = auths_core::Timestamp::from_unix(unix).unwrap();
                    body[time] = json!(aged.to_string());
                }
            }
            _ => {}
        }
    }
}

impl Play {
    /// Lets gists say that they are as old as this: all, or the one of this id.
    pub(crate) fn age(&mut self, by: Duration, only: Option<String>) {
        (self.aged, self.aged_only) = (by, only);
    }

    fn is_aged(&self, gist: &Value) -> bool {
        let id = gist["id"].as_str();
        id.is_some() && (self.aged_only.is_none() || self.aged_only.as_deref() == id)
    }

    /// From now on somebody else answers the flows.
    pub(crate) fn answered_by(&mut self, other: Session) {
        self.other = Some(other);
    }

    /// What is answered from now on to requests of this method below this path. They are served nevertheless.
    pub(crate) fn answering(&mut self, instead: Option<(&'static str, &'static str, Reply)>) {
        self.in_place = instead;
    }

    /// Lets this happen while the next gist is published.
    pub(crate) fn meanwhile(&mut self, happens: impl FnOnce() + Send + 'static) {
        self.meanwhile = Some(Box::new(happens));
    }

    fn in_place(&self, request: &Received) -> Option<Reply> {
        let (method, path, reply) = self.in_place.as_ref()?;
        let fits = request.method == *method && request.path.starts_with(path);
        fits.then(|| reply.clone())
    }

    /// She types the code in once nothing else is to be told before.
    fn answer(&self, world: &mut World, alice: &Session) {
        if self.polls.is_empty() {
            let code = self.codes.last().unwrap();
            world
                .answer_device_flow(alice, code, self.approves)
                .unwrap();
        }
    }
}

pub(crate) fn approving() -> Play {
    Play {
        approves: true,
        ..Play::default()
    }
}

pub(crate) fn with_app(forge: &Forge) -> Sandbox {
    forge
        .asked_by(Sandbox::with_key())
        .env("AUTHS_GITHUB_CLIENT_ID", APP)
}

pub(crate) fn said(answer: &Value) -> (&str, &str) {
    let text = |name: &str| answer[name].as_str().unwrap_or_default();
    (text("outcome"), text("reason"))
}

#[test]
fn an_account_is_linked_and_its_crate_claimed_and_others_rely_on_the_gist_once_it_is_mature() {
    // A poll that is early, as GitHub tells it: the server's interval counts from then on.
    let slow =
        json!({ "error": "slow_down", "interval": 3, "error_description": "Too many requests." });
    let (forge, play, _) = github(Play {
        polls: vec![slow],
        ..approving()
    });
    let sandbox = with_app(&forge);
    let run = sandbox.run(&[&CLAIM[..], &["--json"]].concat());
    let linked = run.json("id-claim");
    assert_eq!(linked["outcome"], "done");
    assert_eq!(linked["falls_to"], json!(["account-session", "device-key"]));
    assert_eq!(linked["account"]["login"], "alice");
    assert_eq!(
        linked["account"]["origin"],
        forge.github.origin().to_string()
    );
    {
        let play = play.lock().unwrap();
        let code = &play.codes[0];
        for shown in [&sandbox.did(), code, "/login/device", "15:00 minutes"] {
            assert!(run.err.contains(shown), "{shown} in {}", run.err);
        }
        assert!(play.waits[1] - play.waits[0] >= 6, "{:?}", play.waits);
    }
    let approval = format!("/settings/connections/applications/{APP}");
    assert!(
        linked["approval_url"]
            .as_str()
            .unwrap()
            .ends_with(&approval)
    );

    // The approval counts on this machine: the claim is accepted at once, and offline here.
    let file = sandbox.path("bundle.json").display().to_string();
    let claim = ["namespace", "claim", "cargo:demo", "--out", &file];
    let claimed = sandbox.json("namespace-decision", &claim);
    let falls_to = json!(["account-session", "device-key"]);
    assert_eq!(said(&claimed), ("accepted", ""), "{claimed:#}");
    assert_eq!(claimed["decision"]["falls_to"], falls_to);
    let verify = ["namespace", "verify", &file];
    let here = sandbox.json("namespace-decision", &verify);
    assert_eq!(said(&here), ("accepted", ""));

    // Elsewhere nobody trusts this key's word, and the gist is young.
    let other = forge.asked_by(Sandbox::new());
    let there = other.json("namespace-decision", &verify);
    assert_eq!(said(&there), ("undetermined", "untrusted-observer"));
    let did = sandbox.did();
    let trusting = [&verify[..], &["--trust-observer", &did]].concat();
    assert_eq!(
        said(&other.json("namespace-decision", &trusting)),
        ("accepted", "")
    );
    let live = [&verify[..], &["--live"]].concat();
    assert_eq!(said(&other.json("namespace-decision", &live)).0, "pending");
    play.lock().unwrap().aged = 8 * DAY;
    let mature = other.json("namespace-decision", &live);
    assert_eq!(said(&mature), ("accepted", ""), "{mature:#}");
    let falls_to = json!(["held-token", "device-key"]);
    assert_eq!(mature["decision"]["falls_to"], falls_to);
}

#[test]
fn a_comment_of_a_stranger_takes_no_accepted_claim_away_from_who_saw_the_gist_before() {
    let (forge, play, _) = github(approving());
    let sandbox = with_app(&forge);
    linked(&sandbox);
    let file = sandbox.path("bundle.json").display().to_string();
    let claim = ["namespace", "claim", "cargo:demo", "--out", &file];
    assert_eq!(
        sandbox.json("namespace-decision", &claim)["outcome"],
        "accepted"
    );
    let live = ["namespace", "verify", &file, "--live"];
    let verifier = forge.asked_by(Sandbox::new());
    play.lock().unwrap().aged = 8 * DAY;
    assert_eq!(
        said(&verifier.json("namespace-decision", &live)),
        ("accepted", "")
    );
    play.lock().unwrap().commented = true;
    let again = verifier.json("namespace-decision", &live);
    assert_eq!(said(&again), ("accepted", ""), "{again:#}");
    // Whoever has not seen it waits anew.
    let other = forge.asked_by(Sandbox::new());
    assert_eq!(said(&other.json("namespace-decision", &live)).0, "pending");
}

#[test]
fn a_flow_that_gives_no_token_links_nothing() {
    let error = |code: &str| Play {
        polls: vec![json!({ "error": code })],
        ..approving()
    };
    for (play, expected, code) in [
        (Play::default(), ("refuted", "flow-denied"), 1),
        (error("expired_token"), ("unavailable", "flow-expired"), 3),
        (
            error("device_flow_disabled"),
            ("invalid", "bad-configuration"),
            2,
        ),
        (
            error("incorrect_device_code"),
            ("unavailable", "flow-expired"),
            3,
        ),
    ] {
        let (forge, ..) = github(play);
        let sandbox = with_app(&forge);
        let run = sandbox.run(&[&CLAIM[..], &["--json"]].concat());
        let answer = run.json("id-claim");
        assert_eq!((said(&answer), run.code), (expected, code), "{answer:#}");
        assert!(sandbox.kept("claims").is_empty());
        assert_eq!(forge.world().gists_of(1).count(), 0);
    }
}

#[test]
fn one_foreign_answer_to_a_poll_is_asked_again_and_the_account_is_linked() {
    for foreign in [json!({}), json!({ "error": "something_new" })] {
        let (forge, ..) = github(Play {
            polls: vec![foreign.clone()],
            ..approving()
        });
        let sandbox = with_app(&forge);
        linked(&sandbox);
        assert_eq!(forge.world().gists_of(1).count(), 1, "{foreign}");
    }
}

#[test]
fn without_an_app_the_command_says_how_to_make_one_before_anything_is_asked() {
    let (forge, ..) = github(approving());
    let sandbox = forge.asked_by(Sandbox::with_key());
    let answer = sandbox.json("id-claim", &CLAIM);
    assert_eq!(said(&answer), ("invalid", "bad-configuration"));
    let message = answer["message"].as_str().unwrap();
    for part in [
        "OAuth app",
        "Developer settings",
        "Enable Device Flow",
        "client id",
    ] {
        assert!(message.contains(part), "{part} in {message}");
    }
    for (bad, says) in [("a b", "client id"), ("x&scope=repo", "client id")] {
        let answer = sandbox.json("id-claim", &[&CLAIM[..], &["--client-id", bad]].concat());
        assert!(
            answer["message"].as_str().unwrap().contains(says),
            "{answer:#}"
        );
    }
    assert_eq!(forge.github.request_count(), 0);
    // A token of one GitHub is never sent to another.
    let half = Sandbox::with_key()
        .origin("github", forge.github.origin())
        .env("AUTHS_GITHUB_CLIENT_ID", APP);
    let answer = half.json("id-claim", &CLAIM);
    assert_eq!(said(&answer), ("invalid", "bad-configuration"));
    assert!(
        answer["remedy"].as_str().unwrap().contains("github-api"),
        "{answer:#}"
    );
    assert_eq!(forge.github.request_count(), 0);
}

/// Links alice, and gives the address of her gist.
pub(crate) fn linked(sandbox: &Sandbox) -> String {
    let answer = sandbox.json("id-claim", &CLAIM);
    assert_eq!(answer["outcome"], "done", "{answer:#}");
    answer["proof_url"].as_str().unwrap().to_owned()
}

fn findings(sandbox: &Sandbox) -> Vec<String> {
    let status = sandbox.json("id-status", &["id", "status"]);
    let findings = status["findings"].as_array().unwrap();
    findings
        .iter()
        .map(|f| {
            f["reason"]
                .as_str()
                .or(f["finding"].as_str())
                .unwrap()
                .to_owned()
        })
        .collect()
}

#[test]
fn a_gist_is_verified_by_its_address_and_watched_by_status() {
    let (forge, _, alice) = github(approving());
    let sandbox = with_app(&forge);
    let url = linked(&sandbox);
    let id = url.rsplit('/').next().unwrap().to_owned();
    let elsewhere = forge.asked_by(Sandbox::new());
    let verify = |url: &str| elsewhere.json("id-verify", &["id", "verify", url]);
    let verified = verify(&url);
    assert_eq!(said(&verified), ("confirmed", ""));
    assert_eq!(verified["proves"], "gist-proof");
    assert_eq!(verified["falls_to"], json!(["stolen-token", "device-key"]));
    assert_eq!(verified["did"], sandbox.did());
    assert_eq!(verified["account"]["login"], "alice");
    let status = sandbox.json("id-status", &["id", "status"]);
    assert_eq!(status["claims"][0]["proof_url"], url);
    let linked = &status["accounts"][0];
    let kinds: Vec<_> = (0..3).map(|n| &linked["evidence"][n]["kind"]).collect();
    assert_eq!(
        kinds,
        ["self-reported", "gist-proof", "device-flow"],
        "{linked:#}"
    );
    assert_eq!(linked["falls_to"], json!(["account-session", "device-key"]));
    assert_eq!(findings(&sandbox), Vec::<String>::new());

    let text = forge.world().gist(&id).unwrap().content().to_owned();
    let mallory = forge.world().sign_up("mallory").unwrap();
    let at = |id: &str| url.replace(&url[url.len() - id.len()..], id);
    let fork = forge.world().fork_gist(&mallory, &id).unwrap();
    let copy = forge.world().create_gist(&mallory, text.as_str()).unwrap();
    let large = " ".repeat(1_000_001);
    let large = forge.world().create_gist(&alice, large).unwrap();
    let other = forge.world().create_gist(&alice, "hello").unwrap();
    for (gist, expected) in [
        (fork, ("refuted", "gist-forked")),
        (copy, ("refuted", "gist-of-another")),
        (other, ("refuted", "gist-without-claim")),
        (large, ("unavailable", "truncated")),
        ("0".repeat(32), ("unavailable", "account-hidden")),
    ] {
        let answer = verify(&at(&gist));
        assert_eq!(said(&answer), expected, "{answer:#}");
    }
    for bad in ["/..%2fuser", "?x=1", "/0123/more/and/more"] {
        let answer = verify(&format!("{url}{bad}"));
        assert_eq!(said(&answer).0, "invalid", "{bad}: {answer:#}");
    }

    forge.world().rename_account(&alice, "alice-new").unwrap();
    assert_eq!(findings(&sandbox), ["renamed"]);
    forge.world().sign_up("alice").unwrap();
    assert_eq!(findings(&sandbox), ["login-reregistered"]);
    forge.world().edit_gist(&alice, &id, "gone").unwrap();
    assert_eq!(findings(&sandbox), ["gist-edited"]);
    forge.world().delete_gist(&alice, &id).unwrap();
    assert_eq!(findings(&sandbox), ["gist-deleted"]);
}

#[test]
fn status_says_that_an_organisation_has_the_old_login_and_that_it_could_not_look() {
    let (forge, play, alice) = github(approving());
    let sandbox = with_app(&forge);
    linked(&sandbox);
    forge.world().rename_account(&alice, "alice-new").unwrap();
    let limited = Reply::json(429, json!({ "message": "Too many requests." }));
    play.lock()
        .unwrap()
        .answering(Some(("GET", "/users/", limited)));
    let status = sandbox.json("id-status", &["id", "status"]);
    assert_eq!(said(&status), ("unavailable", "rate-limited"));
    assert_eq!(status["findings"][0]["finding"], "renamed");
    assert_eq!(status["findings"][1]["finding"], "unavailable");

    play.lock().unwrap().answering(None);
    forge.world().create_org(&alice, "alice").unwrap();
    let status = sandbox.json("id-status", &["id", "status"]);
    assert_eq!(said(&status), ("done", ""));
    let finding = &status["findings"][0];
    assert_eq!(finding["finding"], "login-reregistered", "{status:#}");
    let message = finding["message"].as_str().unwrap();
    assert!(message.contains("Organization"), "{message}");
}

#[test]
fn a_wait_is_interrupted_and_leaves_nothing() {
    let pending = vec![json!({ "error": "authorization_pending" }); 1_000];
    let (forge, ..) = github(Play {
        polls: pending,
        ..approving()
    });
    let sandbox = with_app(&forge);
    let child = sandbox.command(&CLAIM).spawn().unwrap();
    while forge.github.request_count() < 2 {
        std::thread::sleep(Duration::from_millis(20));
    }
    let mut interrupt = std::process::Command::new("kill");
    let interrupt = interrupt.args(["-INT", &child.id().to_string()]);
    assert!(interrupt.status().unwrap().success());
    let run = Run::new(child.wait_with_output().unwrap());
    assert_eq!((run.code, run.out.as_str()), (130, ""));
    assert!(sandbox.kept("claims").is_empty());
}

#[test]
fn no_token_is_ever_shown_or_kept() {
    let (forge, play, _) = github(approving());
    let sandbox = with_app(&forge).env("RUST_LOG", "trace");
    let mut seen = String::new();
    for args in [
        &CLAIM[..],
        &["id", "claim", "github", "--json"],
        &["id", "status"],
        &["namespace", "claim", "cargo:demo"],
    ] {
        let run = sandbox.run(args);
        assert_eq!(run.code, 0, "{}", run.err);
        seen.push_str(&run.out);
        seen.push_str(&run.err);
    }
    let mut folders = vec![sandbox.home()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => folders.push(path),
                false => seen.push_str(&String::from_utf8_lossy(&std::fs::read(path).unwrap())),
            }
        }
    }
    let tokens = play.lock().unwrap().tokens.clone();
    assert_eq!(tokens.len(), 2);
    for token in tokens {
        assert!(!seen.contains(&token));
        let sent = forge.github.requests();
        assert!(sent.iter().all(|r| !r.path.contains(&token)
            && !r.query.as_deref().unwrap_or_default().contains(&token)));
        // Published where everyone can read it.
        assert!(
            sent.iter()
                .filter(|r| r.path == "/gists")
                .all(|r| !String::from_utf8_lossy(&r.body).contains(&token))
        );
    }
}
