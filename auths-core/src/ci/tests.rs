use proptest::prelude::*;

use super::*;
use scene::{identity, parts};

#[test]
fn every_public_issuer_is_read_and_belongs_to_one_platform() {
    for provider in CiProvider::ALL {
        let issuer = CiIssuer::public(provider).unwrap();
        assert!(issuer.is_public());
        assert_eq!(issuer.url.to_string(), provider.public_issuer());
        assert_eq!(CiProvider::named(provider.name()), Some(provider));
        for trigger in provider.default_triggers() {
            assert!(trigger.parse::<Trigger>().is_ok(), "{trigger}");
        }
    }
    let ghes = CiIssuer::new(
        CiProvider::GitHubActions,
        "https://ghes.example/_services/token".parse().unwrap(),
    );
    assert!(!ghes.is_public());
}

#[test]
fn the_host_of_an_instance_keeps_its_port() {
    let issuer: IssuerUrl = "https://gitlab.example:8443/base".parse().unwrap();
    assert_eq!(issuer.authority(), "gitlab.example:8443");
    let loopback: IssuerUrl = "http://127.0.0.1:9000".parse().unwrap();
    assert_eq!(loopback.authority(), "127.0.0.1:9000");
}

#[test]
fn the_workflow_file_is_what_is_left_between_the_known_repository_and_the_known_version() {
    let file = |reference: &str, git_ref: Option<&str>| {
        let mut run = parts();
        run.workflow = reference.parse().unwrap();
        run.workflow_commit = None;
        run.git_ref = git_ref.map(|r| r.parse().unwrap());
        let file = CiIdentity::new(run).unwrap().workflow_file();
        file.map(|file| file.as_str().to_owned())
    };
    let tag = Some("refs/tags/v1");
    let odd_ref = Some("refs/heads/a.yml@refs/tags/v1");
    for (name, git_ref, expected) in [
        ("release.yml@refs/tags/v1", tag, Some("release.yml")),
        ("nested@evil.yml@refs/tags/v1", tag, Some("nested@evil.yml")),
        (
            "release.yml@refs/heads/a.yml@refs/tags/v1",
            odd_ref,
            Some("release.yml"),
        ),
        // The reference ends in another ref than the token's own, or in none.
        ("release.yml@refs/tags/v11", tag, None),
        ("release.yml@refs/tags/v2", tag, None),
        ("release.yml", tag, None),
        ("release.yml@refs/tags/v1", None, None),
        // What is left is no name of a file.
        ("folder/release.yml@refs/tags/v1", tag, None),
        ("release@refs/tags/v1", tag, None),
        ("@refs/tags/v1", tag, None),
        ("release.yml@refs/heads/a.yml@refs/tags/v1", tag, None),
    ] {
        let reference = format!("acme/widget/.github/workflows/{name}");
        assert_eq!(file(&reference, git_ref).as_deref(), expected, "{name}");
    }
    let at_commit = format!(
        "acme/widget/.github/workflows/release.yml@{}",
        scene::COMMIT
    );
    assert_eq!(file(&at_commit, tag).as_deref(), Some("release.yml"));
    for other in [
        "acme/widget2/.github/workflows/release.yml@refs/tags/v1",
        "evil/acme/widget/.github/workflows/release.yml@refs/tags/v1",
        "acme/widget/workflows/release.yml@refs/tags/v1",
    ] {
        assert_eq!(file(other, tag), None, "{other}");
    }
}

#[test]
fn an_owner_must_be_that_of_the_repository() {
    let mut other = parts();
    other.owner.name = "acme2".parse().unwrap();
    let error = CiIdentity::new(other).unwrap_err();
    assert!(
        matches!(error, CiIdentityError::OwnerMismatch { .. }),
        "{error}"
    );
    let mut folded = parts();
    folded.owner.name = "ACME".parse().unwrap();
    assert!(
        CiIdentity::new(folded).is_ok(),
        "names are compared without case"
    );
}

#[test]
fn groups_within_groups_are_of_platforms_that_have_them() {
    let mut nested = parts();
    nested.repository.name = "acme/tools/widget".parse().unwrap();
    nested.owner.name = "acme/tools".parse().unwrap();
    let error = CiIdentity::new(nested.clone()).unwrap_err();
    assert!(matches!(error, CiIdentityError::Subgroup { .. }), "{error}");
    nested.issuer = CiIssuer::public(CiProvider::GitLabCi).unwrap();
    assert!(CiIdentity::new(nested).is_ok());
}

#[test]
fn kinds_of_refs() {
    for (text, kind) in [
        ("refs/heads/main", RefKind::Branch),
        ("refs/heads/tags/v1", RefKind::Branch),
        ("refs/heads/x@release.yml", RefKind::Branch),
        ("refs/tags/@scope/pkg@1.0.0", RefKind::Tag),
        ("refs/pull/7/merge", RefKind::PullRequest),
        ("refs/merge-requests/7/head", RefKind::PullRequest),
        ("refs/notes/commits", RefKind::Other),
    ] {
        assert_eq!(text.parse::<GitRef>().unwrap().kind(), kind, "{text}");
    }
}

#[test]
fn a_ref_is_what_git_takes_for_one() {
    // Each as `git check-ref-format` answers.
    for (text, is_ref) in [
        ("refs/heads/a\u{a0}b", true),
        ("refs/heads/a\u{a0}", true),
        ("refs/heads/a\u{85}\u{2028}b", true),
        ("refs/heads/@", true),
        ("refs/heads/-a", true),
        ("refs/heads/a./b", true),
        ("refs/heads/a]b", true),
        ("@", false),
        ("refs/heads/a.", false),
        ("refs/heads/a/.b", false),
        ("refs/heads/a.lock/b", false),
        ("refs/heads/a\u{7f}b", false),
        ("refs/heads/a\nb", false),
        ("refs/heads/a@{b", false),
    ] {
        assert_eq!(is_read::<GitRef>(text), is_ref, "{text:?}");
        let reference = format!("acme/widget/.github/workflows/release.yml@{text}");
        assert!(!is_ref || is_read::<WorkflowRef>(&reference), "{text:?}");
    }
    let hidden: GitRef = "refs/heads/a\u{a0}\u{85}".parse().unwrap();
    assert!(!hidden.to_string().contains('\u{85}'), "{hidden}");
}

fn is_read<T: std::str::FromStr>(text: &str) -> bool {
    text.parse::<T>().is_ok()
}

#[test]
fn what_no_value_can_be() {
    let long = "a".repeat(5000);
    for text in ["", " pypi", "py\u{0}pi", &long] {
        assert!(!is_read::<EnvironmentName>(text), "{text:?}");
    }
    for text in ["", "Push", "push ", "_push", &long] {
        assert!(!is_read::<Trigger>(text), "{text:?}");
    }
    for text in ["0123", "0123456789ABCDEF0123456789abcdef01234567", ""] {
        assert!(!is_read::<CommitId>(text), "{text:?}");
    }
    for text in [
        "refs/heads/.hidden",
        "refs/heads/a@{1}",
        "REFS/heads/a",
        "refs",
    ] {
        assert!(!is_read::<GitRef>(text), "{text:?}");
    }
    assert!(!is_read::<TokenId>("a b") && !is_read::<TokenAudience>("päron"));
    for text in ["", " a@refs/tags/v1", "a@refs/tags/v1 ", "a\t@b"] {
        assert!(!is_read::<WorkflowRef>(text), "{text:?}");
    }
    assert!(!is_read::<WorkflowRef>(&long) && !is_read::<RepositoryName>(&long));
}

#[test]
fn an_error_repeats_neither_a_token_nor_what_is_hidden() {
    let token = format!("ghp_{}", "aB3".repeat(12));
    let error = token.parse::<RepositoryName>().unwrap_err().to_string();
    assert!(!error.contains("aB3aB3"), "{error}");
    let hidden = "pypi\u{202e}\n".parse::<EnvironmentName>().unwrap_err();
    assert!(!hidden.to_string().contains('\u{202e}'), "{hidden}");
}

#[test]
fn an_identity_is_written_as_the_commands_answer_it() {
    let written = serde_json::to_value(identity()).unwrap();
    assert_eq!(written["repository"]["id"], "700700");
    assert_eq!(written["ref"], "refs/tags/v1.2.0");
    assert_eq!(written["ref_kind"], "tag");
    assert_eq!(written["ref_protected"], true);
    assert_eq!(written["runner"], "hosted");
    assert_eq!(written["run"]["id"], "99887766");
    let bare = CiIdentityParts {
        workflow_commit: None,
        job_workflow: None,
        git_ref: None,
        ref_protected: None,
        environment: None,
        runner: None,
        visibility: None,
        run: None,
        ..parts()
    };
    let written = serde_json::to_value(CiIdentity::new(bare).unwrap()).unwrap();
    let members: Vec<_> = written
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    let expected = [
        "commit",
        "issuer",
        "owner",
        "ref",
        "ref_kind",
        "repository",
        "trigger",
        "workflow",
    ];
    assert_eq!(members, expected);
    assert_eq!(written["ref"], "");
}

proptest! {
    #[test]
    fn a_number_is_read_in_its_one_spelling(text in "[ +0-9]{0,22}") {
        if let Ok(id) = text.parse::<NumericId>() {
            prop_assert_eq!(id.to_string(), text);
        }
    }

    #[test]
    fn whatever_is_read_is_written_as_it_was(text in "\\PC{0,60}") {
        if let Ok(value) = text.parse::<GitRef>() { prop_assert_eq!(value.as_str(), &text); }
        if let Ok(value) = text.parse::<WorkflowFile>() { prop_assert!(!value.as_str().contains('/')); }
        if let Ok(value) = text.parse::<IssuerUrl>() { prop_assert_eq!(value.to_string(), text); }
    }
}

mod matching;
mod presets;
mod rule;
pub(crate) mod scene;
