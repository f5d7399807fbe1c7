//! A hub that hands out grants, over a registry and an issuer on loopback addresses, and the maintainer whose rule it knows.

use auths_adapters_pypi::{PyPi, PyPiConfig};
use auths_core::claim::{Action, Actions, Signed, TrustedPublisher};
use auths_core::crypto::KeyPair;
use auths_core::ports::{MemoryRevocations, ProofHint, RevocationList};
use auths_core::use_cases::{
    ClaimRequest, StoredLink, Verifier, sign_account_claim, trust_publisher,
};
use auths_core::{Account, Namespace, Policy, Timestamp};
use auths_http::{SystemClock, Transport};
use auths_testkit::issuer::{SigningKey, TokenDraft};
use auths_testkit::scenes::{did, key};
use auths_testkit::world::{Metadata, World};
use futures_util::FutureExt;
use serde_json::Value;

use crate::ci::Issuer;
use crate::sandbox::{Run, Sandbox};
use crate::world::{DAY, Pypi, naming};

pub(crate) const AUDIENCE: &str = "https://hub.example";
const FILES: &str = "https://files.hub.example";
pub(crate) const GRANTING: [&str; 4] = ["--grant-issuer", AUDIENCE, "--grant-audience", FILES];

/// A hub, and a maintainer whose key the releases of `six` and `seven` have named for weeks.
pub(crate) struct Hub {
    pub(crate) issuer: Issuer,
    pub(crate) pypi: Pypi,
    pub(crate) owner: KeyPair,
    /// The file of the maintainer's rule for runs of `acme/widget`, for both packages.
    pub(crate) rule: String,
}

/// A world in which the releases of these projects have named a DID for weeks.
pub(crate) fn named(did: &str, projects: &[&str]) -> World {
    let mut world = World::pypi(SystemClock.now() - 60 * DAY);
    let alice = world.sign_up("alice").unwrap();
    for version in ["1.0", "1.1"] {
        for project in projects {
            let metadata: Metadata = naming(did, project);
            world.publish(&alice, *project, version, metadata).unwrap();
        }
        world.wait(20 * DAY);
    }
    world
}

pub(crate) fn now<T>(work: impl Future<Output = T>) -> T {
    work.now_or_never().unwrap()
}

impl Hub {
    pub(crate) fn start() -> Self {
        let owner = key(1);
        let pypi = Pypi::serve(named(did(&owner).as_str(), &["six", "seven"]));
        Self::over(pypi, owner)
    }

    pub(crate) fn over(pypi: Pypi, owner: KeyPair) -> Self {
        let Issuer { issuer, sandbox } = Issuer::start();
        let sandbox = sandbox.origin("pypi", pypi.origin());
        let issuer = Issuer { issuer, sandbox };
        let mut hub = Self {
            issuer,
            pypi,
            owner,
            rule: String::new(),
        };
        let rule = hub.sign(hub.issuer.rule(), SystemClock.now() - DAY);
        hub.rule = hub.sandbox().file("rule.json", rule.to_json());
        hub
    }

    pub(crate) fn sandbox(&self) -> &Sandbox {
        &self.issuer.sandbox
    }

    pub(crate) fn place(&self, name: &str) -> Namespace {
        let name: Namespace = name.parse().unwrap();
        name.at(Some(self.pypi.origin().parse().unwrap()))
    }

    /// The maintainer signs a rule for both packages.
    pub(crate) fn sign(&self, rule: Value, at: Timestamp) -> Signed<TrustedPublisher> {
        let names = ["pypi:six", "pypi:seven"].map(|name| self.place(name));
        let rule = rule.to_string().parse().unwrap();
        let publisher = TrustedPublisher::new(rule, names, Actions::only(Action::Publish));
        now(trust_publisher(&self.owner, publisher, DAY * 30, at)).unwrap()
    }

    /// The rule for the repository of another number.
    pub(crate) fn rule_of(&self, repository: &str) -> Value {
        let mut rule = self.issuer.rule();
        rule["repositoryId"] = repository.into();
        rule
    }

    /// A token of a run of the rule's repository; no two have one id.
    pub(crate) fn token(&self, id: &str) -> TokenDraft {
        self.issuer.draft().claim("jti", id)
    }

    /// A token of a run of another repository, which has the same name.
    pub(crate) fn namesake(&self, id: &str) -> TokenDraft {
        let token = self.token(id).claim("repository_id", "700701");
        token.claim("sub", "repo:acme@4242/widget@700701:environment:pypi")
    }

    /// Runs with the token on standard input, and the maintainer's rule.
    pub(crate) fn run(&self, token: &TokenDraft, args: &[&str]) -> Run {
        self.run_with(token, &[args, &["--publisher", &self.rule]].concat())
    }

    pub(crate) fn run_with(&self, token: &TokenDraft, args: &[&str]) -> Run {
        let all = [args, &["--audience", AUDIENCE]].concat();
        self.issuer.run(&token.sign(&SigningKey::shared(0)), &all)
    }

    pub(crate) fn check(&self, token: &TokenDraft, packages: &[&str]) -> Value {
        let args = [&["publish", "check", "--json"], packages].concat();
        self.run(token, &args).json("publish-check")
    }

    pub(crate) fn grant(&self, token: &TokenDraft, packages: &[&str]) -> Value {
        let args = [&["publish", "grant", "--json"], packages, &GRANTING].concat();
        self.run(token, &args).json("publish-grant")
    }

    pub(crate) fn grant_with(&self, token: &TokenDraft, more: &[&str]) -> Value {
        let args = [
            &["publish", "grant", "pypi:six", "--json"],
            &GRANTING[..],
            more,
        ]
        .concat();
        self.run_with(token, &args).json("publish-grant")
    }

    /// Checks a grant against the key of the hub.
    pub(crate) fn check_grant(&self, grant: &str, signer: &str, more: &[&str]) -> Value {
        let args = ["grant", "check", "--key", signer, "--json"];
        let args = [&args[..], &GRANTING, more].concat();
        let run = self.sandbox().run_with(&args, grant.as_bytes());
        assert!(!run.out.contains(grant) && !run.err.contains(grant));
        run.json("grant-check")
    }
}

/// The bundle of the hub's owner, a claim of `six` for somebody else, with the package that speaks for the account.
pub(crate) fn owners_bundle(hub: &Hub) -> String {
    let server = hub.pypi.server.origin();
    let transport = Transport::system().unwrap();
    let verifier = Verifier::builder("https://other.example".parse().unwrap())
        .registry(PyPi::new(PyPiConfig::at(server.clone()), transport))
        .revocations(RevocationList::new("none"))
        .revocation_memory(MemoryRevocations::new())
        .without_challenges()
        .build()
        .unwrap();
    let account: Account = "pypi:gutworth".parse().unwrap();
    let at = SystemClock.now();
    let claimed = async {
        let account = account.at(Some(server));
        let claim = sign_account_claim(&hub.owner, account, None, at)
            .await
            .unwrap();
        let hint = ProofHint::Statement(hub.place("pypi:gutworth-auths"));
        let context = verifier.context(vec![StoredLink::new(claim, Some(hint))]);
        let request = ClaimRequest::new(hub.place("pypi:six"), at)
            .for_audience("https://other.example".parse().unwrap());
        let policy = Policy::standard();
        verifier
            .claim(&hub.owner, &context, request, &policy)
            .await
            .unwrap()
    };
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_all().build().unwrap();
    runtime.block_on(claimed).bundle.to_json()
}
