//! Revocations in files: one document, a list of them, or a directory of either.

use std::path::{Path, PathBuf};

use async_trait::async_trait;
use auths_core::claim::{AnyClaim, Claim, KeyRing, Revocation, Signed};
use auths_core::ports::RevocationSource;
use auths_core::workflow::consult;
use auths_core::{Did, Timestamp, Unavailable, Why};

use crate::files;
use crate::home::{Home, documents};

/// A file or directory of revocations.
#[derive(Debug)]
pub(crate) struct Files {
    name: String,
    path: PathBuf,
}

/// The sources that the arguments name, and the home's own when it has any.
pub(crate) fn sources(named: &[PathBuf], home: &Home) -> Vec<Files> {
    let mut sources: Vec<Files> = named
        .iter()
        .map(|path| Files {
            name: path.display().to_string(),
            path: path.clone(),
        })
        .collect();
    let own = home.revocations();
    // A home that never revoked anything is no source.
    if own.symlink_metadata().is_ok() {
        sources.push(Files {
            name: "home".to_owned(),
            path: own,
        });
    }
    sources
}

/// The sources as the workflows take them.
pub(crate) fn ports(sources: &[Files]) -> Vec<&dyn RevocationSource> {
    sources
        .iter()
        .map(|source| source as &dyn RevocationSource)
        .collect()
}

/// Whether one of the sources speaks against a claim that is looked at by itself, by its signer's word or that of the recovery
/// DID that the claim names.
pub(crate) async fn against<C: Claim>(
    claim: &Signed<C>,
    recovery: Option<&Did>,
    sources: &[Files],
    now: Timestamp,
) -> Result<(), auths_core::decide::Obstacle> {
    let others: Vec<Did> = recovery.into_iter().cloned().collect();
    let revocations = consult(&ports(sources), &[claim.did().clone()], now).await;
    revocations.check(claim, &others, &KeyRing::intrinsic())
}

#[async_trait]
impl RevocationSource for Files {
    fn name(&self) -> String {
        self.name.clone()
    }

    async fn revocations(
        &self,
        _: &[Did],
        _: Timestamp,
    ) -> Result<Vec<Signed<Revocation>>, Unavailable> {
        let unread = |what: String| Unavailable::new(Why::RevocationsUnread, what);
        // The source has the name of its file already.
        let about = |path: &Path, e: &dyn std::fmt::Display| match path == self.path {
            true => unread(e.to_string()),
            false => unread(format!("{}: {e}", path.display())),
        };
        let is_dir = std::fs::metadata(&self.path)
            .map_err(|e| about(&self.path, &e))?
            .is_dir();
        let paths = if is_dir {
            documents(&self.path).map_err(|e| about(&self.path, &e))?
        } else {
            vec![self.path.clone()]
        };
        let mut found = Vec::new();
        for path in paths {
            let bytes = files::read_io(&path, files::MAX_BUNDLE).map_err(|e| about(&path, &e))?;
            found.extend(parse(&bytes).map_err(|e| about(&path, &e))?);
        }
        Ok(found)
    }
}

/// One revocation, or a JSON list of them.
fn parse(bytes: &[u8]) -> Result<Vec<Signed<Revocation>>, String> {
    if bytes.trim_ascii_start().starts_with(b"[") {
        return serde_json::from_slice(bytes).map_err(|e| e.to_string());
    }
    match AnyClaim::parse(bytes) {
        Ok(AnyClaim::Revocation(revocation)) => Ok(vec![revocation]),
        Ok(_) => Err("it is a claim of another type than Revocation".to_owned()),
        Err(e) => Err(e.to_string()),
    }
}
