//! `auths namespace check`: does the registry list this account?

use std::sync::Arc;

use auths_core::Policy;
use auths_core::decide::{LinkReport, ListingAnswer, Obstacle};
use auths_core::evidence::{NamespaceEvidence, OwnerRole};
use auths_core::use_cases::{ListingQuery, check_many};
use auths_core::{Account, CapabilitySet, Namespace, UnavailableReason};
use futures_util::StreamExt;
use serde::Serialize;

use super::{Context, check_batch};
use crate::answer::Common;
use crate::args::Check;
use crate::exit::{Exit, Word};
use crate::failure::Failure;
use crate::page::Page;
use crate::progress::waiting;
use crate::registry::Registry;
use crate::servers::Servers;

/// A note on the things that a listing does not show.
const NOTE: &str =
    "Listed does not show who holds the account: let the holder claim the namespace for that.";

/// The answer to one question.
#[derive(Debug, Serialize)]
pub(super) struct Checked {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) line: Option<usize>,
    #[serde(flatten)]
    pub(super) common: Common,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) namespace: Option<Namespace>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) account: Option<Account>,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<OwnerRole>,
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<String>,
    evidence: Vec<LinkReport>,
    #[serde(skip_serializing_if = "Option::is_none")]
    falls_to: Option<CapabilitySet>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<&'static str>,
}

/// Answers one question, or a list of them.
pub(crate) async fn run(context: &Context, what: &Check) -> Result<Exit, Failure> {
    if let Some(file) = &what.batch {
        return check_batch::run(context, file, usize::from(what.concurrency)).await;
    }
    let Some(namespace) = &what.namespace else {
        return Err(Failure::usage("give a namespace and --account, or --batch"));
    };
    let servers = context.servers(&context.home()?)?;
    let (registry, namespace) = servers.registry(namespace)?;
    let asking = format!("asking about {}", namespace.short());
    let account = match (&what.account, &what.account_id) {
        (Some(login), _) => {
            let named = registry.account(login)?;
            match waiting(&asking, resolve(&servers, &registry, &named)).await {
                Ok(account) => account,
                Err(obstacle) => {
                    let question = ListingQuery::new(namespace, named);
                    return Ok(said(context, &Checked::new(question, Err(obstacle))));
                }
            }
        }
        (None, Some(id)) => registry.account_by_id(id)?,
        (None, None) => return Err(Failure::usage("give --account or --account-id")),
    };
    let question = ListingQuery::new(namespace, account);
    let mut answers = Box::pin(check_many(
        registry.verifier(),
        vec![question],
        Policy::standard(),
        context.now(),
        1,
    ));
    let Some((question, answer)) = waiting(&asking, answers.next()).await else {
        return Err(Failure::internal("the question was not answered"));
    };
    Ok(said(context, &Checked::new(question, answer)))
}

fn said(context: &Context, checked: &Checked) -> Exit {
    context
        .output
        .answer(&checked.common, checked, &checked.page())
}

/// Returns the account of a login. Where accounts have ids, it is the account that has the login now.
pub(super) async fn resolve(
    servers: &Servers,
    registry: &Registry,
    named: &Account,
) -> Result<Account, Obstacle> {
    match registry.has_ids() {
        true => servers.resolve(named).await,
        false => Ok(named.clone()),
    }
}

impl Checked {
    /// Creates the answer from the result of reading the registry.
    pub(super) fn new(
        question: ListingQuery,
        answer: Result<(ListingAnswer, Arc<NamespaceEvidence>), Obstacle>,
    ) -> Self {
        match answer {
            Ok((found, seen)) => {
                let listed = &found.listed;
                Self {
                    line: None,
                    common: Common::positive(Word::Confirmed),
                    namespace: Some(seen.namespace.clone()),
                    account: Some(listed.account.clone()),
                    role: Some(listed.role),
                    label: Some(listed.label.clone()),
                    falls_to: Some(found.link.falls_to),
                    evidence: vec![found.link],
                    note: Some(NOTE),
                }
            }
            Err(obstacle) => Self {
                namespace: Some(question.namespace),
                account: Some(question.account),
                ..Self::without_answer(Common::standing_in_the_way(word(&obstacle), &obstacle))
            },
        }
    }

    /// Creates the answer for a line that is no question.
    pub(super) fn bad_line(failure: Failure) -> Self {
        Self::without_answer(failure.0)
    }

    fn without_answer(common: Common) -> Self {
        Self {
            line: None,
            common,
            namespace: None,
            account: None,
            role: None,
            label: None,
            evidence: Vec::new(),
            falls_to: None,
            note: None,
        }
    }

    fn page(&self) -> Page {
        let mut page = Page::new();
        match (&self.common.message, &self.account, &self.namespace) {
            (None, ..) => {
                let says = self.evidence.first().map_or("", |link| &link.says);
                page.outcome(self.common.outcome, says);
                if let Some(falls_to) = &self.falls_to {
                    page.field("falls to", falls_to.to_string());
                }
                page.line(format!("  {NOTE}"));
            }
            (Some(message), Some(account), Some(namespace)) => {
                let code = self.common.code.unwrap_or_default();
                page.outcome(
                    self.common.outcome,
                    format!("{account} for {}: {message} ({code})", namespace.short()),
                );
                if let Some(remedy) = &self.common.remedy {
                    page.field("what to do", remedy);
                }
            }
            (Some(message), ..) => {
                page.outcome(self.common.outcome, message);
            }
        }
        page
    }
}

/// Returns the word for an obstacle: the registry was read and does not say, or it could not be read.
fn word(obstacle: &Obstacle) -> Word {
    match obstacle {
        Obstacle::Unavailable(why) => match why.reason {
            UnavailableReason::OwnersHidden
            | UnavailableReason::Empty
            | UnavailableReason::MissingField
            | UnavailableReason::NotOffered => Word::Undetermined,
            _ => Word::Unavailable,
        },
        _ => Word::Refuted,
    }
}
