//! Macros that make a conformance test in one line.

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
            let report = $crate::block_on($crate::conformance::$suite(&subject));
            report.assert();
            ::std::println!("{report}");
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
                .block_on($crate::conformance::$suite(&subject));
            report.assert();
            ::std::println!("{report}");
        }
    };
}

/// Makes a test that checks a [`NamespaceVerifier`](auths_core::ports::NamespaceVerifier) against its contract:
/// `namespace_verifier_conformance!(subject)`, or `(subject, tokio)` for one that needs a tokio runtime. In that case `tokio`
/// with the feature `rt` must be a dev-dependency of yours. The test prints its report; `cargo test -- --nocapture` also shows
/// the report of a success. See [`NamespaceSubject`](crate::conformance::NamespaceSubject).
#[macro_export]
macro_rules! namespace_verifier_conformance {
    ($($subject:tt)+) => { $crate::__conformance!(conformance_of_namespace_verifier, namespace_verifier, $($subject)+); };
}

/// Makes a test that checks an [`AccountProver`](auths_core::ports::AccountProver) against its contract. See
/// [`AccountSubject`](crate::conformance::AccountSubject), and [`namespace_verifier_conformance!`] for `tokio`.
#[macro_export]
macro_rules! account_prover_conformance {
    ($($subject:tt)+) => { $crate::__conformance!(conformance_of_account_prover, account_prover, $($subject)+); };
}

/// Makes a test that checks a [`PlatformContext`](auths_core::ports::PlatformContext) against its contract. See
/// [`ContextSubject`](crate::conformance::ContextSubject), and [`namespace_verifier_conformance!`] for `tokio`.
#[macro_export]
macro_rules! platform_context_conformance {
    ($($subject:tt)+) => { $crate::__conformance!(conformance_of_platform_context, platform_context, $($subject)+); };
}

/// Makes a test that checks a [`CiTokenVerifier`](auths_core::ports::CiTokenVerifier) against its contract. See
/// [`CiTokenSubject`](crate::conformance::CiTokenSubject), and [`namespace_verifier_conformance!`] for `tokio`.
#[macro_export]
macro_rules! ci_token_verifier_conformance {
    ($($subject:tt)+) => { $crate::__conformance!(conformance_of_ci_token_verifier, ci_token_verifier, $($subject)+); };
}

/// Makes a test that checks an [`EnvironmentReader`](auths_core::ports::EnvironmentReader) against its contract. See
/// [`EnvironmentSubject`](crate::conformance::EnvironmentSubject), and [`namespace_verifier_conformance!`] for `tokio`.
#[macro_export]
macro_rules! environment_reader_conformance {
    ($($subject:tt)+) => { $crate::__conformance!(conformance_of_environment_reader, environment_reader, $($subject)+); };
}

/// Makes a test that checks a [`KeyStore`](auths_core::ports::KeyStore) against its contract. See
/// [`KeyStoreSubject`](crate::conformance::KeyStoreSubject), and [`namespace_verifier_conformance!`] for `tokio`.
#[macro_export]
macro_rules! keystore_conformance {
    ($($subject:tt)+) => { $crate::__conformance!(conformance_of_keystore, keystore, $($subject)+); };
}

/// Makes a test that checks a [`Store`](auths_core::ports::Store) against its contract. See
/// [`StoreSubject`](crate::conformance::StoreSubject), and [`namespace_verifier_conformance!`] for `tokio`.
#[macro_export]
macro_rules! store_conformance {
    ($($subject:tt)+) => { $crate::__conformance!(conformance_of_store, store, $($subject)+); };
}

/// Makes a test that checks a [`ReplayGuard`](auths_core::ports::ReplayGuard) against its contract. See
/// [`ReplaySubject`](crate::conformance::ReplaySubject), and [`namespace_verifier_conformance!`] for `tokio`.
#[macro_export]
macro_rules! replay_guard_conformance {
    ($($subject:tt)+) => { $crate::__conformance!(conformance_of_replay_guard, replay_guard, $($subject)+); };
}

/// Makes a test that checks a [`RevocationMemory`](auths_core::ports::RevocationMemory) against its contract. See
/// [`RevocationMemorySubject`](crate::conformance::RevocationMemorySubject), and [`namespace_verifier_conformance!`] for
/// `tokio`.
#[macro_export]
macro_rules! revocation_memory_conformance {
    ($($subject:tt)+) => { $crate::__conformance!(conformance_of_revocation_memory, revocation_memory, $($subject)+); };
}

/// Makes a test that checks a [`LinkStore`](auths_core::ports::LinkStore) against its contract. See
/// [`LinkStoreSubject`](crate::conformance::LinkStoreSubject), and [`namespace_verifier_conformance!`] for `tokio`.
#[macro_export]
macro_rules! link_store_conformance {
    ($($subject:tt)+) => { $crate::__conformance!(conformance_of_link_store, link_store, $($subject)+); };
}

/// Makes a test that checks a [`PinStore`](auths_core::ports::PinStore) against its contract. See
/// [`PinSubject`](crate::conformance::PinSubject), and [`namespace_verifier_conformance!`] for `tokio`.
#[macro_export]
macro_rules! pin_store_conformance {
    ($($subject:tt)+) => { $crate::__conformance!(conformance_of_pin_store, pin_store, $($subject)+); };
}
