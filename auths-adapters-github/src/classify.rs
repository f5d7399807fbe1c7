//! Maps an answer of GitHub's API to an outcome, by its status, its headers and its body.
//!
//! Sources: GitHub's pages "Rate limits for the REST API", "Troubleshooting the REST API", "Authenticating to the REST API"
//! (single sign-on) and "Scopes for OAuth apps": G7, G10 and G16 to G19 in `docs/platform-facts.md`.

use std::str::FromStr;
use std::time::Duration;

use auths_core::{Origin, Timestamp, Unavailable, UnavailableReason, shorten};
use auths_http::{AnswerClass, Object, Response, expect_type};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use url::Url;

use crate::config::PUBLIC_DOCS;
use crate::wire::MAX_MESSAGE;

/// The media type of the API's answers.
pub(crate) const JSON: &str = "application/json";

/// The shortest wait that GitHub asks for when a secondary limit names no time.
const SECONDARY_WAIT: Duration = Duration::from_secs(60);

/// The parts of a request that the meaning of an answer depends on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RequestRoute {
    /// The status of a good answer.
    pub(crate) status: u16,
    /// The scopes that let an OAuth token make this request; any one is enough. Empty where none is needed.
    scopes: &'static [&'static str],
    /// The permission that a GitHub App's token, or a fine-grained one, needs for this request.
    permission: &'static str,
    /// True where an OAuth app makes the request, by its id and secret.
    is_as_app: bool,
    /// Whether a token is sent.
    has_token: bool,
    /// Whether the token is a GitHub App's by its form.
    is_of_github_app: bool,
}

/// The prefixes of GitHub App tokens: a person's, and an installation's. Source: GitHub's page "About authentication to GitHub".
const GITHUB_APP_TOKENS: [&str; 2] = ["ghu_", "ghs_"];

/// The prefix of client ids of GitHub Apps, which no page documents (G10). OAuth apps have other ids.
const GITHUB_APP_IDS: &str = "Iv";

impl RequestRoute {
    /// Creates the route of a read that needs no scope.
    pub(crate) const fn read() -> Self {
        Self {
            status: 200,
            scopes: &[],
            permission: "",
            is_as_app: false,
            has_token: false,
            is_of_github_app: false,
        }
    }

    /// Sets that an OAuth app makes the request, by its id and secret.
    pub(crate) const fn as_app(mut self) -> Self {
        self.is_as_app = true;
        self
    }

    /// Sets the scopes that the request needs, and the permission for tokens of a kind without scopes. One of the scopes is
    /// enough.
    pub(crate) const fn needing(
        mut self,
        scopes: &'static [&'static str],
        permission: &'static str,
    ) -> Self {
        (self.scopes, self.permission) = (scopes, permission);
        self
    }

    /// Asks with this token, or as nobody.
    pub(crate) fn with_token<'a>(mut self, token: impl Into<Option<&'a SecretString>>) -> Self {
        let token = token.into();
        self.has_token = token.is_some();
        self.is_of_github_app = token.is_some_and(is_github_app_token);
        self
    }

    /// Sets that the request is a write, answered with 201. A 200 is accepted too, because the written data is read back.
    pub(crate) const fn created(mut self) -> Self {
        self.status = 201;
        self
    }

    fn is_good(&self, status: u16) -> bool {
        status == self.status || (self.status == 201 && status == 200)
    }
}

/// Maps an answer to its outcome. This is the only function that does so.
///
/// # Errors
/// [`Unavailable`] for everything that is neither JSON of the expected status nor the API's own 404. The error never says "no".
pub(crate) fn classify(
    response: &Response,
    route: &RequestRoute,
) -> Result<AnswerClass, Unavailable> {
    match response.status() {
        status if route.is_good(status) => {
            expect_type(response.header("content-type"), JSON).map(|()| AnswerClass::Body)
        }
        403 | 429 => Err(denied(response, route)),
        401 => Err(unauthorized_reason(response, route)),
        _ => {
            let head = response.head();
            head.classify(JSON, || not_found(response, route))
        }
    }
}

/// Returns what a 401 refuses: the app's secret, the token, or a request without a token. A gateway's 401 says nothing about the
/// token.
fn unauthorized_reason(response: &Response, route: &RequestRoute) -> Unavailable {
    if route.is_as_app {
        let text = "the id and the secret of the OAuth app are not those of one app";
        return at(401, UnavailableReason::Forbidden, text);
    }
    let message = message(response);
    match route.has_token && message.eq_ignore_ascii_case("bad credentials") {
        true => at(
            401,
            UnavailableReason::DeadToken,
            "GitHub does not know the token (any more)",
        ),
        false => at(401, UnavailableReason::Forbidden, &message),
    }
}

/// Returns which kind of 403 an answer is. The kinds are checked in the order in which GitHub says they must be.
fn denied(response: &Response, route: &RequestRoute) -> Unavailable {
    let status = response.status();
    let message = message(response);
    if let Some(throttled) = throttled(response, &message) {
        return throttled;
    }
    if let Some(hidden) = hidden_by_token(response, route) {
        return hidden;
    }
    if message.contains("OAuth App access restrictions") {
        let text = "the organisation lets only approved OAuth apps in: an owner of it has to approve the app";
        return at(status, UnavailableReason::AppRestricted, text);
    }
    // The header comes with every 403 to such a token, whatever the reason.
    let names_permission = response.header("x-accepted-github-permissions").is_some();
    let has_permissions = names_permission || route.is_of_github_app;
    if has_permissions && message.starts_with("Resource not accessible by ") {
        return wrong_kind(response, route);
    }
    at(status, UnavailableReason::Forbidden, &message)
}

/// Words in a refusal that mean "not now", where the headers do not say it.
const THROTTLES: &[&str] = &[
    "rate limit",
    "abuse",
    "exceeded",
    "too many",
    "try again",
    "wait a ",
];

/// Returns the failure for a temporary refusal. This check comes first: a throttle must never pass for something that the token
/// lacks. A header that is present and cannot be read counts as a throttle.
pub(crate) fn throttled(response: &Response, message: &str) -> Option<Unavailable> {
    let status = response.status();
    let secondary = at(
        status,
        UnavailableReason::RateLimited,
        "a secondary rate limit",
    );
    if response.header("retry-after").is_some() {
        let wait = response.retry_after().or(Some(SECONDARY_WAIT));
        return Some(secondary.retry_after(wait));
    }
    let left = response.header("x-ratelimit-remaining");
    if left.is_some_and(|left| digits(left).is_none_or(|left: u64| left == 0)) {
        let used_up = at(
            status,
            UnavailableReason::RateLimited,
            "the rate limit is used up",
        );
        return Some(used_up.retry_after(reset(response)));
    }
    let message = message.to_ascii_lowercase();
    let is_throttle = status == 429 || THROTTLES.iter().any(|words| message.contains(words));
    is_throttle.then(|| secondary.retry_after(Some(SECONDARY_WAIT)))
}

/// Returns what the token lacks to see the answer, where the headers say so.
fn hidden_by_token(response: &Response, route: &RequestRoute) -> Option<Unavailable> {
    let status = response.status();
    match sso(response) {
        Some(SsoHeader::Required) => {
            let text = "GitHub asks for a single sign-on first";
            return Some(at(status, UnavailableReason::SsoRequired, text));
        }
        Some(SsoHeader::Partial(_)) => {
            let text = "organisations are left out until the token has passed their single sign-on";
            return Some(at(status, UnavailableReason::SsoRequired, text));
        }
        None => {}
    }
    let missing = missing_scope(response, route)?;
    if is_of_github_app(response, route) {
        return Some(wrong_kind(response, route));
    }
    let text = format!("the token has none of the scopes {missing}");
    Some(at(status, UnavailableReason::MissingScope, &text))
}

/// Returns whether the form of a token is that of a GitHub App.
pub(crate) fn is_github_app_token(token: &SecretString) -> bool {
    let token = token.expose_secret();
    GITHUB_APP_TOKENS.iter().any(|form| token.starts_with(form))
}

/// Returns whether the token is a GitHub App's. Such a token has permissions, and its header of scopes is empty. A classic token
/// without scopes has the same empty header, so the form of the token, the app's id or the header of permissions decides.
pub(crate) fn is_of_github_app(response: &Response, route: &RequestRoute) -> bool {
    let scopes = response.header("x-oauth-scopes");
    let app = response.header("x-oauth-client-id").unwrap_or_default();
    let has_permissions = response.header("x-accepted-github-permissions").is_some();
    let is_app = route.is_of_github_app || app.starts_with(GITHUB_APP_IDS) || has_permissions;
    scopes.is_some_and(|scopes| scopes.trim().is_empty()) && is_app
}

/// Returns the failure of a token that has permissions in place of scopes, and lacks the one for this request.
fn wrong_kind(response: &Response, route: &RequestRoute) -> Unavailable {
    let named = response.header("x-accepted-github-permissions");
    let named = named.filter(|text| !text.trim().is_empty());
    let permission: String = named
        .unwrap_or(route.permission)
        .chars()
        .take(100)
        .collect();
    let mut text =
        "this kind of token (fine-grained, or of a GitHub App) cannot ask this".to_owned();
    if !permission.is_empty() {
        text.push_str(&format!(" without the permission {permission}"));
    }
    if let Some(scope) = route.scopes.first() {
        text.push_str(&format!(
            "; a classic token, or one of an OAuth app, needs the scope {scope}"
        ));
    }
    at(response.status(), UnavailableReason::TokenKind, &text)
}

/// Returns the scopes that would be enough, when the token is one with scopes and has none of them.
fn missing_scope(response: &Response, route: &RequestRoute) -> Option<String> {
    let said = response.header("x-oauth-scopes")?;
    if said.contains(char::REPLACEMENT_CHARACTER) {
        return None;
    }
    let held = scopes(said);
    let mut accepted: Vec<String> = route.scopes.iter().map(|&s| s.to_owned()).collect();
    if let Some(said) = response.header("x-accepted-oauth-scopes") {
        accepted.extend(scopes(said));
    }
    let is_missing = !accepted.is_empty() && !accepted.iter().any(|scope| held.contains(scope));
    let wanted = route.scopes.first().copied().map(str::to_owned);
    is_missing.then(|| wanted.unwrap_or_else(|| accepted.join(", ")))
}

/// Reads a list of scopes.
fn scopes(text: &str) -> Vec<String> {
    let parts = text.split(',').map(str::trim).filter(|s| !s.is_empty());
    parts.map(str::to_owned).collect()
}

/// The content of the header `X-GitHub-SSO`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SsoHeader {
    /// The answer is refused until the token has passed a single sign-on.
    Required,
    /// The answer leaves out these organisations, named by their ids.
    Partial(Vec<String>),
}

/// Reads `X-GitHub-SSO`: `required; url=...`, or `partial-results; organizations=1,2`, also on a 200.
///
/// Any other text in the header counts as a part that is left out. It never means that the answer is complete.
pub(crate) fn sso(response: &Response) -> Option<SsoHeader> {
    let parts = response.header("x-github-sso")?.split([';', ',']);
    let parts: Vec<&str> = parts.map(str::trim).collect();
    if parts.contains(&"required") {
        return Some(SsoHeader::Required);
    }
    let ids = parts
        .iter()
        .map(|part| part.strip_prefix("organizations=").unwrap_or(part));
    let ids = ids.filter(|id| is_number(id)).map(str::to_owned);
    Some(SsoHeader::Partial(ids.collect()))
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// Maps a 404: the API's answer that it has nothing there, or its form of "you may not".
fn not_found(response: &Response, route: &RequestRoute) -> Result<(), Unavailable> {
    let own = response.own_404(OwnRefusal::is_documented);
    let is_throttle = own
        .as_ref()
        .is_err_and(|why| why.reason == UnavailableReason::RateLimited);
    match hidden_by_token(response, route) {
        Some(hidden) if !is_throttle => Err(hidden),
        _ => own.map(drop),
    }
}

/// Returns whether an answer is the API's own 301: the thing is at another address, since it was renamed or transferred. Any other
/// redirect may come from a portal or a proxy.
///
/// Source: GitHub's page "Best practices for using the REST API", section "Follow redirects".
pub(crate) fn has_moved(response: &Response) -> bool {
    let own: Option<OwnRefusal> = response.refusal(301);
    own.is_some_and(|own| own.is_documented())
}

/// GitHub's own refusals: `{"message": "Not Found", "documentation_url": "https://docs.github.com/rest"}`.
#[derive(Deserialize)]
struct OwnRefusal {
    #[serde(rename = "message")]
    _message: String,
    documentation_url: String,
}

impl OwnRefusal {
    /// Checks that the answer names a page of GitHub's documentation. Gateways have a `message` too, but no such page.
    fn is_documented(&self) -> bool {
        let page = Url::parse(&self.documentation_url);
        let docs: Result<Origin, _> = PUBLIC_DOCS.parse();
        page.is_ok_and(|page| docs.is_ok_and(|docs| docs.contains(&page)))
    }
}

/// The body of an error from GitHub.
#[derive(Deserialize)]
struct ErrorBody {
    #[serde(default)]
    message: Option<String>,
}

fn error_body(response: &Response) -> Option<ErrorBody> {
    let Object(body) = serde_json::from_slice::<Object<ErrorBody>>(response.body()).ok()?;
    Some(body)
}

/// Returns the message of an error from the API, cut to 200 characters.
pub(crate) fn message(response: &Response) -> String {
    let text = error_body(response).and_then(|body| body.message);
    shorten(&text.unwrap_or_default(), MAX_MESSAGE)
}

/// Returns the time until the primary limit starts anew, by the server's own clock, at most a day.
fn reset(response: &Response) -> Option<Duration> {
    let unix: i64 = digits(response.header("x-ratelimit-reset")?)?;
    let wait = Timestamp::from_unix(unix)
        .ok()?
        .since(response.server_date()?);
    Some(wait.min(Duration::from_secs(24 * 3600)))
}

/// Reads a number in a header: digits, and no sign.
fn digits<T: FromStr>(text: &str) -> Option<T> {
    let text = text.trim();
    let is_plain = text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|_| is_plain)
}

fn at(status: u16, why: UnavailableReason, text: &str) -> Unavailable {
    let detail = match text.is_empty() {
        true => format!("status {status}"),
        false => format!("status {status}: {text}"),
    };
    Unavailable::new(why, detail)
}

#[cfg(test)]
mod tests;
