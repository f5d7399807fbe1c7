//! The answer of a simulated service.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

use serde_json::Value;

/// The content type of JSON.
const JSON: &str = "application/json";

/// An answer of a simulated service.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SimulatedAnswer {
    /// The status.
    pub status: u16,
    /// The media type of the body.
    pub content_type: &'static str,
    /// The other headers, with names in lower case, such as the validator.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: String,
}

impl SimulatedAnswer {
    pub(super) fn new(status: u16, content_type: &'static str, body: impl Into<String>) -> Self {
        Self {
            status,
            content_type,
            headers: Vec::new(),
            body: body.into(),
        }
    }

    pub(super) fn json(status: u16, body: &Value) -> Self {
        Self::new(status, JSON, body.to_string())
    }

    pub(super) fn with_header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Adds an `ETag` that is the hash of the body.
    pub(super) fn with_etag(self) -> Self {
        let tag = format!("\"{:016x}\"", hash(&self.body));
        self.with_header("etag", tag)
    }

    /// Adds a weak `ETag` that is the hash of the body.
    pub(super) fn with_weak_etag(self) -> Self {
        let tag = format!("W/\"{:016x}\"", hash(&self.body));
        self.with_header("etag", tag)
    }
}

/// Returns a hash that is the same in every run of one build.
pub(super) fn hash(of: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    of.hash(&mut hasher);
    hasher.finish()
}
