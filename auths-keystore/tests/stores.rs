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
use auths_core::claim::ChallengeKey;
use auths_core::ports::{RecordKind, ReplayGuard, Store, StoreBounds, StoreKey};
use auths_keystore::{FileReplayGuard, FileStore, OsEntropy, RecordKey};
use common::{collection_of, file_of, guard, now, records};
use sha2::{Digest, Sha256};

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
    now(records(dir.path()).put(&key, b"value")).unwrap();
    let store = records(dir.path());
    assert_eq!(now(store.get(&key)).unwrap().unwrap(), b"value");

    let path = only_file(store.kept_in(), "things");
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
    fs::copy(&path, file_of(&store, &other)).unwrap();
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
    let store = records(dir.path());
    now(store.put(&StoreKey::new("things", "one"), b"x")).unwrap();
    let entries = || fs::read_dir(store.kept_in()).unwrap().count();
    let before = entries();
    for collection in ["", "..", ".", "a/b", "/tmp", "A", "a.b", "a\\b", "-a"] {
        let key = StoreKey::new(collection, "one");
        assert!(now(store.put(&key, b"x")).is_err(), "{collection}");
        assert!(now(store.put_new(&key, b"x")).is_err());
        assert!(now(store.get(&key)).is_err());
        assert!(now(store.remove(&key)).is_err());
    }
    assert_eq!(entries(), before);
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
    let (store, key) = (records(dir.path()), StoreKey::new("things", "one"));
    let root = store.kept_in().to_owned();
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
    let store = records(Path::new(&dir));
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
    let store = records(dir.path());
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
    let guard = guard(dir.path());
    let challenges = dir.path().join("store/challenges");
    let count = || fs::read_dir(&challenges).unwrap().count();
    for i in 0..20 {
        assert!(
            now(guard.consume(&format!("t{i}"), at(i), at(300)))
                .unwrap()
                .is_first()
        );
    }
    assert!(
        now(guard.consume("later", at(600), at(900)))
            .unwrap()
            .is_first()
    );
    assert_eq!(count(), 21);
    fs::write(challenges.join("x"), b"unreadable").unwrap();
    assert!(
        now(guard.consume("next", at(300 + 3600), at(9000)))
            .unwrap()
            .is_first()
    );
    assert_eq!(count(), 3);
    assert!(
        !now(guard.consume("next", at(8999), at(9000)))
            .unwrap()
            .is_first()
    );
    // Expired: used, whether remembered or not, and nothing is recorded.
    assert!(
        !now(guard.consume("t1", at(4000), at(300)))
            .unwrap()
            .is_first()
    );
    assert!(
        !now(guard.consume("never seen", at(4000), at(4000)))
            .unwrap()
            .is_first()
    );
    // `later` has gone meanwhile.
    assert_eq!(count(), 2);
}

#[test]
fn a_token_that_cannot_be_recorded_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    fs::create_dir(&file).unwrap();
    fs::write(file.join("store"), b"").unwrap();
    assert!(now(guard(&file).consume("a", at(0), at(300))).is_err());
    // A damaged record of the token counts as used.
    let guard = guard(dir.path());
    assert!(now(guard.consume("a", at(0), at(300))).unwrap().is_first());
    fs::write(only_file(&dir.path().join("store"), "challenges"), b"").unwrap();
    assert!(!now(guard.consume("a", at(0), at(300))).unwrap().is_first());
}

/// What version 1 wrote: its code was a digest, which everybody can make.
fn of_version_1(collection: &str, name: &str, value: &[u8]) -> Vec<u8> {
    let key = format!(r#"{{"collection":"{collection}","name":"{name}"}}"#);
    let mut bytes = [b"auths-record 1\n", key.as_bytes(), b"\n", value].concat();
    bytes.extend_from_slice(&Sha256::digest(&bytes));
    bytes
}

fn both_kinds() -> [StoreKey; 2] {
    let key = StoreKey::new("things", "one");
    [key.clone(), key.as_cached()]
}

/// A cached record is then asked for anew, and a kept one is an error.
fn is_not_believed(store: &FileStore, key: &StoreKey) -> bool {
    match key.kind() {
        RecordKind::Kept => now(store.get(key)).is_err(),
        RecordKind::Cached => now(store.get(key)).unwrap().is_none(),
    }
}

#[test]
fn a_record_without_a_code_is_not_believed_and_one_of_another_home_is_not_either() {
    for key in both_kinds() {
        let (dir, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let store = records(dir.path());
        now(store.put(&key, b"value")).unwrap();
        let file = file_of(&store, &key);
        let own = fs::read(&file).unwrap();
        let elsewhere = records(other.path());
        now(elsewhere.put(&key, b"other")).unwrap();
        let of_other = fs::read(file_of(&elsewhere, &key)).unwrap();
        for bytes in [of_version_1("things", "one", b"value"), of_other] {
            fs::write(&file, &bytes).unwrap();
            assert!(is_not_believed(&store, &key), "{key:?}");
            let later = records(dir.path());
            assert!(is_not_believed(&later, &key), "{key:?}");
        }
        // Back in its place, it is what was written.
        fs::write(&file, &own).unwrap();
        assert_eq!(now(store.get(&key)).unwrap().unwrap(), b"value");
    }
}

#[test]
fn without_the_key_of_before_what_was_kept_is_an_error_and_reading_makes_no_key() {
    for key in both_kinds() {
        let dir = tempfile::tempdir().unwrap();
        now(records(dir.path()).put(&key, b"value")).unwrap();
        let mackey = dir.path().join("keys/records.mackey");
        fs::remove_file(&mackey).unwrap();
        let store = records(dir.path());
        assert!(is_not_believed(&store, &key));
        assert!(!mackey.exists());
        // Another record makes a new key, which proves nothing of the old one.
        now(store.put(&StoreKey::new("things", "two"), b"value")).unwrap();
        assert!(is_not_believed(&store, &key));
        now(store.put(&key, b"anew")).unwrap();
        assert_eq!(now(store.get(&key)).unwrap().unwrap(), b"anew");
    }
}

#[test]
fn whoever_can_write_the_store_and_not_the_keys_makes_it_forget_nothing_that_is_kept() {
    let dir = tempfile::tempdir().unwrap();
    let store = records(dir.path());
    let [kept, cached] = both_kinds();
    for key in [&kept, &cached] {
        now(store.put(key, b"value")).unwrap();
    }
    fs::remove_dir_all(store.dir()).unwrap();
    assert_eq!(now(store.get(&kept)).unwrap().unwrap(), b"value");
    assert_eq!(now(store.get(&cached)).unwrap(), None);
}

#[test]
fn what_an_earlier_version_kept_is_an_error_until_it_is_moved_away_and_what_it_cached_is_read_anew()
{
    let dir = tempfile::tempdir().unwrap();
    let store = records(dir.path());
    let [kept, cached] = both_kinds();
    let name = file_of(&store, &kept).file_name().unwrap().to_owned();
    let earlier = store.dir().join("things");
    fs::create_dir_all(&earlier).unwrap();
    fs::write(earlier.join(name), of_version_1("things", "one", b"value")).unwrap();
    let why = now(store.get(&kept)).unwrap_err();
    let why = std::error::Error::source(&why).unwrap().to_string();
    assert!(
        why.contains("earlier version") && why.contains("away"),
        "{why}"
    );
    assert!(now(store.put_new(&kept, b"new")).is_err());
    assert_eq!(now(store.get(&cached)).unwrap(), None);
    assert_eq!(
        now(store.get(&StoreKey::new("things", "two"))).unwrap(),
        None
    );
    fs::remove_dir_all(&earlier).unwrap();
    assert_eq!(now(store.get(&kept)).unwrap(), None);
    assert!(now(store.put_new(&kept, b"new")).unwrap());
}

#[test]
fn a_store_whose_key_cannot_be_read_or_made_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    let key = StoreKey::new("things", "one");
    now(records(dir.path()).put(&key, b"value")).unwrap();
    fs::write(dir.path().join("keys/records.mackey"), b"junk").unwrap();
    let store = records(dir.path());
    assert!(now(store.get(&key)).is_err());
    assert!(now(store.put(&key, b"anew")).is_err());
    let file = dir.path().join("file");
    fs::write(&file, b"").unwrap();
    let keyless = FileStore::new(dir.path().join("other"), RecordKey::in_dir(&file));
    assert!(now(keyless.put(&key, b"value")).is_err());
}

/// The bytes of what is cached of packages.
fn size(store: &FileStore) -> u64 {
    let files = fs::read_dir(collection_of(store, &package(0))).unwrap();
    files.map(|f| f.unwrap().metadata().unwrap().len()).sum()
}

static PACKAGE: [u8; 71_000] = [b'p'; 71_000];

fn package(n: usize) -> StoreKey {
    StoreKey::new("digests", format!("package {n}")).as_cached()
}

fn bounds() -> StoreBounds {
    StoreBounds::default()
        .with_cached(2 << 20)
        .with_kept(256 << 10)
}

#[test]
fn packages_that_strangers_name_never_fill_the_disk_nor_push_out_what_must_be_kept() {
    let dir = tempfile::tempdir().unwrap();
    let serial = |n: usize| StoreKey::new("serials", n.to_string());
    for n in 0..8 {
        now(records(dir.path()).put(&serial(n), b"7")).unwrap();
    }
    for n in 0..300 {
        // Every package by a process of its own, as a command is.
        let store = records(dir.path()).bounded(bounds());
        now(store.put(&package(n), &PACKAGE)).unwrap();
        let size = size(&store);
        assert!(size <= 2 << 20, "{size} bytes after {n}");
    }
    let store = records(dir.path()).bounded(bounds());
    assert!(now(store.get(&package(299))).unwrap().is_some());
    assert!(now(store.get(&package(0))).unwrap().is_none());
    for n in 0..8 {
        assert_eq!(now(store.get(&serial(n))).unwrap().unwrap(), b"7");
    }
}

#[test]
fn what_is_kept_of_packages_that_strangers_name_has_an_end_and_what_is_there_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let store = || records(dir.path()).bounded(bounds());
    let serial = |n: usize| StoreKey::new("serials", n.to_string());
    let (one, mut written) = (store(), 0);
    for n in 0..200 {
        // A process that goes on, and one that begins, are refused alike.
        let put = [
            now(one.put(&serial(n), b"7")),
            now(store().put(&serial(n), b"7")),
        ];
        assert_eq!(put[0].is_ok(), put[1].is_ok(), "{n}");
        written += usize::from(put[0].is_ok());
    }
    assert_eq!(written, 64, "blocks of 4 KiB");
    let why = now(store().put(&serial(200), b"7")).unwrap_err();
    let why = std::error::Error::source(&why).unwrap().to_string();
    assert!(why.contains("full") && why.contains("262144"), "{why}");
    for n in 0..64 {
        assert_eq!(now(one.get(&serial(n))).unwrap().unwrap(), b"7");
        now(one.put(&serial(n), b"8")).unwrap();
    }
    // Another collection has room of its own, and so has this one when something is removed.
    now(store().put(&StoreKey::new("recovery", "a"), b"x")).unwrap();
    now(store().remove(&serial(0))).unwrap();
    now(store().put(&serial(200), b"7")).unwrap();
    assert!(now(store().put(&serial(201), b"7")).is_err());
}

#[test]
fn a_store_that_grew_before_it_was_counted_is_brought_within_its_bound() {
    let dir = tempfile::tempdir().unwrap();
    let without = records(dir.path()).bounded(bounds().with_cached(u64::MAX));
    for n in 0..100 {
        now(without.put(&package(n), &PACKAGE)).unwrap();
    }
    fs::remove_dir_all(without.dir().join(".sizes")).unwrap();
    let store = records(dir.path()).bounded(bounds());
    now(store.put(&package(100), &PACKAGE)).unwrap();
    let size = size(&store);
    assert!((1 << 20..=2 << 20).contains(&size), "{size}");
    assert!(now(store.get(&package(100))).unwrap().is_some());
}

#[test]
fn what_another_process_reads_is_used_and_a_clock_that_was_ahead_saves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let store = records(dir.path()).bounded(bounds());
    for n in 0..10 {
        now(store.put(&package(n), &PACKAGE)).unwrap();
    }
    let ahead = fs::File::options()
        .write(true)
        .open(file_of(&store, &package(1)));
    let year = Duration::from_secs(365 * 86_400);
    let year = std::time::SystemTime::now() + year;
    ahead.unwrap().set_modified(year).unwrap();
    for n in 10..60 {
        now(store.put(&package(n), &PACKAGE)).unwrap();
        assert!(
            now(records(dir.path()).get(&package(0))).unwrap().is_some(),
            "{n}"
        );
    }
    for gone in [1, 2, 9] {
        assert!(now(store.get(&package(gone))).unwrap().is_none(), "{gone}");
    }
}

#[test]
fn a_record_larger_than_the_bound_is_forgotten_at_once_with_the_one_of_before() {
    let dir = tempfile::tempdir().unwrap();
    let store = records(dir.path()).bounded(bounds());
    now(store.put(&package(1), b"small")).unwrap();
    now(store.put(&package(2), b"small")).unwrap();
    now(store.put(&package(1), &vec![0; 3 << 20])).unwrap();
    assert!(now(store.get(&package(1))).unwrap().is_none());
    assert!(now(store.get(&package(2))).unwrap().is_some());
}

#[test]
fn writing_again_what_is_there_takes_no_more_room_and_looks_through_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let store = records(dir.path()).bounded(bounds());
    for _ in 0..100 {
        for n in 0..20 {
            now(store.put(&package(n), &PACKAGE)).unwrap();
        }
    }
    for n in 0..20 {
        assert!(now(store.get(&package(n))).unwrap().is_some(), "{n}");
    }
    let count = fs::metadata(store.dir().join(".sizes/digests.cache")).unwrap();
    assert_eq!(count.len(), 20 * 18, "blocks");
}

#[cfg(unix)]
#[test]
fn a_count_that_is_a_link_is_not_written_through() {
    let dir = tempfile::tempdir().unwrap();
    let store = records(dir.path());
    let victim = dir.path().join("victim");
    fs::write(&victim, b"").unwrap();
    fs::create_dir_all(store.dir().join(".sizes")).unwrap();
    for made in [store.dir().to_owned(), store.dir().join(".sizes")] {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(made, fs::Permissions::from_mode(0o700)).unwrap();
    }
    std::os::unix::fs::symlink(&victim, store.dir().join(".sizes/digests.cache")).unwrap();
    assert!(now(store.put(&package(1), &PACKAGE)).is_err());
    assert_eq!(fs::read(&victim).unwrap(), b"");
}

#[test]
fn threads_and_stores_that_share_a_directory_stay_within_it_together() {
    let dir = tempfile::tempdir().unwrap();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let store = records(dir.path()).bounded(bounds());
            scope.spawn(move || {
                for n in 0..60 {
                    now(store.put(&package(thread * 1000 + n), &PACKAGE)).unwrap();
                    // It may be gone again, and is never another's.
                    let read = now(store.get(&package(thread * 1000 + n))).unwrap();
                    assert!(read.is_none_or(|value| value == PACKAGE));
                }
            });
        }
    });
    let store = records(dir.path()).bounded(bounds());
    let size = size(&store);
    // While one of them drops records, the others add some that its new count misses, so that they may overshoot together.
    assert!(size <= 2 * (2 << 20), "{size}");
}

// --- the key of challenges

fn fresh() -> ChallengeKey {
    ChallengeKey::generate(&OsEntropy).unwrap()
}

fn key_of(guard: &FileReplayGuard) -> [u8; 32] {
    *now(guard.key(fresh())).unwrap().expose()
}

#[test]
fn guards_of_one_folder_have_one_key_which_is_lost_with_the_record() {
    let root = tempfile::tempdir().unwrap();
    let dir = root.path().join("guard");
    let keys = std::thread::scope(|scope| {
        let ask = || key_of(&guard(&dir));
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(ask)).collect();
        let keys = threads.into_iter().map(|thread| thread.join().unwrap());
        keys.collect::<std::collections::BTreeSet<_>>()
    });
    assert_eq!(keys.len(), 1, "whoever comes first makes it for all");
    let one = guard(&dir);
    let key = key_of(&one);
    assert!(keys.contains(&key));
    assert!(
        now(one.consume("token", at(0), at(600)))
            .unwrap()
            .is_first()
    );
    assert_eq!(
        key_of(&one),
        key,
        "used tokens and the key lie side by side"
    );
    fs::remove_dir_all(dir.join("store/challenges")).unwrap();
    assert_ne!(key_of(&one), key, "the record is gone, and so is the key");
}

#[test]
fn tidying_up_leaves_the_key_where_it_is() {
    let root = tempfile::tempdir().unwrap();
    let one = guard(&root.path().join("guard"));
    let key = key_of(&one);
    assert!(
        now(one.consume("token", at(0), at(600)))
            .unwrap()
            .is_first()
    );
    let long_after = at(1_000_000);
    let used = now(one.consume("other", long_after, long_after + Duration::from_secs(60)));
    assert!(used.unwrap().is_first());
    assert_eq!(key_of(&one), key);
}

#[test]
fn a_key_that_cannot_be_read_is_an_error_and_is_never_replaced() {
    let root = tempfile::tempdir().unwrap();
    let one = guard(&root.path().join("guard"));
    let key = key_of(&one);
    let file = only_file(one.dir(), "challenges");
    let whole = fs::read(&file).unwrap();
    let mut changed = whole.clone();
    let last = changed.len() - 1;
    changed[last] ^= 1;
    for bytes in [&whole[..40], &[], &changed[..]] {
        fs::write(&file, bytes).unwrap();
        let error = now(one.key(fresh())).unwrap_err();
        assert_eq!(error.doing, "read");
        assert_eq!(fs::read(&file).unwrap(), bytes);
    }
    fs::write(&file, &whole).unwrap();
    assert_eq!(key_of(&one), key);
}
