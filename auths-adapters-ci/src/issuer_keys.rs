//! The keys of one issuer over time: the last good set serves, and one refresh runs at a time.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use auths_core::ports::{Budget, CiTokenError, CiTokenQuery};
use auths_core::{RefutedReason, Timestamp, Unavailable, UnavailableReason, in_words};
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::time::{Instant, timeout};

use crate::client::KeyClient;
use crate::config::KeyAges;
use crate::key::PublicKey;
use crate::key_set::KeySet;

/// The shortest time between two refreshes.
const MIN_INTERVAL: Duration = Duration::from_secs(60);

/// The keys of one issuer.
///
/// A refresh is a task of its own: whoever caused it may go away, and others wait for the same one. No lock is held while it runs.
#[derive(Debug)]
pub(crate) struct IssuerKeys {
    client: KeyClient,
    ages: KeyAges,
    max_wait: Duration,
    state: Mutex<KeyState>,
}

#[derive(Debug, Default)]
struct KeyState {
    good: Option<GoodSet>,
    last: Option<Attempt>,
    /// The refresh under way; its sender is dropped when it ends.
    running: Option<watch::Receiver<()>>,
}

/// The last set that was read.
#[derive(Debug)]
struct GoodSet {
    keys: KeySet,
    seen_at: Timestamp,
}

/// The last refresh.
#[derive(Debug)]
struct Attempt {
    at: Timestamp,
    failure: Option<Unavailable>,
    /// False where the caller's own budget ended it: the next one need not wait.
    counts: bool,
}

/// What the last good set says of a key.
enum LookedUp {
    Found { key: Arc<PublicKey>, is_old: bool },
    Unknown,
}

/// A refresh that was started or joined.
struct Refresh {
    /// Its sender is dropped when the refresh ends.
    ended: watch::Receiver<()>,
    is_own: bool,
}

/// The end of a refresh, however it comes.
struct RefreshGuard(watch::Sender<()>);

impl IssuerKeys {
    pub(crate) fn new(client: KeyClient, ages: KeyAges, max_wait: Duration) -> Self {
        Self {
            client,
            ages,
            max_wait,
            state: Mutex::default(),
        }
    }

    /// Returns the key of that id. It is answered from the last good set where that has it; otherwise the keys are read, if they
    /// were not read within a minute.
    ///
    /// # Errors
    /// [`RefutedReason::TokenKey`] when the keys were read for this question, and none has the id. [`CiTokenError::Unavailable`]
    /// when they could not be read, or were read too recently to look again.
    pub(crate) async fn find(
        self: &Arc<Self>,
        key_id: &str,
        query: &CiTokenQuery,
    ) -> Result<Arc<PublicKey>, CiTokenError> {
        if let LookedUp::Found { key, is_old } = self.look_up(key_id, query.now) {
            if is_old {
                // The set serves meanwhile. A refresh that cannot start now starts at a later question.
                let _ = self.refresh(query);
            }
            return Ok(key);
        }
        let Refresh { mut ended, is_own } = self.refresh(query)?;
        let wait = query.budget.time_left().min(self.max_wait);
        let began = Instant::now();
        // The only thing that comes is the end of the sender.
        let waited = timeout(wait, ended.changed()).await;
        if !is_own {
            // The time of its own refresh is taken from the budget where the requests are made.
            query.budget.spend_time(began.elapsed());
        }
        if let LookedUp::Found { key, .. } = self.look_up(key_id, query.now) {
            return Ok(key);
        }
        if waited.is_err() {
            let detail = format!(
                "the keys of {} were not read within {}",
                self.issuer(),
                in_words(wait)
            );
            return Err(Unavailable::new(UnavailableReason::Timeout, detail).into());
        }
        Err(self.explain_missing(key_id))
    }

    fn issuer(&self) -> String {
        self.client.issuer.issuer.url.to_string()
    }

    fn state(&self) -> MutexGuard<'_, KeyState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn look_up(&self, key_id: &str, now: Timestamp) -> LookedUp {
        let state = self.state();
        let Some(good) = &state.good else {
            return LookedUp::Unknown;
        };
        let age = now.since(good.seen_at);
        match good.keys.find(key_id).filter(|_| age < self.ages.hard) {
            Some(key) => LookedUp::Found {
                key,
                is_old: age >= self.ages.refresh,
            },
            None => LookedUp::Unknown,
        }
    }

    /// Starts a refresh, or joins the one that is under way.
    ///
    /// # Errors
    /// [`Unavailable`] when the keys were read, or could not be read, within a minute.
    fn refresh(self: &Arc<Self>, query: &CiTokenQuery) -> Result<Refresh, Unavailable> {
        let mut state = self.state();
        // A task that was lost with its runtime has dropped its sender.
        if let Some(running) = state
            .running
            .as_ref()
            .filter(|running| running.has_changed().is_ok())
        {
            let ended = running.clone();
            return Ok(Refresh {
                ended,
                is_own: false,
            });
        }
        if let Some(last) = state.last.as_ref().filter(|last| last.counts) {
            check_interval(last, query.now, &self.issuer())?;
        }
        let runtime = Handle::try_current().map_err(|_| {
            Unavailable::new(
                UnavailableReason::Internal,
                "keys are read on a tokio runtime, and there is none",
            )
        })?;
        let (sender, ended) = watch::channel(());
        state.running = Some(ended.clone());
        let broken_off = "the reading of the keys was broken off";
        state.last = Some(Attempt {
            at: query.now,
            failure: Some(Unavailable::new(UnavailableReason::Network, broken_off)),
            counts: true,
        });
        let guard = RefreshGuard(sender);
        runtime.spawn(Arc::clone(self).run(query.now, query.budget.clone(), guard));
        Ok(Refresh {
            ended,
            is_own: true,
        })
    }

    async fn run(self: Arc<Self>, now: Timestamp, budget: Budget, guard: RefreshGuard) {
        let read = self.client.read(now, &budget).await;
        // What ended because the caller had no more requests or time says nothing of the issuer.
        let is_spent = budget.requests_left() == 0 || budget.time_left().is_zero();
        let read = read.and_then(|read| self.check_age(read, now));
        if let Err(why) = &read {
            tracing::warn!(issuer = %self.issuer(), %why, "the keys could not be read");
        }
        let mut state = self.state();
        state.running = None;
        let failure = match read {
            Ok((keys, seen_at)) => {
                state.good = Some(GoodSet { keys, seen_at });
                None
            }
            Err(why) => Some(why),
        };
        state.last = Some(Attempt {
            at: now,
            counts: failure.is_none() || !is_spent,
            failure,
        });
        drop(state);
        drop(guard);
    }

    /// Checks that a set which was just read is new enough to serve: a cache on the way may have kept it.
    fn check_age(
        &self,
        (keys, seen_at): (KeySet, Timestamp),
        now: Timestamp,
    ) -> Result<(KeySet, Timestamp), Unavailable> {
        let age = now.since(seen_at);
        if age < self.ages.hard {
            return Ok((keys, seen_at));
        }
        let detail = format!(
            "the keys of {} come from a cache, and are {} old",
            self.issuer(),
            in_words(age)
        );
        Err(Unavailable::new(UnavailableReason::StaleEvidence, detail))
    }

    /// Returns why a key is not there after a refresh.
    fn explain_missing(&self, key_id: &str) -> CiTokenError {
        let state = self.state();
        if let Some(why) = state.last.as_ref().and_then(|last| last.failure.clone()) {
            return why.into();
        }
        let good = state.good.as_ref();
        // The issuer has such a key, so the token may well be its own.
        if good.is_some_and(|good| good.keys.has_unusable(key_id)) {
            let detail = format!(
                "{} lists the key of the token in a form that is not used here",
                self.issuer()
            );
            return Unavailable::unreadable(detail).into();
        }
        let keys = good.map_or(0, |good| good.keys.len());
        let detail = format!("it is none of the {keys} of {}", self.issuer());
        CiTokenError::refuted(RefutedReason::TokenKey, detail)
    }
}

impl Drop for RefreshGuard {
    fn drop(&mut self) {
        let _ = self.0.send(());
    }
}

/// Checks that the last refresh is long enough ago. A clock that was set back does not count as recent.
fn check_interval(last: &Attempt, now: Timestamp, issuer: &str) -> Result<(), Unavailable> {
    let since = now.since(last.at).max(last.at.since(now));
    if since >= MIN_INTERVAL {
        return Ok(());
    }
    let left = MIN_INTERVAL - since;
    Err(match &last.failure {
        Some(why) => {
            let wait = why.retry_after.unwrap_or_default().max(left);
            why.clone().retry_after(Some(wait))
        }
        None => {
            let detail = format!("the keys of {issuer} were read {} ago", in_words(since));
            Unavailable::new(UnavailableReason::KeysReadRecently, detail).retry_after(Some(left))
        }
    })
}
