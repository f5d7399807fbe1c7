#![forbid(unsafe_code)]
//! An example adapter, to be copied, for Shelf, a registry that does not exist. `docs/guides/write-an-adapter.md` explains it.

use std::time::Duration;

use async_trait::async_trait;
use auths_core::claim::Incarnation;
use auths_core::evidence::*;
use auths_core::ports::{NamespaceError, NamespaceQuery, NamespaceVerifier};
use auths_core::{Account, Ecosystem, Namespace, Origin, Platform, Timestamp};
use auths_core::{Refuted, RefutedReason, Unavailable, UnavailableReason};
use auths_http::{Object, Request, RequestBudget, Response, Transport};
use serde::Deserialize;

/// The ecosystem of works on Shelf: `pkg:shelf/widget`, in short `shelf:widget`.
pub static ECOSYSTEM: Ecosystem = Ecosystem::from_static("shelf");
/// The platform of the accounts of the works' keepers.
pub static PLATFORM: Platform = Platform::from_static("shelf");
/// The public Shelf. No other place holds this address.
pub const PUBLIC: &str = "https://shelf.example";

/// An adapter that reads what a server that speaks Shelf's API shows of a work: `GET /works/{name}`, one request for each query.
#[derive(Debug)]
pub struct Shelf {
    origin: Origin,
    transport: Transport,
}

impl Shelf {
    /// Creates an adapter for the Shelf at `origin`, asked by `transport`.
    pub fn at(origin: Origin, transport: Transport) -> Self {
        Self { origin, transport }
    }
}

#[async_trait]
impl NamespaceVerifier for Shelf {
    fn ecosystem(&self) -> &Ecosystem {
        &ECOSYSTEM
    }

    fn origin(&self) -> &Origin {
        &self.origin
    }

    fn is_public(&self) -> bool {
        PUBLIC.parse() == Ok(self.origin.clone())
    }

    async fn gather(&self, query: &NamespaceQuery) -> Result<NamespaceEvidence, NamespaceError> {
        query.check_for(self)?;
        let (work, origin) = (&query.namespace, self.origin.clone());
        let request = Request::get(&origin, &["works", work.name().as_str()])?;
        let request = request.accept("application/json").cache_as("shelf-work/1");
        let time = Duration::from_secs(30);
        let mut question = RequestBudget::new(&self.transport, 1, time, &query.budget);
        let seen = question.ask(request, |answer| read(answer, work)).await?;
        let seen_at = question.observed_at(query.now);
        let mut evidence = NamespaceEvidence::new(work.clone(), origin, seen_at);
        if let Some((incarnation, listing, timeline)) = seen.value {
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

type Seen = (Incarnation, Reading<Listing>, Reading<Timeline>);
/// Reads what an answer says about `asked`; `None` when Shelf itself says that it knows no such work.
fn read(response: &Response, asked: &Namespace) -> Result<Option<Seen>, Unavailable> {
    let name = asked.name().as_str();
    let is_own = |no: No| no.error == "no-such-work" && no.name == name;
    if response.refusal(404).is_some_and(is_own) {
        return Ok(None);
    }
    let work: Work = response.object()?;
    if work.name != name {
        let reason = UnavailableReason::EvidenceMismatch;
        return Err(Unavailable::new(reason, work.name));
    }
    let keepers = work.keepers.iter().map(|keeper| listed(keeper, asked));
    let listing = Reading::unless_empty(keepers.collect::<Result<_, _>>()?, Listing::new);
    let editions = work.editions.iter().map(|edition| release(edition, asked));
    let whole = |editions| Timeline::new(editions, Some(work.current));
    let timeline = Reading::unless_empty(editions.collect(), whole);
    let incarnation = Incarnation::new("registered", work.registered.to_string());
    Ok(Some((incarnation, listing, timeline)))
}

fn listed(keeper: &Keeper, asked: &Namespace) -> Result<ListedAccount, Unavailable> {
    let unreadable = |what: String| Unavailable::new(UnavailableReason::Unreadable, what);
    let role = match keeper.role.as_str() {
        "keeper" => Role::Owner,
        "binder" => Role::Maintainer,
        "reader" => Role::Other,
        other => return Err(unreadable(format!("{other:?} is no role"))),
    };
    let account = Account::parse_login(PLATFORM.clone(), &keeper.login)
        .map_err(|error| unreadable(error.to_string()))?;
    let account = account.at(asked.repository().cloned());
    // Shelf has no ids, so the login is all there is.
    Ok(ListedAccount::new(account, role, &keeper.role).by_only_name())
}

fn release(edition: &Edition, asked: &Namespace) -> Release {
    let is_ours = |voice: &&Object<Voice>| asked.is_named_by(&voice.speaks_for);
    let voices = edition.voices.iter().filter(is_ours);
    let dids = voices.filter_map(|voice| voice.did.parse().ok());
    Release::new(&edition.number, Some(edition.shelved), edition.withdrawn).naming(dids)
}
