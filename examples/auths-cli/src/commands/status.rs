//! `auths id status`: the linked accounts, their expiry, and whether the statements still exist.

use std::sync::Arc;
use std::time::Duration;

use auths_core::claim::KeyRing;
use auths_core::decide::{LinkReport, Obstacle, Standing};
use auths_core::evidence::{AccountEvidence, LinkedAccount, ObservedEvidence, SeenBy};
use auths_core::ports::{AccountProver, prover_of};
use auths_core::use_cases::prove_account;
use auths_core::{
    Account, CapabilitySet, Did, Namespace, Policy, Reason, RefutedReason, Timestamp,
};
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

/// The time before its expiry from which a claim is reported.
const SOON: Duration = Duration::from_secs(7 * 86_400);

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

/// Checks every claim in the home, and reads the registry for claims with a statement.
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
    let provers = servers.as_ref().map(Servers::provers).unwrap_or_default();
    let mut status = Status {
        common: Common::positive(Word::Done),
        accounts: Vec::new(),
        claims: Vec::new(),
        findings: Vec::new(),
    };
    let seen = kept.iter().flat_map(|kept| seen_before(kept, now));
    let observers: Vec<Did> = seen.filter_map(observer).collect();
    let own = keys::observers(&context.keys(&home)?, &observers, context.output).await?;
    let policy = policy.trusting(own.iter().map(|key| key.info.did.clone()));
    let renewed = |old: &KeptLink| kept.iter().any(|newer| old.is_renewed_by(newer));
    let renewed: Vec<bool> = kept.iter().map(renewed).collect();
    for (kept, is_renewed) in kept.into_iter().zip(renewed) {
        // The expiry of a claim need not be reported where another one replaces it.
        if let Some(finding) = expiry(&kept, now).filter(|_| !is_renewed) {
            status.findings.push(finding);
        }
        if let Some(finding) = unpublished(&kept) {
            status.findings.push(finding);
        }
        if let Some(finding) = revoked(&kept, &sources, now).await {
            status.findings.push(finding);
        }
        let mut linked = look(&kept, &provers, &policy, now).await;
        linked.evidence.extend(seen_before(&kept, now));
        let support = evidence::support(&linked, &policy, now);
        if let Some(mut finding) = support.proof().and_then(|s| about(s, &kept)) {
            finding.remedy = support.remove.clone().unwrap_or(finding.remedy);
            status.findings.push(finding);
        }
        if let Some((now, servers)) = renamed(&kept, &linked).zip(servers.as_ref()) {
            let about = about_login(&kept, &now, servers).await;
            status.findings.extend(about);
        }
        let claim = &kept.claim;
        status.accounts.push(Linked {
            account: linked.account().clone(),
            did: claim.did().clone(),
            evidence: support.links,
            falls_to: support.falls_to,
        });
        status.claims.push(StoredClaim {
            id: claim.id().to_string(),
            did: claim.did().clone(),
            account: linked.account().clone(),
            created: claim.created(),
            expires: claim.expires(),
            statement: kept.statement,
            proof_url: kept.gist.map(|gist| gist.url),
        });
    }
    status.common = worst(&status.findings);
    let page = status.page();
    Ok(context.output.answer(&status.common, &status, &page))
}

async fn look(
    kept: &KeptLink,
    provers: &[Arc<dyn AccountProver>],
    policy: &Policy,
    now: Timestamp,
) -> LinkedAccount {
    let account = &kept.claim.unverified().account;
    let prover = prover_of(provers, account);
    let asking = format!("reading the proof of {account}");
    let stored = kept.link();
    let reading = prove_account(&stored, prover, now, policy.maturity());
    waiting(&asking, reading).await
}

/// Returns the observation of the account when it was claimed, as long as it is valid.
fn seen_before(kept: &KeptLink, now: Timestamp) -> Vec<ObservedEvidence<AccountEvidence>> {
    let keys = KeyRing::intrinsic();
    let seen = kept.observations.iter();
    seen.filter_map(|seen| {
        ObservedEvidence::observed(seen, &keys, now)
            .ok()?
            .of_account()
    })
    .collect()
}

/// Returns the observer; `None` when this process observed it.
fn observer(seen: ObservedEvidence<AccountEvidence>) -> Option<Did> {
    match seen.seen_by() {
        SeenBy::Observer(did) => Some(did.clone()),
        _ => None,
    }
}

/// Returns the account as its platform names it now, when that differs from the claim.
fn renamed(kept: &KeptLink, linked: &LinkedAccount) -> Option<Account> {
    let claimed = &kept.claim.unverified().account;
    let mut seen = linked.evidence.iter().map(|s| &s.evidence().account);
    let renamed = seen.find(|seen| seen.same_as(claimed) && !seen.same_login(claimed));
    renamed.cloned()
}

/// Reports that an account has another login now, and whether another account has the old one. If that could not be read, reports
/// why. The number of the account is what counts.
async fn about_login(kept: &KeptLink, now: &Account, servers: &Servers) -> Vec<Finding> {
    let claimed = &kept.claim.unverified().account;
    let (other, unseen) = match servers.github().account_of(claimed).await {
        Ok(Some(other)) if !other.same_as(claimed) => (Some(other.to_string()), None),
        Ok(_) => (None, None),
        // No person has the login, so an organisation or a bot does.
        Err(Obstacle::Refuted(refuted)) => (Some(refuted.raw_detail), None),
        Err(why) => (None, Some(finding(&why, kept))),
    };
    let (finding, more) = match other {
        Some(other) => (
            "login-reregistered",
            format!(", and another account has the old one: {other}"),
        ),
        None => ("renamed", String::new()),
    };
    let renamed = Finding {
        finding,
        outcome: Word::Done,
        claim: kept.claim.id().to_string(),
        message: format!("{claimed} is called {} now{more}", now.login()),
        code: None,
        reason: None,
        remedy: "nothing is lost: the account is told by its number".to_owned(),
    };
    [Some(renamed), unseen].into_iter().flatten().collect()
}

fn expiry(kept: &KeptLink, now: Timestamp) -> Option<Finding> {
    let expires = kept.claim.expires()?;
    let account = &kept.claim.unverified().account;
    let (finding, outcome, message) = if expires <= now {
        (
            "expired",
            Word::Refuted,
            format!("the claim to {account} ended {expires}"),
        )
    } else if expires.since(now) <= SOON {
        (
            "expiring-soon",
            Word::Done,
            format!("the claim to {account} ends {expires}"),
        )
    } else {
        return None;
    };
    let by = (outcome == Word::Refuted).then_some(RefutedReason::Expired);
    Some(Finding {
        finding,
        outcome,
        claim: kept.claim.id().to_string(),
        message,
        code: by.map(Reason::code),
        reason: by.map(Reason::name),
        remedy: format!("sign a new one: auths id claim {}", renewal(account)),
    })
}

/// Returns a finding for a claim to a GitHub account without a known gist. Publishing it was interrupted, or its answer was lost.
fn unpublished(kept: &KeptLink) -> Option<Finding> {
    let account = &kept.claim.unverified().account;
    if !kept.is_unpublished() {
        return None;
    }
    let message = format!(
        "no gist is known that holds the claim to {account}: publishing it did not end well, and one may be there nevertheless"
    );
    Some(Finding {
        finding: "unpublished",
        outcome: Word::Done,
        claim: kept.claim.id().to_string(),
        message,
        code: None,
        reason: None,
        remedy: "look among your gists on GitHub, and publish it anew: auths id claim github"
            .to_owned(),
    })
}

/// Returns the command for a new claim. On GitHub, the account that approves is the account of the claim.
fn renewal(account: &Account) -> String {
    match account.platform().as_str() {
        "github" => "github".to_owned(),
        platform => format!("{platform} {}", account.login()),
    }
}

fn about(statement: &LinkReport, kept: &KeptLink) -> Option<Finding> {
    let obstacle = match &statement.standing {
        Standing::Refuted(refuted) => Obstacle::from(refuted.clone()),
        Standing::Undetermined(why) => Obstacle::from(why.clone()),
        _ => return None,
    };
    // An expired claim is reported once.
    if matches!(&obstacle, Obstacle::Refuted(r) if r.reason == RefutedReason::Expired) {
        return None;
    }
    Some(finding(&obstacle, kept))
}

/// Checks whether the claim or its DID was revoked, as far as the sources say.
async fn revoked(kept: &KeptLink, sources: &Sources, now: Timestamp) -> Option<Finding> {
    let checked = sources.against(&kept.claim, &[], now).await;
    checked.err().map(|obstacle| finding(&obstacle, kept))
}

fn finding(obstacle: &Obstacle, kept: &KeptLink) -> Finding {
    let (finding, outcome) = match obstacle {
        Obstacle::Unavailable(_) => ("unavailable", Word::Unavailable),
        _ => (obstacle.name(), Word::Refuted),
    };
    Finding {
        finding,
        outcome,
        claim: kept.claim.id().to_string(),
        message: obstacle.to_string(),
        code: Some(obstacle.code()),
        reason: Some(obstacle.name()),
        remedy: obstacle.remedy().to_owned(),
    }
}

/// Returns the worst outcome: could not find out, then no, then done.
fn worst(findings: &[Finding]) -> Common {
    let rank = |f: &&Finding| match f.outcome.exit() {
        Exit::Unknown => 2,
        Exit::No => 1,
        _ => 0,
    };
    match findings.iter().max_by_key(rank) {
        Some(finding) if finding.outcome != Word::Done => Common {
            outcome: finding.outcome,
            code: finding.code,
            reason: finding.reason,
            message: Some(finding.message.clone()),
            remedy: Some(finding.remedy.clone()),
            retry_after_s: None,
        },
        _ => Common::positive(Word::Done),
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
