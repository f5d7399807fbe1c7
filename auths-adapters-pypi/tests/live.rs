//! One polite question to the public PyPI. Kept apart: `cargo test -p auths-adapters-pypi --test live -- --ignored`.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod common;

use std::sync::Arc;

use auths_adapters_pypi::{PyPi, PyPiConfig};
use auths_core::Policy;
use auths_core::decide::check_listing;
use auths_core::ports::{MemoryStore, NamespaceQuery, NamespaceVerifier};
use auths_http::{SystemClock, TokioSleeper, Transport, TransportConfig};

#[test]
#[ignore = "reads the public PyPI"]
fn six_is_gutworths() {
    let store = Arc::new(MemoryStore::new());
    let config = TransportConfig::default().with_product("auths-tests", "0");
    let transport = Transport::new(
        config,
        Arc::new(SystemClock),
        Arc::new(TokioSleeper),
        store.clone(),
    )
    .unwrap();
    let pypi = PyPi::new(PyPiConfig::public().unwrap(), transport);
    let query = NamespaceQuery::new("pypi:six".parse().unwrap(), SystemClock.now()).listing_only();
    let evidence = common::run(pypi.gather(&query)).unwrap();
    assert!(
        check_listing(
            &evidence,
            &"pypi:gutworth".parse().unwrap(),
            &Policy::standard()
        )
        .is_ok(),
        "{evidence:?}"
    );
    assert!(evidence.incarnation.get().is_ok(), "{evidence:?}");
    assert_eq!(evidence.sources.len(), 1);
}
