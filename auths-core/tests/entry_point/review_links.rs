//! Reviewing a holder's own links: what is found, under which name, and what is worst.

use async_trait::async_trait;
use auths_core::claim::{
    Observation, PlatformClaim, Revocation, RevocationTarget, Signed, SigningRequest,
};
use auths_core::evidence::{AccountEvidence, AccountProof, Evidence, GistState};
use auths_core::identity::AccountId;
use auths_core::ports::{
    AccountDirectory, AccountProofQuery, AccountProver, AccountProverError, KeptGist, KeptLink,
    RevocationMemory as _,
};
use auths_core::reason::Obstacle;
use auths_core::use_cases::{FindingOutcome, LinkReview, LinkReviewer};
use auths_core::{Account, Platform, Refuted, RefutedReason};

use super::*;

fn now() -> Timestamp {
    "2026-11-21T08:46:00Z".parse().unwrap()
}

fn account(login: &str, id: &str) -> Account {
    let account = Account::parse_login(Platform::GITHUB, login).unwrap();
    account.with_id(AccountId::new(id).unwrap())
}

fn claimed(account: Account, at: Timestamp) -> KeptLink {
    let claim: Signed<PlatformClaim> =
        block_on(SigningRequest::new(PlatformClaim::new(account, None), at).sign(&key(1))).unwrap();
    KeptLink::new(claim)
}

/// Alice's link, published.
fn alices(at: Timestamp) -> KeptLink {
    let mut kept = claimed(account("alice", "1"), at);
    kept.gist = Some(KeptGist::new("0a", "https://gist.example/0a"));
    kept
}

/// GitHub, which gives one answer about every gist, and one about every login.
#[derive(Debug, Clone)]
struct GitHub {
    proves: Result<Account, AccountProverError>,
    has_login: Result<Option<Account>, Obstacle>,
}

#[async_trait]
impl AccountProver for GitHub {
    fn platform(&self) -> &Platform {
        &Platform::GITHUB
    }

    fn accounts_at(&self) -> Option<Origin> {
        None
    }

    async fn prove(
        &self,
        query: &AccountProofQuery,
    ) -> Result<AccountEvidence, AccountProverError> {
        let account = self.proves.clone()?;
        let proof = AccountProof::GistProof {
            gist: "0a".to_owned(),
            claim: query.claim.id().clone(),
            unchanged_since: query.now,
            state: Some(GistState::new(None, "sha256:00", query.now)),
        };
        Ok(AccountEvidence::new(
            account,
            did(&key(1)),
            query.now,
            proof,
        ))
    }
}

#[async_trait]
impl AccountDirectory for GitHub {
    async fn account_of(&self, _: &Account) -> Result<Option<Account>, Obstacle> {
        self.has_login.clone()
    }
}

fn shows(account: Account) -> GitHub {
    GitHub {
        proves: Ok(account),
        has_login: Ok(None),
    }
}

fn reviewed(links: &[KeptLink], github: &GitHub) -> LinkReview {
    let (policy, memory) = (Policy::standard(), MemoryRevocations::new());
    let provers: [Arc<dyn AccountProver>; 1] = [Arc::new(github.clone())];
    let reviewer = LinkReviewer::new(&policy, &memory, now())
        .with_provers(&provers)
        .with_directory(github);
    block_on(reviewer.review(links))
}

/// The names of the findings of each link.
fn names(review: &LinkReview) -> Vec<Vec<&'static str>> {
    let of = |link: &auths_core::use_cases::ReviewedLink| {
        link.findings.iter().map(|f| f.name()).collect()
    };
    review.links.iter().map(of).collect()
}

#[test]
fn a_link_that_is_read_and_holds_has_no_findings() {
    let review = reviewed(&[alices(now())], &shows(account("alice", "1")));
    assert_eq!(names(&review), [Vec::<&str>::new()]);
    assert!(review.is_good() && review.worst().is_none());
    assert_eq!(review.links[0].account, account("alice", "1"));
    assert!(!review.links[0].evidence.is_empty());
}

#[test]
fn the_end_of_a_claim_is_found_unless_a_published_one_replaces_it() {
    let github = shows(account("alice", "1"));
    for (age, name, outcome) in [
        (176, "expiring-soon", FindingOutcome::Notice),
        (181, "expired", FindingOutcome::Refuted),
    ] {
        let old = alices(now() - age * DAY);
        let alone = reviewed(std::slice::from_ref(&old), &github);
        assert_eq!(names(&alone), [[name]]);
        let worst = alone.worst().unwrap();
        assert_eq!((worst.name(), worst.outcome()), (name, outcome));
        assert_eq!(worst.code().is_some(), outcome == FindingOutcome::Refuted);

        let renewal = alices(now() - DAY);
        let renewed = reviewed(&[old.clone(), renewal.clone()], &github);
        assert_eq!(names(&renewed), [Vec::<&str>::new(), Vec::new()]);
        // An unpublished claim renews nothing.
        let unpublished = KeptLink::new(renewal.claim);
        let both = reviewed(&[old, unpublished], &github);
        assert_eq!(names(&both), [[name], ["unpublished"]]);
        assert_eq!(both.is_good(), outcome == FindingOutcome::Notice);
    }
}

#[test]
fn what_could_not_be_read_is_worse_than_what_was_refuted_and_is_never_passed_over() {
    let refuting = |why: AccountProverError| GitHub {
        proves: Err(why),
        has_login: Ok(None),
    };
    let deleted = refuting(Refuted::new(RefutedReason::GistDeleted, "it is gone").into());
    let down = refuting(Unavailable::new(UnavailableReason::ServerError, "503").into());
    let gone = reviewed(&[alices(now())], &deleted);
    assert_eq!(names(&gone), [["gist-deleted"]]);
    assert_eq!(gone.worst().unwrap().outcome(), FindingOutcome::Refuted);
    // What is left is the claim's own word.
    let falls_to = gone.links[0].falls_to.unwrap().to_string();
    assert!(falls_to.contains("stranger"), "{falls_to}");
    // The one expired, the other was not read.
    let links = [alices(now() - 181 * DAY), alices(now() - DAY)];
    let unread = reviewed(&links[1..], &down);
    assert_eq!(names(&unread), [["unavailable"]]);
    let worst = unread.worst().unwrap();
    assert_eq!(worst.reason(), Some("server-error"));
    assert!(!unread.is_good());
    // Nobody reads that platform here.
    let (policy, memory) = (Policy::standard(), MemoryRevocations::new());
    let alone = block_on(LinkReviewer::new(&policy, &memory, now()).review(&links[1..]));
    assert_eq!(alone.worst().unwrap().reason(), Some("not-offered"));
}

#[test]
fn a_renamed_account_is_told_from_one_whose_login_somebody_else_has() {
    let org = Refuted::new(RefutedReason::NotAPerson, "it is an organisation");
    let down = Unavailable::new(UnavailableReason::ServerError, "503");
    for (has_login, expected) in [
        (Ok(None), vec!["renamed"]),
        (Ok(Some(account("alice", "1"))), vec!["renamed"]),
        (Ok(Some(account("alice", "2"))), vec!["login-reregistered"]),
        (Err(Obstacle::from(org)), vec!["login-reregistered"]),
        (Err(Obstacle::from(down)), vec!["renamed", "unavailable"]),
    ] {
        let github = GitHub {
            has_login,
            ..shows(account("alice-new", "1"))
        };
        let review = reviewed(&[alices(now())], &github);
        assert_eq!(names(&review), [expected], "{github:?}");
        let first = &review.links[0].findings[0];
        assert!(first.to_string().contains("is called alice-new now"));
        assert_eq!(first.outcome(), FindingOutcome::Notice);
        assert_eq!((first.code(), first.reason()), (None, None));
    }
}

#[test]
fn a_revoked_link_is_refuted_and_a_source_that_cannot_be_read_is_unavailable() {
    let kept = alices(now() - DAY);
    let (policy, memory) = (Policy::standard(), MemoryRevocations::new());
    let revoked = Revocation::new(RevocationTarget::Claim(kept.claim.id().clone()));
    let revoked = block_on(SigningRequest::new(revoked, now()).sign(&key(1))).unwrap();
    let provers: [Arc<dyn AccountProver>; 1] = [Arc::new(shows(account("alice", "1")))];
    block_on(memory.remember_revocation(&revoked)).unwrap();
    let reviewer = LinkReviewer::new(&policy, &memory, now()).with_provers(&provers);
    let review = block_on(reviewer.review(std::slice::from_ref(&kept)));
    assert_eq!(names(&review), [["revoked"]]);

    #[derive(Debug)]
    struct Down;
    #[async_trait]
    impl auths_core::ports::RevocationSource for Down {
        fn name(&self) -> String {
            "down".to_owned()
        }
        async fn revocations(
            &self,
            _: &[auths_core::Did],
            _: Timestamp,
        ) -> Result<PublishedRevocations, Unavailable> {
            Err(Unavailable::new(UnavailableReason::RevocationsUnread, "no"))
        }
    }
    let memory = MemoryRevocations::new();
    let reviewer = LinkReviewer::new(&policy, &memory, now())
        .with_provers(&provers)
        .with_revocations(vec![&Down]);
    let review = block_on(reviewer.review(&[kept]));
    assert_eq!(names(&review), [["unavailable"]]);
}

#[test]
fn an_observation_counts_once_the_policy_trusts_who_signed_it() {
    let mut kept = alices(now() - DAY);
    let proof = AccountProof::DeviceFlow { challenge: None };
    let seen = AccountEvidence::new(account("alice", "1"), did(&key(1)), now(), proof);
    let seen = Observation::new(Evidence::Account(Box::new(seen)));
    let observation = block_on(SigningRequest::new(seen, now()).sign(&key(1))).unwrap();
    kept.observations = vec![observation];
    let links = [kept];
    let memory = MemoryRevocations::new();
    let provers: [Arc<dyn AccountProver>; 1] = [Arc::new(shows(account("alice", "1")))];
    let policy = Policy::standard();
    let reviewer = LinkReviewer::new(&policy, &memory, now()).with_provers(&provers);
    let observers = reviewer.observers(&links);
    assert_eq!(observers.into_iter().collect::<Vec<_>>(), [did(&key(1))]);
    let strangers = block_on(reviewer.review(&links));
    let trusting = policy.clone().trusting([did(&key(1))]);
    let reviewer = LinkReviewer::new(&trusting, &memory, now()).with_provers(&provers);
    let own = block_on(reviewer.review(&links));
    assert_ne!(own.links[0].falls_to, strangers.links[0].falls_to);
    assert!(own.links[0].falls_to.is_some());
    // It has ended, and has no observer any more.
    let later = LinkReviewer::new(&policy, &memory, now() + 30 * DAY);
    assert!(later.observers(&links).is_empty());
}
