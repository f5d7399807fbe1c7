//! A request to a server, built from path segments.

use std::fmt;
use std::time::Duration;

use auths_core::ports::Budget;
use auths_core::tokens::{find_token, hide_tokens};
use auths_core::{Origin, OriginError, Unavailable, UnavailableReason};
use data_encoding::BASE64;
use http::header::{ACCEPT, AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use sha2::{Digest, Sha256};
use url::Url;
use url::form_urlencoded;

use crate::host_limiter::CredentialId;
use crate::secrets::RequestSecrets;

/// Headers that the transport sets itself, or that would change how the message is read.
const RESERVED: &[&str] = &[
    "accept-encoding",
    "authorization",
    "connection",
    "content-length",
    "cookie",
    "expect",
    "host",
    "if-modified-since",
    "if-none-match",
    "proxy-authorization",
    "range",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
];

/// One request below an [`Origin`].
///
/// A part that no request can carry (a token with a line break, a header that the transport sets itself) is kept as an error.
/// [`Transport::send`](crate::Transport::send) then refuses without sending anything.
///
/// `Debug` shows the method, host, path and the *names* of query parameters and headers, never a value.
///
/// ```
/// use auths_http::{Request, SecretString};
///
/// let origin = "https://registry.example/v1".parse()?;
/// let request = Request::get(&origin, &["user", "a/b"])?
///     .query("page", "2")
///     .accept("application/json")
///     .bearer(&SecretString::from("hunter2"))
///     .max_bytes(64 * 1024);
/// assert_eq!(request.url().as_str(), "https://registry.example/v1/user/a%2Fb?page=2");
/// assert!(!format!("{request:?}").contains("hunter2"));
/// # Ok::<(), auths_core::OriginError>(())
/// ```
#[derive(Clone)]
pub struct Request {
    pub(crate) origin: Origin,
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) max_bytes: Option<u64>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) min_interval: Option<Duration>,
    pub(crate) max_skew: Option<Duration>,
    pub(crate) is_past_throttle: bool,
    pub(crate) max_redirects: u8,
    pub(crate) record: &'static str,
    pub(crate) is_kept: bool,
    pub(crate) secrets: RequestSecrets,
    pub(crate) budget: Budget,
    headers: HeaderMap,
    authorization: Option<SecretString>,
    body: Option<Vec<u8>>,
    problem: Option<(UnavailableReason, &'static str)>,
}

impl Request {
    /// Creates a GET request for the resource at `segments` below `origin`.
    ///
    /// # Errors
    /// [`OriginError::Segment`] for a segment that would change the depth (`..`, an inner empty one).
    pub fn get(origin: &Origin, segments: &[&str]) -> Result<Self, OriginError> {
        Self::new(Method::GET, origin, segments)
    }

    /// Creates a HEAD request for the resource at `segments` below `origin`.
    ///
    /// # Errors
    /// The errors of [`Request::get`].
    pub fn head(origin: &Origin, segments: &[&str]) -> Result<Self, OriginError> {
        Self::new(Method::HEAD, origin, segments)
    }

    /// Creates a POST request to `segments` below `origin`. A POST is never repeated: after a failure it is unknown whether the
    /// server acted on it.
    ///
    /// # Errors
    /// The errors of [`Request::get`].
    pub fn post(origin: &Origin, segments: &[&str]) -> Result<Self, OriginError> {
        Self::new(Method::POST, origin, segments)
    }

    fn new(method: Method, origin: &Origin, segments: &[&str]) -> Result<Self, OriginError> {
        Ok(Self {
            origin: origin.clone(),
            method,
            url: origin.at(segments)?,
            max_bytes: None,
            timeout: None,
            min_interval: None,
            max_skew: None,
            is_past_throttle: false,
            max_redirects: 0,
            record: "",
            is_kept: true,
            secrets: RequestSecrets::default(),
            budget: Budget::unlimited(),
            headers: HeaderMap::new(),
            authorization: None,
            body: None,
            problem: None,
        })
    }

    /// Adds `name=value` to the query, escaped.
    #[must_use]
    pub fn query(mut self, name: &str, value: &str) -> Self {
        self.url.query_pairs_mut().append_pair(name, value);
        self
    }

    /// Sets the media type to ask for.
    #[must_use]
    pub fn accept(mut self, media_type: &'static str) -> Self {
        match HeaderValue::from_str(media_type) {
            Ok(value) => drop(self.headers.insert(ACCEPT, value)),
            Err(_) => self.refuse(UnavailableReason::Unreadable, "its Accept cannot be sent"),
        }
        self
    }

    /// Sets a header that holds no secret. Secrets go through [`Request::bearer`] or [`Request::basic`].
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        match (
            HeaderName::from_bytes(name.as_bytes()),
            HeaderValue::from_str(value),
        ) {
            (Ok(name), Ok(value)) if !RESERVED.contains(&name.as_str()) => {
                self.headers.insert(name, value);
            }
            _ => self.refuse(
                UnavailableReason::Unreadable,
                "it has a header that may not be set",
            ),
        }
        self
    }

    /// Sends `token` as `Authorization: Bearer`, to this origin and on no redirect.
    #[must_use]
    pub fn bearer(self, token: &SecretString) -> Self {
        let request = self.secret(token);
        let token = token.expose_secret();
        if token.is_empty() {
            return request.without_token();
        }
        request.authorize(format!("Bearer {token}").into())
    }

    /// Sends `user` and `password` as `Authorization: Basic`, to this origin and on no redirect.
    #[must_use]
    pub fn basic(self, user: &str, password: &SecretString) -> Self {
        if user.contains(':') {
            return self.without_token();
        }
        let pair = SecretString::from(format!("{user}:{}", password.expose_secret()));
        let encoded = SecretString::from(BASE64.encode(pair.expose_secret().as_bytes()));
        let request = self.secret(password).secret(&encoded);
        request.authorize(format!("Basic {}", encoded.expose_secret()).into())
    }

    /// Marks `secret` as a secret that the body holds. The secrets of [`Request::bearer`] and [`Request::basic`] are known
    /// already.
    ///
    /// # Security
    /// Wherever the answer repeats a secret of the request, in its head or its body, [`REDACTED`](crate::REDACTED) replaces it
    /// before the answer is read. Secrets of fewer than 6 bytes are not looked for. Bodies that
    /// [`Transport::stream`](crate::Transport::stream) and [`Transport::fetch_cached_stream`](crate::Transport::fetch_cached_stream) read are
    /// not searched either: do not stream a request with a token whose answer is shown.
    ///
    /// ```
    /// use auths_http::{ExposeSecret, Request, SecretString};
    ///
    /// let origin = "https://registry.example".parse()?;
    /// let code = SecretString::from("hunter2");
    /// let request = Request::post(&origin, &["token"])?
    ///     .form(&[("device_code", code.expose_secret())])
    ///     .secret(&code);
    /// # Ok::<(), auths_core::OriginError>(())
    /// ```
    #[must_use]
    pub fn secret(mut self, secret: &SecretString) -> Self {
        self.secrets = self.secrets.and(secret.expose_secret());
        self
    }

    /// Sets these fields as the body, as a form (`application/x-www-form-urlencoded`).
    #[must_use]
    pub fn form(mut self, fields: &[(&str, &str)]) -> Self {
        let text = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        self.set_body("application/x-www-form-urlencoded", text.into_bytes());
        self
    }

    /// Sets this value as the body, as JSON.
    #[must_use]
    pub fn json(mut self, value: &(impl Serialize + ?Sized)) -> Self {
        match serde_json::to_vec(value) {
            Ok(body) => self.set_body("application/json", body),
            Err(_) => self.refuse(
                UnavailableReason::Unreadable,
                "its body cannot be written as JSON",
            ),
        }
        self
    }

    /// Sets the size of the largest body to accept for this request, counted after decompression.
    #[must_use]
    pub fn max_bytes(mut self, bytes: u64) -> Self {
        self.max_bytes = Some(bytes);
        self
    }

    /// Sets the time for one attempt at this request. The deadline over all attempts is then at least as long.
    #[must_use]
    pub fn timeout(mut self, time: Duration) -> Self {
        self.timeout = Some(time);
        self
    }

    /// Sets the shortest time between this request and the last one to the same server that also set an interval. The interval
    /// holds for all transports of this process, retries and followed redirects included.
    ///
    /// For services that ask every program for an interval (crates.io: one request a second).
    #[must_use]
    pub fn min_interval(mut self, interval: Duration) -> Self {
        self.min_interval = Some(interval);
        self
    }

    /// Asks the server itself and not the caches on the way: `Cache-Control: no-cache` (RFC 9111 section 5.2.1.4).
    ///
    /// A cache that answers all the same is seen by the answer's age: [`ResponseHead::made_at`](crate::ResponseHead::made_at).
    #[must_use]
    pub fn past_caches(mut self) -> Self {
        let value = HeaderValue::from_static("no-cache");
        self.headers.insert(CACHE_CONTROL, value);
        self
    }

    /// Sets the largest allowed difference between the server's clock and ours. A larger one is [`UnavailableReason::ClockSkew`].
    /// Default: ten minutes.
    ///
    /// Use this for answers that must be recent to the minute: the age that a wrong clock gives them is worthless.
    #[must_use]
    pub fn max_skew(mut self, skew: Duration) -> Self {
        self.max_skew = Some(skew);
        self
    }

    /// Sends it even while the server is left alone because it asked for fewer requests.
    ///
    /// For one last request, after which there is nothing left to ask: waiting as long as the server asked would lose its answer.
    #[must_use]
    pub fn past_throttle(mut self) -> Self {
        self.is_past_throttle = true;
        self
    }

    /// Takes each attempt, each followed redirect and each byte of a body from `budget`.
    ///
    /// When the budget is spent, nothing more is sent: [`UnavailableReason::RequestBudget`]. A retry that the budget does not
    /// allow is not made, and the last answer is returned.
    #[must_use]
    pub fn within(mut self, budget: &Budget) -> Self {
        self.budget = budget.clone();
        self
    }

    /// Follows at most `max` redirects that stay on the same server and below the origin. Default: none.
    ///
    /// Without this setting, a redirect is an ordinary response. With it, a redirect that leaves the origin, or one too many, is
    /// [`UnavailableReason::Redirected`]. No redirect carries the `Authorization`, and a POST is never redirected.
    #[must_use]
    pub fn redirects_within_origin(mut self, max: u8) -> Self {
        self.max_redirects = max;
        self
    }

    /// Names the form of the value that [`Transport::fetch_cached`](crate::Transport::fetch_cached) keeps. Change the name when the
    /// parsing code reads the same bytes in another way: old records are then no longer found.
    ///
    /// Two callers that parse the same address into the same Rust type must use different names.
    #[must_use]
    pub fn cache_as(mut self, form: &'static str) -> Self {
        self.record = form;
        self
    }

    /// Keeps nothing of the answer, and asks without condition. For answers whose headers count as much as their bodies (pages
    /// that name the next), and for answers that must not lie in a store.
    #[must_use]
    pub fn no_store(mut self) -> Self {
        self.is_kept = false;
        self
    }

    /// Sets the size of the largest body to accept, where none was set for this request.
    pub(crate) fn or_max_bytes(mut self, bytes: u64) -> Self {
        self.max_bytes.get_or_insert(bytes);
        self
    }

    /// Returns the address, with its query.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Returns the method, host and path, which messages may show. It holds no query and no headers.
    pub(crate) fn what(&self) -> String {
        format!("{} {}", self.method, place(&self.url))
    }

    /// Returns whether the request may be made again after a failure.
    pub(crate) fn is_idempotent(&self) -> bool {
        self.method == Method::GET || self.method == Method::HEAD
    }

    /// Returns whether `url` lies on this origin's server, at or below its base path.
    pub(crate) fn covers(&self, url: &Url) -> bool {
        let base = self.origin.to_string();
        self.origin.contains(url)
            && url
                .as_str()
                .strip_prefix(&base)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']))
    }

    /// Refuses a request with a part that was given wrong while building it.
    pub(crate) fn check(&self) -> Result<(), Unavailable> {
        if let Some((why, text)) = self.problem {
            let detail = format!("{} was not sent: {text}", self.what());
            return Err(Unavailable::new(why, detail));
        }
        // Servers and proxies in front of them log addresses.
        match find_token(self.url.as_str()) {
            Some(found) => {
                let (host, kind) = (self.origin.host(), found.kind);
                let detail = format!(
                    "a request to {host} was not sent: its address holds what looks like {kind}"
                );
                Err(Unavailable::new(UnavailableReason::Forbidden, detail))
            }
            None => Ok(()),
        }
    }

    /// Returns the headers of the first hop, or of a redirect, which has no `Authorization`.
    pub(crate) fn headers(&self, is_first_hop: bool) -> HeaderMap {
        let mut headers = self.headers.clone();
        if let (true, Some(secret)) = (is_first_hop, &self.authorization) {
            // The value was checked when it was set.
            if let Ok(mut value) = HeaderValue::from_str(secret.expose_secret()) {
                value.set_sensitive(true);
                headers.insert(AUTHORIZATION, value);
            }
        }
        headers
    }

    pub(crate) fn body(&self) -> Option<Vec<u8>> {
        self.body.clone()
    }

    /// Returns the credential of the request, as the server sees it.
    pub(crate) fn credential_id(&self) -> CredentialId {
        let secret = self.authorization.as_ref()?;
        Some(Sha256::digest(secret.expose_secret().as_bytes()).into())
    }

    /// Returns a hash of the request and its credential, from which neither can be read.
    pub(crate) fn fingerprint(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash_part(&mut hash, self.method.as_str().as_bytes());
        hash_part(&mut hash, self.origin.to_string().as_bytes());
        hash_part(&mut hash, self.url.as_str().as_bytes());
        match self.credential_id() {
            Some(id) => hash_part(&mut hash, &id),
            None => hash_part(&mut hash, b"anonymous"),
        }
        hash_part(&mut hash, self.record.as_bytes());
        let mut headers: Vec<_> = self.headers.iter().collect();
        headers.sort_by_key(|(name, _)| name.as_str());
        for (name, value) in headers {
            hash_part(&mut hash, name.as_str().as_bytes());
            hash_part(&mut hash, value.as_bytes());
        }
        hash.finalize().into()
    }

    fn authorize(mut self, secret: SecretString) -> Self {
        if HeaderValue::from_str(secret.expose_secret()).is_err() {
            return self.without_token();
        }
        self.authorization = Some(secret);
        self
    }

    fn without_token(mut self) -> Self {
        self.refuse(
            UnavailableReason::Forbidden,
            "its token is empty or cannot stand in a header",
        );
        self
    }

    fn set_body(&mut self, media_type: &'static str, body: Vec<u8>) {
        if self.method != Method::POST {
            self.refuse(UnavailableReason::Unreadable, "only a POST has a body");
            return;
        }
        self.headers
            .insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
        self.body = Some(body);
    }

    fn refuse(&mut self, why: UnavailableReason, text: &'static str) {
        self.problem.get_or_insert((why, text));
    }
}

/// Adds one part to a hash, so that no other division into parts gives the same hash.
fn hash_part(hash: &mut Sha256, bytes: &[u8]) {
    hash.update((bytes.len() as u64).to_be_bytes());
    hash.update(bytes);
}

/// Returns the host, port where it is not the scheme's own, and path of `url`, without tokens. Messages hold nothing else of an
/// address.
pub(crate) fn place(url: &Url) -> String {
    let port = url
        .port()
        .map(|port| format!(":{port}"))
        .unwrap_or_default();
    let place = format!("{}{port}{}", url.host_str().unwrap_or_default(), url.path());
    hide_tokens(&place).into_owned()
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let query: Vec<_> = self.url.query_pairs().map(|(name, _)| name).collect();
        let headers: Vec<_> = self.headers.keys().collect();
        f.debug_struct("Request")
            .field("what", &self.what())
            .field("query", &query)
            .field("headers", &headers)
            .field("has_authorization", &self.authorization.is_some())
            .field("body_bytes", &self.body.as_ref().map(Vec::len))
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
