//! Runs against rules. Each case that an attacker or a careless publisher meets is a test of its own.

use proptest::prelude::*;

use super::super::*;
use crate::ci::tests::scene::{COMMIT, identity, issuer, parts};

const OTHER_COMMIT: &str = "fedcba9876543210fedcba9876543210fedcba98";

/// The members of a rule for the run of [`parts`], with an environment and refs.
fn fields() -> PublisherRuleFields {
    let mut fields = PublisherRuleFields::new(
        issuer().url,
        "700700".parse().unwrap(),
        "4242".parse().unwrap(),
        "acme/widget".parse().unwrap(),
        "release.yml".parse().unwrap(),
    );
    fields.environment = Some("pypi".parse().unwrap());
    fields.refs = Some(vec!["refs/tags/v*".parse().unwrap()]);
    fields
}

fn rule(change: impl FnOnce(&mut PublisherRuleFields)) -> PublisherRule {
    let mut fields = fields();
    change(&mut fields);
    PublisherRule::new(fields).unwrap()
}

fn run(change: impl FnOnce(&mut CiIdentityParts)) -> CiIdentity {
    let mut parts = parts();
    change(&mut parts);
    CiIdentity::new(parts).unwrap()
}

/// Sets the ref of a run, and the references to its workflows with it.
fn on(parts: &mut CiIdentityParts, git_ref: &str) {
    let workflow = format!("acme/widget/.github/workflows/release.yml@{git_ref}");
    parts.git_ref = Some(git_ref.parse().unwrap());
    parts.workflow = workflow.parse().unwrap();
    parts.job_workflow.as_mut().unwrap().reference = workflow.parse().unwrap();
}

/// Puts the job of a run into a reusable workflow.
fn calls(parts: &mut CiIdentityParts, reference: &str) {
    parts.job_workflow = Some(JobWorkflow::new(reference.parse().unwrap()));
}

/// The fields in which the run differs.
fn differing(rule: &PublisherRule, run: &CiIdentity) -> Vec<RuleField> {
    match rule.matches(run) {
        Ok(_) => Vec::new(),
        Err(mismatch) => mismatch
            .fields
            .iter()
            .map(|differs| differs.field)
            .collect(),
    }
}

#[test]
fn the_run_of_the_rule_matches() {
    let matched = rule(|_| {}).matches(&identity()).unwrap();
    assert_eq!(matched, RuleMatch::default());
}

#[test]
fn a_fork_does_not_match() {
    let fork = run(|parts| {
        parts.repository.id = "9001".parse().unwrap();
        parts.repository.name = "mallory/widget".parse().unwrap();
        parts.owner.id = "666".parse().unwrap();
        parts.owner.name = "mallory".parse().unwrap();
        parts.workflow = "mallory/widget/.github/workflows/release.yml@refs/tags/v1.2.0"
            .parse()
            .unwrap();
        calls(
            parts,
            "mallory/widget/.github/workflows/release.yml@refs/tags/v1.2.0",
        );
    });
    assert_eq!(
        differing(&rule(|_| {}), &fork),
        [RuleField::RepositoryId, RuleField::OwnerId]
    );
}

#[test]
fn a_pull_request_does_not_match() {
    let pull = run(|parts| {
        on(parts, "refs/pull/7/merge");
        parts.trigger = "pull_request".parse().unwrap();
    });
    assert_eq!(
        differing(&rule(|_| {}), &pull),
        [RuleField::Refs, RuleField::Triggers]
    );
    let open = rule(|fields| fields.refs = None);
    assert_eq!(differing(&open, &pull), [RuleField::Triggers]);
    for trigger in ["pull_request_target", "workflow_run", "issue_comment"] {
        let run = run(|parts| parts.trigger = trigger.parse().unwrap());
        assert_eq!(differing(&open, &run), [RuleField::Triggers], "{trigger}");
    }
}

#[test]
fn another_workflow_file_does_not_match() {
    let other = run(|parts| {
        let reference = "acme/widget/.github/workflows/test.yml@refs/tags/v1.2.0";
        parts.workflow = reference.parse().unwrap();
        calls(parts, reference);
    });
    let mismatch = rule(|_| {}).matches(&other).unwrap_err();
    assert_eq!(
        mismatch.fields[0].raw_expected,
        crate::ci::tests::scene::WORKFLOW
    );
    assert_eq!(
        mismatch.fields[0].raw_found.as_deref(),
        Some("acme/widget/.github/workflows/test.yml@refs/tags/v1.2.0")
    );
    assert_eq!(
        differing(&rule(|_| {}), &other),
        [RuleField::Workflow, RuleField::JobWorkflow]
    );
}

#[test]
fn another_ref_does_not_match() {
    for git_ref in [
        "refs/heads/main",
        "refs/heads/v1",
        "refs/tags/V1",
        "refs/tags/1",
    ] {
        let other = run(|parts| on(parts, git_ref));
        assert_eq!(
            differing(&rule(|_| {}), &other),
            [RuleField::Refs],
            "{git_ref}"
        );
    }
    let exact = rule(|fields| fields.refs = Some(vec!["refs/tags/v1".parse().unwrap()]));
    assert_eq!(differing(&exact, &identity()), [RuleField::Refs]);
    let bare = run(|parts| {
        on(parts, "refs/tags/v1.2.0");
        parts.git_ref = None;
        let at_commit = format!("acme/widget/.github/workflows/release.yml@{COMMIT}");
        parts.workflow = at_commit.parse().unwrap();
        calls(parts, &at_commit);
    });
    let mismatch = rule(|_| {}).matches(&bare).unwrap_err();
    assert_eq!(mismatch.fields[0].raw_found, None);
}

#[test]
fn the_same_name_with_another_number_does_not_match() {
    let recreated = run(|parts| parts.repository.id = "700701".parse().unwrap());
    assert_eq!(
        differing(&rule(|_| {}), &recreated),
        [RuleField::RepositoryId]
    );
    let resurrected = run(|parts| parts.owner.id = "4243".parse().unwrap());
    assert_eq!(differing(&rule(|_| {}), &resurrected), [RuleField::OwnerId]);
}

#[test]
fn a_renamed_repository_with_the_same_number_matches_and_the_drift_is_told() {
    let renamed = run(|parts| {
        parts.repository.name = "acme-corp/gadget".parse().unwrap();
        parts.owner.name = "acme-corp".parse().unwrap();
        parts.workflow = "acme-corp/gadget/.github/workflows/release.yml@refs/tags/v1.2.0"
            .parse()
            .unwrap();
        calls(
            parts,
            "acme-corp/gadget/.github/workflows/release.yml@refs/tags/v1.2.0",
        );
    });
    let matched = rule(|_| {}).matches(&renamed).unwrap();
    assert_eq!(matched.drifts.len(), 1);
    assert_eq!(matched.drifts[0].now.as_str(), "acme-corp/gadget");
    let spelled = run(|parts| parts.repository.name = "ACME/Widget".parse().unwrap());
    assert_eq!(
        rule(|_| {}).matches(&spelled).unwrap(),
        RuleMatch::default(),
        "case is no drift"
    );
}

#[test]
fn a_tag_of_a_scoped_package_matches() {
    let scoped = run(|parts| on(parts, "refs/tags/@scope/pkg@1.0.0"));
    let rule = rule(|fields| fields.refs = Some(vec!["refs/tags/@scope/pkg@*".parse().unwrap()]));
    assert_eq!(differing(&rule, &scoped), []);
}

#[test]
fn a_branch_called_like_a_workflow_file_is_no_workflow() {
    let any_ref = rule(|fields| fields.refs = None);
    let branch = run(|parts| on(parts, "refs/heads/x@release.yml"));
    assert_eq!(
        differing(&any_ref, &branch),
        [],
        "the workflow is the rule's, whatever the branch is called"
    );
    let other = run(|parts| {
        on(parts, "refs/heads/x@release.yml");
        let reference = "acme/widget/.github/workflows/test.yml@refs/heads/x@release.yml";
        parts.workflow = reference.parse().unwrap();
        calls(parts, reference);
    });
    assert_eq!(
        differing(&any_ref, &other),
        [RuleField::Workflow, RuleField::JobWorkflow]
    );
    let impostor = run(|parts| {
        let reference = "acme/widget/.github/workflows/release.yml@evil.yml@refs/tags/v1.2.0";
        parts.workflow = reference.parse().unwrap();
        calls(parts, reference);
    });
    assert_eq!(
        differing(&any_ref, &impostor),
        [RuleField::Workflow, RuleField::JobWorkflow]
    );
}

#[test]
fn a_job_in_a_foreign_reusable_workflow_does_not_match() {
    let foreign = run(|parts| {
        calls(
            parts,
            "evil/shared/.github/workflows/release.yml@refs/heads/main",
        )
    });
    let mismatch = rule(|_| {}).matches(&foreign).unwrap_err();
    assert_eq!(mismatch.fields.len(), 1);
    assert_eq!(mismatch.fields[0].field, RuleField::JobWorkflow);
    assert!(mismatch.fields[0].hint().unwrap().contains("reusable"));
    let job = rule(|fields| fields.binding = WorkflowBinding::Job);
    assert_eq!(differing(&job, &foreign), [RuleField::JobWorkflow]);
    let caller = rule(|fields| fields.binding = WorkflowBinding::Caller);
    let matched = caller.matches(&foreign).unwrap();
    let told = matched.foreign_workflow.unwrap();
    assert_eq!(told.repository.unwrap().as_str(), "evil/shared");
    assert_eq!(told.compared, RepositoryComparison::NotCompared);
    assert!(!told.is_pinned);
}

#[test]
fn a_job_in_another_file_of_the_repository_matches_what_binds_that_file() {
    let local = run(|parts| {
        calls(
            parts,
            "acme/widget/.github/workflows/publish.yml@refs/tags/v1.2.0",
        )
    });
    assert_eq!(differing(&rule(|_| {}), &local), [RuleField::JobWorkflow]);
    let caller = rule(|fields| fields.binding = WorkflowBinding::Caller);
    assert_eq!(caller.matches(&local).unwrap(), RuleMatch::default());
    let job = rule(|fields| {
        fields.binding = WorkflowBinding::Job;
        fields.workflow = "publish.yml".parse().unwrap();
    });
    assert_eq!(differing(&job, &local), []);
    let own = ReusableWorkflow::new(
        "700700".parse().unwrap(),
        "acme/widget".parse().unwrap(),
        "publish.yml".parse().unwrap(),
    );
    let declared = rule(|fields| fields.reusable = Some(own));
    assert_eq!(declared.matches(&local).unwrap(), RuleMatch::default());
    assert_eq!(differing(&declared, &identity()), [RuleField::Reusable]);
}

fn shared(pin: Option<WorkflowPin>) -> PublisherRule {
    let shared = ReusableWorkflow::new(
        "800".parse().unwrap(),
        "acme/shared".parse().unwrap(),
        "publish.yml".parse().unwrap(),
    );
    rule(|fields| fields.reusable = Some(shared.pinned(pin)))
}

#[test]
fn a_declared_reusable_workflow_matches_by_its_name_and_by_its_number_where_that_is_shown() {
    let by_name = run(|parts| {
        calls(
            parts,
            "Acme/Shared/.github/workflows/publish.yml@refs/heads/main",
        )
    });
    let told = shared(None)
        .matches(&by_name)
        .unwrap()
        .foreign_workflow
        .unwrap();
    assert_eq!(told.compared, RepositoryComparison::ByName);
    let shown = |id: &str, name: &str| {
        run(|parts| {
            calls(
                parts,
                &format!("{name}/.github/workflows/publish.yml@refs/heads/main"),
            );
            parts.job_workflow.as_mut().unwrap().repository = Some(RepositoryIdentity {
                id: id.parse().unwrap(),
                name: name.parse().unwrap(),
            });
        })
    };
    let matched = shared(None).matches(&shown("800", "acme/renamed")).unwrap();
    assert_eq!(
        matched.foreign_workflow.unwrap().compared,
        RepositoryComparison::ByNumber
    );
    assert_eq!(matched.drifts[0].now.as_str(), "acme/renamed");
    assert_eq!(
        differing(&shared(None), &shown("801", "acme/shared")),
        [RuleField::Reusable]
    );
}

#[test]
fn a_reusable_workflow_under_the_runs_own_name_has_the_runs_number() {
    // The run's repository took the name over that the rule has for another one.
    let own_name = run(|parts| {
        parts.repository.name = "acme/shared".parse().unwrap();
        parts.workflow = "acme/shared/.github/workflows/release.yml@refs/tags/v1.2.0"
            .parse()
            .unwrap();
        calls(
            parts,
            "acme/shared/.github/workflows/publish.yml@refs/heads/main",
        );
    });
    assert_eq!(differing(&shared(None), &own_name), [RuleField::Reusable]);
}

#[test]
fn the_file_of_the_job_counts_at_the_runs_own_ref_or_commit_only() {
    let file = "acme/widget/.github/workflows/release.yml";
    let at = |version: &str| {
        run(|parts| {
            let job = parts.job_workflow.as_mut().unwrap();
            job.reference = format!("{file}@{version}").parse().unwrap();
            job.commit = Some(OTHER_COMMIT.parse().unwrap());
        })
    };
    for binding in [WorkflowBinding::Job, WorkflowBinding::CallerAndJob] {
        let rule = rule(|fields| fields.binding = binding);
        assert_eq!(differing(&rule, &at(COMMIT)), []);
        assert_eq!(
            differing(&rule, &at(OTHER_COMMIT)),
            [RuleField::JobWorkflow]
        );
    }
}

#[test]
fn a_declared_reusable_workflow_must_be_in_its_place_and_version() {
    let pinned_ref = WorkflowPin::Ref("refs/tags/v1".parse().unwrap());
    let pinned_commit = WorkflowPin::Commit(COMMIT.parse().unwrap());
    let file = "acme/shared/.github/workflows/publish.yml";
    let tag = format!("{file}@refs/tags/v1");
    let at_commit = format!("{file}@{COMMIT}");
    let other_commit = format!("{file}@{OTHER_COMMIT}");
    // The reference, the commit that the token shows, the pin, and whether it fits.
    let rows: [(&str, Option<&str>, Option<&WorkflowPin>, bool); 18] = [
        (&tag, None, None, true),
        (&at_commit, None, None, true),
        (&tag, None, Some(&pinned_ref), true),
        (&at_commit, None, Some(&pinned_ref), false),
        (
            "acme/shared/.github/workflows/publish.yml@refs/tags/v1.1",
            None,
            Some(&pinned_ref),
            false,
        ),
        (&at_commit, None, Some(&pinned_commit), true),
        (&at_commit, Some(COMMIT), Some(&pinned_commit), true),
        (&tag, Some(COMMIT), Some(&pinned_commit), true),
        (&tag, None, Some(&pinned_commit), false),
        (&tag, Some(OTHER_COMMIT), Some(&pinned_commit), false),
        (&at_commit, Some(OTHER_COMMIT), Some(&pinned_commit), false),
        (&other_commit, Some(COMMIT), Some(&pinned_commit), false),
        (
            "acme/shared/.github/workflows/publish.yml@evil.yml@refs/tags/v1",
            None,
            None,
            false,
        ),
        (
            "acme/shared/.github/workflows/publish.yml@",
            None,
            None,
            false,
        ),
        (
            "acme/shared/.github/workflows/publish.yml@main",
            None,
            None,
            false,
        ),
        (
            "acme/shared-evil/.github/workflows/publish.yml@refs/tags/v1",
            None,
            None,
            false,
        ),
        (
            "acme/shared/.GITHUB/workflows/publish.yml@refs/tags/v1",
            None,
            None,
            false,
        ),
        (
            "acme/shared/.github/workflows/Publish.yml@refs/tags/v1",
            None,
            None,
            false,
        ),
    ];
    for (reference, commit, pin, fits) in rows {
        let run = run(|parts| {
            calls(parts, reference);
            parts.job_workflow.as_mut().unwrap().commit = commit.map(|c| c.parse().unwrap());
        });
        let found = differing(&shared(pin.cloned()), &run);
        let expected: &[RuleField] = if fits { &[] } else { &[RuleField::Reusable] };
        assert_eq!(found, expected, "{reference} {commit:?} {pin:?}");
        if let Ok(matched) = shared(pin.cloned()).matches(&run) {
            let is_pinned = matches!(pin, Some(WorkflowPin::Commit(_)));
            assert_eq!(matched.foreign_workflow.unwrap().is_pinned, is_pinned);
        }
    }
    let other_caller = run(|parts| {
        calls(parts, &tag);
        parts.workflow = "acme/widget/.github/workflows/test.yml@refs/tags/v1.2.0"
            .parse()
            .unwrap();
    });
    assert_eq!(
        differing(&shared(None), &other_caller),
        [RuleField::Workflow]
    );
}

#[test]
fn a_token_that_shows_no_workflow_of_the_job_matches_what_binds_the_caller_alone() {
    let bare = run(|parts| parts.job_workflow = None);
    assert_eq!(differing(&rule(|_| {}), &bare), [RuleField::JobWorkflow]);
    let caller = rule(|fields| fields.binding = WorkflowBinding::Caller);
    assert_eq!(differing(&caller, &bare), []);
    assert_eq!(differing(&shared(None), &bare), [RuleField::Reusable]);
}

#[test]
fn a_workflow_is_at_the_ref_or_a_commit_of_the_run() {
    let reference = |version: &str| format!("acme/widget/.github/workflows/release.yml@{version}");
    for (version, expected) in [
        ("refs/tags/v1.2.0", &[] as &[RuleField]),
        (COMMIT, &[]),
        (OTHER_COMMIT, &[RuleField::Workflow, RuleField::JobWorkflow]),
        ("refs/tags/v1.2.0 ", &[]),
        (
            "refs/heads/main",
            &[RuleField::Workflow, RuleField::JobWorkflow],
        ),
        ("", &[RuleField::Workflow, RuleField::JobWorkflow]),
    ] {
        let Ok(reference) = reference(version).parse::<WorkflowRef>() else {
            continue;
        };
        let run = run(|parts| {
            parts.workflow = reference.clone();
            parts.job_workflow.as_mut().unwrap().reference = reference.clone();
        });
        assert_eq!(differing(&rule(|_| {}), &run), expected, "{version:?}");
    }
    let of_file = run(|parts| {
        parts.workflow = reference(OTHER_COMMIT).parse().unwrap();
        parts.workflow_commit = Some(OTHER_COMMIT.parse().unwrap());
    });
    assert_eq!(differing(&rule(|_| {}), &of_file), []);
}

#[test]
fn a_workflow_of_another_repository_does_not_match() {
    let foreign = run(|parts| {
        parts.workflow = "evil/widget/.github/workflows/release.yml@refs/tags/v1.2.0"
            .parse()
            .unwrap();
    });
    assert_eq!(differing(&rule(|_| {}), &foreign), [RuleField::Workflow]);
    let longer = run(|parts| {
        parts.workflow = "acme/widget-evil/.github/workflows/release.yml@refs/tags/v1.2.0"
            .parse()
            .unwrap();
    });
    assert_eq!(differing(&rule(|_| {}), &longer), [RuleField::Workflow]);
}

#[test]
fn numbers_of_another_issuer_are_other_numbers() {
    let elsewhere = run(|parts| {
        let ghes = "https://ghes.example/_services/token".parse().unwrap();
        parts.issuer = CiIssuer::new(CiProvider::GitHubActions, ghes);
    });
    assert_eq!(differing(&rule(|_| {}), &elsewhere), [RuleField::Issuer]);
}

#[test]
fn environments_are_compared_as_the_platform_compares_them() {
    for (expected, found, github, gitlab) in [
        (None, None, true, true),
        (None, Some("pypi"), true, true),
        (Some("pypi"), Some("pypi"), true, true),
        (Some("pypi"), Some("PyPI"), true, false),
        (Some("pypi"), None, false, false),
        (Some("pypi"), Some("testpypi"), false, false),
        (Some("k"), Some("\u{212a}"), false, false),
    ] {
        let rule = rule(|fields| fields.environment = expected.map(|e| e.parse().unwrap()));
        let run = run(|parts| parts.environment = found.map(|e| e.parse().unwrap()));
        assert_eq!(
            differing(&rule, &run).is_empty(),
            github,
            "{expected:?} {found:?}"
        );
        let (rule, run) = on_gitlab(&rule, &run);
        assert_eq!(
            differing(&rule, &run).is_empty(),
            gitlab,
            "{expected:?} {found:?} on GitLab"
        );
    }
}

/// Moves a rule and a run to GitLab.
fn on_gitlab(rule: &PublisherRule, run: &CiIdentity) -> (PublisherRule, CiIdentity) {
    let gitlab = CiIssuer::public(CiProvider::GitLabCi).unwrap();
    let mut fields = rule.fields().clone();
    fields.issuer = gitlab.url.clone();
    fields.workflow = ".gitlab-ci.yml".parse().unwrap();
    let mut parts = run.parts().clone();
    parts.issuer = gitlab;
    parts.workflow = "gitlab.com/acme/widget//.gitlab-ci.yml@refs/tags/v1.2.0"
        .parse()
        .unwrap();
    parts.job_workflow = None;
    (
        PublisherRule::new(fields).unwrap(),
        CiIdentity::new(parts).unwrap(),
    )
}

#[test]
fn gitlab_shows_one_workflow_which_every_binding_looks_at() {
    for binding in WorkflowBinding::ALL {
        let (rule, run) = on_gitlab(&rule(|fields| fields.binding = binding), &identity());
        assert_eq!(differing(&rule, &run), [], "{binding}");
        for reference in [
            "gitlab.com/acme/widget//other.yml@refs/tags/v1.2.0",
            "gitlab.com/acme/widget-evil//.gitlab-ci.yml@refs/tags/v1.2.0",
            "gitlab.evil/acme/widget//.gitlab-ci.yml@refs/tags/v1.2.0",
            "acme/widget//.gitlab-ci.yml@refs/tags/v1.2.0",
        ] {
            let mut parts = run.parts().clone();
            parts.workflow = reference.parse().unwrap();
            let run = CiIdentity::new(parts).unwrap();
            assert_eq!(
                differing(&rule, &run),
                [RuleField::Workflow],
                "{binding} {reference}"
            );
        }
    }
    let (reusable, run) = on_gitlab(&shared(None), &identity());
    assert_eq!(differing(&reusable, &run), [RuleField::Reusable]);
}

#[test]
fn gitlab_has_default_triggers_of_its_own() {
    for (trigger, matches) in [
        ("push", true),
        ("web", true),
        ("schedule", true),
        ("api", true),
        ("merge_request_event", false),
        ("trigger", false),
        ("release", false),
    ] {
        let run = run(|parts| parts.trigger = trigger.parse().unwrap());
        let (rule, run) = on_gitlab(&rule(|_| {}), &run);
        assert_eq!(differing(&rule, &run).is_empty(), matches, "{trigger}");
    }
}

#[test]
fn a_runner_must_be_shown_unless_any_will_do() {
    for (runner, hosted) in [
        (Some(RunnerKind::Hosted), true),
        (Some(RunnerKind::SelfHosted), false),
        (None, false),
    ] {
        let run = run(|parts| parts.runner = runner);
        assert_eq!(
            differing(&rule(|_| {}), &run).is_empty(),
            hosted,
            "{runner:?}"
        );
        let any = rule(|fields| fields.runner = AllowedRunner::Any);
        assert_eq!(differing(&any, &run), []);
    }
}

#[test]
fn every_field_that_differs_is_named_with_what_was_expected_and_found() {
    let other = run(|parts| {
        parts.environment = None;
        parts.trigger = "workflow_run".parse().unwrap();
        parts.runner = Some(RunnerKind::SelfHosted);
    });
    let mismatch = rule(|_| {}).matches(&other).unwrap_err();
    assert_eq!(
        mismatch.to_string(),
        "environment: expected pypi, and the token shows none; \
         triggers: expected push, release, workflow_dispatch, schedule, found workflow_run; \
         runner: expected hosted, found self-hosted"
    );
    let written = serde_json::to_value(&mismatch.fields[1]).unwrap();
    assert_eq!(written["field"], "triggers");
    assert_eq!(written["found"], "workflow_run");
}

#[test]
fn the_first_rule_that_matches_is_found_and_else_the_nearest() {
    let rules = [
        rule(|fields| fields.repository_id = "1".parse().unwrap()),
        rule(|fields| {
            fields.environment = Some("npm".parse().unwrap());
            fields.refs = Some(vec!["refs/heads/main".parse().unwrap()]);
        }),
        rule(|fields| fields.environment = Some("npm".parse().unwrap())),
        rule(|fields| fields.environment = Some("npm".parse().unwrap())),
    ];
    let none = find_matching_rule(&rules, &identity()).unwrap_err();
    assert_eq!(
        none.nearest,
        Some(2),
        "of the same repository, with the fewest differences, the first"
    );
    assert_eq!(none.nearest_fields()[0].field, RuleField::Environment);
    assert_eq!(none.mismatches.len(), 4);
    assert_eq!(none.code(), "AUTHS-2092");
    assert!(none.to_string().contains("of rule 2"), "{none}");
    let mut rules = rules.to_vec();
    rules.push(rule(|_| {}));
    rules.push(rule(|_| {}));
    assert_eq!(find_matching_rule(&rules, &identity()).unwrap().index, 4);
    let empty = find_matching_rule([], &identity()).unwrap_err();
    assert_eq!((empty.nearest, empty.nearest_fields().len()), (None, 0));
}

#[test]
fn text_of_a_token_is_written_out_before_a_person_reads_it() {
    let odd = run(|parts| parts.environment = Some("py\u{202e}pi".parse().unwrap()));
    let none = find_matching_rule(&[rule(|_| {})], &odd).unwrap_err();
    assert!(!none.to_string().contains('\u{202e}'), "{none}");
}

proptest! {
    /// Any one change of the run that a rule looks at ends in a mismatch.
    #[test]
    fn a_reference_that_is_not_exactly_the_expected_one_does_not_match(
        text in "(acme/widget/\\.github/workflows/)?(release|a)\\.ya?ml(@[a-z.]{0,6})?@(refs/tags/v1\\.2\\.0|refs/heads/x|[a-z@.]{0,9})",
    ) {
        let Ok(reference) = text.parse::<WorkflowRef>() else { return Ok(()) };
        let run = run(|parts| parts.workflow = reference.clone());
        let is_expected = reference.as_str() == crate::ci::tests::scene::WORKFLOW;
        prop_assert_eq!(differing(&rule(|_| {}), &run).is_empty(), is_expected);
    }

    /// A rule that asks for less matches whatever one that asks for more matches.
    #[test]
    fn asking_for_less_never_loses_a_match(
        trigger in "push|pull_request|schedule", environment in "pypi|npm|", git_ref in "refs/(tags/v1|heads/main)",
        hosted in any::<bool>(), binding in 0..3_usize,
    ) {
        let run = run(|parts| {
            on(parts, &git_ref);
            parts.trigger = trigger.parse().unwrap();
            parts.environment = environment.parse().ok();
            parts.runner = hosted.then_some(RunnerKind::Hosted);
        });
        let narrow = rule(|fields| fields.binding = WorkflowBinding::ALL[binding]);
        let mut wide = narrow.fields().clone();
        wide.environment = None;
        wide.refs = None;
        wide.runner = AllowedRunner::Any;
        let wide = PublisherRule::new(wide).unwrap();
        if narrow.matches(&run).is_ok() {
            prop_assert!(wide.matches(&run).is_ok());
        }
        prop_assert!(differing(&wide, &run).len() <= differing(&narrow, &run).len());
    }
}
