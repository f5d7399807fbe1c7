//! Checks that an answer is about the name that was asked for.

use std::time::Duration;

use futures_util::future::join;

use super::super::report::{Check, Checked, Violation, ensure};
use super::scene::{self, NAME, Scene, Subject, register};
use crate::world::{Refused, World};
use auths_core::claim::{Observation, SigningRequest};
use auths_core::crypto::{KeyPair, Seed};
use auths_core::evidence::{Evidence, Existence, NamespaceEvidence};
use auths_core::identity::{Ecosystem, Namespace, Origin};
use auths_core::ports::{NamespaceError, NamespaceQuery};

pub(super) fn checks() -> Vec<Check<Subject>> {
    vec![
        Check {
            name: "answers-what-was-asked",
            promise: "the evidence is about the namespace asked for, from the verifier's origin, seen when it was answered, with its addresses",
            excluded_by: |_| None,
            run: |s| Box::pin(answers_what_was_asked(s)),
        },
        Check {
            name: "refuses-other-ecosystems",
            promise: "a question for another ecosystem is `Invalid`, before any request",
            excluded_by: |_| None,
            run: |s| Box::pin(refuses_other_ecosystems(s)),
        },
        Check {
            name: "refuses-other-origins",
            promise: "a question for another server is `Invalid`, before any request",
            excluded_by: |_| None,
            run: |s| Box::pin(refuses_other_origins(s)),
        },
        Check {
            name: "same-world-same-answer",
            promise: "the same world is shown alike each time",
            excluded_by: |_| None,
            run: |s| Box::pin(same_world_same_answer(s)),
        },
        Check {
            name: "looks-again",
            promise: "every question is answered from what the registry shows then, not from an earlier answer",
            excluded_by: |_| None,
            run: |s| Box::pin(looks_again(s)),
        },
        Check {
            name: "keeps-questions-apart",
            promise: "two questions at once get each its own answer",
            excluded_by: |_| None,
            run: |s| Box::pin(keeps_questions_apart(s)),
        },
        Check {
            name: "can-be-signed",
            promise: "the evidence can be signed as an observation, and reads back the same",
            excluded_by: |_| None,
            run: |s| Box::pin(can_be_signed(s)),
        },
    ]
}

/// Makes one project with one Owner and one release.
pub(super) fn widget(world: &mut World) -> Result<(), Refused> {
    let alice = world.sign_up("alice")?;
    register(world, &alice, NAME)?;
    world.wait(Duration::from_secs(3600));
    Ok(())
}

async fn answers_what_was_asked(subject: &Subject) -> Checked {
    let scene = Scene::open(subject, widget)?;
    let (query, seen) = (scene.query(NAME)?, scene.gather(NAME).await?);
    ensure!(
        seen.namespace == query.namespace,
        "it is about {}",
        seen.namespace
    );
    ensure!(
        seen.origin == *scene.verifier().origin(),
        "it says that it is from {}",
        seen.origin
    );
    ensure!(
        seen.observed_at == query.now,
        "it says that it was seen at {}, and it is {}",
        seen.observed_at,
        query.now
    );
    ensure!(
        seen.existence == Existence::Present,
        "the project is {:?}",
        seen.existence
    );
    ensure!(!seen.sources.is_empty(), "it names no address");
    Ok(())
}

async fn refuses(scene: &Scene, namespace: Namespace) -> Checked {
    let before = scene.requests();
    let query = NamespaceQuery::new(namespace, scene.stage.world().now());
    let answer = scene.verifier().gather(&query).await;
    ensure!(
        matches!(answer, Err(NamespaceError::Invalid { .. })),
        "asked for {}, it answers {answer:?}",
        query.namespace
    );
    ensure!(
        before == scene.requests(),
        "asked for {}, it made a request",
        query.namespace
    );
    Ok(())
}

async fn refuses_other_ecosystems(subject: &Subject) -> Checked {
    let scene = Scene::open(subject, widget)?;
    let mine = scene.verifier().ecosystem().clone();
    for other in [
        Ecosystem::PYPI,
        Ecosystem::NPM,
        Ecosystem::CARGO,
        Ecosystem::new("elsewhere")?,
    ] {
        if other != mine {
            let repository = scene.namespace(NAME)?.repository().cloned();
            refuses(&scene, Namespace::parse_name(other, NAME)?.at(repository)).await?;
        }
    }
    Ok(())
}

async fn refuses_other_origins(subject: &Subject) -> Checked {
    let scene = Scene::open(subject, widget)?;
    let own = scene.namespace(NAME)?;
    let elsewhere: Origin = "https://elsewhere.example".parse()?;
    refuses(&scene, own.clone().at(Some(elsewhere))).await?;
    if own.repository().is_some() {
        refuses(&scene, own.at(None)).await?;
    }
    Ok(())
}

async fn same_world_same_answer(subject: &Subject) -> Checked {
    let scene = Scene::open(subject, widget)?;
    let (one, two) = (scene.gather(NAME).await?, scene.gather(NAME).await?);
    ensure!(one == two, "first {one:?}, then {two:?}");
    Ok(())
}

async fn looks_again(subject: &Subject) -> Checked {
    let scene = Scene::open(subject, |_| Ok(()))?;
    let absent = scene.gather(NAME).await?;
    ensure!(
        absent.existence != Existence::Present,
        "a name that nobody registered is present"
    );
    widget(&mut scene.stage.world()).map_err(|refused| scene::refuses(&refused))?;
    let seen = scene.gather(NAME).await?;
    ensure!(
        seen.existence == Existence::Present,
        "after it was published it is still {:?}",
        seen.existence
    );
    let logins = |seen: &NamespaceEvidence| -> Result<Vec<String>, Violation> {
        let listing = seen.listing.get()?;
        let accounts = listing.accounts.iter();
        Ok(accounts.map(|l| l.account.login().to_string()).collect())
    };
    ensure!(
        logins(&seen)? == logins(&scene.reference(NAME).await?)?,
        "it lists {:?}",
        logins(&seen)?
    );
    Ok(())
}

async fn keeps_questions_apart(subject: &Subject) -> Checked {
    let other = "gadget";
    let scene = Scene::open(subject, |world| {
        widget(world)?;
        let bob = world.sign_up("bob")?;
        register(world, &bob, other)
    })?;
    for _ in 0..4 {
        let (first, second) = join(scene.gather(NAME), scene.gather(other)).await;
        for (name, seen) in [(NAME, first?), (other, second?)] {
            let expected = scene.reference(name).await?;
            let (seen, expected) = (seen.listing.get()?, expected.listing.get()?);
            let accounts = |l: &auths_core::evidence::Listing| -> Vec<String> {
                let accounts = l.accounts.iter();
                accounts.map(|l| l.account.to_string()).collect()
            };
            ensure!(
                accounts(seen) == accounts(expected),
                "asked for two names at once, {name} lists {:?}",
                accounts(seen)
            );
        }
    }
    Ok(())
}

async fn can_be_signed(subject: &Subject) -> Checked {
    let scene = Scene::open(subject, widget)?;
    let seen = scene.gather(NAME).await?;
    let evidence = Evidence::Namespace(Box::new(seen.clone()));
    let key = KeyPair::from_seed(&Seed::new([1; 32].into()));
    let request = SigningRequest::new(Observation::new(evidence), seen.observed_at);
    let signed = request.sign(&key).await?;
    let read = auths_core::claim::Signed::<Observation>::parse(signed.to_json().as_bytes())?;
    let Evidence::Namespace(read) = &read.unverified().evidence else {
        return Err(Violation::Broken(
            "it reads back as another kind".to_owned(),
        ));
    };
    // The verifier's own records are not on the wire.
    let mut shown: NamespaceEvidence = seen;
    shown.seen_roles = None;
    ensure!(**read == shown, "it reads back as {read:?}");
    Ok(())
}
