//! The exit status of each outcome.

use std::process::ExitCode;

use auths_core::Outcome;
use serde::Serialize;

/// The word that every answer begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Word {
    /// The registry agrees.
    Confirmed,
    /// The evidence contradicts.
    Refuted,
    /// The policy is met.
    Accepted,
    /// The policy will be met, when a statement is mature.
    Pending,
    /// The policy is not met.
    Denied,
    /// Something needed could not be read.
    Undetermined,
    /// Nothing could be read.
    Unavailable,
    /// The question cannot be asked in this form.
    Invalid,
    /// The command did its work.
    Done,
}

impl Word {
    /// Returns the exit status of the word.
    pub(crate) fn exit(self) -> Exit {
        match self {
            Self::Confirmed | Self::Accepted | Self::Done => Exit::Yes,
            Self::Refuted | Self::Denied | Self::Pending => Exit::No,
            Self::Invalid => Exit::Invalid,
            Self::Undetermined | Self::Unavailable => Exit::Unknown,
        }
    }

    /// Returns the word in documents.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Refuted => "refuted",
            Self::Accepted => "accepted",
            Self::Pending => "pending",
            Self::Denied => "denied",
            Self::Undetermined => "undetermined",
            Self::Unavailable => "unavailable",
            Self::Invalid => "invalid",
            Self::Done => "done",
        }
    }
}

impl From<Outcome> for Word {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Accepted => Self::Accepted,
            Outcome::Pending => Self::Pending,
            Outcome::Denied => Self::Denied,
            Outcome::Undetermined => Self::Undetermined,
        }
    }
}

/// The exit statuses of the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// 0: accepted, confirmed, done.
    Yes,
    /// 1: refuted, denied, pending.
    No,
    /// 2: the input, the usage or the configuration cannot be used.
    Invalid,
    /// 3: the answer could not be found out.
    Unknown,
    /// 130: interrupted.
    Interrupted,
}

impl Exit {
    /// Returns the worse of two statuses, for a set of answers. The order from the worst is: could not be asked, could not find
    /// out, no, yes.
    pub(crate) fn worse(self, other: Self) -> Self {
        let rank = |exit| match exit {
            Self::Yes => 0,
            Self::No => 1,
            Self::Unknown => 2,
            Self::Invalid => 3,
            Self::Interrupted => 4,
        };
        if rank(other) > rank(self) {
            other
        } else {
            self
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Yes => 0,
            Exit::No => 1,
            Exit::Invalid => 2,
            Exit::Unknown => 3,
            Exit::Interrupted => 130,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_yes_ends_with_zero() {
        use Word::*;
        for word in [
            Confirmed,
            Refuted,
            Accepted,
            Pending,
            Denied,
            Undetermined,
            Unavailable,
            Invalid,
            Done,
        ] {
            let yes = matches!(word, Confirmed | Accepted | Done);
            assert_eq!(word.exit() == Exit::Yes, yes, "{word:?}");
            assert_eq!(
                serde_json::to_value(word).unwrap(),
                serde_json::json!(word.as_str())
            );
        }
    }

    #[test]
    fn the_worst_of_several() {
        assert_eq!(Exit::Yes.worse(Exit::No), Exit::No);
        assert_eq!(Exit::Unknown.worse(Exit::No), Exit::Unknown);
        assert_eq!(Exit::Unknown.worse(Exit::Invalid), Exit::Invalid);
    }
}
