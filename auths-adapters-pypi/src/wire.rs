//! The needed parts of PyPI's answers. Everything else in them is skipped without being kept.
//!
//! Sources: the Warehouse documentation of the JSON API, PEP 691 and PEP 792 for the simple index. `docs/platform-facts.md` has
//! the facts, P1 to P14.

use std::collections::BTreeSet;
use std::fmt;

use auths_core::Unavailable;
use auths_http::{ListEntry, Object, Pairs};
use serde::Deserialize;
use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// `GET /pypi/{name}/json`.
#[derive(Debug, Deserialize)]
pub(crate) struct ProjectAnswer {
    pub(crate) info: Object<ReleaseInfo>,
    /// An odd one says as much as none: where it is needed, it is missing.
    #[serde(default)]
    pub(crate) last_serial: SerialField,
    #[serde(default)]
    pub(crate) releases: Option<Pairs<ReleaseFiles>>,
    #[serde(default)]
    pub(crate) ownership: ProjectOwnership,
}

/// `GET /pypi/{name}/{version}/json`.
#[derive(Debug, Deserialize)]
pub(crate) struct ReleaseAnswer {
    pub(crate) info: Object<ReleaseInfo>,
    #[serde(default)]
    pub(crate) last_serial: Option<u64>,
}

/// The metadata of one release. A fault in a value affects only that release.
#[derive(Debug, Deserialize)]
pub(crate) struct ReleaseInfo {
    #[serde(default)]
    name: PlainValue,
    #[serde(default)]
    pub(crate) version: PlainValue,
    #[serde(default)]
    pub(crate) project_urls: ProjectUrls,
    #[serde(default)]
    pub(crate) keywords: PlainValue,
    #[serde(default)]
    pub(crate) home_page: PlainValue,
}

impl ReleaseInfo {
    /// Returns the project's name.
    pub(crate) fn name(&self) -> Result<&str, Unavailable> {
        let name = self.name.text();
        name.ok_or_else(|| Unavailable::missing_field("info.name"))
    }
}

/// A value that has a meaning only where it is plain.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum PlainValue {
    #[default]
    Missing,
    Null,
    Bool(bool),
    Text(String),
    /// Any other value.
    Odd,
}

impl PlainValue {
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// The field `project_urls`: the URLs under its labels. Each label occurs once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum ProjectUrls {
    #[default]
    Missing,
    Null,
    Listed(Vec<String>),
    Odd,
}

/// A serial, or something else, which is then none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct SerialField(pub(crate) Option<u64>);

/// The files of one release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ReleaseFiles {
    Listed(Vec<ReleaseFile>),
    Odd,
}

impl ReleaseFiles {
    pub(crate) fn listed(&self) -> &[ReleaseFile] {
        match self {
            Self::Listed(files) => files,
            Self::Odd => &[],
        }
    }
}

/// One file of a release.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ReleaseFile {
    pub(crate) upload_time: PlainValue,
    pub(crate) yanked: PlainValue,
}

/// Implements the visits of JSON values that have no meaning here, and passes over their content.
macro_rules! odd {
    ($odd:expr; $($visit:ident $of:ty),*) => {
        $(fn $visit<E: Error>(self, _: $of) -> Result<Self::Value, E> { Ok($odd) })*
    };
    (list $odd:expr) => {
        fn visit_seq<S: SeqAccess<'de>>(self, mut seq: S) -> Result<Self::Value, S::Error> {
            while seq.next_element::<IgnoredAny>()?.is_some() {}
            Ok($odd)
        }
    };
    (object $odd:expr) => {
        fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
            while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            Ok($odd)
        }
    };
}

impl<'de> Deserialize<'de> for SerialField {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AnyVisitor;

        impl<'de> Visitor<'de> for AnyVisitor {
            type Value = SerialField;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a serial")
            }

            fn visit_unit<E: Error>(self) -> Result<SerialField, E> {
                Ok(SerialField(None))
            }

            fn visit_u64<E: Error>(self, serial: u64) -> Result<SerialField, E> {
                Ok(SerialField(Some(serial)))
            }

            odd! { SerialField(None); visit_bool bool, visit_i64 i64, visit_f64 f64, visit_str &str }
            odd! { list SerialField(None) }
            odd! { object SerialField(None) }
        }

        deserializer.deserialize_any(AnyVisitor)
    }
}

impl<'de> Deserialize<'de> for PlainValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AnyVisitor;

        impl<'de> Visitor<'de> for AnyVisitor {
            type Value = PlainValue;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value")
            }

            fn visit_unit<E: Error>(self) -> Result<PlainValue, E> {
                Ok(PlainValue::Null)
            }

            fn visit_bool<E: Error>(self, value: bool) -> Result<PlainValue, E> {
                Ok(PlainValue::Bool(value))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<PlainValue, E> {
                Ok(PlainValue::Text(text.to_owned()))
            }

            odd! { PlainValue::Odd; visit_i64 i64, visit_u64 u64, visit_f64 f64 }
            odd! { list PlainValue::Odd }
            odd! { object PlainValue::Odd }
        }

        deserializer.deserialize_any(AnyVisitor)
    }
}

impl<'de> Deserialize<'de> for ProjectUrls {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AnyVisitor;

        impl<'de> Visitor<'de> for AnyVisitor {
            type Value = ProjectUrls;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("project URLs")
            }

            fn visit_unit<E: Error>(self) -> Result<ProjectUrls, E> {
                Ok(ProjectUrls::Null)
            }

            odd! { ProjectUrls::Odd; visit_bool bool, visit_i64 i64, visit_u64 u64, visit_f64 f64, visit_str &str }
            odd! { list ProjectUrls::Odd }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<ProjectUrls, M::Error> {
                let (mut labels, mut urls, mut is_odd) = (BTreeSet::new(), Vec::new(), false);
                while let Some((label, url)) = map.next_entry::<String, PlainValue>()? {
                    is_odd |= !labels.insert(label);
                    match url {
                        PlainValue::Text(url) => urls.push(url),
                        PlainValue::Null => {}
                        _ => is_odd = true,
                    }
                }
                Ok(if is_odd {
                    ProjectUrls::Odd
                } else {
                    ProjectUrls::Listed(urls)
                })
            }
        }

        deserializer.deserialize_any(AnyVisitor)
    }
}

impl<'de> Deserialize<'de> for ReleaseFiles {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AnyVisitor;

        impl<'de> Visitor<'de> for AnyVisitor {
            type Value = ReleaseFiles;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the files of a release")
            }

            fn visit_unit<E: Error>(self) -> Result<ReleaseFiles, E> {
                Ok(ReleaseFiles::Odd)
            }

            odd! { ReleaseFiles::Odd; visit_bool bool, visit_i64 i64, visit_u64 u64, visit_f64 f64, visit_str &str }
            odd! { object ReleaseFiles::Odd }

            fn visit_seq<S: SeqAccess<'de>>(self, mut seq: S) -> Result<ReleaseFiles, S::Error> {
                let mut files = Some(Vec::new());
                while let Some(MaybeFile(file)) = seq.next_element()? {
                    files = files.zip(file).map(|(mut files, file)| {
                        files.push(file);
                        files
                    });
                }
                Ok(files.map_or(ReleaseFiles::Odd, ReleaseFiles::Listed))
            }
        }

        deserializer.deserialize_any(AnyVisitor)
    }
}

/// A file, or something else.
struct MaybeFile(Option<ReleaseFile>);

impl<'de> Deserialize<'de> for MaybeFile {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AnyVisitor;

        impl<'de> Visitor<'de> for AnyVisitor {
            type Value = MaybeFile;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a file")
            }

            fn visit_unit<E: Error>(self) -> Result<MaybeFile, E> {
                Ok(MaybeFile(None))
            }

            odd! { MaybeFile(None); visit_bool bool, visit_i64 i64, visit_u64 u64, visit_f64 f64, visit_str &str }
            odd! { list MaybeFile(None) }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<MaybeFile, M::Error> {
                let (mut file, mut is_odd) = (ReleaseFile::default(), false);
                while let Some(field) = map.next_key::<FileField>()? {
                    let place = match field {
                        FileField::UploadTime => &mut file.upload_time,
                        FileField::Yanked => &mut file.yanked,
                        FileField::Other => {
                            map.next_value::<IgnoredAny>()?;
                            continue;
                        }
                    };
                    let before = std::mem::replace(place, map.next_value()?);
                    is_odd |= before != PlainValue::Missing;
                }
                Ok(MaybeFile((!is_odd).then_some(file)))
            }
        }

        deserializer.deserialize_any(AnyVisitor)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(field_identifier)]
enum FileField {
    #[serde(rename = "upload_time_iso_8601")]
    UploadTime,
    #[serde(rename = "yanked")]
    Yanked,
    #[serde(other)]
    Other,
}

/// Who may act for the project. Whatever is wrong in it costs the listing alone.
#[derive(Debug, Default)]
pub(crate) enum ProjectOwnership {
    #[default]
    Missing,
    Listed {
        roles: ProjectRoles,
        organization: PlainValue,
    },
    Odd,
}

/// The accounts' roles.
#[derive(Debug, Default)]
pub(crate) enum ProjectRoles {
    #[default]
    Missing,
    Listed(Vec<ListEntry>),
    Odd,
}

impl<'de> Deserialize<'de> for ProjectOwnership {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AnyVisitor;

        impl<'de> Visitor<'de> for AnyVisitor {
            type Value = ProjectOwnership;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("who may act for a project")
            }

            fn visit_unit<E: Error>(self) -> Result<ProjectOwnership, E> {
                Ok(ProjectOwnership::Missing)
            }

            odd! { ProjectOwnership::Odd; visit_bool bool, visit_i64 i64, visit_u64 u64, visit_f64 f64, visit_str &str }
            odd! { list ProjectOwnership::Odd }

            fn visit_map<M: MapAccess<'de>>(
                self,
                mut map: M,
            ) -> Result<ProjectOwnership, M::Error> {
                let (mut roles, mut organization, mut is_odd) = (None, None, false);
                while let Some(field) = map.next_key::<OwnershipField>()? {
                    is_odd |= match field {
                        OwnershipField::Roles => roles.replace(map.next_value()?).is_some(),
                        OwnershipField::Organization => {
                            organization.replace(map.next_value()?).is_some()
                        }
                        OwnershipField::Other => map.next_value::<IgnoredAny>().map(|_| false)?,
                    };
                }
                Ok(match is_odd {
                    true => ProjectOwnership::Odd,
                    false => ProjectOwnership::Listed {
                        roles: roles.unwrap_or_default(),
                        organization: organization.unwrap_or_default(),
                    },
                })
            }
        }

        deserializer.deserialize_any(AnyVisitor)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(field_identifier)]
enum OwnershipField {
    #[serde(rename = "roles")]
    Roles,
    #[serde(rename = "organization")]
    Organization,
    #[serde(other)]
    Other,
}

impl<'de> Deserialize<'de> for ProjectRoles {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AnyVisitor;

        impl<'de> Visitor<'de> for AnyVisitor {
            type Value = ProjectRoles;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the roles of accounts")
            }

            fn visit_unit<E: Error>(self) -> Result<ProjectRoles, E> {
                Ok(ProjectRoles::Missing)
            }

            odd! { ProjectRoles::Odd; visit_bool bool, visit_i64 i64, visit_u64 u64, visit_f64 f64, visit_str &str }
            odd! { object ProjectRoles::Odd }

            fn visit_seq<S: SeqAccess<'de>>(self, mut seq: S) -> Result<ProjectRoles, S::Error> {
                let mut roles = Vec::new();
                while let Some(role) = seq.next_element()? {
                    roles.push(role);
                }
                Ok(ProjectRoles::Listed(roles))
            }
        }

        deserializer.deserialize_any(AnyVisitor)
    }
}

/// `GET /simple/{name}/` as JSON.
#[derive(Debug, Deserialize)]
pub(crate) struct IndexAnswer {
    pub(crate) meta: Object<IndexMeta>,
    pub(crate) name: String,
    #[serde(default, rename = "project-status")]
    pub(crate) project_status: Option<Object<IndexStatus>>,
    pub(crate) files: Vec<IgnoredAny>,
    pub(crate) versions: Vec<IgnoredAny>,
}

/// The metadata of the simple index's answer.
#[derive(Debug, Deserialize)]
pub(crate) struct IndexMeta {
    #[serde(rename = "api-version")]
    pub(crate) api_version: String,
    #[serde(default, rename = "_last-serial")]
    pub(crate) last_serial: Option<u64>,
}

/// A status marker (PEP 792).
#[derive(Debug, Deserialize)]
pub(crate) struct IndexStatus {
    #[serde(default)]
    pub(crate) status: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn info(text: &str) -> Result<ReleaseInfo, serde_json::Error> {
        serde_json::from_str(text)
    }

    #[test]
    fn missing_and_null_differ() {
        assert_eq!(
            info(r#"{"name":"six"}"#).unwrap().keywords,
            PlainValue::Missing
        );
        let null = info(r#"{"name":"six","keywords":null}"#).unwrap();
        assert_eq!(null.keywords, PlainValue::Null);
        let value = info(r#"{"name":"six","keywords":""}"#).unwrap();
        assert_eq!(value.keywords, PlainValue::Text(String::new()));
    }

    #[test]
    fn a_name_that_stands_twice_is_refused() {
        for text in [
            r#"{"name":"six","name":"six"}"#,
            r#"{"name":"six","keywords":null,"keywords":"a"}"#,
        ] {
            assert!(info(text).is_err(), "{text}");
        }
        let urls = info(r#"{"name":"six","project_urls":{"a":"x","a":"y"}}"#);
        assert_eq!(urls.unwrap().project_urls, ProjectUrls::Odd);
    }

    #[test]
    fn unknown_fields_and_deep_ones_are_skipped() {
        let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
        let text = format!(r#"{{"name":"six","description":{deep},"downloads":{{"a":-1,"a":2}}}}"#);
        assert!(
            info(&text).is_ok() || info(&text).is_err_and(|e| e.to_string().contains("recursion"))
        );
    }
}
