//! The common beginning of every answer.

use auths_core::decide::{Decision, Obstacle};
use auths_core::{Outcome, Reason};
use serde::Serialize;

use crate::exit::Word;

/// The fields that every JSON answer has: the outcome, and its reason unless it is positive.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Common {
    pub(crate) outcome: Word,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) code: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) remedy: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) retry_after_s: Option<u64>,
}

impl Common {
    /// Creates a positive outcome, without a reason.
    pub(crate) fn positive(outcome: Word) -> Self {
        Self {
            outcome,
            code: None,
            reason: None,
            message: None,
            remedy: None,
            retry_after_s: None,
        }
    }

    /// Creates an outcome for a reason out of core's tables.
    pub(crate) fn because(
        outcome: Word,
        reason: impl Reason,
        message: String,
        remedy: Option<String>,
    ) -> Self {
        Self {
            outcome,
            code: Some(reason.code()),
            reason: Some(reason.name()),
            message: Some(message),
            remedy: Some(remedy.unwrap_or_else(|| reason.remedy().to_owned())),
            retry_after_s: None,
        }
    }

    /// Creates the outcome of an obstacle: refuted or unavailable.
    pub(crate) fn obstacle(obstacle: &Obstacle) -> Self {
        let outcome = match obstacle {
            Obstacle::Unavailable(_) => Word::Unavailable,
            _ => Word::Refuted,
        };
        Self::standing_in_the_way(outcome, obstacle)
    }

    /// Creates the outcome of an obstacle, for an answer that has its own word.
    pub(crate) fn standing_in_the_way(outcome: Word, obstacle: &Obstacle) -> Self {
        let retry = match obstacle {
            Obstacle::Unavailable(why) => why.retry_after,
            _ => None,
        };
        Self {
            outcome,
            code: Some(obstacle.code()),
            reason: Some(obstacle.name()),
            message: Some(obstacle.to_string()),
            remedy: Some(obstacle.remedy().to_owned()),
            retry_after_s: retry.map(|wait| wait.as_secs()),
        }
    }

    /// Creates the outcome of a decision.
    pub(crate) fn decision(decision: &Decision) -> Self {
        let outcome = decision.outcome().into();
        let mut common = match decision.reason() {
            Some(obstacle) if decision.outcome() != Outcome::Accepted => {
                Self::standing_in_the_way(outcome, obstacle)
            }
            _ => Self::positive(outcome),
        };
        if let Some(remedy) = decision.remedy() {
            common.remedy = Some(remedy.to_owned());
        }
        common
    }
}
