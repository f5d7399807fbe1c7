//! `auths id`.

use std::path::PathBuf;

use auths_core::Did;
use auths_core::ports::KeyName;
use clap::{Args, Subcommand};

const ID_EXAMPLES: &str = "\
Examples:
  auths id new --name laptop
  auths id list --json
  auths id claim pypi alice --statement alice-auths
  auths id status";

const CLAIM_HELP: &str = "\
Anyone can sign a claim: any key may name any account. Without support a claim is self-reported, and falls to `stranger`: the \
default policy refuses it. This command does not check who owns a package; ownership is verified when a namespace is claimed, with \
`auths namespace claim`.

To support the claim, let the account confirm it: make a package for this purpose that this account alone owns, with no other \
role and no organization. Let every release, from the first on, contain this among its project URLs (pyproject.toml):

  [project.urls]
  Auths = \"https://YOUR.PAGE/#auths-did=DID&for=pypi:PACKAGE&account=pypi:LOGIN\"

The command prints that line for your DID; only the part after the # is read. Make a new package for each DID, and publish it by hand: \
after one release without the line, or from CI, the package speaks for nobody. A package that names the DID only for itself says \
nothing of the account. Give the name with --statement. While the statement is young it falls to `stolen-token`; once two releases \
are the maturity apart (7 days by default), it falls to `held-token`. The statement opens every package of the account: watch it with \
`auths namespace statements pypi:PACKAGE --expect-account DID`.

Examples:
  auths id claim pypi alice
  auths id claim pypi alice --statement alice-auths --json";

const NPM_HELP: &str = "\
Anyone can sign a claim: any key may name any account. Without support a claim is self-reported, and falls to `stranger`: the \
default policy refuses it. This command does not check who owns a package; ownership is verified when a namespace is claimed, with \
`auths namespace claim`. No npm token is asked for, read or sent.

To support the claim, let the account confirm it: make a package for this purpose in the account's own scope, such as \
@LOGIN/auths, with no other maintainer. Let the package.json of every release, from the first on, contain:

  \"auths\": { \"did\": \"DID\", \"for\": \"npm:@LOGIN/auths\", \"account\": \"npm:LOGIN\" }

The command prints that line for your DID. Make a new package for each DID, and publish it by hand: after one release without the line, \
from CI, or by another login, the package speaks for nobody. One such package serves every package that lists the account. Give \
its name with --statement. While the statement is young it falls to `stolen-token`; once two releases are the maturity apart (7 days \
by default), it falls to `held-token`. A package outside the account's scope speaks for no account: an unscoped one may have been given \
away, and members of an organisation may publish in its scope. Watch the package with `auths namespace statements npm:@LOGIN/auths \
--expect-account DID`.

Examples:
  auths id claim npm alice
  auths id claim npm alice --statement @alice/auths --json";

const GITHUB_HELP: &str = "\
This command shows a short code. Type it in on GitHub's own page, in any browser, and approve. The command reads from GitHub which \
account approved, by its number. It then signs the claim, publishes it in a public gist of the account, and reads it back. The token \
has only the scope gist, and the command drops it at the end. The answer says where to end the approval on GitHub.

Approve a code only if you began this yourself: if you approve somebody else's code, your account is linked to their key.

The approval counts for a day, on this machine. The gist counts for everyone: it falls to `stolen-token` at first, and to \
`held-token` once it has been unchanged for the maturity (7 days by default). Keep it.

To renew the claim, run the command again before the claim ends: the old claim counts until it ends, while the new gist becomes mature.

The command needs an OAuth app. Create it once on GitHub under Settings, Developer settings, OAuth Apps, New OAuth App, with any name, \
and any address as homepage and callback. Tick \"Enable Device Flow\". The client id is not secret, and no client secret is needed.

Examples:
  auths id claim github --client-id Iv1.0123456789abcdef
  AUTHS_GITHUB_CLIENT_ID=Iv1.0123456789abcdef auths id claim github --json";

/// Device keys and linked accounts.
#[derive(Debug, Subcommand)]
#[command(after_help = ID_EXAMPLES)]
pub(crate) enum Id {
    /// Create a device key
    #[command(
        after_help = "The key is sealed with a passphrase, which comes from a prompt, from the file that AUTHS_PASSPHRASE_FILE names, \
        or from --passphrase-fd. With --keystore memory the key is lost when the process ends.\n\n\
        Examples:\n  auths id new\n  auths id new --name ci --passphrase-fd 3 3< passphrase.txt"
    )]
    New {
        /// The key's name
        #[arg(long, default_value = "main")]
        name: KeyName,
        /// The DID that may revoke this one if its key is lost
        #[arg(long, value_name = "DID")]
        recovery: Option<Did>,
    },
    /// Show a device key's DID. Needs no passphrase
    #[command(
        after_help = "Examples:\n  auths id show\n  auths id show --name ci --json | jq -r .did"
    )]
    Show {
        /// The key's name
        #[arg(long, default_value = "main")]
        name: KeyName,
    },
    /// List the device keys. Needs no passphrase
    #[command(after_help = "Examples:\n  auths id list --json | jq -r '.keys[].did'")]
    List,
    /// Show which accounts are linked, when claims expire, and whether their proofs still hold
    #[command(
        after_help = "The command reads the proof of every claim that has one (a statement or a gist), and the revocations in the home. It exits with \
        1 when something expired, was dropped or was revoked, and with 3 when something could not be read.\n\n\
        Examples:\n  auths id status\n  auths id status --json | jq .findings\n  auths id status --revocations revoked/"
    )]
    Status(Status),
    /// Sign a claim that this key's DID holds an account
    #[command(
        subcommand,
        after_help = "Examples:\n  auths id claim github\n  auths id claim pypi alice\n  auths id claim pypi alice --statement alice-auths\n  auths id claim npm alice --statement @alice/auths"
    )]
    Claim(ClaimPlatform),
    /// Check a signed claim of any type, or a gist that holds one
    #[command(
        after_help = "A signature proves who signed a claim, never that the claim is true: a platform claim without a statement is \
        `signature-only` and falls to `stranger`.\n\n\
        Examples:\n  auths id verify claim.json\n  auths id verify - < claim.json\n  \
        auths id verify https://gist.github.com/alice/aa5a315d61ae9438b18d\n  \
        auths id verify claim.json --statement alice-auths --revocations revoked/"
    )]
    Verify(Verify),
}

/// The sources of revocations beside the home.
#[derive(Debug, Args)]
pub(crate) struct Status {
    /// Also read revocations from here, in addition to the home: a document, a JSON list, or a folder whose every entry is read.
    /// Platform claims in them name recovery DIDs
    #[arg(long, value_name = "FILE|DIR")]
    pub(crate) revocations: Vec<PathBuf>,
}

/// The platforms that have accounts.
#[derive(Debug, Subcommand)]
pub(crate) enum ClaimPlatform {
    /// Sign a claim to your GitHub account, after you approve it in the browser, and publish it in a gist
    #[command(after_help = GITHUB_HELP)]
    Github(GithubClaim),
    /// Sign a claim to a PyPI account, and read its statement
    #[command(after_help = CLAIM_HELP)]
    Pypi(LoginClaim),
    /// Sign a claim to an npm account, and read its statement. Never asks for a token
    #[command(after_help = NPM_HELP)]
    Npm(LoginClaim),
}

/// A claim to a GitHub account.
#[derive(Debug, Args)]
pub(crate) struct GithubClaim {
    /// The client id of the OAuth app that runs the device flow. It is not secret
    #[arg(
        long,
        value_name = "ID",
        env = "AUTHS_GITHUB_CLIENT_ID",
        hide_env_values = true
    )]
    pub(crate) client_id: Option<String>,
    /// The device key to sign with
    #[arg(long, value_name = "NAME", default_value = "main")]
    pub(crate) key: KeyName,
}

/// A claim to an account that has a login and nothing else: on PyPI or npm.
#[derive(Debug, Args)]
pub(crate) struct LoginClaim {
    /// The user name on the platform. If it begins with a hyphen, put it last, after --
    pub(crate) login: String,
    /// Read the account statement from this package
    #[arg(long, value_name = "PACKAGE")]
    pub(crate) statement: Option<String>,
    /// The device key to sign with
    #[arg(long, value_name = "NAME", default_value = "main")]
    pub(crate) key: KeyName,
}

/// A claim to check.
#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// A file, the address of a gist or of a file, or `-` for standard input
    #[arg(value_name = "FILE|URL|-")]
    pub(crate) source: String,
    /// Read the account statement from this package
    #[arg(long, value_name = "PACKAGE")]
    pub(crate) statement: Option<String>,
    /// The audience that a namespace claim must have been signed for (default: auths:local:DID, with its own DID)
    #[arg(long, value_name = "AUDIENCE")]
    pub(crate) audience: Option<auths_core::claim::Audience>,
    /// Also read revocations from here, in addition to the home: a document, a JSON list, or a folder whose every entry is read.
    /// Platform claims in them name recovery DIDs
    #[arg(long, value_name = "FILE|DIR")]
    pub(crate) revocations: Vec<PathBuf>,
}
