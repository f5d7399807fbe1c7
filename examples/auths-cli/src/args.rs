//! The command line: what can be asked, and its help.

mod id;
mod namespace;
mod org;
mod secrets;
mod signing;
mod token;

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::error::ErrorKind;
use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};

pub(crate) use self::id::{ClaimPlatform, GithubClaim, Id, LoginClaim, Status, Verify};
pub(crate) use self::namespace::{Check, Claim, Namespaces, Statements, VerifyBundle};
pub(crate) use self::org::{Org, OrgCheck};
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
  auths demo                                          the whole story, with no network and no set-up
  auths namespace check pypi:six --account gutworth   does the registry list this account?
  auths id new                                        make a device key
  auths id claim pypi alice --statement alice-auths   link an account by a package that it alone owns
  auths namespace claim pypi:six --json               may this key speak for the package, and at what price?
  auths pypi-token restrict --project six < token     a token that is good for one package only

Exit status:
  0 accepted, confirmed or done     1 refuted, denied or pending     2 the input cannot be used
  3 it could not be found out       130 interrupted

Environment:
  AUTHS_HOME, AUTHS_KEYSTORE        as --home and --keystore
  AUTHS_PASSPHRASE_FILE             a file whose first line is the passphrase of the device key
  AUTHS_GITHUB_TOKEN                a GitHub token, for organisations and more requests
  AUTHS_ORIGIN_<NAME>               as --origin; warned about, and ignored when CI is set
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

/// What every command understands.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Everywhere")]
pub(crate) struct Global {
    /// Print one JSON document on stdout, and nothing else there
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Where keys, claims and bundles live [default: the platform's data directory]
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        env = "AUTHS_HOME",
        hide_env_values = true
    )]
    pub(crate) home: Option<PathBuf>,
    /// Where device keys are kept
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
    /// Ask another server: `pypi=https://index.example` (also github, github-api, crates-io, npm). Plain http to literal
    /// loopback addresses only. Also AUTHS_ORIGIN_NAME in the environment, which is ignored when CI is set
    #[arg(long, global = true, value_name = "NAME=URL")]
    pub(crate) origin: Vec<String>,
    /// The most time for one question to a server, all its requests together; what was not read by then is unavailable
    #[arg(long, global = true, value_name = "SECONDS", default_value_t = 45, value_parser = clap::value_parser!(u64).range(1..=3_600))]
    pub(crate) timeout: u64,
    /// Read a GitHub token from standard input [else AUTHS_GITHUB_TOKEN]. It is needed to see who owns an organisation, and raises
    /// the limit of requests
    #[arg(long, global = true)]
    pub(crate) token_stdin: bool,
    /// Take AUTHS_ORIGIN_NAME from the environment even when CI is set
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
    /// In memory: gone when the process ends
    Memory,
    /// In files sealed with a passphrase
    File,
    /// In the operating system's keychain
    Os,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    #[cfg(feature = "demo")]
    /// Show the whole story on embedded servers: a claim that is accepted, and attackers that are not
    #[command(
        after_help = "No network and no set-up: everything runs on a loopback address with keys in memory.\n\n\
        Examples:\n  auths demo\n  auths demo --json | jq '.steps[] | .title'"
    )]
    Demo,
    /// Device keys, and the accounts linked to them
    #[command(subcommand)]
    Id(Id),
    /// Packages: who is listed, which keys their releases name, and who may speak for them
    #[command(subcommand, visible_alias = "ns")]
    Namespace(Namespaces),
    /// Organisations of GitHub, as a token of yours shows them
    #[command(subcommand)]
    Org(Org),
    /// Sign that another key may act for a package
    Delegate(Delegate),
    /// Sign that a claim, or a DID with all its claims, holds no longer
    Revoke(Revoke),
    /// PyPI tokens: show, narrow, check and make them, offline
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
    /// What an attacker may hold, weakest first
    Capabilities,
    /// What each kind of evidence is worth
    Evidence,
    /// What a policy resists, and how old things must and may be
    Policy {
        /// default, strict, trust-self-reported, or a TOML file
        #[arg(default_value = "default")]
        name: String,
    },
    /// Every code that an answer may carry, with what to do
    Codes,
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
