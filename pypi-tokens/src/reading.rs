//! Reads caveats as either of the two programs that check them does. The programs differ in which text is which restriction, so
//! each reader follows its own program exactly (docs/guides/pypi-tokens.md has the table).

use serde_json::{Map, Number, Value};

use super::check::UnmetCause;
use super::json::{CaveatJson, JsonList, ListItem};
use super::restriction::Restriction;

/// Reads a caveat as any restriction that either program knows.
pub(super) fn any(caveat: &[u8]) -> Option<Restriction> {
    read_strictly(caveat).ok().or_else(|| {
        let read = as_warehouse(caveat).ok()?;
        // Restrictions that both know are shown only by the strict reading: the other one would skip unexpected parts.
        let theirs = matches!(
            read,
            Restriction::OidcPublisher { .. } | Restriction::LegacyProjectIds { .. }
        );
        theirs.then_some(read)
    })
}

/// Reads a caveat as pypitoken 7 does: exact shapes, and one element that does not fit spoils the caveat.
pub(super) fn read_strictly(caveat: &[u8]) -> Result<Restriction, UnmetCause> {
    match CaveatJson::read(caveat)? {
        CaveatJson::List(list) => strict_list(list),
        CaveatJson::Object(fields) => strict_object(fields),
        CaveatJson::Other => None,
    }
    .ok_or(UnmetCause::NotUnderstood)
}

fn strict_list(JsonList { items, length }: JsonList) -> Option<Restriction> {
    let [ListItem::Number(tag), first, second] = items else {
        return None;
    };
    Some(match (number(&tag)?, length) {
        (0, 3) => Restriction::Date {
            not_before: second.number()?,
            not_after: first.number()?,
        },
        (1, 2) => Restriction::ProjectNames {
            names: first.texts(is_name)?,
        },
        (2, 2) => Restriction::ProjectIds {
            ids: first.texts(is_id)?,
        },
        (3, 2) => Restriction::UserId {
            id: first.text(is_id)?,
        },
        _ => return None,
    })
}

fn strict_object(mut fields: Map<String, Value>) -> Option<Restriction> {
    if fields.len() != 2 {
        return None;
    }
    if let (Some(start), Some(end)) = (fields.get("nbf"), fields.get("exp")) {
        return Some(Restriction::LegacyDate {
            not_before: whole_number(start)?,
            not_after: whole_number(end)?,
        });
    }
    let version = whole_number(fields.get("version")?)?;
    match (version, fields.remove("permissions")?) {
        (1, Value::String(text)) if text == "user" => Some(Restriction::LegacyNoop),
        (1, Value::Object(mut inner)) if inner.len() == 1 => {
            let names = texts(inner.remove("projects")?)?;
            Some(Restriction::LegacyProjectNames { names })
        }
        _ => None,
    }
}

impl ListItem {
    fn number(&self) -> Option<i64> {
        match self {
            Self::Number(value) => number(value),
            _ => None,
        }
    }

    fn text(self, fits: impl Fn(&str) -> bool) -> Option<String> {
        match self {
            Self::Text(text) => fits(&text).then_some(text),
            _ => None,
        }
    }

    fn texts(self, fits: impl Fn(&str) -> bool) -> Option<Vec<String>> {
        match self {
            Self::Texts(texts) => texts.iter().all(|text| fits(text)).then_some(texts),
            _ => None,
        }
    }
}

fn whole_number(value: &Value) -> Option<i64> {
    match value {
        Value::Number(value) => number(value),
        _ => None,
    }
}

/// Reads a whole number, also one written as `1.0`. A number beyond 64 bits becomes the end of the range.
fn number(number: &Number) -> Option<i64> {
    integer(number).or_else(|| whole_float(number))
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "it saturates, which is meant"
)]
fn whole_float(number: &Number) -> Option<i64> {
    let float = number.as_f64().filter(|f| f.fract() == 0.0)?;
    Some(float as i64)
}

/// Reads a whole number that is written as one.
fn integer(number: &Number) -> Option<i64> {
    let beyond = number.as_u64().map(|_| i64::MAX);
    number.as_i64().or(beyond)
}

fn texts(value: Value) -> Option<Vec<String>> {
    match value {
        Value::Array(items) => items.into_iter().map(text).collect(),
        _ => None,
    }
}

fn text(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        _ => None,
    }
}

/// Returns whether a text is a normalised name: `^[a-z0-9](-*[a-z0-9])*$`, in which Python's `$` also matches before a last line
/// end.
fn is_name(text: &str) -> bool {
    let name = text.strip_suffix('\n').unwrap_or(text).as_bytes();
    let ends = name.first().zip(name.last());
    ends.is_some_and(|(first, last)| *first != b'-' && *last != b'-')
        && name.iter().all(is_name_byte)
}

fn is_name_byte(byte: &u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'-'
}

/// Returns whether a text is a UUID in lower case with dashes, with Python's `$`, which also matches before a last line end.
fn is_id(text: &str) -> bool {
    is_uuid(text.strip_suffix('\n').unwrap_or(text))
}

/// Returns whether a text is a UUID in lower case with dashes.
pub(super) fn is_uuid(text: &str) -> bool {
    text.len() == 36 && text.bytes().enumerate().all(fits_in_uuid)
}

fn fits_in_uuid((at, byte): (usize, u8)) -> bool {
    match at {
        8 | 13 | 18 | 23 => byte == b'-',
        _ => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
    }
}

/// Reads a caveat as PyPI's own server does (snapshot of 2026-08-21): parts after the expected ones are skipped, and texts may be
/// any.
pub(super) fn as_warehouse(caveat: &[u8]) -> Result<Restriction, UnmetCause> {
    let whole = WholeNumbers::only(caveat);
    match CaveatJson::read(caveat)? {
        // These values cannot be looked up in its table of tags at all.
        CaveatJson::List(JsonList {
            items:
                [
                    ListItem::Texts(_) | ListItem::Mixed | ListItem::Object(_),
                    ..,
                ],
            ..
        }) => return Err(UnmetCause::Fatal),
        CaveatJson::List(list) => loose_list(list, whole),
        CaveatJson::Object(fields) => loose_object(fields, whole),
        CaveatJson::Other => None,
    }
    .ok_or(UnmetCause::NotUnderstood)
}

fn loose_list(JsonList { items, .. }: JsonList, whole: WholeNumbers) -> Option<Restriction> {
    let [tag, field, second] = items;
    // Looked up as Python does: 1, 1.0 and true are one key.
    let tag = match tag {
        ListItem::Bool(tag) => i64::from(tag),
        other => other.number()?,
    };
    Some(match tag {
        0 => Restriction::Date {
            not_before: whole.of(&second)?,
            not_after: whole.of(&field)?,
        },
        1 => Restriction::ProjectNames {
            names: field.texts(|_| true)?,
        },
        2 => Restriction::ProjectIds {
            ids: field.texts(|_| true)?,
        },
        3 => Restriction::UserId {
            id: field.text(|_| true)?,
        },
        4 => Restriction::OidcPublisher {
            id: field.text(|_| true)?,
            claims: match second {
                ListItem::Absent | ListItem::Null => None,
                ListItem::Object(claims) => Some(claims),
                _ => return None,
            },
        },
        _ => return None,
    })
}

fn loose_object(mut fields: Map<String, Value>, whole: WholeNumbers) -> Option<Restriction> {
    if fields.get("version").is_some_and(is_one) {
        return match fields.remove("permissions")? {
            Value::String(text) if text == "user" => Some(Restriction::LegacyNoop),
            Value::Object(mut inner) => Some(Restriction::LegacyProjectNames {
                names: texts(inner.remove("projects")?)?,
            }),
            _ => None,
        };
    }
    if let (Some(start), Some(end)) = (fields.get("nbf"), fields.get("exp")) {
        return Some(Restriction::LegacyDate {
            not_before: whole.number(start.as_number()?)?,
            not_after: whole.number(end.as_number()?)?,
        });
    }
    let ids = texts(fields.remove("project_ids")?)?;
    Some(Restriction::LegacyProjectIds { ids })
}

/// Returns whether Python takes a value for the number 1, which `true` is there, too.
fn is_one(value: &Value) -> bool {
    *value == Value::Bool(true) || whole_number(value) == Some(1)
}

/// The test whether a caveat writes all its numbers as whole ones. Numbers beyond 64 bits, and `-0`, come out of the JSON reader
/// like fractions, which PyPI's server does not accept as times.
#[derive(Clone, Copy)]
struct WholeNumbers(bool);

impl WholeNumbers {
    fn only(caveat: &[u8]) -> Self {
        let (mut in_text, mut escaped, mut before) = (false, false, 0);
        for &byte in caveat {
            match byte {
                b'"' if !escaped => in_text = !in_text,
                b'.' if !in_text => return Self(false),
                b'e' | b'E' if !in_text && u8::is_ascii_digit(&before) => return Self(false),
                _ => {}
            }
            escaped = in_text && byte == b'\\' && !escaped;
            before = byte;
        }
        Self(true)
    }

    fn of(self, item: &ListItem) -> Option<i64> {
        match item {
            ListItem::Number(value) => self.number(value),
            _ => None,
        }
    }

    fn number(self, value: &Number) -> Option<i64> {
        match self.0 {
            true => number(value),
            false => integer(value),
        }
    }
}
