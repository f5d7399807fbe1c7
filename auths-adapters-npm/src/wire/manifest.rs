//! The needed part of the `package.json` of one version.
//!
//! Publishers write it, and a fault in one affects only that version. The parser passes over every value in it, and so accepts
//! numbers out of range and half characters. The bytes of the few needed values are kept, and read by themselves.

use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::WireLimits;
use super::lenient::{AuthsField, DeprecatedField, PresentField, StatementContent};
use crate::bounded::{MAX_VALUE, RemovedPart};
use crate::statement::StatementReader;
use crate::versions::{MAX_DIDS, UnreadStatement, VersionManifest};

pub(super) struct ManifestSeed<'a, 'n> {
    pub(super) statements: &'a mut StatementReader<'n>,
    pub(super) limits: &'a WireLimits,
}

impl<'de> DeserializeSeed<'de> for ManifestSeed<'_, '_> {
    type Value = VersionManifest;

    fn deserialize<D: Deserializer<'de>>(
        self,
        deserializer: D,
    ) -> Result<VersionManifest, D::Error> {
        let pieces = self.limits.pieces.clone();
        let mut manifest = deserializer.deserialize_any(self)?;
        if let Some(cut) = pieces.take_cut() {
            manifest.said = Err(match cut {
                RemovedPart::Deep => UnreadStatement::Deep,
                RemovedPart::Long => UnreadStatement::Long,
            });
        }
        Ok(manifest)
    }
}

/// The fields that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ManifestField {
    Deprecated,
    Auths,
    Publisher,
    Dist,
    Other,
}

impl<'de> Deserialize<'de> for ManifestField {
    /// Reads a name from bytes, because it may hold half characters, which are no text.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Name;

        impl Visitor<'_> for Name {
            type Value = ManifestField;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name")
            }

            fn visit_bytes<E: Error>(self, name: &[u8]) -> Result<ManifestField, E> {
                Ok(match name {
                    b"deprecated" => ManifestField::Deprecated,
                    b"auths" => ManifestField::Auths,
                    b"_npmUser" => ManifestField::Publisher,
                    b"dist" => ManifestField::Dist,
                    _ => ManifestField::Other,
                })
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<ManifestField, E> {
                self.visit_bytes(name.as_bytes())
            }
        }

        deserializer.deserialize_bytes(Name)
    }
}

/// Implements the visits of values that are no object.
macro_rules! odd {
    ($($visit:ident $of:ty),*) => {
        $(fn $visit<E: Error>(self, _: $of) -> Result<VersionManifest, E> { Ok(VersionManifest::unread(UnreadStatement::Odd)) })*
    };
}

impl<'de> Visitor<'de> for ManifestSeed<'_, '_> {
    type Value = VersionManifest;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the package.json of a version")
    }

    odd! { visit_bool bool, visit_i64 i64, visit_u64 u64, visit_f64 f64, visit_str &str }

    fn visit_unit<E: Error>(self) -> Result<VersionManifest, E> {
        Ok(VersionManifest::unread(UnreadStatement::Odd))
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut seq: S) -> Result<VersionManifest, S::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(VersionManifest::unread(UnreadStatement::Odd))
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<VersionManifest, M::Error> {
        let mut read = ReadManifest::default();
        while let Some(field) = map.next_key::<ManifestField>()? {
            if field == ManifestField::Other {
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
                Some(Err(OddField)) => drop(read.is_odd.get_or_insert(UnreadStatement::Odd)),
                // A message of any length is a deprecation.
                None if field == ManifestField::Deprecated => read.deprecated = Some(true),
                None => drop(read.is_odd.get_or_insert(UnreadStatement::Long)),
            }
        }
        Ok(read.manifest())
    }
}

/// The values read of one version.
#[derive(Default)]
struct ReadManifest {
    deprecated: Option<bool>,
    said: Option<StatementContent>,
    publisher: Option<NpmUser>,
    is_attested: Option<bool>,
    is_odd: Option<UnreadStatement>,
}

/// The error of a field that occurs twice, or has a kind that is not allowed.
struct OddField;

impl From<serde_json::Error> for OddField {
    fn from(_: serde_json::Error) -> Self {
        Self
    }
}

impl ReadManifest {
    /// Reads one field from its bytes: the colon, the value, and perhaps one more byte.
    fn take(
        &mut self,
        field: ManifestField,
        bytes: &[u8],
        statements: &mut StatementReader<'_>,
    ) -> Result<(), OddField> {
        let bytes = bytes.trim_ascii_start();
        let mut json =
            serde_json::Deserializer::from_slice(bytes.strip_prefix(b":").ok_or(OddField)?);
        let stands_twice = match field {
            ManifestField::Deprecated => {
                let deprecated = DeprecatedField.deserialize(&mut json)?;
                self.deprecated.replace(deprecated).is_some()
            }
            ManifestField::Auths => {
                let said = AuthsField { statements }.deserialize(&mut json)?;
                self.said.replace(said).is_some()
            }
            ManifestField::Publisher => {
                let publisher = Option::<NpmUser>::deserialize(&mut json)?;
                let publisher = publisher.unwrap_or_default().known(statements);
                self.publisher.replace(publisher).is_some()
            }
            ManifestField::Dist => {
                let is_attested = is_attested(bytes, &mut json)?;
                self.is_attested.replace(is_attested).is_some()
            }
            ManifestField::Other => false,
        };
        if stands_twice { Err(OddField) } else { Ok(()) }
    }

    fn manifest(self) -> VersionManifest {
        let said = self.said.unwrap_or_default();
        let NpmUser {
            account, from_ci, ..
        } = self.publisher.unwrap_or_default();
        let from_ci = match self.is_attested {
            Some(true) => Some(true),
            _ => from_ci,
        };
        let is_full = said.dids.len() > MAX_DIDS || said.accounts.len() > MAX_DIDS;
        VersionManifest {
            deprecated: self.deprecated.unwrap_or(false),
            unusable: said.is_unusable,
            publisher: account,
            from_ci,
            said: match self.is_odd {
                Some(odd) => Err(odd),
                None if is_full => Err(UnreadStatement::TooMany),
                None => Ok((said.dids, said.accounts)),
            },
        }
    }
}

/// The field `_npmUser`: the publisher of the version.
///
/// For a trusted publisher the name is `GitHub Actions`, which is no login, and the field `trustedPublisher` is present.
#[derive(Default, Deserialize)]
struct NpmUser {
    #[serde(default)]
    name: Option<String>,
    #[serde(default, rename = "trustedPublisher")]
    trusted: TrustedPublisherFlag,
    #[serde(skip)]
    account: Option<auths_core::Account>,
    #[serde(skip)]
    from_ci: Option<bool>,
}

/// A test for a `trustedPublisher`, of any kind.
#[derive(Default)]
struct TrustedPublisherFlag(bool);

impl<'de> Deserialize<'de> for TrustedPublisherFlag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        PresentField.deserialize(deserializer).map(Self)
    }
}

impl NpmUser {
    /// Returns the values with the DIDs and the publisher checked. A login that npm does not allow is nobody's.
    fn known(mut self, statements: &StatementReader<'_>) -> Self {
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
) -> Result<bool, OddField> {
    const NAME: &[u8] = b"attestations";
    // Most versions have no attestations, and are not read twice. After a backslash any character may follow.
    let may_have = bytes.contains(&b'\\') || bytes.windows(NAME.len()).any(|window| window == NAME);
    if !may_have {
        return Ok(false);
    }

    #[derive(Deserialize)]
    struct DistField {
        #[serde(default, rename = "attestations")]
        attested: TrustedPublisherFlag,
    }

    let dist = Option::<DistField>::deserialize(json)?;
    Ok(dist.is_some_and(|dist| dist.attested.0))
}
