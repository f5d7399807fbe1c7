//! Grants, and the records that a front end keeps for them.

use auths_core::ExposeSecret;
use auths_core::claim::Action;
use auths_core::crypto::KeyPair;
use auths_core::decide::PublisherIntake;
use auths_core::grant::{DenyList, MAX_GRANT_LIFE};
use auths_core::pin::Pin;
use auths_testkit::scenes::key;

use super::claims::text;
use crate::claims::now;
use crate::grants::{of_key, sign, signer, taken_apart, verifier};

/// Reads a grant, its payload and a deny list. Only the trusted key makes a grant; what it covers stands in it, and it does not live
/// longer than any may.
///
/// The input is tried as a token, as a payload that the trusted key signed, as one that another key signed, and as a deny list.
pub fn grant(data: &[u8]) -> bool {
    let Some(text) = text(data) else {
        return false;
    };
    let is_token = verifies(text);
    let [header, _] = taken_apart(of_key().expose_secret());
    let signed = |by: &KeyPair| sign(&header, text, by);
    let is_payload = verifies(&signed(&signer()));
    assert!(!verifies(&signed(&key(1))), "a key that is not trusted");
    let denied = text.parse::<DenyList>().is_ok();
    is_token || is_payload || denied
}

fn verifies(token: &str) -> bool {
    let token = token.to_owned().into();
    let Ok(grant) = verifier(DenyList::default()).verify(&token, now()) else {
        return false;
    };
    assert!(!grant.purls().is_empty());
    assert!(grant.expires().since(grant.issued_at()) <= MAX_GRANT_LIFE);
    for name in grant.purls() {
        let may = |action| grant.covers(name, action);
        assert!(Action::ALL.into_iter().any(may));
    }
    let other = "pypi:nobody-named-this".parse().unwrap();
    assert!(grant.purls().contains(&other) || !grant.covers(&other, Action::Publish));
    true
}

/// Reads a stored pin, and what is stored of a trusted publisher that was taken in. Each is read back as it is written.
pub fn stored_record(data: &[u8]) -> bool {
    let pin = Pin::parse(data);
    if let Ok(pin) = &pin {
        assert_eq!(Pin::parse(pin.to_json().as_bytes()).as_ref(), Ok(pin));
    }
    let intake = PublisherIntake::parse(data);
    if let Ok(intake) = &intake {
        let again = PublisherIntake::parse(intake.to_json().as_bytes());
        assert_eq!(again.as_ref(), Ok(intake));
    }
    pin.is_ok() || intake.is_ok()
}
