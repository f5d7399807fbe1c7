//! The decision: pure functions from claims, evidence, policy and time to an answer with reasons.
//!
//! A **chain** leads from the key to the namespace. It falls to anybody who can forge *any* of its links. A decision rests on
//! **one** chain: two weak ones do not make a strong one. Evidence against the claim removes every chain that it concerns. If a
//! check that can only say no could not be made, the answer is undetermined.
//!
//! - **accepted**: some chain falls to nothing that the policy resists;
//! - **pending**: some chain will be accepted once its statement is mature;
//! - **undetermined**: some chain might be accepted, but something needed could not be read;
//! - **denied**: no chain is accepted.

mod awaiting;
mod chain;
mod claim;
mod cost;
mod decision;
mod ends;
mod grounds;
mod input;
mod link;
mod listing;
mod newest;
mod remedy;
mod revocation;
mod search;
mod signatures;
mod span;
mod statement;
mod steps;
mod verdict;
mod verified;

pub use crate::reason::{Obstacle, Outcome};
pub use awaiting::{AwaitingUse, decide_answer};
pub use decision::{ChainReport, Decision, LinkReport, NotAccepted, Standing};
pub use ends::may_lead;
pub use input::DecisionInput;
pub use link::grade_account;
pub(crate) use link::{only_role, outside_own_scope};
pub use listing::{ListingAnswer, check_age, check_listing};
pub use remedy::whom_to_remove;
pub use revocation::{Consulted, Revocations, UnknownRevocation};
pub use statement::{
    NoStatement, Statement, account_statement, may_hide_another, next_to_read,
    next_to_read_expecting, statement,
};
pub use verdict::decide;
pub use verified::{NamespaceAuthority, NotResisting, Verified};

#[cfg(test)]
mod tests;
