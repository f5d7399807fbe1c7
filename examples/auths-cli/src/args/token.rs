//! `auths pypi-token`.

use std::path::PathBuf;

use auths_adapters_pypi::token::Rules;
use clap::{ArgGroup, Args, Subcommand, ValueEnum};

use crate::when::When;

const EXAMPLES: &str = "\
The token comes on standard input, on a terminal by a prompt; or --token-file or --token-fd says where it is. It is never an
argument, which other users of the machine could see, and never in a message. No network is used.

Examples:
  auths pypi-token inspect < token
  auths pypi-token restrict --project mypkg --not-after +10m < token > narrow
  narrow=$(auths pypi-token restrict --project mypkg --not-after +10m < token) && TWINE_PASSWORD=$narrow twine upload dist/*

A program that is started with the whole token in its environment has it, narrowed or not: keep it in a file or in another step.";

/// PyPI tokens.
#[derive(Debug, Subcommand)]
#[command(after_help = EXAMPLES)]
pub(crate) enum PypiTokens {
    /// Show what a token is, and what it is restricted to
    #[command(
        after_help = "What makes the token work, its signature, is not shown. A token that lists no restriction may still be \
        restricted: PyPI keeps restrictions on its side, too.\n\n\
        Examples:\n  auths pypi-token inspect < token\n  auths pypi-token inspect --token-file token --json | jq .restrictions"
    )]
    Inspect(Inspect),
    /// Derive a token that may do less, offline
    #[command(
        after_help = "Restrictions add up, and nobody can take one back. The new token goes to stdout. It shares its identifier with \
        the old one: PyPI revokes both together. Times are RFC 3339, Unix seconds, or a duration from now (+10m).\n\n\
        Examples:\n  auths pypi-token restrict --project mypkg --not-after +10m < token > narrow\n  \
        auths pypi-token restrict --project mypkg --project mypkg-plugin --json < token | jq -r .token"
    )]
    Restrict(Restrict),
    /// Does a token hold for this project, user and time? Needs the root key, which only the server has
    #[command(
        after_help = "Ends with 0 when it holds, with 1 and every restriction that is not met when it does not. --rules asks what another \
        program would say, its mistakes included; use that to explain, never to protect.\n\n\
        Examples:\n  auths pypi-token check --key-file key.hex --project mypkg < token\n  \
        auths pypi-token check --key-file key.hex --project mypkg --now 2026-11-21T08:46:00Z --rules warehouse < token"
    )]
    Check(CheckToken),
    /// Make a token: for servers and tests
    #[command(
        after_help = "Make the key with 32 random bytes, and keep one for every token, under its identifier.\n\n\
        Examples:\n  openssl rand -hex 32 > key.hex\n  auths pypi-token create --domain pypi.example --identifier \
        7d1e2f3a-0b1c-4d2e-8f3a-4b5c6d7e8f90 --key-file key.hex > token"
    )]
    Create(Create),
}

/// Where the token is.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Where the token is")]
pub(crate) struct FromWhere {
    /// Read the token from this file [else standard input]
    #[arg(long, value_name = "FILE", conflicts_with = "token_fd")]
    pub(crate) token_file: Option<PathBuf>,
    /// Read the token from this open file descriptor
    #[arg(long, value_name = "N")]
    pub(crate) token_fd: Option<u32>,
}

/// A token to show.
#[derive(Debug, Args)]
pub(crate) struct Inspect {
    #[command(flatten)]
    pub(crate) token: FromWhere,
}

/// What to restrict a token to.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("restrictions").required(true).multiple(true))]
pub(crate) struct Restrict {
    /// Only this project, by name; several: any of them
    #[arg(long, value_name = "NAME", group = "restrictions")]
    pub(crate) project: Vec<String>,
    /// Only the project with this id; several: any of them
    #[arg(long, value_name = "UUID", group = "restrictions")]
    pub(crate) project_id: Vec<String>,
    /// Only the user with this id
    #[arg(long, value_name = "UUID", group = "restrictions")]
    pub(crate) user_id: Option<String>,
    /// From this second on [default: a minute ago, for clocks that differ]
    #[arg(
        long,
        value_name = "T",
        requires = "not_after",
        allow_hyphen_values = true
    )]
    pub(crate) not_before: Option<When>,
    /// Until before this second
    #[arg(
        long,
        value_name = "T",
        group = "restrictions",
        allow_hyphen_values = true
    )]
    pub(crate) not_after: Option<When>,
    /// In the old form: whatever the user may. Restricts nothing, but asks for a user, whom Trusted Publishing has not
    #[arg(
        long,
        group = "restrictions",
        help_heading = "In the form of before 2022"
    )]
    pub(crate) legacy_noop: bool,
    /// In the old form: only this project, by name, as it is written
    #[arg(
        long,
        value_name = "NAME",
        group = "restrictions",
        help_heading = "In the form of before 2022"
    )]
    pub(crate) legacy_project: Vec<String>,
    /// In the old form: from this second on
    #[arg(
        long,
        value_name = "T",
        requires = "legacy_not_after",
        allow_hyphen_values = true,
        help_heading = "In the form of before 2022"
    )]
    pub(crate) legacy_not_before: Option<When>,
    /// In the old form: until before this second
    #[arg(
        long,
        value_name = "T",
        group = "restrictions",
        allow_hyphen_values = true,
        help_heading = "In the form of before 2022"
    )]
    pub(crate) legacy_not_after: Option<When>,
    #[command(flatten)]
    pub(crate) token: FromWhere,
}

/// A token to check.
#[derive(Debug, Args)]
pub(crate) struct CheckToken {
    /// The root key of the token, in hex
    #[arg(long, value_name = "FILE")]
    pub(crate) key_file: PathBuf,
    /// For the project of this name; compared as it is written here
    #[arg(long, value_name = "NAME")]
    pub(crate) project: Option<String>,
    /// For the project with this id
    #[arg(long, value_name = "UUID")]
    pub(crate) project_id: Option<String>,
    /// By the user with this id
    #[arg(long, value_name = "UUID")]
    pub(crate) user_id: Option<String>,
    /// By the trusted publisher with this id (asked for by `--rules warehouse` alone)
    #[arg(long, value_name = "UUID")]
    pub(crate) publisher_id: Option<String>,
    /// At this time [default: now]
    #[arg(long, value_name = "T", allow_hyphen_values = true)]
    pub(crate) now: Option<When>,
    /// By whose rules
    #[arg(long, value_name = "RULES", value_enum, default_value = "strict")]
    pub(crate) rules: RulesOf,
    #[command(flatten)]
    pub(crate) token: FromWhere,
}

/// By whose rules a token is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum RulesOf {
    /// Everything signed, understood and met
    Strict,
    /// What the Python library would say
    Pypitoken,
    /// What PyPI's own server would say
    Warehouse,
}

impl RulesOf {
    /// The rules.
    pub(crate) fn rules(self) -> Rules {
        match self {
            Self::Strict => Rules::Strict,
            Self::Pypitoken => Rules::PyPiToken,
            Self::Warehouse => Rules::Warehouse,
        }
    }
}

/// A token to make.
#[derive(Debug, Args)]
pub(crate) struct Create {
    /// Where the token is for; nothing signs this
    #[arg(long, value_name = "DOMAIN")]
    pub(crate) domain: String,
    /// The name by which the server finds the key
    #[arg(long, value_name = "ID")]
    pub(crate) identifier: String,
    /// The root key, in hex
    #[arg(long, value_name = "FILE")]
    pub(crate) key_file: PathBuf,
}
