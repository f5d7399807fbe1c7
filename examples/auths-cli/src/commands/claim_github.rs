//! `auths id claim github`: shows the code of the device flow and the steps of linking, and what the new link is worth.

use auths_adapters_github::{
    CLAIM_FILE, DevicePrompt, GistStanding, LinkAccount, LinkAccountError, LinkFailure,
    LinkProgress, LinkStep, NewLink,
};
use auths_core::claim::{PlatformClaim, Signed};
use auths_core::decide::LinkReport;
use auths_core::evidence::{AccountEvidence, LinkedAccount, ObservedEvidence};
use auths_core::{Account, CapabilitySet, Policy, Reason, Timestamp, UnavailableReason};
use serde::Serialize;

use super::Context;
use crate::answer::Common;
use crate::args::GithubClaim;
use crate::evidence;
use crate::exit::{Exit, Word};
use crate::failure::Failure;
use crate::output::Output;
use crate::page::Page;
use crate::progress::{Countdown, WaitingFor};
use crate::revocations::Sources;
use auths_keystore::FileLinks;

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

    let (links, sources) = (home.links(), Sources::new(&[], &home));
    let progress = Shown {
        output: context.output,
        countdown: Countdown::default(),
        waiting_for: WaitingFor::default(),
        links: &links,
    };
    let linking = LinkAccount::new(&flow, &github, &links, sources.memory())
        .with_revocations(sources.ports());
    let linked = linking.run(&*signer, recovery, &progress);
    let linked = progress.waiting_for.show(linked).await;
    progress.countdown.end();
    let linked = linked.map_err(not_linked)?;
    let document = ClaimAnswer {
        approval_url,
        ..ClaimAnswer::new(linked)
    };
    let page = document.page();
    Ok(context.output.answer(&document.common, &document, &page))
}

/// What is shown while an account is linked.
struct Shown<'a> {
    output: Output,
    countdown: Countdown,
    waiting_for: WaitingFor,
    links: &'a FileLinks,
}

impl LinkProgress for Shown<'_> {
    fn prompt(&self, prompt: &DevicePrompt) {
        say(prompt, &self.countdown, self.output);
    }

    fn step(&self, step: LinkStep<'_>) {
        self.waiting_for.now(match step {
            LinkStep::ReadingAccount => {
                self.countdown.end();
                "asking who approved"
            }
            LinkStep::Kept(kept) => {
                self.output.note(&format!(
                    "the claim is kept in {}, and published in a public gist of {}; if this is interrupted now, the gist may \
                     be there nevertheless",
                    self.links.path_of(kept).display(),
                    kept.claim.unverified().account.login()
                ));
                ""
            }
            LinkStep::Publishing => "publishing the gist",
            LinkStep::ReadingBack(_) => "reading the gist back",
            _ => "",
        });
    }
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

/// Returns the answer where no account was linked. The person gave no token, so no other one can be given.
fn not_linked(error: LinkAccountError) -> Failure {
    let LinkAccountError { failure, gist, .. } = error;
    let (is_publishing, reason) = match &failure {
        LinkFailure::Approval(why) => (false, why.reason),
        LinkFailure::Publish(why) => (true, why.reason),
        _ => return failure.into(),
    };
    let failure = Failure::from(failure);
    if gist == GistStanding::Unknown {
        let remedy = format!(
            "look among your gists on GitHub for a new one with a file {CLAIM_FILE}, and delete it if it is there; then run \
             the command again, which publishes another ({})",
            reason.remedy(),
        );
        return failure
            .adding("the gist may be there nevertheless")
            .remedy(remedy);
    }
    let failure = match reason == UnavailableReason::MissingScope {
        true => {
            failure.remedy("run the command again, and approve everything that the page asks for")
        }
        false => failure,
    };
    match is_publishing {
        true => failure.adding("no gist was made, and the claim is not kept"),
        false => failure,
    }
}

impl ClaimAnswer {
    fn new(linked: NewLink) -> Self {
        let support = evidence::support(&linked.account, &Policy::standard(), linked.now);
        let obstacle = support.gist().and_then(evidence::standing);
        Self {
            common: obstacle.unwrap_or(Common::positive(Word::Done)),
            account: account(&linked.account).clone(),
            ripe_at: support.gist().and_then(|gist| gist.ripe_at),
            evidence: support.links,
            falls_to: support.falls_to,
            proof_url: linked.gist.url,
            approval_url: None,
            claim: linked.kept.claim,
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
