//! The numbers by which CI platforms identify repositories, owners and runs.

use std::fmt;
use std::num::NonZeroU64;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::CiValueError;

/// A platform's own number of a repository, an owner or a run: 1 to 2^64 - 1. On the wire it is decimal text.
///
/// # Security
/// A number means nothing without its issuer: GitHub Enterprise Server counts from 1 too. [`PublisherRule`](super::PublisherRule)
/// compares numbers of one issuer only.
///
/// Source: the claims `repository_id`, `repository_owner_id` and `run_id` of a GitHub Actions ID token, `project_id` and
/// `namespace_id` of a GitLab one.
///
/// ```
/// use auths_core::ci::NumericId;
///
/// let id: NumericId = "1296269".parse()?;
/// assert_eq!(NumericId::new(1_296_269)?, id);
/// for bad in ["", "0", "01", "+1", "-1", " 1", "1e3", "18446744073709551616"] {
///     assert!(bad.parse::<NumericId>().is_err());
/// }
/// # Ok::<(), auths_core::ci::CiValueError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct NumericId(NonZeroU64);

const WHAT: &str = "the number of a repository, an owner or a run";
const RULE: &str = "1 to 18446744073709551615, in decimal without a sign or leading zeros";

impl NumericId {
    /// Takes a number, as tokens of some issuers have it.
    ///
    /// # Errors
    /// [`CiValueError`] for zero.
    pub fn new(number: u64) -> Result<Self, CiValueError> {
        let number = NonZeroU64::new(number);
        number.map(Self).ok_or(CiValueError::new(WHAT, "0", RULE))
    }

    /// Returns the number.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0.get()
    }
}

impl FromStr for NumericId {
    type Err = CiValueError;

    fn from_str(text: &str) -> Result<Self, CiValueError> {
        let is_plain = text.bytes().all(|b| b.is_ascii_digit()) && !text.starts_with('0');
        let number = text.parse().ok().filter(|_| is_plain);
        number
            .map(Self)
            .ok_or_else(|| CiValueError::new(WHAT, text, RULE))
    }
}

impl TryFrom<String> for NumericId {
    type Error = CiValueError;

    fn try_from(text: String) -> Result<Self, CiValueError> {
        text.parse()
    }
}

impl From<NumericId> for String {
    fn from(id: NumericId) -> Self {
        id.to_string()
    }
}

impl fmt::Display for NumericId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
