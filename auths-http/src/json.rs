//! Strict reading of JSON answers, for adapters.

use std::collections::HashSet;
use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

use auths_core::tokens::hide_tokens;
use auths_core::{Unavailable, UnavailableReason, shorten};
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeOwned, Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// Reads a body that must be one JSON value and nothing after it.
///
/// Read an answer that is an object, and every object within it, as [`Object`].
///
/// ```
/// use auths_core::UnavailableReason;
/// use auths_http::{Object, read_json};
///
/// #[derive(Debug, serde::Deserialize)]
/// struct Owner {
///     login: String,
/// }
///
/// let owner: Object<Owner> = read_json(br#"{"login":"alice","id":7}"#)?;
/// assert_eq!(owner.login, "alice");
/// assert_eq!(read_json::<Object<Owner>>(b"{}").unwrap_err().reason, UnavailableReason::MissingField);
/// assert_eq!(read_json::<Object<Owner>>(b"[\"alice\"]").unwrap_err().reason, UnavailableReason::Unreadable);
/// # Ok::<(), auths_core::Unavailable>(())
/// ```
///
/// # Errors
/// [`UnavailableReason::MissingField`] or [`UnavailableReason::Unreadable`], with at most 200 characters of the parser's message.
/// The message may quote the answer, without the tokens in it. Code that prints the message must escape it.
pub fn read_json<T: DeserializeOwned>(body: &[u8]) -> Result<T, Unavailable> {
    serde_json::from_slice(body).map_err(|error| unreadable(&error))
}

/// Returns the failure that a JSON error means.
///
/// For an answer that is read as it streams, see [`Transport::stream`](crate::Transport::stream). For every other answer,
/// [`read_json`] calls this function.
#[must_use]
pub fn unreadable(error: &serde_json::Error) -> Unavailable {
    let text = error.to_string();
    let why = match text.starts_with("missing field") {
        true => UnavailableReason::MissingField,
        false => UnavailableReason::Unreadable,
    };
    let detail = shorten(&hide_tokens(&text), 200);
    Unavailable::new(why, format!("the answer cannot be read: {detail}"))
}

/// A struct that is read from a JSON object only. Code that serde derives would also take a list, as the fields in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object<T>(pub T);

impl<T> Deref for Object<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct PairsVisitor<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for PairsVisitor<T> {
            type Value = Object<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<M: MapAccess<'de>>(self, map: M) -> Result<Self::Value, M::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(Object)
            }
        }

        deserializer.deserialize_map(PairsVisitor(PhantomData))
    }
}

/// A field that may be missing or null: missing says nothing, null says "none". Needs `#[serde(default)]`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Field<T> {
    /// The field is missing in the answer.
    #[default]
    Missing,
    /// The field is null.
    Null,
    /// The field has a value.
    Value(T),
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Field<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match Option::deserialize(deserializer)? {
            Some(value) => Self::Value(value),
            None => Self::Null,
        })
    }
}

/// An object whose names are data, in the order of the answer. A name that occurs twice is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pairs<T>(pub Vec<(String, T)>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Pairs<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct EachVisitor<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for EachVisitor<T> {
            type Value = Pairs<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
                let mut pairs: Vec<(String, T)> = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                let mut seen = HashSet::with_capacity(pairs.len());
                if pairs.iter().any(|(name, _)| !seen.insert(name.as_str())) {
                    return Err(M::Error::custom("one name stands twice in an object"));
                }
                drop(seen);
                Ok(Pairs(pairs))
            }
        }

        deserializer.deserialize_map(EachVisitor(PhantomData))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    struct Role {
        role: String,
        #[serde(default)]
        team: Field<String>,
        #[serde(default)]
        links: Option<Pairs<Option<String>>>,
    }

    fn role(text: &str) -> Result<Role, UnavailableReason> {
        let read = read_json::<Object<Role>>(text.as_bytes());
        read.map(|Object(role)| role).map_err(|error| error.reason)
    }

    #[test]
    fn missing_and_null_differ() {
        assert_eq!(role(r#"{"role":"Owner"}"#).unwrap().team, Field::Missing);
        let null = role(r#"{"role":"Owner","team":null}"#).unwrap();
        assert_eq!(null.team, Field::Null);
        let value = role(r#"{"role":"Owner","team":""}"#).unwrap();
        assert_eq!(value.team, Field::Value(String::new()));
        assert_eq!(value.role, "Owner");
        assert_eq!(
            role(r#"{"team":null}"#).unwrap_err(),
            UnavailableReason::MissingField
        );
    }

    #[test]
    fn a_name_that_stands_twice_is_refused() {
        for text in [
            r#"{"role":"Owner","role":"Owner"}"#,
            r#"{"role":"Owner","team":null,"team":"a"}"#,
            r#"{"role":"Owner","links":{"a":"x","a":"y"}}"#,
        ] {
            assert_eq!(
                role(text).unwrap_err(),
                UnavailableReason::Unreadable,
                "{text}"
            );
        }
        let links = role(r#"{"role":"Owner","links":{"b":"x","a":null}}"#)
            .unwrap()
            .links;
        let pairs = vec![("b".into(), Some("x".into())), ("a".into(), None)];
        assert_eq!(links, Some(Pairs(pairs)));
    }

    #[test]
    fn only_one_whole_object_is_an_object() {
        for text in [
            r#"["Owner"]"#,
            "[]",
            "null",
            "\"Owner\"",
            "",
            r#"{"role":"Owner""#,
            r#"{"role":"Owner"} {}"#,
            "\u{feff}{\"role\":\"Owner\"}",
        ] {
            assert_eq!(
                role(text).unwrap_err(),
                UnavailableReason::Unreadable,
                "{text}"
            );
        }
    }

    #[test]
    fn fields_that_nobody_reads_are_skipped_and_depth_is_no_danger() {
        let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
        let text = format!(r#"{{"role":"Owner","more":{deep}}}"#);
        let seen = role(&text).map(|role| role.role);
        assert!(matches!(
            seen.as_deref(),
            Ok("Owner") | Err(UnavailableReason::Unreadable)
        ));
    }
}
