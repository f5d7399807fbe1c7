//! A front end that is killed while it hands a grant out: before or after each thing that it writes.

use super::publish::{Hub, desk, six};
use super::*;
use futures_util::FutureExt;

use auths_core::claim::{Action, Actions, ChallengeKey};
use auths_core::pin::Pin;
use auths_core::ports::{
    MemoryPins, PinChange, PinRecording, PinStore, ReplayGuard, StoreError, TokenUse,
};
use auths_core::use_cases::{PublishError, PublishGrant, PublishRequest};
use auths_core::{Namespace, Reason, RefutedReason, SecretString};

/// Counts down to the call of a store in which the process is killed, before or after its effect.
#[derive(Debug)]
struct Killer {
    calls_left: AtomicUsize,
    is_after_the_effect: bool,
}

impl Killer {
    fn strikes(&self) -> bool {
        let less_one = |left: usize| left.checked_sub(1);
        let counted = self
            .calls_left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, less_one);
        counted.is_err()
    }

    /// Runs a call of a store. A killed process never goes on.
    async fn over<T>(&self, call: impl Future<Output = T>) -> T {
        let strikes = self.strikes();
        if strikes && !self.is_after_the_effect {
            std::future::pending::<()>().await;
        }
        let done = call.await;
        if strikes {
            std::future::pending::<()>().await;
        }
        done
    }
}

/// A store, in a process that is killed.
#[derive(Debug)]
struct Killed<P> {
    store: Arc<P>,
    killer: Arc<Killer>,
}

#[async_trait]
impl PinStore for Killed<MemoryPins> {
    async fn read(&self, namespace: &Namespace) -> Result<Option<Pin>, StoreError> {
        self.killer.over(self.store.read(namespace)).await
    }

    async fn record(&self, pin: &Pin) -> Result<PinRecording, StoreError> {
        self.killer.over(self.store.record(pin)).await
    }

    async fn change(&self, from: &Pin, to: &Pin) -> Result<PinChange, StoreError> {
        self.killer.over(self.store.change(from, to)).await
    }
}

#[async_trait]
impl ReplayGuard for Killed<MemoryReplayGuard> {
    async fn consume(
        &self,
        token: &str,
        now: Timestamp,
        expires: Timestamp,
    ) -> Result<TokenUse, StoreError> {
        self.killer
            .over(self.store.consume(token, now, expires))
            .await
    }

    async fn peek(
        &self,
        token: &str,
        now: Timestamp,
        expires: Timestamp,
    ) -> Result<TokenUse, StoreError> {
        self.killer.over(self.store.peek(token, now, expires)).await
    }

    async fn key(&self, fresh: ChallengeKey) -> Result<ChallengeKey, StoreError> {
        self.store.key(fresh).await
    }
}

/// Asks a front end that is killed in the given call; `None` where it was.
fn ask_and_kill(
    hub: &Hub,
    token: &SecretString,
    calls: usize,
    is_after_the_effect: bool,
) -> Option<Result<PublishGrant, PublishError>> {
    let killer = Arc::new(Killer {
        calls_left: AtomicUsize::new(calls),
        is_after_the_effect,
    });
    let pins = Arc::new(Killed {
        store: hub.pins.clone(),
        killer: killer.clone(),
    });
    let used = Arc::new(Killed {
        store: hub.scene.guard.clone(),
        killer,
    });
    let desk = desk(hub.tokens.clone(), used, pins, "");
    let mut request = PublishRequest::new(token.clone(), [six()], Actions::only(Action::Publish));
    request.publishers = vec![hub.rule("700700")];
    let (verifier, policy) = (hub.scene.verifier(), Policy::standard());
    verifier
        .publish(&desk, request, &policy, hub.scene.now())
        .now_or_never()
}

#[test]
fn killed_at_every_step_there_are_never_two_grants_for_one_token_and_the_next_try_says_what_happened()
 {
    for is_after_the_effect in [false, true] {
        let mut outcomes = Vec::new();
        for calls in 0.. {
            let hub = Hub::new();
            let token = hub.token();
            let first = ask_and_kill(&hub, &token, calls, is_after_the_effect);
            if let Some(ended) = first {
                // Nothing is left to be killed in.
                assert!(ended.is_ok(), "{ended:?}");
                break;
            }
            // The next process tries the token again, and then a new one.
            let next = ask_and_kill(&hub, &token, usize::MAX, false).unwrap();
            outcomes.push(match next {
                Ok(_) => "granted",
                Err(error) => {
                    assert_eq!(error.code(), RefutedReason::TokenUsed.code(), "{error}");
                    "used"
                }
            });
            let again = ask_and_kill(&hub, &token, usize::MAX, false).unwrap();
            assert_eq!(again.unwrap_err().code(), RefutedReason::TokenUsed.code());
            let new = ask_and_kill(&hub, &hub.token(), usize::MAX, false).unwrap();
            assert!(new.is_ok(), "{new:?}");
            assert!(block_on(hub.pins.read(&six())).unwrap().is_some());
        }
        // The token is looked at, the pin is read and recorded, and then the token is used up: after that, the grant is lost.
        let expected: &[&str] = match is_after_the_effect {
            false => &["granted", "granted", "granted", "granted"],
            true => &["granted", "granted", "granted", "used"],
        };
        assert_eq!(outcomes, expected);
    }
}
