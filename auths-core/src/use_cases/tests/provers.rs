//! Several provers of one platform: each account is proved by the one of its own server.

use super::*;
use crate::ports::{
    AccountProofQuery, AccountProverError, LinkedAccountsQuery, PlatformContext, ProofHint,
};

/// Proves whatever it is asked, and says that it was asked.
#[derive(Debug)]
struct At(Option<Origin>);

#[async_trait]
impl AccountProver for At {
    fn platform(&self) -> &Platform {
        &Platform::PYPI
    }

    fn accounts_at(&self) -> Option<Origin> {
        self.0.clone()
    }

    async fn prove(
        &self,
        query: &AccountProofQuery,
    ) -> Result<AccountEvidence, AccountProverError> {
        let claim = &query.claim;
        let account = claim.unverified().account.clone();
        let proof = AccountProof::TokenHolder {};
        let mut seen = AccountEvidence::new(account, claim.did().clone(), query.now, proof);
        seen.sources = vec![format!("{:?}", self.0.as_ref().map(Origin::to_string))];
        Ok(seen)
    }
}

fn asked(account: &Account, provers: &[Option<&str>]) -> Result<String, Unavailable> {
    let origin = |origin: &Option<&str>| origin.map(|o| o.parse().unwrap());
    let provers = provers
        .iter()
        .map(|at| Arc::new(At(origin(at))) as Arc<dyn AccountProver>);
    let claim = done(sign_account_claim(&key(), account.clone(), None, now())).unwrap();
    let hint = ProofHint::Statement("pypi:alice-auths".parse().unwrap());
    let links = vec![StoredLink::new(claim, Some(hint))];
    let context = ClaimsContext::new(links, provers.collect());
    let six = "pypi:six".parse().unwrap();
    let query = LinkedAccountsQuery::new(did(), six, now(), Policy::standard().maturity());
    let linked = done(context.accounts(&query)).unwrap().remove(0);
    match linked.evidence.first() {
        Some(seen) => Ok(seen.evidence().sources[0].clone()),
        None => match linked.attempts[0].clone().obstacle {
            Obstacle::Unavailable(why) => Err(why),
            other => panic!("{other:?}"),
        },
    }
}

#[test]
fn of_two_provers_of_one_platform_that_of_the_accounts_own_server_is_asked() {
    let private = "https://pypi.acme.example";
    let public: Account = "pypi:alice".parse().unwrap();
    let at = |origin: &str| public.clone().at(Some(origin.parse().unwrap()));
    for order in [[None, Some(private)], [Some(private), None]] {
        assert_eq!(asked(&public, &order).unwrap(), "None");
        let source = asked(&at(private), &order).unwrap();
        assert!(source.contains(private), "{source}");
        // Neither answers for a third server, and the answer names it.
        let why = asked(&at("https://other.example"), &order).unwrap_err();
        assert_eq!(why.reason, UnavailableReason::NotOffered);
        assert!(why.raw_detail.contains("https://other.example"), "{why}");
    }
    let why = asked(&public, &[Some(private)]).unwrap_err();
    assert!(why.raw_detail.contains("the public pypi"), "{why}");
}
