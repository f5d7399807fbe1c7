//! Linking a GitHub account: the device flow, the claim, its gist, and the order in which they are written.

use std::time::Duration;

use auths_core::Timestamp;
use auths_core::claim::{Observation, Signed, SigningRequest};
use auths_core::decide::Obstacle;
use auths_core::evidence::{
    AccountEvidence, AccountProof, Evidence, GistState, LinkedAccount, ObservedEvidence,
};
use auths_core::identity::Did;
use auths_core::ports::{
    KeptGist, KeptLink, LinkStore, RevocationMemory, RevocationSource, Signer,
};
use auths_core::use_cases::{
    RevocableParts, collect_revocations, prove_account, sign_account_claim,
};
use auths_core::{Policy, RefutedReason, Unavailable, UnavailableReason};

use crate::accounts::GitHub;
use crate::device_flow::{DeviceFlow, DevicePrompt, FlowRequest, FlowToken};
use crate::link_error::{GistStanding, LinkAccountError, LinkFailure};

/// The number of tries to find a new gist. GitHub may show it a moment later.
const LOOKS: u32 = 4;
/// The time before the second try. Each further one waits that much longer.
const FIRST_WAIT: Duration = Duration::from_secs(1);

/// A step of [`LinkAccount::run`], as it begins.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum LinkStep<'a> {
    /// The person approved. GitHub is asked whose approval it is.
    ReadingAccount,
    /// The signed claim is in the store. From now on it is known to later processes, and nothing is published yet.
    Kept(&'a KeptLink),
    /// The gist is requested. It may exist from now on, whatever becomes of the answer or of this process.
    Publishing,
    /// The gist exists, and the store knows its id and address. It is read as everybody reads it.
    ReadingBack(&'a KeptGist),
}

/// A front end that is shown what happens while an account is linked.
///
/// ```
/// use auths_adapters_github::{DevicePrompt, LinkProgress, LinkStep};
///
/// struct Terminal;
///
/// impl LinkProgress for Terminal {
///     fn prompt(&self, prompt: &DevicePrompt) {
///         println!("type {} at {} to link {}", prompt.user_code, prompt.url, prompt.did);
///     }
///
///     fn step(&self, step: LinkStep<'_>) {
///         if let LinkStep::Publishing = step {
///             println!("if this is interrupted now, the gist may be there nevertheless");
///         }
///     }
/// }
/// ```
pub trait LinkProgress: Send + Sync {
    /// Shows the code to the person, with the DID that is to be linked. It is called again before each poll, with the time left.
    fn prompt(&self, prompt: &DevicePrompt);

    /// Is told of each step as it begins.
    fn step(&self, step: LinkStep<'_>);
}

/// An account that was just linked.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct NewLink {
    /// The link as it is stored.
    pub kept: KeptLink,
    /// The gist that holds the claim.
    pub gist: KeptGist,
    /// The evidence of the gist, as far as GitHub shows it yet, and last the approval, live.
    pub account: LinkedAccount,
    /// The time that the claim was signed for, and the gist was read.
    pub now: Timestamp,
}

/// Links a GitHub account to a DID: the person approves in a device flow, the key signs the claim, and a public gist holds it.
///
/// # The order of writes
/// 1. The recovery DID of the key is remembered, and the signed claim is kept, **before** the gist is requested. Once it was
///    requested it may exist, even if the answer is lost or the process ends.
/// 2. The gist is published. If GitHub refuses, the claim is forgotten: no gist exists. If the answer is lost, the claim stays,
///    [unpublished](KeptLink::is_unpublished), and the error says that a gist may exist.
/// 3. The gist's id and address are kept, before it is read back. The state in which it is read is kept too.
/// 4. Earlier claims of the DID to the account are forgotten if they expired, or if GitHub *has just shown the new gist* and
///    refutes the earlier one. A 404 alone forgets nothing: a server that does not show the new gist either says nothing. A claim
///    whose gist still exists is kept, because the new gist has to become mature first. Another process may publish an earlier
///    claim meanwhile: [`LinkStore::forget`] leaves it then.
///
/// A process that is killed between any two steps leaves a link that the next run, or a
/// [review](auths_core::use_cases::LinkReviewer), finds.
///
/// # Security
/// The token is used to read whose it is and to publish, and is dropped then; it is kept nowhere. The person must see the DID
/// beside the code ([`LinkProgress::prompt`]): somebody who starts a flow and sends the code to another person links that
/// person's account otherwise.
///
/// ```
/// use auths_adapters_github::{DeviceFlow, GitHub, LinkAccount, LinkAccountError, LinkProgress, NewLink};
/// use auths_core::ports::{LinkStore, RevocationMemory, Signer};
///
/// async fn link(
///     flow: &DeviceFlow,
///     github: &GitHub,
///     links: &dyn LinkStore,
///     memory: &dyn RevocationMemory,
///     signer: &dyn Signer,
///     progress: &dyn LinkProgress,
/// ) -> Result<NewLink, LinkAccountError> {
///     LinkAccount::new(flow, github, links, memory).run(signer, None, progress).await
/// }
/// ```
#[derive(Debug)]
pub struct LinkAccount<'a> {
    flow: &'a DeviceFlow,
    github: &'a GitHub,
    links: &'a dyn LinkStore,
    memory: &'a dyn RevocationMemory,
    sources: Vec<&'a dyn RevocationSource>,
}

impl<'a> LinkAccount<'a> {
    /// Creates the use case: approvals through `flow`, gists at `github`, claims kept in `links`, recovery DIDs in `memory`.
    #[must_use]
    pub fn new(
        flow: &'a DeviceFlow,
        github: &'a GitHub,
        links: &'a dyn LinkStore,
        memory: &'a dyn RevocationMemory,
    ) -> Self {
        Self {
            flow,
            github,
            links,
            memory,
            sources: Vec::new(),
        }
    }

    /// Sets the sources of revocations. A revoked earlier claim can be forgotten; without sources it is kept until it expires.
    #[must_use]
    pub fn with_revocations(mut self, sources: Vec<&'a dyn RevocationSource>) -> Self {
        self.sources = sources;
        self
    }

    /// Runs the device flow, and links the account of the person who approves. `recovery` is the recovery DID of the key.
    ///
    /// A new gist that GitHub does not show yet is no error: [`NewLink::account`] says what was seen.
    ///
    /// # Errors
    /// [`LinkAccountError`]: what failed, and whether a gist exists.
    pub async fn run(
        &self,
        signer: &dyn Signer,
        recovery: Option<Did>,
        progress: &dyn LinkProgress,
    ) -> Result<NewLink, LinkAccountError> {
        let did = signer.method().did().clone();
        let request = FlowRequest::new(did).asking("gist");
        let show = |prompt: &DevicePrompt| progress.prompt(prompt);
        let token = self.flow.run(request, &show).await?;
        progress.step(LinkStep::ReadingAccount);
        let now = self.flow.now();
        let approved = self.github.approved(&token, now).await?;
        may_publish(&token)?;

        let mut kept = signed(signer, &approved, recovery, now).await?;
        let earlier = self.links.of(kept.claim.did(), &approved.account).await?;
        self.remember_recovery(&kept).await?;
        self.links.keep(&kept).await?;
        progress.step(LinkStep::Kept(&kept));
        progress.step(LinkStep::Publishing);
        let gist = self.publish(&token, &kept).await?;
        drop(token);
        let (account, gist) = self
            .read_back(&mut kept, gist.clone(), &earlier, now, progress)
            .await
            .map_err(|failure| LinkAccountError::new(failure, GistStanding::Published(gist)))?;
        let mut account = account;
        account.evidence.push(ObservedEvidence::live(approved));
        Ok(NewLink {
            kept,
            gist,
            account,
            now,
        })
    }

    async fn remember_recovery(&self, kept: &KeptLink) -> Result<(), LinkAccountError> {
        let Some(recovery) = &kept.claim.unverified().recovery else {
            return Ok(());
        };
        let did = kept.claim.did();
        Ok(self.memory.remember_recovery(did, recovery).await?)
    }

    /// Publishes the gist of a claim that is kept already. A refusal forgets the claim.
    async fn publish(
        &self,
        token: &FlowToken,
        kept: &KeptLink,
    ) -> Result<KeptGist, LinkAccountError> {
        let why = match self.github.publish(token.secret(), &kept.claim).await {
            Ok(published) => return Ok(KeptGist::new(published.id.to_string(), published.url)),
            Err(why) => why,
        };
        if is_refusal(&why) {
            self.links.forget(kept).await?;
            return Err(LinkFailure::Publish(why).into());
        }
        // Another process may have taken the claim for one that ended without a gist.
        let again = self.links.keep(kept).await;
        let failure = again.map_or_else(LinkFailure::Links, |()| LinkFailure::Publish(why));
        Err(LinkAccountError::new(failure, GistStanding::Unknown))
    }

    /// Keeps the gist, reads it back, and forgets what it replaces.
    async fn read_back(
        &self,
        kept: &mut KeptLink,
        gist: KeptGist,
        earlier: &[KeptLink],
        now: Timestamp,
        progress: &dyn LinkProgress,
    ) -> Result<(LinkedAccount, KeptGist), LinkFailure> {
        kept.gist = Some(gist.clone());
        self.links.keep(kept).await?;
        progress.step(LinkStep::ReadingBack(&gist));
        let linked = self.read_gist(kept, now).await;
        let state = gist_state(&linked);
        let is_shown = state.is_some();
        let gist = match state {
            Some(state) => gist.in_state(state),
            None => gist,
        };
        if is_shown {
            kept.gist = Some(gist.clone());
            self.links.keep(kept).await?;
        }
        for old in earlier.iter().filter(|k| k.claim.id() != kept.claim.id()) {
            self.forget_if_spent(old, is_shown, now).await?;
        }
        Ok((linked, gist))
    }

    /// Reads the gist, which GitHub may not show to everyone yet.
    async fn read_gist(&self, kept: &KeptLink, now: Timestamp) -> LinkedAccount {
        let mut looks = 1;
        loop {
            let linked = self.prove(kept, now).await;
            let mut obstacles = linked.attempts.iter().map(|attempt| &attempt.obstacle);
            if looks == LOOKS || !obstacles.any(is_gone) {
                return linked;
            }
            self.flow.wait(FIRST_WAIT * looks).await;
            looks += 1;
        }
    }

    async fn prove(&self, kept: &KeptLink, now: Timestamp) -> LinkedAccount {
        let maturity = Policy::standard().maturity();
        prove_account(&kept.link(), Some(self.github), now, maturity).await
    }

    /// Forgets an earlier claim that can never count again. `is_shown` says whether GitHub has just shown the new gist.
    async fn forget_if_spent(
        &self,
        old: &KeptLink,
        is_shown: bool,
        now: Timestamp,
    ) -> Result<(), LinkFailure> {
        let Some(held) = self.links.again(old).await? else {
            return Ok(());
        };
        let is_spent = held.is_expired(now)
            || is_shown && (held.is_unpublished() || self.is_refuted(&held, now).await);
        if is_spent {
            // Left if another process has published it since it was read.
            self.links.forget(&held).await?;
        }
        Ok(())
    }

    /// Returns whether the gist of a claim, or a revocation, refutes it. A failure to read shows nothing.
    async fn is_refuted(&self, old: &KeptLink, now: Timestamp) -> bool {
        let (about, keys) = (RevocableParts::claim(&old.claim), Default::default());
        let revocations = collect_revocations(&self.sources, self.memory, &about, &keys, now).await;
        let revoked = revocations.check(&old.claim, &[], &keys, now);
        let attempts = self.prove(old, now).await.attempts.into_iter();
        let mut obstacles = attempts.map(|a| a.obstacle).chain(revoked.err());
        obstacles.any(|obstacle| matches!(obstacle, Obstacle::Refuted(_)))
    }
}

/// Signs the claim, and the observation of the approval.
async fn signed(
    signer: &dyn Signer,
    approved: &AccountEvidence,
    recovery: Option<Did>,
    now: Timestamp,
) -> Result<KeptLink, LinkFailure> {
    let claim = sign_account_claim(signer, approved.account.clone(), recovery, now).await?;
    let seen = Observation::new(Evidence::Account(Box::new(approved.clone())));
    let seen: Signed<Observation> = SigningRequest::new(seen, now).sign(signer).await?;
    let mut kept = KeptLink::new(claim);
    kept.observations = vec![seen];
    Ok(kept)
}

/// Checks that the approval allows publishing.
fn may_publish(token: &FlowToken) -> Result<(), LinkFailure> {
    if token.has_scope("gist") {
        return Ok(());
    }
    let detail = "the approval leaves out the scope gist, which publishing the proof needs";
    Err(LinkFailure::Approval(Unavailable::new(
        UnavailableReason::MissingScope,
        detail,
    )))
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
            let status = why.raw_detail.rsplit(' ').next();
            let status = status.and_then(|status| status.parse().ok());
            status.is_some_and(|status: u16| (400..500).contains(&status))
        }
        _ => false,
    }
}

fn is_gone(obstacle: &Obstacle) -> bool {
    matches!(obstacle, Obstacle::Refuted(r) if r.reason == RefutedReason::GistDeleted)
}

/// Returns the state of the gist that was just read.
fn gist_state(linked: &LinkedAccount) -> Option<GistState> {
    let mut proofs = linked.evidence.iter().map(|seen| &seen.evidence().proof);
    proofs.find_map(|proof| match proof {
        AccountProof::GistProof { state, .. } => state.clone(),
        _ => None,
    })
}
