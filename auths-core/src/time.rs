//! Points in time, to the second, as written in signed documents.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use jiff::SignedDuration;
use jiff::civil::{self, DateTime};
use serde::{Deserialize, Serialize};

use crate::codes::{Invalid, Reason};
use crate::tokens::shown;

/// The last second of the year 9999: the largest time of the wire form.
const MAX_UNIX: i64 = 253_402_300_799;
/// The beginning of 1970. Civil times reach to the end of the year 9999; jiff's own timestamps do not.
const EPOCH: DateTime = civil::date(1970, 1, 1).at(0, 0, 0, 0);

/// A point in time, UTC, to the second, between 1970 and 9999.
///
/// The wire form is exactly `YYYY-MM-DDTHH:MM:SSZ` (RFC 3339 with no fraction and no other offset), so
/// that one time has one spelling in signed bytes. Core never reads a clock: every `Timestamp` comes in
/// as an argument or in evidence.
///
/// ```
/// use auths_core::Timestamp;
/// use std::time::Duration;
///
/// let t: Timestamp = "2026-11-21T08:46:00Z".parse()?;
/// assert_eq!((t + Duration::from_secs(60)).to_string(), "2026-11-21T08:47:00Z");
/// assert!("2026-11-21 08:46:00Z".parse::<Timestamp>().is_err());
/// assert!("2026-11-21T08:46:60Z".parse::<Timestamp>().is_err());
/// # Ok::<(), auths_core::TimeError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Timestamp(i64);

/// The error for a time that is not in the required form or range.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TimeError {
    /// The text is not a time in the expected form.
    #[error("{text:?} is not a time: write it as 2026-11-21T08:46:00Z")]
    Syntax {
        /// The input. If it is longer than any time, it may be a secret in the wrong place; then only its length.
        text: String,
    },
    /// The time lies before 1970 or after 9999.
    #[error("the time lies outside 1970..=9999")]
    Range,
}

impl Timestamp {
    /// The last representable time: 9999-12-31T23:59:59Z. Additions stop here.
    pub const MAX: Self = Self(MAX_UNIX);

    /// Creates a time from seconds since 1970-01-01T00:00:00Z.
    ///
    /// # Errors
    /// [`TimeError::Range`] before 1970 or after 9999.
    pub const fn from_unix(seconds: i64) -> Result<Self, TimeError> {
        if seconds < 0 || seconds > MAX_UNIX {
            return Err(TimeError::Range);
        }
        Ok(Self(seconds))
    }

    /// Reads any RFC 3339 time with an offset, as platforms send it. Fractions of a second are dropped.
    ///
    /// Signed documents are stricter: they use the [`FromStr`] form.
    ///
    /// # Errors
    /// [`TimeError`] when the text is not an RFC 3339 time or lies outside the range.
    pub fn parse_rfc3339(text: &str) -> Result<Self, TimeError> {
        if let Ok(time) = text.parse() {
            return Ok(time);
        }
        let parsed: jiff::Timestamp = text.parse().map_err(|_| TimeError::syntax(text))?;
        Self::from_unix(parsed.as_second())
    }

    /// Returns the seconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn as_unix(self) -> i64 {
        self.0
    }

    /// Returns the time elapsed since `earlier`; zero when this time is not after it.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_secs(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }
}

impl TimeError {
    /// Returns the stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        Invalid::BadTime.code()
    }

    /// Creates the error about this text.
    #[must_use]
    pub fn syntax(text: &str) -> Self {
        let text = match text.len() {
            0..=40 => shown(text).into_owned(),
            longer => format!("(hidden, {longer} characters)"),
        };
        Self::Syntax { text }
    }
}

impl std::ops::Add<Duration> for Timestamp {
    type Output = Self;

    /// Adds whole seconds; stops at the end of the year 9999.
    fn add(self, rhs: Duration) -> Self {
        let seconds = i64::try_from(rhs.as_secs()).unwrap_or(i64::MAX);
        Self(self.0.saturating_add(seconds).min(MAX_UNIX))
    }
}

impl std::ops::Sub<Duration> for Timestamp {
    type Output = Self;

    /// Subtracts whole seconds; stops at 1970.
    fn sub(self, rhs: Duration) -> Self {
        let seconds = i64::try_from(rhs.as_secs()).unwrap_or(i64::MAX);
        Self(self.0.saturating_sub(seconds).max(0))
    }
}

impl FromStr for Timestamp {
    type Err = TimeError;

    /// Reads the one wire form, `YYYY-MM-DDTHH:MM:SSZ`.
    fn from_str(text: &str) -> Result<Self, TimeError> {
        let civil = text.strip_suffix('Z').filter(|_| text.len() == 20);
        let civil = civil.and_then(|civil| civil.parse::<DateTime>().ok());
        let civil = civil.ok_or_else(|| TimeError::syntax(text))?;
        let parsed = Self::from_unix(civil.duration_since(EPOCH).as_secs())?;
        // jiff accepts more than the wire form (lower case, leap seconds). One time must have one spelling.
        if parsed.to_string() == text {
            Ok(parsed)
        } else {
            Err(TimeError::syntax(text))
        }
    }
}

impl TryFrom<String> for Timestamp {
    type Error = TimeError;

    fn try_from(text: String) -> Result<Self, TimeError> {
        text.parse()
    }
}

impl From<Timestamp> for String {
    fn from(time: Timestamp) -> Self {
        time.to_string()
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The value is in range by construction; jiff writes whole seconds without a fraction.
        write!(f, "{}Z", EPOCH + SignedDuration::from_secs(self.0))
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// One day.
pub(crate) const DAY: Duration = Duration::from_secs(86_400);

/// Returns a span in ordinary words: `7 days`, `5 minutes`, `90 seconds`.
#[must_use]
pub fn in_words(span: Duration) -> String {
    let seconds = span.as_secs();
    let (n, unit) = match seconds {
        s if s >= 86_400 && s % 86_400 == 0 => (s / 86_400, "day"),
        s if s >= 3_600 && s % 3_600 == 0 => (s / 3_600, "hour"),
        s if s >= 60 && s % 60 == 0 => (s / 60, "minute"),
        s => (s, "second"),
    };
    format!("{n} {unit}{}", if n == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn display_and_parse_are_inverse(seconds in 0..=MAX_UNIX) {
            let time = Timestamp::from_unix(seconds).unwrap();
            prop_assert_eq!(time.to_string().parse::<Timestamp>().unwrap(), time);
        }

        #[test]
        fn the_first_and_last_days_read_back(from_the_border in 0..=200_000i64) {
            for seconds in [from_the_border, MAX_UNIX - from_the_border] {
                let time = Timestamp::from_unix(seconds).unwrap();
                let text = time.to_string();
                prop_assert_eq!(text.parse::<Timestamp>().unwrap(), time);
                prop_assert_eq!(Timestamp::parse_rfc3339(&text).unwrap(), time);
            }
        }

        #[test]
        fn additions_stop_at_the_end(seconds in 0..=MAX_UNIX, more in any::<u64>()) {
            let time = Timestamp::from_unix(seconds).unwrap();
            let later = time + Duration::from_secs(more);
            prop_assert!(later >= time && later <= Timestamp::MAX);
            prop_assert_eq!(later.to_string().parse::<Timestamp>().unwrap(), later);
        }

        #[test]
        fn only_the_canonical_spelling_parses(text in "\\PC{0,24}") {
            if let Ok(time) = text.parse::<Timestamp>() {
                prop_assert_eq!(time.to_string(), text);
            }
        }
    }

    #[test]
    fn the_borders_print_as_they_are() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (253_402_207_201, "9999-12-30T22:00:01Z"),
        ] {
            assert_eq!(Timestamp::from_unix(seconds).unwrap().to_string(), text);
        }
        assert_eq!(Timestamp::MAX.to_string(), "9999-12-31T23:59:59Z");
        assert_eq!(Timestamp::MAX + Duration::MAX, Timestamp::MAX);
        for odd in [
            "9999-12-31T23:59:60Z",
            "+0000-01-01T0:00:0Z",
            "-000001-1-01T00:00Z",
        ] {
            assert!(odd.parse::<Timestamp>().is_err(), "{odd}");
        }
    }

    #[test]
    fn wire_form_refuses_variants() {
        for text in [
            "2026-11-21t08:46:00z",
            "2026-11-21T08:46:00+00:00",
            "2026-11-21T08:46:00.0Z",
            "2026-02-30T00:00:00Z",
            "2026-11-21T08:46:60Z",
            "+026-11-21T08:46:00Z",
            "1969-12-31T23:59:59Z",
            "",
        ] {
            assert!(text.parse::<Timestamp>().is_err(), "{text}");
        }
    }

    #[test]
    fn platform_times_lose_their_fraction() {
        let time = Timestamp::parse_rfc3339("2024-12-04T17:35:28.174320Z").unwrap();
        assert_eq!(time.to_string(), "2024-12-04T17:35:28Z");
    }

    #[test]
    fn arithmetic_saturates() {
        let time = Timestamp::from_unix(10).unwrap();
        assert_eq!((time - Duration::from_secs(60)).as_unix(), 0);
        assert_eq!((time + Duration::MAX).as_unix(), MAX_UNIX);
        assert_eq!(time.since(time + Duration::from_secs(1)), Duration::ZERO);
    }
}
