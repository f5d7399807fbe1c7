//! The server that an adapter asks.

use auths_core::Origin;

/// The server that an adapter asks, and whether it is the public one of its service.
///
/// ```
/// use auths_http::Endpoint;
///
/// const PUBLIC: &str = "https://registry.example";
///
/// assert!(Endpoint::new(PUBLIC.parse()?, PUBLIC).is_public());
/// let mirror = Endpoint::new("https://mirror.example".parse()?, PUBLIC);
/// assert!(!mirror.is_public());
/// assert_eq!(mirror.configured(), Some(mirror.origin()));
/// # Ok::<(), auths_core::OriginError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    origin: Origin,
    is_public: bool,
}

impl Endpoint {
    /// Creates the endpoint at `origin`. It is the public one if `public`, the address of the public service, is the same origin,
    /// in any spelling.
    #[must_use]
    pub fn new(origin: Origin, public: &str) -> Self {
        Self {
            is_public: public.parse().is_ok_and(|public: Origin| public == origin),
            origin,
        }
    }

    /// Returns the origin of the server.
    #[must_use]
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Returns whether it is the public server.
    #[must_use]
    pub fn is_public(&self) -> bool {
        self.is_public
    }

    /// Returns the server as it is written in namespaces and accounts: `None` for the public one.
    #[must_use]
    pub fn configured(&self) -> Option<&Origin> {
        (!self.is_public).then_some(&self.origin)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_public_address_is_public_in_any_spelling() {
        const PUBLIC: &str = "https://registry.example";
        let is_public = |origin: &str| Endpoint::new(origin.parse().unwrap(), PUBLIC).is_public();
        assert!(is_public("https://Registry.Example/"));
        for other in [
            "https://registry.example:8443",
            "https://registry.example/base",
            "https://mirror.example",
            "http://127.0.0.1:1",
        ] {
            assert!(!is_public(other), "{other}");
        }
        let local: Origin = "http://127.0.0.1:1".parse().unwrap();
        assert!(!Endpoint::new(local, "no address").is_public());
    }
}
