//! The contract of [`CiTokenVerifier`].

mod scene;

use std::collections::BTreeSet;
use std::time::Duration;

use auths_core::ci::VerifiedCiToken;
use auths_core::ci::{CiIssuer, MAX_TOKEN_BYTES, RepositoryVisibility, RunnerKind, TokenTimes};
use auths_core::ports::{Budget, CiTokenError, CiTokenQuery, CiTokenVerifier, CiTokenVerifierExt};
use auths_core::{ExposeSecret, Invalid, RefutedReason, SecretString, Timestamp};

pub use scene::{TokenFlaw, TokenScene};

use super::report::{Check, Checked, Report, Violation, ensure, run, unless};

const AUDIENCE: &str = "registry.example";

/// A [`CiTokenVerifier`] under test, and the issuers that sign for it.
pub trait CiTokenSubject: Send + Sync {
    /// The implementation.
    type Verifier: CiTokenVerifier;

    /// Opens a verifier of its own, which accepts [`issuer`](Self::issuer) and knows its keys, or can read them.
    fn open(&self) -> Self::Verifier;

    /// Opens a verifier that cannot read the keys of its issuer; `None` for one that has them built in.
    fn open_without_keys(&self) -> Option<Self::Verifier>;

    /// Returns the issuer that the verifier accepts.
    fn issuer(&self) -> CiIssuer;

    /// Signs a token for a verifier that was opened, as its issuer would but for the flaw.
    fn sign(&self, verifier: &Self::Verifier, scene: &TokenScene) -> SecretString;

    /// Returns the names of the claims that every token of the issuer has.
    fn required_claims(&self) -> Vec<&'static str>;
}

/// Checks a verifier of ID tokens against its contract.
pub async fn ci_token_verifier<S: CiTokenSubject>(subject: &S) -> Report {
    run("CiTokenVerifier", &checks::<S>(), subject).await
}

fn without_keys_elsewhere<S: CiTokenSubject>(subject: &S) -> Option<&'static str> {
    let has_keys_elsewhere = subject.open_without_keys().is_some();
    unless(has_keys_elsewhere, "`CiTokenSubject::open_without_keys`")
}

fn checks<S: CiTokenSubject>() -> Vec<Check<S>> {
    vec![
        Check {
            name: "names-its-issuers",
            promise: "the issuers are listed, each address once",
            excluded_by: |_| None,
            run: |s| Box::pin(names_its_issuers(s)),
        },
        Check {
            name: "reads-what-was-signed",
            promise: "identity, audience, id and times are those of the token, with nothing added or left out",
            excluded_by: |_| None,
            run: |s| Box::pin(reads_what_was_signed(s)),
        },
        Check {
            name: "uses-nothing-up",
            promise: "the same token reads again with the same result",
            excluded_by: |_| None,
            run: |s| Box::pin(uses_nothing_up(s)),
        },
        Check {
            name: "size-first",
            promise: "a token above the limit is refused before anything of it is read",
            excluded_by: |_| None,
            run: |s| Box::pin(size_first(s)),
        },
        Check {
            name: "what-is-no-token-is-invalid",
            promise: "bytes that are no token are invalid: never refuted, unavailable or accepted",
            excluded_by: |_| None,
            run: |s| Box::pin(what_is_no_token_is_invalid(s)),
        },
        Check {
            name: "other-issuers",
            promise: "a token of an issuer that is not listed, or not asked for, is refuted",
            excluded_by: |_| None,
            run: |s| Box::pin(other_issuers(s)),
        },
        Check {
            name: "algorithm-is-configured",
            promise: "the algorithm is the configured one, whatever the token says",
            excluded_by: |_| None,
            run: |s| Box::pin(algorithm_is_configured(s)),
        },
        Check {
            name: "key-of-the-issuer",
            promise: "a key that signed is one of the issuer's, by its id",
            excluded_by: |_| None,
            run: |s| Box::pin(key_of_the_issuer(s)),
        },
        Check {
            name: "signature-over-what-came",
            promise: "a token that was changed, or that another key signed, is refuted",
            excluded_by: |_| None,
            run: |s| Box::pin(signature_over_what_came(s)),
        },
        Check {
            name: "other-audiences",
            promise: "a token for another audience is refuted",
            excluded_by: |_| None,
            run: |s| Box::pin(other_audiences(s)),
        },
        Check {
            name: "times",
            promise: "a token out of its time is refuted",
            excluded_by: |_| None,
            run: |s| Box::pin(times(s)),
        },
        Check {
            name: "required-claims",
            promise: "a claim that every token has is there, and of its documented type",
            excluded_by: |_| None,
            run: |s| Box::pin(required_claims(s)),
        },
        Check {
            name: "unread-keys-are-no-answer",
            promise: "keys that cannot be read are unavailable: never a no, and never a yes",
            excluded_by: without_keys_elsewhere,
            run: |s| Box::pin(unread_keys_are_no_answer(s)),
        },
        Check {
            name: "spends-the-budget",
            promise: "every request is taken from the query's budget",
            excluded_by: without_keys_elsewhere,
            run: |s| Box::pin(spends_the_budget(s)),
        },
        Check {
            name: "shows-no-token",
            promise: "no error and no debug form shows the token",
            excluded_by: |_| None,
            run: |s| Box::pin(shows_no_token(s)),
        },
    ]
}

fn now() -> Result<Timestamp, Violation> {
    Ok(Timestamp::from_unix(1_795_000_000)?)
}

fn scene<S: CiTokenSubject>(subject: &S) -> Result<TokenScene, Violation> {
    Ok(TokenScene::new(&subject.issuer(), now()?)?)
}

/// Returns a query for the audience of the scenes, at their time.
fn query(token: SecretString) -> Result<CiTokenQuery, Violation> {
    Ok(CiTokenQuery::new(token, AUDIENCE.parse()?, now()?))
}

async fn verify<S: CiTokenSubject>(
    subject: &S,
    scene: &TokenScene,
) -> Result<Result<VerifiedCiToken, CiTokenError>, Violation> {
    let verifier = subject.open();
    let query = query(subject.sign(&verifier, scene))?;
    Ok(verifier.verify(&query).await)
}

/// Checks that a reading was refuted for one of the reasons.
fn check_refuted<T: std::fmt::Debug>(
    what: impl std::fmt::Debug,
    found: &Result<T, CiTokenError>,
    reasons: &[RefutedReason],
) -> Checked {
    match found {
        Err(CiTokenError::Refuted(refuted)) if reasons.contains(&refuted.reason) => Ok(()),
        other => Err(Violation::Broken(format!(
            "{what:?}: {other:?}, and {reasons:?} was expected"
        ))),
    }
}

async fn names_its_issuers<S: CiTokenSubject>(subject: &S) -> Checked {
    let verifier = subject.open();
    let urls: BTreeSet<_> = verifier.issuers().iter().map(|one| &one.url).collect();
    ensure!(
        urls.len() == verifier.issuers().len(),
        "an address stands twice"
    );
    ensure!(
        verifier.issuers().contains(&subject.issuer()),
        "{} is not listed",
        subject.issuer()
    );
    Ok(())
}

async fn reads_what_was_signed<S: CiTokenSubject>(subject: &S) -> Checked {
    let scenes = [
        scene(subject)?,
        scene(subject)?.changing(|parts| {
            parts.environment = None;
            parts.ref_protected = Some(false);
            parts.runner = Some(RunnerKind::SelfHosted);
            parts.visibility = Some(RepositoryVisibility::Private);
        })?,
        scene(subject)?.changing(|parts| {
            parts.job_workflow = None;
            parts.workflow_commit = None;
            parts.ref_protected = None;
            parts.runner = None;
            parts.visibility = None;
            parts.run = None;
        })?,
    ];
    for mut scene in scenes {
        scene.evidence.times.not_before = None;
        let verifier = subject.open();
        let token = subject.sign(&verifier, &scene);
        let read = verifier.read_token(&query(token)?).await?;
        ensure!(
            read == scene.evidence,
            "signed: {:?}\n  read: {read:?}",
            scene.evidence
        );
    }
    Ok(())
}

async fn uses_nothing_up<S: CiTokenSubject>(subject: &S) -> Checked {
    let (verifier, scene) = (subject.open(), scene(subject)?);
    let query = query(subject.sign(&verifier, &scene))?;
    let first = verifier.verify(&query).await?;
    let second = verifier.verify(&query).await?;
    ensure!(first == second, "{first:?}, then {second:?}");
    Ok(())
}

async fn size_first<S: CiTokenSubject>(subject: &S) -> Checked {
    let verifier = subject
        .open_without_keys()
        .unwrap_or_else(|| subject.open());
    let signed = subject.sign(&verifier, &scene(subject)?);
    let padded = format!("{}{}", signed.expose_secret(), "A".repeat(MAX_TOKEN_BYTES));
    let read = verifier.read_token(&query(padded.into())?).await;
    let is_refused = matches!(
        read,
        Err(CiTokenError::Invalid {
            reason: Invalid::TokenTooLarge,
            ..
        })
    );
    ensure!(is_refused, "{read:?}");
    Ok(())
}

async fn what_is_no_token_is_invalid<S: CiTokenSubject>(subject: &S) -> Checked {
    let verifier = subject.open();
    let signed = subject.sign(&verifier, &scene(subject)?);
    let good = signed.expose_secret();
    let texts = [
        String::new(),
        "token".to_owned(),
        "a.b".to_owned(),
        "e30.e30.e30.e30".to_owned(),
        format!("Bearer {good}"),
        format!(" {good}"),
        format!("{good}\n"),
        format!("{good}="),
        good.replace('.', "!"),
    ];
    for text in texts {
        let read = verifier.read_token(&query(text.clone().into())?).await;
        let is_invalid = matches!(
            read,
            Err(CiTokenError::Invalid {
                reason: Invalid::MalformedToken,
                ..
            })
        );
        ensure!(is_invalid, "{} bytes: {read:?}", text.len());
    }
    Ok(())
}

async fn other_issuers<S: CiTokenSubject>(subject: &S) -> Checked {
    let other = scene(subject)?.changing(|parts| {
        if let Ok(url) = "https://issuer.example/other".parse() {
            parts.issuer.url = url;
        }
    })?;
    let verifier = subject.open();
    let foreign = query(subject.sign(&verifier, &other))?;
    let read = verifier.read_token(&foreign).await;
    check_refuted("not listed", &read, &[RefutedReason::TokenIssuer])?;
    let own = query(subject.sign(&verifier, &scene(subject)?))?;
    let narrowed = own.from_issuer(Some("https://issuer.example/other".parse()?));
    let read = verifier.read_token(&narrowed).await;
    check_refuted("not asked for", &read, &[RefutedReason::TokenIssuer])
}

async fn algorithm_is_configured<S: CiTokenSubject>(subject: &S) -> Checked {
    for flaw in [TokenFlaw::OtherAlgorithm, TokenFlaw::Unsigned] {
        let read = verify(subject, &scene(subject)?.with(flaw)).await?;
        check_refuted(flaw, &read, &[RefutedReason::TokenAlgorithm])?;
    }
    Ok(())
}

async fn key_of_the_issuer<S: CiTokenSubject>(subject: &S) -> Checked {
    let read = verify(subject, &scene(subject)?.with(TokenFlaw::UnknownKey)).await?;
    // Soon after the keys were read, it cannot be told whether there is a new one.
    match read {
        Err(CiTokenError::Unavailable(_)) => Ok(()),
        read => check_refuted(TokenFlaw::UnknownKey, &read, &[RefutedReason::TokenKey]),
    }
}

async fn signature_over_what_came<S: CiTokenSubject>(subject: &S) -> Checked {
    for flaw in [TokenFlaw::OtherKey, TokenFlaw::Changed] {
        let read = verify(subject, &scene(subject)?.with(flaw)).await?;
        check_refuted(flaw, &read, &[RefutedReason::TokenSignature])?;
    }
    Ok(())
}

async fn other_audiences<S: CiTokenSubject>(subject: &S) -> Checked {
    for other in [
        "registry.exampl",
        "registry.example.evil",
        "Registry.example",
    ] {
        let mut scene = scene(subject)?;
        scene.evidence.audience = other.parse()?;
        let verifier = subject.open();
        let query = query(subject.sign(&verifier, &scene))?;
        let read = verifier.read_token(&query).await;
        check_refuted(other, &read, &[RefutedReason::TokenAudience])?;
    }
    Ok(())
}

async fn times<S: CiTokenSubject>(subject: &S) -> Checked {
    let (now, minute, hour) = (now()?, Duration::from_secs(60), Duration::from_secs(3600));
    let rows = [
        (
            TokenTimes::new(now - hour, None, now - minute),
            RefutedReason::TokenExpired,
        ),
        (
            TokenTimes::new(now + hour, None, now + hour + minute),
            RefutedReason::TokenNotYetValid,
        ),
        (
            TokenTimes::new(now, Some(now + hour), now + hour + minute),
            RefutedReason::TokenNotYetValid,
        ),
    ];
    for (times, reason) in rows {
        let mut scene = scene(subject)?;
        scene.evidence.times = times;
        let verifier = subject.open();
        let query = query(subject.sign(&verifier, &scene))?;
        check_refuted(times, &verifier.read_token(&query).await, &[reason])?;
    }
    Ok(())
}

async fn required_claims<S: CiTokenSubject>(subject: &S) -> Checked {
    let claims = subject.required_claims();
    ensure!(!claims.is_empty(), "no claim is required");
    let (missing, malformed) = (
        RefutedReason::TokenClaimMissing,
        RefutedReason::TokenClaimMalformed,
    );
    for claim in claims {
        for (flaw, reasons) in [
            (TokenFlaw::ClaimMissing(claim), &[missing] as &[_]),
            (TokenFlaw::ClaimNull(claim), &[missing, malformed]),
            (TokenFlaw::ClaimList(claim), &[malformed]),
        ] {
            let read = verify(subject, &scene(subject)?.with(flaw)).await?;
            check_refuted(flaw, &read, reasons)?;
        }
    }
    Ok(())
}

async fn unread_keys_are_no_answer<S: CiTokenSubject>(subject: &S) -> Checked {
    let Some(verifier) = subject.open_without_keys() else {
        return Ok(());
    };
    for flaw in [None, Some(TokenFlaw::OtherKey), Some(TokenFlaw::UnknownKey)] {
        let scene = TokenScene {
            flaw,
            ..scene(subject)?
        };
        let read = verifier
            .verify(&query(subject.sign(&verifier, &scene))?)
            .await;
        let is_unavailable = matches!(read, Err(CiTokenError::Unavailable(_)));
        ensure!(is_unavailable, "{flaw:?}: {read:?}");
    }
    Ok(())
}

async fn spends_the_budget<S: CiTokenSubject>(subject: &S) -> Checked {
    let verifier = subject.open();
    let query = query(subject.sign(&verifier, &scene(subject)?))?;
    let nothing = query.within(Budget::new(0, Duration::from_secs(60)));
    let read = verifier.verify(&nothing).await;
    ensure!(
        matches!(read, Err(CiTokenError::Unavailable(_))),
        "with a budget of no request: {read:?}"
    );
    Ok(())
}

async fn shows_no_token<S: CiTokenSubject>(subject: &S) -> Checked {
    let verifier = subject.open();
    let own = scene(subject)?;
    let mut late = own.clone();
    late.evidence.times.expires = now()? - Duration::from_secs(600);
    let changed = own.clone().with(TokenFlaw::Changed);
    for scene in [own, late, changed] {
        let token = subject.sign(&verifier, &scene);
        let segments: Vec<&str> = token.expose_secret().split('.').collect();
        let asked = query(token.clone())?;
        let read = verifier.verify(&asked).await;
        let shown = match &read {
            Ok(verified) => format!("{verified:?}"),
            Err(error) => format!("{error} {error:?}"),
        };
        for text in [shown, format!("{asked:?}")] {
            let is_shown = segments
                .iter()
                .skip(1)
                .any(|segment| text.contains(segment));
            ensure!(
                !is_shown,
                "a part of the token stands in {} bytes of text",
                text.len()
            );
        }
    }
    let no_token = query("eyJhbGciOiJSUzI1NiJ9.eyJzZWNyZXQiOiIxIn0".into())?;
    if let Err(error) = verifier.verify(&no_token).await {
        let text = format!("{error} {error:?}");
        ensure!(!text.contains("eyJzZWNyZXQ"), "the error shows what came");
    }
    Ok(())
}
