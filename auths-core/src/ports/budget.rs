//! The cost limit of one question: requests and time, summed over everything that is read for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use crate::reason::{Unavailable, UnavailableReason};
use crate::time::in_words;

/// The requests, bytes and time that reading for one question may still use in all. A clone shares the same budget.
///
/// Input from outside must not make a verifier send as many requests as the sender likes. So one question has one budget for
/// everything that is read for it, and every adapter takes each of its requests from the budget, including retries and followed
/// redirects. When the budget is spent, everything read so far is kept. Everything unread is
/// [`UnavailableReason::RequestBudget`], or [`UnavailableReason::Timeout`] when the time is spent.
///
/// ```
/// use std::time::Duration;
/// use auths_core::UnavailableReason;
/// use auths_core::ports::Budget;
///
/// let budget = Budget::new(2, Duration::from_secs(60));
/// let shared = budget.clone();
/// assert!(budget.take_request().is_ok() && shared.take_request().is_ok());
/// assert_eq!(budget.take_request().unwrap_err().reason, UnavailableReason::RequestBudget);
///
/// shared.spend_time(Duration::from_secs(59));
/// assert_eq!(budget.time_left(), Duration::from_secs(1));
/// ```
#[derive(Debug, Clone)]
pub struct Budget(Arc<BudgetLeft>);

#[derive(Debug)]
struct BudgetLeft {
    requests: u32,
    requests_left: AtomicU32,
    time: Duration,
    /// The remaining time, in milliseconds.
    time_left: AtomicU64,
    bytes: u64,
    bytes_left: AtomicU64,
    /// The budget that this one is a part of. Everything taken here is also taken there.
    whole: Option<Budget>,
}

impl BudgetLeft {
    fn new(requests: u32, time: Duration, bytes: u64) -> Self {
        Self {
            requests,
            requests_left: AtomicU32::new(requests),
            time,
            time_left: AtomicU64::new(millis(time)),
            bytes,
            bytes_left: AtomicU64::new(bytes),
            whole: None,
        }
    }
}

impl Budget {
    /// Creates a budget of this many requests and this much time.
    #[must_use]
    pub fn new(requests: u32, time: Duration) -> Self {
        Self(Arc::new(BudgetLeft::new(requests, time, u64::MAX)))
    }

    /// Creates a part of this budget with at most `requests` requests. Everything taken from the part is also taken from the
    /// whole. A part keeps one reading from using up everything.
    #[must_use]
    pub fn part(&self, requests: u32) -> Self {
        Self(Arc::new(BudgetLeft {
            whole: Some(self.clone()),
            ..BudgetLeft::new(requests, Duration::from_millis(u64::MAX), u64::MAX)
        }))
    }

    /// Creates a new budget like this one, limited to `bytes` bytes in the bodies of all answers, counted after decompression.
    #[must_use]
    pub fn with_bytes(self, bytes: u64) -> Self {
        Self(Arc::new(BudgetLeft {
            whole: self.0.whole.clone(),
            ..BudgetLeft::new(self.requests_left(), self.time_left(), bytes)
        }))
    }

    /// Creates a budget larger than any adapter's own limits. Only for questions that the user asks and nobody else can cause.
    #[must_use]
    pub fn unlimited() -> Self {
        Self::new(u32::MAX, Duration::from_millis(u64::MAX))
    }

    /// Takes one request.
    ///
    /// # Errors
    /// [`UnavailableReason::RequestBudget`] when no request is left; [`UnavailableReason::Timeout`] when no time is left.
    pub fn take_request(&self) -> Result<(), Unavailable> {
        let left = &self.0;
        if left.time_left.load(Ordering::Relaxed) == 0 {
            let limit = in_words(left.time);
            let detail = format!("everything together would take longer than {limit}");
            return Err(Unavailable::new(UnavailableReason::Timeout, detail));
        }
        if self.requests_left() == 0 {
            return Err(self.no_request_left());
        }
        if let Some(whole) = &left.whole {
            whole.take_request()?;
        }
        let taken = left
            .requests_left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                left.checked_sub(1)
            });
        taken.map(drop).map_err(|_| self.no_request_left())
    }

    fn no_request_left(&self) -> Unavailable {
        let most = self.0.requests;
        let detail = format!("it would take more requests than the {most} that are allowed");
        Unavailable::new(UnavailableReason::RequestBudget, detail)
    }

    /// Takes `bytes` bytes of an answer's body.
    ///
    /// # Errors
    /// [`UnavailableReason::RequestBudget`] when fewer bytes are left. Then none are left afterwards.
    pub fn take_bytes(&self, bytes: u64) -> Result<(), Unavailable> {
        let enough = take_up_to(&self.0.bytes_left, bytes);
        if let Some(whole) = &self.0.whole {
            whole.take_bytes(bytes)?;
        }
        if enough {
            return Ok(());
        }
        let detail = format!(
            "everything together would be more than {} bytes",
            self.0.bytes
        );
        Err(Unavailable::new(UnavailableReason::RequestBudget, detail))
    }

    /// Returns the number of requests left.
    #[must_use]
    pub fn requests_left(&self) -> u32 {
        let own = self.0.requests_left.load(Ordering::Relaxed);
        let whole = self.0.whole.as_ref().map(Self::requests_left);
        own.min(whole.unwrap_or(u32::MAX))
    }

    /// Returns the time left.
    #[must_use]
    pub fn time_left(&self) -> Duration {
        let own = Duration::from_millis(self.0.time_left.load(Ordering::Relaxed));
        let whole = self.0.whole.as_ref().map(Self::time_left);
        own.min(whole.unwrap_or(own))
    }

    /// Takes the time that a reading took, as the reader measured it.
    pub fn spend_time(&self, time: Duration) {
        take_up_to(&self.0.time_left, millis(time));
        if let Some(whole) = &self.0.whole {
            whole.spend_time(time);
        }
    }
}

/// Takes an amount from what is left, or all of it where less is left, and returns whether there was enough.
fn take_up_to(left: &AtomicU64, amount: u64) -> bool {
    let taken = left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
        Some(left.saturating_sub(amount))
    });
    let (Ok(before) | Err(before)) = taken;
    before >= amount
}

impl Default for Budget {
    fn default() -> Self {
        Self::unlimited()
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_takes_the_others_lack() {
        let budget = Budget::new(1, Duration::from_secs(1));
        let other = budget.clone();
        assert!(budget.take_request().is_ok());
        assert_eq!(other.requests_left(), 0);
        let refused = other.take_request().unwrap_err();
        assert_eq!(refused.reason, UnavailableReason::RequestBudget);
        assert!(refused.raw_detail.contains("the 1 that"), "{refused}");
    }

    #[test]
    fn a_part_takes_from_the_whole_and_leaves_the_rest_to_others() {
        let whole = Budget::new(5, Duration::from_secs(60)).with_bytes(10);
        let part = whole.part(3);
        for _ in 0..3 {
            assert!(part.take_request().is_ok());
        }
        assert_eq!(
            part.take_request().unwrap_err().reason,
            UnavailableReason::RequestBudget
        );
        assert_eq!((part.requests_left(), whole.requests_left()), (0, 2));
        let larger = whole.part(9);
        assert!(larger.take_request().is_ok() && larger.take_request().is_ok());
        assert_eq!(larger.requests_left(), 0);
        assert_eq!(
            larger.take_request().unwrap_err().reason,
            UnavailableReason::RequestBudget
        );
        assert!(part.take_bytes(8).is_ok());
        assert!(whole.take_bytes(3).is_err());
        part.spend_time(Duration::from_secs(59));
        assert_eq!(whole.time_left(), Duration::from_secs(1));
        assert_eq!(part.time_left(), Duration::from_secs(1));
        let late = Budget::new(9, Duration::from_secs(60));
        late.part(1).spend_time(Duration::from_secs(60));
        assert_eq!(
            late.part(9).take_request().unwrap_err().reason,
            UnavailableReason::Timeout
        );
    }

    #[test]
    fn bytes_are_counted_over_all_answers() {
        let budget = Budget::new(9, Duration::from_secs(9)).with_bytes(10);
        assert!(budget.take_bytes(10).is_ok());
        assert_eq!(
            budget.take_bytes(1).unwrap_err().reason,
            UnavailableReason::RequestBudget
        );
        assert!(budget.take_bytes(0).is_ok());
        assert!(Budget::unlimited().take_bytes(u64::MAX).is_ok());
    }

    #[test]
    fn without_time_there_is_no_request() {
        let budget = Budget::new(9, Duration::from_secs(60));
        budget.spend_time(Duration::from_secs(61));
        let refused = budget.take_request().unwrap_err();
        assert_eq!(refused.reason, UnavailableReason::Timeout);
        assert_eq!(budget.requests_left(), 9);
    }

    #[test]
    fn an_unlimited_one_does_not_end() {
        let budget = Budget::unlimited();
        budget.spend_time(Duration::from_secs(u64::from(u32::MAX)));
        assert!(budget.take_request().is_ok());
    }
}
