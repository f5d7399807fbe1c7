//! Verifiers of ID tokens that lie.

use std::sync::Mutex;

use async_trait::async_trait;
use auths_core::ci::CiTokenEvidence;
use auths_core::ci::{CiIdentity, CiIssuer, CiProvider};
use auths_core::ports::{CiTokenError, CiTokenQuery, CiTokenVerifier};
use auths_core::reason::{Unavailable, UnavailableReason};
use auths_core::{ExposeSecret, Invalid, RefutedReason, SecretString};
use auths_testkit::block_on;
use auths_testkit::conformance::{CiTokenSubject, TokenFlaw, TokenScene, ci_token_verifier};
use auths_testkit::doubles::FakeCiTokens;

use crate::doubles::{CiTokens, reason_of};
use crate::{assert_caught, assert_every_check_caught};

#[derive(Debug, Clone, Copy, PartialEq)]
enum Lie {
    NamesNoIssuer,
    NamesAnIssuerTwice,
    GuessesTheEnvironment,
    LeavesTheRunOut,
    ReadsOnce,
    ReadsAnySize,
    CallsGarbageRefuted,
    TrimsWhatCame,
    AcceptsAnyIssuer,
    IgnoresTheIssuerAskedFor,
    AcceptsAnyAlgorithm,
    AcceptsAnyKey,
    SkipsTheSignature,
    AnswersTheAudienceAskedFor,
    SkipsTheTimes,
    FillsInMissingClaims,
    CallsUnreadKeysANo,
    AcceptsWithoutKeys,
    SpendsNothing,
    ShowsTheToken,
}

const LIES: &[(Lie, &str)] = &[
    (Lie::NamesNoIssuer, "names-its-issuers"),
    (Lie::NamesAnIssuerTwice, "names-its-issuers"),
    (Lie::GuessesTheEnvironment, "reads-what-was-signed"),
    (Lie::LeavesTheRunOut, "reads-what-was-signed"),
    (Lie::ReadsOnce, "uses-nothing-up"),
    (Lie::ReadsAnySize, "size-first"),
    (Lie::CallsGarbageRefuted, "what-is-no-token-is-invalid"),
    (Lie::TrimsWhatCame, "what-is-no-token-is-invalid"),
    (Lie::AcceptsAnyIssuer, "other-issuers"),
    (Lie::IgnoresTheIssuerAskedFor, "other-issuers"),
    (Lie::AcceptsAnyAlgorithm, "algorithm-is-configured"),
    (Lie::AcceptsAnyKey, "key-of-the-issuer"),
    (Lie::SkipsTheSignature, "signature-over-what-came"),
    (Lie::AnswersTheAudienceAskedFor, "other-audiences"),
    (Lie::SkipsTheTimes, "times"),
    (Lie::FillsInMissingClaims, "required-claims"),
    (Lie::CallsUnreadKeysANo, "unread-keys-are-no-answer"),
    (Lie::AcceptsWithoutKeys, "unread-keys-are-no-answer"),
    (Lie::SpendsNothing, "spends-the-budget"),
    (Lie::ShowsTheToken, "shows-no-token"),
];

/// A verifier that is honest but for its lie. It knows every token that was signed, with its flaw.
#[derive(Debug)]
struct EvilTokens {
    lie: Lie,
    issuers: Vec<CiIssuer>,
    signed: Mutex<Vec<(String, TokenScene)>>,
    has_keys: bool,
}

impl EvilTokens {
    fn scene_of(&self, token: &str) -> Option<TokenScene> {
        let signed = self.signed.lock().unwrap();
        let found = signed.iter().find(|(text, _)| text == token);
        found.map(|(_, scene)| scene.clone())
    }

    /// Whether the verifier overlooks a flaw.
    fn overlooks(&self, reason: RefutedReason) -> bool {
        let overlooked: &[RefutedReason] = match self.lie {
            Lie::AcceptsAnyAlgorithm => &[RefutedReason::TokenAlgorithm],
            Lie::AcceptsAnyKey => &[RefutedReason::TokenKey],
            Lie::SkipsTheSignature => &[RefutedReason::TokenSignature],
            Lie::FillsInMissingClaims => &[RefutedReason::TokenClaimMissing],
            _ => &[],
        };
        overlooked.contains(&reason)
    }
}

#[async_trait]
impl CiTokenVerifier for EvilTokens {
    fn issuers(&self) -> &[CiIssuer] {
        &self.issuers
    }

    async fn read_token(&self, query: &CiTokenQuery) -> Result<CiTokenEvidence, CiTokenError> {
        let mut token = query.token.expose_secret();
        if self.lie == Lie::TrimsWhatCame {
            token = token.trim();
        }
        if self.lie != Lie::ReadsAnySize {
            query.check_size()?;
        }
        let Some(TokenScene {
            mut evidence, flaw, ..
        }) = self.scene_of(token)
        else {
            let what = match self.lie {
                Lie::CallsGarbageRefuted => {
                    return Err(CiTokenError::refuted(RefutedReason::TokenSignature, "bad"));
                }
                Lie::ShowsTheToken => token.replace('.', " "),
                _ => "it is none".to_owned(),
            };
            return Err(CiTokenError::invalid(Invalid::MalformedToken, what));
        };
        if self.lie == Lie::ReadsOnce {
            self.signed.lock().unwrap().clear();
        }
        let flaw = flaw
            .map(reason_of)
            .filter(|reason| !self.overlooks(*reason));
        let refuse = |reason| Err(CiTokenError::refuted(reason, "it has this flaw"));
        if flaw == Some(RefutedReason::TokenAlgorithm) {
            return refuse(RefutedReason::TokenAlgorithm);
        }
        let issuer = evidence.identity.issuer().clone();
        let is_asked = self.lie == Lie::IgnoresTheIssuerAskedFor
            || query.issuer.as_ref().is_none_or(|only| *only == issuer.url);
        let is_known = self.lie == Lie::AcceptsAnyIssuer || issuer == github();
        if !is_asked || !is_known {
            return refuse(RefutedReason::TokenIssuer);
        }
        if !self.has_keys && self.lie == Lie::CallsUnreadKeysANo {
            return refuse(RefutedReason::TokenKey);
        }
        if !self.has_keys && self.lie != Lie::AcceptsWithoutKeys {
            return Err(Unavailable::new(UnavailableReason::Network, "no keys").into());
        }
        if self.lie != Lie::SpendsNothing {
            query.budget.take_request()?;
        }
        if let Some(reason) = flaw {
            return refuse(reason);
        }
        match self.lie {
            Lie::AnswersTheAudienceAskedFor => evidence.audience = query.audience.clone(),
            _ if evidence.audience != query.audience => {
                return refuse(RefutedReason::TokenAudience);
            }
            _ => {}
        }
        if self.lie != Lie::SkipsTheTimes {
            evidence.times.check(issuer.provider, query.now)?;
        }
        let mut parts = evidence.identity.parts().clone();
        match self.lie {
            Lie::GuessesTheEnvironment => parts.environment = Some("Prod".parse().unwrap()),
            Lie::LeavesTheRunOut => parts.run = None,
            _ => {}
        }
        evidence.identity = CiIdentity::new(parts).unwrap();
        Ok(evidence)
    }
}

fn github() -> CiIssuer {
    CiIssuer::public(CiProvider::GitHubActions).unwrap()
}

struct LyingTokens(Lie);

impl LyingTokens {
    fn verifier(&self, has_keys: bool) -> EvilTokens {
        let issuers = match self.0 {
            Lie::NamesNoIssuer => Vec::new(),
            Lie::NamesAnIssuerTwice => vec![github(), github()],
            _ => vec![github()],
        };
        EvilTokens {
            lie: self.0,
            issuers,
            signed: Mutex::default(),
            has_keys,
        }
    }
}

impl CiTokenSubject for LyingTokens {
    type Verifier = EvilTokens;

    fn open(&self) -> EvilTokens {
        self.verifier(true)
    }

    fn open_without_keys(&self) -> Option<EvilTokens> {
        Some(self.verifier(false))
    }

    fn issuer(&self) -> CiIssuer {
        github()
    }

    fn sign(&self, verifier: &EvilTokens, scene: &TokenScene) -> SecretString {
        let token = FakeCiTokens::new(Vec::new()).issue(scene.evidence.clone());
        let mut signed = verifier.signed.lock().unwrap();
        let token = format!("{}{:04}", token.expose_secret(), signed.len());
        signed.push((token.clone(), scene.clone()));
        SecretString::from(token)
    }

    fn required_claims(&self) -> Vec<&'static str> {
        vec!["jti", "repository_id"]
    }
}

#[test]
fn every_lying_verifier_of_tokens_is_caught_by_name() {
    for (lie, check) in LIES {
        let report = block_on(ci_token_verifier(&LyingTokens(*lie)));
        assert_caught(lie, check, &report);
    }
    let caught: Vec<_> = LIES.iter().map(|(_, check)| *check).collect();
    assert_every_check_caught(&block_on(ci_token_verifier(&CiTokens)), &caught);
}

#[test]
fn a_flaw_has_one_reason() {
    assert_eq!(
        reason_of(TokenFlaw::Unsigned),
        RefutedReason::TokenAlgorithm
    );
}
