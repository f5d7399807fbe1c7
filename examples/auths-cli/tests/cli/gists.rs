//! `auths id verify` with the address of a gist: which addresses are of gists, and what is wrong with a gist.

use auths_core::Platform;
use auths_testkit::server::{Reply, Server};
use auths_testkit::world::Session;
use serde_json::{Value, json};

use crate::forge::Forge;
use crate::github::{CLAIM, approving, github, linked, said, with_app};
use crate::sandbox::Sandbox;

fn verify(sandbox: &Sandbox, address: &str) -> Value {
    sandbox.json("id-verify", &["id", "verify", address])
}

fn sign_up(forge: &Forge, login: &str) -> Session {
    forge.world().sign_up_on(&Platform::GITHUB, login).unwrap()
}

#[test]
fn a_mistaken_address_of_a_gist_is_invalid_and_nothing_else_is_read_in_its_place() {
    let (forge, ..) = github(approving());
    let sandbox = with_app(&forge);
    let claimed = sandbox.json("id-claim", &CLAIM);
    let id = claimed["proof_url"]
        .as_str()
        .unwrap()
        .rsplit('/')
        .next()
        .unwrap()
        .to_owned();
    // It serves the bare claim, whatever it is asked for.
    let claim = claimed["claim"].to_string();
    let files = Server::start(move |_| Reply::bytes(200, "application/json", claim.as_str()));
    let web = forge.github.origin().to_string();
    let host = web.strip_prefix("http://").unwrap();
    let asked = forge.github.request_count();
    for address in [
        format!("{}/gist/alice/{id}", files.origin()),
        format!("{}/claim.json", files.origin()),
        format!("{web}/gist/alice/{id}/raw/auths-claim.json"),
        format!("{web}/alice/{id}/raw/0123/auths-claim.json"),
        format!("http://alice@{host}/gist/alice/{id}"),
        format!("https://alice@gist.github.com/alice/{id}"),
        format!("https://gist.github.com:8443/alice/{id}"),
        format!("https://gist.mirror.example/alice/{id}"),
    ] {
        let answer = verify(&sandbox, &address);
        assert_eq!(
            said(&answer),
            ("invalid", "bad-name"),
            "{address}: {answer:#}"
        );
        let message = answer["message"].as_str().unwrap();
        assert!(message.contains(".../LOGIN/ID"), "{address}: {message}");
    }
    assert_eq!(
        (files.request_count(), forge.github.request_count()),
        (0, asked)
    );

    // Where no GitHub is asked on that host, it is the address of a file.
    let other = Sandbox::new();
    let answer = verify(&other, &format!("{}/claim.json", files.origin()));
    assert_eq!(
        (said(&answer).0, &answer["proves"]),
        ("confirmed", &json!("signature-only"))
    );
    let user = format!(
        "http://alice@127.0.0.1:{}/claim.json",
        files.origin().to_string().rsplit(':').next().unwrap()
    );
    assert_eq!(said(&verify(&other, &user)).0, "invalid");
}

#[test]
fn a_gist_of_another_and_a_gist_with_the_claim_of_another_are_told_apart() {
    let (forge, play, alice) = github(approving());
    let sandbox = with_app(&forge);
    let url = linked(&sandbox);
    let id = url.rsplit('/').next().unwrap().to_owned();
    let mallory = sign_up(&forge, "mallory");
    play.lock().unwrap().answered_by(mallory.clone());
    let theirs = with_app(&forge).json("id-claim", &CLAIM)["claim"].to_string();
    let at = |login: &str, id: &str| format!("{}/gist/{login}/{id}", forge.github.origin());

    let text = forge.world().gist(&id).unwrap().content().to_owned();
    let copy = forge.world().create_gist(&mallory, text.as_str()).unwrap();
    let lent = forge.world().create_gist(&alice, theirs.as_str()).unwrap();
    let bare = format!("{}/gists/{lent}", forge.github.origin());
    for (address, reason) in [
        (at("alice", &copy), "gist-of-another"),
        (at("mallory", &copy), "gist-names-another"),
        (at("Alice", &lent), "gist-names-another"),
        // Where the address says no account, it is the gist that is out of place.
        (bare, "gist-of-another"),
    ] {
        assert_eq!(
            said(&verify(&sandbox, &address)),
            ("refuted", reason),
            "{address}"
        );
    }

    forge
        .world()
        .edit_gist(&alice, &id, theirs.as_str())
        .unwrap();
    let status = sandbox.json("id-status", &["id", "status"]);
    assert_eq!(said(&status), ("refuted", "gist-edited"));
    let message = status["message"].as_str().unwrap();
    assert!(
        message.contains("a claim of another account now") && message.contains("mallory"),
        "{message}"
    );
}

#[test]
fn a_gist_that_is_gone_is_told_from_one_whose_account_is_not_to_be_seen() {
    let (forge, _, alice) = github(approving());
    let url = linked(&with_app(&forge));
    let id = url.rsplit('/').next().unwrap().to_owned();
    forge.world().delete_gist(&alice, &id).unwrap();
    let sandbox = forge.asked_by(Sandbox::new());
    let at = |path: &str| format!("{}/{path}/{id}", forge.github.origin());
    for (address, expected) in [
        (at("gist/alice"), ("refuted", "gist-deleted")),
        (at("gist/nobody"), ("unavailable", "account-hidden")),
        (at("gists"), ("unavailable", "account-hidden")),
    ] {
        let answer = verify(&sandbox, &address);
        assert_eq!(said(&answer), expected, "{address}");
        let message = answer["message"].as_str().unwrap();
        assert!(
            message.contains(&format!("there is no gist {id}")),
            "{message}"
        );
    }
}

#[test]
fn the_remedy_for_a_gist_that_is_shown_in_part_is_another_gist() {
    let (forge, _, alice) = github(approving());
    let large = " ".repeat(1_000_001);
    let id = forge.world().create_gist(&alice, large).unwrap();
    let address = format!("{}/gist/alice/{id}", forge.github.origin());
    let answer = verify(&forge.asked_by(Sandbox::new()), &address);
    assert_eq!(said(&answer), ("unavailable", "truncated"));
    let remedy = answer["remedy"].as_str().unwrap();
    assert!(remedy.contains("auths id claim github"), "{remedy}");
}
