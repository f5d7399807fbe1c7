//! `auths publisher`.

use std::path::PathBuf;
use std::str::FromStr;

use auths_core::Namespace;
use auths_core::ci::{
    AllowedRunner, CiProvider, EnvironmentName, NumericId, RefPattern, RepositoryName, Trigger,
    WorkflowBinding, WorkflowFile, WorkflowPin,
};
use auths_core::claim::Actions;
use auths_core::ports::KeyName;
use clap::{Args, Subcommand};

use super::ci::VerifyToken;
use super::parse_provider;
use crate::when::When;

const EXAMPLES: &str = "\
A trusted publisher is a signed claim: CI runs that match its rule may act for these packages, as far as its signer may.

Examples:
  auths publisher new pypi:widget --repository acme/widget --workflow release.yml --environment pypi
  auths publisher match rule.json --audience https://hub.example < token";

/// Trusted publishers.
#[derive(Debug, Subcommand)]
#[command(after_help = EXAMPLES)]
pub(crate) enum Publisher {
    /// Sign a trusted publisher: which CI runs may act for these packages
    #[command(
        after_help = "The numbers of repository and owner decide. Without --repository-id and --owner-id they are read from GitHub, by the \
        name, and shown: check them. On GitLab give both. A rule without --environment and --ref matches every run that somebody with \
        write access to the repository can start.\n\n\
        Examples:\n  auths publisher new pypi:widget --repository acme/widget --workflow release.yml --environment pypi\n  \
        auths publisher new npm:@acme/widget --repository acme/widget --workflow release.yml --ref 'refs/tags/v*' --json | jq .claim > publisher.json\n  \
        auths publisher new pypi:widget --issuer gitlab --repository acme/tools/widget --repository-id 20 --owner-id 90 --workflow .gitlab-ci.yml"
    )]
    New(NewPublisher),
    /// Verify an ID token, and match it against rules
    #[command(
        after_help = "A RULE is the file of a signed trusted publisher, or of a bare rule object (its member `publisher`). The command exits with 0 \
        when a rule matches, and with 1 and every field that differs when none does. A signed rule that has expired or was revoked is refused. The command does not look at who signed a rule.\n\n\
        Examples:\n  auths publisher match publisher.json --audience https://hub.example < token\n  \
        auths publisher match a.json b.json --audience https://hub.example --token-file token --json | jq .mismatches"
    )]
    Match(MatchRules),
}

/// A trusted publisher to sign.
#[derive(Debug, Args)]
pub(crate) struct NewPublisher {
    /// The packages
    #[arg(value_name = "NS", required = true)]
    pub(crate) namespaces: Vec<Namespace>,
    /// The repository in which the workflow runs
    #[arg(long, value_name = "OWNER/NAME")]
    pub(crate) repository: RepositoryName,
    /// The number of the repository [default: read from GitHub]
    #[arg(long, value_name = "N", requires = "owner_id")]
    pub(crate) repository_id: Option<NumericId>,
    /// The number of the repository's owner [default: read from GitHub]
    #[arg(long, value_name = "N", requires = "repository_id")]
    pub(crate) owner_id: Option<NumericId>,
    /// The file name of the workflow, without its folder
    #[arg(long, value_name = "FILE")]
    pub(crate) workflow: WorkflowFile,
    /// Which of the run's workflows must be that file: caller-and-job, caller, job
    #[arg(long, default_value = "caller-and-job")]
    pub(crate) binding: WorkflowBinding,
    /// The reusable workflow that must hold the job
    #[arg(long, value_name = "OWNER/NAME/FILE[@REF]")]
    pub(crate) reusable: Option<ReusableName>,
    /// The number of the reusable workflow's repository [default: read from GitHub]
    #[arg(long, value_name = "N", requires = "reusable")]
    pub(crate) reusable_id: Option<NumericId>,
    /// The environment in which the job must be
    #[arg(long, value_name = "E")]
    pub(crate) environment: Option<EnvironmentName>,
    /// A ref that runs may be for: refs/heads/main, or refs/tags/v* ; if given several times, any of them
    #[arg(long = "ref", value_name = "R")]
    pub(crate) refs: Vec<RefPattern>,
    /// An event that may start runs; if given several times, any of them [default: the platform's safe ones]
    #[arg(long = "trigger", value_name = "T")]
    pub(crate) triggers: Vec<Trigger>,
    /// The machines on which the job may run: hosted (the platform's own), any
    #[arg(long, default_value = "hosted")]
    pub(crate) runner: AllowedRunner,
    /// The issuer of the runs' tokens: github-actions, gitlab
    #[arg(long, value_name = "NAME", value_parser = parse_provider, default_value = "github-actions")]
    pub(crate) issuer: CiProvider,
    /// The actions of the runs: publish, yank, attest, separated by commas
    #[arg(long, default_value = "publish")]
    pub(crate) actions: Actions,
    /// The end of the rule: a time, or a duration from now. At most 180 days
    #[arg(
        long,
        value_name = "WHEN",
        default_value = "+180d",
        allow_hyphen_values = true
    )]
    pub(crate) expires: When,
    /// The device key to sign with
    #[arg(long, value_name = "NAME", default_value = "main")]
    pub(crate) key: KeyName,
}

/// A reusable workflow, as a person writes it: `OWNER/NAME/FILE`, and a ref or a commit after `@`.
#[derive(Debug, Clone)]
pub(crate) struct ReusableName {
    pub(crate) repository: RepositoryName,
    pub(crate) workflow: WorkflowFile,
    pub(crate) pin: Option<WorkflowPin>,
}

impl FromStr for ReusableName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (place, version) = match text.split_once('@') {
            Some((place, version)) => (place, Some(version)),
            None => (text, None),
        };
        let (repository, workflow) = place
            .rsplit_once('/')
            .ok_or("write OWNER/NAME/FILE, and @REF after it to pin it")?;
        let pin = match version {
            Some(text) => Some(pin(text)?),
            None => None,
        };
        Ok(Self {
            repository: repository.parse().map_err(in_words)?,
            workflow: workflow.parse().map_err(in_words)?,
            pin,
        })
    }
}

/// Reads the version of a workflow: a full ref, or a commit.
fn pin(text: &str) -> Result<WorkflowPin, String> {
    match text.starts_with("refs/") {
        true => text.parse().map(WorkflowPin::Ref).map_err(in_words),
        false => text.parse().map(WorkflowPin::Commit).map_err(in_words),
    }
}

fn in_words(error: impl ToString) -> String {
    error.to_string()
}

/// A token, and the rules to match it against.
#[derive(Debug, Args)]
pub(crate) struct MatchRules {
    /// The files of the rules
    #[arg(value_name = "RULE", required = true)]
    pub(crate) rules: Vec<String>,
    /// Also read revocations of signed rules from here, in addition to the home: a document, a JSON list, or a folder
    #[arg(long, value_name = "FILE|DIR")]
    pub(crate) revocations: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) verify: VerifyToken,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reusable_workflow_is_a_repository_a_file_and_perhaps_a_version() {
        let named: ReusableName = "acme/shared/publish.yml@refs/tags/v1".parse().unwrap();
        assert_eq!(named.repository.as_str(), "acme/shared");
        assert_eq!(named.workflow.as_str(), "publish.yml");
        assert!(matches!(named.pin, Some(WorkflowPin::Ref(r)) if r.as_str() == "refs/tags/v1"));
        let commit = "0123456789abcdef0123456789abcdef01234567";
        let named: ReusableName = format!("a/b/c.yml@{commit}").parse().unwrap();
        assert!(matches!(named.pin, Some(WorkflowPin::Commit(_))));
        assert!("a/b/c.yml".parse::<ReusableName>().unwrap().pin.is_none());
        for bad in [
            "",
            "publish.yml",
            "a/publish.yml",
            "a/b/c.yml@v1",
            "a/b/c.yml@",
        ] {
            assert!(bad.parse::<ReusableName>().is_err(), "{bad}");
        }
    }
}
