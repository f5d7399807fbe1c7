//! The limits on what one decision may ask of others.

use std::time::Duration;

use crate::ports::Budget;

/// The limits on what is asked of others to decide on one input, regardless of its sender.
///
/// A bundle may come from anybody. Whatever it contains, these limits hold for the number of requests, the time, and the number
/// of accounts whose proofs are read. Everything beyond counts as not seen. The answer is then a yes only if the evidence seen
/// suffices, and otherwise undetermined, [`UnavailableReason::RequestBudget`](crate::UnavailableReason::RequestBudget); never a no because of a
/// limit.
///
/// ```
/// use std::time::Duration;
/// use auths_core::use_cases::VerificationLimits;
///
/// let limits = VerificationLimits::default().with_requests(20).with_time(Duration::from_secs(10));
/// assert_eq!((limits.requests, limits.proofs), (20, 4));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct VerificationLimits {
    /// The maximum number of requests over all servers, including retries and redirects. Reading the name itself takes at most
    /// three quarters of them. Default: 64.
    pub requests: u32,
    /// The maximum time of reading in all. Default: two minutes.
    pub time: Duration,
    /// The maximum number of bytes in the bodies of all answers, after decompression. Default: 192 MiB.
    pub bytes: u64,
    /// The maximum number of account proofs that are read. Default: 4.
    pub proofs: usize,
    /// The maximum number of DIDs whose accounts are looked up: the claim's own, and delegators'. Default: 16.
    pub dids: usize,
}

impl Default for VerificationLimits {
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

impl VerificationLimits {
    /// Sets the maximum number of requests.
    #[must_use]
    pub fn with_requests(mut self, requests: u32) -> Self {
        self.requests = requests;
        self
    }

    /// Sets the maximum time.
    #[must_use]
    pub fn with_time(mut self, time: Duration) -> Self {
        self.time = time;
        self
    }

    /// Sets the maximum number of bytes.
    #[must_use]
    pub fn with_bytes(mut self, bytes: u64) -> Self {
        self.bytes = bytes;
        self
    }

    /// Sets the maximum number of account proofs.
    #[must_use]
    pub fn with_proofs(mut self, proofs: usize) -> Self {
        self.proofs = proofs;
        self
    }

    /// Sets the maximum number of DIDs.
    #[must_use]
    pub fn with_dids(mut self, dids: usize) -> Self {
        self.dids = dids;
        self
    }

    /// Returns the part of the budget for reading the name itself: three quarters of the requests, so that something is left for
    /// the accounts.
    pub(crate) fn for_the_name(self, budget: &Budget) -> Budget {
        budget.part(self.requests.saturating_mul(3).div_ceil(4))
    }

    /// Creates the budget of one question.
    pub(crate) fn budget(self) -> Budget {
        Budget::new(self.requests, self.time).with_bytes(self.bytes)
    }
}
