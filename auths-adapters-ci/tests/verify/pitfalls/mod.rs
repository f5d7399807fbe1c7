//! What `jsonwebtoken` 12 accepts and refuses, measured, beside what this crate makes of the same tokens. A new version of it cannot
//! relax anything unnoticed: this crate depends on its signatures alone, and any other change shows here.

mod accepted;
mod refused;
mod row;

use std::time::{SystemTime, UNIX_EPOCH};

use auths_core::Timestamp;
use auths_testkit::issuer::{SigningKey, TokenDraft};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use serde::Deserialize;
use serde_json::Value;

use crate::common::{AUDIENCE, now, start};
use accepted::accepted;
use refused::refused;
use row::{Probe, Row};

/// The struct that the claims are decoded into, as most programs would write it.
#[derive(Deserialize)]
struct Decoded {
    #[allow(dead_code, reason = "it is decoded")]
    repository: String,
}

fn library_accepts(token: &str, issuer: &str, probe: Probe) -> bool {
    let (n, e) = SigningKey::shared(0).public_numbers();
    let key = DecodingKey::from_rsa_raw_components(&n, &e);
    let mut validation = Validation::new(Algorithm::RS256);
    validation.set_issuer(&[issuer]);
    validation.set_audience(&[AUDIENCE]);
    validation.validate_nbf = true;
    if let Probe::Requiring(claims) = probe {
        validation.set_required_spec_claims(claims);
    }
    match probe {
        Probe::IntoValue => decode::<Value>(token, &key, &validation).is_ok(),
        _ => decode::<Decoded>(token, &key, &validation).is_ok(),
    }
}

fn system_time() -> Timestamp {
    let seconds = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_secs();
    Timestamp::from_unix(i64::try_from(seconds).unwrap()).unwrap()
}

async fn assert_rows(rows: Vec<Row>) -> usize {
    let pair = start();
    assert_eq!(pair.code_of(&pair.draft()).await, "ok");
    let issuer = pair.github.origin().to_string();
    let mut wrong = Vec::new();
    for Row(name, probe, is_accepted, expected, make) in &rows {
        // The library reads the clock of the machine.
        let of_machine = make(TokenDraft::github(&issuer, AUDIENCE, system_time()));
        let library = library_accepts(&of_machine, &issuer, *probe);
        let ours = pair
            .code(&make(TokenDraft::github(&issuer, AUDIENCE, now())))
            .await;
        if (library, ours) != (*is_accepted, *expected) {
            wrong.push(format!("{name}: the library accepts: {library} (known: {is_accepted}); here: {ours} (expected: {expected})"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    rows.len()
}

#[tokio::test]
async fn what_the_library_accepts() {
    assert_eq!(assert_rows(accepted()).await, 35);
}

#[tokio::test]
async fn what_the_library_refuses() {
    assert_eq!(assert_rows(refused()).await, 39);
}

/// The provider is named in the code: neither features of other crates nor their choice of a provider count.
#[test]
fn one_provider_of_cryptography_is_compiled_in() {
    assert!(jsonwebtoken::crypto::CryptoProvider::try_get_default().is_some());
}
