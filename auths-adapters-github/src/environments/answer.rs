//! The answer about one environment: what of it counts, and what makes it unreadable.
//!
//! Source: GitHub's OpenAPI description of its REST API, "Get an environment".

use auths_core::ci::{
    EnvironmentName, EnvironmentProtection, EnvironmentReviewer, NumericId, RepositoryName,
};
use auths_core::ports::EnvironmentQuery;
use auths_core::{Unavailable, UnavailableReason, shorten};
use auths_http::{Object, Response};
use serde::{Deserialize, Serialize};
use url::Url;

use super::unreadable;
use crate::wire::{MAX_SHOWN, Repository};

/// The type of the rule that somebody must approve.
const REQUIRED_REVIEWERS: &str = "required_reviewers";

/// `GET /repositories/{id}/environments/{name}`.
#[derive(Debug, Deserialize)]
struct EnvironmentAnswer {
    name: String,
    url: String,
    can_admins_bypass: bool,
    protection_rules: Vec<Object<ProtectionRule>>,
    /// Null where every ref may use the environment.
    #[serde(default)]
    deployment_branch_policy: Option<Object<BranchPolicy>>,
}

/// One rule. The members beside `type` are those of the type `required_reviewers`.
#[derive(Debug, Deserialize)]
struct ProtectionRule {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    prevent_self_review: Option<bool>,
    #[serde(default)]
    reviewers: Option<Vec<Object<RuleReviewer>>>,
}

/// One of those who may approve.
#[derive(Debug, Deserialize)]
struct RuleReviewer {
    #[serde(rename = "type")]
    kind: String,
    reviewer: Object<ReviewerNumber>,
}

/// The account or the team of a reviewer.
#[derive(Debug, Deserialize)]
struct ReviewerNumber {
    id: u64,
}

/// The refs that may use the environment: the protected branches, or those of a list of patterns.
#[derive(Debug, Deserialize)]
struct BranchPolicy {
    protected_branches: bool,
    custom_branch_policies: bool,
}

/// The needed part of an answer about an environment.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct SeenEnvironment {
    reviewers: Vec<SeenReviewer>,
    prevents_self_review: bool,
    admins_may_bypass: bool,
    restricts_refs: bool,
}

/// A reviewer, by number.
#[derive(Debug, Serialize, Deserialize)]
enum SeenReviewer {
    User(NumericId),
    Team(NumericId),
}

impl SeenEnvironment {
    /// Reads the answer to a query, where the repository has the name `repository` now.
    ///
    /// # Errors
    /// [`UnavailableReason::EvidenceMismatch`] for an answer about another repository or environment.
    /// [`UnavailableReason::MissingField`], [`UnavailableReason::Empty`] or [`UnavailableReason::Unreadable`] where a part is missing
    /// or cannot be read: a reviewer who is not understood might be anybody.
    pub(crate) fn read(
        response: &Response,
        query: &EnvironmentQuery,
        repository: &RepositoryName,
    ) -> Result<Self, Unavailable> {
        let answer: EnvironmentAnswer = response.json_object()?;
        answer.check_for(query, repository)?;
        let mut seen = Self {
            admins_may_bypass: answer.can_admins_bypass,
            restricts_refs: answer
                .deployment_branch_policy
                .is_some_and(|policy| policy.protected_branches || policy.custom_branch_policies),
            ..Self::default()
        };
        for Object(rule) in answer.protection_rules {
            if rule.kind.is_empty() {
                return Err(Unavailable::missing_field("type of a protection rule"));
            }
            if rule.kind != REQUIRED_REVIEWERS {
                continue;
            }
            if !seen.reviewers.is_empty() {
                let detail = "two rules of the environment require reviewers";
                return Err(Unavailable::unreadable(detail));
            }
            seen.prevents_self_review = rule
                .prevent_self_review
                .ok_or_else(|| Unavailable::missing_field("prevent_self_review"))?;
            let reviewers = rule
                .reviewers
                .ok_or_else(|| Unavailable::missing_field("reviewers"))?;
            seen.reviewers = reviewers
                .into_iter()
                .map(|Object(one)| one.seen())
                .collect::<Result<_, _>>()?;
            if seen.reviewers.is_empty() {
                let detail = "the environment requires reviewers and lists none";
                return Err(Unavailable::new(UnavailableReason::Empty, detail));
            }
        }
        Ok(seen)
    }

    /// Returns what was seen as core takes it.
    pub(crate) fn into_protection(self) -> EnvironmentProtection {
        let reviewers = self.reviewers.into_iter().map(|one| match one {
            SeenReviewer::User(id) => EnvironmentReviewer::User(id),
            SeenReviewer::Team(id) => EnvironmentReviewer::Team(id),
        });
        let (own, bypass) = (self.prevents_self_review, self.admins_may_bypass);
        let mut protection = EnvironmentProtection::new(reviewers.collect(), own, bypass);
        protection.restricts_refs = self.restricts_refs;
        protection
    }
}

impl RuleReviewer {
    fn seen(self) -> Result<SeenReviewer, Unavailable> {
        let number = |id| {
            NumericId::new(id)
                .map_err(|error| Unavailable::unreadable(format!("a reviewer: {error}")))
        };
        match self.kind.as_str() {
            "User" => Ok(SeenReviewer::User(number(self.reviewer.id)?)),
            "Team" => Ok(SeenReviewer::Team(number(self.reviewer.id)?)),
            other => {
                let other = shorten(other, MAX_SHOWN);
                let detail = format!("a reviewer is of the kind {other:?}");
                Err(Unavailable::unreadable(detail))
            }
        }
    }
}

impl EnvironmentAnswer {
    /// Checks that the answer is about the environment of the query, in the repository that has this name now.
    fn check_for(
        &self,
        query: &EnvironmentQuery,
        repository: &RepositoryName,
    ) -> Result<(), Unavailable> {
        let name: EnvironmentName = self.name.parse().map_err(|error| {
            Unavailable::unreadable(format!("the answer about the environment: {error}"))
        })?;
        let provider = query.issuer.provider;
        if !provider.is_same_environment(&query.environment, &name) {
            let detail = format!(
                "the environment {} was asked for, and the answer is about {name}",
                query.environment
            );
            return Err(mismatch(detail));
        }
        if is_of_repository(&self.url, query.repository_id, repository) {
            return Ok(());
        }
        let url = shorten(&self.url, MAX_SHOWN);
        let detail =
            format!("an environment of {repository} was asked for, and the answer is {url}");
        Err(mismatch(detail))
    }
}

/// Returns whether an address of the API, `.../repos/OWNER/NAME/...` or `.../repositories/NUMBER/...`, is below that repository.
fn is_of_repository(url: &str, id: NumericId, name: &RepositoryName) -> bool {
    let Ok(url) = Url::parse(url) else {
        return false;
    };
    let segments = url.path_segments().into_iter().flatten();
    let mut segments = segments.skip_while(|part| !matches!(*part, "repos" | "repositories"));
    match (segments.next(), segments.next(), segments.next()) {
        (Some("repositories"), Some(number), _) => number == id.to_string(),
        (Some("repos"), Some(owner), Some(repository)) => {
            let named = format!("{owner}/{repository}").parse::<RepositoryName>();
            named.is_ok_and(|named| named.is_same_as(name))
        }
        _ => false,
    }
}

/// Checks that the answer about a repository is about the one of that number.
///
/// # Errors
/// [`UnavailableReason::EvidenceMismatch`] for another number. [`UnavailableReason::Unreadable`] for none.
pub(crate) fn check_number(repository: &Repository, asked: NumericId) -> Result<(), Unavailable> {
    let found = NumericId::new(repository.id).map_err(unreadable)?;
    if found == asked {
        return Ok(());
    }
    let detail = format!(
        "the repository of the number {asked} was asked for, and the answer is about {found}"
    );
    Err(mismatch(detail))
}

fn mismatch(detail: String) -> Unavailable {
    Unavailable::new(UnavailableReason::EvidenceMismatch, detail)
}

#[cfg(test)]
mod tests;
