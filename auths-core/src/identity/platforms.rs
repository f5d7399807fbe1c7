//! What core knows of each platform: one row for each, and one for all that it does not know.
//!
//! Whatever depends on the platform of an account asks this table. A new platform is a new row.

use super::grammar::{
    Read, github_login, is_github_owner, is_repository_word, npm_login, other_login, pypi_login,
};

/// The knowledge whether the accounts of a platform have public stable ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum StableIds {
    /// Every account has a stable id (GitHub). A bare login is a name that may have changed hands.
    Always,
    /// No account has a stable id (npm, PyPI). The login is the only identifier.
    Never,
    /// Core does not know the platform. An account is identified by its id where the adapter gives one, else by its login.
    ///
    /// A listing by bare names is treated as a listing by *recyclable* names, unless the adapter says that the platform has only
    /// names: [`ListedAccount::by_only_name`](crate::evidence::ListedAccount::by_only_name).
    AsShown,
}

/// What core knows of one platform.
#[derive(Debug)]
pub(crate) struct PlatformFacts {
    /// The short name. Empty in the row of all others.
    pub(crate) name: &'static str,
    /// The name in sentences.
    pub(crate) title: &'static str,
    pub(crate) stable_ids: StableIds,
    /// Reads a login.
    pub(crate) read_login: fn(&str) -> Read,
    /// True where an account's holder can prove it by a gist.
    pub(crate) has_gists: bool,
    /// True where every account has a scope of its own, `@login/`. Packages never move between scopes, and the registry names
    /// the publisher of each release. An account can become an organisation, whose members publish in its scope unlisted.
    pub(crate) has_own_scopes: bool,
    /// Those who may publish a package although the registry does not list them, in a sentence.
    pub(crate) unlisted: Option<&'static str>,
    /// The hosts of addresses of repositories, `https://<host>/<owner>/<name>`.
    pub(crate) repository_hosts: &'static [&'static str],
    /// Tells whether a text can be the owner in such an address.
    pub(crate) is_repository_owner: fn(&str) -> bool,
    /// The first segments of addresses there that are pages of the site, not owners.
    pub(crate) pages: &'static [&'static str],
}

/// Returns what core knows of a platform.
pub(super) fn facts(name: &str) -> &'static PlatformFacts {
    let row = PLATFORMS.iter().find(|row| row.name == name);
    row.unwrap_or(&OTHER)
}

/// Returns the platform whose repositories have addresses at `host`.
pub(super) fn with_repositories_at(host: &str) -> Option<&'static PlatformFacts> {
    PLATFORMS
        .iter()
        .find(|row| row.repository_hosts.contains(&host))
}

static PLATFORMS: [PlatformFacts; 4] = [
    PlatformFacts {
        name: "github",
        title: "GitHub",
        stable_ids: StableIds::Always,
        read_login: github_login,
        has_gists: true,
        repository_hosts: &["github.com", "www.github.com"],
        is_repository_owner: is_github_owner,
        pages: PAGES,
        ..OTHER
    },
    PlatformFacts {
        name: "gitlab",
        title: "GitLab",
        repository_hosts: &["gitlab.com", "www.gitlab.com"],
        is_repository_owner: is_repository_word,
        pages: PAGES,
        ..OTHER
    },
    PlatformFacts {
        name: "npm",
        title: "npm",
        stable_ids: StableIds::Never,
        read_login: npm_login,
        has_own_scopes: true,
        unlisted: Some(
            "npm lists maintainers and shows no teams: whoever may publish it as a member of a team alone is not listed \
             either, and is no owner of it",
        ),
        ..OTHER
    },
    PlatformFacts {
        name: "pypi",
        title: "PyPI",
        stable_ids: StableIds::Never,
        read_login: pypi_login,
        ..OTHER
    },
];

/// The row of every platform that core does not know.
const OTHER: PlatformFacts = PlatformFacts {
    name: "",
    title: "",
    stable_ids: StableIds::AsShown,
    read_login: other_login,
    has_gists: false,
    has_own_scopes: false,
    unlisted: None,
    repository_hosts: &[],
    is_repository_owner: is_repository_word,
    pages: &[],
};

/// First segments of GitHub and GitLab addresses that are pages of the site, not accounts.
const PAGES: &[&str] = &[
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::Platform;

    #[test]
    fn every_row_is_of_a_platform_and_no_two_of_one() {
        for (n, row) in PLATFORMS.iter().enumerate() {
            let platform = Platform::new(row.name).unwrap();
            assert!(std::ptr::eq(platform.facts(), &PLATFORMS[n]));
        }
        for known in [Platform::GITHUB, Platform::NPM, Platform::PYPI] {
            assert_eq!(known.facts().name, known.as_str());
        }
        assert_eq!(Platform::new("shelf").unwrap().facts().name, "");
    }

    #[test]
    fn every_host_is_of_one_platform() {
        let hosts = PLATFORMS.iter().flat_map(|row| row.repository_hosts);
        for host in hosts {
            let rows = PLATFORMS
                .iter()
                .filter(|row| row.repository_hosts.contains(host));
            assert_eq!(rows.count(), 1, "{host}");
        }
        assert!(with_repositories_at("").is_none() && with_repositories_at("a.example").is_none());
    }
}
