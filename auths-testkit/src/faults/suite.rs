//! The fault suite: it runs every row of the table on every route, each against its own server.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use auths_core::Timestamp;
use auths_core::ports::{Clock, FixedClock, MemoryStore};

use super::certificates::Certificates;
use super::endpoint::TestEndpoint;
use super::faulty_server::FaultyServer;
use super::report::{Count, Failure, Report};
use super::route::{Case, How, Route};
use super::row::Make;
use super::seen::Seen;
use crate::doubles::RecordingSleeper;
use auths_http::SystemClock;
use auths_http::Transport;
use auths_http::TransportConfig;

/// The time limits of an attempt: for rows that test running into it, and for all others.
const ATTEMPT: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(5));

/// The default time within which a question must end, whatever the server does.
const LIMIT: Duration = Duration::from_secs(15);

/// The number of rows that run at once.
const WORKERS: usize = 16;

/// A suite that runs [`FAULTS`](super::FAULTS), and the faults of the routes' own fields, on routes.
///
/// Each row has its own server. The suite asks the question while the server fails, and again when it answers well. The second
/// outcome must be that of the good answer, because a fault must leave nothing behind. All of this is done twice: with an empty
/// store, and with a store that holds an earlier good answer, so that the request is conditional.
#[derive(Debug, Clone)]
pub struct FaultSuite {
    now: Option<Timestamp>,
    limit: Duration,
}

/// The data that all rows share.
struct Shared {
    clock: Arc<dyn Clock>,
    certificates: Arc<Certificates>,
    base: Transport,
    limit: Duration,
}

/// One row on one route, with an empty store or one that holds an earlier good answer.
struct Job<'r, 'a> {
    route: &'r Route<'a>,
    case: &'r Case,
    before: usize,
    warm: bool,
}

impl Default for FaultSuite {
    /// Returns the suite of [`FaultSuite::new`].
    fn default() -> Self {
        Self {
            now: None,
            limit: LIMIT,
        }
    }
}

impl FaultSuite {
    /// Creates a suite at the time of this machine, with 15 seconds for each question.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the time within which a question must end, whatever the server does. An attempt that runs into its own time limit
    /// takes a quarter of a second, and there are two attempts.
    #[must_use]
    pub fn within(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// Sets the time, for servers and adapters alike.
    #[must_use]
    pub fn at(mut self, now: Timestamp) -> Self {
        self.now = Some(now);
        self
    }

    /// Runs all rows on each of `routes`, and blocks until all of them have ended.
    ///
    /// # Panics
    /// When the test servers cannot be set up. Failures of an adapter are in the report, panics included.
    #[must_use]
    #[expect(clippy::expect_used, reason = "without servers there is no test")]
    pub fn run(&self, routes: &[Route<'_>]) -> Report {
        let started = Instant::now();
        let clock: Arc<dyn Clock> = match self.now {
            Some(now) => Arc::new(FixedClock(now)),
            None => Arc::new(SystemClock),
        };
        let certificates = Arc::new(Certificates::new().expect("certificates"));
        let base = Transport::new(
            TransportConfig::default().with_ca_bundle(certificates.authority.as_str()),
            Arc::clone(&clock),
            Arc::new(RecordingSleeper::default()),
            Arc::new(MemoryStore::new()),
        );
        let shared = Shared {
            clock,
            certificates,
            base: base.expect("a transport"),
            limit: self.limit,
        };
        let mut report = Report {
            counts: Vec::new(),
            failures: Vec::new(),
            took: Duration::ZERO,
        };
        let mut cases = Vec::new();
        for route in routes {
            match shared.rehearse(route) {
                Ok((before, found)) => cases.push((route, before, found)),
                Err(what) => {
                    cases.push((route, 0, Vec::new()));
                    report
                        .failures
                        .push(failure(route, "the route", false, what));
                }
            }
        }
        let mut jobs = Vec::new();
        for (route, before, cases) in &cases {
            let controls = cases.iter().filter(|c| c.expect.is_control()).count();
            report.counts.push(Count {
                route: route.name.clone(),
                faults: cases.len() - controls,
                controls,
            });
            for case in cases {
                jobs.extend([false, true].map(|warm| Job {
                    route,
                    case,
                    before: *before,
                    warm,
                }));
            }
        }
        report.failures.extend(shared.work(&jobs));
        report.took = started.elapsed();
        report
    }
}

impl Shared {
    /// Asks once, with nothing wrong. Returns the number of requests before the route's own, and the rows to run.
    fn rehearse(&self, route: &Route<'_>) -> Result<(usize, Vec<Case>), String> {
        let cases = route.cases()?;
        let all_well = How::Row(Make::Reply(|good| good.reply()));
        let stage = self.stage(route, &all_well, 0)?;
        stage.begin(false);
        good(&self.ask(route, self.site(&stage, ATTEMPT.1))?, route)?;
        let before = stage.before();
        Ok((before.ok_or("no request came to it")?, cases))
    }

    /// Runs `jobs`, beginning with those that wait for time limits. Returns the failures in the order of `jobs`.
    fn work(&self, jobs: &[Job<'_, '_>]) -> Vec<Failure> {
        let mut order: Vec<usize> = (0..jobs.len()).collect();
        order.sort_by_key(|at| !jobs[*at].case.expect.may_time_out());
        let (next, failures) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
        std::thread::scope(|scope| {
            for _ in 0..WORKERS {
                scope.spawn(|| {
                    while let Some(at) = order.get(next.fetch_add(1, SeqCst)) {
                        let job = &jobs[*at];
                        if let Err(what) = self.perform(job) {
                            let failed = failure(job.route, &job.case.name, job.warm, what);
                            let mut failures =
                                failures.lock().unwrap_or_else(PoisonError::into_inner);
                            failures.push((*at, failed));
                        }
                    }
                });
            }
        });
        let mut failures = failures
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        failures.sort_by_key(|(at, _)| *at);
        failures.into_iter().map(|(_, failure)| failure).collect()
    }

    fn perform(&self, job: &Job<'_, '_>) -> Result<(), String> {
        let (route, case) = (job.route, job.case);
        let expect = if job.warm { case.warm } else { case.expect };
        let stage = self.stage(route, &case.how, job.before)?;
        let timeout = match expect.may_time_out() {
            true => ATTEMPT.0,
            false => ATTEMPT.1,
        };
        let patient = self.site(&stage, ATTEMPT.1);
        let site = TestEndpoint {
            timeout,
            ..patient.clone()
        };
        if job.warm {
            stage.begin(false);
            let seen = self.ask(route, patient.clone())?;
            good(&seen, route).map_err(|what| format!("before the fault: {what}"))?;
        }
        stage.begin(true);
        let seen = self.ask(route, site)?;
        let of_good = match route.says_no {
            true => Seen::No(String::new()),
            false => Seen::Yes,
        };
        if !expect.allows(&seen, &of_good) {
            let advice = advice(&case.name, &seen, &of_good);
            return Err(format!("{seen}; it must be {expect}{advice}"));
        }
        if !stage.was_met() {
            return Err("the question never came to the fault".into());
        }
        stage.begin(false);
        good(&self.ask(route, patient)?, route).map_err(|what| format!("after the fault: {what}"))
    }

    /// Asks the question of `route` on its own runtime. Returns an error if it exceeds the limit or panics.
    fn ask(&self, route: &Route<'_>, site: TestEndpoint) -> Result<Seen, String> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| format!("no runtime: {error}"))?;
        let asked = catch_unwind(AssertUnwindSafe(|| {
            runtime.block_on(async { tokio::time::timeout(self.limit, (route.ask)(site)).await })
        }));
        runtime.shutdown_background();
        match asked {
            Ok(Ok(seen)) => Ok(seen),
            Ok(Err(_)) => Err(format!("it did not end within {}s", self.limit.as_secs())),
            Err(panic) => {
                let text = panic.downcast_ref::<String>().map(String::as_str);
                let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
                Err(format!("it panicked: {}", text.unwrap_or_default()))
            }
        }
    }

    fn stage(&self, route: &Route<'_>, how: &How, before: usize) -> Result<FaultyServer, String> {
        FaultyServer::start(&route.served, how, before, &self.clock, &self.certificates)
            .map_err(|error| format!("the server could not be started: {error}"))
    }

    fn site(&self, stage: &FaultyServer, timeout: Duration) -> TestEndpoint {
        TestEndpoint {
            origin: stage.origin(),
            store: Arc::new(MemoryStore::new()),
            clock: Arc::clone(&self.clock),
            base: self.base.clone(),
            timeout,
        }
    }
}

/// Returns when such an outcome of a row about a field is correct. That an answer is about another name is always a fault.
fn advice(row: &str, seen: &Seen, good: &Seen) -> String {
    let expect = match (seen, good) {
        _ if !row.starts_with('/') || row.ends_with(" of another") => return String::new(),
        (Seen::Yes, Seen::Yes) | (Seen::No(_), Seen::No(_)) => "GOOD",
        (Seen::No(_), _) => "NO",
        _ => return String::new(),
    };
    let when = match expect {
        "GOOD" => "the question does not rest on it",
        _ => "the registry means a no by it",
    };
    format!("; or say `.expect({row:?}, Expect::{expect})` if {when}")
}

/// Checks that the good answer has the outcome that the route declares.
fn good(seen: &Seen, route: &Route<'_>) -> Result<(), String> {
    match (seen, route.says_no) {
        (Seen::Yes, false) | (Seen::No(_), true) => Ok(()),
        _ => Err(format!("the good answer is seen as {seen}")),
    }
}

fn failure(route: &Route<'_>, row: &str, warm: bool, what: String) -> Failure {
    Failure {
        route: route.name.clone(),
        row: row.to_owned(),
        warm,
        what,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_forgotten_expectation_is_named_and_another_name_is_never_one() {
        let advised = advice("/releases an empty list", &Seen::Yes, &Seen::Yes);
        let expected = "; or say `.expect(\"/releases an empty list\", Expect::GOOD)` if the question does not rest on it";
        assert_eq!(advised, expected);
        let no = Seen::No(String::new());
        assert!(advice("/owners null", &no, &Seen::Yes).contains("Expect::NO"));
        assert_eq!(advice("/name of another", &Seen::Yes, &Seen::Yes), "");
        assert_eq!(advice("404 web page", &no, &Seen::Yes), "");
    }
}
