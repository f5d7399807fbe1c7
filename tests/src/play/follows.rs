//! Moves and questions that follow from those before them.

use proptest::prelude::*;

use super::cast::{Package, Players, Who};
use super::draw::Habits;
use super::draw_ci::ask_by_run;
use super::moves::{Move, Revokes, Scope, With};
use super::tries::Try;

/// The way in which a move follows from those before it. Each number counts back among the moves that it can follow from.
#[derive(Debug, Clone, Copy)]
pub(super) enum Follows {
    /// The move follows from no other.
    Not,
    /// A player publishes again what it published, perhaps this many hours later.
    Again(usize, Option<u16>),
    /// The player who acted last goes on. It uses what it was just given or stole, publishes once more, perhaps this many hours
    /// later, and then loses what it was given or stole.
    GoesOn(Option<u16>),
    /// A player uses what it was given, or stole.
    Uses(usize),
    /// A player takes back what it gave, or ends what was stolen from it.
    TakesBack(usize),
}

pub(super) fn follows() -> impl Strategy<Value = Follows> {
    // Mostly from the last one.
    let back = || prop_oneof![3 => Just(0usize), 1 => 1usize..4];
    let later = || prop::option::weighted(0.7, 168u16..172);
    prop_oneof![
        6 => Just(Follows::Not),
        12 => later().prop_map(Follows::GoesOn),
        4 => (back(), later()).prop_map(|(back, hours)| Follows::Again(back, hours)),
        4 => back().prop_map(Follows::Uses),
        3 => back().prop_map(Follows::TakesBack),
    ]
}

impl Follows {
    /// Returns the wait before the move.
    pub(super) fn wait(self) -> Option<Move> {
        match self {
            Self::Again(_, hours) | Self::GoesOn(hours) => hours.map(|hours| Move::Wait { hours }),
            _ => None,
        }
    }

    /// Returns the move that follows; `None` when there is nothing that it can follow from.
    pub(super) fn after(self, before: &[Move], habits: &Habits) -> Option<Move> {
        let newest_first = || (0..before.len()).rev();
        match self {
            Self::Not => None,
            Self::Again(back, _) => {
                let mut published = before.iter().rev().filter(|one| published(one).is_some());
                published.nth(back).cloned()
            }
            Self::GoesOn(_) => {
                let is_wait = |one: &Move| matches!(one, Move::Wait { .. });
                let last = before.iter().rposition(|one| !is_wait(one))?;
                if let Some(used) = using(before, last, habits) {
                    return Some(used);
                }
                let (who, ..) = published(&before[last])?;
                if !before[..last].contains(&before[last]) {
                    return Some(before[last].clone());
                }
                let newest = before.iter().rev();
                newest
                    .filter(|one| gainer(one) == Some(who))
                    .find_map(taking_back)
            }
            Self::Uses(back) => newest_first()
                .filter_map(|n| using(before, n, habits))
                .nth(back),
            Self::TakesBack(back) => before.iter().rev().filter_map(taking_back).nth(back),
        }
    }
}

/// Returns the publisher and the package of a move, and the players that the release names.
fn published(one: &Move) -> Option<(Who, Package, Players)> {
    match *one {
        Move::Publish {
            who,
            package,
            names,
            ..
        }
        | Move::PublishOldLooking {
            who,
            package,
            names,
            ..
        }
        | Move::PublishAttested {
            who,
            package,
            names,
            ..
        } => Some((who, package, names)),
        _ => None,
    }
}

/// Returns what a player does with what it was given or stole in the nth move.
fn using(moves: &[Move], nth: usize, habits: &Habits) -> Option<Move> {
    let publish = |who, with, package| {
        let (names, speaks_for, typed) = habits.says(who, package);
        Move::Publish {
            who,
            with,
            package,
            names,
            speaks_for,
            typed,
        }
    };
    let stolen = |who| {
        let later = moves.iter().skip(nth + 1);
        let later = later.filter(|one| thief(one) == Some(who)).count();
        With::Stolen(u8::try_from(later).unwrap_or(u8::MAX))
    };
    Some(match moves[nth] {
        Move::GiveRole { package, to, .. } => publish(to, With::Own, package),
        Move::Member { whom, .. } => publish(whom, With::Own, Package::OfOrg),
        Move::Trust {
            package,
            repository_of: of,
            trusts: true,
            ..
        } => publish(of, With::Workflow(of), package),
        Move::Writer {
            by,
            whom,
            writes: true,
        } => publish(whom, With::Workflow(by), habits.side),
        Move::Transfer { by, to } => publish(to, With::Workflow(by), habits.side),
        Move::StealToken { who, from, scope } => match scope {
            Scope::One(package) => publish(who, stolen(who), package),
            Scope::All => publish(who, stolen(who), habits.side),
            Scope::Gists => Move::Gist {
                who,
                with: stolen(who),
                account_of: from,
            },
            Scope::Organisations => Move::Member {
                by: who,
                with: stolen(who),
                whom: who,
                admin: true,
            },
        },
        Move::StealSession { who, .. }
        | Move::StealRun { who, .. }
        | Move::StealWorkflow { who, .. } => publish(who, stolen(who), habits.side),
        Move::Ci(ref one) => Move::Ci(super::draw_ci::using(one)?),
        _ => return None,
    })
}

/// Returns the player who was given or stole something in a move.
fn gainer(one: &Move) -> Option<Who> {
    match *one {
        Move::GiveRole { to, .. } => Some(to),
        Move::Member { whom, .. } | Move::Writer { whom, .. } => Some(whom),
        Move::Trust { repository_of, .. } => Some(repository_of),
        _ => thief(one),
    }
}

/// Returns the player who stole something that it can act with.
fn thief(one: &Move) -> Option<Who> {
    match *one {
        Move::StealToken { who, .. }
        | Move::StealSession { who, .. }
        | Move::StealRun { who, .. }
        | Move::StealWorkflow { who, .. } => Some(who),
        _ => None,
    }
}

/// Returns the move that ends the effect of a move.
fn taking_back(one: &Move) -> Option<Move> {
    Some(match *one {
        Move::GiveRole {
            by,
            with,
            package,
            to,
            ..
        } => Move::TakeRole {
            by,
            with,
            package,
            from: to,
        },
        Move::Member { by, with, whom, .. } => Move::Dismiss { by, with, whom },
        Move::Organisation {
            by,
            package,
            gives: true,
        } => Move::Organisation {
            by,
            package,
            gives: false,
        },
        Move::Trust {
            by,
            package,
            repository_of,
            trusts: true,
        } => Move::Trust {
            by,
            package,
            repository_of,
            trusts: false,
        },
        Move::Writer {
            by,
            whom,
            writes: true,
        } => Move::Writer {
            by,
            whom,
            writes: false,
        },
        Move::Gist { who, .. } => Move::DeleteGists { who },
        Move::Delegate { from, .. } => Move::Revoke {
            who: from,
            what: Revokes::Delegation,
            by_recovery: false,
        },
        Move::NameRecovery { who } | Move::StealKey { from: who, .. } => Move::Revoke {
            who,
            what: Revokes::Did,
            by_recovery: true,
        },
        Move::StealToken { from, .. }
        | Move::StealSession { from, .. }
        | Move::StealRun { from, .. }
        | Move::StealWorkflow { from, .. } => Move::EndThefts { who: from },
        _ => return None,
    })
}

/// The way in which a question follows from the moves. Each number counts back among the moves that it can follow from.
#[derive(Debug, Clone, Copy)]
pub(super) enum Asks {
    /// The question follows from no move.
    Anything,
    /// A player whom a release names asks for its package.
    ForPackage(usize),
    /// A player whom a release names says by that package alone that it holds the accounts.
    ByPackage(usize),
    /// A player asks with a key that it stole.
    WithKey(usize),
    /// A player asks with a run that it started, or got into.
    ByRun(usize),
}

pub(super) fn asks() -> impl Strategy<Value = Asks> {
    let back = || prop_oneof![1 => Just(0usize), 2 => 0usize..8];
    prop_oneof![
        4 => Just(Asks::Anything),
        3 => back().prop_map(Asks::ForPackage),
        3 => back().prop_map(Asks::ByPackage),
        2 => (0usize..2).prop_map(Asks::WithKey),
        8 => (0usize..4).prop_map(Asks::ByRun),
    ]
}

impl Asks {
    /// Returns the question that follows, or the drawn one where there is nothing that it can follow from.
    pub(super) fn of(self, mut drawn: Try, moves: &[Move]) -> Try {
        let newest_first = || moves.iter().rev();
        let released = |back| {
            let published = newest_first().filter_map(published);
            let mut named = published.filter_map(|(_, package, names)| {
                let named = names.each().next()?;
                Some((named, package))
            });
            named.clone().nth(back).or_else(|| named.next_back())
        };
        match self {
            Self::Anything => {}
            Self::ForPackage(back) => {
                if let Some((named, package)) = released(back) {
                    (drawn.who, drawn.key_of, drawn.package) = (named, named, package);
                }
            }
            Self::ByPackage(back) => {
                if let Some((named, package)) = released(back) {
                    (drawn.who, drawn.key_of) = (named, named);
                    let place = Package::ALL.iter().position(|p| *p == package);
                    drawn.shows.packages = 1 << place.unwrap_or(0);
                    drawn.shows.accounts = Players(drawn.shows.accounts.0 | 1);
                }
            }
            Self::ByRun(back) => ask_by_run(&mut drawn, moves, back),
            Self::WithKey(back) => {
                let stolen = newest_first().filter_map(|one| match *one {
                    Move::StealKey { who, from } => Some((who, from)),
                    _ => None,
                });
                if let Some((who, from)) = { stolen }.nth(back) {
                    (drawn.who, drawn.key_of) = (who, from);
                }
            }
        }
        drawn
    }
}
