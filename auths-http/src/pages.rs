//! Further pages of an answer, as its `Link` header names them (RFC 8288).

use auths_core::{Unavailable, Why};

use crate::request::Request;
use crate::response::Response;

impl Request {
    /// The same request for the next page; `None` when `response` names none.
    ///
    /// # Security
    /// The server's word leads nowhere else: a page that is not below this request's origin is refused, and so is one that
    /// leads back to itself. Longer circles are the caller's to end, by a cap on pages.
    ///
    /// ```
    /// use auths_core::Why;
    /// use auths_http::{Request, Response};
    ///
    /// let origin = "https://registry.example/api".parse()?;
    /// let request = Request::get(&origin, &["orgs"])?;
    /// let answer = |link: &str| {
    ///     let now = "2026-11-21T08:46:00Z".parse().unwrap();
    ///     Response::from_parts(request.url().clone(), 200, &[("link", link)], "[]", now)
    /// };
    /// let next = request.next_page(&answer("<https://registry.example/api/orgs?page=2>; rel=\"next\""))?;
    /// assert_eq!(next.map(|r| r.url().to_string()).as_deref(), Some("https://registry.example/api/orgs?page=2"));
    /// let away = request.next_page(&answer("<https://evil.example/api/orgs?page=2>; rel=\"next\""));
    /// assert_eq!(away.unwrap_err().why, Why::Redirected);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`Why::Redirected`] for a page elsewhere, [`Why::EvidenceMismatch`] for this very page, [`Why::Unreadable`] for a header
    /// that cannot be read.
    pub fn next_page(&self, response: &Response) -> Result<Option<Self>, Unavailable> {
        let Some(header) = response.header("link") else {
            return Ok(None);
        };
        let bad = || Unavailable::new(Why::Unreadable, "the Link header cannot be read");
        // A byte that no header should have: whatever it was, the list may go on.
        if header.contains(char::REPLACEMENT_CHARACTER) {
            return Err(bad());
        }
        let Some(target) = next(header).map_err(|Malformed| bad())? else {
            return Ok(None);
        };
        let url = self.url.join(target).map_err(|_| bad())?;
        if !self.covers(&url) {
            let detail = "the next page would be on another server";
            return Err(Unavailable::new(Why::Redirected, detail));
        }
        if url == self.url {
            let detail = "the next page would be this page";
            return Err(Unavailable::new(Why::EvidenceMismatch, detail));
        }
        let mut request = self.clone();
        request.url = url;
        Ok(Some(request))
    }
}

/// The header breaks its grammar.
#[derive(Debug, PartialEq, Eq)]
struct Malformed;

/// The target of the one link whose relation is `next`.
fn next(header: &str) -> Result<Option<&str>, Malformed> {
    let mut found = None;
    let between = |c: char| c == ',' || c.is_ascii_whitespace();
    let mut rest = header.trim_start_matches(between);
    while !rest.is_empty() {
        let (target, after) = rest
            .strip_prefix('<')
            .and_then(|text| text.split_once('>'))
            .ok_or(Malformed)?;
        let end = end_of_link(after);
        if is_next(&after[..end]) && found.replace(target).is_some() {
            return Err(Malformed);
        }
        rest = after[end..].trim_start_matches(between);
    }
    Ok(found)
}

/// Where the parameters of a link end: at a comma outside of quotes.
fn end_of_link(parameters: &str) -> usize {
    let mut quoted = false;
    let comma = parameters.find(|c| {
        quoted ^= c == '"';
        c == ',' && !quoted
    });
    comma.unwrap_or(parameters.len())
}

fn is_next(parameters: &str) -> bool {
    parameters.split(';').any(|parameter| {
        let Some((name, value)) = parameter.split_once('=') else {
            return false;
        };
        let mut relations = value.trim().trim_matches('"').split_ascii_whitespace();
        name.trim().eq_ignore_ascii_case("rel")
            && relations.any(|relation| relation.eq_ignore_ascii_case("next"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_is_found_among_the_links() {
        for (header, expected) in [
            ("", None),
            ("<https://a/1>; rel=\"prev\"", None),
            ("<https://a/2>; rel=\"next\"", Some("https://a/2")),
            ("<https://a/2>;rel=next", Some("https://a/2")),
            (
                "<https://a/2>; title=\"x, y\"; REL=\"last Next\"",
                Some("https://a/2"),
            ),
            (
                "<https://a/1>; rel=\"prev\", <https://a/3>; rel=\"next\", <https://a/9>; rel=\"last\"",
                Some("https://a/3"),
            ),
            ("<https://a/1>; title=\"rel=next\"", None),
            ("</orgs?page=2>; rel=\"next\"", Some("/orgs?page=2")),
            (" , ,<https://a/2>; rel=next , ,", Some("https://a/2")),
        ] {
            assert_eq!(next(header), Ok(expected), "{header}");
        }
        for header in [
            "https://a/2; rel=next",
            "<https://a/2; rel=next",
            "<https://a/2>; rel=next, <https://a/3>; rel=next",
            "<https://a/2>; rel=next, x",
        ] {
            assert_eq!(next(header), Err(Malformed), "{header}");
        }
    }

    #[test]
    fn a_next_page_is_found_in_every_line_of_the_header_and_an_unreadable_one_is_no_end() {
        let origin = "https://registry.example".parse().unwrap();
        let request = Request::get(&origin, &["orgs"]).unwrap();
        let next = |lines: &[&str]| {
            let lines: Vec<(&str, &str)> = lines.iter().map(|line| ("link", *line)).collect();
            let now = "2026-11-21T08:46:00Z".parse().unwrap();
            let response = Response::from_parts(request.url().clone(), 200, &lines, "[]", now);
            let next = request.next_page(&response).map_err(|e| e.why)?;
            Ok(next.map(|next| next.url().path().to_owned()))
        };
        let (last, two) = ("</9>; rel=last", "</2>; rel=next");
        assert_eq!(next(&[last]), Ok(None));
        for lines in [&[last, two][..], &[two, last], &["", two]] {
            assert_eq!(next(lines), Ok(Some("/2".to_owned())), "{lines:?}");
        }
        for lines in [
            &[two, two][..],
            &["</2>; rel=next; title=\u{e9}"],
            &[last, "\u{e9}"],
        ] {
            assert_eq!(next(lines), Err(Why::Unreadable), "{lines:?}");
        }
    }

    #[test]
    fn a_next_page_stays_below_the_origin() {
        let origin = "https://registry.example/api".parse().unwrap();
        let request = Request::get(&origin, &["orgs"]).unwrap();
        let why = |target: &str| {
            let link = format!("<{target}>; rel=\"next\"");
            let now = "2026-11-21T08:46:00Z".parse().unwrap();
            let url = request.url().clone();
            let response = Response::from_parts(url, 200, &[("link", &link)], "[]", now);
            request.next_page(&response).map(|_| ()).map_err(|e| e.why)
        };
        for good in [
            "https://registry.example/api/orgs?page=2",
            "?page=2",
            "/api/user/7/orgs",
        ] {
            assert_eq!(why(good), Ok(()), "{good}");
        }
        for away in [
            "https://evil.example/api/orgs",
            "//evil.example/api/orgs",
            "http://registry.example/api/orgs?page=2",
            "https://registry.example:444/api/orgs?page=2",
            "https://a:b@registry.example/api/orgs?page=2",
            "https://registry.example/other",
            "../../other",
            "file:///etc/passwd",
            "data:,x",
        ] {
            assert_eq!(why(away), Err(Why::Redirected), "{away}");
        }
        assert_eq!(
            why("https://registry.example/api/orgs"),
            Err(Why::EvidenceMismatch)
        );
        assert_eq!(why("http://[::"), Err(Why::Unreadable));
    }
}
