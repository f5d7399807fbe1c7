//! Further pages of an answer, as its `Link` header names them (RFC 8288, with the strings and lists of RFC 9110).

use auths_core::{Unavailable, UnavailableReason};

use crate::request::Request;
use crate::response::Response;

impl Request {
    /// Returns the same request for the next page; `None` when `response` names none.
    ///
    /// # Security
    /// The server cannot lead the request elsewhere. A next page that is not below this request's origin is refused, and so is a
    /// page that names itself as the next. The caller must end longer circles by a limit on pages.
    ///
    /// ```
    /// use auths_core::UnavailableReason;
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
    /// assert_eq!(away.unwrap_err().reason, UnavailableReason::Redirected);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`UnavailableReason::Redirected`] for a page elsewhere, [`UnavailableReason::EvidenceMismatch`] for a page that names
    /// itself, [`UnavailableReason::Unreadable`] for a header that cannot be read.
    pub fn next_page(&self, response: &Response) -> Result<Option<Self>, Unavailable> {
        let Some(header) = response.header("link") else {
            return Ok(None);
        };
        // The header holds a byte that no header should have, so the list may go on.
        if header.contains(char::REPLACEMENT_CHARACTER) {
            return Err(bad_link());
        }
        let Some(target) = next(header).map_err(|MalformedHeader| bad_link())? else {
            return Ok(None);
        };
        let url = self.url.join(target).map_err(|_| bad_link())?;
        if !self.covers(&url) {
            let detail = "the next page would be on another server";
            return Err(Unavailable::new(UnavailableReason::Redirected, detail));
        }
        if url == self.url {
            let detail = "the next page would be this page";
            return Err(Unavailable::new(
                UnavailableReason::EvidenceMismatch,
                detail,
            ));
        }
        let mut request = self.clone();
        request.url = url;
        Ok(Some(request))
    }
}

/// The error of a header that breaks its grammar.
#[derive(Debug, PartialEq, Eq)]
struct MalformedHeader;

/// The characters that may stand around a separator (RFC 9110 section 5.6.3).
const BLANK: [char; 2] = [' ', '\t'];

/// Returns the target of the one link whose relation is `next`. A header that breaks the grammar anywhere may hide a link, so it
/// does not end a list.
fn next(header: &str) -> Result<Option<&str>, MalformedHeader> {
    let mut found = None;
    let mut rest = header.trim_start_matches(is_between);
    while !rest.is_empty() {
        let (target, after) = target(rest)?;
        let (relations, after) = parse_relations(after)?;
        let mut relations = relations.split_ascii_whitespace();
        let is_next = relations.any(|relation| relation.eq_ignore_ascii_case("next"));
        if is_next && found.replace(target).is_some() {
            return Err(MalformedHeader);
        }
        rest = after.trim_start_matches(is_between);
    }
    Ok(found)
}

/// Reads the address at the beginning of a link, of characters that addresses have (RFC 3986 section 2). Returns it and the rest.
fn target(link: &str) -> Result<(&str, &str), MalformedHeader> {
    let (target, after) = link
        .strip_prefix('<')
        .and_then(|text| text.split_once('>'))
        .ok_or(MalformedHeader)?;
    match target.chars().all(is_of_address) {
        true => Ok((target, after)),
        false => Err(MalformedHeader),
    }
}

/// Reads the relations among the parameters of a link. Returns them and the rest, from the comma that ends the link.
fn parse_relations(mut rest: &str) -> Result<(String, &str), MalformedHeader> {
    let mut relations = None;
    loop {
        rest = rest.trim_start_matches(BLANK);
        if rest.is_empty() || rest.starts_with(',') {
            return Ok((relations.unwrap_or_default(), rest));
        }
        rest = rest.strip_prefix(';').ok_or(MalformedHeader)?;
        rest = rest.trim_start_matches(BLANK);
        if rest.is_empty() || rest.starts_with([',', ';']) {
            continue;
        }
        let (name, value, after) = parameter(rest)?;
        // A second `rel` may say something else, or nothing: the link is refused.
        if name.eq_ignore_ascii_case("rel") && relations.replace(value).is_some() {
            return Err(MalformedHeader);
        }
        rest = after;
    }
}

/// Reads a parameter. Returns its name, its value, which is empty where it has none, and the rest.
fn parameter(text: &str) -> Result<(&str, String, &str), MalformedHeader> {
    let (name, after) = token(text)?;
    let Some(value) = after.trim_start_matches(BLANK).strip_prefix('=') else {
        return Ok((name, String::new(), after));
    };
    let value = value.trim_start_matches(BLANK);
    let (value, after) = match value.strip_prefix('"') {
        Some(text) => parse_quoted(text)?,
        None => token(value).map(|(value, after)| (value.to_owned(), after))?,
    };
    Ok((name, value, after))
}

fn is_between(c: char) -> bool {
    c == ',' || BLANK.contains(&c)
}

fn is_of_address(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-._~:/?#[]@!$&'()*+,;=%".contains(c)
}

fn is_of_token(c: char) -> bool {
    c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c)
}

fn bad_link() -> Unavailable {
    Unavailable::unreadable("the Link header cannot be read")
}

/// Reads a word of the characters of RFC 9110 section 5.6.2. Returns it and the rest.
fn token(text: &str) -> Result<(&str, &str), MalformedHeader> {
    match text.find(|c| !is_of_token(c)).unwrap_or(text.len()) {
        0 => Err(MalformedHeader),
        end => Ok(text.split_at(end)),
    }
}

/// Reads the rest of a quoted string (RFC 9110 section 5.6.4), in which a backslash escapes the next character. Returns the text,
/// and what follows the closing quote.
fn parse_quoted(text: &str) -> Result<(String, &str), MalformedHeader> {
    let mut value = String::new();
    let mut rest = text.chars();
    loop {
        match rest.next().ok_or(MalformedHeader)? {
            '"' => return Ok((value, rest.as_str())),
            '\\' => value.push(rest.next().ok_or(MalformedHeader)?),
            other => value.push(other),
        }
    }
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
            ("<a>;;x; rel = \t\"next\" ;, <b>", Some("a")),
            ("<a>; rel=\"ne\\xt\"", Some("a")),
            ("<a>; x=\"; rel=next; y=\"", None),
        ] {
            assert_eq!(next(header), Ok(expected), "{header}");
        }
        for header in [
            "https://a/2; rel=next",
            "<https://a/2; rel=next",
            "<https://a/2>; rel=next, <https://a/3>; rel=next",
            "<https://a/2>; rel=next, x",
            "<https://a/9; rel=last, <https://a/2>; rel=next",
            "<a>; rel=last <b>; rel=next",
            "<a>; rel=last; rel=next",
            "<a>; rel=",
            "<a>; rel=\"last\"x",
            "<a>; =next",
            "<a> rel=next",
        ] {
            assert_eq!(next(header), Err(MalformedHeader), "{header}");
        }
    }

    #[test]
    fn no_quote_hides_a_next_page() {
        for (header, expected) in [
            (r#"<9>; title="\\", <2>; rel="next""#, Ok(Some("2"))),
            (r#"<9>; title="\"", <2>; rel="next""#, Ok(Some("2"))),
            (
                r#"<9>; title="a\", <3>; rel=next", <2>; rel="next""#,
                Ok(Some("2")),
            ),
            (r#"<9>; title="\"; rel=next; x=\""; rel="last""#, Ok(None)),
            (r#"<9>; title="x, <2>; rel="next""#, Err(MalformedHeader)),
            (r#"<9>; title="x, <2>; rel=next"#, Err(MalformedHeader)),
            (r#"<9>; title="x\"#, Err(MalformedHeader)),
            (r#"<9>; title="x\""#, Err(MalformedHeader)),
        ] {
            assert_eq!(next(header), expected, "{header}");
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
            let next = request.next_page(&response).map_err(|e| e.reason)?;
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
            assert_eq!(next(lines), Err(UnavailableReason::Unreadable), "{lines:?}");
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
            request
                .next_page(&response)
                .map(|_| ())
                .map_err(|e| e.reason)
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
            assert_eq!(why(away), Err(UnavailableReason::Redirected), "{away}");
        }
        assert_eq!(
            why("https://registry.example/api/orgs"),
            Err(UnavailableReason::EvidenceMismatch)
        );
        assert_eq!(why("http://[::"), Err(UnavailableReason::Unreadable));
    }
}
