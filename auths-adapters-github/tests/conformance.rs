//! The adapter, over a loopback GitHub that is played from the simulated world, keeps the contract of its port.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests"
)]

mod common;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use auths_core::claim::{PlatformClaim, Signed};
use auths_core::ports::{GistHint, ProofHint};
use auths_core::{Account, Did, Timestamp};
use auths_testkit::conformance::{AccountSubject, ProofScene, Proving};
use auths_testkit::server::Shape;
use auths_testkit::world::RegistryFault;
use common::*;

/// Nothing in a gist is a name that is asked for, or a list of owners.
const SHAPE: Shape = Shape {
    name: "/none",
    owners: "/none",
};

struct Subject {
    stage: Stage,
    trouble: Arc<Mutex<Option<RegistryFault>>>,
}

impl Subject {
    fn new() -> Self {
        let trouble: Arc<Mutex<Option<RegistryFault>>> = Arc::default();
        let played = Arc::clone(&trouble);
        let stage = Stage::answering(move |world, request| {
            reply(world, request).in_trouble(*played.lock().unwrap(), SHAPE)
        });
        Self { stage, trouble }
    }

    async fn claim_of(&self, did: &Did) -> String {
        let key = [key(1), key(2)]
            .into_iter()
            .find(|key| Did::from_key(&key.public()) == *did);
        let account = self.stage.account(&self.stage.alice);
        self.stage.claim(&key.unwrap(), account).await.to_json()
    }
}

#[async_trait]
impl AccountSubject for Subject {
    fn account(&self) -> Account {
        self.stage.account(&self.stage.alice)
    }

    fn now(&self) -> Timestamp {
        self.stage.now()
    }

    async fn open(&self, scene: &ProofScene, claim: &Signed<PlatformClaim>) -> Proving {
        let stage = &self.stage;
        let gist = match scene {
            ProofScene::OfAnotherAccount => {
                let mallory = stage.world(|w| w.sign_up("mallory").unwrap());
                stage.world(|w| w.create_gist(&mallory, claim.to_json()).unwrap())
            }
            ProofScene::OfAnotherDid(other) => {
                let text = self.claim_of(other).await;
                stage.world(|w| w.create_gist(&stage.alice, text).unwrap())
            }
            ProofScene::Absent => "0123456789abcdef".to_owned(),
            _ => stage.world(|w| w.create_gist(&stage.alice, claim.to_json()).unwrap()),
        };
        *self.trouble.lock().unwrap() = match scene {
            ProofScene::InTrouble(trouble) => Some(*trouble),
            _ => None,
        };
        let quick = auths_http::TransportConfig::default()
            .with_timeout(Duration::from_secs(2))
            .with_deadline(Duration::from_secs(4));
        let github = auths_adapters_github::GitHub::new(
            stage.config(),
            transport_with(quick, stage.clock.clone()),
        );
        Proving::new(github, ProofHint::Gist(GistHint::new(gist)))
    }
}

auths_testkit::account_prover_conformance!(Subject::new(), tokio);
