//! The keys of one issuer, as one answer shows them, and which of them policy allows.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use auths_core::{Unavailable, UnavailableReason};
use serde::{Deserialize, Serialize};

use crate::header::is_key_id;
use crate::key::{ALGORITHM_NAME, KeyMaterial, PublicKey};
use crate::members::{Members, Value};
use crate::wire::KeySetAnswer;

/// The most keys of one issuer that are read.
const MAX_KEYS: usize = 64;

/// Members of a private key. A key that was published with one of them is no secret of its issuer any more.
const PRIVATE: [&str; 7] = ["d", "p", "q", "dp", "dq", "qi", "oth"];

/// The usable keys of one issuer, by their ids. Never empty.
#[derive(Debug)]
pub(crate) struct KeySet {
    keys: BTreeMap<String, Arc<PublicKey>>,
    unusable: BTreeSet<String>,
}

/// What was read of a key set: the material of its usable keys, and the ids of the others.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct KeySetMaterial {
    pub(crate) usable: Vec<KeyMaterial>,
    unusable: BTreeSet<String>,
}

impl KeySet {
    /// Makes a set of the material of its keys.
    pub(crate) fn new(material: KeySetMaterial) -> Self {
        let keys = material.usable.into_iter().filter_map(|material| {
            let key = PublicKey::read(&material)?;
            Some((material.key_id, Arc::new(key)))
        });
        Self {
            keys: keys.collect(),
            unusable: material.unusable,
        }
    }

    /// Returns whether the set lists a key of that id which cannot be used.
    pub(crate) fn has_unusable(&self, key_id: &str) -> bool {
        self.unusable.contains(key_id)
    }

    /// Returns the key of that id.
    pub(crate) fn find(&self, key_id: &str) -> Option<Arc<PublicKey>> {
        self.keys.get(key_id).map(Arc::clone)
    }

    /// Returns the number of keys.
    pub(crate) fn len(&self) -> usize {
        self.keys.len()
    }
}

/// Reads the material of the usable keys in an answer.
///
/// Of keys of other kinds, for other uses, of a size that policy does not allow, or that cannot be read, only the ids are kept.
///
/// # Errors
/// [`Unavailable`] for an empty set, for one without a usable key, for one with more than 64 keys, and for one in which two keys
/// have one id, whatever their kinds.
pub(crate) fn read_keys(answer: &KeySetAnswer) -> Result<KeySetMaterial, Unavailable> {
    if answer.keys.is_empty() {
        return Err(Unavailable::new(
            UnavailableReason::Empty,
            "the set holds no key",
        ));
    }
    if answer.keys.len() > MAX_KEYS {
        return Err(Unavailable::unreadable(format!(
            "the set holds more than {MAX_KEYS} keys"
        )));
    }
    let entries: Vec<_> = answer
        .keys
        .iter()
        .filter_map(|raw| Members::read(raw.get().as_bytes()))
        .collect();
    let mut ids = BTreeSet::new();
    let mut named = entries.iter().filter_map(|entry| entry.text("kid"));
    if !named.all(|id| ids.insert(id)) {
        return Err(Unavailable::unreadable("two keys of the set have one id"));
    }
    let usable: Vec<_> = entries
        .iter()
        .filter_map(|entry| read_key(entry, ALGORITHM_NAME))
        .collect();
    if usable.is_empty() {
        return Err(Unavailable::unreadable(
            "the set holds no key that can be used",
        ));
    }
    let mut unusable: BTreeSet<String> = ids.into_iter().map(Into::into).collect();
    for key in &usable {
        unusable.remove(&key.key_id);
    }
    Ok(KeySetMaterial { usable, unusable })
}

/// Reads the material of one key; `None` where it cannot be used for tokens of this algorithm.
pub(crate) fn read_key(entry: &Members<'_>, algorithm: &str) -> Option<KeyMaterial> {
    let is_rsa = entry.text("kty").as_deref() == Some("RSA");
    let is_private = PRIVATE.iter().any(|name| entry.has(name));
    let is_for_tokens = is_absent_or(entry, "use", "sig")
        && is_absent_or(entry, "alg", algorithm)
        && may_verify(entry);
    if entry.has_doubled() || !is_rsa || is_private || !is_for_tokens {
        return None;
    }
    let material = KeyMaterial {
        key_id: entry.text("kid").filter(|id| is_key_id(id))?.into_owned(),
        modulus: entry.text("n")?.into_owned(),
        exponent: entry.text("e")?.into_owned(),
    };
    PublicKey::read(&material).map(|_| material)
}

fn is_absent_or(entry: &Members<'_>, name: &str, word: &str) -> bool {
    match entry.get(name) {
        None => true,
        Some(Value::Text(text)) => text == word,
        Some(_) => false,
    }
}

/// Returns whether `key_ops` is absent or lists `verify`.
fn may_verify(entry: &Members<'_>) -> bool {
    entry.raw("key_ops").is_none_or(|raw| {
        let operations: Result<Vec<String>, _> = serde_json::from_str(raw);
        operations.is_ok_and(|operations| operations.iter().any(|operation| operation == "verify"))
    })
}

#[cfg(test)]
mod tests {
    use auths_testkit::issuer::SigningKey;
    use serde_json::{Value as Json, json};

    use super::*;

    fn read(keys: Json) -> Result<usize, UnavailableReason> {
        let answer = serde_json::from_str(&json!({ "keys": keys }).to_string()).unwrap();
        let read = read_keys(&answer).map_err(|error| error.reason)?;
        let usable = read.usable.len();
        assert_eq!(KeySet::new(read).len(), usable);
        Ok(usable)
    }

    /// A key with one member changed.
    fn with(name: &str, value: Json) -> Json {
        let mut key = SigningKey::shared(0).public_jwk();
        key[name] = value;
        key
    }

    #[test]
    fn a_key_is_used_only_as_it_says() {
        let good = SigningKey::shared(0).public_jwk();
        assert_eq!(read(json!([good])), Ok(1));
        let unusable = Err(UnavailableReason::Unreadable);
        for (name, value, expected) in [
            ("use", json!("sig"), Ok(1)),
            ("use", json!("enc"), unusable),
            ("use", json!(null), unusable),
            ("alg", json!("RS256"), Ok(1)),
            ("alg", json!("RS512"), unusable),
            ("alg", json!("PS256"), unusable),
            ("alg", json!(7), unusable),
            ("key_ops", json!(["verify"]), Ok(1)),
            ("key_ops", json!(["sign", "verify"]), Ok(1)),
            ("key_ops", json!(["sign"]), unusable),
            ("key_ops", json!([]), unusable),
            ("key_ops", json!("verify"), unusable),
            ("kty", json!("oct"), unusable),
            ("kty", json!("EC"), unusable),
            ("kty", json!("rsa"), unusable),
            ("kid", json!(""), unusable),
            ("kid", json!("a\nb"), unusable),
            ("kid", json!(7), unusable),
            ("n", json!("AQAB"), unusable),
            ("n", json!("!"), unusable),
            ("e", json!("AQ"), unusable),
            ("e", json!("AQAA"), unusable),
            ("d", json!("AQAB"), unusable),
            ("x5c", json!(["AQAB"]), Ok(1)),
        ] {
            assert_eq!(
                read(json!([with(name, value.clone())])),
                expected,
                "{name}: {value}"
            );
        }
        for name in ["kty", "kid", "n", "e"] {
            let mut key = good.clone();
            key.as_object_mut().unwrap().remove(name);
            assert_eq!(read(json!([key])), unusable, "without {name}");
        }
    }

    #[test]
    fn what_cannot_be_used_spoils_no_other_key() {
        let good = SigningKey::shared(0).public_jwk();
        let others = json!([{ "kty": "OKP", "kid": "ed" }, 7, null, [], { "kty": "RSA", "kid": "x", "n": "AQAB", "e": "AQAB" }, good]);
        assert_eq!(read(others), Ok(1));
        let both = json!([good, SigningKey::shared(1).public_jwk()]);
        assert_eq!(read(both), Ok(2));
    }

    #[test]
    fn sets_that_are_refused_whole() {
        let good = SigningKey::shared(0).public_jwk();
        assert_eq!(read(json!([])), Err(UnavailableReason::Empty));
        assert_eq!(
            read(json!([good, good])),
            Err(UnavailableReason::Unreadable)
        );
        let alien = json!({ "kty": "OKP", "kid": good["kid"] });
        assert_eq!(
            read(json!([good, alien])),
            Err(UnavailableReason::Unreadable)
        );
        let many: Vec<_> = (0..65)
            .map(|n| with("kid", json!(format!("k{n}"))))
            .collect();
        assert_eq!(read(json!(many)), Err(UnavailableReason::Unreadable));
        assert_eq!(read(json!(many[..64])), Ok(64));
    }
}
