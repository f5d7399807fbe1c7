//! The failure of a command without another answer: the question cannot be asked, or nothing could be read.

use std::fmt;
use std::io;

use auths_adapters_ci::{IdTokenConfigError, JobTokenError};
use auths_adapters_github::{DeviceFlowError, GitHubConfigError, LinkFailure};
use auths_adapters_pypi::token::{KeyError, MakeError, NarrowError, ParseError};
use auths_core::claim::{ClaimError, SignError};
use auths_core::decide::Obstacle;
use auths_core::grant::{DenyListError, GrantError, GrantIssueError};
use auths_core::ports::{
    AccountProverError, CiTokenError, EntropyError, KeyStoreError, LinkError, NamespaceError,
    SignerError, StoreError,
};
use auths_core::use_cases::{ClaimFailure, LinkByStatementError, PublishError, WatchError};
use auths_core::{Invalid, PolicyError, Refuted, TimeError, Unavailable, UnavailableReason};

use auths_keystore::PassphraseError;

use crate::answer::Common;
use crate::args::SecretArguments;
use crate::exit::Word;
use crate::guard;
use crate::passphrase::PassphrasesDiffer;

/// An answer that consists of its reason alone.
#[derive(Debug, Clone)]
pub(crate) struct Failure(pub(crate) Common);

impl Failure {
    /// Creates a failure for input of the caller that cannot be used.
    pub(crate) fn invalid(reason: Invalid, message: impl fmt::Display) -> Self {
        Self(Common::because(
            Word::Invalid,
            reason,
            message.to_string(),
            None,
        ))
    }

    /// Creates a failure for a wrong use of the command.
    pub(crate) fn usage(message: impl fmt::Display) -> Self {
        Self::invalid(Invalid::Usage, message)
    }

    /// Creates a failure for a mistake of this program. It is never a yes and never a no.
    pub(crate) fn internal(message: impl Into<String>) -> Self {
        Self(Common {
            outcome: Word::Undetermined,
            code: Some("AUTHS-3999"),
            reason: Some("internal-error"),
            message: Some(message.into()),
            remedy: Some("report it with the command that you ran".to_owned()),
            retry_after_s: None,
        })
    }

    /// Adds text to the reason's own.
    pub(crate) fn adding(mut self, more: &str) -> Self {
        let message = self.0.message.get_or_insert_default();
        message.push_str("; ");
        message.push_str(more);
        self
    }

    /// Removes possible tokens among the arguments from the texts.
    pub(crate) fn without(mut self, suspects: &SecretArguments) -> Self {
        for text in [&mut self.0.message, &mut self.0.remedy] {
            *text = text.as_deref().map(|text| suspects.hide(text));
        }
        self
    }

    /// Sets another remedy than the reason's own.
    pub(crate) fn remedy(mut self, remedy: impl Into<String>) -> Self {
        self.0.remedy = Some(remedy.into());
        self
    }
}

impl From<Obstacle> for Failure {
    fn from(obstacle: Obstacle) -> Self {
        Self(Common::obstacle(&obstacle))
    }
}

impl From<Unavailable> for Failure {
    fn from(why: Unavailable) -> Self {
        Obstacle::from(why).into()
    }
}

impl From<Refuted> for Failure {
    fn from(refuted: Refuted) -> Self {
        Obstacle::from(refuted).into()
    }
}

impl From<ClaimError> for Failure {
    fn from(error: ClaimError) -> Self {
        match error {
            ClaimError::Json(e) => Self::invalid(Invalid::BadJson, e),
            ClaimError::Refuted(refuted) => refuted.into(),
            ClaimError::Unavailable(why) => why.into(),
            other => Self::invalid(Invalid::BadClaim, other),
        }
    }
}

impl From<NamespaceError> for Failure {
    fn from(error: NamespaceError) -> Self {
        match error {
            NamespaceError::Unavailable(why) => why.into(),
            other => Self::usage(other),
        }
    }
}

impl From<AccountProverError> for Failure {
    fn from(error: AccountProverError) -> Self {
        match error {
            AccountProverError::Refuted(refuted) => refuted.into(),
            AccountProverError::Unavailable(why) => why.into(),
            other => Self::usage(other),
        }
    }
}

impl From<CiTokenError> for Failure {
    fn from(error: CiTokenError) -> Self {
        match error {
            CiTokenError::Refuted(refuted) => refuted.into(),
            CiTokenError::Unavailable(why) => why.into(),
            CiTokenError::Invalid { reason, .. } => Self::invalid(reason, error),
            other => Self::internal(other.to_string()),
        }
    }
}

impl From<GrantError> for Failure {
    fn from(error: GrantError) -> Self {
        match error {
            GrantError::Refuted(refuted) => refuted.into(),
            GrantError::Unavailable(why) => why.into(),
            other => Self::invalid(Invalid::MalformedGrant, other),
        }
    }
}

impl From<GrantIssueError> for Failure {
    fn from(error: GrantIssueError) -> Self {
        match error {
            GrantIssueError::Refuted(refuted) => refuted.into(),
            GrantIssueError::Signer(error) => SignError::Signer(error).into(),
            GrantIssueError::Entropy(error) => error.into(),
            // The decision was accepted a moment ago.
            GrantIssueError::NotResisting(error) => Self::internal(error.to_string()),
            other => Self::usage(other),
        }
    }
}

impl From<PublishError> for Failure {
    /// Converts to the reason alone. What else such an answer shows is `publish`'s own.
    fn from(error: PublishError) -> Self {
        match error {
            PublishError::Token(error) => error.into(),
            PublishError::NotAccepted(error) => Self(Common::decision(&error.0)),
            PublishError::Claim(refuted) => refuted.into(),
            PublishError::Pin { obstacle, .. } if matches!(*obstacle, Obstacle::Refuted(_)) => {
                Self(Common::standing_in_the_way(Word::Denied, &obstacle))
            }
            PublishError::TokenUse(obstacle) | PublishError::Pin { obstacle, .. } => {
                (*obstacle).into()
            }
            PublishError::Grant(error) => error.into(),
            other => Self::usage(other),
        }
    }
}

impl From<DenyListError> for Failure {
    fn from(error: DenyListError) -> Self {
        Self::invalid(Invalid::BadDenyList, with_causes(&error))
    }
}

impl From<JobTokenError> for Failure {
    fn from(error: JobTokenError) -> Self {
        match error {
            JobTokenError::Unavailable(why) => why.into(),
            other => Self::invalid(Invalid::BadConfiguration, other),
        }
    }
}

impl From<IdTokenConfigError> for Failure {
    fn from(error: IdTokenConfigError) -> Self {
        Self::invalid(Invalid::BadConfiguration, error)
    }
}

impl From<GitHubConfigError> for Failure {
    fn from(error: GitHubConfigError) -> Self {
        let remedy = match &error {
            GitHubConfigError::NoWeb { .. } => {
                "name both servers of that GitHub: --origin github=URL --origin github-api=URL"
            }
            GitHubConfigError::OtherIssuer { .. } => {
                "name both servers of that GitHub: --origin github-actions=URL --origin github-api=URL"
            }
            _ => "give it as --client-id, or in AUTHS_GITHUB_CLIENT_ID",
        };
        Self::invalid(Invalid::BadConfiguration, error).remedy(remedy)
    }
}

impl From<DeviceFlowError> for Failure {
    fn from(error: DeviceFlowError) -> Self {
        match error {
            DeviceFlowError::Denied(refuted) => refuted.into(),
            DeviceFlowError::Unavailable(why) => why.into(),
            other => Self::invalid(Invalid::BadConfiguration, other).remedy(
                "check the client id, and that \"Enable Device Flow\" is ticked in the app's settings on GitHub",
            ),
        }
    }
}

impl From<KeyStoreError> for Failure {
    fn from(error: KeyStoreError) -> Self {
        let reason = match &error {
            KeyStoreError::NotFound(_) => Invalid::NoKey,
            KeyStoreError::Exists(_) => Invalid::KeyExists,
            KeyStoreError::Locked => Invalid::Locked,
            KeyStoreError::WrongPassphrase(_) => Invalid::WrongPassphrase,
            KeyStoreError::Corrupt { .. } => Invalid::KeyFileCorrupt,
            KeyStoreError::Version { .. } => Invalid::KeyFileVersion,
            // A prompt, file or descriptor that gives nothing is for the caller to fix.
            KeyStoreError::Failed { source, .. } if source.is::<PassphraseError>() => {
                if let Some(differ) = cause::<PassphrasesDiffer>(&**source) {
                    let failure = Self::usage(differ);
                    return failure.remedy("type the same passphrase twice");
                }
                Invalid::Locked
            }
            // The existing file or directory is not fit to be used: rights, a link, a name. The message says what to do.
            KeyStoreError::Failed { doing, source } if is_unfit(&**source) => {
                let message = format!("{doing}: {}", with_causes(&**source));
                return Self::invalid(Invalid::BadConfiguration, message)
                    .remedy("correct what the message names");
            }
            KeyStoreError::Failed { doing, source } => {
                let detail = format!("{doing}: {}", with_causes(&**source));
                return Unavailable::new(UnavailableReason::KeystoreFailed, detail).into();
            }
            _ => {
                return Unavailable::new(UnavailableReason::KeystoreFailed, with_causes(&error))
                    .into();
            }
        };
        Self::invalid(reason, with_causes(&error))
    }
}

impl From<SignError> for Failure {
    fn from(error: SignError) -> Self {
        match error {
            SignError::Signer(SignerError::Locked) => Self::invalid(Invalid::Locked, error),
            SignError::Signer(e) => {
                Unavailable::new(UnavailableReason::KeystoreFailed, with_causes(&e)).into()
            }
            other => Self::usage(other),
        }
    }
}

impl From<ClaimFailure> for Failure {
    fn from(failure: ClaimFailure) -> Self {
        match failure {
            ClaimFailure::Obstacle(obstacle) => obstacle.into(),
            ClaimFailure::Sign(error) => error.into(),
            other => Self::internal(other.to_string()),
        }
    }
}

impl From<EntropyError> for Failure {
    fn from(error: EntropyError) -> Self {
        Unavailable::new(UnavailableReason::KeystoreFailed, with_causes(&error)).into()
    }
}

impl From<LinkError> for Failure {
    fn from(error: LinkError) -> Self {
        match error {
            LinkError::NotALink { .. } => Self::invalid(Invalid::BadClaim, error)
                .remedy("move the file away, and claim the account anew"),
            other => Unavailable::new(UnavailableReason::StoreFailed, other.to_string()).into(),
        }
    }
}

impl From<LinkFailure> for Failure {
    fn from(failure: LinkFailure) -> Self {
        match failure {
            LinkFailure::Flow(error) => error.into(),
            LinkFailure::Account(error) => error.into(),
            LinkFailure::Approval(why) | LinkFailure::Publish(why) => why.into(),
            LinkFailure::Sign(error) => error.into(),
            LinkFailure::Links(error) => error.into(),
            LinkFailure::Memory(error) => error.into(),
            other => Self::internal(other.to_string()),
        }
    }
}

impl From<LinkByStatementError> for Failure {
    fn from(error: LinkByStatementError) -> Self {
        match error {
            LinkByStatementError::Sign(error) => error.into(),
            LinkByStatementError::Links(error) => error.into(),
            LinkByStatementError::Memory(error) => error.into(),
            other => Self::internal(other.to_string()),
        }
    }
}

impl From<WatchError> for Failure {
    fn from(error: WatchError) -> Self {
        match error {
            WatchError::Registry(error) => error.into(),
            WatchError::Obstacle(obstacle) => obstacle.into(),
            other => Self::internal(other.to_string()),
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Unavailable::new(UnavailableReason::StoreFailed, with_causes(&error)).into()
    }
}

impl From<PolicyError> for Failure {
    fn from(error: PolicyError) -> Self {
        match error {
            PolicyError::Token { line, kind } => {
                guard::refusal(&format!("line {line} of the policy"), kind)
            }
            other => Self::invalid(Invalid::BadPolicy, other),
        }
    }
}

impl From<TimeError> for Failure {
    fn from(error: TimeError) -> Self {
        Self::invalid(Invalid::BadTime, error)
    }
}

impl From<ParseError> for Failure {
    fn from(error: ParseError) -> Self {
        Self::invalid(Invalid::BadToken, error)
    }
}

impl From<MakeError> for Failure {
    fn from(error: MakeError) -> Self {
        Self::invalid(Invalid::BadToken, error)
    }
}

impl From<KeyError> for Failure {
    fn from(error: KeyError) -> Self {
        let failure = Self::invalid(Invalid::BadConfiguration, error);
        failure.remedy("name a file with the token's root key in hex")
    }
}

impl From<NarrowError> for Failure {
    fn from(error: NarrowError) -> Self {
        match error {
            NarrowError::Name(_) | NarrowError::Id { .. } | NarrowError::Token => {
                Self::invalid(Invalid::BadName, error)
            }
            NarrowError::NoTime { .. } => {
                let failure = Self::invalid(Invalid::BadTime, error);
                failure.remedy("let the end be later than the beginning")
            }
            other => Self::usage(other),
        }
    }
}

/// Returns the first cause of that type, beginning with the error itself.
fn cause<'a, E: std::error::Error + 'static>(
    error: &'a (dyn std::error::Error + 'static),
) -> Option<&'a E> {
    let mut causes = std::iter::successors(Some(error), |error| error.source());
    causes.find_map(|error| {
        let inner = error
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref);
        let inner = inner.and_then(|inner| inner.downcast_ref::<E>());
        error.downcast_ref::<E>().or(inner)
    })
}

/// Returns whether a file or directory is not fit to be used, which the caller can fix.
fn is_unfit(error: &(dyn std::error::Error + 'static)) -> bool {
    use io::ErrorKind::{InvalidInput, NotADirectory, PermissionDenied};
    let kind = error.downcast_ref::<io::Error>().map(io::Error::kind);
    matches!(kind, Some(InvalidInput | NotADirectory | PermissionDenied))
}

/// Returns an error with all its causes, in one line.
pub(crate) fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        if !text.contains(&more) {
            text.push_str(": ");
            text.push_str(&more);
        }
        cause = error.source();
    }
    text
}
