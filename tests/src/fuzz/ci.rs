//! ID tokens, their claims, and the keys of their issuers.

use auths_adapters_ci::fuzzing;
use auths_core::ci::{CiIssuer, CiProvider};
use serde_json::Value;

use super::claims::text;

/// Reads an ID token, its payload and a key set. What was read of a payload stands in it, a payload is of one platform, and a set
/// with a usable key is small.
///
/// The input is tried as a token, as the payload of a token whose signature holds, and as a key set.
pub fn ci_token(data: &[u8]) -> bool {
    let is_token = text(data).is_some_and(fuzzing::token);
    let read = CiProvider::ALL.map(|provider| {
        let issuer = CiIssuer::public(provider).unwrap();
        fuzzing::identity(data, &issuer)
    });
    for identity in read.iter().flatten() {
        // A claim that nobody looks at may hold half a surrogate pair, which this reader refuses.
        let Ok(payload) = serde_json::from_slice::<Value>(data) else {
            continue;
        };
        let said: Vec<_> = payload.as_object().unwrap().values().collect();
        let parts = identity.parts();
        for id in [parts.repository.id, parts.owner.id] {
            let is_said = |value: &&&Value| {
                **value == &Value::from(id.get()) || value.as_str() == Some(&id.to_string())
            };
            assert!(said.iter().any(|value| is_said(&value)), "{id} is nowhere");
        }
        for name in [
            parts.repository.name.as_str(),
            parts.owner.name.as_str(),
            parts.workflow.as_str(),
        ] {
            assert!(
                said.iter().any(|value| value.as_str() == Some(name)),
                "{name} is nowhere"
            );
        }
        let written = serde_json::to_string(identity).unwrap();
        assert!(!written.contains(char::is_control));
    }
    let keys = fuzzing::keys(data);
    assert!(keys.is_none_or(|keys| (1..=64).contains(&keys)));
    is_token || read.iter().any(Option::is_some) || keys.is_some()
}
