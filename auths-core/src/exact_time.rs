//! Points in time with their fraction of a second, as registries show them.

use std::fmt;

use crate::time::{TimeError, Timestamp};

/// The longest text that is read as a time, in bytes.
const MAX_TEXT: usize = 40;

/// A point in time, UTC, with its fraction of a second, for the markers of a name's life.
///
/// A registry may show one instant in several spellings. A marker is compared as text, so two spellings of one instant would be
/// two lives of the name. [`ExactTime::spelled`] writes each instant in one way.
///
/// ```
/// use auths_core::{ExactTime, TimePrecision};
///
/// let spelled = |text: &str| ExactTime::parse_rfc3339(text).map(|time| time.spelled(TimePrecision::Microseconds));
/// assert_eq!(spelled("2024-12-04T17:35:28.174320Z")?, "2024-12-04T17:35:28.174320Z");
/// assert_eq!(spelled("2024-12-04T18:35:28.17432+01:00")?, "2024-12-04T17:35:28.174320Z");
/// assert_eq!(spelled("2024-12-04T17:35:28.000000Z")?, "2024-12-04T17:35:28Z");
/// # Ok::<(), auths_core::TimeError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExactTime(jiff::Timestamp);

/// The precision in which a registry usually writes its times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimePrecision {
    /// Three digits after the second.
    Milliseconds,
    /// Six digits after the second.
    Microseconds,
}

impl ExactTime {
    /// Reads any RFC 3339 time with an offset, of at most 40 bytes, with its fraction of a second.
    ///
    /// # Errors
    /// [`TimeError`] when the text is no such time.
    pub fn parse_rfc3339(text: &str) -> Result<Self, TimeError> {
        if text.len() > MAX_TEXT {
            return Err(TimeError::syntax(text));
        }
        text.parse().map(Self).map_err(|_| TimeError::syntax(text))
    }

    /// Creates a time from microseconds since 1970-01-01T00:00:00Z.
    ///
    /// # Errors
    /// [`TimeError::Range`] for a time outside the years -9999 to 9999.
    pub fn from_unix_micros(micros: i64) -> Result<Self, TimeError> {
        let time = jiff::Timestamp::from_microsecond(micros);
        time.map(Self).map_err(|_| TimeError::Range)
    }

    /// Returns the microseconds since 1970-01-01T00:00:00Z. Smaller fractions are dropped.
    #[must_use]
    pub fn as_unix_micros(self) -> i64 {
        self.0.as_microsecond()
    }

    /// Returns the time to the second.
    ///
    /// # Errors
    /// [`TimeError::Range`] before 1970 or after 9999.
    pub fn to_timestamp(self) -> Result<Timestamp, TimeError> {
        Timestamp::from_unix(self.0.as_second())
    }

    /// Returns the one spelling of the instant: no fraction where it is zero, a fraction of `precision` where that is exact, and
    /// otherwise one with three more digits.
    #[must_use]
    pub fn spelled(self, precision: TimePrecision) -> String {
        let at = self.0;
        match (at.subsec_nanosecond(), precision) {
            (0, _) => format!("{at:.0}"),
            (n, TimePrecision::Milliseconds) if n % 1_000_000 == 0 => format!("{at:.3}"),
            (_, TimePrecision::Milliseconds) => format!("{at:.6}"),
            (n, TimePrecision::Microseconds) if n % 1_000 == 0 => format!("{at:.6}"),
            (_, TimePrecision::Microseconds) => format!("{at:.9}"),
        }
    }
}

impl fmt::Debug for ExactTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spelled(text: &str, precision: TimePrecision) -> String {
        ExactTime::parse_rfc3339(text).unwrap().spelled(precision)
    }

    #[test]
    fn one_instant_has_one_spelling_in_each_precision() {
        use TimePrecision::{Microseconds, Milliseconds};
        for (text, millis, micros) in [
            (
                "2026-01-01T00:00:00Z",
                "2026-01-01T00:00:00Z",
                "2026-01-01T00:00:00Z",
            ),
            (
                "2026-01-01T00:00:00.000Z",
                "2026-01-01T00:00:00Z",
                "2026-01-01T00:00:00Z",
            ),
            (
                "2026-01-01T02:00:00+02:00",
                "2026-01-01T00:00:00Z",
                "2026-01-01T00:00:00Z",
            ),
            (
                "2026-01-01T00:00:00.5Z",
                "2026-01-01T00:00:00.500Z",
                "2026-01-01T00:00:00.500000Z",
            ),
            (
                "2026-01-01T00:00:00.123456Z",
                "2026-01-01T00:00:00.123456Z",
                "2026-01-01T00:00:00.123456Z",
            ),
            (
                "2026-01-01T00:00:00.123456789Z",
                "2026-01-01T00:00:00.123456Z",
                "2026-01-01T00:00:00.123456789Z",
            ),
        ] {
            assert_eq!(spelled(text, Milliseconds), millis, "{text}");
            assert_eq!(spelled(text, Microseconds), micros, "{text}");
        }
    }

    #[test]
    fn a_text_that_is_no_time_is_refused() {
        let long = format!("2026-01-01T00:00:00.{}Z", "0".repeat(40));
        for text in ["", "yesterday", "2026-01-01", "2026-01-01T00:00:00", &long] {
            assert!(ExactTime::parse_rfc3339(text).is_err(), "{text}");
        }
    }

    #[test]
    fn microseconds_read_back() {
        for micros in [0, -1, 1_767_225_600_123_456] {
            let time = ExactTime::from_unix_micros(micros).unwrap();
            assert_eq!(time.as_unix_micros(), micros);
        }
        assert!(ExactTime::from_unix_micros(i64::MAX).is_err());
    }
}
