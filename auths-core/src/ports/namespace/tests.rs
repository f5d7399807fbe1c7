//! What a verifier says of itself, held against what it is asked and what it answers.

use futures_util::FutureExt;

use super::*;
use crate::claim::{
    Action, Actions, Audience, Incarnation, NamespaceClaim, ProofExpectation, SigningRequest,
};
use crate::crypto::{KeyPair, Seed};
use crate::decide::{Decision, DecisionInput, Obstacle, Outcome};
use crate::evidence::{
    AccountEvidence, AccountProof, ListedAccount, Listing, ObservedEvidence, OwnerRole, Reading,
};
use crate::identity::{Account, Platform};
use crate::policy::Policy;
use crate::ports::{
    AccountProofQuery, AccountProver, AccountProverError, NamespaceVerifierExt, ProofHint,
};
use crate::use_cases::{
    ClaimNamespace, ClaimRequest, ClaimsContext, StatementProver, sign_account_claim,
};

/// A careless adapter: answers whatever it is asked, from where it likes.
#[derive(Debug, Clone)]
struct Careless {
    ecosystem: Ecosystem,
    origin: Origin,
    is_public: bool,
    answers_from: Origin,
}

#[async_trait]
impl NamespaceVerifier for Careless {
    fn ecosystem(&self) -> &Ecosystem {
        &self.ecosystem
    }
    fn origin(&self) -> &Origin {
        &self.origin
    }
    fn is_public(&self) -> bool {
        self.is_public
    }
    async fn gather(&self, query: &NamespaceQuery) -> Result<NamespaceEvidence, NamespaceError> {
        let name = query.namespace.clone();
        let mut seen = NamespaceEvidence::new(name, self.answers_from.clone(), query.now);
        let alice = alice().at(query.namespace.repository().cloned());
        let owner = ListedAccount::new(alice, OwnerRole::Owner, "Owner");
        seen.incarnation = Reading::Read(Incarnation::new("first-upload", "x"));
        seen.listing = Reading::Read(Listing::new(vec![owner]));
        seen.timeline = Reading::NotOffered;
        Ok(seen)
    }
}

fn alice() -> Account {
    "pypi:alice".parse().unwrap()
}

fn key() -> KeyPair {
    KeyPair::from_seed(&Seed::new([1; 32].into()))
}

fn now() -> Timestamp {
    Timestamp::from_unix(1_700_000_000).unwrap()
}

fn local() -> Origin {
    "http://127.0.0.1:9".parse().unwrap()
}

fn public() -> Origin {
    "https://pypi.org".parse().unwrap()
}

fn six() -> Namespace {
    "pypi:six".parse().unwrap()
}

/// What is asked, of whom, and whether it may be answered at all.
fn table() -> Vec<(Namespace, Careless, bool)> {
    let verifier = |ecosystem: &Ecosystem, is_public, origin: Origin, answers_from| Careless {
        ecosystem: ecosystem.clone(),
        origin,
        is_public,
        answers_from,
    };
    let (pypi, npm) = (&Ecosystem::PYPI, &Ecosystem::NPM);
    let elsewhere = || six().at(Some(local()));
    vec![
        (six(), verifier(pypi, true, public(), public()), true),
        (elsewhere(), verifier(pypi, false, local(), local()), true),
        // A private server that answers for the public name, and the other way round.
        (six(), verifier(pypi, false, local(), local()), false),
        (elsewhere(), verifier(pypi, true, local(), local()), false),
        // Another private server.
        (
            elsewhere(),
            verifier(pypi, false, public(), public()),
            false,
        ),
        // Another ecosystem.
        (six(), verifier(npm, true, public(), public()), false),
        // An answer from another server than its own.
        (six(), verifier(pypi, true, public(), local()), false),
        (elsewhere(), verifier(pypi, false, local(), public()), false),
    ]
}

#[derive(Debug)]
struct Flow;

#[async_trait]
impl PlatformContext for Flow {
    async fn accounts(
        &self,
        query: &LinkedAccountsQuery,
    ) -> Result<Vec<LinkedAccount>, Unavailable> {
        let account = alice().at(query.namespace.repository().cloned());
        let claim = sign_account_claim(&key(), account.clone(), None, now())
            .await
            .unwrap();
        let proof = AccountProof::DeviceFlow { challenge: None };
        let seen = AccountEvidence::new(account, query.did.clone(), now(), proof);
        Ok(vec![LinkedAccount::new(
            claim,
            vec![ObservedEvidence::live(seen)],
        )])
    }
}

fn verify(namespace: &Namespace, verifier: &Careless) -> Decision {
    let incarnation = Incarnation::new("first-upload", "x");
    let body = NamespaceClaim::new(
        namespace.clone(),
        incarnation,
        Actions::only(Action::Publish),
    );
    let audience = Audience::local(&Did::from_key(&key().public()));
    let request = SigningRequest::new(body, now()).for_audience(audience.clone());
    let claim = request.sign(&key()).now_or_never().unwrap().unwrap();
    let case = DecisionInput::new(claim, ProofExpectation::new(audience));
    let policy = Policy::strict();
    let deciding = verifier.verify(&Flow, case, &policy, now());
    deciding.now_or_never().unwrap()
}

#[test]
fn a_verifier_answers_for_its_own_ecosystem_and_server_only() {
    for (namespace, verifier, good) in table() {
        let decision = verify(&namespace, &verifier);
        if good {
            assert_eq!(
                decision.outcome(),
                Outcome::Accepted,
                "{:?}",
                decision.reason()
            );
            continue;
        }
        assert_eq!(
            decision.outcome(),
            Outcome::Undetermined,
            "{namespace} {verifier:?}"
        );
        assert!(
            matches!(decision.reason(), Some(Obstacle::Unavailable(u)) if u.reason == UnavailableReason::EvidenceMismatch),
            "{:?}",
            decision.reason()
        );
    }
}

#[test]
fn no_claim_is_made_from_what_a_verifier_may_not_answer() {
    let context = ClaimsContext::default();
    for (namespace, verifier, good) in table() {
        let key = key();
        let claiming = ClaimNamespace {
            signer: &key,
            verifier: &verifier,
            context: &context,
            revocations: &[],
            memory: &crate::ports::MemoryRevocations::new(),
            resolver: None,
        };
        let policy = Policy::standard();
        let claimed = claiming.run(ClaimRequest::new(namespace, now()), &policy);
        let claimed = claimed.now_or_never().unwrap();
        assert_eq!(claimed.is_ok(), good, "{verifier:?}");
    }
}

#[test]
fn nor_is_an_account_proved_by_it() {
    for (package, verifier, good) in table() {
        let key = key();
        let claim = sign_account_claim(&key, alice(), None, now());
        let claim = claim.now_or_never().unwrap().unwrap();
        let prover = StatementProver::new(Platform::PYPI, std::sync::Arc::new(verifier));
        let hint = ProofHint::Statement(package);
        let query = AccountProofQuery::new(claim, hint, now(), DEFAULT_MATURITY);
        let proved = prover.prove(&query).now_or_never().unwrap();
        assert_eq!(proved.is_ok(), good);
        if let Err(error) = proved {
            let mismatch = match &error {
                AccountProverError::Invalid { .. } => true,
                AccountProverError::Unavailable(u) => {
                    u.reason == UnavailableReason::EvidenceMismatch
                }
                AccountProverError::Refuted(_) => false,
            };
            assert!(mismatch, "{error}");
        }
    }
}

#[derive(Debug)]
struct Down;

#[async_trait]
impl PlatformContext for Down {
    async fn accounts(&self, _: &LinkedAccountsQuery) -> Result<Vec<LinkedAccount>, Unavailable> {
        Err(Unavailable::new(UnavailableReason::Network, "down"))
    }
}

#[test]
fn accounts_that_cannot_be_read_are_recorded_with_their_did() {
    let (namespace, verifier, _) = table().remove(0);
    let incarnation = Incarnation::new("first-upload", "x");
    let body = NamespaceClaim::new(namespace, incarnation, Actions::only(Action::Publish));
    let audience = Audience::local(&Did::from_key(&key().public()));
    let request = SigningRequest::new(body, now()).for_audience(audience.clone());
    let claim = request.sign(&key()).now_or_never().unwrap().unwrap();
    let case = DecisionInput::new(claim, ProofExpectation::new(audience));
    let policy = Policy::standard();
    let decision = verifier.verify(&Down, case, &policy, now());
    let decision = decision.now_or_never().unwrap();
    assert_eq!(decision.outcome(), Outcome::Undetermined);
    assert!(
        matches!(decision.reason(), Some(Obstacle::Unavailable(u)) if u.reason == UnavailableReason::Network),
        "{:?}",
        decision.reason()
    );
}
