//! One claim of every type, signed with fixed keys at a fixed time.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "fixed input of tests: a panic is a failed test"
)]

use auths_core::claim::{
    Action, Actions, Audience, Challenge, Claim, Delegation, Incarnation, NamespaceClaim,
    Observation, PlatformClaim, Revocation, RevocationTarget, Signed, SigningRequest,
    TrustedPublisher,
};
use auths_core::crypto::KeyPair;
use auths_core::evidence::{
    AccountEvidence, AccountProof, Evidence, GistState, ListedAccount, Listing, NamespaceEvidence,
    OwnerRole, Reading, Release, Timeline,
};
use auths_core::{Account, AccountId, Namespace, Timestamp};
pub use auths_testkit::scenes::{did, key};
use futures_util::FutureExt;

/// The time at which all of them were signed.
pub const NOW: &str = "2026-11-21T08:46:00Z";
/// The verifier that the namespace claims are for.
pub const HUB: &str = "https://hub.example";
/// The challenge that the verifier gave: base64url of 32 bytes.
pub const CHALLENGE: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

/// Returns [`NOW`] as a time.
#[must_use]
pub fn now() -> Timestamp {
    NOW.parse().unwrap()
}

/// The byte of which the seed of [`alice`] is made.
pub const ALICE_SEED: u8 = 0xa1;

/// Returns the signer of the sample claims.
#[must_use]
pub fn alice() -> KeyPair {
    key(ALICE_SEED)
}

/// Returns the key of another person.
#[must_use]
pub fn bob() -> KeyPair {
    key(0xb0)
}

/// Signs with a key in memory, which never waits.
#[must_use]
pub fn sign<C: Claim>(request: SigningRequest<C>, key: &KeyPair) -> Signed<C> {
    let signed = request.sign(key).now_or_never();
    signed.expect("a key in memory signs at once").unwrap()
}

/// Returns a platform claim for a GitHub account, by its id, with a recovery DID.
#[must_use]
pub fn platform() -> Signed<PlatformClaim> {
    let account: Account = "github:octocat".parse().unwrap();
    let account = account.with_id(AccountId::new("583231").unwrap());
    let claim = PlatformClaim::new(account, Some(did(&bob())));
    sign(SigningRequest::new(claim, now()), &alice())
}

/// Returns a platform claim for an account of this platform, which has no ids.
#[must_use]
pub fn platform_by_name(account: &str) -> Signed<PlatformClaim> {
    let claim = PlatformClaim::new(account.parse().unwrap(), None);
    sign(SigningRequest::new(claim, now()), &alice())
}

/// Returns a namespace claim for [`HUB`].
#[must_use]
pub fn namespace(challenge: Option<Challenge>) -> Signed<NamespaceClaim> {
    let incarnation = Incarnation::new("first-upload", "2010-06-23T17:14:21Z");
    let actions: Actions = "publish,yank".parse().unwrap();
    let claim = NamespaceClaim::new(six(), incarnation, actions);
    let request = SigningRequest::new(claim, now())
        .for_audience(HUB.parse().unwrap())
        .with_challenge(challenge);
    sign(request, &alice())
}

/// Returns a claim of [`alice`] for a crate, in this spelling of its name.
#[must_use]
pub fn namespace_of_crate(purl: &str) -> Signed<NamespaceClaim> {
    let incarnation = Incarnation::new("created-at", "2019-11-27T00:00:00Z");
    let actions: Actions = "publish".parse().unwrap();
    let claim = NamespaceClaim::new(purl.parse().unwrap(), incarnation, actions);
    let request = SigningRequest::new(claim, now()).for_audience(HUB.parse().unwrap());
    sign(request, &alice())
}

/// Returns the challenge as a value.
#[must_use]
pub fn challenge() -> Challenge {
    CHALLENGE.parse().unwrap()
}

/// Returns a delegation of two packages to [`bob`].
#[must_use]
pub fn delegation() -> Signed<Delegation> {
    let namespaces = [six(), "npm:@Scope/name".parse().unwrap()];
    let delegation = Delegation::new(did(&bob()), namespaces, Actions::only(Action::Publish));
    sign(SigningRequest::new(delegation, now()), &alice())
}

/// Returns a trusted publisher of two packages, whose rule has what every rule has.
#[must_use]
pub fn trusted_publisher() -> Signed<TrustedPublisher> {
    let rule = r#"{
        "issuer": "https://token.actions.githubusercontent.com",
        "repositoryId": "700700", "ownerId": "4242", "repository": "acme/widget",
        "workflow": "release.yml"
    }"#;
    trusting(rule, Actions::only(Action::Publish))
}

/// Returns a trusted publisher whose rule has every member.
#[must_use]
pub fn trusted_publisher_in_full() -> Signed<TrustedPublisher> {
    let rule = r#"{
        "issuer": "https://ghes.example/_services/token",
        "repositoryId": "18446744073709551615", "ownerId": "1", "repository": "acme/widget",
        "workflow": "release.yaml",
        "binding": "job",
        "reusable": {"repositoryId": "800", "repository": "acme/shared", "workflow": "publish.yml", "ref": "refs/tags/v1"},
        "environment": "pypi \u2013 prod",
        "refs": ["refs/tags/@scope/pkg@*", "refs/heads/main"],
        "triggers": ["push", "release"],
        "runner": "any"
    }"#;
    trusting(rule, "publish,yank,attest".parse().unwrap())
}

fn trusting(rule: &str, actions: Actions) -> Signed<TrustedPublisher> {
    let namespaces = [six(), "npm:@Scope/name".parse().unwrap()];
    let claim = TrustedPublisher::new(rule.parse().unwrap(), namespaces, actions);
    sign(SigningRequest::new(claim, now()), &alice())
}

/// Returns the revocation of one claim.
#[must_use]
pub fn revocation_of_claim() -> Signed<Revocation> {
    let claim = Revocation::new(RevocationTarget::Claim(platform().id().clone()));
    sign(SigningRequest::new(claim, now()), &alice())
}

/// Returns the revocation of a DID, signed by the recovery DID that its platform claim names.
#[must_use]
pub fn revocation_of_did() -> Signed<Revocation> {
    let claim = Revocation::new(RevocationTarget::Did(did(&alice())));
    sign(SigningRequest::new(claim, now()), &bob())
}

/// Returns the revocation of a DID from the day before on, signed by the recovery DID.
#[must_use]
pub fn revocation_since() -> Signed<Revocation> {
    let since = "2026-11-20T08:46:00Z".parse().unwrap();
    let claim = Revocation::new(RevocationTarget::Did(did(&alice()))).starting(since);
    sign(SigningRequest::new(claim, now()), &bob())
}

/// Returns an observation of a package: a listing and a timeline, with text that is not ASCII.
#[must_use]
pub fn namespace_observation() -> Signed<Observation> {
    let at = |text: &str| Some(text.parse().unwrap());
    let origin = "https://index.example/base".parse().unwrap();
    let mut evidence = NamespaceEvidence::new(six(), origin, now());
    evidence.sources = vec!["https://index.example/base/six/\u{e9}\u{20ac}\u{1f600}".to_owned()];
    evidence.incarnation = Reading::Read(Incarnation::new("first-upload", "2010-06-23T17:14:21Z"));
    let owner = ListedAccount::new("pypi:Alice".parse().unwrap(), OwnerRole::Owner, "Owner");
    evidence.listing = Reading::Read(Listing::new(vec![owner]));
    let releases = vec![
        Release::new("1.0", at("2010-06-23T17:14:21Z"), true),
        Release::new("2.0", at("2026-11-01T00:00:00Z"), false).naming([did(&alice())]),
    ];
    evidence.timeline = Reading::Read(Timeline::new(releases, Some("2.0".to_owned())));
    let claim = Observation::new(Evidence::Namespace(Box::new(evidence)));
    sign(SigningRequest::new(claim, now()), &alice())
}

/// Returns an observation of an account.
#[must_use]
pub fn account_observation() -> Signed<Observation> {
    account_observation_with(None)
}

/// Returns an observation of an account, with the state in which the gist was found.
#[must_use]
pub fn gist_observation() -> Signed<Observation> {
    let state = GistState::new(
        Some("57a7f021a713b1c5a6a199b54cc514735d2d462f".to_owned()),
        format!("sha256:{}", "0123456789abcdef".repeat(4)),
        "2026-11-01T00:00:00Z".parse().unwrap(),
    );
    account_observation_with(Some(state))
}

fn account_observation_with(state: Option<GistState>) -> Signed<Observation> {
    let claim = platform();
    let account = claim.unverified().account.clone();
    let proof = AccountProof::GistProof {
        gist: "aa5a315d61ae9438b18d".to_owned(),
        claim: claim.id().clone(),
        unchanged_since: "2026-11-01T00:00:00Z".parse().unwrap(),
        state,
    };
    let evidence = AccountEvidence::new(account, did(&alice()), now(), proof);
    let claim = Observation::new(Evidence::Account(Box::new(evidence)));
    sign(SigningRequest::new(claim, now()), &alice())
}

fn six() -> Namespace {
    "pypi:six".parse().unwrap()
}

/// Returns the audience of everyone.
#[must_use]
pub fn public() -> Audience {
    Audience::public()
}

/// Returns the [`HUB`] as an audience.
#[must_use]
pub fn hub() -> Audience {
    HUB.parse().unwrap()
}
