//! Record files and used challenges.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test may fail by panicking; a child process talks to its test by standard output"
)]

mod common;

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use auths_core::Timestamp;
use auths_core::ports::{ReplayGuard, Store, StoreKey};
use auths_keystore::{FileReplayGuard, FileStore};
use common::now;

/// The one file in the collection.
fn only_file(dir: &Path, collection: &str) -> PathBuf {
    let mut files = fs::read_dir(dir.join(collection)).unwrap();
    let file = files.next().unwrap().unwrap().path();
    assert!(files.next().is_none());
    file
}

#[test]
fn records_persist_and_damage_is_never_none() {
    let dir = tempfile::tempdir().unwrap();
    let key = StoreKey::new("things", "one");
    now(FileStore::new(dir.path()).put(&key, b"value")).unwrap();
    let store = FileStore::new(dir.path());
    assert_eq!(now(store.get(&key)).unwrap().unwrap(), b"value");

    let path = only_file(dir.path(), "things");
    let whole = fs::read(&path).unwrap();
    for bytes in [&whole[..whole.len() - 1], &whole[1..], b"", b"value"] {
        fs::write(&path, bytes).unwrap();
        assert!(now(store.get(&key)).is_err());
        assert!(!now(store.put_new(&key, b"new")).unwrap());
    }
    // A whole record under another's name.
    fs::write(&path, &whole).unwrap();
    let other = StoreKey::new("things", "two");
    now(store.put(&other, b"second")).unwrap();
    let of_other = fs::read_dir(dir.path().join("things"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|p| *p != path)
        .unwrap();
    fs::copy(&path, &of_other).unwrap();
    assert!(now(store.get(&other)).is_err());
    // A damaged record can be replaced and removed.
    now(store.put(&other, b"third")).unwrap();
    assert_eq!(now(store.get(&other)).unwrap().unwrap(), b"third");
    fs::write(&path, b"damaged").unwrap();
    now(store.remove(&key)).unwrap();
    assert_eq!(now(store.get(&key)).unwrap(), None);
}

#[test]
fn collections_are_words_and_records_have_a_limit() {
    let dir = tempfile::tempdir().unwrap();
    let store = FileStore::new(dir.path().join("in"));
    for collection in ["", "..", ".", "a/b", "/tmp", "A", "a.b", "a\\b", "-a"] {
        let key = StoreKey::new(collection, "one");
        assert!(now(store.put(&key, b"x")).is_err(), "{collection}");
        assert!(now(store.put_new(&key, b"x")).is_err());
        assert!(now(store.get(&key)).is_err());
        assert!(now(store.remove(&key)).is_err());
    }
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    let key = StoreKey::new("things", "one");
    now(store.put(&key, b"small")).unwrap();
    assert!(now(store.put(&key, &vec![0; 16 * 1024 * 1024])).is_err());
    assert_eq!(now(store.get(&key)).unwrap().unwrap(), b"small");
}

#[cfg(unix)]
#[test]
fn records_are_the_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("records");
    let (store, key) = (FileStore::new(&root), StoreKey::new("things", "one"));
    now(store.put(&key, b"value")).unwrap();
    let path = only_file(&root, "things");
    for (path, mode, wider) in [
        (&root, 0o700, 0o722),
        (&root.join("things"), 0o700, 0o722),
        (&path, 0o600, 0o622),
    ] {
        let is = fs::metadata(path).unwrap().permissions().mode() & 0o7777;
        assert_eq!(is, mode, "{}", path.display());
        fs::set_permissions(path, fs::Permissions::from_mode(wider)).unwrap();
        assert!(now(store.get(&key)).is_err(), "{}", path.display());
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        assert!(now(store.get(&key)).is_ok());
    }
}

/// Not a test of its own: the process that the next one kills.
#[test]
fn child_that_writes() {
    let Some(dir) = std::env::var_os("AUTHS_TEST_CHILD_DIR") else {
        return;
    };
    let store = FileStore::new(dir);
    println!("ready");
    for round in 0u32.. {
        let value = [(round % 251) as u8; 40_000];
        now(store.put(&StoreKey::new("things", "one"), &value)).unwrap();
        now(store.put_new(&StoreKey::new("things", round.to_string()), &value)).unwrap();
    }
}

#[test]
fn a_killed_process_leaves_whole_records() {
    let dir = tempfile::tempdir().unwrap();
    let store = FileStore::new(dir.path());
    let key = StoreKey::new("things", "one");
    now(store.put(&key, &[0; 40_000])).unwrap();
    for round in 0..12 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "child_that_writes", "--nocapture"])
            .env("AUTHS_TEST_CHILD_DIR", dir.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        assert!(lines.any(|line| line.unwrap().contains("ready")));
        std::thread::sleep(Duration::from_millis(3 + 7 * round));
        child.kill().unwrap();
        child.wait().unwrap();
        let whole = |value: Vec<u8>| value.len() == 40_000 && value.iter().all(|b| *b == value[0]);
        assert!(whole(now(store.get(&key)).unwrap().unwrap()));
        for round in 0..200 {
            let record = now(store.get(&StoreKey::new("things", round.to_string()))).unwrap();
            assert!(record.is_none_or(whole));
        }
    }
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix(1_800_000_000 + seconds).unwrap()
}

#[test]
fn used_challenges_are_forgotten_an_hour_after_they_expired() {
    let dir = tempfile::tempdir().unwrap();
    let guard = FileReplayGuard::new(dir.path());
    let count = || fs::read_dir(dir.path().join("challenges")).unwrap().count();
    for i in 0..20 {
        assert!(now(guard.consume(&format!("t{i}"), at(i), at(300))).unwrap());
    }
    assert!(now(guard.consume("later", at(600), at(900))).unwrap());
    assert_eq!(count(), 21);
    fs::write(dir.path().join("challenges").join("x"), b"unreadable").unwrap();
    assert!(now(guard.consume("next", at(300 + 3600), at(9000))).unwrap());
    assert_eq!(count(), 3);
    assert!(!now(guard.consume("next", at(8999), at(9000))).unwrap());
    // Expired: used, whether remembered or not, and nothing is recorded.
    assert!(!now(guard.consume("t1", at(4000), at(300))).unwrap());
    assert!(!now(guard.consume("never seen", at(4000), at(4000))).unwrap());
    // `later` has gone meanwhile.
    assert_eq!(count(), 2);
}

#[test]
fn a_token_that_cannot_be_recorded_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    fs::write(&file, b"").unwrap();
    assert!(now(FileReplayGuard::new(&file).consume("a", at(0), at(300))).is_err());
    // A damaged record of the token counts as used.
    let guard = FileReplayGuard::new(dir.path());
    assert!(now(guard.consume("a", at(0), at(300))).unwrap());
    fs::write(only_file(dir.path(), "challenges"), b"").unwrap();
    assert!(!now(guard.consume("a", at(0), at(300))).unwrap());
}
