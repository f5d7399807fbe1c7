//! What the files of a home are believed for, by whoever can write some of them.

use std::path::{Path, PathBuf};

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::sandbox::{Sandbox, files};
use crate::world::{Pypi, linked, sixty_days_ago};

const CHECK: [&str; 4] = ["namespace", "check", "pypi:six", "--account"];

fn check(sandbox: &Sandbox, login: &str) -> Value {
    sandbox.json("namespace-check", &[&CHECK[..], &[login]].concat())
}

fn said(answer: &Value) -> (&str, &str) {
    let text = |name: &str| answer[name].as_str().unwrap_or_default();
    (text("outcome"), text("reason"))
}

/// A home that looked at `six` of gutworth once.
fn home() -> (Sandbox, Pypi) {
    let pypi = Pypi::serve(sixty_days_ago().0);
    let sandbox = Sandbox::new().asking(pypi.origin());
    assert_eq!(said(&check(&sandbox, "gutworth")), ("confirmed", ""));
    assert_eq!(
        said(&check(&sandbox, "mallorys")),
        ("refuted", "not-listed")
    );
    (sandbox, pypi)
}

/// Whether the last request could be answered with "not modified".
fn was_conditional(pypi: &Pypi) -> bool {
    let last = pypi.server.requests().pop().unwrap();
    last.header("if-none-match").is_some()
}

/// The one file in a directory of the home.
fn record(sandbox: &Sandbox, directory: &str) -> PathBuf {
    let mut found = files(&sandbox.home().join(directory));
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn replaced(bytes: &[u8], from: &str, to: &str) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let mut bytes = bytes.to_vec();
    let at: Vec<_> = (0..bytes.len())
        .filter(|at| bytes[*at..].starts_with(from.as_bytes()))
        .collect();
    assert!(!at.is_empty(), "there is no {from}");
    for at in at {
        bytes[at..at + to.len()].copy_from_slice(to.as_bytes());
    }
    bytes
}

/// The record with another text in it, and every digest in it that anybody can make made to fit.
fn edited(record: &[u8], from: &str, to: &str) -> Vec<u8> {
    let body = replaced(&record[..record.len() - 32], from, to);
    let text = String::from_utf8(body).unwrap();
    // `auths-http/1 <slot> <digest>`, a line break, and what the digest is of.
    let fitting = match text.split_once("auths-http/1 ") {
        None => text,
        Some((head, digested)) => {
            let (line, json) = digested.split_once('\n').unwrap();
            let slot = line.split(' ').next().unwrap();
            let digest = hex(&sha256(json.as_bytes()));
            format!("{head}auths-http/1 {slot} {digest}\n{json}")
        }
    };
    let mut bytes = fitting.into_bytes();
    let digest = sha256(&bytes);
    bytes.extend_from_slice(&digest);
    bytes
}

/// The same record as version 1 wrote it, which had a digest in place of a code.
fn of_version_1(record: &[u8]) -> Vec<u8> {
    let text = String::from_utf8(record[..record.len() - 32].to_vec()).unwrap();
    let mut lines = text.splitn(3, '\n');
    let (_, key, value) = (lines.next(), lines.next().unwrap(), lines.next().unwrap());
    let mut key: Value = serde_json::from_str(key).unwrap();
    key.as_object_mut().unwrap().remove("kind");
    let mut bytes = format!("auths-record 1\n{key}\n{value}").into_bytes();
    let digest = sha256(&bytes);
    bytes.extend_from_slice(&digest);
    bytes
}

#[test]
fn an_edited_record_and_a_304_turn_no_no_into_a_yes() {
    let (sandbox, pypi) = home();
    assert!(was_conditional(&pypi));
    let file = record(&sandbox, "store/http-digests.cache");
    let own = std::fs::read(&file).unwrap();
    let edited = edited(&own, "gutworth", "mallorys");
    for forged in [&edited, &of_version_1(&edited), &of_version_1(&own)] {
        std::fs::write(&file, forged).unwrap();
        assert_eq!(
            said(&check(&sandbox, "mallorys")),
            ("refuted", "not-listed")
        );
        assert!(
            !was_conditional(&pypi),
            "its validator is not believed either"
        );
        // What was read anew is kept again.
        assert_eq!(said(&check(&sandbox, "gutworth")), ("confirmed", ""));
        assert!(was_conditional(&pypi));
    }
}

#[test]
fn a_record_of_another_package_or_of_another_home_is_not_believed() {
    let (sandbox, pypi) = home();
    let six = record(&sandbox, "store/http-digests.cache");
    {
        let mut world = pypi.world.lock().unwrap();
        let mallory = world.sign_up("mallorys").unwrap();
        let metadata = auths_testkit::world::Metadata::new();
        world.publish(&mallory, "own", "1.0", metadata).unwrap();
    }
    let own = ["namespace", "check", "pypi:own", "--account", "mallorys"];
    assert_eq!(
        said(&sandbox.json("namespace-check", &own)),
        ("confirmed", "")
    );
    let of_own = files(six.parent().unwrap());
    let of_own = of_own.iter().find(|file| **file != six).unwrap();
    std::fs::copy(of_own, &six).unwrap();
    assert_eq!(
        said(&check(&sandbox, "mallorys")),
        ("refuted", "not-listed")
    );

    // A home of mallory's, which was shown a `six` of mallory's, under the very same address.
    let (other, _) = home();
    let theirs = std::fs::read(record(&other, "store/http-digests.cache")).unwrap();
    std::fs::write(&six, theirs).unwrap();
    assert_eq!(
        said(&check(&sandbox, "mallorys")),
        ("refuted", "not-listed")
    );
    assert!(!was_conditional(&pypi));
}

#[test]
fn a_serial_that_was_changed_or_comes_from_an_earlier_version_is_never_taken_for_none() {
    let (sandbox, _pypi) = home();
    let file = record(&sandbox, "keys/records/pypi-serials");
    let own = std::fs::read(&file).unwrap();
    let last = std::str::from_utf8(&own[..own.len() - 32]).unwrap();
    let last = format!("\n{}", last.rsplit('\n').next().unwrap());
    let zero = format!("\n{}", "0".repeat(last.len() - 1));
    for forged in [
        edited(&own, &last, &zero),
        of_version_1(&own),
        own[..own.len() - 1].to_vec(),
        Vec::new(),
    ] {
        std::fs::write(&file, forged).unwrap();
        for login in ["gutworth", "mallorys"] {
            let answer = check(&sandbox, login);
            assert_eq!(said(&answer), ("unavailable", "store-failed"), "{answer:#}");
        }
    }
    // Where an earlier version kept it.
    std::fs::remove_file(&file).unwrap();
    let earlier = sandbox.home().join("store/pypi-serials");
    std::fs::create_dir(&earlier).unwrap();
    std::fs::write(earlier.join(file.file_name().unwrap()), of_version_1(&own)).unwrap();
    let message = check(&sandbox, "gutworth")["message"].to_string();
    assert!(message.contains("move the store"), "what to do: {message}");
    std::fs::rename(sandbox.home().join("store"), sandbox.path("away")).unwrap();
    assert_eq!(said(&check(&sandbox, "gutworth")), ("confirmed", ""));
}

#[test]
fn a_store_that_is_carried_away_brought_back_or_deleted_takes_no_memory_with_it() {
    let (sandbox, pypi) = home();
    let serial = record(&sandbox, "keys/records/pypi-serials");
    let own = std::fs::read(&serial).unwrap();
    let store = sandbox.home().join("store");
    std::fs::rename(&store, sandbox.path("old")).unwrap();
    assert_eq!(said(&check(&sandbox, "gutworth")), ("confirmed", ""));
    assert!(!was_conditional(&pypi));
    std::fs::remove_dir_all(&store).unwrap();
    std::fs::rename(sandbox.path("old"), &store).unwrap();
    assert_eq!(said(&check(&sandbox, "gutworth")), ("confirmed", ""));
    assert!(was_conditional(&pypi), "what was this home's own still is");
    assert_eq!(std::fs::read(&serial).unwrap(), own);
}

/// A home with a linked account, and the bundle that it made for `six`.
fn holder() -> (Sandbox, Pypi, String) {
    let sandbox = Sandbox::with_key();
    let pypi = linked(&sandbox.did());
    let sandbox = sandbox.asking(pypi.origin());
    let link = [
        "id",
        "claim",
        "pypi",
        "gutworth",
        "--statement",
        "gutworth-auths",
    ];
    assert_eq!(sandbox.run(&link).code, 0);
    let out = sandbox.path("six.json").display().to_string();
    let claim = ["namespace", "claim", "pypi:six", "--out", &out];
    let claimed = sandbox.json("namespace-decision", &claim);
    assert_eq!(said(&claimed), ("accepted", ""));
    (sandbox, pypi, out)
}

fn verify(sandbox: &Sandbox, bundle: &str) -> Value {
    sandbox.json("namespace-decision", &["namespace", "verify", bundle])
}

/// A key file that says of itself what the other does, around 48 bytes of nothing.
fn forged_key(of: &Path) -> String {
    let text = std::fs::read_to_string(of).unwrap();
    let mut lines = text.lines();
    let (version, header) = (lines.next().unwrap(), lines.next().unwrap());
    let body = format!("{version}\n{header}\n{}\n", "5a".repeat(48));
    format!("{body}sha256 {}\n", hex(&sha256(body.as_bytes())))
}

#[test]
fn random_bytes_in_a_key_file_make_nobody_a_trusted_observer() {
    let (holder, pypi, bundle) = holder();
    let key = holder.keys().pop().unwrap();
    let other = Sandbox::with_key().asking(pypi.origin());
    assert_eq!(
        said(&verify(&other, &bundle)),
        ("undetermined", "untrusted-observer")
    );
    let place = other.home().join("keys").join("x.authskey");
    let forged = forged_key(&key).replace("\"name\":\"main\"", "\"name\":\"x\"");
    let body = forged.split("sha256 ").next().unwrap();
    let forged = format!("{body}sha256 {}\n", hex(&sha256(body.as_bytes())));
    std::fs::write(&place, forged).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(&place, std::fs::Permissions::from_mode(0o600)).unwrap();
    }
    let shown = other.json("id-key", &["id", "show", "--name", "x"]);
    assert_eq!(
        shown["did"],
        holder.did(),
        "it is shown as it states itself"
    );
    let answer = verify(&other, &bundle);
    assert_eq!(said(&answer), ("undetermined", "untrusted-observer"));
    let text = other.run(&["namespace", "verify", &bundle]);
    assert_eq!(text.code, 3);
    assert!(
        text.err.contains("the key x") && text.err.contains("does not open"),
        "{}",
        text.err
    );
    // Nor in `id status`, where an observation in the claims is by that DID.
    for claim in holder.kept("claims") {
        let to = other.home().join("claims");
        std::fs::create_dir_all(&to).unwrap();
        std::fs::copy(&claim, to.join(claim.file_name().unwrap())).unwrap();
    }
    assert_eq!(other.run(&["id", "status"]).code, 0);
}

#[test]
fn what_an_own_key_observed_counts_once_it_was_opened() {
    let (holder, _pypi, bundle) = holder();
    assert_eq!(said(&verify(&holder, &bundle)), ("accepted", ""));
    let did = holder.did();
    let locked = holder.without_passphrase();
    assert_eq!(
        said(&verify(&locked, &bundle)),
        ("undetermined", "untrusted-observer")
    );
    let text = locked.run(&["namespace", "verify", &bundle]);
    assert!(text.err.contains("the key main"), "{}", text.err);
    // Whoever is named needs no key, and nobody is asked for a passphrase.
    let named = ["namespace", "verify", &bundle, "--trust-observer", &did];
    let named = locked.run(&named);
    assert_eq!(named.code, 0);
    assert!(!named.err.contains("the key main"), "{}", named.err);
}
