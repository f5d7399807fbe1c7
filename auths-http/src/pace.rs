//! Taking turns: how many requests a server gets at once, and how soon after each other.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::{Duration, Instant};

use auths_core::Origin;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::config::TransportConfig;

/// The server of an origin, without its base path: what limits are kept for.
pub(crate) fn lane(origin: &Origin) -> String {
    let text = origin.to_string();
    let path = text
        .find("://")
        .and_then(|at| text[at + 3..].find('/').map(|slash| at + 3 + slash));
    text[..path.unwrap_or(text.len())].to_owned()
}

/// The lanes of a transport, one a server.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    lanes: Mutex<HashMap<String, Arc<Lane>>>,
}

/// One server's queue.
#[derive(Debug)]
pub(crate) struct Lane {
    seats: Arc<Semaphore>,
    interval: Option<Duration>,
    /// The same for every transport of the process.
    next_start: NextStart,
}

/// When the next request to a server may start.
type NextStart = Arc<Mutex<Option<Instant>>>;

/// By lane, for the whole process: a service that asks for a pace means the program, not one of its transports.
static NEXT_STARTS: LazyLock<Mutex<HashMap<String, NextStart>>> = LazyLock::new(Mutex::default);

fn next_start(lane: &str) -> NextStart {
    let mut starts = NEXT_STARTS.lock().unwrap_or_else(PoisonError::into_inner);
    Arc::clone(starts.entry(lane.to_owned()).or_default())
}

impl Pace {
    pub(crate) fn lane(&self, origin: &Origin, config: &TransportConfig) -> Arc<Lane> {
        let name = lane(origin);
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        let interval = config.min_interval(&name);
        let next_start = || next_start(&name);
        let new = || {
            Arc::new(Lane {
                seats: Arc::new(Semaphore::new(
                    config.max_concurrent.min(Semaphore::MAX_PERMITS),
                )),
                interval,
                next_start: next_start(),
            })
        };
        Arc::clone(lanes.entry(name.clone()).or_insert_with(new))
    }
}

impl Lane {
    /// Waits for one of the server's seats; it is given back when dropped.
    pub(crate) async fn seat(&self) -> Option<OwnedSemaphorePermit> {
        // The semaphore is never closed, so there is always a seat to come.
        Arc::clone(&self.seats).acquire_owned().await.ok()
    }

    /// Books the next free start and says how long to wait for it. `spaced` is what the request itself asks for.
    pub(crate) fn book(&self, spaced: Option<Duration>) -> Duration {
        let Some(interval) = self.interval.max(spaced) else {
            return Duration::ZERO;
        };
        let now = Instant::now();
        let mut next = self
            .next_start
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let start = next.map_or(now, |at| at.max(now));
        // An interval that no clock can hold is no reason to panic.
        *next = start.checked_add(interval);
        start.saturating_duration_since(now)
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
        let pace = Pace::default();
        let same_server: Origin = "https://slow.example/b".parse().unwrap();
        let waits = [&slow, &same_server, &slow].map(|o| pace.lane(o, &config).book(None));
        assert_eq!(waits[0], Duration::ZERO);
        assert!(waits[1] <= second && waits[1] > second / 2, "{waits:?}");
        assert!(waits[2] <= second * 2 && waits[2] > second, "{waits:?}");
        assert_eq!(pace.lane(&fast, &config).book(None), Duration::ZERO);
        assert_eq!(pace.lane(&fast, &config).book(None), Duration::ZERO);
    }

    #[test]
    fn a_request_that_asks_for_a_pace_gets_it_over_all_transports() {
        let server: Origin = "https://paced.example".parse().unwrap();
        let (config, minute) = (TransportConfig::default(), Duration::from_secs(60));
        let waits = [(); 2].map(|()| Pace::default().lane(&server, &config).book(Some(minute)));
        assert_eq!(waits[0], Duration::ZERO);
        assert!(waits[1] <= minute && waits[1] > minute / 2, "{waits:?}");
    }
}
