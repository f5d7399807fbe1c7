//! Account statements of a timeline: a DID speaks for an account, since when, mature or not.

use std::time::Duration;

use super::statements::{NoStatement, TimelineStatement, why_unread, without_time};
use crate::Timestamp;
use crate::evidence::{Release, Timeline};
use crate::identity::{Account, Did};
use crate::reason::{Refuted, RefutedReason, Unavailable, UnavailableReason};

/// Reads the account statement for `did` and `account` from a timeline that was read at `read_at`.
///
/// The package must have been made for it: every release, from the first one on, must say explicitly that the DID speaks for the
/// account, and name no other DID for the account. A release that came from CI does not count, so one such release makes the
/// statement impossible. The statement is mature when its last release came at least the maturity after its first, because a
/// token that is good for the whole account can make a package in its name, and the first release of it. Withdrawn releases can
/// break the statement, but never make it.
///
/// Whether the account alone can publish the package is not checked here.
///
/// # Errors
/// [`NoStatement`] when some release does not say so, or something needed was not read.
pub fn account_statement(
    timeline: &Timeline,
    did: &Did,
    account: &Account,
    maturity: Duration,
    read_at: Timestamp,
) -> Result<TimelineStatement, NoStatement> {
    let check = AccountStatementCheck {
        timeline,
        did,
        account,
    };
    if let Some(refuted) = check.refuted() {
        return Err(NoStatement::Refuted(refuted));
    }
    if let Some(unread) = check.unread() {
        return Err(NoStatement::Unavailable(why_unread(timeline, unread)));
    }
    check.check_default().map_err(NoStatement::Unavailable)?;
    let times = timeline.releases().iter().filter(|r| !r.withdrawn);
    let times: Vec<Timestamp> = times.filter_map(|r| r.uploaded_at).collect();
    let Some(since) = times.iter().min().copied() else {
        let detail = "only withdrawn releases name the account";
        return Err(NoStatement::Refuted(Refuted::new(
            RefutedReason::StatementAbsent,
            detail,
        )));
    };
    let matures_at = since + maturity;
    // A registry's clock may run before that of the answer: such a release begins a statement, and repeats none.
    let repeated = times.iter().any(|at| (matures_at..=read_at).contains(at));
    let undated = timeline.releases().iter().find(|r| r.uploaded_at.is_none());
    // A release of unknown position may come first or last. It says what all say, and can only make the span longer.
    if let Some(undated) = undated.filter(|_| !repeated) {
        let (why, detail) = without_time(undated);
        return Err(NoStatement::Unavailable(Unavailable::new(why, detail)));
    }
    Ok(TimelineStatement {
        since,
        since_exact: true,
        matures_at,
        needs_release: !repeated,
        from_the_beginning: true,
        repeated,
        mature: repeated && read_at >= matures_at,
    })
}

/// Returns the release to read next, so that every account statement of this timeline is known; `None` when all are known.
///
/// The oldest releases come first: they show that a package was not made for an account.
pub(super) fn next_for_accounts(
    timeline: &Timeline,
    can_be_read: impl Fn(&Release) -> bool,
) -> Option<&Release> {
    timeline.accounts().into_iter().find_map(|named| {
        let check = AccountStatementCheck {
            timeline,
            did: &named.did,
            account: &named.account,
        };
        let open = check.refuted().is_none();
        let unread = timeline.releases().iter().find(|r| can_be_read(r));
        unread.filter(|_| open)
    })
}

/// The check whether the releases of a package say that a DID speaks for an account.
struct AccountStatementCheck<'a> {
    timeline: &'a Timeline,
    did: &'a Did,
    account: &'a Account,
}

impl<'a> AccountStatementCheck<'a> {
    fn says(&self, release: &Release) -> Option<bool> {
        let gone = self.timeline.is_gone(release).then_some(false);
        release.speaks_for(self.did, self.account).or(gone)
    }

    /// Returns the refutation that holds regardless of unread releases.
    fn refuted(&self) -> Option<Refuted> {
        let releases = self.timeline.releases();
        if !releases.iter().any(|r| self.says(r) == Some(true)) {
            return self.said_by_none();
        }
        if let Some(release) = releases.iter().rev().find(|r| self.says(r) == Some(false)) {
            return Some(self.not_said_by(release));
        }
        if let Some(release) = releases.iter().find(|r| r.from_ci == Some(true)) {
            let version = &release.version;
            let detail = format!(
                "release {version} came from CI, and says nothing of an account: a package that speaks for one is published \
                 by hand"
            );
            return Some(Refuted::new(RefutedReason::StatementAbsent, detail));
        }
        self.said_of_another()
    }

    /// Returns the refutation where no release says so. Every release must, so one read release that does not is enough.
    fn said_by_none(&self) -> Option<Refuted> {
        let releases = self.timeline.releases();
        let is_open = releases.iter().any(|r| self.says(r).is_none())
            && !releases.iter().any(|r| self.says(r) == Some(false));
        if is_open {
            return None;
        }
        let detail = format!(
            "no release says that {} speaks for {}",
            self.did, self.account
        );
        Some(Refuted::new(RefutedReason::StatementAbsent, detail))
    }

    /// Returns the refutation by a release that does not say so, the newest of those.
    fn not_said_by(&self, release: &Release) -> Refuted {
        let version = &release.version;
        if self.timeline.is_gone(release) {
            let detail = format!(
                "release {version} was deleted, and what it said is gone with it: every release of a package that speaks \
                 for an account must say so, from the first on"
            );
            return Refuted::new(RefutedReason::StatementAbsent, detail);
        }
        let (did, account) = (self.did, self.account);
        let detail = format!("release {version} does not say that {did} speaks for {account}");
        let newest = self.timeline.releases().last().map(|r| &r.version);
        match newest == Some(version) {
            true => Refuted::new(RefutedReason::StatementDropped, detail),
            false => Refuted::new(
                RefutedReason::StatementAbsent,
                format!("{detail}, and every one must, from the first on"),
            ),
        }
    }

    /// Returns the refutation by a release that names another DID for the account.
    fn said_of_another(&self) -> Option<Refuted> {
        let mut named = self.timeline.accounts().into_iter();
        let another = named.find(|n| n.did != *self.did && n.account.same_as(self.account))?;
        let detail = format!(
            "its releases say that {} speaks for {} too: a package speaks for one DID",
            another.did, self.account
        );
        Some(Refuted::new(RefutedReason::StatementContested, detail))
    }

    /// Returns a release that must be read first.
    fn unread(&self) -> Option<&'a Release> {
        let mut releases = self.timeline.releases().iter();
        releases.find(|r| self.says(r).is_none())
    }

    /// Checks that the version that installers pick is among the releases, which all say so.
    fn check_default(&self) -> Result<(), Unavailable> {
        let Some(version) = self.timeline.default_version() else {
            let detail = "the registry does not say which version installers pick";
            return Err(Unavailable::new(UnavailableReason::MissingField, detail));
        };
        let mut releases = self.timeline.releases().iter();
        if releases.any(|r| r.version == version) {
            return Ok(());
        }
        let detail = format!("installers pick {version}, which is not among the releases");
        Err(Unavailable::new(UnavailableReason::Unreadable, detail))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::NamedAccount;

    const DAY: i64 = 86_400;
    const WEEK: Duration = Duration::from_secs(7 * 86_400);

    fn did(text: &str) -> Did {
        text.parse().unwrap()
    }

    fn key() -> Did {
        did("did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK")
    }

    fn other() -> Did {
        did("did:key:z6MkpTHR8VNsBxYAAWHut2Geadd9jSwuBV8xRoAnwWsdvktH")
    }

    fn alice() -> Account {
        "npm:alice".parse().unwrap()
    }

    fn at(day: i64) -> Timestamp {
        Timestamp::from_unix(day * DAY).unwrap()
    }

    fn says(day: i64) -> Release {
        let said = NamedAccount::new(key(), alice());
        let release = Release::new(format!("1.{day}"), Some(at(day)), false);
        release.naming_accounts([said]).by(alice())
    }

    fn read(releases: Vec<Release>) -> Result<TimelineStatement, NoStatement> {
        let default = releases.last().map(|r| r.version.clone());
        let timeline = Timeline::new(releases, default);
        account_statement(&timeline, &key(), &alice(), WEEK, at(30))
    }

    fn no(releases: Vec<Release>) -> &'static str {
        use crate::reason::Reason;
        match read(releases).unwrap_err() {
            NoStatement::Refuted(refuted) => refuted.reason.name(),
            NoStatement::Unavailable(why) => why.reason.name(),
        }
    }

    #[test]
    fn it_is_mature_with_the_second_release_the_maturity_later() {
        assert!(read(vec![says(1), says(8)]).unwrap().mature);
        for young in [vec![says(1)], vec![says(1), says(7)]] {
            let found = read(young).unwrap();
            assert!(!found.mature && found.needs_release);
            assert_eq!(found.matures_at, at(8));
        }
    }

    /// All is read at day 30.
    #[test]
    fn a_release_dated_after_the_answer_begins_a_statement_and_repeats_none() {
        let first = read(vec![says(31)]).unwrap();
        assert!(!first.mature && first.since == at(31));
        let ahead = read(vec![says(20), says(31)]).unwrap();
        assert!(!ahead.repeated && !ahead.mature && ahead.since == at(20));
    }

    /// A release that names the DID, and no account.
    fn plain(day: i64) -> Release {
        unread(day).naming([key()]).by(alice())
    }

    fn unread(day: i64) -> Release {
        Release::new(format!("1.{day}"), Some(at(day)), false)
    }

    #[test]
    fn every_release_ever_says_so() {
        assert_eq!(no(vec![]), "statement-absent");
        assert_eq!(no(vec![plain(1), plain(9)]), "statement-absent");
        assert_eq!(no(vec![plain(0), says(1), says(8)]), "statement-absent");
        assert_eq!(
            no(vec![says(1), plain(4), says(8), says(20)]),
            "statement-absent"
        );
        assert_eq!(no(vec![says(1), says(8), plain(9)]), "statement-dropped");
        let mut yanked = plain(4);
        yanked.withdrawn = true;
        assert_eq!(no(vec![says(1), yanked, says(8)]), "statement-absent");
        let unread = Release::new("0.1", Some(at(0)), false);
        assert_eq!(no(vec![unread.clone(), says(1), says(8)]), "request-budget");
        // One that was read and does not say so is enough for a no.
        assert_eq!(no(vec![unread.clone(), plain(9)]), "statement-absent");
        assert_eq!(no(vec![unread.clone()]), "request-budget");
        let mut odd = unread;
        odd.unread = Some(Unavailable::new(UnavailableReason::TooLarge, "x"));
        assert_eq!(no(vec![odd, says(1), says(8)]), "too-large");
    }

    #[test]
    fn withdrawn_releases_make_none() {
        let mut first = says(1);
        first.withdrawn = true;
        assert!(!read(vec![first.clone(), says(8)]).unwrap().mature);
        assert_eq!(no(vec![first]), "statement-absent");
    }

    #[test]
    fn a_release_from_ci_breaks_it() {
        assert_eq!(
            no(vec![says(1), says(8).by_ci(), says(20)]),
            "statement-absent"
        );
    }

    #[test]
    fn a_package_speaks_for_one_did() {
        let theirs = NamedAccount::new(other(), alice());
        let own = NamedAccount::new(key(), alice());
        let both = [1, 8].map(|day| says(day).naming_accounts([theirs.clone(), own.clone()]));
        assert_eq!(no(both.to_vec()), "statement-contested");
        // Of another account it may say what it likes.
        let bob = NamedAccount::new(other(), "npm:bob".parse().unwrap());
        let beside = [1, 8].map(|day| says(day).naming_accounts([bob.clone(), own.clone()]));
        assert!(read(beside.to_vec()).unwrap().mature);
    }

    #[test]
    fn a_release_without_a_time_leaves_open_only_what_depends_on_its_place() {
        let mut undated = says(3);
        undated.uploaded_at = None;
        assert_eq!(no(vec![undated.clone(), says(4)]), "release-without-time");
        assert!(read(vec![undated, says(1), says(8)]).unwrap().mature);
    }

    fn next(releases: Vec<Release>) -> Option<String> {
        let timeline = Timeline::new(releases, Some("1.9".to_owned()));
        let next = next_for_accounts(&timeline, |r| r.dids.is_none());
        next.map(|r| r.version.clone())
    }

    #[test]
    fn the_oldest_release_is_read_first_and_nothing_once_it_says_no() {
        let first = next(vec![unread(1), unread(5), says(9)]);
        assert_eq!(first.as_deref(), Some("1.1"));
        let plain = unread(1).naming([]);
        assert_eq!(next(vec![plain, unread(5), says(9)]), None);
        assert_eq!(next(vec![unread(1), unread(5).naming([])]), None);
    }
}
