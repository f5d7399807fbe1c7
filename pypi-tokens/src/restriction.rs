//! The meaning of a caveat.

use std::fmt;

use auths_core::{Timestamp, escape};
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

/// A restriction: a condition for the token to be valid.
///
/// Times are Unix seconds as they stand in the token, which may be any. Times beyond 64 bits become the end of the range.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind")]
#[non_exhaustive]
pub enum Restriction {
    /// `[0, end, start]`: from the first second to before the last.
    #[serde(rename = "date")]
    Date {
        /// The first second at which the token is valid.
        not_before: i64,
        /// The first second at which the token is no longer valid.
        not_after: i64,
    },
    /// `[1, [names]]`: only these projects, by normalised name (PEP 503).
    #[serde(rename = "project-names")]
    ProjectNames {
        /// The names of the projects. With an empty list the token is valid for nothing.
        names: Vec<String>,
    },
    /// `[2, [ids]]`: only these projects, by id.
    #[serde(rename = "project-ids")]
    ProjectIds {
        /// The ids of the projects, lower-case UUIDs.
        ids: Vec<String>,
    },
    /// `[3, id]`: only this user.
    #[serde(rename = "user-id")]
    UserId {
        /// The user's id, a lower-case UUID.
        id: String,
    },
    /// `[4, id]`, `[4, id, claims]`: only this trusted publisher, for its projects. PyPI makes this restriction, and only PyPI
    /// can check it.
    #[serde(rename = "oidc-publisher")]
    OidcPublisher {
        /// The publisher's id.
        id: String,
        /// The publisher's identity claims at the time when the token was made, where the caveat holds them. PyPI no longer
        /// compares them.
        #[serde(skip_serializing_if = "Option::is_none")]
        claims: Option<Map<String, Value>>,
    },
    /// `{"version": 1, "permissions": "user"}`: everything that the user may do, if there is a user.
    #[serde(rename = "legacy-noop")]
    LegacyNoop,
    /// `{"version": 1, "permissions": {"projects": [names]}}`: only these projects, by name.
    #[serde(rename = "legacy-project-names")]
    LegacyProjectNames {
        /// The names of the projects, as they were written.
        names: Vec<String>,
    },
    /// `{"nbf": start, "exp": end}`: the meaning of [`Date`](Self::Date).
    #[serde(rename = "legacy-date")]
    LegacyDate {
        /// The first second at which the token is valid.
        not_before: i64,
        /// The first second at which the token is no longer valid.
        not_after: i64,
    },
    /// `{"project_ids": [ids]}`: only these projects, by id. Only PyPI reads it.
    #[serde(rename = "legacy-project-ids")]
    LegacyProjectIds {
        /// The ids of the projects.
        ids: Vec<String>,
    },
    /// A caveat that is not understood, and so is never met.
    #[serde(rename = "unknown")]
    Unknown {
        /// The caveat's bytes.
        #[serde(serialize_with = "lossy")]
        caveat: Vec<u8>,
    },
    /// A caveat that a third party would have to discharge. PyPI has none, so it is never met.
    #[serde(rename = "third-party")]
    ThirdParty {
        /// The third party, as the caveat says.
        location: String,
    },
}

fn lossy<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&String::from_utf8_lossy(bytes))
}

/// Writes the restriction in words. Hidden characters in the token's own text are written out.
impl fmt::Display for Restriction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Date {
                not_before,
                not_after,
            }
            | Self::LegacyDate {
                not_before,
                not_after,
            } => {
                let (from, to) = (time(*not_before), time(*not_after));
                write!(f, "only from {from} to before {to}")
            }
            Self::ProjectNames { names } | Self::LegacyProjectNames { names } => {
                write!(f, "only for the project {}", list(names))
            }
            Self::ProjectIds { ids } | Self::LegacyProjectIds { ids } => {
                write!(f, "only for the project with id {}", list(ids))
            }
            Self::UserId { id } => write!(f, "only for the user with id {id:?}"),
            Self::OidcPublisher { id, claims } => {
                write!(f, "only for the trusted publisher with id {id:?}")?;
                match claims {
                    Some(claims) => {
                        let claims = Value::Object(claims.clone()).to_string();
                        write!(f, ", made for {}", escape(&claims))
                    }
                    None => Ok(()),
                }
            }
            Self::LegacyNoop => {
                f.write_str("whatever its user may (this restricts nothing, but asks for a user)")
            }
            Self::Unknown { caveat } => {
                let text = String::from_utf8_lossy(caveat);
                write!(f, "something that is not understood: {text:?}")
            }
            Self::ThirdParty { location } => {
                write!(f, "something that {location:?} would have to discharge")
            }
        }
    }
}

fn time(unix: i64) -> String {
    Timestamp::from_unix(unix).map_or_else(|_| format!("second {unix}"), |t| t.to_string())
}

fn list(items: &[String]) -> String {
    if items.is_empty() {
        return "of an empty list, which is none".to_owned();
    }
    let quoted: Vec<_> = items.iter().map(|item| format!("{item:?}")).collect();
    quoted.join(" or ")
}
