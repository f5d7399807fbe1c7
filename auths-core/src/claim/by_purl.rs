//! Serialization of a set of packages with exactly one spelling in signed bytes: in the order of the purls, which any language can
//! sort.

use std::collections::BTreeSet;

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::identity::Namespace;

pub(crate) fn serialize<S: Serializer>(
    set: &BTreeSet<Namespace>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let purls: BTreeSet<String> = set.iter().map(ToString::to_string).collect();
    purls.serialize(serializer)
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeSet<Namespace>, D::Error> {
    let list = Vec::<Namespace>::deserialize(deserializer)?;
    let purls: Vec<String> = list.iter().map(ToString::to_string).collect();
    let (count, is_sorted) = (list.len(), purls.is_sorted_by(|a, b| a < b));
    let set: BTreeSet<Namespace> = list.into_iter().collect();
    // A smaller set means that one name occurred twice, in two spellings.
    if is_sorted && set.len() == count {
        return Ok(set);
    }
    let rule = "namespaces must be sorted, and each stand once";
    Err(D::Error::custom(rule))
}

/// Reads a set that is not empty.
pub(crate) fn deserialize_some<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeSet<Namespace>, D::Error> {
    let set = deserialize(deserializer)?;
    if set.is_empty() {
        return Err(D::Error::custom(
            "namespaces must name at least one package",
        ));
    }
    Ok(set)
}
