//! The rules of a policy, its presets and its digest.

use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::capability::{Capability, CapabilitySet};
use crate::identity::text::cut;
use crate::identity::{Did, Ecosystem, escape};
use crate::reason::{Invalid, Reason};
use crate::time::DAY;
use crate::tokens::TokenKind;

/// The shortest maturity that a policy may require.
pub const MIN_MATURITY: Duration = DAY;
/// The default maturity: 7 days.
pub const DEFAULT_MATURITY: Duration = Duration::from_secs(7 * 86_400);
/// The default maximum age of evidence: 24 hours.
pub const DEFAULT_EVIDENCE_AGE: Duration = DAY;
/// The maximum age of evidence of an organisation's ownership: 5 minutes, so that a lost role counts as lost within minutes.
pub const ORG_EVIDENCE_AGE: Duration = Duration::from_secs(300);
/// The longest maturity that a policy may require.
pub(super) const MAX_MATURITY: Duration = Duration::from_secs(365 * 86_400);
/// The smallest maximum age of evidence that a policy may set.
pub(super) const MIN_EVIDENCE_AGE: Duration = Duration::from_secs(3_600);
/// The largest maximum age of evidence that a policy may set.
pub(super) const MAX_EVIDENCE_AGE: Duration = Duration::from_secs(30 * 86_400);

/// The capabilities that must not suffice for a yes, and the minimum and maximum ages of evidence.
///
/// There is no `Default`, because the attacker to resist must be chosen. Start from [`Policy::standard`] (the preset `default`), or
/// make one with [`Policy::builder`] or [`Policy::from_toml`].
///
/// ```
/// use auths_core::{Capability, Policy};
///
/// let policy = Policy::from_toml("resist = ['ci-workflow']\nmaturity_hours = 336")?;
/// assert!(policy.resists(Capability::StolenToken), "what is below ci-workflow is resisted too");
/// assert!(Policy::from_toml("resist = []").is_err());
/// # Ok::<(), auths_core::PolicyError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    pub(super) name: String,
    pub(super) resists: u16,
    pub(super) maturity: Duration,
    pub(super) evidence_age: Duration,
    pub(super) trusted_observers: BTreeSet<Did>,
    pub(super) asks_for_revocations: bool,
}

/// A reason why a policy cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyError {
    /// The text is not TOML, or has an unknown key or a value of the wrong kind. The message tells what is wrong and where, and
    /// quotes nothing of the text.
    #[error("the policy cannot be read: {}", escape(.0))]
    Syntax(String),
    /// The text contains a token, which a policy never needs. Nothing of the token is repeated.
    #[error("line {line} of the policy holds what looks like {kind}, which is not repeated here")]
    Token {
        /// The line, counted from 1.
        line: usize,
        /// The kind of token.
        kind: TokenKind,
    },
    /// The policy resists nothing, but does not say that self-reported names are trusted.
    #[error(
        "a policy must resist stranger: name something in `resist`, or say trust_self_reported = true"
    )]
    ResistsNothing,
    /// The policy says that self-reported names are trusted, but resists something.
    #[error(
        "trust_self_reported = true accepts what a stranger can forge, so nothing can be resisted beside it: remove `resist`"
    )]
    Contradiction,
    /// A duration is out of range.
    #[error("{field} must lie between {min} and {max} hours")]
    OutOfRange {
        /// The field.
        field: &'static str,
        /// The smallest value.
        min: u64,
        /// The largest value.
        max: u64,
    },
    /// No preset has this name.
    #[error("there is no policy named {0:?}: default, strict, trust-self-reported, or a TOML file")]
    UnknownPreset(String),
}

impl PolicyError {
    /// Returns the stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            // A token never belongs into a text: that is the same mistake everywhere.
            Self::Token { .. } => Invalid::Usage.code(),
            _ => Invalid::BadPolicy.code(),
        }
    }
}

/// A digest of everything in a policy, so that an answer can name the policy under which it was given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct PolicyDigest(String);

impl fmt::Display for PolicyDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Policy {
    /// Returns the preset `default`. It resists strangers, recycled names, collaborators and stolen tokens.
    #[must_use]
    pub fn standard() -> Self {
        use Capability::{Collaborator, RecycledName, StolenToken, Stranger};
        Self::preset(
            "default",
            &[Stranger, RecycledName, Collaborator, StolenToken],
        )
    }

    /// Returns the preset `strict`. It also resists former collaborators, held tokens, writers of the repository, a poisoned run, and
    /// a captured publishing workflow. No CI run passes it.
    #[must_use]
    pub fn strict() -> Self {
        use Capability::{
            CiWorkflow, Collaborator, FormerCollaborator, HeldToken, PoisonedRun, RecycledName,
            RepositoryWriter, StolenToken, Stranger,
        };
        Self::preset(
            "strict",
            &[
                Stranger,
                RecycledName,
                Collaborator,
                FormerCollaborator,
                StolenToken,
                HeldToken,
                RepositoryWriter,
                PoisonedRun,
                CiWorkflow,
            ],
        )
    }

    /// Returns the preset `trust-self-reported`. It resists nobody: any key may claim any maintainer's name, and the public
    /// listing then agrees. It exists for migration and for the record.
    #[must_use]
    pub fn trust_self_reported() -> Self {
        Self::preset("trust-self-reported", &[])
    }

    pub(super) fn preset(name: &str, resists: &[Capability]) -> Self {
        Self {
            name: name.to_owned(),
            resists: resists
                .iter()
                .fold(0, |bits, c| bits | CapabilitySet::bits_at_most(*c)),
            maturity: DEFAULT_MATURITY,
            evidence_age: DEFAULT_EVIDENCE_AGE,
            trusted_observers: BTreeSet::new(),
            asks_for_revocations: true,
        }
    }

    /// Returns a preset by its name.
    ///
    /// # Errors
    /// [`PolicyError::UnknownPreset`].
    pub fn named(name: &str) -> Result<Self, PolicyError> {
        match name {
            "default" => Ok(Self::standard()),
            "strict" => Ok(Self::strict()),
            "trust-self-reported" => Ok(Self::trust_self_reported()),
            other => Err(PolicyError::UnknownPreset(cut(other, 80))),
        }
    }

    /// Sets that answers are also accepted if no source of revocations was consulted. The presets do not accept them: such an
    /// answer may rest on a key that was stolen and revoked long ago.
    #[must_use]
    pub fn taking_unchecked_revocations(mut self) -> Self {
        self.asks_for_revocations = false;
        self
    }

    /// Returns whether [`Verified::resisting`](crate::Verified::resisting) requires that a source of revocations was consulted.
    #[must_use]
    pub fn asks_for_revocations(&self) -> bool {
        self.asks_for_revocations
    }

    /// Adds trusted observers: evidence that they signed counts.
    #[must_use]
    pub fn trusting(mut self, observers: impl IntoIterator<Item = Did>) -> Self {
        self.trusted_observers.extend(observers);
        self
    }

    /// Returns the name, for people. Two policies of one name may differ, so compare digests.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns whether a holder of `capability` must not suffice for a yes.
    #[must_use]
    pub fn resists(&self, capability: Capability) -> bool {
        self.resists & (1 << capability as u16) != 0
    }

    /// Returns every capability that must not suffice, weakest first.
    pub fn resisted(&self) -> impl Iterator<Item = Capability> + '_ {
        Capability::ALL.into_iter().filter(|c| self.resists(*c))
    }

    /// Returns whether no capability in `falls_to` is resisted.
    #[must_use]
    pub fn accepts(&self, falls_to: CapabilitySet) -> bool {
        self.resists & falls_to.bits() == 0
    }

    /// Returns the weakest resisted capability in `falls_to`: of several that do not include each other, the first in
    /// [`Capability::ALL`].
    pub(crate) fn weakest_resisted(&self, falls_to: CapabilitySet) -> Option<Capability> {
        self.resisted().find(|c| falls_to.contains(*c))
    }

    /// Returns the minimum age of a statement.
    #[must_use]
    pub fn maturity(&self) -> Duration {
        self.maturity
    }

    /// Returns the maximum age of evidence.
    #[must_use]
    pub fn evidence_age(&self) -> Duration {
        self.evidence_age
    }

    /// Returns the maximum age of evidence of ownership in an ecosystem: that of an organisation's owners is good for
    /// [`ORG_EVIDENCE_AGE`] at most.
    pub(crate) fn ownership_age(&self, ecosystem: &Ecosystem) -> Duration {
        if ecosystem.facts().names_organizations {
            self.evidence_age.min(ORG_EVIDENCE_AGE)
        } else {
            self.evidence_age
        }
    }

    /// Returns whether evidence that `observer` signed counts.
    #[must_use]
    pub fn trusts(&self, observer: &Did) -> bool {
        self.trusted_observers.contains(observer)
    }

    /// Returns the digest of everything in the policy except its name.
    #[must_use]
    pub fn digest(&self) -> PolicyDigest {
        let resists: Vec<_> = self.resisted().map(Capability::as_str).collect();
        let observers: Vec<_> = self.trusted_observers.iter().map(Did::as_str).collect();
        let unchecked = match self.asks_for_revocations {
            true => "",
            false => "\nunchecked-revocations",
        };
        let said = format!(
            "auths-policy-v1\n{}\n{}\n{}\n{}{unchecked}",
            resists.join(","),
            self.maturity.as_secs(),
            self.evidence_age.as_secs(),
            observers.join(",")
        );
        PolicyDigest(format!(
            "sha256:{}",
            data_encoding::HEXLOWER.encode(&Sha256::digest(said))
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_policy_has_the_name_that_it_was_given() {
        for name in ["default", "strict", "trust-self-reported"] {
            assert_eq!(Policy::named(name).unwrap().name(), name);
        }
        let named = Policy::from_toml("name = 'ours'\nresist = ['stranger']").unwrap();
        assert_eq!(named.name(), "ours");
        let built = Policy::builder("ours").resisting([Capability::Stranger]);
        assert_eq!(built.build().unwrap(), named);
    }

    #[test]
    fn a_policy_in_code_is_held_to_the_rules_of_the_file() {
        let builder = || Policy::builder("ours").resisting([Capability::StolenToken]);
        let hour = Duration::from_secs(3_600);
        for (built, good) in [
            (builder(), true),
            (builder().with_maturity(DAY), true),
            (builder().with_maturity(DAY - hour), false),
            (builder().with_maturity(DAY * 365), true),
            (builder().with_maturity(DAY * 365 + hour), false),
            (builder().with_evidence_age(hour), true),
            (builder().with_evidence_age(hour / 2), false),
            (builder().with_evidence_age(DAY * 30), true),
            (builder().with_evidence_age(DAY * 30 + hour), false),
            (builder().trusting_self_reported_names(), false),
            (Policy::builder("none"), false),
            (Policy::builder("none").trusting_self_reported_names(), true),
        ] {
            assert_eq!(built.clone().build().is_ok(), good, "{built:?}");
        }
        let file = "name = 'ours'\nresist = ['stolen-token']\nmaturity_hours = 48\nevidence_age_hours = 2\nunchecked_revocations = true";
        let built = builder().with_maturity(DAY * 2).with_evidence_age(hour * 2);
        let built = built.taking_unchecked_revocations().build().unwrap();
        assert_eq!(built, Policy::from_toml(file).unwrap());
        assert!(!built.asks_for_revocations());
    }

    proptest! {
        #[test]
        fn resisting_is_downward_closed(picked in prop::collection::vec(0usize..13, 1..5)) {
            let picked: Vec<_> = picked.into_iter().map(|i| Capability::ALL[i]).collect();
            let policy = Policy::preset("p", &picked);
            for stronger in policy.resisted() {
                for weaker in Capability::ALL {
                    prop_assert!(!stronger.includes(weaker) || policy.resists(weaker));
                }
            }
        }

        #[test]
        fn resisting_more_never_accepts_more(a in 0usize..13, b in 0usize..13, falls in 0usize..13) {
            let falls = CapabilitySet::at_least(Capability::ALL[falls]);
            let less = Policy::preset("less", &[Capability::ALL[a]]);
            let more = Policy::preset("more", &[Capability::ALL[a], Capability::ALL[b]]);
            prop_assert!(!more.accepts(falls) || less.accepts(falls));
        }
    }

    fn list(policy: &Policy) -> Vec<Capability> {
        policy.resisted().collect()
    }

    #[test]
    fn presets_resist_what_the_design_says() {
        use Capability::*;
        assert_eq!(
            list(&Policy::standard()),
            [Stranger, RecycledName, Collaborator, StolenToken]
        );
        assert_eq!(
            list(&Policy::strict()),
            [
                Stranger,
                RecycledName,
                Collaborator,
                FormerCollaborator,
                StolenToken,
                HeldToken,
                RepositoryWriter,
                PoisonedRun,
                CiWorkflow
            ]
        );
        assert_eq!(list(&Policy::trust_self_reported()), []);
        assert!(Policy::trust_self_reported().accepts(CapabilitySet::at_least(Stranger)));
    }

    #[test]
    fn toml_is_strict() {
        assert!(Policy::from_toml("trust_self_reported = true").is_ok());
        for bad in [
            "",
            "resist = []",
            "trust_self_reported = true\nresist = ['stranger']",
            "resist = ['stranger']\nunknown = 1",
            "resist = ['thief']",
            "resist = ['stranger']\nmaturity_hours = 23",
            "resist = ['stranger']\nevidence_age_hours = 0",
            "resist = ['stranger']\ntrusted_observers = ['did:key:x']",
            "resist = 'stranger'",
            "resist = ['stranger']\nunchecked_revocations = 'yes'",
            "[",
        ] {
            assert!(Policy::from_toml(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_error_carries_nothing_of_the_file() {
        let planted = "hunter2planted";
        for text in [
            planted.to_owned(),
            format!("{planted} = 1"),
            format!("'{planted}' = 1"),
            format!("resist = ['{planted}']"),
            format!("resist = '{planted}'"),
            format!("resist = [{planted}]"),
            format!("resist = ['stranger']\nresist = '{planted}'"),
            format!("resist = ['stranger']\n{planted} = 1\n{planted} = 2"),
            format!("resist = ['stranger']\nmaturity_hours = '{planted}'"),
            format!("resist = ['stranger']\nmaturity_hours = {planted}"),
            format!("resist = ['stranger']\ntrusted_observers = ['did:key:{planted}']"),
            format!("resist = ['stranger']\ntrusted_observers = ['{planted}']"),
            format!("trust_self_reported = '{planted}'"),
            format!("name = {{ {planted} = 1 }}"),
            format!("[{planted}]\nresist = ['stranger']"),
            format!("resist = ['stranger'] # ok\n= {planted}"),
        ] {
            let error = Policy::from_toml(&text).unwrap_err();
            assert!(matches!(error, PolicyError::Syntax(_)), "{text}: {error:?}");
            for said in [error.to_string(), format!("{error:?}")] {
                assert!(!said.contains("hunter2"), "{text}: {said}");
            }
        }
        let second = Policy::from_toml("resist = ['stranger', 'thief']").unwrap_err();
        assert!(second.to_string().contains("entry 2"), "{second}");
        let third = Policy::from_toml("name = 'x'\n\n= 1").unwrap_err();
        assert!(third.to_string().contains("line 3"), "{third}");
    }

    #[test]
    fn a_token_in_a_policy_is_refused_by_its_kind_and_not_repeated() {
        let base62 = "aB3".repeat(12);
        for (token, kind) in [
            (format!("ghp_{base62}"), TokenKind::GitHub),
            (format!("npm_{base62}"), TokenKind::Npm),
            (format!("pypi-AgEIcHlwaS5vcmc{base62}"), TokenKind::PyPi),
            (format!("cio{}", &base62[..32]), TokenKind::CratesIo),
            (
                format!("eyJhbGciOiJSUzI1NiJ9.{base62}.{base62}"),
                TokenKind::Jwt,
            ),
            (base62[..32].to_owned(), TokenKind::CratesIo),
            (
                "0b1c4d2e-8f3a-4b5c-9d7e-8f901a2b3c4d".to_owned(),
                TokenKind::Npm,
            ),
        ] {
            for text in [
                format!("name = '{token}'\nresist = ['stranger']"),
                format!("resist = ['{token}']"),
                format!("resist = ['stranger']\n{token} = 1"),
                format!("resist = ['stranger']\n\"{token}\" = 1"),
                format!("resist = ['stranger']\n{token}"),
                token.clone(),
                format!("[{token}]"),
                format!("resist = ['stranger']\ntrusted_observers = ['did:key:{token}']"),
            ] {
                let error = Policy::from_toml(&text).unwrap_err();
                let PolicyError::Token { line, kind: seen } = &error else {
                    panic!("{text}: {error}");
                };
                assert_eq!(*seen, kind, "{text}");
                assert!(text.lines().nth(line - 1).unwrap().contains(&token));
                let said = format!("{error} {error:?}");
                assert!(
                    !said.contains(&base62[..8]) && !said.contains("8f3a"),
                    "{said}"
                );
            }
        }
        let commented = "# as of 0123456789abcdef0123456789abcdef01234567\nresist = ['stranger']";
        assert!(
            Policy::from_toml(commented).is_ok(),
            "a digest in a comment"
        );
        assert!(Policy::from_toml(&format!("# ghp_{base62}\nresist = ['stranger']")).is_err());
        let named = Policy::named(&format!("ghp_{base62}")).unwrap_err();
        assert!(
            !format!("{named} {named:?}").contains(&base62[..8]),
            "{named}"
        );
    }

    #[test]
    fn the_digest_tells_policies_apart_and_ignores_the_name() {
        let named = Policy::from_toml(
            "name = 'x'\nresist = ['stranger','recycled-name','collaborator','stolen-token']",
        );
        assert_eq!(named.unwrap().digest(), Policy::standard().digest());
        assert_ne!(Policy::strict().digest(), Policy::standard().digest());
    }
}
