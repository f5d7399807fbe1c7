//! Entry points for the fuzz targets of `tests/fuzz`. The bytes of an answer are read by the code that reads real answers.

use auths_core::ci::{EnvironmentProtection, RepositoryName};
use auths_core::claim::{PlatformClaim, Signed};
use auths_core::evidence::AccountEvidence;
use auths_core::ports::EnvironmentQuery;
use auths_core::{Origin, Timestamp};
use auths_http::{Object, Response};

use crate::config::GitHubConfig;
use crate::device_answer::{PollResult, poll, read_started_flow};
use crate::environments::SeenEnvironment;
use crate::gist::{GistId, GistSnapshot};
use crate::wire::GistAnswer;

/// Returns the claim in a gist's answer, and the evidence; `None` when the gist proves nobody.
#[must_use]
pub fn gist(
    body: &[u8],
    id: &GistId,
    config: &GitHubConfig,
    now: Timestamp,
) -> Option<(Signed<PlatformClaim>, AccountEvidence)> {
    let Object(answer) = serde_json::from_slice::<Object<GistAnswer>>(body).ok()?;
    let seen = GistSnapshot::new(answer, id, config).ok()?;
    let stored = serde_json::to_string(&seen).unwrap_or_default();
    assert_eq!(
        serde_json::from_str::<GistSnapshot>(&stored).ok().as_ref(),
        Some(&seen)
    );
    let claim = seen.claim().ok()?;
    seen.is_of(&claim.unverified().account).ok()?;
    let evidence = seen.evidence(id, &claim, seen.updated, now, Vec::new());
    Some((claim, evidence))
}

/// Returns the code that a person would be shown, and the page; `None` when no flow is begun.
#[must_use]
pub fn flow(response: &Response, web: &Origin) -> Option<(String, String)> {
    let begun = read_started_flow(response, web, &|_| ()).ok()?;
    Some((begun.user_code, begun.url))
}

/// Returns the protection in an answer about an environment; `None` where it is not about the one that was asked about, or was not
/// read whole.
#[must_use]
pub fn environment(
    response: &Response,
    query: &EnvironmentQuery,
    repository: &RepositoryName,
) -> Option<EnvironmentProtection> {
    let seen = SeenEnvironment::read(response, query, repository).ok()?;
    Some(seen.into_protection())
}

/// Returns whether a poll gives a token.
#[must_use]
pub fn token(response: &Response) -> bool {
    matches!(poll(response, &|_| ()), Ok(PollResult::Granted(_)))
}
