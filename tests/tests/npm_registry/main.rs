//! The real npm client and a real registry server: what is published by the one is read from the other.

mod server;

use serde_json::json;

use server::Registry;

#[test]
fn the_client_publishes_to_the_server() {
    let registry = Registry::start("try");
    let alice = registry.publisher("alice");
    let package = |v: &str| json!({ "name": "@alice/auths", "version": v, "auths": { "did": "did:key:z6Mk", "for": "npm:@alice/auths" } });
    alice.publish(&package("1.0.0"), &[]);
    alice.publish(&package("1.1.0"), &["--tag", "next"]);
    assert_eq!(alice.npm(&["whoami"]), "alice\n");
    println!("{}", alice.npm(&["view", "@alice/auths", "--json"]));
    alice.npm(&["dist-tag", "add", "@alice/auths@1.0.0", "old"]);
    alice.npm(&["deprecate", "@alice/auths@1.1.0", "a mistake"]);
    alice.npm(&["unpublish", "@alice/auths@1.1.0", "--force"]);
    println!("{}", alice.npm(&["view", "@alice/auths", "--json"]));
}
