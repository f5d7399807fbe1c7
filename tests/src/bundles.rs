//! The golden vectors of bundles: a claim with everything that its decision was made from, and what is decided on it.
#![expect(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "fixed input of tests: a panic is a failed test"
)]

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use auths_core::bundle::Bundle;
use auths_core::claim::{
    Action, Actions, Claim, ClaimError, Delegation, Expectation, Incarnation, KeyRing,
    NamespaceClaim, Observation, PlatformClaim, Revocation, Revoked, Signed, SigningRequest,
};
use auths_core::crypto::KeyPair;
use auths_core::decide::{Decision, Obstacle, Revocations, decide};
use auths_core::evidence::{
    AccountEvidence, AccountProof, Evidence, ListedAccount, Listing, NamespaceEvidence, Reading,
    Release, Role, Timeline,
};
use auths_core::{Invalid, Outcome, Policy, Reason, Timestamp};
use serde_json::{Value, json};

use crate::claims::{alice, bob, did, hub, key, now, sign};
use crate::document::text;

/// One vector.
#[derive(Debug, Clone)]
pub struct Case {
    /// The folder's name, without `_fail`.
    pub name: &'static str,
    /// What it shows, in a sentence.
    pub about: &'static str,
    /// The bundle.
    pub bundle: String,
    /// When and by what policy it is decided.
    pub check: Check,
    /// For one that is not accepted: the reason's name, and a part of what is said.
    pub expect: Option<(&'static str, &'static str)>,
}

/// What a verifier is given along with the bundle. The audience is [`hub`].
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

    /// Reads a bundle and decides; answers its whole text as core writes it when the answer is a yes, or the reason's name
    /// and what is said.
    ///
    /// # Errors
    /// When it cannot be read, is not whole, or the answer is another than yes.
    pub fn judge(&self, bytes: &[u8]) -> Result<String, (&'static str, String)> {
        let bundle =
            Bundle::parse(bytes).map_err(|e| (Invalid::BadBundle.name(), e.to_string()))?;
        let written = bundle.to_json();
        let (none, keys) = (Revocations::not_checked(), KeyRing::intrinsic());
        let case = bundle
            .into_case(Expectation::new(hub()), none, keys, self.now)
            .map_err(|e| {
                let name = match &e {
                    ClaimError::Refuted(refuted) => refuted.by.name(),
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
    /// The folder's name.
    #[must_use]
    pub fn folder(&self) -> String {
        let tail = if self.expect.is_some() { "_fail" } else { "" };
        format!("{}{tail}", self.name)
    }

    /// Its files, by name.
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

/// Where the vectors lie.
#[must_use]
pub fn folder() -> PathBuf {
    crate::root().join("tests/vectors/bundles")
}

/// Every vector.
#[must_use]
pub fn cases() -> Vec<Case> {
    let mut all = accepted();
    all.extend(not_accepted());
    all.extend(refused());
    all
}

/// Whoever signed the observations.
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

/// A package of alice's: its first release names nobody, the later ones her DID.
fn package(name: &str, uploads: &[&str]) -> NamespaceEvidence {
    let origin = "https://index.example".parse().unwrap();
    let mut evidence = NamespaceEvidence::new(name.parse().unwrap(), origin, now());
    evidence.sources = vec![format!("https://index.example/{name}")];
    evidence.incarnation = Reading::Read(incarnation());
    let owner = ListedAccount::new("pypi:Alice".parse().unwrap(), Role::Owner, "Owner");
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

/// The observer saw that a package of alice's alone names her DID.
fn seen_account(uploads: &[&str]) -> Signed<Observation> {
    let proof = AccountProof::AccountStatement(Box::new(package("pypi:alice-auths", uploads)));
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

/// Alice's claim to six, by releases of six that name her.
fn by_statement(uploads: &[&str]) -> Bundle {
    let mut bundle = Bundle::new(claim_by(&alice()));
    bundle.observations = vec![seen(package("pypi:six", uploads))];
    bundle
}

/// Alice's claim to six, by her account, which six lists.
fn by_account(uploads: &[&str]) -> Bundle {
    let mut bundle = by_statement(&[]);
    bundle.platform_claims = vec![link()];
    bundle.observations.push(seen_account(uploads));
    bundle
}

/// Bob's claim to six, by alice's delegation.
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
        .into_case(Expectation::new(hub()), none, keys, now());
    decide(
        &case.unwrap(),
        &Policy::from_toml(&check().policy).unwrap(),
        now(),
    )
}

fn accepted() -> Vec<Case> {
    let statement = by_statement(MATURE);
    let recorded = statement.clone().recording(&decided(&statement));
    let mut stranger = by_account(MATURE);
    let of_alice = Revocation::new(Revoked::Did(did(&alice())));
    stranger.revocations = vec![signed_by(&bob(), of_alice)];
    vec![
        good(
            "statement",
            "Two releases of the package, the maturity apart, name the DID.",
            &statement,
        ),
        good(
            "account",
            "An account that a package of its own links to the DID, and that the package lists.",
            &by_account(MATURE),
        ),
        good(
            "delegation",
            "The claim of a delegate of the account's DID.",
            &by_delegation(delegation()),
        ),
        good(
            "decision-recorded",
            "The same as `statement`, with the decision on record, for people to read.",
            &recorded,
        ),
        good(
            "revocation-by-stranger",
            "A revocation by somebody who may not revoke is no revocation.",
            &stranger,
        ),
    ]
}

/// Bundles that are whole, and lead to another answer than yes.
fn not_accepted() -> Vec<Case> {
    let mut revoked = by_account(MATURE);
    let of_alice = Revocation::new(Revoked::Did(did(&alice())));
    revoked.revocations = vec![signed_by(&alice(), of_alice.clone())];
    let mut recovered = by_account(MATURE);
    recovered.revocations = vec![signed_by(&key(0x5e), of_alice)];
    let mut typed = by_account(MATURE);
    typed.observations.truncate(1);
    let mut reborn = package("pypi:six", MATURE);
    reborn.incarnation = Reading::Read(Incarnation::new("first-upload", "2026-10-01T00:00:00Z"));
    let mut other_life = Bundle::new(claim_by(&alice()));
    other_life.observations = vec![seen(reborn)];
    let mut lie = by_statement(PLANTED);
    lie = lie.recording(&decided(&by_statement(MATURE)));
    let mut yank = delegation();
    yank.actions = Actions::only(Action::Yank);
    let mut elsewhere = delegation();
    elsewhere.namespaces = ["pypi:sax".parse().unwrap()].into();
    let alone = Bundle::new(claim_by(&alice()));
    let mut cases = vec![
        bad(
            "claim-alone",
            "A claim with nothing that was seen.",
            alone.to_json(),
            ("stale-evidence", "undetermined: "),
        ),
        bad(
            "self-reported",
            "An account that only its own claim links to the DID.",
            typed.to_json(),
            ("resisted", "denied: "),
        ),
        bad(
            "statement-young",
            "Releases that name the DID for less than the maturity.",
            by_statement(YOUNG).to_json(),
            ("young", "pending: "),
        ),
        bad(
            "statement-planted",
            "One release that names the DID: waiting alone does not make it mature.",
            by_statement(PLANTED).to_json(),
            ("young", "pending: "),
        ),
        bad(
            "account-young",
            "An account linked for less than the maturity.",
            by_account(YOUNG).to_json(),
            ("young", "pending: "),
        ),
        bad(
            "decision-lie",
            "A decision on record that is not the bundle's: only what is decided anew counts.",
            lie.to_json(),
            ("young", "pending: "),
        ),
        bad(
            "revoked",
            "The DID revoked itself.",
            revoked.to_json(),
            ("revoked", "denied: "),
        ),
        bad(
            "revoked-by-recovery",
            "The recovery DID that the platform claim names revoked the DID.",
            recovered.to_json(),
            ("revoked", "denied: "),
        ),
        bad(
            "another-incarnation",
            "The name was registered again since the claim.",
            other_life.to_json(),
            ("another-incarnation", "denied: "),
        ),
        bad(
            "delegation-other-action",
            "A delegation of another action.",
            by_delegation(yank).to_json(),
            ("delegation-too-narrow", "denied: "),
        ),
        bad(
            "delegation-other-package",
            "A delegation of another package.",
            by_delegation(elsewhere).to_json(),
            ("delegation-too-narrow", "denied: "),
        ),
    ];
    let whole = by_statement(MATURE).to_json();
    let checked = |name, about, change: fn(&mut Check), expect| {
        let mut case = bad(name, about, whole.clone(), expect);
        change(&mut case.check);
        case
    };
    cases.push(checked(
        "observer-not-trusted",
        "A verifier that does not trust the observer has seen nothing.",
        |check| check.policy = "resist = ['stolen-token']".to_owned(),
        ("untrusted-observer", "undetermined: "),
    ));
    cases.push(checked(
        "observation-stale",
        "A day later the observation is too old.",
        |check| check.now = now() + Duration::from_secs(86_400),
        ("stale-evidence", "undetermined: "),
    ));
    cases.push(checked(
        "claim-expired",
        "After thirty days the claim has expired.",
        |check| check.now = now() + Duration::from_secs(30 * 86_400),
        ("expired", "denied: "),
    ));
    cases.push(checked(
        "policy-strict",
        "Who resists a captured workflow resists what releases say.",
        |check| check.policy = check.policy.replace("'stolen-token'", "'ci-workflow'"),
        ("resisted", "denied: "),
    ));
    cases
}

/// Bundles that are not whole.
fn refused() -> Vec<Case> {
    let statement = by_account(MATURE).to_json();
    let changed = |change: fn(&mut Value)| {
        let mut bundle: Value = serde_json::from_str(&statement).unwrap();
        change(&mut bundle);
        text(&bundle)
    };
    let rewritten = |from: &str, to: &str| {
        assert!(statement.contains(from), "{from}");
        statement.replacen(from, to, 1)
    };
    vec![
        bad(
            "observation-changed",
            "An observation that was changed after it was signed.",
            changed(|b| b["observations"][0]["evidence"]["namespace"]["sources"] = json!([])),
            ("bad-signature", ""),
        ),
        bad(
            "claim-changed",
            "A claim that was changed after it was signed.",
            changed(|b| b["namespaceClaim"]["actions"] = json!(["publish", "yank"])),
            ("bad-signature", "denied: "),
        ),
        bad(
            "member-unknown",
            "A member that the form does not know.",
            changed(|b| b["extra"] = "x".into()),
            ("bad-bundle", "unknown field `extra`"),
        ),
        bad(
            "member-missing",
            "No list of revocations, not even an empty one.",
            changed(|b| drop(b.as_object_mut().unwrap().remove("revocations"))),
            ("bad-bundle", "missing field `revocations`"),
        ),
        bad(
            "member-null",
            "No null stands anywhere.",
            changed(|b| b["decision"] = Value::Null),
            ("bad-bundle", "null"),
        ),
        bad(
            "type-other",
            "A document of another type.",
            changed(|b| b["type"] = "AuthsBundle2".into()),
            ("bad-bundle", "AuthsBundle2"),
        ),
        bad(
            "version-other",
            "A version that is not known.",
            changed(|b| b["version"] = "2".into()),
            ("bad-bundle", "unknown variant `2`"),
        ),
        bad(
            "version-number",
            "A version as a number.",
            changed(|b| b["version"] = json!(1)),
            ("bad-bundle", ""),
        ),
        bad(
            "number-in-decision",
            "A number in the decision on record, which nobody believes.",
            changed(|b| b["decision"] = json!({ "chains": 1.5 })),
            ("bad-bundle", ""),
        ),
        bad(
            "claim-of-another-type",
            "A delegation among the platform claims.",
            changed(|b| b["platformClaims"] = json!([crate::claims::delegation()])),
            ("bad-bundle", "type is not"),
        ),
        bad(
            "key-twice",
            "A list that stands twice.",
            rewritten(
                "\"revocations\": []",
                "\"revocations\": [], \"revocations\": []",
            ),
            ("bad-bundle", "stands twice"),
        ),
        bad(
            "cut",
            "A bundle that was cut.",
            statement.trim_end_matches(['}', '\n']).to_owned(),
            ("bad-bundle", "EOF"),
        ),
    ]
}
