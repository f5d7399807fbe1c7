//! The order of versions, as far as the world needs it: the plain part of PEP 440, which the usual versions of other
//! ecosystems share.

use std::cmp::Ordering;

/// A version that can be ordered: `1.2.3`, then optionally `a1`, `b1`, `rc1` (with or without `-` or `.` before), or
/// `.post1`, and `.dev1`.
#[derive(Debug, Clone)]
pub(super) struct Version {
    numbers: Vec<u64>,
    /// The stage: before the final release `dev`, `a`, `b`, `rc`; then the final release, then `post`.
    stage: (u8, u64),
    dev: Option<u64>,
}

const FINAL: u8 = 4;

impl Version {
    pub(super) fn parse(text: &str) -> Option<Self> {
        if text.len() > 60 || !text.is_ascii() {
            return None;
        }
        let end = text
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .unwrap_or(text.len());
        let (numbers, mut rest) = text.split_at(end);
        let numbers = match rest.is_empty() {
            true => numbers,
            false => numbers.strip_suffix('.').unwrap_or(numbers),
        };
        let numbers: Option<Vec<u64>> = numbers.split('.').map(number).collect();
        let mut numbers = numbers?;
        while numbers.len() > 1 && numbers.last() == Some(&0) {
            numbers.pop();
        }
        let mut stage = (FINAL, 0);
        for (tag, order) in [("rc", 3), ("a", 1), ("b", 2), ("post", 5)] {
            if let Some((n, left)) = tagged(rest, tag)? {
                (stage, rest) = ((order, n), left);
                break;
            }
        }
        let mut dev = None;
        if let Some((n, left)) = tagged(rest, "dev")? {
            (dev, rest) = (Some(n), left);
        }
        rest.is_empty().then_some(Self {
            numbers,
            stage,
            dev,
        })
    }

    pub(super) fn is_prerelease(&self) -> bool {
        self.stage.0 < FINAL || self.dev.is_some()
    }

    /// Returns the sort key. A version under development comes before everything with its numbers, or with its stage if it has
    /// one.
    fn key(&self) -> (&[u64], (u8, u64), (bool, u64)) {
        let stage = match (self.dev, self.stage) {
            (Some(_), (FINAL, _)) => (0, 0),
            (_, stage) => stage,
        };
        let dev = (self.dev.is_none(), self.dev.unwrap_or(0));
        (&self.numbers, stage, dev)
    }
}

fn number(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.len() <= 18 && text.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| text.parse().ok())?
}

/// Removes `tag` and its number from the front, with a separator before it. The outer `None` means that the number is missing.
fn tagged<'a>(text: &'a str, tag: &str) -> Option<Option<(u64, &'a str)>> {
    let bare = text.strip_prefix(['-', '.']).unwrap_or(text);
    let Some(rest) = bare.strip_prefix(tag) else {
        return Some(None);
    };
    let rest = rest.strip_prefix('.').unwrap_or(rest);
    let end = rest
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(rest.len());
    let (digits, rest) = rest.split_at(end);
    Some(Some((number(digits)?, rest)))
}

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Version {}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order() {
        let order = [
            "0.9",
            "1.0.dev1",
            "1.0a1.dev1",
            "1.0a1",
            "1.0-a2",
            "1.0b1",
            "1.0rc1",
            "1.0rc10",
            "1.0",
            "1.0.post1",
            "1.0.1",
            "1.2",
            "1.10",
            "2",
        ];
        let versions: Vec<_> = order.iter().map(|t| Version::parse(t).unwrap()).collect();
        for pair in versions.windows(2) {
            assert!(pair[0] < pair[1], "{pair:?}");
        }
        assert_eq!(Version::parse("1.0"), Version::parse("1"));
        assert_eq!(Version::parse("1.0-rc.1"), Version::parse("1.0rc1"));
    }

    #[test]
    fn what_cannot_be_ordered() {
        for text in [
            "",
            ".",
            "1..2",
            "v1",
            "1.",
            "1.0x",
            "1.0a",
            "1.0+local",
            "1 0",
            "1.0a1b1",
            "-1",
        ] {
            assert!(Version::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn prereleases() {
        for (text, expected) in [
            ("1.0", false),
            ("1.0rc1", true),
            ("1.0.dev1", true),
            ("1.0.post1", false),
        ] {
            assert_eq!(
                Version::parse(text).unwrap().is_prerelease(),
                expected,
                "{text}"
            );
        }
    }
}
