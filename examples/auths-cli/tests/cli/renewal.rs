//! `auths id claim github` where an account was linked before, and where publishing does not end well.

use std::time::Duration;

use auths_core::Timestamp;
use auths_core::claim::{PlatformClaim, Signed};
use auths_core::crypto::{KeyPair, Seed};
use auths_core::use_cases::sign_account_claim;
use auths_http::SystemClock;
use auths_testkit::server::{Fault, Reply};
use auths_testkit::world::{Grant, Session, World};
use serde_json::{Value, json};

use crate::github::{CLAIM, approving, github, linked, said, with_app};
use crate::sandbox::{Run, Sandbox};
use crate::world::DAY;

/// The gists of the claims that `id status` lists.
fn proofs(sandbox: &Sandbox) -> Vec<String> {
    let status = sandbox.json("id-status", &["id", "status"]);
    let claims = status["claims"].as_array().unwrap().iter();
    let mut urls: Vec<_> = claims
        .filter_map(|claim| claim["proof_url"].as_str().map(str::to_owned))
        .collect();
    urls.sort();
    urls
}

/// GitHub's own 404.
fn own_404() -> Reply {
    let docs = "https://docs.github.com/rest";
    Reply::json(
        404,
        json!({ "message": "Not Found", "documentation_url": docs }),
    )
}

fn sorted(urls: [&String; 2]) -> Vec<String> {
    let mut urls: Vec<_> = urls.into_iter().cloned().collect();
    urls.sort();
    urls
}

#[test]
fn a_renewal_lives_in_a_new_gist_and_the_mature_one_counts_until_it_ends() {
    let (forge, play, _) = github(approving());
    let sandbox = with_app(&forge);
    let first = linked(&sandbox);
    let second = linked(&sandbox);
    assert_ne!(first, second);
    assert_eq!(proofs(&sandbox), sorted([&first, &second]));

    // Only the first one has stood for long.
    let id = first.rsplit('/').next().unwrap().to_owned();
    play.lock().unwrap().age(8 * DAY, Some(id));
    let file = sandbox.path("bundle.json").display().to_string();
    let claim = ["namespace", "claim", "cargo:demo", "--out", &file];
    assert_eq!(
        sandbox.json("namespace-decision", &claim)["outcome"],
        "accepted"
    );
    let elsewhere = forge.asked_by(Sandbox::new());
    let live = ["namespace", "verify", &file, "--live"];
    let there = elsewhere.json("namespace-decision", &live);
    assert_eq!(said(&there), ("accepted", ""), "{there:#}");
}

#[test]
fn a_renewal_that_cannot_be_read_back_takes_nothing_away() {
    let limited = || {
        let reply = Reply::json(403, json!({ "message": "API rate limit exceeded." }));
        reply.header("x-ratelimit-remaining", "0")
    };
    // The gist is read without a token: it cannot be a dead one.
    let dead = || Reply::json(401, json!({ "message": "Bad credentials" }));
    for (reply, reason) in [
        (Reply::status(503), "server-error"),
        (dead(), "forbidden"),
        (limited(), "rate-limited"),
    ] {
        let (forge, play, _) = github(approving());
        let sandbox = with_app(&forge);
        let first = linked(&sandbox);
        let instead = |reply| play.lock().unwrap().answering(reply);
        instead(Some(("GET", "/gists/", reply)));
        let renewed = sandbox.json("id-claim", &CLAIM);
        assert_eq!(said(&renewed), ("unavailable", reason), "{renewed:#}");
        instead(None);
        let second = renewed["proof_url"].as_str().unwrap().to_owned();
        assert_eq!(proofs(&sandbox), sorted([&first, &second]));
    }
}

#[test]
fn a_renewal_whose_own_gist_is_not_to_be_seen_forgets_nothing() {
    let (forge, play, _) = github(approving());
    let sandbox = with_app(&forge);
    let first = linked(&sandbox);
    let instead = |reply| play.lock().unwrap().answering(reply);
    let none = own_404();
    instead(Some(("GET", "/gists/", none)));
    let renewed = sandbox.json("id-claim", &CLAIM);
    assert_eq!(said(&renewed), ("refuted", "gist-deleted"), "{renewed:#}");
    instead(None);
    let second = renewed["proof_url"].as_str().unwrap().to_owned();
    assert_eq!(proofs(&sandbox), sorted([&first, &second]));
}

/// The one claim in the home, and where it lies.
fn only_claim(sandbox: &Sandbox) -> (std::path::PathBuf, Value) {
    let path = sandbox.kept("claims").pop().unwrap();
    let kept = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    (path, kept)
}

#[test]
fn a_renewal_keeps_what_another_run_published_meanwhile() {
    let (forge, play, _) = github(approving());
    let sandbox = with_app(&forge);
    let cut = Reply::json(201, json!({ "id": "0" })).with_fault(Fault::CutBody);
    let instead = |reply| play.lock().unwrap().answering(reply);
    instead(Some(("POST", "/gists", cut)));
    assert_eq!(sandbox.json("id-claim", &CLAIM)["outcome"], "unavailable");
    instead(None);

    // The first run hears of its gist while the second one publishes.
    let (path, mut kept) = only_claim(&sandbox);
    let id = forge.world().gists_of(1).next().unwrap().id().to_owned();
    let first = format!("{}/gist/alice/{id}", forge.github.origin());
    kept["gist"] = json!({ "id": id, "url": first });
    let publishes = move || std::fs::write(path, kept.to_string()).unwrap();
    play.lock().unwrap().meanwhile(publishes);
    let second = linked(&sandbox);
    assert_eq!(proofs(&sandbox), sorted([&first, &second]));
}

#[test]
fn a_claim_that_was_not_published_hides_no_end() {
    let (forge, _, alice) = github(approving());
    let sandbox = with_app(&forge);
    linked(&sandbox);
    let (path, kept) = only_claim(&sandbox);
    let claim: Signed<PlatformClaim> = serde_json::from_value(kept["claim"].clone()).unwrap();
    let account = claim.unverified().account.clone();
    let key = KeyPair::from_seed(&Seed::new([7; 32].into()));
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let sign = |at: Timestamp| {
        let claim = runtime.block_on(sign_account_claim(&key, account.clone(), None, at));
        claim.unwrap().to_json()
    };
    let now = SystemClock.now();
    let renewal = sign(now - DAY);
    let folder = path.parent().unwrap();
    for (age, finding, outcome) in [(176, "expiring-soon", "done"), (181, "expired", "refuted")] {
        let old = sign(now - age * DAY);
        let id = forge.world().create_gist(&alice, old.as_str()).unwrap();
        let url = format!("{}/gist/alice/{id}", forge.github.origin());
        let gist = json!({ "id": id, "url": url });
        let claim: Value = serde_json::from_str(&old).unwrap();
        std::fs::write(&path, json!({ "claim": claim, "gist": gist }).to_string()).unwrap();
        let claim: Value = serde_json::from_str(&renewal).unwrap();
        let unpublished = json!({ "claim": claim }).to_string();
        std::fs::write(folder.join("renewal.json"), unpublished).unwrap();
        let status = sandbox.json("id-status", &["id", "status"]);
        let findings = status["findings"].as_array().unwrap().iter();
        let found: Vec<_> = findings.map(|f| f["finding"].as_str().unwrap()).collect();
        assert_eq!(found, [finding, "unpublished"], "{status:#}");
        assert_eq!(status["outcome"], outcome);
    }
}

#[test]
fn a_renewal_replaces_what_can_never_count_again() {
    let (forge, _, alice) = github(approving());
    let sandbox = with_app(&forge);
    let first = linked(&sandbox);
    let id = first.rsplit('/').next().unwrap();
    forge.world().delete_gist(&alice, id).unwrap();
    let status = sandbox.json("id-status", &["id", "status"]);
    assert_eq!(said(&status), ("refuted", "gist-deleted"));
    let second = linked(&sandbox);
    assert_eq!(proofs(&sandbox), [second]);
    let status = sandbox.json("id-status", &["id", "status"]);
    assert_eq!(said(&status), ("done", ""), "the remedy works");

    let kept: Value =
        serde_json::from_slice(&std::fs::read(&sandbox.kept("claims")[0]).unwrap()).unwrap();
    let file = sandbox.file("claim.json", kept["claim"].to_string());
    assert_eq!(sandbox.run(&["revoke", &file]).code, 0);
    let third = linked(&sandbox);
    assert_eq!(proofs(&sandbox), [third]);
}

#[test]
fn an_account_that_has_the_old_login_of_another_takes_nothing_from_it() {
    let (forge, play, alice) = github(approving());
    let sandbox = with_app(&forge);
    let first = linked(&sandbox);
    let other = {
        let mut world = forge.world();
        world.rename_account(&alice, "alice-new").unwrap();
        sign_up(&mut world, "alice")
    };
    play.lock().unwrap().answered_by(other);
    let second = linked(&sandbox);
    assert_eq!(proofs(&sandbox), sorted([&first, &second]));
    let status = sandbox.json("id-status", &["id", "status"]);
    let ids: std::collections::BTreeSet<_> = status["claims"]
        .as_array()
        .unwrap()
        .iter()
        .map(|claim| claim["account"]["id"].to_string())
        .collect();
    assert_eq!(ids.len(), 2, "{status:#}");
}

/// The claim is there without a gist, which status says, and the next run puts that right.
fn is_mended_by_the_next_run(sandbox: &Sandbox) {
    let status = sandbox.json("id-status", &["id", "status"]);
    assert_eq!(
        status["findings"][0]["finding"], "unpublished",
        "{status:#}"
    );
    assert_eq!(proofs(sandbox), Vec::<String>::new());
    let url = linked(sandbox);
    let status = sandbox.json("id-status", &["id", "status"]);
    assert_eq!(status["findings"], json!([]));
    assert_eq!(proofs(sandbox), [url]);
}

#[test]
fn an_answer_that_is_lost_after_publishing_leaves_the_claim_and_says_that_a_gist_may_be_there() {
    let (forge, play, _) = github(approving());
    let sandbox = with_app(&forge);
    let instead = |reply| play.lock().unwrap().answering(reply);
    let cut = Reply::json(201, json!({ "id": "0" })).with_fault(Fault::CutBody);
    instead(Some(("POST", "/gists", cut)));
    let lost = sandbox.json("id-claim", &CLAIM);
    assert_eq!(said(&lost), ("unavailable", "truncated"), "{lost:#}");
    let message = lost["message"].as_str().unwrap();
    assert!(
        message.contains("the gist may be there nevertheless"),
        "{message}"
    );
    assert_eq!(forge.world().gists_of(1).count(), 1);
    instead(None);
    is_mended_by_the_next_run(&sandbox);
}

#[test]
fn an_approval_without_the_scope_says_to_approve_again_and_not_to_use_another_token() {
    let (forge, play, _) = github(approving());
    let sandbox = with_app(&forge);
    let secret = {
        let mut world = forge.world();
        let alice = sign_up(&mut world, "alice-2");
        let token = world
            .create_token_for(&alice, &[Grant::ReadOrg], None)
            .unwrap();
        world.secret(&token)
    };
    let granted = json!({ "access_token": secret, "token_type": "bearer", "scope": "" });
    for (path, reply) in [
        ("/login/oauth/access_token", Reply::json(200, granted)),
        ("/gists", own_404()),
    ] {
        play.lock().unwrap().answering(Some(("POST", path, reply)));
        let answer = sandbox.json("id-claim", &CLAIM);
        assert_eq!(said(&answer), ("unavailable", "missing-scope"), "{path}");
        let remedy = answer["remedy"].as_str().unwrap();
        assert!(remedy.contains("approve everything"), "{path}: {remedy}");
        assert!(!remedy.contains("use a token"), "{path}: {remedy}");
        assert_eq!(sandbox.kept("claims").len(), 0, "{path}");
    }
}

#[test]
fn a_gist_that_is_refused_leaves_no_claim_and_is_not_looked_for() {
    let (forge, play, _) = github(approving());
    let sandbox = with_app(&forge);
    let refusal = |status: u16| Reply::json(status, json!({ "message": "No." }));
    for (reply, reason, may_be_there) in [
        (refusal(401), "forbidden", false),
        (refusal(403), "forbidden", false),
        (own_404(), "missing-scope", false),
        // A gateway's: nobody knows what became of the question.
        (refusal(404), "unexpected-status", true),
        (refusal(422), "unexpected-status", false),
        (refusal(204), "unexpected-status", true),
        (Reply::status(500), "server-error", true),
        (
            Reply::redirect(303, "http://127.0.0.1:9/"),
            "redirected",
            true,
        ),
    ] {
        let instead = |reply| play.lock().unwrap().answering(reply);
        instead(Some(("POST", "/gists", reply)));
        let answer = sandbox.json("id-claim", &CLAIM);
        assert_eq!(said(&answer), ("unavailable", reason), "{answer:#}");
        let text = |name: &str| answer[name].as_str().unwrap().to_owned();
        let says = text("message").contains("may be there");
        let looks = text("remedy").contains("look among your gists");
        assert_eq!((says, looks), (may_be_there, may_be_there), "{answer:#}");
        let kept = sandbox.kept("claims");
        assert_eq!(kept.len(), usize::from(may_be_there), "{answer:#}");
        for path in kept {
            std::fs::remove_file(path).unwrap();
        }
    }
}

#[cfg(unix)]
#[test]
fn an_interrupt_while_publishing_leaves_the_claim_and_says_that_a_gist_may_be_there() {
    let (forge, play, _) = github(approving());
    let sandbox = with_app(&forge);
    let instead = |reply| play.lock().unwrap().answering(reply);
    let late = Reply::json(201, json!({})).delay(Duration::from_secs(30));
    instead(Some(("POST", "/gists", late)));
    let child = sandbox.command(&CLAIM).spawn().unwrap();
    let is_publishing = || forge.github.requests().iter().any(|r| r.path == "/gists");
    while !is_publishing() {
        std::thread::sleep(Duration::from_millis(20));
    }
    let mut interrupt = std::process::Command::new("kill");
    let interrupt = interrupt.args(["-INT", &child.id().to_string()]);
    assert!(interrupt.status().unwrap().success());
    let run = Run::new(child.wait_with_output().unwrap());
    assert_eq!((run.code, run.out.as_str()), (130, ""));
    assert!(run.err.contains("the gist may be there"), "{}", run.err);
    assert_eq!(forge.world().gists_of(1).count(), 1);
    instead(None);
    is_mended_by_the_next_run(&sandbox);
}

fn sign_up(world: &mut World, login: &str) -> Session {
    let platform = auths_core::Platform::GITHUB;
    world.sign_up_on(&platform, login).unwrap()
}
