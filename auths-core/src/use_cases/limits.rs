//! How much one decision may ask of others.

use std::time::Duration;

use crate::ports::Budget;

/// How much is asked of others to decide one case, whoever sent it.
///
/// A bundle comes from anybody. Whatever is in it, deciding on it makes at most so many requests, takes at most so long, and looks
/// at the proofs of so few accounts. What lies beyond counts as not seen: the answer is then a yes only on what was seen, and
/// otherwise undetermined, [`UnavailableReason::RequestBudget`](crate::UnavailableReason::RequestBudget); never a no for that reason.
///
/// ```
/// use std::time::Duration;
/// use auths_core::use_cases::Limits;
///
/// let limits = Limits::default().with_requests(20).with_time(Duration::from_secs(10));
/// assert_eq!((limits.requests, limits.proofs), (20, 4));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// The most requests over all servers, with retries and redirects. Reading the name itself takes three quarters of them at
    /// most. Default: 64.
    pub requests: u32,
    /// The most time that reading may take in all. Default: two minutes.
    pub time: Duration,
    /// The most bytes in the bodies of all answers, after decompression. Default: 192 MiB.
    pub bytes: u64,
    /// The most proofs of accounts that are looked at. Default: 4.
    pub proofs: usize,
    /// The most DIDs whose accounts are looked up: the claim's own, and delegators'. Default: 16.
    pub dids: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            requests: 64,
            time: Duration::from_secs(120),
            bytes: 192 << 20,
            proofs: 4,
            dids: 16,
        }
    }
}

impl Limits {
    /// With at most so many requests.
    #[must_use]
    pub fn with_requests(mut self, requests: u32) -> Self {
        self.requests = requests;
        self
    }

    /// With at most so much time.
    #[must_use]
    pub fn with_time(mut self, time: Duration) -> Self {
        self.time = time;
        self
    }

    /// With at most so many bytes.
    #[must_use]
    pub fn with_bytes(mut self, bytes: u64) -> Self {
        self.bytes = bytes;
        self
    }

    /// With the proofs of at most so many accounts.
    #[must_use]
    pub fn with_proofs(mut self, proofs: usize) -> Self {
        self.proofs = proofs;
        self
    }

    /// With the accounts of at most so many DIDs.
    #[must_use]
    pub fn with_dids(mut self, dids: usize) -> Self {
        self.dids = dids;
        self
    }

    /// What reading the name itself may take of it: three quarters, so that something is left for the accounts.
    pub(crate) fn for_the_name(self, budget: &Budget) -> Budget {
        budget.part(self.requests.saturating_mul(3).div_ceil(4))
    }

    /// The budget that a question begins with.
    pub(crate) fn budget(self) -> Budget {
        Budget::new(self.requests, self.time).with_bytes(self.bytes)
    }
}
