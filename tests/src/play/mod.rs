//! Random play against the truth: sequences of moves by owners, collaborators, strangers and thieves, and questions after each.
//!
//! Nobody is good or bad by name: who steals, who is given a role and who is named for what is drawn. After each move some of a
//! sequence's questions are asked, and after the last one all of them; each answer is held against what its asker really holds
//! ([`World::find_wrong_yes`](auths_core::simulation::World::find_wrong_yes)). A sequence prints as a story: its moves, in order,
//! and the question.

pub mod cast;
pub mod draw;
mod follows;
pub mod moves;
pub mod run;
mod table;
pub mod tries;

use std::collections::BTreeMap;

pub use cast::{Home, Package, Players, Rule, Who};
pub use moves::{Move, Revokes, Scope, With};
pub use run::{Told, Totals, play_many};
pub use table::Table;
pub use tries::{Found, Shows, Try, Way};

/// Moves, and what is asked after each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sequence {
    /// Where it is played.
    pub home: Home,
    /// The moves, in order.
    pub moves: Vec<Move>,
    /// The questions.
    pub tries: Vec<Try>,
}

/// What became of a sequence, or of many.
#[derive(Debug, Clone, Default)]
pub struct Played {
    /// How many answers were decided.
    pub decided: u64,
    /// How often each thing happened.
    pub tally: BTreeMap<String, u64>,
    /// The first wrong yes, with how many moves had been made.
    pub found: Option<(usize, Found)>,
}

impl Sequence {
    /// Plays the moves, and stops at the first wrong yes.
    #[must_use]
    pub fn play(&self) -> Played {
        let mut table = Table::new(self.home);
        let found = self.find(&mut table);
        Played {
            decided: table.decided(),
            tally: table.tally,
            found,
        }
    }

    fn find(&self, table: &mut Table) -> Option<(usize, Found)> {
        let last = self.moves.len().saturating_sub(1);
        for (n, one) in self.moves.iter().enumerate() {
            table.play(one);
            // A turn of them after each move; where there are few, each after each.
            let turn =
                |place: usize| n == last || self.tries.len() <= 2 || (place + n).is_multiple_of(2);
            for (place, question) in self.tries.iter().enumerate() {
                if let Some(found) = turn(place).then(|| table.ask(question)).flatten() {
                    return Some((n + 1, found));
                }
            }
        }
        None
    }
}
