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
Signing a claim is free: any key may name any account. Alone it is self-reported, and falls to `stranger`: the default \
policy refuses it. Who owns a package is not looked at here; ownership is verified when a namespace is claimed, with \
`auths namespace claim`.

To make the link worth more, let the account say it too: make a package for it, that this account alone owns, with no other \
role and no organization, and let every release, from the first on, say so among its project URLs (pyproject.toml):

  [project.urls]
  Auths = \"https://YOUR.PAGE/#auths-did=DID&for=pypi:PACKAGE&account=pypi:LOGIN\"

The command prints that line for your DID; only what follows the # is read. Make a new package, one for each DID, and publish it by hand: \
one release that does not say so, or that came from CI, and it speaks for nobody. A package that names the DID for itself alone says \
nothing of the account. Give the name with --statement. While the statement is young it falls to `stolen-token`; once two releases \
lie the maturity apart (7 days by default) to `held-token`. It opens every package of the account: watch it with `auths namespace \
statements pypi:PACKAGE --expect-account DID`.

Examples:
  auths id claim pypi alice
  auths id claim pypi alice --statement alice-auths --json";

const NPM_HELP: &str = "\
Signing a claim is free: any key may name any account. Alone it is self-reported, and falls to `stranger`: the default \
policy refuses it. Who owns a package is not looked at here; ownership is verified when a namespace is claimed, with \
`auths namespace claim`. No npm token is asked for, read or sent.

To make the link worth more, let the account say it too: make a package for it in the account's own scope, such as \
@LOGIN/auths, with no other maintainer, and let the package.json of every release, from the first on, say so:

  \"auths\": { \"did\": \"DID\", \"for\": \"npm:@LOGIN/auths\", \"account\": \"npm:LOGIN\" }

The command prints that line for your DID. Make a new package, one for each DID, and publish it by hand: one release that does not say \
so, that came from CI, or that another login published, and it speaks for nobody. One such package serves every package that lists the \
account. Give its name with --statement. While the statement is young it falls to `stolen-token`; once two releases lie the maturity \
apart (7 days by default) to `held-token`. Anywhere else a package speaks for no account: an unscoped one may have been given away, and in \
the scope of an organisation its members may publish too. Watch it with `auths namespace statements npm:@LOGIN/auths --expect-account DID`.

Examples:
  auths id claim npm alice
  auths id claim npm alice --statement @alice/auths --json";

const GITHUB_HELP: &str = "\
Shows a short code: type it in on GitHub's own page, in any browser, and approve. Whose approval it was is read from GitHub, by \
the account's number. The claim is then signed, published in a public gist of the account, and read back. The approval is for \
the scope gist alone, is dropped when the command ends, and the answer says where to end it on GitHub.

Approve a code only if you began this yourself: whoever gets you to approve theirs links your account to their key.

The approval counts for a day, on this machine. The gist counts for everyone: it falls to `stolen-token` at first, and to \
`held-token` once it has stood unchanged for the maturity (7 days by default). Keep it.

To renew, run it again before the claim ends: what was linked before counts until it ends, while the new gist becomes mature.

An OAuth app is needed, once: on GitHub under Settings, Developer settings, OAuth Apps, New OAuth App; any name, and any address \
as homepage and callback; tick \"Enable Device Flow\". Its client id is no secret, and it needs no client secret.

Examples:
  auths id claim github --client-id Iv1.0123456789abcdef
  AUTHS_GITHUB_CLIENT_ID=Iv1.0123456789abcdef auths id claim github --json";

/// Device keys and linked accounts.
#[derive(Debug, Subcommand)]
#[command(after_help = ID_EXAMPLES)]
pub(crate) enum Id {
    /// Make a device key
    #[command(
        after_help = "The key is sealed with a passphrase: from a prompt, the file that AUTHS_PASSPHRASE_FILE names, \
        or --passphrase-fd. With --keystore memory it is gone when the process ends.\n\n\
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
    /// What is linked, what expires when, and whether the statements still stand
    #[command(
        after_help = "Reads the proof of every claim that has one, a statement or a gist, and the revocations in the home. Ends with 1 when \
        something expired, was dropped or revoked, and with 3 when it could not be read.\n\n\
        Examples:\n  auths id status\n  auths id status --json | jq .findings\n  auths id status --revocations revoked/"
    )]
    Status(Status),
    /// Sign that this key's DID holds an account
    #[command(
        subcommand,
        after_help = "Examples:\n  auths id claim github\n  auths id claim pypi alice\n  auths id claim pypi alice --statement alice-auths\n  auths id claim npm alice --statement @alice/auths"
    )]
    Claim(ClaimPlatform),
    /// Check a signed claim of any type, or a gist that holds one
    #[command(
        after_help = "A signature proves who said it, never that it is true: a platform claim without a statement is \
        `signature-only` and falls to `stranger`.\n\n\
        Examples:\n  auths id verify claim.json\n  auths id verify - < claim.json\n  \
        auths id verify https://gist.github.com/alice/aa5a315d61ae9438b18d\n  \
        auths id verify claim.json --statement alice-auths --revocations revoked/"
    )]
    Verify(Verify),
}

/// Where to look beside the home.
#[derive(Debug, Args)]
pub(crate) struct Status {
    /// Look for revocations here too, beside the home: a document, a JSON list, or a folder whose every entry is read; platform
    /// claims in them tell recovery DIDs
    #[arg(long, value_name = "FILE|DIR")]
    pub(crate) revocations: Vec<PathBuf>,
}

/// The platforms that have accounts.
#[derive(Debug, Subcommand)]
pub(crate) enum ClaimPlatform {
    /// Approve in the browser, sign a claim to your GitHub account, and publish it in a gist
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
    /// The client id of the OAuth app to ask as. It is no secret
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
    /// The user name there. One that begins with a hyphen stands behind the options, after --
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
    /// For whom a namespace claim must have been signed (default: auths:local:DID, with its own DID)
    #[arg(long, value_name = "AUDIENCE")]
    pub(crate) audience: Option<auths_core::claim::Audience>,
    /// Look for revocations here too, beside the home: a document, a JSON list, or a folder whose every entry is read; platform
    /// claims in them tell recovery DIDs
    #[arg(long, value_name = "FILE|DIR")]
    pub(crate) revocations: Vec<PathBuf>,
}
