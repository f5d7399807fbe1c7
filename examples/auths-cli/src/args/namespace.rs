//! `auths namespace`.

use std::path::PathBuf;
use std::time::Duration;

use auths_core::claim::{Actions, Audience, Challenge};
use auths_core::ports::KeyName;
use auths_core::use_cases::VerificationLimits;
use auths_core::{Account, AccountId, Did, Namespace};
use clap::{Args, Subcommand};

use crate::when::When;

const EXAMPLES: &str = "\
A namespace is a purl (pkg:pypi/six) or its short form (pypi:six). This version reads
PyPI, npm (npm:@acme/left), crates.io (cargo:serde) and GitHub (github:acme).

Examples:
  auths namespace check pypi:six --account gutworth
  auths namespace check cargo:serde --account dtolnay
  auths namespace check npm:@alice/left --account alice
  auths namespace statements pypi:six
  auths namespace claim pypi:six --out six.bundle.json
  auths namespace verify six.bundle.json --live";

/// Packages.
#[derive(Debug, Subcommand)]
#[command(after_help = EXAMPLES)]
pub(crate) enum Namespaces {
    /// Check whether the registry lists an account, and in which role. Needs no key
    #[command(
        after_help = "\"Listed\" does not show who holds the account: for that, let the holder claim the namespace.\n\n\
        With --batch, each line is one question, `NS<TAB>LOGIN`; with --json, the answers are JSON Lines in the same order. An invalid line \
        does not stop the others. The exit status is the worst one: 2 when a line cannot be used, else 3, else 1, and 0 only when all are \
        confirmed.\n\n\
        Examples:\n  auths namespace check pypi:six --account gutworth\n  auths namespace check --batch owners.tsv --json\n  \
        cut -f1,2 owners.tsv | auths namespace check --batch - --concurrency 16 --json"
    )]
    Check(Check),
    /// Show which DIDs the releases of a package name, and since when
    #[command(
        after_help = "Run this command from a cron job or CI. It exits with 1 when an unexpected DID is named, or an expected DID was dropped, is \
        contested or is absent. An expected DID that is young gives 0, and the answer says when it is mature. It exits with 3 when the \
        answer is not known, because a release could not be read, or has no upload time (all its files were deleted) and so no known place.\n\n\
        The command reads the version that installers pick, all releases of the newest second, and as many before them as a \
        statement that holds can depend on. It shows and compares every DID that these name, also one that was dropped. Releases before that \
        are not read, because a DID that only they name has no statement that holds. Two exceptions: the command reads further for an \
        expected DID that was not found, and for a package that speaks for an account, where every release counts. `read` in the answer \
        says how many releases were read.\n\n\
        Examples:\n  auths namespace statements pypi:six\n  auths namespace statements pypi:six --expect did:key:z6Mk...\n  \
        auths namespace statements npm:@alice/auths --expect-account did:key:z6Mk..."
    )]
    Statements(Statements),
    /// Claim to speak for a package: read the evidence, sign a claim, decide, and write a bundle
    #[command(
        after_help = "The command uses every unexpired platform claim of this key in the home. --account adds a claim that is only \
        self-reported, and falls to `stranger`.\n\n\
        Examples:\n  auths namespace claim pypi:six\n  auths namespace claim pypi:six --policy strict --json\n  \
        auths namespace claim pypi:six --audience https://hub.example --challenge NONCE --out six.bundle.json"
    )]
    Claim(Claim),
    /// Check a bundle by deciding again: offline on the evidence in it, or on evidence that is read again
    #[command(
        after_help = "Offline, evidence counts if a trusted observer signed it. Trusted observers are your own keys, once they are opened with their \
        passphrase, and the DIDs that --trust-observer or the policy names.\n\nExamples:\n  auths namespace verify six.bundle.json\n  auths namespace verify six.bundle.json --live\n  \
        auths namespace verify six.bundle.json --at 2026-11-21T08:46:00Z"
    )]
    Verify(VerifyBundle),
}

/// A question to a public listing.
#[derive(Debug, Args)]
pub(crate) struct Check {
    /// The package
    #[arg(value_name = "NS", required_unless_present = "batch")]
    pub(crate) namespace: Option<Namespace>,
    /// The user name on the registry; for cargo and github the login on GitHub, whose id is read first
    #[arg(
        long,
        value_name = "LOGIN",
        requires = "namespace",
        allow_hyphen_values = true,
        value_parser = login
    )]
    pub(crate) account: Option<String>,
    /// The number of the GitHub account, instead of its login
    #[arg(long, value_name = "N", requires = "namespace", conflicts_with = "account", value_parser = github_id)]
    pub(crate) account_id: Option<AccountId>,
    /// Read many questions from a file with one `NS<TAB>LOGIN` a line, or from standard input (`-`)
    #[arg(long, value_name = "FILE", conflicts_with_all = ["namespace", "account", "account_id"])]
    pub(crate) batch: Option<String>,
    /// The number of packages to check at once
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(crate) concurrency: u16,
}

/// A question about the DIDs that releases name.
#[derive(Debug, Args)]
pub(crate) struct Statements {
    /// The package
    #[arg(value_name = "NS")]
    pub(crate) namespace: Namespace,
    /// Expect that releases name this DID for the package. Any other DID is reported with exit status 1, and so is this one when it
    /// is dropped, contested or absent
    #[arg(long, value_name = "DID")]
    pub(crate) expect: Vec<Did>,
    /// Expect that every release says that this DID speaks for an account; reported like --expect
    #[arg(long, value_name = "DID")]
    pub(crate) expect_account: Vec<Did>,
    /// Expect that no release names a DID; any DID is reported with exit status 1
    #[arg(long, conflicts_with_all = ["expect", "expect_account"])]
    pub(crate) expect_none: bool,
    /// Use the maturity of this policy: default, strict, trust-self-reported, or a TOML file
    #[arg(long, value_name = "POLICY", default_value = "default")]
    pub(crate) policy: String,
}

/// The options of a decision on what is read now.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Options of the decision")]
pub(crate) struct LiveDeciding {
    /// Decide under this policy: default, strict, trust-self-reported, or a TOML file
    #[arg(long, value_name = "POLICY", default_value = "default")]
    pub(crate) policy: String,
    /// Also read revocations from here, in addition to the home: a document, a JSON list, or a folder whose every entry is read.
    /// Platform claims in them name recovery DIDs
    #[arg(long, value_name = "FILE|DIR")]
    pub(crate) revocations: Vec<PathBuf>,
    /// Send at most this many requests in all; if they are not enough, the answer is undetermined
    #[arg(long, value_name = "N", default_value_t = VerificationLimits::default().requests)]
    pub(crate) max_requests: u32,
}

impl LiveDeciding {
    /// How much is asked of others. `each` is the time for one question: there may be several, one after another.
    pub(crate) fn limits(&self, each: Duration) -> VerificationLimits {
        let limits = VerificationLimits::default().with_requests(self.max_requests);
        limits.with_time(limits.time.max(each * 2))
    }
}

/// The options of a decision that may rest on what others observed.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Options of the decision")]
pub(crate) struct Deciding {
    #[command(flatten)]
    pub(crate) on: LiveDeciding,
    /// Trust the observations that this DID signed; your own keys are trusted already
    #[arg(long, value_name = "DID")]
    pub(crate) trust_observer: Vec<Did>,
}

/// A claim to make.
#[derive(Debug, Args)]
pub(crate) struct Claim {
    /// The package
    #[arg(value_name = "NS")]
    pub(crate) namespace: Namespace,
    /// Also claim this account; the claim is self-reported
    #[arg(long, value_name = "PLATFORM:LOGIN")]
    pub(crate) account: Vec<Account>,
    /// The verifier that the claim is for (default: auths:local:DID, this machine)
    #[arg(long, value_name = "AUDIENCE")]
    pub(crate) audience: Option<Audience>,
    /// The verifier's challenge
    #[arg(long, value_name = "CHALLENGE")]
    pub(crate) challenge: Option<Challenge>,
    /// The actions to claim: publish, yank, attest, separated by commas
    #[arg(long, default_value = "publish")]
    pub(crate) actions: Actions,
    /// A delegation to this key
    #[arg(long, value_name = "FILE")]
    pub(crate) delegation: Vec<PathBuf>,
    /// A delegator's platform claim: a file of `claims/` in its home
    #[arg(long, value_name = "FILE")]
    pub(crate) linked: Vec<PathBuf>,
    /// Write the bundle to this file when the claim is accepted or pending
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// The device key to sign with
    #[arg(long, value_name = "NAME", default_value = "main")]
    pub(crate) key: KeyName,
    #[command(flatten)]
    pub(crate) deciding: Deciding,
}

/// A bundle to check.
#[derive(Debug, Args)]
pub(crate) struct VerifyBundle {
    /// The bundle, or `-` for standard input
    #[arg(value_name = "FILE")]
    pub(crate) file: String,
    /// Read the evidence again
    #[arg(long)]
    pub(crate) live: bool,
    /// Decide as of this time: RFC 3339, Unix seconds, or a duration from now (-2h)
    #[arg(
        long,
        value_name = "T",
        conflicts_with = "live",
        allow_hyphen_values = true
    )]
    pub(crate) at: Option<When>,
    /// The audience that the claim must have been signed for (default: auths:local:DID, with its own DID)
    #[arg(long, value_name = "AUDIENCE")]
    pub(crate) audience: Option<Audience>,
    /// The challenge that the claim must answer
    #[arg(long, value_name = "CHALLENGE")]
    pub(crate) challenge: Option<Challenge>,
    #[command(flatten)]
    pub(crate) deciding: Deciding,
}

/// Old logins may begin with a hyphen. What begins with two is an option, and the login was forgotten.
fn login(text: &str) -> Result<String, String> {
    match text.starts_with("--") {
        true => Err(format!("the login is missing: {text} is an option")),
        false => Ok(text.to_owned()),
    }
}

/// GitHub numbers its accounts from 1.
fn github_id(text: &str) -> Result<AccountId, String> {
    let is_number = text.parse::<u64>().is_ok() && text.bytes().all(|b| b.is_ascii_digit());
    let id = AccountId::new(text).ok().filter(|_| is_number);
    id.ok_or_else(|| "GitHub's ids are whole numbers from 1".to_owned())
}
