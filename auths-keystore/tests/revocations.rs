//! Memories of revocations: what may lie in the directory, and what may not.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

mod common;

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use auths_core::Did;
use auths_core::claim::{Revocation, RevocationTarget, SigningRequest};
use auths_core::crypto::KeyPair;
use auths_core::ports::{RevocationMemory, StoreBounds};
use auths_keystore::FileRevocationMemory;
use auths_testkit::block_on;
use common::seed;
use sha2::{Digest, Sha256};

fn did(n: usize) -> Did {
    let dids = [
        "did:key:z6Mks931aemXLmTDGrasbApX8araucPWxRhzP8iqL7XHhXeC",
        "did:key:z6Mkn1vNVEZYu4dKzmXsX3BGuT3PGaKuCtWJ1kqxQTuuVMNc",
        "did:key:z6MkmNL6xksdEJENGk9Z1qqGsY5njKQdjU1UhnUEUvWyQUVX",
    ];
    dids[n].parse().unwrap()
}

fn recalled(dir: &Path) -> Option<Vec<Did>> {
    let memory = FileRevocationMemory::new(dir);
    block_on(memory.recovery_dids(&did(0))).ok()
}

/// A memory of one recovery DID, and the file of it.
fn memory() -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let memory = FileRevocationMemory::new(dir.path());
    block_on(memory.remember_recovery(&did(0), &did(1))).unwrap();
    let mut places = fs::read_dir(dir.path().join("recovery")).unwrap();
    let place = places.next().unwrap().unwrap().path();
    let file = fs::read_dir(place).unwrap().next().unwrap().unwrap();
    (dir, file.path())
}

#[test]
fn an_entry_that_cannot_be_read_is_never_left_out() {
    let (dir, file) = memory();
    assert_eq!(recalled(dir.path()), Some(vec![did(1)]));
    let beside = |name: &str| file.with_file_name(name);
    for name in ["note", "x.json", ".hidden", "0".repeat(64).as_str()] {
        fs::write(beside(name), "x").unwrap();
        fs::set_permissions(beside(name), fs::Permissions::from_mode(0o600)).unwrap();
        assert_eq!(recalled(dir.path()), None, "{name}");
        fs::remove_file(beside(name)).unwrap();
    }
    fs::create_dir(beside("folder")).unwrap();
    assert_eq!(recalled(dir.path()), None);
    fs::remove_dir(beside("folder")).unwrap();
    symlink("/nowhere", beside("link")).unwrap();
    assert_eq!(recalled(dir.path()), None);
    fs::remove_file(beside("link")).unwrap();
    // What a crash leaves behind was never remembered.
    fs::write(beside(".auths-x.tmp"), "half").unwrap();
    assert_eq!(recalled(dir.path()), Some(vec![did(1)]));
}

#[test]
fn an_entry_among_those_who_revoked_that_cannot_be_read_is_never_left_out() {
    let dir = tempfile::tempdir().unwrap();
    let memory = FileRevocationMemory::new(dir.path());
    let pair = |n: u8| KeyPair::from_seed(&seed(n));
    let key_did = |n: u8| Did::from_key(&pair(n).public());
    let what = RevocationTarget::Did(did(0));
    let at = "2026-11-21T08:00:00Z".parse().unwrap();
    for n in [1, 2] {
        let request = SigningRequest::new(Revocation::new(what.clone()), at);
        let revocation = block_on(request.sign(&pair(n))).unwrap();
        block_on(memory.remember_revocation(&revocation)).unwrap();
    }
    let recalled = |of: &[u8]| {
        let by = of.iter().map(|n| key_did(*n)).collect();
        let memory = FileRevocationMemory::new(dir.path());
        block_on(memory.revocations(&what, &by))
            .ok()
            .map(|all| all.len())
    };
    assert_eq!(
        [recalled(&[1, 2, 3]), recalled(&[2]), recalled(&[3])],
        [Some(2), Some(1), Some(0)]
    );
    let mut places = fs::read_dir(dir.path().join("revoked")).unwrap();
    let place = places.next().unwrap().unwrap().path();
    for odd in ["note", "x.json", ".hidden"] {
        fs::write(place.join(odd), "x").unwrap();
        assert_eq!(recalled(&[3]), None, "{odd}");
        fs::remove_file(place.join(odd)).unwrap();
    }
    // What cannot be read of one who may not revoke keeps nothing of the others back.
    for entry in fs::read_dir(&place).unwrap() {
        let by = entry.unwrap().path();
        fs::write(by.join("odd"), "x").unwrap();
        let read = [recalled(&[1]).is_some(), recalled(&[2]).is_some()];
        assert_eq!(read.into_iter().filter(|read| *read).count(), 1, "{read:?}");
        assert_eq!(recalled(&[1, 2]), None);
        fs::remove_file(by.join("odd")).unwrap();
    }
}

#[test]
fn every_change_and_every_cut_of_a_file_is_an_error() {
    let (dir, file) = memory();
    let whole = fs::read(&file).unwrap();
    for at in 0..whole.len() {
        let mut turned = whole.clone();
        turned[at] ^= 1;
        for bytes in [&whole[..at], &turned] {
            fs::write(&file, bytes).unwrap();
            assert_eq!(recalled(dir.path()), None, "at {at}");
        }
    }
    // A whole file of another DID, or under another name, is none either.
    fs::write(&file, &whole).unwrap();
    fs::rename(&file, file.with_file_name("1".repeat(64))).unwrap();
    assert_eq!(recalled(dir.path()), None);
}

#[test]
fn a_directory_that_a_link_leads_nowhere_to_is_not_empty() {
    let dir = tempfile::tempdir().unwrap();
    let link = dir.path().join("memory");
    symlink(dir.path().join("unmounted"), &link).unwrap();
    assert_eq!(recalled(&link), None);
    assert_eq!(recalled(&dir.path().join("never made")), Some(vec![]));
    let inner = dir.path().join("other");
    fs::create_dir(&inner).unwrap();
    symlink(dir.path().join("unmounted"), inner.join("recovery")).unwrap();
    assert_eq!(recalled(&inner), None);
}

#[test]
fn a_directory_that_others_can_write_is_refused() {
    let (dir, file) = memory();
    for path in [dir.path(), file.parent().unwrap()] {
        fs::set_permissions(path, fs::Permissions::from_mode(0o777)).unwrap();
        assert_eq!(recalled(dir.path()), None, "{}", path.display());
        fs::set_permissions(path, fs::Permissions::from_mode(0o700)).unwrap();
    }
    assert!(recalled(dir.path()).is_some());
}

#[test]
fn dids_that_strangers_make_up_have_an_end_and_what_is_remembered_stays() {
    let dir = tempfile::tempdir().unwrap();
    let bounds = StoreBounds::default().with_kept(256 << 10);
    let memory = || FileRevocationMemory::new(dir.path()).bounded(bounds);
    let stranger = |n: u8| Did::from_key(&KeyPair::from_seed(&seed(n)).public());
    let mut remembered = 0;
    for n in 0..100 {
        let kept = block_on(memory().remember_recovery(&stranger(n), &did(0)));
        remembered += usize::from(kept.is_ok());
    }
    // A directory and a file for each, of a block.
    assert_eq!(remembered, 32);
    for n in 0..32 {
        let known = block_on(memory().recovery_dids(&stranger(n))).unwrap();
        assert_eq!(known, [did(0)]);
        block_on(memory().remember_recovery(&stranger(n), &did(0))).unwrap();
    }
    assert!(block_on(memory().remember_recovery(&stranger(0), &did(1))).is_err());
}

#[test]
fn what_an_earlier_version_remembered_of_revocations_is_not_forgotten() {
    let name_of = |text: &str| -> String {
        let digest: [u8; 32] = Sha256::digest(text.as_bytes()).into();
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    };
    let dir = tempfile::tempdir().unwrap();
    let memory = FileRevocationMemory::new(dir.path());
    let pair = KeyPair::from_seed(&seed(1));
    let by = Did::from_key(&pair.public());
    let what = RevocationTarget::Did(did(0));
    let at = "2026-11-21T08:00:00Z".parse().unwrap();
    let request = SigningRequest::new(Revocation::new(what.clone()), at);
    let revocation = block_on(request.sign(&pair)).unwrap();
    block_on(memory.remember_revocation(&revocation)).unwrap();
    // The earlier version had one directory for the pair of them.
    let now = dir.path().join("revoked").join(name_of(did(0).as_str()));
    let now = now.join(name_of(by.as_str()));
    let then = dir.path().join("revocations");
    fs::create_dir(&then).unwrap();
    let then = then.join(name_of(&format!("{} by {by}", did(0))));
    fs::rename(now, &then).unwrap();
    let recalled = || {
        let memory = FileRevocationMemory::new(dir.path());
        block_on(memory.revocations(&what, &[by.clone(), did(1)].into()))
    };
    assert_eq!(recalled().unwrap(), [revocation]);
    fs::write(then.join("odd"), "x").unwrap();
    assert!(recalled().is_err());
}
