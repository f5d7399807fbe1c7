//! The real npm client and a real registry server: what is published by the one is read from the other, and decided.
//!
//! The server has no maintainers in its answers, as mirrors have none: under the default policy every claim of what it alone shows
//! is undetermined, however long its releases have named the DID, because who else may publish is not known. Ownership is played by
//! the simulated world. Where an answer here needs maintainers, a front before the server adds what npm's own registry would; all
//! else in it (releases, times, tags, deprecations) is what the real server says of what the real client did.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests are tests too"
)]

mod reading;
mod server;

use auths_core::decide::{Obstacle, Outcome};
use auths_core::evidence::Reading;
use auths_core::{Policy, RefutedReason, UnavailableReason};
use serde_json::{Value, json};

use reading::{Reader, key, now};
use server::{Publisher, Registry};

const DAY: u64 = 86_400;

/// A `package.json` whose releases name these keys.
fn package(name: &str, version: &str, keys: &[u8]) -> Value {
    let says = |n: &u8| json!({ "did": key(*n).to_string(), "for": format!("npm:{name}") });
    let named: Vec<_> = keys.iter().map(says).collect();
    json!({ "name": name, "version": version, "auths": named })
}

fn publish(by: &Publisher<'_>, name: &str, version: &str, keys: &[u8]) {
    by.publish(&package(name, version, keys), &[]);
}

/// Through the front that adds maintainers: the bare server's answer stays undetermined, which is held first.
#[test]
fn a_new_package_is_pending_and_later_accepted_and_denied_when_the_line_goes() {
    let registry = Registry::start("life");
    let alice = registry.publisher("alice");
    publish(&alice, "widget", "1.0.0", &[1]);
    let bare = Reader::of(&registry.origin(), Policy::standard());
    let bare = bare.claim("widget", 1, now());
    assert_eq!(bare.outcome(), Outcome::Undetermined, "{}", bare.message());
    let front = registry.with_maintainers(&["alice"]);
    let reader = Reader::of(&front.origin(), Policy::standard());

    let young = reader.claim("widget", 1, now());
    assert_eq!(young.outcome(), Outcome::Pending, "{}", young.message());
    let ripe_at = young.ripe_at().unwrap();
    assert!(ripe_at > now() && ripe_at.since(now()).as_secs() <= 7 * DAY);

    let later = reader.claim("widget", 1, ripe_at);
    assert_eq!(later.outcome(), Outcome::Accepted, "{}", later.message());
    let other = reader.claim("widget", 2, ripe_at);
    assert_eq!(other.outcome(), Outcome::Denied, "{}", other.message());

    publish(&alice, "widget", "1.0.1", &[]);
    let dropped = reader.claim("widget", 1, ripe_at);
    assert_eq!(dropped.outcome(), Outcome::Denied, "{}", dropped.message());
    let Some(Obstacle::Refuted(why)) = dropped.reason() else {
        panic!("{}", dropped.message());
    };
    assert!(why.raw_detail.contains("1.0.1"), "{why}");
}

#[test]
fn moving_latest_back_and_deprecating_change_nothing_for_a_thief() {
    let registry = Registry::start("thief");
    let alice = registry.publisher("alice");
    publish(&alice, "gadget", "1.0.0", &[1]);
    let front = registry.with_maintainers(&["alice"]);
    let reader = Reader::of(&front.origin(), Policy::standard());
    let ripe_at = reader.claim("gadget", 1, now()).ripe_at().unwrap();
    let mallory = |step: &str| {
        let answer = reader.claim("gadget", 9, ripe_at);
        assert_ne!(
            answer.outcome(),
            Outcome::Accepted,
            "{step}: {}",
            answer.message()
        );
    };

    // With a stolen token of alice: one silent release, and everything that may hide it.
    publish(&alice, "gadget", "1.0.1", &[9]);
    mallory("one release");
    alice.npm(&["dist-tag", "add", "gadget@1.0.0", "latest"]);
    mallory("latest moved back");
    alice.npm(&["deprecate", "gadget@1.0.1", "nothing to see"]);
    mallory("deprecated");
    publish(&alice, "gadget", "1.0.2", &[1, 9]);
    mallory("beside the owner's line");
    alice.npm(&["unpublish", "gadget@1.0.1", "--force"]);
    mallory("unpublished");
    alice.npm(&["dist-tag", "add", "gadget@1.0.2", "latest"]);
    mallory("latest moved on");
}

#[test]
fn scoped_packages_are_read_with_all_that_the_client_can_do_to_them() {
    let registry = Registry::start("scope");
    let alice = registry.publisher("alice");
    let name = "@alice/auths";
    publish(&alice, name, "1.0.0", &[1]);
    alice.publish(&package(name, "2.0.0-beta.1", &[1, 2]), &["--tag", "next"]);
    publish(&alice, name, "1.1.0", &[1]);
    alice.npm(&["deprecate", "@alice/auths@1.0.0", "old"]);
    alice.npm(&["dist-tag", "add", "@alice/auths@1.0.0", "latest"]);
    let reader = Reader::of(&registry.origin(), Policy::standard());
    let seen = reader.gather(name, now());
    let timeline = seen.timeline.get().unwrap();
    let mut rows: Vec<_> = timeline
        .releases()
        .iter()
        .map(|r| {
            (
                r.version.as_str(),
                r.withdrawn,
                r.dids.as_ref().unwrap().len(),
            )
        })
        .collect();
    // Releases of one second are in no order.
    rows.sort_unstable();
    let expected = [
        ("1.0.0", true, 1),
        ("1.1.0", false, 1),
        ("2.0.0-beta.1", false, 2),
    ];
    assert_eq!(rows, expected);
    assert_eq!(timeline.default_version(), Some("1.0.0"));
}

#[test]
fn a_server_without_maintainers_is_no_yes_and_no_no() {
    let registry = Registry::start("mirror");
    let alice = registry.publisher("alice");
    publish(&alice, "thing", "1.0.0", &[1]);
    let reader = Reader::of(&registry.origin(), Policy::standard());
    let seen = reader.gather("thing", now());
    assert!(
        matches!(&seen.listing, Reading::Unread(why) if why.reason == UnavailableReason::MissingField),
        "{:?}",
        seen.listing
    );
    let ripe_at = now() + std::time::Duration::from_secs(8 * DAY);
    let answer = reader.claim("thing", 1, ripe_at);
    assert_eq!(
        answer.outcome(),
        Outcome::Undetermined,
        "{}",
        answer.message()
    );

    let unknown = reader.gather("no-such-thing", now());
    assert!(
        matches!(&unknown.existence, auths_core::evidence::Existence::Absent(why) if why.reason == RefutedReason::UnknownProject)
    );
}
