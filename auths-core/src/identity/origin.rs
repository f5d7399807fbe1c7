//! Origins: the scheme, host, port and base path of a server.

use std::borrow::Cow;
use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use url::{Host, Url};

use super::text::cut;
use crate::codes::{Invalid, Reason};
use crate::tokens::{FoundToken, TokenKind, find_token, shown};

/// The maximum length of a written origin. Escaped once more, it must fit into the purl of a namespace.
const MAX_LEN: usize = 400;

/// A server that an adapter talks to, public or configured: `https://registry.example/base`.
///
/// An origin has at most 400 characters. Its host consists of letters, digits, `-`, `_` and `.`, or is an IP address.
///
/// The scheme is https, except for literal loopback addresses (127.0.0.0/8, `[::1]`), which test servers use. An origin never has
/// a user name, a query or a fragment. Addresses below an origin are built segment by segment, so that no name can change the
/// host, the depth or the query.
///
/// ```
/// use auths_core::Origin;
///
/// let origin: Origin = "https://registry.example/base/".parse()?;
/// assert_eq!(origin.to_string(), "https://registry.example/base");
/// assert_eq!(origin.at(&["a?b", "c/d"])?.as_str(), "https://registry.example/base/a%3Fb/c%2Fd");
/// assert!("http://registry.example".parse::<Origin>().is_err());
/// assert!("http://127.0.0.1:8080".parse::<Origin>().is_ok());
/// # Ok::<(), auths_core::OriginError>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Origin(Url);

/// The error for a text or a path that makes no trustworthy address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OriginError {
    /// The text is not an absolute URL with a host.
    #[error("{text:?} is not the address of a server: expected https://host")]
    Syntax {
        /// The input, cut to 200 characters, without a user name or password.
        text: String,
    },
    /// The scheme is plain http, and the host is not a literal loopback address.
    #[error("{host} must be reached over https: plain http is for literal loopback addresses only")]
    NotHttps {
        /// The host.
        host: String,
    },
    /// The URL has a user name, password, query or fragment.
    #[error("an origin has no user name, password, query or fragment")]
    Extra,
    /// The URL contains a token. Addresses must not: servers and proxies log them.
    #[error("the address holds what looks like {kind}, which is not repeated here")]
    Token {
        /// The kind of token.
        kind: TokenKind,
    },
    /// A path segment would not stay one segment.
    #[error("{segment:?} cannot be a segment of an address")]
    Segment {
        /// The segment.
        segment: String,
    },
}

impl OriginError {
    /// Returns the stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        Invalid::BadName.code()
    }

    fn syntax(text: &str) -> Self {
        // The text before an `@` may contain a password.
        let text = text.rsplit('@').next().unwrap_or_default();
        Self::Syntax {
            text: cut(text, 200),
        }
    }
}

impl Origin {
    /// Returns the address of `segments` below this origin, each escaped into exactly one segment.
    ///
    /// An empty last segment writes a trailing slash.
    ///
    /// # Errors
    /// [`OriginError::Segment`] for `.`, `..` and inner empty segments, which would change the depth.
    pub fn at(&self, segments: &[&str]) -> Result<Url, OriginError> {
        let mut url = self.0.clone();
        let last = segments.len().saturating_sub(1);
        for (i, segment) in segments.iter().enumerate() {
            let is_slash = segment.is_empty() && i == last && last > 0;
            if matches!(*segment, "." | "..") || (segment.is_empty() && !is_slash) {
                return Err(OriginError::Segment {
                    segment: (*segment).to_owned(),
                });
            }
        }
        {
            let mut path = url.path_segments_mut().map_err(|()| OriginError::Extra)?;
            path.pop_if_empty().extend(segments);
        }
        Ok(url)
    }

    /// Returns the host, as written in the URL.
    #[must_use]
    pub fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }

    /// Returns whether this is a literal loopback address: a server on the same machine.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.0)
    }

    /// Returns whether `url` has this origin's scheme, host and port.
    #[must_use]
    pub fn contains(&self, url: &Url) -> bool {
        self.0.scheme() == url.scheme()
            && self.0.host() == url.host()
            && self.0.port_or_known_default() == url.port_or_known_default()
            && url.username().is_empty()
            && url.password().is_none()
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => IpAddr::V4(ip).is_loopback(),
        Some(Host::Ipv6(ip)) => IpAddr::V6(ip).is_loopback(),
        _ => false,
    }
}

fn is_of_a_host(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-_.".contains(&byte)
}

impl FromStr for Origin {
    type Err = OriginError;

    fn from_str(text: &str) -> Result<Self, OriginError> {
        if let Some(FoundToken { kind, .. }) = find_token(text) {
            return Err(OriginError::Token { kind });
        }
        if text.len() > 2_000
            || text
                .bytes()
                .any(|b| b.is_ascii_control() || b == b' ' || b == b'\\')
        {
            return Err(OriginError::syntax(text));
        }
        let mut url = Url::parse(text).map_err(|_| OriginError::syntax(text))?;
        let host = url
            .host_str()
            .filter(|h| !h.is_empty())
            .ok_or_else(|| OriginError::syntax(text))?
            .to_owned();
        // The URL standard also allows quotes, commas and the like in a host. No real server has such a name.
        if matches!(url.host(), Some(Host::Domain(_))) && !host.bytes().all(is_of_a_host) {
            return Err(OriginError::syntax(text));
        }
        match url.scheme() {
            "https" => {}
            "http" if is_loopback(&url) => {}
            "http" => {
                // Show the host as it was given; the parsed URL has it in lower case.
                let host = match shown(text) {
                    Cow::Borrowed(_) => host,
                    Cow::Owned(hidden) => hidden,
                };
                return Err(OriginError::NotHttps { host });
            }
            _ => return Err(OriginError::syntax(text)),
        }
        let extra = !url.username().is_empty() || url.password().is_some();
        if extra || url.query().is_some() || url.fragment().is_some() {
            return Err(OriginError::Extra);
        }
        let trimmed = url.path().trim_end_matches('/').to_owned();
        if trimmed.contains("//") {
            return Err(OriginError::Segment {
                segment: String::new(),
            });
        }
        url.set_path(&trimmed);
        let origin = Self(url);
        // Escaping makes a text longer than the input. Every accepted origin must parse again in its written form.
        if origin.to_string().len() > MAX_LEN {
            return Err(OriginError::syntax(text));
        }
        Ok(origin)
    }
}

impl TryFrom<String> for Origin {
    type Error = OriginError;

    fn try_from(text: String) -> Result<Self, OriginError> {
        let origin: Self = text.parse()?;
        // Stored and signed origins have exactly one spelling.
        if origin.to_string() == text {
            Ok(origin)
        } else {
            Err(OriginError::Syntax {
                text: cut(&text, 200),
            })
        }
    }
}

impl From<Origin> for String {
    fn from(origin: Origin) -> Self {
        origin.to_string()
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str().trim_end_matches('/'))
    }
}

impl fmt::Debug for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Origin({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::Namespace;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_segment_never_changes_host_depth_or_query(segment in "\\PC{1,30}") {
            let origin: Origin = "https://registry.example/base".parse().unwrap();
            if let Ok(url) = origin.at(&["pypi", &segment, "json"]) {
                prop_assert!(origin.contains(&url));
                prop_assert_eq!(url.path_segments().unwrap().count(), 4);
                prop_assert_eq!(url.query(), None);
                prop_assert_eq!(url.fragment(), None);
            }
        }
    }

    #[test]
    fn refuses_what_could_mislead() {
        for text in [
            "http://localhost:1",
            "http://127.0.0.1.evil.example",
            "http://[::2]/",
            "https://user@host",
            "https://user:pw@host",
            "https://host/?q",
            "https://host/#f",
            "ftp://host",
            "https://",
            "host",
            "https://host/a//b",
            "https://host\\@evil.example",
            "https://ho st",
            "https://h,ost",
            "https://h\"ost",
        ] {
            assert!(text.parse::<Origin>().is_err(), "{text}");
        }
    }

    /// Found by fuzzing: escapes made the written form of an origin, and of a namespace there, too long to be read again.
    #[test]
    fn whatever_is_accepted_is_read_again_as_it_is_written() {
        let mut accepted = 0;
        for n in [1, 100, 120, 130, 370, 390, 1_900] {
            for c in ["a", "\"", "%"] {
                let Ok(origin) = format!("https://h.example/{}", c.repeat(n)).parse::<Origin>()
                else {
                    continue;
                };
                accepted += 1;
                assert_eq!(Origin::try_from(origin.to_string()).as_ref(), Ok(&origin));
                let longest = format!("npm:@{}/{}", "~".repeat(100), "'".repeat(112));
                let there: Namespace = longest.parse().unwrap();
                let there = there.at(Some(origin));
                assert_eq!(Namespace::try_from(there.to_string()), Ok(there));
            }
        }
        assert!((8..20).contains(&accepted), "{accepted}");
    }

    #[test]
    fn errors_do_not_repeat_a_password() {
        let error = "nonsense://u:hunter2@host".parse::<Origin>().unwrap_err();
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }

    #[test]
    fn loopback_is_by_literal_address() {
        for text in [
            "http://127.0.0.1:9",
            "http://127.8.8.8",
            "http://[::1]:9",
            "https://127.0.0.1",
        ] {
            assert!(text.parse::<Origin>().unwrap().is_loopback(), "{text}");
        }
    }

    #[test]
    fn trailing_slash_is_written_only_when_asked_for() {
        let origin: Origin = "https://h.example".parse().unwrap();
        assert_eq!(
            origin.at(&["simple", "six", ""]).unwrap().as_str(),
            "https://h.example/simple/six/"
        );
        assert_eq!(
            origin.at(&["pypi", "six"]).unwrap().as_str(),
            "https://h.example/pypi/six"
        );
        assert!(origin.at(&["a", "", "b"]).is_err());
        assert!(origin.at(&[".."]).is_err());
    }
}
