//! The golden vectors of bundles: a claim with all evidence of its decision, and the decision.
#![expect(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "fixed input of tests: a panic is a failed test"
)]

mod accepted;
mod gist;
mod not_accepted;
mod refused;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use auths_core::bundle::Bundle;
use auths_core::claim::{
    Action, Actions, Claim, ClaimError, ClaimId, Delegation, Incarnation, KeyRing, NamespaceClaim,
    Observation, PlatformClaim, ProofExpectation, Revocation, RevocationTarget, Signed,
    SigningRequest,
};
use auths_core::crypto::KeyPair;
use auths_core::decide::{Decision, Obstacle, Revocations, decide};
use auths_core::evidence::{
    AccountEvidence, AccountProof, Evidence, GistState, ListedAccount, Listing, NamedAccount,
    NamespaceEvidence, OwnerRole, Reading, Release, Timeline,
};
use auths_core::{Account, AccountId, Invalid, Outcome, Policy, Reason, Timestamp};
use serde_json::{Value, json};

use crate::claims::{alice, bob, did, hub, key, now, sign};
use crate::document::text;

/// One vector.
#[derive(Debug, Clone)]
pub struct Case {
    /// The folder's name, without `_fail`.
    pub name: &'static str,
    /// A sentence about what it shows.
    pub about: &'static str,
    /// The bundle.
    pub bundle: String,
    /// The time and the policy of the decision.
    pub check: Check,
    /// The reason's name and a part of the message, for a vector that is not accepted.
    pub expect: Option<(&'static str, &'static str)>,
}

/// The input of a verifier beside the bundle. The audience is [`hub`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// The time.
    pub now: Timestamp,
    /// The policy, in TOML.
    pub policy: String,
}

impl Check {
    fn to_json(&self) -> String {
        let check = json!({ "now": self.now.to_string(), "policy": self.policy });
        text(&check) + "\n"
    }

    /// Reads `check.json`.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let check: BTreeMap<String, String> = serde_json::from_str(text).unwrap();
        Self {
            now: check["now"].parse().unwrap(),
            policy: check["policy"].clone(),
        }
    }

    /// Reads a bundle and decides. Returns its whole text as core writes it when the answer is a yes, or the reason's name and
    /// the message.
    ///
    /// # Errors
    /// An error when the bundle cannot be read, is not whole, or the answer is not a yes.
    pub fn judge(&self, bytes: &[u8]) -> Result<String, (&'static str, String)> {
        let bundle =
            Bundle::parse(bytes).map_err(|e| (Invalid::BadBundle.name(), e.to_string()))?;
        let written = bundle.to_json();
        let (none, keys) = (Revocations::not_checked(), KeyRing::intrinsic());
        let case = bundle
            .into_input(ProofExpectation::new(hub()), none, keys, self.now)
            .map_err(|e| {
                let name = match &e {
                    ClaimError::Refuted(refuted) => refuted.reason.name(),
                    _ => "a reason that the tests do not know",
                };
                (name, e.to_string())
            })?;
        let decision = decide(&case, &Policy::from_toml(&self.policy).unwrap(), self.now);
        match decision.outcome() {
            Outcome::Accepted => Ok(written),
            outcome => {
                let name = decision.reason().map_or("none", Obstacle::name);
                Err((name, format!("{outcome}: {}", decision.message())))
            }
        }
    }
}

impl Case {
    /// Returns the folder's name.
    #[must_use]
    pub fn folder(&self) -> String {
        let tail = if self.expect.is_some() { "_fail" } else { "" };
        format!("{}{tail}", self.name)
    }

    /// Returns its files, by name.
    #[must_use]
    pub fn files(&self) -> BTreeMap<&'static str, Vec<u8>> {
        let mut files = BTreeMap::from([
            ("README.md", format!("{}\n", self.about).into_bytes()),
            ("check.json", self.check.to_json().into_bytes()),
            ("bundle.json", self.bundle.clone().into_bytes()),
        ]);
        if let Some((reason, says)) = self.expect {
            files.insert("expect", format!("{reason}\n{says}\n").into_bytes());
        }
        files
    }
}

/// Returns the folder of the vectors.
#[must_use]
pub fn folder() -> PathBuf {
    crate::root().join("tests/vectors/bundles")
}

/// Returns every vector.
#[must_use]
pub fn cases() -> Vec<Case> {
    [
        accepted::cases(),
        not_accepted::cases(),
        gist::cases(),
        refused::cases(),
    ]
    .concat()
}

/// Returns the key that signed the observations.
fn observer() -> KeyPair {
    key(0x0b)
}

fn check() -> Check {
    let observer = did(&observer());
    let resist = "resist = ['recycled-name', 'collaborator', 'stolen-token']";
    Check {
        now: now(),
        policy: format!("{resist}\ntrusted_observers = ['{observer}']"),
    }
}

fn good(name: &'static str, about: &'static str, bundle: &Bundle) -> Case {
    Case {
        name,
        about,
        bundle: bundle.to_json(),
        check: check(),
        expect: None,
    }
}

fn bad(
    name: &'static str,
    about: &'static str,
    bundle: String,
    expect: (&'static str, &'static str),
) -> Case {
    Case {
        name,
        about,
        bundle,
        check: check(),
        expect: Some(expect),
    }
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// Returns a package of alice's. Its first release names nobody, and the later ones name her DID.
fn package(name: &str, uploads: &[&str]) -> NamespaceEvidence {
    let origin = "https://index.example".parse().unwrap();
    let mut evidence = NamespaceEvidence::new(name.parse().unwrap(), origin, now());
    evidence.sources = vec![format!("https://index.example/{name}")];
    evidence.incarnation = Reading::Read(incarnation());
    let owner = ListedAccount::new("pypi:Alice".parse().unwrap(), OwnerRole::Owner, "Owner");
    evidence.listing = Reading::Read(Listing::new(vec![owner]));
    let first = Release::new("1.0", Some(at("2010-06-23T17:14:21Z")), false).naming([]);
    let named = uploads.iter().enumerate().map(|(i, upload)| {
        Release::new(format!("2.{i}"), Some(at(upload)), false).naming([did(&alice())])
    });
    let releases: Vec<_> = std::iter::once(first).chain(named).collect();
    let newest = releases.last().map(|r| r.version.clone());
    evidence.timeline = Reading::Read(Timeline::new(releases, newest));
    evidence
}

const MATURE: &[&str] = &["2026-11-01T00:00:00Z", "2026-11-12T00:00:00Z"];
const YOUNG: &[&str] = &["2026-11-16T00:00:00Z", "2026-11-20T00:00:00Z"];
const PLANTED: &[&str] = &["2026-11-01T00:00:00Z"];

fn incarnation() -> Incarnation {
    Incarnation::new("first-upload", "2010-06-23T17:14:21Z")
}

fn signed_by<C: Claim>(key: &KeyPair, claim: C) -> Signed<C> {
    sign(SigningRequest::new(claim, now()), key)
}

fn seen(evidence: NamespaceEvidence) -> Signed<Observation> {
    let evidence = Evidence::Namespace(Box::new(evidence));
    signed_by(&observer(), Observation::new(evidence))
}

/// Returns a package that was made to speak for alice: every release says that her DID speaks for her account.
fn speaking(uploads: &[&str]) -> NamespaceEvidence {
    let mut evidence = package("pypi:alice-auths", &[]);
    let said = NamedAccount::new(did(&alice()), "pypi:alice".parse().unwrap());
    let releases = uploads.iter().enumerate().map(|(i, upload)| {
        let release = Release::new(format!("2.{i}"), Some(at(upload)), false);
        release.naming_accounts([said.clone()])
    });
    let releases: Vec<_> = releases.collect();
    let newest = releases.last().map(|r| r.version.clone());
    evidence.timeline = Reading::Read(Timeline::new(releases, newest));
    evidence
}

/// Returns an observation that a package belongs to alice alone.
fn seen_account(package: NamespaceEvidence) -> Signed<Observation> {
    let proof = AccountProof::AccountStatement(Box::new(package));
    let account = "pypi:alice".parse().unwrap();
    let evidence = AccountEvidence::new(account, did(&alice()), now(), proof);
    signed_by(
        &observer(),
        Observation::new(Evidence::Account(Box::new(evidence))),
    )
}

fn claim_by(key: &KeyPair) -> Signed<NamespaceClaim> {
    let actions = Actions::only(Action::Publish);
    let claim = NamespaceClaim::new("pypi:six".parse().unwrap(), incarnation(), actions);
    sign(SigningRequest::new(claim, now()).for_audience(hub()), key)
}

fn link() -> Signed<PlatformClaim> {
    let recovery = Some(did(&key(0x5e)));
    signed_by(
        &alice(),
        PlatformClaim::new("pypi:alice".parse().unwrap(), recovery),
    )
}

/// Returns alice's claim to six, by releases of six that name her.
fn by_statement(uploads: &[&str]) -> Bundle {
    let mut bundle = Bundle::new(claim_by(&alice()));
    bundle.observations = vec![seen(package("pypi:six", uploads))];
    bundle
}

/// Returns alice's claim to six, by her account, which six lists.
fn by_account(uploads: &[&str]) -> Bundle {
    by_package(speaking(uploads))
}

/// Returns alice's claim to six, by a package that names her DID for itself, and says nothing about her account.
fn by_account_in_no_words(uploads: &[&str]) -> Bundle {
    by_package(package("pypi:alice-auths", uploads))
}

fn by_package(package: NamespaceEvidence) -> Bundle {
    let mut bundle = by_statement(&[]);
    bundle.platform_claims = vec![link()];
    bundle.observations.push(seen_account(package));
    bundle
}

/// Returns bob's claim to six, by alice's delegation.
fn by_delegation(delegation: Delegation) -> Bundle {
    let mut bundle = by_account(MATURE);
    bundle.claim = claim_by(&bob());
    bundle.delegations = vec![signed_by(&alice(), delegation)];
    bundle
}

fn delegation() -> Delegation {
    let six = ["pypi:six".parse().unwrap()];
    Delegation::new(did(&bob()), six, Actions::only(Action::Publish))
}

fn decided(bundle: &Bundle) -> Decision {
    let (none, keys) = (Revocations::not_checked(), KeyRing::intrinsic());
    let case = bundle
        .clone()
        .into_input(ProofExpectation::new(hub()), none, keys, now());
    decide(
        &case.unwrap(),
        &Policy::from_toml(&check().policy).unwrap(),
        now(),
    )
}
