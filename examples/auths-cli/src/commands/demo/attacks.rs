//! The attackers of the demonstration. Each holds one thing, and none gets a yes.

use auths_core::claim::RevocationTarget;
use auths_core::evidence::OwnerRole;
use auths_core::{Did, Policy, use_cases};
use auths_testkit::world::Metadata;

use super::Step;
use super::person::Person;
use super::stage::Stage;
use super::story::{DAY, Story};
use crate::answer::Common;
use crate::exit::Word;
use crate::failure::Failure;

/// Plays every attack, each in the world that the story ended with.
pub(super) async fn play(story: &Story, steps: &mut Vec<Step>) -> Result<(), Failure> {
    let mut stage = story.stage.lock().await;
    strangers(story, &mut stage, steps).await?;
    thieves(story, &mut stage, steps).await?;
    insiders(story, &mut stage, steps).await?;
    forgers(story, &mut stage, steps).await?;
    claims(story, &mut stage, steps).await?;
    mirror(story, steps).await
}

/// Returns metadata that names `did` for `project`.
fn naming(stage: &Stage, did: Did, project: &str) -> Result<Metadata, Failure> {
    Ok(Metadata::new().naming([did], &stage.namespace(project)?))
}

/// Returns metadata that says that `did` speaks for the account of that login.
fn speaking(stage: &Stage, did: Did, project: &str, login: &str) -> Result<Metadata, Failure> {
    let (package, account) = (stage.namespace(project)?, stage.account(login)?);
    Ok(Metadata::new().speaking_for(did, &package, &account))
}

/// Tries to claim `project`, under the default policy.
async fn attempt(
    stage: &Stage,
    who: &Person,
    project: &str,
    title: &'static str,
    expected: Word,
) -> Step {
    match stage.claim(who, project, None, &Policy::standard()).await {
        Ok(claimed) => Step::decided(title, expected, &claimed.decision),
        Err(failure) => Step::new(title, expected, Err(failure)),
    }
}

async fn strangers(story: &Story, stage: &mut Stage, steps: &mut Vec<Step>) -> Result<(), Failure> {
    stage.set(story.world.clone())?;
    let mallory = Person::new("mallory", &stage.clock()).await?;
    let liar = mallory
        .clone()
        .claiming(stage.account("alice")?, None, stage.now())
        .await?;
    let title =
        "A stranger types Alice's user name: the listing agrees, and shows nothing of who typed it";
    steps.push(attempt(stage, &liar, "widget", title, Word::Denied).await);

    let metadata = speaking(stage, mallory.did(), "alice-auth", "alice")?;
    {
        let mut world = stage.world();
        let session = world.sign_up("mallory")?;
        world.publish(&session, "alice-auth", "1.0", metadata.clone())?;
        world.wait(30 * DAY);
        world.publish(&session, "alice-auth", "1.1", metadata)?;
    }
    let lookalike = mallory
        .clone()
        .claiming(
            stage.account("alice")?,
            Some(stage.namespace("alice-auth")?),
            stage.now(),
        )
        .await?;
    let title = "A stranger publishes a lookalike of Alice's statement, in a package of their own";
    steps.push(attempt(stage, &lookalike, "widget", title, Word::Denied).await);
    Ok(())
}

async fn thieves(story: &Story, stage: &mut Stage, steps: &mut Vec<Step>) -> Result<(), Failure> {
    stage.set(story.world.clone())?;
    let stolen = story.token.clone();
    let mallory = Person::new("mallory", &stage.clock()).await?;

    let copied = naming(stage, mallory.did(), "another-package")?;
    stage.world().publish(&stolen, "widget", "1.1", copied)?;
    let title = "A thief with Alice's publish token plants metadata copied from another package";
    steps.push(attempt(stage, &mallory, "widget", title, Word::Denied).await);

    stage.set(story.world.clone())?;
    let metadata = speaking(stage, mallory.did(), "alice-two", "alice")?;
    {
        let mut world = stage.world();
        world.publish(&stolen, "alice-two", "1.0", metadata)?;
        world.wait(60 * DAY);
    }
    let thief = mallory
        .clone()
        .claiming(
            stage.account("alice")?,
            Some(stage.namespace("alice-two")?),
            stage.now(),
        )
        .await?;
    let title =
        "With the same token the thief makes a new package in Alice's name, and waits sixty days";
    steps.push(attempt(stage, &thief, "widget", title, Word::Pending).await);

    stage.set(story.world.clone())?;
    let planted = naming(stage, mallory.did(), "gadget")?;
    stage
        .world()
        .publish(&stolen, "gadget", "1.1", planted.clone())?;
    let title = "A thief with her publish token plants one release that names the thief's key";
    steps.push(attempt(stage, &mallory, "gadget", title, Word::Pending).await);

    stage.world().wait(60 * DAY);
    let title = "The thief waits sixty days: one planted release never matures";
    steps.push(attempt(stage, &mallory, "gadget", title, Word::Pending).await);

    stage
        .world()
        .publish(&story.session, "gadget", "1.2", Metadata::new())?;
    let title = "Alice publishes as usual, and the planted statement is gone";
    steps.push(attempt(stage, &mallory, "gadget", title, Word::Denied).await);

    stage.set(story.world.clone())?;
    let own = naming(stage, story.alice.did(), "gadget")?;
    {
        let mut world = stage.world();
        world.publish(&story.session, "gadget", "1.1", own.clone())?;
        world.wait(8 * DAY);
        world.publish(&story.session, "gadget", "1.2", own)?;
        world.wait(DAY);
        world.publish(&stolen, "gadget", "1.3", planted.clone())?;
        world.wait(DAY);
    }
    let title = "The same theft where Alice's key is named already: the thief's is contested";
    steps.push(attempt(stage, &mallory, "gadget", title, Word::Denied).await);

    stage.set(story.world.clone())?;
    {
        let mut world = stage.world();
        world.publish(&stolen, "gadget", "1.1", planted.clone())?;
        world.wait(8 * DAY);
        world.publish(&stolen, "gadget", "1.2", planted)?;
    }
    let title =
        "A token held unnoticed over two releases a week apart is what the policy strict is for";
    let claimed = stage
        .claim(&mallory, "gadget", None, &Policy::strict())
        .await?;
    steps.push(Step::decided(title, Word::Denied, &claimed.decision));
    Ok(())
}

async fn insiders(story: &Story, stage: &mut Stage, steps: &mut Vec<Step>) -> Result<(), Failure> {
    stage.set(story.world.clone())?;
    let bob = Person::new("bob", &stage.clock()).await?;
    let metadata = naming(stage, bob.did(), "widget")?;
    {
        let mut world = stage.world();
        let session = world.sign_up("bob")?;
        world.set_role(&story.session, "widget", "bob", OwnerRole::Maintainer)?;
        world.publish(&session, "widget", "1.1", metadata.clone())?;
        world.wait(8 * DAY);
        world.publish(&session, "widget", "1.2", metadata)?;
    }
    let title = "A Maintainer, who may publish and no more, names a key of his own for weeks";
    steps.push(attempt(stage, &bob, "widget", title, Word::Denied).await);
    Ok(())
}

async fn forgers(story: &Story, stage: &mut Stage, steps: &mut Vec<Step>) -> Result<(), Failure> {
    stage.set(story.world.clone())?;
    let mut trusting = Policy::standard().trusting([story.alice.did()]);
    let edited = story
        .bundle
        .to_json()
        .replace("\"label\": \"Owner\"", "\"label\": \"Sole Owner\"");
    let ended = stage
        .verify_offline(&edited, &trusting)
        .await
        .map(|decision| Common::decision(&decision));
    let title = "A forger edits the evidence in Alice's bundle";
    steps.push(Step::new(title, Word::Refuted, ended));

    // The forger's own world, in which the forger owns everything.
    let mallory = Person::new("mallory", &stage.clock()).await?;
    let metadata = speaking(stage, mallory.did(), "mallory-auths", "mallory")?;
    {
        let mut world = stage.world();
        let session = world.sign_up("mallory")?;
        world.publish(&session, "mallory-auths", "1.0", metadata.clone())?;
        world.hand_over("widget", "mallory")?;
        world.wait(8 * DAY);
        world.publish(&session, "mallory-auths", "1.1", metadata)?;
    }
    let mallory = mallory
        .claiming(
            stage.account("mallory")?,
            Some(stage.namespace("mallory-auths")?),
            stage.now(),
        )
        .await?;
    let forged = stage
        .claim(&mallory, "widget", None, &Policy::standard())
        .await?;
    trusting = Policy::standard().trusting([story.alice.did()]);
    let decision = stage
        .verify_offline(&forged.bundle.to_json(), &trusting)
        .await?;
    let title = "A forger sends a bundle about a registry that only the forger saw: nobody here trusts that observer";
    steps.push(Step::decided(title, Word::Undetermined, &decision));
    Ok(())
}

async fn claims(story: &Story, stage: &mut Stage, steps: &mut Vec<Step>) -> Result<(), Failure> {
    stage.set(story.world.clone())?;
    let audience = |text: &str| text.parse().map_err(|e| Failure::internal(format!("{e}")));
    let (hub, other) = (
        audience("https://hub.example")?,
        audience("https://other.example")?,
    );
    let policy = Policy::standard();
    let for_hub = stage
        .claim(&story.alice, "widget", Some(hub), &policy)
        .await?;
    let decision = stage.verify_live(&for_hub.bundle, Some(other)).await;
    let title = "A hub replays Alice's claim to another hub";
    steps.push(Step::decided(title, Word::Denied, &decision));

    let revoked = RevocationTarget::Did(story.alice.did());
    let revocation = use_cases::revoke(&*story.alice.signer, revoked, stage.now()).await?;
    stage.publish(revocation);
    let decision = stage.verify_live(&story.bundle, None).await;
    let title = "Alice loses her device, and revokes its key: the thief's claim with it is denied";
    steps.push(Step::decided(title, Word::Denied, &decision));

    stage.set(story.world.clone())?;
    stage.world().wait(31 * DAY);
    let decision = stage.verify_live(&story.bundle, None).await;
    let title = "Somebody shows Alice's claim after its thirty days";
    steps.push(Step::decided(title, Word::Denied, &decision));

    stage.set(story.world.clone())?;
    {
        let mut world = stage.world();
        world.delete_project(&story.session, "widget")?;
        world.wait(DAY);
        let session = world.sign_up("mallory")?;
        world.publish(&session, "widget", "1.0", Metadata::new())?;
    }
    let decision = stage.verify_live(&story.bundle, None).await;
    let title = "Alice deletes widget, a stranger registers the name, and an old bundle is shown";
    steps.push(Step::decided(title, Word::Denied, &decision));
    Ok(())
}

async fn mirror(story: &Story, steps: &mut Vec<Step>) -> Result<(), Failure> {
    let stage = Stage::mirror(story.world.clone())?;
    let alice = Person {
        signer: story.alice.signer.clone(),
        links: Vec::new(),
    };
    let alice = alice
        .claiming(
            stage.account("alice")?,
            Some(stage.namespace("alice-auths")?),
            stage.now(),
        )
        .await?;
    let title = "The right key asks at a mirror that leaves the owners out: no yes, and no no";
    steps.push(attempt(&stage, &alice, "widget", title, Word::Undetermined).await);
    Ok(())
}
