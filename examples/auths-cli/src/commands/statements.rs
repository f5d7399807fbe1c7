//! `auths namespace statements`: the DIDs that releases name, and since when.

use std::time::Duration;

use auths_core::decide::{
    NoStatement, Obstacle, account_statement, check_age, may_hide_another, next_to_read, statement,
};
use auths_core::evidence::{Existence, NamedAccount, Timeline};
use auths_core::ports::{NamespaceQuery, NamespaceVerifierExt};
use auths_core::{Account, Did, Namespace, Reason, Refuted, RefutedReason, Timestamp, Unavailable};
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
    without_files: Vec<String>,
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
    /// The remedy, where the answer is a no.
    #[serde(skip)]
    remedy: Option<&'static str>,
    /// True where an account was expected, and no release names any for the DID.
    #[serde(skip)]
    is_of_no_account: bool,
}

/// Writes an account as it is typed, without its server, which is that of the package.
fn short<S: serde::Serializer>(account: &Option<Account>, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(&account.as_ref().map(name).unwrap_or_default())
}

fn name(account: &Account) -> String {
    format!("{}:{}", account.platform(), account.login())
}

/// Reads the releases, and prints the result for each DID in them.
pub(crate) async fn run(context: &Context, what: &Statements) -> Result<Exit, Failure> {
    let servers = context.servers(&context.home()?)?;
    let (registry, namespace) = servers.registry(&what.namespace)?;
    let policy = policy::read(&what.policy)?;
    let now = context.now();
    let expected = what.expect.iter().chain(&what.expect_account).cloned();
    let query = NamespaceQuery::new(namespace.clone(), now)
        .with_maturity(policy.maturity())
        .expecting(expected);
    let asking = format!("reading the releases of {}", namespace.short());
    let verifier = registry.verifier();
    let seen = waiting(&asking, verifier.gather_checked(&query)).await?;
    check_age(&seen, &policy, now)?;
    if let Existence::Absent(refuted) = &seen.existence {
        return Err(refuted.clone().into());
    }
    let timeline = seen.timeline.get()?;
    let is_compared =
        what.expect_none || !what.expect.is_empty() || !what.expect_account.is_empty();
    let looked = Looked {
        timeline,
        maturity: policy.maturity(),
        at: seen.observed_at,
    };
    let mut statements = looked.of_the_package(&what.expect);
    statements.extend(looked.of_accounts(&what.expect_account));
    if is_compared {
        for one in &mut statements {
            let list = match one.account.is_some() || one.is_of_no_account {
                true => &what.expect_account,
                false => &what.expect,
            };
            one.expected = Some(list.contains(&one.did));
        }
    }

    let unexpected: Vec<_> = statements
        .iter()
        .filter(|one| one.expected == Some(false))
        .map(One::subject)
        .collect();
    let is_gone = |one: &&One| one.expected == Some(true) && one.is_no();
    let open = statements.iter().find(|one| one.state == "undetermined");
    let common = if !unexpected.is_empty() {
        let message = format!(
            "releases name what was not expected: {}",
            unexpected.join(", ")
        );
        let remedy = "find out who published those releases; if it was you, add the DID with --expect, or with --expect-account where \
             it is said to speak for an account";
        Common::because(
            Word::Refuted,
            RefutedReason::WrongSubject,
            message,
            Some(remedy.to_owned()),
        )
    } else if let Some(gone) = statements
        .iter()
        .filter(is_gone)
        .min_by_key(|one| one.rank())
    {
        Common {
            outcome: Word::Refuted,
            code: gone.code,
            reason: gone.reason,
            message: gone
                .message
                .as_ref()
                .map(|message| format!("{} is {}: {message}", gone.subject(), gone.state)),
            remedy: gone.remedy.map(str::to_owned),
            retry_after_s: None,
        }
    } else if let Some(why) = unread(timeline, policy.maturity(), seen.observed_at) {
        let mut common = Common::standing_in_the_way(Word::Undetermined, &Obstacle::from(why));
        if what.expect_none && statements.is_empty() {
            let message = common.message.take().unwrap_or_default();
            common.message = Some(format!(
                "no release that can be read names anybody; {message}"
            ));
        }
        common
    } else if let Some(open) = open {
        Common {
            outcome: Word::Undetermined,
            code: open.code,
            reason: open.reason,
            message: open.message.clone(),
            remedy: None,
            retry_after_s: None,
        }
    } else {
        Common::positive(if is_compared {
            Word::Confirmed
        } else {
            Word::Done
        })
    };
    let document = Answer {
        common,
        namespace,
        statements,
        unusable: timeline.unusable().map(str::to_owned),
        read: Read::new(timeline),
        note: NOTE,
        without_files: without_files(timeline),
    };
    let page = document.page();
    Ok(context.output.answer(&document.common, &document, &page))
}

/// The releases that were read.
struct Looked<'a> {
    timeline: &'a Timeline,
    maturity: Duration,
    at: Timestamp,
}

impl Looked<'_> {
    /// Returns every DID that is named for the package, and the expected ones. A DID that releases name only as the speaker for
    /// an account is shown only as that.
    fn of_the_package(&self, expected: &[Did]) -> Vec<One> {
        let releases = self.timeline.releases();
        let is_plain = |did: &Did| {
            releases.iter().any(|release| {
                let mut accounts = release.accounts.iter();
                release.names(did) == Some(true) && !accounts.any(|named| named.did == *did)
            })
        };
        let named = self.timeline.dids();
        let shown = named
            .iter()
            .copied()
            .filter(|did| is_plain(did) || expected.contains(did));
        let missing = expected.iter().filter(|did| !named.contains(did));
        shown
            .chain(missing)
            .map(|did| {
                let found = statement(self.timeline, did, self.maturity, self.at);
                One::new(did.clone(), None, found, self.at)
            })
            .collect()
    }

    /// Returns every DID that is said to speak for an account, and those that are expected to.
    fn of_accounts(&self, expected: &[Did]) -> Vec<One> {
        let named = self.timeline.accounts();
        let of = |NamedAccount { did, account, .. }: &NamedAccount| {
            let found = account_statement(self.timeline, did, account, self.maturity, self.at);
            One::new(did.clone(), Some(account.clone()), found, self.at)
        };
        let missing = |did: &&Did| !named.iter().any(|named| named.did == **did);
        let absent = expected.iter().filter(missing).map(|did| {
            let detail = format!("no release that was read says that {did} speaks for an account");
            let refuted = Refuted::new(RefutedReason::StatementAbsent, detail);
            let found = Err(NoStatement::Refuted(refuted));
            let mut one = One::new(did.clone(), None, found, self.at);
            one.is_of_no_account = true;
            one
        });
        named.iter().map(|named| of(named)).chain(absent).collect()
    }
}

impl Read {
    fn new(timeline: &Timeline) -> Self {
        let all = timeline.releases();
        let read = || all.iter().filter(|release| release.dids.is_some());
        Self {
            releases: read().count(),
            of: all.len(),
            oldest: read().next().map(|release| release.version.clone()),
        }
    }
}

/// Returns the releases that have no time, limited to a readable number.
fn without_files(timeline: &Timeline) -> Vec<String> {
    let releases = timeline.releases().iter();
    let undated = releases.filter(|release| release.uploaded_at.is_none());
    undated
        .take(10)
        .map(|release| release.version.clone())
        .collect()
}

/// Returns why the shown releases may not be all; `None` where reading ended early and nothing depends on the rest.
fn unread(timeline: &Timeline, maturity: Duration, read_at: Timestamp) -> Option<Unavailable> {
    let stopped = timeline.why_stopped().cloned();
    let is_open = next_to_read(timeline, maturity, read_at).is_some();
    stopped
        .filter(|_| is_open)
        .or_else(|| may_hide_another(timeline))
}

impl One {
    fn new(
        did: Did,
        account: Option<Account>,
        found: Result<auths_core::decide::TimelineStatement, NoStatement>,
        read_at: Timestamp,
    ) -> Self {
        let mut one = Self {
            did,
            account,
            remedy: None,
            is_of_no_account: false,
            state: "undetermined",
            since: None,
            since_exact: None,
            matures_at: None,
            needs_release: None,
            code: None,
            reason: None,
            message: None,
            expected: None,
        };
        match found {
            Ok(found) => {
                one.state = if found.mature { "mature" } else { "young" };
                one.since = Some(found.since);
                one.since_exact = Some(found.since_exact);
                // Where only a release is missing, the time has passed, and waiting was not enough.
                let is_over = found.needs_release && found.matures_at <= read_at;
                one.matures_at = (!is_over).then_some(found.matures_at);
                one.needs_release = Some(found.needs_release);
            }
            Err(NoStatement::Refuted(refuted)) => {
                one.state = match refuted.reason {
                    RefutedReason::StatementContested => "contested",
                    RefutedReason::StatementDropped => "dropped",
                    RefutedReason::DefaultOutside => "default-outside",
                    _ => "absent",
                };
                one.code = Some(refuted.reason.code());
                one.reason = Some(refuted.reason.name());
                one.message = Some(refuted.to_string());
                one.remedy = Some(refuted.reason.remedy());
            }
            Err(NoStatement::Unavailable(why)) => {
                one.code = Some(why.reason.code());
                one.reason = Some(why.reason.name());
                one.message = Some(why.to_string());
            }
            Err(_) => {}
        }
        one
    }

    /// Returns the rank of this no among several. A conflicting DID comes before one that is only gone.
    fn rank(&self) -> usize {
        let states = ["contested", "dropped", "default-outside"];
        let place = states.iter().position(|state| *state == self.state);
        place.unwrap_or(states.len())
    }

    /// Returns whether the answer is a no.
    fn is_no(&self) -> bool {
        !matches!(self.state, "mature" | "young" | "undetermined")
    }

    /// Returns the DID, and the account that it is said to speak for, as text.
    fn subject(&self) -> String {
        match &self.account {
            None => self.did.to_string(),
            Some(account) => format!("{} for {}", self.did, name(account)),
        }
    }
}

impl Answer {
    fn page(&self) -> Page {
        let mut page = Page::new();
        let says = match (&self.common.message, self.statements.len()) {
            (Some(message), _) => message.clone(),
            (None, 0) => format!("no DID has a statement in {}", self.namespace.short()),
            (None, n) => {
                let young = self.statements.iter().filter_map(|one| {
                    let at = one.matures_at.filter(|_| one.state == "young")?;
                    Some(format!("; {} is young, and mature at {at}", one.subject()))
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
                    if one.state == "young" && one.needs_release == Some(true) {
                        state.push_str(", needs one more release");
                    }
                    if one.expected == Some(false) {
                        state.push_str(", not expected");
                    }
                    vec![state, time(one.since), time(one.matures_at), one.subject()]
                })
                .collect();
            page.table(&["state", "since", "mature at", "DID"], &rows);
        }
        for one in &self.statements {
            if let Some(message) = &one.message {
                page.line(format!("  {}: {message}", one.subject()));
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
        for version in &self.without_files {
            page.line(format!(
                "  release {version} has no upload time, as one without a file: nobody can have a statement by it"
            ));
        }
        page
    }
}
