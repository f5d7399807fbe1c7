//! Checks of the existence of a name, and of its lives.

use std::time::Duration;

use super::super::report::{Check, Checked, Violation, ensure, unless};
use super::basics::widget;
use super::scene::{NAME, Scene, Subject, give_up, go_on, refuses, register, take_over};
use crate::world::{Refused, Session, World};
use auths_core::claim::Incarnation;
use auths_core::evidence::{Existence, Reading};
use auths_core::reason::RefutedReason;

pub(super) fn checks() -> Vec<Check<Subject>> {
    vec![
        Check {
            name: "unknown-is-absent",
            promise: "a name that the registry does not know is absent, on the registry's own word",
            excluded_by: |_| None,
            run: |s| Box::pin(unknown_is_absent(s)),
        },
        Check {
            name: "quarantined-is-absent",
            promise: "a quarantined project is absent, with that reason",
            excluded_by: |s| unless(s.offers().quarantine, "`Offers::without_quarantine`"),
            run: |s| Box::pin(quarantined_is_absent(s)),
        },
        Check {
            name: "one-life-one-incarnation",
            promise: "publishing and waiting leave the incarnation as it is",
            excluded_by: |_| None,
            run: |s| Box::pin(one_life_one_incarnation(s)),
        },
        Check {
            name: "another-life-another-incarnation",
            promise: "a name that was deleted and registered again has another incarnation",
            excluded_by: |s| unless(s.offers().names_return, "`Offers::without_returning_names`"),
            run: |s| Box::pin(another_life_another_incarnation(s)),
        },
    ]
}

async fn absent_by(scene: &Scene, expected: RefutedReason) -> Checked {
    let seen = scene.gather(NAME).await?;
    match &seen.existence {
        Existence::Absent(refuted) if refuted.reason == expected => {}
        other => return Err(Violation::Broken(format!("it is {other:?}"))),
    }
    ensure!(
        !matches!(seen.listing, Reading::Read(_)),
        "it is absent, and lists somebody"
    );
    Ok(())
}

async fn unknown_is_absent(subject: &Subject) -> Checked {
    let scene = Scene::open(subject, |world| {
        let alice = world.sign_up("alice")?;
        register(world, &alice, "widget-tools")
    })?;
    absent_by(&scene, RefutedReason::UnknownProject).await
}

async fn quarantined_is_absent(subject: &Subject) -> Checked {
    let scene = Scene::open(subject, |world| {
        widget(world)?;
        world.quarantine(NAME, true)
    })?;
    let absent = absent_by(&scene, RefutedReason::Quarantined).await;
    absent.map_err(|violation| {
        violation.advising("Where there is no quarantine, say `Offers::without_quarantine`")
    })
}

async fn incarnation(scene: &Scene) -> Result<Incarnation, Violation> {
    Ok(scene.gather(NAME).await?.incarnation.get()?.clone())
}

/// Signs up alice, publishes one release, and waits a day.
fn with_alice(world: &mut World) -> Result<Session, Refused> {
    let alice = world.sign_up("alice")?;
    register(world, &alice, NAME)?;
    world.wait(Duration::from_secs(86_400));
    Ok(alice)
}

async fn one_life_one_incarnation(subject: &Subject) -> Checked {
    let mut alice = None;
    let scene = Scene::open(subject, |world| {
        alice = Some(with_alice(world)?);
        Ok(())
    })?;
    let before = incarnation(&scene).await?;
    if let Some(alice) = &alice {
        let mut world = scene.stage.world();
        let published = go_on(&mut world, alice, NAME);
        published.map_err(|refused| refuses(&refused))?;
        world.wait(Duration::from_secs(3600));
    }
    let after = incarnation(&scene).await?;
    ensure!(before == after, "it was {before:?}, and became {after:?}");
    Ok(())
}

async fn another_life_another_incarnation(subject: &Subject) -> Checked {
    let mut alice = None;
    let scene = Scene::open(subject, |world| {
        alice = Some(with_alice(world)?);
        Ok(())
    })?;
    let before = incarnation(&scene).await?;
    if let Some(alice) = &alice {
        let mut world = scene.stage.world();
        let again = give_up(&mut world, alice, NAME).and_then(|()| {
            // npm blocks a deleted name for a day.
            world.wait(Duration::from_secs(2 * 86_400));
            let mallory = world.sign_up("mallory")?;
            take_over(&mut world, &mallory, NAME)
        });
        again.map_err(|refused| refuses(&refused))?;
    }
    let after = incarnation(&scene).await?;
    ensure!(before != after, "both lives are {before:?}");
    Ok(())
}
