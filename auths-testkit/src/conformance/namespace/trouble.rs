//! Checks that a failing registry causes neither a yes nor a no.

use super::super::report::{Check, Checked, Violation, ensure, unless};
use super::basics::widget;
use super::scene::{NAME, Scene, Subject};
use crate::world::RegistryFault;
use auths_core::decide::{Obstacle, check_listing};
use auths_core::evidence::{Existence, NamespaceEvidence, Reading};
use auths_core::identity::Account;
use auths_core::in_words;
use auths_core::policy::Policy;
use auths_core::ports::NamespaceError;
use auths_core::reason::{Unavailable, UnavailableReason};

/// The setting that excludes the check of a fault.
const TROUBLES: &str = "`Offers::without_troubles`";

/// Makes one check for each fault, so that each is named.
macro_rules! troubles {
    ($($name:literal $trouble:ident)*) => {
        vec![$(Check::<Subject> {
            name: $name,
            promise: "a failing registry leaves the owners unread: neither a yes nor a no, and nothing from before",
            excluded_by: |s| unless(s.offers().troubles.contains(&RegistryFault::$trouble), TROUBLES),
            run: |s| Box::pin(leaves_owners_unread(s, RegistryFault::$trouble)),
        },)*]
    };
}

pub(super) fn checks() -> Vec<Check<Subject>> {
    let mut checks = troubles! {
        "trouble-forbidden" Forbidden
        "trouble-throttled" Throttled
        "trouble-server-error" ServerError
        "trouble-silent" Silent
        "trouble-cut" Cut
        "trouble-other-format" OtherFormat
        "trouble-no-body" NoBody
        "trouble-other-name" OtherName
        "trouble-owners-missing" OwnersMissing
        "trouble-owners-empty" OwnersEmpty
    };
    checks.push(Check {
        name: "as-old-as-its-answer",
        promise: "evidence from a copy of a cache was seen when the registry made it, not now",
        excluded_by: |s| {
            unless(
                s.offers().troubles.contains(&RegistryFault::OldCopy),
                TROUBLES,
            )
        },
        run: |s| Box::pin(is_as_old_as_its_answer(s)),
    });
    checks
}

/// Checks the age of evidence, before anything was read, and after a good answer. An adapter may refuse evidence that is too old
/// for it.
async fn is_as_old_as_its_answer(subject: &Subject) -> Checked {
    for first_a_good_answer in [false, true] {
        let scene = Scene::open(subject, widget)?;
        if first_a_good_answer {
            scene.gather(NAME).await?;
        }
        scene.stage.set_trouble(Some(RegistryFault::OldCopy));
        let now = scene.query(NAME)?.now;
        match scene.try_gather(NAME).await? {
            Err(NamespaceError::Unavailable(_)) => {}
            Err(error) => return Err(Violation::Broken(format!("an old copy became {error:?}"))),
            Ok(seen) => ensure!(
                now.since(seen.observed_at) >= RegistryFault::COPY_AGE,
                "a copy of {} ago was seen at {}, it says, and it is {now}",
                in_words(RegistryFault::COPY_AGE),
                seen.observed_at
            ),
        }
        scene.stage.set_trouble(None);
        let (now, after) = (scene.query(NAME)?.now, scene.gather(NAME).await?);
        ensure!(
            after.observed_at == now,
            "when the cache is gone it was still seen at {}",
            after.observed_at
        );
    }
    Ok(())
}

/// Checks that the owners are unread, before anything was read, and after a good answer.
async fn leaves_owners_unread(subject: &Subject, trouble: RegistryFault) -> Checked {
    for first_a_good_answer in [false, true] {
        let scene = Scene::open(subject, widget)?;
        let good = scene.reference(NAME).await?;
        let listed = good.listing.get()?.accounts.first();
        let Some(owner) = listed.map(|l| l.account.clone()) else {
            return Err(Violation::Broken("the world lists nobody".to_owned()));
        };
        if first_a_good_answer {
            scene.gather(NAME).await?;
        }
        scene.stage.set_trouble(Some(trouble));
        let why = unread(scene.try_gather(NAME).await?, trouble, &owner)?;
        passes_as_it_should(trouble, &why)?;
        scene.stage.set_trouble(None);
        // An adapter that was asked to wait may send no request until then.
        scene
            .stage
            .world()
            .wait(why.retry_after.unwrap_or_default());
        let after = scene.gather(NAME).await?;
        ensure!(
            after.listing == scene.gather(NAME).await?.listing
                && matches!(after.listing, Reading::Read(_)),
            "when the trouble is over it still shows {:?}",
            after.listing
        );
    }
    Ok(())
}

/// Returns why the owners are unread.
fn unread(
    answer: Result<NamespaceEvidence, NamespaceError>,
    trouble: RegistryFault,
    owner: &Account,
) -> Result<Unavailable, Violation> {
    let seen = match answer {
        Err(NamespaceError::Unavailable(why)) => return Ok(why),
        Err(error) => return Err(Violation::Broken(format!("{trouble:?} became {error:?}"))),
        Ok(seen) => seen,
    };
    if let Existence::Absent(refuted) = &seen.existence {
        return Err(Violation::Broken(format!(
            "{trouble:?} became a no: {refuted}"
        )));
    }
    if matches!(seen.listing, Reading::Read(_)) {
        return Err(Violation::Broken(format!(
            "{trouble:?} became {:?}",
            seen.listing
        )));
    }
    match check_listing(&seen, owner, &Policy::standard()) {
        Err(Obstacle::Unavailable(why)) => Ok(why),
        other => Err(Violation::Broken(format!("{trouble:?} became {other:?}"))),
    }
}

fn passes_as_it_should(trouble: RegistryFault, why: &Unavailable) -> Checked {
    ensure!(
        why.is_retryable() || !trouble.is_passing(),
        "{trouble:?} is over by itself, and became {why:?}"
    );
    if trouble == RegistryFault::Throttled {
        ensure!(
            why.reason == UnavailableReason::RateLimited && why.retry_after.is_some(),
            "the registry asked to wait, and it became {why:?}"
        );
    }
    Ok(())
}
