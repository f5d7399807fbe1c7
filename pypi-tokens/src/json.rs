//! A caveat's JSON, kept as far as any restriction uses it. The default rules read every caveat of every token, so a list is read
//! without the tree that [`Value`] would make of it.

use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use super::check::Cause;

/// The JSON value of a caveat.
pub(super) enum Json {
    List(List),
    Object(Map<String, Value>),
    Other,
}

/// A list. No restriction reads more than three of its items.
#[derive(Default)]
pub(super) struct List {
    pub(super) items: [Item; 3],
    pub(super) length: usize,
}

/// An item of a list.
#[derive(Default)]
pub(super) enum Item {
    #[default]
    Absent,
    Null,
    Bool(bool),
    Number(Number),
    Text(String),
    Texts(Vec<String>),
    Object(Map<String, Value>),
    /// A list that holds anything but texts, which no restriction uses.
    Mixed,
}

impl Json {
    /// Reads a caveat as UTF-8 JSON without a BOM, at most 128 deep. Of a key that occurs twice, the last one counts.
    pub(super) fn read(caveat: &[u8]) -> Result<Self, Cause> {
        let text = str::from_utf8(caveat).map_err(|_| Cause::NotUtf8)?;
        let json = match text.trim_ascii_start().starts_with('[') {
            true => serde_json::from_str(text).map(Self::List),
            false => serde_json::from_str(text).map(|value| match value {
                Value::Object(fields) => Self::Object(fields),
                _ => Self::Other,
            }),
        };
        json.map_err(|_| Cause::NotJson)
    }
}

impl Item {
    fn of(value: Value) -> Self {
        match value {
            // With a feature of `serde_json` that another crate may have enabled, numbers come as objects.
            Value::Number(number) => Self::Number(number),
            Value::Object(fields) => Self::Object(fields),
            _ => Self::Mixed,
        }
    }
}

impl<'de> Deserialize<'de> for List {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(Items)
    }
}

impl<'de> Deserialize<'de> for Item {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(One)
    }
}

struct Items;

impl<'de> Visitor<'de> for Items {
    type Value = List;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<List, A::Error> {
        let mut list = List::default();
        while let Some(item) = items.next_element()? {
            if let Some(place) = list.items.get_mut(list.length) {
                *place = item;
            }
            list.length += 1;
        }
        Ok(list)
    }
}

struct One;

impl<'de> Visitor<'de> for One {
    type Value = Item;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON")
    }

    fn visit_unit<E>(self) -> Result<Item, E> {
        Ok(Item::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Item, E> {
        Ok(Item::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Item, E> {
        Ok(Item::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Item, E> {
        Ok(Item::Number(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Item, E> {
        let number = Number::from_f64(value).ok_or_else(|| E::custom("not a finite number"))?;
        Ok(Item::Number(number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Item, E> {
        Ok(Item::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Item, A::Error> {
        let (mut texts, mut all) = (Vec::new(), true);
        while let Some(item) = items.next_element()? {
            match item {
                Item::Text(text) => texts.push(text),
                _ => all = false,
            }
        }
        Ok(if all { Item::Texts(texts) } else { Item::Mixed })
    }

    fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<Item, A::Error> {
        Value::deserialize(MapAccessDeserializer::new(fields)).map(Item::of)
    }
}
