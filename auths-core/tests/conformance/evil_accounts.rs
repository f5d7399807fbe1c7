//! Provers and contexts that lie.

use std::time::Duration;

use async_trait::async_trait;
use auths_core::claim::{PlatformClaim, Signed};
use auths_core::crypto::{KeyPair, Seed};
use auths_core::evidence::{AccountEvidence, AccountProof, LinkedAccount};
use auths_core::ports::{
    AccountProofQuery, AccountProver, AccountProverError, LinkedAccountsQuery, PlatformContext,
};
use auths_core::reason::{Refuted, RefutedReason, Unavailable, UnavailableReason};
use auths_core::{Account, Did, Origin, Platform, Timestamp};
use auths_testkit::block_on;
use auths_testkit::conformance::{
    AccountSubject, ContextSubject, ProofScene, Proving, account_prover, platform_context,
};

use crate::doubles::Statements;
use crate::{assert_caught, assert_every_check_caught};

#[derive(Debug, Clone, Copy, PartialEq)]
enum Lie {
    SeesNothing,
    NamesAnotherDid,
    NamesAnotherAccount,
    IsFromAnotherTime,
    OldIsNow,
    NamesNoAddress,
    ProvesEverything,
    ProvesOtherPlatforms,
    TroubleIsNo,
    TroubleIsForEver,
    AbsentIsYourFault,
}

const LIES: &[(Lie, &str)] = &[
    (Lie::SeesNothing, "proves-what-is-there"),
    (Lie::NamesAnotherDid, "proves-what-is-there"),
    (Lie::NamesAnotherAccount, "proves-what-is-there"),
    (Lie::IsFromAnotherTime, "says-when-and-where"),
    (Lie::NamesNoAddress, "says-when-and-where"),
    (Lie::OldIsNow, "as-old-as-its-answer"),
    (Lie::ProvesEverything, "another-account-is-not-the-claims"),
    (Lie::ProvesEverything, "another-did-is-not-the-claims"),
    (Lie::ProvesEverything, "nothing-proves-nothing"),
    (Lie::ProvesEverything, "trouble-is-no-answer"),
    (Lie::AbsentIsYourFault, "nothing-proves-nothing"),
    (Lie::TroubleIsNo, "trouble-is-no-answer"),
    (Lie::TroubleIsForEver, "trouble-is-no-answer"),
    (Lie::ProvesOtherPlatforms, "refuses-other-platforms"),
];

#[derive(Debug)]
struct Evil {
    lie: Lie,
    scene: ProofScene,
    honest: Box<dyn AccountProver>,
}

/// Whatever the claim says, as if a device flow had been run for it.
fn made_up(query: &AccountProofQuery) -> AccountEvidence {
    let (account, did) = (query.claim.unverified().account.clone(), query.claim.did());
    let proof: AccountProof =
        serde_json::from_value(serde_json::json!({ "device-flow": {} })).unwrap();
    let mut evidence = AccountEvidence::new(account, did.clone(), query.now, proof);
    evidence.sources = vec!["https://registry.example".to_owned()];
    evidence
}

#[async_trait]
impl AccountProver for Evil {
    fn platform(&self) -> &Platform {
        self.honest.platform()
    }

    fn accounts_at(&self) -> Option<Origin> {
        self.honest.accounts_at()
    }

    async fn prove(
        &self,
        query: &AccountProofQuery,
    ) -> Result<AccountEvidence, AccountProverError> {
        let trouble = matches!(self.scene, ProofScene::InTrouble(_));
        let elsewhere = query.claim.unverified().account.platform() != self.platform();
        let refuted = |by| Err(Refuted::new(by, "says the liar").into());
        match self.lie {
            Lie::SeesNothing => return refuted(RefutedReason::StatementAbsent),
            Lie::ProvesEverything => return Ok(made_up(query)),
            Lie::ProvesOtherPlatforms if elsewhere => return Ok(made_up(query)),
            Lie::TroubleIsNo if trouble => return refuted(RefutedReason::NotListed),
            Lie::TroubleIsForEver if trouble => {
                return Err(Unavailable::new(UnavailableReason::Forbidden, "says the liar").into());
            }
            Lie::AbsentIsYourFault if self.scene == ProofScene::Absent => {
                let what = "your fault".to_owned();
                return Err(AccountProverError::Invalid { what });
            }
            _ => {}
        }
        let mut evidence = self.honest.prove(query).await?;
        match self.lie {
            Lie::NamesAnotherDid => {
                let other = KeyPair::from_seed(&Seed::new([77; 32].into()));
                evidence.did = Did::from_key(&other.public());
            }
            Lie::NamesAnotherAccount => evidence.account = "pypi:mallory".parse().unwrap(),
            Lie::IsFromAnotherTime => {
                evidence.observed_at = evidence.observed_at + Duration::from_secs(60);
            }
            Lie::NamesNoAddress => evidence.sources.clear(),
            Lie::OldIsNow => evidence.observed_at = query.now,
            _ => {}
        }
        Ok(evidence)
    }
}

struct Liar(Lie);

#[async_trait]
impl AccountSubject for Liar {
    fn account(&self) -> Account {
        Statements.account()
    }

    fn now(&self) -> Timestamp {
        Statements.now()
    }

    async fn open(&self, scene: &ProofScene, claim: &Signed<PlatformClaim>) -> Proving {
        let honest = Statements.open(scene, claim).await;
        let hint = honest.hint.clone();
        let evil = Evil {
            lie: self.0,
            scene: scene.clone(),
            honest: honest.prover,
        };
        Proving::new(evil, hint)
    }
}

#[test]
fn every_lying_prover_is_caught_by_name() {
    let honest = block_on(account_prover(&Statements));
    honest.assert();
    for (lie, check) in LIES {
        let report = block_on(account_prover(&Liar(*lie)));
        assert_caught(lie, check, &report);
    }
    let caught: Vec<_> = LIES.iter().map(|(_, check)| *check).collect();
    assert_every_check_caught(&honest, &caught);
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum ContextLie {
    LeavesOneOut,
    ShowsOthers,
    UnreadableIsNobody,
}

const CONTEXT_LIES: &[(ContextLie, &str)] = &[
    (ContextLie::LeavesOneOut, "shows-every-account"),
    (ContextLie::ShowsOthers, "shows-no-other-did"),
    (ContextLie::UnreadableIsNobody, "unreadable-is-not-nobody"),
];

#[derive(Debug)]
struct EvilContext {
    lie: ContextLie,
    claims: Vec<Signed<PlatformClaim>>,
}

#[async_trait]
impl PlatformContext for EvilContext {
    async fn accounts(
        &self,
        query: &LinkedAccountsQuery,
    ) -> Result<Vec<LinkedAccount>, Unavailable> {
        let all = self.lie == ContextLie::ShowsOthers;
        let shown = self.claims.iter().filter(|c| all || *c.did() == query.did);
        let skip = usize::from(self.lie == ContextLie::LeavesOneOut);
        let linked = shown.skip(skip).cloned();
        Ok(linked.map(|c| LinkedAccount::new(c, Vec::new())).collect())
    }
}

struct LyingContexts(ContextLie);

impl ContextSubject for LyingContexts {
    type Context = EvilContext;

    fn knowing(&self, claims: Vec<Signed<PlatformClaim>>) -> EvilContext {
        EvilContext {
            lie: self.0,
            claims,
        }
    }

    fn unreadable(&self, _: Vec<Signed<PlatformClaim>>) -> Option<EvilContext> {
        Some(self.knowing(Vec::new()))
    }
}

#[test]
fn every_lying_context_is_caught_by_name() {
    for (lie, check) in CONTEXT_LIES {
        let report = block_on(platform_context(&LyingContexts(*lie)));
        assert_caught(lie, check, &report);
    }
}
