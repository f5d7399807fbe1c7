//! Draws moves on repositories and CI runs, and what a sequence about them begins with.

use proptest::prelude::*;

use super::cast::{Home, Package, Players, Rule, Who};
use super::ci::{CiMove, Event, RuleShape};
use super::draw::{Habits, any_owner, anybody, package, somebody};
use super::moves::{Move, With};
use super::tries::{Shows, Try, Way};

fn shape() -> impl Strategy<Value = RuleShape> + Clone {
    let bits = (
        prop::bool::weighted(0.3),
        prop::bool::weighted(0.2),
        prop::bool::weighted(0.8),
    );
    bits.prop_map(|(environment, by_caller, as_it_is)| RuleShape {
        environment,
        by_caller,
        as_it_is,
    })
}

fn event() -> impl Strategy<Value = Event> + Clone {
    prop_oneof![
        4 => Just(Event::Push),
        2 => Just(Event::Release),
        1 => Just(Event::PullRequestTarget),
    ]
}

/// Draws a move on a repository or a run.
pub(super) fn ci(habits: &Habits) -> impl Strategy<Value = Move> + use<> {
    let rule = (any_owner(), any_owner(), package(habits), shape());
    let strangers_rule = (
        somebody(habits),
        any_owner(),
        anybody(),
        package(habits),
        shape(),
    );
    let with = prop_oneof![4 => Just(With::Own), 1 => (0u8..2).prop_map(With::Stolen)];
    let rewrites = prop::option::weighted(0.25, any::<bool>());
    let run = (
        prop_oneof![1 => any_owner(), 2 => somebody(habits)],
        with,
        any_owner(),
        event(),
        rewrites,
    );
    let pair = (somebody(habits), any_owner());
    let reviewer = prop::option::weighted(0.8, anybody());
    let guard = (any_owner(), reviewer, prop::bool::weighted(0.8));
    let uses = (any_owner(), any_owner(), prop::bool::weighted(0.7));
    let one = prop_oneof![
        3 => rule.prop_map(|(by, repository_of, package, shape)| {
            CiMove::SignRule { by, key_of: by, repository_of, package, shape }
        }),
        2 => strangers_rule.prop_map(|(by, key_of, repository_of, package, shape)| {
            CiMove::SignRule { by, key_of, repository_of, package, shape }
        }),
        6 => run.prop_map(|(who, with, repository_of, event, rewrites)| {
            CiMove::StartRun { who, with, repository_of, event, rewrites }
        }),
        2 => (anybody(), anybody()).prop_map(|(who, of)| CiMove::Approve { who, of }),
        3 => pair.clone().prop_map(|(who, of)| CiMove::Poison { who, of }),
        1 => pair.clone().prop_map(|(who, of)| CiMove::TakeJob { who, of }),
        2 => guard.prop_map(|(who, reviewer, strictly)| {
            CiMove::Protect { who, reviewer, strictly }
        }),
        2 => uses.prop_map(|(who, repository_of, uses)| {
            CiMove::UseEnvironment { who, repository_of, uses }
        }),
        1 => (any_owner(), anybody()).prop_map(|(who, called)| CiMove::Call { who, called }),
        1 => any_owner().prop_map(|who| CiMove::RenameRepository { who }),
        1 => pair.clone().prop_map(|(who, repository_of)| {
            CiMove::RenameWorkflow { who, repository_of }
        }),
        1 => any_owner().prop_map(|who| CiMove::DeleteRepository { who }),
        1 => pair.clone().prop_map(|(who, named_after)| {
            CiMove::Recreate { who, named_after }
        }),
        1 => pair.prop_map(|(who, of)| CiMove::Fork { who, of }),
        1 => any_owner().prop_map(|who| CiMove::TransferToOrganisation { who }),
    ];
    one.prop_map(Move::Ci)
}

/// What a sequence begins with: alice speaks for a package, and signs a rule for runs of a repository.
#[derive(Debug, Clone, Copy)]
pub(super) struct Opening {
    shape: RuleShape,
    repository_of: Who,
    /// True where the job is in an environment that somebody reviews.
    guarded: bool,
    /// True where mallory or bob may write to the repository.
    writer: Option<Who>,
    /// What somebody else does then.
    attack: Attack,
}

/// What somebody else does after a rule was signed, with a run of it at the end.
#[derive(Debug, Clone, Copy)]
enum Attack {
    /// Nothing.
    Nothing,
    /// A stranger opens a pull request.
    PullRequest,
    /// Code of a stranger runs in the job.
    Poison,
    /// A delegate signs a rule for its own repository.
    Delegate { further: bool },
    /// The repository gets another owner.
    Transfer,
    /// The repository is deleted, and a stranger takes its name.
    TakeName,
    /// A writer reviews the environment, and approves its own run.
    ApproveOwn,
    /// A thief of the owner's key signs a rule for its own repository.
    StealKey,
}

const ATTACKS: [Attack; 9] = [
    Attack::Nothing,
    Attack::PullRequest,
    Attack::Poison,
    Attack::Delegate { further: false },
    Attack::Delegate { further: true },
    Attack::Transfer,
    Attack::TakeName,
    Attack::ApproveOwn,
    Attack::StealKey,
];

pub(super) fn opening() -> impl Strategy<Value = Option<Opening>> {
    let writer = prop::sample::select(vec![Who::Bob, Who::Mallory]);
    let parts = (
        shape(),
        any_owner(),
        prop::bool::weighted(0.4),
        prop::option::weighted(0.5, writer),
        prop::sample::select(ATTACKS.to_vec()),
    );
    let opening = parts.prop_map(|(shape, repository_of, guarded, writer, attack)| Opening {
        shape,
        repository_of,
        guarded,
        writer,
        attack,
    });
    prop::option::weighted(0.5, opening)
}

impl Opening {
    /// Returns the question of the player who attacks: by its newest run, with everything that the front end can keep.
    pub(super) fn question(self) -> Try {
        Try {
            who: Who::Mallory,
            key_of: Who::Mallory,
            package: Package::Crown,
            way: Way::Run,
            rule: Rule::Default,
            shows: Shows {
                accounts: Players(0),
                packages: 0,
                gists: true,
                tokens: true,
                delegations: true,
            },
        }
    }

    /// Returns the moves.
    pub(super) fn moves(self, home: Home) -> Vec<Move> {
        let (alice, of) = (Who::Alice, self.repository_of);
        let mut moves = match home {
            Home::PyPi | Home::Npm => {
                let named = Move::Publish {
                    who: alice,
                    with: With::Own,
                    package: Package::Crown,
                    names: Players(1),
                    speaks_for: None,
                    typed: None,
                };
                vec![named.clone(), Move::Wait { hours: 168 }, named]
            }
            Home::CratesIo | Home::GitHub => vec![Move::Approve {
                who: alice,
                begun_by: alice,
            }],
        };
        if self.guarded {
            let protect = CiMove::Protect {
                who: of,
                reviewer: Some(Who::Bob),
                strictly: true,
            };
            let uses = CiMove::UseEnvironment {
                who: of,
                repository_of: of,
                uses: true,
            };
            moves.extend([Move::Ci(protect), Move::Ci(uses)]);
        }
        if let Some(whom) = self.writer {
            moves.push(Move::Writer {
                by: of,
                whom,
                writes: true,
            });
        }
        moves.push(Move::Ci(CiMove::SignRule {
            by: alice,
            key_of: alice,
            repository_of: of,
            package: Package::Crown,
            shape: self.shape,
        }));
        let starter = self.writer.unwrap_or(of);
        moves.push(Move::Ci(run_of(of, of)));
        moves.push(Move::Ci(run_of(starter, of)));
        moves.extend(self.attack.moves(of));
        moves
    }
}

impl Attack {
    /// Returns the moves against the repository of a player.
    fn moves(self, of: Who) -> Vec<Move> {
        let mallory = Who::Mallory;
        match self {
            Self::Nothing => Vec::new(),
            Self::PullRequest => vec![Move::Ci(CiMove::StartRun {
                who: mallory,
                with: With::Own,
                repository_of: of,
                event: Event::PullRequestTarget,
                rewrites: None,
            })],
            Self::Poison => vec![Move::Ci(CiMove::Poison { who: mallory, of })],
            Self::Delegate { further } => vec![
                Move::Delegate {
                    from: Who::Alice,
                    to: Who::Bob,
                    package: Package::Crown,
                    further,
                },
                own_rule(Who::Bob, Who::Bob, mallory),
                Move::Ci(run_of(mallory, mallory)),
            ],
            Self::Transfer => vec![
                Move::Transfer {
                    by: of,
                    to: mallory,
                },
                Move::Ci(run_of(mallory, of)),
            ],
            Self::TakeName => vec![
                Move::Ci(CiMove::DeleteRepository { who: of }),
                Move::Rename {
                    who: of,
                    then: mallory,
                },
                Move::Ci(CiMove::Recreate {
                    who: mallory,
                    named_after: of,
                }),
                Move::Ci(run_of(mallory, mallory)),
            ],
            Self::ApproveOwn => vec![
                Move::Writer {
                    by: of,
                    whom: mallory,
                    writes: true,
                },
                Move::Ci(CiMove::Protect {
                    who: of,
                    reviewer: Some(mallory),
                    strictly: false,
                }),
                Move::Ci(run_of(mallory, of)),
                Move::Ci(CiMove::Approve {
                    who: mallory,
                    of: mallory,
                }),
            ],
            Self::StealKey => vec![
                Move::StealKey {
                    who: mallory,
                    from: Who::Alice,
                },
                own_rule(mallory, Who::Alice, mallory),
                Move::Ci(run_of(mallory, mallory)),
            ],
        }
    }
}

/// Returns the move that signs a plain rule for the first package.
fn own_rule(by: Who, key_of: Who, repository_of: Who) -> Move {
    Move::Ci(CiMove::SignRule {
        by,
        key_of,
        repository_of,
        package: Package::Crown,
        shape: RuleShape {
            environment: false,
            by_caller: false,
            as_it_is: true,
        },
    })
}

fn run_of(who: Who, repository_of: Who) -> CiMove {
    CiMove::StartRun {
        who,
        with: With::Own,
        repository_of,
        event: Event::Push,
        rewrites: None,
    }
}

/// Returns what a player does with what it was given, or got into.
pub(super) fn using(one: &CiMove) -> Option<CiMove> {
    Some(match *one {
        CiMove::SignRule { repository_of, .. } => run_of(repository_of, repository_of),
        CiMove::UseEnvironment { repository_of, .. } => run_of(repository_of, repository_of),
        CiMove::Protect { who, reviewer, .. } => CiMove::Approve {
            who: reviewer?,
            of: who,
        },
        CiMove::Recreate { who, .. } | CiMove::Fork { who, .. } => run_of(who, who),
        CiMove::Call { who, .. } => run_of(who, who),
        _ => return None,
    })
}

/// Lets the question be one of a player who got a run in the moves, about the package of a rule. `back` counts back among the runs.
pub(super) fn ask_by_run(drawn: &mut Try, moves: &[Move], back: usize) {
    let ci = || {
        let newest_first = moves.iter().rev();
        newest_first.filter_map(|one| match one {
            Move::Ci(one) => Some(one),
            _ => None,
        })
    };
    let mut runs = ci().filter_map(|one| match *one {
        CiMove::StartRun { who, .. } | CiMove::Poison { who, .. } | CiMove::TakeJob { who, .. } => {
            Some(who)
        }
        _ => None,
    });
    let mut rules = ci().filter_map(|one| match *one {
        CiMove::SignRule { package, .. } => Some(package),
        _ => None,
    });
    let Some(who) = runs.clone().nth(back).or_else(|| runs.next()) else {
        return;
    };
    (drawn.who, drawn.key_of) = (who, who);
    drawn.way = match back {
        0 | 2 => Way::Run,
        _ => Way::Publish,
    };
    drawn.shows.tokens = true;
    if let Some(package) = rules.next() {
        drawn.package = package;
    }
}
