//! Random play against the truth of the simulated world: no accepted answer is wrong.
//!
//! `AUTHS_PLAY_SEED` and `AUTHS_PLAY_SEQUENCES` play another seed, or more; the example `long_play` plays for as long as it is told.

#![expect(
    clippy::unwrap_used,
    reason = "a move that the world refuses fails its test"
)]

mod oracle;
mod oracle_runs;
mod stories;

use auths_tests::play::{Way, play_many};

fn setting(name: &str, default: u64) -> u64 {
    let given = std::env::var(name).ok();
    given.and_then(|text| text.parse().ok()).unwrap_or(default)
}

#[test]
fn no_accepted_answer_is_wrong_whatever_is_played() {
    let seed = setting("AUTHS_PLAY_SEED", 12);
    let most = setting("AUTHS_PLAY_SEQUENCES", 60);
    let totals = play_many(seed, 1, |totals| totals.sequences >= most);
    let wrong = totals.wrong.first();
    assert!(
        wrong.is_none(),
        "{}",
        wrong.map(ToString::to_string).unwrap_or_default()
    );
    println!(
        "seed {seed}: {} sequences, {} claims decided",
        totals.sequences, totals.decided
    );
    let times = |what: &str| totals.tally.get(what).copied().unwrap_or(0);
    for way in Way::ALL {
        assert!(
            times(&format!("way {way:?}")) > 0,
            "nothing was asked by {way:?}"
        );
    }
    for outcome in ["accepted", "pending", "denied", "undetermined"] {
        assert!(
            times(&format!("answer {outcome}")) > 0,
            "no answer was {outcome}"
        );
    }
    for what in [
        "run of an owner accepted",
        "run of another accepted",
        "run denied",
    ] {
        assert!(times(what) > 0, "no {what}");
    }
    let runs = times("way Run") + times("way Publish");
    assert!(runs * 10 >= totals.decided, "{runs} answers to runs alone");
    assert_eq!(times("granted and not accepted"), 0);
    if std::env::var_os("AUTHS_PLAY_SEED").is_some() {
        println!("{:#?}", totals.tally);
    }
}
