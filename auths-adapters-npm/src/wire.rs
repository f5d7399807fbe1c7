//! npm's packument, read as it streams. The few needed fields are kept, and everything else is skipped.
//!
//! Sources: npm/registry, `docs/REGISTRY-API.md` and `docs/responses/package-metadata.md`. `docs/platform-facts.md` has the facts,
//! N1 to N21.

#[macro_use]
mod lenient;
mod manifest;
mod maps;

use std::fmt;
use std::io::Read;
use std::rc::Rc;

use auths_core::{Namespace, Unavailable, UnavailableReason};
use auths_http::unreadable;
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, Visitor};

use crate::bounded::{BodyPieces, BoundedReader, MAX_DEPTH, MAX_TEXT, RemovedPart};
use crate::statement::StatementReader;
use crate::versions::VersionTable;

use lenient::RepositoryValue;
use maps::{DistTags, ListedVersions, MAX_LIST, read_maintainers};
pub(crate) use maps::{Maintainers, PackageTimes};

/// The kept part of a packument.
#[derive(Debug, Default)]
pub(crate) struct Packument {
    pub(crate) name: Option<String>,
    pub(crate) rev: Option<String>,
    /// The logins of the top level's maintainers, or why they cannot be read; `None` where there is no such field. Those of a
    /// version are of the time when it was published.
    pub(crate) maintainers: Option<Result<Maintainers, Unavailable>>,
    /// What `dist-tags` calls `latest`, or why that cannot be read; `None` where it calls nothing so.
    pub(crate) latest: Option<Result<String, Unavailable>>,
    pub(crate) times: Option<PackageTimes>,
    /// True where there is a `versions`.
    pub(crate) has_versions: bool,
    pub(crate) versions: VersionTable,
    /// The texts of the fields `repository`.
    pub(crate) repositories: Vec<String>,
}

/// Reads one packument, about `namespace`, and nothing behind it.
///
/// # Errors
/// [`UnavailableReason::Unreadable`] for a body that is not one JSON object of the documented form, is nested deeply, or repeats
/// a needed field. [`UnavailableReason::TooLarge`] beyond `max_versions` and other limits. A fault within one version affects
/// only that version.
pub(crate) fn read(
    body: impl Read,
    namespace: &Namespace,
    max_versions: usize,
) -> Result<Packument, Unavailable> {
    let body = BoundedReader::new(body);
    let mut limits = WireLimits {
        max_versions,
        pieces: body.pieces(),
        exceeded: None,
    };
    let mut json = serde_json::Deserializer::from_reader(body);
    let mut statements = StatementReader::new(namespace);
    let seed = PackumentVisitor {
        statements: &mut statements,
        limits: &mut limits,
    };
    let read = json.deserialize_map(seed);
    let read = read.and_then(|packument| json.end().map(|()| packument));
    let cut = limits.cut();
    match (read, limits.exceeded, cut) {
        (Ok(packument), _, None) => Ok(packument),
        (Err(_), Some(what), _) => Err(Unavailable::new(UnavailableReason::TooLarge, what)),
        (_, _, Some(cut)) => Err(cut),
        (Err(error), None, None) => Err(unreadable(&error)),
    }
}

/// The limits, and whether one was exceeded.
#[derive(Debug)]
struct WireLimits {
    max_versions: usize,
    pieces: Rc<BodyPieces>,
    exceeded: Option<String>,
}

impl WireLimits {
    /// Passes over a value that is not read, however long the texts in it are.
    fn skip<'de, M: MapAccess<'de>>(&self, map: &mut M) -> Result<(), M::Error> {
        self.pieces.skip(true);
        map.next_value::<IgnoredAny>()?;
        self.pieces.skip(false);
        Ok(())
    }

    /// Returns the failure for something too large since the last call, outside of any version.
    fn cut(&self) -> Option<Unavailable> {
        Some(match self.pieces.take_cut()? {
            RemovedPart::Deep => Unavailable::new(
                UnavailableReason::Unreadable,
                format!("the answer is nested deeper than {MAX_DEPTH}"),
            ),
            RemovedPart::Long => Unavailable::new(
                UnavailableReason::TooLarge,
                format!("a text of the answer is longer than {MAX_TEXT} bytes"),
            ),
        })
    }

    /// Ends the reading where something outside of any version was too large.
    fn check<E: Error>(&mut self) -> Result<(), E> {
        match self.cut() {
            None => Ok(()),
            Some(cut) if cut.reason == UnavailableReason::TooLarge => {
                Err(self.note_exceeded(cut.raw_detail))
            }
            Some(cut) => Err(E::custom(cut.raw_detail)),
        }
    }

    /// Ends the reading because a limit was exceeded.
    fn note_exceeded<E: Error>(&mut self, what: String) -> E {
        let error = E::custom(&what);
        self.exceeded = Some(what);
        error
    }
}

/// The fields that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(field_identifier)]
enum PackumentField {
    #[serde(rename = "name")]
    Name,
    #[serde(rename = "_rev")]
    Rev,
    #[serde(rename = "maintainers")]
    Maintainers,
    #[serde(rename = "dist-tags")]
    Tags,
    #[serde(rename = "time")]
    Time,
    #[serde(rename = "versions")]
    Versions,
    #[serde(rename = "repository")]
    Repository,
    #[serde(other)]
    Other,
}

impl PackumentField {
    /// Returns the name of the field on the wire.
    fn name(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Rev => "_rev",
            Self::Maintainers => "maintainers",
            Self::Tags => "dist-tags",
            Self::Time => "time",
            Self::Versions => "versions",
            Self::Repository => "repository",
            Self::Other => "another field",
        }
    }
}

/// A visitor of the top level.
struct PackumentVisitor<'a, 'n> {
    statements: &'a mut StatementReader<'n>,
    limits: &'a mut WireLimits,
}

impl<'de> Visitor<'de> for PackumentVisitor<'_, '_> {
    type Value = Packument;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a packument")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Packument, M::Error> {
        let Self { statements, limits } = self;
        let mut packument = Packument::default();
        let mut seen: Vec<PackumentField> = Vec::new();
        while let Some(field) = map.next_key::<PackumentField>()? {
            if field != PackumentField::Other {
                if seen.contains(&field) {
                    return Err(M::Error::custom(format!(
                        "{} stands twice in the packument",
                        field.name()
                    )));
                }
                seen.push(field);
            }
            match field {
                PackumentField::Name => packument.name = map.next_value()?,
                PackumentField::Rev => packument.rev = map.next_value()?,
                PackumentField::Maintainers => {
                    packument.maintainers = maintainers(&mut map, limits)?
                }
                PackumentField::Tags => packument.latest = map.next_value_seed(DistTags)?,
                PackumentField::Time => {
                    let versions = &mut packument.versions;
                    packument.times = map.next_value_seed(maps::TimeSeed {
                        versions,
                        limits: &mut *limits,
                    })?;
                }
                PackumentField::Versions => {
                    packument.has_versions = map.next_value_seed(ListedVersions {
                        versions: &mut packument.versions,
                        statements: &mut *statements,
                        limits: &mut *limits,
                    })?;
                }
                PackumentField::Repository => {
                    packument.repositories = map.next_value_seed(RepositoryValue)?;
                }
                PackumentField::Other => limits.skip(&mut map)?,
            }
        }
        Ok(packument)
    }
}

/// Reads the maintainers of the package. A fault in the list affects only the list: it is read by itself, from its bytes.
fn maintainers<'de, M: MapAccess<'de>>(
    map: &mut M,
    limits: &mut WireLimits,
) -> Result<Option<Result<Maintainers, Unavailable>>, M::Error> {
    limits.check()?;
    limits.pieces.begin(MAX_LIST);
    limits.skip(map)?;
    let read = limits.pieces.end(read_maintainers);
    if let Some(cut) = limits.cut() {
        return Ok(Some(Err(cut)));
    }
    let read = read.unwrap_or_else(|| {
        let detail = format!("the answer's `maintainers` is longer than {MAX_LIST} bytes");
        Err(Unavailable::new(UnavailableReason::TooLarge, detail))
    });
    Ok(read.transpose())
}

/// A value that may be null. Null then counts as missing.
struct OrNull<S>(S);

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for OrNull<S> {
    type Value = Option<S::Value>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_option(self)
    }
}

impl<'de, S: DeserializeSeed<'de>> Visitor<'de> for OrNull<S> {
    type Value = Option<S::Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value or null")
    }

    fn visit_none<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        self.0.deserialize(deserializer).map(Some)
    }
}

#[cfg(test)]
mod tests;
