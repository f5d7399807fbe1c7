//! Plays sequences at random for as long as it is told, on every processor core, and prints what it found.
//!
//! ```text
//! AUTHS_PLAY_SEED=7 AUTHS_PLAY_CLAIMS=1000000 AUTHS_PLAY_SECONDS=3600 cargo run --release -p auths-tests --example long_play
//! ```
//!
//! It ends when so many claims were decided, or so much time has passed; exit code 1 when an answer was wrong. The first core plays
//! the seed that was given, each further one the next seed; a story says by which seed it was found.

#![expect(clippy::print_stdout, reason = "what it found is printed")]

use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use auths_tests::play::{Totals, play_many};

fn setting(name: &str, default: u64) -> u64 {
    let given = std::env::var(name).ok();
    given.and_then(|text| text.parse().ok()).unwrap_or(default)
}

fn main() -> ExitCode {
    let seed = setting("AUTHS_PLAY_SEED", 1);
    let claims = setting("AUTHS_PLAY_CLAIMS", 1_000_000);
    let time = Duration::from_secs(setting("AUTHS_PLAY_SECONDS", 3_600));
    let wanted = usize::try_from(setting("AUTHS_PLAY_WRONG", 1)).unwrap_or(1);
    let cores = thread::available_parallelism().map_or(1, |n| n.get() as u64);
    let jobs = setting("AUTHS_PLAY_JOBS", cores).max(1);
    let began = Instant::now();
    // How many claims all of them have decided, and how many wrong answers were found.
    let (decided, wrong) = (AtomicU64::new(0), AtomicU64::new(0));
    let play = |seed: u64| {
        let counted = AtomicU64::new(0);
        let found = AtomicU64::new(0);
        play_many(seed, wanted, |totals| {
            let more = |of: u64, counted: &AtomicU64| of - counted.swap(of, Ordering::Relaxed);
            decided.fetch_add(more(totals.decided, &counted), Ordering::Relaxed);
            let wrongs = totals.wrong.len() as u64;
            wrong.fetch_add(more(wrongs, &found), Ordering::Relaxed);
            decided.load(Ordering::Relaxed) >= claims
                || wrong.load(Ordering::Relaxed) >= wanted as u64
                || began.elapsed() >= time
        })
    };
    let play = &play;
    let all: Vec<Totals> = thread::scope(|scope| {
        let running: Vec<_> = (0..jobs)
            .map(|n| scope.spawn(move || play(seed + n)))
            .collect();
        let ended = running.into_iter().map(|one| match one.join() {
            Ok(totals) => totals,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        ended.collect()
    });
    let mut totals = Totals::default();
    for one in all {
        totals.sequences += one.sequences;
        totals.decided += one.decided;
        totals.wrong.extend(one.wrong);
        for (what, times) in one.tally {
            *totals.tally.entry(what).or_default() += times;
        }
    }
    for (what, times) in &totals.tally {
        println!("{times:>9}  {what}");
    }
    for told in &totals.wrong {
        println!("\n{told}");
    }
    println!(
        "\nseeds {seed} to {}: {} sequences, {} claims decided in {:.1} s, {} wrong",
        seed + jobs - 1,
        totals.sequences,
        totals.decided,
        began.elapsed().as_secs_f64(),
        totals.wrong.len()
    );
    match totals.wrong.is_empty() {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}
