#![forbid(unsafe_code)]
//! An example adapter, to be copied, for the example registry, a registry that does not exist. `docs/guides/write-an-adapter.md` explains it.

use std::time::Duration;

use async_trait::async_trait;
use auths_core::claim::Incarnation;
use auths_core::evidence::*;
use auths_core::ports::{NamespaceError, NamespaceQuery, NamespaceVerifier};
use auths_core::{Account, Ecosystem, Namespace, Origin, Platform, Timestamp};
use auths_core::{Refuted, RefutedReason, Unavailable};
use auths_http::{AnswerClass, Endpoint, Limits, Object, Request, RequestBudget};
use auths_http::{Response, Transport};
use serde::Deserialize;

/// The ecosystem of packages on the example registry: `pkg:example/widget`, in short `example:widget`.
pub static ECOSYSTEM: Ecosystem = Ecosystem::from_static("example");
/// The platform of the accounts of the packages' owners.
pub static PLATFORM: Platform = Platform::from_static("example");
/// The public example registry. No other place holds this address.
pub const PUBLIC: &str = "https://registry.example";
const LIMITS: Limits = Limits::new(1, Duration::from_secs(30), 2 << 20);
type Seen = (Incarnation, Reading<Listing>, Reading<Timeline>);

/// An adapter that reads what a server that speaks the example's API shows of a package: `GET /packages/{name}`, one request for each query.
#[derive(Debug)]
pub struct ExampleRegistry {
    server: Endpoint,
    transport: Transport,
}

impl ExampleRegistry {
    /// Creates an adapter for the registry at `origin`, asked by `transport`.
    pub fn at(origin: Origin, transport: Transport) -> Self {
        let server = Endpoint::new(origin, PUBLIC);
        Self { server, transport }
    }
}

#[async_trait]
impl NamespaceVerifier for ExampleRegistry {
    fn ecosystem(&self) -> &Ecosystem {
        &ECOSYSTEM
    }

    fn origin(&self) -> &Origin {
        self.server.origin()
    }

    fn is_public(&self) -> bool {
        self.server.is_public()
    }

    async fn gather(&self, query: &NamespaceQuery) -> Result<NamespaceEvidence, NamespaceError> {
        query.check_for(self)?;
        let (asked, origin) = (&query.namespace, self.origin().clone());
        let request = Request::get(&origin, &["packages", asked.name().as_str()])?;
        let request = request.accept("application/json").cache_as("example/1");
        let mut question = RequestBudget::new(&self.transport, LIMITS, &query.budget);
        let read = question.read(request, |a| classify(a, asked), |a| parse(a, asked));
        let seen = read.await?.found();
        let seen_at = question.observed_at(query.now);
        let mut evidence = NamespaceEvidence::new(asked.clone(), origin, seen_at);
        if let Some((incarnation, listing, timeline)) = seen {
            evidence.incarnation = Reading::Read(incarnation);
            evidence.listing = listing;
            evidence.timeline = timeline;
        } else {
            let refuted = Refuted::new(RefutedReason::UnknownProject, "the registry says so");
            evidence.existence = Existence::Absent(refuted);
        }
        evidence.sources = question.into_sources();
        Ok(evidence)
    }
}

#[derive(Deserialize)]
struct No {
    error: String,
    name: String,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    registered: Timestamp,
    owners: Vec<Object<OwnerEntry>>,
    latest: Option<String>,
    releases: Vec<Object<ReleaseEntry>>,
}

#[derive(Deserialize)]
struct OwnerEntry {
    login: String,
    role: String,
}

#[derive(Deserialize)]
struct ReleaseEntry {
    version: String,
    published: Option<Timestamp>,
    withdrawn: bool,
    statements: Vec<Object<Statement>>,
}

#[derive(Deserialize)]
struct Statement {
    did: String,
    package: String,
}

/// Maps an answer to its meaning: a 404 counts only with the registry's own code and the name.
fn classify(response: &Response, asked: &Namespace) -> Result<AnswerClass, Unavailable> {
    let is_own = |no: &No| no.error == "no-such-package" && no.name == asked.name().as_str();
    response.classify("application/json", is_own)
}

/// Reads what a good answer says about `asked`.
fn parse(response: &Response, asked: &Namespace) -> Result<Seen, Unavailable> {
    let package: Package = response.json_object()?;
    asked.confirm(&package.name)?;
    let owners = package.owners.iter().map(|owner| listed(owner, asked));
    let listing = Reading::unless_empty(owners.collect::<Result<_, _>>()?, Listing::new);
    let releases = package.releases.iter().map(|entry| release(entry, asked));
    let whole = |releases| Timeline::new(releases, package.latest);
    let timeline = Reading::unless_empty(releases.collect(), whole);
    let life = Incarnation::new("registered", package.registered.to_string());
    Ok((life, listing, timeline))
}

fn listed(owner: &OwnerEntry, asked: &Namespace) -> Result<ListedAccount, Unavailable> {
    let role = match owner.role.as_str() {
        "owner" => OwnerRole::Owner,
        "maintainer" => OwnerRole::Maintainer,
        "reader" => OwnerRole::Other,
        other => return Err(Unavailable::unreadable(format!("{other:?} is no role"))),
    };
    let account = Account::parse_login(PLATFORM.clone(), &owner.login);
    let account = account.map_err(Unavailable::unreadable)?;
    let account = account.at(asked.repository().cloned());
    Ok(ListedAccount::new(account, role, &owner.role).by_only_name())
}

fn release(entry: &ReleaseEntry, asked: &Namespace) -> Release {
    let statements = entry.statements.iter();
    let statements = statements.filter(|statement| asked.is_named_by(&statement.package));
    let dids = statements.filter_map(|statement| statement.did.parse().ok());
    Release::new(&entry.version, entry.published, entry.withdrawn).naming(dids)
}
