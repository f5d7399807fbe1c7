//! Trusted publishers: signed, read, refused and revoked.

use super::*;
use crate::ci::tests::scene::identity;
use crate::decide::Revocations;

const RULE: &str = r#"{"issuer":"https://token.actions.githubusercontent.com","ownerId":"4242","refs":["refs/tags/v*"],"repository":"acme/widget","repositoryId":"700700","workflow":"release.yml"}"#;

fn publisher() -> TrustedPublisher {
    let names = ["pypi:widget", "npm:@acme/widget"].map(|name| name.parse().unwrap());
    TrustedPublisher::new(RULE.parse().unwrap(), names, Actions::only(Action::Publish))
}

fn signed() -> Signed<TrustedPublisher> {
    sign(publisher()).unwrap()
}

fn public() -> ProofExpectation {
    ProofExpectation::new(Audience::public())
}

#[test]
fn a_trusted_publisher_is_an_act_of_its_signer_and_lives_180_days() {
    let signed = signed();
    let verified = signed
        .verify(&public(), &KeyRing::intrinsic(), now())
        .unwrap();
    assert_eq!(verified.get(), &publisher());
    assert_eq!(verified.signer(), Some(&did()));
    assert!(verified.falls_to().contains(Capability::DeviceKey));
    assert!(!verified.falls_to().contains(Capability::Stranger));
    let life = signed.expires().unwrap().since(signed.created());
    assert_eq!(life, Duration::from_secs(180 * 86_400));
    let longer = SigningRequest::new(publisher(), now()).living(life + Duration::from_secs(1));
    let refused = longer.sign(&key(1)).now_or_never().unwrap();
    assert!(
        matches!(refused, Err(SignError::Refused { .. })),
        "{refused:?}"
    );
    assert!(verified.get().publisher.matches(&identity()).is_ok());
}

#[test]
fn one_that_names_no_package_is_refused() {
    let nothing = TrustedPublisher::new(RULE.parse().unwrap(), [], Actions::only(Action::Publish));
    let refused = sign(nothing);
    assert!(
        matches!(refused, Err(SignError::Refused { .. })),
        "{refused:?}"
    );
}

/// A trusted publisher as somebody else's program writes it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Written {
    publisher: serde_json::Value,
    namespaces: Vec<String>,
    actions: Vec<String>,
}

impl Claim for Written {
    const TYPE: &'static str = "TrustedPublisher";

    fn max_life(&self) -> Duration {
        MAX_LIFE
    }
}

#[test]
fn a_default_that_is_written_out_is_read_and_stays_in_what_was_signed() {
    let written = RULE.replace(
        "\"issuer\"",
        "\"binding\":\"caller-and-job\",\"runner\":\"hosted\",\"issuer\"",
    );
    let document = sign(Written {
        publisher: serde_json::from_str(&written).unwrap(),
        namespaces: vec!["pkg:pypi/widget".to_owned()],
        actions: vec!["publish".to_owned()],
    });
    let document = document.unwrap().to_json();
    let read = Signed::<TrustedPublisher>::parse(document.as_bytes()).unwrap();
    assert_eq!(read.unverified().publisher, RULE.parse().unwrap());
    assert_eq!(read.to_json(), document);
    assert!(read.check_signature(&KeyRing::intrinsic()).is_ok());
}

fn revoked(by: u8, target: RevocationTarget) -> Result<(), ClaimError> {
    let revocation = SigningRequest::new(Revocation::new(target), now());
    let revocation = revocation.sign(&key(by)).now_or_never().unwrap().unwrap();
    let found = Revocations::not_checked().with("list", Ok(vec![revocation]));
    let verified = signed().verify_unrevoked(&public(), &KeyRing::intrinsic(), &found, now());
    verified.map(drop)
}

#[test]
fn it_is_revoked_by_its_id_and_with_its_signer_and_by_nobody_else() {
    let id = signed().id().clone();
    for target in [
        RevocationTarget::Claim(id.clone()),
        RevocationTarget::Did(did()),
    ] {
        let error = revoked(1, target).unwrap_err();
        assert_eq!(error.code(), "AUTHS-2030", "{error}");
    }
    assert!(
        revoked(2, RevocationTarget::Claim(id)).is_ok(),
        "a stranger revokes nothing"
    );
}
