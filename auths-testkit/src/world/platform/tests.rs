use std::time::Duration;

use futures_util::FutureExt;

use super::*;
use crate::world::{Grant, Session};
use auths_core::claim::SigningRequest;
use auths_core::crypto::{KeyPair, Seed};
use auths_core::ports::GistHint;
use auths_core::reason::Reason;

const DAY: Duration = Duration::from_secs(86_400);

struct Scene {
    world: Arc<Mutex<World>>,
    github: SimulatedPlatform,
    alice: Session,
}

fn scene() -> Scene {
    let mut world = World::github("2026-01-01T00:00:00Z".parse().unwrap());
    let alice = world.sign_up("alice").unwrap();
    let world = Arc::new(Mutex::new(world));
    let github = SimulatedPlatform::new(Arc::clone(&world)).with_app("ours");
    Scene {
        world,
        github,
        alice,
    }
}

impl Scene {
    fn claim(&self, account: Account) -> Signed<PlatformClaim> {
        let key = KeyPair::from_seed(&Seed::new(zeroize::Zeroizing::new([1; 32])));
        let claim = PlatformClaim::new(account, None);
        let request = SigningRequest::new(claim, lock(&self.world).now());
        request.sign(&key).now_or_never().unwrap().unwrap()
    }

    fn own_claim(&self) -> Signed<PlatformClaim> {
        let account = lock(&self.world).account_of_session(&self.alice).unwrap();
        self.claim(account)
    }

    fn prove(
        &self,
        claim: &Signed<PlatformClaim>,
        gist: &str,
    ) -> Result<AccountEvidence, AccountProverError> {
        let now = lock(&self.world).now();
        let hint = ProofHint::Gist(GistHint::new(gist));
        let query = AccountProofQuery::new(claim.clone(), hint, now, 7 * DAY);
        self.github.prove(&query).now_or_never().unwrap()
    }
}

#[test]
fn a_gist_names_its_owner_and_since_when_it_holds_the_claim() {
    let scene = scene();
    let claim = scene.own_claim();
    let mut world = lock(&scene.world);
    let gist = world.create_gist(&scene.alice, claim.to_json()).unwrap();
    let made = world.now();
    world.wait(DAY);
    drop(world);
    let since = |evidence: AccountEvidence| match evidence.proof {
        AccountProof::GistProof {
            unchanged_since, ..
        } => unchanged_since,
        other => panic!("{other:?}"),
    };
    let evidence = scene.prove(&claim, &gist).unwrap();
    assert_eq!(evidence.did, *claim.did());
    assert!(evidence.account.same_as(&claim.unverified().account));
    assert_eq!(since(evidence), made);
    // A rename changes the label only; an edit begins anew, even with the same text.
    let mut world = lock(&scene.world);
    world.rename_account(&scene.alice, "alice2").unwrap();
    world
        .edit_gist(&scene.alice, &gist, claim.to_json())
        .unwrap();
    let edited = world.now();
    drop(world);
    let evidence = scene.prove(&claim, &gist).unwrap();
    assert_eq!(evidence.account.login().as_str(), "alice2");
    assert_eq!(since(evidence), edited);
}

#[test]
fn what_a_gist_does_not_prove() {
    let scene = scene();
    let claim = scene.own_claim();
    let mallory = lock(&scene.world).sign_up("mallory").unwrap();
    let theirs = lock(&scene.world).account_of_session(&mallory).unwrap();
    let other = scene.claim(theirs);
    let mut world = lock(&scene.world);
    let own = world.create_gist(&scene.alice, claim.to_json()).unwrap();
    let fork = world.fork_gist(&scene.alice, &own).unwrap();
    let copy = world.create_gist(&mallory, claim.to_json()).unwrap();
    let text = world.create_gist(&scene.alice, "hello").unwrap();
    let another = world.create_gist(&scene.alice, other.to_json()).unwrap();
    let large = format!("{}{}", claim.to_json(), " ".repeat(1_000_000));
    let large = world.create_gist(&scene.alice, large).unwrap();
    drop(world);
    let why = |gist: &str| match scene.prove(&claim, gist) {
        Err(AccountProverError::Refuted(refuted)) => refuted.reason.name(),
        Err(AccountProverError::Unavailable(why)) => why.reason.name(),
        other => panic!("{other:?}"),
    };
    assert_eq!(why(&fork), "gist-forked");
    assert_eq!(why(&copy), "gist-of-another");
    assert_eq!(why(&text), "gist-without-claim");
    assert_eq!(why(&another), "gist-names-another");
    assert_eq!(why(&large), "truncated");
    lock(&scene.world).delete_gist(&scene.alice, &own).unwrap();
    assert_eq!(why(&own), "gist-deleted");
    lock(&scene.world).close_account(&scene.alice).unwrap();
    assert_eq!(why(&own), "account-hidden");
    let query = AccountProofQuery::new(
        claim,
        ProofHint::Statement("npm:x".parse().unwrap()),
        lock(&scene.world).now(),
        DAY,
    );
    let answer = scene.github.prove(&query).now_or_never().unwrap();
    assert!(matches!(answer, Err(AccountProverError::Invalid { .. })));
}

#[test]
fn only_a_token_of_the_own_app_is_a_device_flow() {
    let scene = scene();
    let mut world = lock(&scene.world);
    let mut kinds = Vec::new();
    for app in ["ours", "another"] {
        world.register_app(app, true);
        let flow = world.begin_device_flow(app, &[Grant::Gist]).unwrap();
        world
            .answer_device_flow(&scene.alice, &flow.user_code, true)
            .unwrap();
        kinds.push(world.poll_device_flow(app, &flow.device_code).unwrap());
    }
    let classic = world.create_token_for(&scene.alice, &[Grant::Gist], None);
    kinds.push(classic.unwrap());
    let npm = world.sign_up_on(&Platform::NPM, "alice").unwrap();
    let npm = world.create_token(&npm, None).unwrap();
    let now = world.now();
    drop(world);
    let did = scene.own_claim().did().clone();
    let present = |token: &Token| scene.github.present(token, did.clone(), None, now);
    let shown: Vec<_> = kinds
        .iter()
        .map(|token| present(token).unwrap().proof.kind().as_str())
        .collect();
    assert_eq!(shown, ["device-flow", "token-holder", "token-holder"]);
    assert!(matches!(
        present(&npm),
        Err(AccountProverError::Invalid { .. })
    ));
    lock(&scene.world)
        .revoke_token(&scene.alice, &kinds[0])
        .unwrap();
    let dead = present(&kinds[0]);
    assert!(matches!(dead, Err(AccountProverError::Unavailable(_))));
}

#[test]
fn failures_come_in_turn_and_once() {
    let scene = scene();
    let claim = scene.own_claim();
    let gist = lock(&scene.world)
        .create_gist(&scene.alice, claim.to_json())
        .unwrap();
    let failure = AccountProverError::from(Unavailable::new(UnavailableReason::Timeout, "as told"));
    scene.github.fail_next(failure.clone());
    assert_eq!(scene.prove(&claim, &gist), Err(failure));
    assert!(scene.prove(&claim, &gist).is_ok());
}
