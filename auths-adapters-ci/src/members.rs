//! The members of a JSON object, each to be read by its own type from its own bytes.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt;

use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// The members of one JSON object with nothing after it. Values are not read until they are asked for.
///
/// Of a name that stands twice, in any spelling, the first is kept, and [`has_doubled`](Self::has_doubled) tells.
pub(crate) struct Members<'a> {
    values: BTreeMap<Cow<'a, str>, &'a RawValue>,
    has_doubled: bool,
}

/// A value of a member, in the few forms that tokens and keys use.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Value<'a> {
    /// A text.
    Text(Cow<'a, str>),
    /// A whole number, from 0 to 2^64 - 1, without fraction or exponent.
    Number(u64),
    /// Anything else, in words.
    Other(&'static str),
}

/// A name or text, borrowed where it has no escapes.
#[derive(Deserialize)]
struct Borrowed<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'a> Members<'a> {
    /// Reads the members; `None` unless the bytes are one JSON object and nothing else.
    pub(crate) fn read(json: &'a [u8]) -> Option<Self> {
        serde_json::from_slice(json).ok()
    }

    /// Returns whether a name stands twice.
    pub(crate) fn has_doubled(&self) -> bool {
        self.has_doubled
    }

    /// Returns whether there is a member of that name, whatever its value.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }

    /// Returns the bytes of a value, as they stand in the object.
    pub(crate) fn raw(&self, name: &str) -> Option<&'a str> {
        self.values.get(name).map(|raw| raw.get())
    }

    /// Returns a value.
    pub(crate) fn get(&self, name: &str) -> Option<Value<'a>> {
        self.raw(name).map(Value::of)
    }

    /// Returns a value that is a text; `None` also where it is something else.
    pub(crate) fn text(&self, name: &str) -> Option<Cow<'a, str>> {
        match self.get(name) {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        }
    }
}

impl<'a> Value<'a> {
    /// Reads a value from the text of valid JSON.
    fn of(raw: &'a str) -> Self {
        match raw.as_bytes().first() {
            Some(b'"') => match serde_json::from_str(raw) {
                Ok(Borrowed(text)) => Self::Text(text),
                Err(_) => Self::Other("text that is no Unicode"),
            },
            Some(b'0'..=b'9') => match raw.parse() {
                Ok(number) => Self::Number(number),
                Err(_) => Self::Other("a number that is not whole, or too large"),
            },
            Some(b'-') => Self::Other("a negative number"),
            Some(b't' | b'f') => Self::Other("a truth value"),
            Some(b'n') => Self::Other("null"),
            Some(b'[') => Self::Other("a list"),
            _ => Self::Other("an object"),
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct All;

        impl<'de> Visitor<'de> for All {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
                let (mut values, mut has_doubled) = (BTreeMap::new(), false);
                while let Some(Borrowed(name)) = map.next_key()? {
                    match values.entry(name) {
                        Entry::Vacant(place) => {
                            place.insert(map.next_value()?);
                        }
                        Entry::Occupied(_) => {
                            has_doubled = true;
                            map.next_value::<IgnoredAny>()?;
                        }
                    }
                }
                Ok(Members {
                    values,
                    has_doubled,
                })
            }
        }

        deserializer.deserialize_map(All)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value as Json;

    use super::*;

    #[test]
    fn values_are_read_from_their_own_bytes() {
        let json = br#" {"a":"x\u0041","b":7,"c":18446744073709551616,"d":1.0,"e":-1,"f":null,"g":[1],"h":{},"i":true,"j":1e3,"k":"\ud800"} "#;
        let members = Members::read(json).unwrap();
        assert_eq!(members.text("a").as_deref(), Some("xA"));
        assert_eq!(members.get("b"), Some(Value::Number(7)));
        for name in ["c", "d", "e", "f", "g", "h", "i", "j", "k"] {
            assert!(matches!(members.get(name), Some(Value::Other(_))), "{name}");
        }
        assert!(members.get("z").is_none() && !members.has_doubled());
    }

    #[test]
    fn a_name_that_stands_twice_is_told_in_any_spelling() {
        for json in [r#"{"a":1,"a":1}"#, r#"{"a":1,"b":{},"\u0061":2}"#] {
            let members = Members::read(json.as_bytes()).unwrap();
            assert!(members.has_doubled(), "{json}");
            assert_eq!(members.get("a"), Some(Value::Number(1)));
        }
        assert!(
            !Members::read(br#"{"a":{"b":1,"b":2}}"#)
                .unwrap()
                .has_doubled()
        );
    }

    #[test]
    fn only_one_whole_object_is_read() {
        for json in [
            &b""[..],
            b"[]",
            b"null",
            b"{",
            b"{}x",
            b"{} {}",
            b"\xef\xbb\xbf{}",
            b"{\"a\":\"\xff\"}",
            b"{\"\xff\":1}",
            b"{a:1}",
            b"{\"a\":01}",
            b"{\"a\":NaN}",
            b"{'a':1}",
            b"{\"a\":1,}",
            b"// x\n{}",
            b"{\"a\":\"\n\"}",
        ] {
            assert!(Members::read(json).is_none(), "{json:?}");
        }
    }

    #[test]
    fn depth_is_no_danger() {
        let deep = format!(r#"{{"a":{}{}}}"#, "[".repeat(8_000), "]".repeat(8_000));
        assert_eq!(
            Members::read(deep.as_bytes()).unwrap().get("a"),
            Some(Value::Other("a list"))
        );
    }

    proptest! {
        #[test]
        fn what_is_read_is_what_others_read(names in proptest::collection::vec("\\PC{0,8}", 0..6), text in "\\PC{0,20}", number: u64) {
            let mut object = serde_json::Map::new();
            for (at, name) in names.into_iter().enumerate() {
                let value = if at % 2 == 0 { Json::from(text.as_str()) } else { number.into() };
                object.insert(name, value);
            }
            let json = Json::Object(object.clone()).to_string();
            let members = Members::read(json.as_bytes()).unwrap();
            prop_assert!(!members.has_doubled());
            for (name, value) in object {
                let read = match members.get(&name).unwrap() {
                    Value::Text(text) => Json::from(text),
                    Value::Number(number) => number.into(),
                    Value::Other(_) => Json::Null,
                };
                prop_assert_eq!(read, value);
            }
        }

        #[test]
        fn bytes_that_nobody_chose_are_no_danger(bytes: Vec<u8>) {
            if Members::read(&bytes).is_some() {
                prop_assert!(serde_json::from_slice::<Json>(&bytes).is_ok_and(|value| value.is_object()));
            }
        }
    }
}
