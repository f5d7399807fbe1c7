//! Every version of a package in as little memory as they can be held: about 64 bytes each.

use std::collections::BTreeSet;

use auths_core::evidence::{Release, Timeline};
use auths_core::{Did, Timestamp, Unavailable, Why};
use serde::{Deserialize, Serialize};

/// The longest version, in bytes: what npm's own parser of versions reads.
const MAX_VERSION: usize = 255;

/// The most DIDs that one release may name. A release with more is not read: leaving some out could hide one.
pub(crate) const MAX_DIDS: usize = 64;

/// The most DIDs that are kept in all, counted once for each distinct set of them.
const MAX_KEPT: usize = 2_048;

/// The set of a release that was not read.
const UNREAD: u16 = u16::MAX;

/// `versions` has it.
const LISTED: u8 = 1;
/// `time` has it.
const TIMED: u8 = 2;
/// It is deprecated.
const DEPRECATED: u8 = 4;
/// It carries a statement that names nobody for the package.
const UNUSABLE: u8 = 8;

/// No readable time.
const UNKNOWN: i64 = i64::MIN;

/// The versions that `versions` or `time` has, by their spelling.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Versions {
    /// All versions, one after the other.
    text: String,
    /// Sorted by their text up to `sorted`.
    entries: Vec<Entry>,
    #[serde(skip)]
    sorted: usize,
    /// Each distinct set of DIDs that releases name.
    sets: Vec<BTreeSet<Did>>,
    /// When the package was created, in microseconds of Unix time; `None` when the answer does not say.
    #[serde(default)]
    created: Option<i64>,
    #[serde(skip)]
    kept: usize,
}

/// One version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Entry {
    /// In microseconds of Unix time, or [`UNKNOWN`].
    at: i64,
    start: u32,
    length: u8,
    is: u8,
    /// Which of the sets it names, or [`UNREAD`].
    set: u16,
}

/// Why a version cannot be entered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    Spelling,
    Twice,
}

/// What `versions` says of one version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Manifest {
    pub(crate) deprecated: bool,
    /// Whom it names; `None` when that is more than can be read.
    pub(crate) named: Option<BTreeSet<Did>>,
    /// Whether it says something that names nobody for the package.
    pub(crate) unusable: bool,
}

/// Which version is meant, until the next is entered.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Slot(usize);

impl Versions {
    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// A version that `versions` has.
    pub(crate) fn list(&mut self, version: &str) -> Result<Slot, Refused> {
        self.enter(version, LISTED)
    }

    /// A version that `time` has.
    pub(crate) fn time(&mut self, version: &str) -> Result<Slot, Refused> {
        self.enter(version, TIMED)
    }

    /// What its package.json says.
    pub(crate) fn set_manifest(&mut self, slot: Slot, manifest: Manifest) {
        let set = manifest.named.map_or(UNREAD, |dids| self.intern(dids));
        if let Some(entry) = self.entries.get_mut(slot.0) {
            entry.set = set;
            entry.is |= if manifest.deprecated { DEPRECATED } else { 0 };
            entry.is |= if manifest.unusable { UNUSABLE } else { 0 };
        }
    }

    /// When it was published, as `time` writes it.
    pub(crate) fn set_time(&mut self, slot: Slot, text: &str) {
        if let Some(entry) = self.entries.get_mut(slot.0) {
            entry.at = exact(text).map_or(UNKNOWN, |at| at.as_microsecond());
        }
    }

    /// When the package was created, as `time` says.
    pub(crate) fn set_created(&mut self, at: Option<jiff::Timestamp>) {
        self.created = at.map(jiff::Timestamp::as_microsecond);
    }

    /// The end of `versions` or of `time`: what stands in it twice shows now.
    pub(crate) fn settle(&mut self) -> Result<(), Refused> {
        let Self { text, entries, .. } = self;
        entries.sort_unstable_by(|a, b| a.of(text).cmp(b.of(text)));
        let twice = entries
            .windows(2)
            .any(|pair| pair[0].of(text) == pair[1].of(text));
        self.sorted = self.entries.len();
        if twice { Err(Refused::Twice) } else { Ok(()) }
    }

    fn enter(&mut self, version: &str, what: u8) -> Result<Slot, Refused> {
        let is_plain = version.bytes().all(|b| b.is_ascii_graphic());
        if version.is_empty() || version.len() > MAX_VERSION || !is_plain {
            return Err(Refused::Spelling);
        }
        let sorted = self.entries.get(..self.sorted).unwrap_or_default();
        let known = sorted.binary_search_by(|entry| entry.of(&self.text).cmp(version));
        if let Ok(at) = known {
            let entry = &mut self.entries[at];
            let is_new = entry.is & what == 0;
            entry.is |= what;
            return is_new.then_some(Slot(at)).ok_or(Refused::Twice);
        }
        let (start, length) = (self.text.len(), version.len());
        let (Ok(start), Ok(length)) = (u32::try_from(start), u8::try_from(length)) else {
            return Err(Refused::Spelling);
        };
        self.text.push_str(version);
        self.entries.push(Entry {
            at: UNKNOWN,
            start,
            length,
            is: what,
            set: UNREAD,
        });
        Ok(Slot(self.entries.len() - 1))
    }

    /// The number of a set of DIDs, or [`UNREAD`] when there are too many of them.
    fn intern(&mut self, dids: BTreeSet<Did>) -> u16 {
        // Releases mostly name the same as those around them.
        let known = self.sets.iter().rposition(|set| *set == dids);
        let number = known.unwrap_or(self.sets.len());
        let weight = dids.len() + 1;
        let fits = dids.len() <= MAX_DIDS && self.kept + weight <= MAX_KEPT;
        match (known, u16::try_from(number)) {
            (Some(_), Ok(number)) => number,
            (None, Ok(number)) if fits && number != UNREAD => {
                self.kept += weight;
                self.sets.push(dids);
                number
            }
            _ => UNREAD,
        }
    }
}

impl Versions {
    /// The versions that are there, not those that were unpublished.
    pub(crate) fn listed(&self) -> impl Iterator<Item = &str> {
        self.there().map(|entry| entry.of(&self.text))
    }

    /// Whether `time` said anything: when the package was created, or that it knows some version.
    pub(crate) fn is_timed(&self) -> bool {
        self.created.is_some() || self.entries.iter().any(|entry| entry.is & TIMED != 0)
    }

    /// The earliest time of a version that is there; `None` when one has none, or there is none.
    pub(crate) fn first(&self) -> Option<jiff::Timestamp> {
        let times: Option<Vec<i64>> = self
            .there()
            .map(|entry| Some(entry.at).filter(|at| *at != UNKNOWN))
            .collect();
        jiff::Timestamp::from_microsecond(times?.into_iter().min()?).ok()
    }

    /// All of them as evidence.
    ///
    /// One that `time` has and `versions` lacks was unpublished. It stays, withdrawn, and whom it named cannot be read any
    /// more: left out, unpublishing would make a later release the first ever. So would a package that was unpublished whole
    /// and published again, where `time` shows nothing of its first life but when it began.
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
        let releases = self.entries.iter().map(|entry| self.release(entry));
        let timeline = Timeline::new(releases.collect(), default.map(str::to_owned));
        let is_gone = |entry: &Entry| entry.is & LISTED == 0;
        let unread = |entry: &Entry| entry.set == UNREAD && !is_gone(entry);
        if self.entries.iter().any(unread) {
            let detail =
                format!("a release names more than {MAX_DIDS} DIDs, or all together too many");
            timeline.stopped(Unavailable::new(Why::TooLarge, detail))
        } else if self.entries.iter().any(is_gone) {
            let detail = "what an unpublished release said is gone with it";
            timeline.stopped(Unavailable::new(Why::NotOffered, detail))
        } else {
            timeline
        }
    }

    /// The newest version, if what it says names nobody.
    fn unusable(&self) -> Option<&str> {
        let newest = self.there().max_by_key(|entry| entry.at);
        let unusable = newest.filter(|entry| entry.is & UNUSABLE != 0);
        unusable.map(|entry| entry.of(&self.text))
    }

    fn release(&self, entry: &Entry) -> Release {
        let at = Some(entry.at).filter(|at| *at != UNKNOWN);
        let at = at.and_then(seconds);
        let is_there = entry.is & LISTED != 0;
        let withdrawn = !is_there || entry.is & DEPRECATED != 0;
        let release = Release::new(entry.of(&self.text), at, withdrawn);
        match self.sets.get(usize::from(entry.set)) {
            Some(dids) if is_there => release.naming(dids.iter().cloned()),
            _ => release,
        }
    }

    fn there(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(|entry| entry.is & LISTED != 0)
    }
}

impl Entry {
    fn of<'a>(&self, text: &'a str) -> &'a str {
        let start = self.start as usize;
        text.get(start..start + usize::from(self.length))
            .unwrap_or_default()
    }
}

/// Evidence counts in whole seconds.
/// For a time before 1970, such as the year 1, which some programs write for none: then it is older than all releases.
const BEFORE_ALL: i64 = 0;

fn seconds(micros: i64) -> Option<Timestamp> {
    Timestamp::from_unix(micros.div_euclid(1_000_000)).ok()
}

/// A time as npm writes it.
pub(crate) fn exact(text: &str) -> Option<jiff::Timestamp> {
    (text.len() <= 40).then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK";

    fn naming(dids: &[&str]) -> Manifest {
        Manifest {
            deprecated: false,
            unusable: false,
            named: Some(dids.iter().map(|did| did.parse().unwrap()).collect()),
        }
    }

    /// `versions` in this order, and then `time`.
    fn versions(listed: &[&str], timed: &[(&str, &str)]) -> Result<Versions, Refused> {
        let mut versions = Versions::default();
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
        assert_eq!(timeline.why_stopped().map(|u| u.why), Some(Why::NotOffered));
        assert_eq!(read.first().unwrap().to_string(), "2026-02-01T00:00:00.5Z");
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
            Refused::Twice
        );
        for twice in ["1.0.0", "0.9.0"] {
            let times = [(twice, at), ("2.0.0", at), (twice, at)];
            assert_eq!(versions(&["1.0.0"], &times).unwrap_err(), Refused::Twice);
        }
        for odd in ["", "1 0", "1\u{7f}", "é", &"1".repeat(256)] {
            assert_eq!(
                versions(&[odd], &[]).unwrap_err(),
                Refused::Spelling,
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
        let again: Versions = serde_json::from_str(&stored).unwrap();
        assert_eq!(again.timeline(None), read.timeline(None));
    }

    #[test]
    fn too_many_dids_are_unread_and_said() {
        let did = |n: usize| -> Did {
            let seed = auths_core::crypto::Seed::new([u8::try_from(n % 251).unwrap(); 32].into());
            Did::from_key(&auths_core::crypto::KeyPair::from_seed(&seed).public())
        };
        let mut read = Versions::default();
        let slot = read.list("1.0.0").unwrap();
        let named = Some((0..=MAX_DIDS).map(did).collect());
        read.set_manifest(
            slot,
            Manifest {
                deprecated: false,
                unusable: false,
                named,
            },
        );
        let timeline = read.timeline(None);
        assert_eq!(timeline.releases()[0].dids, None);
        assert_eq!(timeline.why_stopped().map(|u| u.why), Some(Why::TooLarge));
    }
}
