//! The error of every value of a CI run that is not written as it must be, and the form that all values of text have.

use crate::identity::{escape, text::cut};
use crate::reason::{Invalid, Reason};

/// The error for a value that a CI run, or a rule about CI runs, cannot have.
///
/// Its display form writes hidden characters out, and a token in the text is not repeated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{}\" is not {what}: {rule}", escape(raw_text))]
#[non_exhaustive]
pub struct CiValueError {
    /// The kind of value that was expected, such as "the id of a repository or an owner".
    pub what: &'static str,
    /// The input, cut to 80 characters, unescaped.
    pub raw_text: String,
    /// The rule that was broken, in words.
    pub rule: &'static str,
}

impl CiValueError {
    pub(super) fn new(what: &'static str, text: &str, rule: &'static str) -> Self {
        Self {
            what,
            raw_text: cut(text, 80),
            rule,
        }
    }

    /// Returns the stable code, that of every name that is not written as it must be.
    ///
    /// ```
    /// use auths_core::ci::NumericId;
    ///
    /// let error = "007".parse::<NumericId>().unwrap_err();
    /// assert_eq!(error.code(), "AUTHS-1002");
    /// ```
    #[must_use]
    pub fn code(&self) -> &'static str {
        Invalid::BadName.code()
    }
}

/// Makes a type of text that accepts only what `$check` accepts, also when it is deserialized. `$what` says what the text is.
macro_rules! text_value {
    ($(#[$meta:meta])* $name:ident, $what:literal, $check:path) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Box<str>);

        impl $name {
            /// Returns the text as it was read. For people, use the display form, which writes hidden characters out.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::ci::CiValueError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let checked: Result<(), &'static str> = $check(text);
                match checked {
                    Ok(()) => Ok(Self(text.into())),
                    Err(rule) => Err($crate::ci::CiValueError::new($what, text, rule)),
                }
            }
        }

        impl TryFrom<String> for $name {
            type Error = $crate::ci::CiValueError;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.0.into()
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Display::fmt(&$crate::identity::escape(&self.0), f)
            }
        }
    };
}
pub(super) use text_value;

/// Checks a line of text of at most `max` bytes: not empty, no control characters, no white space at its ends.
pub(super) fn check_line(text: &str, max: usize) -> Result<(), &'static str> {
    if text.is_empty() {
        return Err("it must not be empty");
    }
    if text.len() > max {
        return Err("it is too long");
    }
    if text.chars().any(char::is_control) {
        return Err("it has a control character");
    }
    if text.trim() != text {
        return Err("it has white space at an end");
    }
    Ok(())
}
