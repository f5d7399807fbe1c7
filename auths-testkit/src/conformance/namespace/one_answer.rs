//! Checks of changes between two requests of one query.

use std::time::Duration;

use super::super::report::{Check, Checked, Violation, ensure, unless};
use super::listing::entries;
use super::scene::{NAME, Scene, Subject, did, give_up, has_releases, refuses};
use crate::DAY;
use crate::world::{Metadata, Refused, Session, World};
use auths_core::evidence::{Existence, Listing, NamespaceEvidence, Reading, Timeline};
use auths_core::ports::NamespaceError;

pub(super) fn checks() -> Vec<Check<Subject>> {
    vec![Check {
        name: "one-answer-one-life",
        promise: "where a name is deleted and registered again between two requests, the answer shows one of the lives, or less",
        excluded_by: |s| {
            unless(s.offers().names_return, "`Offers::without_returning_names`")
                .or_else(|| unless(s.offers().interruption, "`Offers::without_interruption`"))
        },
        run: |s| Box::pin(one_answer_one_life(s)),
    }]
}

/// A number of requests that exceeds those of one query about a small project.
const MOST_REQUESTS: usize = 40;

/// Checks that one answer shows one life of the name: with nothing read before, and after an earlier answer that allows
/// conditional requests.
async fn one_answer_one_life(subject: &Subject) -> Checked {
    let lives = both_lives(subject).await?;
    for asked_before in [false, true] {
        for requests in 1.. {
            ensure!(requests < MOST_REQUESTS, "one question has no end");
            match interrupted(subject, asked_before, requests).await? {
                // The verifier makes fewer requests than that.
                None if requests > 1 => break,
                None => {
                    let unsaid = "its server never says `Stage::answered`, and offers interruption";
                    return Err(Violation::Broken(unsaid.to_owned()));
                }
                Some(Err(NamespaceError::Unavailable(_))) => {}
                Some(Err(error)) => return Err(error.into()),
                Some(Ok(seen)) => ensure!(
                    lives.iter().any(|life| shows_nothing_else(&seen, life)),
                    "with another life after {requests} of its requests, it shows {:?}, {:?} and {:?}",
                    seen.incarnation,
                    seen.listing,
                    seen.timeline
                ),
            }
        }
    }
    Ok(())
}

/// Returns the answers about the two lives of the name, each without changes during the query.
async fn both_lives(subject: &Subject) -> Result<[NamespaceEvidence; 2], Violation> {
    let (scene, alice) = first_life(subject)?;
    let first = scene.gather(NAME).await?;
    let moved = second_life(&mut scene.stage.world(), &alice);
    moved.map_err(|refused| refuses(&refused))?;
    Ok([first, scene.gather(NAME).await?])
}

/// Returns the answer to a query during which the second life began after so many requests; `None` if the query was complete
/// before.
async fn interrupted(
    subject: &Subject,
    asked_before: bool,
    requests: usize,
) -> Result<Option<Result<NamespaceEvidence, NamespaceError>>, Violation> {
    let (scene, alice) = first_life(subject)?;
    if asked_before {
        scene.gather(NAME).await?;
    }
    let moves = move |world: &mut World| second_life(world, &alice);
    scene.stage.after(requests, moves);
    let answer = scene.try_gather(NAME).await?;
    match scene.stage.moved() {
        None => Ok(None),
        Some(Ok(())) => Ok(Some(answer)),
        Some(Err(refused)) => Err(refuses(&refused)),
    }
}

fn first_life(subject: &Subject) -> Result<(Scene, Session), Violation> {
    let mut alice = None;
    let scene = Scene::open(subject, |world| {
        let session = world.sign_up("alice")?;
        live(world, &session, "1.0.0", 1)?;
        world.wait(DAY);
        alice = Some(session);
        Ok(())
    })?;
    let alice = alice.ok_or_else(|| Violation::Broken("nobody signed up".to_owned()))?;
    Ok((scene, alice))
}

/// Gives the name to somebody else, as soon as possible, with a release that looks the same where the registry allows it.
fn second_life(world: &mut World, alice: &Session) -> Result<(), Refused> {
    give_up(world, alice, NAME)?;
    let rules = world.rules(world.ecosystem());
    let (again, held) = rules.map_or((true, Duration::ZERO), |r| (r.versions_again, r.name_held));
    world.wait(held);
    let mallory = world.sign_up("mallory")?;
    live(world, &mallory, if again { "1.0.0" } else { "2.0.0" }, 2)
}

/// Takes the name, with a release that names the DID of that number.
fn live(world: &mut World, by: &Session, version: &str, number: u8) -> Result<(), Refused> {
    if !has_releases(world) {
        return world.rename_account(by, NAME);
    }
    let name = world.namespace(NAME)?;
    let naming = Metadata::new().naming([did(number)], &name);
    world.publish(by, NAME, version, naming)
}

/// Returns whether everything in the answer is true of this life too. Servers and times of observation may differ.
fn shows_nothing_else(seen: &NamespaceEvidence, life: &NamespaceEvidence) -> bool {
    fn fits<T>(seen: &Reading<T>, life: &Reading<T>, same: fn(&T, &T) -> bool) -> bool {
        match (seen, life) {
            (Reading::Read(seen), Reading::Read(life)) => same(seen, life),
            (seen, _) => !matches!(seen, Reading::Read(_)),
        }
    }
    seen.existence == Existence::Present
        && fits(&seen.incarnation, &life.incarnation, PartialEq::eq)
        && fits(&seen.listing, &life.listing, same_accounts)
        && fits(&seen.timeline, &life.timeline, same_releases)
}

fn same_accounts(seen: &Listing, life: &Listing) -> bool {
    let anywhere = |listing: &Listing| {
        let mut listing = listing.clone();
        for listed in &mut listing.accounts {
            listed.account = listed.account.clone().at(None);
        }
        (entries(&listing), listing.owners, listing.teams)
    };
    anywhere(seen) == anywhere(life)
}

/// Returns whether both have the same releases, whether or not the metadata of each was read.
fn same_releases(seen: &Timeline, life: &Timeline) -> bool {
    let pairs = || seen.releases().iter().zip(life.releases());
    seen.releases().len() == life.releases().len()
        && seen.default_version() == life.default_version()
        && pairs().all(|(s, l)| (&s.version, s.uploaded_at) == (&l.version, l.uploaded_at))
        && pairs().all(|(s, l)| s.dids.is_none() || s.dids == l.dids)
}
