//! The story that ends well: a new key, a linked account, a claim that is accepted.

use std::time::Duration;

use auths_core::{Bundle, Policy};
use auths_testkit::world::{Metadata, Session, Token, World};

use super::Step;
use super::person::Person;
use super::stage::Stage;
use crate::answer::Common;
use crate::evidence;
use crate::exit::Word;
use crate::failure::Failure;

/// A day.
pub(super) const DAY: Duration = Duration::from_secs(86_400);

/// The state of the story when the attackers come.
#[derive(Debug)]
pub(super) struct Story {
    pub(super) world: World,
    pub(super) alice: Person,
    pub(super) session: Session,
    /// A token that Alice's CI publishes with.
    pub(super) token: Token,
    pub(super) bundle: Bundle,
    pub(super) stage: tokio::sync::Mutex<Stage>,
}

/// Plays the story.
pub(super) async fn play(steps: &mut Vec<Step>) -> Result<Story, Failure> {
    let begin = "2026-01-05T09:00:00Z".parse()?;
    let stage = Stage::new(World::pypi(begin))?;

    let alice = Person::new("alice", &stage.clock()).await?;
    steps.push(Step {
        message: alice.did().to_string(),
        ..Step::new(
            "Alice makes a device key",
            Word::Done,
            Ok(Common::positive(Word::Done)),
        )
    });

    let (session, token) = {
        let mut world = stage.world();
        let session = world.sign_up("alice")?;
        world.publish(&session, "widget", "1.0", Metadata::new())?;
        world.publish(&session, "gadget", "1.0", Metadata::new())?;
        let token = world.create_token(&session, None)?;
        world.wait(30 * DAY);
        (session, token)
    };
    let (package, account) = (stage.namespace("alice-auths")?, stage.account("alice")?);
    let statement = Metadata::new().speaking_for(alice.did(), &package, &account);
    {
        let mut world = stage.world();
        world.publish(&session, "alice-auths", "1.0", statement.clone())?;
        world.wait(8 * DAY);
        world.publish(&session, "alice-auths", "1.1", statement)?;
        world.wait(DAY);
    }
    let alice = alice
        .clone()
        .claiming(
            stage.account("alice")?,
            Some(stage.namespace("alice-auths")?),
            stage.now(),
        )
        .await?;
    steps.push(linked(&stage, &alice).await);

    let policy = Policy::standard();
    let claimed = stage.claim(&alice, "widget", None, &policy).await?;
    steps.push(Step::decided(
        "Alice claims her package widget, and PyPI lists her account as its Owner",
        Word::Accepted,
        &claimed.decision,
    ));
    let offline = stage
        .verify_offline(&claimed.bundle.to_json(), &policy.trusting([alice.did()]))
        .await?;
    steps.push(Step::decided(
        "Her machine checks the bundle again, offline",
        Word::Accepted,
        &offline,
    ));
    let world = stage.world().clone();
    Ok(Story {
        world,
        alice,
        session,
        token,
        bundle: claimed.bundle,
        stage: tokio::sync::Mutex::new(stage),
    })
}

/// Plays the scene in which the account is linked, and shows what the link is worth.
async fn linked(stage: &Stage, alice: &Person) -> Step {
    let title = "Alice's package alice-auths, made for it, says in two releases a week apart that her key speaks for her account: it is linked";
    let policy = Policy::standard();
    let Some(stored) = alice.links.first() else {
        return Step::new(title, Word::Done, Err(Failure::internal("no account")));
    };
    let prover = stage.registry().prover();
    let linked = auths_core::use_cases::prove_account(
        stored,
        Some(&*prover),
        stage.now(),
        policy.maturity(),
    )
    .await;
    let support = evidence::support(&linked, &policy, stage.now());
    let holds = support.falls_to.is_some_and(|f| policy.accepts(f));
    let outcome = if holds { Word::Done } else { Word::Refuted };
    let falls_to = support.falls_to.map_or_else(String::new, |f| f.to_string());
    Step {
        message: format!("the link falls to {falls_to}"),
        ..Step::new(title, Word::Done, Ok(Common::positive(outcome)))
    }
}
