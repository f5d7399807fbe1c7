//! Gists that hold a signed platform claim: their ids, and what they show.

use std::fmt;
use std::str::FromStr;

use auths_core::claim::{PlatformClaim, Signed};
use auths_core::evidence::{AccountEvidence, AccountProof, GistState};
use auths_core::ports::CLAIM_FILE;
use auths_core::{
    Account, Invalid, Reason, Refuted, RefutedReason, Timestamp, Unavailable, UnavailableReason,
};
use auths_http::{Field, Object};
use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::config::GitHubConfig;
use crate::wire::{GistAnswer, GistFile};

/// The largest file that is read, in bytes. A platform claim has about one kilobyte.
const MAX_CLAIM: usize = 64 << 10;

/// The id of a gist: 1 to 64 ASCII letters and digits. Nothing else is ever taken from an address that somebody gave.
///
/// ```
/// use auths_adapters_github::GistId;
///
/// assert!("aa5a315d61ae9438b18d".parse::<GistId>().is_ok());
/// assert!("../user".parse::<GistId>().is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GistId(Box<str>);

/// The error of a text that names no gist.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("that names no gist: {why}")]
pub struct GistIdError {
    why: &'static str,
}

impl GistIdError {
    /// Returns the stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        Invalid::BadName.code()
    }
}

impl GistId {
    /// Returns the id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for GistId {
    type Err = GistIdError;

    fn from_str(text: &str) -> Result<Self, GistIdError> {
        let fits =
            (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric());
        match fits {
            true => Ok(Self(text.into())),
            false => Err(refuse("an id is 1 to 64 ASCII letters and digits")),
        }
    }
}

impl fmt::Display for GistId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

pub(crate) fn refuse(why: &'static str) -> GistIdError {
    GistIdError { why }
}

/// The content of a gist, before it is compared with a claim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct GistSnapshot {
    pub(crate) owner: Account,
    pub(crate) created: Timestamp,
    pub(crate) updated: Timestamp,
    pub(crate) revision: Option<String>,
    /// The reason why the gist proves nobody, if there is one.
    pub(crate) flaw: Option<Refuted>,
    /// The file that would hold the claim, or the reason why there is none.
    pub(crate) content: Result<String, String>,
    pub(crate) digest: String,
}

impl GistSnapshot {
    /// Reads an answer about the gist `id`.
    ///
    /// # Errors
    /// [`Unavailable`] when the answer is about another gist, or lacks a needed part.
    pub(crate) fn new(
        answer: GistAnswer,
        id: &GistId,
        config: &GitHubConfig,
    ) -> Result<Self, Unavailable> {
        if answer.id != id.as_str() {
            let detail = "the answer is about another gist";
            return Err(Unavailable::new(
                UnavailableReason::EvidenceMismatch,
                detail,
            ));
        }
        let Some(Object(owner)) = answer.owner else {
            return Err(Unavailable::missing_field("owner of the gist"));
        };
        let owner = owner.into_user();
        let account = owner.account(config)?;
        if answer.files.0.is_empty() {
            let detail = "the gist has no file in the answer";
            return Err(Unavailable::new(UnavailableReason::Empty, detail));
        }
        let (created, updated) = (time(&answer.created_at)?, time(&answer.updated_at)?);
        if updated < created {
            let detail = "the gist was changed before it was made";
            return Err(Unavailable::unreadable(detail));
        }
        if answer.truncated == Some(true) {
            let detail = "the gist has more files than are shown";
            return Err(Unavailable::new(UnavailableReason::Truncated, detail));
        }
        let flaw = match (&answer.fork_of, owner.is_person()) {
            (Field::Value(_), _) => {
                Some(Refuted::new(RefutedReason::GistForked, "it says so itself"))
            }
            (_, false) => {
                let detail = format!("its owner {} is of type {:?}", owner.login, owner.kind);
                Some(Refuted::new(RefutedReason::NotAPerson, detail))
            }
            _ => None,
        };
        let content = match claim_file(answer.files.0) {
            None => Err(format!(
                "it has no file called {CLAIM_FILE}, and no other counts"
            )),
            Some(file) => content(file)?,
        };
        let revision = answer.history.and_then(|history| {
            let Object(newest) = history.read()?.into_iter().next()?.read()?;
            newest.version
        });
        Ok(Self {
            owner: account,
            created,
            updated,
            revision,
            flaw,
            digest: sha256_hex(content.as_deref().unwrap_or_default()),
            content,
        })
    }

    /// Returns the claim in the gist.
    ///
    /// # Errors
    /// [`Refuted`] when the gist holds no claim.
    pub(crate) fn claim(&self) -> Result<Signed<PlatformClaim>, Refuted> {
        let content = self.content.as_ref().map_err(Clone::clone);
        let claim = content.and_then(|content| {
            Signed::<PlatformClaim>::parse(content.as_bytes()).map_err(|e| e.to_string())
        });
        claim.map_err(|why| Refuted::new(RefutedReason::GistWithoutClaim, why))
    }

    /// Checks that the gist is the claimed account's own, and no fork.
    ///
    /// # Errors
    /// [`Refuted`]: a fork, another account, or one that has the login now and is another.
    pub(crate) fn is_of(&self, claimed: &Account) -> Result<(), Refuted> {
        if let Some(flaw) = &self.flaw {
            return Err(flaw.clone());
        }
        if self.owner.same_as(claimed) {
            return Ok(());
        }
        let by = match self.owner.same_login(claimed) {
            true => RefutedReason::LoginReregistered,
            false => RefutedReason::GistOfAnother,
        };
        let detail = format!(
            "it belongs to {}, and the claim names {claimed}",
            self.owner
        );
        Err(Refuted::new(by, detail))
    }

    /// Checks the claim that was found in the gist, with [`is_of`](Self::is_of). A gist may be where its address says, and hold
    /// the claim of another account. Then it is its owner's own gist, and the error says that the claim is out of place.
    ///
    /// # Errors
    /// [`Refuted`], as for [`is_of`](Self::is_of).
    pub(crate) fn is_of_who_claims(
        &self,
        claimed: &Account,
        page_of: Option<&Account>,
    ) -> Result<(), Refuted> {
        let is_in_place = page_of.is_some_and(|page| page.same_login(&self.owner));
        self.is_of(claimed).map_err(|refuted| match refuted.reason {
            RefutedReason::GistOfAnother if is_in_place => {
                Refuted::new(RefutedReason::GistNamesAnother, refuted.raw_detail)
            }
            _ => refuted,
        })
    }

    /// Returns whether the gist is in another state than the recorded one.
    pub(crate) fn differs_from(&self, recorded: &GistState) -> bool {
        let revised = match (&self.revision, &recorded.revision) {
            (Some(now), Some(then)) => now != then,
            _ => false,
        };
        revised || self.digest != recorded.digest
    }

    /// Makes evidence that the gist's owner published `claim`, and that the gist has not changed since then.
    pub(crate) fn evidence(
        &self,
        id: &GistId,
        claim: &Signed<PlatformClaim>,
        unchanged_since: Timestamp,
        seen_at: Timestamp,
        sources: Vec<String>,
    ) -> AccountEvidence {
        let state = GistState::new(self.revision.clone(), self.digest.clone(), self.created);
        let proof = AccountProof::GistProof {
            gist: id.to_string(),
            claim: claim.id().clone(),
            unchanged_since,
            state: Some(state),
        };
        let mut evidence =
            AccountEvidence::new(self.owner.clone(), claim.did().clone(), seen_at, proof);
        evidence.sources = sources;
        evidence
    }
}

/// Returns the file of a proof, found only by its name. Services publish files of strangers as gists of their own accounts.
fn claim_file(files: Vec<(String, Option<Object<GistFile>>)>) -> Option<GistFile> {
    let mut named = files.into_iter().filter(|(name, _)| name == CLAIM_FILE);
    named
        .next()
        .and_then(|(_, file)| file)
        .map(|Object(file)| file)
}

/// Returns the whole content of the file, or the reason why it can be no claim.
fn content(file: GistFile) -> Result<Result<String, String>, Unavailable> {
    match (file.truncated, file.size) {
        (Some(true), _) => {
            let detail = "the gist's file is larger than what is shown of it";
            return Err(Unavailable::new(UnavailableReason::Truncated, detail));
        }
        (None, None) => return Err(missing_part("word whether it is whole")),
        _ => {}
    }
    let content = file.content.ok_or_else(|| missing_part("content"))?;
    if file.encoding.is_some_and(|encoding| encoding != "utf-8") {
        return Ok(Err("its file is not UTF-8".to_owned()));
    }
    if file.size.is_some_and(|size| size != content.len() as u64) {
        let detail = "the gist's file is not as long as it says";
        return Err(Unavailable::unreadable(detail));
    }
    if content.len() > MAX_CLAIM {
        return Ok(Err(format!("its file is larger than {MAX_CLAIM} bytes")));
    }
    Ok(Ok(content))
}

fn missing_part(what: &str) -> Unavailable {
    Unavailable::missing_field(format_args!("{what} of the gist's file"))
}

fn sha256_hex(content: &str) -> String {
    format!(
        "sha256:{}",
        HEXLOWER.encode(&Sha256::digest(content.as_bytes()))
    )
}

fn time(text: &str) -> Result<Timestamp, Unavailable> {
    Timestamp::parse_rfc3339(text).map_err(Unavailable::unreadable)
}
