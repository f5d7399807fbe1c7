//! The chapter about CI: an owner signs a rule, a run gets a grant, and the attackers get none. Each is refused for a reason of its own.

use std::sync::Arc;
use std::time::Duration;

use auths_adapters_ci::{IdTokenConfig, IdTokenVerifier, IssuerConfig};
use auths_core::ci::{CiIssuer, CiProvider, PublisherRuleFields};
use auths_core::claim::{Action, Actions, RevocationTarget, Signed, TrustedPublisher};
use auths_core::grant::{DenyList, GrantIssuer, GrantVerifier};
use auths_core::ports::{
    MemoryPins, MemoryReplayGuard, MemoryRevocations, MemoryStore, PublishedRevocations,
    RevocationList,
};
use auths_core::use_cases::{
    GrantDesk, PublishGate, PublishGrant, PublishRequest, TokenUses, Verifier,
};
use auths_core::{Policy, SecretString, use_cases};
use auths_keystore::OsEntropy;
use auths_testkit::doubles::RecordingSleeper;
use auths_testkit::issuer::{SigningKey, TestIssuer, TokenDraft};

use super::Step;
use super::person::Person;
use super::stage::Stage;
use super::story::{DAY, Story};
use crate::answer::Common;
use crate::exit::Word;
use crate::failure::Failure;
use crate::servers::{self, Limits};

const HUB: &str = "https://hub.example";
const FILES: &str = "https://files.hub.example";
const PUBLISH: Action = Action::Publish;

/// A hub that hands out grants, an issuer of ID tokens, and where the grants are used.
struct Hub<'a> {
    stage: &'a Stage,
    alice: &'a Person,
    issuer: TestIssuer,
    verifier: Verifier,
    desk: GrantDesk,
    files: GrantVerifier,
    revoked: Arc<RevocationList>,
}

/// Plays the chapter.
pub(super) async fn play(story: &Story, steps: &mut Vec<Step>) -> Result<(), Failure> {
    let mut stage = story.stage.lock().await;
    stage.set(story.world.clone())?;
    let hub = Hub::new(&stage, &story.alice).await?;
    let (widget, tools) = (hub.rule("700700")?, hub.rule("700800")?);
    let rules = [
        hub.sign(&story.alice, widget).await?,
        hub.sign(&story.alice, tools).await?,
    ];
    let title = "Alice signs two rules: runs of release.yml in acme/widget, and in acme/tools, in the environment pypi, may publish widget";
    let signed = Ok(Common::positive(Word::Done));
    let message = rules[0].unverified().publisher.to_string();
    steps.push(Step {
        message,
        ..Step::new(title, Word::Done, signed)
    });
    stage.world().wait(DAY);

    let token = hub.token("1", |draft| draft);
    let title = "A run of acme/widget asks to publish: it gets a grant for five minutes, and widget is pinned to its repository";
    let granted = hub.publish(&token, &rules).await;
    let grant = granted.as_ref().ok().map(|granted| granted.token().clone());
    steps.push(ending(title, Word::Accepted, granted));
    if let Some(grant) = grant {
        hub.use_grant(&grant, steps).await?;
    }
    let title = "A thief copied the run's token from a log: it was worth one grant";
    let again = hub.publish(&token, &rules).await;
    steps.push(ending(title, Word::Refuted, again));
    hub.attack(&rules, steps).await?;
    hub.end(&rules, steps).await
}

impl<'a> Hub<'a> {
    async fn new(stage: &'a Stage, alice: &'a Person) -> Result<Self, Failure> {
        let clock = Arc::new(stage.clock());
        let issuer = TestIssuer::start_with_clock(clock.clone());
        let sleeper = Arc::new(RecordingSleeper::default());
        let store = Arc::new(MemoryStore::new());
        let transport = servers::transport(Limits::AT_ONCE, clock.clone(), sleeper, store)?;
        let url = issuer.origin().to_string().parse().map_err(unnamed)?;
        let trusted = IssuerConfig::new(CiIssuer::new(CiProvider::GitHubActions, url));
        let config = IdTokenConfig::new().with_issuer(trusted);
        let tokens = Arc::new(IdTokenVerifier::new(config, transport)?);

        let revoked = Arc::new(RevocationList::new("the hub's list"));
        let verifier = Verifier::builder(HUB.parse().map_err(unnamed)?)
            .registry(stage.registry().verifier())
            .revocations(revoked.clone())
            .revocation_memory(MemoryRevocations::new())
            .without_challenges();
        let verifier = verifier.build().map_err(unnamed)?;

        let pins = Arc::new(MemoryPins::new());
        let uses = TokenUses::new(Arc::new(MemoryReplayGuard::new()));
        let gate = PublishGate::new(HUB.parse().map_err(unnamed)?, tokens, uses, pins.clone());
        let own = Person::new("hub", &*clock).await?;
        let (me, audience) = (
            HUB.parse().map_err(unnamed)?,
            FILES.parse().map_err(unnamed)?,
        );
        let files = GrantVerifier::new(me, audience, [own.did()], pins, DenyList::default());
        let (me, audience) = (
            HUB.parse().map_err(unnamed)?,
            FILES.parse().map_err(unnamed)?,
        );
        let entropy = Arc::new(OsEntropy);
        let grants = GrantIssuer::new(me, audience, own.signer, entropy, DenyList::default());
        Ok(Self {
            stage,
            alice,
            issuer,
            verifier,
            desk: GrantDesk::new(gate, grants),
            files,
            revoked,
        })
    }

    /// Returns a rule for the repository of that number.
    fn rule(&self, repository: &str) -> Result<PublisherRuleFields, Failure> {
        let name = match repository {
            "700700" => "acme/widget",
            _ => "acme/tools",
        };
        let mut rule = PublisherRuleFields::new(
            self.issuer.origin().to_string().parse().map_err(unnamed)?,
            repository.parse().map_err(unnamed)?,
            "4242".parse().map_err(unnamed)?,
            name.parse().map_err(unnamed)?,
            "release.yml".parse().map_err(unnamed)?,
        );
        rule.environment = Some("pypi".parse().map_err(unnamed)?);
        Ok(rule)
    }

    /// Signs a rule for widget.
    async fn sign(
        &self,
        by: &Person,
        rule: PublisherRuleFields,
    ) -> Result<Signed<TrustedPublisher>, Failure> {
        let rule = auths_core::ci::PublisherRule::new(rule).map_err(unnamed)?;
        let widget = self.stage.namespace("widget")?;
        let publisher = TrustedPublisher::new(rule, [widget], Actions::only(PUBLISH));
        let now = self.stage.now();
        Ok(use_cases::trust_publisher(&*by.signer, publisher, DAY * 90, now).await?)
    }

    /// Returns a new token of a run of acme/widget, changed in some way.
    fn token(&self, id: &str, change: impl FnOnce(TokenDraft) -> TokenDraft) -> SecretString {
        let (issuer, now) = (self.issuer.origin().to_string(), self.stage.now());
        let draft = TokenDraft::github(&issuer, HUB, now).claim("jti", id);
        change(draft).sign(&SigningKey::shared(0)).into()
    }

    async fn publish(
        &self,
        token: &SecretString,
        rules: &[Signed<TrustedPublisher>],
    ) -> Result<PublishGrant, Failure> {
        let (widget, now) = (self.stage.namespace("widget")?, self.stage.now());
        let mut request = PublishRequest::new(token.clone(), [widget], Actions::only(PUBLISH));
        request.publishers = rules.to_vec();
        request.links.clone_from(&self.alice.links);
        let policy = Policy::standard();
        Ok(self
            .verifier
            .publish(&self.desk, request, &policy, now)
            .await?)
    }

    /// Plays what the grant is good for.
    async fn use_grant(&self, grant: &SecretString, steps: &mut Vec<Step>) -> Result<(), Failure> {
        let (widget, gadget) = (
            self.stage.namespace("widget")?,
            self.stage.namespace("gadget")?,
        );
        let (now, late) = (self.stage.now(), Duration::from_secs(10 * 60));
        for (title, package, at, expected) in [
            (
                "The registry takes the grant for widget",
                &widget,
                now,
                Word::Confirmed,
            ),
            (
                "A thief of the grant tries it on gadget, which Alice owns too",
                &gadget,
                now,
                Word::Refuted,
            ),
            (
                "The thief tries it on widget ten minutes later",
                &widget,
                now + late,
                Word::Refuted,
            ),
        ] {
            let used = self.files.authorize(grant, package, PUBLISH, at).await;
            let message = used.as_ref().map(|grant| grant.subject().to_string());
            let ended = Step::new(
                title,
                expected,
                match &used {
                    Ok(_) => Ok(Common::positive(Word::Confirmed)),
                    Err(error) => Err(Failure::from(error.clone())),
                },
            );
            steps.push(match message {
                Ok(message) => Step { message, ..ended },
                Err(_) => ended,
            });
        }
        Ok(())
    }

    /// Plays the attackers with a run of their own.
    async fn attack(
        &self,
        rules: &[Signed<TrustedPublisher>],
        steps: &mut Vec<Step>,
    ) -> Result<(), Failure> {
        let namesake = self.token("2", |draft| {
            let subject = "repo:acme@4242/widget@999:environment:pypi";
            draft.claim("repository_id", "999").claim("sub", subject)
        });
        let title = "A namesake: acme/widget was deleted and made again, and has another number";
        steps.push(ending(
            title,
            Word::Denied,
            self.publish(&namesake, rules).await,
        ));

        let other = self.token("3", of_tools);
        let title = "Another repository of the organisation, acme/tools, has a rule too, and widget is pinned to acme/widget";
        steps.push(ending(
            title,
            Word::Denied,
            self.publish(&other, rules).await,
        ));

        let mallory = Person::new("mallory", &self.stage.clock()).await?;
        let own = [self.sign(&mallory, self.rule("700700")?).await?];
        let run = self.token("4", |draft| draft);
        let title = "A stranger signs a rule for widget: nothing leads from her key to the package";
        steps.push(ending(title, Word::Denied, self.publish(&run, &own).await));

        let poisoned = self.token("5", |draft| {
            draft.claim("event_name", "pull_request_target")
        });
        let title = "A pull request of a fork starts the workflow with its own code: no rule means such a trigger";
        let poisoned = self.publish(&poisoned, &rules[..1]).await;
        steps.push(ending(title, Word::Denied, poisoned));

        let elsewhere = self.token("6", |draft| draft.claim("aud", "https://other.example"));
        let title =
            "Another registry that the run asked for a grant sends its token on to this one";
        steps.push(ending(
            title,
            Word::Refuted,
            self.publish(&elsewhere, rules).await,
        ));

        let (issuer, now) = (self.issuer.origin().to_string(), self.stage.now());
        let forged = TokenDraft::github(&issuer, HUB, now).claim("jti", "7");
        let mut key = forged.clone();
        key.header
            .insert("kid".to_owned(), SigningKey::shared(0).id().into());
        let forged = key.sign(&SigningKey::shared(1)).into();
        let title = "A forger signs a token with a key of her own, under the name of the issuer's";
        steps.push(ending(
            title,
            Word::Refuted,
            self.publish(&forged, rules).await,
        ));
        Ok(())
    }

    /// Plays the end of the rule.
    async fn end(
        &self,
        rules: &[Signed<TrustedPublisher>],
        steps: &mut Vec<Step>,
    ) -> Result<(), Failure> {
        let target = RevocationTarget::Claim(rules[0].id().clone());
        let signer = &*self.alice.signer;
        let revocation = use_cases::revoke(signer, target, self.stage.now()).await?;
        self.revoked
            .publish(PublishedRevocations::new([revocation]));
        let late = self.token("8", |draft| draft);
        let title = "Alice revokes the rule, and the next run gets nothing";
        steps.push(ending(
            title,
            Word::Denied,
            self.publish(&late, rules).await,
        ));
        Ok(())
    }
}

/// Makes a draft one of a run of acme/tools.
fn of_tools(draft: TokenDraft) -> TokenDraft {
    let workflow = "acme/tools/.github/workflows/release.yml@refs/tags/v1.2.0";
    draft
        .claim("repository", "acme/tools")
        .claim("repository_id", "700800")
        .claim("sub", "repo:acme@4242/tools@700800:environment:pypi")
        .claim("workflow_ref", workflow)
        .claim("job_workflow_ref", workflow)
}

/// Creates a scene that ended with a grant, or without one.
fn ending(title: &'static str, expected: Word, granted: Result<PublishGrant, Failure>) -> Step {
    let accepted = Common::positive(Word::Accepted);
    match granted {
        Ok(granted) => Step {
            message: granted
                .packages()
                .iter()
                .map(|one| one.decision().cost())
                .collect(),
            ..Step::new(title, expected, Ok(accepted))
        },
        Err(failure) => Step::new(title, expected, Err(failure)),
    }
}

fn unnamed(error: impl std::fmt::Display) -> Failure {
    Failure::internal(error.to_string())
}
