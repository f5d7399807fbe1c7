//! A compact table of every version of a package: about 64 bytes each.

use std::collections::BTreeSet;

use auths_core::evidence::{NamedAccount, Release, ReleaseNames, Timeline};
use auths_core::{Account, Did, ExactTime, Timestamp, Unavailable, UnavailableReason};
use serde::{Deserialize, Serialize};

use crate::bounded::MAX_DEPTH;

/// The longest version, in bytes: the limit of npm's own parser of versions.
pub(crate) const MAX_VERSION: usize = 255;

/// The most DIDs that one release may name. A release with more is not read, because leaving some out could hide one.
pub(crate) const MAX_DIDS: usize = 64;

/// The most DIDs and accounts that are kept in all, counted once for each distinct set of them.
const MAX_KEPT: usize = 2_048;

/// The most publishers that are told apart. Releases of further publishers have an unknown publisher.
const MAX_PUBLISHERS: usize = 2_048;

/// The flag of a version that `versions` has.
const LISTED: u8 = 1;
/// The flag of a version that `time` has.
const TIMED: u8 = 2;
/// The flag of a deprecated version.
const DEPRECATED: u8 = 4;
/// The flag of a version with a statement that names nobody for the package.
const UNUSABLE: u8 = 8;
/// The flag of a version that a CI run published.
const FROM_CI: u8 = 16;
/// The flag of a version that no CI run published.
const BY_HAND: u8 = 32;

/// The value for a time that is missing or unreadable.
const UNKNOWN: i64 = i64::MIN;

/// The versions that `versions` or `time` has, by their spelling.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct VersionTable {
    /// The text of all versions, one after the other.
    text: String,
    /// The entries, sorted by their text up to `sorted`.
    entries: Vec<VersionEntry>,
    #[serde(skip)]
    sorted: usize,
    /// The contents of releases, each distinct one once.
    says: Vec<ReleaseContent>,
    /// The sets of DIDs and accounts that releases name, each distinct set once.
    sets: Vec<(BTreeSet<Did>, BTreeSet<NamedAccount>)>,
    /// The accounts that published a version, each once.
    publishers: Vec<Account>,
    /// The time when the package was created, in microseconds of Unix time; `None` when the answer does not say.
    #[serde(default)]
    created: Option<i64>,
    #[serde(skip)]
    kept: usize,
}

/// One version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct VersionEntry {
    /// The time of publication in microseconds of Unix time, or [`UNKNOWN`].
    at: i64,
    start: u32,
    length: u8,
    is: u8,
    /// The index of its content. An index beyond the end means that the content could not be kept.
    says: u16,
}

/// The content of a release, as npm shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct ReleaseContent {
    /// The set that the release names, or the reason why it was not read.
    named: Result<u16, UnreadStatement>,
    /// The publisher.
    publisher: Option<u16>,
}

/// The reasons why it is not known which DIDs a release names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum UnreadStatement {
    /// The package.json is nested too deeply.
    Deep,
    /// A text in the package.json is too long.
    Long,
    /// A needed field of the package.json occurs twice, or has a value that is not allowed.
    Odd,
    /// The release names more than can be kept.
    TooMany,
}

impl UnreadStatement {
    fn reason(self) -> Unavailable {
        let (why, detail) = match self {
            Self::Deep => (
                UnavailableReason::Unreadable,
                format!("its package.json is nested deeper than {MAX_DEPTH}"),
            ),
            Self::Long => (
                UnavailableReason::TooLarge,
                "a text or a field of its package.json is too long".to_owned(),
            ),
            Self::Odd => (
                UnavailableReason::Unreadable,
                "a field of its package.json stands twice, or is nothing that can be read"
                    .to_owned(),
            ),
            Self::TooMany => (
                UnavailableReason::TooLarge,
                format!("it names more than {MAX_DIDS} DIDs, or all releases together too many"),
            ),
        };
        Unavailable::new(why, detail)
    }
}

/// The reasons why a version cannot be added.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RefusedVersion {
    Spelling,
    Twice,
}

/// The content of `versions` for one version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct VersionManifest {
    pub(crate) deprecated: bool,
    /// The DIDs that the version names, and the accounts in account statements.
    pub(crate) said: Result<(BTreeSet<Did>, BTreeSet<NamedAccount>), UnreadStatement>,
    /// True where a statement names nobody for the package.
    pub(crate) unusable: bool,
    /// The account that published the version.
    pub(crate) publisher: Option<Account>,
    /// True where a CI run published the version, false where none did; `None` where nothing says so.
    pub(crate) from_ci: Option<bool>,
}

impl VersionManifest {
    /// Creates the content of a version of which nothing can be read.
    pub(crate) fn unread(why: UnreadStatement) -> Self {
        Self {
            deprecated: false,
            said: Err(why),
            unusable: false,
            publisher: None,
            from_ci: None,
        }
    }
}

/// The place of a version, valid until the next one is added.
#[derive(Debug, Clone, Copy)]
pub(crate) struct VersionSlot(usize);

impl VersionTable {
    /// Returns the number of versions.
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Adds a version that `versions` has.
    pub(crate) fn list(&mut self, version: &str) -> Result<VersionSlot, RefusedVersion> {
        self.enter(version, LISTED)
    }

    /// Adds a version that `time` has.
    pub(crate) fn time(&mut self, version: &str) -> Result<VersionSlot, RefusedVersion> {
        self.enter(version, TIMED)
    }

    /// Sets the content of the package.json.
    pub(crate) fn set_manifest(&mut self, slot: VersionSlot, manifest: VersionManifest) {
        let named = manifest.said.and_then(|said| self.named(said));
        let publisher = manifest.publisher.and_then(|by| self.publisher(by));
        let says = self.intern_content(ReleaseContent { named, publisher });
        let is = [
            (manifest.deprecated, DEPRECATED),
            (manifest.unusable, UNUSABLE),
            (manifest.from_ci == Some(true), FROM_CI),
            (manifest.from_ci == Some(false), BY_HAND),
        ];
        if let Some(entry) = self.entries.get_mut(slot.0) {
            entry.says = says;
            entry.is |= is.iter().map(|(is, bit)| u8::from(*is) * bit).sum::<u8>();
        }
    }

    /// Sets the time of publication, as `time` writes it.
    pub(crate) fn set_time(&mut self, slot: VersionSlot, text: &str) {
        if let Some(entry) = self.entries.get_mut(slot.0) {
            entry.at = ExactTime::parse_rfc3339(text).map_or(UNKNOWN, ExactTime::as_unix_micros);
        }
    }

    /// Sets the time when the package was created, from `time`.
    pub(crate) fn set_created(&mut self, at: Option<ExactTime>) {
        self.created = at.map(ExactTime::as_unix_micros);
    }

    /// Ends the reading of `versions` or of `time`. A version that occurs twice is found here.
    pub(crate) fn settle(&mut self) -> Result<(), RefusedVersion> {
        let Self { text, entries, .. } = self;
        entries.sort_unstable_by(|a, b| a.of(text).cmp(b.of(text)));
        let twice = entries
            .windows(2)
            .any(|pair| pair[0].of(text) == pair[1].of(text));
        self.sorted = self.entries.len();
        if twice {
            Err(RefusedVersion::Twice)
        } else {
            Ok(())
        }
    }

    fn enter(&mut self, version: &str, what: u8) -> Result<VersionSlot, RefusedVersion> {
        let is_plain = version.bytes().all(|b| b.is_ascii_graphic());
        if version.is_empty() || version.len() > MAX_VERSION || !is_plain {
            return Err(RefusedVersion::Spelling);
        }
        let sorted = self.entries.get(..self.sorted).unwrap_or_default();
        let known = sorted.binary_search_by(|entry| entry.of(&self.text).cmp(version));
        if let Ok(at) = known {
            let entry = &mut self.entries[at];
            let is_new = entry.is & what == 0;
            entry.is |= what;
            return is_new
                .then_some(VersionSlot(at))
                .ok_or(RefusedVersion::Twice);
        }
        let (start, length) = (self.text.len(), version.len());
        let (Ok(start), Ok(length)) = (u32::try_from(start), u8::try_from(length)) else {
            return Err(RefusedVersion::Spelling);
        };
        self.text.push_str(version);
        self.entries.push(VersionEntry {
            at: UNKNOWN,
            start,
            length,
            is: what,
            says: u16::MAX,
        });
        Ok(VersionSlot(self.entries.len() - 1))
    }

    /// Returns the number of a set of DIDs and accounts.
    fn named(
        &mut self,
        said: (BTreeSet<Did>, BTreeSet<NamedAccount>),
    ) -> Result<u16, UnreadStatement> {
        // Most releases name the same DIDs as those around them.
        if let Some(known) = self.sets.iter().rposition(|set| *set == said) {
            return u16::try_from(known).map_err(|_| UnreadStatement::TooMany);
        }
        let most = said.0.len().max(said.1.len());
        let weight = said.0.len() + said.1.len() + 1;
        if most > MAX_DIDS || self.kept + weight > MAX_KEPT {
            return Err(UnreadStatement::TooMany);
        }
        self.kept += weight;
        self.sets.push(said);
        u16::try_from(self.sets.len() - 1).map_err(|_| UnreadStatement::TooMany)
    }

    /// Returns the number of a publisher; `None` where there are too many.
    fn publisher(&mut self, by: Account) -> Option<u16> {
        let known = self.publishers.iter().rposition(|known| *known == by);
        let number = known.unwrap_or(self.publishers.len());
        if known.is_none() {
            if number == MAX_PUBLISHERS {
                return None;
            }
            self.publishers.push(by);
        }
        u16::try_from(number).ok()
    }

    /// Returns the number of a release's content. A content beyond the numbers is unread.
    fn intern_content(&mut self, says: ReleaseContent) -> u16 {
        let known = self.says.iter().rposition(|known| *known == says);
        let number = known.unwrap_or(self.says.len());
        let kept = u16::try_from(number).unwrap_or(u16::MAX);
        if known.is_none() && kept != u16::MAX {
            self.says.push(says);
        }
        kept
    }

    /// Returns the content of a version, for versions that exist.
    fn said_by(&self, entry: &VersionEntry) -> ReleaseContent {
        let known = self.says.get(usize::from(entry.says)).copied();
        known.unwrap_or(ReleaseContent {
            named: Err(UnreadStatement::TooMany),
            publisher: None,
        })
    }
}

impl VersionTable {
    /// Returns the versions that exist, without those that were unpublished.
    pub(crate) fn listed(&self) -> impl Iterator<Item = &str> {
        self.present_versions().map(|entry| entry.of(&self.text))
    }

    /// Returns whether `time` said anything: when the package was created, or that it knows some version.
    pub(crate) fn is_timed(&self) -> bool {
        self.created.is_some() || self.entries.iter().any(|entry| entry.is & TIMED != 0)
    }

    /// Returns the earliest time of a version that exists; `None` when one has no time, or there is no version.
    pub(crate) fn first(&self) -> Option<ExactTime> {
        let times: Option<Vec<i64>> = self
            .present_versions()
            .map(|entry| Some(entry.at).filter(|at| *at != UNKNOWN))
            .collect();
        ExactTime::from_unix_micros(times?.into_iter().min()?).ok()
    }

    /// Returns all versions as evidence.
    ///
    /// A version that `time` has and `versions` lacks was unpublished. It stays, as withdrawn, and the DIDs that it named cannot
    /// be read any more. If it were left out, unpublishing would make a later release the first one ever. The same holds for a
    /// package that was unpublished whole and published again, where `time` shows nothing of its first life but when it began.
    pub(crate) fn timeline(&self, default: Option<&str>) -> Timeline {
        let timeline = self.shown(default);
        let timeline = match self.unusable() {
            Some(version) => timeline.with_unusable(version),
            None => timeline,
        };
        match self.created {
            Some(created) => {
                timeline.created(seconds(created.max(BEFORE_ALL)).unwrap_or(Timestamp::MAX))
            }
            None => timeline,
        }
    }

    fn shown(&self, default: Option<&str>) -> Timeline {
        let sets = self.sets.iter();
        let sets = sets.map(|(dids, accounts)| ReleaseNames::new(dids.clone(), accounts.clone()));
        let sets: Vec<ReleaseNames> = sets.collect();
        let releases = self.entries.iter().map(|entry| self.release(entry, &sets));
        let timeline = Timeline::new(releases.collect(), default.map(str::to_owned));
        if self.entries.iter().any(|entry| entry.is & LISTED == 0) {
            let detail = "what an unpublished release said is gone with it";
            timeline.stopped(Unavailable::new(UnavailableReason::NotOffered, detail))
        } else {
            timeline
        }
    }

    /// Returns the newest version, if its statement names nobody.
    fn unusable(&self) -> Option<&str> {
        let newest = self.present_versions().max_by_key(|entry| entry.at);
        let unusable = newest.filter(|entry| entry.is & UNUSABLE != 0);
        unusable.map(|entry| entry.of(&self.text))
    }

    /// Returns one version as evidence. It shares the set that it names.
    fn release(&self, entry: &VersionEntry, sets: &[ReleaseNames]) -> Release {
        let at = Some(entry.at).filter(|at| *at != UNKNOWN);
        let at = at.and_then(seconds);
        let is_there = entry.is & LISTED != 0;
        let withdrawn = !is_there || entry.is & DEPRECATED != 0;
        let mut release = Release::new(entry.of(&self.text), at, withdrawn);
        if !is_there {
            return release;
        }
        let says = self.said_by(entry);
        release.publisher = self.publisher_of(says).cloned();
        release.from_ci = match (entry.is & FROM_CI != 0, entry.is & BY_HAND != 0) {
            (true, _) => Some(true),
            (false, true) => Some(false),
            (false, false) => None,
        };
        match says.named.map(|set| sets.get(usize::from(set))) {
            Ok(Some(named)) => release.naming_all(named),
            Ok(None) => release,
            Err(unread) => {
                release.unread = Some(unread.reason());
                release
            }
        }
    }

    fn publisher_of(&self, says: ReleaseContent) -> Option<&Account> {
        self.publishers.get(usize::from(says.publisher?))
    }

    /// Returns the publisher of the newest version that exists, as npm states it; `None` where several versions are the newest,
    /// by different people.
    pub(crate) fn newest_publisher(&self) -> Option<&Account> {
        let at = self.present_versions().map(|entry| entry.at).max()?;
        let newest = self.present_versions().filter(|entry| entry.at == at);
        let mut publishers = newest.map(|entry| self.publisher_of(self.said_by(entry)));
        let first = publishers.next()??;
        publishers
            .all(|other| other == Some(first))
            .then_some(first)
    }

    fn present_versions(&self) -> impl Iterator<Item = &VersionEntry> {
        self.entries.iter().filter(|entry| entry.is & LISTED != 0)
    }
}

impl VersionEntry {
    fn of<'a>(&self, text: &'a str) -> &'a str {
        let start = self.start as usize;
        text.get(start..start + usize::from(self.length))
            .unwrap_or_default()
    }
}

/// A time before all releases, in whole seconds as evidence counts. Stands for times before 1970, such as the year 1, which some
/// programs write for no time.
const BEFORE_ALL: i64 = 0;

fn seconds(micros: i64) -> Option<Timestamp> {
    Timestamp::from_unix(micros.div_euclid(1_000_000)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use auths_core::TimePrecision;

    const A: &str = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK";

    fn naming(dids: &[&str]) -> VersionManifest {
        said(dids.iter().map(|did| did.parse().unwrap()).collect())
    }

    fn said(dids: BTreeSet<Did>) -> VersionManifest {
        let mut manifest = VersionManifest::unread(UnreadStatement::Odd);
        manifest.said = Ok((dids, BTreeSet::new()));
        manifest
    }

    /// `versions` in this order, and then `time`.
    fn versions(listed: &[&str], timed: &[(&str, &str)]) -> Result<VersionTable, RefusedVersion> {
        let mut versions = VersionTable::default();
        for version in listed {
            let slot = versions.list(version)?;
            versions.set_manifest(slot, naming(&[]));
        }
        versions.settle()?;
        for (version, at) in timed {
            let slot = versions.time(version)?;
            versions.set_time(slot, at);
        }
        versions.settle()?;
        Ok(versions)
    }

    #[test]
    fn an_unpublished_version_stays_and_says_nothing() {
        let times = [
            ("1.0.0", "2026-01-01T00:00:00.000Z"),
            ("1.10.0", "2026-03-01T00:00:00.000Z"),
            ("1.9.0", "2026-02-01T00:00:00.500Z"),
        ];
        let read = versions(&["1.9.0", "1.10.0"], &times).unwrap();
        let timeline = read.timeline(Some("1.10.0"));
        let shown: Vec<_> = timeline
            .releases()
            .iter()
            .map(|r| (&*r.version, r.withdrawn, r.dids.is_some()))
            .collect();
        let expected = [
            ("1.0.0", true, false),
            ("1.9.0", false, true),
            ("1.10.0", false, true),
        ];
        assert_eq!(shown, expected);
        assert_eq!(
            timeline.why_stopped().map(|u| u.reason),
            Some(UnavailableReason::NotOffered)
        );
        let first = read.first().unwrap().spelled(TimePrecision::Milliseconds);
        assert_eq!(first, "2026-02-01T00:00:00.500Z");
        assert_eq!(read.listed().collect::<Vec<_>>(), ["1.10.0", "1.9.0"]);
    }

    #[test]
    fn a_version_without_a_readable_time_is_there_without_one() {
        for times in [&[][..], &[("1.0.0", "yesterday")], &[("1.0.0", "")]] {
            let read = versions(&["1.0.0"], times).unwrap();
            let timeline = read.timeline(None);
            assert_eq!(timeline.releases()[0].uploaded_at, None);
            assert_eq!(read.first(), None);
        }
    }

    #[test]
    fn what_stands_twice_is_refused_wherever_it_stands() {
        let at = "2026-01-01T00:00:00Z";
        assert_eq!(
            versions(&["1.0.0", "2.0.0", "1.0.0"], &[]).unwrap_err(),
            RefusedVersion::Twice
        );
        for twice in ["1.0.0", "0.9.0"] {
            let times = [(twice, at), ("2.0.0", at), (twice, at)];
            assert_eq!(
                versions(&["1.0.0"], &times).unwrap_err(),
                RefusedVersion::Twice
            );
        }
        for odd in ["", "1 0", "1\u{7f}", "é", &"1".repeat(256)] {
            assert_eq!(
                versions(&[odd], &[]).unwrap_err(),
                RefusedVersion::Spelling,
                "{odd}"
            );
        }
    }

    #[test]
    fn what_is_kept_is_read_again_as_it_was() {
        let mut read = versions(&["1.0.0"], &[("1.0.0", "2026-01-01T00:00:00Z")]).unwrap();
        let slot = read.list("2.0.0").unwrap();
        read.set_manifest(slot, naming(&[A]));
        let stored = serde_json::to_string(&read).unwrap();
        let again: VersionTable = serde_json::from_str(&stored).unwrap();
        assert_eq!(again.timeline(None), read.timeline(None));
    }

    #[test]
    fn too_many_dids_are_unread_and_said() {
        let did = |n: usize| -> Did {
            let seed = auths_core::crypto::Seed::new([u8::try_from(n % 251).unwrap(); 32].into());
            Did::from_key(&auths_core::crypto::KeyPair::from_seed(&seed).public())
        };
        let mut read = VersionTable::default();
        let slot = read.list("1.0.0").unwrap();
        read.set_manifest(slot, said((0..=MAX_DIDS).map(did).collect()));
        let timeline = read.timeline(None);
        assert_eq!(timeline.releases()[0].dids, None);
        let unread = timeline.releases()[0].unread.as_ref();
        assert_eq!(unread.map(|u| u.reason), Some(UnavailableReason::TooLarge));
        assert_eq!(timeline.why_stopped(), None);
    }
}
