//! The publishers of the releases that make a statement.

use std::time::Duration;

use super::statement::Statement;
use crate::Timestamp;
use crate::evidence::{NamespaceEvidence, Release, Timeline};
use crate::identity::{Account, Did};

/// The possible publishers of the releases of a span.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Publishers {
    /// One Owner alone, without an organization, during the whole span.
    Sole,
    /// One Owner alone at present. It is not known whether others had a role then and have left since.
    SoleNow,
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
) -> Publishers {
    let Some(owner) = owner else {
        return Publishers::Several;
    };
    let by = |release: &&Release| release.publisher.as_ref().map(|by| by.same_as(owner));
    if span.iter().any(|release| by(release) == Some(false)) {
        return Publishers::Several;
    }
    let told = !span.is_empty() && span.iter().all(|release| by(release) == Some(true));
    let times: Option<Vec<Timestamp>> = span.iter().map(|release| release.uploaded_at).collect();
    let seen = || {
        let (roles, times) = (evidence.seen_roles.as_ref()?, times?);
        Some(roles.show_alone(owner, &times))
    };
    match told || seen().unwrap_or(false) {
        true => Publishers::Sole,
        false => Publishers::SoleNow,
    }
}

/// Returns the releases that make a statement: the last ones that name the DID, back to where the time is long enough. Earlier
/// releases do not make the statement better, and their publishers do not make it worse.
pub(super) fn span<'a>(
    timeline: &'a Timeline,
    did: &Did,
    found: &Statement,
    maturity: Duration,
) -> Vec<&'a Release> {
    let dated = timeline.releases().iter().rev();
    let dated = dated.filter(|release| release.uploaded_at.is_some());
    let run: Vec<&Release> = dated
        .take_while(|release| release.names(did) == Some(true))
        .collect();
    if !found.repeated {
        return run;
    }
    let makers = || run.iter().filter(|release| !release.withdrawn);
    let times = || makers().filter_map(|release| release.uploaded_at);
    let last = times().next();
    let long_ago = |at: &Timestamp| last.is_some_and(|last| *at + maturity <= last);
    let first = times().find(long_ago);
    run.into_iter()
        .filter(|release| release.uploaded_at >= first)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claim::Incarnation;
    use crate::decide::statement::statement;
    use crate::evidence::{ListedAccount, Listing, Role, SeenRoles};

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
        let mut span: Vec<String> = span(&timeline, &did(), &found, DAY * 7)
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
        let of = |span: &[&Release]| publishers(&evidence(), Some(&alice), span);
        assert_eq!(of(&[&own, &own]), Publishers::Sole);
        assert_eq!(of(&[&own, &theirs]), Publishers::Several);
        assert_eq!(of(&[&ci, &theirs]), Publishers::Several);
        assert_eq!(of(&[&own, &ci]), Publishers::SoleNow);
        assert_eq!(of(&[&own, &untold]), Publishers::SoleNow);
        assert_eq!(of(&[]), Publishers::SoleNow);
        assert_eq!(publishers(&evidence(), None, &[&own]), Publishers::Several);
    }

    #[test]
    fn else_this_verifiers_own_looks_show_it() {
        let alice = account("npm:alice");
        let owner = ListedAccount::new(alice.clone(), Role::Owner, "maintainer");
        let listing = Listing::new(vec![owner]);
        let life = Incarnation::new("x", "y");
        let mut seen = evidence();
        for day in [1, 8] {
            let hour = Duration::from_secs(3_600);
            for at in [at(day) - hour, at(day) + hour] {
                let before = seen.seen_roles.take();
                seen.seen_roles = Some(SeenRoles::look(before, &life, &listing, at));
            }
        }
        let (one, two, later) = (release(1), release(8), release(9));
        assert_eq!(
            publishers(&seen, Some(&alice), &[&one, &two]),
            Publishers::Sole
        );
        let later = publishers(&seen, Some(&alice), &[&one, &later]);
        assert_eq!(later, Publishers::SoleNow);
        let bob = account("npm:bob");
        assert_eq!(
            publishers(&seen, Some(&bob), &[&one, &two]),
            Publishers::SoleNow
        );
    }
}
