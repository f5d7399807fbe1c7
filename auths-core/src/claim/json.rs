//! The strict JSON that may be signed: no numbers, no null, no duplicate keys, bounded size and depth.
//!
//! RFC 8785 says how numbers are written, but readers disagree on how they are read (2^53, -0, exponents), and
//! duplicate keys are read differently by different libraries. A signed document has neither.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fmt;

use serde::de::{self, DeserializeOwned, IntoDeserializer};
use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::identity::escape;
use crate::reason::{Invalid, Reason};
use crate::tokens::hide_tokens;

/// The largest claim, in bytes of its canonical form without the proof.
pub(crate) const MAX_CLAIM: usize = 1024 * 1024;
/// The largest observation, in bytes of its canonical form without the proof: some ten thousand releases, each with a DID in it.
pub(crate) const MAX_OBSERVATION: usize = 4 * MAX_CLAIM;
/// The factor by which the text of a document may be longer than its canonical form, for white space and the proof.
pub(crate) const SLACK: usize = 2;
/// The maximum number of values that are read. A value of three bytes takes several hundred bytes in memory.
const MAX_VALUES: usize = 1 << 18;
/// The maximum nesting depth that is read.
const MAX_DEPTH: usize = 24;

/// A JSON value of the strict kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum StrictJson {
    Bool(bool),
    String(String),
    Array(Vec<StrictJson>),
    Object(BTreeMap<String, StrictJson>),
}

/// The error for a document that is not the strict JSON of this format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the JSON is refused: {}", escape(.0))]
pub struct JsonError(pub(crate) String);

impl JsonError {
    /// Returns the stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        Invalid::BadJson.code()
    }

    /// Creates an error that tells what is wrong and where, and that quotes nothing of the document.
    fn from_serde(error: &serde_json::Error) -> Self {
        let said = error.to_string();
        Self(match said.split_once(": string \"") {
            // The parser quotes the value that it found.
            Some((what, _)) => format!("{what}: a string, line {}", error.line()),
            None => hide_tokens(&said).into_owned(),
        })
    }
}

impl StrictJson {
    /// Parses a whole signed document of any type.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, JsonError> {
        Self::parse_up_to(bytes, SLACK * MAX_OBSERVATION)
    }

    /// Parses a whole document of at most `max` bytes.
    pub(crate) fn parse_up_to(bytes: &[u8], max: usize) -> Result<Self, JsonError> {
        if bytes.len() > max {
            return Err(JsonError(format!("longer than {max} bytes")));
        }
        Self::parse_counting(bytes, MAX_VALUES)
    }

    /// Parses again the output of [`canonical`](Self::canonical). No limits apply: they were checked when the value was read or
    /// made.
    pub(crate) fn read_again(canonical: &[u8]) -> Self {
        #[expect(clippy::expect_used, reason = "the canonical form is strict JSON")]
        Self::parse_counting(canonical, usize::MAX).expect("canonical JSON is read back")
    }

    fn parse_counting(bytes: &[u8], values: usize) -> Result<Self, JsonError> {
        let mut reader = serde_json::Deserializer::from_slice(bytes);
        let left = Cell::new(values);
        let value = ValueSeed::new(&left).deserialize_from(&mut reader)?;
        reader.end().map_err(|e| JsonError::from_serde(&e))?;
        Ok(value)
    }

    /// Serializes `value`, and checks that the result is strict JSON.
    pub(crate) fn of<T: Serialize>(value: &T) -> Result<Self, JsonError> {
        let bytes = serde_json::to_vec(value).map_err(|e| JsonError::from_serde(&e))?;
        Self::parse(&bytes)
    }

    /// Deserializes a typed value from the tree.
    pub(crate) fn read<T: DeserializeOwned>(self) -> Result<T, JsonError> {
        T::deserialize(self).map_err(|e| JsonError(e.0))
    }

    /// Returns the canonical bytes (RFC 8785).
    ///
    /// Without numbers, the canonical form is compact JSON with its keys in UTF-16 order. Where all keys are ASCII, that is the
    /// order of the tree, and the plain serializer is used. A property test checks that both ways agree.
    pub(crate) fn canonical(&self) -> Vec<u8> {
        let bytes = if self.has_ascii_keys() {
            serde_json::to_vec(self).ok()
        } else {
            serde_json_canonicalizer::to_vec(self).ok()
        };
        #[expect(
            clippy::expect_used,
            reason = "strings, booleans, arrays and objects always serialize"
        )]
        bytes.expect("strict JSON has a canonical form")
    }

    /// Returns indented text, or compact text where indented text would be longer than `max`, so that the result can be read
    /// back.
    pub(crate) fn text<T: Serialize>(value: &T, max: usize) -> String {
        let written = serde_json::to_string_pretty(value).and_then(|text| match text.len() {
            n if n <= max => Ok(text),
            _ => serde_json::to_string(value),
        });
        #[expect(
            clippy::expect_used,
            reason = "claims and bundles are strict JSON, which always serializes"
        )]
        written.expect("strict JSON serializes")
    }

    fn has_ascii_keys(&self) -> bool {
        match self {
            Self::Bool(_) | Self::String(_) => true,
            Self::Array(items) => items.iter().all(Self::has_ascii_keys),
            Self::Object(members) => members
                .iter()
                .all(|(key, value)| key.is_ascii() && value.has_ascii_keys()),
        }
    }
}

impl Serialize for StrictJson {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Bool(b) => serializer.serialize_bool(*b),
            Self::String(s) => serializer.serialize_str(s),
            Self::Array(items) => {
                let mut seq = serializer.serialize_seq(Some(items.len()))?;
                for item in items {
                    seq.serialize_element(item)?;
                }
                seq.end()
            }
            Self::Object(members) => {
                let mut map = serializer.serialize_map(Some(members.len()))?;
                for (key, value) in members {
                    map.serialize_entry(key, value)?;
                }
                map.end()
            }
        }
    }
}

/// A reader of one value, at most `depth` levels deep. `left` counts the values that may still be read.
#[derive(Clone, Copy)]
struct ValueSeed<'a> {
    depth: usize,
    left: &'a Cell<usize>,
}

impl<'a> ValueSeed<'a> {
    fn new(left: &'a Cell<usize>) -> Self {
        Self {
            depth: MAX_DEPTH,
            left,
        }
    }

    fn deserialize_from<'de, D>(self, deserializer: D) -> Result<StrictJson, JsonError>
    where
        D: Deserializer<'de, Error = serde_json::Error>,
    {
        de::DeserializeSeed::deserialize(self, deserializer).map_err(|e| JsonError::from_serde(&e))
    }

    fn inner<E: de::Error>(self) -> Result<Self, E> {
        let depth = self.depth.checked_sub(1);
        let depth =
            depth.ok_or_else(|| E::custom(format!("nested deeper than {MAX_DEPTH} levels")))?;
        Ok(Self { depth, ..self })
    }
}

impl<'de> de::DeserializeSeed<'de> for ValueSeed<'_> {
    type Value = StrictJson;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<StrictJson, D::Error> {
        let left = self.left.get().checked_sub(1);
        let left =
            left.ok_or_else(|| de::Error::custom(format!("more than {MAX_VALUES} values")))?;
        self.left.set(left);
        deserializer.deserialize_any(self)
    }
}

impl<'de> de::Visitor<'de> for ValueSeed<'_> {
    type Value = StrictJson;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string, true, false, an array or an object (numbers and null are refused)")
    }

    fn visit_bool<E>(self, value: bool) -> Result<StrictJson, E> {
        Ok(StrictJson::Bool(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<StrictJson, E> {
        Ok(StrictJson::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<StrictJson, E> {
        Ok(StrictJson::String(value))
    }

    fn visit_seq<A: de::SeqAccess<'de>>(self, mut seq: A) -> Result<StrictJson, A::Error> {
        let inner = self.inner()?;
        let mut items = Vec::new();
        while let Some(item) = seq.next_element_seed(inner)? {
            items.push(item);
        }
        Ok(StrictJson::Array(items))
    }

    fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<StrictJson, A::Error> {
        let inner = self.inner()?;
        let mut members = BTreeMap::new();
        while let Some(key) = map.next_key::<String>()? {
            // With `arbitrary_precision` switched on anywhere in the build, serde_json passes numbers as such a map. They are
            // still numbers, and still refused.
            if key.starts_with("$serde_json::private::") {
                return Err(de::Error::custom("numbers are refused"));
            }
            if members.contains_key(&key) {
                return Err(de::Error::custom(format!(
                    "the key {:?} stands twice",
                    short(&key)
                )));
            }
            let value = map.next_value_seed(inner)?;
            members.insert(key, value);
        }
        Ok(StrictJson::Object(members))
    }
}

fn short(text: &str) -> String {
    crate::identity::text::cut(text, 40)
}

/// An error that a typed value reports while it is read from the tree.
#[derive(Debug)]
pub(crate) struct ReadError(String);

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ReadError {}

impl de::Error for ReadError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(hide_tokens(&message.to_string()).into_owned())
    }

    fn invalid_type(found: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self(format!(
            "invalid type: {}, expected {expected}",
            kind_of(&found)
        ))
    }

    fn invalid_value(found: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self(format!(
            "invalid value: {}, expected {expected}",
            kind_of(&found)
        ))
    }

    fn unknown_variant(_: &str, expected: &'static [&'static str]) -> Self {
        Self(format!("unknown variant, expected {}", any_of(expected)))
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        let field = short(field);
        Self(format!(
            "unknown field `{field}`, expected {}",
            any_of(expected)
        ))
    }
}

/// Returns the kind of an unexpected value, never the value itself.
fn kind_of(found: &de::Unexpected<'_>) -> &'static str {
    match found {
        de::Unexpected::Bool(_) => "a boolean",
        de::Unexpected::Str(_) => "a string",
        de::Unexpected::Seq => "an array",
        de::Unexpected::Map => "an object",
        _ => "something else",
    }
}

fn any_of(names: &[&str]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match names.is_empty() {
        true => "none".to_owned(),
        false => format!("one of {}", names.join(", ")),
    }
}

impl<'de> IntoDeserializer<'de, ReadError> for StrictJson {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for StrictJson {
    type Error = ReadError;

    fn deserialize_any<V: de::Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        match self {
            Self::Bool(b) => visitor.visit_bool(b),
            Self::String(s) => visitor.visit_string(s),
            Self::Array(items) => {
                let mut seq = de::value::SeqDeserializer::new(items.into_iter());
                let value = visitor.visit_seq(&mut seq)?;
                seq.end()?;
                Ok(value)
            }
            Self::Object(members) => {
                let mut map = de::value::MapDeserializer::new(members.into_iter());
                let value = visitor.visit_map(&mut map)?;
                map.end()?;
                Ok(value)
            }
        }
    }

    fn deserialize_option<V: de::Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: de::Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, ReadError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: de::Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ReadError> {
        match self {
            Self::String(s) => {
                let plain: de::value::StringDeserializer<ReadError> = s.into_deserializer();
                plain.deserialize_enum(name, variants, visitor)
            }
            // With more than one key, the first would decide and the rest would be ignored.
            Self::Object(members) if members.len() == 1 => {
                let map = de::value::MapDeserializer::new(members.into_iter());
                visitor.visit_enum(de::value::MapAccessDeserializer::new(map))
            }
            _ => Err(de::Error::custom(
                "expected a string or an object with one key",
            )),
        }
    }

    /// Accepts an object only. Derived readers of structs would also accept a list of the values, which would be a second
    /// spelling.
    fn deserialize_map<V: de::Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        match self {
            Self::Object(_) => self.deserialize_any(visitor),
            _ => Err(de::Error::custom("expected an object")),
        }
    }

    fn deserialize_struct<V: de::Visitor<'de>>(
        self,
        _name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ReadError> {
        self.deserialize_map(visitor)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf
        unit unit_struct seq tuple tuple_struct identifier ignored_any
    }
}

impl<'de> Deserialize<'de> for StrictJson {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        de::DeserializeSeed::deserialize(ValueSeed::new(&Cell::new(MAX_VALUES)), deserializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn canonical_tree() -> impl Strategy<Value = StrictJson> {
        let leaf = prop_oneof![
            any::<bool>().prop_map(StrictJson::Bool),
            ".{0,12}".prop_map(StrictJson::String)
        ];
        leaf.prop_recursive(4, 32, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(StrictJson::Array),
                prop::collection::btree_map(".{0,8}", inner.clone(), 0..5)
                    .prop_map(StrictJson::Object),
                prop::collection::btree_map("[ -~]{0,4}", inner, 0..5).prop_map(StrictJson::Object),
            ]
        })
    }

    proptest! {
        #[test]
        fn canonical_bytes_are_injective_and_stable(a in canonical_tree(), b in canonical_tree()) {
            let bytes = a.canonical();
            prop_assert_eq!(&StrictJson::parse(&bytes).unwrap(), &a);
            prop_assert_eq!(bytes == b.canonical(), a == b);
            prop_assert_eq!(bytes, serde_json_canonicalizer::to_vec(&a).unwrap());
        }

        #[test]
        fn parsing_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
            let _ = StrictJson::parse(&bytes);
        }
    }

    #[test]
    fn refuses_what_readers_disagree_on() {
        for text in [
            "1",
            "[1.0]",
            r#"{"a":-0}"#,
            "null",
            r#"{"a":null}"#,
            r#"{"a":"1","a":"2"}"#,
            r#"{"a":"1","\u0061":"2"}"#,
            r#"{"b":{"a":"1","a":"1"}}"#,
            r#""\ud800""#,
            r#""\udc00\ud800""#,
            "\"\u{1}\"",
            r#"{"a":"b"} x"#,
            r#"{"a":"b"}{}"#,
            "",
            "{",
            "\u{feff}{}",
            r#"{"$serde_json::private::Number":"1"}"#,
            "NaN",
            "{'a':'b'}",
            r#"{"a":"b",}"#,
        ] {
            assert!(StrictJson::parse(text.as_bytes()).is_err(), "{text}");
        }
        assert!(StrictJson::parse(b"\"\xff\"").is_err());
    }

    #[test]
    fn size_and_depth_are_bounded() {
        let deep = format!("{}{}", "[".repeat(MAX_DEPTH + 1), "]".repeat(MAX_DEPTH + 1));
        assert!(StrictJson::parse(deep.as_bytes()).is_err());
        let fits = format!("{}{}", "[".repeat(MAX_DEPTH), "]".repeat(MAX_DEPTH));
        assert!(StrictJson::parse(fits.as_bytes()).is_ok());
        assert!(StrictJson::parse(&vec![b' '; SLACK * MAX_OBSERVATION + 1]).is_err());
        for (n, is_read) in [(MAX_VALUES - 1, true), (MAX_VALUES, false)] {
            let values = vec!["[]"; n].join(",");
            let read = StrictJson::parse(format!("[{values}]").as_bytes());
            assert_eq!(read.is_ok(), is_read, "{n}");
        }
        let bomb = "[".repeat(200_000);
        assert!(StrictJson::parse(bomb.as_bytes()).is_err());
    }

    #[test]
    fn keys_sort_by_utf_16() {
        let tree =
            StrictJson::parse("{\"\u{fb33}\":\"a\",\"\u{1f600}\":\"b\"}".as_bytes()).unwrap();
        assert_eq!(
            tree.canonical(),
            "{\"\u{1f600}\":\"b\",\"\u{fb33}\":\"a\"}".as_bytes()
        );
    }
}
