//! The adapter: the package, its owners and its releases, and the package again.

use std::collections::BTreeSet;
use std::time::Duration;

use async_trait::async_trait;
use auths_core::claim::Incarnation;
use auths_core::evidence::*;
use auths_core::ports::{NamespaceError, NamespaceQuery, NamespaceVerifier, ReadScope};
use auths_core::{Account, AccountId, Ecosystem, Namespace, Origin, Platform, Timestamp};
use auths_core::{Refuted, RefutedReason, Unavailable, UnavailableReason};
use auths_http::{Limits, OwnerHistory, Request, RequestBudget, Transport};
use serde::{Deserialize, Serialize};

pub(crate) static ECOSYSTEM: Ecosystem = Ecosystem::from_static("gems");
pub(crate) static PLATFORM: Platform = Platform::from_static("gems");

/// All that the registry says of a package that it does not have.
pub(crate) const NO: &str = "This package could not be found.";

/// The package twice, its owners, and its releases.
const LIMITS: Limits = Limits::new(4, Duration::from_secs(30), 2 << 20);

/// Reads packages of a server that speaks the registry's API.
#[derive(Debug)]
pub(crate) struct Gems {
    origin: Origin,
    transport: Transport,
    owners: OwnerHistory,
}

impl Gems {
    pub(crate) fn at(origin: Origin, transport: Transport) -> Self {
        Self {
            owners: OwnerHistory::new("gems-owners", &origin, transport.store()),
            origin,
            transport,
        }
    }
}

#[async_trait]
impl NamespaceVerifier for Gems {
    fn ecosystem(&self) -> &Ecosystem {
        &ECOSYSTEM
    }

    fn origin(&self) -> &Origin {
        &self.origin
    }

    fn is_public(&self) -> bool {
        false
    }

    async fn gather(&self, query: &NamespaceQuery) -> Result<NamespaceEvidence, NamespaceError> {
        query.check_for(self)?;
        let (asked, origin) = (&query.namespace, &self.origin);
        let name = asked.name().as_str();
        let package = Request::get(origin, &["packages", name])?;
        let owners = Request::get(origin, &["packages", name, "owners"])?;
        let releases = Request::get(origin, &["packages", name, "releases"])?;

        let mut question = RequestBudget::new(&self.transport, LIMITS, &query.budget);
        let mut evidence = NamespaceEvidence::new(asked.clone(), origin.clone(), query.now);
        if let Some(found) = read_package(&mut question, package.clone(), asked).await? {
            let listing = read_owners(&mut question, owners, asked).await;
            let timeline = match query.scope {
                ReadScope::Listing => None,
                _ => Some(read_releases(&mut question, releases, asked).await),
            };
            // Neither list says which life of the name it is about.
            let still = is_still(&mut question, package, asked, found.id).await;
            let life = Incarnation::new("package-id", found.id.to_string());
            let seen_at = question.observed_at(query.now);
            let listing = confirmed(listing, &still);
            evidence.listing = self.record(asked, &life, listing, seen_at).await.into();
            if let Some(releases) = timeline {
                let timeline = |releases| Timeline::new(releases, Some(found.version));
                evidence.timeline = confirmed(releases, &still).map(timeline).into();
            }
            evidence.incarnation = confirmed(Ok(life), &still).into();
        } else {
            let refuted = Refuted::new(RefutedReason::UnknownProject, "the registry says so");
            evidence.existence = Existence::Absent(refuted);
        }
        evidence.observed_at = question.observed_at(query.now);
        evidence.sources = question.into_sources();
        Ok(evidence)
    }
}

impl Gems {
    /// Writes into the listing since when each owner is known. A token can add owners here, and a thief's account would
    /// otherwise be an owner like any other.
    async fn record(
        &self,
        asked: &Namespace,
        life: &Incarnation,
        listing: Result<Listing, Unavailable>,
        seen_at: Timestamp,
    ) -> Result<Listing, Unavailable> {
        let mut listing = listing?;
        let recorded = self
            .owners
            .record(asked.name(), life, &mut listing, seen_at, true);
        recorded.await?;
        Ok(listing)
    }
}

#[derive(Serialize, Deserialize)]
struct Package {
    id: u64,
    name: String,
    version: String,
}

/// Reads the package; `None` when the registry itself says that it has none of that name. Its no is plain text.
async fn read_package(
    question: &mut RequestBudget<'_>,
    request: Request,
    asked: &Namespace,
) -> Result<Option<Package>, Unavailable> {
    let read = question.read(
        request.cache_as("gems-package/1"),
        |response| {
            let head = response.head();
            head.classify("application/json", || response.own_404_text(NO))
        },
        |response| {
            let package: Package = response.json_object()?;
            asked.confirm(&package.name)?;
            Ok(package)
        },
    );
    Ok(read.await?.found())
}

/// Checks that the package is still in the life that was read first.
async fn is_still(
    question: &mut RequestBudget<'_>,
    request: Request,
    asked: &Namespace,
    id: u64,
) -> Result<(), Unavailable> {
    let again = read_package(question, request, asked).await?;
    if again.is_some_and(|again| again.id == id) {
        return Ok(());
    }
    let detail = "the package was deleted and registered again meanwhile";
    Err(Unavailable::new(
        UnavailableReason::EvidenceMismatch,
        detail,
    ))
}

/// Returns a part that was read, if the life of the name was still the same after it. A part's own failure comes first.
fn confirmed<T>(
    part: Result<T, Unavailable>,
    still: &Result<(), Unavailable>,
) -> Result<T, Unavailable> {
    part.and_then(|part| still.clone().map(|()| part))
}

#[derive(Deserialize)]
struct OwnerEntry {
    id: u64,
    handle: String,
}

/// Reads the owners, a bare list.
async fn read_owners(
    question: &mut RequestBudget<'_>,
    request: Request,
    asked: &Namespace,
) -> Result<Listing, Unavailable> {
    let read = question.ask(request.cache_as("gems-owners/1"), |response| {
        let owners = response.list::<OwnerEntry>()?;
        let ids: BTreeSet<u64> = owners.iter().map(|owner| owner.id).collect();
        all_different(ids.len(), owners.len())?;
        let owners = owners.iter().map(|owner| listed(owner, asked));
        owners.collect::<Result<Vec<_>, _>>()
    });
    let accounts = read.await?.value;
    let mut listing = Listing::new(accounts);
    listing.tokens_may_add_owners = true;
    Ok(listing)
}

/// Checks that a list of `all` entries has as many different ones, and any. Otherwise one may be missing in another's place.
fn all_different(different: usize, all: usize) -> Result<(), Unavailable> {
    match all {
        0 => Err(Unavailable::new(
            UnavailableReason::Empty,
            "the list is empty",
        )),
        all if different < all => {
            let detail = "the list has an entry twice";
            Err(Unavailable::new(
                UnavailableReason::EvidenceMismatch,
                detail,
            ))
        }
        _ => Ok(()),
    }
}

fn listed(owner: &OwnerEntry, asked: &Namespace) -> Result<ListedAccount, Unavailable> {
    let account = Account::parse_login(PLATFORM.clone(), &owner.handle);
    let id = AccountId::new(&owner.id.to_string()).map_err(Unavailable::unreadable)?;
    let account = account.map_err(Unavailable::unreadable)?.with_id(id);
    let account = account.at(asked.repository().cloned());
    Ok(ListedAccount::new(account, OwnerRole::Owner, "owner"))
}

#[derive(Deserialize)]
struct ReleaseEntry {
    version: String,
    created_at: Timestamp,
    statements: Vec<String>,
}

/// Reads every release that is not withdrawn, a bare list. The registry does not show withdrawn ones.
async fn read_releases(
    question: &mut RequestBudget<'_>,
    request: Request,
    asked: &Namespace,
) -> Result<Vec<Release>, Unavailable> {
    let read = question.ask(request.cache_as("gems-releases/1"), |response| {
        let releases = response.list::<ReleaseEntry>()?;
        let versions: BTreeSet<&str> = releases.iter().map(|r| &*r.version).collect();
        all_different(versions.len(), releases.len())?;
        let releases = releases.iter().map(|entry| release(entry, asked));
        Ok(releases.collect::<Vec<_>>())
    });
    Ok(read.await?.value)
}

/// Reads a release. A statement is `did:key:z6Mk... for gems:widget`.
fn release(entry: &ReleaseEntry, asked: &Namespace) -> Release {
    let statements = entry.statements.iter();
    let pairs = statements.filter_map(|statement| statement.split_once(" for "));
    let ours = pairs.filter(|(_, package)| asked.is_named_by(package));
    let dids = ours.filter_map(|(did, _)| did.parse().ok());
    Release::new(&entry.version, Some(entry.created_at), false).naming(dids)
}
