//! The kept part of a packument: evidence, and the state that the next answer is compared with.

use auths_core::claim::Incarnation;
use auths_core::evidence::{
    Existence, ListedAccount, Listing, ListingCompleteness, OwnerRole, Reading, SourceRepository,
    Timeline,
};
use auths_core::{
    Account, ExactTime, Namespace, Origin, Platform, Refuted, RefutedReason, TimePrecision,
    Unavailable, UnavailableReason,
};
use serde::{Deserialize, Serialize};

use crate::repository::repository;
use crate::versions::VersionTable;
use crate::wire::{Maintainers, PackageTimes, Packument};

/// The account that npm itself publishes with. A package that it alone maintains is held, for safety, from everybody (N14 in
/// `docs/platform-facts.md`).
const HOLDER: &str = "npm";

/// The ending of the version of a security holding package.
const HELD: &str = "-security";

/// The longest version, in bytes.
const MAX_VERSION: usize = 255;

/// The kept part of a packument.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Package {
    pub(crate) existence: Existence,
    /// The number of changes of the packument: the first part of `_rev`.
    pub(crate) changes: Option<u64>,
    pub(crate) listing: Reading<Listing>,
    pub(crate) incarnation: Reading<Incarnation>,
    pub(crate) repositories: Reading<Vec<SourceRepository>>,
    /// The version that installers pick.
    latest: Reading<Option<String>>,
    versions: Reading<VersionTable>,
}

impl Package {
    /// Reads a packument about `namespace` from the server `configured` (`None`: the public registry).
    pub(crate) fn new(
        packument: Packument,
        namespace: &Namespace,
        configured: Option<&Origin>,
    ) -> Result<Self, Unavailable> {
        let name = packument
            .name
            .as_deref()
            .ok_or_else(|| missing("name", configured))?;
        namespace.confirm(name)?;
        let existence = existence(&packument);
        let Packument {
            rev,
            maintainers,
            latest,
            times,
            has_versions,
            mut versions,
            repositories,
            ..
        } = packument;
        let latest = latest.transpose().and_then(|latest| match latest {
            Some(version) if version.len() > MAX_VERSION => {
                Err(Unavailable::unreadable("dist-tags.latest is no version"))
            }
            latest => Ok(latest),
        });
        let is_full = maintainers.is_some() || times.is_some();
        let created = times.as_ref().and_then(|times| times.created);
        versions.set_created(created);
        let versions = dated_release(versions, has_versions, times.as_ref(), configured);
        let listing = listing(maintainers, namespace, configured, versions.as_ref().ok());
        // These two fields say whether the package was unpublished, or is held. While they are unread, its maintainers are not
        // known.
        let listing = listing.and_then(|listing| match &versions {
            Ok(_) => Ok(listing),
            Err(why) => Err(why.clone()),
        });
        Ok(Self {
            existence,
            changes: rev.as_deref().and_then(changes),
            listing: listing.into(),
            incarnation: incarnation(created, versions.as_ref(), configured).into(),
            repositories: parse_repositories(&repositories, is_full, configured).into(),
            latest: latest.into(),
            versions: versions.into(),
        })
    }

    /// Returns the releases, with the DIDs and accounts that they name.
    pub(crate) fn timeline(&self) -> Result<Timeline, Unavailable> {
        let latest = self.latest.get()?.as_deref();
        Ok(self.versions.get()?.timeline(latest))
    }
}

/// Returns the failure of a missing field, in an answer of the public registry or of the server `configured` in its place. A
/// mirror may leave out fields that the registry has, and the registry itself leaves out fields without a value.
fn missing(field: &str, configured: Option<&Origin>) -> Unavailable {
    match configured {
        None => Unavailable::missing_field(field),
        Some(server) => {
            let detail = format!(
                "the answer of {server} has no {field}: a mirror may leave out what the public registry shows"
            );
            Unavailable::new(UnavailableReason::MissingField, detail)
        }
    }
}

/// Returns whether the package exists, as the registry states it.
fn existence(packument: &Packument) -> Existence {
    let is_live = packument.versions.listed().next().is_some();
    if !is_live && packument.times.as_ref().is_some_and(|t| t.unpublished) {
        let detail = "the registry says that the package was unpublished";
        return Existence::Absent(Refuted::new(RefutedReason::UnknownProject, detail));
    }
    let is_held = {
        let mut listed = packument.versions.listed();
        let only = listed.next().filter(|_| listed.next().is_none());
        only.is_some_and(|version| version.ends_with(HELD))
    };
    let is_holders = matches!(&packument.maintainers, Some(Ok(names)) if matches!(
        names.as_slice(),
        [Some(only)] if only == HOLDER
    ));
    if is_held || is_holders {
        let detail = "the registry holds the name for safety: it is a security holding package";
        return Existence::Absent(Refuted::new(RefutedReason::Quarantined, detail));
    }
    Existence::Present
}

/// Returns the versions, when the answer has both the list of versions and the times of publication.
fn dated_release(
    versions: VersionTable,
    has_versions: bool,
    times: Option<&PackageTimes>,
    configured: Option<&Origin>,
) -> Result<VersionTable, Unavailable> {
    if !has_versions {
        return Err(missing("versions", configured));
    }
    if times.is_none() {
        return Err(missing("time", configured));
    }
    if !versions.is_timed() {
        let detail = "the answer's `time` is empty, although every package was created some time";
        return Err(Unavailable::new(UnavailableReason::Empty, detail));
    }
    if versions.listed().next().is_none() {
        let detail = "the answer lists no version of a package that is not said to be unpublished";
        return Err(Unavailable::new(UnavailableReason::Empty, detail));
    }
    Ok(versions)
}

/// Returns the listed accounts in the answer's order. An entry that cannot be read only makes the listing incomplete.
///
/// Members of an organisation may publish in its scope, and no documentation says that they are listed (N10). Such a listing
/// is therefore not complete. A scope is a person's own where that login is listed and published the newest release. A person's
/// account may be made an organisation: it then stays listed, and publishes nothing more itself.
fn listing(
    maintainers: Option<Result<Maintainers, Unavailable>>,
    namespace: &Namespace,
    configured: Option<&Origin>,
    versions: Option<&VersionTable>,
) -> Result<Listing, Unavailable> {
    let maintainers = maintainers.ok_or_else(|| missing("maintainers", configured))??;
    if maintainers.is_empty() {
        let detail = "the answer lists no maintainer, although a package always has one";
        return Err(Unavailable::new(UnavailableReason::Empty, detail));
    }
    let (mut accounts, mut unread) = (Vec::new(), None);
    for name in &maintainers {
        match account(name.as_deref(), configured) {
            Ok(listed) => accounts.push(listed),
            Err(why) => unread = unread.or(Some(why)),
        }
    }
    let organization = scope(namespace).filter(|scope| !is_persons(scope, &maintainers, versions));
    let owners = match (accounts.as_slice(), organization, unread) {
        // Nobody who was read would be confirmed: nobody at all, or the scope's own login, whose scope may be an
        // organisation's. Core takes a list of that login alone for a whole one.
        ([], _, Some(why)) => return Err(why),
        ([only], Some(scope), Some(why)) if only.account.login().as_str() == scope => {
            return Err(why);
        }
        (_, Some(scope), _) => ListingCompleteness::Organization(scope.to_owned()),
        (_, None, Some(why)) => ListingCompleteness::Unread(why),
        (_, None, None) => ListingCompleteness::Listed,
    };
    let mut listing = Listing::new(accounts);
    listing.owners = owners;
    Ok(listing)
}

/// Returns whether a scope is a person's own: that login is listed, and published the newest release.
fn is_persons(scope: &str, maintainers: &Maintainers, versions: Option<&VersionTable>) -> bool {
    let newest = versions.and_then(VersionTable::newest_publisher);
    let published = newest.is_some_and(|by| by.login().as_str() == scope);
    published && maintainers.iter().flatten().any(|login| login == scope)
}

/// Returns the scope of a scoped name, without its `@`.
fn scope(namespace: &Namespace) -> Option<&str> {
    let (scope, _) = namespace
        .name()
        .as_str()
        .strip_prefix('@')?
        .split_once('/')?;
    Some(scope)
}

fn account(login: Option<&str>, configured: Option<&Origin>) -> Result<ListedAccount, Unavailable> {
    let login =
        login.ok_or_else(|| Unavailable::unreadable("a maintainer has no readable name"))?;
    let account = Account::parse_login(Platform::NPM, login)
        .map_err(|error| Unavailable::unreadable(format!("a maintainer is no account: {error}")))?;
    // npm knows no lesser role: every maintainer may publish and add others.
    Ok(ListedAccount::new(
        account.at(configured.cloned()),
        OwnerRole::Owner,
        "maintainer",
    ))
}

/// Returns the mark of this life of the name: when the package was created, and its earliest version that exists.
///
/// `created` alone would not be enough, because no documentation says that it begins anew when a name is published again after it
/// was unpublished (N8). The earliest version that exists does begin anew. `_rev` is no marker, because it changes with every
/// publish.
fn incarnation(
    created: Option<ExactTime>,
    versions: Result<&VersionTable, &Unavailable>,
    configured: Option<&Origin>,
) -> Result<Incarnation, Unavailable> {
    let versions = versions.map_err(Clone::clone)?;
    let created = created.ok_or_else(|| missing("readable time.created", configured))?;
    let first = versions
        .first()
        .ok_or_else(|| missing("readable time for some version", configured))?;
    let [created, first] = [created, first].map(|at| at.spelled(TimePrecision::Milliseconds));
    let value = format!("{created} {first}");
    Ok(Incarnation::new("created-and-first-release", value))
}

/// The highest number of changes of a packument that is believed. A higher number in one false answer would refuse every later
/// answer, for good, and no package comes near it.
const MAX_CHANGES: u64 = 10_000_000;

/// Reads the number of changes of a packument. `_rev` is a number that grows with every change, `-`, and a hash. Other servers
/// write something else there, which says nothing. A number that no registry counts up to says nothing either.
fn changes(rev: &str) -> Option<u64> {
    let (number, hash) = rev.split_once('-')?;
    let is_plain = number.bytes().all(|b| b.is_ascii_digit());
    let number = (is_plain && !hash.is_empty()).then(|| number.parse().ok())?;
    number.filter(|number| *number <= MAX_CHANGES)
}

/// Reads the repository that the publisher typed. A full packument without `repository` means that the publisher typed none.
fn parse_repositories(
    texts: &[String],
    is_full: bool,
    configured: Option<&Origin>,
) -> Result<Vec<SourceRepository>, Unavailable> {
    if !is_full {
        return Err(missing("repository", configured));
    }
    SourceRepository::distinct(texts.iter().filter_map(|text| repository(text)))
}

#[cfg(test)]
mod tests;
