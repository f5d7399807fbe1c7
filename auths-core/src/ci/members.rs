//! JSON objects of strings, lists of strings and further objects: the form in which a rule is written.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::RuleError;
use crate::identity::text::cut;

/// The members of an object that are not read yet, each once.
#[derive(Debug, Default)]
pub(super) struct Members {
    /// The member that holds this object; empty for the outermost one.
    place: &'static str,
    values: BTreeMap<String, Value>,
    /// A member that stands twice.
    doubled: Option<String>,
}

#[derive(Debug)]
enum Value {
    Text(String),
    List(Vec<Value>),
    Object(Members),
    /// A number, a boolean or null.
    Other,
}

impl Members {
    /// Takes a text.
    pub(super) fn text(&mut self, name: &'static str) -> Result<Option<String>, RuleError> {
        match self.values.remove(name) {
            None => Ok(None),
            Some(Value::Text(text)) => Ok(Some(text)),
            Some(_) => Err(self.error(name, "it must be one string")),
        }
    }

    /// Takes a list of texts.
    pub(super) fn list(&mut self, name: &'static str) -> Result<Option<Vec<String>>, RuleError> {
        match self.values.remove(name) {
            None => Ok(None),
            Some(Value::List(list)) => {
                let texts: Option<Vec<String>> = list.into_iter().map(Value::into_text).collect();
                let texts = texts.ok_or_else(|| self.error(name, "it must be a list of strings"));
                texts.map(Some)
            }
            Some(_) => Err(self.error(name, "it must be a list of strings")),
        }
    }

    /// Takes an object.
    pub(super) fn object(&mut self, name: &'static str) -> Result<Option<Self>, RuleError> {
        match self.values.remove(name) {
            None => Ok(None),
            Some(Value::Object(members)) => Ok(Some(Self {
                place: name,
                ..members
            })),
            Some(_) => Err(self.error(name, "it must be an object")),
        }
    }

    /// Takes a text and reads it, where there is one.
    pub(super) fn value<T>(&mut self, name: &'static str) -> Result<Option<T>, RuleError>
    where
        T: std::str::FromStr<Err: fmt::Display>,
    {
        let Some(text) = self.text(name)? else {
            return Ok(None);
        };
        let read = text.parse().map(Some);
        read.map_err(|error: T::Err| self.error(name, error))
    }

    /// Takes a text that must be there, and reads it.
    pub(super) fn needed<T>(&mut self, name: &'static str) -> Result<T, RuleError>
    where
        T: std::str::FromStr<Err: fmt::Display>,
    {
        let value = self.value(name)?;
        value.ok_or_else(|| self.error(name, "it is missing"))
    }

    /// Takes a list and reads each of its texts, where there is one.
    pub(super) fn values<T>(&mut self, name: &'static str) -> Result<Option<Vec<T>>, RuleError>
    where
        T: std::str::FromStr<Err: fmt::Display>,
    {
        let Some(list) = self.list(name)? else {
            return Ok(None);
        };
        let read: Result<Vec<T>, T::Err> = list.iter().map(|text| text.parse()).collect();
        read.map(Some).map_err(|error| self.error(name, error))
    }

    /// Checks that every member was taken, and stood once.
    pub(super) fn end(self) -> Result<(), RuleError> {
        if let Some(name) = &self.doubled {
            return Err(self.error(&cut(name, 40), "it stands twice"));
        }
        match self.values.keys().next() {
            None => Ok(()),
            Some(name) => Err(self.error(&cut(name, 40), "a rule has no such member")),
        }
    }

    fn error(&self, name: &str, what: impl fmt::Display) -> RuleError {
        let member = match self.place {
            "" => name.to_owned(),
            place => format!("{place}.{name}"),
        };
        RuleError::new(member, what.to_string())
    }
}

impl Value {
    fn into_text(self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::Object(members) => Ok(members),
            _ => Err(D::Error::custom("a publisher rule is an object")),
        }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string, a list of strings, or an object")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Value, E> {
        Ok(Value::Text(text.to_owned()))
    }

    fn visit_string<E: Error>(self, text: String) -> Result<Value, E> {
        Ok(Value::Text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = list.next_element()? {
            values.push(value);
        }
        Ok(Value::List(values))
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Value, E> {
        Ok(Value::Other)
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Value, E> {
        Ok(Value::Other)
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Value, E> {
        Ok(Value::Other)
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Value, E> {
        Ok(Value::Other)
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Other)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut members = Members::default();
        while let Some(name) = map.next_key::<String>()? {
            if members
                .values
                .insert(name.clone(), map.next_value()?)
                .is_some()
            {
                members.doubled = Some(name);
            }
        }
        Ok(Value::Object(members))
    }
}
