//! Verify a claim: who signed it, for whom, until when. Then ask what that is worth, which is another question.
#![expect(clippy::print_stdout, reason = "an example prints")]

use auths_core::claim::{
    Audience, ClaimError, KeyRing, PlatformClaim, ProofExpectation, RevocationTarget, Signed,
};
use auths_core::crypto::KeyPair;
use auths_core::decide::Revocations;
use auths_core::ports::new_seed;
use auths_core::use_cases::{revoke, sign_account_claim};
use auths_core::{Policy, Timestamp, Verified, escape};
use auths_keystore::OsEntropy;
use auths_snippets::Failure;

/// Verifies a received text. The result is a claim that its DID signed for everybody and that holds now, or an error.
fn verify(
    bytes: &[u8],
    known: &Revocations,
    now: Timestamp,
) -> Result<Verified<PlatformClaim>, ClaimError> {
    let signed = Signed::<PlatformClaim>::parse(bytes)?;
    let public = ProofExpectation::new(Audience::public());
    signed.verify_unrevoked(&public, &KeyRing::intrinsic(), known, now)
}

/// Returns the text for an error. The three kinds must never be confused.
fn explain(error: &ClaimError) -> String {
    let (code, what) = (error.code(), error.to_string());
    match error {
        ClaimError::Refuted(_) => format!("no ({code}): {}", escape(&what)),
        ClaimError::Unavailable(_) => format!("cannot tell ({code}): {}", escape(&what)),
        _ => format!("not a claim ({code}): {}", escape(&what)),
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    // A program uses `auths_http::SystemClock`. The library itself never reads a clock.
    let now: Timestamp = "2026-11-21T08:46:00Z".parse()?;

    // The holder's side: a key from a keystore signs "I hold this account".
    let key = KeyPair::from_seed(&new_seed(&OsEntropy)?);
    let signed = sign_account_claim(&key, "pypi:alice".parse()?, None, now).await?;
    let sent = signed.to_json();

    // The verifier's side has the bytes, and nothing else.
    let none = Revocations::not_checked().with("our list", Ok(vec![]));
    let verified = verify(sent.as_bytes(), &none, now)?;
    let signer = verified.signer().ok_or("no claim was signed")?;
    println!("{signer} says that it holds {}", verified.get().account);
    println!("valid until {}", verified.valid_until());

    // Anybody may claim any account, and the signature does not make it true. So ask what the claim falls to, before acting.
    println!("it falls to: {}", verified.falls_to());
    for policy in [Policy::standard(), Policy::trust_self_reported()] {
        match verified.resisting(&policy, now) {
            Ok(claim) => println!("{}: {} will do", policy.name(), claim.account),
            Err(weak) => println!("{}: refused: {weak}", policy.name()),
        }
    }

    // Claims that do not verify, and their errors.
    let year = 365 * std::time::Duration::from_secs(86_400);
    for (what, bytes, at) in [
        ("changed", &*sent.replace("\"alice\"", "\"mallory\""), now),
        ("a year later", &sent, now + year),
        ("half of it", &sent[..sent.len() / 2], now),
    ] {
        let error = verify(bytes.as_bytes(), &none, at).err();
        println!("{what}: {}", error.as_ref().map_or("yes".into(), explain));
    }

    // Later the key is lost, and a source that you trust knows.
    let lost = revoke(&key, RevocationTarget::Did(signed.did().clone()), now).await?;
    let known = Revocations::not_checked().with("our list", Ok(vec![lost]));
    let error = verify(sent.as_bytes(), &known, now).err();
    println!("revoked: {}", error.as_ref().map_or("no".into(), explain));
    Ok(())
}
