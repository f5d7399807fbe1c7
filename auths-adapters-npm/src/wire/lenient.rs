//! Lenient reading of fields that publishers write freely. A value of any type is read as far as it has a meaning.
//!
//! npm publishes `package.json` unchanged. A field of a wrong type there is a publisher's mistake, and no reason to read nothing
//! of the package. Such a field only says nothing.

use std::collections::BTreeSet;
use std::fmt;

use auths_core::Did;
use auths_core::evidence::{MAX_REPOSITORIES, NamedAccount};
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::statement::{MAX_TEXT, StatementReader, StatementTexts};
use crate::versions::MAX_DIDS;

/// Implements the visits of JSON's plain values that say nothing here.
macro_rules! nothing {
    ($nothing:expr; $($visit:ident $of:ty),*) => {
        $(fn $visit<E: Error>(self, _: $of) -> Result<Self::Value, E> { Ok($nothing) })*
    };
}

/// A test for anything but null.
pub(super) struct PresentField;

impl<'de> DeserializeSeed<'de> for PresentField {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        let value = <Option<IgnoredAny> as serde::Deserialize>::deserialize(deserializer)?;
        Ok(value.is_some())
    }
}

/// A test for an object. Any other value says nothing.
pub(super) struct IsObject;

impl<'de> DeserializeSeed<'de> for IsObject {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for IsObject {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_unit<E: Error>(self) -> Result<bool, E> {
        Ok(false)
    }

    nothing! { false; visit_bool bool, visit_i64 i64, visit_u64 u64, visit_f64 f64, visit_str &str }

    fn visit_seq<S: SeqAccess<'de>>(self, mut seq: S) -> Result<bool, S::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(false)
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<bool, M::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(true)
    }
}

/// The field `deprecated`: a message. Empty, false and null withdraw it. Any other value counts as a deprecation.
pub(super) struct DeprecatedField;

impl<'de> DeserializeSeed<'de> for DeprecatedField {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for DeprecatedField {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a message")
    }

    fn visit_bool<E: Error>(self, deprecated: bool) -> Result<bool, E> {
        Ok(deprecated)
    }

    fn visit_str<E: Error>(self, message: &str) -> Result<bool, E> {
        Ok(!message.is_empty())
    }

    fn visit_unit<E: Error>(self) -> Result<bool, E> {
        Ok(false)
    }

    nothing! { true; visit_i64 i64, visit_u64 u64, visit_f64 f64 }

    fn visit_seq<S: SeqAccess<'de>>(self, mut seq: S) -> Result<bool, S::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(true)
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<bool, M::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(true)
    }
}

/// A short text. Any other value counts as nothing.
pub(super) struct ShortText(pub(super) Option<String>);

impl<'de> serde::Deserialize<'de> for ShortText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AnyVisitor;

        impl<'de> Visitor<'de> for AnyVisitor {
            type Value = Option<String>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Option<String>, E> {
                Ok((text.len() <= 2 * MAX_TEXT).then(|| text.to_owned()))
            }

            fn visit_unit<E: Error>(self) -> Result<Option<String>, E> {
                Ok(None)
            }

            nothing! { None; visit_bool bool, visit_i64 i64, visit_u64 u64, visit_f64 f64 }

            fn visit_seq<S: SeqAccess<'de>>(self, mut seq: S) -> Result<Option<String>, S::Error> {
                while seq.next_element::<IgnoredAny>()?.is_some() {}
                Ok(None)
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Option<String>, M::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(None)
            }
        }

        deserializer.deserialize_any(AnyVisitor).map(Self)
    }
}

/// The field `auths`.
pub(super) struct AuthsField<'a, 'n> {
    pub(super) statements: &'a mut StatementReader<'n>,
}

/// The content of the field.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct StatementContent {
    /// The DIDs that it names for this package. One more than [`MAX_DIDS`] means that there are more than can be read.
    pub(super) dids: BTreeSet<Did>,
    /// The accounts that it names, each with the DID that speaks for it.
    pub(super) accounts: BTreeSet<NamedAccount>,
    /// True where it says something, and names nobody by it.
    pub(super) is_unusable: bool,
}

impl StatementContent {
    fn is_full(&self) -> bool {
        self.dids.len() > MAX_DIDS || self.accounts.len() > MAX_DIDS
    }
}

impl<'de> DeserializeSeed<'de> for AuthsField<'_, '_> {
    type Value = StatementContent;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        let (mut said, mut is_empty) = (StatementContent::default(), false);
        deserializer.deserialize_any(OneOrMore {
            statements: self.statements,
            said: &mut said,
            is_empty: &mut is_empty,
            in_list: false,
        })?;
        said.is_unusable = said.dids.is_empty() && !is_empty;
        Ok(said)
    }
}

/// One statement, or a list of them.
struct OneOrMore<'a, 'n> {
    statements: &'a mut StatementReader<'n>,
    said: &'a mut StatementContent,
    /// True for null, or an empty list.
    is_empty: &'a mut bool,
    in_list: bool,
}

impl<'de> DeserializeSeed<'de> for OneOrMore<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(field_identifier)]
enum StatementField {
    #[serde(rename = "did")]
    Did,
    #[serde(rename = "for")]
    For,
    #[serde(rename = "account")]
    Account,
    #[serde(other)]
    Other,
}

impl<'de> Visitor<'de> for OneOrMore<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a statement")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        *self.is_empty = !self.in_list;
        Ok(())
    }

    nothing! { (); visit_bool bool, visit_i64 i64, visit_u64 u64, visit_f64 f64, visit_str &str }

    fn visit_seq<S: SeqAccess<'de>>(self, mut seq: S) -> Result<(), S::Error> {
        *self.is_empty = !self.in_list;
        // A list within a list is no statement. One DID above the limit already shows that there are too many.
        while !self.in_list && !self.said.is_full() {
            let one = OneOrMore {
                statements: &mut *self.statements,
                said: &mut *self.said,
                is_empty: &mut false,
                in_list: true,
            };
            if seq.next_element_seed(one)?.is_none() {
                return Ok(());
            }
            *self.is_empty = false;
        }
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<(), M::Error> {
        let (mut did, mut package, mut account, mut others) = (None, None, None, false);
        while let Some(field) = map.next_key::<StatementField>()? {
            let (place, name) = match field {
                StatementField::Did => (&mut did, "did"),
                StatementField::For => (&mut package, "for"),
                StatementField::Account => (&mut account, "account"),
                StatementField::Other => {
                    map.next_value::<IgnoredAny>()?;
                    others = true;
                    continue;
                }
            };
            if place.replace(map.next_value::<ShortText>()?.0).is_some() {
                return Err(M::Error::custom(format!(
                    "{name} stands twice in a statement"
                )));
            }
        }
        // A statement with an account that is no text is no statement. It does not count as one without an account.
        let account = match account {
            None => Some(None),
            Some(None) => None,
            Some(text) => Some(text),
        };
        if let (Some(Some(did)), Some(Some(package)), Some(account), false) =
            (did, package, account, others)
            && let Some((did, account)) = self.statements.named(StatementTexts {
                did,
                package,
                account,
            })
        {
            let accounts = account.map(|account| NamedAccount::new(did.clone(), account));
            self.said.accounts.extend(accounts);
            self.said.dids.insert(did);
        }
        Ok(())
    }
}

/// The field `repository`: a text, an object with a `url`, or a list of either. Everything else says nothing.
pub(super) struct RepositoryValue;

impl<'de> DeserializeSeed<'de> for RepositoryValue {
    type Value = Vec<String>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        let mut found = Vec::new();
        deserializer.deserialize_any(Repository { found: &mut found })?;
        Ok(found)
    }
}

struct Repository<'a> {
    found: &'a mut Vec<String>,
}

impl<'de> DeserializeSeed<'de> for Repository<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(field_identifier)]
enum RepositoryField {
    #[serde(rename = "url")]
    Url,
    #[serde(other)]
    Other,
}

impl<'de> Visitor<'de> for Repository<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a repository")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }

    nothing! { (); visit_bool bool, visit_i64 i64, visit_u64 u64, visit_f64 f64 }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        if text.len() <= 2 * MAX_TEXT {
            self.found.push(text.to_owned());
        }
        Ok(())
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut seq: S) -> Result<(), S::Error> {
        // One more than the limit is kept, to show that there are too many.
        while self.found.len() <= MAX_REPOSITORIES {
            let one = Repository {
                found: &mut *self.found,
            };
            if seq.next_element_seed(one)?.is_none() {
                return Ok(());
            }
        }
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<(), M::Error> {
        let mut url = None;
        while let Some(field) = map.next_key::<RepositoryField>()? {
            if field == RepositoryField::Other {
                map.next_value::<IgnoredAny>()?;
            } else if url.replace(map.next_value::<ShortText>()?.0).is_some() {
                return Err(M::Error::custom("url stands twice in repository"));
            }
        }
        self.found.extend(url.flatten());
        Ok(())
    }
}
