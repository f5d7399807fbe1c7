//! The limits of one lookup at a service, which may take several requests.

use std::io::Read;
use std::time::Duration;

use auths_core::ports::Budget;
use auths_core::{Timestamp, Unavailable, UnavailableReason, in_words};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::time::error::Elapsed;
use tokio::time::{Instant, timeout_at};

use crate::answer::AnswerClass;
use crate::conditional::Cached;
use crate::limits::Limits;
use crate::lookup::Lookup;
use crate::request::{Request, place};
use crate::response::{Response, ResponseHead};
use crate::transport::Transport;

/// The requests and the time that one lookup may still use, the addresses that it read, and the age of the oldest answer.
///
/// Retries and followed redirects do not count as requests here, but their time counts. They all count in the [`Budget`], which
/// is shared with everything else that is read for one decision.
///
/// ```
/// # use std::sync::Arc;
/// # use std::time::Duration;
/// # use auths_core::{UnavailableReason, ports::{Budget, MemoryStore}};
/// # use auths_testkit::server::{Reply, Server};
/// # use auths_http::*;
/// # let server = Server::start(|_| Reply::json(200, ["alice"]));
/// # let (clock, sleeper) = (Arc::new(SystemClock), Arc::new(TokioSleeper));
/// # let store = Arc::new(MemoryStore::new());
/// # let transport = Transport::new(TransportConfig::default(), clock, sleeper, store)?;
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
/// # runtime.block_on(async {
/// let limits = Limits::new(1, Duration::from_secs(45), 2 << 20);
/// let mut question = RequestBudget::new(&transport, limits, &Budget::unlimited());
/// let request = Request::get(&server.origin(), &["owners"]).unwrap();
/// let read = |response: &Response| read_json::<Vec<String>>(response.body_of("application/json")?);
/// let owners = question.ask(request.clone(), read).await?;
/// assert_eq!(owners.value, ["alice"]);
/// assert_eq!(question.sources().len(), 1);
/// # let now = auths_core::ports::Clock::now(&SystemClock);
/// assert!(question.observed_at(now) <= now);
/// assert_eq!(question.ask(request, read).await.unwrap_err().reason, UnavailableReason::RequestBudget);
/// # Ok::<(), auths_core::Unavailable>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct RequestBudget<'a> {
    transport: &'a Transport,
    limits: Limits,
    requests_left: u32,
    until: Instant,
    sources: Vec<String>,
    age: Duration,
    budget: Budget,
}

impl<'a> RequestBudget<'a> {
    /// Begins a lookup within `limits`. It also takes what it needs from `budget`: an adapter passes the budget of the query.
    #[must_use]
    pub fn new(transport: &'a Transport, limits: Limits, budget: &Budget) -> Self {
        let max_time = limits.max_time().min(budget.time_left());
        Self {
            transport,
            limits: limits.with_max_time(max_time),
            requests_left: limits.max_requests(),
            until: Instant::now() + max_time,
            sources: Vec::new(),
            age: Duration::ZERO,
            budget: budget.clone(),
        }
    }

    /// Sends a request for one thing: `classify` maps the answer to its meaning ([`Response::classify`]), and `parse` reads the body
    /// of a good one. Returns `NotFound` for the service's own 404.
    ///
    /// # Errors
    /// The errors of [`RequestBudget::ask`], and those that `classify` returns.
    pub async fn read<T: Serialize + DeserializeOwned>(
        &mut self,
        request: Request,
        classify: impl FnOnce(&Response) -> Result<AnswerClass, Unavailable>,
        parse: impl FnOnce(&Response) -> Result<T, Unavailable>,
    ) -> Result<Cached<Lookup<T>>, Unavailable> {
        self.ask(request, |response| {
            Ok(match classify(response)? {
                AnswerClass::Body => Lookup::Found(parse(response)?),
                AnswerClass::NotFound => Lookup::NotFound,
            })
        })
        .await
    }

    /// Sends a request within the limits, with [`Transport::fetch_cached`]. `parse` reads every answer, whatever its status.
    ///
    /// # Errors
    /// The errors of [`Transport::fetch_cached`], and those that `parse` returns, with host and path in front.
    /// [`UnavailableReason::RequestBudget`] or [`UnavailableReason::Timeout`] when the lookup would take more than it may.
    pub async fn ask<T: Serialize + DeserializeOwned>(
        &mut self,
        request: Request,
        parse: impl FnOnce(&Response) -> Result<T, Unavailable>,
    ) -> Result<Cached<T>, Unavailable> {
        self.spend_request()?;
        let place = place(request.url());
        let request = self.limit(request);
        let asking = self.transport.fetch_cached(request, |response| {
            parse(response).map_err(|error| at(&place, &error))
        });
        let began = Instant::now();
        let answer = timeout_at(self.until, asking).await;
        self.budget.spend_time(began.elapsed());
        self.finish_read(&place, answer)
    }

    /// Sends a request within the limits for an answer too large to hold, with [`Transport::fetch_cached_stream`].
    ///
    /// # Errors
    /// The errors of [`RequestBudget::ask`] and [`Transport::fetch_cached_stream`].
    pub async fn ask_stream<T, D>(
        &mut self,
        request: Request,
        parse: D,
    ) -> Result<Cached<T>, Unavailable>
    where
        T: Serialize + DeserializeOwned + Send + 'static,
        D: FnOnce(&ResponseHead, &mut dyn Read) -> Result<T, Unavailable> + Send + 'static,
    {
        self.spend_request()?;
        let place = place(request.url());
        let asked = place.clone();
        let request = self.limit(request);
        let asking = self
            .transport
            .fetch_cached_stream(request, move |head, body| {
                parse(head, body).map_err(|error| at(&asked, &error))
            });
        let began = Instant::now();
        let answer = timeout_at(self.until, asking).await;
        self.budget.spend_time(began.elapsed());
        self.finish_read(&place, answer)
    }

    fn limit(&self, request: Request) -> Request {
        request
            .within(&self.budget)
            .or_max_bytes(self.limits.max_bytes())
    }

    fn spend_request(&mut self) -> Result<(), Unavailable> {
        let Some(left) = self.requests_left.checked_sub(1) else {
            let detail = format!(
                "it would take more than {} requests",
                self.limits.max_requests()
            );
            return Err(Unavailable::new(UnavailableReason::RequestBudget, detail));
        };
        self.requests_left = left;
        Ok(())
    }

    fn finish_read<T>(
        &mut self,
        place: &str,
        answer: Result<Result<Cached<T>, Unavailable>, Elapsed>,
    ) -> Result<Cached<T>, Unavailable> {
        let cached = answer.map_err(|_| at(place, &out_of_time(self.limits.max_time())))??;
        self.sources.push(cached.head.url().to_string());
        self.age = self.age.max(cached.head.how_old());
        Ok(cached)
    }

    /// Returns the time of evidence that rests on all answers of a lookup made at `now`: `now` less the age of the oldest answer
    /// ([`ResponseHead::how_old`]). Returns `now` where nothing was read.
    #[must_use]
    pub fn observed_at(&self, now: Timestamp) -> Timestamp {
        now - self.age
    }

    /// Returns the addresses that were read, in order.
    #[must_use]
    pub fn sources(&self) -> &[String] {
        &self.sources
    }

    /// Returns the addresses that were read, in order, and ends the lookup.
    #[must_use]
    pub fn into_sources(self) -> Vec<String> {
        self.sources
    }
}

fn at(place: &str, error: &Unavailable) -> Unavailable {
    Unavailable::new(error.reason, format!("{place}: {}", error.raw_detail))
        .retry_after(error.retry_after)
}

/// Returns the failure of a lookup whose time is over.
fn out_of_time(limit: Duration) -> Unavailable {
    let limit = match limit.subsec_millis() {
        0 => in_words(limit),
        _ => format!("{} milliseconds", limit.as_millis()),
    };
    let detail = format!("the whole question would take longer than {limit}");
    Unavailable::new(UnavailableReason::Timeout, detail)
}
