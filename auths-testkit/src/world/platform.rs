//! The port of account proofs for the world's GitHub.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;

use super::access::Token;
use super::registry::lock;
use super::state::World;
use auths_core::Timestamp;
use auths_core::claim::{Challenge, PlatformClaim, Signed};
use auths_core::evidence::{AccountEvidence, AccountProof, GistState};
use auths_core::identity::{Account, Did, Origin, Platform};
use auths_core::ports::{
    AccountProofQuery, AccountProver, AccountProverError, CLAIM_FILE, ProofHint,
};
use auths_core::reason::{Refuted, RefutedReason, Unavailable, UnavailableReason};

/// A prover of the world's GitHub accounts, by a gist or by a token from a device flow.
///
/// A gist is looked up by its id. The evidence names the gist's *owner* by number, the DID and the claim in the gist, and the
/// time since when the gist holds them unchanged.
///
/// ```
/// use std::sync::{Arc, Mutex};
/// use auths_testkit::world::{Grant, SimulatedPlatform, World};
///
/// let mut world = World::github("2026-01-01T00:00:00Z".parse()?);
/// let alice = world.sign_up("alice")?;
/// world.register_app("Iv1.auths", true);
/// let flow = world.begin_device_flow("Iv1.auths", &[Grant::Gist])?;
/// world.answer_device_flow(&alice, &flow.user_code, true)?;
/// let token = world.poll_device_flow("Iv1.auths", &flow.device_code)?;
///
/// let now = world.now();
/// let github = SimulatedPlatform::new(Arc::new(Mutex::new(world))).with_app("Iv1.auths");
/// let did = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK".parse()?;
/// let evidence = github.present(&token, did, None, now)?;
/// assert_eq!(evidence.account.login().as_str(), "alice");
/// assert_eq!(evidence.proof.kind().as_str(), "device-flow");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct SimulatedPlatform {
    world: Arc<Mutex<World>>,
    platform: Platform,
    origin: Option<Origin>,
    app: Option<String>,
    failures: Mutex<VecDeque<AccountProverError>>,
}

impl SimulatedPlatform {
    /// Creates a prover of the world's GitHub as the public one.
    #[must_use]
    pub fn new(world: Arc<Mutex<World>>) -> Self {
        Self {
            world,
            platform: Platform::GITHUB,
            origin: None,
            app: None,
            failures: Mutex::default(),
        }
    }

    /// Sets the origin of a configured server.
    #[must_use]
    pub fn at(mut self, origin: Origin) -> Self {
        self.origin = Some(origin);
        self
    }

    /// Sets the verifier's own OAuth app. A token that was issued to this app was approved in a device flow.
    #[must_use]
    pub fn with_app(mut self, client_id: &str) -> Self {
        self.app = Some(client_id.to_owned());
        self
    }

    /// Answers the next query with this error. Several errors are returned in turn.
    pub fn fail_next(&self, error: AccountProverError) {
        lock(&self.failures).push_back(error);
    }

    /// Returns the evidence of a person who presents a token for a DID: the token's account, and whether the token was issued to
    /// this verifier's own app. `challenge` is the one that the flow was run for.
    ///
    /// # Errors
    /// [`AccountProverError::Unavailable`] for a dead token; [`AccountProverError::Invalid`] for a token of no account here.
    pub fn present(
        &self,
        token: &Token,
        did: Did,
        challenge: Option<Challenge>,
        now: Timestamp,
    ) -> Result<AccountEvidence, AccountProverError> {
        self.next_failure()?;
        let world = lock(&self.world);
        let account = world.whoami(token).map_err(|refused| {
            let why = Unavailable::new(UnavailableReason::Forbidden, refused.to_string());
            AccountProverError::from(why)
        })?;
        if *account.platform() != self.platform {
            let what = format!("it is a token of {}", account.platform());
            return Err(AccountProverError::Invalid { what });
        }
        if world.counts_at(token) != Some(self.platform.as_str()) {
            let detail = "it is a token of a registry, which is none here";
            return Err(Unavailable::new(UnavailableReason::Forbidden, detail).into());
        }
        let own_app = self.app.is_some() && world.app(token) == self.app.as_deref();
        let proof = match own_app {
            true => AccountProof::DeviceFlow { challenge },
            false => AccountProof::TokenHolder {},
        };
        Ok(self.evidence(account, did, now, proof, "user"))
    }

    fn evidence(
        &self,
        account: Account,
        did: Did,
        now: Timestamp,
        proof: AccountProof,
        source: &str,
    ) -> AccountEvidence {
        let account = account.at(self.origin.clone());
        let mut evidence = AccountEvidence::new(account, did, now, proof);
        let origin = self.origin.as_ref();
        let origin = origin.map_or_else(|| "the simulated GitHub".to_owned(), Origin::to_string);
        evidence.sources = vec![format!("{origin}/{source}")];
        evidence
    }

    /// Returns why a gist does not exist.
    fn gone(&self, world: &World, id: &str, claimed: &Account) -> AccountProverError {
        let number = claimed.id().and_then(|id| id.as_str().parse().ok());
        if number.is_some_and(|number| world.account(number).is_some()) {
            let detail = format!("there is no gist {id}, and {claimed} is there");
            return refuted(RefutedReason::GistDeleted, detail);
        }
        let login = claimed.login().as_str();
        if world.account_by_login(&self.platform, login).is_some() {
            let detail = format!("{login} is another account now");
            return refuted(RefutedReason::LoginReregistered, detail);
        }
        Unavailable::new(
            UnavailableReason::AccountHidden,
            format!("there is no gist {id}"),
        )
        .into()
    }

    fn next_failure(&self) -> Result<(), AccountProverError> {
        let failure = lock(&self.failures).pop_front();
        failure.map_or(Ok(()), Err)
    }
}

#[async_trait]
impl AccountProver for SimulatedPlatform {
    fn platform(&self) -> &Platform {
        &self.platform
    }

    fn accounts_at(&self) -> Option<Origin> {
        self.origin.clone()
    }

    async fn prove(
        &self,
        query: &AccountProofQuery,
    ) -> Result<AccountEvidence, AccountProverError> {
        let ProofHint::Gist(hint) = &query.hint else {
            let what = "GitHub accounts are proved by a gist".to_owned();
            return Err(AccountProverError::Invalid { what });
        };
        self.next_failure()?;
        let (world, id) = (lock(&self.world), &hint.id);
        let claimed = &query.claim.unverified().account;
        let Some(gist) = world.gist(id) else {
            return Err(self.gone(&world, id, claimed));
        };
        if let Some(original) = gist.fork_of() {
            let detail = format!("gist {id} is a fork of {original}");
            return Err(refuted(RefutedReason::GistForked, detail));
        }
        if gist.is_truncated() {
            let detail = format!("gist {id} is larger than what is shown of it");
            return Err(Unavailable::new(UnavailableReason::Truncated, detail).into());
        }
        let owner = world.account(gist.owner_id());
        let owner =
            owner.ok_or_else(|| Unavailable::new(UnavailableReason::MissingField, "no owner"))?;
        let account = owner.clone().at(self.origin.clone());
        if !account.same_as(claimed) {
            let by = match account.same_login(claimed) {
                true => RefutedReason::LoginReregistered,
                false => RefutedReason::GistOfAnother,
            };
            return Err(refuted(by, format!("gist {id} belongs to {account}")));
        }
        let revision = gist.revisions().last().map(|r| r.version.clone());
        let was_edited = || {
            let recorded = hint.recorded.as_ref();
            recorded.is_some_and(|r| r.revision.is_some() && r.revision != revision)
        };
        // A file of another name is not read.
        let text = match gist.file() == CLAIM_FILE {
            true => gist.content(),
            false => "",
        };
        let found = match Signed::<PlatformClaim>::parse(text.as_bytes()) {
            Ok(found) if found.id() == query.claim.id() => found,
            _ if was_edited() => {
                let detail = format!("gist {id} was last changed at {}", gist.updated());
                return Err(refuted(RefutedReason::GistEdited, detail));
            }
            Err(_) => {
                let detail = format!("gist {id} holds no platform claim");
                return Err(refuted(RefutedReason::GistWithoutClaim, detail));
            }
            Ok(found) if !found.unverified().account.same_as(claimed) => {
                let detail = format!("it names {}", found.unverified().account);
                return Err(refuted(RefutedReason::GistNamesAnother, detail));
            }
            Ok(found) => {
                let detail = format!("gist {id} holds the claim {}", found.id());
                return Err(refuted(RefutedReason::GistOtherClaim, detail));
            }
        };
        let proof = AccountProof::GistProof {
            gist: id.clone(),
            claim: found.id().clone(),
            unchanged_since: gist.updated(),
            state: Some(GistState::new(
                revision,
                found.id().to_string(),
                gist.created(),
            )),
        };
        let source = format!("gists/{id}");
        Ok(self.evidence(owner, found.did().clone(), query.now, proof, &source))
    }
}

fn refuted(by: RefutedReason, detail: String) -> AccountProverError {
    Refuted::new(by, detail).into()
}

#[cfg(test)]
mod tests;
