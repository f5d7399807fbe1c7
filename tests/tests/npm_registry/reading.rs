//! A verifier that reads a registry with the adapter, as of any time.

use std::sync::Arc;

use auths_adapters_npm::{Npm, NpmConfig};
use auths_core::crypto::{KeyPair, Seed};
use auths_core::decide::Decision;
use auths_core::evidence::NamespaceEvidence;
use auths_core::ports::{
    MemoryRevocations, MemoryStore, NamespaceQuery, NamespaceVerifier, Signer,
};
use auths_core::use_cases::{ClaimNamespace, ClaimRequest, ClaimsContext};
use auths_core::{Did, Namespace, Origin, Policy, Timestamp};
use auths_http::{SystemClock, TokioSleeper, Transport, TransportConfig};
use zeroize::Zeroizing;

pub(crate) struct Reader {
    origin: Origin,
    policy: Policy,
    runtime: tokio::runtime::Runtime,
    npm: Npm,
}

impl Reader {
    pub(crate) fn of(origin: &Origin, policy: Policy) -> Self {
        let store = Arc::new(MemoryStore::new());
        let (clock, sleeper) = (Arc::new(SystemClock), Arc::new(TokioSleeper));
        let config = TransportConfig::default();
        let transport = Transport::new(config, clock, sleeper, store.clone()).unwrap();
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        Self {
            origin: origin.clone(),
            policy,
            runtime: runtime.enable_all().build().unwrap(),
            npm: Npm::new(NpmConfig::at(origin.clone()), transport),
        }
    }

    fn name(&self, package: &str) -> Namespace {
        let name: Namespace = format!("npm:{package}").parse().unwrap();
        name.at(Some(self.origin.clone()))
    }

    pub(crate) fn gather(&self, package: &str, at: Timestamp) -> NamespaceEvidence {
        let query = NamespaceQuery::new(self.name(package), at);
        self.runtime.block_on(self.npm.gather(&query)).unwrap()
    }

    /// The answer when key `n` claims the package at that time.
    pub(crate) fn claim(&self, package: &str, n: u8, at: Timestamp) -> Decision {
        let signer = pair(n);
        let context = ClaimsContext::new(Vec::new(), Vec::new());
        let workflow = ClaimNamespace {
            signer: &signer,
            verifier: &self.npm,
            context: &context,
            revocations: &[],
            memory: &MemoryRevocations::new(),
            resolver: None,
        };
        let request = ClaimRequest::new(self.name(package), at);
        let claimed = self.runtime.block_on(workflow.run(request, &self.policy));
        claimed.unwrap().decision
    }
}

fn pair(n: u8) -> KeyPair {
    KeyPair::from_seed(&Seed::new(Zeroizing::new([n; 32])))
}

/// The DID of key `n`.
pub(crate) fn key(n: u8) -> Did {
    pair(n).method().did().clone()
}

/// The machine's time: what the server dates its releases by.
pub(crate) fn now() -> Timestamp {
    SystemClock.now()
}
