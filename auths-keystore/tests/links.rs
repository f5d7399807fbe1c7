//! Links and published revocations as files.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::fs;
use std::path::Path;
use std::time::Duration;

use auths_core::claim::{PlatformClaim, Revocation, RevocationTarget, Signed, SigningRequest};
use auths_core::ports::{PublishedRevocations, RevocationSource};
use auths_core::{Account, Timestamp, Unavailable, UnavailableReason};
use auths_keystore::{FileLinks, FileRevocations, KeptGist, KeptLink, LinkError};
use auths_testkit::block_on;
use auths_testkit::scenes::{did, key};

fn now() -> Timestamp {
    "2026-11-21T08:46:00Z".parse().unwrap()
}

fn claim(account: &str, at: Timestamp) -> Signed<PlatformClaim> {
    let account: Account = account.parse().unwrap();
    let request = SigningRequest::new(PlatformClaim::new(account, None), at);
    block_on(request.sign(&key(1))).unwrap()
}

fn links(home: &Path) -> FileLinks {
    FileLinks::new(home.join("claims"), home)
}

fn read(source: &FileRevocations) -> Result<PublishedRevocations, Unavailable> {
    block_on(source.revocations(&[], now()))
}

#[test]
fn a_link_is_read_back_as_it_was_kept_and_a_later_entry_replaces_it() {
    let home = tempfile::tempdir().unwrap();
    let links = links(home.path());
    let mut kept = KeptLink::new(claim("pypi:alice", now()));
    links.keep(&kept).unwrap();
    kept.statement = Some("pypi:alice-auths".parse().unwrap());
    kept.gist = Some(KeptGist::new(
        "aa5a315d61ae9438b18d",
        "https://gist.example/1",
    ));
    let path = links.keep(&kept).unwrap();
    assert_eq!(path.parent(), Some(links.dir()));
    let all = links.all().unwrap();
    assert_eq!(all.len(), 1);
    assert_eq!(
        serde_json::to_value(&all[0]).unwrap(),
        serde_json::to_value(&kept).unwrap()
    );
    assert!(links.again(&kept).unwrap().is_some());
    links.forget(&kept).unwrap();
    assert!(links.again(&kept).unwrap().is_none());
    links.forget(&kept).unwrap();
    assert!(links.all().unwrap().is_empty());
}

#[test]
fn links_of_one_account_come_oldest_first_and_tell_which_renews_which() {
    let home = tempfile::tempdir().unwrap();
    let links = links(home.path());
    let old = KeptLink::new(claim("pypi:alice", now() - Duration::from_secs(3600)));
    let new = KeptLink::new(claim("pypi:alice", now()));
    let other = KeptLink::new(claim("pypi:bob", now()));
    for kept in [&new, &other, &old] {
        links.keep(kept).unwrap();
    }
    let of_alice = links
        .of(&did(&key(1)), &"pypi:alice".parse().unwrap())
        .unwrap();
    let ids: Vec<_> = of_alice.iter().map(|kept| kept.claim.id()).collect();
    assert_eq!(ids, [old.claim.id(), new.claim.id()]);
    assert!(old.is_renewed_by(&new) && !new.is_renewed_by(&old));
    assert!(!old.is_renewed_by(&other));
}

#[test]
fn a_file_that_is_no_link_is_an_error_and_never_passed_over() {
    let home = tempfile::tempdir().unwrap();
    let links = links(home.path());
    links
        .keep(&KeptLink::new(claim("pypi:alice", now())))
        .unwrap();
    for (name, bytes) in [
        ("x.json", &b"{}"[..]),
        ("README", b"[]"),
        ("cut", b"{\"claim\": "),
    ] {
        let path = links.dir().join(name);
        fs::write(&path, bytes).unwrap();
        let error = links.all().unwrap_err();
        assert!(matches!(error, LinkError::NotALink { .. }), "{error}");
        assert_eq!(error.code(), "AUTHS-1005");
        fs::remove_file(path).unwrap();
    }
    fs::create_dir(links.dir().join("folder")).unwrap();
    assert!(matches!(links.all().unwrap_err(), LinkError::Failed(_)));
}

#[test]
fn revocations_and_claims_are_read_from_files_of_any_name_in_folders_of_folders() {
    let home = tempfile::tempdir().unwrap();
    let revoked = Revocation::new(RevocationTarget::Did(did(&key(1))));
    let revocation = block_on(SigningRequest::new(revoked, now()).sign(&key(1))).unwrap();
    let deep = home.path().join("a/b");
    fs::create_dir_all(&deep).unwrap();
    fs::write(deep.join("revoked.JSON"), revocation.to_json()).unwrap();
    let list = format!("[{}]", claim("pypi:alice", now()).to_json());
    fs::write(home.path().join("claims"), list).unwrap();
    let kept = KeptLink::new(claim("pypi:bob", now()));
    fs::write(
        home.path().join("kept"),
        serde_json::to_string(&kept).unwrap(),
    )
    .unwrap();
    let found = read(&FileRevocations::new(home.path())).unwrap();
    assert_eq!((found.revocations.len(), found.claims.len()), (1, 2));
}

#[test]
fn a_source_with_one_unreadable_part_is_not_read() {
    let home = tempfile::tempdir().unwrap();
    let missing = FileRevocations::new(home.path().join("nothing"));
    assert_eq!(
        read(&missing).unwrap_err().reason,
        UnavailableReason::RevocationsUnread
    );
    // A folder of the program's own need not be there yet.
    let own = FileRevocations::of_folders("home", [home.path().join("nothing")]);
    assert!(read(&own).unwrap().revocations.is_empty());
    assert_eq!(own.name(), "home");
    fs::write(home.path().join("notes.txt"), "not JSON").unwrap();
    let error = read(&FileRevocations::new(home.path())).unwrap_err();
    assert!(error.to_string().contains("notes.txt"), "{error}");
}
