//! `auths ci`.

use std::path::PathBuf;

use auths_core::ci::TokenAudience;
use clap::{Args, Subcommand};

use super::parse_provider;
use auths_core::ci::CiProvider;

const EXAMPLES: &str = "\
The token is read from standard input (on a terminal, from a prompt), or from --token-file. It is never an argument, which other
users of the machine could see, and never in a message. Where the value of a claim looks like a token itself, its kind is shown in
its place; what is verified and matched is the value.

Examples:
  auths ci verify --audience https://hub.example < token
  auths ci verify --audience https://hub.example --ambient     in a job of GitHub Actions with `id-token: write`
  auths ci show < token                                        show what a token says, without checking it";

/// CI runs.
#[derive(Debug, Subcommand)]
#[command(after_help = EXAMPLES)]
pub(crate) enum Ci {
    /// Verify an ID token: its signature, issuer, audience, times and claims. Shows which CI run it is of
    #[command(
        after_help = "The command does not use the token up: a hub that acts on it must accept it once. It exits with 0 when the token is \
        valid, with 1 and the reason when it is not, with 2 for input that is no ID token, and with 3 when the issuer's keys cannot be read.\n\n\
        Examples:\n  auths ci verify --audience https://hub.example < token\n  \
        auths ci verify --audience https://hub.example --issuer github-actions --json < token | jq .identity\n  \
        auths ci verify --audience pypi --origin github-actions=http://127.0.0.1:8080 < token"
    )]
    Verify(VerifyToken),
    /// Show what an ID token says, WITHOUT verifying it
    #[command(
        after_help = "Anybody can write a token that says anything. Use this to find out why a rule does not match, never to decide.\n\n\
        Examples:\n  auths ci show < token\n  auths ci show --token-file token --json | jq .claims.sub"
    )]
    Show(ShowToken),
}

/// The source of an ID token.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Source of the token")]
pub(crate) struct TokenSource {
    /// Read the token from this file [else standard input]
    #[arg(long, value_name = "FILE", conflicts_with = "ambient")]
    pub(crate) token_file: Option<PathBuf>,
    /// Ask the CI job in which this runs for its own token (GitHub Actions, with the permission `id-token: write`)
    #[arg(long)]
    pub(crate) ambient: bool,
}

impl TokenSource {
    /// Returns whether the token is elsewhere than on standard input.
    pub(crate) fn is_elsewhere(&self) -> bool {
        self.ambient || self.token_file.is_some()
    }
}

/// An ID token to verify.
#[derive(Debug, Clone, Args)]
pub(crate) struct VerifyToken {
    /// The audience that the token must be for, exactly
    #[arg(long, value_name = "A")]
    pub(crate) audience: TokenAudience,
    /// Accept tokens of this issuer only: github-actions, gitlab [else of each of them]
    #[arg(long, value_name = "NAME", value_parser = parse_provider)]
    pub(crate) issuer: Option<CiProvider>,
    #[command(flatten)]
    pub(crate) token: TokenSource,
}

/// An ID token to show.
#[derive(Debug, Args)]
pub(crate) struct ShowToken {
    /// Read the token from this file [else standard input]
    #[arg(long, value_name = "FILE")]
    pub(crate) token_file: Option<PathBuf>,
}
