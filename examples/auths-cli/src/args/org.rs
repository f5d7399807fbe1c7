//! `auths org`.

use clap::{Args, Subcommand};

const HELP: &str = "\
The token comes from AUTHS_GITHUB_TOKEN, or from standard input with --token-stdin; never from the arguments. It needs the scope \
`read:org`. GitHub shows fine-grained tokens, and those of GitHub Apps, only the organisations that gave them the permission \
members=read: use a classic token, or one of an OAuth app.

Examples:
  auths org list
  auths org check acme --json
  gh auth token | auths org list --token-stdin";

/// Organisations of GitHub.
#[derive(Debug, Subcommand)]
#[command(after_help = HELP)]
pub(crate) enum Org {
    /// Check whether the token's account is an active Owner of an organisation
    #[command(
        after_help = "An Owner has the role `admin` and the state `active`. Invited accounts that have not accepted, members and billing \
        managers are not Owners; each gets its own reason. If GitHub does not show the membership to the token, the exit status is 3, never a no.\n\n\
        Examples:\n  auths org check acme\n  auths org check github:acme --json | jq .valid_until"
    )]
    Check(OrgCheck),
    /// List every name on GitHub that the token's account has: its own, and the organisations that it owns
    #[command(
        after_help = "`visibility` says whether there may be more: complete, no-org-scope, token-kind-limited, sso-hidden, \
        app-restricted, entries-unread. Unless it is complete, the command exits with 3, and still lists the names that it read. After a rate \
        limit or an error on any page, it lists nothing.\n\nExamples:\n  auths org list\n  auths org list --json | jq -r '.namespaces[].namespace'"
    )]
    List,
}

/// An organisation to ask about.
#[derive(Debug, Args)]
pub(crate) struct OrgCheck {
    /// The organisation: acme, github:acme, or pkg:github/acme. If the name begins with a hyphen, write github:-acme
    #[arg(value_name = "ORG")]
    pub(crate) org: String,
}
