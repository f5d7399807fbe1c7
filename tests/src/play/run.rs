//! Plays many sequences, and reports the first wrong yes in its shortest form.

use std::collections::BTreeMap;
use std::fmt;

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use super::cast::{Players, Rule};
use super::draw::sequences;
use super::{Found, Move, Sequence, With};

/// The results of many sequences.
#[derive(Debug, Clone, Default)]
pub struct Totals {
    /// The number of played sequences.
    pub sequences: u64,
    /// The number of decided answers.
    pub decided: u64,
    /// The number of times that each thing happened.
    pub tally: BTreeMap<String, u64>,
    /// Each wrong yes, in the shortest sequence that shows it.
    pub wrong: Vec<Told>,
}

/// A wrong yes, as a story.
#[derive(Debug, Clone)]
pub struct Told {
    /// The seed of the run, and the number of the sequence in it.
    pub seed: (u64, u64),
    /// The number of answers decided in the run until then.
    pub decided: u64,
    /// The shortest sequence.
    pub sequence: Sequence,
    /// The wrong yes.
    pub found: Found,
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:?}: {}", self.found.wrong.because, self.found.wrong)?;
        writeln!(f, "at home on {:?}:", self.sequence.home)?;
        for (n, one) in self.sequence.moves.iter().enumerate() {
            writeln!(f, "  {}. {one:?}", n + 1)?;
        }
        writeln!(f, "  asked: {:?}", self.found.question)?;
        let ((seed, number), decided) = (self.seed, self.decided);
        write!(
            f,
            "  seed {seed}, sequence {number}, {decided} claims decided until then"
        )
    }
}

/// Plays sequences that `seed` draws, until `enough` returns true or the wanted number of wrong yeses was found.
pub fn play_many(seed: u64, wanted: usize, enough: impl Fn(&Totals) -> bool) -> Totals {
    let mut totals = Totals::default();
    let mut runner = runner(seed);
    let drawn = sequences();
    while !enough(&totals) && totals.wrong.len() < wanted {
        let Ok(tree) = drawn.new_tree(&mut runner) else {
            continue;
        };
        let sequence = tree.current();
        let played = sequence.play();
        let number = totals.sequences;
        totals.sequences += 1;
        totals.decided += played.decided;
        for (what, times) in played.tally {
            *totals.tally.entry(what).or_default() += times;
        }
        if let Some((moves, found)) = played.found {
            let (sequence, found) = shorten(sequence, moves, found);
            totals.wrong.push(Told {
                seed: (seed, number),
                decided: totals.decided,
                sequence,
                found,
            });
        }
    }
    totals
}

fn runner(seed: u64) -> TestRunner {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    TestRunner::new_with_rng(Config::default(), rng)
}

/// Returns the shortest sequence that shows the same kind of wrong yes: fewer moves first, then simpler ones.
#[must_use]
pub fn shorten(mut sequence: Sequence, moves: usize, mut found: Found) -> (Sequence, Found) {
    sequence.moves.truncate(moves);
    sequence.tries = vec![found.question.clone()];
    let because = found.wrong.because;
    let still = |candidate: &Sequence, found: &mut Found| {
        let played = candidate.play().found;
        let same = played.filter(|(_, f)| f.wrong.because == because);
        same.map(|(_, f)| *found = f).is_some()
    };
    loop {
        let before = sequence.clone();
        let mut size = sequence.moves.len();
        while size > 0 {
            let mut start = 0;
            while start < sequence.moves.len() {
                let mut fewer = sequence.clone();
                let end = (start + size).min(fewer.moves.len());
                fewer.moves.drain(start..end);
                match still(&fewer, &mut found) {
                    true => sequence = fewer,
                    false => start += size,
                }
            }
            size /= 2;
        }
        for n in 0..sequence.moves.len() {
            for plainer in plainer(&sequence.moves[n]) {
                let mut candidate = sequence.clone();
                candidate.moves[n] = plainer;
                if still(&candidate, &mut found) {
                    sequence = candidate;
                }
            }
        }
        for candidate in plainer_questions(&sequence) {
            if still(&candidate, &mut found) {
                sequence = candidate;
            }
        }
        if sequence == before {
            return (sequence, found);
        }
    }
}

/// Returns simpler forms of a move.
fn plainer(one: &Move) -> Vec<Move> {
    let mut all = Vec::new();
    let mut push = |change: &dyn Fn(&mut Move)| {
        let mut changed = one.clone();
        change(&mut changed);
        if changed != *one {
            all.push(changed);
        }
    };
    push(&|m| {
        if let Move::Publish { typed, .. } = m {
            *typed = None;
        }
    });
    push(&|m| {
        if let Move::Publish { speaks_for, .. } = m {
            *speaks_for = None;
        }
    });
    push(&|m| {
        if let Move::Publish { with, .. } = m {
            *with = With::Own;
        }
    });
    for bit in 0..3 {
        push(&|m| {
            if let Move::Publish { names, .. } = m {
                *names = Players(names.0 & !(1 << bit));
            }
        });
    }
    for hours in [1, 24, 168] {
        push(&|m| {
            if let Move::Wait { hours: waited } = m {
                *waited = hours.min(*waited);
            }
        });
    }
    all
}

fn plainer_questions(sequence: &Sequence) -> Vec<Sequence> {
    let mut all = Vec::new();
    let mut push = |change: &dyn Fn(&mut super::Try)| {
        let mut candidate = sequence.clone();
        if let Some(question) = candidate.tries.first_mut() {
            change(question);
        }
        if candidate != *sequence {
            all.push(candidate);
        }
    };
    push(&|q| q.rule = Rule::Default);
    push(&|q| q.way = super::Way::Claim);
    push(&|q| q.shows.tokens = false);
    push(&|q| q.shows.gists = false);
    push(&|q| q.shows.delegations = false);
    push(&|q| q.shows.packages = 0);
    for bit in 0..6 {
        push(&|q| q.shows.packages &= !(1 << bit));
    }
    for bit in 0..3 {
        push(&|q| q.shows.accounts = Players(q.shows.accounts.0 & !(1 << bit)));
    }
    all
}
