//! Random play against the truth: sequences of moves by owners, collaborators, strangers and thieves, and questions after each
//! move.
//!
//! Nobody is good or bad by name. The thieves, the roles and the named DIDs are drawn. Some of a sequence's questions are asked
//! after each move, and all of them after the last one. Each answer is compared with what its asker really holds
//! ([`World::find_wrong_yes`](auths_testkit::world::World::find_wrong_yes)). A sequence prints as a story: its moves, in order,
//! and the question.

mod ask_run;
pub mod cast;
pub mod ci;
pub mod draw;
mod draw_ci;
mod follows;
pub mod moves;
pub mod run;
mod table;
pub mod tries;

use std::collections::BTreeMap;

pub use cast::{Home, Package, Players, Rule, Who};
pub use ci::{CiMove, Event, RuleShape};
pub use moves::{Move, Revokes, Scope, With};
pub use run::{Told, Totals, play_many};
pub use table::Table;
pub use tries::{Found, Shows, Try, Way};

/// A sequence of moves, with questions to ask after each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sequence {
    /// The registry that the sequence is played on.
    pub home: Home,
    /// The moves, in order.
    pub moves: Vec<Move>,
    /// The questions.
    pub tries: Vec<Try>,
}

/// The result of one sequence, or of many.
#[derive(Debug, Clone, Default)]
pub struct Played {
    /// The number of decided answers.
    pub decided: u64,
    /// The number of times that each thing happened.
    pub tally: BTreeMap<String, u64>,
    /// The first wrong yes, with the number of moves before it.
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
            // Some of the questions are asked after each move. Where there are few, each is asked after each move.
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
