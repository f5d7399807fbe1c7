//! JSON objects that are objects.

use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// A struct that is read from an object alone.
///
/// What serde derives for a struct also takes a list, for its fields in their order: a second form that no server documents.
/// Adapters wrap every struct that they read from outside, at every level.
///
/// ```
/// use auths_http::Object;
///
/// #[derive(Debug, serde::Deserialize)]
/// struct Role {
///     user: String,
/// }
///
/// let Object(role) = serde_json::from_str::<Object<Role>>(r#"{"user":"alice"}"#)?;
/// assert_eq!(role.user, "alice");
/// assert!(serde_json::from_str::<Role>(r#"["alice"]"#).is_ok());
/// assert!(serde_json::from_str::<Object<Role>>(r#"["alice"]"#).is_err());
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object<T>(pub T);

impl<T> Deref for Object<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Fields<T> {
            type Value = Object<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<M: MapAccess<'de>>(self, map: M) -> Result<Self::Value, M::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(Object)
            }
        }

        deserializer.deserialize_map(Fields(PhantomData))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    struct Role {
        user: String,
    }

    #[test]
    fn a_list_is_no_object() {
        let role = |text: &str| serde_json::from_str::<Object<Role>>(text);
        assert_eq!(role(r#"{"user":"alice","x":1}"#).unwrap().user, "alice");
        for text in [r#"["alice"]"#, "[]", "null", "\"alice\"", "{}", "7"] {
            assert!(role(text).is_err(), "{text}");
        }
        assert!(role(r#"{"user":"alice","user":"bob"}"#).is_err());
    }
}
