//! Plays sequences at random for as long as it is told, and prints what it found.
//!
//! ```text
//! AUTHS_PLAY_SEED=7 AUTHS_PLAY_CLAIMS=1000000 AUTHS_PLAY_SECONDS=3600 cargo run --release -p auths-tests --example long_play
//! ```
//!
//! It ends when so many claims were decided, or so much time has passed; exit code 1 when an answer was wrong.

#![expect(clippy::print_stdout, reason = "what it found is printed")]

use std::process::ExitCode;
use std::time::{Duration, Instant};

use auths_tests::play::play_many;

fn setting(name: &str, default: u64) -> u64 {
    let given = std::env::var(name).ok();
    given.and_then(|text| text.parse().ok()).unwrap_or(default)
}

fn main() -> ExitCode {
    let seed = setting("AUTHS_PLAY_SEED", 1);
    let claims = setting("AUTHS_PLAY_CLAIMS", 1_000_000);
    let time = Duration::from_secs(setting("AUTHS_PLAY_SECONDS", 3_600));
    let wanted = usize::try_from(setting("AUTHS_PLAY_WRONG", 1)).unwrap_or(1);
    let began = Instant::now();
    let totals = play_many(seed, wanted, |totals| {
        totals.decided >= claims || began.elapsed() >= time
    });
    for (what, times) in &totals.tally {
        println!("{times:>9}  {what}");
    }
    for told in &totals.wrong {
        println!("\n{told}");
    }
    println!(
        "\nseed {seed}: {} sequences, {} claims decided in {:.1} s, {} wrong",
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
