//! Challenges: a verifier's fresh number, so that a namespace claim cannot be replayed to it.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::identity::{Did, Namespace};
use crate::outcome::{Refutation, Refuted};
use crate::ports::{Entropy, EntropyError};

/// The longest that a challenge may wait for its answer: one hour.
const MAX_WAIT: Duration = Duration::from_secs(3_600);

/// The `challenge` of a proof: 16 to 64 random bytes, written in base64url without padding.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Challenge(Box<str>);

/// A text that is no challenge.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "a challenge is 22 to 86 characters of base64url without padding: at least 128 random bits"
)]
pub struct ChallengeError;

impl Challenge {
    /// The challenge as it stands in the proof.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Challenge {
    type Err = ChallengeError;

    fn from_str(text: &str) -> Result<Self, ChallengeError> {
        let bytes = data_encoding::BASE64URL_NOPAD
            .decode(text.as_bytes())
            .map_err(|_| ChallengeError)?;
        if (16..=64).contains(&bytes.len()) {
            Ok(Self(text.into()))
        } else {
            Err(ChallengeError)
        }
    }
}

impl TryFrom<String> for Challenge {
    type Error = ChallengeError;

    fn try_from(text: String) -> Result<Self, ChallengeError> {
        text.parse()
    }
}

impl From<Challenge> for String {
    fn from(challenge: Challenge) -> Self {
        challenge.0.into()
    }
}

impl fmt::Display for Challenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Challenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Challenge({})", self.0)
    }
}

/// A challenge as the verifier that gave it remembers it: for one DID and one namespace, until a time.
///
/// The verifier keeps it, hands out [`challenge`](IssuedChallenge::challenge), and checks the answer with
/// [`answered_by`](IssuedChallenge::answered_by); using it once is the [`ReplayGuard`](crate::ports::ReplayGuard)'s part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IssuedChallenge {
    #[serde(rename = "challenge")]
    challenge: Challenge,
    #[serde(rename = "did")]
    did: Did,
    #[serde(rename = "namespace")]
    namespace: Namespace,
    #[serde(rename = "expires")]
    expires: Timestamp,
}

impl IssuedChallenge {
    /// Makes a challenge of 256 random bits for `did` to speak for `namespace`, valid for `life` (at most an hour).
    ///
    /// # Errors
    /// [`EntropyError`] when the random source fails.
    pub fn issue(
        entropy: &dyn Entropy,
        did: Did,
        namespace: Namespace,
        now: Timestamp,
        life: Duration,
    ) -> Result<Self, EntropyError> {
        let mut bytes = [0u8; 32];
        entropy.fill(&mut bytes)?;
        Ok(Self {
            challenge: Challenge(data_encoding::BASE64URL_NOPAD.encode(&bytes).into()),
            did,
            namespace,
            expires: now + life.min(MAX_WAIT),
        })
    }

    /// What the signer must put into its proof.
    #[must_use]
    pub fn challenge(&self) -> &Challenge {
        &self.challenge
    }

    /// When it ends.
    #[must_use]
    pub fn expires(&self) -> Timestamp {
        self.expires
    }

    /// Checks that `answer`, signed by `did` for `namespace`, answers this challenge in time.
    ///
    /// # Errors
    /// [`Refuted`] with [`Refutation::WrongChallenge`] when it does not.
    pub fn answered_by(
        &self,
        answer: Option<&Challenge>,
        did: &Did,
        namespace: &Namespace,
        now: Timestamp,
    ) -> Result<(), Refuted> {
        let refuse = |detail: &str| Err(Refuted::new(Refutation::WrongChallenge, detail));
        if now >= self.expires {
            return refuse("the challenge has expired");
        }
        if answer != Some(&self.challenge) {
            return refuse("the proof does not carry the challenge that was given");
        }
        if *did != self.did || *namespace != self.namespace {
            return refuse("the challenge was given to another DID or for another namespace");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Counting;
    impl Entropy for Counting {
        fn fill(&self, buffer: &mut [u8]) -> Result<(), EntropyError> {
            for (i, byte) in buffer.iter_mut().enumerate() {
                *byte = u8::try_from(i).unwrap();
            }
            Ok(())
        }
    }

    #[test]
    fn an_answer_must_fit_in_every_part() {
        let did: Did = "did:web:a.example".parse().unwrap();
        let other: Did = "did:web:b.example".parse().unwrap();
        let six: Namespace = "pypi:six".parse().unwrap();
        let now = Timestamp::from_unix(1_000_000).unwrap();
        let minute = Duration::from_secs(60);
        let issued =
            IssuedChallenge::issue(&Counting, did.clone(), six.clone(), now, minute).unwrap();
        let answer = Some(issued.challenge());
        assert!(issued.answered_by(answer, &did, &six, now).is_ok());
        assert!(issued.answered_by(None, &did, &six, now).is_err());
        assert!(issued.answered_by(answer, &other, &six, now).is_err());
        assert!(
            issued
                .answered_by(answer, &did, &"pypi:sax".parse().unwrap(), now)
                .is_err()
        );
        assert!(
            issued
                .answered_by(answer, &did, &six, now + minute)
                .is_err()
        );
    }

    #[test]
    fn short_and_odd_challenges_are_refused() {
        for text in [
            "",
            "abc",
            "AAAAAAAAAAAAAAAAAAAAA",
            "AAAAAAAAAAAAAAAAAAAAAA==",
            "AAAAAAAAAAAAAAAAAAAAA!",
        ] {
            assert!(text.parse::<Challenge>().is_err(), "{text}");
        }
        assert!("AAAAAAAAAAAAAAAAAAAAAA".parse::<Challenge>().is_ok());
    }
}
