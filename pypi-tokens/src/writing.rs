//! Writes caveats byte for byte as Python's `json.dumps` does, and so as pypitoken does.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::Formatter;

use super::restriction::Restriction;

/// Returns the caveat of a restriction. For a restriction that is not understood, returns its original bytes.
pub(super) fn caveat(restriction: &Restriction) -> Vec<u8> {
    match restriction {
        Restriction::Date {
            not_before,
            not_after,
        } => dump(&(0, not_after, not_before)),
        Restriction::ProjectNames { names } => dump(&(1, names)),
        Restriction::ProjectIds { ids } => dump(&(2, ids)),
        Restriction::UserId { id } => dump(&(3, id)),
        Restriction::OidcPublisher { id, claims: None } => dump(&(4, id)),
        Restriction::OidcPublisher {
            id,
            claims: Some(claims),
        } => dump(&(4, id, claims)),
        Restriction::LegacyNoop => dump(&Version1 {
            version: 1,
            permissions: "user",
        }),
        Restriction::LegacyProjectNames { names: projects } => dump(&Version1 {
            version: 1,
            permissions: ProjectsCaveat { projects },
        }),
        Restriction::LegacyDate {
            not_before: nbf,
            not_after: exp,
        } => dump(&TimesCaveat { nbf, exp }),
        Restriction::LegacyProjectIds { ids: project_ids } => dump(&IdsCaveat { project_ids }),
        Restriction::Unknown { caveat } => caveat.clone(),
        // Never written: no constructor makes one.
        Restriction::ThirdParty { .. } => Vec::new(),
    }
}

// A caveat of version 1. The order of the fields is the order of the bytes.

#[derive(Serialize)]
struct Version1<P> {
    version: u8,
    permissions: P,
}

#[derive(Serialize)]
struct ProjectsCaveat<'a> {
    projects: &'a [String],
}

#[derive(Serialize)]
struct TimesCaveat<'a> {
    nbf: &'a i64,
    exp: &'a i64,
}

#[derive(Serialize)]
struct IdsCaveat<'a> {
    project_ids: &'a [String],
}

fn dump(value: &impl Serialize) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut writer = serde_json::Serializer::with_formatter(&mut bytes, PythonFormatter);
    // Neither these values nor a vector can fail.
    let written = value.serialize(&mut writer);
    debug_assert!(written.is_ok());
    bytes
}

/// A formatter that writes a blank after `,` and `:`, and escapes everything beyond ASCII.
struct PythonFormatter;

impl Formatter for PythonFormatter {
    fn begin_array_value<W: ?Sized + Write>(&mut self, w: &mut W, first: bool) -> io::Result<()> {
        write_separator(w, first)
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, w: &mut W, first: bool) -> io::Result<()> {
        write_separator(w, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, w: &mut W) -> io::Result<()> {
        w.write_all(b": ")
    }

    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        w: &mut W,
        text: &str,
    ) -> io::Result<()> {
        let mut units = [0; 2];
        for c in text.chars() {
            match c {
                ' '..='~' => write!(w, "{c}")?,
                _ => {
                    for unit in c.encode_utf16(&mut units) {
                        write!(w, "\\u{unit:04x}")?;
                    }
                }
            }
        }
        Ok(())
    }
}

fn write_separator<W: ?Sized + Write>(w: &mut W, first: bool) -> io::Result<()> {
    w.write_all(if first { b"" } else { b", " })
}
