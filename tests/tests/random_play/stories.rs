//! The shortest sequences of what random play found once, by name. Each failed under the rules of then.

use auths_tests::play::{
    CiMove, Event, Home, Move, Package, Players, Rule, RuleShape, Sequence, Shows, Try, Way, Who,
    With,
};

const NOBODY: Players = Players(0);
const ALICE: Players = Players(1);
const MALLORY: Players = Players(4);

fn publish(who: Who, with: With, package: Package, names: Players) -> Move {
    Move::Publish {
        who,
        with,
        package,
        names,
        speaks_for: None,
        typed: None,
    }
}

fn own(package: Package, names: Players) -> Move {
    publish(Who::Alice, With::Own, package, names)
}

/// Mallory asks by her own key, says that she holds alice's account, and shows these packages for it, one bit each.
fn asks(package: Package, rule: Rule, packages: u8) -> Try {
    Try {
        who: Who::Mallory,
        key_of: Who::Mallory,
        package,
        way: Way::Live,
        rule,
        shows: Shows {
            accounts: ALICE,
            packages,
            gists: false,
            tokens: false,
            delegations: false,
        },
    }
}

#[track_caller]
fn holds(home: Home, moves: Vec<Move>, question: &Try) {
    for way in [Way::Claim, Way::Live, Way::Challenge, Way::Offline] {
        let question = Try {
            way,
            ..question.clone()
        };
        let (moves, tries) = (moves.clone(), vec![question]);
        let played = Sequence { home, moves, tries }.play();
        assert!(played.found.is_none(), "{:?}", played.found);
        assert!(played.decided > 0, "nothing was decided");
    }
}

const WEEK: Move = Move::Wait { hours: 168 };

#[test]
fn a_key_that_was_named_for_one_package_opens_no_other() {
    for home in [Home::PyPi, Home::Npm] {
        let named = own(Package::Crown, MALLORY);
        let moves = vec![named.clone(), WEEK, named];
        holds(home, moves, &asks(Package::Toy, Rule::Default, 1));
    }
}

#[test]
fn a_typed_name_is_no_way_around_a_mature_did_under_any_policy() {
    for home in [Home::PyPi, Home::Npm] {
        let named = own(Package::Crown, ALICE);
        let moves = vec![named.clone(), WEEK, named];
        let question = asks(Package::Crown, Rule::TrustSelfReported, 0);
        holds(home, moves, &question);
    }
}

#[test]
fn a_token_of_one_package_is_no_way_around_the_mature_did_of_another() {
    use auths_tests::play::Scope;
    for home in [Home::PyPi, Home::Npm] {
        let planted = publish(Who::Mallory, With::Stolen(0), Package::Toy, MALLORY);
        let stolen = Move::StealToken {
            who: Who::Mallory,
            from: Who::Alice,
            scope: Scope::One(Package::Toy),
        };
        let named = own(Package::Crown, ALICE);
        let moves = vec![named.clone(), stolen, planted.clone(), WEEK, named, planted];
        holds(home, moves, &asks(Package::Crown, Rule::Default, 2));
    }
}

#[test]
fn a_role_that_ended_opens_nothing_else() {
    for home in [Home::PyPi, Home::Npm] {
        let given = Move::GiveRole {
            by: Who::Alice,
            with: With::Own,
            package: Package::Toy,
            to: Who::Mallory,
            owner: home == Home::Npm,
        };
        let taken = Move::TakeRole {
            by: Who::Alice,
            with: With::Own,
            package: Package::Toy,
            from: Who::Mallory,
        };
        let planted = publish(Who::Mallory, With::Own, Package::Toy, MALLORY);
        let moves = vec![given, planted.clone(), WEEK, planted, taken];
        holds(home, moves.clone(), &asks(Package::Toy, Rule::Default, 2));
        holds(home, moves, &asks(Package::Crown, Rule::Default, 2));
    }
}

#[test]
fn a_recovery_did_that_was_named_once_revokes_for_good() {
    for home in [Home::PyPi, Home::Npm] {
        let named = own(Package::Crown, ALICE);
        let moves = vec![
            Move::NameRecovery { who: Who::Alice },
            named.clone(),
            WEEK,
            named,
            own(Package::Toy, NOBODY),
            Move::StealKey {
                who: Who::Mallory,
                from: Who::Alice,
            },
            Move::Revoke {
                who: Who::Alice,
                what: auths_tests::play::Revokes::Did,
                by_recovery: true,
            },
        ];
        let mut question = asks(Package::Crown, Rule::Default, 0);
        question.key_of = Who::Alice;
        question.shows.accounts = NOBODY;
        holds(home, moves, &question);
    }
}

/// Nobody knows in which order uploads of one second came.
#[test]
fn releases_of_one_second_open_no_way_around_a_mature_did() {
    for home in [Home::PyPi, Home::Npm] {
        let with_mallory = own(Package::Crown, MALLORY);
        let attested = Move::PublishAttested {
            who: Who::Bob,
            with: With::Own,
            package: Package::Crown,
            names: Players(5),
        };
        let bobs = publish(Who::Bob, With::Own, Package::Crown, NOBODY);
        let without = own(Package::Crown, NOBODY);
        let moves = vec![
            with_mallory.clone(),
            WEEK,
            with_mallory,
            without.clone(),
            without.clone(),
            attested.clone(),
            attested,
            bobs.clone(),
            bobs.clone(),
            bobs,
            without,
        ];
        let question = Try {
            who: Who::Bob,
            key_of: Who::Bob,
            ..asks(Package::Crown, Rule::TrustSelfReported, 0)
        };
        holds(home, moves, &question);
    }
}

/// Alice's rule for her repository, and runs of it: her own, and one that a stranger starts by a pull request.
#[test]
fn runs_are_asked_about_and_a_strangers_is_denied() {
    let run = |who, event| {
        Move::Ci(CiMove::StartRun {
            who,
            with: With::Own,
            repository_of: Who::Alice,
            event,
            rewrites: None,
        })
    };
    for home in [Home::PyPi, Home::Npm] {
        let named = own(Package::Crown, ALICE);
        let rule = CiMove::SignRule {
            by: Who::Alice,
            key_of: Who::Alice,
            repository_of: Who::Alice,
            package: Package::Crown,
            shape: RuleShape {
                environment: false,
                by_caller: false,
                as_it_is: true,
            },
        };
        let moves = vec![
            named.clone(),
            WEEK,
            named,
            Move::Ci(rule),
            run(Who::Alice, Event::Push),
            run(Who::Mallory, Event::PullRequestTarget),
        ];
        for (who, outcome) in [(Who::Alice, "accepted"), (Who::Mallory, "denied")] {
            for way in [Way::Run, Way::Publish] {
                let question = Try {
                    who,
                    key_of: who,
                    way,
                    ..asks(Package::Crown, Rule::Default, 0)
                };
                let (moves, tries) = (moves.clone(), vec![question]);
                let played = Sequence { home, moves, tries }.play();
                assert!(played.found.is_none(), "{:?}", played.found);
                let times = played.tally.get(&format!("run {outcome}"));
                assert!(times.is_some(), "{who:?} {way:?}: {:?}", played.tally);
            }
        }
    }
}
