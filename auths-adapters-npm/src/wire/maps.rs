//! The lists and maps of a packument.

use std::borrow::Cow;
use std::fmt;

use auths_core::{ExactTime, Unavailable, UnavailableReason, shorten};
use auths_http::ListEntry;
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::lenient::{IsObject, ShortText};
use super::manifest::ManifestSeed;
use super::{OrNull, WireLimits};
use crate::statement::StatementReader;
use crate::versions::{MAX_VERSION, RefusedVersion, VersionSlot, VersionTable};

/// The most maintainers of a package.
const MAX_MAINTAINERS: usize = 2_048;

/// The longest `maintainers` whose bytes are kept while they are read, in bytes. A maintainer takes about half of its share.
pub(super) const MAX_LIST: usize = MAX_MAINTAINERS * 128;

/// What `time` says beside the times of versions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct PackageTimes {
    pub(crate) created: Option<ExactTime>,
    /// True where an object says when and by whom the package was unpublished as a whole. Any other value says nothing.
    pub(crate) unpublished: bool,
}

/// The names in `maintainers`, in its order: `None` for an entry that has no readable one. E-mail addresses are not read.
pub(crate) type Maintainers = Vec<Option<String>>;

/// Reads `maintainers` from its bytes, the colon before it first; `None` for null.
///
/// # Errors
/// [`UnavailableReason::Unreadable`] for anything but a list; [`UnavailableReason::TooLarge`] for too many. Nothing else of the
/// packument is lost by it.
pub(super) fn read_maintainers(bytes: &[u8]) -> Result<Option<Maintainers>, Unavailable> {
    let bytes = bytes.trim_ascii_start();
    let mut json = serde_json::Deserializer::from_slice(bytes.strip_prefix(b":").unwrap_or(bytes));
    let names = OrNull(MaintainerNames)
        .deserialize(&mut json)
        .map_err(|error| {
            let shown = shorten(&error.to_string(), 200);
            let detail =
                format!("the answer's `maintainers` is not a list of maintainers: {shown}");
            Unavailable::unreadable(detail)
        })?;
    match names {
        Some(names) if names.len() > MAX_MAINTAINERS => {
            let detail = format!("the package has more than {MAX_MAINTAINERS} maintainers");
            Err(Unavailable::new(UnavailableReason::TooLarge, detail))
        }
        names => Ok(names),
    }
}

/// The names in a list of maintainers. One more than the limit is kept, to show that there are too many.
struct MaintainerNames;

impl<'de> DeserializeSeed<'de> for MaintainerNames {
    type Value = Maintainers;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for MaintainerNames {
    type Value = Maintainers;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of maintainers")
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut seq: S) -> Result<Maintainers, S::Error> {
        let mut names = Vec::new();
        while names.len() <= MAX_MAINTAINERS {
            match seq.next_element::<ListEntry>()? {
                Some(maintainer) => names.push(maintainer.text("name").map(str::to_owned)),
                None => return Ok(names),
            }
        }
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(names)
    }
}

/// The field `dist-tags`, of which only `latest` is read. A fault there affects only `latest`.
pub(super) struct DistTags;

/// The value of `latest`, or the reason why it cannot be read; `None` where there is none.
type Latest = Option<Result<String, Unavailable>>;

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(field_identifier)]
enum TagName {
    #[serde(rename = "latest")]
    Latest,
    #[serde(other)]
    Other,
}

impl<'de> DeserializeSeed<'de> for DistTags {
    type Value = Latest;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Latest, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for DistTags {
    type Value = Latest;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the tags of versions")
    }

    fn visit_unit<E: Error>(self) -> Result<Latest, E> {
        Ok(None)
    }

    nothing! {
        Some(Err(odd_tags()));
        visit_bool bool, visit_i64 i64, visit_u64 u64, visit_f64 f64, visit_str &str
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut seq: S) -> Result<Latest, S::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Some(Err(odd_tags())))
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Latest, M::Error> {
        let mut latest = None;
        while let Some(tag) = map.next_key::<TagName>()? {
            if tag == TagName::Other {
                map.next_value::<IgnoredAny>()?;
            } else if latest
                .replace(map.next_value::<Option<ShortText>>()?)
                .is_some()
            {
                return Err(M::Error::custom("latest stands twice in dist-tags"));
            }
        }
        Ok(latest.flatten().map(|text| text.0.ok_or_else(odd_tags)))
    }
}

fn odd_tags() -> Unavailable {
    let detail = "the answer's `dist-tags` does not say which version `latest` is";
    Unavailable::new(UnavailableReason::Unreadable, detail)
}

/// The field `time`: `created`, `modified`, perhaps `unpublished`, and when each version was published.
pub(super) struct TimeSeed<'a> {
    pub(super) versions: &'a mut VersionTable,
    pub(super) limits: &'a mut WireLimits,
}

impl<'de> DeserializeSeed<'de> for TimeSeed<'_> {
    type Value = Option<PackageTimes>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        struct Map<'a>(TimeSeed<'a>);

        impl<'de> DeserializeSeed<'de> for Map<'_> {
            type Value = PackageTimes;

            fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<PackageTimes, D::Error> {
                d.deserialize_map(self.0)
            }
        }

        OrNull(Map(self)).deserialize(deserializer)
    }
}

impl<'de> Visitor<'de> for TimeSeed<'_> {
    type Value = PackageTimes;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the times of versions")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<PackageTimes, M::Error> {
        let mut times = PackageTimes::default();
        let (mut created, mut modified, mut unpublished) = (false, false, false);
        while let Some(at) = map.next_key_seed(TimeKey {
            versions: &mut *self.versions,
            limits: &mut *self.limits,
        })? {
            let is_twice = match at {
                TimeName::Created => std::mem::replace(&mut created, true),
                TimeName::Modified => std::mem::replace(&mut modified, true),
                TimeName::Unpublished => std::mem::replace(&mut unpublished, true),
                TimeName::Version(_) => false,
            };
            if is_twice {
                return Err(M::Error::custom("a name stands twice in time"));
            }
            match at {
                TimeName::Created => {
                    let text = map.next_value::<ShortText>()?.0;
                    times.created = text.and_then(|text| ExactTime::parse_rfc3339(&text).ok());
                }
                TimeName::Modified => drop(map.next_value::<IgnoredAny>()?),
                TimeName::Unpublished => times.unpublished = map.next_value_seed(IsObject)?,
                // A time that is no text is unreadable too.
                TimeName::Version(slot) => {
                    let text = map.next_value::<ShortText>()?.0.unwrap_or_default();
                    self.versions.set_time(slot, &text);
                }
            }
        }
        settle_versions(self.versions)?;
        Ok(times)
    }
}

/// The meaning of a name in `time`.
#[derive(Clone, Copy)]
enum TimeName {
    Created,
    Modified,
    Unpublished,
    Version(VersionSlot),
}

struct TimeKey<'a> {
    versions: &'a mut VersionTable,
    limits: &'a mut WireLimits,
}

impl<'de> DeserializeSeed<'de> for TimeKey<'_> {
    type Value = TimeName;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<TimeName, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for TimeKey<'_> {
    type Value = TimeName;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a version")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<TimeName, E> {
        Ok(match text {
            "created" => TimeName::Created,
            "modified" => TimeName::Modified,
            "unpublished" => TimeName::Unpublished,
            version => TimeName::Version(enter_version(
                self.versions.time(&shown_version(version)),
                self.versions,
                self.limits,
            )?),
        })
    }
}

/// The field `versions`: each version with its `package.json`. Its value is whether the field is there.
pub(super) struct ListedVersions<'a, 'n> {
    pub(super) versions: &'a mut VersionTable,
    pub(super) statements: &'a mut StatementReader<'n>,
    pub(super) limits: &'a mut WireLimits,
}

impl<'de> DeserializeSeed<'de> for ListedVersions<'_, '_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        struct Map<'a, 'n>(ListedVersions<'a, 'n>);

        impl<'de> DeserializeSeed<'de> for Map<'_, '_> {
            type Value = ();

            fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<(), D::Error> {
                d.deserialize_map(self.0)
            }
        }

        Ok(OrNull(Map(self)).deserialize(deserializer)?.is_some())
    }
}

impl<'de> Visitor<'de> for ListedVersions<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the versions of a package")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<(), M::Error> {
        while let Some(slot) = map.next_key_seed(VersionKey {
            versions: &mut *self.versions,
            limits: &mut *self.limits,
        })? {
            self.limits.check()?;
            let manifest = map.next_value_seed(ManifestSeed {
                statements: &mut *self.statements,
                limits: &*self.limits,
            })?;
            self.versions.set_manifest(slot, manifest);
        }
        settle_versions(self.versions)
    }
}

struct VersionKey<'a> {
    versions: &'a mut VersionTable,
    limits: &'a mut WireLimits,
}

impl<'de> DeserializeSeed<'de> for VersionKey<'_> {
    type Value = VersionSlot;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<VersionSlot, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for VersionKey<'_> {
    type Value = VersionSlot;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a version")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<VersionSlot, E> {
        enter_version(
            self.versions.list(&shown_version(text)),
            self.versions,
            self.limits,
        )
    }
}

/// The longest start of an odd version that is shown, in characters.
const MAX_SHOWN: usize = 20;

/// Returns a version as it is kept: its own spelling, escaped where it is no plain text, and cut where it is too long. An odd
/// version affects no other release.
fn shown_version(version: &str) -> Cow<'_, str> {
    let is_plain = version.bytes().all(|b| b.is_ascii_graphic());
    match version {
        "" => Cow::Borrowed("(none)"),
        plain if is_plain && plain.len() <= MAX_VERSION => Cow::Borrowed(plain),
        odd => {
            let start = shorten(odd, MAX_SHOWN);
            let escaped = start.escape_default().to_string().replace(' ', "\\u{20}");
            Cow::Owned(format!("{escaped}...{}", odd.len()))
        }
    }
}

fn enter_version<E: Error>(
    entered: Result<VersionSlot, RefusedVersion>,
    versions: &VersionTable,
    limits: &mut WireLimits,
) -> Result<VersionSlot, E> {
    let slot = entered.map_err(refused)?;
    if versions.len() > limits.max_versions {
        let what = format!("the package has more than {} versions", limits.max_versions);
        return Err(limits.note_exceeded(what));
    }
    Ok(slot)
}

fn settle_versions<E: Error>(versions: &mut VersionTable) -> Result<(), E> {
    versions.settle().map_err(refused)
}

fn refused<E: Error>(refused: RefusedVersion) -> E {
    E::custom(match refused {
        RefusedVersion::Spelling => "a release has no readable version",
        RefusedVersion::Twice => "one version stands twice",
    })
}
