//! The needed part of the `package.json` of one version.
//!
//! Publishers write it, and a fault in one affects only that version. The parser passes over every value in it, and so accepts
//! numbers out of range and half characters. The bytes of the few needed values are kept, and read by themselves.

use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::Limits;
use super::lenient::{Deprecated, Named, Presence, Said};
use crate::bounded::{Cut, MAX_VALUE};
use crate::statement::Statements;
use crate::versions::{MAX_DIDS, Manifest, Unread};

pub(super) struct ManifestSeed<'a, 'n> {
    pub(super) statements: &'a mut Statements<'n>,
    pub(super) limits: &'a Limits,
}

impl<'de> DeserializeSeed<'de> for ManifestSeed<'_, '_> {
    type Value = Manifest;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Manifest, D::Error> {
        let pieces = self.limits.pieces.clone();
        let mut manifest = deserializer.deserialize_any(self)?;
        if let Some(cut) = pieces.take_cut() {
            manifest.said = Err(match cut {
                Cut::Deep => Unread::Deep,
                Cut::Long => Unread::Long,
            });
        }
        Ok(manifest)
    }
}

/// The fields that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Deprecated,
    Auths,
    Publisher,
    Dist,
    Other,
}

impl<'de> Deserialize<'de> for Field {
    /// Reads a name from bytes, because it may hold half characters, which are no text.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Name;

        impl Visitor<'_> for Name {
            type Value = Field;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name")
            }

            fn visit_bytes<E: Error>(self, name: &[u8]) -> Result<Field, E> {
                Ok(match name {
                    b"deprecated" => Field::Deprecated,
                    b"auths" => Field::Auths,
                    b"_npmUser" => Field::Publisher,
                    b"dist" => Field::Dist,
                    _ => Field::Other,
                })
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<Field, E> {
                self.visit_bytes(name.as_bytes())
            }
        }

        deserializer.deserialize_bytes(Name)
    }
}

/// Implements the visits of values that are no object.
macro_rules! odd {
    ($($visit:ident $of:ty),*) => {
        $(fn $visit<E: Error>(self, _: $of) -> Result<Manifest, E> { Ok(Manifest::unread(Unread::Odd)) })*
    };
}

impl<'de> Visitor<'de> for ManifestSeed<'_, '_> {
    type Value = Manifest;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the package.json of a version")
    }

    odd! { visit_bool bool, visit_i64 i64, visit_u64 u64, visit_f64 f64, visit_str &str }

    fn visit_unit<E: Error>(self) -> Result<Manifest, E> {
        Ok(Manifest::unread(Unread::Odd))
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut seq: S) -> Result<Manifest, S::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Manifest::unread(Unread::Odd))
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Manifest, M::Error> {
        let mut read = Read::default();
        while let Some(field) = map.next_key::<Field>()? {
            if field == Field::Other {
                self.limits.skip(&mut map)?;
                continue;
            }
            self.limits.pieces.begin(MAX_VALUE);
            self.limits.skip(&mut map)?;
            let statements = &mut *self.statements;
            let taken = self
                .limits
                .pieces
                .end(|bytes| read.take(field, bytes, statements));
            match taken {
                Some(Ok(())) => {}
                Some(Err(Odd)) => drop(read.is_odd.get_or_insert(Unread::Odd)),
                // A message of any length is a deprecation.
                None if field == Field::Deprecated => read.deprecated = Some(true),
                None => drop(read.is_odd.get_or_insert(Unread::Long)),
            }
        }
        Ok(read.manifest())
    }
}

/// The values read of one version.
#[derive(Default)]
struct Read {
    deprecated: Option<bool>,
    said: Option<Said>,
    publisher: Option<Publisher>,
    is_attested: Option<bool>,
    is_odd: Option<Unread>,
}

/// The error of a field that occurs twice, or has a kind that is not allowed.
struct Odd;

impl From<serde_json::Error> for Odd {
    fn from(_: serde_json::Error) -> Self {
        Self
    }
}

impl Read {
    /// Reads one field from its bytes: the colon, the value, and perhaps one more byte.
    fn take(
        &mut self,
        field: Field,
        bytes: &[u8],
        statements: &mut Statements<'_>,
    ) -> Result<(), Odd> {
        let bytes = bytes.trim_ascii_start();
        let mut json = serde_json::Deserializer::from_slice(bytes.strip_prefix(b":").ok_or(Odd)?);
        let stands_twice = match field {
            Field::Deprecated => {
                let deprecated = Deprecated.deserialize(&mut json)?;
                self.deprecated.replace(deprecated).is_some()
            }
            Field::Auths => {
                let said = Named { statements }.deserialize(&mut json)?;
                self.said.replace(said).is_some()
            }
            Field::Publisher => {
                let publisher = Option::<Publisher>::deserialize(&mut json)?;
                let publisher = publisher.unwrap_or_default().known(statements);
                self.publisher.replace(publisher).is_some()
            }
            Field::Dist => {
                let is_attested = is_attested(bytes, &mut json)?;
                self.is_attested.replace(is_attested).is_some()
            }
            Field::Other => false,
        };
        if stands_twice { Err(Odd) } else { Ok(()) }
    }

    fn manifest(self) -> Manifest {
        let said = self.said.unwrap_or_default();
        let Publisher {
            account, from_ci, ..
        } = self.publisher.unwrap_or_default();
        let from_ci = match self.is_attested {
            Some(true) => Some(true),
            _ => from_ci,
        };
        let is_full = said.dids.len() > MAX_DIDS || said.accounts.len() > MAX_DIDS;
        Manifest {
            deprecated: self.deprecated.unwrap_or(false),
            unusable: said.is_unusable,
            publisher: account,
            from_ci,
            said: match self.is_odd {
                Some(odd) => Err(odd),
                None if is_full => Err(Unread::TooMany),
                None => Ok((said.dids, said.accounts)),
            },
        }
    }
}

/// The field `_npmUser`: the publisher of the version.
///
/// For a trusted publisher the name is `GitHub Actions`, which is no login, and the field `trustedPublisher` is present.
#[derive(Default, Deserialize)]
struct Publisher {
    #[serde(default)]
    name: Option<String>,
    #[serde(default, rename = "trustedPublisher")]
    trusted: Trusted,
    #[serde(skip)]
    account: Option<auths_core::Account>,
    #[serde(skip)]
    from_ci: Option<bool>,
}

/// A test for a `trustedPublisher`, of any kind.
#[derive(Default)]
struct Trusted(bool);

impl<'de> Deserialize<'de> for Trusted {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Presence.deserialize(deserializer).map(Self)
    }
}

impl Publisher {
    /// Returns the values with the DIDs and the publisher checked. A login that npm does not allow is nobody's.
    fn known(mut self, statements: &Statements<'_>) -> Self {
        let name = self.name.take().filter(|_| !self.trusted.0);
        self.account = name.and_then(|name| statements.account(&name));
        self.from_ci = match (self.trusted.0, &self.account) {
            (true, _) => Some(true),
            (false, Some(_)) => Some(false),
            (false, None) => None,
        };
        self
    }
}

/// Returns whether `dist` has an `attestations` that is not null. The version was then built in CI, with a proof.
fn is_attested<'de>(
    bytes: &[u8],
    json: impl Deserializer<'de, Error = serde_json::Error>,
) -> Result<bool, Odd> {
    const NAME: &[u8] = b"attestations";
    // Most versions have no attestations, and are not read twice. After a backslash any character may follow.
    let may_have = bytes.contains(&b'\\') || bytes.windows(NAME.len()).any(|window| window == NAME);
    if !may_have {
        return Ok(false);
    }

    #[derive(Deserialize)]
    struct Dist {
        #[serde(default, rename = "attestations")]
        attested: Trusted,
    }

    let dist = Option::<Dist>::deserialize(json)?;
    Ok(dist.is_some_and(|dist| dist.attested.0))
}
