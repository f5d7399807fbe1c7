//! One line for the author of an implementation.

/// Runs a suite to its end, on tokio where the subject needs it.
#[doc(hidden)]
#[macro_export]
macro_rules! __conformance {
    ($test:ident, $suite:ident, $subject:expr) => {
        #[test]
        #[allow(
            clippy::print_stdout,
            reason = "what was not offered is said in success too"
        )]
        fn $test() {
            let subject = $subject;
            let report = $crate::testing::block_on($crate::testing::conformance::$suite(&subject));
            ::std::println!("{report}");
            report.assert();
        }
    };
    ($test:ident, $suite:ident, $subject:expr, tokio) => {
        #[test]
        #[allow(
            clippy::print_stdout,
            reason = "what was not offered is said in success too"
        )]
        fn $test() {
            let subject = $subject;
            let mut runtime = ::tokio::runtime::Builder::new_current_thread();
            let report = runtime
                .enable_all()
                .build()
                .expect("tokio starts")
                .block_on($crate::testing::conformance::$suite(&subject));
            ::std::println!("{report}");
            report.assert();
        }
    };
}

/// A test that holds a [`NamespaceVerifier`](crate::ports::NamespaceVerifier) to its contract:
/// `namespace_verifier_conformance!(subject)`, or `(subject, tokio)` for one that needs a tokio runtime (`tokio` with the
/// feature `rt` is then a dev-dependency of yours). It prints its report; `cargo test -- --nocapture` shows that of a success too.
/// See [`NamespaceSubject`](crate::testing::conformance::NamespaceSubject).
#[macro_export]
macro_rules! namespace_verifier_conformance {
    ($($subject:tt)+) => { $crate::__conformance!(conformance_of_namespace_verifier, namespace_verifier, $($subject)+); };
}

/// A test that holds an [`AccountProver`](crate::ports::AccountProver) to its contract. See
/// [`AccountSubject`](crate::testing::conformance::AccountSubject), and
/// [`namespace_verifier_conformance!`] for `tokio`.
#[macro_export]
macro_rules! account_prover_conformance {
    ($($subject:tt)+) => { $crate::__conformance!(conformance_of_account_prover, account_prover, $($subject)+); };
}

/// A test that holds a [`PlatformContext`](crate::ports::PlatformContext) to its contract. See
/// [`ContextSubject`](crate::testing::conformance::ContextSubject), and
/// [`namespace_verifier_conformance!`] for `tokio`.
#[macro_export]
macro_rules! platform_context_conformance {
    ($($subject:tt)+) => { $crate::__conformance!(conformance_of_platform_context, platform_context, $($subject)+); };
}

/// A test that holds a [`KeyStore`](crate::ports::KeyStore) to its contract. See
/// [`KeyStoreSubject`](crate::testing::conformance::KeyStoreSubject), and
/// [`namespace_verifier_conformance!`] for `tokio`.
#[macro_export]
macro_rules! keystore_conformance {
    ($($subject:tt)+) => { $crate::__conformance!(conformance_of_keystore, keystore, $($subject)+); };
}

/// A test that holds a [`Store`](crate::ports::Store) to its contract. See
/// [`StoreSubject`](crate::testing::conformance::StoreSubject), and
/// [`namespace_verifier_conformance!`] for `tokio`.
#[macro_export]
macro_rules! store_conformance {
    ($($subject:tt)+) => { $crate::__conformance!(conformance_of_store, store, $($subject)+); };
}

/// A test that holds a [`ReplayGuard`](crate::ports::ReplayGuard) to its contract. See
/// [`ReplaySubject`](crate::testing::conformance::ReplaySubject), and
/// [`namespace_verifier_conformance!`] for `tokio`.
#[macro_export]
macro_rules! replay_guard_conformance {
    ($($subject:tt)+) => { $crate::__conformance!(conformance_of_replay_guard, replay_guard, $($subject)+); };
}

/// A test that holds a [`RevocationMemory`](crate::ports::RevocationMemory) to its contract. See
/// [`RevocationMemorySubject`](crate::testing::conformance::RevocationMemorySubject), and
/// [`namespace_verifier_conformance!`] for `tokio`.
#[macro_export]
macro_rules! revocation_memory_conformance {
    ($($subject:tt)+) => { $crate::__conformance!(conformance_of_revocation_memory, revocation_memory, $($subject)+); };
}
