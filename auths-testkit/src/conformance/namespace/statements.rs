//! Checks of the releases, and of the names in them.

use std::collections::BTreeSet;

use super::super::report::{Check, Checked, Violation, ensure, unless};
use super::scene::{NAME, Scene, Subject, did, start};
use crate::DAY;
use crate::world::{Deletion, Metadata, Refused, World};
use auths_core::Timestamp;
use auths_core::decide::next_to_read;
use auths_core::evidence::{Existence, NamedAccount, Reading, Timeline};
use auths_core::identity::{Did, Origin};
use auths_core::policy::DEFAULT_MATURITY;
use auths_core::ports::NamespaceError;

pub(super) fn checks() -> Vec<Check<Subject>> {
    vec![
        Check {
            name: "shows-every-release",
            promise: "every release that remains is shown, with its time",
            excluded_by: no_statements,
            run: |s| Box::pin(shows_every_release(s)),
        },
        Check {
            name: "shows-withdrawn-releases",
            promise: "a yanked or deprecated release is shown, and marked as withdrawn",
            excluded_by: |s| {
                no_withdrawing(s)
                    .or_else(|| unless(!s.offers().hides_withdrawn, "`Offers::hiding_withdrawn`"))
            },
            run: |s| Box::pin(shows_withdrawn_releases(s)),
        },
        Check {
            name: "shows-what-is-not-withdrawn",
            promise: "where the registry hides withdrawn releases, exactly the others are shown",
            excluded_by: |s| {
                no_withdrawing(s).or_else(|| {
                    unless(
                        s.offers().hides_withdrawn,
                        "only with `Offers::hiding_withdrawn`",
                    )
                })
            },
            run: |s| Box::pin(shows_what_is_not_withdrawn(s)),
        },
        Check {
            name: "shows-releases-without-a-time",
            promise: "a release whose files were deleted is shown, without a time, or no release is",
            excluded_by: |s| {
                no_statements(s).or_else(|| {
                    unless(
                        deletes_files(s),
                        "world: `RegistryRules::deletes_releases` is not `Deletion::Always`",
                    )
                })
            },
            run: |s| Box::pin(shows_releases_without_a_time(s)),
        },
        Check {
            name: "shows-the-default-version",
            promise: "the default version is the one that installers pick",
            excluded_by: no_statements,
            run: |s| Box::pin(shows_the_default_version(s)),
        },
        Check {
            name: "guesses-no-default-version",
            promise: "after a backport, and when the highest version is withdrawn, the default version is still the registry's",
            excluded_by: no_statements,
            run: |s| Box::pin(guesses_no_default_version(s)),
        },
        Check {
            name: "reads-whom-releases-name",
            promise: "a release that was read names exactly the DIDs that its metadata names for this package",
            excluded_by: no_statements,
            run: |s| Box::pin(reads_whom_releases_name(s)),
        },
        Check {
            name: "reads-account-statements",
            promise: "every release of a package that speaks for an account is read, and shown with exactly the accounts that it names",
            excluded_by: |s| {
                no_statements(s).or_else(|| {
                    unless(
                        s.offers().account_statements,
                        "`Offers::without_account_statements`",
                    )
                })
            },
            run: |s| Box::pin(reads_account_statements(s)),
        },
        Check {
            name: "reads-as-far-as-needed",
            promise: "releases are read as far back as the answer needs, or it is said why not",
            excluded_by: no_statements,
            run: |s| Box::pin(reads_as_far_as_needed(s)),
        },
        Check {
            name: "copied-metadata-says-nothing",
            promise: "a statement for another package names nobody here",
            excluded_by: no_statements,
            run: |s| Box::pin(copied_metadata_says_nothing(s)),
        },
    ]
}

/// Publishes five releases, a few days apart: the first names nobody, the others name alice's DID, the last also another's.
fn history(world: &mut World) -> Result<(), Refused> {
    let alice = world.sign_up("alice")?;
    let name = world.namespace(NAME)?;
    let naming = |dids: Vec<Did>| Metadata::new().naming(dids, &name);
    let releases = [
        ("1.0.0", Metadata::new()),
        ("1.1.0", naming(vec![did(1)])),
        ("1.2.0", naming(vec![did(1)])),
        ("1.3.0", naming(vec![did(1)])),
        ("2.0.0", naming(vec![did(1), did(2)])),
    ];
    for (version, metadata) in releases {
        world.publish(&alice, NAME, version, metadata)?;
        world.wait(3 * DAY);
    }
    Ok(())
}

async fn timelines(scene: &Scene) -> Result<(Timeline, Timeline), Violation> {
    let (seen, expected) = (scene.gather(NAME).await?, scene.reference(NAME).await?);
    Ok((
        seen.timeline.get()?.clone(),
        expected.timeline.get()?.clone(),
    ))
}

fn releases(timeline: &Timeline) -> Vec<(String, Option<Timestamp>, bool)> {
    let releases = timeline.releases().iter();
    releases
        .map(|r| (r.version.clone(), r.uploaded_at, r.withdrawn))
        .collect()
}

fn same_releases(seen: &Timeline, expected: &Timeline) -> Checked {
    let (seen, expected) = (releases(seen), releases(expected));
    ensure!(
        seen == expected,
        "it shows {seen:?}, and there are {expected:?}"
    );
    Ok(())
}

async fn shows_every_release(subject: &Subject) -> Checked {
    let scene = Scene::open(subject, history)?;
    let (seen, expected) = timelines(&scene).await?;
    same_releases(&seen, &expected)
}

async fn shows_withdrawn_releases(subject: &Subject) -> Checked {
    let scene = Scene::open(subject, |world| {
        let alice = world.sign_up("alice")?;
        for version in ["1.0.0", "1.1.0", "1.2.0"] {
            world.publish(&alice, NAME, version, Metadata::new())?;
            world.wait(DAY);
        }
        world.yank(&alice, NAME, "1.1.0", true)
    })?;
    let (seen, expected) = timelines(&scene).await?;
    let mut remaining = releases(&expected);
    remaining.retain(|(_, _, withdrawn)| !withdrawn);
    ensure!(
        releases(&seen) != remaining,
        "the withdrawn release is not shown. Where the registry hides such releases, say `Offers::hiding_withdrawn`"
    );
    same_releases(&seen, &expected)
}

/// Returns whether releases of the registry can lose their files, and with them their times.
fn deletes_files(subject: &Subject) -> bool {
    let deletes = |now| {
        let world = subject.world(now);
        let rules = world.rules(world.ecosystem());
        rules.is_some_and(|r| r.deletes_releases == Deletion::Always)
    };
    start().is_ok_and(deletes)
}

async fn shows_releases_without_a_time(subject: &Subject) -> Checked {
    let scene = Scene::open(subject, |world| {
        let alice = world.sign_up("alice")?;
        for version in ["1.0.0", "1.1.0", "1.2.0"] {
            world.publish(&alice, NAME, version, Metadata::new())?;
            world.wait(DAY);
        }
        world.delete_file(&alice, NAME, "1.1.0", 0)
    })?;
    let expected = scene.reference(NAME).await?;
    let seen = match scene.try_gather(NAME).await? {
        Ok(seen) => seen,
        Err(NamespaceError::Unavailable(_)) => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    ensure!(
        seen.existence == Existence::Present,
        "it is {:?}",
        seen.existence
    );
    match &seen.timeline {
        Reading::Unread(_) => Ok(()),
        seen => same_releases(seen.get()?, expected.timeline.get()?),
    }
}

/// Returns the setting that says that releases make no statements.
fn no_statements(subject: &Subject) -> Option<&'static str> {
    unless(subject.offers().statements, "`Offers::without_statements`")
}

/// Returns the setting that says that no release that can name DIDs can be withdrawn.
fn no_withdrawing(subject: &Subject) -> Option<&'static str> {
    let withdraws = subject.offers().withdrawing;
    no_statements(subject).or_else(|| unless(withdraws, "`Offers::without_withdrawing`"))
}

async fn shows_what_is_not_withdrawn(subject: &Subject) -> Checked {
    let scene = Scene::open(subject, |world| {
        let alice = world.sign_up("alice")?;
        for version in ["1.0.0", "1.1.0", "1.2.0"] {
            world.publish(&alice, NAME, version, Metadata::new())?;
            world.wait(DAY);
        }
        world.yank(&alice, NAME, "1.1.0", true)
    })?;
    let (seen, expected) = timelines(&scene).await?;
    let mut expected = releases(&expected);
    expected.retain(|(_, _, withdrawn)| !withdrawn);
    let seen = releases(&seen);
    ensure!(
        seen == expected,
        "it shows {seen:?}, and {expected:?} are not withdrawn"
    );
    Ok(())
}

async fn guesses_no_default_version(subject: &Subject) -> Checked {
    for withdraws_highest in [false, true] {
        if withdraws_highest && no_withdrawing(subject).is_some() {
            continue;
        }
        let scene = Scene::open(subject, |world| {
            let alice = world.sign_up("alice")?;
            for version in ["1.0.0", "2.0.0", "1.5.0"] {
                world.publish(&alice, NAME, version, Metadata::new())?;
                world.wait(DAY);
            }
            match withdraws_highest {
                true => world.yank(&alice, NAME, "2.0.0", true),
                false => Ok(()),
            }
        })?;
        let (seen, expected) = timelines(&scene).await?;
        ensure!(
            seen.default_version() == expected.default_version(),
            "after 1.0.0, 2.0.0{} and 1.5.0 it says {:?}, and installers pick {:?}",
            if withdraws_highest {
                " (withdrawn)"
            } else {
                ""
            },
            seen.default_version(),
            expected.default_version()
        );
    }
    Ok(())
}

async fn shows_the_default_version(subject: &Subject) -> Checked {
    let scene = Scene::open(subject, |world| {
        history(world)?;
        // A backport, newer than the highest version.
        let bob = world.sign_up("bob")?;
        world.publish(&bob, "gadget", "9.0.0", Metadata::new())
    })?;
    let (seen, expected) = timelines(&scene).await?;
    ensure!(
        seen.default_version() == expected.default_version(),
        "it says {:?}, and installers pick {:?}",
        seen.default_version(),
        expected.default_version()
    );
    Ok(())
}

async fn reads_whom_releases_name(subject: &Subject) -> Checked {
    let scene = Scene::open(subject, history)?;
    let (seen, _) = timelines(&scene).await?;
    let world = scene.stage.world();
    let name = world.namespace(NAME)?;
    let project = world.project(NAME);
    let named = |version: &str| -> BTreeSet<Did> {
        let release = project.and_then(|p| p.release(version));
        release.map_or_else(BTreeSet::new, |r| r.metadata().dids_for(&name))
    };
    for release in seen.releases() {
        let Some(dids) = &release.dids else { continue };
        let expected = named(&release.version);
        ensure!(
            **dids == expected,
            "{} is shown naming {dids:?}, and names {expected:?}",
            release.version
        );
    }
    Ok(())
}

async fn reads_account_statements(subject: &Subject) -> Checked {
    let scene = Scene::open(subject, |world| {
        let alice = world.sign_up("alice")?;
        let (name, account) = (world.namespace(NAME)?, world.account_of_session(&alice)?);
        let plain = || Metadata::new().naming([did(2)], &name);
        for (version, metadata) in [
            ("1.0.0", Metadata::new()),
            ("1.1.0", plain()),
            ("1.2.0", plain()),
        ] {
            let metadata = metadata.speaking_for(did(1), &name, &account);
            world.publish(&alice, NAME, version, metadata)?;
            world.wait(3 * DAY);
        }
        Ok(())
    })?;
    let asked = scene.query(NAME)?.namespace;
    let (seen, _) = timelines(&scene).await?;
    let world = scene.stage.world();
    let project = world.project(NAME);
    for release in seen.releases() {
        let version = &release.version;
        ensure!(release.dids.is_some(), "{version} was not read");
        let published = project.and_then(|p| p.release(version));
        let expected = published.map(|r| r.metadata().accounts_for(&asked));
        let shown: BTreeSet<_> = release.accounts.iter().map(bare).collect();
        let expected: BTreeSet<_> = expected.iter().flatten().map(bare).collect();
        ensure!(
            shown == expected && release.names(&did(1)) == Some(true),
            "{version} is shown naming {shown:?}, and names {expected:?}. Where releases cannot speak for accounts, say `Offers::without_account_statements`"
        );
    }
    Ok(())
}

/// Returns the statement with the account shown by its name alone, because releases contain no ids.
fn bare(named: &NamedAccount) -> (Did, String, Option<Origin>) {
    let account = &named.account;
    let name = format!("{}:{}", account.platform(), account.login());
    (named.did.clone(), name, account.origin().cloned())
}

async fn reads_as_far_as_needed(subject: &Subject) -> Checked {
    let scene = Scene::open(subject, history)?;
    let (seen, _) = timelines(&scene).await?;
    let now = scene.stage.world().now();
    let next = next_to_read(&seen, DEFAULT_MATURITY, now);
    ensure!(
        next.is_none() || seen.why_stopped().is_some(),
        "release {next:?} was not read, and nothing says why"
    );
    ensure!(
        next.is_none(),
        "five releases are too many for it: {:?}",
        seen.why_stopped()
    );
    Ok(())
}

async fn copied_metadata_says_nothing(subject: &Subject) -> Checked {
    let scene = Scene::open(subject, |world| {
        let alice = world.sign_up("alice")?;
        let other = world.namespace("gadget")?;
        let copied = Metadata::new().naming([did(1)], &other);
        world.publish(&alice, NAME, "1.0.0", copied)
    })?;
    let (seen, _) = timelines(&scene).await?;
    let dids = seen.dids();
    ensure!(dids.is_empty(), "it names {dids:?}");
    Ok(())
}
