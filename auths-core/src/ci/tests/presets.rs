//! The presets against what PyPI, crates.io and npm document or do, case by case.

use super::super::*;
use crate::ci::tests::scene::{COMMIT, issuer, parts};

/// What a registry answers to a run, and what we do.
#[derive(Debug, Clone, Copy)]
enum Answer {
    /// It accepts, and so do we.
    Yes,
    /// It refuses, and so do we.
    No,
    /// It accepts, and we refuse on purpose: `PublisherPreset` says why.
    Stricter,
    /// It refuses by the spelling of a name, and we accept: the number decides, or the platform folds case.
    Spelling,
    /// Not documented.
    Unknown,
}
use Answer::{No, Spelling, Stricter, Unknown, Yes};

struct Case {
    name: &'static str,
    change: fn(&mut CiIdentityParts),
    environment: Option<&'static str>,
    crates_io: Answer,
    npm: Answer,
    pypi: Answer,
}

const fn case(name: &'static str, change: fn(&mut CiIdentityParts), answers: [Answer; 3]) -> Case {
    Case {
        name,
        change,
        environment: None,
        crates_io: answers[0],
        npm: answers[1],
        pypi: answers[2],
    }
}

const fn in_environment(environment: &'static str, case: Case) -> Case {
    Case {
        environment: Some(environment),
        ..case
    }
}

fn workflows(parts: &mut CiIdentityParts, caller: &str, job: &str) {
    parts.workflow = caller.parse().unwrap();
    parts.job_workflow = Some(JobWorkflow::new(job.parse().unwrap()));
}

fn on(parts: &mut CiIdentityParts, git_ref: &str) {
    let own = format!("acme/widget/.github/workflows/release.yml@{git_ref}");
    parts.git_ref = Some(git_ref.parse().unwrap());
    workflows(parts, &own, &own);
}

const OWN: &str = "acme/widget/.github/workflows/release.yml@refs/tags/v1.2.0";

/// Each run, and what crates.io, npm and PyPI answer to it. The rule names `release.yml` of `acme/widget`.
const CASES: &[Case] = &[
    case("a push of a tag", |_| {}, [Yes, Yes, Yes]),
    case(
        "a release",
        |p| p.trigger = "release".parse().unwrap(),
        [Yes, Yes, Yes],
    ),
    case("a branch", |p| on(p, "refs/heads/main"), [Yes, Yes, Yes]),
    case(
        "a tag of a scoped package",
        |p| on(p, "refs/tags/@scope/pkg@1.0.0"),
        [Yes, Yes, Yes],
    ),
    case(
        "a branch called like a file",
        |p| on(p, "refs/heads/misleading@branch.yml"),
        [Yes, Yes, Yes],
    ),
    case(
        "a ref of a pull request",
        |p| on(p, "refs/pull/6/merge"),
        [Yes, Unknown, Yes],
    ),
    case(
        "pull_request",
        |p| p.trigger = "pull_request".parse().unwrap(),
        [Yes, Unknown, Yes],
    ),
    case(
        "pull_request_target",
        |p| p.trigger = "pull_request_target".parse().unwrap(),
        [No, Unknown, No],
    ),
    case(
        "workflow_run",
        |p| p.trigger = "workflow_run".parse().unwrap(),
        [No, Unknown, Yes],
    ),
    case(
        "issue_comment",
        |p| p.trigger = "issue_comment".parse().unwrap(),
        [Yes, Unknown, Yes],
    ),
    case(
        "another owner number",
        |p| p.owner.id = "4243".parse().unwrap(),
        [No, Unknown, No],
    ),
    case(
        "a repository made anew",
        |p| p.repository.id = "700701".parse().unwrap(),
        [Stricter, Unknown, Stricter],
    ),
    case(
        "names in another case",
        |p| {
            p.repository.name = "ACME/Widget".parse().unwrap();
            p.owner.name = "ACME".parse().unwrap();
        },
        [Yes, Spelling, Spelling],
    ),
    case(
        "another workflow file",
        |p| {
            let other = OWN.replace("release", "test");
            workflows(p, &other, &other);
        },
        [No, No, No],
    ),
    case(
        "a workflow file in another case",
        |p| {
            let other = OWN.replace("release", "Release");
            workflows(p, &other, &other);
        },
        [No, No, No],
    ),
    case(
        "a job in a reusable workflow of the repository",
        |p| workflows(p, OWN, &OWN.replace("release", "publish")),
        [Yes, Yes, No],
    ),
    case(
        "a job in the rule's file, called by another workflow of the repository",
        |p| workflows(p, &OWN.replace("release", "main"), OWN),
        [No, No, Yes],
    ),
    case(
        "a job in a reusable workflow of another repository",
        |p| {
            workflows(
                p,
                OWN,
                "acme/shared/.github/workflows/publish.yml@refs/heads/main",
            )
        },
        [Yes, Yes, No],
    ),
    case(
        "a job in a file of the rule's name in another repository",
        |p| {
            workflows(
                p,
                OWN,
                "evil/shared/.github/workflows/release.yml@refs/heads/main",
            )
        },
        [Yes, Yes, No],
    ),
    case(
        "a workflow of another repository",
        |p| {
            workflows(
                p,
                "evil/widget/.github/workflows/release.yml@refs/tags/v1.2.0",
                OWN,
            )
        },
        [Stricter, Unknown, Yes],
    ),
    case(
        "the workflow of the job at the commit of the run",
        |p| {
            workflows(
                p,
                OWN,
                &format!("acme/widget/.github/workflows/release.yml@{COMMIT}"),
            )
        },
        [Yes, Yes, Yes],
    ),
    case(
        "a run without a ref, at its commit",
        |p| {
            let own = format!("acme/widget/.github/workflows/release.yml@{COMMIT}");
            p.git_ref = None;
            workflows(p, &own, &own);
        },
        [Yes, Unknown, Yes],
    ),
    case(
        "a job at a ref that is not the run's",
        |p| {
            workflows(
                p,
                OWN,
                "acme/widget/.github/workflows/release.yml@refs/heads/evil",
            )
        },
        [Yes, Yes, No],
    ),
    case(
        "a job in a file whose name goes on",
        |p| {
            workflows(
                p,
                OWN,
                "acme/widget/.github/workflows/release.yml@fake.yml@refs/tags/v1.2.0",
            )
        },
        [Yes, Yes, No],
    ),
    case(
        "a job without a version",
        |p| workflows(p, OWN, "acme/widget/.github/workflows/release.yml@"),
        [Yes, Yes, No],
    ),
    case(
        "a job without a file",
        |p| workflows(p, OWN, "acme/widget/.github/workflows/"),
        [Yes, Yes, No],
    ),
    case(
        "a job in a bare file",
        |p| workflows(p, OWN, "release.yml"),
        [Yes, Yes, No],
    ),
    case(
        "a job at a version that goes on",
        |p| {
            workflows(
                p,
                OWN,
                "acme/widget/.github/workflows/release.yml@malicious.yml@",
            )
        },
        [Yes, Yes, No],
    ),
    case(
        "a workflow in a bare file",
        |p| workflows(p, "release.yml", OWN),
        [Unknown, Unknown, Yes],
    ),
    case(
        "a workflow without a version",
        |p| workflows(p, "acme/widget/.github/workflows/release.yml", OWN),
        [No, Unknown, Yes],
    ),
    case(
        "a self-hosted runner",
        |p| p.runner = Some(RunnerKind::SelfHosted),
        [Yes, No, Yes],
    ),
    case(
        "no environment asked for, one there",
        |p| p.environment = "x".parse().ok(),
        [Yes, Yes, Yes],
    ),
    case(
        "no environment asked for, none there",
        |p| p.environment = None,
        [Yes, Yes, Yes],
    ),
    in_environment(
        "x",
        case(
            "the environment",
            |p| p.environment = "x".parse().ok(),
            [Yes, Yes, Yes],
        ),
    ),
    in_environment(
        "x",
        case(
            "the environment in another case",
            |p| p.environment = "X".parse().ok(),
            [Yes, Spelling, Yes],
        ),
    ),
    in_environment(
        "x",
        case("no environment", |p| p.environment = None, [No, No, No]),
    ),
    in_environment(
        "x",
        case(
            "another environment",
            |p| p.environment = "y".parse().ok(),
            [No, No, No],
        ),
    ),
];

fn is_matched(case: &Case, preset: PublisherPreset) -> bool {
    let mut fields = PublisherRuleFields::new(
        issuer().url,
        "700700".parse().unwrap(),
        "4242".parse().unwrap(),
        "acme/widget".parse().unwrap(),
        "release.yml".parse().unwrap(),
    );
    fields.environment = case.environment.map(|name| name.parse().unwrap());
    preset.apply(&mut fields, CiProvider::GitHubActions);
    let mut run = parts();
    (case.change)(&mut run);
    let run = CiIdentity::new(run).unwrap();
    PublisherRule::new(fields).unwrap().matches(&run).is_ok()
}

#[test]
fn each_preset_agrees_with_its_registry_or_the_difference_is_meant() {
    let mut compared = 0;
    for case in CASES {
        for (preset, answer) in [
            (PublisherPreset::CratesIo, case.crates_io),
            (PublisherPreset::Npm, case.npm),
            (PublisherPreset::PyPi, case.pypi),
        ] {
            let expected = match answer {
                Yes | Spelling => true,
                No | Stricter => false,
                Unknown => continue,
            };
            compared += 1;
            assert_eq!(
                is_matched(case, preset),
                expected,
                "{preset:?}: {} ({answer:?})",
                case.name
            );
        }
    }
    assert!(compared > 90, "only {compared} answers were compared");
}

/// What the strict preset matches, the registry does too, but for names that npm and PyPI compare by their spelling.
#[test]
fn the_strict_preset_matches_nothing_that_a_registry_refuses() {
    for case in CASES {
        if !is_matched(case, PublisherPreset::Strict) {
            continue;
        }
        for answer in [case.crates_io, case.npm, case.pypi] {
            assert!(!matches!(answer, No | Stricter), "{}", case.name);
        }
    }
    let strict = PublisherPreset::default();
    assert_eq!(
        (strict.binding(), strict.runner()),
        (WorkflowBinding::default(), AllowedRunner::default())
    );
    assert_eq!(strict.triggers(CiProvider::GitHubActions), None);
}

#[test]
fn every_known_trigger_is_read_once_and_the_defaults_are_among_them() {
    for provider in CiProvider::ALL {
        let known = provider.known_triggers();
        assert!(known.is_sorted_by(|a, b| a < b), "{provider}");
        assert!(
            provider
                .default_triggers()
                .iter()
                .all(|trigger| known.contains(trigger))
        );
        let all = PublisherPreset::Npm.triggers(provider).unwrap();
        assert_eq!(all.len(), known.len(), "{provider}");
    }
}
