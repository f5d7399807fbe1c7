//! Times as people write them: RFC 3339, Unix seconds, or a duration from now.

use std::str::FromStr;
use std::time::Duration;

use auths_core::{TimeError, Timestamp};

/// A time, or a distance from now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum When {
    At(Timestamp),
    In(Duration),
    Ago(Duration),
}

impl When {
    /// Returns the absolute time, where the present time is `now`.
    pub(crate) fn from(self, now: Timestamp) -> Result<Timestamp, TimeError> {
        let seconds = |span: Duration| i64::try_from(span.as_secs()).ok();
        let unix = match self {
            Self::At(time) => return Ok(time),
            Self::In(span) => seconds(span).and_then(|s| now.as_unix().checked_add(s)),
            Self::Ago(span) => seconds(span).and_then(|s| now.as_unix().checked_sub(s)),
        };
        // Arithmetic on times stops at their ends, which would give another time than was meant.
        Timestamp::from_unix(unix.ok_or(TimeError::Range)?)
    }
}

impl FromStr for When {
    type Err = TimeError;

    fn from_str(text: &str) -> Result<Self, TimeError> {
        if let Some(span) = text.strip_prefix('+') {
            return span_of(span, text).map(Self::In);
        }
        if let Some(span) = text.strip_prefix('-') {
            return span_of(span, text).map(Self::Ago);
        }
        if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
            let seconds = text.parse().map_err(|_| TimeError::Range)?;
            return Timestamp::from_unix(seconds).map(Self::At);
        }
        Timestamp::parse_rfc3339(text).map(Self::At)
    }
}

/// Reads a duration by itself: `90s`, `5m`.
pub(crate) fn duration(text: &str) -> Result<Duration, TimeError> {
    span_of(text, text)
}

/// Reads `90s`, `10m`, `2h`, `7d`. Several in a row add up.
fn span_of(span: &str, whole: &str) -> Result<Duration, TimeError> {
    let syntax = || TimeError::syntax(whole);
    let mut total = 0u64;
    let mut rest = span;
    loop {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let number: u64 = rest[..digits].parse().map_err(|_| syntax())?;
        let mut after = rest[digits..].chars();
        let unit = match after.next() {
            Some('s') => 1,
            Some('m') => 60,
            Some('h') => 3_600,
            Some('d') => 86_400,
            Some('w') => 604_800,
            _ => return Err(syntax()),
        };
        total = number
            .checked_mul(unit)
            .and_then(|n| total.checked_add(n))
            .ok_or(TimeError::Range)?;
        rest = after.as_str();
        if rest.is_empty() {
            return Ok(Duration::from_secs(total));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text_or_range(text: &str) -> Result<When, TimeError> {
        text.parse()
    }

    #[test]
    fn the_three_forms() {
        let now = Timestamp::from_unix(1_000_000).unwrap();
        for (text, unix) in [
            ("1970-01-01T00:00:10Z", 10),
            ("1970-01-01T01:00:10+01:00", 10),
            ("10", 10),
            ("+10m", 1_000_600),
            ("-2h", 992_800),
            ("+1d12h", 1_129_600),
        ] {
            assert_eq!(
                text.parse::<When>().unwrap().from(now).unwrap().as_unix(),
                unix,
                "{text}"
            );
        }
        for far in [
            "+999999999999d",
            "-999999999999d",
            "+213503982334601d",
            "-12d",
        ] {
            let when = text_or_range(far);
            assert_eq!(
                when.and_then(|w| w.from(now)),
                Err(TimeError::Range),
                "{far}"
            );
        }
        for bad in [
            "",
            "+",
            "-",
            "+10",
            "10m",
            "+m",
            "tomorrow",
            "+99999999999999999999d",
            "99999999999999",
            "+1é",
        ] {
            assert!(bad.parse::<When>().is_err(), "{bad}");
        }
    }
}
