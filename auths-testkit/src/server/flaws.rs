//! Mistakes of a simulated registry, which would otherwise look like those of the adapter.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::Value;

use super::{Received, Reply, Shape};
use crate::world::RegistryFault;

/// What was seen to be wrong with a simulated registry.
#[derive(Debug, Default)]
pub(super) struct Flaws {
    seen: BTreeSet<String>,
    /// For each part that a fault is made in: why the answers had none, or `None` where one of them had it.
    parts: BTreeMap<&'static str, Option<String>>,
}

/// The last validator of each address, with its answer, while one world lasts.
#[derive(Debug, Default)]
pub(super) struct Tags(HashMap<(String, Option<String>), (String, Vec<u8>)>);

impl Flaws {
    /// Looks at a good answer, before `trouble` is made of it.
    pub(super) fn look(
        &mut self,
        request: &Received,
        reply: &Reply,
        trouble: Option<RegistryFault>,
        shape: Shape,
        tags: &mut Tags,
    ) {
        let path = &request.path;
        if reply.status == 404 && reply.body.is_empty() {
            self.seen.insert(format!(
                "it has no answer for {path}. Does the adapter ask for the right address?"
            ));
        }
        if reply.status != 200 {
            return;
        }
        if let Some(tag) = tags.stayed(request, reply) {
            self.seen.insert(format!(
                "the answer of {path} changed, and its `ETag` stayed {tag}. Make it from `project.serial()`"
            ));
        }
        let is_list = |value: &Value| value.is_array() || value.is_object();
        match trouble {
            Some(RegistryFault::OtherName) => {
                self.part(
                    "Shape::name",
                    shape.name,
                    "text",
                    path,
                    reply,
                    Value::is_string,
                );
            }
            Some(RegistryFault::OwnersMissing | RegistryFault::OwnersEmpty) => {
                self.part("Shape::owners", shape.owners, "list", path, reply, is_list);
            }
            _ => {}
        }
    }

    fn part(
        &mut self,
        field: &'static str,
        pointer: &str,
        kind: &str,
        path: &str,
        reply: &Reply,
        is_kind: impl Fn(&Value) -> bool,
    ) {
        let body = serde_json::from_slice::<Value>(&reply.body).unwrap_or_default();
        let flaw = match body.pointer(pointer) {
            Some(value) if is_kind(value) => {
                self.parts.insert(field, None);
                return;
            }
            Some(_) => format!("`{field}` (`{pointer}`) is no {kind} in the answer of {path}"),
            None => format!("`{field}` (`{pointer}`) is not in the answer of {path}"),
        };
        self.parts.entry(field).or_insert(Some(flaw));
    }

    /// Returns what was seen since the last call.
    pub(super) fn take(&mut self) -> Vec<String> {
        let Self { seen, parts } = std::mem::take(self);
        parts.into_values().flatten().chain(seen).collect()
    }
}

impl Tags {
    /// Returns the validator of `reply` if an answer with another body had the same one.
    fn stayed(&mut self, request: &Received, reply: &Reply) -> Option<String> {
        let tag = reply.headers.iter().find(|(name, _)| name == "etag");
        let (_, tag) = tag?.clone();
        let address = (request.path.clone(), request.query.clone());
        let before = self.0.insert(address, (tag.clone(), reply.body.clone()));
        before
            .is_some_and(|(before, body)| before == tag && body != reply.body)
            .then_some(tag)
    }
}
