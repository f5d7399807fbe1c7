//! `auths id claim github`: runs a device flow, signs, publishes the gist, and reads it back.

use std::time::Duration;

use auths_adapters_github::{CLAIM_FILE, DevicePrompt, FlowRequest, FlowToken, GitHub};
use auths_core::claim::{Observation, PlatformClaim, Signed, SigningRequest};
use auths_core::decide::{LinkReport, Obstacle};
use auths_core::evidence::{
    AccountEvidence, Evidence, EvidenceKind, LinkedAccount, ObservedEvidence,
};
use auths_core::use_cases::{prove_account, sign_account_claim};
use auths_core::{
    Account, CapabilitySet, Policy, Reason, RefutedReason, Timestamp, Unavailable,
    UnavailableReason,
};
use serde::Serialize;

use super::Context;
use crate::answer::Common;
use crate::args::GithubClaim;
use crate::evidence::{self, Support};
use crate::exit::{Exit, Word};
use crate::failure::Failure;
use crate::home::Home;
use crate::output::Output;
use crate::page::Page;
use crate::progress::{Countdown, waiting};
use crate::revocations::Sources;
use auths_keystore::{KeptGist, KeptLink};

/// The number of tries to find a new gist. GitHub may show it a moment later.
const LOOKS: u32 = 4;

#[derive(Debug, Serialize)]
struct ClaimAnswer {
    #[serde(flatten)]
    common: Common,
    claim: Signed<PlatformClaim>,
    account: Account,
    evidence: Vec<LinkReport>,
    #[serde(skip_serializing_if = "Option::is_none")]
    falls_to: Option<CapabilitySet>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ripe_at: Option<Timestamp>,
    proof_url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    approval_url: Option<String>,
}

/// Links a GitHub account to this key.
pub(crate) async fn run(context: &Context, what: &GithubClaim) -> Result<Exit, Failure> {
    let home = context.home()?;
    let servers = context.servers(&home)?;
    let (flow, approval_url) = servers.device_flow(what.client_id.as_deref())?;
    let github = servers.github();
    let (signer, recovery) = context.signer(&home, &what.key).await?;

    let did = signer.method().did().clone();
    let countdown = Countdown::default();
    let show = |prompt: &DevicePrompt| say(prompt, &countdown, context.output);
    let token = flow.run(FlowRequest::new(did).asking("gist"), &show).await;
    countdown.end();
    let token = token?;
    let now = context.now();
    let approved = waiting("asking who approved", github.approved(&token, now)).await?;

    may_publish(&token)?;
    let claim = sign_account_claim(&*signer, approved.account.clone(), recovery, now).await?;
    let seen = Observation::new(Evidence::Account(Box::new(approved.clone())));
    let seen = SigningRequest::new(seen, now).sign(&*signer).await?;
    let mut kept = KeptLink::new(claim);
    kept.observations = vec![seen];
    let earlier = home.claims_to(kept.claim.did(), &approved.account)?;
    // Stored first: once a gist was requested it may exist, even if the answer is lost or this program ends.
    let path = home.keep_claim(&kept).await?;
    context.output.note(&format!(
        "the claim is kept in {}, and published in a public gist of {}; if this is interrupted now, the gist may be there \
         nevertheless",
        path.display(),
        approved.account.login()
    ));
    let gist = publish(&github, &token, &kept, &home).await?;
    drop(token);
    kept.gist = Some(gist.clone());
    home.keep_claim(&kept).await?;

    let read = "reading the gist back";
    let mut linked = waiting(read, look(&github, &kept, now)).await;
    if let Some(state) = evidence::gist_state(&linked) {
        kept.gist = Some(gist.clone().in_state(state));
        home.keep_claim(&kept).await?;
    }
    let is_back = evidence::gist_state(&linked).is_some();
    for old in earlier.iter().filter(|k| k.claim.id() != kept.claim.id()) {
        forget(old, is_back.then_some(&github), &home, now).await?;
    }
    linked.evidence.push(ObservedEvidence::live(approved));
    let document = ClaimAnswer {
        approval_url,
        ..ClaimAnswer::new(kept, &linked, gist.url, now)
    };
    let page = document.page();
    Ok(context.output.answer(&document.common, &document, &page))
}

/// Says what to do, and then how much time is left.
fn say(prompt: &DevicePrompt, countdown: &Countdown, output: Output) {
    let seconds = prompt.remaining.as_secs();
    let left = format!("{}:{:02}", seconds / 60, seconds % 60);
    if countdown.is_new() {
        let code = &prompt.user_code;
        output.note(&format!("To link your GitHub account to {}:", prompt.did));
        output.note(&format!("  open     {}", prompt.url));
        output.note(&format!("  type in  {code}"));
        output.note(&format!(
            "  within   {left} minutes, and only if you began this yourself"
        ));
    }
    countdown.tick(&format!(
        "waiting for the approval of {}, {left} left",
        prompt.user_code
    ));
}

/// Checks that the approval allows publishing.
fn may_publish(token: &FlowToken) -> Result<(), Failure> {
    if token.has_scope("gist") {
        return Ok(());
    }
    let detail = "the approval leaves out the scope gist, which publishing the proof needs";
    Err(refused(Unavailable::new(
        UnavailableReason::MissingScope,
        detail,
    )))
}

/// A refusal of what was approved. The person gave no token, so no other one can be given.
fn refused(why: Unavailable) -> Failure {
    let is_scope = why.reason == UnavailableReason::MissingScope;
    let failure = Failure::from(why);
    match is_scope {
        true => {
            failure.remedy("run the command again, and approve everything that the page asks for")
        }
        false => failure,
    }
}

async fn publish(
    github: &GitHub,
    token: &FlowToken,
    kept: &KeptLink,
    home: &Home,
) -> Result<KeptGist, Failure> {
    let publishing = github.publish(token.secret(), &kept.claim);
    let why = match waiting("publishing the gist", publishing).await {
        Ok(published) => return Ok(KeptGist::new(published.id.to_string(), published.url)),
        Err(why) => why,
    };
    if is_refusal(&why) {
        home.forget_claim(kept)?;
        return Err(refused(why).adding("no gist was made, and the claim is not kept"));
    }
    // Another run may have taken the claim for one that ended without a gist.
    home.keep_claim(kept).await?;
    let remedy = format!(
        "look among your gists on GitHub for a new one with a file {CLAIM_FILE}, and delete it if it is there; then run \
         the command again, which publishes another ({})",
        why.reason.remedy(),
    );
    let failure = Failure::from(why).adding("the gist may be there nevertheless");
    Err(failure.remedy(remedy))
}

/// Returns whether the server answered that it makes no gist, or was not asked at all. After any other failure a gist may exist.
fn is_refusal(why: &Unavailable) -> bool {
    match why.reason {
        UnavailableReason::Forbidden
        | UnavailableReason::DeadToken
        | UnavailableReason::MissingScope
        | UnavailableReason::SsoRequired
        | UnavailableReason::TokenKind
        | UnavailableReason::AppRestricted
        | UnavailableReason::RateLimited => true,
        // The detail of this reason ends with the status.
        UnavailableReason::UnexpectedStatus => {
            let status = why
                .raw_detail
                .rsplit(' ')
                .next()
                .and_then(|s| s.parse().ok());
            status.is_some_and(|status: u16| (400..500).contains(&status))
        }
        _ => false,
    }
}

/// Forgets an earlier claim that can never count again. Such a claim has expired, or GitHub (`seen`) has just shown the new gist
/// and refutes the earlier one. A 404 means nothing if the server does not show the new gist either. A claim whose gist still
/// exists is kept until it expires, because the new gist has to become mature first.
async fn forget(
    old: &KeptLink,
    seen: Option<&GitHub>,
    home: &Home,
    now: Timestamp,
) -> Result<(), Failure> {
    let Some(held) = home.claim_again(old)? else {
        return Ok(());
    };
    let is_spent = match seen {
        _ if held.is_expired(now) => true,
        Some(github) => held.is_unpublished() || is_refuted(&held, github, home, now).await,
        None => false,
    };
    // Another run may have published it since it was read.
    let is_as_read =
        |again: KeptLink| again.gist.map(|g| g.id) == held.gist.as_ref().map(|g| g.id.clone());
    if is_spent && home.claim_again(&held)?.is_some_and(is_as_read) {
        home.forget_claim(&held)?;
    }
    Ok(())
}

/// Returns whether the gist of a claim, or a revocation, refutes it. A failure to read shows nothing.
async fn is_refuted(old: &KeptLink, github: &GitHub, home: &Home, now: Timestamp) -> bool {
    let sources = Sources::new(&[], home);
    let revoked = sources.against(&old.claim, &[], now).await;
    let maturity = Policy::standard().maturity();
    let reading = prove_account(&old.link(), Some(github), now, maturity).await;
    let obstacles = reading.attempts.into_iter().map(|attempt| attempt.obstacle);
    let mut obstacles = obstacles.chain(revoked.err());
    obstacles.any(|obstacle| matches!(obstacle, Obstacle::Refuted(_)))
}

/// Reads the gist, which GitHub may not show to everyone yet.
async fn look(github: &GitHub, kept: &KeptLink, now: Timestamp) -> LinkedAccount {
    let maturity = Policy::standard().maturity();
    let mut looks = 1;
    loop {
        let linked = prove_account(&kept.link(), Some(github), now, maturity).await;
        let is_gone = |obstacle: &Obstacle| matches!(obstacle, Obstacle::Refuted(r) if r.reason == RefutedReason::GistDeleted);
        if looks == LOOKS || !linked.attempts.iter().any(|a| is_gone(&a.obstacle)) {
            return linked;
        }
        tokio::time::sleep(Duration::from_secs(1) * looks).await;
        looks += 1;
    }
}

impl ClaimAnswer {
    fn new(kept: KeptLink, linked: &LinkedAccount, proof_url: String, now: Timestamp) -> Self {
        let Support {
            links, falls_to, ..
        } = evidence::support(linked, &Policy::standard(), now);
        let gist = links
            .iter()
            .find(|link| link.kind == EvidenceKind::GistProof);
        let obstacle = gist.and_then(evidence::standing);
        Self {
            common: obstacle.unwrap_or(Common::positive(Word::Done)),
            account: account(linked).clone(),
            ripe_at: gist.and_then(|gist| gist.ripe_at),
            evidence: links,
            falls_to,
            proof_url,
            approval_url: None,
            claim: kept.claim,
        }
    }

    fn page(&self) -> Page {
        let mut page = Page::new();
        let says = match &self.common.message {
            None => format!("{} holds {}", self.claim.did(), self.account),
            Some(message) => format!("signed and published, but the gist: {message}"),
        };
        page.outcome(self.common.outcome, says);
        page.field("proof", &self.proof_url);
        if let Some(remedy) = &self.common.remedy {
            page.field("what to do", remedy);
        }
        if let Some(falls_to) = &self.falls_to {
            page.field("falls to", falls_to.to_string());
        }
        if let Some(at) = self.ripe_at {
            page.field("gist mature", at.to_string());
        }
        if let Some(expires) = self.claim.expires() {
            page.field("expires", expires.to_string());
        }
        evidence::show(&mut page, &self.evidence);
        if let Some(url) = &self.approval_url {
            page.gap().line(format!(
                "The approval is not needed any more: end it at {url}"
            ));
        }
        page
    }
}

/// Returns the account as the platform names it now.
fn account(linked: &LinkedAccount) -> &Account {
    let seen = linked
        .evidence
        .first()
        .map(ObservedEvidence::<AccountEvidence>::evidence);
    seen.map_or(linked.account(), |seen| &seen.account)
}
