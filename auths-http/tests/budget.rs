//! One budget over everything that is read for a decision: attempts, redirects, bytes and time.

mod common;

use std::time::Duration;

use auths_core::UnavailableReason;
use auths_core::ports::Budget;
use auths_http::{Limits, RequestBudget, Response};
use auths_testkit::server::Reply;
use common::{config, pair, run};

fn budget(requests: u32) -> Budget {
    Budget::new(requests, Duration::from_secs(60))
}

#[test]
fn every_attempt_is_taken_from_it_and_none_is_made_without() {
    let pair = pair(config().with_max_attempts(3), |_| Reply::status(503));
    let two = budget(2);
    let last = pair.send(pair.get().within(&two)).unwrap();
    assert_eq!(last.status(), 503, "the last answer stands");
    assert_eq!(pair.server.request_count(), 2);
    assert_eq!(
        pair.why(pair.get().within(&two)),
        UnavailableReason::RequestBudget
    );
    assert_eq!(pair.server.request_count(), 2, "nothing was sent");
    let plenty = budget(9);
    assert!(pair.send(pair.get().within(&plenty)).is_ok());
    assert_eq!(plenty.requests_left(), 6);
}

#[test]
fn a_followed_redirect_is_a_request_too() {
    let pair = pair(config(), |request| match request.path.as_str() {
        "/x" => Reply::redirect(302, "/y"),
        path => Reply::json(200, path),
    });
    let request = || pair.get().redirects_within_origin(3);
    assert_eq!(
        pair.why(request().within(&budget(1))),
        UnavailableReason::RequestBudget
    );
    assert_eq!(pair.server.request_count(), 1);
    assert!(pair.send(request().within(&budget(2))).is_ok());
}

#[test]
fn the_bytes_of_all_bodies_are_counted_together() {
    let pair = pair(config(), |_| Reply::json(200, "x".repeat(1_000)));
    let small = budget(9).with_bytes(2_500);
    for _ in 0..2 {
        assert!(pair.send(pair.get().within(&small)).is_ok());
    }
    assert_eq!(
        pair.why(pair.get().within(&small)),
        UnavailableReason::RequestBudget
    );
}

#[test]
fn several_questions_share_one() {
    let pair = pair(config(), |_| Reply::json(200, "yes"));
    let shared = budget(3);
    let read = |_: &Response| Ok(());
    let ask = |n: usize| {
        run(async {
            let time = Duration::from_secs(60);
            let mut question =
                RequestBudget::new(&pair.transport, Limits::new(40, time, 2 << 20), &shared);
            for _ in 0..n {
                question.ask(pair.get(), read).await?;
            }
            Ok::<_, auths_core::Unavailable>(())
        })
    };
    assert!(ask(2).is_ok());
    assert_eq!(ask(2).unwrap_err().reason, UnavailableReason::RequestBudget);
    assert_eq!(pair.server.request_count(), 3);
}

#[test]
fn the_time_of_one_question_is_gone_for_the_next() {
    let pair = pair(config(), |_| {
        std::thread::sleep(Duration::from_millis(120));
        Reply::json(200, "late")
    });
    let shared = Budget::new(9, Duration::from_millis(200));
    let read = |_: &Response| Ok(());
    let ask = || {
        run(async {
            let time = Duration::from_secs(60);
            let mut question =
                RequestBudget::new(&pair.transport, Limits::new(40, time, 2 << 20), &shared);
            question.ask(pair.get(), read).await.map(drop)
        })
    };
    assert!(ask().is_ok());
    assert!(shared.time_left() <= Duration::from_millis(80));
    for _ in 0..2 {
        assert_eq!(ask().unwrap_err().reason, UnavailableReason::Timeout);
    }
    assert!(
        pair.server.request_count() <= 2,
        "without time nothing is sent"
    );
}
