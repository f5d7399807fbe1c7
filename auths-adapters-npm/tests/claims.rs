//! What claims of npm packages come to, over the wire: the owner's ways to a yes, and what thieves and strangers gain.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod common;

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use auths_core::capability::Capability;
use auths_core::crypto::{KeyPair, Seed};
use auths_core::decide::{Decision, Obstacle};
use auths_core::ports::{Clock, MemoryRevocations, MemoryStore, ProofHint};
use auths_core::use_cases::{
    ClaimNamespace, ClaimRequest, ClaimsContext, StatementProver, StoredLink, sign_account_claim,
};
use auths_core::{Account, Did, Namespace, Outcome, Platform, Policy};
use auths_testkit::server::{Server, Shape};
use auths_testkit::services::npm;
use auths_testkit::world::{
    Credential, Metadata, RegistryFault, Session, SimulatedClock, Token, World,
};
use common::*;

/// Where a packument holds what troubles are about.
const SHAPE: Shape = Shape {
    name: "/name",
    owners: "/maintainers",
};

const DAY: Duration = Duration::from_secs(86_400);

fn key(byte: u8) -> KeyPair {
    KeyPair::from_seed(&Seed::new([byte; 32].into()))
}

fn alice() -> KeyPair {
    key(1)
}

fn mallory() -> KeyPair {
    key(66)
}

/// npm over a real socket, and alice's session there.
struct Npm {
    world: Arc<Mutex<World>>,
    clock: Arc<dyn Clock>,
    server: Server,
    alice: Session,
}

impl Npm {
    /// An empty one.
    fn new() -> Self {
        Self::in_trouble(None)
    }

    /// One that fails its readers in this way.
    fn in_trouble(trouble: Option<RegistryFault>) -> Self {
        let mut world = World::npm("2026-01-01T00:00:00Z".parse().unwrap());
        let alice = world.sign_up("alice").unwrap();
        let world = Arc::new(Mutex::new(world));
        let clock: Arc<dyn Clock> = Arc::new(SimulatedClock::new(Arc::clone(&world)));
        let shown = Arc::clone(&world);
        let server = Server::start_with_clock(Arc::clone(&clock), move |request| {
            npm::reply(&shown.lock().unwrap(), request).in_trouble(trouble, SHAPE)
        });
        Self {
            world,
            clock,
            server,
            alice,
        }
    }

    /// One in which `left` is a year old, and named nobody.
    fn with_old_package() -> Self {
        let npm = Self::new();
        npm.publish(&npm.alice, "left", "1.0.0", &[]);
        npm.wait(400);
        npm.publish(&npm.alice, "left", "1.1.0", &[]);
        npm.wait(30);
        npm
    }

    fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap()
    }

    fn wait(&self, days: u32) {
        self.world().wait(DAY * days);
    }

    fn token(&self) -> Token {
        self.world().create_token(&self.alice, None).unwrap()
    }

    fn publish<'a>(
        &self,
        by: impl Into<Credential<'a>>,
        name: &str,
        version: &str,
        named: &[&KeyPair],
    ) {
        let mut world = self.world();
        let namespace = world.namespace(name).unwrap();
        let mut metadata = Metadata::new();
        if !named.is_empty() {
            let dids = named.iter().map(|key| Did::from_key(&key.public()));
            metadata = metadata.naming(dids, &namespace);
        }
        world.publish(by, name, version, metadata).unwrap();
    }

    /// A release that says that `key` speaks for alice's account.
    fn speak<'a>(&self, by: impl Into<Credential<'a>>, name: &str, version: &str, key: &KeyPair) {
        let mut world = self.world();
        let (namespace, alice) = (world.namespace(name).unwrap(), "npm:alice".parse().unwrap());
        let did = Did::from_key(&key.public());
        let metadata = Metadata::new().speaking_for(did, &namespace, &alice);
        world.publish(by, name, version, metadata).unwrap();
    }

    fn place(&self, name: &str) -> Namespace {
        let namespace = Namespace::parse_name(auths_core::Ecosystem::NPM, name).unwrap();
        namespace.at(Some(self.server.origin()))
    }

    /// `key` asks to speak for `name`, as the account `login` if it says one, proved by that package.
    fn ask(&self, key: &KeyPair, name: &str, login: Option<(&str, Option<&str>)>) -> Decision {
        let store = Arc::new(MemoryStore::new());
        let verifier = Arc::new(npm_at(
            self.server.origin(),
            store,
            Arc::clone(&self.clock),
            |config| config,
        ));
        let now = self.world().now();
        run(async {
            let mut links = Vec::new();
            if let Some((login, package)) = login {
                let account = Account::parse_login(Platform::NPM, login).unwrap();
                let account = account.at(Some(self.server.origin()));
                let claim = sign_account_claim(key, account, None, now).await.unwrap();
                let hint = package.map(|p| ProofHint::Statement(self.place(p)));
                links.push(StoredLink::new(claim, hint));
            }
            let prover = StatementProver::new(Platform::NPM, verifier.clone());
            let context = ClaimsContext::new(links, vec![Arc::new(prover)]);
            let workflow = ClaimNamespace {
                signer: key,
                verifier: &*verifier,
                context: &context,
                revocations: &[],
                memory: &MemoryRevocations::new(),
                resolver: None,
            };
            let request = ClaimRequest::new(self.place(name), now);
            let claimed = workflow.run(request, &Policy::standard()).await;
            claimed.unwrap().decision
        })
    }

    fn claim(&self, key: &KeyPair, name: &str) -> Decision {
        self.ask(key, name, None)
    }

    /// Never a yes, however long one waits.
    #[track_caller]
    fn never_accepts(&self, key: &KeyPair, name: &str) {
        for days in [0, 1, 6, 1, 30, 400] {
            self.wait(days);
            let decision = self.claim(key, name);
            assert_ne!(
                decision.outcome(),
                Outcome::Accepted,
                "after {days} more days"
            );
            assert!(decision.into_verified().is_err());
        }
    }
}

#[track_caller]
fn is(decision: &Decision, outcome: Outcome, reason: &str) {
    let seen = decision.reason().map_or("none", Obstacle::name);
    assert_eq!(
        (decision.outcome(), seen),
        (outcome, reason),
        "{:?}",
        decision.reason()
    );
}

// --- the owner

#[test]
fn a_new_package_that_names_the_did_is_pending_and_later_accepted_and_dropped_lines_are_denied() {
    let npm = Npm::new();
    npm.publish(&npm.alice, "@alice/left", "1.0.0", &[&alice()]);
    let published = npm.world().now();
    npm.wait(1);
    let decision = npm.claim(&alice(), "@alice/left");
    is(&decision, Outcome::Pending, "young");
    assert_eq!(decision.ripe_at(), Some(published + 7 * DAY));
    npm.wait(6);
    is(
        &npm.claim(&alice(), "@alice/left"),
        Outcome::Accepted,
        "none",
    );
    npm.publish(&npm.alice, "@alice/left", "1.0.1", &[]);
    is(
        &npm.claim(&alice(), "@alice/left"),
        Outcome::Denied,
        "statement-dropped",
    );
}

#[test]
fn one_account_statement_serves_every_package_that_lists_the_login() {
    let npm = Npm::new();
    for name in ["left", "right", "@alice/up"] {
        npm.publish(&npm.alice, name, "1.0.0", &[]);
    }
    npm.speak(&npm.alice, "@alice/auths", "1.0.0", &alice());
    let as_alice = Some(("alice", Some("@alice/auths")));
    npm.wait(8);
    let decision = npm.ask(&alice(), "left", as_alice);
    is(&decision, Outcome::Pending, "young");
    npm.speak(&npm.alice, "@alice/auths", "1.0.1", &alice());
    for name in ["left", "right", "@alice/up"] {
        let decision = npm.ask(&alice(), name, as_alice);
        is(&decision, Outcome::Accepted, "none");
        assert!(decision.falls_to().unwrap().contains(Capability::HeldToken));
    }
    // One that does not list the login is not served.
    let bob = npm.world().sign_up("bob").unwrap();
    npm.publish(&bob, "down", "1.0.0", &[]);
    is(
        &npm.ask(&alice(), "down", as_alice),
        Outcome::Denied,
        "not-listed",
    );
}

#[test]
fn the_first_remedy_for_a_typed_login_is_the_account_statement() {
    let npm = Npm::with_old_package();
    let decision = npm.ask(&alice(), "left", Some(("alice", None)));
    let remedy = decision
        .remedy()
        .map(ToString::to_string)
        .unwrap_or_default();
    assert!(remedy.contains("@alice/auths"), "{remedy}");
}

// --- strangers and mirrors

#[test]
fn a_maintainers_name_typed_by_a_stranger_is_denied_and_stranger_is_named() {
    let npm = Npm::with_old_package();
    let decision = npm.ask(&mallory(), "left", Some(("alice", None)));
    is(&decision, Outcome::Denied, "resisted");
    assert_eq!(decision.weakest(), Some(Capability::Stranger));
}

#[test]
fn a_mirror_without_maintainers_is_undetermined_and_says_so() {
    let npm = Npm::in_trouble(Some(RegistryFault::OwnersMissing));
    npm.publish(&npm.alice, "left", "1.0.0", &[&alice()]);
    npm.wait(8);
    for login in [None, Some(("alice", None))] {
        let decision = npm.ask(&alice(), "left", login);
        is(&decision, Outcome::Undetermined, "missing-field");
        let why = decision.reason().unwrap().to_string();
        assert!(why.contains("maintainers"), "{why}");
    }
}

/// Mallory publishes a package that says that her key speaks for alice, and gives it to her, who takes over what looks like any
/// package.
fn gift_of_mallory(npm: &Npm) {
    let theirs = npm.world().sign_up("mallory").unwrap();
    for version in ["1.0.0", "1.0.1"] {
        npm.speak(&theirs, "gift", version, &mallory());
        npm.wait(10);
    }
    let mut world = npm.world();
    world.add_owner(&theirs, "gift", "alice").unwrap();
    world.accept_invitation(&npm.alice, "gift").unwrap();
    world.remove_role(&theirs, "gift", "mallory").unwrap();
}

#[test]
fn a_package_that_was_given_to_an_account_speaks_for_it_to_nobody() {
    let npm = Npm::with_old_package();
    gift_of_mallory(&npm);
    for days in [0, 30, 400] {
        npm.wait(days);
        let decision = npm.ask(&mallory(), "left", Some(("alice", Some("gift"))));
        is(&decision, Outcome::Denied, "resisted");
        assert_eq!(decision.weakest(), Some(Capability::Stranger));
        let remedy = decision.remedy().map(ToString::to_string);
        assert!(remedy.unwrap_or_default().contains("@alice/auths"));
    }
}

// --- a stolen token

#[test]
fn a_stolen_tokens_single_silent_release_is_never_accepted() {
    let npm = Npm::with_old_package();
    let stolen = npm.token();
    npm.publish(&stolen, "left", "1.1.1", &[&mallory()]);
    npm.never_accepts(&mallory(), "left");
}

#[test]
fn a_stolen_tokens_single_release_with_all_before_it_unpublished_is_never_accepted() {
    let npm = Npm::with_old_package();
    let stolen = npm.token();
    npm.publish(&stolen, "left", "1.1.1", &[&mallory()]);
    for version in ["1.0.0", "1.1.0"] {
        npm.world()
            .delete_release(&stolen, "left", version)
            .unwrap();
    }
    npm.never_accepts(&mallory(), "left");
}

#[test]
fn a_re_added_line_begins_anew_and_is_never_accepted() {
    let npm = Npm::with_old_package();
    let stolen = npm.token();
    npm.publish(&stolen, "left", "1.1.1", &[&mallory()]);
    npm.wait(3);
    npm.publish(&npm.alice, "left", "1.1.2", &[]);
    npm.wait(10);
    // Long after the first planted release, and not as its continuation.
    npm.publish(&stolen, "left", "1.1.3", &[&mallory()]);
    npm.never_accepts(&mallory(), "left");
}

#[test]
fn a_re_added_line_around_an_unpublished_release_is_never_accepted() {
    let npm = Npm::with_old_package();
    let stolen = npm.token();
    npm.publish(&stolen, "left", "1.1.1", &[&mallory()]);
    npm.wait(3);
    npm.publish(&npm.alice, "left", "1.1.2", &[]);
    npm.wait(10);
    npm.publish(&stolen, "left", "1.1.3", &[&mallory()]);
    // The owner's release between the two is taken away: where it stood stays known.
    npm.world()
        .delete_release(&stolen, "left", "1.1.2")
        .unwrap();
    npm.never_accepts(&mallory(), "left");
}

/// `left` has named alice's DID over two releases a week apart.
fn claimed() -> Npm {
    let npm = Npm::with_old_package();
    npm.publish(&npm.alice, "left", "2.0.0", &[&alice()]);
    npm.wait(8);
    npm.publish(&npm.alice, "left", "2.1.0", &[&alice()]);
    npm.wait(1);
    is(&npm.claim(&alice(), "left"), Outcome::Accepted, "none");
    npm
}

#[test]
fn a_second_did_beside_the_owners_is_never_accepted() {
    let npm = claimed();
    let stolen = npm.token();
    let both = [&alice(), &mallory()];
    npm.publish(&stolen, "left", "2.1.1", &both);
    npm.wait(8);
    npm.publish(&stolen, "left", "2.1.2", &both);
    is(
        &npm.claim(&mallory(), "left"),
        Outcome::Denied,
        "statement-contested",
    );
    npm.never_accepts(&mallory(), "left");
    // The owner's own is not shaken by it.
    is(&npm.claim(&alice(), "left"), Outcome::Accepted, "none");
}

#[test]
fn latest_moved_back_changes_nothing_for_the_thief() {
    let npm = Npm::with_old_package();
    let stolen = npm.token();
    npm.publish(&stolen, "left", "1.1.1", &[&mallory()]);
    npm.world().tag(&stolen, "left", "latest", "1.1.0").unwrap();
    is(
        &npm.claim(&mallory(), "left"),
        Outcome::Denied,
        "default-outside",
    );
    npm.wait(8);
    npm.publish(&stolen, "left", "1.1.2", &[&mallory()]);
    npm.world().tag(&stolen, "left", "latest", "1.1.0").unwrap();
    npm.never_accepts(&mallory(), "left");
}

#[test]
fn latest_moved_back_by_a_thief_takes_nothing_but_the_owners_yes() {
    let npm = claimed();
    let stolen = npm.token();
    npm.world().tag(&stolen, "left", "latest", "1.1.0").unwrap();
    is(
        &npm.claim(&alice(), "left"),
        Outcome::Denied,
        "default-outside",
    );
    npm.never_accepts(&mallory(), "left");
}

#[test]
fn the_newest_deprecated_changes_nothing_for_the_thief() {
    // Deprecating what was published before does not undo it, and what is planted and deprecated stands for nothing.
    for deprecated in [&["1.0.0", "1.1.0"][..], &["1.1.1"]] {
        let npm = Npm::with_old_package();
        let stolen = npm.token();
        npm.publish(&stolen, "left", "1.1.1", &[&mallory()]);
        for version in deprecated {
            npm.world().yank(&stolen, "left", version, true).unwrap();
        }
        npm.never_accepts(&mallory(), "left");
    }
    let npm = claimed();
    let stolen = npm.token();
    npm.publish(&stolen, "left", "2.1.1", &[&mallory()]);
    for version in ["2.0.0", "2.1.0"] {
        npm.world().yank(&stolen, "left", version, true).unwrap();
    }
    is(
        &npm.claim(&mallory(), "left"),
        Outcome::Denied,
        "statement-contested",
    );
    npm.never_accepts(&mallory(), "left");
}

#[test]
fn a_member_of_the_scopes_organisation_speaks_for_nobody_by_publishing_there() {
    let npm = Npm::with_old_package();
    let bob = {
        let mut world = npm.world();
        let bob = world.sign_up("bob").unwrap();
        world.create_org(&npm.alice, "acme").unwrap();
        let member = auths_testkit::world::OrgRole::Member;
        world.set_member(&npm.alice, "acme", "bob", member).unwrap();
        world.accept_membership(&bob, "acme").unwrap();
        bob
    };
    npm.publish(&npm.alice, "@acme/x", "1.0.0", &[]);
    npm.wait(30);
    for version in ["1.0.1", "1.0.2"] {
        npm.publish(&bob, "@acme/x", version, &[&mallory()]);
        npm.speak(&bob, "@acme/y", version, &mallory());
        npm.wait(8);
    }
    let as_alice = Some(("alice", Some("@acme/y")));
    let decision = npm.ask(&mallory(), "left", as_alice);
    is(&decision, Outcome::Denied, "resisted");
    let as_alice = Some(("alice", Some("@acme/x")));
    let decision = npm.ask(&mallory(), "left", as_alice);
    is(&decision, Outcome::Denied, "resisted");
    let decision = npm.claim(&mallory(), "@acme/x");
    is(&decision, Outcome::Denied, "resisted");
    assert_eq!(decision.weakest(), Some(Capability::Collaborator));
}
