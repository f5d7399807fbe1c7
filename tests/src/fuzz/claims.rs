//! Claims, bundles and policies.

use auths_core::bundle::Bundle;
use auths_core::ci::PublisherRule;
use auths_core::claim::{
    AnyClaim, Claim, Delegation, KeyRing, NamespaceClaim, Observation, PlatformClaim,
    ProofExpectation, Revocation, Signed, TrustedPublisher,
};
use auths_core::decide::{Revocations, decide};
use auths_core::{Capability, Outcome, Policy};

/// Reads a signed claim. It has one type, all readers agree, and it is written as it was read.
pub fn claim(data: &[u8]) -> bool {
    let types = [
        as_type::<PlatformClaim>(data),
        as_type::<NamespaceClaim>(data),
        as_type::<Delegation>(data),
        as_type::<TrustedPublisher>(data),
        as_type::<Revocation>(data),
        as_type::<Observation>(data),
    ];
    let read = types.into_iter().filter(|is_read| *is_read).count();
    assert!(read <= 1, "one document, two types");
    assert_eq!(AnyClaim::parse(data).is_ok(), read == 1);
    read == 1
}

fn as_type<C: Claim>(data: &[u8]) -> bool {
    let read = Signed::<C>::parse(data).ok();
    assert_eq!(serde_json::from_slice::<Signed<C>>(data).ok(), read);
    let Some(read) = read else { return false };
    let text = read.to_json();
    let again = Signed::<C>::parse(text.as_bytes()).expect("what was written is read");
    assert_eq!(again, read);
    assert_eq!((again.id(), again.to_json()), (read.id(), text));
    // A claim that verifies says what stands in it, and falls to something.
    let expected = ProofExpectation::new(read.audience().clone());
    if let Ok(verified) = read.verify(&expected, &KeyRing::intrinsic(), read.created()) {
        assert_eq!(verified.get(), read.unverified());
        assert!(!verified.falls_to().is_empty());
    }
    true
}

/// Reads a bundle. It is written as it was read, and shows nothing to a policy that trusts no observer.
pub fn bundle(data: &[u8]) -> bool {
    let Ok(bundle) = Bundle::parse(data) else {
        return false;
    };
    let text = bundle.to_json();
    let again = Bundle::parse(text.as_bytes()).expect("what was written is read");
    assert_eq!(again.to_json(), text);
    let now = bundle.claim.created();
    let expected = ProofExpectation::new(bundle.claim.audience().clone());
    let (none, keys) = (Revocations::not_checked(), KeyRing::intrinsic());
    let Ok(case) = bundle.into_input(expected, none, keys, now) else {
        return true;
    };
    for policy in [
        Policy::trust_self_reported(),
        Policy::standard(),
        Policy::strict(),
    ] {
        let decision = decide(&case, &policy, now);
        assert_ne!(decision.outcome(), Outcome::Accepted);
        assert!(decision.into_verified().is_err());
    }
    true
}

/// Reads a policy in TOML. It resists a stranger or says that it does not, and it can be written and read again.
pub fn policy(data: &[u8]) -> bool {
    let Some(policy) = text(data).and_then(|text| Policy::from_toml(text).ok()) else {
        return false;
    };
    let resisted: Vec<_> = policy.resisted().map(Capability::as_str).collect();
    assert_eq!(policy.resists(Capability::Stranger), !resisted.is_empty());
    let says = match resisted.is_empty() {
        true => "trust_self_reported = true".to_owned(),
        false => format!("resist = {resisted:?}"),
    };
    let hours = |span: std::time::Duration| span.as_secs() / 3_600;
    let (maturity, age) = (hours(policy.maturity()), hours(policy.evidence_age()));
    let written = format!("{says}\nmaturity_hours = {maturity}\nevidence_age_hours = {age}");
    let again = Policy::from_toml(&written).expect("what was written is read");
    assert!(again.resisted().eq(policy.resisted()));
    assert_eq!(again.maturity(), policy.maturity());
    assert_eq!(again.evidence_age(), policy.evidence_age());
    true
}

/// Reads a publisher rule. It is written as it was read, and an error names a member or none.
pub fn publisher_rule(data: &[u8]) -> bool {
    let rule = match PublisherRule::parse(data) {
        Ok(rule) => rule,
        Err(error) => {
            assert_eq!(error.code(), "AUTHS-1018");
            return false;
        }
    };
    let written = serde_json::to_string(&rule).expect("a rule is written");
    let again = PublisherRule::parse(written.as_bytes()).expect("what was written is read");
    assert_eq!(again, rule);
    true
}

/// Returns the bytes as text, where they are text.
pub(super) fn text(data: &[u8]) -> Option<&str> {
    str::from_utf8(data).ok()
}
