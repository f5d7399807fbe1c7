//! The kept part of PyPI's answers: evidence, and the state that the next answer is compared with.

use auths_core::claim::Incarnation;
use auths_core::evidence::{
    ListedAccount, Listing, ListingCompleteness, OwnerRole, Reading, Release, SourceRepository,
    Timeline,
};
use auths_core::{
    Account, ExactTime, Namespace, Origin, Platform, RefutedReason, TimePrecision, Timestamp,
    Unavailable, UnavailableReason, shorten,
};
use auths_http::{ListEntry, Object, Pairs};
use serde::{Deserialize, Serialize};

use crate::statement::{ProjectStatements, said_by_keywords, said_by_url};
use crate::wire::{
    IndexAnswer, PlainValue, ProjectAnswer, ProjectOwnership, ProjectRoles, ProjectUrls,
    ReleaseAnswer, ReleaseFile, ReleaseFiles, ReleaseInfo,
};

/// The most DIDs that one release may name. A release with more is not read, because leaving some out could hide one.
const MAX_DIDS: usize = 64;

/// The longest version, in bytes.
const MAX_VERSION: usize = 200;

/// The longest name of an organization, in bytes.
const MAX_ORGANIZATION: usize = 200;

/// The longest part of an unknown word that is shown, in characters.
const MAX_SHOWN: usize = 40;

/// The kept part of a project's answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProjectData {
    pub(crate) serial: Option<u64>,
    pub(crate) listing: Reading<Listing>,
    pub(crate) incarnation: Reading<Incarnation>,
    pub(crate) releases: Reading<Vec<Release>>,
    /// The version with metadata in the answer: the one that installers pick.
    pub(crate) version: Option<String>,
    /// The statements of that version.
    pub(crate) said: Reading<ProjectStatements>,
    pub(crate) repositories: Reading<Vec<SourceRepository>>,
}

/// The kept part of a release's answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReleaseMetadata {
    pub(crate) serial: Option<u64>,
    pub(crate) said: ProjectStatements,
}

/// The answer of the simple index about a project that the JSON API does not know.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SimpleIndex {
    pub(crate) serial: Option<u64>,
    pub(crate) absent: RefutedReason,
}

impl ProjectData {
    /// Reads an answer about `namespace` from the server `configured` (`None`: the public PyPI).
    pub(crate) fn new(
        answer: ProjectAnswer,
        namespace: &Namespace,
        configured: Option<&Origin>,
    ) -> Result<Self, Unavailable> {
        let Object(info) = answer.info;
        namespace.confirm(info.name()?)?;
        let (releases, incarnation) = match answer.releases {
            None => (
                Err(Unavailable::missing_field("releases")),
                Err(Unavailable::missing_field("releases")),
            ),
            Some(Pairs(releases)) => (timeline(&releases), first_upload(&releases)),
        };
        Ok(Self {
            serial: answer.last_serial.0,
            listing: listing(answer.ownership, configured).into(),
            incarnation: incarnation.into(),
            releases: releases.into(),
            said: parse_statements(&info, namespace).into(),
            repositories: parse_repositories(&info).into(),
            version: info.version.text().map(str::to_owned),
        })
    }
}

impl ProjectData {
    /// Returns the releases, as far as the project's own answer shows them. It has the metadata of the version that installers
    /// pick. When that cannot be read, the release's own answer is asked for.
    pub(crate) fn timeline(&self) -> Result<Timeline, Unavailable> {
        let mut timeline = Timeline::new(self.releases.get().cloned()?, self.version.clone());
        if let (Some(version), Reading::Read(said)) = (&self.version, &self.said) {
            said.fill(&mut timeline, version);
        }
        Ok(timeline)
    }
}

impl ProjectStatements {
    /// Sets the statements of `version` in the timeline.
    pub(crate) fn fill(&self, timeline: &mut Timeline, version: &str) {
        timeline.set_dids(version, self.dids.clone());
        timeline.set_accounts(version, self.accounts.clone());
    }
}

impl ReleaseMetadata {
    /// Reads an answer about `version` of `namespace`.
    pub(crate) fn new(
        answer: ReleaseAnswer,
        namespace: &Namespace,
        version: &str,
    ) -> Result<Self, Unavailable> {
        namespace.confirm(answer.info.name()?)?;
        match answer.info.version.text() {
            Some(found) if found == version => {}
            Some(_) => {
                let detail = format!("the answer about version {version} is about another one");
                return Err(Unavailable::new(
                    UnavailableReason::EvidenceMismatch,
                    detail,
                ));
            }
            None => return Err(Unavailable::missing_field("info.version")),
        }
        Ok(Self {
            serial: answer.last_serial,
            said: parse_statements(&answer.info, namespace)?,
        })
    }
}

impl SimpleIndex {
    /// Reads the simple index's answer about `namespace`, which the JSON API does not know.
    pub(crate) fn new(answer: IndexAnswer, namespace: &Namespace) -> Result<Self, Unavailable> {
        namespace.confirm(&answer.name)?;
        if answer.meta.api_version.split('.').next() != Some("1") {
            return Err(Unavailable::unreadable(
                "the simple index is of a version that is not known here",
            ));
        }
        let status = match answer.project_status {
            // PEP 792: no marker means active.
            None => "active".to_owned(),
            Some(Object(marker)) => marker.status.unwrap_or_else(|| "active".to_owned()),
        };
        let is_empty = answer.files.is_empty() && answer.versions.is_empty();
        let absent = match status.as_str() {
            "quarantined" => RefutedReason::Quarantined,
            "active" | "archived" | "deprecated" if is_empty => RefutedReason::NoReleases,
            "active" | "archived" | "deprecated" => {
                let detail = "the simple index lists releases, and the JSON API knows no project";
                return Err(Unavailable::new(
                    UnavailableReason::EvidenceMismatch,
                    detail,
                ));
            }
            _ => {
                return Err(Unavailable::unreadable(
                    "the project's status is not known here",
                ));
            }
        };
        Ok(Self {
            serial: answer.meta.last_serial,
            absent,
        })
    }
}

/// Returns the listed accounts in the answer's order. An entry that cannot be read only makes the listing incomplete.
fn listing(
    ownership: ProjectOwnership,
    configured: Option<&Origin>,
) -> Result<Listing, Unavailable> {
    let (roles, organization) = match ownership {
        ProjectOwnership::Missing => return Err(Unavailable::missing_field("ownership")),
        ProjectOwnership::Odd => {
            return Err(Unavailable::unreadable(
                "ownership is no object, each name once",
            ));
        }
        ProjectOwnership::Listed {
            roles,
            organization,
        } => (roles, organization),
    };
    let roles = match roles {
        ProjectRoles::Missing => return Err(Unavailable::missing_field("ownership.roles")),
        ProjectRoles::Odd => return Err(Unavailable::unreadable("ownership.roles is no list")),
        ProjectRoles::Listed(roles) => roles,
    };
    let organization = match organization {
        PlainValue::Missing => return Err(Unavailable::missing_field("ownership.organization")),
        PlainValue::Null => None,
        PlainValue::Text(name) if name.len() > MAX_ORGANIZATION => {
            return Err(Unavailable::unreadable(
                "the organization's name is too long",
            ));
        }
        PlainValue::Text(name) => Some(name),
        PlainValue::Bool(_) | PlainValue::Odd => {
            return Err(Unavailable::unreadable("ownership.organization is no name"));
        }
    };
    let (mut accounts, mut unread) = (Vec::new(), None);
    for entry in &roles {
        match account(entry, configured) {
            Ok(listed) => accounts.push(listed),
            Err(why) => unread = unread.or(Some(why)),
        }
    }
    let owners = match (accounts.as_slice(), organization, unread) {
        ([], _, Some(why)) => return Err(why),
        ([], None, None) => {
            let detail = "the answer lists no role, and no organization that may have some";
            return Err(Unavailable::new(UnavailableReason::Empty, detail));
        }
        // It hides its members, whoever else is there.
        (_, Some(name), _) => ListingCompleteness::Organization(name),
        (_, None, Some(why)) => ListingCompleteness::Unread(why),
        (_, None, None) => ListingCompleteness::Listed,
    };
    let mut listing = Listing::new(accounts);
    listing.owners = owners;
    Ok(listing)
}

fn account(entry: &ListEntry, configured: Option<&Origin>) -> Result<ListedAccount, Unavailable> {
    let (Some(user), Some(label)) = (entry.text("user"), entry.text("role")) else {
        return Err(Unavailable::unreadable(
            "a role has no readable user or name",
        ));
    };
    let account = Account::parse_login(Platform::PYPI, user)
        .map_err(|error| Unavailable::unreadable(format!("a role is of no account: {error}")))?;
    let role = match label {
        "Owner" => OwnerRole::Owner,
        "Maintainer" => OwnerRole::Maintainer,
        // PyPI documents these two. Another spelling may mean more or less than either.
        other => {
            let shown = shorten(other, MAX_SHOWN);
            return Err(Unavailable::unreadable(format!(
                "a role is called \"{shown}\", which PyPI has not"
            )));
        }
    };
    Ok(ListedAccount::new(
        account.at(configured.cloned()),
        role,
        label,
    ))
}

/// Returns every release, with unread metadata.
fn timeline(releases: &[(String, ReleaseFiles)]) -> Result<Vec<Release>, Unavailable> {
    if releases.is_empty() {
        // The JSON API does not know a project without releases, so this answer was cut.
        let detail = "the answer lists no release of a project that has some";
        return Err(Unavailable::new(UnavailableReason::Empty, detail));
    }
    Ok(releases
        .iter()
        .map(|(version, files)| release(version, files))
        .collect())
}

/// What is wrong with one release costs that release what depends on it: its files their time, its version its metadata. It
/// counts as withdrawn to nobody.
fn release(version: &str, files: &ReleaseFiles) -> Release {
    let ReleaseFiles::Listed(files) = files else {
        let detail = "the files of this release are no list of files";
        return undated_release(version, Unavailable::unreadable(detail));
    };
    let mut withdrawn = !files.is_empty();
    for file in files {
        match file.yanked {
            PlainValue::Bool(yanked) => withdrawn &= yanked,
            PlainValue::Missing => {
                return undated_release(
                    version,
                    Unavailable::missing_field("yanked for some file"),
                );
            }
            _ => {
                let detail = "whether a file of this release is yanked is no yes or no";
                return undated_release(version, Unavailable::unreadable(detail));
            }
        }
    }
    // One file without a time could be the earliest.
    let times: Option<Vec<Timestamp>> = files.iter().map(|f| Some(uploaded(f)?.0)).collect();
    let wrong = match &times {
        None => Some("a file of this release has no readable upload time"),
        Some(times) if !times.is_empty() && !is_readable(version) => {
            Some("its version is not one that can be asked for")
        }
        Some(_) => None,
    };
    let uploaded_at = times.and_then(|times| times.into_iter().min());
    let mut release = Release::new(shown_version(version), uploaded_at, withdrawn);
    release.unread = wrong.map(Unavailable::unreadable);
    release
}

/// Returns a release of which nothing is known but its version.
fn undated_release(version: &str, wrong: Unavailable) -> Release {
    let mut release = Release::new(shown_version(version), None, false);
    release.unread = Some(wrong);
    release
}

/// Returns whether the metadata of this version can be asked for.
fn is_readable(version: &str) -> bool {
    let is_plain = version.bytes().all(|b| b.is_ascii_graphic());
    !version.is_empty() && version.len() <= MAX_VERSION && is_plain
}

/// Returns the version for evidence: its own spelling, cut where it is too long. No readable version has spaces.
fn shown_version(version: &str) -> String {
    match version {
        "" => "(without a version)".to_owned(),
        long if long.len() > MAX_VERSION => {
            let start = shorten(long, MAX_SHOWN);
            format!("{start} (and more)")
        }
        version => version.to_owned(),
    }
}

/// Returns the earliest upload of all releases.
fn first_upload(releases: &[(String, ReleaseFiles)]) -> Result<Incarnation, Unavailable> {
    let mut first: Option<ExactTime> = None;
    if releases
        .iter()
        .any(|(_, files)| *files == ReleaseFiles::Odd)
    {
        return Err(Unavailable::missing_field(
            "readable list of files for some release",
        ));
    }
    for file in releases.iter().flat_map(|(_, files)| files.listed()) {
        let (_, at) = uploaded(file)
            .ok_or_else(|| Unavailable::missing_field("readable upload time for some file"))?;
        first = Some(first.map_or(at, |known| known.min(at)));
    }
    let first = first.ok_or_else(|| Unavailable::missing_field("file with an upload time"))?;
    Ok(Incarnation::new(
        "first-upload",
        first.spelled(TimePrecision::Microseconds),
    ))
}

/// Returns the upload time of a file: to the second, and exact.
fn uploaded(file: &ReleaseFile) -> Option<(Timestamp, ExactTime)> {
    let exact = ExactTime::parse_rfc3339(file.upload_time.text()?).ok()?;
    Some((exact.to_timestamp().ok()?, exact))
}

/// Returns the statements for `namespace` in a release's metadata.
fn parse_statements(
    info: &ReleaseInfo,
    namespace: &Namespace,
) -> Result<ProjectStatements, Unavailable> {
    let mut said = ProjectStatements::default();
    for url in urls(info)? {
        said.add(said_by_url(url, namespace));
    }
    match &info.keywords {
        PlainValue::Missing => return Err(Unavailable::missing_field("info.keywords")),
        PlainValue::Null => {}
        PlainValue::Text(keywords) => said.add(said_by_keywords(keywords, namespace)),
        PlainValue::Bool(_) | PlainValue::Odd => {
            return Err(Unavailable::unreadable("info.keywords is no text"));
        }
    }
    if said.dids.len().max(said.accounts.len()) > MAX_DIDS {
        let detail = format!("a release names more than {MAX_DIDS} DIDs");
        return Err(Unavailable::new(UnavailableReason::TooLarge, detail));
    }
    Ok(said)
}

fn parse_repositories(info: &ReleaseInfo) -> Result<Vec<SourceRepository>, Unavailable> {
    let typed = urls(info)?.into_iter().chain(info.home_page.text());
    SourceRepository::distinct(typed.filter_map(SourceRepository::from_address))
}

fn urls(info: &ReleaseInfo) -> Result<Vec<&str>, Unavailable> {
    match &info.project_urls {
        ProjectUrls::Missing => Err(Unavailable::missing_field("info.project_urls")),
        ProjectUrls::Null => Ok(Vec::new()),
        ProjectUrls::Listed(urls) => Ok(urls.iter().map(String::as_str).collect()),
        ProjectUrls::Odd => Err(Unavailable::unreadable(
            "info.project_urls is no object of texts, each name once",
        )),
    }
}

#[cfg(test)]
mod tests;
