//! Makes one attempt at a request: follows the redirects to an answer, checks its head, and reads its body up to the limit.

use std::time::Duration;

use auths_core::ports::Budget;
use auths_core::{Timestamp, Unavailable, UnavailableReason, shorten};
use bytes::{Bytes, BytesMut};
use http::Method;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, LOCATION};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, timeout_at};
use url::Url;

use crate::conditional::CacheValidators;
use crate::fault::{self, ExchangePhase};
use crate::host_limiter::HostQueue;
use crate::request::Request;
use crate::response::{Response, ResponseHead, UNREADABLE_AGE};
use crate::secrets::RequestSecrets;
use crate::transport::Transport;

/// The largest allowed difference between the server's clock and ours. Beyond it, no date from the server is believed.
const MAX_SKEW: Duration = Duration::from_secs(10 * 60);

/// The longest part of a redirect's target that is shown, in characters.
const MAX_PLACE: usize = 300;

/// The part of the answer that an attempt reads before it counts as done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ReadExtent {
    /// Head and body. A fault in the body leads to another attempt.
    Whole,
    /// The head only. The caller reads the body.
    Head,
}

/// An answer whose head has passed the checks.
pub(crate) struct OpenAnswer {
    pub(crate) head: ResponseHead,
    pub(crate) body: AnswerBody,
}

/// The body of an answer, read already or still to come.
pub(crate) enum AnswerBody {
    Read(Bytes),
    Live(Box<LiveBody>),
}

/// A body that is still coming. The size limit, the time limit and the length are checked chunk by chunk.
pub(crate) struct LiveBody {
    response: reqwest::Response,
    has_body: bool,
    cap: u64,
    seen: u64,
    until: Instant,
    limit: Duration,
    what: String,
    secrets: RequestSecrets,
    budget: Budget,
    /// The host's permit, held until the body has ended.
    _permit: Option<OwnedSemaphorePermit>,
}

impl Transport {
    /// Makes one attempt within `limit`.
    pub(crate) async fn attempt(
        &self,
        request: &Request,
        validators: Option<&CacheValidators>,
        reading: ReadExtent,
        lane: &HostQueue,
        permit: Option<OwnedSemaphorePermit>,
        limit: Duration,
    ) -> Result<OpenAnswer, Unavailable> {
        let until = Instant::now() + limit;
        let what = request.what();
        let secrets = self.inner().known.all().with(&request.secrets);
        let (head, response) = timeout_at(
            until,
            self.follow_redirects(request, validators, lane, &secrets),
        )
        .await
        .map_err(|_| fault::timed_out(ExchangePhase::Head, limit, &what))??;
        let live = LiveBody {
            has_body: request.method != Method::HEAD && !matches!(head.status(), 204 | 304),
            cap: self.inner().config.byte_cap(request.max_bytes),
            seen: 0,
            until,
            limit,
            what,
            secrets,
            budget: request.budget.clone(),
            response,
            _permit: permit,
        };
        live.check_head()?;
        let open = OpenAnswer {
            head,
            body: AnswerBody::Live(Box::new(live)),
        };
        match reading {
            ReadExtent::Whole => open.read().await,
            ReadExtent::Head => Ok(open),
        }
    }

    /// Follows the redirects that the request allows, and returns the head of the last answer.
    async fn follow_redirects(
        &self,
        request: &Request,
        validators: Option<&CacheValidators>,
        lane: &HostQueue,
        secrets: &RequestSecrets,
    ) -> Result<(ResponseHead, reqwest::Response), Unavailable> {
        let what = request.what();
        let inner = self.inner();
        let client = inner.client(&request.origin)?;
        let mut url = request.url.clone();
        let mut hops = 0;
        let mut oldest = Timestamp::MAX;
        loop {
            if !request.covers(&url) {
                return Err(refused_redirect(&what, "away from the origin", &url));
            }
            let mut headers = request.headers(hops == 0);
            if let Some(validators) = validators {
                validators.add_to(&mut headers);
            }
            let mut hop = client
                .request(request.method.clone(), url.clone())
                .headers(headers);
            if let Some(body) = request.body() {
                hop = hop.body(body);
            }
            let response = hop
                .send()
                .await
                .map_err(|e| fault::from_client(&e, ExchangePhase::Head, &what))?;
            let now = inner.clock.now();
            let status = response.status().as_u16();
            let headers = response.headers();
            let head = ResponseHead::new(status, url.clone(), headers, secrets, now);
            let head = head.led_to_by(oldest);
            oldest = head.made_at();
            // The host is closed whatever happens to the rest of this answer.
            if status == 429 {
                lane.close(request.credential_id(), head.retry_after(), now);
            }
            check_time(&head, now, request.max_skew.unwrap_or(MAX_SKEW), &what)?;
            let may_follow = request.max_redirects > 0 && request.is_idempotent();
            let Some(next) = location(&head).filter(|_| may_follow) else {
                return Ok((head, response));
            };
            if hops >= request.max_redirects {
                return Err(refused_redirect(&what, "once too often", &next));
            }
            hops += 1;
            url = next;
            request.budget.take_request()?;
            let turn = lane.reserve_slot(request.min_interval);
            if !turn.is_zero() {
                inner.sleeper.sleep(turn).await;
            }
        }
    }
}

impl OpenAnswer {
    /// Reads the body, if it is not read yet.
    pub(crate) async fn read(self) -> Result<Self, Unavailable> {
        let bytes = match self.body {
            AnswerBody::Read(bytes) => bytes,
            AnswerBody::Live(mut live) => {
                let mut whole = BytesMut::new();
                while let Some(chunk) = live.chunk().await? {
                    whole.extend_from_slice(&chunk);
                }
                live.secrets.redact(whole.freeze())
            }
        };
        Ok(Self {
            head: self.head,
            body: AnswerBody::Read(bytes),
        })
    }

    /// Reads the body and returns the whole answer.
    pub(crate) async fn read_whole(self) -> Result<Response, Unavailable> {
        let open = self.read().await?;
        let body = match open.body {
            AnswerBody::Read(bytes) => bytes,
            AnswerBody::Live(_) => Bytes::new(),
        };
        Ok(Response::new(open.head, body))
    }
}

impl LiveBody {
    /// Refuses a body that states a length above the limit, or that has an encoding that was not asked for.
    fn check_head(&self) -> Result<(), Unavailable> {
        if !self.has_body {
            return Ok(());
        }
        let headers = self.response.headers();
        let stated = headers
            .get(CONTENT_LENGTH)
            .and_then(|v| v.to_str().ok()?.parse().ok());
        if self.response.content_length().max(stated) > Some(self.cap) {
            return Err(self.too_large());
        }
        let mut encodings = headers.get_all(CONTENT_ENCODING).iter();
        match encodings.all(|encoding| encoding == "identity") {
            true => Ok(()),
            false => Err(Unavailable::new(
                UnavailableReason::Unreadable,
                format!(
                    "{}: the body has an encoding that was not asked for",
                    self.what
                ),
            )),
        }
    }

    /// Returns the next piece of the body; `None` at the end of a complete body.
    pub(crate) async fn chunk(&mut self) -> Result<Option<Bytes>, Unavailable> {
        if !self.has_body {
            return Ok(None);
        }
        let chunk = timeout_at(self.until, self.response.chunk())
            .await
            .map_err(|_| fault::timed_out(ExchangePhase::Body, self.limit, &self.what))?
            .map_err(|e| fault::from_client(&e, ExchangePhase::Body, &self.what))?;
        if let Some(chunk) = &chunk {
            self.seen = self.seen.saturating_add(chunk.len() as u64);
            if self.seen > self.cap {
                return Err(self.too_large());
            }
            let taken = self.budget.take_bytes(chunk.len() as u64);
            taken.map_err(|why| {
                Unavailable::new(why.reason, format!("{}: {}", self.what, why.raw_detail))
            })?;
        }
        Ok(chunk)
    }

    /// Waits for `work`, but no longer than the time left for the body.
    pub(crate) async fn in_time<T>(&self, work: impl Future<Output = T>) -> Result<T, Unavailable> {
        timeout_at(self.until, work)
            .await
            .map_err(|_| fault::timed_out(ExchangePhase::Body, self.limit, &self.what))
    }

    fn too_large(&self) -> Unavailable {
        Unavailable::new(
            UnavailableReason::TooLarge,
            format!("{}: the body is larger than {} bytes", self.what, self.cap),
        )
    }
}

/// Returns the target of a redirect.
fn location(head: &ResponseHead) -> Option<Url> {
    if !matches!(head.status(), 301 | 302 | 303 | 307 | 308) {
        return None;
    }
    let mut url = head.url().join(head.plain(LOCATION)?).ok()?;
    url.set_fragment(None);
    Some(url)
}

fn refused_redirect(what: &str, how: &str, to: &Url) -> Unavailable {
    Unavailable::new(
        UnavailableReason::Redirected,
        format!("{what}: sent {how}, to {}", whole_place(to)),
    )
}

/// Returns scheme, host, port and path. A redirect may differ from the request in any of them.
fn whole_place(url: &Url) -> String {
    let port = url
        .port()
        .map_or_else(String::new, |port| format!(":{port}"));
    let host = url.host_str().unwrap_or_default();
    let place = format!("{}://{host}{port}{}", url.scheme(), url.path());
    shorten(&place, MAX_PLACE)
}

/// Refuses an answer whose date is further than `max_skew` from our clock, and an answer with an unreadable `Age`. An answer
/// without a readable date passes.
///
/// A cache may date an answer by when it was made or by when it was served: either may be near our time.
fn check_time(
    head: &ResponseHead,
    now: Timestamp,
    max_skew: Duration,
    what: &str,
) -> Result<(), Unavailable> {
    if head.age() == Some(UNREADABLE_AGE) {
        let detail = format!("{what}: a cache does not say readably how old the answer is");
        return Err(Unavailable::new(UnavailableReason::Unreadable, detail));
    }
    let Some(date) = head.server_date() else {
        return Ok(());
    };
    let aged = head.age().map(|age| date + age);
    let mut dates = [date].into_iter().chain(aged);
    if dates.any(|date| now.since(date).max(date.since(now)) <= max_skew) {
        return Ok(());
    }
    Err(Unavailable::new(
        UnavailableReason::ClockSkew,
        format!("{what}: the server says it is {date}, this machine {now}"),
    ))
}
