//! Readers of environments that lie.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use auths_core::Timestamp;
use auths_core::ci::{
    CiIssuer, CiProvider, EnvironmentEvidence, EnvironmentName, EnvironmentProtection,
    EnvironmentReviewer, NumericId,
};
use auths_core::ports::{Budget, EnvironmentQuery, EnvironmentReader};
use auths_testkit::block_on;
use auths_testkit::conformance::{EnvironmentState, EnvironmentSubject, environment_reader};
use auths_testkit::doubles::FakeEnvironments;

use crate::doubles::{Environments, set_environment};
use crate::{assert_caught, assert_every_check_caught};

#[derive(Debug, Clone, Copy, PartialEq)]
enum Lie {
    NamesAnotherIssuer,
    TakesTeamsForUsers,
    LeavesTheBypassOut,
    PreventsSelfReviewAlways,
    ForgetsTheBranches,
    AnswersAboutAnotherRepository,
    AnswersAboutAnotherEnvironment,
    SeesTheFuture,
    IgnoresTheRepository,
    CutsTheName,
    ComparesBytes,
    CallsTheMissingUnprotected,
    GuardsTheMissing,
    GuardsDespiteFaults,
    CallsFaultsUnprotected,
    DatesCopiesAnew,
    KeepsTheFirstAnswer,
    AnswersForAnyIssuer,
    SpendsNothing,
}

const LIES: &[(Lie, &str)] = &[
    (Lie::NamesAnotherIssuer, "names-its-issuer"),
    (Lie::TakesTeamsForUsers, "reads-what-is-stated"),
    (Lie::LeavesTheBypassOut, "reads-what-is-stated"),
    (Lie::PreventsSelfReviewAlways, "reads-what-is-stated"),
    (Lie::ForgetsTheBranches, "reads-what-is-stated"),
    (Lie::AnswersAboutAnotherRepository, "answers-what-was-asked"),
    (
        Lie::AnswersAboutAnotherEnvironment,
        "answers-what-was-asked",
    ),
    (Lie::SeesTheFuture, "answers-what-was-asked"),
    (Lie::IgnoresTheRepository, "repositories-by-number"),
    (Lie::CutsTheName, "environments-by-name"),
    (Lie::ComparesBytes, "case-as-the-platform"),
    (Lie::CallsTheMissingUnprotected, "not-shown-is-not-read"),
    (Lie::GuardsTheMissing, "not-shown-is-not-read"),
    (Lie::GuardsDespiteFaults, "faults-guard-nothing"),
    (Lie::CallsFaultsUnprotected, "faults-guard-nothing"),
    (Lie::DatesCopiesAnew, "as-old-as-its-answer"),
    (Lie::KeepsTheFirstAnswer, "looks-each-time"),
    (Lie::AnswersForAnyIssuer, "other-issuers"),
    (Lie::SpendsNothing, "spends-the-budget"),
];

/// A reader that is honest but for its lie.
#[derive(Debug)]
struct EvilEnvironments {
    lie: Lie,
    issuer: CiIssuer,
    honest: FakeEnvironments,
    /// The names that were set, as they were spelled.
    spelled: Mutex<Vec<EnvironmentName>>,
    in_trouble: Mutex<bool>,
    first: Mutex<BTreeMap<String, EnvironmentEvidence>>,
}

fn cut(name: &EnvironmentName) -> EnvironmentName {
    name.as_str()[..3].parse().unwrap()
}

fn open() -> EnvironmentProtection {
    EnvironmentProtection::new(Vec::new(), false, false)
}

impl EvilEnvironments {
    /// The query as the reader understands it.
    fn understood(&self, query: &EnvironmentQuery) -> EnvironmentQuery {
        let mut query = query.clone();
        match self.lie {
            Lie::AnswersForAnyIssuer => query.issuer = self.honest.issuer().clone(),
            Lie::CutsTheName => query.environment = cut(&query.environment),
            Lie::SpendsNothing => query.budget = Budget::unlimited(),
            _ => {}
        }
        query
    }

    async fn seen(&self, query: &EnvironmentQuery) -> EnvironmentEvidence {
        let mut seen = self.honest.read_environment(query).await;
        if self.lie == Lie::IgnoresTheRepository && seen.protection.is_err() {
            let mut other = query.clone();
            other.repository_id = NumericId::new(701).unwrap();
            seen = self.honest.read_environment(&other).await;
        }
        let is_spelled = |name: &EnvironmentName| *name == query.environment;
        if self.lie == Lie::ComparesBytes && !self.spelled.lock().unwrap().iter().any(is_spelled) {
            let mut other = query.clone();
            other.environment = "unknown".parse().unwrap();
            seen = self.honest.read_environment(&other).await;
        }
        seen
    }
}

#[async_trait]
impl EnvironmentReader for EvilEnvironments {
    fn issuer(&self) -> &CiIssuer {
        &self.issuer
    }

    async fn read_environment(&self, query: &EnvironmentQuery) -> EnvironmentEvidence {
        let asked = query.environment.to_string();
        if self.lie == Lie::KeepsTheFirstAnswer
            && let Some(first) = self.first.lock().unwrap().get(&asked)
        {
            return first.clone();
        }
        let mut seen = self.seen(&self.understood(query)).await;
        let is_in_trouble = *self.in_trouble.lock().unwrap();
        let is_asked = query.issuer == *self.honest.issuer() && query.budget.requests_left() > 0;
        match (self.lie, &mut seen.protection) {
            (Lie::TakesTeamsForUsers, Ok(protection)) => {
                for reviewer in &mut protection.reviewers {
                    if let EnvironmentReviewer::Team(id) = *reviewer {
                        *reviewer = EnvironmentReviewer::User(id);
                    }
                }
            }
            (Lie::LeavesTheBypassOut, Ok(protection)) => protection.admins_may_bypass = false,
            (Lie::PreventsSelfReviewAlways, Ok(protection)) => {
                protection.prevents_self_review = true;
            }
            (Lie::ForgetsTheBranches, Ok(protection)) => protection.restricts_refs = false,
            (Lie::AnswersAboutAnotherRepository, _) => {
                seen.repository_id = NumericId::new(1).unwrap();
            }
            (Lie::AnswersAboutAnotherEnvironment, _) => {
                seen.environment = "another".parse().unwrap();
            }
            (Lie::SeesTheFuture, _) => {
                seen.observed_at = query.now + Duration::from_secs(60);
            }
            (Lie::CallsTheMissingUnprotected, protection @ Err(_))
                if !is_in_trouble && is_asked =>
            {
                *protection = Ok(open());
            }
            (Lie::GuardsTheMissing, protection @ Err(_)) if !is_in_trouble && is_asked => {
                *protection = Ok(EnvironmentState::guarded());
            }
            (Lie::GuardsDespiteFaults, protection @ Err(_)) if is_in_trouble => {
                *protection = Ok(EnvironmentState::guarded());
            }
            (Lie::CallsFaultsUnprotected, protection @ Err(_)) if is_in_trouble => {
                *protection = Ok(open());
            }
            (Lie::DatesCopiesAnew, _) => seen.observed_at = query.now,
            _ => {}
        }
        let mut first = self.first.lock().unwrap();
        first.insert(asked, seen.clone());
        seen
    }
}

struct Lying(Lie);

impl EnvironmentSubject for Lying {
    type Reader = EvilEnvironments;

    fn open(&self) -> EvilEnvironments {
        let own = Environments.issuer();
        let issuer = match self.0 {
            Lie::NamesAnotherIssuer => CiIssuer::public(CiProvider::GitLabCi).unwrap(),
            _ => own.clone(),
        };
        EvilEnvironments {
            lie: self.0,
            issuer,
            honest: FakeEnvironments::new(own),
            spelled: Mutex::default(),
            in_trouble: Mutex::default(),
            first: Mutex::default(),
        }
    }

    fn issuer(&self) -> CiIssuer {
        Environments.issuer()
    }

    fn now(&self) -> Timestamp {
        Environments.now()
    }

    fn set(
        &self,
        reader: &EvilEnvironments,
        repository: NumericId,
        environment: &EnvironmentName,
        state: EnvironmentState,
    ) {
        *reader.in_trouble.lock().unwrap() = matches!(state, EnvironmentState::InTrouble(_));
        reader.spelled.lock().unwrap().push(environment.clone());
        let known = match self.0 {
            Lie::CutsTheName => cut(environment),
            _ => environment.clone(),
        };
        set_environment(&reader.honest, repository, &known, state);
    }
}

#[test]
fn every_lying_reader_of_environments_is_caught_by_name() {
    for (lie, check) in LIES {
        let report = block_on(environment_reader(&Lying(*lie)));
        assert_caught(lie, check, &report);
    }
    let caught: Vec<_> = LIES.iter().map(|(_, check)| *check).collect();
    assert_every_check_caught(&block_on(environment_reader(&Environments)), &caught);
}
