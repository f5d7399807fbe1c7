//! The configuration: GitHub's servers, the OAuth app, and the limits of a lookup.

use std::str::FromStr;
use std::time::Duration;

use auths_core::ci::CiIssuer;
use auths_core::tokens::{find_token, find_token_word};
use auths_core::{Account, Invalid, Origin, OriginError, Platform, Reason};
use auths_http::{Endpoint, Limits};
use url::Url;

use crate::gist::{GistId, GistIdError, refuse};

/// The origin of the public GitHub's web server, which runs the device flow. No other place in the product holds this address.
pub const PUBLIC_WEB: &str = "https://github.com";
/// GitHub's REST API. No other place in the product holds this address.
const PUBLIC_API: &str = "https://api.github.com";
/// The origin of GitHub's documentation. Every error of its API names a page there, on the public GitHub and on self-hosted servers.
pub const PUBLIC_DOCS: &str = "https://docs.github.com";

/// The web server that shows gists. No other place in the product holds this address.
const PUBLIC_GISTS: &str = "https://gist.github.com";

/// The version of the REST API that every request names. Without it, GitHub answers in its oldest version, which changes over
/// time.
///
/// This is the last version whose gists list their revisions. Source: GitHub's page "API Versions".
pub(crate) const API_VERSION: &str = "2022-11-28";

/// The configuration for one GitHub: its servers, the OAuth app, and the requests and the time that one lookup may take.
///
/// ```
/// use auths_adapters_github::GitHubConfig;
///
/// assert!(GitHubConfig::public()?.is_public());
/// let local = GitHubConfig::at("http://127.0.0.1:8080/api".parse()?)
///     .with_web("http://127.0.0.1:8080".parse()?)
///     .with_client_id("Iv1.0123456789abcdef")?;
/// assert!(!local.is_public());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct GitHubConfig {
    api: Endpoint,
    web: Option<Origin>,
    client_id: Option<ClientId>,
    pub(crate) limits: Limits,
}

/// The public id of an OAuth app. It is no secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ClientId(Box<str>);

impl ClientId {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ClientId {
    type Err = GitHubConfigError;

    fn from_str(id: &str) -> Result<Self, GitHubConfigError> {
        let is_plain = id
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b));
        // Dots alone would lead upwards in an address.
        let is_way = id.bytes().all(|b| b == b'.');
        // A token, or the app's secret, was given by mistake. Ids stand in addresses, so it is refused.
        let is_token = find_token(id).is_some() || find_token_word(id).is_some();
        if is_way || is_token || id.len() > 64 || !is_plain {
            return Err(GitHubConfigError::ClientId);
        }
        Ok(Self(id.into()))
    }
}

/// A setting of a [`GitHubConfig`] that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GitHubConfigError {
    /// The client id is not written as GitHub writes them.
    #[error("that is no OAuth client id: 1 to 64 ASCII letters, digits, '.', '_' and '-'")]
    ClientId,
    /// No client id was given, so there is no app to ask as.
    #[error(
        "no OAuth client id was given. Make an OAuth app (GitHub: Settings, Developer settings, OAuth Apps, New OAuth App; \
         any name, any address as homepage and callback), tick \"Enable Device Flow\", and give its client id. \
         It needs no client secret"
    )]
    NoClientId,
    /// Only one of the two servers was given.
    #[error(
        "the API is asked at {api}, but no web server of the same GitHub was given for the device flow: give both"
    )]
    NoWeb {
        /// The origin of the API.
        api: Origin,
    },
    /// An API and an issuer of ID tokens were given that cannot be of one GitHub.
    #[error(
        "the API at {api} does not number the repositories of {issuer}: give the API and the issuer of one GitHub"
    )]
    OtherIssuer {
        /// The issuer.
        issuer: Box<CiIssuer>,
        /// The origin of the API.
        api: Origin,
    },
}

impl GitHubConfigError {
    /// Returns the stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        Invalid::BadConfiguration.code()
    }
}

impl GitHubConfig {
    /// Creates the configuration for the public GitHub.
    ///
    /// # Errors
    /// Never in practice: the addresses are fixed, but reading them is fallible.
    pub fn public() -> Result<Self, OriginError> {
        Ok(Self::at(PUBLIC_API.parse()?).with_web(PUBLIC_WEB.parse()?))
    }

    /// Creates the configuration for a server that speaks GitHub's REST API. The public API's own address is the public GitHub.
    ///
    /// Accounts on that server carry the origin of its API: ask about `account.at(Some(api))`.
    #[must_use]
    pub fn at(api: Origin) -> Self {
        Self {
            api: Endpoint::new(api, PUBLIC_API),
            web: None,
            client_id: None,
            limits: Limits::new(20, Duration::from_secs(45), 2 << 20),
        }
    }

    /// Sets the web server of the same GitHub, where the device flow is run.
    ///
    /// # Security
    /// The token from the web server is sent to the API. That is why the public API goes with the public web server only.
    #[must_use]
    pub fn with_web(mut self, web: Origin) -> Self {
        self.web = Some(web);
        self
    }

    /// Sets the OAuth app that device flows are run as, by its client id.
    ///
    /// # Errors
    /// [`GitHubConfigError::ClientId`] for a text that cannot be one.
    pub fn with_client_id(mut self, id: &str) -> Result<Self, GitHubConfigError> {
        self.client_id = Some(id.parse()?);
        Ok(self)
    }

    /// Sets the most requests that one lookup may take; at least one. Default: 20.
    ///
    /// Retries are not counted. A lookup that would take more is unavailable, [`RequestBudget`](auths_core::UnavailableReason::RequestBudget).
    #[must_use]
    pub fn with_max_requests(mut self, requests: u32) -> Self {
        self.limits = self.limits.with_max_requests(requests);
        self
    }

    /// Sets the most time that one lookup may take, all its requests, retries and waits together. Default: 45 seconds.
    #[must_use]
    pub fn with_max_time(mut self, time: Duration) -> Self {
        self.limits = self.limits.with_max_time(time);
        self
    }

    /// Sets the size of the largest answer, in bytes after decompression. Default: 2 MiB.
    #[must_use]
    pub fn with_max_bytes(mut self, bytes: u64) -> Self {
        self.limits = self.limits.with_max_bytes(bytes);
        self
    }

    /// Returns the server of the REST API.
    #[must_use]
    pub fn api(&self) -> &Origin {
        self.api.origin()
    }

    /// Returns the web server, if one was given.
    pub(crate) fn web(&self) -> Option<&Origin> {
        self.web.as_ref()
    }

    /// Returns whether it is the public GitHub.
    #[must_use]
    pub fn is_public(&self) -> bool {
        self.api.is_public()
    }

    /// Returns the server as it is written in namespaces and accounts: `None` for the public GitHub.
    #[must_use]
    pub fn configured(&self) -> Option<&Origin> {
        self.api.configured()
    }

    /// Returns the page where the account's holder can withdraw the approval of the configured app, if there is one.
    #[must_use]
    pub fn approval_page(&self) -> Option<String> {
        let (web, id) = self.device_flow().ok()?;
        let page = web.at(&["settings", "connections", "applications", id]);
        page.ok().map(String::from)
    }

    /// Returns the gist that an address names: the address of a gist's page, or of a gist in the API. Returns `None` for an
    /// address that is not about gists. Only the id is taken from the address. It is looked up at the configured API, whichever
    /// GitHub the page is on.
    ///
    /// An address on a host of the configured GitHub, or one that looks like a gist's, counts as an address of a gist too. If it
    /// is not written as one, it is an error, so that nobody reads it as something else.
    ///
    /// ```
    /// use auths_adapters_github::GitHubConfig;
    ///
    /// let github = GitHubConfig::public()?;
    /// let id = github.gist_of("https://gist.github.com/alice/aa5a315d61ae9438b18d").unwrap()?;
    /// assert_eq!(id.as_str(), "aa5a315d61ae9438b18d");
    /// assert!(github.gist_of("https://gist.github.com/alice/not-an-id").unwrap().is_err());
    /// assert!(github.gist_of("https://claims.example/claim.json").is_none());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn gist_of(&self, address: &str) -> Option<Result<GistId, GistIdError>> {
        let url = Url::parse(address).ok()?;
        let segments: Vec<&str> = url.path_segments()?.filter(|s| !s.is_empty()).collect();
        let last_is_id = segments.last().is_some_and(|last| is_long_id(last));
        let gists: Option<Origin> = PUBLIC_GISTS.parse().ok();
        let at_gists = gists.is_some_and(|gists| gists.contains(&url));
        let on_web = self.web.as_ref().is_some_and(|web| web.contains(&url));
        let at_api = self.api().contains(&url) && segments.contains(&"gists");
        let in_web = matches!(segments.first(), Some(&("gist" | "gists"))) || last_is_id;
        let at_web = !self.is_public() && on_web && in_web;
        if !at_gists && !at_api && !at_web {
            let is_mistaken = self.is_on_its_hosts(&url) || is_like_a_gist(&url, &segments);
            return is_mistaken.then(|| Err(refuse(OTHERWISE)));
        }
        Some(match (segments.as_slice(), url.query()) {
            (_, Some(_)) => Err(refuse("the address of a gist has no query")),
            _ if !is_plain(address) => {
                Err(refuse("the address holds what no address of a gist does"))
            }
            ([.., "gists", id], _) if at_api => id.parse(),
            ([id] | [_, id], _) if at_gists || at_web => id.parse(),
            (["gist", _, id], _) if at_web => id.parse(),
            _ => Err(refuse("give the address of the gist itself: .../LOGIN/ID")),
        })
    }

    /// Returns the account on whose page an address shows a gist. Returns `None` where [`gist_of`](Self::gist_of) finds no gist,
    /// and where the address names no account. The account is only what the address says.
    ///
    /// ```
    /// use auths_adapters_github::GitHubConfig;
    ///
    /// let github = GitHubConfig::public()?;
    /// let page = github.gist_page_of("https://gist.github.com/alice/aa5a315d61ae9438b18d").unwrap();
    /// assert_eq!(page.login().as_str(), "alice");
    /// assert!(github.gist_page_of("https://gist.github.com/aa5a315d61ae9438b18d").is_none());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn gist_page_of(&self, address: &str) -> Option<Account> {
        let Some(Ok(_)) = self.gist_of(address) else {
            return None;
        };
        let url = Url::parse(address).ok()?;
        let mut segments = url.path_segments()?.filter(|s| !s.is_empty()).rev();
        let login = segments
            .nth(1)
            .filter(|s| !matches!(*s, "gist" | "gists"))?;
        let account = Account::parse_login(Platform::GITHUB, login).ok()?;
        Some(account.at(self.configured().cloned()))
    }

    /// Returns whether the address is on a host of this GitHub, with any scheme, port or user name.
    fn is_on_its_hosts(&self, url: &Url) -> bool {
        let gists: Option<Origin> = PUBLIC_GISTS.parse().ok();
        let servers = [Some(self.api()), self.web.as_ref(), gists.as_ref()];
        let mut hosts = servers.into_iter().flatten();
        hosts.any(|origin| {
            let own = Url::parse(&origin.to_string()).ok();
            own.is_some_and(|own| own.host() == url.host())
        })
    }

    /// Returns the web server and the app for a device flow.
    ///
    /// # Errors
    /// [`GitHubConfigError`] when either is missing, or when the two servers cannot belong to one GitHub.
    pub(crate) fn device_flow(&self) -> Result<(&Origin, &str), GitHubConfigError> {
        let web = self.web.as_ref();
        let web = web.filter(|web| {
            Endpoint::new((*web).clone(), PUBLIC_WEB).is_public() == self.is_public()
        });
        let web = web.ok_or_else(|| GitHubConfigError::NoWeb {
            api: self.api().clone(),
        })?;
        let id = self
            .client_id
            .as_ref()
            .ok_or(GitHubConfigError::NoClientId)?;
        Ok((web, &id.0))
    }
}

/// The message for an address that was meant to name a gist.
const OTHERWISE: &str = "it is not written as the address of a gist: give that of the gist's own page, .../LOGIN/ID, on the \
                         server that is asked, without a user name, and with nothing after the id";

/// Returns whether a person would take the address for that of a gist, on any server: by the server's name, or by its path.
fn is_like_a_gist(url: &Url, segments: &[&str]) -> bool {
    let host = url.host_str().unwrap_or_default();
    let first = host.split('.').next().unwrap_or_default();
    let named = matches!(first, "gist" | "gists");
    let shown = match segments {
        [id] | [_, id] => is_gist_id(id),
        ["gist" | "gists", .., id] => is_gist_id(id),
        _ => false,
    };
    let raw = segments
        .windows(2)
        .any(|s| is_gist_id(s[0]) && s[1] == "raw");
    named || shown || raw
}

/// Returns whether a text is as long as the ids of gists are.
fn is_gist_id(text: &str) -> bool {
    matches!(text.len(), 20 | 32) && is_long_id(text)
}

/// Returns whether a text is certainly an id, where other things may stand in its place.
fn is_long_id(text: &str) -> bool {
    text.len() >= 19 && text.bytes().all(|b| b.is_ascii_hexdigit())
}

/// Returns whether the address holds nothing that is read differently from how it looks.
fn is_plain(address: &str) -> bool {
    address
        .bytes()
        .all(|b| b.is_ascii_graphic() && !b"\\%@".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn local() -> GitHubConfig {
        GitHubConfig::at("http://127.0.0.1:1".parse().unwrap())
    }

    #[test]
    fn the_public_address_is_public_however_it_was_given() {
        assert!(GitHubConfig::public().unwrap().configured().is_none());
        assert!(GitHubConfig::at("https://API.GitHub.com/".parse().unwrap()).is_public());
        for other in [
            "https://api.github.com:8443",
            "https://github.com",
            "http://127.0.0.1:1",
        ] {
            let config = GitHubConfig::at(other.parse().unwrap());
            assert_eq!(config.configured(), Some(config.api()), "{other}");
        }
    }

    #[test]
    fn a_device_flow_needs_an_app_and_both_servers_of_one_github() {
        let with_app = |config: GitHubConfig| config.with_client_id("Iv1.x").unwrap();
        let public = GitHubConfig::public().unwrap();
        assert_eq!(
            public.device_flow().unwrap_err(),
            GitHubConfigError::NoClientId
        );
        assert_eq!(with_app(public.clone()).device_flow().unwrap().1, "Iv1.x");
        let web: Origin = "http://127.0.0.1:2".parse().unwrap();
        assert!(
            with_app(local().with_web(web.clone()))
                .device_flow()
                .is_ok()
        );
        for mixed in [
            local(),
            public.with_web(web),
            local().with_web(PUBLIC_WEB.parse().unwrap()),
        ] {
            let error = with_app(mixed).device_flow().unwrap_err();
            assert!(matches!(error, GitHubConfigError::NoWeb { .. }), "{error}");
        }
    }

    #[test]
    fn a_gist_is_named_by_its_page_or_by_the_api() {
        let id = |config: &GitHubConfig, address: &str| {
            let named = config.gist_of(address);
            named.map(|id| id.map(|id| id.as_str().to_owned()).ok())
        };
        let public = GitHubConfig::public().unwrap();
        for good in [
            "https://gist.github.com/aa5a31",
            "https://gist.github.com/alice/aa5a31",
            "https://gist.github.com/alice/aa5a31/",
            "https://gist.github.com/alice/aa5a31#file-auths-claim-json",
            "https://api.github.com/gists/aa5a31",
        ] {
            assert_eq!(id(&public, good), Some(Some("aa5a31".into())), "{good}");
        }
        for bad in [
            "https://gist.github.com/",
            "https://gist.github.com/alice/a-b",
            "https://gist.github.com/alice/aa5a31/0123456789",
            "https://gist.github.com/alice/aa5a31?x=1",
            "https://gist.github.com/alice/aa%35a31",
            "https://api.github.com/gists/..%2fuser",
        ] {
            assert_eq!(id(&public, bad), Some(None), "{bad}");
        }
        let long = "aa5a315d61ae9438b18d";
        for mistaken in [
            "https://github.com/alice/aa5a31",
            "https://gist.github.com.evil.example/alice/aa5a31",
            "https://alice@gist.github.com/alice/aa5a31",
            "http://gist.github.com/alice/aa5a31",
            "https://gist.github.com:8443/alice/aa5a31",
            "https://api.github.com/user",
            &format!("https://gist.githubusercontent.com/alice/{long}/raw/auths-claim.json"),
            &format!("https://mirror.example/alice/{long}"),
            &format!("https://mirror.example/x/{long}/raw/0123/auths-claim.json"),
            &format!("https://ghe.example/gist/alice/{long}"),
        ] {
            assert_eq!(id(&public, mistaken), Some(None), "{mistaken}");
        }
        for other in [
            "https://claims.example/alice/aa5a31",
            "https://claims.example/a/b/aa5a315d61ae9438b18d",
            "https://raw.githubusercontent.com/alice/repo/main/claim.json",
            "claim.json",
        ] {
            assert_eq!(id(&public, other), None, "{other}");
        }
        let local = local().with_web("http://127.0.0.1:2".parse().unwrap());
        for good in [
            "http://127.0.0.1:1/gists/aa5a31",
            "http://127.0.0.1:2/gist/alice/aa5a31",
            "http://127.0.0.1:2/gist/aa5a31",
            "https://gist.github.com/alice/aa5a31",
        ] {
            assert_eq!(id(&local, good), Some(Some("aa5a31".into())), "{good}");
        }
        let page = format!("http://127.0.0.1:2/alice/{long}");
        assert_eq!(id(&local, &page), Some(Some(long.into())));
        for mistaken in [
            "http://127.0.0.1:2/alice/aa5a31",
            "http://127.0.0.1:1/aa5a31",
            &format!("http://127.0.0.1:3/gist/alice/{long}"),
            &format!("http://alice@127.0.0.1:2/gist/alice/{long}"),
        ] {
            assert_eq!(id(&local, mistaken), Some(None), "{mistaken}");
        }
        let of = |address: &str| local.gist_page_of(address).map(|a| a.login().to_string());
        for address in ["gist/Alice/aa5a31", &format!("Alice/{long}")] {
            let page = format!("http://127.0.0.1:2/{address}");
            assert_eq!(of(&page).as_deref(), Some("Alice"), "{page}");
        }
        for address in ["gist/aa5a31", "gist/a.b/aa5a31", "gist/alice/a-b"] {
            assert_eq!(
                of(&format!("http://127.0.0.1:2/{address}")),
                None,
                "{address}"
            );
        }
    }

    #[test]
    fn what_is_no_client_id_is_refused() {
        for bad in [
            "",
            ".",
            "..",
            "a/b",
            "../user",
            "a:b",
            "a b",
            "a\nb",
            "a&scope=repo",
            "é",
            &"a".repeat(65),
            &format!("ghp_{}", "aB3".repeat(12)),
            "0123456789abcdef0123456789abcdef01234567",
        ] {
            assert!(local().with_client_id(bad).is_err(), "{bad:?}");
        }
    }
}
