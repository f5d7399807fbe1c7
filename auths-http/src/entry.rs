//! One entry of a list, of which what is odd costs that entry alone.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// The texts and numbers of one entry of a list.
///
/// Every JSON value is an entry, so that an odd one does not make the list unreadable. A field that is missing, of another type
/// or there twice is not read; an entry that is no object has no fields at all.
///
/// ```
/// use auths_http::{ListEntry, read_json};
///
/// let entries: Vec<ListEntry> = read_json(br#"[{"login":"alice","id":7}, {"login":5}, null]"#)?;
/// assert_eq!((entries[0].text("login"), entries[0].number("id")), (Some("alice"), Some(7)));
/// assert_eq!((entries[1].text("login"), entries[2].text("login")), (None, None));
/// # Ok::<(), auths_core::Unavailable>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListEntry(Vec<(String, PlainValue)>);

/// A value as far as it is read.
#[derive(Debug, Clone, PartialEq, Eq)]
enum PlainValue {
    Text(String),
    Number(u64),
    Odd,
}

impl ListEntry {
    /// Returns the text that stands under `field`.
    #[must_use]
    pub fn text(&self, field: &str) -> Option<&str> {
        match self.plain_value(field)? {
            PlainValue::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Returns the number that stands under `field`: a whole one of at least zero.
    #[must_use]
    pub fn number(&self, field: &str) -> Option<u64> {
        match self.plain_value(field)? {
            PlainValue::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// Returns what stands under `field`, once.
    fn plain_value(&self, field: &str) -> Option<&PlainValue> {
        let mut found = self.0.iter().filter(|(name, _)| name == field);
        let (_, only) = found.next()?;
        found.next().is_none().then_some(only)
    }
}

/// Implements the visits of JSON's values that say nothing here, and passes over what is in a list.
macro_rules! says_nothing {
    ($nothing:expr; $($visit:ident $of:ty),*) => {
        fn visit_unit<E: Error>(self) -> Result<Self::Value, E> { Ok($nothing) }

        $(fn $visit<E: Error>(self, _: $of) -> Result<Self::Value, E> { Ok($nothing) })*

        fn visit_seq<S: SeqAccess<'de>>(self, mut seq: S) -> Result<Self::Value, S::Error> {
            while seq.next_element::<IgnoredAny>()?.is_some() {}
            Ok($nothing)
        }
    };
}

impl<'de> Deserialize<'de> for ListEntry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct FieldsVisitor;

        impl<'de> Visitor<'de> for FieldsVisitor {
            type Value = ListEntry;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an entry")
            }

            says_nothing! {
                ListEntry(Vec::new());
                visit_bool bool, visit_i64 i64, visit_u64 u64, visit_f64 f64, visit_str &str
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<ListEntry, M::Error> {
                let mut fields = Vec::new();
                while let Some((name, EntryValue(value))) = map.next_entry()? {
                    fields.push((name, value));
                }
                Ok(ListEntry(fields))
            }
        }

        deserializer.deserialize_any(FieldsVisitor)
    }
}

struct EntryValue(PlainValue);

impl<'de> Deserialize<'de> for EntryValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AnyVisitor;

        impl<'de> Visitor<'de> for AnyVisitor {
            type Value = EntryValue;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<EntryValue, E> {
                Ok(EntryValue(PlainValue::Text(text.to_owned())))
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<EntryValue, E> {
                Ok(EntryValue(PlainValue::Number(number)))
            }

            says_nothing! { EntryValue(PlainValue::Odd); visit_bool bool, visit_i64 i64, visit_f64 f64 }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<EntryValue, M::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(EntryValue(PlainValue::Odd))
            }
        }

        deserializer.deserialize_any(AnyVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_odd_field_or_entry_is_not_read_and_costs_nothing_else() {
        let text = r#"[{"a":"x","b":[1,{}],"c":{"d":null},"e":7}, {"a":"x","a":"x"}, ["x"], "x", 5, -1, 0.5, null, true]"#;
        let entries: Vec<ListEntry> = serde_json::from_str(text).unwrap();
        assert_eq!(entries.len(), 9);
        let whole = &entries[0];
        assert_eq!((whole.text("a"), whole.number("e")), (Some("x"), Some(7)));
        assert_eq!((whole.number("a"), whole.text("e")), (None, None));
        for odd in ["b", "c", "d", "f"] {
            assert_eq!((whole.text(odd), whole.number(odd)), (None, None), "{odd}");
        }
        for entry in &entries[1..] {
            assert_eq!(entry.text("a"), None, "{entry:?}");
        }
        assert!(serde_json::from_str::<Vec<ListEntry>>(r#"[{"a":"x"#).is_err());
    }
}
