//! `auths org`.

use clap::{Args, Subcommand};

const HELP: &str = "\
The token comes from AUTHS_GITHUB_TOKEN, or from standard input with --token-stdin; never from the arguments. It needs the scope \
`read:org`. Fine-grained tokens, and those of GitHub Apps, are shown no organisation but those that let them have the permission \
members=read: use a classic one, or one of an OAuth app.

Examples:
  auths org list
  auths org check acme --json
  gh auth token | auths org list --token-stdin";

/// Organisations of GitHub.
#[derive(Debug, Subcommand)]
#[command(after_help = HELP)]
pub(crate) enum Org {
    /// Is the token's account an active Owner of this organisation?
    #[command(
        after_help = "Only an Owner is one: role `admin`, state `active`. Whoever was invited and has not accepted, members and billing \
        managers are not, each with its own reason. What GitHub does not show to the token is never a no: 3.\n\n\
        Examples:\n  auths org check acme\n  auths org check github:acme --json | jq .valid_until"
    )]
    Check(OrgCheck),
    /// Every name on GitHub that the token's account has: its own, and the organisations that it owns
    #[command(
        after_help = "`visibility` says whether there may be more: complete, no-org-scope, token-kind-limited, sso-hidden, \
        app-restricted, entries-unread. Unless it is complete the command ends with 3, the names that were seen listed all the same. A rate limit or \
        an error on any page lists nothing.\n\nExamples:\n  auths org list\n  auths org list --json | jq -r '.namespaces[].namespace'"
    )]
    List,
}

/// An organisation to ask about.
#[derive(Debug, Args)]
pub(crate) struct OrgCheck {
    /// The organisation: acme, github:acme, or pkg:github/acme. One that begins with a hyphen is written github:-acme
    #[arg(value_name = "ORG")]
    pub(crate) org: String,
}
