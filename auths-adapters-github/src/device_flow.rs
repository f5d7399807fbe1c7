//! The OAuth device flow: RFC 8628, with GitHub's deviations.
//!
//! Source: GitHub's page "Authorizing OAuth apps", section "Device flow".

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use auths_core::claim::Challenge;
use auths_core::ports::Clock;
use auths_core::{
    Did, Invalid, Origin, Reason, Refuted, Timestamp, Unavailable, UnavailableReason, escape,
    in_words,
};
use auths_http::{Request, Sleeper, Transport};
use secrecy::{ExposeSecret, SecretString};

use crate::classify::{JSON, is_github_app_token};
use crate::config::{GitHubConfig, GitHubConfigError};
use crate::device_answer::{GrantedToken, PollResult, StartedFlow, poll, read_started_flow};

/// The longest life of a code, whatever the server says.
const MAX_LIFE: Duration = Duration::from_secs(3600);
/// The time that every `slow_down` adds (RFC 8628 section 3.5).
const SLOWER: Duration = Duration::from_secs(5);
/// The number of polls in a row that may fail before the flow gives up: on their way, or by an answer that is not the server's
/// own.
const MAX_FAILURES: u32 = 4;
/// The time added to each wait that the server asks for, in percent. The clock of this machine may run fast, and a poll that
/// comes early makes all later ones slower.
const MARGIN: u32 = 20;
/// The time added to each wait once the server has found a poll early, in percent.
const MARGIN_AFTER_SLOW_DOWN: u32 = 40;
/// The time before the end of the code at which the server is asked for the last time.
const BEFORE_END: Duration = Duration::from_secs(2);

/// A runner of device flows as one OAuth app. The holder of an account types a short code into GitHub's own page and approves.
///
/// # Security
/// Anybody may begin a flow and get another person to approve it (RFC 8628 section 5.4). Therefore a flow is run *for a DID*,
/// which the person is shown beside the code. It asks for no more than it needs. Its evidence falls to `account-session`, which
/// includes one approval tricked out of the user. The account that approved is read with the token afterwards
/// ([`GitHub::approved`](crate::GitHub::approved)).
///
/// The device code and the token are removed from every later answer to the flow's transport, whatever the request.
///
/// Dropping the future of [`run`](DeviceFlow::run) ends the flow: nothing is asked after that.
///
/// ```no_run
/// use std::sync::Arc;
/// use auths_adapters_github::{DeviceFlow, FlowRequest, GitHubConfig, DevicePrompt};
/// use auths_core::ports::MemoryStore;
/// use auths_http::{SystemClock, TokioSleeper, Transport, TransportConfig};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let (clock, sleeper) = (Arc::new(SystemClock), Arc::new(TokioSleeper));
/// let store = Arc::new(MemoryStore::new());
/// let transport = Transport::new(TransportConfig::default(), clock.clone(), sleeper.clone(), store)?;
/// let config = GitHubConfig::public()?.with_client_id("Iv1.0123456789abcdef")?;
/// let flow = DeviceFlow::new(config, transport, sleeper, clock)?;
/// let did = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK".parse()?;
/// let show = |prompt: &DevicePrompt| println!("type {} at {}", prompt.user_code, prompt.url);
/// let token = flow.run(FlowRequest::new(did).asking("gist"), &show).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct DeviceFlow {
    web: Origin,
    api: Origin,
    client_id: String,
    transport: Transport,
    sleeper: Arc<dyn Sleeper>,
    clock: Arc<dyn Clock>,
    max_bytes: u64,
}

/// The purpose of a flow: DID, challenge and scopes.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct FlowRequest {
    /// The DID to link the account to. The person who approves is shown it.
    pub did: Did,
    /// The challenge that the flow answers, when a verifier runs it for one.
    pub challenge: Option<Challenge>,
    /// The scopes to ask for.
    pub scopes: Vec<&'static str>,
}

impl FlowRequest {
    /// Creates a request for `did` that asks for no scope. The account of a token can be read without one.
    #[must_use]
    pub fn new(did: Did) -> Self {
        Self {
            did,
            challenge: None,
            scopes: Vec::new(),
        }
    }

    /// Adds a scope to ask for.
    #[must_use]
    pub fn asking(mut self, scope: &'static str) -> Self {
        self.scopes.push(scope);
        self
    }

    /// Sets the challenge that the flow answers.
    #[must_use]
    pub fn with_challenge(mut self, challenge: Option<Challenge>) -> Self {
        self.challenge = challenge;
        self
    }
}

/// The text that the person must see while a flow waits. It is shown once with the code, and before every further wait.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DevicePrompt {
    /// The DID that the account will be linked to.
    pub did: Did,
    /// The code to type in.
    pub user_code: String,
    /// The page to type the code into, on the server that the flow runs on.
    pub url: String,
    /// The time when the code ends.
    pub expires: Timestamp,
    /// The time left until the code ends.
    pub remaining: Duration,
    /// The time until the server is asked again.
    pub next: Duration,
}

/// A token that this process obtained by running a device flow itself. It can be made in no other way.
///
/// The token is evidence at the GitHub that gave it, and at no other: see [`GitHub::approved`](crate::GitHub::approved).
///
/// The token is dropped, and wiped, after use. `Debug` shows no part of it.
#[derive(Clone)]
pub struct FlowToken {
    pub(crate) secret: SecretString,
    pub(crate) did: Did,
    pub(crate) challenge: Option<Challenge>,
    web: Origin,
    api: Origin,
    scopes: Option<Vec<String>>,
}

impl FlowToken {
    /// Returns the token.
    #[must_use]
    pub fn secret(&self) -> &SecretString {
        &self.secret
    }

    /// Returns the DID that the flow was run for.
    #[must_use]
    pub fn did(&self) -> &Did {
        &self.did
    }

    /// Checks that the flow was run at this GitHub. A token from another GitHub shows nothing here, whatever its origin.
    ///
    /// # Errors
    /// The GitHub where the flow was run, and the GitHub where it is shown.
    pub(crate) fn is_of(&self, config: &GitHubConfig) -> Result<(), String> {
        let is_web = config.web().is_none_or(|web| *web == self.web);
        if *config.api() == self.api && is_web {
            return Ok(());
        }
        Err(format!(
            "the device flow was run at {} for the API at {}, which is another GitHub than {}",
            self.web,
            self.api,
            config.api()
        ))
    }

    /// Returns whether the token has the scope, as far as the server said. The person may have granted less than was asked for. A
    /// GitHub App's token has permissions in place of scopes, and the server does not name them before the token is used.
    #[must_use]
    pub fn has_scope(&self, scope: &str) -> bool {
        if is_github_app_token(&self.secret) {
            return true;
        }
        // RFC 6749 section 5.1: scopes that are not named were granted as asked for.
        let scopes = self.scopes.as_ref();
        scopes.is_none_or(|scopes| scopes.iter().any(|s| s == scope))
    }
}

impl fmt::Debug for FlowToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("FlowToken");
        shown.field("did", &self.did).field("scopes", &self.scopes);
        shown.finish_non_exhaustive()
    }
}

/// The reasons why a flow ended without a token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DeviceFlowError {
    /// The person refused.
    #[error(transparent)]
    Denied(Refuted),
    /// No token came: the code ended, the server failed, or its answer cannot be read.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
    /// The app cannot run device flows: a wrong client id, or the flow is switched off in its settings.
    #[error(
        "the OAuth app cannot run a device flow: the server says {}{}",
        escape(code),
        escape(detail)
    )]
    App {
        /// The server's error code.
        code: String,
        /// The server's message, after a colon.
        detail: String,
    },
}

impl DeviceFlowError {
    /// Returns the stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Denied(refuted) => refuted.code(),
            Self::Unavailable(why) => why.code(),
            Self::App { .. } => Invalid::BadConfiguration.code(),
        }
    }
}

impl DeviceFlow {
    /// Creates a runner for device flows of the configured app.
    ///
    /// # Errors
    /// [`GitHubConfigError`] without a client id, or without the web server of the same GitHub.
    pub fn new(
        config: GitHubConfig,
        transport: Transport,
        sleeper: Arc<dyn Sleeper>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, GitHubConfigError> {
        let (web, client_id) = config.device_flow()?;
        Ok(Self {
            web: web.clone(),
            api: config.api().clone(),
            client_id: client_id.to_owned(),
            transport,
            sleeper,
            clock,
            max_bytes: config.limits.max_bytes(),
        })
    }

    /// Gets a code, shows it, and waits until the person approves or refuses, or the code ends.
    ///
    /// # Errors
    /// [`DeviceFlowError`]. An error that is not documented counts as an answer that is not the server's own: it is asked again,
    /// and the fourth in a row ends the flow.
    pub async fn run(
        &self,
        request: FlowRequest,
        show: &(dyn Fn(&DevicePrompt) + Send + Sync),
    ) -> Result<FlowToken, DeviceFlowError> {
        let mut wait = self.begin(&request).await?;
        loop {
            let prompt = wait.prompt(&request.did, self.clock.now())?;
            show(&prompt);
            self.sleeper.sleep(prompt.next).await;
            wait.slept += prompt.next;
            wait.asked = Duration::ZERO;
            match self.ask(&wait.begun.device_code, wait.is_last).await {
                Ok(PollResult::Granted(GrantedToken { token, scopes })) => {
                    let FlowRequest { did, challenge, .. } = request;
                    let secret = token;
                    return Ok(FlowToken {
                        secret,
                        did,
                        challenge,
                        web: self.web.clone(),
                        api: self.api.clone(),
                        scopes,
                    });
                }
                Ok(PollResult::Pending) => wait.pending()?,
                Ok(PollResult::SlowDown(asked)) => wait.slow_down(asked)?,
                Ok(PollResult::Ended(error)) => return Err(wait.ended(error)),
                Err(failed) => wait.failed(failed)?,
            }
        }
    }

    /// Makes the first step: gets a code for the person, and one for this process.
    async fn begin(&self, request: &FlowRequest) -> Result<FlowWait, DeviceFlowError> {
        let started = self.clock.now();
        let scope = request.scopes.join(" ");
        let mut fields = vec![("client_id", self.client_id.as_str())];
        if !scope.is_empty() {
            fields.push(("scope", scope.as_str()));
        }
        let request = self.post(&["login", "device", "code"], &fields)?;
        let response = self.transport.send(request).await?;
        let begun = read_started_flow(&response, &self.web, &|code| {
            self.transport.keep_secret(code)
        })?;
        Ok(FlowWait {
            expires: started + begun.life.min(MAX_LIFE),
            left: begun.life.min(MAX_LIFE),
            interval: begun.interval,
            begun,
            margin: MARGIN,
            slept: Duration::ZERO,
            asked: Duration::ZERO,
            failures: 0,
            failed: None,
            is_last: false,
        })
    }

    /// One poll. An error is one of the way there and back. The last one is sent though the server asked to wait: there is no later.
    async fn ask(
        &self,
        device_code: &SecretString,
        is_last: bool,
    ) -> Result<PollResult, Unavailable> {
        let fields = [
            ("client_id", self.client_id.as_str()),
            ("device_code", device_code.expose_secret()),
            ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
        ];
        let request = self.post(&["login", "oauth", "access_token"], &fields)?;
        let request = match is_last {
            true => request.past_throttle(),
            false => request,
        };
        let response = self.transport.send(request.secret(device_code)).await?;
        poll(&response, &|token| self.transport.keep_secret(token))
    }

    fn post(&self, segments: &[&str], fields: &[(&str, &str)]) -> Result<Request, Unavailable> {
        let request = Request::post(&self.web, segments)?;
        Ok(request.accept(JSON).form(fields).max_bytes(self.max_bytes))
    }
}

/// A flow that waits for its answer.
struct FlowWait {
    begun: StartedFlow,
    expires: Timestamp,
    left: Duration,
    /// The interval in which the server is not to be asked.
    interval: Duration,
    /// The time added to each wait, in percent.
    margin: u32,
    /// The time that this process waited. A clock that stands still or is set back makes no flow endless.
    slept: Duration,
    /// The wait that a failed answer asked for.
    asked: Duration,
    /// The number of polls that failed in a row, and the failure of the last one.
    failures: u32,
    failed: Option<Unavailable>,
    /// True where the next poll is the last one before the code ends.
    is_last: bool,
}

impl FlowWait {
    fn remaining(&self, now: Timestamp) -> Duration {
        let by_clock = self.expires.since(now);
        by_clock.min(self.left.saturating_sub(self.slept))
    }

    /// Returns the text to show now. The next poll lies before the end of the code.
    fn prompt(&mut self, did: &Did, now: Timestamp) -> Result<DevicePrompt, Unavailable> {
        let remaining = self.remaining(now);
        if remaining.is_zero() {
            return Err(self.expired("ended", "before the server was asked again"));
        }
        let (next, is_last) = self.next(remaining);
        self.is_last = is_last;
        Ok(DevicePrompt {
            did: did.clone(),
            user_code: self.begun.user_code.clone(),
            url: self.begun.url.clone(),
            expires: self.expires,
            remaining,
            next,
        })
    }

    /// Returns the wait until the next poll, and whether that poll is the last one. The last poll comes just before the code
    /// ends: if no other poll would fit after a wait, the wait is made longer up to that point.
    fn next(&self, remaining: Duration) -> (Duration, bool) {
        let wait = self.interval + self.interval * self.margin / 100;
        let next = (wait * 2_u32.pow(self.failures)).max(self.asked);
        let before_end = remaining.saturating_sub(BEFORE_END).max(remaining / 2);
        let asked = self.interval.max(self.asked);
        let last = match asked < remaining {
            true => before_end.max(asked),
            false => before_end,
        };
        match next + wait > last {
            true => (last, true),
            false => (next, false),
        }
    }

    /// Continues after a poll without a decision.
    fn pending(&mut self) -> Result<(), Unavailable> {
        self.answered();
        match self.is_last {
            true => Err(self.expired("ends", "and nobody had approved it just before")),
            false => Ok(()),
        }
    }

    /// Continues after a poll that was early. Every `slow_down` counts, and the server's own interval if it is longer.
    fn slow_down(&mut self, asked: Option<Duration>) -> Result<(), Unavailable> {
        self.answered();
        self.margin = MARGIN_AFTER_SLOW_DOWN;
        self.interval = (self.interval + SLOWER).max(asked.unwrap_or_default());
        if !self.is_last {
            return Ok(());
        }
        let says = format!(
            "and the server did not say whether it was approved: it asks to wait {} before it is asked again",
            in_words(self.interval)
        );
        Err(self.expired("ends", &says))
    }

    fn answered(&mut self) {
        self.failures = 0;
        self.failed = None;
    }

    /// Goes on after a poll that failed: it is made again later and later (RFC 8628 section 3.5), a few times. A server that asks
    /// to wait for longer than the code lives is asked once more just before the code ends.
    fn failed(&mut self, failed: Unavailable) -> Result<(), Unavailable> {
        self.failures += 1;
        self.asked = failed.retry_after.unwrap_or_default();
        if self.is_last {
            self.failed = Some(failed);
            return Err(self.expired("ends", "and was asked about for the last time"));
        }
        if self.failures < MAX_FAILURES {
            self.failed = Some(failed);
            return Ok(());
        }
        let detail = format!(
            "{}: {} answers in a row could not be used, and it is not known whether the code {} was approved",
            failed.raw_detail, self.failures, self.begun.user_code
        );
        Err(Unavailable::new(failed.reason, detail).retry_after(failed.retry_after))
    }

    /// Returns why the server ended the flow. An earlier answer that was lost may have held the token, which is given once.
    fn ended(&self, error: DeviceFlowError) -> DeviceFlowError {
        match (error, &self.failed) {
            (DeviceFlowError::Unavailable(why), Some(failed))
                if why.reason == UnavailableReason::FlowExpired =>
            {
                let detail = format!(
                    "{}; the answer before this one could not be used ({}), and may have held the token",
                    why.raw_detail, failed.raw_detail
                );
                Unavailable::new(why.reason, detail).into()
            }
            (error, _) => error,
        }
    }

    fn expired(&self, ends: &str, says: &str) -> Unavailable {
        let (code, end) = (&self.begun.user_code, self.expires);
        let open = self.failed.as_ref().map_or_else(String::new, |failed| {
            let detail = &failed.raw_detail;
            format!(
                "; it is not known whether it was approved: the last answer could not be used ({detail})"
            )
        });
        Unavailable::new(
            UnavailableReason::FlowExpired,
            format!("the code {code} {ends} at {end}, {says}{open}"),
        )
    }
}
