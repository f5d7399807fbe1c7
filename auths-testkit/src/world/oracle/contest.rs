//! The search for another DID of a package that is mature and present.

use std::collections::BTreeSet;
use std::time::Duration;

use super::Given;
use crate::world::project::PublishedRelease;
use crate::world::state::World;
use auths_core::Timestamp;
use auths_core::identity::{Did, Ecosystem, Namespace};

impl World {
    /// Returns another DID whose statement of a package is mature, and was mature before the asker's DID appeared in the releases
    /// that name it now. The newest release must name the other DID, or it must not have been absent for the maturity. A DID that
    /// was revoked, or that delegated to the asker, does not count.
    pub(in crate::world) fn mature_other(
        &self,
        askers: &[&Did],
        namespace: &Namespace,
        maturity: Duration,
        given: &Given,
    ) -> Option<Did> {
        // crates.io does not show the names in a release.
        let shows = *namespace.ecosystem() != Ecosystem::CARGO;
        let project = self
            .project(&namespace.clone().at(None))
            .filter(|_| shows)?;
        let mut releases: Vec<(Timestamp, &PublishedRelease)> = project
            .releases()
            .iter()
            .filter_map(|release| Some((*release.files().iter().min()?, release)))
            .collect();
        releases.sort_by_key(|(at, _)| *at);
        let named = |release: &PublishedRelease| release.metadata().dids_for(namespace);
        let all: BTreeSet<Did> = releases.iter().flat_map(|(_, r)| named(r)).collect();
        let run_start = |did: &Did| {
            let newest_first = releases.iter().rev();
            let run = newest_first.take_while(|(_, r)| named(r).contains(did));
            run.last().map(|(at, _)| *at)
        };
        // An asker whom no release names now appears now.
        let appeared = askers.iter().filter_map(|asker| run_start(asker)).min();
        let appeared = appeared.unwrap_or_else(|| self.now());
        let mature_and_present = |did: &Did| {
            let runs = runs(&releases, |release| named(release).contains(did));
            runs.iter().any(|run| {
                let is_present = run.ended_at.is_none_or(|end| self.now() < end + maturity);
                let matured = run.mature_at(maturity);
                is_present && matured.is_some_and(|at| at <= appeared && at <= self.now())
            })
        };
        let others = all.iter().filter(|did| !askers.contains(did));
        let others = others.filter(|did| !given.revokes_did(did, self.now()));
        let delegated = |did: &Did| {
            let mut askers = askers.iter();
            askers.any(|asker| self.has_delegated(did, asker, namespace, self.now()))
        };
        let mut others = others.filter(|did| !delegated(did));
        others.find(|did| mature_and_present(did)).cloned()
    }
}

/// Consecutive releases that name a DID.
struct Run {
    /// The upload times of those that were not withdrawn.
    uploads: Vec<Timestamp>,
    from_the_beginning: bool,
    /// The time of the first later release that does not name it.
    ended_at: Option<Timestamp>,
}

impl Run {
    /// Returns when the DID was first mature: the maturity after the package's first release, or with a release that long after
    /// its first.
    fn mature_at(&self, maturity: Duration) -> Option<Timestamp> {
        let first = *self.uploads.first()?;
        let due = first + maturity;
        let repeated = self.uploads.iter().find(|at| **at >= due).copied();
        let lasted = self.ended_at.is_none_or(|end| end >= due);
        match self.from_the_beginning && lasted {
            true => Some(due),
            false => repeated,
        }
    }
}

fn runs(
    releases: &[(Timestamp, &PublishedRelease)],
    names: impl Fn(&PublishedRelease) -> bool,
) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut open = false;
    for (index, (at, release)) in releases.iter().enumerate() {
        match (names(release), open) {
            (true, false) => runs.push(Run {
                uploads: Vec::new(),
                from_the_beginning: index == 0 && !release.is_yanked(),
                ended_at: None,
            }),
            (true, true) => {}
            (false, true) => {
                if let Some(run) = runs.last_mut() {
                    run.ended_at = Some(*at);
                }
            }
            (false, false) => {}
        }
        open = names(release);
        if let (true, false, Some(run)) = (open, release.is_yanked(), runs.last_mut()) {
            run.uploads.push(*at);
        }
    }
    runs
}
