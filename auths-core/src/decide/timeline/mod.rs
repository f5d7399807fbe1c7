//! Statements of a timeline about one DID: named since when, mature or not, dropped, or contested.

mod account;
mod contest;
mod next;
mod own;
mod presence;
mod releases;
mod statements;
mod view;

pub use account::account_statement;
pub use next::{may_hide_another, next_to_read, next_to_read_expecting};
pub use statements::{NoStatement, TimelineStatement};
pub(in crate::decide) use view::TimelineView;
pub use view::statement;

#[cfg(test)]
mod tests;
