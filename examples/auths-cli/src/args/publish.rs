//! `auths publish`.

use std::path::PathBuf;
use std::time::Duration;

use auths_core::Namespace;
use auths_core::ci::{IssuerUrl, TokenAudience};
use auths_core::claim::Challenge;
use auths_core::ports::KeyName;
use clap::{Args, Subcommand};

use super::ci::TokenSource;
use super::namespace::LiveDeciding;
use crate::when;

const EXAMPLES: &str = "\
A CI run shows who it is by the ID token of its job: on standard input, from --token-file, or with --ambient. A key shows it by a
bundle whose claim answers your challenge (--claim and --challenge). Nothing else says who asks: --publisher and --bundle bring the
documents that a decision may rest on, and each of them is checked.

Where AUTHS_GITHUB_TOKEN holds a token, the reviewers of the environment that a rule names are read with it. Without one, every
environment counts as one that writers of the repository can use.

Examples:
  auths publish check pypi:widget --audience https://hub.example --publisher rule.json --bundle owner.json < token
  auths publish grant pypi:widget --audience https://hub.example --publisher rule.json --bundle owner.json \\
    --grant-issuer https://hub.example --grant-audience https://files.hub.example < token > grant
  auths publish check pypi:widget --audience https://hub.example --claim widget.bundle.json --challenge NONCE";

/// Publishing.
#[derive(Debug, Subcommand)]
#[command(after_help = EXAMPLES)]
pub(crate) enum Publish {
    /// Check whether a CI run, or a key, may publish all of these packages now. Uses nothing up
    #[command(
        after_help = "The answer is about now: the registry and the platforms are read, and the pins of this home are looked at. Neither the token nor \
        the challenge is used up, and no pin is set. With several packages the answer is a yes when all of them may be published; else it \
        is about the first one that may not.\n\n\
        Examples:\n  auths publish check pypi:widget --audience https://hub.example --publisher rule.json --bundle owner.json < token\n  \
        auths publish check npm:@acme/a npm:@acme/b --audience https://hub.example --publisher rule.json --json < token | jq .packages\n  \
        auths publish check pypi:widget --audience https://hub.example --publisher rule.json --ambient"
    )]
    Check(Check),
    /// Decide, use the token or challenge up, record the pins, and print one grant for all of the packages
    #[command(
        after_help = "The grant is a token: whoever has it can publish until it ends, in five minutes at most. It is printed on standard output, alone \
        without --json. A run that is refused does not use its token up. The pins and the used tokens are in the home, so use one home \
        for all that take tokens of one audience. A pin ties a package to the repository of its first run.\n\n\
        Examples:\n  auths publish grant pypi:widget --audience https://hub.example --publisher rule.json --bundle owner.json \\\n    \
        --grant-issuer https://hub.example --grant-audience https://files.hub.example < token > grant\n  \
        auths publish grant npm:@acme/a npm:@acme/b --audience https://hub.example --publisher rule.json --deny denied.txt --life 1m \\\n    \
        --grant-issuer https://hub.example --grant-audience https://files.hub.example --json < token | jq -r .grant"
    )]
    Grant(Grant),
}

/// Who asks to publish what, and the documents that a decision may rest on.
#[derive(Debug, Args)]
pub(crate) struct Check {
    /// The packages: all, or none
    #[arg(value_name = "NS", required = true)]
    pub(crate) namespaces: Vec<Namespace>,
    /// The audience that the token must be for, exactly; with --claim, the verifier that the claim must have been signed for
    #[arg(long, value_name = "A")]
    pub(crate) audience: TokenAudience,
    /// A signed trusted publisher (`auths publisher new`), of any signer
    #[arg(long, value_name = "FILE", conflicts_with = "claim")]
    pub(crate) publisher: Vec<PathBuf>,
    /// A bundle (`auths namespace claim`) whose delegations, platform claims and revocations are used. It never says who asks. The
    /// platform claims in this home are used too
    #[arg(long, value_name = "FILE")]
    pub(crate) bundle: Vec<PathBuf>,
    /// Let the key that signed the claim of this bundle ask, in place of a CI run
    #[arg(long, value_name = "BUNDLE", requires = "challenge", conflicts_with_all = ["token_file", "ambient"])]
    pub(crate) claim: Option<PathBuf>,
    /// The challenge that you gave to the holder of that key, and that its claim must answer
    #[arg(long, value_name = "C", requires = "claim")]
    pub(crate) challenge: Option<Challenge>,
    #[command(flatten)]
    pub(crate) token: TokenSource,
    #[command(flatten)]
    pub(crate) deciding: LiveDeciding,
}

/// A grant to make.
#[derive(Debug, Args)]
pub(crate) struct Grant {
    /// The name of whoever hands the grant out: the `iss` of the grant
    #[arg(long, value_name = "URL")]
    pub(crate) grant_issuer: IssuerUrl,
    /// The name of whoever takes the grant in: its `aud`
    #[arg(long, value_name = "A2")]
    pub(crate) grant_audience: TokenAudience,
    /// The life of the grant, 5m at most
    #[arg(long, value_name = "LIFE", default_value = "5m", value_parser = when::duration)]
    pub(crate) life: Duration,
    /// A list of names for which no grant is made, one a line; an organisation stands for every name below it
    #[arg(long, value_name = "FILE")]
    pub(crate) deny: Option<PathBuf>,
    /// The device key to sign the grant with
    #[arg(long, value_name = "NAME", default_value = "main")]
    pub(crate) key: KeyName,
    #[command(flatten)]
    pub(crate) asked: Check,
}
