//! The adapter: one request for the package, some for its owners, one for its versions.

use std::time::Duration;

use async_trait::async_trait;
use auths_core::claim::Incarnation;
use auths_core::evidence::*;
use auths_core::ports::{NamespaceError, NamespaceQuery, NamespaceVerifier, ReadScope};
use auths_core::{Account, AccountId, Ecosystem, Namespace, Origin, Platform, Timestamp};
use auths_core::{Refuted, RefutedReason, Unavailable, UnavailableReason};
use auths_http::{Limits, Object, Request, RequestBudget, Transport};
use serde::{Deserialize, Serialize};

pub(crate) static ECOSYSTEM: Ecosystem = Ecosystem::from_static("depot");
pub(crate) static PLATFORM: Platform = Platform::from_static("depot");

/// The package, twenty pages of owners, and the versions: 30 seconds in all, two megabytes each.
const LIMITS: Limits = Limits::new(22, Duration::from_secs(30), 2 << 20);

/// Reads packages of a server that speaks Depot's API.
#[derive(Debug)]
pub(crate) struct Depot {
    pub(crate) origin: Origin,
    pub(crate) transport: Transport,
}

#[async_trait]
impl NamespaceVerifier for Depot {
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
        let Some((scope, name)) = asked.name().as_str().split_once('/') else {
            return Err(NamespaceError::invalid(format!("{asked} has no scope")));
        };
        let package = Request::get(origin, &["packages", scope, name])?;
        let owners = Request::get(origin, &["packages", scope, name, "owners"])?;
        let versions = Request::get(origin, &["packages", scope, name, "versions"])?;

        let mut question = RequestBudget::new(&self.transport, LIMITS, &query.budget);
        let mut evidence = NamespaceEvidence::new(asked.clone(), origin.clone(), query.now);
        if let Some(package) = read_package(&mut question, package, asked).await? {
            let id = Incarnation::new("package-id", package.id.to_string());
            evidence.incarnation = Reading::Read(id);
            let listing = read_owners(&mut question, owners, asked, &package).await;
            evidence.listing = listing.map(Listing::new).into();
            if query.scope == ReadScope::Everything {
                let releases = read_versions(&mut question, versions, asked, &package).await;
                let timeline = |releases| Timeline::new(releases, Some(package.latest));
                evidence.timeline = releases.map(timeline).into();
            }
        } else {
            let refuted = Refuted::new(RefutedReason::UnknownProject, "Depot says so");
            evidence.existence = Existence::Absent(refuted);
        }
        evidence.observed_at = question.observed_at(query.now);
        evidence.sources = question.into_sources();
        Ok(evidence)
    }
}

#[derive(Deserialize)]
struct No {
    code: String,
    package: String,
}

#[derive(Serialize, Deserialize)]
struct Package {
    package: String,
    id: u64,
    latest: String,
}

/// The package; `None` when Depot itself says that there is none of that name.
async fn read_package(
    question: &mut RequestBudget<'_>,
    request: Request,
    asked: &Namespace,
) -> Result<Option<Package>, Unavailable> {
    let name = asked.name().as_str();
    let read = question.read(
        request.cache_as("depot-package/1"),
        |response| {
            response.classify("application/json", |no: &No| {
                no.code == "no-such-package" && no.package == name
            })
        },
        |response| {
            let package: Package = response.json_object()?;
            asked.confirm(&package.package)?;
            Ok(package)
        },
    );
    Ok(read.await?.found())
}

#[derive(Deserialize)]
struct Page {
    package: String,
    id: u64,
    page: u32,
    owners: Vec<Object<Owner>>,
    more: bool,
}

#[derive(Deserialize)]
struct Owner {
    id: u64,
    login: String,
    access: String,
}

/// All owners, page by page. With more pages than the budget allows, none.
async fn read_owners(
    question: &mut RequestBudget<'_>,
    request: Request,
    asked: &Namespace,
    package: &Package,
) -> Result<Vec<ListedAccount>, Unavailable> {
    let (mut all, mut page) = (Vec::<ListedAccount>::new(), 1);
    loop {
        let request = request.clone().query("page", &page.to_string());
        let request = request.cache_as("depot-owners/1");
        let read = question.ask(request, |response| {
            let answer: Page = response.object()?;
            check(&answer.package, answer.id, package)?;
            if answer.page != page || answer.owners.is_empty() {
                let detail = format!("page {} instead of {page}, or nothing on it", answer.page);
                return Err(Unavailable::new(
                    UnavailableReason::EvidenceMismatch,
                    detail,
                ));
            }
            let owners = answer.owners.iter().map(|owner| listed(owner, asked));
            Ok((owners.collect::<Result<Vec<_>, _>>()?, answer.more))
        });
        let (owners, more): (Vec<ListedAccount>, bool) = read.await?.value;
        for owner in owners {
            if all.iter().any(|a| a.account.id() == owner.account.id()) {
                let detail = format!("{} is listed twice", owner.account);
                return Err(Unavailable::new(
                    UnavailableReason::EvidenceMismatch,
                    detail,
                ));
            }
            all.push(owner);
        }
        if !more {
            return Ok(all);
        }
        page += 1;
    }
}

fn listed(owner: &Owner, asked: &Namespace) -> Result<ListedAccount, Unavailable> {
    let role = match owner.access.as_str() {
        "all" => OwnerRole::Owner,
        "publish" => OwnerRole::Maintainer,
        "read" => OwnerRole::Other,
        other => return Err(Unavailable::unreadable(format!("{other:?} is no access"))),
    };
    let account = Account::parse_login(PLATFORM.clone(), &owner.login);
    let account = account.map_err(Unavailable::unreadable)?;
    let id = AccountId::new(&owner.id.to_string()).map_err(Unavailable::unreadable)?;
    let account = account.with_id(id).at(asked.repository().cloned());
    Ok(ListedAccount::new(account, role, &owner.access))
}

#[derive(Deserialize)]
struct Versions {
    package: String,
    id: u64,
    versions: Vec<Object<Version>>,
}

#[derive(Deserialize)]
struct Version {
    version: String,
    published_at: Timestamp,
    yanked: bool,
    statements: Vec<String>,
}

/// Every version, with whom it names.
async fn read_versions(
    question: &mut RequestBudget<'_>,
    request: Request,
    asked: &Namespace,
    package: &Package,
) -> Result<Vec<Release>, Unavailable> {
    let request = request.cache_as("depot-versions/1");
    let read = question.ask(request, |response| {
        let answer: Versions = response.object()?;
        check(&answer.package, answer.id, package)?;
        if answer.versions.is_empty() {
            return Err(Unavailable::new(
                UnavailableReason::Empty,
                "there is no version",
            ));
        }
        let versions = answer.versions.iter();
        Ok(versions.map(|version| release(version, asked)).collect())
    });
    Ok(read.await?.value)
}

/// A statement is `did:key:z6Mk... for depot:acme/widget`.
fn release(version: &Version, asked: &Namespace) -> Release {
    let statements = version.statements.iter();
    let pairs = statements.filter_map(|statement| statement.split_once(" for "));
    let ours = pairs.filter(|(_, package)| asked.is_named_by(package));
    let dids = ours.filter_map(|(did, _)| did.parse().ok());
    Release::new(&version.version, Some(version.published_at), version.yanked).naming(dids)
}

/// That a later answer is about the package of the first one: its name, and this life of it.
fn check(name: &str, id: u64, package: &Package) -> Result<(), Unavailable> {
    match name == package.package && id == package.id {
        true => Ok(()),
        false => {
            let detail = format!("it is about {name} with id {id}");
            Err(Unavailable::new(
                UnavailableReason::EvidenceMismatch,
                detail,
            ))
        }
    }
}
