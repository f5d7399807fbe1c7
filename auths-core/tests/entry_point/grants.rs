//! Grants: what they are made of, and where they hold.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use auths_core::ci::CLOCK_LEEWAY;
use auths_core::claim::{Action, Actions};
use auths_core::crypto::Signature;
use auths_core::decide::NotResisting;
use auths_core::grant::{
    DenyList, Grant, GrantError, GrantIssueError, GrantIssuer, GrantRequest, GrantVerifier,
    IssuedGrant, MAX_GRANT_BYTES, MAX_GRANT_LIFE,
};
use auths_core::pin::Pin;
use auths_core::ports::{
    Entropy, EntropyError, MemoryPins, PinStore, Signer, SignerError, StoreError, StoreKey,
};
use auths_core::problem::ProblemDetails;
use auths_core::{
    Capability, Did, ExposeSecret, Namespace, NamespaceAuthority, Policy, RefutedReason,
    SecretString, Timestamp, VerificationMethod, Verified,
};
use auths_testkit::block_on;
use auths_testkit::doubles::{CountingEntropy, FailNext};
use auths_testkit::scenes::{Authorities, did, key};
use data_encoding::BASE64URL_NOPAD;

const HUB: &str = "https://hub.example";
const FILES: &str = "https://files.hub.example";
/// The byte of the issuer's key.
const SIGNER: u8 = 9;

fn now() -> Timestamp {
    "2026-11-21T08:46:00Z".parse().unwrap()
}

fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}

fn publish() -> Actions {
    Actions::only(Action::Publish)
}

fn denying(names: &[&str]) -> DenyList {
    names.join("\n").parse().unwrap()
}

fn of_key(name: &str) -> Verified<NamespaceAuthority> {
    Authorities::at(now()).of_key(&key(1), name, &publish())
}

fn of_run(name: &str) -> Verified<NamespaceAuthority> {
    Authorities::at(now()).of_run(name, &publish())
}

fn issuer_with(denied: DenyList) -> GrantIssuer {
    let (signer, entropy) = (Arc::new(key(SIGNER)), Arc::new(CountingEntropy::default()));
    GrantIssuer::new(
        HUB.parse().unwrap(),
        FILES.parse().unwrap(),
        signer,
        entropy,
        denied,
    )
}

fn verifier_with(denied: DenyList) -> GrantVerifier {
    let signers = [did(&key(SIGNER))];
    GrantVerifier::new(
        HUB.parse().unwrap(),
        FILES.parse().unwrap(),
        signers,
        pins(),
        denied,
    )
}

fn pins() -> Arc<MemoryPins> {
    Arc::new(MemoryPins::new())
}

fn verifier() -> GrantVerifier {
    verifier_with(DenyList::default())
}

fn issue_at(
    authorities: &[Verified<NamespaceAuthority>],
    now: Timestamp,
) -> Result<IssuedGrant, GrantIssueError> {
    let policy = Policy::standard();
    let request = GrantRequest::new(authorities, publish(), &policy, now);
    block_on(issuer_with(DenyList::default()).issue(&request))
}

fn issue(authorities: &[Verified<NamespaceAuthority>]) -> Result<IssuedGrant, GrantIssueError> {
    issue_at(authorities, now())
}

fn token(name: &str) -> SecretString {
    issue(&[of_key(name)]).unwrap().into_parts().0
}

#[track_caller]
fn refuted(found: Result<Grant, GrantError>, by: RefutedReason) {
    match found {
        Err(GrantError::Refuted(refuted)) => assert_eq!(refuted.reason, by),
        other => panic!("{other:?} is not refuted by {by:?}"),
    }
}

#[test]
fn a_grant_says_who_may_do_what_until_when_and_at_what_price() {
    let issued = issue(&[of_key("cargo:tokio-util"), of_key("github:acme")]).unwrap();
    let read = verifier().verify(issued.token(), now()).unwrap();
    assert_eq!(read, *issued.grant());
    assert_eq!(read.subject().did(), Some(&did(&key(1))));
    assert_eq!(read.issued_at(), now());
    assert_eq!(read.expires(), now() + MAX_GRANT_LIFE);
    assert_eq!(
        serde_json::to_value(&read).unwrap(),
        serde_json::json!({
            "iss": HUB, "sub": did(&key(1)).as_str(), "aud": FILES,
            "iat": now().as_unix(), "exp": now().as_unix() + 300, "jti": read.id().as_str(),
            "purls": ["pkg:cargo/tokio-util", "pkg:github/acme"], "actions": ["publish"],
            "falls_to": ["account-session", "device-key"],
        })
    );
}

#[test]
fn a_grant_of_a_run_names_it_by_numbers_and_its_workflow_file() {
    let issued = issue(&[of_run("cargo:demo")]).unwrap();
    assert_eq!(
        issued.grant().subject().to_string(),
        "ci:token.actions.githubusercontent.com:700700:4242:release.yml"
    );
    let read = verifier().verify(issued.token(), now()).unwrap();
    assert!(read.falls_to().contains(Capability::RepositoryWriter));
    assert_eq!(read, *issued.grant());
}

#[test]
fn no_two_grants_have_one_id() {
    let (issuer, verified) = (issuer_with(DenyList::default()), [of_key("cargo:demo")]);
    let policy = Policy::standard();
    let request = GrantRequest::new(&verified, publish(), &policy, now());
    let id = || {
        block_on(issuer.issue(&request))
            .unwrap()
            .grant()
            .id()
            .clone()
    };
    assert_ne!(id(), id());
}

#[test]
fn a_grant_falls_to_what_any_of_its_decisions_falls_to() {
    let policy = Policy::standard();
    let both = [of_run("cargo:demo"), of_run("github:acme")];
    let request = GrantRequest::new(&both, publish(), &policy, now());
    let issued = block_on(issuer_with(DenyList::default()).issue(&request)).unwrap();
    let union = both[0].falls_to().union(both[1].falls_to());
    assert_eq!(issued.grant().falls_to(), union);
}

#[test]
fn a_grant_ends_with_its_decision() {
    let verified = of_key("github:acme");
    let late = now() + seconds(250);
    let ends = verified.valid_until();
    assert!(
        ends < late + MAX_GRANT_LIFE,
        "what is seen of organisations ages in minutes"
    );
    let issued = issue_at(std::slice::from_ref(&verified), late).unwrap();
    assert_eq!(issued.grant().expires(), ends);
    // One that ends later does not help.
    let mixed = [verified.clone(), of_key("cargo:demo")];
    assert_eq!(issue_at(&mixed, late).unwrap().grant().expires(), ends);
    assert!(matches!(
        issue_at(&[verified], ends),
        Err(GrantIssueError::NotResisting(NotResisting::Expired { .. }))
    ));
}

#[test]
fn a_decision_is_checked_again_against_the_policy_that_grants() {
    let policy = Policy::strict();
    let run = [of_run("cargo:demo")];
    let request = GrantRequest::new(&run, publish(), &policy, now());
    let refused = block_on(issuer_with(DenyList::default()).issue(&request));
    assert!(matches!(refused, Err(GrantIssueError::NotResisting(_))));
}

#[test]
fn nothing_less_than_one_speakers_accepted_decisions_makes_a_grant() {
    let invalid = |found: Result<IssuedGrant, GrantIssueError>| {
        let error = found.unwrap_err();
        assert!(
            matches!(error, GrantIssueError::Invalid { .. }),
            "{error:?}"
        );
        assert_eq!(error.code(), "AUTHS-1001");
        error.to_string()
    };
    invalid(issue(&[]));
    let other = Authorities::at(now()).of_key(&key(2), "cargo:demo", &publish());
    let said = invalid(issue(&[of_key("cargo:demo"), other]));
    assert!(said.contains("two speakers"), "{said}");
    invalid(issue(&[of_key("cargo:demo"), of_run("cargo:demo")]));

    let (verified, policy) = ([of_key("cargo:demo")], Policy::standard());
    let request = GrantRequest::new(&verified, publish(), &policy, now());
    for life in [
        Duration::ZERO,
        Duration::from_millis(999),
        MAX_GRANT_LIFE + Duration::from_nanos(1),
    ] {
        let request = request.clone().living(life);
        invalid(block_on(issuer_with(DenyList::default()).issue(&request)));
    }
    let request = request.living(seconds(1));
    let issued = block_on(issuer_with(DenyList::default()).issue(&request)).unwrap();
    assert_eq!(issued.grant().expires(), now() + seconds(1));
}

#[test]
fn all_names_of_a_request_are_granted_or_none() {
    let policy = Policy::standard();
    let both = [of_key("cargo:demo"), of_key("github:acme")];
    let of = |actions: &str, denied: DenyList| {
        let request = GrantRequest::new(&both, actions.parse().unwrap(), &policy, now());
        match block_on(issuer_with(denied).issue(&request)) {
            Ok(_) => None,
            Err(GrantIssueError::Refuted(refuted)) => Some(refuted.reason),
            Err(other) => panic!("{other:?}"),
        }
    };
    assert_eq!(of("publish", DenyList::default()), None);
    let narrow = Some(RefutedReason::GrantTooNarrow);
    assert_eq!(of("yank", DenyList::default()), narrow);
    assert_eq!(of("publish,yank", DenyList::default()), narrow);
    for denied in ["cargo:demo", "github:acme"] {
        let found = of("publish", denying(&[denied]));
        assert_eq!(found, Some(RefutedReason::NameDenied));
    }
    // A name below is looked at when the grant is used.
    assert_eq!(of("publish", denying(&["github:acme/server"])), None);
}

#[test]
fn a_grant_of_too_many_names_is_not_made() {
    let one = Authorities::at(now());
    let many: Vec<_> = (0..170)
        .map(|n| {
            one.of_key(
                &key(1),
                &format!("cargo:{}{n:03}", "a".repeat(61)),
                &publish(),
            )
        })
        .collect();
    let found = issue(&many);
    assert!(
        matches!(found, Err(GrantIssueError::Invalid { .. })),
        "{found:?}"
    );
    let issued = issue(&many[..100]).unwrap();
    assert!(issued.token().expose_secret().len() <= MAX_GRANT_BYTES);
    assert!(verifier().verify(issued.token(), now()).is_ok());
}

#[test]
fn a_key_or_a_random_source_that_fails_makes_no_grant() {
    #[derive(Debug)]
    struct Broken;
    #[async_trait]
    impl Signer for Broken {
        fn method(&self) -> VerificationMethod {
            key(SIGNER).method()
        }
        async fn sign(&self, _: &[u8]) -> Result<Signature, SignerError> {
            Err(SignerError::Locked)
        }
    }
    impl Entropy for Broken {
        fn fill(&self, _: &mut [u8]) -> Result<(), EntropyError> {
            Err(EntropyError("broken".into()))
        }
    }
    let (verified, policy) = ([of_key("cargo:demo")], Policy::standard());
    let request = GrantRequest::new(&verified, publish(), &policy, now());
    let issue = |signer: Arc<dyn Signer>, entropy: Arc<dyn Entropy>| {
        let (hub, files) = (HUB.parse().unwrap(), FILES.parse().unwrap());
        let issuer = GrantIssuer::new(hub, files, signer, entropy, DenyList::default());
        block_on(issuer.issue(&request)).unwrap_err()
    };
    let locked = issue(Arc::new(Broken), Arc::new(CountingEntropy::default()));
    assert!(matches!(
        locked,
        GrantIssueError::Signer(SignerError::Locked)
    ));
    // Whoever asks the server can do nothing about its key.
    assert_eq!(ProblemDetails::from(&locked).status, 503);
    let error = issue(Arc::new(key(SIGNER)), Arc::new(Broken));
    assert!(matches!(error, GrantIssueError::Entropy(_)), "{error:?}");
}

#[test]
fn a_grant_holds_for_its_issuer_audience_and_key_alone() {
    let token = token("cargo:demo");
    let at = |issuer: &str, audience: &str, signers: Vec<Did>| {
        let (issuer, audience) = (issuer.parse().unwrap(), audience.parse().unwrap());
        GrantVerifier::new(issuer, audience, signers, pins(), DenyList::default())
            .verify(&token, now())
    };
    let own = || did(&key(SIGNER));
    assert!(at(HUB, FILES, vec![own()]).is_ok());
    assert!(at(HUB, FILES, vec![did(&key(8)), own()]).is_ok());
    let other = "https://hub.example/other";
    refuted(at(other, FILES, vec![own()]), RefutedReason::GrantIssuer);
    refuted(at(HUB, HUB, vec![own()]), RefutedReason::GrantAudience);
    refuted(at(HUB, FILES, vec![did(&key(8))]), RefutedReason::GrantKey);
    refuted(at(HUB, FILES, vec![]), RefutedReason::GrantKey);
}

#[test]
fn a_signer_whose_keys_were_not_looked_up_is_neither_a_yes_nor_a_no() {
    #[derive(Debug)]
    struct OfTheHub;
    #[async_trait]
    impl Signer for OfTheHub {
        fn method(&self) -> VerificationMethod {
            "did:web:hub.example#one".parse().unwrap()
        }
        async fn sign(&self, message: &[u8]) -> Result<Signature, SignerError> {
            Signer::sign(&key(SIGNER), message).await
        }
    }
    let (verified, policy) = ([of_key("cargo:demo")], Policy::standard());
    let request = GrantRequest::new(&verified, publish(), &policy, now());
    let entropy = Arc::new(CountingEntropy::default());
    let (hub, files) = (HUB.parse().unwrap(), FILES.parse().unwrap());
    let issuer = GrantIssuer::new(hub, files, Arc::new(OfTheHub), entropy, DenyList::default());
    let issued = block_on(issuer.issue(&request)).unwrap();
    let web: Did = "did:web:hub.example".parse().unwrap();
    let verifier = || {
        let (hub, files) = (HUB.parse().unwrap(), FILES.parse().unwrap());
        GrantVerifier::new(hub, files, [web.clone()], pins(), DenyList::default())
    };
    let found = verifier().verify(issued.token(), now());
    assert!(
        matches!(found, Err(GrantError::Unavailable(_))),
        "{found:?}"
    );
    let with = |method: &str| {
        let keys = vec![(method.parse().unwrap(), key(SIGNER).public())];
        let ring = auths_core::claim::KeyRing::intrinsic().with(web.clone(), keys);
        verifier().with_keys(ring).verify(issued.token(), now())
    };
    assert!(with("did:web:hub.example#one").is_ok());
    refuted(with("did:web:hub.example#two"), RefutedReason::GrantKey);
}

#[test]
fn the_borders_of_its_life_are_a_leeway_wide() {
    let token = token("cargo:demo");
    let at = |time: Timestamp| verifier().verify(&token, time);
    let (begins, ends) = (now() - CLOCK_LEEWAY, now() + MAX_GRANT_LIFE + CLOCK_LEEWAY);
    assert!(at(begins).is_ok() && at(ends - seconds(1)).is_ok());
    refuted(at(begins - seconds(1)), RefutedReason::GrantNotYetValid);
    refuted(at(ends), RefutedReason::GrantExpired);
}

#[test]
fn a_grant_covers_what_it_names_and_what_lies_below_segment_by_segment() {
    let token = issue(&[of_key("github:acme"), of_key("cargo:tokio-util")]);
    let (token, grant) = token.unwrap().into_parts();
    let verifier = verifier();
    for (name, covered) in [
        ("github:acme", true),
        ("github:ACME", true),
        ("pkg:github/Acme/Server", true),
        ("github:acme/.github", true),
        ("github:acme-corp", false),
        ("github:acme-corp/server", false),
        ("github:acmeserver", false),
        ("github:acm", false),
        ("npm:@acme/server", false),
        ("pkg:github/acme?repository_url=https://ghes.example", false),
        (
            "pkg:github/acme/server?repository_url=https://ghes.example",
            false,
        ),
        ("cargo:tokio_util", true),
        ("cargo:tokio", false),
        ("cargo:tokio-util-extra", false),
    ] {
        let namespace: Namespace = name.parse().unwrap();
        assert_eq!(grant.covers(&namespace, Action::Publish), covered, "{name}");
        assert!(!grant.covers(&namespace, Action::Yank), "{name}");
        let found = block_on(verifier.authorize(&token, &namespace, Action::Publish, now()));
        assert_eq!(found.is_ok(), covered, "{name}");
        if !covered {
            refuted(found, RefutedReason::GrantTooNarrow);
        }
        let yank = block_on(verifier.authorize(&token, &namespace, Action::Yank, now()));
        refuted(yank, RefutedReason::GrantTooNarrow);
    }
}

#[test]
fn the_deny_list_is_looked_at_when_a_grant_is_used() {
    let token = token("github:acme");
    let server: Namespace = "github:acme/server".parse().unwrap();
    let used = |denied: &[&str]| {
        let verifier = verifier_with(denying(denied));
        block_on(verifier.authorize(&token, &server, Action::Publish, now()))
    };
    assert!(used(&[]).is_ok() && used(&["github:acme/client", "npm:acme"]).is_ok());
    refuted(used(&["github:acme/server"]), RefutedReason::NameDenied);
    refuted(used(&["github:ACME"]), RefutedReason::NameDenied);
}

/// Every place of a token, with the next character of the alphabet, with a few bytes that no token has, left out, and doubled.
#[test]
fn any_single_change_of_a_grant_refuses() {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let token = token("cargo:demo");
    let (verifier, text) = (verifier(), token.expose_secret());
    let refuse = |changed: Vec<u8>| {
        if changed != text.as_bytes() {
            let changed = String::from_utf8(changed).unwrap();
            let found = verifier.verify(&changed.clone().into(), now());
            assert!(found.is_err(), "{changed}");
        }
    };
    for at in 0..text.len() {
        let with = |byte: u8| {
            let mut changed = text.as_bytes().to_vec();
            changed[at] = byte;
            changed
        };
        let place = ALPHABET.iter().position(|b| *b == text.as_bytes()[at]);
        let is_last = at + 1 == text.len() || text.as_bytes()[at + 1] == b'.';
        let others = ALPHABET.iter().cycle().skip(place.map_or(0, |p| p + 1));
        // The last character of a segment has bits that say nothing, which must be zero.
        others
            .take(if is_last { 64 } else { 1 })
            .for_each(|byte| refuse(with(*byte)));
        for byte in [b'.', b'=', b'+', b'/', b' ', b'\n', 0] {
            refuse(with(byte));
        }
        let mut without = text.as_bytes().to_vec();
        let taken = without.remove(at);
        refuse(without);
        let mut doubled = text.as_bytes().to_vec();
        doubled.insert(at, taken);
        refuse(doubled);
    }
    for (before, after) in [("Bearer ", ""), (" ", ""), ("", "\n"), ("", "."), ("", "=")] {
        refuse(format!("{before}{text}{after}").into_bytes());
    }
}

#[test]
fn no_text_for_people_holds_a_grant() {
    let issued = issue(&[of_key("cargo:demo")]).unwrap();
    let text = issued.token().expose_secret();
    let signature = text.rsplit('.').next().unwrap();
    let shown = format!("{issued:?} {:?}", issuer_with(DenyList::default()));
    assert!(
        !shown.contains(signature) && !shown.contains("eyJ"),
        "{shown}"
    );
    let cut: SecretString = text[..text.len() - 1].to_owned().into();
    let changed: SecretString = format!("{text}x.{text}").into();
    for (token, at) in [
        (&cut, now()),
        (&changed, now()),
        (issued.token(), Timestamp::MAX),
    ] {
        let error = verifier().verify(token, at).unwrap_err();
        let problem = serde_json::to_string(&ProblemDetails::from(&error)).unwrap();
        let said = format!("{error} {error:?} {problem}");
        assert!(!said.contains("eyJ") && !said.contains(signature), "{said}");
    }
}

/// A payload that the issuer's own key signed is read as strictly as any.
#[test]
fn a_payload_has_one_spelling_whoever_signed_it() {
    let token = token("cargo:demo");
    let segments: Vec<&str> = token.expose_secret().split('.').collect();
    let payload = BASE64URL_NOPAD.decode(segments[1].as_bytes()).unwrap();
    let payload = String::from_utf8(payload).unwrap();
    let signed = |payload: &str| -> SecretString {
        let payload = BASE64URL_NOPAD.encode(payload.as_bytes());
        let input = format!("{}.{payload}", segments[0]);
        let signature = key(SIGNER).sign(input.as_bytes()).to_bytes();
        format!("{input}.{}", BASE64URL_NOPAD.encode(&signature)).into()
    };
    assert!(verifier().verify(&signed(&payload), now()).is_ok());
    let iat = format!("\"iat\":{}", now().as_unix());
    for (from, to) in [
        (r#"{"iss""#, r#"{ "iss""#.to_owned()),
        (r#"{"iss""#, r#"{"nbf":1,"iss""#.to_owned()),
        (r#"{"iss""#, format!(r#"{{"iss":"{HUB}","iss""#)),
        (r#""iss""#, r#""\u0069ss""#.to_owned()),
        (HUB, "https://hub.example/".to_owned()),
        (&*iat, format!("{iat}.0")),
        (&*iat, format!("{iat}e0")),
        (&*iat, format!("\"iat\":\"{}\"", now())),
        (&*iat, "\"iat\":-1".to_owned()),
        (&*iat, "\"iat\":null".to_owned()),
        (r#"["pkg:cargo/demo"]"#, "[]".to_owned()),
        (r#"["pkg:cargo/demo"]"#, r#""pkg:cargo/demo""#.to_owned()),
        (
            r#""pkg:cargo/demo""#,
            r#""pkg:cargo/demo","pkg:cargo/demo""#.to_owned(),
        ),
        (
            r#""pkg:cargo/demo""#,
            r#""pkg:cargo/demo","pkg:cargo/aaaa""#.to_owned(),
        ),
        ("pkg:cargo/demo", "cargo:demo".to_owned()),
        ("pkg:cargo/demo", "pkg:cargo/*".to_owned()),
        (r#"["publish"]"#, "[]".to_owned()),
        (r#"["publish"]"#, r#"["publish","publish"]"#.to_owned()),
        (r#"["publish"]"#, r#"["own"]"#.to_owned()),
        (
            r#"["account-session","device-key"]"#,
            r#"["device-key","account-session"]"#.to_owned(),
        ),
        (
            r#"["account-session","device-key"]"#,
            r#"["account-session","device-key","registry"]"#.to_owned(),
        ),
        (r#""sub":"did:key"#, r#""sub":"key"#.to_owned()),
    ] {
        let changed = payload.replacen(from, &to, 1);
        assert_ne!(changed, payload, "{from}");
        let found = verifier().verify(&signed(&changed), now());
        assert!(
            matches!(found, Err(GrantError::Malformed { .. })),
            "{changed}: {found:?}"
        );
    }
    for (life, by) in [
        (301, RefutedReason::GrantLifeTooLong),
        (0, RefutedReason::GrantExpired),
        (-1, RefutedReason::GrantExpired),
    ] {
        let exp = now().as_unix();
        let (from, to) = (
            format!("\"exp\":{}", exp + 300),
            format!("\"exp\":{}", exp + life),
        );
        let changed = payload.replacen(&from, &to, 1);
        refuted(verifier().verify(&signed(&changed), now()), by);
    }
}

/// The pin of `github:acme/server` to the repository of that number, which the scene's run is of where it is 700700.
fn pin_to(repository: &str) -> Pin {
    let pin = format!(
        r#"{{"type": "auths-pin-1", "namespace": "pkg:github/acme/server",
            "incarnation": {{"kind": "organization", "value": "4242"}},
            "issuer": "https://token.actions.githubusercontent.com", "repositoryId": "{repository}",
            "repository": "acme/widget", "ownerId": "4242", "recordedAt": "2026-11-20T00:00:00Z",
            "fallsToCollaborator": false}}"#
    );
    Pin::parse(pin.as_bytes()).unwrap()
}

/// Uses a grant for `github:acme` on `github:acme/server`, with these pins.
fn used_below(
    authority: Verified<NamespaceAuthority>,
    pins: Arc<dyn PinStore>,
) -> Result<Grant, GrantError> {
    let token = issue(&[authority]).unwrap().into_parts().0;
    let (hub, files) = (HUB.parse().unwrap(), FILES.parse().unwrap());
    let verifier = GrantVerifier::new(hub, files, [did(&key(SIGNER))], pins, DenyList::default());
    let server = "github:acme/server".parse().unwrap();
    block_on(verifier.authorize(&token, &server, Action::Publish, now()))
}

#[test]
fn a_runs_grant_for_an_organisation_reaches_no_package_of_another_repository() {
    let pinned = |repository| {
        let pins = pins();
        let _ = block_on(pins.record(&pin_to(repository))).unwrap();
        pins
    };
    let run = || of_run("github:acme");
    assert!(used_below(run(), pinned("700700")).is_ok());
    let other = used_below(run(), pinned("700701"));
    refuted(other, RefutedReason::PinnedToAnother);
    // The first publish asks for the name itself, which sets the pin.
    refuted(used_below(run(), pins()), RefutedReason::GrantTooNarrow);
    // A key whose chain does not fall to a collaborator is held to no pin.
    assert!(used_below(of_key("github:acme"), pinned("700701")).is_ok());
    let unread = FailNext::new(MemoryPins::new());
    let record = StoreKey::new("pins", "pkg:github/acme/server");
    unread.fail_next(StoreError::new(&record, "read", "the disk"));
    let unread = used_below(run(), Arc::new(unread));
    assert!(
        matches!(unread, Err(GrantError::Unavailable(_))),
        "{unread:?}"
    );
}
