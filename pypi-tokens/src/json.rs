//! A caveat's JSON, kept as far as any restriction uses it. The default rules read every caveat of every token, so a list is read
//! without the tree that [`Value`] would make of it.

use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use super::check::UnmetCause;

/// The JSON value of a caveat.
pub(super) enum CaveatJson {
    List(JsonList),
    Object(Map<String, Value>),
    Other,
}

/// A list. No restriction reads more than three of its items.
#[derive(Default)]
pub(super) struct JsonList {
    pub(super) items: [ListItem; 3],
    pub(super) length: usize,
}

/// An item of a list.
#[derive(Default)]
pub(super) enum ListItem {
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

impl CaveatJson {
    /// Reads a caveat as UTF-8 JSON without a BOM, at most 128 deep. Of a key that occurs twice, the last one counts.
    pub(super) fn read(caveat: &[u8]) -> Result<Self, UnmetCause> {
        let text = str::from_utf8(caveat).map_err(|_| UnmetCause::NotUtf8)?;
        let json = match text.trim_ascii_start().starts_with('[') {
            true => serde_json::from_str(text).map(Self::List),
            false => serde_json::from_str(text).map(|value| match value {
                Value::Object(fields) => Self::Object(fields),
                _ => Self::Other,
            }),
        };
        json.map_err(|_| UnmetCause::NotJson)
    }
}

impl ListItem {
    fn of(value: Value) -> Self {
        match value {
            // With a feature of `serde_json` that another crate may have enabled, numbers come as objects.
            Value::Number(number) => Self::Number(number),
            Value::Object(fields) => Self::Object(fields),
            _ => Self::Mixed,
        }
    }
}

impl<'de> Deserialize<'de> for JsonList {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(ListVisitor)
    }
}

impl<'de> Deserialize<'de> for ListItem {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ItemVisitor)
    }
}

struct ListVisitor;

impl<'de> Visitor<'de> for ListVisitor {
    type Value = JsonList;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<JsonList, A::Error> {
        let mut list = JsonList::default();
        while let Some(item) = items.next_element()? {
            if let Some(place) = list.items.get_mut(list.length) {
                *place = item;
            }
            list.length += 1;
        }
        Ok(list)
    }
}

struct ItemVisitor;

impl<'de> Visitor<'de> for ItemVisitor {
    type Value = ListItem;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON")
    }

    fn visit_unit<E>(self) -> Result<ListItem, E> {
        Ok(ListItem::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<ListItem, E> {
        Ok(ListItem::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<ListItem, E> {
        Ok(ListItem::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<ListItem, E> {
        Ok(ListItem::Number(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<ListItem, E> {
        let number = Number::from_f64(value).ok_or_else(|| E::custom("not a finite number"))?;
        Ok(ListItem::Number(number))
    }

    fn visit_str<E>(self, value: &str) -> Result<ListItem, E> {
        Ok(ListItem::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<ListItem, A::Error> {
        let (mut texts, mut all) = (Vec::new(), true);
        while let Some(item) = items.next_element()? {
            match item {
                ListItem::Text(text) => texts.push(text),
                _ => all = false,
            }
        }
        Ok(if all {
            ListItem::Texts(texts)
        } else {
            ListItem::Mixed
        })
    }

    fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<ListItem, A::Error> {
        Value::deserialize(MapAccessDeserializer::new(fields)).map(ListItem::of)
    }
}
