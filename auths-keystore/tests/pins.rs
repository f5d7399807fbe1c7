//! The files of pins: what is made, what is refused, and what a lost file shows.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use auths_core::pin::Pin;
use auths_core::ports::{PinChange, PinRecording, PinStore, StoreBounds};
use auths_keystore::{FilePins, RecordKey};
use common::{key_beside, now};
use sha2::{Digest, Sha256};

fn pin(name: &str, repository: u32) -> Pin {
    let text = format!(
        r#"{{"type":"auths-pin-1","namespace":"pkg:pypi/{name}",
        "incarnation":{{"kind":"first-upload","value":"2026-01-01T00:00:00Z"}},
        "issuer":"https://token.actions.githubusercontent.com",
        "repositoryId":"{repository}","repository":"acme/{name}","ownerId":"42",
        "recordedAt":"2026-11-21T08:46:00Z","fallsToCollaborator":false}}"#
    );
    Pin::parse(text.as_bytes()).unwrap()
}

fn made(root: &Path) -> FilePins {
    let dir = root.join("store");
    FilePins::create(&dir, key_beside(&dir)).unwrap()
}

fn opened(pins: &FilePins) -> Result<FilePins, String> {
    let pins = FilePins::open(pins.dir(), key_beside(pins.dir()));
    pins.map_err(|error| format!("{error}: {}", error.source))
}

/// The file of a pin after so many changes.
fn file_of(pins: &FilePins, name: &str, number: u32) -> PathBuf {
    let digest = Sha256::digest(format!("pkg:pypi/{name} {number}"));
    let name: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    pins.dir().join("pins").join(name)
}

/// A store with two pins, of which `widget` was changed twice.
fn filled(root: &Path) -> FilePins {
    let pins = made(root);
    for name in ["widget", "gadget"] {
        let recorded = now(pins.record(&pin(name, 1))).unwrap();
        assert_eq!(recorded, PinRecording::Recorded);
    }
    for (from, to) in [(1, 2), (2, 3)] {
        let changed = now(pins.change(&pin("widget", from), &pin("widget", to)));
        assert_eq!(changed.unwrap(), PinChange::Changed);
    }
    pins
}

#[test]
fn a_store_is_made_once_and_opened_ever_after() {
    let root = tempfile::tempdir().unwrap();
    let dir = root.path().join("store");
    assert!(FilePins::open(&dir, key_beside(&dir)).is_err(), "not made");
    assert!(!dir.exists(), "opening makes nothing");
    let pins = made(root.path());
    assert!(FilePins::create(&dir, key_beside(&dir)).is_err(), "twice");
    assert!(opened(&pins).unwrap().all().unwrap().is_empty());
}

#[test]
fn every_present_pin_is_listed_once() {
    let root = tempfile::tempdir().unwrap();
    let pins = filled(root.path());
    let expected = [pin("gadget", 1), pin("widget", 3)];
    assert_eq!(pins.all().unwrap(), expected);
    assert_eq!(opened(&pins).unwrap().all().unwrap(), expected);
}

#[test]
fn several_removed_records_are_told_where_a_later_one_is_there() {
    let root = tempfile::tempdir().unwrap();
    let pins = filled(root.path());
    for number in 0..2 {
        fs::remove_file(file_of(&pins, "widget", number)).unwrap();
    }
    assert!(now(pins.read(pin("widget", 1).namespace())).is_err());
    assert!(now(pins.record(&pin("widget", 4))).is_err());
    assert!(pins.all().is_err() && opened(&pins).is_err());
}

#[test]
fn a_removed_record_is_told_where_a_later_one_is_there() {
    for number in 0..2 {
        let root = tempfile::tempdir().unwrap();
        let pins = filled(root.path());
        fs::remove_file(file_of(&pins, "widget", number)).unwrap();
        let why = now(pins.read(pin("widget", 1).namespace())).unwrap_err();
        assert!(why.source.to_string().contains("it is gone"), "{number}");
        assert!(now(pins.record(&pin("widget", 4))).is_err(), "{number}");
        assert!(pins.all().is_err() && opened(&pins).is_err(), "{number}");
        let other = now(pins.read(pin("gadget", 1).namespace())).unwrap();
        assert_eq!(other, Some(pin("gadget", 1)), "{number}");
    }
}

#[test]
fn a_pin_in_the_place_of_another_or_of_another_key_is_an_error() {
    let root = tempfile::tempdir().unwrap();
    let pins = filled(root.path());
    let theirs = file_of(&pins, "gadget", 0);
    let own = fs::read(&theirs).unwrap();
    fs::copy(file_of(&pins, "widget", 2), &theirs).unwrap();
    assert!(now(pins.read(pin("gadget", 1).namespace())).is_err());
    assert!(opened(&pins).is_err());
    fs::write(&theirs, own).unwrap();
    assert!(opened(&pins).is_ok());
    let other = RecordKey::in_dir(root.path().join("other"));
    assert!(FilePins::open(pins.dir(), other).is_err());
}

#[test]
fn a_full_store_refuses_a_first_pin_and_keeps_the_others() {
    let root = tempfile::tempdir().unwrap();
    let pins = filled(root.path()).bounded(StoreBounds::default().with_kept(4 << 10));
    assert!(now(pins.record(&pin("sprocket", 1))).is_err());
    assert!(now(pins.change(&pin("widget", 3), &pin("widget", 4))).is_err());
    assert_eq!(pins.all().unwrap(), [pin("gadget", 1), pin("widget", 3)]);
}

#[cfg(unix)]
#[test]
fn files_are_their_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let root = tempfile::tempdir().unwrap();
    let pins = filled(root.path());
    let file = file_of(&pins, "widget", 2);
    let mode = fs::metadata(&file).unwrap().permissions().mode() & 0o7777;
    assert_eq!(mode, 0o600);
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
    assert!(now(pins.read(pin("widget", 1).namespace())).is_err());
}
