//! A loopback GitHub, played from the simulated world or by hand, and the adapter for it.

use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use auths_adapters_github::{GitHubConfig, GitHubOrgs, OrgMembership, OrgNamespaces};
use auths_core::decide::Obstacle;
use auths_core::ports::{Clock, MemoryStore, Store};
use auths_core::{Namespace, Timestamp};
use auths_http::{Transport, TransportConfig};
use auths_testkit::doubles::RecordingSleeper;
use auths_testkit::server::{Received, Reply, Server};
use auths_testkit::services::github;
use auths_testkit::world::{Grant, OrgRole, Session, SimulatedClock, Token, World};
use secrecy::SecretString;
use serde_json::{Value, json};

pub(crate) const TOKEN: &str = "gho_hunter2neverShown";

pub(crate) fn now() -> Timestamp {
    "2026-11-21T08:46:00Z".parse().unwrap()
}

/// A GitHub on this machine.
pub(crate) struct Place {
    world: Arc<Mutex<World>>,
    pub(crate) server: Server,
    pub(crate) orgs: GitHubOrgs,
    pub(crate) store: Arc<MemoryStore>,
}

/// Alice, who administers `acme`, is a member of `widgets`, was invited to own `young`, and pays the bills of `paid`.
pub(crate) fn alice() -> (World, Session) {
    let mut world = World::github(now());
    let alice = world.sign_up("alice").unwrap();
    let other = world.sign_up("other").unwrap();
    world.create_org(&alice, "acme").unwrap();
    for (org, role, accepts) in [
        ("widgets", OrgRole::Member, true),
        ("young", OrgRole::Admin, false),
        ("paid", OrgRole::BillingManager, true),
    ] {
        world.create_org(&other, org).unwrap();
        world.set_member(&other, org, "alice", role).unwrap();
        if accepts {
            world.accept_membership(&alice, org).unwrap();
        }
    }
    (world, alice)
}

impl Place {
    pub(crate) fn of(world: World) -> Self {
        Self::changed(world, |_, reply| reply)
    }

    /// The world's GitHub, its answers changed.
    pub(crate) fn changed(
        world: World,
        change: impl Fn(&Received, Reply) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let world = Arc::new(Mutex::new(world));
        let shown = Arc::clone(&world);
        let clock: Arc<dyn Clock> = Arc::new(SimulatedClock::new(Arc::clone(&world)));
        let server = Server::start_with_clock(Arc::clone(&clock), move |request| {
            let reply = github::reply(&mut shown.lock().unwrap(), request);
            change(request, reply)
        });
        let store = Arc::new(MemoryStore::new());
        let transport = transport(clock, store.clone());
        let orgs = GitHubOrgs::new(GitHubConfig::at(server.origin()), transport);
        Self {
            world,
            server,
            orgs,
            store,
        }
    }

    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap()
    }

    /// A token of a session, and its secret.
    pub(crate) fn token(&self, session: &Session, grants: &[Grant]) -> (Token, SecretString) {
        let mut world = self.world();
        let token = world.create_token_for(session, grants, None).unwrap();
        let secret = world.secret(&token);
        (token, secret.into())
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.world().now()
    }

    pub(crate) fn list(&self, token: &SecretString) -> Result<OrgNamespaces, Obstacle> {
        let now = self.world().now();
        run(self.orgs.org_namespaces(token, now))
    }

    pub(crate) fn check(&self, token: &SecretString, org: &str) -> Result<OrgMembership, Obstacle> {
        let now = self.world().now();
        run(self.orgs.membership(token, &self.namespace(org), now))
    }

    pub(crate) fn namespace(&self, name: &str) -> Namespace {
        let namespace: Namespace = format!("github:{name}").parse().unwrap();
        namespace.at(Some(self.server.origin()))
    }

    pub(crate) fn paths(&self) -> Vec<String> {
        self.server.requests().into_iter().map(|r| r.path).collect()
    }
}

pub(crate) fn names(held: &OrgNamespaces) -> Vec<String> {
    let orgs = held.orgs.iter();
    orgs.map(|org| org.namespace.name().to_string()).collect()
}

pub(crate) fn transport(clock: Arc<dyn Clock>, store: Arc<dyn Store>) -> Transport {
    limited(Duration::from_secs(10), clock, store)
}

/// One that waits no longer than a server that never answers is worth.
pub(crate) fn quick(clock: Arc<dyn Clock>, store: Arc<dyn Store>) -> Transport {
    limited(Duration::from_secs(4), clock, store)
}

fn limited(time: Duration, clock: Arc<dyn Clock>, store: Arc<dyn Store>) -> Transport {
    let config = TransportConfig::default()
        .with_timeout(time)
        .with_max_attempts(1);
    Transport::new(config, clock, Arc::new(RecordingSleeper::default()), store).unwrap()
}

/// Runs `work` on a runtime of its own.
pub(crate) fn run<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        tokio::time::timeout(Duration::from_secs(20), work)
            .await
            .expect("it hung past its limit")
    })
}

/// A membership as GitHub writes it.
pub(crate) fn membership(org: u64, login: &str, role: &str, state: &str) -> Value {
    json!({
        "url": "", "organization_url": "", "state": state, "role": role,
        "organization": { "login": login, "id": org, "node_id": "O_", "url": "" },
        "user": { "login": "alice", "id": 7, "type": "User" },
    })
}

pub(crate) fn user(login: &str, id: u64, kind: &str) -> Value {
    json!({ "login": login, "id": id, "type": kind, "node_id": "U_", "site_admin": false })
}

/// GitHub's own 404.
pub(crate) fn own_404() -> Reply {
    let docs = "https://docs.github.com/rest";
    let body = json!({ "message": "Not Found", "documentation_url": docs, "status": "404" });
    Reply::json(404, body)
}
