//! `auths grant` and `auths pin`.

use std::path::PathBuf;

use auths_core::ci::{IssuerUrl, TokenAudience};
use auths_core::claim::Action;
use auths_core::{Did, Namespace};
use clap::{Args, Subcommand};

/// Grants.
#[derive(Debug, Subcommand)]
#[command(after_help = "\
A grant is what `auths publish grant` prints: a signed token that says who may publish what, for five minutes at most.

Examples:
  auths grant check --grant-issuer https://hub.example --key did:key:z6Mk... --grant-audience https://files.hub.example \\
    --namespace pypi:widget --action publish < grant")]
pub(crate) enum Grants {
    /// Verify the grant on standard input, and check that it covers an action on a package
    #[command(
        after_help = "With --namespace and --action, the answer is a yes when the grant covers that action on that package, the package is not denied, \
        and the pin in this home agrees: for a name below an organisation, the grant must be of the repository that the name is pinned \
        to. Without them, only the grant itself is verified, which shows what it says and permits nothing.\n\n\
        Examples:\n  auths grant check --grant-issuer https://hub.example --key did:key:z6Mk... --grant-audience https://files.hub.example \\\n    \
        --namespace pypi:widget --action publish < grant\n  \
        auths grant check --grant-issuer https://hub.example --key did:key:z6Mk... --grant-audience https://files.hub.example --json < grant | jq .grant"
    )]
    Check(CheckGrant),
}

/// A grant to check.
#[derive(Debug, Args)]
pub(crate) struct CheckGrant {
    /// The issuer that the grant must be of, exactly
    #[arg(long, value_name = "URL")]
    pub(crate) grant_issuer: IssuerUrl,
    /// The DID whose key must have signed it; several while the issuer changes its key
    #[arg(long, value_name = "DID", required = true)]
    pub(crate) key: Vec<Did>,
    /// The audience that the grant must be for, exactly
    #[arg(long, value_name = "A2")]
    pub(crate) grant_audience: TokenAudience,
    /// The package that it must cover
    #[arg(long, value_name = "NS", requires = "action")]
    pub(crate) namespace: Option<Namespace>,
    /// The action that it must cover: publish, yank, attest
    #[arg(long, value_name = "ACTION", requires = "namespace", value_parser = parse_action)]
    pub(crate) action: Option<Action>,
    /// A list of names for which no grant is good, one a line
    #[arg(long, value_name = "FILE", requires = "namespace")]
    pub(crate) deny: Option<PathBuf>,
    /// Read the grant from this file [else standard input]
    #[arg(long, value_name = "FILE")]
    pub(crate) grant_file: Option<PathBuf>,
}

/// Pins.
#[derive(Debug, Subcommand)]
#[command(after_help = "\
The first run that gets a grant for a package pins the package to its repository. Runs of another repository are refused, until an
owner signs a trusted publisher that names that repository and the package, later than the pin was set. Nothing else changes a pin.

Examples:
  auths pin list
  auths pin show pypi:widget --json")]
pub(crate) enum Pins {
    /// Show every pin of this home: which package, which repository, since when, and the trusted publisher that set it
    #[command(
        after_help = "Examples:\n  auths pin list\n  auths pin list --json | jq '.pins[].namespace'"
    )]
    List,
    /// Show the pin of a package
    #[command(
        after_help = "A package without a pin is answered with an empty list and 0: no run has published it by a grant of this home.\n\n\
        Examples:\n  auths pin show pypi:widget\n  auths pin show npm:@acme/widget --json | jq '.pins[0].repository'"
    )]
    Show {
        /// The package
        #[arg(value_name = "NS")]
        namespace: Namespace,
    },
}

/// Reads the name of an action.
fn parse_action(name: &str) -> Result<Action, String> {
    let found = Action::ALL
        .into_iter()
        .find(|action| action.as_str() == name);
    found.ok_or_else(|| "an action is publish, yank or attest".to_owned())
}
