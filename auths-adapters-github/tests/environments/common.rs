//! A loopback GitHub with the environments that a test sets.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use auths_adapters_github::{GitHubConfig, GitHubEnvironments};
use auths_core::Timestamp;
use auths_core::ci::{
    CiIssuer, CiProvider, EnvironmentName, EnvironmentProtection, EnvironmentReviewer, NumericId,
};
use auths_core::ports::{EnvironmentQuery, FixedClock, MemoryStore};
use auths_http::{Transport, TransportConfig};
use auths_testkit::conformance::EnvironmentState;
use auths_testkit::doubles::RecordingSleeper;
use auths_testkit::server::{Received, Reply, Server, Shape};
use serde_json::{Value, json};

pub(crate) const REPOSITORY: &str = "/repositories/700";
pub(crate) const ENVIRONMENT: &str = "/repositories/700/environments/Prod";

/// Where GitHub's JSON holds what the faults are about.
const SHAPE: Shape = Shape {
    name: "/name",
    owners: "/protection_rules/0/reviewers",
};

pub(crate) fn now() -> Timestamp {
    "2026-11-21T08:46:00Z".parse().unwrap()
}

pub(crate) fn github() -> CiIssuer {
    CiIssuer::public(CiProvider::GitHubActions).unwrap()
}

/// The issuer of a GitHub on this machine.
pub(crate) fn local_issuer() -> CiIssuer {
    let url = "http://127.0.0.1:9/_services/token".parse().unwrap();
    CiIssuer::new(CiProvider::GitHubActions, url)
}

pub(crate) fn query(name: &str) -> EnvironmentQuery {
    let (id, name) = ("700".parse().unwrap(), name.parse().unwrap());
    EnvironmentQuery::new(local_issuer(), id, name, now())
}

pub(crate) fn repository(id: u64) -> Value {
    json!({
        "id": id, "full_name": format!("acme/widget{id}"), "private": false,
        "owner": { "login": "acme", "id": 4242, "type": "Organization" },
    })
}

/// An environment as GitHub shows it.
pub(crate) fn environment(id: u64, name: &str, protection: &EnvironmentProtection) -> Value {
    let reviewers = protection.reviewers.iter().map(|one| match one {
        EnvironmentReviewer::User(id) => {
            json!({ "type": "User", "reviewer": { "id": number(*id), "login": "x" } })
        }
        EnvironmentReviewer::Team(id) => {
            json!({ "type": "Team", "reviewer": { "id": number(*id), "slug": "x" } })
        }
        other => panic!("{other:?}"),
    });
    let reviewers: Vec<Value> = reviewers.collect();
    let mut rules = Vec::new();
    if !reviewers.is_empty() {
        rules.push(json!({
            "id": 1, "type": "required_reviewers", "reviewers": reviewers,
            "prevent_self_review": protection.prevents_self_review,
        }));
    }
    rules.push(json!({ "id": 2, "type": "wait_timer", "wait_timer": 30 }));
    let branches = json!({ "protected_branches": false, "custom_branch_policies": true });
    json!({
        "id": 9, "name": name,
        "url": format!("https://api.github.com/repos/acme/widget{id}/environments/{name}"),
        "protection_rules": rules,
        "can_admins_bypass": protection.admins_may_bypass,
        "deployment_branch_policy": protection.restricts_refs.then_some(branches),
    })
}

fn number(id: NumericId) -> u64 {
    id.to_string().parse().unwrap()
}

/// GitHub's own 404.
pub(crate) fn own_404() -> Reply {
    let docs = "https://docs.github.com/rest";
    Reply::json(
        404,
        json!({ "message": "Not Found", "documentation_url": docs, "status": "404" }),
    )
}

type Set = (u64, String, EnvironmentState);

/// The state of a GitHub.
#[derive(Debug, Clone, Default)]
pub(crate) struct Place(Arc<Mutex<Vec<Set>>>);

impl Place {
    pub(crate) fn set(&self, id: NumericId, name: &EnvironmentName, state: EnvironmentState) {
        let mut all = self.0.lock().unwrap();
        all.retain(|(other, known, _)| {
            *other != number(id) || !known.eq_ignore_ascii_case(name.as_str())
        });
        all.push((number(id), name.as_str().to_owned(), state));
    }

    /// The answer of GitHub, which finds environments without regard to case.
    fn reply(&self, request: &Received) -> Reply {
        let all = self.0.lock().unwrap();
        let parts: Vec<&str> = request.path.trim_start_matches('/').split('/').collect();
        let id = parts.get(1).and_then(|id| id.parse().ok()).unwrap_or(0);
        if let ["repositories", _] = parts[..] {
            return Reply::json(200, repository(id));
        }
        let ["repositories", _, "environments", name] = parts[..] else {
            return own_404();
        };
        let found = all
            .iter()
            .find(|(known, set, _)| *known == id && set.eq_ignore_ascii_case(name));
        match found {
            Some((_, name, EnvironmentState::Shown(protection))) => {
                Reply::json(200, environment(id, name, protection))
            }
            Some((_, name, EnvironmentState::InTrouble(fault))) => {
                let good = environment(id, name, &EnvironmentState::guarded());
                Reply::json(200, good).in_trouble(Some(*fault), SHAPE)
            }
            _ => own_404(),
        }
    }

    /// Starts a server that shows this state.
    pub(crate) fn serve(&self) -> Server {
        let place = self.clone();
        Server::start_with_clock(Arc::new(FixedClock(now())), move |request| {
            place.reply(request)
        })
    }
}

pub(crate) fn transport() -> Transport {
    let quick = TransportConfig::default()
        .with_timeout(Duration::from_secs(2))
        .with_deadline(Duration::from_secs(4));
    Transport::new(
        quick,
        Arc::new(FixedClock(now())),
        Arc::new(RecordingSleeper::default()),
        Arc::new(MemoryStore::new()),
    )
    .unwrap()
}

/// A reader of the GitHub at a server.
pub(crate) fn reader(server: &Server) -> GitHubEnvironments {
    let config = GitHubConfig::at(server.origin());
    GitHubEnvironments::new(local_issuer(), config, transport()).unwrap()
}

pub(crate) fn run<T>(future: impl Future<Output = T>) -> T {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_all().build().unwrap().block_on(future)
}
