//! `auths ci`: verifies and shows the ID tokens of CI runs. The adapter reads a token, and core accepts it.

use auths_core::ci::VerifiedCiToken;
use auths_core::ci::{CiIdentity, MAX_TOKEN_BYTES, TokenAudience, TokenTimes};
use auths_core::ports::{Budget, CiTokenQuery, CiTokenVerifierExt as _};
use auths_core::{Invalid, Timestamp};
use auths_http::Pairs;
use data_encoding::BASE64URL_NOPAD;
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde_json::{Map, Value};

use super::Context;
use crate::answer::Common;
use crate::args::{Ci, ShowToken, TokenSource, VerifyToken};
use crate::exit::{Exit, Word};
use crate::failure::Failure;
use crate::page::Page;
use crate::progress::waiting;
use crate::secret::Source;
use crate::servers::Servers;

const UNVERIFIED: &str = "NOT VERIFIED: anybody can write a token that says this";

/// Runs a command of `auths ci`.
pub(crate) async fn run(context: &Context, what: &Ci) -> Result<Exit, Failure> {
    match what {
        Ci::Verify(what) => verify(context, what).await,
        Ci::Show(what) => show(context, what),
    }
}

#[derive(Debug, Serialize)]
struct Verified<'a> {
    #[serde(flatten)]
    common: Common,
    identity: &'a CiIdentity,
    valid_until: Timestamp,
}

async fn verify(context: &Context, what: &VerifyToken) -> Result<Exit, Failure> {
    let token = verified(context, what).await?;
    let document = Verified {
        common: Common::positive(Word::Confirmed),
        identity: token.identity(),
        valid_until: valid_until(token.times()),
    };
    let mut page = Page::new();
    page.outcome(Word::Confirmed, "The token is valid");
    describe(&mut page, document.identity);
    page.field("valid until", document.valid_until.to_string());
    page.line("It was not used up: whoever acts on it must accept it once.");
    Ok(context.output.answer(&document.common, &document, &page))
}

/// Verifies the token that the person gave.
pub(super) async fn verified(
    context: &Context,
    what: &VerifyToken,
) -> Result<VerifiedCiToken, Failure> {
    let servers = context.servers_without_memory()?;
    let (verifier, issuer) = servers.id_tokens(what.issuer)?;
    let token = token(context, &servers, &what.token, &what.audience).await?;
    let query = CiTokenQuery::new(token, what.audience.clone(), context.now())
        .from_issuer(issuer)
        .within(Budget::unlimited());
    let verified = waiting("verifying the token", verifier.verify(&query)).await;
    Ok(verified?)
}

/// Returns the token that the person gave, or the job's own.
pub(super) async fn token(
    context: &Context,
    servers: &Servers,
    from: &TokenSource,
    audience: &TokenAudience,
) -> Result<SecretString, Failure> {
    match from.ambient {
        true => {
            waiting(
                "asking the job for its token",
                servers.ambient_token(audience),
            )
            .await
        }
        false => read(context, from),
    }
}

fn read(context: &Context, from: &TokenSource) -> Result<SecretString, Failure> {
    let source = Source {
        what: "the ID token",
        fd: None,
        file: from.token_file.as_deref(),
    };
    // More than a token may have, so that the verifier says that it is too large.
    source.read(4 * MAX_TOKEN_BYTES, context.output)
}

/// Returns the end of the token. Verifiers allow a minute more, for clocks that differ.
fn valid_until(times: &TokenTimes) -> Timestamp {
    times.expires
}

/// Adds a run to a page.
pub(super) fn describe(page: &mut Page, identity: &CiIdentity) {
    let parts = identity.parts();
    page.field("issuer", parts.issuer.url.to_string())
        .field(
            "repository",
            format!("{} (number {})", parts.repository.name, parts.repository.id),
        )
        .field(
            "owner",
            format!("{} (number {})", parts.owner.name, parts.owner.id),
        )
        .field("workflow", parts.workflow.as_str());
    if let Some(job) = &parts.job_workflow {
        page.field("job in", job.reference.as_str());
    }
    let git_ref = parts.git_ref.as_ref();
    page.field("ref", git_ref.map_or("none", |git_ref| git_ref.as_str()))
        .field("commit", parts.commit.as_str());
    if let Some(environment) = &parts.environment {
        page.field("environment", environment.as_str());
    }
    page.field("trigger", parts.trigger.as_str());
    if let Some(runner) = parts.runner {
        page.field("runner", runner.as_str());
    }
}

#[derive(Debug, Serialize)]
struct Shown {
    #[serde(flatten)]
    common: Common,
    claims: Map<String, Value>,
    note: &'static str,
}

fn show(context: &Context, what: &ShowToken) -> Result<Exit, Failure> {
    let source = TokenSource {
        token_file: what.token_file.clone(),
        ambient: false,
    };
    let token = read(context, &source)?;
    let document = Shown {
        common: Common::positive(Word::Done),
        claims: claims(&token)?,
        note: UNVERIFIED,
    };
    let mut page = Page::new();
    page.strong(document.note);
    for (name, value) in &document.claims {
        let text = match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        page.field(name, &text);
    }
    Ok(context.output.answer(&document.common, &document, &page))
}

/// Returns the claims of a token, which nothing vouches for. No error repeats a part of the token.
fn claims(token: &SecretString) -> Result<Map<String, Value>, Failure> {
    let text = token.expose_secret();
    if text.len() > MAX_TOKEN_BYTES {
        let message = format!("the ID token has more than {MAX_TOKEN_BYTES} bytes");
        return Err(Failure::invalid(Invalid::TokenTooLarge, message));
    }
    let mut segments = text.split('.');
    let (Some(_), Some(payload), Some(_), None) = (
        segments.next(),
        segments.next(),
        segments.next(),
        segments.next(),
    ) else {
        return Err(malformed(
            "it is not three segments with a dot between them",
        ));
    };
    let decoded = BASE64URL_NOPAD.decode(payload.as_bytes());
    let decoded = Zeroizing::new(decoded.map_err(|_| malformed("its payload is not base64url"))?);
    let claims: Result<Pairs<Value>, _> = serde_json::from_slice(&decoded);
    let Pairs(claims) = claims.map_err(|_| {
        malformed("its payload is not a JSON object that can be read, or has a claim twice")
    })?;
    Ok(claims.into_iter().collect())
}

fn malformed(what: &str) -> Failure {
    Failure::invalid(
        Invalid::MalformedToken,
        format!("the input is no ID token: {what}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(payload: &[u8]) -> SecretString {
        let payload = BASE64URL_NOPAD.encode(payload);
        SecretString::from(format!("e30.{payload}.c2ln"))
    }

    #[test]
    fn the_claims_of_a_token_are_read_without_checking_it() {
        let read = claims(&token(br#"{"sub":"x","iat":1}"#)).unwrap();
        assert_eq!(read["sub"], "x");
        for bad in ["", "a.b", "a.b.c.d", "a.!.c", "e30.W10.c2ln"] {
            let failure = claims(&SecretString::from(bad)).unwrap_err();
            assert_eq!(failure.0.outcome, Word::Invalid, "{bad}");
        }
        assert!(claims(&token(br#"{"sub":"x","sub":"y"}"#)).is_err());
        let large = token(&vec![b' '; MAX_TOKEN_BYTES]);
        assert_eq!(
            claims(&large).unwrap_err().0.reason,
            Some(auths_core::Reason::name(Invalid::TokenTooLarge))
        );
    }
}
