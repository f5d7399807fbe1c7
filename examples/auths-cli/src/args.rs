//! The command line: what can be asked, and its help.

mod ci;
mod grant;
mod id;
mod namespace;
mod org;
mod publish;
mod publisher;
mod secrets;
mod signing;
mod token;

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use auths_core::ci::CiProvider;
use clap::error::ErrorKind;
use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};

pub(crate) use self::ci::{Ci, ShowToken, TokenSource, VerifyToken};
pub(crate) use self::grant::{CheckGrant, Grants, Pins};
pub(crate) use self::id::{ClaimPlatform, GithubClaim, Id, LoginClaim, Status, Verify};
pub(crate) use self::namespace::{Check, Claim, Namespaces, Statements, VerifyBundle};
pub(crate) use self::org::{Org, OrgCheck};
pub(crate) use self::publish::{Check as CheckPublish, Grant as GrantPublish, Publish};
pub(crate) use self::publisher::{MatchRules, NewPublisher, Publisher, ReusableName};
pub(crate) use self::secrets::SecretArguments;
pub(crate) use self::signing::{Delegate, Revoke};
pub(crate) use self::token::{
    CheckToken, Create, FromWhere, Inspect, PypiTokens, Restrict, RulesOf,
};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::guard;
use crate::output::Output;

const EXAMPLES: &str = "\
Examples:
  auths demo                                          show a demonstration, without network or set-up
  auths namespace check pypi:six --account gutworth   check whether the registry lists this account
  auths id new                                        create a device key
  auths id claim pypi alice --statement alice-auths   link an account by a package that it alone owns
  auths namespace claim pypi:six --json               decide whether this key may speak for the package
  auths publish check pypi:six --audience A < token   decide whether a CI run may publish the package
  auths pypi-token restrict --project six < token     make a token that is valid for one package only

Exit status:
  0 accepted, confirmed or done     1 refuted, denied or pending     2 the input cannot be used
  3 the answer is not known         130 interrupted

Environment:
  AUTHS_HOME, AUTHS_KEYSTORE        same as --home and --keystore
  AUTHS_PASSPHRASE_FILE             a file whose first line is the passphrase of the device key
  AUTHS_GITHUB_TOKEN                a GitHub token, for organisations, environments and more requests
  AUTHS_ORIGIN_<NAME>               same as --origin; prints a warning, and is ignored when CI is set
  NO_COLOR                          no colours";

/// May the holder of this key speak for this package - and what would an attacker have had to steal to make us say yes?
#[derive(Debug, Parser)]
#[command(name = "auths", version, after_help = EXAMPLES, max_term_width = 120, propagate_version = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The options of every command.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Options of every command")]
pub(crate) struct Global {
    /// Print one JSON document on stdout, and nothing else there
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Store keys, claims and bundles in this directory [default: the platform's data directory]
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        env = "AUTHS_HOME",
        hide_env_values = true
    )]
    pub(crate) home: Option<PathBuf>,
    /// Store device keys in this kind of keystore
    #[arg(
        long,
        global = true,
        value_enum,
        default_value = "file",
        env = "AUTHS_KEYSTORE",
        hide_env_values = true
    )]
    pub(crate) keystore: Keystore,
    /// Read the passphrase from this open file descriptor [else AUTHS_PASSPHRASE_FILE, else a prompt]
    #[arg(long, global = true, value_name = "N")]
    pub(crate) passphrase_fd: Option<u32>,
    /// Use another server: `pypi=https://index.example` (also github, github-api, crates-io, npm, and the issuers of ID tokens github-actions, gitlab). Plain http is allowed only to
    /// literal loopback addresses. The environment may set AUTHS_ORIGIN_NAME too, which is ignored when CI is set
    #[arg(long, global = true, value_name = "NAME=URL")]
    pub(crate) origin: Vec<String>,
    /// Stop reading from a server after this time for one question, all its requests together; what was not read is unavailable
    #[arg(long, global = true, value_name = "SECONDS", default_value_t = 45, value_parser = clap::value_parser!(u64).range(1..=3_600))]
    pub(crate) timeout: u64,
    /// Read a GitHub token from standard input [else AUTHS_GITHUB_TOKEN]. The token is needed to see who owns an organisation, and
    /// raises GitHub's limit of requests
    #[arg(long, global = true)]
    pub(crate) token_stdin: bool,
    /// Use AUTHS_ORIGIN_NAME from the environment even when CI is set
    #[arg(long, global = true)]
    pub(crate) allow_env_origin: bool,
}

impl Global {
    /// The most time for one question.
    pub(crate) fn time(&self) -> Duration {
        Duration::from_secs(self.timeout)
    }
}

/// Where device keys are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Keystore {
    /// In memory, until the process ends
    Memory,
    /// In files sealed with a passphrase
    File,
    /// In the operating system's keychain
    Os,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show a demonstration on embedded servers: a claim that is accepted, and attackers that are denied
    #[command(
        after_help = "The demonstration needs no network and no set-up: it runs on a loopback address, with keys in memory.\n\n\
        Examples:\n  auths demo\n  auths demo --json | jq '.steps[] | .title'"
    )]
    Demo,
    /// Manage device keys, and link accounts to them
    #[command(subcommand)]
    Id(Id),
    /// Check, watch and claim packages: who is listed, which DIDs releases name, and who may speak for a package
    #[command(subcommand, visible_alias = "ns")]
    Namespace(Namespaces),
    /// Show organisations on GitHub, as far as your token shows them
    #[command(subcommand)]
    Org(Org),
    /// Verify and show the ID tokens of CI runs
    #[command(subcommand)]
    Ci(Ci),
    /// Sign trusted publishers, and match CI runs against their rules
    #[command(subcommand)]
    Publisher(Publisher),
    /// Check who may publish packages now, and hand out grants to CI runs and keys
    #[command(subcommand)]
    Publish(Publish),
    /// Check grants
    #[command(subcommand)]
    Grant(Grants),
    /// Show the repositories that packages are pinned to
    #[command(subcommand)]
    Pin(Pins),
    /// Sign a delegation: another DID may act for a package
    Delegate(Delegate),
    /// Sign a revocation of a claim, or of a DID with all its claims
    Revoke(Revoke),
    /// Show, restrict, check and create PyPI tokens, offline
    #[command(subcommand)]
    PypiToken(PypiTokens),
    /// Show the trust model's tables: capabilities, evidence, policies, codes
    Explain(Explain),
    /// Print a completion script for a shell
    #[command(
        after_help = "Examples:\n  auths completions bash > ~/.local/share/bash-completion/completions/auths\n  \
        auths completions zsh > \"${fpath[1]}/_auths\""
    )]
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    #[command(after_help = "Examples:\n  auths man > ~/.local/share/man/man1/auths.1")]
    Man,
}

/// What to explain.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  auths explain\n  auths explain evidence --json\n  auths explain policy strict\n  \
    auths explain --markdown > trust-tables.md"
)]
pub(crate) struct Explain {
    #[command(subcommand)]
    pub(crate) table: Option<Table>,
    /// Print the tables of capabilities and evidence as Markdown
    #[arg(long, global = true)]
    pub(crate) markdown: bool,
}

/// The tables.
#[derive(Debug, Clone, Subcommand)]
pub(crate) enum Table {
    /// Show the capabilities that an attacker may hold, weakest first
    Capabilities,
    /// Show what each kind of evidence falls to
    Evidence,
    /// Show what a policy resists, its maturity, and how old its evidence may be
    Policy {
        /// The policy: default, strict, trust-self-reported, or a TOML file
        #[arg(default_value = "default")]
        name: String,
    },
    /// Show every code that an answer may carry, with its remedy
    Codes,
}

/// Reads the name of a CI platform.
fn parse_provider(name: &str) -> Result<CiProvider, String> {
    CiProvider::named(name).ok_or_else(|| {
        let known: Vec<String> = CiProvider::ALL
            .iter()
            .map(|p| p.name().to_owned())
            .collect();
        format!("no issuer has this name: {}", known.join(", "))
    })
}

/// The command as clap knows it: for completions and the manual.
pub(crate) fn command() -> clap::Command {
    Cli::command()
}

/// Reads the command line, and what in it must not be repeated. What it cannot read is answered here: help with 0, mistakes with 2.
pub(crate) fn parse(
    args: impl IntoIterator<Item = OsString>,
) -> Result<(Cli, Output, SecretArguments), Exit> {
    let args: Vec<OsString> = args.into_iter().collect();
    let wants_json = args
        .iter()
        .skip(1)
        .take_while(|a| *a != "--")
        .any(|a| a == "--json");
    // A list is answered as JSON Lines, whatever the answer is.
    let is_batch = |a: &OsString| a.as_encoded_bytes().starts_with(b"--batch");
    let in_lines = args.iter().skip(1).any(is_batch);
    let refused = secrets::refuse(&args);
    if let Err(failure) = refused.and_then(|()| guard::refuse_environment(std::env::vars_os())) {
        return Err(Output::new(wants_json, in_lines).failure(&failure));
    }
    let suspects = SecretArguments::among(&args);
    match Cli::try_parse_from(&args) {
        Ok(cli) => {
            let output = Output::new(cli.global.json, in_lines);
            Ok((cli, output, suspects))
        }
        Err(error) => {
            let output = Output::new(wants_json, in_lines);
            Err(refuse(&error, output, &suspects))
        }
    }
}

fn refuse(error: &clap::Error, output: Output, suspects: &SecretArguments) -> Exit {
    if matches!(
        error.kind(),
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion
    ) {
        // Help holds nothing from outside. A reader that went away wants no more of it.
        let _ = error.print();
        return Exit::Yes;
    }
    let message = suspects.hide(&secrets::hide(&error.render().to_string()));
    if output.is_json() {
        return output.failure(&Failure::usage(first_paragraph(&message)));
    }
    // The message repeats arguments: it is escaped line by line.
    for line in message.lines() {
        output.note(line);
    }
    Exit::Invalid
}

/// The message without usage and hints, in one line.
fn first_paragraph(text: &str) -> String {
    let lines = text.lines().map(str::trim).take_while(|l| !l.is_empty());
    let joined = lines.collect::<Vec<_>>().join(" ");
    joined.strip_prefix("error: ").unwrap_or(&joined).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        command().debug_assert();
    }

    #[test]
    fn a_token_that_is_given_as_an_argument_is_not_repeated() {
        let token = format!("pypi-{}", "Ag_I".repeat(30));
        for args in [
            ["auths", "pypi-token", "inspect", &token],
            ["auths", "pypi-token", "inspect", &format!("--{token}")],
            ["auths", &token, "inspect", "x"],
        ] {
            let error = Cli::try_parse_from(args).unwrap_err();
            let message = secrets::hide(&error.render().to_string()).into_owned();
            assert!(!message.contains("Ag_I"), "{message}");
            assert!(message.contains("(hidden"), "{message}");
        }
    }

    #[test]
    fn every_command_of_the_guide_to_trusted_publishing_is_one() {
        let path = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../docs/guides/trusted-publishing.md"
        );
        let guide = std::fs::read_to_string(path).unwrap();
        let commands = guide.lines().filter(|line| line.starts_with("auths "));
        let mut count = 0;
        for command in commands {
            let words = command.split(" > ").next().unwrap_or_default();
            let parsed = Cli::try_parse_from(words.split_whitespace());
            assert!(parsed.is_ok(), "{command}: {}", parsed.unwrap_err());
            count += 1;
        }
        assert!(count > 8, "{count} commands");
    }

    #[test]
    fn every_command_has_an_about_and_examples() {
        fn look(command: &clap::Command, path: &str) {
            let path = format!("{path} {}", command.get_name());
            assert!(command.get_about().is_some(), "{path}");
            assert!(command.get_after_help().is_some(), "{path} has no examples");
            for sub in command.get_subcommands().filter(|s| s.get_name() != "help") {
                if path.contains("explain") {
                    continue;
                }
                look(sub, &path);
            }
        }
        look(&command(), "");
    }
}
