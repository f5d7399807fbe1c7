//! The whole table of faults on both routes: a fault never guards, and is no error of the whole.

use auths_adapters_github::{GitHubConfig, GitHubEnvironments};
use auths_core::UnavailableReason::{self, *};
use auths_core::policy::ORG_EVIDENCE_AGE;
use auths_core::ports::EnvironmentReaderExt;
use auths_core::{SecretString, Unavailable};
use auths_testkit::conformance::EnvironmentState;
use auths_testkit::faults::{Expect, FaultSuite, Field, MAX_BYTES, Route, Seen, TestEndpoint};
use auths_testkit::server::{Received, Reply};

use crate::common::*;

/// Is the environment guarded?
async fn guarded(site: TestEndpoint) -> Seen {
    let config = GitHubConfig::at(site.origin()).with_max_bytes(MAX_BYTES as u64);
    let reader = GitHubEnvironments::new(local_issuer(), config, site.transport()).unwrap();
    let reader = reader.reading_as(SecretString::from("gho_x"));
    let mut query = query("Prod");
    query.now = site.now();
    let seen = reader.read_checked(&query).await;
    match seen.protection {
        Ok(_) if query.now.since(seen.observed_at) >= ORG_EVIDENCE_AGE => {
            Unavailable::new(StaleEvidence, "as the decision says").into()
        }
        Ok(protection) if protection.is_guarded() => Seen::Yes,
        Ok(protection) => Seen::No(format!("{protection:?}")),
        Err(why) => why.into(),
    }
}

fn beside(request: &Received) -> Reply {
    match request.path.as_str() {
        REPOSITORY => Reply::json(200, repository(700)),
        ENVIRONMENT => Reply::json(200, environment(700, "Prod", &EnvironmentState::guarded())),
        _ => own_404(),
    }
}

/// What each kind of refusal says. What is old guards nothing, nor what a wrong clock dates.
fn narrowed(route: Route<'_>) -> Route<'_> {
    const ROWS: &[(&str, &[UnavailableReason])] = &[
        ("401", &[Forbidden]),
        ("403", &[Forbidden]),
        ("403 with the good body", &[Forbidden]),
        ("403 block page", &[Forbidden]),
        ("403 rate limit", &[RateLimited]),
        ("403 secondary rate limit", &[RateLimited]),
        ("403 single sign-on", &[SsoRequired]),
        ("403 missing permission", &[TokenKind]),
        ("good: nine minutes ahead", &[ClockSkew]),
        ("good: an hour old, from a cache", &[StaleEvidence]),
        (
            "good: an hour old, from a cache that dates anew",
            &[StaleEvidence],
        ),
    ];
    // A 429 that names no time is a secondary limit: GitHub asks to wait a minute then.
    let minute = Expect::unavailable(&[RateLimited]).after(60);
    let throttled = [
        "429",
        "429 after nonsense",
        "429 after less than nothing",
        "429 after a part",
    ];
    let route = throttled
        .into_iter()
        .fold(route.beside(beside), |route, row| route.expect(row, minute));
    ROWS.iter().fold(route, |route, (row, why)| {
        route.expect(*row, Expect::unavailable(why))
    })
}

#[test]
fn every_fault_on_every_route() {
    let mut protection = EnvironmentState::guarded();
    protection.restricts_refs = true;
    let good = environment(700, "Prod", &protection);
    let other = "https://api.github.com/repos/acme/other/environments/Prod";
    let report = FaultSuite::new().at(now()).run(&[
        narrowed(Route::new(
            "the repository",
            REPOSITORY,
            repository(700),
            guarded,
        ))
        .fields([Field::new("/id"), Field::new("/full_name")])
        .identity("/id", 701)
        .identity("/full_name", "acme/other"),
        narrowed(Route::new("the environment", ENVIRONMENT, good, guarded))
            .fields([
                Field::new("/name"),
                Field::new("/url"),
                Field::new("/can_admins_bypass"),
                Field::new("/protection_rules"),
                Field::new("/protection_rules/0/type"),
                Field::new("/protection_rules/0/prevent_self_review"),
                Field::new("/protection_rules/0/reviewers"),
                Field::new("/protection_rules/0/reviewers/0/type").closed(),
                Field::new("/protection_rules/0/reviewers/0/reviewer"),
                Field::new("/protection_rules/0/reviewers/0/reviewer/id"),
                Field::new("/deployment_branch_policy")
                    .or_missing()
                    .or_null(),
                Field::new("/deployment_branch_policy/protected_branches"),
                Field::new("/deployment_branch_policy/custom_branch_policies"),
            ])
            // An environment without rules is one that nobody guards: GitHub's own, complete answer.
            .expect("/protection_rules an empty list", Expect::NO)
            .identity("/name", "Production")
            .identity("/url", other),
    ]);
    println!("{report}");
    report.assert_held(150);
    assert_eq!(report.counts.len(), 2);
}
