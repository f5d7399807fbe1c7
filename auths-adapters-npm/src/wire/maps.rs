//! The lists and maps of a packument.

use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::lenient::Presence;
use super::manifest::ManifestSeed;
use super::{Limits, OrNull};
use crate::statement::Statements;
use crate::versions::{Refused, Slot, Versions, exact};

/// The most maintainers of a package.
const MAX_MAINTAINERS: usize = 2_048;

/// The longest text of a top-level field that is kept, in bytes.
const MAX_TEXT: usize = 512;

/// What `time` says beside the times of versions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Times {
    pub(crate) created: Option<jiff::Timestamp>,
    /// The package was unpublished as a whole.
    pub(crate) unpublished: bool,
}

/// `maintainers`: the names, all or none.
pub(super) struct Maintainers<'a> {
    pub(super) limits: &'a mut Limits,
}

/// One of `maintainers`. Its e-mail address is not read.
#[derive(Deserialize)]
struct Maintainer {
    name: String,
}

impl<'de> DeserializeSeed<'de> for Maintainers<'_> {
    type Value = Option<Vec<String>>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        struct List<'a>(Maintainers<'a>);

        impl<'de> DeserializeSeed<'de> for List<'_> {
            type Value = Vec<String>;

            fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<Self::Value, D::Error> {
                d.deserialize_seq(self.0)
            }
        }

        OrNull(List(self)).deserialize(deserializer)
    }
}

impl<'de> Visitor<'de> for Maintainers<'_> {
    type Value = Vec<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of maintainers")
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut seq: S) -> Result<Vec<String>, S::Error> {
        let mut names = Vec::new();
        while let Some(maintainer) = seq.next_element::<auths_http::Object<Maintainer>>()? {
            if names.len() == MAX_MAINTAINERS {
                let what = format!("the package has more than {MAX_MAINTAINERS} maintainers");
                return Err(self.limits.exceed(what));
            }
            if maintainer.name.len() > MAX_TEXT {
                return Err(S::Error::custom("a maintainer's name is too long"));
            }
            names.push(maintainer.0.name);
        }
        Ok(names)
    }
}

/// `dist-tags`, of which `latest` is read.
pub(super) struct Tags;

#[derive(Deserialize)]
struct Latest {
    #[serde(default)]
    latest: Option<String>,
}

impl<'de> DeserializeSeed<'de> for Tags {
    type Value = Option<String>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        let tags = Option::<auths_http::Object<Latest>>::deserialize(deserializer)?;
        Ok(tags.and_then(|tags| tags.0.latest))
    }
}

/// `time`: `created`, `modified`, perhaps `unpublished`, and when each version was published.
pub(super) struct TimeSeed<'a> {
    pub(super) versions: &'a mut Versions,
    pub(super) limits: &'a mut Limits,
}

impl<'de> DeserializeSeed<'de> for TimeSeed<'_> {
    type Value = Option<Times>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        struct Map<'a>(TimeSeed<'a>);

        impl<'de> DeserializeSeed<'de> for Map<'_> {
            type Value = Times;

            fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<Times, D::Error> {
                d.deserialize_map(self.0)
            }
        }

        OrNull(Map(self)).deserialize(deserializer)
    }
}

impl<'de> Visitor<'de> for TimeSeed<'_> {
    type Value = Times;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the times of versions")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Times, M::Error> {
        let mut times = Times::default();
        let (mut created, mut modified, mut unpublished) = (false, false, false);
        while let Some(at) = map.next_key_seed(TimeKey {
            versions: &mut *self.versions,
            limits: &mut *self.limits,
        })? {
            let is_twice = match at {
                At::Created => std::mem::replace(&mut created, true),
                At::Modified => std::mem::replace(&mut modified, true),
                At::Unpublished => std::mem::replace(&mut unpublished, true),
                At::Version(_) => false,
            };
            if is_twice {
                return Err(M::Error::custom("a name stands twice in time"));
            }
            match at {
                At::Created => times.created = exact(&map.next_value::<String>()?),
                At::Modified => drop(map.next_value::<IgnoredAny>()?),
                At::Unpublished => times.unpublished = map.next_value_seed(Presence)?,
                At::Version(slot) => {
                    self.versions.set_time(slot, &map.next_value::<String>()?);
                }
            }
        }
        settle(self.versions)?;
        Ok(times)
    }
}

/// What a name in `time` stands for.
#[derive(Clone, Copy)]
enum At {
    Created,
    Modified,
    Unpublished,
    Version(Slot),
}

struct TimeKey<'a> {
    versions: &'a mut Versions,
    limits: &'a mut Limits,
}

impl<'de> DeserializeSeed<'de> for TimeKey<'_> {
    type Value = At;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<At, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for TimeKey<'_> {
    type Value = At;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a version")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<At, E> {
        Ok(match text {
            "created" => At::Created,
            "modified" => At::Modified,
            "unpublished" => At::Unpublished,
            version => At::Version(enter(
                self.versions.time(version),
                self.versions,
                self.limits,
            )?),
        })
    }
}

/// `versions`: each with its `package.json`. Whether it is there.
pub(super) struct ListedVersions<'a, 'n> {
    pub(super) versions: &'a mut Versions,
    pub(super) statements: &'a mut Statements<'n>,
    pub(super) limits: &'a mut Limits,
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
        settle(self.versions)
    }
}

struct VersionKey<'a> {
    versions: &'a mut Versions,
    limits: &'a mut Limits,
}

impl<'de> DeserializeSeed<'de> for VersionKey<'_> {
    type Value = Slot;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Slot, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for VersionKey<'_> {
    type Value = Slot;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a version")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Slot, E> {
        enter(self.versions.list(text), self.versions, self.limits)
    }
}

fn enter<E: Error>(
    entered: Result<Slot, Refused>,
    versions: &Versions,
    limits: &mut Limits,
) -> Result<Slot, E> {
    let slot = entered.map_err(refused)?;
    if versions.len() > limits.max_versions {
        let what = format!("the package has more than {} versions", limits.max_versions);
        return Err(limits.exceed(what));
    }
    Ok(slot)
}

fn settle<E: Error>(versions: &mut Versions) -> Result<(), E> {
    versions.settle().map_err(refused)
}

fn refused<E: Error>(refused: Refused) -> E {
    E::custom(match refused {
        Refused::Spelling => "a release has no readable version",
        Refused::Twice => "one version stands twice",
    })
}
