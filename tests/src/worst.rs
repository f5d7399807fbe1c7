//! The worst bundles that the format allows, one for each ecosystem, and the servers that make them worst. They show the cost for
//! other services, and for the verifier.
//!
//! Each bundle names as many accounts as it may. The registry lists all of them, and each has a hint to a proof that takes as
//! much reading as possible. Each bundle also has as many delegations and revocations as it may.

#![expect(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "a scene that cannot be set up fails its test"
)]

use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use auths_adapters_github::{CratesIo, CratesIoConfig, GitHub, GitHubConfig, GitHubOrgs};
use auths_adapters_npm::{Npm, NpmConfig};
use auths_adapters_pypi::{PyPi, PyPiConfig};
use auths_core::claim::{
    Action, Actions, Audience, Claim, Delegation, Incarnation, NamespaceClaim, Observation,
    PlatformClaim, ProofExpectation, Revocation, RevocationTarget, Signed, SigningRequest,
};
use auths_core::crypto::KeyPair;
use auths_core::decide::Decision;
use auths_core::evidence::{AccountEvidence, AccountProof, Evidence, NamespaceEvidence};
use auths_core::ports::{
    AccountProver, FixedClock, MemoryStore, NamespaceQuery, NamespaceVerifier,
};
use auths_core::use_cases::{StatementProver, VerificationLimits, VerifyOptions, verify_live};
use auths_core::{Account, AccountId, Bundle, Namespace, Origin, Platform, Policy, Timestamp};
use auths_http::{TokioSleeper, Transport, TransportConfig};
use auths_testkit::server::{Received, Reply, Server};
use auths_testkit::services::{github, npm, pypi};
use auths_testkit::world::{Metadata, World};
use serde_json::{Map, Value, json};

use crate::claims::{did, key, now, sign};

/// The most claims of one kind in a bundle.
pub const MOST: usize = 256;

/// An ecosystem whose worst bundle is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Worst {
    /// Projects of very many releases, each of which must be read by itself.
    PyPi,
    /// Packuments of very many bytes.
    Npm,
    /// A crate of very many owners, each of whom needs a request, with gists that do not exist.
    CratesIo,
    /// A personal name, with gists that do not exist.
    GitHub,
}

/// The size of what the servers show.
#[derive(Debug, Clone, Copy)]
pub struct Weight {
    /// The number of releases of each package.
    pub releases: usize,
    /// The bytes of unread text in each release or project.
    pub padding: usize,
    /// The number of delegations and revocations in the bundle.
    pub acts: usize,
}

impl Worst {
    /// All ecosystems.
    pub const ALL: [Self; 4] = [Self::PyPi, Self::Npm, Self::CratesIo, Self::GitHub];

    /// Returns its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::PyPi => "pypi",
            Self::Npm => "npm",
            Self::CratesIo => "crates-io",
            Self::GitHub => "github",
        }
    }

    /// Returns the name that the bundle is about, on this server.
    #[must_use]
    pub fn namespace(self, origin: &Origin) -> Namespace {
        let name = match self {
            Self::PyPi => "pypi:six",
            Self::Npm => "npm:six",
            Self::CratesIo => "cargo:six",
            Self::GitHub => "github:u0",
        };
        name.parse::<Namespace>().unwrap().at(Some(origin.clone()))
    }

    /// Returns the nth account, on this server.
    fn account(self, n: usize, origin: &Origin) -> Account {
        let platform = match self {
            Self::PyPi => Platform::PYPI,
            Self::Npm => Platform::NPM,
            Self::CratesIo | Self::GitHub => Platform::GITHUB,
        };
        let has_ids = platform == Platform::GITHUB;
        let n = if self == Self::GitHub { 0 } else { n };
        let account = Account::parse_login(platform, &format!("u{n}")).unwrap();
        let account = account.at(Some(origin.clone()));
        match has_ids {
            true => account.with_id(AccountId::new(&IDS[n].to_string()).unwrap()),
            false => account,
        }
    }

    /// Returns the package that should prove the nth account, where packages prove accounts.
    fn proof(self, n: usize, origin: &Origin) -> Option<Namespace> {
        let name = match self {
            Self::PyPi => format!("pypi:p{n}"),
            Self::Npm => format!("npm:@u{n}/auths"),
            Self::CratesIo | Self::GitHub => return None,
        };
        Some(name.parse::<Namespace>().unwrap().at(Some(origin.clone())))
    }

    /// Starts a server that shows the worst evidence.
    #[must_use]
    pub fn serve(self, weight: Weight) -> Server {
        let clock = Arc::new(FixedClock(now()));
        match self {
            Self::PyPi => {
                let shop = PyPiShop::new(weight);
                Server::start_with_clock(clock, move |request| shop.answer(request))
            }
            Self::Npm => {
                let shop = NpmShop::new(weight);
                Server::start_with_clock(clock, move |request| shop.answer(request))
            }
            Self::CratesIo | Self::GitHub => {
                let github = Mutex::new(github_world());
                Server::start_with_clock(clock, move |request| {
                    crates(request, weight).unwrap_or_else(|| accounts(&github, request))
                })
            }
        }
    }

    /// Returns the bundle, for this server, about this life of the name ([`life_there`](Self::life_there)).
    #[must_use]
    pub fn bundle(self, origin: &Origin, life: Incarnation, weight: Weight) -> Bundle {
        let holder = holder();
        let namespace = self.namespace(origin);
        let actions = || Actions::only(Action::Publish);
        let body = NamespaceClaim::new(namespace.clone(), life, actions());
        let request = SigningRequest::new(body, now()).for_audience(audience());
        let mut bundle = Bundle::new(sign(request, &holder));
        for n in 0..MOST {
            let account = self.account(n, origin);
            let claim = signed(PlatformClaim::new(account.clone(), None), &holder);
            let proof = match self.proof(n, origin) {
                Some(package) => {
                    let seen = NamespaceEvidence::new(package, origin.clone(), now());
                    AccountProof::AccountStatement(Box::new(seen))
                }
                None => AccountProof::GistProof {
                    gist: format!("{n:032x}"),
                    claim: claim.id().clone(),
                    unchanged_since: now(),
                    state: None,
                },
            };
            let evidence = AccountEvidence::new(account, did(&holder), now(), proof);
            let observation = Observation::new(Evidence::Account(Box::new(evidence)));
            bundle.observations.push(signed(observation, &holder));
            bundle.platform_claims.push(claim);
        }
        // Four steps of many delegations side by side. Each may be revoked by those above it.
        for n in 0..weight.acts {
            let step = u8::try_from(n * 4 / weight.acts).unwrap();
            let to = if step == 0 {
                did(&holder)
            } else {
                did(&key(step))
            };
            let mut body = Delegation::new(to, [namespace.clone()], actions());
            body.further = true;
            let by = key(step + 1);
            let when = now() - Duration::from_secs(n as u64 + 1);
            bundle
                .delegations
                .push(sign(SigningRequest::new(body, when), &by));
            let revoked = Revocation::new(RevocationTarget::Did(did(&key(200))));
            bundle
                .revocations
                .push(sign(SigningRequest::new(revoked, when), &by));
        }
        bundle
    }

    /// Decides about a bundle by what this server shows.
    pub async fn verify(
        self,
        bundle: &Bundle,
        origin: &Origin,
        limits: VerificationLimits,
    ) -> Decision {
        let (verifier, provers) = self.adapters(origin);
        let policy = Policy::standard();
        let mut terms = VerifyOptions::new(ProofExpectation::new(audience()), &policy, now());
        terms.limits = limits;
        verify_live(bundle, terms, &*verifier, provers).await
    }

    /// Returns the life of the name that this server shows.
    pub async fn life_there(self, origin: &Origin) -> Incarnation {
        let query = NamespaceQuery::new(self.namespace(origin), now()).listing_only();
        let seen = self.adapters(origin).0.gather(&query).await.unwrap();
        seen.incarnation.get().unwrap().clone()
    }

    fn adapters(
        self,
        origin: &Origin,
    ) -> (Arc<dyn NamespaceVerifier>, Vec<Arc<dyn AccountProver>>) {
        let store = Arc::new(MemoryStore::new());
        let clock = Arc::new(FixedClock(now()));
        let config = TransportConfig::default();
        let transport =
            Transport::new(config, clock, Arc::new(TokioSleeper), store.clone()).unwrap();
        let origin = origin.clone();
        let github = || GitHub::new(GitHubConfig::at(origin.clone()), transport.clone());
        let stating = |platform, verifier: Arc<dyn NamespaceVerifier>| {
            let prover = StatementProver::new(platform, verifier.clone());
            (verifier, vec![Arc::new(prover) as Arc<dyn AccountProver>])
        };
        match self {
            Self::PyPi => {
                let config = PyPiConfig::at(origin.clone());
                let pypi = PyPi::new(config, transport.clone());
                stating(Platform::PYPI, Arc::new(pypi))
            }
            Self::Npm => {
                let npm = Npm::new(NpmConfig::at(origin.clone()), transport.clone());
                stating(Platform::NPM, Arc::new(npm))
            }
            Self::CratesIo => {
                let config = CratesIoConfig::at(origin.clone());
                let crates_io = CratesIo::new(config, transport.clone());
                (Arc::new(crates_io), vec![Arc::new(github())])
            }
            Self::GitHub => {
                let orgs = GitHubOrgs::new(GitHubConfig::at(origin.clone()), transport.clone());
                (Arc::new(orgs), vec![Arc::new(github())])
            }
        }
    }
}

fn holder() -> KeyPair {
    key(66)
}

fn audience() -> Audience {
    "https://hub.example".parse().unwrap()
}

fn signed<C: Claim>(claim: C, by: &KeyPair) -> Signed<C> {
    sign(SigningRequest::new(claim, now()), by)
}

/// The numbers of the accounts on GitHub, as the simulated world gives them.
static IDS: LazyLock<Vec<u64>> = LazyLock::new(|| {
    let world = github_world();
    let state = |n| world.account_by_login(&Platform::GITHUB, &format!("u{n}"));
    (0..MOST).map(|n| state(n).unwrap().id()).collect()
});

const CREATED: &str = "2026-01-01T00:00:00.000Z";
const CRATE_CREATED: &str = "2026-01-01T00:00:00Z";

fn long_ago() -> Timestamp {
    "2026-01-01T00:00:00Z".parse().unwrap()
}

/// Returns the time of the nth of many releases: the first long ago, the others one after another until an hour ago.
fn time_of(n: usize, of: usize) -> Timestamp {
    match n {
        0 => long_ago(),
        _ => now() - Duration::from_secs(3_600 * (of - n) as u64),
    }
}

/// A simulated PyPI, where every project has many releases that all name the holder; those of `p{n}` for the account `u{n}`.
struct PyPiShop {
    weight: Weight,
    /// The texts of a project's own answer, and of a release's, for the package. The other field has those for the projects that
    /// speak for an account.
    package: [String; 2],
    speaker: [String; 2],
}

impl PyPiShop {
    fn new(weight: Weight) -> Self {
        let mut world = World::pypi(long_ago());
        let alice = world.sign_up("alice").unwrap();
        let mut publish = |name: &str, account: Option<&Account>| {
            let metadata = names_holder(&world.namespace(name).unwrap(), account);
            world.publish(&alice, name, "9.9.9", metadata).unwrap();
        };
        publish("template", None);
        publish("speaker", Some(&"pypi:alice".parse().unwrap()));
        let read = |path: &str| pypi::answer(&world, "GET", path).body;
        let both = |name| {
            let paths = ["json", "9.9.9/json"].map(|end| format!("/pypi/{name}/{end}"));
            paths.map(|path| read(&path))
        };
        Self {
            weight,
            package: both("template"),
            speaker: both("speaker"),
        }
    }

    fn answer(&self, request: &Received) -> Reply {
        let segments: Vec<&str> = request.path.split('/').collect();
        let (name, version) = match segments.as_slice() {
            ["", "pypi", name, "json"] => (*name, None),
            ["", "pypi", name, version, "json"] => (*name, Some(*version)),
            _ => return Reply::status(404),
        };
        let last = format!("1.{}", self.weight.releases - 1);
        let which = usize::from(version.is_some());
        let text = match name.strip_prefix('p') {
            Some(n) => self.speaker[which]
                .replace("speaker", name)
                .replace("alice", &format!("u{n}")),
            None => self.package[which].replace("template", name),
        };
        let text = text.replace("9.9.9", version.unwrap_or(&last));
        let mut body: Value = serde_json::from_str(&text).unwrap();
        body["info"]["description"] = json!("x".repeat(self.weight.padding));
        if version.is_none() {
            let file = |n: usize| {
                let at = time_of(n, self.weight.releases).to_string();
                let at = at.replace('Z', ".000000Z");
                json!([{ "upload_time_iso_8601": at, "yanked": false }])
            };
            let releases = (0..self.weight.releases).map(|n| (format!("1.{n}"), file(n)));
            body["releases"] = Value::Object(releases.collect());
            let owner = |user: String| json!({ "role": "Owner", "user": user });
            let roles: Vec<Value> = match name.strip_prefix('p') {
                Some(n) => vec![owner(format!("u{n}"))],
                None => (0..MOST).map(|n| owner(format!("u{n}"))).collect(),
            };
            body["ownership"] = json!({ "roles": roles, "organization": null });
        }
        Reply::json(200, body)
    }
}

/// A simulated npm, where every package has many versions that all name the holder; those of `@u{n}/auths` for the account
/// `u{n}`.
struct NpmShop {
    weight: Weight,
    /// The packument of the package, as text. The other field has that of a package that speaks for an account.
    package: String,
    speaker: String,
}

/// Returns metadata that names the holder for a package, or for an account.
fn names_holder(package: &Namespace, account: Option<&Account>) -> Metadata {
    match account {
        Some(account) => Metadata::new().speaking_for(did(&holder()), package, account),
        None => Metadata::new().naming([did(&holder())], package),
    }
}

impl NpmShop {
    fn new(weight: Weight) -> Self {
        let mut world = World::npm(long_ago());
        let alice = world.sign_up("alice").unwrap();
        let mut publish = |name: &str, account: Option<&Account>| {
            let metadata = names_holder(&world.namespace(name).unwrap(), account);
            world.publish(&alice, name, "9.9.9", metadata).unwrap();
        };
        publish("template", None);
        publish("@alice/auths", Some(&"npm:alice".parse().unwrap()));
        let read = |path: &str| npm::answer(&world, "GET", path).body;
        Self {
            weight,
            package: read("/template"),
            speaker: read("/@alice%2Fauths"),
        }
    }

    fn answer(&self, request: &Received) -> Reply {
        let name = request.path.trim_start_matches('/');
        let name = name.replace("%2F", "/").replace("%2f", "/");
        let scope = name
            .strip_prefix("@u")
            .and_then(|rest| rest.split('/').next());
        let text = match scope {
            Some(n) => self.speaker.replace("alice", &format!("u{n}")),
            None => self.package.replace("template", &name),
        };
        let mut body: Value = serde_json::from_str(&text).unwrap();
        let version = body["versions"]["9.9.9"].take();
        let (mut versions, mut times) = (Map::new(), Map::new());
        times.insert("created".into(), json!(CREATED));
        times.insert("modified".into(), json!(CREATED));
        for n in 0..self.weight.releases {
            let number = format!("1.0.{n}");
            let mut one = version.clone();
            // The first one does not speak for the account, so that all of it is read for nothing.
            if n == 0 && scope.is_some() {
                one["auths"].take();
            }
            one["version"] = json!(number);
            one["_id"] = json!(format!("{name}@{number}"));
            one["readme"] = json!("x".repeat(self.weight.padding));
            versions.insert(number.clone(), one);
            let at = time_of(n, self.weight.releases).to_string();
            times.insert(number, json!(at.replace('Z', ".000Z")));
        }
        body["dist-tags"] = json!({ "latest": format!("1.0.{}", self.weight.releases - 1) });
        body["versions"] = Value::Object(versions);
        body["time"] = Value::Object(times);
        let maintainer = |login: String| json!({ "name": login, "email": "x@mail.example" });
        let maintainers: Vec<Value> = match scope {
            Some(n) => vec![maintainer(format!("u{n}"))],
            None => (0..MOST).map(|n| maintainer(format!("u{n}"))).collect(),
        };
        body["maintainers"] = json!(maintainers);
        Reply::json(200, body)
    }
}

fn github_world() -> World {
    let mut world = World::github(long_ago());
    for n in 0..MOST {
        world.sign_up(&format!("u{n}")).unwrap();
    }
    world
}

/// Answers as GitHub, whose accounts exist and whose gists do not.
fn accounts(world: &Mutex<World>, request: &Received) -> Reply {
    let mut world = world.lock().unwrap();
    github::reply(&mut world, request)
}

/// Answers as crates.io, where a crate has as many owners as a bundle has claims, and more.
fn crates(request: &Received, weight: Weight) -> Option<Reply> {
    let path = request.path.strip_prefix("/api/v1/")?;
    let owner = |n: usize| {
        json!({ "id": n + 1, "login": format!("c{n}"), "name": null, "kind": "user", "avatar": null,
            "url": null })
    };
    let segments: Vec<&str> = path.split('/').collect();
    let body = match segments.as_slice() {
        ["crates", name] => {
            let version = |n: usize| {
                json!({ "id": n, "crate": name, "num": format!("1.0.{n}"), "yanked": false,
                    "created_at": time_of(n, weight.releases).to_string(), "published_by": null,
                    "padding": "x".repeat(weight.padding) })
            };
            let versions: Vec<Value> = match request.query.as_deref() {
                Some("include=versions") => (0..weight.releases).map(version).collect(),
                _ => Vec::new(),
            };
            json!({ "crate": { "id": name, "name": name, "created_at": CRATE_CREATED }, "versions": versions })
        }
        ["crates", _, "owners"] => {
            json!({ "users": (0..MOST * 2).map(owner).collect::<Vec<_>>() })
        }
        ["users", login] => {
            let n: usize = login.strip_prefix('c')?.parse().ok()?;
            let account = IDS[n % MOST].to_string();
            json!({ "user": owner(n), "linked_accounts": [
                { "provider": "github", "account_id": account, "login": format!("u{n}"), "avatar": null },
            ] })
        }
        _ => return None,
    };
    Some(Reply::json(200, body))
}
