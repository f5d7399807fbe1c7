//! A request as the server saw it.

use url::form_urlencoded;

/// A request that the server read.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Received {
    /// The method: `GET`, `POST`, ...
    pub method: String,
    /// The path, still percent-encoded: `/a%2Fb`.
    pub path: String,
    /// The query, still encoded, without the question mark.
    pub query: Option<String>,
    /// The headers in order, with names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Received {
    /// Returns the first header of that name, given in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(n, _)| n == name);
        found.map(|(_, value)| value.as_str())
    }

    /// Returns the first value of that name in the query, decoded.
    #[must_use]
    pub fn query_value(&self, name: &str) -> Option<String> {
        value(self.query.as_deref()?.as_bytes(), name)
    }

    /// Returns the first value of that name in a form body, decoded.
    #[must_use]
    pub fn form_value(&self, name: &str) -> Option<String> {
        value(&self.body, name)
    }

    /// Reads the head of a request, without its final empty line.
    pub(super) fn parse(head: &[u8]) -> Option<Self> {
        let head = std::str::from_utf8(head).ok()?;
        let mut lines = head.split("\r\n");
        let mut first = lines.next()?.split(' ');
        let (method, target) = (first.next()?, first.next()?);
        let (path, query) = match target.split_once('?') {
            Some((path, query)) => (path, Some(query.to_owned())),
            None => (target, None),
        };
        let headers = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
            .collect();
        Some(Self {
            method: method.to_owned(),
            path: path.to_owned(),
            query,
            headers,
            body: Vec::new(),
        })
    }
}

fn value(pairs: &[u8], name: &str) -> Option<String> {
    form_urlencoded::parse(pairs)
        .find(|(n, _)| n == name)
        .map(|(_, value)| value.into_owned())
}
