//! One verifier of PyPI, npm and crates.io, with revocations and challenges, and what it answers to holders of packages there.
#![expect(clippy::print_stdout, reason = "an example prints")]

use std::sync::Arc;
use std::time::Duration;

use auths_adapters_github::{CratesIo, GitHub};
use auths_adapters_npm::Npm;
use auths_adapters_pypi::PyPi;
use auths_core::ports::{
    MemoryReplayGuard, MemoryRevocations, MemoryStore, PublishedRevocations, RevocationList,
};
use auths_core::{Bundle, Policy, Verifier, escape};
use auths_keystore::OsEntropy;
use auths_snippets::{Failure, Holder, Outside, People};

const LIFE: Duration = Duration::from_secs(600);

/// Prints the answer about a text that somebody sent.
async fn answer(verifier: &Verifier, sent: &str, outside: &Outside) -> Result<(), Failure> {
    let (policy, now) = (Policy::standard(), outside.clock.now());
    let bundle = Bundle::parse(sent.as_bytes())?;
    match verifier.verify(&bundle, &policy, now).await.into_verified() {
        Ok(verified) => {
            // Whoever acts on a yes asks it again: does it still hold, and does it resist what the policy says?
            let authority = verified.resisting(&policy, now)?;
            println!("accepted: {authority}; it falls to {}", verified.falls_to());
        }
        Err(no) => println!("{}", escape(&no.to_string())),
    }
    Ok(())
}

/// Gives a challenge to somebody who wants to speak for a package, and returns what they send.
async fn claim(
    verifier: &Verifier,
    (who, package): (&Holder, &str),
    outside: &Outside,
) -> Result<String, Failure> {
    let (package, now) = (outside.package(package)?, outside.clock.now());
    let issued = verifier.issue_challenge(who.did(), package.clone(), now);
    let challenge = issued.await?.challenge().clone();
    who.claim(outside, package, challenge).await
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let outside = Outside::new()?;
    let people = People::new(&outside).await?;
    let list = Arc::new(RevocationList::new("our own list"));
    let transport = outside.transport(MemoryStore::new())?;
    let verifier = Verifier::builder("https://hub.example".parse()?)
        .registry(PyPi::new(outside.pypi.clone(), transport.clone()))
        .registry(Npm::new(outside.npm.clone(), transport.clone()))
        .registry(CratesIo::new(outside.crates_io.clone(), transport.clone()))
        .accounts(GitHub::new(outside.github.clone(), transport)) // crates are owned by GitHub accounts
        .revocations(list.clone())
        .revocation_memory(MemoryRevocations::new())
        .challenges(MemoryReplayGuard::new(), OsEntropy, LIFE)
        .build()?;

    for (name, who, package) in [
        ("Alice", &people.alice, "pypi:widget"),
        ("Nina", &people.nina, "npm:left"),
        ("Carol", &people.carol, "cargo:demo"),
        ("Mallory", &people.mallory, "cargo:demo"),
    ] {
        let sent = claim(&verifier, (who, package), &outside).await?;
        print!("{name} claims {package}: ");
        answer(&verifier, &sent, &outside).await?;
        print!("  once more: ");
        answer(&verifier, &sent, &outside).await?;
    }
    let sent = claim(&verifier, (&people.nina, "npm:left"), &outside).await?;
    let revocation = people.nina.revoke_key(&outside).await?;
    list.publish(PublishedRevocations::new([revocation]));
    print!("Nina's key was revoked: ");
    answer(&verifier, &sent, &outside).await
}
