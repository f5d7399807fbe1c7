//! What every crate has that takes secrets, or gives them.

use std::fs;

use auths_tests::root;

use crate::api::libraries;

/// Whoever uses such a crate needs the types in the version that the crate itself uses.
#[test]
fn a_crate_with_secrets_in_its_api_re_exports_their_types() {
    let mut taking = 0;
    for (name, file) in libraries() {
        let api = fs::read_to_string(root().join(format!("docs/api/{name}.txt"))).unwrap();
        if !api.contains("SecretString") {
            continue;
        }
        taking += 1;
        let library = fs::read_to_string(&file).unwrap();
        let exported = "pub use secrecy::{ExposeSecret, SecretString};";
        assert!(
            library.contains(exported),
            "{name} does not say: {exported}"
        );
    }
    assert!(taking >= 4, "only {taking} crates were looked at");
}
