//! Key files: damage, wrong passphrases, hostile files, permissions, crashes.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test may fail by panicking"
)]

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use argon2::{Algorithm, Argon2, Params, Version};
use auths_core::Did;
use auths_core::crypto::KeyPair;
use auths_core::ports::{KeyName, KeyStore, KeyStoreError, Signer};
use auths_keystore::{
    Argon2Cost, FileKeyStore, FixedPassphrase, NoPassphrase, PassphraseError, PassphrasePurpose,
    PassphraseSource,
};
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305};
use common::{PASSPHRASE, file_store, fixed, key, now, seed};
use data_encoding::{BASE64, HEXLOWER};
use secrecy::SecretString;
use sha2::{Digest, Sha256};

type Opened = Result<Arc<dyn Signer>, KeyStoreError>;

fn main_key() -> KeyName {
    "main".parse().unwrap()
}

fn open(dir: &Path) -> Opened {
    now(file_store(dir).signer(&main_key()))
}

/// A directory with the key `main` in it, and the path of its file.
fn made() -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    now(file_store(dir.path()).create(key("main", 1))).unwrap();
    let path = dir.path().join("main.authskey");
    (dir, path)
}

/// Writes over the file, keeping its permissions.
fn overwrite(path: &Path, bytes: &[u8]) {
    fs::write(path, bytes).unwrap();
}

fn with_digest(body: &str) -> Vec<u8> {
    let digest = HEXLOWER.encode(&Sha256::digest(body));
    format!("{body}sha256 {digest}\n").into_bytes()
}

/// The file's bytes before the digest, changed and given a fitting digest.
fn resealed(bytes: &[u8], change: impl Fn(&str) -> String) -> Vec<u8> {
    let text = std::str::from_utf8(bytes).unwrap();
    let body = &text[..text.find("sha256 ").unwrap()];
    let changed = change(body);
    assert_ne!(changed, body);
    with_digest(&changed)
}

fn assert_corrupt(opened: Opened, says: &str) {
    match opened {
        Err(KeyStoreError::Corrupt { name, what }) => {
            assert_eq!(name, main_key());
            assert!(what.contains(says), "{what:?} does not say {says:?}");
        }
        other => panic!("{other:?}"),
    }
}

/// The cipher of a key file at the least cost, by the documentation and not by the crate.
fn cipher(salt: &[u8]) -> XChaCha20Poly1305 {
    let params = Params::new(19456, 2, 1, None).unwrap();
    let mut secret = [0; 32];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(PASSPHRASE.as_bytes(), salt, &mut secret)
        .unwrap();
    XChaCha20Poly1305::new(&secret.into())
}

/// A key file of the seed `[1; 32]` that states this DID and name.
fn craft(did: &str, name: &str) -> Vec<u8> {
    let header = format!(
        "auths-key 1\n{{\"kind\":\"ed25519-seed\",\"name\":\"{name}\",\"did\":\"{did}\",\
         \"created\":\"2026-11-21T08:46:00Z\",\"recovery\":null,\"kdf\":\"argon2id-v19\",\
         \"cost\":{{\"memory_kib\":19456,\"passes\":2,\"lanes\":1}},\
         \"salt\":\"{}\",\"cipher\":\"xchacha20-poly1305\",\"nonce\":\"{}\"}}\n",
        "0a".repeat(16),
        "0b".repeat(24)
    );
    let message = Payload {
        msg: &[1; 32],
        aad: header.as_bytes(),
    };
    let sealed = cipher(&[0x0a; 16])
        .encrypt(&[0x0b; 24].into(), message)
        .unwrap();
    with_digest(&format!("{header}{}\n", HEXLOWER.encode(&sealed)))
}

fn did(byte: u8) -> Did {
    Did::from_key(&KeyPair::from_seed(&seed(byte)).public())
}

#[test]
fn the_format_is_as_documented() {
    let (dir, path) = made();
    // What the crate writes, opened by other code.
    let text = fs::read_to_string(&path).unwrap();
    let lines: Vec<_> = text.split_inclusive('\n').collect();
    let header: serde_json::Value = serde_json::from_str(lines[1]).unwrap();
    let bytes = |hex: &str| HEXLOWER.decode(hex.trim_end().as_bytes()).unwrap();
    let field = |name: &str| bytes(header[name].as_str().unwrap());
    let nonce: [u8; 24] = field("nonce").try_into().unwrap();
    let aad = [lines[0], lines[1]].concat();
    let message = Payload {
        msg: &bytes(lines[2]),
        aad: aad.as_bytes(),
    };
    let opened = cipher(&field("salt")).decrypt(&nonce.into(), message);
    assert_eq!(opened.unwrap(), [1; 32]);

    // What other code writes, opened by the crate.
    overwrite(&path, &craft(did(1).as_str(), "main"));
    assert_eq!(open(dir.path()).unwrap().method().did(), &did(1));

    // A file made once with libsodium (Argon2id, XChaCha20-Poly1305) and Python: it must open for ever.
    let golden = include_bytes!("vectors/main-v1.authskey");
    assert_eq!(craft(did(1).as_str(), "main"), golden);
    overwrite(&path, golden);
    assert_eq!(open(dir.path()).unwrap().method().did(), &did(1));
}

#[test]
fn the_header_must_state_the_did_of_the_sealed_seed() {
    let (dir, path) = made();
    for other in [did(2).as_str(), "did:web:example.com"] {
        overwrite(&path, &craft(other, "main"));
        assert_corrupt(open(dir.path()), "another DID");
    }
    overwrite(&path, &craft(did(1).as_str(), "other"));
    assert_corrupt(open(dir.path()), "the key other");
}

#[test]
fn a_wrong_passphrase_is_told_and_an_empty_one_is_none() {
    let (dir, _) = made();
    let with = |passphrase: &str| FileKeyStore::new(dir.path(), fixed(passphrase));
    for wrong in [
        "Correct horse battery staple",
        "x",
        "correct horse battery staple\n",
    ] {
        let opened = now(with(wrong).signer(&main_key()));
        assert!(matches!(opened, Err(KeyStoreError::WrongPassphrase(n)) if n == main_key()));
    }
    let locked = [
        with(""),
        FileKeyStore::new(dir.path(), Arc::new(NoPassphrase)),
    ];
    for store in locked {
        let opened = now(store.signer(&main_key()));
        assert!(matches!(opened, Err(KeyStoreError::Locked)));
        let made = now(store.create(key("other", 2)));
        assert!(matches!(made, Err(KeyStoreError::Locked)));
        assert_eq!(now(store.list()).unwrap().len(), 1);
        let missing = now(store.signer(&"other".parse().unwrap()));
        assert!(matches!(missing, Err(KeyStoreError::NotFound(_))));
    }
}

#[test]
fn a_source_is_told_the_purpose_and_its_failure_is_kept() {
    #[derive(Debug)]
    struct Broken;
    impl PassphraseSource for Broken {
        fn passphrase(&self, purpose: PassphrasePurpose) -> Result<SecretString, PassphraseError> {
            Err(PassphraseError::Failed(format!("{purpose:?}").into()))
        }
    }
    let (dir, _) = made();
    let store = FileKeyStore::new(dir.path(), Arc::new(Broken));
    let cause = |error: KeyStoreError| match error {
        KeyStoreError::Failed { source, .. } => source.source().unwrap().to_string(),
        other => panic!("{other:?}"),
    };
    let opened = cause(now(store.signer(&main_key())).unwrap_err());
    assert_eq!(opened, r#"Open(KeyName("main"))"#);
    let made = cause(now(store.create(key("new", 2))).unwrap_err());
    assert_eq!(made, r#"Create(KeyName("new"))"#);
}

#[test]
fn every_flipped_bit_is_damage() {
    let (dir, path) = made();
    let whole = fs::read(&path).unwrap();
    for at in 0..whole.len() {
        for bit in 0..8 {
            let mut flipped = whole.clone();
            flipped[at] ^= 1 << bit;
            overwrite(&path, &flipped);
            assert_corrupt(open(dir.path()), "");
        }
    }
    overwrite(&path, &whole);
    assert!(open(dir.path()).is_ok());
}

#[test]
fn every_cut_and_every_addition_is_damage() {
    let (dir, path) = made();
    let whole = fs::read(&path).unwrap();
    for length in 0..whole.len() {
        overwrite(&path, &whole[..length]);
        assert_corrupt(open(dir.path()), "");
        overwrite(&path, &whole[whole.len() - length..]);
        assert_corrupt(open(dir.path()), "");
    }
    for added in [&b"\n"[..], b"x", &whole] {
        overwrite(&path, &[&whole, added].concat());
        assert_corrupt(open(dir.path()), "");
    }
    overwrite(&path, &vec![b'a'; 65 * 1024]);
    assert_corrupt(open(dir.path()), "larger than 64 KiB");
}

#[test]
fn an_unknown_version_is_told() {
    let (dir, path) = made();
    let whole = fs::read(&path).unwrap();
    for version in [0, 2, u32::MAX] {
        let first = format!("auths-key {version}\n");
        let bytes = resealed(&whole, |body| body.replacen("auths-key 1\n", &first, 1));
        overwrite(&path, &bytes);
        let opened = open(dir.path());
        assert!(
            matches!(opened, Err(KeyStoreError::Version { version: v, .. }) if v == version),
            "{opened:?}"
        );
    }
    for first in [
        "auths-key 01\n",
        "auths-key 4294967296\n",
        "auths-key\n",
        "x\n",
        "\n",
    ] {
        let bytes = resealed(&whole, |body| body.replacen("auths-key 1\n", first, 1));
        overwrite(&path, &bytes);
        assert_corrupt(open(dir.path()), "begin like a key file");
    }
}

#[test]
fn a_hostile_header_is_refused_before_any_work() {
    let (dir, path) = made();
    let whole = fs::read(&path).unwrap();
    let name = r#""name":"main""#;
    for (from, to) in [
        ("19456", "4294967295"),
        ("19456", "262145"),
        ("19456", "8"),
        ("19456", "-1"),
        ("19456", "1e9"),
        (r#""passes":2"#, r#""passes":4294967295"#),
        (r#""passes":2"#, r#""passes":0"#),
        (r#""lanes":1"#, r#""lanes":16777215"#),
        (r#""lanes":1"#, r#""lanes":0"#),
        ("argon2id-v19", "none"),
        ("xchacha20-poly1305", "none"),
        ("ed25519-seed", "other"),
        (name, r#""name":"../../x""#),
        (name, r#""name":"main","name":"main""#),
        (name, r#""name":"main","more":1"#),
        (r#""salt":""#, r#""salt":"00"#),
    ] {
        overwrite(&path, &resealed(&whole, |body| body.replacen(from, to, 1)));
        assert_corrupt(open(dir.path()), "its header cannot be used");
        let listed = now(file_store(dir.path()).list());
        assert!(matches!(listed, Err(KeyStoreError::Corrupt { .. })));
    }
}

#[test]
fn a_header_changed_on_purpose_never_opens() {
    let (dir, path) = made();
    let whole = fs::read(&path).unwrap();
    let recovery = format!(
        r#""recovery":"{}""#,
        Did::from_key(&KeyPair::from_seed(&seed(9)).public())
    );
    for (from, to) in [
        ("08:46:00Z", "08:46:01Z"),
        (r#""recovery":null"#, recovery.as_str()),
        (r#""passes":2"#, r#""passes":3"#),
        (r#"{"kind""#, r#"{ "kind""#),
    ] {
        overwrite(&path, &resealed(&whole, |body| body.replacen(from, to, 1)));
        let opened = open(dir.path());
        assert!(
            matches!(opened, Err(KeyStoreError::WrongPassphrase(_))),
            "{to}"
        );
    }
}

#[test]
fn a_file_under_another_name_is_damage_and_a_damaged_file_spoils_the_list() {
    let (dir, path) = made();
    let store = file_store(dir.path());
    for copy in ["other", "Main"] {
        let file = copy.replace('M', "+m") + ".authskey";
        fs::copy(&path, dir.path().join(&file)).unwrap();
        let opened = now(store.signer(&copy.parse().unwrap()));
        assert!(
            matches!(&opened, Err(KeyStoreError::Corrupt { name, .. }) if name.as_str() == copy),
            "{opened:?}"
        );
        let listed = now(store.list());
        assert!(
            matches!(listed, Err(KeyStoreError::Corrupt { name, .. }) if name.as_str() == copy)
        );
        // The damaged one does not hinder the others, and can be deleted.
        assert!(open(dir.path()).is_ok());
        now(store.delete(&copy.parse().unwrap())).unwrap();
        assert_eq!(now(store.list()).unwrap().len(), 1);
    }
    for misnamed in ["MAIN.authskey", "a b.authskey", "x.AUTHSKEY"] {
        fs::copy(&path, dir.path().join(misnamed)).unwrap();
        let listed = now(store.list());
        assert!(
            matches!(listed, Err(KeyStoreError::Failed { doing, .. }) if doing.contains(misnamed))
        );
        fs::remove_file(dir.path().join(misnamed)).unwrap();
    }
}

#[cfg(unix)]
mod unix {
    use super::*;
    use std::os::unix::fs::{PermissionsExt, symlink};

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o7777
    }

    fn set_mode(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    fn assert_failed<T>(result: Result<T, KeyStoreError>, says: &str) {
        match result {
            Err(KeyStoreError::Failed { source, .. }) => {
                assert!(source.to_string().contains(says), "{source}");
            }
            Err(other) => panic!("{other:?}"),
            Ok(_) => panic!("accepted"),
        }
    }

    #[test]
    fn files_and_directories_are_the_owners_alone() {
        let dir = tempfile::tempdir().unwrap();
        let keys = dir.path().join("a/b");
        now(file_store(&keys).create(key("main", 1))).unwrap();
        let path = keys.join("main.authskey");
        assert_eq!((mode(&keys), mode(&dir.path().join("a"))), (0o700, 0o700));
        assert_eq!(mode(&path), 0o600);
        for open_to in [0o640, 0o604, 0o620, 0o610, 0o644, 0o777] {
            set_mode(&path, open_to);
            assert_failed(open(&keys), "chmod 600");
            assert_failed(now(file_store(&keys).list()), "chmod 600");
        }
        set_mode(&path, 0o400);
        assert!(open(&keys).is_ok());
        for open_to in [0o770, 0o707, 0o720] {
            set_mode(&keys, open_to);
            let store = file_store(&keys);
            assert_failed(open(&keys), "chmod go-w");
            assert_failed(now(store.list()), "chmod go-w");
            assert_failed(now(store.create(key("new", 2))), "chmod go-w");
            assert_failed(now(store.delete(&main_key())), "chmod go-w");
        }
        set_mode(&keys, 0o755);
        assert!(open(&keys).is_ok());
    }

    #[test]
    fn links_and_other_things_are_no_keys() {
        let (dir, path) = made();
        let real = dir.path().join("real");
        fs::rename(&path, &real).unwrap();
        symlink(&real, &path).unwrap();
        assert_failed(open(dir.path()), "regular file");
        // Creating does not follow a link that leads nowhere.
        fs::remove_file(&real).unwrap();
        let made = now(file_store(dir.path()).create(key("main", 2)));
        assert!(matches!(made, Err(KeyStoreError::Exists(_))));
        assert!(!real.exists());
        fs::remove_file(&path).unwrap();
        fs::create_dir(&path).unwrap();
        assert_failed(open(dir.path()), "regular file");
        let made = now(file_store(dir.path()).create(key("main", 2)));
        assert!(matches!(made, Err(KeyStoreError::Exists(_))));
        // A file in the place of the directory.
        assert_failed(
            open(&dir.path().join("f")).or_else(|e| match e {
                KeyStoreError::NotFound(_) => {
                    fs::write(dir.path().join("f"), b"").unwrap();
                    open(&dir.path().join("f"))
                }
                other => Err(other),
            }),
            "not a directory",
        );
    }
}

#[test]
fn what_a_crash_left_behind_is_not_read_and_not_in_the_way() {
    let (dir, path) = made();
    let whole = fs::read(&path).unwrap();
    fs::write(dir.path().join(".auths-Ab12.tmp"), &whole[..100]).unwrap();
    fs::write(dir.path().join(".auths-Cd34.tmp"), b"").unwrap();
    fs::write(dir.path().join("README"), b"notes").unwrap();
    let store = file_store(dir.path());
    assert_eq!(now(store.list()).unwrap().len(), 1);
    now(store.create(key("next", 2))).unwrap();
    assert_eq!(now(store.list()).unwrap().len(), 2);
    assert!(open(dir.path()).is_ok());
    assert_eq!(fs::read(&path).unwrap(), whole);
}

#[test]
fn a_failed_create_leaves_the_old_key_and_nothing_else() {
    let (dir, path) = made();
    let whole = fs::read(&path).unwrap();
    let entries = || fs::read_dir(dir.path()).unwrap().count();
    for byte in [1, 2] {
        let again = now(file_store(dir.path()).create(key("main", byte)));
        assert!(matches!(again, Err(KeyStoreError::Exists(_))));
    }
    // Even a damaged one is not replaced, and no passphrase is asked for.
    overwrite(&path, b"damaged");
    let locked = FileKeyStore::new(dir.path(), Arc::new(NoPassphrase));
    let again = now(locked.create(key("main", 2)));
    assert!(matches!(again, Err(KeyStoreError::Exists(_))));
    assert_eq!(fs::read(&path).unwrap(), b"damaged");
    overwrite(&path, &whole);
    assert_eq!(entries(), 1);
    assert!(open(dir.path()).is_ok());
}

#[test]
fn no_secret_is_in_the_file_or_in_debug() {
    let dir = tempfile::tempdir().unwrap();
    let secret: [u8; 32] = std::array::from_fn(|i| 0x41 + u8::try_from(i).unwrap());
    let new = |name: &str| {
        let mut key = key(name, 0);
        key.seed = auths_core::crypto::Seed::new(secret.into());
        key
    };
    let store = file_store(dir.path());
    let info = now(store.create(new("main"))).unwrap();
    now(store.create(new("twin"))).unwrap();
    let file = fs::read(dir.path().join("main.authskey")).unwrap();
    let forms = [
        secret.to_vec(),
        HEXLOWER.encode(&secret).into_bytes(),
        BASE64.encode(&secret[..30]).into_bytes(),
        PASSPHRASE.as_bytes().to_vec(),
        HEXLOWER.encode(PASSPHRASE.as_bytes()).into_bytes(),
    ];
    let signer = now(store.signer(&main_key())).unwrap();
    let source = FixedPassphrase(PASSPHRASE.into());
    let shown = format!(
        "{store:?} {info:?} {signer:?} {source:?} {:?} {:?}",
        new("x"),
        Argon2Cost::default()
    );
    for form in forms {
        let contains = |bytes: &[u8]| bytes.windows(form.len()).any(|w| w == form);
        assert!(!contains(&file) && !contains(shown.as_bytes()));
    }
    assert!(!shown.contains(&format!("{secret:?}")));

    // The same key, passphrase and time are sealed differently each time.
    let text = String::from_utf8(file).unwrap();
    let twin = fs::read_to_string(dir.path().join("twin.authskey")).unwrap();
    assert_ne!(text.lines().nth(2), twin.lines().nth(2));
    for field in ["salt", "nonce"] {
        let of = |text: &str| {
            let header: serde_json::Value =
                serde_json::from_str(text.lines().nth(1).unwrap()).unwrap();
            header[field].clone()
        };
        assert_ne!(of(&text), of(&twin));
    }
}

#[test]
fn a_key_made_at_the_default_cost_opens_in_a_store_of_another() {
    let dir = tempfile::tempdir().unwrap();
    let store = FileKeyStore::new(dir.path(), fixed(PASSPHRASE));
    now(store.create(key("main", 1))).unwrap();
    let text = fs::read_to_string(dir.path().join("main.authskey")).unwrap();
    assert!(text.contains(r#""cost":{"memory_kib":65536,"passes":3,"lanes":1}"#));
    assert!(open(dir.path()).is_ok());
}
