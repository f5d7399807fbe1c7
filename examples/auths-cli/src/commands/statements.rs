//! `auths namespace statements`: which DIDs releases name, and since when.

use std::time::Duration;

use auths_core::decide::{
    NoStatement, Obstacle, check_age, may_hide_another, next_to_read, statement,
};
use auths_core::evidence::{Existence, Timeline};
use auths_core::ports::{NamespaceQuery, NamespaceVerifierExt};
use auths_core::{Did, Namespace, Reason, Refutation, Timestamp, Unavailable};
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
    /// The newest release, where what it says names nobody for this package.
    #[serde(skip_serializing_if = "Option::is_none")]
    unusable: Option<String>,
    read: Read,
    note: &'static str,
}

/// How much of the package was read.
#[derive(Debug, Serialize)]
struct Read {
    releases: usize,
    of: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    oldest: Option<String>,
}

/// What was read, and what was not.
const NOTE: &str = "Releases are read from the newest back, as far as a statement that stands can depend on: a DID that the newest \
    releases do not name has none. Older releases that were not read may name DIDs that were dropped since.";

/// What releases say about one DID.
#[derive(Debug, Serialize)]
struct One {
    did: Did,
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
}

/// Reads the releases, and says what each DID in them amounts to.
pub(crate) async fn run(context: &Context, what: &Statements) -> Result<Exit, Failure> {
    let registry = context
        .servers(&context.home()?)?
        .registry(&what.namespace)?;
    let namespace = registry.place(&what.namespace)?;
    let policy = policy::read(&what.policy)?;
    let now = context.now();
    let query = NamespaceQuery::new(namespace.clone(), now).with_maturity(policy.maturity());
    let asking = format!("reading the releases of {}", namespace.short());
    let verifier = registry.verifier();
    let seen = waiting(&asking, verifier.gather_checked(&query)).await?;
    check_age(&seen, &policy, now)?;
    if let Existence::Absent(refuted) = &seen.existence {
        return Err(refuted.clone().into());
    }
    let timeline = seen.timeline.get()?;
    let is_compared = what.expect_none || !what.expect.is_empty();
    let statements: Vec<One> = timeline
        .dids()
        .into_iter()
        .map(|did| {
            let found = statement(timeline, did, policy.maturity(), seen.observed_at);
            let mut one = One::new(did.clone(), found, seen.observed_at);
            one.expected = is_compared.then(|| what.expect.contains(did));
            one
        })
        .collect();

    let unexpected: Vec<_> = statements
        .iter()
        .filter(|one| one.expected == Some(false))
        .map(|one| one.did.to_string())
        .collect();
    let open = statements.iter().find(|one| one.state == "undetermined");
    let common = if !unexpected.is_empty() {
        let message = format!(
            "releases name what was not expected: {}",
            unexpected.join(", ")
        );
        let remedy =
            "find out who published those releases; if it was you, add the DID with --expect";
        Common::because(
            Word::Refuted,
            Refutation::WrongSubject,
            message,
            Some(remedy.to_owned()),
        )
    } else if let Some(why) = unread(timeline, policy.maturity(), seen.observed_at) {
        Common::standing_in_the_way(Word::Undetermined, &Obstacle::from(why))
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
    };
    let page = document.page();
    Ok(context.output.answer(&document.common, &document, &page))
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

/// Why what is shown may not be all. Where reading ended early and nothing depends on the rest, it is.
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
        found: Result<auths_core::decide::Statement, NoStatement>,
        read_at: Timestamp,
    ) -> Self {
        let mut one = Self {
            did,
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
                one.state = match refuted.by {
                    Refutation::StatementContested => "contested",
                    Refutation::StatementDropped => "dropped",
                    Refutation::DefaultOutside => "default-outside",
                    _ => "absent",
                };
                one.code = Some(refuted.by.code());
                one.reason = Some(refuted.by.name());
                one.message = Some(refuted.to_string());
            }
            Err(NoStatement::Unavailable(why)) => {
                one.code = Some(why.why.code());
                one.reason = Some(why.why.name());
                one.message = Some(why.to_string());
            }
            Err(_) => {}
        }
        one
    }
}

impl Answer {
    fn page(&self) -> Page {
        let mut page = Page::new();
        let says = match (&self.common.message, self.statements.len()) {
            (Some(message), _) => message.clone(),
            (None, 0) => format!("no DID has a statement in {}", self.namespace.short()),
            (None, n) => format!("releases of {} name {n} DID(s)", self.namespace.short()),
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
                    vec![
                        state,
                        time(one.since),
                        time(one.matures_at),
                        one.did.to_string(),
                    ]
                })
                .collect();
            page.table(&["state", "since", "mature at", "DID"], &rows);
        }
        for one in &self.statements {
            if let Some(message) = &one.message {
                page.line(format!("  {}: {message}", one.did));
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
        page
    }
}
