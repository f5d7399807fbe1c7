//! The rule among several that a run matches, or the nearest one.

use super::{CiIdentity, FieldMismatch, PublisherRule, RuleField, RuleMatch, RuleMismatch};
use crate::reason::{Reason, Refuted, RefutedReason};

/// The first rule that a run matches.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct MatchedRule {
    /// The place of the rule in the list, from 0.
    pub index: usize,
    /// How it matches.
    pub matched: RuleMatch,
}

/// The answer that no rule matches: how far a run is from each.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.refuted())]
#[non_exhaustive]
pub struct NoRuleMatches {
    /// The place of the nearest rule in the list, from 0; `None` where there is no rule.
    pub nearest: Option<usize>,
    /// How the run differs from each rule, in their order.
    pub mismatches: Vec<RuleMismatch>,
}

impl NoRuleMatches {
    /// Returns the fields that differ from the nearest rule.
    #[must_use]
    pub fn nearest_fields(&self) -> &[FieldMismatch] {
        let nearest = self.nearest.and_then(|index| self.mismatches.get(index));
        nearest.map_or(&[], |mismatch| &mismatch.fields)
    }

    /// Returns the refutation, which names the nearest rule and every field that differs from it.
    #[must_use]
    pub fn refuted(&self) -> Refuted {
        let nearest = self
            .nearest
            .and_then(|at| Some((at, self.mismatches.get(at)?)));
        let detail = match nearest {
            Some((at, mismatch)) => format!("of rule {at}, the nearest, these differ: {mismatch}"),
            None => "there is no rule".to_owned(),
        };
        Refuted::new(RefutedReason::NoRuleMatches, detail)
    }

    /// Returns the stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        RefutedReason::NoRuleMatches.code()
    }
}

/// Finds the first rule that a run matches.
///
/// The nearest of rules that do not match is one of the same repository before one of another, then the one with the fewest fields
/// that differ, then the first.
///
/// ```
/// use auths_core::ci::find_matching_rule;
///
/// # fn example(run: &auths_core::ci::CiIdentity, rules: &[auths_core::ci::PublisherRule]) {
/// match find_matching_rule(rules, run) {
///     Ok(found) => println!("rule {} matches", found.index),
///     Err(none) => println!("{none}"),
/// }
/// # }
/// ```
///
/// # Errors
/// [`NoRuleMatches`] with every field of every rule that differs.
pub fn find_matching_rule<'a>(
    rules: impl IntoIterator<Item = &'a PublisherRule>,
    identity: &CiIdentity,
) -> Result<MatchedRule, NoRuleMatches> {
    let mut mismatches = Vec::new();
    for (index, rule) in rules.into_iter().enumerate() {
        match rule.matches(identity) {
            Ok(matched) => return Ok(MatchedRule { index, matched }),
            Err(mismatch) => mismatches.push(mismatch),
        }
    }
    let places = mismatches.iter().enumerate();
    let nearest = places.min_by_key(|(_, mismatch)| distance(mismatch));
    Err(NoRuleMatches {
        nearest: nearest.map(|(index, _)| index),
        mismatches,
    })
}

/// Returns how far a run is from a rule: by the fields that say which repository it is, and by all.
fn distance(mismatch: &RuleMismatch) -> (usize, usize) {
    let of_repository = mismatch.fields.iter().filter(|differs| {
        let repository = [
            RuleField::Issuer,
            RuleField::RepositoryId,
            RuleField::OwnerId,
        ];
        repository.contains(&differs.field)
    });
    (of_repository.count(), mismatch.fields.len())
}
