//! Draws sequences at random.
//!
//! Each sequence has its habits, as people have. Most releases of a package by one player say what the last one said. Most moves
//! are about two packages. Most moves that owners do not make are made by one player. These habits are drawn.
//!
//! Moves and questions follow from earlier moves more often than by chance. A player publishes again, uses what it was given or
//! stole, or takes back what it gave. Questions are asked by what was published.

use proptest::prelude::*;
use proptest::strategy::Union;

use super::Sequence;
use super::cast::{Home, Package, Players, Rule, Who};
use super::draw_ci::{Opening, ci, opening};
use super::follows::{asks, follows};
use super::moves::{Move, Revokes, Scope, With};
use super::tries::{Shows, Try, Way};

/// The fewest and the most moves of a sequence.
const MOVES: std::ops::Range<usize> = 12..28;
/// The number of questions drawn with a sequence. Some of them are asked after each move, and all of them after the last one.
const TRIES: std::ops::Range<usize> = 4..9;

/// The habits of a sequence.
#[derive(Debug, Clone)]
pub(super) struct Habits {
    /// The player who does most of what owners do not do.
    busy: Who,
    /// The second package of the sequence, beside [`Package::Crown`].
    pub(super) side: Package,
    /// The usual content of each player's releases of each package: the named players, the account spoken for, and the typed
    /// repository's owner.
    says: Vec<(Players, Option<Who>, Option<Who>)>,
    /// The kinds of moves that happen, one bit each, beside publishing and waiting. Fewer kinds are played further.
    kinds: u8,
}

impl Habits {
    pub(super) fn says(&self, who: Who, package: Package) -> (Players, Option<Who>, Option<Who>) {
        let place = Package::ALL.iter().position(|p| *p == package).unwrap_or(0);
        self.says[who as usize * Package::ALL.len() + place]
    }
}

fn habits() -> impl Strategy<Value = Habits> {
    let busy = prop::sample::select(vec![Who::Bob, Who::Mallory]);
    let side =
        prop_oneof![2 => Just(Package::Toy), 3 => prop::sample::select(Package::ALL.to_vec())];
    let names = prop_oneof![3 => Just(None), 3 => (0u8..8).prop_map(|n| Some(Players(n)))];
    let speaks_for = prop::option::weighted(0.3, any_owner());
    let typed = prop::option::weighted(0.1, anybody());
    let each = (names, speaks_for, typed);
    let says = prop::collection::vec(each, Who::ALL.len() * Package::ALL.len());
    (busy, side, says, any::<u8>()).prop_map(|(busy, side, says, kinds)| {
        let says = says
            .into_iter()
            .enumerate()
            .map(|(n, (names, speaks_for, typed))| {
                // Mostly the publisher's own key.
                let own = Players(1 << (n / Package::ALL.len()));
                (names.unwrap_or(own), speaks_for, typed)
            });
        let says = says.collect();
        Habits {
            busy,
            side,
            says,
            kinds,
        }
    })
}

/// Returns sequences on any registry.
pub fn sequences() -> impl Strategy<Value = Sequence> {
    // There are more ways where releases can name keys.
    let home = prop_oneof![
        3 => Just(Home::PyPi),
        2 => Just(Home::Npm),
        1 => Just(Home::CratesIo),
        1 => Just(Home::GitHub),
    ];
    (home, habits(), opening()).prop_flat_map(|(home, habits, opening)| {
        let moves = prop::collection::vec((one_move(&habits), follows()), MOVES);
        let tries = prop::collection::vec((one_try(&habits), asks()), TRIES);
        (moves, tries).prop_map(move |(drawn, tries)| {
            let mut moves = opening.map_or_else(Vec::new, |opening| opening.moves(home));
            for (one, follows) in drawn {
                match follows.after(&moves, &habits) {
                    Some(following) => {
                        if moves.contains(&following) {
                            moves.extend(follows.wait());
                        }
                        moves.push(following);
                    }
                    None => moves.push(one),
                }
            }
            let tries = tries.into_iter().map(|(one, asks)| asks.of(one, &moves));
            let mut tries: Vec<Try> = tries.collect();
            tries.extend(opening.map(Opening::question));
            Sequence { home, moves, tries }
        })
    })
}

pub(super) fn anybody() -> impl Strategy<Value = Who> + Clone {
    prop::sample::select(Who::ALL.to_vec())
}

/// Returns mostly a player who owns something at the beginning.
pub(super) fn any_owner() -> impl Strategy<Value = Who> + Clone {
    prop_oneof![3 => Just(Who::Alice), 1 => anybody()]
}

/// Returns mostly the busy player.
pub(super) fn somebody(habits: &Habits) -> impl Strategy<Value = Who> + Clone + use<> {
    prop_oneof![2 => Just(habits.busy), 1 => anybody()]
}

pub(super) fn package(habits: &Habits) -> impl Strategy<Value = Package> + Clone + use<> {
    prop_oneof![
        3 => Just(Package::Crown),
        4 => Just(habits.side),
        2 => prop::sample::select(Package::ALL.to_vec()),
    ]
}

fn with() -> impl Strategy<Value = With> + Clone {
    prop_oneof![
        4 => Just(With::Own),
        3 => (0u8..2).prop_map(With::Stolen),
        1 => anybody().prop_map(With::Workflow),
    ]
}

fn publish(habits: &Habits) -> impl Strategy<Value = Move> + use<> {
    let own = (any_owner(), Just(With::Own));
    let other = (somebody(habits), with());
    let actor = prop_oneof![1 => own, 1 => other];
    let otherwise = prop::option::weighted(
        0.2,
        (
            (0u8..8).prop_map(Players),
            prop::option::weighted(0.3, any_owner()),
            prop::option::weighted(0.1, anybody()),
        ),
    );
    let habits = habits.clone();
    (actor, package(&habits), otherwise).prop_map(move |((who, with), package, otherwise)| {
        let said = habits.says(who, package);
        let (names, speaks_for, typed) = otherwise.unwrap_or(said);
        Move::Publish {
            who,
            with,
            package,
            names,
            speaks_for,
            typed,
        }
    })
}

fn theft(habits: &Habits) -> impl Strategy<Value = Move> + use<> {
    let scope = prop_oneof![
        4 => package(habits).prop_map(Scope::One),
        3 => Just(Scope::All),
        1 => Just(Scope::Gists),
        1 => Just(Scope::Organisations),
    ];
    let pair = (somebody(habits), any_owner());
    let token = (pair.clone(), scope);
    prop_oneof![
        8 => token.prop_map(|((who, from), scope)| Move::StealToken { who, from, scope }),
        1 => pair.clone().prop_map(|(who, from)| Move::StealSession { who, from }),
        3 => pair.clone().prop_map(|(who, from)| Move::StealKey { who, from }),
        1 => pair.clone().prop_map(|(who, from)| Move::StealRun { who, from }),
        1 => pair.prop_map(|(who, from)| Move::StealWorkflow { who, from }),
        1 => anybody().prop_map(|who| Move::EndThefts { who }),
    ]
}

fn role(habits: &Habits) -> impl Strategy<Value = Move> + use<> {
    let by = prop_oneof![
        3 => (any_owner(), Just(With::Own)),
        1 => (somebody(habits), with()),
    ];
    let pair = (by, somebody(habits));
    let about = (pair.clone(), package(habits));
    prop_oneof![
        3 => (about.clone(), prop::bool::weighted(0.4)).prop_map(|((((by, with), to), package), owner)| {
            Move::GiveRole { by, with, package, to, owner }
        }),
        2 => about.prop_map(|(((by, with), from), package)| {
            Move::TakeRole { by, with, package, from }
        }),
        1 => (pair.clone(), any::<bool>()).prop_map(|(((by, with), whom), admin)| {
            Move::Member { by, with, whom, admin }
        }),
        1 => pair.prop_map(|((by, with), whom)| Move::Dismiss { by, with, whom }),
        1 => (any_owner(), package(habits), any::<bool>()).prop_map(|(by, package, gives)| {
            Move::Organisation { by, package, gives }
        }),
    ]
}

fn build(habits: &Habits) -> impl Strategy<Value = Move> + use<> {
    let trust = (
        any_owner(),
        package(habits),
        anybody(),
        prop::bool::weighted(0.8),
    );
    let attested = (
        somebody(habits),
        with(),
        package(habits),
        (0u8..8).prop_map(Players),
    );
    prop_oneof![
        3 => trust.prop_map(|(by, package, repository_of, trusts)| {
            Move::Trust { by, package, repository_of, trusts }
        }),
        1 => (any_owner(), somebody(habits), prop::bool::weighted(0.8)).prop_map(
            |(by, whom, writes)| Move::Writer { by, whom, writes },
        ),
        1 => (any_owner(), anybody()).prop_map(|(by, to)| Move::Transfer { by, to }),
        1 => attested.prop_map(|(who, with, package, names)| {
            Move::PublishAttested { who, with, package, names }
        }),
    ]
}

fn change(habits: &Habits) -> impl Strategy<Value = Move> + use<> {
    let by = (
        prop_oneof![any_owner(), somebody(habits)],
        with(),
        package(habits),
    );
    let names = (0u8..8).prop_map(Players);
    prop_oneof![
        2 => by.clone().prop_map(|(who, with, package)| Move::Yank { who, with, package }),
        1 => (by.clone(), any::<bool>()).prop_map(|((who, with, package), all)| {
            Move::Delete { who, with, package, all }
        }),
        1 => by.clone().prop_map(|(who, with, package)| Move::TagOldest { who, with, package }),
        1 => (by, names).prop_map(|((who, with, package), names)| {
            Move::PublishOldLooking { who, with, package, names }
        }),
    ]
}

fn account(habits: &Habits) -> impl Strategy<Value = Move> + use<> {
    let pair = (any_owner(), somebody(habits));
    prop_oneof![
        4 => (somebody(habits), with(), anybody()).prop_map(|(who, with, account_of)| {
            Move::Gist { who, with, account_of }
        }),
        1 => anybody().prop_map(|who| Move::DeleteGists { who }),
        2 => pair.clone().prop_map(|(who, begun_by)| Move::Approve { who, begun_by }),
        1 => pair.clone().prop_map(|(who, then)| Move::Reregister { who, then }),
        1 => pair.prop_map(|(who, then)| Move::Rename { who, then }),
    ]
}

fn signed(habits: &Habits) -> impl Strategy<Value = Move> + use<> {
    let what = prop::sample::select(vec![Revokes::Did, Revokes::Delegation, Revokes::Accounts]);
    let delegation = (any_owner(), anybody(), package(habits), any::<bool>());
    prop_oneof![
        2 => delegation.prop_map(|(from, to, package, further)| {
            Move::Delegate { from, to, package, further }
        }),
        2 => any_owner().prop_map(|who| Move::NameRecovery { who }),
        2 => (any_owner(), what, any::<bool>()).prop_map(|(who, what, by_recovery)| {
            Move::Revoke { who, what, by_recovery }
        }),
    ]
}

fn wait() -> impl Strategy<Value = Move> {
    let hours = prop_oneof![
        1 => 1u16..24,
        2 => 24u16..168,
        // The default maturity, and a little longer.
        3 => Just(168u16),
        3 => 168u16..220,
        1 => 220u16..900,
    ];
    hours.prop_map(|hours| Move::Wait { hours })
}

fn one_move(habits: &Habits) -> impl Strategy<Value = Move> + use<> {
    let some = [
        (6, theft(habits).boxed()),
        (6, role(habits).boxed()),
        (2, build(habits).boxed()),
        (2, change(habits).boxed()),
        (4, account(habits).boxed()),
        (4, signed(habits).boxed()),
        (10, ci(habits).boxed()),
    ];
    let mut all = vec![(9, publish(habits).boxed()), (5, wait().boxed())];
    let some = some.into_iter().enumerate();
    all.extend(some.filter_map(|(n, kind)| (habits.kinds & (1 << n) != 0).then_some(kind)));
    Union::new_weighted(all)
}

fn one_try(habits: &Habits) -> impl Strategy<Value = Try> + use<> {
    // Only a few: with many, next to nothing is accepted.
    let built = (prop::array::uniform3(any::<u16>()), any::<bool>())
        .prop_map(|([a, b, c], hasty)| Rule::Built(a & b & c, hasty));
    let rule = prop_oneof![
        5 => Just(Rule::Default),
        1 => Just(Rule::Strict),
        1 => Just(Rule::TrustSelfReported),
        3 => built,
    ];
    // Some come with everything, others with a part of it.
    let everything = Shows {
        accounts: Players(7),
        packages: 0x3f,
        gists: true,
        tokens: true,
        delegations: true,
    };
    let part = (
        0u8..8,
        // Only a few: each is another proof to read.
        (0u8..0x40, 0u8..0x40).prop_map(|(a, b)| a & b),
        any::<bool>(),
        any::<bool>(),
        any::<bool>(),
    );
    let part = part.prop_map(|(accounts, packages, gists, tokens, delegations)| Shows {
        accounts: Players(accounts),
        packages,
        gists,
        tokens,
        delegations,
    });
    let shows = prop_oneof![1 => Just(everything), 5 => part];
    // A claim reads every proof, a bundle reads one proof of each account.
    let way = prop_oneof![
        3 => Just(Way::Claim),
        4 => Just(Way::Live),
        2 => prop::sample::select(Way::ALL.to_vec()),
    ];
    let asker = prop_oneof![3 => Just(habits.busy), 1 => anybody()];
    let key = prop::option::weighted(0.2, any_owner());
    let about = prop_oneof![2 => Just(Package::Crown), 1 => package(habits)];
    (asker, key, about, way, rule, shows).prop_map(|(who, key, package, way, rule, shows)| Try {
        who,
        key_of: key.unwrap_or(who),
        package,
        way,
        rule,
        shows,
    })
}
