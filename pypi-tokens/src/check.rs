//! Checks whether a token is valid for a use.

use auths_core::{Reason, RefutedReason};
use std::fmt;

use super::Token;
use super::caveat::Caveat;
use super::chain::{ChainLink, RootKey};
use super::context::TokenUse;
use super::restriction::Restriction;
use super::rules::{NotAccepted, RuleRow, RuleSet};

/// A token that holds in a context: this root key signed it with all its caveats, and each one is met. In an emulation, the other
/// program would say so, and [`warnings`](Self::warnings) lists what to know about that answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenValid {
    warnings: Vec<TokenWarning>,
}

/// A token that does not hold in a context.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct TokenRejected {
    reason: RejectReason,
    warnings: Vec<TokenWarning>,
}

/// The reasons why a token does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RejectReason {
    /// The key is another one, or something was changed. The caveats are not reported, because anybody could have written them.
    #[error("the signature does not belong to this token and root key")]
    Signature,
    /// The signature is good, and these restrictions are not met: all of them, in their order.
    #[error("{}", in_words(.0))]
    Unmet(Vec<UnmetRestriction>),
    /// The emulated program does not accept such a token.
    #[error(transparent)]
    NotAccepted(#[from] NotAccepted),
}

impl RejectReason {
    /// Returns the stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Signature => RefutedReason::BadSignature.code(),
            Self::Unmet(_) => RefutedReason::RestrictionUnmet.code(),
            Self::NotAccepted(error) => error.code(),
        }
    }
}

/// A restriction that is not met.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnmetRestriction {
    /// The restriction's place among the token's restrictions, from one.
    pub number: usize,
    /// The restriction.
    pub restriction: Restriction,
    /// The cause.
    pub cause: UnmetCause,
}

/// The causes why a restriction is not met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum UnmetCause {
    /// The project's name is not in the list.
    OtherProject,
    /// The project's id is not in the list.
    OtherProjectId,
    /// The user is another one.
    OtherUser,
    /// The publisher is another one.
    OtherPublisher,
    /// The time is over.
    Expired,
    /// The time has not begun.
    NotYetValid,
    /// The context lacks the value that the restriction needs.
    Missing,
    /// The caveat is JSON, but no known restriction.
    NotUnderstood,
    /// The caveat is not JSON.
    NotJson,
    /// The caveat is not UTF-8.
    NotUtf8,
    /// A third party would have to discharge the caveat.
    ThirdParty,
    /// The emulated program ends with an error at this caveat.
    Fatal,
}

/// The warnings on an answer by other rules than the default.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenWarning {
    /// The answer is that of another program.
    Emulated(&'static str),
    /// This number of restrictions are neither met nor signed, and the other program says yes all the same.
    FailsOpen(usize),
    /// The other program does not answer: it ends with an error of its own.
    Crashes,
}

impl TokenValid {
    /// Returns the warnings on the yes.
    #[must_use]
    pub fn warnings(&self) -> &[TokenWarning] {
        &self.warnings
    }
}

impl TokenRejected {
    /// Returns the stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.reason.code()
    }

    /// Returns the reason.
    #[must_use]
    pub fn reason(&self) -> &RejectReason {
        &self.reason
    }

    /// Returns the warnings on the no.
    #[must_use]
    pub fn warnings(&self) -> &[TokenWarning] {
        &self.warnings
    }
}

/// Checks a token. See [`Token::check`].
pub(super) fn check(
    token: &Token,
    key: &RootKey,
    context: &TokenUse,
    rules: RuleSet,
) -> Result<TokenValid, TokenRejected> {
    let row = rules.row();
    let mut warnings: Vec<_> = rules
        .emulates()
        .map(TokenWarning::Emulated)
        .into_iter()
        .collect();
    if let Err(not_served) = (row.serves)(token) {
        if not_served == NotAccepted::Format {
            warnings.push(TokenWarning::Crashes);
        }
        let reason = not_served.into();
        return Err(TokenRejected { reason, warnings });
    }
    let first = key.sign(token.identifier());
    let is_signed = last_link(first, token.caveats()).is(token.signature());
    // Unsigned text is not even read, except by an emulation.
    if !is_signed && rules == RuleSet::Strict {
        let reason = RejectReason::Signature;
        return Err(TokenRejected { reason, warnings });
    }
    let unmet: Vec<_> = unmet(token, context, row).collect();
    if is_signed && unmet.is_empty() {
        return Ok(TokenValid { warnings });
    }
    if rules != RuleSet::Strict {
        if is_passed_over(token, key, &unmet, row) {
            warnings.push(TokenWarning::FailsOpen(unmet.len()));
            return Ok(TokenValid { warnings });
        }
        // The emulated program reads all restrictions up to one that stops it, and fails on more than one.
        let seen = unmet.iter().take_while(|u| (row.passes_over)(u.cause));
        if rules == RuleSet::PyPiToken && seen.count() > 1 {
            warnings.push(TokenWarning::Crashes);
        }
    }
    let reason = match is_signed {
        true => RejectReason::Unmet(unmet),
        false => RejectReason::Signature,
    };
    Err(TokenRejected { reason, warnings })
}

fn unmet(
    token: &Token,
    context: &TokenUse,
    row: &RuleRow,
) -> impl Iterator<Item = UnmetRestriction> {
    let caveats = token.caveats().iter().enumerate();
    caveats.filter_map(move |(at, caveat)| {
        let (restriction, cause) = judge(caveat, context, row).err()?;
        Some(UnmetRestriction {
            number: at + 1,
            restriction,
            cause,
        })
    })
}

fn judge(
    caveat: &Caveat,
    context: &TokenUse,
    row: &RuleRow,
) -> Result<(), (Restriction, UnmetCause)> {
    if caveat.is_third_party() {
        return Err((caveat.restriction(), UnmetCause::ThirdParty));
    }
    match (row.read)(caveat.id()) {
        Err(cause) => Err((caveat.restriction(), cause)),
        Ok(restriction) => match (row.meets)(&restriction, context) {
            Err(cause) => Err((restriction, cause)),
            Ok(()) => Ok(()),
        },
    }
}

/// Returns whether the chain without the unmet caveats ends in the signature, which is the test of the emulated programs.
fn is_passed_over(token: &Token, key: &RootKey, unmet: &[UnmetRestriction], row: &RuleRow) -> bool {
    let numbered = token.caveats().iter().zip(1..);
    let met = numbered
        .filter(|(_, number)| unmet.iter().all(|u| u.number != *number))
        .map(|(caveat, _)| caveat);
    unmet.iter().all(|u| (row.passes_over)(u.cause))
        && last_link(key.sign(token.identifier()), met).is(token.signature())
}

/// Returns the last link of a chain.
fn last_link<'a>(first: ChainLink, caveats: impl IntoIterator<Item = &'a Caveat>) -> ChainLink {
    caveats
        .into_iter()
        .fold(first, |link, caveat| link.then(caveat))
}

fn in_words(unmet: &[UnmetRestriction]) -> String {
    let words: Vec<_> = unmet.iter().map(ToString::to_string).collect();
    words.join("; ")
}

/// Writes out hidden characters in the token's own text.
impl fmt::Display for UnmetRestriction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            number,
            restriction,
            cause,
        } = self;
        write!(f, "restriction {number}, {restriction}: {cause}")
    }
}

impl UnmetCause {
    fn row(self) -> (&'static str, &'static str) {
        match self {
            Self::OtherProject => ("project-name-not-listed", "it is another project"),
            Self::OtherProjectId => ("project-id-not-listed", "it is another project's id"),
            Self::OtherUser => ("user-id-mismatch", "it is another user"),
            Self::OtherPublisher => ("publisher-id-mismatch", "it is another publisher"),
            Self::Expired => ("expired", "the time is over"),
            Self::NotYetValid => ("not-yet-valid", "the time has not come"),
            Self::Missing => ("missing-context", "the context does not say which it is"),
            Self::NotUnderstood => ("unknown-caveat", "what is not understood is never met"),
            Self::NotJson => ("caveat-not-json", "it is not JSON, so it is never met"),
            Self::NotUtf8 => ("caveat-not-utf8", "it is not UTF-8, so it is never met"),
            Self::ThirdParty => ("third-party-caveat", "nobody discharges it for PyPI"),
            Self::Fatal => (
                "fatal-caveat",
                "the emulated program fails on it, so it is never met",
            ),
        }
    }

    /// Returns its stable name.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.row().0
    }
}

impl fmt::Display for UnmetCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.row().1)
    }
}

impl fmt::Display for TokenWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Emulated(name) => write!(f, "this is what {name} would say; it protects nothing"),
            Self::FailsOpen(count) => write!(
                f,
                "{}, and the emulated program passes over {}",
                match count {
                    1 => "a restriction is neither met nor signed".to_owned(),
                    n => format!("{n} restrictions are neither met nor signed"),
                },
                if *count == 1 { "it" } else { "them" }
            ),
            Self::Crashes => f.write_str("the emulated program ends with an error of its own here"),
        }
    }
}
