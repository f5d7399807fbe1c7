//! The fields that a route declares, and the faults made of each field.

use std::sync::Arc;

use auths_core::UnavailableReason::*;
use serde_json::{Value, json};

use super::row::Good;
use super::seen::Expect;
use crate::server::Reply;

/// A field of a good answer that the adapter's outcome depends on, named by its JSON pointer (RFC 6901).
///
/// The faults of a field: it is left out, made null, given every other JSON type, and set twice. A list, object or text that is
/// not empty is emptied. An object is replaced by the list of its values. Each fault must be unavailable, unless the field allows
/// it by one of the methods below.
///
/// In [`Route::expect`](super::Route::expect) the rows are named by the pointer, a space, and one of these:
///
/// | rows | of |
/// |---|---|
/// | `missing`, `null` | every field |
/// | `a truth value`, `a number`, `a text`, `a list`, `an object` | every field, but for its own type |
/// | `an empty text`, `an empty list`, `an empty object` | every field without that value already |
/// | `its values alone` | an object that is not empty |
/// | `an unknown word` | a text that is [`closed`](Self::closed) |
/// | `twice` | a field of an object, not an item of a list |
///
/// Examples: `/owners/0/role missing`, `/owners an empty list`. [`Route::identity`](super::Route::identity) adds `/name of
/// another`.
///
/// ```
/// use auths_testkit::faults::Field;
///
/// let _ = Field::new("/ownership/organization").or_null();
/// ```
#[derive(Debug, Clone)]
pub struct Field {
    pointer: &'static str,
    or_missing: bool,
    or_null: bool,
    or_empty: bool,
    is_closed: bool,
}

const MISSING: Expect = Expect::unavailable(&[MissingField, Unreadable]);
/// The outcome of a list that lacks an item: the rest may be empty.
const MISSING_ITEM: Expect = Expect::unavailable(&[MissingField, Unreadable, Empty]);
const OTHER: Expect = Expect::unavailable(&[Unreadable, MissingField, EvidenceMismatch]);
const EMPTY: Expect = Expect::unavailable(&[Empty, MissingField, Unreadable, EvidenceMismatch]);
const WORD: Expect = Expect::unavailable(&[Unreadable, EvidenceMismatch]);
const UNKNOWN: &str = "auths-unknown";
const TWICE: Expect = Expect::unavailable(&[Unreadable]);

/// A function that changes the good answer.
pub(super) type Change = Arc<dyn Fn(&Good<'_>) -> Reply + Send + Sync>;

impl Field {
    /// Creates a field that is needed, and is neither null nor empty.
    #[must_use]
    pub fn new(pointer: &'static str) -> Self {
        Self {
            pointer,
            or_missing: false,
            or_null: false,
            or_empty: false,
            is_closed: false,
        }
    }

    /// Allows the field to be left out: the outcome is then that of the good answer, or unavailable.
    #[must_use]
    pub fn or_missing(mut self) -> Self {
        self.or_missing = true;
        self
    }

    /// Allows the field to be null: the outcome is then that of the good answer, or unavailable.
    #[must_use]
    pub fn or_null(mut self) -> Self {
        self.or_null = true;
        self
    }

    /// Allows the field to be empty: the outcome is then that of the good answer, or unavailable.
    #[must_use]
    pub fn or_empty(mut self) -> Self {
        self.or_empty = true;
        self
    }

    /// Declares that the values of the field are a closed list, such as roles or states. This adds the fault `an unknown word`.
    /// It finds adapters that read an unknown value as the least one, or that leave it out.
    #[must_use]
    pub fn closed(mut self) -> Self {
        self.is_closed = true;
        self
    }

    /// Returns the faults of this field in `good`.
    ///
    /// # Errors
    /// The name of the field, when the answer has no such field, or when a field with closed values is no text.
    pub(super) fn faults(&self, good: &Value) -> Result<Vec<(String, Expect, Change)>, String> {
        let at = self.pointer;
        let value = good
            .pointer(at)
            .ok_or_else(|| format!("the good answer has no {at}"))?;
        let with = |expect: Expect, or_good: bool| if or_good { expect.or_good() } else { expect };
        let is_item = good.pointer(split(at).0).is_some_and(Value::is_array);
        let missing = if is_item { MISSING_ITEM } else { MISSING };
        let mut faults: Vec<(String, Expect, Change)> = vec![(
            format!("{at} missing"),
            with(missing, self.or_missing),
            Arc::new(move |g| g.json(&without(g.value, at))),
        )];
        let others = [
            ("null", Value::Null),
            ("a truth value", json!(true)),
            ("a number", json!(7)),
            ("a text", json!("auths")),
            ("a list", json!([7])),
            ("an object", json!({ "auths": 7 })),
            ("an empty text", json!("")),
            ("an empty list", json!([])),
            ("an empty object", json!({})),
        ];
        for (name, other) in others {
            let is_same_type = std::mem::discriminant(&other) == std::mem::discriminant(value);
            let is_empty = name.starts_with("an empty");
            // A value of the field's own type is no fault, unless it is empty and the good value is not.
            if other == *value || (is_same_type && !is_empty) {
                continue;
            }
            let expect = match (name, is_same_type) {
                ("null", _) => with(MISSING, self.or_null),
                (_, true) => with(EMPTY, self.or_empty),
                (_, false) => OTHER,
            };
            let change = move |g: &Good<'_>| g.json(&with_value(g.value, at, other.clone()));
            faults.push((format!("{at} {name}"), expect, Arc::new(change)));
        }
        if self.is_closed {
            if !value.is_string() {
                return Err(format!("{at} is no text, and has no words"));
            }
            let change = move |g: &Good<'_>| g.json(&with_value(g.value, at, json!(UNKNOWN)));
            faults.push((format!("{at} an unknown word"), WORD, Arc::new(change)));
        }
        if let Some(fields) = value.as_object().filter(|fields| !fields.is_empty()) {
            // Code that reads a list for a struct takes its items for the fields.
            let items: Value = fields.values().cloned().collect();
            let change = move |g: &Good<'_>| g.json(&with_value(g.value, at, items.clone()));
            faults.push((format!("{at} its values alone"), OTHER, Arc::new(change)));
        }
        if twice(good, at).is_some() {
            let change = move |g: &Good<'_>| g.text(twice(g.value, at).unwrap_or_default());
            faults.push((format!("{at} twice"), TWICE, Arc::new(change)));
        }
        Ok(faults)
    }
}

/// Returns `good` with another value at `pointer`.
pub(super) fn with_value(good: &Value, pointer: &str, value: Value) -> Value {
    let mut changed = good.clone();
    if let Some(place) = changed.pointer_mut(pointer) {
        *place = value;
    }
    changed
}

/// Returns `good` without the value at `pointer`.
fn without(good: &Value, pointer: &str) -> Value {
    let mut changed = good.clone();
    let (parent, name) = split(pointer);
    match changed.pointer_mut(parent) {
        Some(Value::Object(map)) => drop(map.remove(&name)),
        Some(Value::Array(list)) => {
            if let Some(at) = name.parse().ok().filter(|at| *at < list.len()) {
                list.remove(at);
            }
        }
        _ => {}
    }
    changed
}

/// Returns the text of `good` with the field at `pointer` twice in its object; `None` for an item of a list, which has no name.
fn twice(good: &Value, pointer: &str) -> Option<String> {
    let (parent, name) = split(pointer);
    let object = good.pointer(parent)?.as_object()?;
    let value = object.get(&name)?;
    // A text that occurs nowhere else marks the place.
    let mark = "auths-fault-mark";
    let marked = with_value(good, parent, json!(mark));
    let fields: Vec<_> = object
        .iter()
        .map(|(name, value)| format!("{}:{value}", json!(name)))
        .collect();
    let doubled = format!("{{{},{}:{value}}}", fields.join(","), json!(name));
    Some(
        marked
            .to_string()
            .replacen(&json!(mark).to_string(), &doubled, 1),
    )
}

fn split(pointer: &str) -> (&str, String) {
    let (parent, name) = pointer.rsplit_once('/').unwrap_or_default();
    (parent, name.replace("~1", "/").replace("~0", "~"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_made_of_a_field() {
        let good = json!({ "a": { "b/c": [1, 2] } });
        assert_eq!(without(&good, "/a/b~1c"), json!({ "a": {} }));
        assert_eq!(without(&good, "/a/b~1c/0"), json!({ "a": { "b/c": [2] } }));
        assert_eq!(
            twice(&good, "/a/b~1c").unwrap(),
            r#"{"a":{"b/c":[1,2],"b/c":[1,2]}}"#
        );
        assert_eq!(
            twice(&good, "/a").unwrap(),
            r#"{"a":{"b/c":[1,2]},"a":{"b/c":[1,2]}}"#
        );
        assert_eq!(twice(&good, "/a/b~1c/0"), None);
        let names = |field: Field| -> Vec<String> {
            let faults = field.faults(&good).unwrap();
            faults.into_iter().map(|(name, ..)| name).collect()
        };
        assert_eq!(names(Field::new("/a")).len(), 11);
        assert_eq!(names(Field::new("/a/b~1c")).len(), 10);
        assert_eq!(names(Field::new("/a/b~1c/0")).len(), 9);
        assert!(Field::new("/b").faults(&good).is_err());
        assert!(Field::new("/a").closed().faults(&good).is_err());
        let role = json!({ "role": "owner" });
        let faults = Field::new("/role").closed().faults(&role).unwrap();
        let is_unknown = |(name, ..): &(String, Expect, Change)| name == "/role an unknown word";
        assert!(faults.iter().any(is_unknown));
    }
}
