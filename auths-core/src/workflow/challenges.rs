//! The challenges that wait for their answers.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::Timestamp;
use crate::claim::{Challenge, IssuedChallenge};
use crate::identity::{Did, Namespace};
use crate::outcome::{Refutation, Refuted, Unavailable, Why};
use crate::ports::Entropy;

/// The challenges that this process gave, until they end: what a server keeps between asking and being answered.
///
/// It takes a bounded number, for anybody may ask for one. It does not tell a first answer from a second:
/// [`use_once`](super::use_once) does, by a [`ReplayGuard`](crate::ports::ReplayGuard). Several processes that answer for
/// one verifier keep an [`IssuedChallenge`] in a database of theirs instead: it can be stored.
///
/// ```
/// use auths_core::claim::{Audience, Expectation};
/// use auths_core::decide::Obstacle;
/// use auths_core::ports::Entropy;
/// use auths_core::workflow::{Challenges, Terms};
/// use auths_core::{Bundle, Did, Namespace, Policy, Timestamp, Unavailable};
///
/// /// What somebody is told who wants to speak for a package.
/// fn ask(
///     open: &Challenges, entropy: &dyn Entropy, did: Did, namespace: Namespace, now: Timestamp,
/// ) -> Result<String, Unavailable> {
///     let issued = open.issue(entropy, did, namespace, now)?;
///     Ok(issued.challenge().to_string())
/// }
///
/// /// On what terms their bundle is decided.
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
    life: Duration,
    open: Mutex<BTreeMap<Challenge, IssuedChallenge>>,
}

impl Challenges {
    /// Keeps at most `most` at once, some hundred bytes each, for `life` each (at most an hour).
    #[must_use]
    pub fn new(most: usize, life: Duration) -> Self {
        Self {
            most,
            life,
            open: Mutex::default(),
        }
    }

    /// Makes a challenge for `did` to speak for `namespace`, and keeps it.
    ///
    /// # Errors
    /// [`Why::RateLimited`] when as many are open as may be, with the time until the first of them ends;
    /// [`Why::KeystoreFailed`] when the random source failed.
    pub fn issue(
        &self,
        entropy: &dyn Entropy,
        did: Did,
        namespace: Namespace,
        now: Timestamp,
    ) -> Result<IssuedChallenge, Unavailable> {
        let mut open = self.open_at(now);
        if open.len() >= self.most {
            let detail = format!("{} challenges wait for their answers", open.len());
            let first = open.values().map(|issued| issued.expires().since(now));
            return Err(Unavailable::new(Why::RateLimited, detail).retry_after(first.min()));
        }
        let issued = IssuedChallenge::issue(entropy, did, namespace, now, self.life)
            .map_err(|error| Unavailable::new(Why::KeystoreFailed, error.to_string()))?;
        open.insert(issued.challenge().clone(), issued.clone());
        Ok(issued)
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
    use super::*;
    use crate::ports::EntropyError;

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

    fn issue(open: &Challenges, byte: u8, now: i64) -> Result<IssuedChallenge, Unavailable> {
        let (did, six) = ("did:web:a.example", "pypi:six");
        let (did, six) = (did.parse().unwrap(), six.parse().unwrap());
        open.issue(&All(byte), did, six, at(now))
    }

    #[test]
    fn a_challenge_is_found_until_it_ends_and_no_other_is() {
        let [open, elsewhere] = [(); 2].map(|()| Challenges::new(2, Duration::from_secs(60)));
        let given = issue(&open, 1, 0).unwrap();
        let other = issue(&elsewhere, 2, 0).unwrap();
        let find = |challenge, now| open.find(challenge, at(now)).map_err(|refuted| refuted.by);
        assert_eq!(find(Some(given.challenge()), 59), Ok(given.clone()));
        let wrong = Err(Refutation::WrongChallenge);
        assert_eq!(find(None, 1), wrong);
        assert_eq!(find(Some(other.challenge()), 1), wrong);
        assert_eq!(find(Some(given.challenge()), 60), wrong);
    }

    #[test]
    fn no_more_are_kept_than_may_be_and_ended_ones_make_room() {
        let open = Challenges::new(2, Duration::from_secs(60));
        issue(&open, 1, 0).unwrap();
        issue(&open, 2, 20).unwrap();
        let full = issue(&open, 3, 30).unwrap_err();
        assert_eq!(full.why, Why::RateLimited);
        assert_eq!(full.retry_after, Some(Duration::from_secs(30)));
        assert!(full.is_retryable());
        let third = issue(&open, 3, 60).unwrap();
        assert!(open.find(Some(third.challenge()), at(60)).is_ok());
    }

    #[test]
    fn without_randomness_there_is_no_challenge() {
        #[derive(Debug)]
        struct Broken;
        impl Entropy for Broken {
            fn fill(&self, _: &mut [u8]) -> Result<(), EntropyError> {
                Err(EntropyError("it is broken".into()))
            }
        }
        let open = Challenges::new(2, Duration::from_secs(60));
        let (did, six) = ("did:web:a.example", "pypi:six");
        let (did, six) = (did.parse().unwrap(), six.parse().unwrap());
        let failed = open.issue(&Broken, did, six, at(0)).unwrap_err();
        assert_eq!(failed.why, Why::KeystoreFailed);
    }
}
