//! The registry faults of the conformance suites, as answers.

use crate::world::RegistryFault;
use serde_json::Value;

use super::fault::Fault;
use super::reply::Reply;

/// The places in a JSON answer of the name that it is about and of the owners, as JSON pointers (RFC 6901).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// The pointer to the name, such as `/name`.
    pub name: &'static str,
    /// The pointer to the list of owners, such as `/owners`; empty where the answer itself is the list.
    pub owners: &'static str,
}

impl Reply {
    /// Returns the answer of a registry with the fault `trouble`, made from its good answer. An answer without the part that the
    /// fault is about, such as a 404, stays as it is.
    ///
    /// ```
    /// use auths_testkit::world::RegistryFault;
    /// use auths_testkit::server::{Reply, Server, Shape};
    ///
    /// const SHAPE: Shape = Shape { name: "/name", owners: "/owners" };
    /// let server = Server::start(|_| {
    ///     let good = Reply::json(200, serde_json::json!({ "name": "six", "owners": ["alice"] }));
    ///     good.in_trouble(Some(RegistryFault::OwnersEmpty), SHAPE)
    /// });
    /// # drop(server);
    /// ```
    #[must_use]
    pub fn in_trouble(self, trouble: Option<RegistryFault>, shape: Shape) -> Self {
        match trouble {
            None => self,
            Some(RegistryFault::Forbidden) => Self::status(403),
            Some(RegistryFault::Throttled) => {
                let seconds = RegistryFault::RETRY_AFTER.as_secs().to_string();
                Self::status(429).header("retry-after", &seconds)
            }
            Some(RegistryFault::ServerError) => Self::status(503),
            Some(RegistryFault::Silent) => self.with_fault(Fault::StallBeforeHead),
            Some(RegistryFault::Cut) => self.with_fault(Fault::CutBody),
            Some(RegistryFault::OtherFormat) => Self::bytes(200, "text/html", "<html>hello</html>"),
            Some(RegistryFault::NoBody) => self.edited(|body| body.clear()),
            Some(RegistryFault::OtherName) => self.with_json(shape.name, |name| {
                *name = Value::from(format!("{}-other", name.as_str().unwrap_or_default()));
            }),
            Some(RegistryFault::OwnersMissing) => self.without_json(shape.owners),
            Some(RegistryFault::OwnersEmpty) => self.with_json(shape.owners, |owners| {
                *owners = Value::Array(Vec::new());
            }),
            Some(RegistryFault::OldCopy) => self.from_cache(RegistryFault::COPY_AGE),
        }
    }

    /// Removes the validators, so that no conditional request finds the answer unchanged.
    #[cfg(feature = "faults")]
    pub(super) fn untagged(self) -> Self {
        self.edited(|_| ())
    }

    /// Changes the body and removes the validators, which belong to the former body.
    fn edited(mut self, edit: impl FnOnce(&mut Vec<u8>)) -> Self {
        edit(&mut self.body);
        self.headers.retain(|(name, _)| name != "etag");
        self
    }

    fn with_json(self, pointer: &str, edit: impl FnOnce(&mut Value)) -> Self {
        self.edited(|bytes| {
            if let Ok(mut body) = serde_json::from_slice::<Value>(bytes)
                && let Some(value) = body.pointer_mut(pointer)
            {
                edit(value);
                *bytes = body.to_string().into_bytes();
            }
        })
    }

    fn without_json(self, pointer: &str) -> Self {
        if pointer.is_empty() {
            // A bare list cannot be missing: something else is in its place.
            return self.with_json(pointer, |list| *list = Value::Object(Default::default()));
        }
        let (parent, key) = pointer.rsplit_once('/').unwrap_or(("", pointer));
        self.with_json(parent, |parent| {
            if let Some(parent) = parent.as_object_mut() {
                parent.remove(key);
            }
        })
    }
}
