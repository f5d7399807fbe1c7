//! `auths id status`: the linked accounts, their expiry, and whether the statements still exist.

use auths_core::decide::LinkReport;
use auths_core::use_cases::{FindingOutcome, LinkFinding, LinkReview, LinkReviewer};
use auths_core::{Account, CapabilitySet, Did, Namespace, Policy, Timestamp};
use serde::Serialize;

use super::Context;
use crate::answer::Common;
use crate::args;
use crate::evidence;
use crate::exit::{Exit, Word};
use crate::failure::Failure;
use crate::guard;
use crate::keys;
use crate::page::Page;
use crate::progress::waiting;
use crate::revocations::Sources;
use crate::servers::Servers;
use auths_keystore::KeptLink;

#[derive(Debug, Serialize)]
struct Status {
    #[serde(flatten)]
    common: Common,
    accounts: Vec<Linked>,
    claims: Vec<StoredClaim>,
    findings: Vec<Finding>,
}

#[derive(Debug, Serialize)]
struct Linked {
    account: Account,
    did: Did,
    evidence: Vec<LinkReport>,
    #[serde(skip_serializing_if = "Option::is_none")]
    falls_to: Option<CapabilitySet>,
}

#[derive(Debug, Serialize)]
struct StoredClaim {
    id: String,
    did: Did,
    account: Account,
    created: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    statement: Option<Namespace>,
    #[serde(skip_serializing_if = "Option::is_none")]
    proof_url: Option<String>,
}

/// Something that needs attention.
#[derive(Debug, Serialize)]
struct Finding {
    finding: &'static str,
    outcome: Word,
    claim: String,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    remedy: String,
}

/// Reviews every claim in the home, and reads the registry for claims with a statement.
pub(crate) async fn run(context: &Context, what: &args::Status) -> Result<Exit, Failure> {
    let home = context.home()?;
    guard::refuse_files(&what.revocations)?;
    let sources = Sources::new(&what.revocations, &home);
    let now = context.now();
    let policy = Policy::standard();
    let kept = home.claims()?;
    let asks = |k: &KeptLink| k.statement.is_some() || k.gist.is_some();
    let servers = match kept.iter().any(asks) {
        true => Some(context.servers(&home)?),
        false => None,
    };
    let observers = LinkReviewer::new(&policy, sources.memory(), now).observers(&kept);
    let own = keys::observers(&context.keys(&home)?, &observers, context.output).await?;
    let policy = policy.trusting(own.iter().map(|key| key.info.did.clone()));
    let provers = servers.as_ref().map(Servers::provers).unwrap_or_default();
    let github = servers.as_ref().map(Servers::github);
    let mut reviewer = LinkReviewer::new(&policy, sources.memory(), now)
        .with_provers(&provers)
        .with_revocations(sources.ports());
    if let Some(github) = &github {
        reviewer = reviewer.with_directory(github);
    }
    let mut status = Status {
        common: Common::positive(Word::Done),
        accounts: Vec::new(),
        claims: Vec::new(),
        findings: Vec::new(),
    };
    let mut review = LinkReview::default();
    for link in &kept {
        let asking = format!("reading the proof of {}", link.claim.unverified().account);
        let reviewed = waiting(&asking, reviewer.review_one(link, &kept)).await;
        let findings = reviewed.findings.iter();
        status
            .findings
            .extend(findings.map(|f| Finding::new(f, link)));
        status.claims.push(StoredClaim::new(link));
        status.accounts.push(Linked {
            account: reviewed.account.clone(),
            did: link.claim.did().clone(),
            evidence: reviewed.evidence.clone(),
            falls_to: reviewed.falls_to,
        });
        review.links.push(reviewed);
    }
    if let Some(finding) = review.worst() {
        status.common = worst(finding);
    }
    let page = status.page();
    Ok(context.output.answer(&status.common, &status, &page))
}

impl StoredClaim {
    fn new(kept: &KeptLink) -> Self {
        let claim = &kept.claim;
        Self {
            id: claim.id().to_string(),
            did: claim.did().clone(),
            account: claim.unverified().account.clone(),
            created: claim.created(),
            expires: claim.expires(),
            statement: kept.statement.clone(),
            proof_url: kept.gist.as_ref().map(|gist| gist.url.clone()),
        }
    }
}

impl Finding {
    fn new(found: &LinkFinding, kept: &KeptLink) -> Self {
        Self {
            finding: found.name(),
            outcome: word(found),
            claim: kept.claim.id().to_string(),
            message: found.to_string(),
            code: found.code(),
            reason: found.reason(),
            remedy: remedy(found),
        }
    }
}

fn word(found: &LinkFinding) -> Word {
    match found.outcome() {
        FindingOutcome::Notice => Word::Done,
        FindingOutcome::Refuted => Word::Refuted,
        _ => Word::Unavailable,
    }
}

/// Returns what to do, with the command for it.
fn remedy(found: &LinkFinding) -> String {
    match found {
        LinkFinding::Expired { account, .. } | LinkFinding::ExpiringSoon { account, .. } => {
            format!("sign a new one: auths id claim {}", renewal(account))
        }
        LinkFinding::Unpublished { .. } => {
            "look among your gists on GitHub, and publish it anew: auths id claim github".to_owned()
        }
        other => other.remedy().to_owned(),
    }
}

/// Returns the command for a new claim. On GitHub, the account that approves is the account of the claim.
fn renewal(account: &Account) -> String {
    match account.platform().as_str() {
        "github" => "github".to_owned(),
        platform => format!("{platform} {}", account.login()),
    }
}

/// Returns the common outcome for the worst finding.
fn worst(found: &LinkFinding) -> Common {
    let outcome = word(found);
    if outcome == Word::Done {
        return Common::positive(Word::Done);
    }
    Common {
        outcome,
        code: found.code(),
        reason: found.reason(),
        message: Some(found.to_string()),
        remedy: Some(remedy(found)),
        retry_after_s: None,
    }
}

impl Status {
    fn page(&self) -> Page {
        let mut page = Page::new();
        if self.claims.is_empty() {
            page.line(
                "No account is linked: `auths id claim github`, `auths id claim pypi LOGIN` or `auths id claim npm LOGIN`.",
            );
            return page;
        }
        for (linked, claim) in self.accounts.iter().zip(&self.claims) {
            page.strong(format!("{} - {}", linked.account, linked.did));
            if let Some(url) = &claim.proof_url {
                page.field("proof", url);
            }
            if let Some(expires) = claim.expires {
                page.field("expires", expires.to_string());
            }
            if let Some(falls_to) = &linked.falls_to {
                page.field("falls to", falls_to.to_string());
            }
            evidence::show(&mut page, &linked.evidence);
        }
        for finding in &self.findings {
            page.outcome(
                finding.outcome,
                format!("{}: {}", finding.finding, finding.message),
            )
            .field("what to do", &finding.remedy);
        }
        page
    }
}
