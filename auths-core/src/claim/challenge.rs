//! Challenges: a fresh number from a verifier, so that a namespace claim cannot be replayed to it.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use data_encoding::BASE64URL_NOPAD;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::Audience;
use crate::Timestamp;
use crate::identity::{Did, Namespace};
use crate::ports::{Entropy, EntropyError};
use crate::reason::{Invalid, Reason, Refuted, RefutedReason};

/// The maximum time to answer a challenge: one hour.
pub const MAX_CHALLENGE_LIFE: Duration = Duration::from_secs(3_600);
/// The first byte of a challenge of this format.
const VERSION: u8 = 1;
/// The length of a time in a challenge, in bytes: seconds since 1970, big-endian.
const END: usize = 8;
/// The number of random bytes in a challenge: 128 bits.
const RANDOM: usize = 16;
/// The length of a challenge before its MAC, in bytes.
const BODY: usize = 1 + END + RANDOM;
/// The length of the MAC (HMAC-SHA-256), in bytes.
const MAC: usize = 32;

/// The `challenge` of a proof: 16 to 64 random bytes, written in base64url without padding.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Challenge(Box<str>);

/// The error for a text that is not a challenge.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "a challenge is 22 to 86 characters of base64url without padding: at least 128 random bits"
)]
pub struct ChallengeError;

impl ChallengeError {
    /// Returns the stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        Invalid::Usage.code()
    }
}

impl Challenge {
    /// Returns the challenge as written in the proof.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Challenge {
    type Err = ChallengeError;

    fn from_str(text: &str) -> Result<Self, ChallengeError> {
        let bytes = BASE64URL_NOPAD
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

/// The secret key with which a verifier issues challenges. It is wiped when dropped, never printed and never serialized.
///
/// A [`ReplayGuard`](crate::ports::ReplayGuard) creates and keeps it: the key lives exactly as long as the record of used
/// challenges.
#[derive(Clone)]
pub struct ChallengeKey(Zeroizing<[u8; 32]>);

impl ChallengeKey {
    /// Creates a new random key.
    ///
    /// # Errors
    /// [`EntropyError`] when the random source fails.
    pub fn generate(entropy: &dyn Entropy) -> Result<Self, EntropyError> {
        let mut bytes = Zeroizing::new([0; 32]);
        entropy.fill(bytes.as_mut())?;
        Ok(Self(bytes))
    }

    /// Creates the key from the bytes of an earlier one.
    #[must_use]
    pub fn from_bytes(bytes: Zeroizing<[u8; 32]>) -> Self {
        Self(bytes)
    }

    /// Returns the secret itself. Only replay guards, which keep it, may call this.
    #[must_use]
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for ChallengeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ChallengeKey([REDACTED])")
    }
}

/// The values that a challenge is bound to: who must answer it, for which package, for which verifier, and for what purpose.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ChallengeScope<'a> {
    pub(crate) did: &'a Did,
    pub(crate) namespace: &'a Namespace,
    pub(crate) audience: &'a Audience,
    pub(crate) purpose: &'a str,
}

impl ChallengeScope<'_> {
    /// Computes the MAC over this scope and `body`, the bytes of a challenge before its MAC. The length of each part comes first,
    /// so no two scopes have the same bytes.
    fn mac(self, key: &ChallengeKey, body: &[u8]) -> Hmac<Sha256> {
        let mut block = Zeroizing::new([0; 64]);
        block[..32].copy_from_slice(key.expose());
        let mut mac = Hmac::<Sha256>::new((&*block).into());
        for part in [
            b"auths challenge".as_slice(),
            self.did.as_str().as_bytes(),
            self.namespace.in_normal_form().to_string().as_bytes(),
            self.audience.as_str().as_bytes(),
            self.purpose.as_bytes(),
            body,
        ] {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac
    }
}

/// A challenge that this verifier issued: for one DID, one namespace and one audience, until a time.
///
/// Only [`Challenges`](crate::use_cases::Challenges) creates one, when it issues a challenge and when it recognises a returned one by
/// its MAC; and [`Verifier::publish_by_key`](crate::use_cases::Verifier::publish_by_key), of a challenge that the front end gave. It can be shown to the signer who must answer it, but it cannot be deserialized:
///
/// ```compile_fail,E0277
/// let forged: auths_core::claim::IssuedChallenge = serde_json::from_str("{}").unwrap();
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct IssuedChallenge {
    #[serde(rename = "challenge")]
    challenge: Challenge,
    #[serde(rename = "did")]
    did: Did,
    #[serde(rename = "namespace")]
    namespace: Namespace,
    #[serde(rename = "audience")]
    audience: Audience,
    #[serde(rename = "expires")]
    expires: Timestamp,
}

impl IssuedChallenge {
    /// Creates a challenge of 128 random bits for `scope`, valid for `life` (at most an hour).
    pub(crate) fn give(
        key: &ChallengeKey,
        entropy: &dyn Entropy,
        scope: ChallengeScope<'_>,
        now: Timestamp,
        life: Duration,
    ) -> Result<Self, EntropyError> {
        let expires = now + life.min(MAX_CHALLENGE_LIFE);
        let mut bytes = [0; BODY + MAC];
        let (body, mac) = bytes.split_at_mut(BODY);
        body[0] = VERSION;
        body[1..=END].copy_from_slice(&expires.as_unix().to_be_bytes());
        entropy.fill(&mut body[1 + END..])?;
        mac.copy_from_slice(&scope.mac(key, body).finalize().into_bytes());
        let challenge = Challenge(BASE64URL_NOPAD.encode(&bytes).into());
        Ok(Self::of(challenge, scope, expires))
    }

    /// Returns the challenge with this text, if it was issued under `key` for `scope` and has not expired.
    ///
    /// # Security
    /// The MAC is compared in constant time. One challenge has one text: 57 bytes are 76 characters with no bits left over.
    pub(crate) fn recognise(
        key: &ChallengeKey,
        challenge: &Challenge,
        scope: ChallengeScope<'_>,
        now: Timestamp,
    ) -> Result<Self, Refuted> {
        let bytes = BASE64URL_NOPAD.decode(challenge.as_str().as_bytes());
        let bytes = bytes.map_err(|_| not_issued_here())?;
        let (body, mac) = bytes.split_at_checked(BODY).ok_or_else(not_issued_here)?;
        if body[0] != VERSION || scope.mac(key, body).verify_slice(mac).is_err() {
            return Err(not_issued_here());
        }
        let end = body[1..].first_chunk::<END>().ok_or_else(not_issued_here)?;
        let end = Timestamp::from_unix(i64::from_be_bytes(*end)).map_err(|_| not_issued_here())?;
        if end <= now {
            return Err(refused(format!("the challenge ended at {end}")));
        }
        Ok(Self::of(challenge.clone(), scope, end))
    }

    /// Takes a challenge that a front end says it gave, by other means than a key.
    pub(crate) fn given(
        challenge: Challenge,
        scope: ChallengeScope<'_>,
        expires: Timestamp,
    ) -> Self {
        Self::of(challenge, scope, expires)
    }

    fn of(challenge: Challenge, scope: ChallengeScope<'_>, expires: Timestamp) -> Self {
        Self {
            challenge,
            did: scope.did.clone(),
            namespace: scope.namespace.clone(),
            audience: scope.audience.clone(),
            expires,
        }
    }

    /// Returns the challenge that the signer must put into its proof.
    #[must_use]
    pub fn challenge(&self) -> &Challenge {
        &self.challenge
    }

    /// Returns the time at which the challenge expires.
    #[must_use]
    pub fn expires(&self) -> Timestamp {
        self.expires
    }

    /// Returns the scope of the challenge for this purpose.
    pub(crate) fn scope<'a>(&'a self, purpose: &'a str) -> ChallengeScope<'a> {
        ChallengeScope {
            did: &self.did,
            namespace: &self.namespace,
            audience: &self.audience,
            purpose,
        }
    }

    /// Checks that `answer`, signed by `did` for `namespace` and `audience`, answers this challenge in time.
    ///
    /// # Errors
    /// [`Refuted`] with [`RefutedReason::WrongChallenge`] when it does not.
    pub fn answered_by(
        &self,
        answer: Option<&Challenge>,
        did: &Did,
        namespace: &Namespace,
        audience: &Audience,
        now: Timestamp,
    ) -> Result<(), Refuted> {
        if now >= self.expires {
            return Err(refused("the challenge has expired"));
        }
        if answer != Some(&self.challenge) {
            return Err(refused(
                "the proof does not carry the challenge that was given",
            ));
        }
        if *did != self.did || *namespace != self.namespace || *audience != self.audience {
            return Err(refused(
                "the challenge was given to another DID, for another namespace or by another verifier",
            ));
        }
        Ok(())
    }
}

fn refused(detail: impl Into<String>) -> Refuted {
    Refuted::new(RefutedReason::WrongChallenge, detail)
}

/// Returns the refutation of a challenge that was not given here.
fn not_issued_here() -> Refuted {
    refused("no such challenge was given here to this DID for this namespace")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct CountingEntropy;
    impl Entropy for CountingEntropy {
        fn fill(&self, buffer: &mut [u8]) -> Result<(), EntropyError> {
            for (i, byte) in buffer.iter_mut().enumerate() {
                *byte = u8::try_from(i).unwrap();
            }
            Ok(())
        }
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_unix(seconds).unwrap()
    }

    const MINUTE: Duration = Duration::from_secs(60);

    /// The parts of a scope, of which a test changes one.
    #[derive(Clone)]
    struct ScopeParts(Did, Namespace, Audience, &'static str);

    fn parts() -> ScopeParts {
        let (did, six) = ("did:web:a.example", "pypi:six");
        let hub = "https://hub.example".parse().unwrap();
        ScopeParts(did.parse().unwrap(), six.parse().unwrap(), hub, "publish")
    }

    impl ScopeParts {
        fn scope(&self) -> ChallengeScope<'_> {
            ChallengeScope {
                did: &self.0,
                namespace: &self.1,
                audience: &self.2,
                purpose: self.3,
            }
        }
    }

    fn key(byte: u8) -> ChallengeKey {
        ChallengeKey::from_bytes(Zeroizing::new([byte; 32]))
    }

    fn given() -> IssuedChallenge {
        IssuedChallenge::give(
            &key(1),
            &CountingEntropy,
            parts().scope(),
            at(1_000),
            MINUTE,
        )
        .unwrap()
    }

    #[test]
    fn an_answer_must_fit_in_every_part() {
        let (issued, ScopeParts(did, six, hub, _)) = (given(), parts());
        let other: Did = "did:web:b.example".parse().unwrap();
        let sax: Namespace = "pypi:sax".parse().unwrap();
        let elsewhere: Audience = "https://elsewhere.example".parse().unwrap();
        let answer = Some(issued.challenge());
        for (fits, answer, did, namespace, audience, now) in [
            (true, answer, &did, &six, &hub, 1_059),
            (false, None, &did, &six, &hub, 1_000),
            (false, answer, &other, &six, &hub, 1_000),
            (false, answer, &did, &sax, &hub, 1_000),
            (false, answer, &did, &six, &elsewhere, 1_000),
            (false, answer, &did, &six, &hub, 1_060),
        ] {
            let answered = issued.answered_by(answer, did, namespace, audience, at(now));
            assert_eq!(answered.is_ok(), fits, "{did} {namespace} {audience} {now}");
        }
    }

    /// Recognises `given`, as of 1_000 seconds, with a scope of which something is changed.
    fn is_recognised_with(given: &IssuedChallenge, change: fn(&mut ScopeParts)) -> bool {
        let mut parts = parts();
        change(&mut parts);
        let challenge = given.challenge();
        IssuedChallenge::recognise(&key(1), challenge, parts.scope(), at(1_000)).is_ok()
    }

    fn parts_of(namespace: &str) -> ScopeParts {
        ScopeParts(parts().0, namespace.parse().unwrap(), parts().2, "publish")
    }

    #[test]
    fn a_challenge_is_recognised_by_its_mac_for_its_own_scope_until_it_ends() {
        let given = given();
        for (key, now, is_known) in [
            (key(1), 1_059, true),
            // Its last second.
            (key(1), 1_060, false),
            // Another key.
            (key(2), 1_000, false),
        ] {
            let challenge = given.challenge();
            let found = IssuedChallenge::recognise(&key, challenge, parts().scope(), at(now));
            assert_eq!(found.ok().as_ref(), is_known.then_some(&given), "{now}");
        }
        let changes: [fn(&mut ScopeParts); 6] = [
            |p| p.0 = "did:web:b.example".parse().unwrap(),
            |p| p.1 = "pypi:sax".parse().unwrap(),
            |p| p.1 = "npm:six".parse().unwrap(),
            |p| p.2 = "https://hub.example2".parse().unwrap(),
            |p| p.3 = "yank",
            // The boundaries between the parts are signed too.
            |p| {
                p.2 = "https://hub.examplepub".parse().unwrap();
                p.3 = "lish";
            },
        ];
        assert!(is_recognised_with(&given, |_| {}));
        for (n, change) in changes.into_iter().enumerate() {
            assert!(!is_recognised_with(&given, change), "change {n}");
        }
    }

    #[test]
    fn two_spellings_of_one_crate_are_one_name() {
        let (hyphen, underscore) = (parts_of("cargo:tokio-util"), parts_of("cargo:tokio_util"));
        let given =
            IssuedChallenge::give(&key(1), &CountingEntropy, hyphen.scope(), at(1_000), MINUTE);
        let challenge = given.unwrap().challenge().clone();
        let back = IssuedChallenge::recognise(&key(1), &challenge, underscore.scope(), at(1_000));
        assert!(back.is_ok());
    }

    fn known(bytes: &[u8]) -> bool {
        let text = BASE64URL_NOPAD.encode(bytes);
        let challenge: Challenge = text.parse().unwrap();
        IssuedChallenge::recognise(&key(1), &challenge, parts().scope(), at(1_000)).is_ok()
    }

    #[test]
    fn no_changed_bit_and_no_other_length_is_recognised() {
        let given = given();
        let bytes = BASE64URL_NOPAD
            .decode(given.challenge().as_str().as_bytes())
            .unwrap();
        assert!(known(&bytes));
        for at in 0..bytes.len() * 8 {
            let mut changed = bytes.clone();
            changed[at / 8] ^= 1 << (at % 8);
            assert!(!known(&changed), "bit {at}");
        }
        for length in 16..bytes.len() {
            assert!(!known(&bytes[..length]), "cut to {length}");
        }
        assert!(!known(&[bytes.as_slice(), &[0]].concat()));
        assert!(!known(&[0; 57]));
    }

    #[test]
    fn one_challenge_has_one_text() {
        let text = given().challenge().to_string();
        assert_eq!(text.len(), 76);
        for last in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".chars() {
            let other = format!("{}{last}", &text[..75]);
            let known = other.parse().is_ok_and(|challenge: Challenge| {
                IssuedChallenge::recognise(&key(1), &challenge, parts().scope(), at(1_000)).is_ok()
            });
            assert_eq!(known, other == text, "{last}");
        }
    }

    #[test]
    fn no_challenge_waits_for_longer_than_an_hour_and_no_key_is_printed() {
        let day = Duration::from_secs(86_400);
        let long =
            IssuedChallenge::give(&key(1), &CountingEntropy, parts().scope(), at(0), day).unwrap();
        assert_eq!(long.expires(), at(3_600));
        assert!(!format!("{:?}", key(0x77)).contains("119"));
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
