//! Challenges: kept nowhere, recognised until they end, and used once.

use super::*;

/// A guard whose record cannot be written, or is lost.
#[derive(Debug, Default)]
struct Faulty {
    broken: bool,
    guard: Mutex<MemoryReplayGuard>,
}

impl Faulty {
    fn lose_everything(&self) {
        *self.guard.lock().unwrap() = MemoryReplayGuard::new();
    }
}

#[async_trait]
impl ReplayGuard for Faulty {
    async fn consume(
        &self,
        token: &str,
        now: Timestamp,
        end: Timestamp,
    ) -> Result<TokenUse, StoreError> {
        if self.broken {
            let disk = std::io::Error::other("the disk is full");
            let place = StoreKey::new("challenges", "one");
            return Err(StoreError::new(&place, "written", disk));
        }
        done(self.guard.lock().unwrap().consume(token, now, end))
    }

    async fn peek(
        &self,
        token: &str,
        now: Timestamp,
        end: Timestamp,
    ) -> Result<TokenUse, StoreError> {
        done(self.guard.lock().unwrap().peek(token, now, end))
    }

    async fn key(&self, fresh: ChallengeKey) -> Result<ChallengeKey, StoreError> {
        done(self.guard.lock().unwrap().key(fresh))
    }
}

/// Never gives the same bytes twice.
#[derive(Debug)]
struct Counting;
impl Entropy for Counting {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), EntropyError> {
        static NEXT: AtomicUsize = AtomicUsize::new(1);
        let next = NEXT.fetch_add(1, Ordering::Relaxed) as u64;
        for (i, byte) in buffer.iter_mut().enumerate() {
            *byte = next.to_be_bytes()[i % 8];
        }
        Ok(())
    }
}

fn six() -> Namespace {
    "pypi:six".parse().unwrap()
}

fn challenges(guard: Arc<dyn ReplayGuard>) -> Challenges {
    let hub = "hub".parse().unwrap();
    Challenges::new(guard, Arc::new(Counting), hub, DAY)
}

fn in_memory() -> (Challenges, Arc<MemoryReplayGuard>) {
    let guard = Arc::new(MemoryReplayGuard::new());
    (challenges(guard.clone()), guard)
}

fn issued(challenges: &Challenges) -> IssuedChallenge {
    done(challenges.issue(did(), six(), now())).unwrap()
}

/// What is decided on the answer to `issued`, which is good.
fn answered(issued: &IssuedChallenge) -> AwaitingUse {
    let challenge = Some(issued.challenge().clone());
    let expected = ProofExpectation::new("hub".parse().unwrap());
    let mut case = DecisionInput::new(claim("hub", challenge), expected);
    let mut seen = package("pypi:six", 0);
    let sole = crate::evidence::ListedAccount::new(
        "pypi:alice".parse::<Account>().unwrap(),
        crate::evidence::OwnerRole::Owner,
        "Owner",
    );
    seen.listing = Reading::Read(crate::evidence::Listing::new(vec![sole]));
    case.evidence.push(ObservedEvidence::live(seen));
    decide_answer(&case, issued.clone(), &Policy::standard(), now())
}

/// What using the answer up came to: nothing, or what stood in the way.
fn used(challenges: &Challenges, decided: AwaitingUse, now: Timestamp) -> Result<(), &'static str> {
    match done(challenges.use_once(decided, now)) {
        Ok(verified) => {
            assert_eq!(verified.get().namespace, six());
            Ok(())
        }
        Err(refused) => {
            assert_eq!(refused.0.valid_until(), None);
            Err(Obstacle::from(refused).name())
        }
    }
}

#[test]
fn the_same_answer_is_accepted_once() {
    let (challenges, _) = in_memory();
    let issued = issued(&challenges);
    let claim = claim("hub", Some(issued.challenge().clone()));
    let found = || done(challenges.find(&claim, now())).unwrap();
    assert_eq!(found(), issued);
    let [first, second] = [(); 2].map(|()| answered(&found()));
    assert_eq!(used(&challenges, first, now()), Ok(()));
    assert_eq!(used(&challenges, second, now()), Err("challenge-used"));
    // It is still recognised, and was used.
    assert_eq!(
        used(&challenges, answered(&found()), now()),
        Err("challenge-used")
    );
}

#[test]
fn a_use_that_is_late_or_unrecorded_is_not_accepted() {
    let (challenges_here, _) = in_memory();
    let given = issued(&challenges_here);
    let late = used(&challenges_here, answered(&given), given.expires());
    assert_eq!(late, Err("challenge-used"));
    assert_eq!(used(&challenges_here, answered(&given), now()), Ok(()));
    let broken = challenges(Arc::new(Faulty {
        broken: true,
        ..Faulty::default()
    }));
    let decided = answered(&issued(&broken));
    assert_eq!(used(&broken, decided, now()), Err("store-failed"));
}

#[test]
fn an_answer_that_is_not_accepted_uses_nothing_up() {
    let (challenges, guard) = in_memory();
    let given = issued(&challenges);
    let expected = ProofExpectation::new("hub".parse().unwrap());
    let case = DecisionInput::new(claim("hub", None), expected);
    let bad = decide_answer(&case, given.clone(), &Policy::standard(), now());
    assert_eq!(used(&challenges, bad, now()), Err("wrong-challenge"));
    assert_eq!(guard.remembered(), 0);
    assert_eq!(used(&challenges, answered(&given), now()), Ok(()));
    assert_eq!(guard.remembered(), 1);
}

#[test]
fn ten_thousand_challenges_for_strangers_shut_nobody_out_and_are_not_kept() {
    let (challenges, guard) = in_memory();
    let mut given = BTreeSet::new();
    for i in 0..10_000 {
        let stranger: Did = format!("did:web:s{i}.example").parse().unwrap();
        let issued = done(challenges.issue(stranger, six(), now())).unwrap();
        assert!(given.insert(issued.challenge().clone()));
    }
    // Nor do as many for the holder itself, which anybody may ask for.
    for _ in 0..10_000 {
        assert!(given.insert(issued(&challenges).challenge().clone()));
    }
    assert_eq!(guard.remembered(), 0);
    assert_eq!(
        used(&challenges, answered(&issued(&challenges)), now()),
        Ok(())
    );
    assert_eq!(guard.remembered(), 1);
    let later = issued(&challenges).expires();
    let after = done(guard.consume("another", later, later + DAY));
    assert_eq!(after.unwrap(), TokenUse::First);
    assert_eq!(
        guard.remembered(),
        1,
        "a use is forgotten when the challenge ends"
    );
}

#[test]
fn a_challenge_is_found_for_its_did_namespace_audience_and_purpose_until_it_ends() {
    let (here, guard) = in_memory();
    let given = issued(&here);
    let answer = claim("hub", Some(given.challenge().clone()));
    let end = given.expires();
    let find = |challenges: &Challenges, claim: &Signed<NamespaceClaim>, now| {
        done(challenges.find(claim, now)).map_err(|obstacle| obstacle.name())
    };
    let wrong = Err("wrong-challenge");
    assert_eq!(find(&here, &answer, now()), Ok(given.clone()));
    assert_eq!(find(&here, &answer, end), wrong);
    assert_eq!(find(&here, &claim("hub", None), now()), wrong);
    let made_up = "AAAAAAAAAAAAAAAAAAAAAA".parse().ok();
    assert_eq!(find(&here, &claim("hub", made_up), now()), wrong);
    // Replicas share the guard, and so the key.
    let replica = challenges(guard.clone());
    assert_eq!(find(&replica, &answer, now()), Ok(given.clone()));
    assert_eq!(find(&in_memory().0, &answer, now()), wrong);
    assert_eq!(find(&replica.for_purpose("yank"), &answer, now()), wrong);
    let other_did = done(here.issue("did:web:b.example".parse().unwrap(), six(), now()));
    let other_name = done(here.issue(did(), "pypi:sax".parse().unwrap(), now()));
    for other in [other_did, other_name] {
        let challenge = other.unwrap().challenge().clone();
        assert_eq!(find(&here, &claim("hub", Some(challenge)), now()), wrong);
    }
}

#[test]
fn what_was_given_before_the_record_was_lost_is_neither_found_nor_used() {
    let guard = Arc::new(Faulty::default());
    let challenges = challenges(guard.clone());
    let given = issued(&challenges);
    let answer = claim("hub", Some(given.challenge().clone()));
    let decided = answered(&done(challenges.find(&answer, now())).unwrap());
    guard.lose_everything();
    assert_eq!(used(&challenges, decided, now()), Err("wrong-challenge"));
    assert!(done(challenges.find(&answer, now())).is_err());
    assert_eq!(
        used(&challenges, answered(&issued(&challenges)), now()),
        Ok(())
    );
}

#[test]
fn another_guards_record_does_not_make_a_challenge_fresh() {
    let (here, _) = in_memory();
    let given = issued(&here);
    assert_eq!(used(&here, answered(&given), now()), Ok(()));
    let (elsewhere, _) = in_memory();
    let again = used(&elsewhere, answered(&given), now());
    assert_eq!(again, Err("wrong-challenge"));
}

#[test]
fn without_randomness_there_is_no_challenge() {
    #[derive(Debug)]
    struct Broken;
    impl Entropy for Broken {
        fn fill(&self, _: &mut [u8]) -> Result<(), EntropyError> {
            Err(EntropyError("it is broken".into()))
        }
    }
    let guard = Arc::new(MemoryReplayGuard::new());
    issued(&challenges(guard.clone()));
    let without = Challenges::new(guard, Arc::new(Broken), "hub".parse().unwrap(), DAY);
    let failed = done(without.issue(did(), six(), now())).unwrap_err();
    assert_eq!(failed.reason, UnavailableReason::KeystoreFailed);
}
