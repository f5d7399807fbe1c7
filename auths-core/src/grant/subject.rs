//! Whom a grant is for.

use std::fmt;
use std::str::FromStr;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde::{Deserialize, Serialize};

use crate::ci::{CiIdentity, IssuerUrl, NumericId, WorkflowFile};
use crate::decide::Speaker;
use crate::identity::{Did, NameError, escape};
use crate::reason::{Refuted, RefutedReason};

/// The characters of an issuer that are escaped: everything that could be taken for another part of the subject.
const HOST: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'.')
    .remove(b'-')
    .remove(b'_')
    .remove(b'~');

/// Whom a grant is for: the member `sub`.
///
/// It is the DID of a key, or `ci:<issuer>:<repository id>:<owner id>:<workflow file>` for a CI run. It says who asked, and lets
/// whoever takes the grant in keep a record; it grants nothing by itself.
///
/// ```
/// use auths_core::grant::GrantSubject;
///
/// let subject: GrantSubject = "ci:token.actions.githubusercontent.com:700700:4242:release.yml".parse()?;
/// assert_eq!(subject.run().map(|run| run.repository_id.get()), Some(700700));
/// assert!("ci:token.actions.githubusercontent.com:700700:release.yml".parse::<GrantSubject>().is_err());
/// # Ok::<(), auths_core::NameError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[non_exhaustive]
pub enum GrantSubject {
    /// The DID whose key signed.
    Key(Did),
    /// A CI run.
    Run(GrantedRun),
}

/// A CI run, as a grant names it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub struct GrantedRun {
    /// The host of the issuer of its token, with port and path where the issuer has them. Numbers of two issuers are never compared.
    pub issuer: String,
    /// The number of the repository that the run is of.
    pub repository_id: NumericId,
    /// The number of the owner of that repository.
    pub owner_id: NumericId,
    /// The workflow file that was started, in that repository.
    pub workflow: WorkflowFile,
}

impl GrantSubject {
    /// Returns the DID, where the grant is for a key.
    #[must_use]
    pub fn did(&self) -> Option<&Did> {
        match self {
            Self::Key(did) => Some(did),
            Self::Run(_) => None,
        }
    }

    /// Returns the run, where the grant is for one.
    #[must_use]
    pub fn run(&self) -> Option<&GrantedRun> {
        match self {
            Self::Key(_) => None,
            Self::Run(run) => Some(run),
        }
    }

    /// Returns the subject of a speaker's grant.
    ///
    /// # Errors
    /// [`RefutedReason::WorkflowFileUnknown`] for a run whose token does not show the file of its workflow.
    pub(super) fn of(speaker: &Speaker) -> Result<Self, Refuted> {
        match speaker {
            Speaker::Key(did) => Ok(Self::Key(did.clone())),
            Speaker::Run(run) => GrantedRun::of(run).map(Self::Run),
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let Some(run) = text.strip_prefix("ci:") else {
            return text.parse().ok().map(Self::Key);
        };
        let mut parts = run.splitn(4, ':');
        let issuer = parts.next()?;
        let run = GrantedRun {
            issuer: percent_decode_str(issuer).decode_utf8().ok()?.into_owned(),
            repository_id: parts.next()?.parse().ok()?,
            owner_id: parts.next()?.parse().ok()?,
            workflow: parts.next()?.parse().ok()?,
        };
        let is_issuer = ["https", "http"].iter().any(|scheme| {
            format!("{scheme}://{}", run.issuer)
                .parse::<IssuerUrl>()
                .is_ok()
        });
        let subject = Self::Run(run);
        // Each subject has one spelling.
        (is_issuer && subject.text() == text).then_some(subject)
    }

    /// Returns the text of the member `sub`.
    fn text(&self) -> String {
        match self {
            Self::Key(did) => did.as_str().to_owned(),
            Self::Run(run) => format!(
                "ci:{}:{}:{}:{}",
                utf8_percent_encode(&run.issuer, HOST),
                run.repository_id,
                run.owner_id,
                run.workflow.as_str()
            ),
        }
    }
}

impl GrantedRun {
    fn of(run: &CiIdentity) -> Result<Self, Refuted> {
        let workflow = run.workflow_file().ok_or_else(|| {
            let parts = run.parts();
            let detail = format!(
                "the workflow {} is no file of {} at the ref or commit of the run",
                parts.workflow, parts.repository.name
            );
            Refuted::new(RefutedReason::WorkflowFileUnknown, detail)
        })?;
        Ok(Self {
            issuer: issuer_text(&run.issuer().url),
            repository_id: run.repository().id,
            owner_id: run.owner().id,
            workflow,
        })
    }
}

impl GrantedRun {
    /// Returns whether it is a run of this repository and owner at this issuer.
    pub(super) fn is_of(
        &self,
        issuer: &IssuerUrl,
        repository: NumericId,
        owner: NumericId,
    ) -> bool {
        let numbers = (self.repository_id, self.owner_id);
        self.issuer == issuer_text(issuer) && numbers == (repository, owner)
    }
}

/// Returns the host of an issuer, with port and path where it has them.
fn issuer_text(issuer: &IssuerUrl) -> String {
    let url = issuer.to_string();
    url.split_once("://")
        .map_or("", |(_, rest)| rest)
        .to_owned()
}

impl FromStr for GrantSubject {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let rule = "a DID, or ci:<issuer>:<repository id>:<owner id>:<workflow file>";
        Self::parse(text).ok_or_else(|| NameError::new(text, "the subject of a grant", rule))
    }
}

impl TryFrom<String> for GrantSubject {
    type Error = NameError;

    fn try_from(text: String) -> Result<Self, NameError> {
        text.parse()
    }
}

impl From<GrantSubject> for String {
    fn from(subject: GrantSubject) -> Self {
        subject.text()
    }
}

/// Prints the text of the member `sub`, with hidden characters written out.
impl fmt::Display for GrantSubject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        escape(&self.text()).fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ci::tests::scene;
    use crate::ci::{CiIssuer, CiProvider};

    fn run_at(issuer: &str) -> Speaker {
        let mut parts = scene::parts();
        parts.issuer = CiIssuer::new(CiProvider::GitHubActions, issuer.parse().unwrap());
        Speaker::Run(Box::new(CiIdentity::new(parts).unwrap()))
    }

    #[test]
    fn a_run_is_named_by_numbers_and_reads_back() {
        for (issuer, text) in [
            (
                "https://token.actions.githubusercontent.com",
                "ci:token.actions.githubusercontent.com:700700:4242:release.yml",
            ),
            (
                "https://ghes.example:8443/_services/token",
                "ci:ghes.example%3A8443%2F_services%2Ftoken:700700:4242:release.yml",
            ),
            (
                "http://127.0.0.1:443",
                "ci:127.0.0.1%3A443:700700:4242:release.yml",
            ),
        ] {
            let subject = GrantSubject::of(&run_at(issuer)).unwrap();
            assert_eq!(subject.to_string(), text);
            assert_eq!(text.parse::<GrantSubject>().unwrap(), subject);
        }
    }

    #[test]
    fn a_run_whose_workflow_file_is_not_shown_has_no_subject() {
        let mut parts = scene::parts();
        parts.workflow = "acme/shared/.github/workflows/release.yml@refs/tags/v1.2.0"
            .parse()
            .unwrap();
        let run = Speaker::Run(Box::new(CiIdentity::new(parts).unwrap()));
        let refuted = GrantSubject::of(&run).unwrap_err();
        assert_eq!(refuted.reason, RefutedReason::WorkflowFileUnknown);
    }

    #[test]
    fn a_subject_has_one_spelling() {
        for bad in [
            "",
            "ci:",
            "alice",
            "ci:h.example:1:2",
            "ci:h.example:1:2:",
            "ci:h.example:01:2:a.yml",
            "ci:h.example:0:2:a.yml",
            "ci:h.example:1:2:a",
            "ci:h.example:1:2:a/b.yml",
            "ci:h%2Eexample:1:2:a.yml",
            "ci:H.example:1:2:a.yml",
            "ci:h.example%2f:1:2:a.yml",
            "ci::1:2:a.yml",
            "ci:https%3A%2F%2Fh.example:1:2:a.yml",
            "CI:h.example:1:2:a.yml",
            // A port belongs to the issuer, and is escaped.
            "ci:h.example:8443:1:2:a.yml:b",
            "ci:%FF:1:2:a.yml",
        ] {
            assert!(bad.parse::<GrantSubject>().is_err(), "{bad}");
        }
        // A colon of a file name moves nothing.
        let odd: GrantSubject = "ci:h.example:8443:1:2:a.yml".parse().unwrap();
        assert_eq!(odd.run().unwrap().workflow.as_str(), "2:a.yml");
    }
}
