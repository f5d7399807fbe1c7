#![forbid(unsafe_code)]
//! An example adapter, to be copied, for Shelf, a registry that does not exist. `docs/guides/write-an-adapter.md` explains it.

use std::time::Duration;

use async_trait::async_trait;
use auths_core::claim::Incarnation;
use auths_core::evidence::*;
use auths_core::ports::{NamespaceError, NamespaceQuery, NamespaceVerifier};
use auths_core::{Account, Ecosystem, Namespace, Origin, Platform, Timestamp};
use auths_core::{Refuted, RefutedReason, Unavailable};
use auths_http::{Answer, Endpoint, Limits, Object, Request, RequestBudget, Response, Transport};
use serde::Deserialize;

/// The ecosystem of works on Shelf: `pkg:shelf/widget`, in short `shelf:widget`.
pub static ECOSYSTEM: Ecosystem = Ecosystem::from_static("shelf");
/// The platform of the accounts of the works' keepers.
pub static PLATFORM: Platform = Platform::from_static("shelf");
/// The public Shelf. No other place holds this address.
pub const PUBLIC: &str = "https://shelf.example";
const LIMITS: Limits = Limits::new(1, Duration::from_secs(30), 2 << 20);
type Seen = (Incarnation, Reading<Listing>, Reading<Timeline>);

/// An adapter that reads what a server that speaks Shelf's API shows of a work: `GET /works/{name}`, one request for each query.
#[derive(Debug)]
pub struct Shelf {
    server: Endpoint,
    transport: Transport,
}

impl Shelf {
    /// Creates an adapter for the Shelf at `origin`, asked by `transport`.
    pub fn at(origin: Origin, transport: Transport) -> Self {
        let server = Endpoint::new(origin, PUBLIC);
        Self { server, transport }
    }
}

#[async_trait]
impl NamespaceVerifier for Shelf {
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
        let (work, origin) = (&query.namespace, self.origin().clone());
        let request = Request::get(&origin, &["works", work.name().as_str()])?;
        let request = request.accept("application/json").cache_as("shelf-work/1");
        let mut question = RequestBudget::new(&self.transport, LIMITS, &query.budget);
        let read = question.read(request, |a| classify(a, work), |a| parse(a, work));
        let seen = read.await?.found();
        let seen_at = question.observed_at(query.now);
        let mut evidence = NamespaceEvidence::new(work.clone(), origin, seen_at);
        if let Some((incarnation, listing, timeline)) = seen {
            evidence.incarnation = Reading::Read(incarnation);
            evidence.listing = listing;
            evidence.timeline = timeline;
        } else {
            let refuted = Refuted::new(RefutedReason::UnknownProject, "Shelf says so");
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
struct Work {
    name: String,
    registered: Timestamp,
    keepers: Vec<Object<Keeper>>,
    current: String,
    editions: Vec<Object<Edition>>,
}

#[derive(Deserialize)]
struct Keeper {
    login: String,
    role: String,
}

#[derive(Deserialize)]
struct Edition {
    number: String,
    shelved: Timestamp,
    withdrawn: bool,
    voices: Vec<Object<Voice>>,
}

#[derive(Deserialize)]
struct Voice {
    did: String,
    speaks_for: String,
}

/// Maps an answer to its meaning: a 404 counts only with Shelf's own code and the name.
fn classify(response: &Response, asked: &Namespace) -> Result<Answer, Unavailable> {
    let is_own = |no: &No| no.error == "no-such-work" && no.name == asked.name().as_str();
    response.classify("application/json", is_own)
}

/// Reads what a good answer says about `asked`.
fn parse(response: &Response, asked: &Namespace) -> Result<Seen, Unavailable> {
    let work: Work = response.json_object()?;
    asked.confirm(&work.name)?;
    let keepers = work.keepers.iter().map(|keeper| listed(keeper, asked));
    let listing = Reading::unless_empty(keepers.collect::<Result<_, _>>()?, Listing::new);
    let editions = work.editions.iter().map(|edition| release(edition, asked));
    let whole = |editions| Timeline::new(editions, Some(work.current));
    let timeline = Reading::unless_empty(editions.collect(), whole);
    let life = Incarnation::new("registered", work.registered.to_string());
    Ok((life, listing, timeline))
}

fn listed(keeper: &Keeper, asked: &Namespace) -> Result<ListedAccount, Unavailable> {
    let role = match keeper.role.as_str() {
        "keeper" => Role::Owner,
        "binder" => Role::Maintainer,
        "reader" => Role::Other,
        other => return Err(Unavailable::unreadable(format!("{other:?} is no role"))),
    };
    let account = Account::parse_login(PLATFORM.clone(), &keeper.login);
    let account = account.map_err(Unavailable::unreadable)?;
    let account = account.at(asked.repository().cloned());
    // Shelf has no ids, so the login is all there is.
    Ok(ListedAccount::new(account, role, &keeper.role).by_only_name())
}

fn release(edition: &Edition, asked: &Namespace) -> Release {
    let voices = edition.voices.iter();
    let voices = voices.filter(|voice| asked.is_named_by(&voice.speaks_for));
    let dids = voices.filter_map(|voice| voice.did.parse().ok());
    Release::new(&edition.number, Some(edition.shelved), edition.withdrawn).naming(dids)
}
