//! GitHub's answers, and the addresses of gists.

use auths_adapters_github::{GistId, GitHubConfig, fuzzing};
use auths_core::Origin;
use auths_core::ci::{CiIssuer, CiProvider, RepositoryName};
use auths_core::claim::{Observation, Signed, SigningRequest};
use auths_core::evidence::Evidence;
use auths_core::ports::EnvironmentQuery;
use auths_http::Response;

use super::claims::text;
use crate::claims::{alice, now, sign};

pub(super) const GIST: &str = "aa5a315d61ae9438b18d";

fn github() -> GitHubConfig {
    GitHubConfig::public().unwrap()
}

/// Reads the answer about a gist. It proves the account that owns it, and no other. The kept part can be signed by an observer,
/// and read again.
pub fn github_gist(data: &[u8]) -> bool {
    let id: GistId = GIST.parse().unwrap();
    let Some((claim, evidence)) = fuzzing::gist(data, &id, &github(), now()) else {
        return false;
    };
    let account = &claim.unverified().account;
    assert!(evidence.account.same_as(account) && account.id().is_some());
    assert_eq!(evidence.did, *claim.did());
    let other: GistId = "bb5a315d61ae9438b18d".parse().unwrap();
    assert!(fuzzing::gist(data, &other, &github(), now()).is_none());
    let observation = Observation::new(Evidence::Account(Box::new(evidence)));
    let signed = sign(SigningRequest::new(observation, now()), &alice());
    let again = Signed::<Observation>::parse(signed.to_json().as_bytes());
    assert_eq!(
        again.expect("what was seen can be told").unverified(),
        signed.unverified()
    );
    true
}

/// Reads the answer about an environment. One that is guarded has a reviewer, and says in so many words that nobody passes over them.
pub fn github_environment(data: &[u8]) -> bool {
    let web: Origin = "https://api.github.com".parse().unwrap();
    let url = web.at(&["repositories"]).unwrap();
    let headers = [("content-type", "application/json")];
    let response = Response::from_parts(url, 200, &headers, data, now());
    let issuer = CiIssuer::public(CiProvider::GitHubActions).unwrap();
    let name: RepositoryName = "acme/widget".parse().unwrap();
    let query = EnvironmentQuery::new(
        issuer,
        "700700".parse().unwrap(),
        "pypi".parse().unwrap(),
        now(),
    );
    let Some(seen) = fuzzing::environment(&response, &query, &name) else {
        return false;
    };
    if seen.is_guarded() {
        // Members that nobody looks at may hold any bytes.
        let said = String::from_utf8_lossy(data);
        let says = |word: &str| said.contains(word) || said.contains("\\u");
        assert!(says("required_reviewers") && says("prevent_self_review"));
    }
    let other: RepositoryName = "acme/other".parse().unwrap();
    assert!(fuzzing::environment(&response, &query, &other).is_none());
    true
}

/// Reads the answers of a device flow. The text shown to a person is plain, and its page is on the server that was asked. An
/// error gives no token.
pub fn github_flow(data: &[u8]) -> bool {
    let web: Origin = "https://github.com".parse().unwrap();
    let answer = |status| {
        let url = web.at(&["login"]).unwrap();
        let headers = [("content-type", "application/json")];
        Response::from_parts(url, status, &headers, data, now())
    };
    let begun = fuzzing::flow(&answer(200), &web);
    if let Some((code, url)) = &begun {
        assert!(code.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'));
        assert!(web.contains(&url.parse().unwrap()));
    }
    let is_token = fuzzing::token(&answer(200));
    assert!(!fuzzing::token(&answer(400)), "only a 200 gives one");
    let value: serde_json::Value = serde_json::from_slice(data).unwrap_or_default();
    assert!(!is_token || !value["error"].is_string());
    begun.is_some() || is_token
}

/// Reads the address of a gist. Only its id is kept, as a path segment that changes nothing else.
pub fn github_address(data: &[u8]) -> bool {
    let Some(text) = text(data) else { return false };
    let Some(Ok(id)) = github().gist_of(text) else {
        return false;
    };
    assert!(id.as_str().bytes().all(|b| b.is_ascii_alphanumeric()));
    assert!(text.contains(id.as_str()), "it stands in the address");
    true
}
