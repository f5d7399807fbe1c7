//! Problem details for everything that is not a yes.

use super::*;
use auths_core::claim::{NamespaceClaim, Signed};
use auths_core::problem::{ProblemDetails, status};
use auths_core::reason::all_reasons;
use auths_core::{Invalid, Outcome, Refuted, RefutedReason};

fn json(problem: &ProblemDetails) -> serde_json::Value {
    serde_json::to_value(problem).unwrap()
}

#[test]
fn every_reason_has_a_status_and_the_classes_never_share_one() {
    for row in all_reasons() {
        let expected: &[u16] = match row.class {
            "invalid" => &[400],
            "refuted" => &[403, 409],
            _ => &[500, 503],
        };
        assert!(expected.contains(&status(&row)), "{}", row.code);
    }
}

#[test]
fn a_pending_answer_says_when_it_can_be_a_yes() {
    let scene = Scene::new();
    let verifier = scene.verifier();
    let bundle = scene.bundle(&verifier, &scene.key, false);
    let policy = Policy::builder("a month")
        .resisting([auths_core::Capability::StolenToken])
        .with_maturity(DAY * 30)
        .build()
        .unwrap();
    let decision = block_on(verifier.verify(&bundle, &policy, scene.now()));
    assert_eq!(decision.outcome(), Outcome::Pending);
    let (ripe, now) = (decision.ripe_at().unwrap(), scene.now());
    let problem = ProblemDetails::of(&decision).unwrap();
    assert_eq!(problem.status, 409);
    assert_eq!(problem.retry_after, Some(ripe.since(now).as_secs()));
    let json = json(&problem);
    assert_eq!(json["ripe_at"], ripe.to_string());
    assert_eq!(json["outcome"], "pending");
    assert_eq!(json["remedy"], decision.remedy().unwrap());
}

#[test]
fn a_denied_answer_is_forbidden_and_an_outage_is_not() {
    let scene = Scene::new();
    let verifier = scene.verifier();
    let stranger = scene.bundle(&verifier, &key(2), false);
    let denied = ProblemDetails::of(&scene.verify(&verifier, &stranger)).unwrap();
    assert_eq!(
        (denied.status, denied.retry_after, denied.ripe_at),
        (403, None, None)
    );
    scene.set_down(true);
    let unread = ProblemDetails::of(&scene.verify(&verifier, &stranger)).unwrap();
    assert_eq!((unread.status, unread.code), (503, "AUTHS-3001"));
    assert_eq!(unread.retry_after, Some(60));
    assert_eq!(json(&unread)["outcome"], "undetermined");
}

#[test]
fn a_yes_is_no_problem() {
    let scene = Scene::new();
    let verifier = scene.verifier();
    let bundle = scene.bundle(&verifier, &scene.key, false);
    assert_eq!(ProblemDetails::of(&scene.verify(&verifier, &bundle)), None);
}

#[test]
fn the_servers_own_wait_is_told_on() {
    let why = Unavailable::new(UnavailableReason::RateLimited, "429");
    let problem = ProblemDetails::from(&why.retry_after(Some(Duration::from_secs(7))));
    assert_eq!((problem.status, problem.retry_after), (503, Some(7)));
    // Nothing changes by asking again where a setting is wrong.
    let wrong = ProblemDetails::from(&Unavailable::new(UnavailableReason::Forbidden, "403"));
    assert_eq!((wrong.status, wrong.retry_after), (503, None));
}

#[test]
fn text_from_outside_is_escaped_and_tokens_are_not_repeated() {
    let bad = "six\u{202e}\u{1b}[31m";
    let token = format!("ghp_{}", "A".repeat(36));
    let refuted = Refuted::new(RefutedReason::NotListed, format!("{bad} {token}"));
    let problem = ProblemDetails::from(&auths_core::decide::Obstacle::from(refuted));
    let invalid = ProblemDetails::invalid(Invalid::BadBundle, bad);
    for problem in [problem, invalid] {
        let text = json(&problem).to_string();
        assert!(
            !text.contains('\u{202e}') && !text.contains('\u{1b}'),
            "{text}"
        );
        assert!(!text.contains(&token), "{text}");
    }
}

#[test]
fn what_is_no_claim_is_a_bad_request() {
    let error = Signed::<NamespaceClaim>::parse(b"{").unwrap_err();
    let problem = ProblemDetails::from(&error);
    assert_eq!((problem.status, problem.code), (400, "AUTHS-1004"));
    assert_eq!(json(&problem)["type"], "urn:auths:bad-json");
    let bundle = Bundle::parse(b"[]").unwrap_err();
    assert_eq!(ProblemDetails::from(&bundle).status, 400);
}
