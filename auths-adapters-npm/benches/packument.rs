//! Reading who owns a package out of a large packument, as a ratio to its floor in the same run, and in how much memory.
//!
//! `cargo bench -p auths-adapters-npm` measures with criterion and ends with the ratios. The floor is the same reader over the
//! same bytes, keeping nothing. No absolute time is asserted anywhere.
#![forbid(unsafe_code)]
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark: it reads what criterion wrote, and prints"
)]

use std::fs;
use std::hint::black_box;
use std::path::PathBuf;
use std::time::Instant;

use auths_adapters_npm::fuzzing::{ownership, skip};
use auths_core::evidence::{NamespaceEvidence, Reading};
use auths_core::{Namespace, Timestamp};
use criterion::{Criterion, Throughput};
use serde_json::{Value, json};

/// How many versions the packument has, and the larger one that shows how memory grows.
const VERSIONS: usize = 5_000;

fn now() -> Timestamp {
    "2026-11-21T08:00:00Z".parse().unwrap()
}

fn name() -> Namespace {
    "npm:@acme/left".parse().unwrap()
}

/// A packument in the shape of a busy package's: about 5 KB a version.
fn packument(versions: usize, bytes: usize) -> Vec<u8> {
    let all = |n: usize| format!("{}.{}.{}", n / 400, n / 20 % 20, n % 20);
    let dependencies: Value = (0..bytes / 50)
        .map(|n| (format!("@acme/dependency-{n}"), json!("^1.2.3 || ^2")))
        .collect::<serde_json::Map<_, _>>()
        .into();
    let manifest = |version: &str| {
        json!({
            "name": "@acme/left", "version": version, "description": "To the left. ".repeat(bytes / 65),
            "auths": { "did": "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK", "for": "npm:@acme/left" },
            "keywords": ["left", "right"], "license": "MIT", "_id": format!("@acme/left@{version}"),
            "maintainers": [{ "name": "alice", "email": "alice@mail.example" }],
            "dist": { "integrity": "sha512-".repeat(12), "fileCount": 12, "unpackedSize": 123_456,
                "signatures": [{ "keyid": "SHA256:x", "sig": "MEUCIQ".repeat(12) }] },
            "scripts": { "test": "node --test", "build": "tsc -p . && echo \"done\"" },
            "dependencies": dependencies, "engines": { "node": ">=20" },
        })
    };
    let mut time =
        json!({ "created": "2016-01-01T00:00:00.000Z", "modified": "2026-11-01T00:00:00.000Z" });
    let mut manifests = json!({});
    for n in 0..versions {
        let version = all(n);
        time[&version] = json!(format!(
            "20{:02}-{:02}-{:02}T00:00:00.000Z",
            16 + n / 500 % 10,
            1 + n / 40 % 12,
            1 + n % 28
        ));
        manifests[&version] = manifest(&version);
    }
    let whole = json!({
        "_id": "@acme/left", "_rev": "5000-aa", "name": "@acme/left", "dist-tags": { "latest": all(versions - 1) },
        "versions": manifests, "time": time, "readme": "# left\n".repeat(5_000),
        "maintainers": [{ "name": "alice", "email": "alice@mail.example" }],
        "repository": { "type": "git", "url": "git+https://github.com/acme/left.git" },
    });
    whole.to_string().into_bytes()
}

fn read(body: &[u8]) -> NamespaceEvidence {
    let seen = ownership(black_box(body), &name(), now()).unwrap();
    assert!(
        matches!(seen.listing, Reading::Read(_)) && matches!(seen.incarnation, Reading::Read(_))
    );
    seen
}

fn reading(c: &mut Criterion, body: &[u8]) {
    let mut group = c.benchmark_group("packument");
    group.sample_size(20);
    group.throughput(Throughput::Bytes(body.len() as u64));
    group.bench_function("floor", |b| b.iter(|| skip(black_box(body)).unwrap()));
    group.bench_function("ownership", |b| b.iter(|| black_box(read(body))));
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

/// The ratio of the fastest of several runs, floor and reading in turn: a busy machine slows both alike.
fn in_turn(body: &[u8]) -> f64 {
    let timed = |work: &dyn Fn()| {
        let start = Instant::now();
        work();
        start.elapsed().as_secs_f64()
    };
    let mut fastest = (f64::MAX, f64::MAX);
    for _ in 0..30 {
        fastest.0 = fastest.0.min(timed(&|| skip(black_box(body)).unwrap()));
        fastest.1 = fastest.1.min(timed(&|| drop(black_box(read(body)))));
    }
    fastest.1 / fastest.0
}

/// The most memory that reading takes at one time, in bytes.
fn peak(body: &[u8]) -> u64 {
    allocation_counter::measure(|| drop(black_box(read(body)))).bytes_max
}

fn summary(body: &[u8]) {
    println!("\nratios (target)");
    if let (Some(floor), Some(ownership)) =
        (measured("packument/floor"), measured("packument/ownership"))
    {
        println!(
            "ownership / floor                 {:.3}  (at most 1.1), of {} MB",
            ownership / floor,
            body.len() / 1_000_000,
        );
    }
    println!(
        "the same, fastest of 30 in turn   {:.3}  (at most 1.1)",
        in_turn(body)
    );
    for (versions, bytes) in [(VERSIONS, 4_000), (50_000, 100), (100_000, 100)] {
        let body = packument(versions, bytes);
        let (peak, most) = (peak(&body), (1 << 20) + 64 * versions as u64);
        println!(
            "memory, {versions:>6} versions           {:>8} bytes  (at most {most}), of {} MB",
            peak,
            body.len() / 1_000_000,
        );
    }
}

fn main() {
    let body = packument(VERSIONS, 4_000);
    assert!(body.len() > 20_000_000);
    let mut criterion = Criterion::default().configure_from_args();
    reading(&mut criterion, &body);
    criterion.final_summary();
    // Under `--test` nothing is measured.
    if std::env::args().any(|arg| arg == "--bench") && !std::env::args().any(|arg| arg == "--test")
    {
        summary(&body);
    }
}
