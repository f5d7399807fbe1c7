//! How long reading and checking a token takes, as a ratio to its bare chain of HMACs and to `libmacaroon`, in the same run.
//!
//! `cargo bench -p pypi-tokens` measures with criterion, and ends with ratios of the shortest times of runs taken in turn.
#![forbid(unsafe_code)]
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark: it reads the clock, and prints"
)]

use std::hint::black_box;
use std::time::Instant;

use criterion::{Criterion, Throughput};
use hmac::{Hmac, KeyInit, Mac};
use libmacaroon::{Macaroon, MacaroonKey, Verifier};
use pypi_tokens::{Attenuation, ExposeSecret, RootKey, RuleSet, Timestamp, Token, TokenUse};
use serde_json::Value;
use sha2::Sha256;

const KEY: &[u8] = &[7; 32];
const ID: &str = "7d1e2f3a-0b1c-4d2e-8f3a-4b5c6d7e8f90";
const USER: &str = "3c9d5b1e-7a2f-4e6d-8b0c-1f2e3d4c5b6a";
const PROJECT: &str = "aa11bb22-cc33-4d44-8e55-ff6677889900";
/// The lengths of tokens that are measured.
const CAVEATS: [usize; 3] = [0, 2, 4];

const NOW: i64 = 1_795_248_000;

fn now() -> Timestamp {
    Timestamp::from_unix(NOW).unwrap()
}

/// A token with so many caveats, as PyPI and its holder write them.
fn token(caveats: usize) -> Token {
    let key = RootKey::new(KEY).unwrap();
    let mut token = Token::create("pypi.example", ID, &key).unwrap();
    let end = now() + std::time::Duration::from_secs(600);
    let all = [
        Attenuation::new().projects(["requests"]).unwrap(),
        Attenuation::new().project_ids([PROJECT]).unwrap(),
        Attenuation::new().user_id(USER).unwrap(),
        Attenuation::new().between(now(), end).unwrap(),
    ];
    for narrowing in &all[..caveats] {
        token = token.restrict(narrowing).unwrap();
    }
    token
}

/// From text to answer, as a server does it for every request: each token has a key of its own.
fn check(text: &str, context: &TokenUse) {
    let key = RootKey::new(black_box(KEY)).unwrap();
    let token = Token::parse(black_box(text)).unwrap();
    black_box(token.check(&key, context, RuleSet::Strict).unwrap());
}

fn hmac(key: &[u8], message: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(message);
    mac.finalize().into_bytes().into()
}

/// The HMACs that such a token cannot do without.
fn chain(messages: &[Vec<u8>]) {
    let key = hmac(b"macaroons-key-generator", black_box(KEY));
    let first = hmac(&key, ID.as_bytes());
    let last = messages
        .iter()
        .fold(first, |link, message| hmac(&link, message));
    black_box(last);
}

/// The same work by a user of `libmacaroon`, who reads the caveats and compares them by hand.
fn by_libmacaroon(text: &str) {
    let key = MacaroonKey::generate(black_box(KEY));
    let body = black_box(text).split_once('-').unwrap().1;
    let macaroon = Macaroon::deserialize(body).unwrap();
    let mut verifier = Verifier::default();
    verifier.satisfy_general(|caveat| {
        let Ok(Value::Array(items)) = serde_json::from_slice::<Value>(caveat) else {
            return false;
        };
        let is_listed = |list: &Value, asked: &str| {
            let names: Option<Vec<_>> = list
                .as_array()
                .map(|l| l.iter().map(Value::as_str).collect());
            names.is_some_and(|names| names.contains(&Some(asked)))
        };
        match (items[0].as_i64(), &items[1..]) {
            (Some(0), [end, start]) => {
                start.as_i64().is_some_and(|start| start <= NOW)
                    && end.as_i64().is_some_and(|end| NOW < end)
            }
            (Some(1), [names]) => is_listed(names, "requests"),
            (Some(2), [ids]) => is_listed(ids, PROJECT),
            (Some(3), [id]) => id.as_str() == Some(USER),
            _ => false,
        }
    });
    verifier.verify(&macaroon, &key, &[]).unwrap();
}

/// A token, what is signed in it, and what it is good for.
struct Sample {
    text: String,
    messages: Vec<Vec<u8>>,
    context: TokenUse,
}

impl Sample {
    fn new(caveats: usize) -> Self {
        let token = token(caveats);
        let context = TokenUse::at(now()).project("requests").project_id(PROJECT);
        Self {
            text: token.to_text().expose_secret().to_owned(),
            messages: token.caveats().iter().map(|c| c.id().to_vec()).collect(),
            context: context.user_id(USER),
        }
    }
}

fn measure(c: &mut Criterion) {
    for caveats in CAVEATS {
        let Sample {
            text,
            messages,
            context,
        } = Sample::new(caveats);
        let mut group = c.benchmark_group(format!("token-{caveats}"));
        group.throughput(Throughput::Elements(1));
        group.bench_function("chain", |b| b.iter(|| chain(&messages)));
        group.bench_function("check", |b| b.iter(|| check(&text, &context)));
        group.bench_function("libmacaroon", |b| b.iter(|| by_libmacaroon(&text)));
        group.finish();
    }
}

/// The shortest of many short runs, taken in turn so that a busy machine disturbs all of them alike; in nanoseconds.
fn shortest<const N: usize>(work: [&dyn Fn(); N]) -> [f64; N] {
    const RUNS: u32 = 2_000;
    const TIMES: u32 = 20;
    let mut best = [f64::INFINITY; N];
    for _ in 0..RUNS {
        for (work, best) in work.iter().zip(&mut best) {
            let start = Instant::now();
            (0..TIMES).for_each(|_| work());
            *best = best.min(start.elapsed().as_nanos() as f64 / f64::from(TIMES));
        }
    }
    best
}

fn summary() {
    println!("\nratios (target)");
    for caveats in CAVEATS {
        let Sample {
            text,
            messages,
            context,
        } = Sample::new(caveats);
        let [floor, ours, theirs] =
            shortest([&|| chain(&messages), &|| check(&text, &context), &|| {
                by_libmacaroon(&text)
            }]);
        let allocated = allocation_counter::measure(|| check(&text, &context)).count_total;
        println!(
            "{caveats} caveats: check / chain {:.2}  (at most 2.5); check / libmacaroon {:.2}  (at most 1); {:.0} checks a second; {allocated} allocations",
            ours / floor,
            ours / theirs,
            1e9 / ours
        );
    }
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    measure(&mut criterion);
    criterion.final_summary();
    // Under `--test` nothing is measured.
    if std::env::args().any(|arg| arg == "--bench") && !std::env::args().any(|arg| arg == "--test")
    {
        summary();
    }
}
