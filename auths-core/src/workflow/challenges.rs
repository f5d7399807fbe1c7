//! The challenges that wait for their answers.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::Timestamp;
use crate::claim::{Challenge, IssuedChallenge};
use crate::outcome::{Refutation, Refuted, Unavailable, Why};

/// The challenges that this process gave, until they end: what a server keeps between asking and being answered.
///
/// It takes a bounded number, for anybody may ask for one. It does not tell a first answer from a second:
/// [`use_once`](super::use_once) does, by a [`ReplayGuard`](crate::ports::ReplayGuard). Several processes that answer for
/// one verifier keep an [`IssuedChallenge`] in a database of theirs instead: it can be stored.
///
/// ```
/// use auths_core::claim::{Audience, Expectation, IssuedChallenge};
/// use auths_core::decide::Obstacle;
/// use auths_core::ports::Entropy;
/// use auths_core::workflow::{Challenges, Terms};
/// use auths_core::{Bundle, Did, Namespace, Policy, Timestamp};
/// use std::time::Duration;
///
/// fn ask(
///     open: &Challenges, entropy: &dyn Entropy, did: Did, namespace: Namespace, now: Timestamp,
/// ) -> Result<IssuedChallenge, Box<dyn std::error::Error>> {
///     let issued = IssuedChallenge::issue(entropy, did, namespace, now, Duration::from_secs(600))?;
///     open.keep(&issued, now)?;
///     Ok(issued)
/// }
///
/// fn terms<'a>(
///     open: &Challenges, bundle: &Bundle, me: Audience, policy: &'a Policy, now: Timestamp,
/// ) -> Result<Terms<'a>, Obstacle> {
///     let issued = open.find(bundle.claim.challenge(), now)?;
///     Ok(Terms::new(Expectation::new(me), policy, now).answering(issued))
/// }
/// ```
#[derive(Debug)]
pub struct Challenges {
    most: usize,
    open: Mutex<BTreeMap<Challenge, IssuedChallenge>>,
}

impl Challenges {
    /// Keeps at most this many at once: some hundred bytes each, for as long as they live.
    #[must_use]
    pub fn at_most(most: usize) -> Self {
        Self {
            most,
            open: Mutex::default(),
        }
    }

    /// Keeps a challenge that is about to be handed out.
    ///
    /// # Errors
    /// [`Why::RateLimited`] when as many are open as may be, with the time until the first of them ends. It is not kept, and
    /// must not be handed out.
    pub fn keep(&self, issued: &IssuedChallenge, now: Timestamp) -> Result<(), Unavailable> {
        let mut open = self.open_at(now);
        if open.len() >= self.most {
            let detail = format!("{} challenges wait for their answers", open.len());
            let first = open.values().map(|issued| issued.expires().since(now));
            return Err(Unavailable::new(Why::RateLimited, detail).retry_after(first.min()));
        }
        open.insert(issued.challenge().clone(), issued.clone());
        Ok(())
    }

    /// The open challenge that a claim says it answers ([`Signed::challenge`](crate::claim::Signed::challenge)).
    ///
    /// # Errors
    /// [`Refutation::WrongChallenge`] when it answers none, one that was not given here, or one that has ended.
    pub fn find(
        &self,
        answer: Option<&Challenge>,
        now: Timestamp,
    ) -> Result<IssuedChallenge, Refuted> {
        let refuse = |detail| Refuted::new(Refutation::WrongChallenge, detail);
        let answer = answer.ok_or_else(|| refuse("the claim answers no challenge"))?;
        let issued = self.open_at(now).get(answer).cloned();
        issued.ok_or_else(|| refuse("no such challenge was given here, or it has ended"))
    }

    /// Those that have not ended.
    fn open_at(&self, now: Timestamp) -> MutexGuard<'_, BTreeMap<Challenge, IssuedChallenge>> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.retain(|_, issued| issued.expires() > now);
        open
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::ports::{Entropy, EntropyError};

    #[derive(Debug)]
    struct All(u8);
    impl Entropy for All {
        fn fill(&self, buffer: &mut [u8]) -> Result<(), EntropyError> {
            buffer.fill(self.0);
            Ok(())
        }
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_unix(seconds).unwrap()
    }

    fn issued(byte: u8, now: Timestamp) -> IssuedChallenge {
        let (did, six) = ("did:web:a.example", "pypi:six");
        let (did, six) = (did.parse().unwrap(), six.parse().unwrap());
        IssuedChallenge::issue(&All(byte), did, six, now, Duration::from_secs(60)).unwrap()
    }

    #[test]
    fn a_challenge_is_found_until_it_ends_and_no_other_is() {
        let open = Challenges::at_most(2);
        let (given, other) = (issued(1, at(0)), issued(2, at(0)));
        open.keep(&given, at(0)).unwrap();
        let find = |challenge, now| open.find(challenge, at(now)).map_err(|refuted| refuted.by);
        assert_eq!(find(Some(given.challenge()), 59), Ok(given.clone()));
        let wrong = Err(Refutation::WrongChallenge);
        assert_eq!(find(None, 1), wrong);
        assert_eq!(find(Some(other.challenge()), 1), wrong);
        assert_eq!(find(Some(given.challenge()), 60), wrong);
    }

    #[test]
    fn no_more_are_kept_than_may_be_and_ended_ones_make_room() {
        let open = Challenges::at_most(2);
        open.keep(&issued(1, at(0)), at(0)).unwrap();
        open.keep(&issued(2, at(20)), at(20)).unwrap();
        let third = issued(3, at(30));
        let full = open.keep(&third, at(30)).unwrap_err();
        assert_eq!(full.why, Why::RateLimited);
        assert_eq!(full.retry_after, Some(Duration::from_secs(30)));
        assert!(full.is_retryable());
        assert!(open.find(Some(third.challenge()), at(30)).is_err());
        open.keep(&third, at(60)).unwrap();
        assert!(open.find(Some(third.challenge()), at(60)).is_ok());
    }
}
