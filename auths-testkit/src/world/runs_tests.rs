use auths_core::capability::Capability::{self, *};
use auths_core::ci::CiIdentityParts;
use auths_core::identity::{Platform, Subject};
use std::time::Duration;

use super::*;

/// Alice has `alice/six`, whose workflow publishes; bob may write to it; carol and mallory have accounts.
struct Hub {
    world: World,
    alice: Session,
    bob: Session,
    carol: Session,
    mallory: Session,
    workflow: Workflow,
}

impl Hub {
    fn new() -> Self {
        let mut world = World::github("2026-01-01T00:00:00Z".parse().unwrap());
        let [alice, bob, carol, mallory] =
            ["alice", "bob", "carol", "mallory"].map(|name| world.sign_up(name).unwrap());
        let workflow = world.create_repository(&alice, "alice/six").unwrap();
        world.set_writer(&alice, &workflow, "bob", true).unwrap();
        Self {
            world,
            alice,
            bob,
            carol,
            mallory,
            workflow,
        }
    }

    fn start(&mut self, by: &Session) -> Result<CiRun, Refused> {
        let workflow = self.workflow.clone();
        self.world.start_run(by, &workflow, &push())
    }

    fn token(&mut self, run: &CiRun) -> Result<CiIdentityParts, Refused> {
        let token = self
            .world
            .id_token(run, &"registry.example".parse().unwrap())?;
        Ok(token.identity.parts().clone())
    }

    fn holds(&self, name: &str) -> Vec<(Capability, HeldOf)> {
        let held = self.world.holdings(&Person::named(name)).into_iter();
        held.map(|held| (held.capability, held.of)).collect()
    }

    fn number(&self) -> u64 {
        self.world.shown_repository(&self.workflow).unwrap().0
    }
}

fn push() -> RunPlan {
    RunPlan::new("push".parse().unwrap(), "refs/heads/main".parse().unwrap())
}

fn by_pull_request() -> RunPlan {
    let trigger = "pull_request_target".parse().unwrap();
    RunPlan::new(trigger, "refs/heads/main".parse().unwrap())
}

#[test]
fn the_owner_and_writers_start_runs_and_others_do_not() {
    let mut hub = Hub::new();
    for (by, person) in [(hub.alice.clone(), "alice"), (hub.bob.clone(), "bob")] {
        let run = hub.start(&by).unwrap();
        assert_eq!(hub.world.holder_of_run(&run), Some(Person::named(person)));
        let shown = hub.token(&run).unwrap();
        assert_eq!(shown.repository.name.as_str(), "alice/six");
        assert_eq!(shown.repository.id.get(), hub.number());
        let own = "alice/six/.github/workflows/release.yml@refs/heads/main";
        assert_eq!(shown.workflow.as_str(), own);
        assert_eq!(shown.job_workflow.unwrap().reference.as_str(), own);
    }
    let mallory = hub.mallory.clone();
    assert_eq!(hub.start(&mallory), Err(Refused::Forbidden));
    let workflow = hub.workflow.clone();
    let run = hub.world.start_run(&mallory, &workflow, &by_pull_request());
    let shown = hub.token(&run.unwrap()).unwrap();
    assert_eq!(
        shown.repository.id.get(),
        hub.number(),
        "of the base, by its event"
    );
    assert_eq!(shown.trigger.as_str(), "pull_request_target");
    let changed = by_pull_request().rewriting(None);
    assert_eq!(
        hub.world.start_run(&mallory, &workflow, &changed),
        Err(Refused::Forbidden)
    );
    assert_eq!(hub.holds("mallory"), []);
    let fork = hub.world.fork_repository(&mallory, &workflow).unwrap();
    let run = hub.world.start_run(&mallory, &fork, &push()).unwrap();
    let shown = hub.token(&run).unwrap();
    assert_eq!(shown.repository.name.as_str(), "mallory/six");
    assert_ne!(shown.repository.id.get(), hub.number());
}

#[test]
fn no_two_tokens_have_one_id_and_a_run_ends() {
    let mut hub = Hub::new();
    let alice = hub.alice.clone();
    let run = hub.start(&alice).unwrap();
    let audience = "registry.example".parse().unwrap();
    let first = hub.world.id_token(&run, &audience).unwrap();
    assert_ne!(first.id, hub.world.id_token(&run, &audience).unwrap().id);
    assert_eq!(
        first.times.expires,
        hub.world.now() + Duration::from_secs(300)
    );
    hub.world.wait(Duration::from_secs(6 * 3_600));
    assert_eq!(hub.world.id_token(&run, &audience), Err(Refused::Dead));
}

#[test]
fn a_guarded_environment_waits_for_somebody_else() {
    let mut hub = Hub::new();
    let (alice, bob, carol, workflow) = (
        hub.alice.clone(),
        hub.bob.clone(),
        hub.carol.clone(),
        hub.workflow.clone(),
    );
    let guard = Protection::by(["carol", "bob"]);
    let refused = hub
        .world
        .protect_environment(&bob, &workflow, "pypi", &guard);
    assert_eq!(
        refused,
        Err(Refused::Forbidden),
        "a writer changes no environment"
    );
    hub.world
        .protect_environment(&alice, &workflow, "pypi", &guard)
        .unwrap();
    hub.world
        .use_environment(&alice, &workflow, Some("PyPI"))
        .unwrap();
    let run = hub.start(&bob).unwrap();
    assert_eq!(hub.token(&run), Err(Refused::Forbidden), "it waits");
    assert_eq!(
        hub.world.poison_run("mallory", &run),
        Err(Refused::Forbidden)
    );
    assert_eq!(
        hub.world.approve_run(&bob, &run),
        Err(Refused::Forbidden),
        "his own"
    );
    assert_eq!(hub.world.approve_run(&alice, &run), Err(Refused::Forbidden));
    hub.world.approve_run(&carol, &run).unwrap();
    assert_eq!(
        hub.token(&run).unwrap().environment.unwrap().as_str(),
        "PyPI"
    );
    let of = HeldOf::Repository(hub.number());
    assert_eq!(
        hub.holds("bob"),
        [(RepositoryWriter, of.clone()), (AccountSession, of.clone())],
        "nobody can tell whether carol was tricked"
    );
    // Out of the environment, a writer runs at once.
    let elsewhere = push().rewriting(None);
    let run = hub.world.start_run(&bob, &workflow, &elsewhere).unwrap();
    assert_eq!(hub.token(&run).unwrap().environment, None);

    let own = guard.clone().letting_starters_approve();
    hub.world
        .protect_environment(&alice, &workflow, "pypi", &own)
        .unwrap();
    let run = hub.start(&bob).unwrap();
    hub.world.approve_run(&bob, &run).unwrap();
    assert!(hub.token(&run).is_ok());
    assert_eq!(
        hub.holds("bob").len(),
        2,
        "an approval of one's own gives nothing"
    );
    let passed = guard.letting_admins_pass();
    hub.world
        .protect_environment(&alice, &workflow, "pypi", &passed)
        .unwrap();
    let run = hub.start(&alice).unwrap();
    hub.world.approve_run(&alice, &run).unwrap();
    assert!(hub.token(&run).is_ok());
}

#[test]
fn whoever_slipped_through_while_the_guard_was_down_was_let_in() {
    let mut hub = Hub::new();
    let (alice, bob, workflow) = (hub.alice.clone(), hub.bob.clone(), hub.workflow.clone());
    hub.world
        .use_environment(&alice, &workflow, Some("pypi"))
        .unwrap();
    let run = hub.start(&bob).unwrap();
    assert!(hub.token(&run).is_ok(), "nobody must approve");
    let of = HeldOf::Repository(hub.number());
    assert_eq!(hub.holds("bob"), [(RepositoryWriter, of.clone())]);
    let guard = Protection::by(["carol"]);
    hub.world
        .protect_environment(&alice, &workflow, "pypi", &guard)
        .unwrap();
    assert_eq!(
        hub.holds("bob"),
        [(RepositoryWriter, of.clone()), (AccountSession, of)]
    );
}

#[test]
fn a_poisoned_run_is_held_of_the_repository_by_who_got_in() {
    let mut hub = Hub::new();
    let alice = hub.alice.clone();
    let run = hub.start(&alice).unwrap();
    let poisoned = hub.world.poison_run("mallory", &run).unwrap();
    assert_eq!(
        hub.world.holder_of_run(&poisoned),
        Some(Person::named("mallory"))
    );
    assert_eq!(hub.world.holder_of_run(&run), Some(Person::named("alice")));
    let of = HeldOf::Repository(hub.number());
    assert_eq!(hub.holds("mallory"), [(PoisonedRun, of.clone())]);
    assert!(hub.token(&poisoned).is_ok());
    let subject = |issuer: &str, id: String| Subject::CiRepository {
        issuer: issuer.to_owned(),
        id,
        name: "alice/six".to_owned(),
    };
    let (github, number) = (
        "token.actions.githubusercontent.com",
        hub.number().to_string(),
    );
    let covers = |subject: &Subject| hub.world.covers(&of, subject, hub.world.now());
    assert!(covers(&subject(github, number.clone())));
    assert!(
        covers(&subject(github, "not shown".to_owned())),
        "by its name"
    );
    assert!(
        !covers(&subject("ghes.example", number)),
        "another server's number"
    );
    assert!(!covers(&subject(github, "1".to_owned())));
}

#[test]
fn numbers_stay_over_names_and_a_repository_that_is_made_again_has_another() {
    let mut hub = Hub::new();
    let (alice, bob, workflow) = (hub.alice.clone(), hub.bob.clone(), hub.workflow.clone());
    let number = hub.number();
    let before = hub.start(&alice).unwrap();
    hub.world
        .rename_repository(&alice, &workflow, "seven")
        .unwrap();
    let shown = hub.token(&before).unwrap();
    assert_eq!(shown.repository.name.as_str(), "alice/seven");
    assert_eq!(shown.repository.id.get(), number);
    hub.world
        .rename_workflow(&bob, &workflow, "publish.yml")
        .unwrap();
    let run = hub.start(&alice).unwrap();
    let shown = hub.token(&run).unwrap();
    assert!(shown.workflow.as_str().contains("publish.yml"), "{shown:?}");
    hub.world
        .transfer_repository(&alice, &workflow, "bob")
        .unwrap();
    let shown = hub.token(&run).unwrap();
    assert_eq!(shown.owner.name.as_str(), "bob");
    assert_eq!(shown.repository.id.get(), number);
    assert_eq!(hub.start(&alice), Err(Refused::Forbidden));
    assert_eq!(
        hub.world.delete_repository(&alice, &workflow),
        Err(Refused::Forbidden)
    );
    hub.world.delete_repository(&bob, &workflow).unwrap();
    assert_eq!(hub.token(&run), Err(Refused::Dead));
    assert_eq!(hub.start(&bob), Err(Refused::UnknownThing));
    let again = hub.world.create_repository(&alice, "alice/seven").unwrap();
    assert_ne!(hub.world.shown_repository(&again).unwrap().0, number);
}

#[test]
fn a_called_workflow_is_found_by_the_name_of_its_repository() {
    let mut hub = Hub::new();
    let (alice, carol, mallory, workflow) = (
        hub.alice.clone(),
        hub.carol.clone(),
        hub.mallory.clone(),
        hub.workflow.clone(),
    );
    let tools = hub.world.create_repository(&carol, "carol/tools").unwrap();
    hub.world.call_workflow(&alice, &workflow, &tools).unwrap();
    let run = hub.start(&alice).unwrap();
    let job = hub.token(&run).unwrap().job_workflow.unwrap();
    let called = "carol/tools/.github/workflows/release.yml@refs/heads/main";
    assert_eq!(job.reference.as_str(), called);
    assert_eq!(job.repository, None, "GitHub shows no number");
    assert_eq!(
        hub.world.take_called_job(&mallory, &run),
        Err(Refused::Forbidden)
    );
    let taken = hub.world.take_called_job(&carol, &run).unwrap();
    assert_eq!(
        hub.world.holder_of_run(&taken),
        Some(Person::named("carol"))
    );
    // Carol's account is renamed, and mallory takes her name over.
    hub.world.rename_account(&carol, "caroline").unwrap();
    let run = hub.start(&alice);
    assert_eq!(run, Err(Refused::UnknownThing), "nobody has the name");
    let next = hub
        .world
        .sign_up_as("mallory", &Platform::GITHUB, "carol")
        .unwrap();
    hub.world.create_repository(&next, "carol/tools").unwrap();
    let run = hub.start(&alice).unwrap();
    assert!(hub.world.take_called_job(&next, &run).is_ok());
    let number = hub.world.shown_repository(&tools).unwrap().0;
    let held = hub.holds("mallory");
    assert!(
        held.contains(&(RecycledName, HeldOf::Repository(number))),
        "{held:?}"
    );
}

#[test]
fn a_member_of_an_organisation_makes_repositories_there_and_may_write_to_its_own() {
    let mut hub = Hub::new();
    let (alice, bob, mallory) = (hub.alice.clone(), hub.bob.clone(), hub.mallory.clone());
    hub.world.create_org(&alice, "acme").unwrap();
    let refused = hub.world.create_repository(&bob, "acme/tools");
    assert_eq!(refused, Err(Refused::Forbidden));
    hub.world
        .set_member(&alice, "acme", "bob", OrgRole::Member)
        .unwrap();
    hub.world.accept_membership(&bob, "acme").unwrap();
    let tools = hub.world.create_repository(&bob, "acme/tools").unwrap();
    let rename = hub.world.rename_repository(&bob, &tools, "tool");
    assert_eq!(rename, Err(Refused::Forbidden));
    for by in [&alice, &bob] {
        let run = hub.world.start_run(by, &tools, &push()).unwrap();
        assert_eq!(hub.token(&run).unwrap().owner.name.as_str(), "acme");
    }
    assert!(hub.world.start_run(&mallory, &tools, &push()).is_err());
}

#[test]
fn what_is_shown_of_an_environment() {
    let mut hub = Hub::new();
    let (alice, workflow) = (hub.alice.clone(), hub.workflow.clone());
    let guard = Protection::by(["carol"]);
    hub.world
        .protect_environment(&alice, &workflow, "pypi", &guard)
        .unwrap();
    let number = hub.number();
    assert!(hub.world.environment(number, "PYPI").is_guarded());
    assert!(!hub.world.environment(number, "staging").is_guarded());
    let all = Protection::none();
    hub.world
        .protect_environment(&alice, &workflow, "pypi", &all)
        .unwrap();
    assert!(!hub.world.environment(number, "pypi").is_guarded());
}
