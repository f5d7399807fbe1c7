//! Hints: the source repositories that a publisher typed. Nobody checked them.

use serde::{Deserialize, Serialize};
use url::Url;

use crate::identity::Platform;
use crate::identity::grammar::is_repository_word;
use crate::reason::{Unavailable, UnavailableReason};

/// The maximum number of repositories, and of attested builds, of one package. A name with more makes deciding slow and shows
/// nothing: an adapter reports it as unread, and a decision treats it as unread.
pub const MAX_REPOSITORIES: usize = 32;

/// A repository that the publisher typed into the metadata. It is a hint: nobody checked it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct SourceRepository {
    /// The platform that the address names.
    #[serde(rename = "platform")]
    pub platform: Platform,
    /// The owner that the address names: a name, which may have changed hands.
    #[serde(rename = "owner")]
    pub owner: String,
    /// The name of the repository.
    #[serde(rename = "name")]
    pub name: String,
}

impl SourceRepository {
    /// Creates a repository that the publisher typed.
    #[must_use]
    pub fn new(platform: Platform, owner: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            platform,
            owner: owner.into(),
            name: name.into(),
        }
    }

    /// Returns the repository at a web address: `https://github.com/owner/name`, with any suffix. `None` when it is not such an
    /// address.
    ///
    /// The host is exact: GitHub's or GitLab's. User names, ports, escapes and `..` are refused. Nothing is fetched.
    ///
    /// ```
    /// use auths_core::evidence::SourceRepository;
    ///
    /// let six = SourceRepository::from_address("https://github.com/benjaminp/six/issues").expect("a repository");
    /// assert_eq!((six.owner.as_str(), six.name.as_str()), ("benjaminp", "six"));
    /// assert!(SourceRepository::from_address("https://github.com.evil.example/a/b").is_none());
    /// ```
    #[must_use]
    pub fn from_address(text: &str) -> Option<Self> {
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
        let platform = Platform::with_repositories_at(url.host_str()?)?;
        // Use the text itself: the parsed URL has its dots resolved already.
        let (_, rest) = text.split_once("://")?;
        let path = rest.split(['?', '#']).next()?;
        let mut segments = path.split('/').skip(1);
        let (owner, name) = (segments.next()?, segments.next()?);
        let name = name.strip_suffix(".git").unwrap_or(name);
        let steps_back = path.split('/').any(|s| matches!(s, "." | ".."));
        let facts = platform.facts();
        let is_page = facts
            .pages
            .iter()
            .any(|page| owner.eq_ignore_ascii_case(page));
        let is_owner = (facts.is_repository_owner)(owner) && !is_page;
        let fits = is_owner && is_repository_word(name) && !steps_back;
        fits.then(|| SourceRepository::new(platform, owner, name))
    }

    /// Removes duplicates and keeps the order.
    ///
    /// # Errors
    /// [`UnavailableReason::TooLarge`] as soon as there are more than [`MAX_REPOSITORIES`]. The limit keeps the search for
    /// duplicates short; dropping some instead would be a guess.
    pub fn distinct(all: impl IntoIterator<Item = Self>) -> Result<Vec<Self>, Unavailable> {
        let mut found = Vec::new();
        for repository in all {
            if found.contains(&repository) {
                continue;
            }
            if found.len() == MAX_REPOSITORIES {
                let detail = format!("it names more than {MAX_REPOSITORIES} repositories");
                return Err(Unavailable::new(UnavailableReason::TooLarge, detail));
            }
            found.push(repository);
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn distinct<'a>(
        texts: impl IntoIterator<Item = &'a str>,
    ) -> Result<Vec<SourceRepository>, Unavailable> {
        let all = texts.into_iter().filter_map(SourceRepository::from_address);
        SourceRepository::distinct(all)
    }

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
            let found = SourceRepository::from_address(url).unwrap();
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
            assert_eq!(SourceRepository::from_address(url), None, "{url}");
        }
    }

    #[test]
    fn each_once() {
        let urls = [
            "https://github.com/a/b",
            "https://github.com/a/b/issues",
            "https://github.com/a/c",
        ];
        assert_eq!(distinct(urls).unwrap().len(), 2);
    }

    #[test]
    fn more_than_count_are_unread_and_the_rest_is_not_looked_at() {
        let urls = |n: usize| (0..n).map(|i| format!("https://github.com/a/r{i}"));
        let read = |urls: &mut dyn Iterator<Item = String>| {
            let texts: Vec<String> = urls.collect();
            distinct(texts.iter().map(String::as_str)).map(|found| found.len())
        };
        let twice = &mut urls(MAX_REPOSITORIES).chain(urls(MAX_REPOSITORIES));
        assert_eq!(read(twice), Ok(MAX_REPOSITORIES));
        let more = read(&mut urls(MAX_REPOSITORIES + 1));
        assert_eq!(more.unwrap_err().reason, UnavailableReason::TooLarge);
        // Ends at the first that is too many, however long the list is.
        let mut looked_at = 0;
        let texts: Vec<String> = urls(100_000).collect();
        let counted = texts.iter().map(|url| {
            looked_at += 1;
            url.as_str()
        });
        assert!(distinct(counted).is_err());
        assert_eq!(looked_at, MAX_REPOSITORIES + 1);
    }
}
