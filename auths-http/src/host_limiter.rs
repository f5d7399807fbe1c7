//! Limits for each host: how many requests run at once, the time between their starts, and how long a host that throttled is not
//! asked.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::{Duration, Instant};

use auths_core::{Origin, Timestamp};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::config::TransportConfig;

/// The time for which a server is not asked after it asked for fewer requests without naming a time, or naming zero.
pub(crate) const LEFT_ALONE: Duration = Duration::from_secs(60);

/// The longest time for which a server is not asked because of one answer. After that it is asked again, once.
const MAX_LEFT_ALONE: Duration = Duration::from_secs(3600);

/// The largest number of credentials for which a server can be closed at once. Tokens may be anything that strangers send.
const MAX_ASKING: usize = 1_024;

/// Returns the server of an origin, without its base path. Limits are kept by this text.
pub(crate) fn lane(origin: &Origin) -> String {
    let text = origin.to_string();
    let path = text
        .find("://")
        .and_then(|at| text[at + 3..].find('/').map(|slash| at + 3 + slash));
    text[..path.unwrap_or(text.len())].to_owned()
}

/// The queues of a transport, one for each host.
#[derive(Debug, Default)]
pub(crate) struct HostLimiter {
    lanes: Mutex<HashMap<String, Arc<HostQueue>>>,
}

/// The queue of one host.
#[derive(Debug)]
pub(crate) struct HostQueue {
    seats: Arc<Semaphore>,
    interval: Option<Duration>,
    /// The start of the next request, shared by all transports of the process.
    next_start: NextStart,
    /// The closed times by credential. A limit used up with one token says nothing about requests with another token.
    closed: Mutex<HashMap<CredentialId, HostClosure>>,
}

/// The credential of a request, as the server sees it: the SHA-256 of the `Authorization`, or `None` without one.
pub(crate) type CredentialId = Option<[u8; 32]>;

/// The time since which a host is closed for a credential, and for how long.
#[derive(Debug)]
struct HostClosure {
    since: Timestamp,
    wait: Duration,
}

impl HostClosure {
    /// Returns the closed time that is left. Setting the clock back does not make it longer.
    fn left(&mut self, now: Timestamp) -> Option<Duration> {
        self.since = self.since.min(now);
        let left = self.wait.saturating_sub(now.since(self.since));
        (!left.is_zero()).then_some(left)
    }
}

/// The time when the next request to a server may start.
type NextStart = Arc<Mutex<Option<Instant>>>;

/// The next starts by host, for the whole process. A service that asks for an interval means the whole program, not one of its
/// transports.
static NEXT_STARTS: LazyLock<Mutex<HashMap<String, NextStart>>> = LazyLock::new(Mutex::default);

fn next_start(lane: &str) -> NextStart {
    let mut starts = NEXT_STARTS.lock().unwrap_or_else(PoisonError::into_inner);
    Arc::clone(starts.entry(lane.to_owned()).or_default())
}

impl HostLimiter {
    pub(crate) fn lane(&self, origin: &Origin, config: &TransportConfig) -> Arc<HostQueue> {
        let name = lane(origin);
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        let lane = lanes.entry(name.clone());
        Arc::clone(lane.or_insert_with(|| Arc::new(HostQueue::new(&name, config))))
    }
}

impl HostQueue {
    fn new(lane: &str, config: &TransportConfig) -> Self {
        let permits = config.max_concurrent.min(Semaphore::MAX_PERMITS);
        Self {
            seats: Arc::new(Semaphore::new(permits)),
            interval: config.min_interval(lane),
            next_start: next_start(lane),
            closed: Mutex::default(),
        }
    }

    /// Waits for one of the host's permits. Dropping the permit gives it back.
    pub(crate) async fn permit(&self) -> Option<OwnedSemaphorePermit> {
        // The semaphore is never closed, so a permit always comes.
        Arc::clone(&self.seats).acquire_owned().await.ok()
    }

    /// Books the next free start and returns how long to wait for it. `min_interval` is the interval that the request itself asks
    /// for.
    pub(crate) fn reserve_slot(&self, min_interval: Option<Duration>) -> Duration {
        let Some(interval) = self.interval.max(min_interval) else {
            return Duration::ZERO;
        };
        let now = Instant::now();
        let mut next = self
            .next_start
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let start = next.map_or(now, |at| at.max(now));
        // An interval that no clock can hold must not panic.
        *next = start.checked_add(interval);
        start.saturating_duration_since(now)
    }

    /// Closes the host for `whom` from `now` on, for the time that the server asked for. Returns that time, counted from now.
    ///
    /// The time is a minute if the server named none, at most [`MAX_LEFT_ALONE`], and never shorter than an earlier closing.
    pub(crate) fn close(
        &self,
        whom: CredentialId,
        asked: Option<Duration>,
        now: Timestamp,
    ) -> Duration {
        let wait = asked.filter(|asked| !asked.is_zero()).unwrap_or(LEFT_ALONE);
        let wait = wait.min(MAX_LEFT_ALONE);
        let mut closed = self.closed.lock().unwrap_or_else(PoisonError::into_inner);
        closed.retain(|_, closed| closed.left(now).is_some());
        let before = closed.get_mut(&whom).and_then(|closed| closed.left(now));
        let wait = wait.max(before.unwrap_or_default());
        if closed.len() >= MAX_ASKING && !closed.contains_key(&whom) {
            // The credential whose closing ends first is forgotten: it would be told once more to wait. Requests without a token
            // are never forgotten.
            let others = closed.iter().filter(|(whom, _)| whom.is_some());
            let first = others.min_by_key(|(_, closed)| closed.since + closed.wait);
            if let Some(first) = first.map(|(whom, _)| *whom) {
                closed.remove(&first);
            }
        }
        closed.insert(whom, HostClosure { since: now, wait });
        wait
    }

    /// Returns how long the host is still closed for `whom`; `None` when it may be asked.
    pub(crate) fn closed(&self, whom: &CredentialId, now: Timestamp) -> Option<Duration> {
        let mut closed = self.closed.lock().unwrap_or_else(PoisonError::into_inner);
        closed.get_mut(whom)?.left(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lane_is_the_server_without_the_path() {
        for (origin, name) in [
            ("https://h.example/base/x", "https://h.example"),
            ("https://h.example", "https://h.example"),
            ("https://h.example:8443/x", "https://h.example:8443"),
            ("http://[::1]:80", "http://[::1]"),
        ] {
            assert_eq!(lane(&origin.parse().unwrap()), name);
        }
    }

    #[test]
    fn starts_are_spaced_per_server() {
        let slow: Origin = "https://slow.example/a".parse().unwrap();
        let fast: Origin = "https://fast.example".parse().unwrap();
        let second = Duration::from_secs(1);
        let config = TransportConfig::default().with_min_interval(&slow, second);
        let pace = HostLimiter::default();
        let same_server: Origin = "https://slow.example/b".parse().unwrap();
        let waits = [&slow, &same_server, &slow].map(|o| pace.lane(o, &config).reserve_slot(None));
        assert_eq!(waits[0], Duration::ZERO);
        assert!(waits[1] <= second && waits[1] > second / 2, "{waits:?}");
        assert!(waits[2] <= second * 2 && waits[2] > second, "{waits:?}");
        assert_eq!(pace.lane(&fast, &config).reserve_slot(None), Duration::ZERO);
        assert_eq!(pace.lane(&fast, &config).reserve_slot(None), Duration::ZERO);
    }

    #[test]
    fn a_server_is_left_alone_as_long_as_it_asked_a_minute_at_least_and_an_hour_at_most() {
        let now: Timestamp = "2026-11-21T08:46:00Z".parse().unwrap();
        let seconds = Duration::from_secs;
        for (asked, wait) in [
            (None, 60),
            (Some(0), 60),
            (Some(1), 1),
            (Some(120), 120),
            (Some(86_400), 3600),
        ] {
            let lane = lane_of("https://h.example");
            assert_eq!(lane.close(None, asked.map(seconds), now), seconds(wait));
            let left = |after: u64| lane.closed(&None, now + seconds(after));
            assert_eq!(left(wait - 1), Some(seconds(1)), "{asked:?}");
            assert_eq!(left(wait), None, "{asked:?}");
        }
    }

    #[test]
    fn a_later_answer_that_asks_for_less_opens_nothing_and_other_tokens_are_others() {
        let now: Timestamp = "2026-11-21T08:46:00Z".parse().unwrap();
        let seconds = Duration::from_secs;
        let lane = lane_of("https://h.example");
        lane.close(Some([1; 32]), Some(seconds(120)), now);
        let told = lane.close(Some([1; 32]), Some(seconds(5)), now + seconds(20));
        assert_eq!(told, seconds(100));
        assert_eq!(
            lane.closed(&Some([1; 32]), now + seconds(119)),
            Some(seconds(1))
        );
        assert_eq!(lane.closed(&Some([2; 32]), now), None);
        assert_eq!(lane.closed(&None, now), None);
    }

    #[test]
    fn no_more_tokens_are_remembered_than_may_be_and_nobody_asking_without_one_is_forgotten() {
        let now: Timestamp = "2026-11-21T08:46:00Z".parse().unwrap();
        let lane = lane_of("https://h.example");
        lane.close(None, Some(Duration::from_secs(1)), now);
        let token = |n: usize| {
            let mut digest = [0; 32];
            digest[..8].copy_from_slice(&(n as u64).to_be_bytes());
            Some(digest)
        };
        for n in 0..10 * MAX_ASKING {
            let wait = Duration::from_secs(100 + n as u64 % 3_000);
            lane.close(token(n), Some(wait), now);
        }
        assert_eq!(lane.closed.lock().unwrap().len(), MAX_ASKING);
        assert!(lane.closed(&None, now).is_some());
        assert!(lane.closed(&token(10 * MAX_ASKING - 1), now).is_some());
    }

    #[test]
    fn a_clock_that_was_set_back_keeps_no_server_closed_for_longer() {
        let now: Timestamp = "2026-11-21T08:46:00Z".parse().unwrap();
        let lane = lane_of("https://h.example");
        lane.close(None, None, now);
        let back = now - Duration::from_secs(86_400);
        assert_eq!(lane.closed(&None, back), Some(LEFT_ALONE));
        assert_eq!(lane.closed(&None, back + LEFT_ALONE), None);
    }

    fn lane_of(origin: &str) -> Arc<HostQueue> {
        HostLimiter::default().lane(&origin.parse().unwrap(), &TransportConfig::default())
    }

    #[test]
    fn a_request_that_asks_for_a_pace_gets_it_over_all_transports() {
        let server: Origin = "https://paced.example".parse().unwrap();
        let (config, minute) = (TransportConfig::default(), Duration::from_secs(60));
        let waits = [(); 2].map(|()| {
            HostLimiter::default()
                .lane(&server, &config)
                .reserve_slot(Some(minute))
        });
        assert_eq!(waits[0], Duration::ZERO);
        assert!(waits[1] <= minute && waits[1] > minute / 2, "{waits:?}");
    }
}
