//! Entry points for the fuzz targets of `tests/fuzz`. The bytes are read by the code that reads real tokens and key sets.

use auths_core::Timestamp;
use auths_core::ci::{CiIdentity, CiIssuer, CiProvider};

use crate::claims::Claims;
use crate::header::Header;
use crate::key_set::{KeySet, read_keys};
use crate::members::Members;
use crate::parse::TokenParts;
use crate::{github, gitlab};

/// Returns whether the bytes are a token whose header can be used.
#[must_use]
pub fn token(text: &str) -> bool {
    TokenParts::read(text).is_ok_and(|parts| Header::read(&parts.header).is_ok())
}

/// Returns the run that a payload tells of, as if its signature had held.
#[must_use]
pub fn identity(payload: &[u8], issuer: &CiIssuer) -> Option<CiIdentity> {
    let claims = Claims::new(Members::read(payload)?).ok()?;
    let now = Timestamp::from_unix(0).ok()?;
    let _ = claims.times(issuer.provider, now);
    let parts = match issuer.provider {
        CiProvider::GitHubActions => github::read_run(&claims, issuer),
        _ => gitlab::read_run(&claims, issuer),
    };
    CiIdentity::new(parts.ok()?).ok()
}

/// Returns the number of usable keys in a set; `None` when the set is refused.
#[must_use]
pub fn keys(body: &[u8]) -> Option<usize> {
    let answer = serde_json::from_slice(body).ok()?;
    let material = read_keys(&answer).ok()?;
    let usable = material.usable.len();
    let keys = KeySet::new(material);
    assert_eq!(keys.len(), usable, "every key that was read can be used");
    Some(usable)
}
