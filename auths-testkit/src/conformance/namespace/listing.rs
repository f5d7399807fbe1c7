//! Checks of the listed accounts.

use std::collections::BTreeSet;
use std::fmt;

use super::super::report::{Check, Checked, Violation, ensure, unless};
use super::basics::widget;
use super::scene::{NAME, Scene, Subject, has_releases, refuses, register, start};
use crate::DAY;
use crate::world::{Metadata, Refused, World};
use auths_core::decide::check_listing;
use auths_core::evidence::{Existence, Listing, ListingCompleteness, OwnerRole, Reading};
use auths_core::policy::Policy;
use auths_core::ports::NamespaceError;

pub(super) fn checks() -> Vec<Check<Subject>> {
    vec![
        Check {
            name: "lists-every-owner",
            promise: "everyone whom the registry lists is listed, and nobody else, each by the id that the registry shows",
            excluded_by: |_| None,
            run: |s| Box::pin(lists_every_owner(s)),
        },
        Check {
            name: "lists-the-roles",
            promise: "a role that may publish and no more is not an owner's",
            excluded_by: |s| unless(s.offers().lesser_role, "`Offers::without_lesser_role`"),
            run: |s| Box::pin(lists_the_roles(s)),
        },
        Check {
            name: "lists-readers-as-readers",
            promise: "a role that may not publish is listed as `OwnerRole::Other`, and no decision rests on it",
            excluded_by: |s| unless(s.offers().reader_role, "`Offers::without_reader_role`"),
            run: |s| Box::pin(lists_readers_as_readers(s)),
        },
        Check {
            name: "follows-renames",
            promise: "a renamed owner is still listed, and whoever took the old name is not",
            excluded_by: |s| unless(renames(s), "world: `PlatformRules::renames` is off"),
            run: |s| Box::pin(follows_renames(s)),
        },
        Check {
            name: "lists-long-lists-whole",
            promise: "a long list is whole: all its pages, and no cut",
            excluded_by: no_co_owners,
            run: |s| Box::pin(lists_long_lists_whole(s)),
        },
        Check {
            name: "keeps-a-record-of-owners",
            promise: "where a token may add owners, each is shown with the time since when this verifier has found it listed",
            excluded_by: |s| {
                no_co_owners(s).or_else(|| {
                    unless(
                        tokens_add_owners(s),
                        "world: `RegistryRules::tokens_may_add_owners` is off",
                    )
                })
            },
            run: |s| Box::pin(keeps_a_record_of_owners(s)),
        },
        Check {
            name: "takes-no-page-twice",
            promise: "where the first page comes again in place of a further one, the list is whole or unread, and asking ends",
            excluded_by: |s| {
                no_co_owners(s).or_else(|| unless(s.offers().pages, "`Offers::without_pages`"))
            },
            run: |s| Box::pin(takes_no_page_twice(s)),
        },
        Check {
            name: "shows-an-organization",
            promise: "where an organisation owns it too, the listing does not say that all are listed",
            excluded_by: |s| unless(s.offers().organizations, "`Offers::without_organizations`"),
            run: |s| Box::pin(shows_an_organization(s)),
        },
        Check {
            name: "listing-only-lists-the-same",
            promise: "asked for the listing only, it shows the same listing",
            excluded_by: |_| None,
            run: |s| Box::pin(listing_only_lists_the_same(s)),
        },
    ]
}

/// Returns the setting that says that a name has one owner alone.
fn no_co_owners(subject: &Subject) -> Option<&'static str> {
    unless(subject.offers().co_owners, "`Offers::without_co_owners`")
}

/// A listed account, without the registry's own words.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Entry {
    login: String,
    account: String,
    id: Option<String>,
    role: String,
    basis: String,
}

/// Returns account, id, role and basis, without the order and the registry's own words.
pub(super) fn entries(listing: &Listing) -> BTreeSet<Entry> {
    let entry = |l: &auths_core::evidence::ListedAccount| Entry {
        login: l.account.login().to_string(),
        account: l.account.to_string(),
        id: l.account.id().map(ToString::to_string),
        role: format!("{:?}", l.role),
        basis: format!("{:?}", l.basis),
    };
    listing.accounts.iter().map(entry).collect()
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            account,
            role,
            basis,
            ..
        } = self;
        write!(f, "{account} as {role}, basis {basis}")
    }
}

/// The number of accounts that a message names.
const NAMED: usize = 3;

/// Prints the first of `all`, and how many there are.
fn shortly(all: &[&Entry]) -> String {
    let first: Vec<_> = all.iter().take(NAMED).map(ToString::to_string).collect();
    match all.len() {
        0 => "nobody".to_owned(),
        count if count > NAMED => format!("[{}; ...], {count} in all", first.join("; ")),
        _ => format!("[{}]", first.join("; ")),
    }
}

/// Returns how what is seen of an account differs from the world, and what to change.
fn differing(seen: &Entry, world: &Entry) -> String {
    let mut all = Vec::new();
    if seen.basis != world.basis {
        let advice = match (world.basis.as_str(), seen.basis.as_str()) {
            ("Id", "OnlyName") => {
                "report the id by `with_id` and leave `by_only_name` out, or set the world to `names_only()`"
            }
            ("Id", _) => "report the id by `with_id`",
            ("OnlyName", "Id") => {
                "the world has no ids: if the registry has, leave `names_only()` out"
            }
            ("OnlyName", _) => {
                "call `by_only_name`; if the registry has ids, leave `names_only()` out"
            }
            _ => "see `ListingBasis`",
        };
        let (seen, world) = (&seen.basis, &world.basis);
        all.push(format!(
            "its basis is {seen}, in the world {world}: {advice}"
        ));
    } else if seen.id != world.id {
        let id = |id: &Option<String>| id.clone().unwrap_or_else(|| "none".to_owned());
        let (seen, world) = (id(&seen.id), id(&world.id));
        all.push(format!(
            "its id is {seen}, in the world {world}: does the answer contain `account.id()`?"
        ));
    } else if seen.account != world.account {
        let (seen, world) = (&seen.account, &world.account);
        all.push(format!(
            "it is {seen}, in the world {world}: call `.at(asked.repository().cloned())`"
        ));
    }
    if seen.role != world.role {
        let (seen, world) = (&seen.role, &world.role);
        all.push(format!("its role is {seen}, in the world {world}"));
    }
    all.join("; ")
}

/// Returns how `seen` differs from `expected`; `None` where they list the same.
fn difference(seen: &BTreeSet<Entry>, expected: &BTreeSet<Entry>) -> Option<String> {
    let missing: Vec<_> = expected.difference(seen).collect();
    let invented: Vec<_> = seen.difference(expected).collect();
    let pairs: Vec<_> = missing
        .iter()
        .filter_map(|world| {
            let of_login = invented.iter().find(|seen| seen.login == world.login);
            of_login.map(|seen| (seen, world))
        })
        .collect();
    match pairs.first() {
        _ if missing.is_empty() && invented.is_empty() => None,
        Some((seen, world)) if pairs.len() == missing.len() && pairs.len() == invented.len() => {
            // Of the first one alone: the others mostly differ for the same reason.
            let (login, differing) = (&world.login, differing(seen, world));
            Some(format!("{login} is not as in the world: {differing}"))
        }
        _ => {
            let (missing, invented) = (shortly(&missing), shortly(&invented));
            Some(format!("left out {missing}; invented {invented}"))
        }
    }
}

async fn compare(scene: &Scene) -> Checked {
    let (seen, expected) = (scene.gather(NAME).await?, scene.reference(NAME).await?);
    let (seen, expected) = (seen.listing.get()?, expected.listing.get()?);
    if let Some(difference) = difference(&entries(seen), &entries(expected)) {
        return Err(Violation::Broken(difference));
    }
    ensure!(
        seen.accounts.len() == expected.accounts.len(),
        "{} accounts are listed where {} are",
        seen.accounts.len(),
        expected.accounts.len()
    );
    ensure!(
        seen.tokens_may_add_owners == expected.tokens_may_add_owners,
        "it says that tokens may add owners: {}",
        seen.tokens_may_add_owners
    );
    Ok(())
}

fn with_owners(world: &mut World, count: usize) -> Result<(), Refused> {
    let alice = world.sign_up("alice")?;
    register(world, &alice, NAME)?;
    for i in 1..count {
        let login = format!("owner{i}");
        let owner = world.sign_up(&login)?;
        world.set_role(&alice, NAME, &login, OwnerRole::Owner)?;
        match world.accept_invitation(&owner, NAME) {
            // Where owners are not invited, they become owners at once.
            Ok(()) | Err(Refused::NotInvited) => {}
            Err(refused) => return Err(refused),
        }
    }
    Ok(())
}

/// Returns the number of owners that a name gets in these checks.
fn several(subject: &Subject) -> usize {
    if subject.offers().co_owners { 3 } else { 1 }
}

async fn lists_every_owner(subject: &Subject) -> Checked {
    compare(&Scene::open(subject, widget)?).await?;
    let some = several(subject);
    compare(&Scene::open(subject, |w| with_owners(w, some))?).await
}

async fn lists_the_roles(subject: &Subject) -> Checked {
    let scene = Scene::open(subject, |world| {
        let alice = world.sign_up("alice")?;
        world.sign_up("mallory")?;
        world.publish(&alice, NAME, "1.0.0", Metadata::new())?;
        world.set_role(&alice, NAME, "mallory", OwnerRole::Maintainer)
    })?;
    compare(&scene).await
}

async fn lists_readers_as_readers(subject: &Subject) -> Checked {
    let scene = Scene::open(subject, |world| {
        let alice = world.sign_up("alice")?;
        world.sign_up("mallory")?;
        register(world, &alice, NAME)?;
        world.set_role(&alice, NAME, "mallory", OwnerRole::Other)
    })?;
    compare(&scene).await?;
    let (seen, expected) = (scene.gather(NAME).await?, scene.reference(NAME).await?);
    for listed in &expected.listing.get()?.accounts {
        let answer = check_listing(&seen, &listed.account, &Policy::standard());
        let (account, label) = (&listed.account, &listed.label);
        ensure!(
            answer.is_ok() == (listed.role == OwnerRole::Owner),
            "asked whether {account} may publish, who is listed as {label}, core says {answer:?}"
        );
    }
    Ok(())
}

/// Returns whether accounts of the platform can be renamed. Where names are the accounts' own, a rename begins another life
/// instead.
fn renames(subject: &Subject) -> bool {
    let renames = |now| {
        let world = subject.world(now);
        has_releases(&world) && world.platform_rules(world.platform()).renames
    };
    start().is_ok_and(renames)
}

async fn follows_renames(subject: &Subject) -> Checked {
    let mut sessions = Vec::new();
    let scene = Scene::open(subject, |world| {
        sessions.push(world.sign_up("alice")?);
        register(world, &sessions[0], NAME)
    })?;
    scene.gather(NAME).await?;
    let accounts = {
        let mut world = scene.stage.world();
        let renamed = world.rename_account(&sessions[0], "alicia");
        let taken = renamed.and_then(|()| world.sign_up("alice"));
        sessions.push(taken.map_err(|refused| refuses(&refused))?);
        let account = |session| world.account_of_session(session);
        let accounts = sessions.iter().map(account);
        accounts.collect::<Result<Vec<_>, _>>()?
    };
    compare(&scene).await?;
    let seen = scene.gather(NAME).await?;
    for (account, is_owner) in accounts.into_iter().zip([true, false]) {
        let account = account.at(seen.namespace.repository().cloned());
        let answer = check_listing(&seen, &account, &Policy::standard());
        ensure!(
            answer.is_ok() == is_owner,
            "asked whether {account} is listed, core says {answer:?}"
        );
    }
    Ok(())
}

async fn lists_long_lists_whole(subject: &Subject) -> Checked {
    compare(&Scene::open(subject, |w| with_owners(w, 130))?).await
}

/// Returns whether a token suffices to add an owner.
fn tokens_add_owners(subject: &Subject) -> bool {
    let adds = |now| {
        let world = subject.world(now);
        let rules = world.rules(world.ecosystem());
        rules.is_some_and(|rules| rules.tokens_may_add_owners)
    };
    start().is_ok_and(adds)
}

/// Adds an owner between two observations. The record must tell the owner from one who was always listed.
async fn keeps_a_record_of_owners(subject: &Subject) -> Checked {
    let mut alice = None;
    let scene = Scene::open(subject, |world| {
        let session = world.sign_up("alice")?;
        register(world, &session, NAME)?;
        alice = Some(session);
        Ok(())
    })?;
    let first = scene.gather(NAME).await?.observed_at;
    if let Some(alice) = &alice {
        let mut world = scene.stage.world();
        world.wait(DAY);
        let added = world.sign_up("mallory").and_then(|mallory| {
            world.set_role(alice, NAME, "mallory", OwnerRole::Owner)?;
            match world.accept_invitation(&mallory, NAME) {
                Ok(()) | Err(Refused::NotInvited) => Ok(()),
                Err(refused) => Err(refused),
            }
        });
        added.map_err(|refused| refuses(&refused))?;
    }
    let seen = scene.gather(NAME).await?;
    let second = seen.observed_at;
    let listing = seen.listing.get()?;
    for (login, since, absent) in [("alice", first, None), ("mallory", second, Some(first))] {
        let mut accounts = listing.accounts.iter();
        let listed = accounts.find(|l| l.account.login().as_str() == login);
        let Some(listed) = listed else {
            return Err(Violation::Broken(format!("{login} is not listed")));
        };
        ensure!(
            (listed.known_since, listed.absent_at) == (Some(since), absent),
            "{login} is known since {:?} and was absent at {:?}, where that is {since} and {absent:?}",
            listed.known_since,
            listed.absent_at
        );
    }
    Ok(())
}

/// A number of pages that no verifier should request.
const FOR_EVER: usize = 1000;

async fn takes_no_page_twice(subject: &Subject) -> Checked {
    for times in [1, FOR_EVER] {
        let scene = Scene::open(subject, |w| with_owners(w, 130))?;
        scene.stage.repeat_pages(times);
        let answer = scene.try_gather(NAME).await?;
        let come = scene.stage.repeated();
        ensure!(
            come > 0,
            "it asked for no further page of 130 owners. Where lists come whole, say `Offers::without_pages`"
        );
        ensure!(come < FOR_EVER, "it asked {come} times for further pages");
        let seen = match answer {
            Ok(seen) => seen,
            Err(NamespaceError::Unavailable(_)) => continue,
            Err(error) => return Err(error.into()),
        };
        let whole = scene.reference(NAME).await?;
        if let Existence::Absent(refuted) = &seen.existence {
            return Err(Violation::Broken(format!("it became a no: {refuted}")));
        }
        if !matches!(seen.listing, Reading::Unread(_)) {
            let (seen, whole) = (seen.listing.get()?, whole.listing.get()?);
            ensure!(
                entries(seen) == entries(whole) && seen.accounts.len() == whole.accounts.len(),
                "it lists {} accounts, {} of them once, where {} are",
                seen.accounts.len(),
                entries(seen).len(),
                whole.accounts.len()
            );
        }
    }
    Ok(())
}

async fn shows_an_organization(subject: &Subject) -> Checked {
    let scene = Scene::open(subject, |world| {
        let alice = world.sign_up("alice")?;
        world.publish(&alice, NAME, "1.0.0", Metadata::new())?;
        world.set_organization(&alice, NAME, Some("acme"))
    })?;
    let seen = scene.gather(NAME).await?;
    let owners = &seen.listing.get()?.owners;
    ensure!(
        matches!(owners, ListingCompleteness::Organization(_)),
        "it says that the owners are {owners:?}. Where there are no organisations, say `Offers::without_organizations`"
    );
    let alone = Scene::open(subject, widget)?.gather(NAME).await?;
    let owners = &alone.listing.get()?.owners;
    ensure!(
        *owners == ListingCompleteness::Listed,
        "without an organisation it says {owners:?}"
    );
    Ok(())
}

async fn listing_only_lists_the_same(subject: &Subject) -> Checked {
    let some = several(subject);
    let scene = Scene::open(subject, |w| with_owners(w, some))?;
    let query = scene.query(NAME)?.listing_only();
    let seen = scene.verifier().gather(&query).await?;
    let whole = scene.gather(NAME).await?;
    ensure!(
        seen.existence == whole.existence,
        "asked for the listing only, it is {:?}",
        seen.existence
    );
    let (seen, whole) = (seen.listing.get()?, whole.listing.get()?);
    if entries(seen) != entries(whole) || seen.owners != whole.owners {
        return Err(Violation::Broken(format!("only {seen:?}, whole {whole:?}")));
    }
    Ok(())
}
