use std::sync::Arc;

use futures_util::FutureExt;

use super::*;
use crate::ci::tests::scene::{identity, issuer, parts};
use crate::ci::{CiIdentity, TokenTimes};
use crate::ci::{CiProvider, NumericId};
use crate::reason::UnavailableReason;

const AUDIENCE: &str = "registry.example";
const NOW: &str = "2026-11-21T08:46:30Z";

/// An adapter that answers with what it was given, whatever the token is.
#[derive(Debug)]
struct Parrot {
    issuers: Vec<CiIssuer>,
    answer: Result<CiTokenEvidence, CiTokenError>,
}

#[async_trait]
impl CiTokenVerifier for Parrot {
    fn issuers(&self) -> &[CiIssuer] {
        &self.issuers
    }

    async fn read_token(&self, _query: &CiTokenQuery) -> Result<CiTokenEvidence, CiTokenError> {
        self.answer.clone()
    }
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn evidence() -> CiTokenEvidence {
    let times = TokenTimes::new(at("2026-11-21T08:46:00Z"), None, at("2026-11-21T08:51:00Z"));
    let id = "6fc3b0a1-jti".parse().unwrap();
    CiTokenEvidence::new(identity(), AUDIENCE.parse().unwrap(), id, times)
}

fn parrot(evidence: CiTokenEvidence) -> Parrot {
    Parrot {
        issuers: vec![issuer()],
        answer: Ok(evidence),
    }
}

fn query() -> CiTokenQuery {
    let token = SecretString::from("header.payload.signature");
    CiTokenQuery::new(token, AUDIENCE.parse().unwrap(), at(NOW))
}

fn verify(
    verifier: &dyn CiTokenVerifier,
    query: &CiTokenQuery,
) -> Result<VerifiedCiToken, CiTokenError> {
    verifier.verify(query).now_or_never().unwrap()
}

/// The reason for which a parrot with this answer is refused.
fn refused(evidence: CiTokenEvidence, query: &CiTokenQuery) -> RefutedReason {
    match verify(&parrot(evidence), query) {
        Err(CiTokenError::Refuted(refuted)) => refuted.reason,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_holds_is_accepted_with_all_that_a_record_of_its_use_needs() {
    let verifier: Arc<dyn CiTokenVerifier> = Arc::new(parrot(evidence()));
    let verified = verify(&verifier, &query()).unwrap();
    assert_eq!(verified.identity(), &identity());
    assert_eq!(verified.verified_at(), at(NOW));
    assert_eq!(
        verified.replay_key(),
        "ci https://token.actions.githubusercontent.com 6fc3b0a1-jti"
    );
    assert_eq!(verified.replay_until(), at("2026-11-21T08:53:00Z"));
    let one = query().from_issuer(Some(issuer().url));
    assert!(verify(&verifier, &one).is_ok());
}

#[test]
fn another_audience_is_refuted() {
    for other in [
        "registry.example.evil",
        "registry.exampl",
        "REGISTRY.example",
    ] {
        let mut seen = evidence();
        seen.audience = other.parse().unwrap();
        assert_eq!(
            refused(seen, &query()),
            RefutedReason::TokenAudience,
            "{other}"
        );
    }
}

#[test]
fn an_issuer_that_was_not_asked_for_is_refuted() {
    let elsewhere: IssuerUrl = "https://token.actions.githubusercontent.com/acme"
        .parse()
        .unwrap();
    let mut own = parts();
    own.issuer = CiIssuer::new(CiProvider::GitHubActions, elsewhere.clone());
    let mut seen = evidence();
    seen.identity = CiIdentity::new(own).unwrap();
    assert_eq!(refused(seen, &query()), RefutedReason::TokenIssuer);
    let narrowed = query().from_issuer(Some(elsewhere));
    assert_eq!(refused(evidence(), &narrowed), RefutedReason::TokenIssuer);
}

#[test]
fn an_issuer_of_another_platform_is_another_issuer() {
    let mut own = parts();
    own.issuer.provider = CiProvider::GitLabCi;
    let mut seen = evidence();
    seen.identity = CiIdentity::new(own).unwrap();
    assert_eq!(refused(seen, &query()), RefutedReason::TokenIssuer);
}

#[test]
fn times_are_checked_to_the_second_whatever_the_adapter_says() {
    use RefutedReason::{TokenExpired, TokenLifeTooLong, TokenNotYetValid};
    let issued = "2026-11-21T08:46:00Z";
    let rows = [
        (
            issued,
            None,
            "2026-11-21T08:51:00Z",
            "2026-11-21T08:51:59Z",
            None,
        ),
        (
            issued,
            None,
            "2026-11-21T08:51:00Z",
            "2026-11-21T08:52:00Z",
            Some(TokenExpired),
        ),
        (
            issued,
            None,
            "2026-11-21T08:51:00Z",
            "2026-11-21T08:45:00Z",
            None,
        ),
        (
            issued,
            None,
            "2026-11-21T08:51:00Z",
            "2026-11-21T08:44:59Z",
            Some(TokenNotYetValid),
        ),
        (
            issued,
            Some("2026-11-21T08:48:00Z"),
            "2026-11-21T08:51:00Z",
            "2026-11-21T08:47:00Z",
            None,
        ),
        (
            issued,
            Some("2026-11-21T08:48:00Z"),
            "2026-11-21T08:51:00Z",
            "2026-11-21T08:46:59Z",
            Some(TokenNotYetValid),
        ),
        (issued, None, "2026-11-21T09:01:00Z", issued, None),
        (
            issued,
            None,
            "2026-11-21T09:01:01Z",
            issued,
            Some(TokenLifeTooLong),
        ),
        (issued, None, issued, issued, Some(TokenExpired)),
        // Expiry is told before everything else about times.
        (
            issued,
            Some("2027-01-01T00:00:00Z"),
            "2026-11-21T08:00:00Z",
            "2026-11-21T08:46:00Z",
            Some(TokenExpired),
        ),
    ];
    for (issued, not_before, expires, now, expected) in rows {
        let mut seen = evidence();
        seen.times = TokenTimes::new(at(issued), not_before.map(at), at(expires));
        let mut query = query();
        query.now = at(now);
        let found = match verify(&parrot(seen), &query) {
            Ok(_) => None,
            Err(CiTokenError::Refuted(refuted)) => Some(refuted.reason),
            Err(other) => panic!("{other:?}"),
        };
        assert_eq!(
            found, expected,
            "{issued} {not_before:?} {expires} at {now}"
        );
    }
}

#[test]
fn an_issuer_beats_an_audience_which_beats_the_times() {
    let mut seen = evidence();
    seen.audience = "another".parse().unwrap();
    seen.times.expires = at("2026-11-21T08:46:01Z");
    let mut late = query();
    late.now = at("2027-01-01T00:00:00Z");
    assert_eq!(refused(seen.clone(), &late), RefutedReason::TokenAudience);
    late.issuer = Some("https://gitlab.com".parse().unwrap());
    assert_eq!(refused(seen, &late), RefutedReason::TokenIssuer);
}

#[test]
fn a_token_that_is_too_large_or_empty_never_reaches_the_adapter() {
    let silent = Parrot {
        issuers: vec![issuer()],
        answer: Err(Unavailable::new(UnavailableReason::Internal, "it was asked").into()),
    };
    for (size, code) in [
        (0, "AUTHS-1017"),
        (MAX_TOKEN_BYTES + 1, "AUTHS-1016"),
        (MAX_TOKEN_BYTES, "AUTHS-3999"),
    ] {
        let mut query = query();
        query.token = SecretString::from("a".repeat(size));
        let error = verify(&silent, &query).unwrap_err();
        assert_eq!(error.code(), code, "{size}");
    }
}

#[test]
fn no_text_shows_a_token() {
    let token = format!(
        "eyJ{}.eyJ{}.{}",
        "a".repeat(30),
        "b".repeat(30),
        "c".repeat(30)
    );
    let mut asked = query();
    asked.token = SecretString::from(token.clone());
    let error = CiTokenError::invalid(Invalid::MalformedToken, format!("{token} is not one"));
    let refuted = CiTokenError::refuted(RefutedReason::TokenIssuer, format!("{token} is not one"));
    for text in [
        format!("{asked:?}"),
        format!("{error} {error:?}"),
        format!("{refuted} {refuted:?}"),
    ] {
        assert!(!text.contains("aaaa") && !text.contains("bbbb"), "{text}");
    }
    assert!(refuted.code() == "AUTHS-2082" && !refuted.is_retryable());
}

#[test]
fn the_same_id_of_two_issuers_is_two_tokens() {
    let mut own = parts();
    own.issuer.url = "https://ghes.example/_services/token".parse().unwrap();
    own.repository.id = NumericId::new(1).unwrap();
    let mut seen = evidence();
    seen.identity = CiIdentity::new(own.clone()).unwrap();
    let verifier = Parrot {
        issuers: vec![own.issuer],
        answer: Ok(seen),
    };
    let there = verify(&verifier, &query()).unwrap().replay_key();
    let here = verify(&parrot(evidence()), &query()).unwrap().replay_key();
    assert_ne!(there, here);
}
