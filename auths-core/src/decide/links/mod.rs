//! The links of a chain, by the kind of evidence that makes each of them.

mod account;
mod account_statement;
mod from_account;
mod lasting;
mod link;
mod listing;
mod maturing;
mod own_scope;
mod run;
mod seniority;
mod signed;
mod source;
mod statement;

pub(in crate::decide) use account::account_links;
pub use account::grade_account;
pub(in crate::decide) use from_account::links_from_account;
pub use from_account::may_lead;
pub(in crate::decide) use lasting::{recorded_flow_link, recorded_role_link};
pub(in crate::decide) use link::{Link, Ripening};
pub(in crate::decide) use listing::{find_listed, ownership_link};
pub(crate) use own_scope::{only_role, outside_own_scope};
pub(in crate::decide) use run::{
    ci_run_links, own_repository_link, registry_publisher_links, trusted_publisher_link,
};
pub(in crate::decide) use signed::{delegation_link, signature_link};
pub(in crate::decide) use statement::package_statement_links;
