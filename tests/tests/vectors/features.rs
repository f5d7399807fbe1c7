//! `serde_json` with other features.
//!
//! Features unify: any crate of a program that embeds this one may switch on `arbitrary_precision` (numbers are kept as
//! text, and handed over as a private object), `preserve_order` (objects keep the order of their text), `raw_value`
//! and `float_roundtrip`. What is signed must not change by that, and what is refused must stay refused. `tests/run`
//! therefore runs all the vectors once more with them, by naming the dependency's features on the command line:
//!
//! ```text
//! AUTHS_TEST_JSON_FEATURES=on cargo test -p auths-tests --test vectors \
//!     --features serde_json/arbitrary_precision,serde_json/preserve_order,serde_json/raw_value,serde_json/float_roundtrip
//! ```
//!
//! The crate has no feature of its own for it, so that `--all-features` means what it always did.

use serde_json::Value;

/// What this build's `serde_json` does: (keeps numbers as text, keeps the order of objects).
fn behaviour() -> (bool, bool) {
    let written = |text: &str| serde_json::from_str::<Value>(text).unwrap().to_string();
    let long = "1.00000000000000000000000000000001";
    let unsorted = r#"{"b":true,"a":true}"#;
    (written(long) == long, written(unsorted) == unsorted)
}

/// Whichever run this is, it is the run that it says it is.
#[test]
fn the_features_are_those_that_the_run_asked_for() {
    if std::env::var_os("AUTHS_TEST_JSON_FEATURES").is_some() {
        assert_eq!(behaviour(), (true, true));
    } else {
        assert!(
            !behaviour().0,
            "something in the workspace keeps numbers as text"
        );
    }
}
