//! Authorities that the real decision made, for tests of what is done with one.
#![expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "the scene is fixed: a panic is a failed test"
)]

use std::sync::Arc;

use auths_core::ci::{CiIssuer, CiProvider};
use auths_core::claim::{
    Actions, Audience, Claim, Incarnation, NamespaceClaim, PlatformClaim, ProofExpectation, Signed,
    SigningRequest, TrustedPublisher,
};
use auths_core::crypto::KeyPair;
use auths_core::decide::{DecisionInput, Revocations, RunProof, decide, decide_run};
use auths_core::evidence::{
    AccountEvidence, AccountProof, LinkedAccount, ListedAccount, Listing, NamespaceEvidence,
    ObservedEvidence, OwnerRole, Reading,
};
use auths_core::identity::{Account, AccountId, Platform};
use auths_core::ports::{CiTokenQuery, CiTokenVerifierExt, MemoryReplayGuard};
use auths_core::use_cases::TokenUses;
use auths_core::{Namespace, NamespaceAuthority, Policy, Timestamp, Verified};

use super::{did, key};
use crate::block_on;
use crate::conformance::TokenScene;
use crate::doubles::FakeCiTokens;

/// The rule for the runs of [`TokenScene`].
const RULE: &str = r#"{
    "issuer": "https://token.actions.githubusercontent.com",
    "repositoryId": "700700", "ownerId": "4242", "repository": "acme/widget",
    "workflow": "release.yml", "binding": "caller"
}"#;

/// alice, an account of GitHub that was linked by a device flow, is the one owner of every crate and organisation that is asked about.
/// Everything is decided under [`Policy::standard`], as of one time.
///
/// ```
/// use auths_testkit::scenes::{Authorities, did, key};
///
/// let decided = Authorities::at("2026-11-21T08:46:00Z".parse()?);
/// let publish = "publish".parse()?;
/// let verified = decided.of_key(&key(1), "cargo:demo", &publish);
/// assert_eq!(verified.get().speaker.did(), Some(&did(&key(1))));
/// let verified = decided.of_run("github:acme", &publish);
/// assert!(verified.get().speaker.run().is_some());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Authorities {
    now: Timestamp,
}

impl Authorities {
    /// Creates the scene.
    #[must_use]
    pub const fn at(now: Timestamp) -> Self {
        Self { now }
    }

    /// Returns the authority of a key over a crate or an organisation of GitHub.
    #[must_use]
    pub fn of_key(
        &self,
        signer: &KeyPair,
        name: &str,
        actions: &Actions,
    ) -> Verified<NamespaceAuthority> {
        let namespace = named(name);
        let claim = NamespaceClaim::new(namespace.clone(), life(), actions.clone());
        let request = SigningRequest::new(claim, self.now);
        let me = Audience::local(&did(signer));
        let claim = sign(request.for_audience(me.clone()), signer);
        let input = DecisionInput::new(claim, ProofExpectation::new(me));
        let input = self.seen(input, namespace, signer);
        let decision = decide(&input, &Policy::standard(), self.now);
        decision.into_verified().expect("alice is the owner")
    }

    /// Returns the authority of a run of `acme/widget` over a crate or an organisation of GitHub, by a rule of alice, whose key is
    /// `key(1)`.
    #[must_use]
    pub fn of_run(&self, name: &str, actions: &Actions) -> Verified<NamespaceAuthority> {
        let (namespace, alice) = (named(name), key(1));
        let github = CiIssuer::public(CiProvider::GitHubActions).expect("a public issuer");
        let evidence = TokenScene::new(&github, self.now).expect("a run").evidence;
        let audience = evidence.audience.clone();
        let tokens = FakeCiTokens::new(vec![github]);
        let query = CiTokenQuery::new(tokens.issue(evidence), audience, self.now);
        let token = block_on(tokens.verify(&query)).expect("a token");
        let rule = RULE.parse().expect("a rule");
        let rule = TrustedPublisher::new(rule, [namespace.clone()], actions.clone());
        let mut run = RunProof::new(Arc::new(token), namespace.clone(), actions.clone());
        run.publishers = vec![sign(SigningRequest::new(rule, self.now), &alice)];
        let input = self.seen(DecisionInput::for_run(run), namespace, &alice);
        let decided = decide_run(&input, &Policy::standard(), self.now).expect("a run");
        let uses = TokenUses::new(Arc::new(MemoryReplayGuard::new()));
        let verified = block_on(uses.use_once(decided, self.now));
        verified.expect("the rule matches, and alice is the owner")
    }

    /// Adds what was seen of the name, and that the key is alice's.
    fn seen(
        &self,
        mut input: DecisionInput,
        namespace: Namespace,
        alice: &KeyPair,
    ) -> DecisionInput {
        let account = Account::parse_login(Platform::GITHUB, "alice").expect("a login");
        let account = account.with_id(AccountId::new("7").expect("an id"));
        let origin = "https://registry.example".parse().expect("an origin");
        let mut evidence = NamespaceEvidence::new(namespace, origin, self.now);
        evidence.incarnation = Reading::Read(life());
        let owner = ListedAccount::new(account.clone(), OwnerRole::Owner, "owner");
        evidence.listing = Reading::Read(Listing::new(vec![owner]));
        input.evidence = vec![ObservedEvidence::live(evidence)];
        let proof = AccountProof::DeviceFlow { challenge: None };
        let linked = AccountEvidence::new(account.clone(), did(alice), self.now, proof);
        let claim = PlatformClaim::new(account, None);
        let claim = sign(SigningRequest::new(claim, self.now), alice);
        let linked = LinkedAccount::new(claim, vec![ObservedEvidence::live(linked)]);
        input.accounts = vec![linked];
        input.revocations = Revocations::not_checked().with("list", Ok(Vec::new()));
        input
    }
}

fn named(name: &str) -> Namespace {
    name.parse().expect("a name")
}

fn life() -> Incarnation {
    Incarnation::new("created-at", "2020-01-01T00:00:00Z")
}

fn sign<C: Claim>(request: SigningRequest<C>, key: &KeyPair) -> Signed<C> {
    block_on(request.sign(key)).expect("a key in memory signs")
}
