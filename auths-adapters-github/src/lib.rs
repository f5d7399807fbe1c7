#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod accounts;
mod classify;
mod client;
mod config;
pub mod crates_io;
mod device_answer;
mod device_flow;
mod environments;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
mod gist;
mod gist_memory;
mod gists;
mod link_account;
mod link_error;
mod orgs;
mod repositories;
mod verifier;
mod wire;

pub use accounts::{GitHub, OwnApp};
pub use auths_core::ports::CLAIM_FILE;
pub use config::{GitHubConfig, GitHubConfigError, PUBLIC_DOCS, PUBLIC_WEB};
pub use crates_io::{AccountsOf, CratesIo, CratesIoConfig};
pub use device_flow::{DeviceFlow, DeviceFlowError, DevicePrompt, FlowRequest, FlowToken};
pub use environments::GitHubEnvironments;
pub use gist::{GistId, GistIdError};
pub use gists::{GistProof, PublishedGist};
pub use link_account::{LinkAccount, LinkProgress, LinkStep, NewLink};
pub use link_error::{GistStanding, LinkAccountError, LinkFailure};
pub use orgs::{
    MembershipState, OrgMembership, OrgNamespaces, OrgRole, OrgVisibility, OwnedNamespace,
    UnnamedOrg,
};
pub use repositories::NamedRepository;
pub use secrecy::{ExposeSecret, SecretString};
pub use verifier::GitHubOrgs;
