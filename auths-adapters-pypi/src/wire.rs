//! PyPI's answers, as far as they are needed. Everything else in them is skipped without being kept.
//!
//! Sources: the Warehouse documentation of the JSON API, PEP 691 and PEP 792 for the simple index.

use auths_http::{Field, Object, Pairs};
use serde::Deserialize;
use serde::de::IgnoredAny;

/// `GET /pypi/{name}/json`.
#[derive(Debug, Deserialize)]
pub(crate) struct ProjectAnswer {
    pub(crate) info: Object<Info>,
    #[serde(default)]
    pub(crate) last_serial: Option<u64>,
    #[serde(default)]
    pub(crate) releases: Option<Pairs<Vec<Object<File>>>>,
    #[serde(default)]
    pub(crate) ownership: Option<Object<Ownership>>,
}

/// `GET /pypi/{name}/{version}/json`.
#[derive(Debug, Deserialize)]
pub(crate) struct ReleaseAnswer {
    pub(crate) info: Object<Info>,
    #[serde(default)]
    pub(crate) last_serial: Option<u64>,
}

/// The metadata of one release.
#[derive(Debug, Deserialize)]
pub(crate) struct Info {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) version: Option<String>,
    #[serde(default)]
    pub(crate) project_urls: Field<Pairs<Option<String>>>,
    #[serde(default)]
    pub(crate) keywords: Field<String>,
    #[serde(default)]
    pub(crate) home_page: Option<String>,
}

/// One file of a release.
#[derive(Debug, Deserialize)]
pub(crate) struct File {
    #[serde(default)]
    pub(crate) upload_time_iso_8601: Option<String>,
    #[serde(default)]
    pub(crate) yanked: Option<bool>,
}

/// Who may act for the project.
#[derive(Debug, Deserialize)]
pub(crate) struct Ownership {
    #[serde(default)]
    pub(crate) roles: Option<Vec<Object<RoleEntry>>>,
    #[serde(default)]
    pub(crate) organization: Field<String>,
}

/// One account's role.
#[derive(Debug, Deserialize)]
pub(crate) struct RoleEntry {
    pub(crate) role: String,
    pub(crate) user: String,
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

/// What the simple index says of itself.
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

    fn info(text: &str) -> Result<Info, serde_json::Error> {
        serde_json::from_str(text)
    }

    #[test]
    fn missing_and_null_differ() {
        assert_eq!(info(r#"{"name":"six"}"#).unwrap().keywords, Field::Missing);
        let null = info(r#"{"name":"six","keywords":null}"#).unwrap();
        assert_eq!(null.keywords, Field::Null);
        let value = info(r#"{"name":"six","keywords":""}"#).unwrap();
        assert_eq!(value.keywords, Field::Value(String::new()));
    }

    #[test]
    fn a_name_that_stands_twice_is_refused() {
        for text in [
            r#"{"name":"six","name":"six"}"#,
            r#"{"name":"six","keywords":null,"keywords":"a"}"#,
            r#"{"name":"six","project_urls":{"a":"x","a":"y"}}"#,
        ] {
            assert!(info(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_list_is_no_object() {
        let role = |text: &str| serde_json::from_str::<Object<RoleEntry>>(text);
        assert_eq!(
            role(r#"{"role":"Owner","user":"alice"}"#).unwrap().user,
            "alice"
        );
        for text in [r#"["Owner","alice"]"#, "[]", "null", "\"Owner\""] {
            assert!(role(text).is_err(), "{text}");
        }
        assert!(role(r#"{"role":"Owner","role":"Owner","user":"alice"}"#).is_err());
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
