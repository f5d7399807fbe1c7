//! `auths namespace statements`: the DIDs that releases name, and since when.

use auths_core::use_cases::{
    ExpectedStatements, StatementState, WatchVerdict, WatchedPackage, WatchedStatement,
    watch_statements,
};
use auths_core::{Account, Did, Namespace, Timestamp};
use serde::Serialize;

use super::Context;
use crate::answer::Common;
use crate::args::Statements;
use crate::exit::{Exit, Word};
use crate::failure::Failure;
use crate::page::Page;
use crate::policy;
use crate::progress::waiting;

#[derive(Debug, Serialize)]
struct Answer {
    #[serde(flatten)]
    common: Common,
    namespace: Namespace,
    statements: Vec<One>,
    /// The newest release, where its statement names nobody for this package.
    #[serde(skip_serializing_if = "Option::is_none")]
    unusable: Option<String>,
    read: Read,
    note: &'static str,
    /// The releases that have no time.
    #[serde(skip)]
    undated: Vec<String>,
}

/// The part of the package that was read.
#[derive(Debug, Serialize)]
struct Read {
    releases: usize,
    of: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    oldest: Option<String>,
}

/// A note on the part that was read, and the part that was not.
const NOTE: &str = "Releases are read from the newest back, as far as a statement that stands can depend on: a DID that the newest \
    releases do not name has none. Older releases that were not read may name DIDs that were dropped since.";

/// The number of releases without a time that are shown.
const SHOWN_UNDATED: usize = 10;

/// The statements of releases about one DID.
#[derive(Debug, Serialize)]
struct One {
    did: Did,
    /// The account that the DID is said to speak for, in an account statement.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "short")]
    account: Option<Account>,
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    since_exact: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    matures_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    needs_release: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expected: Option<bool>,
    /// The DID and the account, in words.
    #[serde(skip)]
    subject: String,
}

/// Writes an account as it is typed, without its server, which is that of the package.
fn short<S: serde::Serializer>(account: &Option<Account>, to: S) -> Result<S::Ok, S::Error> {
    let typed = |account: &Account| format!("{}:{}", account.platform(), account.login());
    to.collect_str(&account.as_ref().map(typed).unwrap_or_default())
}

/// Reads the releases, and prints the result for each DID in them.
pub(crate) async fn run(context: &Context, what: &Statements) -> Result<Exit, Failure> {
    let servers = context.servers(&context.home()?)?;
    let (registry, namespace) = servers.registry(&what.namespace)?;
    let policy = policy::read(&what.policy)?;
    let expected = match what.expect_none {
        true => ExpectedStatements::nobody(),
        false => ExpectedStatements::default(),
    };
    let expected = expected
        .naming(what.expect.iter().cloned())
        .speaking_for_accounts(what.expect_account.iter().cloned());
    let asking = format!("reading the releases of {}", namespace.short());
    let (verifier, now) = (registry.verifier(), context.now());
    let watching = watch_statements(&*verifier, namespace, &expected, &policy, now);
    let document = Answer::new(waiting(&asking, watching).await?);
    let page = document.page();
    Ok(context.output.answer(&document.common, &document, &page))
}

/// Returns the common outcome, with the options of this command for what to do.
fn common(verdict: &WatchVerdict) -> Common {
    let outcome = match verdict {
        WatchVerdict::Shown => return Common::positive(Word::Done),
        WatchVerdict::AsExpected => return Common::positive(Word::Confirmed),
        other if other.is_no() => Word::Refuted,
        _ => Word::Undetermined,
    };
    let remedy = match verdict {
        WatchVerdict::Unexpected { .. } => Some(
            "find out who published those releases; if it was you, add the DID with --expect, or with --expect-account where \
             it is said to speak for an account",
        ),
        other => other.remedy(),
    };
    Common {
        outcome,
        code: verdict.code(),
        reason: verdict.reason(),
        message: Some(verdict.to_string()),
        remedy: remedy.map(str::to_owned),
        retry_after_s: verdict.retry_after().map(|wait| wait.as_secs()),
    }
}

impl One {
    fn new(watched: WatchedStatement) -> Self {
        let found = watched.found.as_ref().ok();
        Self {
            state: watched.state().as_str(),
            since: found.map(|found| found.since),
            since_exact: found.map(|found| found.since_exact),
            matures_at: watched.matures_at,
            needs_release: found.map(|found| found.needs_release),
            code: watched.code(),
            reason: watched.reason(),
            message: watched.message(),
            expected: watched.expected,
            subject: watched.subject(),
            account: watched.account,
            did: watched.did,
        }
    }

    fn is_young(&self) -> bool {
        self.state == StatementState::Young.as_str()
    }
}

impl Answer {
    fn new(watched: WatchedPackage) -> Self {
        let statements = watched.statements.into_iter();
        Self {
            common: common(&watched.verdict),
            namespace: watched.namespace,
            statements: statements.map(One::new).collect(),
            unusable: watched.unusable,
            read: Read {
                releases: watched.releases_read,
                of: watched.releases,
                oldest: watched.oldest_read,
            },
            note: NOTE,
            undated: watched.undated,
        }
    }

    fn page(&self) -> Page {
        let mut page = Page::new();
        let says = match (&self.common.message, self.statements.len()) {
            (Some(message), _) => message.clone(),
            (None, 0) => format!("no DID has a statement in {}", self.namespace.short()),
            (None, n) => {
                let young = self.statements.iter().filter_map(|one| {
                    let at = one.matures_at.filter(|_| one.is_young())?;
                    Some(format!("; {} is young, and mature at {at}", one.subject))
                });
                let young: String = young.collect();
                format!(
                    "releases of {} make {n} statement(s){young}",
                    self.namespace.short()
                )
            }
        };
        page.outcome(self.common.outcome, says);
        let Read { releases, of, .. } = self.read;
        page.field("read", format!("{releases} of {of} releases"));
        if !self.statements.is_empty() {
            let time = |t: Option<Timestamp>| t.map_or_else(|| "-".to_owned(), |t| t.to_string());
            let rows: Vec<_> = self
                .statements
                .iter()
                .map(|one| {
                    let mut state = one.state.to_owned();
                    if one.is_young() && one.needs_release == Some(true) {
                        state.push_str(", needs one more release");
                    }
                    if one.expected == Some(false) {
                        state.push_str(", not expected");
                    }
                    vec![
                        state,
                        time(one.since),
                        time(one.matures_at),
                        one.subject.clone(),
                    ]
                })
                .collect();
            page.table(&["state", "since", "mature at", "DID"], &rows);
        }
        for one in &self.statements {
            if let Some(message) = &one.message {
                page.line(format!("  {}: {message}", one.subject));
            }
        }
        if let Some(version) = &self.unusable {
            page.line(format!(
                "  release {version} carries a statement that names nobody for {}: it must say a DID, and this package, and \
                 nothing else",
                self.namespace.short()
            ));
        }
        if self.read.releases < self.read.of {
            page.line(format!("  {NOTE}"));
        }
        for version in self.undated.iter().take(SHOWN_UNDATED) {
            page.line(format!(
                "  release {version} has no upload time, as one without a file: nobody can have a statement by it"
            ));
        }
        page
    }
}
