//! `auths pypi-token`.

use std::path::PathBuf;

use auths_adapters_pypi::token::RuleSet;
use clap::{ArgGroup, Args, Subcommand, ValueEnum};

use crate::when::When;

const EXAMPLES: &str = "\
The token is read from standard input (on a terminal, from a prompt), or from --token-file or --token-fd. It is never an
argument, which other users of the machine could see, and never in a message. The commands use no network.

Examples:
  auths pypi-token inspect < token
  auths pypi-token restrict --project mypkg --not-after +10m < token > narrow
  narrow=$(auths pypi-token restrict --project mypkg --not-after +10m < token) && TWINE_PASSWORD=$narrow twine upload dist/*

A program that is started with the original token in its environment can use it: keep that token in a file or in another step.";

/// PyPI tokens.
#[derive(Debug, Subcommand)]
#[command(after_help = EXAMPLES)]
pub(crate) enum PypiTokens {
    /// Show a token's domain, identifier and restrictions
    #[command(
        after_help = "The signature, which makes the token work, is not shown. A token that lists no restriction may still be \
        restricted: PyPI also keeps restrictions on its side.\n\n\
        Examples:\n  auths pypi-token inspect < token\n  auths pypi-token inspect --token-file token --json | jq .restrictions"
    )]
    Inspect(Inspect),
    /// Derive a token with more restrictions, offline
    #[command(
        after_help = "Every restriction applies, and nobody can remove one. The command prints the new token on stdout. The new token shares its \
        identifier with the old one: PyPI revokes both together. Times are RFC 3339, Unix seconds, or a duration from now (+10m).\n\n\
        Examples:\n  auths pypi-token restrict --project mypkg --not-after +10m < token > narrow\n  \
        auths pypi-token restrict --project mypkg --project mypkg-plugin --json < token | jq -r .token"
    )]
    Restrict(Restrict),
    /// Check whether a token is valid for a project, user and time. Needs the root key, which only the server has
    #[command(
        after_help = "The command exits with 0 when the token is valid, and with 1 and every restriction that is not met when it is not. --rules answers as \
        another program would, including its mistakes; use that to explain, never to protect.\n\n\
        Examples:\n  auths pypi-token check --key-file key.hex --project mypkg < token\n  \
        auths pypi-token check --key-file key.hex --project mypkg --now 2026-11-21T08:46:00Z --rules warehouse < token"
    )]
    Check(CheckToken),
    /// Create a token, for servers and tests
    #[command(
        after_help = "Make a key of 32 random bytes for every token, and store it under the token's identifier.\n\n\
        Examples:\n  openssl rand -hex 32 > key.hex\n  auths pypi-token create --domain pypi.example --identifier \
        7d1e2f3a-0b1c-4d2e-8f3a-4b5c6d7e8f90 --key-file key.hex > token"
    )]
    Create(Create),
}

/// The source of the token.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Source of the token")]
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
    /// Restrict to this project, by name; if given several times, to any of them
    #[arg(long, value_name = "NAME", group = "restrictions")]
    pub(crate) project: Vec<String>,
    /// Restrict to the project with this id; if given several times, to any of them
    #[arg(long, value_name = "UUID", group = "restrictions")]
    pub(crate) project_id: Vec<String>,
    /// Restrict to the user with this id
    #[arg(long, value_name = "UUID", group = "restrictions")]
    pub(crate) user_id: Option<String>,
    /// Make the token valid from this second on [default: a minute ago, for clocks that differ]
    #[arg(
        long,
        value_name = "T",
        requires = "not_after",
        allow_hyphen_values = true
    )]
    pub(crate) not_before: Option<When>,
    /// Make the token invalid from this second on
    #[arg(
        long,
        value_name = "T",
        group = "restrictions",
        allow_hyphen_values = true
    )]
    pub(crate) not_after: Option<When>,
    /// In the old form: allow everything that the user may do. Restricts nothing, but requires a user, which tokens of Trusted
    /// Publishing do not have
    #[arg(
        long,
        group = "restrictions",
        help_heading = "Restrictions in the form used before 2022"
    )]
    pub(crate) legacy_noop: bool,
    /// In the old form: restrict to this project, by its name exactly as written
    #[arg(
        long,
        value_name = "NAME",
        group = "restrictions",
        help_heading = "Restrictions in the form used before 2022"
    )]
    pub(crate) legacy_project: Vec<String>,
    /// In the old form: make the token valid from this second on
    #[arg(
        long,
        value_name = "T",
        requires = "legacy_not_after",
        allow_hyphen_values = true,
        help_heading = "Restrictions in the form used before 2022"
    )]
    pub(crate) legacy_not_before: Option<When>,
    /// In the old form: make the token invalid from this second on
    #[arg(
        long,
        value_name = "T",
        group = "restrictions",
        allow_hyphen_values = true,
        help_heading = "Restrictions in the form used before 2022"
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
    /// Check for the project of this name, compared exactly as written
    #[arg(long, value_name = "NAME")]
    pub(crate) project: Option<String>,
    /// Check for the project with this id
    #[arg(long, value_name = "UUID")]
    pub(crate) project_id: Option<String>,
    /// Check for the user with this id
    #[arg(long, value_name = "UUID")]
    pub(crate) user_id: Option<String>,
    /// Check for the trusted publisher with this id (used only by `--rules warehouse`)
    #[arg(long, value_name = "UUID")]
    pub(crate) publisher_id: Option<String>,
    /// Check as of this time [default: now]
    #[arg(long, value_name = "T", allow_hyphen_values = true)]
    pub(crate) now: Option<When>,
    /// Check by these rules
    #[arg(long, value_name = "RULES", value_enum, default_value = "strict")]
    pub(crate) rules: RulesOf,
    #[command(flatten)]
    pub(crate) token: FromWhere,
}

/// By whose rules a token is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum RulesOf {
    /// Every restriction must be signed, understood and met
    Strict,
    /// Answer as the Python library pypitoken would
    Pypitoken,
    /// Answer as PyPI's own server would
    Warehouse,
}

impl RulesOf {
    /// The rules.
    pub(crate) fn rules(self) -> RuleSet {
        match self {
            Self::Strict => RuleSet::Strict,
            Self::Pypitoken => RuleSet::PyPiToken,
            Self::Warehouse => RuleSet::Warehouse,
        }
    }
}

/// A token to make.
#[derive(Debug, Args)]
pub(crate) struct Create {
    /// The domain that the token is for; the signature does not cover it
    #[arg(long, value_name = "DOMAIN")]
    pub(crate) domain: String,
    /// The identifier by which the server finds the key
    #[arg(long, value_name = "ID")]
    pub(crate) identifier: String,
    /// The root key, in hex
    #[arg(long, value_name = "FILE")]
    pub(crate) key_file: PathBuf,
}
