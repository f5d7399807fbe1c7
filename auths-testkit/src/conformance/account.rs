//! The contract of [`AccountProver`].

use async_trait::async_trait;

use super::report::{Check, Checked, Report, Violation, ensure, run, unless};
use crate::world::RegistryFault;
use auths_core::Timestamp;
use auths_core::claim::{KeyRing, PlatformClaim, Signed};
use auths_core::crypto::{KeyPair, Seed};
use auths_core::decide::{Standing, grade_account};
use auths_core::evidence::{AccountEvidence, EvidenceKind, LinkedAccount, ObservedEvidence};
use auths_core::identity::{Account, Did, Login, Platform, StableIds};
use auths_core::in_words;
use auths_core::policy::{DEFAULT_MATURITY, Policy};
use auths_core::ports::{AccountProofQuery, AccountProver, AccountProverError, ProofHint};
use auths_core::use_cases::sign_account_claim;

/// The state of the platform when the prover looks.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProofScene {
    /// The claim's account published the proof, and it names the claim's DID.
    Genuine,
    /// Another account published the proof.
    OfAnotherAccount,
    /// The claim's account published the proof, but it names this other DID.
    OfAnotherDid(Did),
    /// Nothing exists at the hint.
    Absent,
    /// The platform fails; otherwise as in [`ProofScene::Genuine`].
    InTrouble(RegistryFault),
}

/// The setting that excludes the checks of faults.
const TROUBLES: &str = "`AccountSubject::troubles`";

/// A prover with its platform.
#[non_exhaustive]
pub struct Proving {
    /// The prover.
    pub prover: Box<dyn AccountProver>,
    /// The place where it is to look.
    pub hint: ProofHint,
    _keep: Box<dyn std::any::Any + Send + Sync>,
}

impl std::fmt::Debug for Proving {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = f.debug_struct("Proving");
        shown
            .field("prover", &self.prover)
            .field("hint", &self.hint);
        shown.finish_non_exhaustive()
    }
}

impl Proving {
    /// Creates the value from a prover and the place to look.
    #[must_use]
    pub fn new(prover: impl AccountProver + 'static, hint: ProofHint) -> Self {
        Self {
            prover: Box::new(prover),
            hint,
            _keep: Box::new(()),
        }
    }

    /// Keeps a server alive as long as the prover.
    #[must_use]
    pub fn keeping(mut self, server: impl std::any::Any + Send + Sync) -> Self {
        self._keep = Box::new(server);
        self
    }
}

/// An [`AccountProver`] under test.
#[async_trait]
pub trait AccountSubject: Send + Sync {
    /// Returns the account whose proof is looked for, as the platform names it.
    fn account(&self) -> Account;

    /// Returns the present time on the platform.
    fn now(&self) -> Timestamp;

    /// Creates a prover and a platform in this state, for a claim of [`account`](AccountSubject::account).
    async fn open(&self, scene: &ProofScene, claim: &Signed<PlatformClaim>) -> Proving;

    /// Returns the faults that the subject can simulate.
    fn troubles(&self) -> &'static [RegistryFault] {
        &[
            RegistryFault::Forbidden,
            RegistryFault::Throttled,
            RegistryFault::ServerError,
            RegistryFault::Silent,
            RegistryFault::Cut,
            RegistryFault::OtherFormat,
            RegistryFault::NoBody,
            RegistryFault::OldCopy,
        ]
    }
}

/// Checks a prover against its contract.
pub async fn account_prover<S: AccountSubject>(subject: &S) -> Report {
    run("AccountProver", &checks::<S>(), subject).await
}

fn checks<S: AccountSubject>() -> Vec<Check<S>> {
    vec![
        Check {
            name: "proves-what-is-there",
            promise: "a proof of the claim's account and DID is evidence of both, by stable id where there is one",
            excluded_by: |_| None,
            run: |s| Box::pin(proves_what_is_there(s)),
        },
        Check {
            name: "says-when-and-where",
            promise: "the evidence says when it was seen, and at which addresses",
            excluded_by: |_| None,
            run: |s| Box::pin(says_when_and_where(s)),
        },
        Check {
            name: "another-account-is-not-the-claims",
            promise: "a proof that another account published never becomes one of the claim's account",
            excluded_by: |_| None,
            run: |s| Box::pin(another_account_is_not_the_claims(s)),
        },
        Check {
            name: "another-did-is-not-the-claims",
            promise: "a proof that names another DID never becomes one of the claim's DID",
            excluded_by: |_| None,
            run: |s| Box::pin(another_did_is_not_the_claims(s)),
        },
        Check {
            name: "nothing-proves-nothing",
            promise: "where nothing is there is no evidence of the claim",
            excluded_by: |_| None,
            run: |s| Box::pin(nothing_proves_nothing(s)),
        },
        Check {
            name: "trouble-is-no-answer",
            promise: "a failing platform is unavailable: neither a proof nor a refutation",
            excluded_by: |s| unless(!s.troubles().is_empty(), TROUBLES),
            run: |s| Box::pin(trouble_is_no_answer(s)),
        },
        Check {
            name: "as-old-as-its-answer",
            promise: "evidence from a copy of a cache was seen when the platform made it, not now",
            excluded_by: |s| unless(s.troubles().contains(&RegistryFault::OldCopy), TROUBLES),
            run: |s| Box::pin(is_as_old_as_its_answer(s)),
        },
        Check {
            name: "refuses-other-platforms",
            promise: "a claim of another platform's account is never proved here",
            excluded_by: |_| None,
            run: |s| Box::pin(refuses_other_platforms(s)),
        },
    ]
}

fn key(byte: u8) -> KeyPair {
    KeyPair::from_seed(&Seed::new([byte; 32].into()))
}

type Proof = Result<AccountEvidence, AccountProverError>;

async fn prove<S: AccountSubject>(
    subject: &S,
    scene: &ProofScene,
) -> Result<(Signed<PlatformClaim>, Proof), Violation> {
    let claim = sign_account_claim(&key(1), subject.account(), None, subject.now()).await?;
    let opened = subject.open(scene, &claim).await;
    let query = AccountProofQuery::new(claim.clone(), opened.hint, subject.now(), DEFAULT_MATURITY);
    Ok((claim, opened.prover.prove(&query).await))
}

/// Returns whether core grades the evidence higher than the claim alone.
fn supports(proof: &Proof, claim: &Signed<PlatformClaim>, now: Timestamp) -> bool {
    let Ok(evidence) = proof else { return false };
    let seen = vec![ObservedEvidence::live(evidence.clone())];
    let linked = LinkedAccount::new(claim.clone(), seen);
    let links = grade_account(&linked, &Policy::standard(), &KeyRing::intrinsic(), now);
    links
        .iter()
        .any(|l| l.kind != EvidenceKind::SelfReported && l.standing == Standing::Holds)
}

async fn proves_what_is_there<S: AccountSubject>(subject: &S) -> Checked {
    let (claim, proof) = prove(subject, &ProofScene::Genuine).await?;
    let evidence = proof?;
    let (account, did) = (&evidence.account, &evidence.did);
    let same = account.same_as(&claim.unverified().account) && did == claim.did();
    ensure!(same, "it is of {account} and names {did}");
    let held = supports(&Ok(evidence.clone()), &claim, subject.now());
    ensure!(held, "core takes it for no support: {:?}", evidence.proof);
    let ids = evidence.account.platform().stable_ids() == StableIds::Always;
    ensure!(
        !ids || evidence.account.id().is_some(),
        "the account has no id"
    );
    Ok(())
}

async fn says_when_and_where<S: AccountSubject>(subject: &S) -> Checked {
    let evidence = prove(subject, &ProofScene::Genuine).await?.1?;
    ensure!(
        evidence.observed_at == subject.now(),
        "it says that it was seen at {}, and it is {}",
        evidence.observed_at,
        subject.now()
    );
    ensure!(!evidence.sources.is_empty(), "it names no address");
    Ok(())
}

async fn another_account_is_not_the_claims<S: AccountSubject>(subject: &S) -> Checked {
    never_supports(subject, &ProofScene::OfAnotherAccount).await
}

async fn another_did_is_not_the_claims<S: AccountSubject>(subject: &S) -> Checked {
    let other = Did::from_key(&key(2).public());
    never_supports(subject, &ProofScene::OfAnotherDid(other)).await
}

async fn nothing_proves_nothing<S: AccountSubject>(subject: &S) -> Checked {
    never_supports(subject, &ProofScene::Absent).await
}

async fn never_supports<S: AccountSubject>(subject: &S, scene: &ProofScene) -> Checked {
    let (claim, proof) = prove(subject, scene).await?;
    ensure!(
        !supports(&proof, &claim, subject.now()),
        "it gives evidence of the claim: {proof:?}"
    );
    ensure!(
        !matches!(proof, Err(AccountProverError::Invalid { .. })),
        "it blames the caller: {proof:?}"
    );
    Ok(())
}

async fn trouble_is_no_answer<S: AccountSubject>(subject: &S) -> Checked {
    let played = subject.troubles().iter();
    for trouble in played.filter(|t| **t != RegistryFault::OldCopy) {
        let (_, proof) = prove(subject, &ProofScene::InTrouble(*trouble)).await?;
        let Err(AccountProverError::Unavailable(why)) = &proof else {
            return Err(Violation::Broken(format!("{trouble:?} became {proof:?}")));
        };
        ensure!(
            why.is_retryable() || !trouble.is_passing(),
            "{trouble:?} is over by itself, and became {why:?}"
        );
    }
    Ok(())
}

async fn is_as_old_as_its_answer<S: AccountSubject>(subject: &S) -> Checked {
    let scene = ProofScene::InTrouble(RegistryFault::OldCopy);
    match prove(subject, &scene).await?.1 {
        Err(AccountProverError::Unavailable(_)) => {}
        Err(error) => return Err(Violation::Broken(format!("an old copy became {error:?}"))),
        Ok(evidence) => ensure!(
            subject.now().since(evidence.observed_at) >= RegistryFault::COPY_AGE,
            "a copy of {} ago was seen at {}, it says, and it is {}",
            in_words(RegistryFault::COPY_AGE),
            evidence.observed_at,
            subject.now()
        ),
    }
    Ok(())
}

async fn refuses_other_platforms<S: AccountSubject>(subject: &S) -> Checked {
    let claim = sign_account_claim(&key(1), subject.account(), None, subject.now()).await?;
    let opened = subject.open(&ProofScene::Genuine, &claim).await;
    // On platforms without ids, a name alone identifies an account.
    let mine = subject.account();
    let others = [Platform::NPM, Platform::PYPI];
    let Some(platform) = others.into_iter().find(|p| p != mine.platform()) else {
        return Ok(());
    };
    let login = Login::parse(&platform, "alice")?;
    let elsewhere =
        sign_account_claim(&key(1), Account::new(platform, login), None, subject.now()).await?;
    let query = AccountProofQuery::new(
        elsewhere.clone(),
        opened.hint,
        subject.now(),
        DEFAULT_MATURITY,
    );
    let proof = opened.prover.prove(&query).await;
    let proved = supports(&proof, &elsewhere, subject.now());
    ensure!(
        !proved,
        "it proves an account of another platform: {proof:?}"
    );
    Ok(())
}
