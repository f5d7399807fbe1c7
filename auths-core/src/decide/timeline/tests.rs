use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::Timestamp;
use crate::evidence::{Release, Timeline};
use crate::identity::Did;
use crate::reason::{RefutedReason, Unavailable, UnavailableReason};
use crate::time::DAY;

const WEEK: Duration = Duration::from_secs(7 * 86_400);

fn did(name: &str) -> Did {
    format!("did:web:{name}.example").parse().unwrap()
}

fn day(n: u32) -> Timestamp {
    Timestamp::from_unix(1_700_000_000).unwrap() + DAY * n
}

/// Releases as (day, who is named, withdrawn); the newest that is not withdrawn is the default.
fn timeline(releases: &[(u32, &[&str], bool)]) -> Timeline {
    let releases: Vec<_> = releases
        .iter()
        .enumerate()
        .map(|(i, (at, named, withdrawn))| {
            Release::new(format!("{i}"), Some(day(*at)), *withdrawn)
                .naming(named.iter().map(|n| did(n)))
        })
        .collect();
    let default = releases
        .iter()
        .rev()
        .find(|r| !r.withdrawn)
        .map(|r| r.version.clone());
    Timeline::new(releases, default)
}

fn read(timeline: &Timeline, name: &str, at: u32) -> Result<TimelineStatement, NoStatement> {
    statement(timeline, &did(name), WEEK, day(at))
}

fn refuted(result: Result<TimelineStatement, NoStatement>) -> RefutedReason {
    match result {
        Err(NoStatement::Refuted(r)) => r.reason,
        other => panic!("expected a refutation, got {other:?}"),
    }
}

fn unread(result: Result<TimelineStatement, NoStatement>) -> UnavailableReason {
    match result {
        Err(NoStatement::Unavailable(u)) => u.reason,
        other => panic!("expected unavailable, got {other:?}"),
    }
}

#[test]
fn a_new_package_that_names_the_did_from_its_first_release_matures_by_waiting() {
    let t = timeline(&[(0, &["alice"], false)]);
    assert!(!read(&t, "alice", 6).unwrap().mature);
    let ripe = read(&t, "alice", 7).unwrap();
    assert!(ripe.mature && !ripe.needs_release && ripe.since == day(0));
}

#[test]
fn one_planted_release_never_matures_by_waiting() {
    let t = timeline(&[(0, &[], false), (10, &["thief"], false)]);
    for at in [10, 17, 400] {
        let s = read(&t, "thief", at).unwrap();
        assert!(!s.mature && s.needs_release, "day {at}");
    }
}

#[test]
fn two_releases_the_maturity_apart_mature() {
    let t = timeline(&[
        (0, &[], false),
        (10, &["alice"], false),
        (16, &["alice"], false),
    ]);
    assert!(!read(&t, "alice", 30).unwrap().mature);
    let t = timeline(&[
        (0, &[], false),
        (10, &["alice"], false),
        (17, &["alice"], false),
    ]);
    assert!(read(&t, "alice", 17).unwrap().mature);
}

#[test]
fn a_dropped_or_re_added_line_starts_again() {
    let dropped = timeline(&[
        (0, &["alice"], false),
        (10, &["alice"], false),
        (11, &[], false),
    ]);
    assert_eq!(
        refuted(read(&dropped, "alice", 30)),
        RefutedReason::StatementDropped
    );
    let again = timeline(&[
        (0, &["alice"], false),
        (10, &["alice"], false),
        (11, &[], false),
        (12, &["alice"], false),
    ]);
    assert!(!read(&again, "alice", 30).unwrap().mature);
}

#[test]
fn a_did_that_no_release_names_is_absent() {
    assert_eq!(
        refuted(read(&timeline(&[(0, &[], false)]), "alice", 1)),
        RefutedReason::StatementAbsent
    );
    assert_eq!(
        refuted(read(&timeline(&[]), "alice", 1)),
        RefutedReason::StatementAbsent
    );
}

#[test]
fn withdrawn_releases_break_a_span_and_never_make_one() {
    let broken = timeline(&[
        (0, &["alice"], false),
        (3, &[], true),
        (8, &["alice"], false),
    ]);
    assert!(
        !read(&broken, "alice", 9).unwrap().mature,
        "the yanked release broke the span"
    );
    let hidden = timeline(&[
        (0, &[], false),
        (1, &["thief"], true),
        (9, &["thief"], false),
    ]);
    assert!(
        !read(&hidden, "thief", 30).unwrap().mature,
        "a release yanked at once starts nothing"
    );
    let only_hidden = timeline(&[
        (0, &[], false),
        (1, &["thief"], true),
        (9, &["thief"], true),
    ]);
    assert!(matches!(
        read(&only_hidden, "thief", 30),
        Err(NoStatement::Refuted(_))
    ));
    let first_hidden = timeline(&[(0, &["alice"], true), (1, &["alice"], false)]);
    assert!(
        !read(&first_hidden, "alice", 30).unwrap().mature,
        "a withdrawn first release is no beginning"
    );
}

#[test]
fn the_default_version_must_lie_in_the_span() {
    let releases = vec![
        Release::new("1", Some(day(0)), false).naming([]),
        Release::new("2", Some(day(1)), false).naming([did("alice")]),
        Release::new("3", Some(day(9)), false).naming([did("alice")]),
    ];
    let at = |default: Option<&str>| {
        read(
            &Timeline::new(releases.clone(), default.map(str::to_owned)),
            "alice",
            30,
        )
    };
    assert!(at(Some("2")).unwrap().mature);
    assert_eq!(refuted(at(Some("1"))), RefutedReason::DefaultOutside);
    assert_eq!(unread(at(None)), UnavailableReason::MissingField);
    assert_eq!(unread(at(Some("4"))), UnavailableReason::Unreadable);
}

#[test]
fn a_release_without_a_time_leaves_a_standing_statement_open() {
    let beside = |undated: Release| {
        let dated = Release::new("1", Some(day(0)), false).naming([did("alice")]);
        Timeline::new(vec![dated, undated], Some("1".to_owned()))
    };
    let undated = |withdrawn| Release::new("gone", None, withdrawn);
    for open in [
        undated(false),
        undated(false).naming([]),
        undated(false).naming([did("bob")]),
    ] {
        let t = beside(open);
        assert_eq!(
            unread(read(&t, "alice", 30)),
            UnavailableReason::ReleaseWithoutTime
        );
        assert!(matches!(
            refuted(read(&t, "carol", 30)),
            RefutedReason::StatementAbsent
        ));
    }
    // One that names the DID breaks nothing, wherever it stands; withdrawn, it may be the first ever.
    let named = read(&beside(undated(false).naming([did("alice")])), "alice", 30);
    assert!(named.unwrap().mature);
    let hidden = read(&beside(undated(true).naming([did("alice")])), "alice", 30);
    assert!(!hidden.unwrap().mature);
    let by_it_alone = beside(undated(false).naming([did("bob")]));
    assert_eq!(
        refuted(read(&by_it_alone, "bob", 30)),
        RefutedReason::StatementDropped
    );
}

#[test]
fn a_newcomer_beside_or_after_a_mature_did_is_contested() {
    let beside = timeline(&[
        (0, &["alice"], false),
        (10, &["alice", "thief"], false),
        (20, &["alice", "thief"], false),
    ]);
    assert_eq!(
        refuted(read(&beside, "thief", 99)),
        RefutedReason::StatementContested
    );
    assert!(
        read(&beside, "alice", 99).unwrap().mature,
        "the newcomer does not harm the one before"
    );
    let after = timeline(&[
        (0, &["alice"], false),
        (10, &["alice"], false),
        (11, &["thief"], false),
    ]);
    assert_eq!(
        refuted(read(&after, "thief", 17)),
        RefutedReason::StatementContested
    );
    assert!(
        !read(&after, "thief", 18).unwrap().mature,
        "absent for the maturity: no longer contested, still young"
    );
}

#[test]
fn withdrawing_the_releases_of_a_mature_did_ends_no_contest() {
    // The thief deprecates what names alice, and goes on naming her, so that nothing looks wrong.
    let t = timeline(&[
        (0, &["alice"], true),
        (50, &["alice"], true),
        (100, &["alice", "thief"], false),
        (107, &["alice", "thief"], false),
    ]);
    assert_eq!(
        refuted(read(&t, "thief", 200)),
        RefutedReason::StatementContested
    );
}

#[test]
fn dropping_a_mature_did_for_a_moment_ends_no_contest() {
    let rows: &[(u32, &[&str], bool)] = &[
        (0, &["alice"], false),
        (50, &["alice"], false),
        (100, &[], false),
        (101, &["alice", "thief"], false),
        (108, &["alice", "thief"], false),
    ];
    for at in [108, 115, 400] {
        assert_eq!(
            refuted(read(&timeline(rows), "thief", at)),
            RefutedReason::StatementContested,
            "day {at}: alice was never absent for the maturity"
        );
    }
    let mut absent = rows.to_vec();
    absent[3] = (107, &["alice", "thief"], false);
    absent[4] = (114, &["alice", "thief"], false);
    assert!(
        read(&timeline(&absent), "thief", 114).unwrap().mature,
        "absent for the maturity, and named anew together"
    );
}

#[test]
fn a_did_that_is_not_mature_contests_nobody() {
    let t = timeline(&[
        (0, &[], false),
        (10, &["bob"], false),
        (12, &["bob", "alice"], false),
        (19, &["bob", "alice"], false),
    ]);
    assert!(read(&t, "alice", 20).unwrap().mature);
    assert!(read(&t, "bob", 20).unwrap().mature);
}

#[test]
fn a_did_long_absent_contests_nobody_even_where_another_comes_and_goes() {
    let t = timeline(&[
        (0, &["alice"], false),
        (10, &["alice"], false),
        (11, &[], false),
        (16, &["bob"], false),
        (17, &[], false),
        (22, &["bob"], false),
        (23, &[], false),
        (28, &["bob", "carol"], false),
    ]);
    assert!(!read(&t, "carol", 30).unwrap().mature);
}

#[test]
fn an_unread_release_of_the_same_second_must_be_read() {
    let releases = [("0", 0), ("1", 0), ("2", 7)];
    let release = |(version, at): (&str, u32)| Release::new(version, Some(day(at)), false);
    let mut t = Timeline::new(releases.map(release).to_vec(), Some("2".to_owned()));
    t.set_dids("2", [did("alice")].into());
    t.set_dids("1", [did("alice")].into());
    assert_eq!(next_to_read(&t, WEEK, day(9)), Some("0"));
    assert_eq!(
        unread(read(&t, "alice", 9)),
        UnavailableReason::RequestBudget
    );
    t.set_dids("0", [].into());
    assert!(!read(&t, "alice", 9).unwrap().mature);
}

#[test]
fn dids_named_together_from_the_start_do_not_contest_each_other() {
    let t = timeline(&[
        (0, &["alice", "bob"], false),
        (10, &["alice", "bob"], false),
    ]);
    assert!(read(&t, "alice", 20).unwrap().mature && read(&t, "bob", 20).unwrap().mature);
}

#[test]
fn uploads_in_the_same_second_count_against_the_statement() {
    let t = timeline(&[
        (0, &["alice"], false),
        (10, &["alice"], false),
        (10, &[], false),
    ]);
    assert!(matches!(
        read(&t, "alice", 30),
        Err(NoStatement::Refuted(_))
    ));
    let t = timeline(&[
        (0, &[], false),
        (0, &["alice"], false),
        (10, &["alice"], false),
    ]);
    assert!(!read(&t, "alice", 30).unwrap().mature);
}

/// Plays an adapter: hides every release's metadata, then reads what core asks for, one at a time.
fn walk(full: &Timeline, at: Timestamp) -> (Timeline, usize) {
    let hidden = full
        .releases()
        .iter()
        .map(|r| Release::new(r.version.clone(), r.uploaded_at, r.withdrawn))
        .collect();
    let mut seen = Timeline::new(hidden, full.default_version().map(str::to_owned));
    let mut requests = 0;
    while let Some(version) = next_to_read(&seen, WEEK, at).map(str::to_owned) {
        let dids = full
            .releases()
            .iter()
            .find(|r| r.version == version)
            .and_then(|r| r.dids.clone());
        seen.set_dids(&version, (*dids.unwrap()).clone());
        requests += 1;
        assert!(
            requests <= full.releases().len(),
            "asked for {version} again"
        );
    }
    (seen, requests)
}

#[test]
fn reading_stops_as_soon_as_the_answer_is_known() {
    // Whoever was mature within the last maturity stands against others: so far back, and no further.
    let silent: Vec<(u32, &[&str], bool)> = (0..500).map(|d| (d, &[][..], false)).collect();
    for (read_at, requests) in [(499, 8), (500, 7), (505, 2), (506, 1), (900, 1)] {
        let (_, asked) = walk(&timeline(&silent), day(read_at));
        assert_eq!(asked, requests, "day {read_at}");
    }
    let named: Vec<(u32, &[&str], bool)> = (0..500).map(|d| (d, &["alice"][..], false)).collect();
    assert!(walk(&timeline(&named), day(500)).1 <= 10);
}

#[test]
fn enough_is_read_to_tell_who_stands_against_somebody_whom_nobody_names() {
    // Alice was dropped a few days ago: who else asks must wait, and it takes the releases before to tell.
    let dropped = timeline(&[
        (0, &["alice"], false),
        (50, &["alice"], false),
        (90, &["alice"], false),
        (97, &[], false),
        (99, &[], false),
    ]);
    let (seen, requests) = walk(&dropped, day(100));
    let told = |seen: &Timeline| {
        let view = TimelineView::new(seen, WEEK, day(100));
        match view.ensure_uncontested(Some(&did("bob")), false, |_| false) {
            Err(NoStatement::Refuted(refuted)) => refuted.reason,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(told(&seen), RefutedReason::StatementContested);
    assert_eq!(told(&dropped), RefutedReason::StatementContested);
    assert_eq!(requests, 4, "up to the second release that made her mature");
    // Absent for the maturity, nobody reads on.
    assert_eq!(walk(&dropped, day(104)).1, 2);
    assert_eq!(walk(&dropped, day(105)).1, 2);
    assert_eq!(walk(&dropped, day(106)).1, 1);
}

#[test]
fn an_unread_release_that_matters_leaves_it_open() {
    let full = timeline(&[(0, &["alice"], false), (1, &["alice"], false)]);
    let mut seen = Timeline::new(
        full.releases()
            .iter()
            .map(|r| Release::new(r.version.clone(), r.uploaded_at, r.withdrawn))
            .collect(),
        full.default_version().map(str::to_owned),
    );
    assert_eq!(
        unread(read(&seen, "alice", 30)),
        UnavailableReason::RequestBudget
    );
    seen.set_dids("1", [did("alice")].into());
    assert_eq!(
        unread(read(&seen, "alice", 30)),
        UnavailableReason::RequestBudget
    );
    let stopped = seen
        .clone()
        .stopped(Unavailable::new(UnavailableReason::RateLimited, "429"));
    assert_eq!(
        unread(read(&stopped, "alice", 30)),
        UnavailableReason::RateLimited
    );
}

#[test]
fn an_upload_after_the_time_of_reading_does_not_hide_those_before_it() {
    let full = timeline(&[(0, &["alice"], false), (35, &["alice"], false)]);
    let (lazy, _) = walk(&full, day(0));
    assert_eq!(read(&lazy, "alice", 0), read(&full, "alice", 0));
}

/// The `Date` of an answer may lag behind the upload that it shows. That the release is there is no absence.
#[test]
fn a_release_dated_after_the_answer_begins_a_statement_and_repeats_none() {
    let first = read(&timeline(&[(5, &["alice"], false)]), "alice", 4).unwrap();
    assert!(!first.mature && first.since == day(5) && first.matures_at == day(12));
    let ahead = timeline(&[
        (0, &[], false),
        (1, &["alice"], false),
        (9, &["alice"], false),
    ]);
    let early = read(&ahead, "alice", 8).unwrap();
    assert!(!early.repeated && !early.mature && early.since == day(1));
    assert!(read(&ahead, "alice", 9).unwrap().mature);
}

#[test]
fn an_unread_release_of_the_same_second_is_read() {
    // Versions are numbered as they stand here; 0 and 1 were uploaded in one second.
    let alice: &[&str] = &["alice"];
    let full = timeline(&[
        (0, &[], false),
        (0, alice, false),
        (1, alice, false),
        (9, alice, false),
    ]);
    for version in ["1", "2", "3"] {
        let full = Timeline::new(full.releases().to_vec(), Some(version.to_owned()));
        let (lazy, _) = walk(&full, day(30));
        assert_eq!(
            read(&lazy, "alice", 30).is_ok_and(|s| s.mature),
            read(&full, "alice", 30).is_ok_and(|s| s.mature),
            "installers pick {version}"
        );
    }
}

#[test]
fn every_release_of_the_newest_second_is_read() {
    let planted: &[&str] = &["thief"];
    for rows in [
        [(0, &[][..], false), (9, planted, false), (9, &[], false)],
        [(0, &[], false), (9, &[], false), (9, planted, false)],
    ] {
        let (seen, requests) = walk(&timeline(&rows), day(30));
        assert_eq!(requests, 3, "and whether the one before makes it mature");
        assert!(seen.dids().contains(&did("thief")));
        assert_eq!(may_hide_another(&seen), None);
    }
}

#[test]
fn what_was_not_seen_may_hide_another() {
    let why = |releases: Vec<Release>| {
        let timeline = Timeline::new(releases, Some("1".to_owned()));
        may_hide_another(&timeline).map(|why| why.reason)
    };
    let old = Release::new("0", Some(day(0)), false);
    let new = |version: &str| Release::new(version, Some(day(9)), false);
    let gone = Release::new("gone", None, false);
    // What only older releases name was dropped.
    assert_eq!(why(vec![old.clone(), new("1").naming([])]), None);
    assert_eq!(
        why(vec![new("1"), new("2").naming([])]),
        Some(UnavailableReason::RequestBudget)
    );
    // One without a file makes no statement for anybody, unless there is no other to go by.
    for gone in [gone.clone(), gone.clone().naming([])] {
        let releases = vec![gone.clone(), new("1").naming([])];
        assert_eq!(why(releases), None);
        assert_eq!(why(vec![gone]), Some(UnavailableReason::ReleaseWithoutTime));
    }
    // One that can be installed, and of which nothing could be read, may be the newest.
    let mut odd = gone;
    odd.unread = Some(Unavailable::new(UnavailableReason::Unreadable, "odd"));
    let releases = vec![odd.clone(), new("1").naming([])];
    assert_eq!(why(releases), Some(UnavailableReason::Unreadable));
    let releases = vec![odd.naming([]), new("1").naming([])];
    assert_eq!(why(releases), None);
}

/// The same, after the release at `which` was deleted: the registry goes on showing its time, and nothing else of it.
fn deleting(timeline: &Timeline, which: usize) -> Timeline {
    let mut releases = timeline.releases().to_vec();
    if let Some(release) = releases.get_mut(which) {
        (release.withdrawn, release.dids) = (true, None);
    }
    let default = timeline.default_version().map(str::to_owned);
    let gone = Unavailable::new(UnavailableReason::NotOffered, "gone");
    Timeline::new(releases, default).stopped(gone)
}

#[test]
fn after_a_deleted_release_a_statement_begins_anew_and_is_simply_young() {
    let rows: &[(u32, &[&str], bool)] = &[
        (0, &["alice"], false),
        (50, &["alice"], false),
        (99, &[], false),
        (100, &["alice"], false),
        (107, &["alice"], false),
    ];
    let at = |day: u32| {
        let until = rows.iter().filter(|row| row.0 <= day).count();
        read(&deleting(&timeline(&rows[..until]), 2), "alice", day)
    };
    assert_eq!(unread(at(99)), UnavailableReason::ReleaseGone);
    for young in [100, 106] {
        let statement = at(young).unwrap();
        assert!(!statement.mature && statement.needs_release, "day {young}");
        assert_eq!(
            (statement.since, statement.matures_at),
            (day(100), day(107))
        );
    }
    assert!(at(107).unwrap().mature);
}

#[test]
fn what_a_deleted_release_named_may_stand_against_a_newcomer() {
    let t = timeline(&[
        (0, &["alice"], false),
        (10, &["alice"], false),
        (20, &["alice"], false),
        (21, &["alice", "thief"], false),
        (28, &["alice", "thief"], false),
    ]);
    assert_eq!(
        refuted(read(&t, "thief", 40)),
        RefutedReason::StatementContested
    );
    // Whatever the one of day 20 named, alice was not away for long enough; that of day 10 may be why she was not.
    assert_eq!(
        refuted(read(&deleting(&t, 2), "thief", 40)),
        RefutedReason::StatementContested
    );
    assert_eq!(
        unread(read(&deleting(&t, 1), "thief", 40)),
        UnavailableReason::ReleaseGone
    );
}

#[test]
fn a_deleted_release_may_have_kept_another_did_mature() {
    let t = timeline(&[
        (0, &[], false),
        (10, &["alice"], false),
        (20, &["alice"], false),
        (21, &["thief"], false),
        (24, &["alice", "thief"], false),
        (28, &["thief"], false),
    ]);
    let at = |timeline: &Timeline| read(timeline, "thief", 30);
    assert_eq!(refuted(at(&t)), RefutedReason::StatementContested);
    assert_eq!(unread(at(&deleting(&t, 2))), UnavailableReason::ReleaseGone);
}

#[test]
fn a_release_that_is_there_and_was_not_read_leaves_a_young_statement_open() {
    let mut releases = timeline(&[
        (0, &["alice"], false),
        (10, &["alice"], false),
        (20, &["thief"], false),
    ])
    .releases()
    .to_vec();
    releases[1].dids = None;
    let t = Timeline::new(releases, Some("2".to_owned()));
    assert_eq!(
        unread(read(&t, "thief", 21)),
        UnavailableReason::RequestBudget
    );
}

#[test]
fn nothing_asks_to_read_a_release_that_was_deleted() {
    let t = timeline(&[
        (0, &["alice"], false),
        (9, &[], false),
        (10, &["alice"], false),
    ]);
    for which in 0..3 {
        assert_eq!(next_to_read(&deleting(&t, which), WEEK, day(11)), None);
    }
    // The other releases are asked for as ever.
    let mut unread_too = deleting(&t, 1).releases().to_vec();
    unread_too[2].dids = None;
    let unread_too = Timeline::new(unread_too, Some("2".to_owned()))
        .stopped(Unavailable::new(UnavailableReason::NotOffered, "gone"));
    assert_eq!(next_to_read(&unread_too, WEEK, day(11)), Some("2"));
}

fn any_timeline() -> impl Strategy<Value = Timeline> {
    let release = (
        0u32..40,
        prop::collection::btree_set(0usize..3, 0..3),
        any::<bool>(),
    );
    prop::collection::vec(release, 0..9).prop_map(|releases| {
        let names = ["alice", "bob", "thief"];
        let rows: Vec<(u32, Vec<&str>, bool)> = releases
            .into_iter()
            .map(|(d, who, w)| (d, who.into_iter().map(|i| names[i]).collect(), w))
            .collect();
        let rows: Vec<(u32, &[&str], bool)> = rows
            .iter()
            .map(|(d, w, y)| (*d, w.as_slice(), *y))
            .collect();
        timeline(&rows)
    })
}

/// The same, with any version as the default, and now and then a release without a time.
fn odd_timeline() -> impl Strategy<Value = Timeline> {
    let odd = (0usize..12, prop::bool::weighted(0.05), 0usize..9);
    (any_timeline(), odd).prop_map(|(plain, (default, undated, which))| {
        let mut releases = plain.releases().to_vec();
        if undated && let Some(release) = releases.get_mut(which) {
            release.uploaded_at = None;
        }
        let version = releases.get(default).map(|r| r.version.clone());
        let default = version.or_else(|| plain.default_version().map(str::to_owned));
        Timeline::new(releases, default)
    })
}

proptest! {
    #[test]
    fn reading_lazily_says_the_same_as_reading_all(full in odd_timeline(), at in 0u32..60) {
        let (lazy, _) = walk(&full, day(at));
        for name in ["alice", "bob", "thief"] {
            match (read(&full, name, at), read(&lazy, name, at)) {
                (Ok(a), Ok(b)) => prop_assert_eq!(a.mature, b.mature),
                (Err(NoStatement::Refuted(_)), Err(NoStatement::Refuted(_))) => {}
                // One without a time is never asked for, whomever it names.
                (Ok(_), Err(NoStatement::Unavailable(u))) if u.reason == UnavailableReason::ReleaseWithoutTime => {}
                // No default version: nothing that is read later can make it a yes.
                (Err(_), Err(NoStatement::Unavailable(u))) if u.reason != UnavailableReason::RequestBudget => {}
                (a, b) => prop_assert!(false, "{name}: {a:?} against {b:?}"),
            }
        }
    }

    #[test]
    fn withdrawing_a_release_never_makes_a_statement_mature(full in any_timeline(), at in 0u32..60, which in 0usize..9) {
        let mut releases = full.releases().to_vec();
        let which = which % releases.len().max(1);
        if let Some(release) = releases.get_mut(which) {
            release.withdrawn = true;
        }
        let withdrawn = Timeline::new(releases, full.default_version().map(str::to_owned));
        for name in ["alice", "bob", "thief"] {
            // Nobody gains: not the DID whose release it was, nor one that was contested.
            if read(&withdrawn, name, at).is_ok_and(|s| s.mature) {
                prop_assert!(read(&full, name, at).is_ok_and(|s| s.mature), "{name}");
            }
        }
    }

    #[test]
    fn deleting_a_release_never_makes_a_statement_mature(full in any_timeline(), at in 0u32..60, which in 0usize..9) {
        let deleted = deleting(&full, which % full.releases().len().max(1));
        for name in ["alice", "bob", "thief"] {
            if read(&deleted, name, at).is_ok_and(|s| s.mature) {
                prop_assert!(read(&full, name, at).is_ok_and(|s| s.mature), "{name}");
            }
        }
    }

    #[test]
    fn waiting_alone_never_matures_a_statement_that_needs_a_release(full in any_timeline(), at in 40u32..60, wait in 0u32..99) {
        for name in ["alice", "bob", "thief"] {
            if let Ok(s) = read(&full, name, at) && s.needs_release {
                prop_assert!(!read(&full, name, at + wait).is_ok_and(|later| later.mature));
            }
        }
    }
}

/// The example in the documentation of `contest.rs`, with its days of March.
#[test]
fn the_example_of_a_contest() {
    let all: [(u32, &[&str], bool); 8] = [
        (1, &[], false),
        (2, &["a"], false),
        (5, &["a", "c"], false),
        (9, &["a", "c"], false),
        (10, &["a", "b", "c"], false),
        (13, &["b", "c"], false),
        (15, &["a", "b", "c"], false),
        (16, &["b", "c"], false),
    ];
    let read_on = |day_of_march: u32| {
        let uploaded = all.iter().filter(|(at, ..)| *at <= day_of_march);
        timeline(&uploaded.copied().collect::<Vec<_>>())
    };
    let contested = |name: &str, on: u32, agrees: Option<&str>| {
        let seen = read_on(on);
        let view = TimelineView::new(&seen, WEEK, day(on));
        let agrees = agrees.map(did);
        match view.ensure_uncontested(Some(&did(name)), false, |other| {
            Some(other) == agrees.as_ref()
        }) {
            Ok(()) => false,
            Err(NoStatement::Refuted(by)) => by.reason == RefutedReason::StatementContested,
            Err(none) => panic!("{none:?}"),
        }
    };
    assert!(!read(&read_on(8), "a", 8).unwrap().mature);
    assert!(read(&read_on(9), "a", 9).unwrap().mature);
    for on in [5, 9, 12, 13, 16, 22] {
        assert!(!contested("c", on, None), "C on the {on}th");
    }
    for on in [10, 12, 13, 15, 16, 22] {
        assert!(contested("b", on, None), "B on the {on}th");
    }
    assert!(!contested("b", 12, Some("a")));
    assert!(!contested("b", 23, None));
    assert!(contested("d", 23, None) && !contested("d", 23, Some("c")));
}
