//! Hints: the source repositories that a publisher typed. Nobody checked them.

use auths_core::evidence::{MAX_REPOSITORIES, SourceRepository};
use auths_core::{Login, Platform, Unavailable, Why};
use url::Url;

/// First segments of GitHub and GitLab addresses that are pages of the site, not accounts.
const PAGES: [&str; 16] = [
    "about",
    "apps",
    "collections",
    "contact",
    "explore",
    "features",
    "groups",
    "login",
    "marketplace",
    "orgs",
    "pricing",
    "security",
    "settings",
    "sponsors",
    "topics",
    "users",
];

/// The repositories among `urls`, each once, in their order.
///
/// # Errors
/// [`Why::TooLarge`] as soon as there are more than [`MAX_REPOSITORIES`]: so looking for one that was seen before stays
/// short, and leaving some out would be a guess which.
pub(crate) fn repositories<'a>(
    urls: impl IntoIterator<Item = &'a str>,
) -> Result<Vec<SourceRepository>, Unavailable> {
    let mut found = Vec::new();
    for repository in urls.into_iter().filter_map(repository) {
        if found.contains(&repository) {
            continue;
        }
        if found.len() == MAX_REPOSITORIES {
            let detail = format!("the project names more than {MAX_REPOSITORIES} repositories");
            return Err(Unavailable::new(Why::TooLarge, detail));
        }
        found.push(repository);
    }
    Ok(found)
}

/// Reads `https://github.com/owner/name`, with anything behind it. The host is exact; user names, ports, escapes and `..`
/// are refused.
fn repository(text: &str) -> Option<SourceRepository> {
    let text = text.trim();
    let text = text.strip_prefix("git+").unwrap_or(text);
    let odd = |c: char| !c.is_ascii_graphic() || matches!(c, '\\' | '@' | '%');
    if text.len() > 2_000 || text.contains(odd) {
        return None;
    }
    let url = Url::parse(text).ok()?;
    if !matches!(url.scheme(), "http" | "https") || url.port().is_some() {
        return None;
    }
    let platform = match url.host_str()? {
        "github.com" | "www.github.com" => Platform::GITHUB,
        "gitlab.com" | "www.gitlab.com" => Platform::new("gitlab").ok()?,
        _ => return None,
    };
    // From the text itself: the parsed URL has its dots resolved already.
    let (_, rest) = text.split_once("://")?;
    let path = rest.split(['?', '#']).next()?;
    let mut segments = path.split('/').skip(1);
    let (owner, name) = (segments.next()?, segments.next()?);
    let name = name.strip_suffix(".git").unwrap_or(name);
    let steps_back = path.split('/').any(|s| matches!(s, "." | ".."));
    let is_word = |s: &str| {
        !s.is_empty()
            && s.len() <= 100
            && s.bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
            && s.bytes().any(|b| b.is_ascii_alphanumeric())
    };
    let is_owner = match platform == Platform::GITHUB {
        true => Login::parse(&platform, owner).is_ok(),
        false => is_word(owner),
    };
    let is_page = PAGES.iter().any(|page| owner.eq_ignore_ascii_case(page));
    let fits = is_owner && !is_page && is_word(name) && !steps_back;
    fits.then(|| SourceRepository::new(platform, owner, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_a_repository() {
        for (url, owner, name) in [
            ("https://github.com/benjaminp/six", "benjaminp", "six"),
            ("http://www.github.com/benjaminp/six/", "benjaminp", "six"),
            ("HTTPS://GitHub.com/A-b/c.d_e.git", "A-b", "c.d_e"),
            ("git+https://github.com/a/b.git#egg=c", "a", "b"),
            ("https://github.com/a/b/issues?q=c", "a", "b"),
            ("https://gitlab.com/a/b/-/tree/main", "a", "b"),
        ] {
            let found = repository(url).unwrap();
            assert_eq!(
                (found.owner.as_str(), found.name.as_str()),
                (owner, name),
                "{url}"
            );
        }
    }

    #[test]
    fn what_is_none() {
        for url in [
            "",
            "github.com/a/b",
            "https://github.com",
            "https://github.com/a",
            "https://github.com/a/",
            "https://github.com//a/b",
            "https://github.com/a/.git",
            "https://github.com/../a/b",
            "https://github.com/a/../b/c",
            "https://github.com/a/b/../../c/d",
            "https://github.com/a/..",
            "https://github.com/a/%2e%2e/b",
            "https://github.com/sponsors/a",
            "https://github.com/orgs/a/repositories",
            "https://github.com:8443/a/b",
            "https://user@github.com/a/b",
            "https://user:pass@github.com/a/b",
            "https://github.com@evil.example/a/b",
            "https://github.com.evil.example/a/b",
            "https://evil.example/github.com/a/b",
            "https://gist.github.com/a/b",
            "https://github.com./a/b",
            "https://github.com\\a/b",
            "https://gіthub.com/a/b",
            "https://github.com/a b/c",
            "https://github.com/a_/é",
            "ssh://github.com/a/b",
            "git@github.com:a/b.git",
            "javascript://github.com/a/b",
        ] {
            assert_eq!(repository(url), None, "{url}");
        }
    }

    #[test]
    fn each_once() {
        let urls = [
            "https://github.com/a/b",
            "https://github.com/a/b/issues",
            "https://github.com/a/c",
        ];
        assert_eq!(repositories(urls).unwrap().len(), 2);
    }

    #[test]
    fn more_than_count_are_unread_and_the_rest_is_not_looked_at() {
        let urls = |n: usize| (0..n).map(|i| format!("https://github.com/a/r{i}"));
        let read = |urls: &mut dyn Iterator<Item = String>| {
            let texts: Vec<String> = urls.collect();
            repositories(texts.iter().map(String::as_str)).map(|found| found.len())
        };
        let twice = &mut urls(MAX_REPOSITORIES).chain(urls(MAX_REPOSITORIES));
        assert_eq!(read(twice), Ok(MAX_REPOSITORIES));
        let more = read(&mut urls(MAX_REPOSITORIES + 1));
        assert_eq!(more.unwrap_err().why, Why::TooLarge);
        // Ends at the first that is too many, however long the list is.
        let mut looked_at = 0;
        let texts: Vec<String> = urls(100_000).collect();
        let counted = texts.iter().map(|url| {
            looked_at += 1;
            url.as_str()
        });
        assert!(repositories(counted).is_err());
        assert_eq!(looked_at, MAX_REPOSITORIES + 1);
    }
}
