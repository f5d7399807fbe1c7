//! How long verifying and deciding take, each as a ratio to its floor in the same run.
//!
//! `cargo bench -p auths-core` measures with criterion and ends with the ratios. No absolute time is asserted anywhere: a
//! ratio to a floor on the same machine at the same moment is what can be compared.
#![forbid(unsafe_code)]
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark, not the domain: it reads what criterion wrote, and prints"
)]

use std::fs;
use std::hint::black_box;
use std::path::PathBuf;
use std::thread;

use auths_core::claim::{
    Action, Actions, Audience, Incarnation, KeyRing, NamespaceClaim, PlatformClaim,
    ProofExpectation, Signed, SigningRequest,
};
use auths_core::crypto::{KeyPair, PublicKey, Seed};
use auths_core::decide::{DecisionInput, decide};
use auths_core::evidence::{
    LinkedAccount, ListedAccount, Listing, NamespaceEvidence, ObservedEvidence, OwnerRole, Reading,
    Release, Timeline,
};
use auths_core::{Account, Did, Policy, Timestamp};
use criterion::{Criterion, Throughput};
use futures_util::FutureExt;

/// The claims of the "many" row.
const MANY: usize = 10_000;

fn key(n: usize) -> KeyPair {
    let mut bytes = [7; 32];
    bytes[..8].copy_from_slice(&(n as u64).to_le_bytes());
    KeyPair::from_seed(&Seed::new(bytes.into()))
}

fn now() -> Timestamp {
    "2026-11-21T08:00:00Z".parse().unwrap()
}

fn claim(n: usize) -> Vec<u8> {
    let body = PlatformClaim::new("pypi:alice".parse().unwrap(), None);
    let signed = SigningRequest::new(body, now())
        .sign(&key(n))
        .now_or_never()
        .unwrap();
    signed.unwrap().to_json().into_bytes()
}

fn verify(bytes: &[u8], expected: &ProofExpectation, keys: &KeyRing) {
    let signed = Signed::<PlatformClaim>::parse(black_box(bytes)).unwrap();
    black_box(signed.verify(expected, keys, now()).unwrap());
}

/// One signed claim from bytes, against decompressing its key and one strict check of 64 bytes.
fn one_claim(c: &mut Criterion) {
    let (expected, keys) = (
        ProofExpectation::new(Audience::public()),
        KeyRing::intrinsic(),
    );
    let bytes = claim(0);
    let (public, data) = (key(0).public().to_bytes(), [9u8; 64]);
    let signature = key(0).sign(&data);
    let mut group = c.benchmark_group("claim");
    group.throughput(Throughput::Bytes(bytes.len() as u64));
    group.bench_function("floor", |b| {
        b.iter(|| {
            PublicKey::from_bytes(black_box(&public))
                .unwrap()
                .verify(&data, &signature)
                .unwrap()
        });
    });
    group.bench_function("verify", |b| b.iter(|| verify(&bytes, &expected, &keys)));
    group.finish();
}

/// Ten thousand claims of distinct DIDs on all cores, against the same work on one.
fn many_claims(c: &mut Criterion) {
    let (expected, keys) = (
        ProofExpectation::new(Audience::public()),
        KeyRing::intrinsic(),
    );
    let claims: Vec<_> = (0..MANY).map(claim).collect();
    let share = MANY.div_ceil(cores());
    let mut group = c.benchmark_group("many");
    group.sample_size(10);
    group.bench_function("one-core", |b| {
        b.iter(|| {
            claims
                .iter()
                .for_each(|bytes| verify(bytes, &expected, &keys))
        });
    });
    group.bench_function("all-cores", |b| {
        b.iter(|| {
            thread::scope(|scope| {
                for share in claims.chunks(share) {
                    let (expected, keys) = (&expected, &keys);
                    scope.spawn(move || {
                        share.iter().for_each(|bytes| verify(bytes, expected, keys))
                    });
                }
            });
        });
    });
    group.finish();
}

fn cores() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// A case with that many linked accounts: as many account chains, and one of a statement.
fn case(accounts: usize) -> DecisionInput {
    let did = Did::from_key(&key(0).public());
    let first = Incarnation::new("first-upload", "2010-06-29T19:56:36Z");
    let body = NamespaceClaim::new(
        "pypi:six".parse().unwrap(),
        first.clone(),
        Actions::only(Action::Publish),
    );
    let request = SigningRequest::new(body, now()).for_audience(Audience::local(&did));
    let signed = request.sign(&key(0)).now_or_never().unwrap().unwrap();
    let mut seen = NamespaceEvidence::new(
        "pypi:six".parse().unwrap(),
        "https://registry.example".parse().unwrap(),
        now(),
    );
    let owner: Account = "pypi:alice".parse().unwrap();
    seen.incarnation = Reading::Read(first);
    seen.listing = Reading::Read(Listing::new(vec![ListedAccount::new(
        owner.clone(),
        OwnerRole::Owner,
        "Owner",
    )]));
    let day = std::time::Duration::from_secs(86_400);
    let releases = (1..30)
        .map(|n| Release::new(format!("{n}"), Some(now() - day * n), false).naming([did.clone()]));
    seen.timeline = Reading::Read(Timeline::new(releases.collect(), Some("1".to_owned())));
    let mut case = DecisionInput::new(signed, ProofExpectation::new(Audience::local(&did)));
    case.evidence.push(ObservedEvidence::live(seen));
    for _ in 0..accounts {
        let claim = PlatformClaim::new(owner.clone(), None);
        let signed = SigningRequest::new(claim, now())
            .sign(&key(0))
            .now_or_never()
            .unwrap()
            .unwrap();
        case.accounts.push(LinkedAccount::new(signed, Vec::new()));
    }
    case
}

/// A decision, against checking the signatures that it rests on: what is left is the deciding itself.
fn deciding(c: &mut Criterion) {
    let policy = Policy::standard();
    let mut group = c.benchmark_group("decide");
    for accounts in [0, 1, 8] {
        let case = case(accounts);
        group.bench_function(format!("{accounts}-accounts"), |b| {
            b.iter(|| black_box(decide(black_box(&case), &policy, now())));
        });
    }
    group.finish();
}

/// What criterion measured, in nanoseconds.
fn measured(of: &str) -> Option<f64> {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../target"),
        PathBuf::from,
    );
    let text =
        fs::read_to_string(target.join("criterion").join(of).join("new/estimates.json")).ok()?;
    let estimates: serde_json::Value = serde_json::from_str(&text).ok()?;
    estimates["median"]["point_estimate"].as_f64()
}

fn allocations(work: impl FnOnce()) -> u64 {
    allocation_counter::measure(work).count_total
}

fn summary() {
    let (expected, keys) = (
        ProofExpectation::new(Audience::public()),
        KeyRing::intrinsic(),
    );
    println!("\nratios (target)");
    if let (Some(floor), Some(verify)) = (measured("claim/floor"), measured("claim/verify")) {
        println!(
            "one claim / floor                 {:.3}  (at most 1.25)",
            verify / floor
        );
    }
    let bytes = claim(0);
    println!(
        "one claim, allocations            {}",
        allocations(|| verify(&bytes, &expected, &keys))
    );
    if let (Some(one), Some(all)) = (measured("many/one-core"), measured("many/all-cores")) {
        let efficiency = one / all / cores() as f64;
        println!(
            "10,000 claims, of {} cores         {efficiency:.3}  (at least 0.9)",
            cores()
        );
    }
    let signature = measured("claim/floor");
    for accounts in [0usize, 1, 8] {
        let case = case(accounts);
        let policy = Policy::standard();
        let allocated = allocations(|| drop(black_box(decide(&case, &policy, now()))));
        if let (Some(all), Some(one)) =
            (measured(&format!("decide/{accounts}-accounts")), signature)
        {
            // One check of the namespace claim, and one of each platform claim; keys are decompressed when claims are read.
            let rest = all - one * (accounts + 1) as f64;
            println!(
                "decide, {accounts} accounts                {:.3} of its {} signature checks; {:.1} us beside them; {allocated} allocations",
                all / (one * (accounts + 1) as f64),
                accounts + 1,
                rest / 1000.0,
            );
        }
    }
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    one_claim(&mut criterion);
    many_claims(&mut criterion);
    deciding(&mut criterion);
    criterion.final_summary();
    // Under `--test` nothing is measured.
    if std::env::args().any(|arg| arg == "--bench") && !std::env::args().any(|arg| arg == "--test")
    {
        summary();
    }
}
