//! CI runs: the chains that lead from a run to a namespace.

use std::sync::Arc;

use super::*;
use crate::ci::tests::scene::{identity, issuer, parts};
use crate::ci::{
    CiIdentity, CiIdentityParts, CiIssuer, CiProvider, CiTokenEvidence, EnvironmentEvidence,
    EnvironmentProtection, EnvironmentReviewer, JobWorkflow, PublisherRule, TokenTimes,
    VerifiedCiToken,
};
use crate::claim::TrustedPublisher;
use crate::ports::MemoryReplayGuard;
use crate::use_cases::TokenUses;

/// The rule that the run of the scene matches.
fn rule() -> PublisherRule {
    rule_with("")
}

fn rule_with(more: &str) -> PublisherRule {
    let text = format!(
        r#"{{"issuer": "https://token.actions.githubusercontent.com", "repositoryId": "700700", "ownerId": "4242",
            "repository": "acme/widget", "workflow": "release.yml"{more}}}"#
    );
    text.parse().unwrap()
}

fn publisher(n: u8) -> Signed<TrustedPublisher> {
    publisher_of(n, rule(), "pypi:six")
}

fn publisher_of(n: u8, rule: PublisherRule, namespace: &str) -> Signed<TrustedPublisher> {
    let publish = Actions::only(Action::Publish);
    sign(
        n,
        TrustedPublisher::new(rule, [namespace.parse().unwrap()], publish),
    )
}

fn token_of(run: CiIdentity) -> Arc<VerifiedCiToken> {
    let times = TokenTimes::new(now(), None, now() + Duration::from_secs(300));
    let audience = "registry.example".parse().unwrap();
    let issuers = [run.issuer().clone()];
    let evidence = CiTokenEvidence::new(run, audience, "jti-1".parse().unwrap(), times);
    let audience = "registry.example".parse().unwrap();
    let accepted = VerifiedCiToken::accept(evidence, &issuers, None, &audience, now());
    Arc::new(accepted.unwrap())
}

fn proof(run: CiIdentity, namespace: &str, publishers: Vec<Signed<TrustedPublisher>>) -> RunProof {
    let publish = Actions::only(Action::Publish);
    let mut proof = RunProof::new(token_of(run), namespace.parse().unwrap(), publish);
    proof.publishers = publishers;
    proof
}

fn run_case(proof: RunProof, evidence: NamespaceEvidence) -> DecisionInput {
    let mut case = DecisionInput::for_run(proof);
    case.evidence.push(ObservedEvidence::live(evidence));
    case.revocations = looked();
    case
}

/// The run of the scene asks for `pypi:six`, with these rules; key 1 is alice's, who alone owns it.
fn six_case(publishers: Vec<Signed<TrustedPublisher>>) -> DecisionInput {
    let mut case = run_case(proof(identity(), "pypi:six", publishers), six_of_alice());
    case.accounts.push(stated(1, "pypi:alice", 100));
    case
}

fn changed(change: impl FnOnce(&mut CiIdentityParts)) -> CiIdentity {
    let mut run = parts();
    change(&mut run);
    CiIdentity::new(run).unwrap()
}

fn run_of(case: &mut DecisionInput) -> &mut RunProof {
    match &mut case.speaker {
        SpeakerProof::Run(run) => run,
        SpeakerProof::Key(_) => panic!("a key asks"),
    }
}

#[test]
fn a_run_that_matches_a_rule_of_an_owner_is_accepted_and_the_answer_says_its_price() {
    let decision = answer(&six_case(vec![publisher(1)]));
    assert_eq!(
        decision.outcome(),
        Outcome::Accepted,
        "{}",
        decision.message()
    );
    for price in [RepositoryWriter, PoisonedRun, DeviceKey] {
        assert!(falls_to(&decision).contains(&price), "{price}");
    }
    for words in [
        "get write access to `acme/widget (repository 700700 of token.actions.githubusercontent.com)`",
        "get code to run in a publishing job of `acme/widget",
        "steal the device key of",
    ] {
        assert!(decision.cost().contains(words), "{}", decision.cost());
    }
    assert_eq!(decision.did(), None);
    assert_eq!(decision.speaker().run(), Some(&identity()));
    let kinds: Vec<_> = decision.chains()[0].links.iter().map(|l| l.kind).collect();
    assert_eq!(
        kinds[..2],
        [EvidenceKind::CiRun, EvidenceKind::TrustedPublisher]
    );
    let said = serde_json::to_value(&decision).unwrap();
    assert!(
        said.get("did").is_none() && said["run"]["repository"]["id"] == "700700",
        "{said}"
    );
}

#[test]
fn no_run_passes_strict_and_the_remedy_says_so() {
    let case = six_case(vec![publisher(1)]);
    let decision = decide(&case, &Policy::strict(), now());
    refuted_by(&decision, RefutedReason::Resisted);
    let remedy = decision.remedy().unwrap();
    assert!(remedy.starts_with("no CI run meets the policy"), "{remedy}");
}

#[test]
fn a_repository_of_the_same_name_and_another_number_matches_nothing() {
    let mut case = six_case(vec![publisher(1)]);
    let other = changed(|run| run.repository.id = "700701".parse().unwrap());
    run_of(&mut case).token = token_of(other);
    let decision = answer(&case);
    refuted_by(&decision, RefutedReason::NoRuleMatches);
    assert!(
        decision
            .message()
            .contains("repositoryId: expected 700700, found 700701")
    );
    let remedy = decision.remedy().unwrap();
    assert!(
        remedy.contains("auths publisher new pypi:six --repository acme/widget --workflow"),
        "{remedy}"
    );
}

#[test]
fn a_self_hosted_platform_with_the_same_numbers_matches_nothing() {
    let mut case = six_case(vec![publisher(1)]);
    let ghes = "https://ghes.example/_services/token".parse().unwrap();
    let other = changed(|run| run.issuer = CiIssuer::new(CiProvider::GitHubActions, ghes));
    run_of(&mut case).token = token_of(other);
    refuted_by(&answer(&case), RefutedReason::NoRuleMatches);
}

#[test]
fn a_strangers_rule_opens_nothing_and_shuts_nobody_out() {
    let stranger = answer(&six_case(vec![publisher(9)]));
    assert_eq!(
        stranger.outcome(),
        Outcome::Denied,
        "{}",
        stranger.message()
    );
    let both = answer(&six_case(vec![publisher(9), publisher(1), publisher(8)]));
    assert_eq!(both.outcome(), Outcome::Accepted, "{}", both.message());
    // Nor does a stranger revoke it.
    let mut revoked = six_case(vec![publisher(1)]);
    revoked.revocations = revoking(9, RevocationTarget::Claim(publisher(1).id().clone()));
    assert_eq!(answer(&revoked).outcome(), Outcome::Accepted);
}

#[test]
fn a_rule_that_was_revoked_leads_nowhere() {
    let rule = publisher(1);
    let mut case = six_case(vec![rule.clone()]);
    case.revocations = revoking(1, RevocationTarget::Claim(rule.id().clone()));
    refuted_by(&answer(&case), RefutedReason::Revoked);
    case.revocations = revoking(1, RevocationTarget::Did(did(1)));
    refuted_by(&answer(&case), RefutedReason::Revoked);
}

#[test]
fn a_rule_covers_the_packages_and_actions_that_it_names() {
    let elsewhere = publisher_of(1, rule(), "pypi:other");
    let decision = answer(&six_case(vec![elsewhere]));
    refuted_by(&decision, RefutedReason::DelegationTooNarrow);
    let remedy = decision.remedy().unwrap();
    assert!(remedy.contains("auths publisher new pypi:six"), "{remedy}");
    let mut yanking = six_case(vec![publisher(1)]);
    run_of(&mut yanking).actions = Actions::only(Action::Yank);
    refuted_by(&answer(&yanking), RefutedReason::DelegationTooNarrow);
    refuted_by(&answer(&six_case(vec![])), RefutedReason::NoChain);
}

#[test]
fn a_delegate_signs_a_rule_only_where_the_owner_lets_it_pass_the_right_on() {
    let mut case = six_case(vec![publisher(2)]);
    case.delegations = vec![sign(1, delegated(false))];
    assert_eq!(answer(&case).outcome(), Outcome::Denied);
    case.delegations = vec![sign(1, delegated(true))];
    let decision = answer(&case);
    assert_eq!(
        decision.outcome(),
        Outcome::Accepted,
        "{}",
        decision.message()
    );
    assert!(falls_to(&decision).contains(&DelegateKey));
    // The owner stands above the rule, and may revoke it.
    case.revocations = revoking(1, RevocationTarget::Claim(publisher(2).id().clone()));
    refuted_by(&answer(&case), RefutedReason::Revoked);
}

fn environment(protection: Result<EnvironmentProtection, Unavailable>) -> EnvironmentEvidence {
    let id = "700700".parse().unwrap();
    let pypi = "pypi".parse().unwrap();
    EnvironmentEvidence::new(issuer().url, id, pypi, now(), protection)
}

fn reviewed() -> EnvironmentProtection {
    let reviewers = vec![EnvironmentReviewer::User("7".parse().unwrap())];
    EnvironmentProtection::new(reviewers, true, false)
}

/// What the run's own link falls to, with this seen of the environment that the rule names.
fn with_environment(seen: Vec<EnvironmentEvidence>) -> String {
    let named = publisher_of(1, rule_with(r#", "environment": "pypi""#), "pypi:six");
    let mut case = six_case(vec![named]);
    run_of(&mut case).environments = seen;
    let decision = answer(&case);
    decision.chains()[0].links[0].falls_to.to_string()
}

#[test]
fn an_environment_that_reviewers_guard_keeps_writers_out() {
    let guarded = "poisoned-run, account-session";
    let open = "repository-writer, poisoned-run, account-session";
    assert_eq!(with_environment(vec![environment(Ok(reviewed()))]), guarded);
    let mut without_reviewers = reviewed();
    without_reviewers.reviewers.clear();
    let mut reviewed_by_oneself = reviewed();
    reviewed_by_oneself.prevents_self_review = false;
    let mut passed_over = reviewed();
    passed_over.admins_may_bypass = true;
    for weak in [without_reviewers, reviewed_by_oneself, passed_over] {
        assert_eq!(
            with_environment(vec![environment(Ok(weak.clone()))]),
            open,
            "{weak:?}"
        );
    }
    let hidden = Unavailable::new(UnavailableReason::Forbidden, "hidden");
    let mut elsewhere = environment(Ok(reviewed()));
    elsewhere.repository_id = "700701".parse().unwrap();
    let mut another = environment(Ok(reviewed()));
    another.environment = "staging".parse().unwrap();
    let mut old = environment(Ok(reviewed()));
    old.observed_at = now() - HOUR;
    for seen in [environment(Err(hidden)), elsewhere, another, old] {
        assert_eq!(with_environment(vec![seen.clone()]), open, "{seen:?}");
    }
    assert_eq!(with_environment(vec![]), open);
}

/// A rule that names no environment is matched by runs outside of it.
#[test]
fn a_rule_without_an_environment_is_open_whatever_guards_the_run() {
    let mut case = six_case(vec![publisher(1)]);
    run_of(&mut case).environments = vec![environment(Ok(reviewed()))];
    let decision = answer(&case);
    assert!(falls_to(&decision).contains(&RepositoryWriter));
}

#[test]
fn a_job_in_a_workflow_of_another_repository_falls_to_its_writers_too() {
    let foreign = "other/tools/.github/workflows/publish.yml@refs/heads/main";
    let run = changed(|run| {
        run.job_workflow = Some(JobWorkflow::new(foreign.parse().unwrap()));
    });
    let by_caller = publisher_of(1, rule_with(r#", "binding": "caller""#), "pypi:six");
    let mut case = six_case(vec![by_caller]);
    run_of(&mut case).token = token_of(run);
    let decision = answer(&case);
    // By its name alone: whoever takes the name over publishes.
    refuted_by(&decision, RefutedReason::Resisted);
    let links = &decision.chains()[0].links;
    assert_eq!(
        links[1].falls_to.to_string(),
        "recycled-name, repository-writer"
    );
    assert_eq!(
        links[1].of.to_string(),
        "other/tools (repository not shown of token.actions.githubusercontent.com)"
    );
}

#[test]
fn a_yes_to_a_run_opens_when_its_token_is_used_and_once() {
    let case = six_case(vec![publisher(1)]);
    let decision = answer(&case);
    assert_eq!(decision.outcome(), Outcome::Accepted);
    assert!(decision.into_verified().is_err(), "its token was not used");
    let uses = TokenUses::new(Arc::new(MemoryReplayGuard::new()));
    let sealed = || decide_run(&case, &Policy::standard(), now()).unwrap();
    let used = |sealed| uses.use_once(sealed, now()).now_or_never().unwrap();
    let verified = used(sealed()).unwrap();
    let authority = verified.resisting(&Policy::standard(), now()).unwrap();
    assert_eq!(authority.namespace, six());
    assert_eq!(authority.speaker.run(), Some(&identity()));
    assert_eq!((verified.signer(), verified.claim()), (None, None));
    let publisher = authority.publisher.as_ref().unwrap();
    assert!(publisher.names_namespace && publisher.signer == did(1));
    assert!(verified.valid_until() <= now() + Duration::from_secs(360));
    let again = used(sealed()).unwrap_err();
    assert!(again.0.is_refuted_by(RefutedReason::TokenUsed), "{again}");
    // What is refused uses nothing up.
    let refused = decide_run(&six_case(vec![]), &Policy::standard(), now()).unwrap();
    assert!(
        used(refused)
            .unwrap_err()
            .0
            .is_refuted_by(RefutedReason::NoChain)
    );
    assert!(decide_run(&accepted_case(), &Policy::standard(), now()).is_none());
}

#[test]
fn a_token_out_of_its_time_opens_nothing() {
    let case = six_case(vec![publisher(1)]);
    let late = decide(&case, &Policy::standard(), now() + HOUR);
    refuted_by(&late, RefutedReason::TokenExpired);
}

#[test]
fn without_the_marker_of_the_names_life_nothing_is_decided() {
    let mut six = six_of_alice();
    six.incarnation = Reading::Unread(Unavailable::new(UnavailableReason::Timeout, "marker"));
    let mut case = run_case(proof(identity(), "pypi:six", vec![publisher(1)]), six);
    case.accounts.push(stated(1, "pypi:alice", 100));
    undetermined_by(&answer(&case), UnavailableReason::IncarnationUnread);
}

/// `github:acme`, whose number is 4242, and of which nothing else was read.
fn acme(id: &str) -> NamespaceEvidence {
    let origin = "https://github.com".parse().unwrap();
    let mut acme = NamespaceEvidence::new("github:acme".parse().unwrap(), origin, now());
    acme.incarnation = Reading::Read(Incarnation::new("organization", id));
    acme.timeline = Reading::NotOffered;
    acme
}

#[test]
fn any_run_of_an_organisation_is_worth_no_more_than_a_member_of_it() {
    let case = run_case(proof(identity(), "github:acme", vec![]), acme("4242"));
    let decision = answer(&case);
    refuted_by(&decision, RefutedReason::Resisted);
    assert_eq!(decision.weakest(), Some(Collaborator));
    let lenient = Policy::from_toml("resist = ['stolen-token', 'recycled-name']").unwrap();
    let decision = decide(&case, &lenient, now());
    assert_eq!(
        decision.outcome(),
        Outcome::Accepted,
        "{}",
        decision.message()
    );
    assert!(
        decision.cost().contains("be a member of `github:acme`"),
        "{}",
        decision.cost()
    );
    // Where there are rules, the nearest one is what tells.
    let rules = vec![publisher_of(
        1,
        rule_with(r#", "environment": "prod""#),
        "github:acme",
    )];
    let case = run_case(proof(identity(), "github:acme", rules), acme("4243"));
    let decision = decide(&case, &lenient, now());
    refuted_by(&decision, RefutedReason::NoRuleMatches);
    assert!(
        decision.message().contains("environment"),
        "{}",
        decision.message()
    );
    for (other, by) in [
        (identity(), RefutedReason::OtherRepository),
        (
            changed(|run| run.trigger = "pull_request_target".parse().unwrap()),
            RefutedReason::NoRuleMatches,
        ),
        (
            changed(|run| {
                let foreign = "other/tools/.github/workflows/publish.yml@refs/heads/main";
                run.job_workflow = Some(JobWorkflow::new(foreign.parse().unwrap()));
            }),
            RefutedReason::NoRuleMatches,
        ),
    ] {
        let id = match by {
            RefutedReason::OtherRepository => "4243",
            _ => "4242",
        };
        let case = run_case(proof(other, "github:acme", vec![]), acme(id));
        refuted_by(&decide(&case, &lenient, now()), by);
    }
    // Another server's numbers are other accounts.
    let ghes = "https://ghes.example/_services/token".parse().unwrap();
    let ghes = changed(|run| run.issuer = CiIssuer::new(CiProvider::GitHubActions, ghes));
    let case = run_case(proof(ghes, "github:acme", vec![]), acme("4242"));
    refuted_by(&decide(&case, &lenient, now()), RefutedReason::NoChain);
}

/// What PyPI attests of the runs that published `pypi:six` between these days ago.
fn attested(since: u32, last: u32) -> AttestedPublisher {
    AttestedPublisher::new(rule(), ago(since), ago(last), format!("v{last}"))
}

fn attested_case(publisher: AttestedPublisher, rows: &[(u32, &[u8])]) -> DecisionInput {
    let mut six = package(
        "pypi:six",
        owners(&[("pypi:alice", OwnerRole::Owner)]),
        releases(rows),
    );
    six.publishers = Reading::Read(vec![publisher]);
    run_case(proof(identity(), "pypi:six", vec![]), six)
}

#[test]
fn the_registrys_own_attestations_speak_for_a_run_once_they_are_mature() {
    let rows: &[(u32, &[u8])] = &[(30, &[]), (20, &[]), (2, &[])];
    let decision = answer(&attested_case(attested(20, 2), rows));
    assert_eq!(
        decision.outcome(),
        Outcome::Accepted,
        "{}",
        decision.message()
    );
    assert_eq!(
        falls_to(&decision),
        [
            FormerCollaborator,
            RepositoryWriter,
            PoisonedRun,
            AccountSession
        ]
    );
    let on_npm = AttestedPublisher {
        token_may_publish: true,
        ..attested(20, 2)
    };
    let decision = answer(&attested_case(on_npm, rows));
    assert_eq!(
        decision.weakest(),
        Some(Collaborator),
        "{}",
        decision.message()
    );
    let young = answer(&attested_case(attested(2, 2), rows));
    assert_eq!(young.outcome(), Outcome::Pending, "{}", young.message());
    assert!(young.needs_release());
    let behind = answer(&attested_case(attested(30, 20), rows));
    undetermined_by(&behind, UnavailableReason::MissingField);
    let mut other = attested_case(attested(20, 2), rows);
    let elsewhere = changed(|run| run.environment = None);
    run_of(&mut other).token = token_of(elsewhere);
    assert_eq!(
        answer(&other).outcome(),
        Outcome::Accepted,
        "the rule names no environment"
    );
    let elsewhere = changed(|run| run.repository.id = "1".parse().unwrap());
    run_of(&mut other).token = token_of(elsewhere);
    refuted_by(&answer(&other), RefutedReason::NoChain);
}

#[test]
fn a_did_that_is_mature_and_present_stands_against_runs_until_it_signs_a_rule() {
    let rows: &[(u32, &[u8])] = &[(30, &[3]), (20, &[3]), (2, &[3])];
    let mut case = attested_case(attested(20, 2), rows);
    refuted_by(&answer(&case), RefutedReason::StatementContested);
    run_of(&mut case).publishers = vec![publisher(3)];
    let decision = answer(&case);
    assert_eq!(
        decision.outcome(),
        Outcome::Accepted,
        "{}",
        decision.message()
    );
    // A revoked one contests nobody.
    run_of(&mut case).publishers.clear();
    case.revocations = revoking(3, RevocationTarget::Did(did(3)));
    assert_eq!(answer(&case).outcome(), Outcome::Accepted);
    // The same for a rule of another key, whose account is proved by less than a session.
    let six = package(
        "pypi:six",
        owners(&[("pypi:alice", OwnerRole::Owner)]),
        releases(rows),
    );
    let mut case = run_case(proof(identity(), "pypi:six", vec![publisher(1)]), six);
    case.accounts.push(stated(1, "pypi:alice", 100));
    refuted_by(&answer(&case), RefutedReason::StatementContested);
    run_of(&mut case).publishers.push(publisher(3));
    assert_eq!(answer(&case).outcome(), Outcome::Accepted);
}

#[test]
fn rules_of_strangers_cost_a_bounded_search() {
    let mut case = six_case(Vec::new());
    run_of(&mut case).publishers = (10..210).map(publisher).collect();
    run_of(&mut case).publishers.push(publisher(1));
    let decision = answer(&case);
    assert_eq!(
        decision.outcome(),
        Outcome::Accepted,
        "{}",
        decision.message()
    );
}

#[test]
fn a_name_below_an_organisation_is_decided_by_what_is_seen_of_the_organisation() {
    let lenient = Policy::from_toml("resist = ['stolen-token', 'recycled-name']").unwrap();
    let below = || {
        run_case(
            proof(identity(), "github:acme/server", vec![]),
            acme("4242"),
        )
    };
    let decision = decide(&below(), &lenient, now());
    assert_eq!(
        decision.outcome(),
        Outcome::Accepted,
        "{}",
        decision.message()
    );
    refuted_by(&answer(&below()), RefutedReason::Resisted);
    let of_another = run_case(
        proof(identity(), "github:acme-corp/server", vec![]),
        acme("4242"),
    );
    undetermined_by(
        &decide(&of_another, &lenient, now()),
        UnavailableReason::EvidenceMismatch,
    );
    // A rule says whether it names the package itself.
    let owner = github("alice", "7");
    let listed = ListedAccount::new(owner.clone(), OwnerRole::Owner, "admin");
    for (named, itself) in [("github:acme", false), ("github:acme/server", true)] {
        let mut acme = acme("4242");
        acme.listing = Reading::Read(Listing::new(vec![listed.clone()]));
        let rule = publisher_of(1, rule(), named);
        let mut case = run_case(proof(identity(), "github:acme/server", vec![rule]), acme);
        case.accounts.push(by_flow(1, owner.clone(), None));
        let uses = TokenUses::new(Arc::new(MemoryReplayGuard::new()));
        let sealed = decide_run(&case, &Policy::standard(), now()).unwrap();
        let verified = uses.use_once(sealed, now()).now_or_never().unwrap();
        let authority = verified.unwrap().get().clone();
        assert_eq!(authority.publisher.unwrap().names_namespace, itself);
        assert_eq!(authority.namespace.short(), "github:acme/server");
    }
}

/// Against a pin, the chain counts that the pin's rule can accept: the newest rule that names the package, and none by membership.
#[test]
fn a_run_rests_on_the_newest_rule_that_names_the_package() {
    let owner = github("alice", "7");
    let listed = ListedAccount::new(owner.clone(), OwnerRole::Owner, "admin");
    let mut acme = acme("4242");
    acme.listing = Reading::Read(Listing::new(vec![listed]));
    let publish = || Actions::only(Action::Publish);
    let signed_at = |days: u32, name: &str| {
        let body = TrustedPublisher::new(rule(), [name.parse().unwrap()], publish());
        let request = SigningRequest::new(body, ago(days));
        request.sign(&key(1)).now_or_never().unwrap().unwrap()
    };
    let newest = signed_at(2, "github:acme/server");
    let rules = vec![
        signed_at(20, "github:acme/server"),
        newest.clone(),
        signed_at(1, "github:acme"),
    ];
    let mut case = run_case(proof(identity(), "github:acme/server", rules), acme);
    case.accounts.push(by_flow(1, owner, None));
    let lenient = Policy::from_toml("resist = ['stolen-token', 'recycled-name']").unwrap();
    let uses = TokenUses::new(Arc::new(MemoryReplayGuard::new()));
    let sealed = decide_run(&case, &lenient, now()).unwrap();
    let verified = uses
        .use_once(sealed, now())
        .now_or_never()
        .unwrap()
        .unwrap();
    assert_eq!(
        verified.get().publisher.as_ref().unwrap().claim,
        *newest.id()
    );
    assert!(!verified.falls_to().contains(Collaborator));
}

#[test]
fn a_guarded_answer_ends_with_what_was_seen_of_its_environment() {
    let named = publisher_of(1, rule_with(r#", "environment": "pypi""#), "pypi:six");
    let mut case = six_case(vec![named]);
    let mut seen = environment(Ok(reviewed()));
    seen.observed_at = now() - Duration::from_secs(200);
    run_of(&mut case).environments = vec![seen];
    let decision = answer(&case);
    let end = now() + Duration::from_secs(100);
    assert_eq!(decision.valid_until(), Some(end), "{}", decision.message());
}
