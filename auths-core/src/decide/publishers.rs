//! The publishers of the releases that make a statement.

use std::time::Duration;

use super::timeline::TimelineStatement;
use crate::Timestamp;
use crate::evidence::{NamespaceEvidence, Release, Timeline};
use crate::identity::{Account, Did};

/// The possible publishers of the releases of a span.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PossiblePublishers {
    /// One Owner alone, without an organization, during the whole span: the grades that are called "sole".
    Sole,
    /// One Owner alone at present: the grades that are called "alone". It is not known whether others had a role then and have
    /// left since.
    AloneNow,
    /// Others too: the roles show it, or the registry names another person as the publisher of a release.
    Several,
}

/// Returns who may have published `span`, in a package whose only role is now `owner`'s, if it has only one.
///
/// A registry that names the publisher of each release (npm) shows it directly. A release from a trusted publisher names nobody,
/// so it is not shown to be the Owner's. Otherwise this verifier's own earlier observations show it. The present roles do not
/// show the past.
pub(super) fn publishers(
    evidence: &NamespaceEvidence,
    owner: Option<&Account>,
    span: &[&Release],
) -> PossiblePublishers {
    let Some(owner) = owner else {
        return PossiblePublishers::Several;
    };
    if span
        .iter()
        .any(|r| is_published_by(r, owner) == Some(false))
    {
        return PossiblePublishers::Several;
    }
    let is_named_throughout =
        !span.is_empty() && span.iter().all(|r| is_published_by(r, owner) == Some(true));
    match is_named_throughout || is_seen_sole(evidence, owner, span) {
        true => PossiblePublishers::Sole,
        false => PossiblePublishers::AloneNow,
    }
}

/// Returns whether the registry names `owner` as the publisher of a release; `None` where it names nobody.
fn is_published_by(release: &Release, owner: &Account) -> Option<bool> {
    release.publisher.as_ref().map(|by| by.same_as(owner))
}

/// Returns whether this verifier's own observations show `owner` alone for as long as the releases of `span`.
fn is_seen_sole(evidence: &NamespaceEvidence, owner: &Account, span: &[&Release]) -> bool {
    let Some(roles) = &evidence.seen_roles else {
        return false;
    };
    let times: Option<Vec<Timestamp>> = span.iter().map(|release| release.uploaded_at).collect();
    times.is_some_and(|times| roles.show_alone(owner, &times))
}

/// Returns the releases that make a statement: the last ones that name the DID, back to where the time is long enough. Earlier
/// releases do not make the statement better, and their publishers do not make it worse.
pub(super) fn statement_span<'a>(
    timeline: &'a Timeline,
    did: &Did,
    found: &TimelineStatement,
    maturity: Duration,
) -> Vec<&'a Release> {
    let dated = timeline.releases().iter().rev();
    let dated = dated.filter(|release| release.uploaded_at.is_some());
    let mut run: Vec<&Release> = dated
        .take_while(|release| release.names(did) == Some(true))
        .collect();
    if found.repeated {
        let begins = span_begin(&run, maturity);
        run.retain(|release| release.uploaded_at >= begins);
    }
    run
}

/// Returns the upload time of the newest release of a run that came the maturity before its last one. Withdrawn releases make no
/// statement.
fn span_begin(run: &[&Release], maturity: Duration) -> Option<Timestamp> {
    let makers = run.iter().filter(|release| !release.withdrawn);
    let mut times = makers.filter_map(|release| release.uploaded_at);
    let last = times.next()?;
    [last]
        .into_iter()
        .chain(times)
        .find(|at| *at + maturity <= last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claim::Incarnation;
    use crate::decide::timeline::statement;
    use crate::evidence::{ListedAccount, Listing, OwnerRole, SeenRoles};

    const DAY: Duration = Duration::from_secs(86_400);

    fn did() -> Did {
        let text = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK";
        text.parse().unwrap()
    }

    fn account(text: &str) -> Account {
        text.parse().unwrap()
    }

    fn at(day: u32) -> Timestamp {
        Timestamp::from_unix(1_000_000_000).unwrap() + DAY * day
    }

    fn release(day: u32) -> Release {
        Release::new(format!("1.{day}"), Some(at(day)), false).naming([did()])
    }

    fn evidence() -> NamespaceEvidence {
        let origin = "https://registry.example".parse().unwrap();
        NamespaceEvidence::new("npm:left".parse().unwrap(), origin, at(100))
    }

    fn spanned(releases: Vec<Release>) -> Vec<String> {
        let newest = releases.last().map(|r| r.version.clone());
        let timeline = Timeline::new(releases, newest);
        let found = statement(&timeline, &did(), DAY * 7, at(100)).unwrap();
        let mut span: Vec<String> = statement_span(&timeline, &did(), &found, DAY * 7)
            .into_iter()
            .map(|r| r.version.clone())
            .collect();
        span.reverse();
        span
    }

    #[test]
    fn a_span_is_the_last_releases_that_are_enough() {
        assert_eq!(spanned(vec![release(1), release(8)]), ["1.1", "1.8"]);
        let many = [1, 5, 20, 22, 28].map(release).to_vec();
        assert_eq!(spanned(many), ["1.20", "1.22", "1.28"]);
        let mut withdrawn = [1, 20, 24, 28].map(release);
        withdrawn[1].withdrawn = true;
        withdrawn[2].withdrawn = true;
        assert_eq!(spanned(withdrawn.to_vec()), ["1.1", "1.20", "1.24", "1.28"]);
        // Nothing but the first releases ever: all of them.
        assert_eq!(spanned(vec![release(1), release(3)]), ["1.1", "1.3"]);
        let other = Release::new("0.1", Some(at(0)), false).naming([]);
        assert_eq!(spanned(vec![other, release(1), release(9)]), ["1.1", "1.9"]);
    }

    #[test]
    fn npm_tells_who_published_each_release() {
        let (alice, mallory) = (account("npm:alice"), account("npm:mallory"));
        let (own, theirs) = (release(1).by(alice.clone()), release(2).by(mallory));
        let (ci, untold) = (release(3).by_ci(), release(4));
        let spans: [(&[&Release], PossiblePublishers); 6] = [
            (&[&own, &own], PossiblePublishers::Sole),
            (&[&own, &theirs], PossiblePublishers::Several),
            (&[&ci, &theirs], PossiblePublishers::Several),
            (&[&own, &ci], PossiblePublishers::AloneNow),
            (&[&own, &untold], PossiblePublishers::AloneNow),
            (&[], PossiblePublishers::AloneNow),
        ];
        for (span, expected) in spans {
            assert_eq!(publishers(&evidence(), Some(&alice), span), expected);
        }
        assert_eq!(
            publishers(&evidence(), None, &[&own]),
            PossiblePublishers::Several
        );
    }

    #[test]
    fn else_this_verifiers_own_looks_show_it() {
        let alice = account("npm:alice");
        let owner = ListedAccount::new(alice.clone(), OwnerRole::Owner, "maintainer");
        let listing = Listing::new(vec![owner]);
        let life = Incarnation::new("x", "y");
        let mut seen = evidence();
        for day in [1, 8] {
            let hour = Duration::from_secs(3_600);
            for at in [at(day) - hour, at(day) + hour] {
                let before = seen.seen_roles.take();
                seen.seen_roles = Some(SeenRoles::record(before, &life, &listing, at));
            }
        }
        let (one, two, later) = (release(1), release(8), release(9));
        assert_eq!(
            publishers(&seen, Some(&alice), &[&one, &two]),
            PossiblePublishers::Sole
        );
        let later = publishers(&seen, Some(&alice), &[&one, &later]);
        assert_eq!(later, PossiblePublishers::AloneNow);
        let bob = account("npm:bob");
        assert_eq!(
            publishers(&seen, Some(&bob), &[&one, &two]),
            PossiblePublishers::AloneNow
        );
    }
}
