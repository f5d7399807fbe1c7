//! The exact profile, and claim types from elsewhere that try to be more than they are.

use std::time::Duration;

use futures_util::FutureExt;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::*;
use crate::Timestamp;
use crate::capability::Capability;
use crate::crypto::{KeyPair, PublicKey, Seed};
use crate::identity::{Did, VerificationMethod};
use crate::policy::Policy;
use crate::reason::RefutedReason;

mod properties;
mod trusted_publisher;

fn key(n: u8) -> KeyPair {
    KeyPair::from_seed(&Seed::new(Zeroizing::new([n; 32])))
}

fn did() -> Did {
    Did::from_key(&key(1).public())
}

fn now() -> Timestamp {
    "2026-11-21T08:00:00Z".parse().unwrap()
}

fn sign<C: Claim>(claim: C) -> Result<Signed<C>, SignError> {
    SigningRequest::new(claim, now())
        .sign(&key(1))
        .now_or_never()
        .unwrap()
}

// --- types from elsewhere

macro_rules! foreign {
    ($name:ident, $type:literal, { $($(#[$meta:meta])* $field:ident: $kind:ty),* }) => {
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        struct $name { $($(#[$meta])* $field: $kind),* }

        impl Claim for $name {
            const TYPE: &'static str = $type;
            fn max_life(&self) -> Duration {
                Duration::MAX
            }
        }
    };
}

foreign!(FakeDelegation, "Delegation", { says: String });
foreign!(FakeRevocation, "Revocation", { says: String });
foreign!(FakeObservation, "Observation", { says: String });
foreign!(Forgetful, "Forgetful", { said: String, #[serde(skip)] not_said: String });
foreign!(OwnContext, "OwnContext", { #[serde(rename = "@context")] context: String });
foreign!(OwnDid, "OwnDid", { did: String });
foreign!(OwnType, "OwnType", { #[serde(rename = "type")] kind: String });
foreign!(OwnProof, "OwnProof", { proof: String });
foreign!(Number, "Number", { n: u8 });

#[test]
fn a_foreign_type_with_a_built_in_name_is_still_an_assertion() {
    fn falls_to_a_stranger<C: Claim>(claim: C) {
        let signed = sign(claim).unwrap();
        assert_eq!(
            signed.expires(),
            Some(now() + MAX_LIFE),
            "and it ends, whatever its name"
        );
        let expected = ProofExpectation::new(Audience::public());
        let verified = signed.verify(&expected, &KeyRing::intrinsic(), now());
        let verified = verified.unwrap();
        assert!(verified.falls_to().contains(Capability::Stranger));
        assert!(verified.resisting(&Policy::standard(), now()).is_err());
    }
    let says = || "anything".to_owned();
    falls_to_a_stranger(FakeDelegation { says: says() });
    falls_to_a_stranger(FakeRevocation { says: says() });
    falls_to_a_stranger(FakeObservation { says: says() });
}

#[test]
fn what_is_verified_is_what_was_signed_and_no_more() {
    let signed = sign(Forgetful {
        said: "a".to_owned(),
        not_said: "b".to_owned(),
    });
    assert_eq!(signed.unwrap().unverified().not_said, "");
}

#[test]
fn a_body_has_no_members_of_the_frame_and_no_numbers() {
    fn refused<C: Claim>(claim: C) {
        assert!(matches!(sign(claim), Err(SignError::Refused { .. })));
    }
    let text = || "x".to_owned();
    refused(OwnContext { context: text() });
    refused(OwnDid { did: text() });
    refused(OwnType { kind: text() });
    refused(OwnProof { proof: text() });
    refused(Number { n: 1 });
}

foreign!(LongDelegation, "Delegation", {
    to: Did,
    namespaces: Vec<String>,
    actions: Vec<String>,
    further: bool
});

#[test]
fn a_claim_that_was_signed_elsewhere_for_too_long_is_refuted() {
    let long = sign(LongDelegation {
        to: did(),
        namespaces: vec!["pkg:pypi/six".to_owned()],
        actions: vec!["publish".to_owned()],
        further: false,
    });
    let read = Signed::<Delegation>::parse(long.unwrap().to_json().as_bytes()).unwrap();
    let expected = ProofExpectation::new(Audience::public());
    let refuted = read.verify(&expected, &KeyRing::intrinsic(), now());
    assert!(matches!(
        refuted,
        Err(ClaimError::Refuted(r)) if r.reason == RefutedReason::LifeTooLong
    ));
}

// --- the exact profile

fn platform_claim() -> Signed<PlatformClaim> {
    sign(PlatformClaim::new("pypi:alice".parse().unwrap(), None)).unwrap()
}

fn reads<C: Claim + DeserializeOwned>(text: &str) -> bool {
    Signed::<C>::parse(text.as_bytes()).is_ok()
}

#[test]
fn members_that_the_profile_does_not_know_are_refused_everywhere() {
    let good = platform_claim().to_json();
    assert!(reads::<PlatformClaim>(&good));
    let changed = |from: &str, to: &str| {
        let text = good.replacen(from, to, 1);
        assert_ne!(text, good, "{from}");
        reads::<PlatformClaim>(&text)
    };
    for (from, to) in [
        (
            r#""type": "PlatformClaim""#,
            r#""type": "PlatformClaim", "id": "urn:x""#,
        ),
        (r#""login": "alice""#, r#""login": "alice", "extra": "x""#),
        (
            r#""proofPurpose""#,
            r#""previousProof": "x", "proofPurpose""#,
        ),
        (r#""proofPurpose""#, r#""nonce": "x", "proofPurpose""#),
        (r#""proofPurpose""#, r#""id": "urn:x", "proofPurpose""#),
        (
            r#""proofPurpose""#,
            r#""challenge": "AAAAAAAAAAAAAAAAAAAAAA", "proofPurpose""#,
        ),
        (
            r#""domain": "auths:public""#,
            r#""domain": ["auths:public"]"#,
        ),
        (
            r#""domain": "auths:public""#,
            r#""domain": "https://hub.example""#,
        ),
        (r#""assertionMethod""#, r#""authentication""#),
        (r#""eddsa-jcs-2022""#, r#""eddsa-rdfc-2022""#),
        (r#""DataIntegrityProof""#, r#""Ed25519Signature2020""#),
        (r#""expires""#, r#""expired""#),
        (
            r#""created": "2026-11-21T08:00:00Z""#,
            r#""created": "2026-11-21T08:00:00.0Z""#,
        ),
        (
            r#""created": "2026-11-21T08:00:00Z""#,
            r#""created": "2026-11-21T09:00:00+01:00""#,
        ),
        (r#""urn:auths:claims:v1""#, r#""urn:auths:claims:v2""#),
    ] {
        assert!(!changed(from, to), "{to}");
    }
    // A set or a chain of proofs, of which one is good.
    let one = good.split_once(r#""proof": "#).unwrap();
    let array = format!(
        r#"{}"proof": [{}]}}"#,
        one.0,
        one.1.trim_end().trim_end_matches('}').to_owned() + "}"
    );
    assert!(!reads::<PlatformClaim>(&array));
    assert!(!reads::<Delegation>(&good), "another type");
    assert!(!reads::<PlatformClaim>(&format!("[{good}]")));
}

#[test]
fn a_signature_has_one_spelling() {
    let signed = platform_claim();
    let good = signed.to_json();
    let (_, rest) = good.split_once(r#""proofValue": "z"#).unwrap();
    let value = rest.split('"').next().unwrap();
    for other in [
        format!("1{value}"),
        format!("{value}1"),
        value[1..].to_owned(),
        format!(" {value}"),
        "1".repeat(64),
        "1".repeat(65),
        "z".repeat(90),
        String::new(),
    ] {
        let text = good.replace(value, &other);
        let verified = Signed::<PlatformClaim>::parse(text.as_bytes())
            .ok()
            .filter(|s| s.check_signature(&KeyRing::intrinsic()).is_ok());
        assert!(verified.is_none(), "{other}");
    }
}

#[test]
fn the_verification_method_is_the_dids_own_key_and_nothing_that_starts_like_it() {
    let web: Did = "did:web:a.example".parse().unwrap();
    for (did, text, good) in [
        (&web, "did:web:a.example#k", true),
        (&web, "did:web:a.example2#k", false),
        (&web, "did:web:a.example:u#k", false),
        (&web, "did:web:a.example#k#k", false),
        (&web, "did:web:a.example?x#k", false),
        (&web, "did:web:a.example#", false),
        (&web, "did:web:a.example", false),
        (&web, "did:web:a#k", false),
        (&web, "#k", false),
    ] {
        assert_eq!(VerificationMethod::of(did, text).is_some(), good, "{text}");
    }
    let good = platform_claim().to_json();
    let own = did();
    let fragment = own.as_str().strip_prefix("did:key:").unwrap();
    let other = Did::from_key(&key(2).public());
    let other = other.as_str().strip_prefix("did:key:").unwrap();
    let text = good.replace(&format!("#{fragment}"), &format!("#{other}"));
    let signed = Signed::<PlatformClaim>::parse(text.as_bytes()).unwrap();
    assert!(signed.check_signature(&KeyRing::intrinsic()).is_err());
}

#[test]
fn a_did_key_has_one_spelling() {
    let own = did();
    let id = own.as_str().strip_prefix("did:key:z").unwrap();
    let encode = |bytes: &[u8]| bs58::encode(bytes).into_string();
    let mut bytes = vec![0xed, 0x01];
    bytes.extend(key(1).public().to_bytes());
    assert_eq!(encode(&bytes), id);
    let with = |prefix: &[u8], suffix: &[u8]| encode(&[prefix, &bytes, suffix].concat());
    for other in [
        format!("1{id}"),
        format!("11{id}"),
        with(&[0], &[]),
        with(&[], &[0]),
        encode(&bytes[..33]),
        encode(&[&[0xed, 0x81, 0x00], &bytes[2..]].concat()),
        "1".repeat(34),
        "1".repeat(48),
        "z".repeat(48),
        "z".repeat(47),
        id.to_lowercase(),
    ] {
        assert!(
            format!("did:key:z{other}").parse::<Did>().is_err(),
            "{other}"
        );
    }
}

#[test]
fn a_signature_by_a_key_that_signs_everything_is_refused() {
    // Points of small order, in all their spellings (those with the sign bit too).
    let mut refused = 0;
    for (low, high) in [
        (0, 0),
        (1, 0),
        (0, 0x80),
        (1, 0x80),
        (0xec, 0x7f),
        (0xed, 0x7f),
        (0xee, 0x7f),
        (0xec, 0xff),
        (0xee, 0xff),
    ] {
        let mut bytes = if high & 0x7f == 0x7f {
            [0xff; 32]
        } else {
            [0; 32]
        };
        (bytes[0], bytes[31]) = (low, high);
        refused += usize::from(PublicKey::from_bytes(&bytes).is_err());
    }
    assert_eq!(refused, 9);
}

// --- canonical form

#[test]
fn every_character_is_written_as_rfc_8785_says() {
    for c in (0..=0x10_ffff).filter_map(char::from_u32) {
        let tree = StrictJson::String(c.to_string());
        let written = tree.canonical();
        let expected = match c {
            '"' => "\\\"".to_owned(),
            '\\' => "\\\\".to_owned(),
            '\u{8}' => "\\b".to_owned(),
            '\u{c}' => "\\f".to_owned(),
            '\n' => "\\n".to_owned(),
            '\r' => "\\r".to_owned(),
            '\t' => "\\t".to_owned(),
            c if u32::from(c) < 0x20 => format!("\\u{:04x}", u32::from(c)),
            c => c.to_string(),
        };
        assert_eq!(written, format!("\"{expected}\"").into_bytes(), "{c:?}");
    }
}

#[test]
fn ascii_keys_sort_the_same_both_ways() {
    let keys = (0..0x80u8).map(|b| (char::from(b).to_string(), StrictJson::Bool(true)));
    let long = (0..0x80u8).map(|b| (format!("a{}", char::from(b)), StrictJson::Bool(true)));
    let tree = StrictJson::Object(keys.chain(long).collect());
    assert_eq!(
        tree.canonical(),
        serde_json_canonicalizer::to_vec(&tree).unwrap()
    );
}

// --- sizes

use crate::evidence::{Evidence, NamespaceEvidence, Reading, Release, Timeline};

fn evidence() -> NamespaceEvidence {
    let origin = "https://pypi.org".parse().unwrap();
    NamespaceEvidence::new("pypi:six".parse().unwrap(), origin, now())
}

fn observe(evidence: NamespaceEvidence) -> Result<Signed<Observation>, SignError> {
    sign(Observation::new(Evidence::Namespace(Box::new(evidence))))
}

fn releases(n: usize) -> NamespaceEvidence {
    let mut seen = evidence();
    let release = |i| Release::new(format!("{i}.0.0"), Some(now()), false).naming([did()]);
    seen.timeline = Reading::Read(Timeline::new((0..n).map(release).collect(), None));
    seen
}

/// Every way of writing it is read back as what it was, by every reader.
fn reads_back(signed: &Signed<Observation>) {
    let (text, compact) = (signed.to_json(), serde_json::to_string(signed).unwrap());
    for written in [&text, &compact] {
        assert_eq!(&Signed::parse(written.as_bytes()).unwrap(), signed);
        assert!(AnyClaim::parse(written.as_bytes()).is_ok());
        let by_serde: Signed<Observation> = serde_json::from_str(written).unwrap();
        assert_eq!(&by_serde, signed);
    }
}

#[test]
fn an_observation_of_some_ten_thousand_releases_is_signed_and_read() {
    reads_back(&observe(releases(14_000)).unwrap());
}

#[test]
fn at_the_border_of_the_size_what_is_signed_reads_back_whole() {
    let padded = |pad: usize| {
        let mut seen = evidence();
        seen.sources = vec!["x".repeat(pad)];
        observe(seen)
    };
    let frame = padded(0).unwrap().document_len();
    let largest = json::MAX_OBSERVATION - frame;
    let signed = padded(largest).unwrap();
    assert_eq!(signed.document_len(), json::MAX_OBSERVATION);
    reads_back(&signed);
    let error = padded(largest + 1).unwrap_err();
    assert!(error.to_string().contains("longer than"), "{error}");
    // Made one byte longer by somebody else: no reader takes it, white space or not.
    let longer = signed.to_json().replacen("xxxx", "xxxxx", 1);
    assert!(Signed::<Observation>::parse(longer.as_bytes()).is_err());
    assert!(AnyClaim::parse(longer.as_bytes()).is_err());
    assert!(serde_json::from_str::<Signed<Observation>>(&longer).is_err());
}

#[test]
fn what_has_more_values_than_are_read_is_not_signed() {
    let mut seen = evidence();
    seen.sources = vec![String::new(); 1 << 18];
    let error = observe(seen).unwrap_err();
    assert!(error.to_string().contains("values"), "{error}");
}

#[test]
fn a_claim_is_held_to_the_smaller_limit() {
    let says = |n| FakeObservation {
        says: "x".repeat(n),
    };
    assert!(sign(says(json::MAX_CLAIM - 1_000)).is_ok());
    assert!(sign(says(json::MAX_CLAIM)).is_err());
    // A rule has the same limit by itself as in the claim that holds it.
    assert_eq!(crate::ci::MAX_RULE_BYTES, json::MAX_CLAIM);
}

// --- a body that changes behind its reader's back

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct TwoFaced {
    says: String,
}

impl Clone for TwoFaced {
    fn clone(&self) -> Self {
        Self {
            says: "whatever the type likes".to_owned(),
        }
    }
}

impl Claim for TwoFaced {
    const TYPE: &'static str = "TwoFaced";
    fn max_life(&self) -> Duration {
        MAX_LIFE
    }
}

#[test]
fn what_is_verified_is_read_from_the_signed_bytes_not_cloned() {
    let says = "what was signed".to_owned();
    let signed = sign(TwoFaced { says }).unwrap();
    let expected = ProofExpectation::new(Audience::public());
    let verified = signed.verify(&expected, &KeyRing::intrinsic(), now());
    assert_eq!(verified.unwrap().get().says, "what was signed");
}

#[test]
fn a_revocation_is_valid_until_the_end_of_time() {
    let signed = sign(Revocation::new(RevocationTarget::Did(did()))).unwrap();
    let expected = ProofExpectation::new(Audience::public());
    let verified = signed.verify(&expected, &KeyRing::intrinsic(), now());
    let verified = verified.unwrap();
    assert_eq!(verified.valid_until(), Timestamp::MAX);
    assert_eq!(verified.valid_until().to_string(), "9999-12-31T23:59:59Z");
}

#[test]
fn actions_and_ids_are_shown_as_they_stand_on_the_wire() {
    for action in Action::ALL {
        let wire = serde_json::to_string(&action).unwrap();
        assert_eq!(format!("\"{action}\""), wire);
    }
    let text = format!("sha256:{}", "0f".repeat(32));
    let id: ClaimId = text.parse().unwrap();
    assert_eq!(id.to_string(), text);
}

#[test]
fn a_claim_id_is_sha256_and_64_lower_case_hex_digits() {
    let good = format!("sha256:{}", "0f".repeat(32));
    assert!(good.parse::<ClaimId>().is_ok());
    for bad in [
        "0f".repeat(32),
        format!("sha256:{}", "0f".repeat(31)),
        format!("sha256:{}0", "0f".repeat(32)),
        format!("sha256:{}", "0F".repeat(32)),
        format!("sha256:{}g", "0".repeat(63)),
        format!("sha512:{}", "0f".repeat(32)),
        String::new(),
    ] {
        assert!(bad.parse::<ClaimId>().is_err(), "{bad}");
    }
}

#[test]
fn an_audience_is_written_as_it_was_read() {
    let audience: Audience = "https://hub.example".parse().unwrap();
    assert_eq!(
        serde_json::to_string(&audience).unwrap(),
        "\"https://hub.example\""
    );
    assert_eq!(String::from(audience), "https://hub.example");
}

/// Adds a member to the first object that has this one member alone.
fn add_beside(value: &mut serde_json::Value, only: &str) -> bool {
    match value {
        serde_json::Value::Object(members) => {
            if members.len() == 1 && members.contains_key(only) {
                members.insert("zzz".to_owned(), "more".into());
                return true;
            }
            members.values_mut().any(|value| add_beside(value, only))
        }
        serde_json::Value::Array(items) => items.iter_mut().any(|value| add_beside(value, only)),
        _ => false,
    }
}

#[test]
fn a_choice_with_two_members_is_no_choice() {
    let signed = observe(evidence()).unwrap().to_json();
    let read = |text: &str| Signed::<Observation>::parse(text.as_bytes());
    assert!(read(&signed).is_ok());
    // An enum's ordinary reader takes the first member, and ignores the second.
    let mut found = 0;
    for only in ["read", "unread"] {
        let mut value: serde_json::Value = serde_json::from_str(&signed).unwrap();
        if add_beside(&mut value, only) {
            found += 1;
            let error = read(&value.to_string()).unwrap_err().to_string();
            assert!(error.contains("an object with one key"), "{error}");
        }
    }
    assert!(found > 0);
}
