//! CI runs: the identity that an ID token or a build certificate gives a run, and the rules that say which runs may act for a
//! package.
//!
//! All of it is pure. Adapters verify tokens (the port [`CiTokenVerifier`](crate::ports::CiTokenVerifier)) and hand over typed
//! values, each of which refuses what it cannot be. Numbers of repositories and owners decide; names are labels.

mod constraints;
mod environment;
mod expected_workflow;
mod git;
mod identity;
mod issuer;
mod matching;
mod members;
mod nearest;
mod number;
mod preset;
mod provider;
mod repository;
mod rule;
mod rule_error;
mod run;
mod token;
mod value;
mod verified_token;
mod workflow;

pub use constraints::{AllowedRunner, RefPattern, ReusableWorkflow, WorkflowBinding, WorkflowPin};
pub use environment::{EnvironmentEvidence, EnvironmentProtection, EnvironmentReviewer};
pub use git::{CommitId, GitRef, RefKind};
pub use identity::{CiIdentity, CiIdentityError, CiIdentityParts};
pub use issuer::{CiIssuer, IssuerUrl};
pub use matching::{
    FieldMismatch, ForeignWorkflow, LabelDrift, RepositoryComparison, RuleField, RuleMatch,
    RuleMismatch,
};
pub use nearest::{MatchedRule, NoRuleMatches, find_matching_rule};
pub use number::NumericId;
pub use preset::PublisherPreset;
pub use provider::CiProvider;
pub use repository::{OwnerIdentity, OwnerName, RepositoryIdentity, RepositoryName};
pub use rule::{MAX_RULE_BYTES, PublisherRule, PublisherRuleFields};
pub use rule_error::RuleError;
pub use run::{EnvironmentName, RepositoryVisibility, RunNumber, RunnerKind, Trigger};
pub use token::{CLOCK_LEEWAY, MAX_TOKEN_BYTES, TokenAudience, TokenId, TokenTimes};
pub use value::CiValueError;
pub use verified_token::{CiTokenEvidence, VerifiedCiToken};
pub use workflow::{JobWorkflow, WorkflowFile, WorkflowRef};

#[cfg(test)]
pub(crate) mod tests;
