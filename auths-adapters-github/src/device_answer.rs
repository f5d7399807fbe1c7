//! Reads the answers of a device flow: `error` first, then the token. An answer with neither is an error too.
//!
//! GitHub answers errors with status 200, where RFC 8628 has 400. The status therefore decides only when the body says nothing.

use std::time::Duration;

use auths_core::{Origin, Refuted, RefutedReason, Unavailable, UnavailableReason, shorten};
use auths_http::{Object, Response, expect_type, redact, unavailable};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use url::Url;

use crate::classify::{JSON, message, throttled};
use crate::device_flow::DeviceFlowError;
use crate::wire::MAX_MESSAGE;

/// The interval between polls where the server names none (RFC 8628 section 3.2).
const INTERVAL: Duration = Duration::from_secs(5);
/// The shortest interval between polls, even if the server allows a shorter one.
const MIN_INTERVAL: Duration = Duration::from_secs(1);
/// The longest interval between polls that is accepted. It is longer than any code lives.
const MAX_INTERVAL: Duration = Duration::from_secs(86_400);

/// A flow that was begun.
#[derive(Debug)]
pub(crate) struct StartedFlow {
    pub(crate) device_code: SecretString,
    pub(crate) user_code: String,
    pub(crate) url: String,
    pub(crate) life: Duration,
    pub(crate) interval: Duration,
}

/// The result of a poll.
#[derive(Debug)]
pub(crate) enum PollResult {
    Granted(GrantedToken),
    Pending,
    SlowDown(Option<Duration>),
    Ended(DeviceFlowError),
}

/// A token, and its scopes where the server names them.
#[derive(Debug)]
pub(crate) struct GrantedToken {
    pub(crate) token: SecretString,
    pub(crate) scopes: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct BeginAnswer {
    #[serde(default)]
    error: Option<String>,
    #[serde(default)]
    error_description: Option<String>,
    #[serde(default)]
    device_code: Option<String>,
    #[serde(default)]
    user_code: Option<String>,
    #[serde(default)]
    verification_uri: Option<String>,
    #[serde(default)]
    expires_in: Option<u64>,
    #[serde(default)]
    interval: Option<u64>,
}

#[derive(Deserialize)]
struct PollAnswer {
    #[serde(default)]
    error: Option<String>,
    #[serde(default)]
    error_description: Option<String>,
    #[serde(default)]
    interval: Option<u64>,
    #[serde(default)]
    access_token: Option<String>,
    #[serde(default)]
    token_type: Option<String>,
    #[serde(default)]
    scope: Option<String>,
}

/// A function that receives each secret in an answer, whatever else the answer says. A later answer may repeat the secret.
pub(crate) type Keep<'a> = &'a (dyn Fn(&SecretString) + Send + Sync);

/// Reads the answer to the first step.
///
/// # Errors
/// [`DeviceFlowError`] for every answer without a code and the page to type it in.
pub(crate) fn read_started_flow(
    response: &Response,
    web: &Origin,
    keep: Keep<'_>,
) -> Result<StartedFlow, DeviceFlowError> {
    let answer: BeginAnswer = read(response).map_err(|why| at_first(response, why))?;
    keep_given(answer.device_code.as_deref(), keep);
    let without = hiding(answer.device_code.as_deref());
    if let Some(code) = answer.error.map(&without) {
        let says = answer.error_description.map(&without);
        // GitHub's answer to a client id that no app has.
        if response.status() == 404 && code == "Not Found" {
            let detail = ": no OAuth app has this client id".to_owned();
            return Err(DeviceFlowError::App { code, detail });
        }
        let says = says.as_deref();
        return Err(match end_of_flow(&code, says) {
            Some(error) => error,
            None => undocumented(response, &code, says).into(),
        });
    }
    status_is_ok(response).map_err(|why| at_first(response, why))?;
    let (user_code, device_code) = (
        given("user_code", answer.user_code, is_user_code)?,
        given("device_code", answer.device_code, is_opaque)?,
    );
    let url = given("verification_uri", answer.verification_uri, |_| true)?;
    let life = answer.expires_in.filter(|life| *life > 0);
    let life = life.ok_or_else(|| Unavailable::missing_field("expires_in"))?;
    let (url, device_code) = (on(web, &url)?, SecretString::from(device_code));
    without_code("user_code", &user_code, &device_code)?;
    without_code("verification_uri", &url, &device_code)?;
    Ok(StartedFlow {
        device_code,
        user_code,
        url,
        life: Duration::from_secs(life),
        interval: answer
            .interval
            .map_or(INTERVAL, Duration::from_secs)
            .clamp(MIN_INTERVAL, MAX_INTERVAL),
    })
}

/// Returns the most likely meaning of these statuses at the first step, whose only input is the client id.
fn at_first(response: &Response, why: Unavailable) -> Unavailable {
    if !matches!(response.status(), 401 | 404 | 422) {
        return why;
    }
    let Unavailable {
        reason: why,
        raw_detail: detail,
        ..
    } = why;
    let more = "no OAuth app has this client id, or the server at this origin runs no device flow";
    Unavailable::new(
        why,
        format!("the first step of the device flow: {detail}: {more}"),
    )
}

/// Reads the answer to a poll. The server's own answers are a token and the documented errors. One that names a token and cannot
/// be used ends the flow: the token is given once.
///
/// # Errors
/// [`Unavailable`] for an answer that is not the server's own, such as a portal's page, a gateway's JSON, an empty body, a
/// redirect or a rate limit: the flow may ask again.
pub(crate) fn poll(response: &Response, keep: Keep<'_>) -> Result<PollResult, Unavailable> {
    let answer: PollAnswer = match read(response) {
        Ok(answer) => answer,
        Err(why) => return unusable_answer(response, why),
    };
    keep_given(answer.access_token.as_deref(), keep);
    let without = hiding(answer.access_token.as_deref());
    let (error, scope) = (answer.error.map(&without), answer.scope.map(&without));
    match error.as_deref() {
        Some("authorization_pending") => return Ok(PollResult::Pending),
        Some("slow_down") => {
            let asked = answer.interval.map(Duration::from_secs);
            return Ok(PollResult::SlowDown(
                asked.map(|asked| asked.min(MAX_INTERVAL)),
            ));
        }
        Some(code) => {
            let says = answer.error_description.map(&without);
            let says = says.as_deref();
            return match end_of_flow(code, says) {
                Some(error) => Ok(PollResult::Ended(error)),
                None => unusable_answer(response, undocumented(response, code, says)),
            };
        }
        None => {}
    }
    if let Err(why) = status_is_ok(response) {
        return unusable_answer(response, why);
    }
    if answer.access_token.is_none() {
        return unusable_answer(
            response,
            Unavailable::missing_field("error and no access_token"),
        );
    }
    token(answer.access_token, answer.token_type, scope)
        .map(PollResult::Granted)
        .or_else(|why| unusable_answer(response, why))
}

/// Returns the meaning of an answer that cannot be used: the end of the flow where it names a token.
fn unusable_answer(response: &Response, why: Unavailable) -> Result<PollResult, Unavailable> {
    match names_token(response) {
        true => Ok(PollResult::Ended(lost_answer(why).into())),
        false => Err(limit_in_words(response).unwrap_or(why)),
    }
}

/// Reads the token of an answer without an error.
fn token(
    token: Option<String>,
    kind: Option<String>,
    scope: Option<String>,
) -> Result<GrantedToken, Unavailable> {
    let token = given("access_token", token, is_opaque)?;
    let kind = given("token_type", kind, |_| true)?;
    if !kind.eq_ignore_ascii_case("bearer") {
        return Err(unreadable("its token is no bearer token"));
    }
    // GitHub separates them by commas, RFC 6749 by spaces.
    let scopes = scope.map(|text| {
        let parts = text.split([',', ' ']).filter(|s| !s.is_empty());
        parts.map(str::to_owned).collect()
    });
    Ok(GrantedToken {
        token: token.into(),
        scopes,
    })
}

/// Returns whether an answer that cannot be used names a token, so that it may be the one with which the token was given.
fn names_token(response: &Response) -> bool {
    const NAME: &[u8] = b"access_token";
    let content_type = response.header("content-type");
    let is_typed = [JSON, "application/x-www-form-urlencoded"]
        .iter()
        .any(|media_type| expect_type(content_type, media_type).is_ok());
    let mut parts = response.body().windows(NAME.len());
    response.status() == 200 && is_typed && parts.any(|part| part == NAME)
}

/// Returns the failure of an answer that cannot be used, and with which the token may have been given.
fn lost_answer(why: Unavailable) -> Unavailable {
    let detail = &why.raw_detail;
    let more = "the code may have been approved, and its token is given only once";
    Unavailable::new(why.reason, format!("{detail}: {more}"))
}

/// Returns the failure of an error that no device flow has: a gateway's, or one that is newer than this program.
fn undocumented(response: &Response, code: &str, says: Option<&str>) -> Unavailable {
    let (status, code) = (response.status(), shorten(code, MAX_MESSAGE));
    let says = says.map_or_else(String::new, |says| {
        format!(": {}", shorten(says, MAX_MESSAGE))
    });
    Unavailable::new(
        UnavailableReason::UnexpectedStatus,
        format!("status {status}, and {code:?} is no error of a device flow{says}"),
    )
}

/// Reads a rate limit that the server states in words, without headers or a status for it.
fn limit_in_words(response: &Response) -> Option<Unavailable> {
    let is_refusal = matches!(response.status(), 400..=499);
    let is_page = expect_type(response.header("content-type"), "text/html").is_ok();
    let words = match message(response) {
        words if words.is_empty() && !is_page => String::from_utf8_lossy(response.body())
            .chars()
            .take(200)
            .collect(),
        words => words,
    };
    is_refusal.then(|| throttled(response, &words)).flatten()
}

/// Returns the meaning of a documented code of an error that ends a flow; `None` for any other text.
fn end_of_flow(code: &str, says: Option<&str>) -> Option<DeviceFlowError> {
    let detail = says.map_or_else(String::new, |says| {
        format!(": {}", shorten(says, MAX_MESSAGE))
    });
    let unavailable = |why, text: &str| Unavailable::new(why, format!("{text}{detail}")).into();
    Some(match code {
        // GitHub's page spells it both ways.
        "expired_token" | "token_expired" => unavailable(
            UnavailableReason::FlowExpired,
            "the server says that the code ended",
        ),
        "access_denied" => {
            let detail = format!("the server says access_denied{detail}");
            DeviceFlowError::Denied(Refuted::new(RefutedReason::FlowDenied, detail))
        }
        "incorrect_client_credentials"
        | "device_flow_disabled"
        | "unauthorized_client"
        | "invalid_client"
        | "application_suspended"
        | "redirect_uri_mismatch" => {
            let code = code.to_owned();
            DeviceFlowError::App { code, detail }
        }
        "unverified_user_email" => unavailable(
            UnavailableReason::EmailUnverified,
            "the server says that the account's primary email address is not verified",
        ),
        "incorrect_device_code" | "bad_verification_code" | "invalid_grant" => unavailable(
            UnavailableReason::FlowExpired,
            "the server does not know the device code (any more): it is good for one flow and one token",
        ),
        "unsupported_grant_type" | "invalid_request" | "invalid_scope" => unavailable(
            UnavailableReason::UnexpectedStatus,
            "the server does not take the question as GitHub documents it, and says nothing of an approval",
        ),
        _ => return None,
    })
}

/// Reads the JSON object of an answer, whatever its status, except an answer that comes from in front of the service.
fn read<T: DeserializeOwned>(response: &Response) -> Result<T, Unavailable> {
    let is_json = expect_type(response.header("content-type"), JSON);
    if !matches!(response.status(), 200 | 400..=499) || is_json.is_err() || response.status() == 429
    {
        status_is_ok(response)?;
        is_json?;
    }
    match serde_json::from_slice::<Object<T>>(response.body()) {
        Ok(Object(answer)) => Ok(answer),
        Err(_) => {
            status_is_ok(response)?;
            // The parser may quote the answer, which may hold a token.
            Err(unreadable("it is not the JSON object that is documented"))
        }
    }
}

fn status_is_ok(response: &Response) -> Result<(), Unavailable> {
    match unavailable(response.status()) {
        None => Ok(()),
        Some(why) => Err(why.retry_after(response.retry_after())),
    }
}

fn given(
    name: &str,
    value: Option<String>,
    fits: impl Fn(&str) -> bool,
) -> Result<String, Unavailable> {
    let value = value
        .filter(|value| !value.is_empty())
        .ok_or_else(|| Unavailable::missing_field(name))?;
    match fits(&value) {
        true => Ok(value),
        false => Err(unreadable(&format!("its {name} is not one"))),
    }
}

/// Checks for letters, digits and hyphens: nothing that a terminal could take for more than text.
fn is_user_code(text: &str) -> bool {
    text.len() <= 32 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

/// Returns whether a text can stand in a header and in a form.
fn is_opaque(text: &str) -> bool {
    text.len() <= 4096 && text.bytes().all(|b| b.is_ascii_graphic())
}

/// Checks that the page is on the server that the flow runs on, so that nobody is sent elsewhere with a code. Only a server on
/// this machine may stand in front of another.
fn on(web: &Origin, text: &str) -> Result<String, Unavailable> {
    let url = Url::parse(text).ok();
    let url = url.filter(|url| web.contains(url) || (web.is_loopback() && url.scheme() == "https"));
    let url = url.ok_or_else(|| unreadable(&format!("its verification_uri is not on {web}")))?;
    Ok(url.into())
}

/// Returns a function that removes a secret from the other texts of the same answer. Secrets of the request are removed already.
fn hiding(secret: Option<&str>) -> impl Fn(String) -> String + use<> {
    let secret = secret.map(SecretString::from);
    move |text| match &secret {
        Some(secret) => redact(&text, secret),
        None => text,
    }
}

fn keep_given(secret: Option<&str>, keep: Keep<'_>) {
    if let Some(secret) = secret {
        keep(&SecretString::from(secret));
    }
}

/// Checks that the text shown to the person does not hold the code that this process keeps.
fn without_code(name: &str, shown: &str, device_code: &SecretString) -> Result<(), Unavailable> {
    let is_code = shown == device_code.expose_secret();
    match is_code || redact(shown, device_code) != shown {
        true => Err(unreadable(&format!("its {name} holds the device code"))),
        false => Ok(()),
    }
}

fn unreadable(text: &str) -> Unavailable {
    Unavailable::unreadable(format_args!("the answer of the device flow: {text}"))
}
