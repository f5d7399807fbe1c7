//! Where revocations are looked for, that all of it is read, and that what was shown once is not forgotten.

use std::fs;
use std::path::Path;
use std::process::Command;

use auths_testkit::world::Metadata;
use serde_json::Value;

use crate::sandbox::Sandbox;
use crate::world::{DAY, Pypi, naming, sixty_days_ago};

/// A signed claim, and its revocation by its own signer, as texts.
fn claim_and_revocation() -> (String, String) {
    let sandbox = Sandbox::with_key();
    let claim = sandbox.json("id-claim", &["id", "claim", "pypi", "gutworth"])["claim"].to_string();
    let file = sandbox.file("claim.json", &claim);
    let revoked = sandbox.json("signed", &["revoke", &file]);
    (claim, revoked["claim"].to_string())
}

/// What a home that was shown nothing yet says of a claim, with this source.
fn verified(claim: &str, source: &Path) -> Value {
    let sandbox = Sandbox::new();
    let file = sandbox.file("claim.json", claim);
    let source = source.display().to_string();
    let args = ["id", "verify", &file, "--revocations", &source];
    sandbox.json("id-verify", &args)
}

#[test]
fn every_entry_of_a_folder_of_revocations_is_read_whatever_its_name() {
    let (claim, revocation) = claim_and_revocation();
    let list = format!("[{revocation}]");
    for name in [
        "revoked.json",
        "revoked.JSON",
        "revoked",
        ".revoked",
        "revoked.json.bak",
        "sub/revoked.json",
        ".git/a/b/c/revoked",
        "sub.json/revoked.txt",
    ] {
        for text in [&revocation, &list] {
            let place = Sandbox::new();
            let folder = place.path("revoked");
            let file = folder.join(name);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(&file, text).unwrap();
            let answer = verified(&claim, &folder);
            assert_eq!(answer["reason"], "revoked", "{name}: {answer:#}");
        }
    }
}

#[cfg(unix)]
#[test]
fn an_entry_that_is_not_read_makes_the_source_unread() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let (claim, revocation) = claim_and_revocation();
    let delegation = {
        let sandbox = Sandbox::with_key();
        let did = sandbox.did();
        let args = ["delegate", "pypi:six", "--to", &did, "--expires", "+1d"];
        sandbox.json("signed", &args)["claim"].to_string()
    };
    let unread = |what: &str, put: &dyn Fn(&Path)| {
        let place = Sandbox::new();
        let folder = place.path("revoked");
        fs::create_dir(&folder).unwrap();
        assert_eq!(verified(&claim, &folder)["outcome"], "confirmed");
        put(&folder);
        let answer = verified(&claim, &folder);
        assert_eq!(answer["reason"], "revocations-unread", "{what}: {answer:#}");
    };
    unread("text", &|d| {
        fs::write(d.join("README.md"), "# Revoked\n").unwrap()
    });
    unread("nothing", &|d| {
        fs::write(d.join("revoked.json"), "").unwrap()
    });
    unread("half", &|d| {
        fs::write(d.join("x"), &revocation[..200]).unwrap()
    });
    unread("another type", &|d| {
        fs::write(d.join("x"), &delegation).unwrap()
    });
    unread("one of a list", &|d| {
        fs::write(d.join("x"), format!("[{revocation},{{}}]")).unwrap();
    });
    unread("a link to nowhere", &|d| {
        symlink("/nowhere", d.join("x")).unwrap()
    });
    unread("a folder in itself", &|d| symlink(d, d.join("x")).unwrap());
    unread("deep", &|d| {
        fs::create_dir_all(d.join("1/2/3/4/5/6/7/8/9")).unwrap()
    });
    let pipe = |path: &Path| {
        let made = Command::new("mkfifo").arg(path).status().unwrap();
        assert!(made.success());
    };
    unread("a pipe", &|d| pipe(&d.join("revoked.json")));
    unread("a device", &|d| symlink("/dev/zero", d.join("x")).unwrap());
    unread("a closed file or folder", &|d| {
        let file = d.join("x");
        fs::write(&file, &revocation).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o000)).unwrap();
        // Where the tests run as root nothing is closed.
        if fs::read(&file).is_ok() {
            fs::write(&file, "closed").unwrap();
        }
    });
    // Named by itself a pipe is no better.
    let place = Sandbox::new();
    pipe(&place.path("pipe"));
    assert_eq!(
        verified(&claim, &place.path("pipe"))["reason"],
        "revocations-unread"
    );
    // A link to a file or folder that is there is followed.
    fs::write(place.path("there"), &revocation).unwrap();
    fs::create_dir(place.path("links")).unwrap();
    symlink(place.path("there"), place.path("links/revoked")).unwrap();
    assert_eq!(verified(&claim, &place.path("links"))["reason"], "revoked");
}

#[test]
fn an_unread_entry_keeps_a_namespace_claim_from_a_yes() {
    let world = World::new();
    let alice = world.alice(&["id", "new"]);
    let claim = ["namespace", "claim", "pypi:six"];
    assert_eq!(decide(&alice, &claim)["outcome"], "accepted");
    let folder = alice.path("revoked");
    fs::create_dir_all(folder.join("sub")).unwrap();
    let named = folder.display().to_string();
    let with = [&claim[..], &["--revocations", &named]].concat();
    let answer = decide(&alice, &with);
    assert_eq!(answer["outcome"], "accepted");
    let sources = &answer["decision"]["revocations"]["sources"];
    assert_eq!(sources[0]["source"], named);
    assert_eq!(
        (&sources[0]["revocations"], &sources[1]["source"]),
        (&"0".into(), &"home".into())
    );
    fs::write(folder.join("sub/notes"), "seen").unwrap();
    let answer = decide(&alice, &with);
    assert_eq!(
        (&answer["outcome"], &answer["reason"]),
        (&"undetermined".into(), &"revocations-unread".into())
    );
    let message = answer["message"].as_str().unwrap();
    assert!(message.contains("notes"), "{message}");
}

/// `six` of gutworth alone, whose releases name a DID for a month once it is known.
struct World(Pypi);

impl World {
    fn new() -> Self {
        Self(Pypi::serve(sixty_days_ago().0))
    }

    /// A home with the key that was made so, which every release names from now on.
    fn alice(&self, new: &[&str]) -> Sandbox {
        let alice = Sandbox::new().asking(self.0.origin());
        assert_eq!(alice.run(new).code, 0);
        self.name(&alice.did());
        alice
    }

    fn name(&self, did: &str) {
        let (mut world, gutworth) = sixty_days_ago();
        for version in ["1.1", "1.2"] {
            world.wait(14 * DAY);
            let metadata = naming(did, "six");
            world.publish(&gutworth, "six", version, metadata).unwrap();
        }
        world
            .publish(&gutworth, "other", "1", Metadata::new())
            .unwrap();
        world.wait(32 * DAY);
        *self.0.world.lock().unwrap() = world;
    }

    /// A verifier that was shown nothing yet.
    fn verifier(&self) -> Sandbox {
        Sandbox::new().asking(self.0.origin())
    }
}

fn decide(sandbox: &Sandbox, args: &[&str]) -> Value {
    sandbox.json("namespace-decision", args)
}

/// Alice's key names a recovery DID; a thief has her key, and shows no claim that names it.
struct Theft {
    world: World,
    alice: Sandbox,
    recovery: Sandbox,
    alices: String,
    thiefs: String,
    revocation: String,
    claim: String,
}

fn theft() -> Theft {
    let world = World::new();
    let recovery = Sandbox::with_key();
    let alice = world.alice(&["id", "new", "--recovery", &recovery.did()]);
    let thief = world.verifier();
    let keys = thief.home().join("keys");
    fs::create_dir_all(&keys).unwrap();
    for key in alice.keys() {
        fs::copy(&key, keys.join(key.file_name().unwrap())).unwrap();
    }
    let claimed = alice.json("id-claim", &["id", "claim", "pypi", "gutworth"]);
    let claim = claimed["claim"].to_string();
    let bundle = |sandbox: &Sandbox| {
        let out = sandbox.path("six.json").display().to_string();
        let args = ["namespace", "claim", "pypi:six", "--out", &out];
        assert_eq!(decide(sandbox, &args)["outcome"], "accepted");
        out
    };
    let (alices, thiefs) = (bundle(&alice), bundle(&thief));
    let text = |file: &str| fs::read_to_string(file).unwrap();
    assert!(text(&alices).contains(&recovery.did()) && !text(&thiefs).contains(&recovery.did()));
    let revocation = recovery.json("signed", &["revoke", &alice.did()])["claim"].to_string();
    let thiefs = recovery.file("thiefs.json", text(&thiefs));
    Theft {
        world,
        alice,
        recovery,
        alices,
        thiefs,
        revocation,
        claim,
    }
}

impl Theft {
    /// A source beside the recovery key, with these documents.
    fn source(&self, name: &str, documents: &[&str]) -> String {
        self.recovery
            .file(name, format!("[{}]", documents.join(",")))
    }

    fn verify(&self, sandbox: &Sandbox, bundle: &str, source: Option<&str>) -> Value {
        let mut args = vec!["namespace", "verify", bundle, "--live"];
        args.extend(source.iter().flat_map(|source| ["--revocations", source]));
        decide(sandbox, &args)
    }
}

#[track_caller]
fn assert_revoked(answer: &Value) {
    assert_eq!(
        (&answer["outcome"], &answer["reason"]),
        (&"denied".into(), &"revoked".into()),
        "{answer:#}"
    );
}

#[test]
fn a_recovery_did_recovers_where_the_home_holds_the_claim_or_ever_saw_it() {
    let theft = theft();
    let alone = theft.source("r.json", &[&theft.revocation]);
    // The home that holds the claim.
    assert_revoked(&theft.verify(&theft.alice, &theft.thiefs, Some(&alone)));
    // One that was sent a bundle with the claim before, and the thief's since.
    let hub = theft.world.verifier();
    assert_eq!(
        theft.verify(&hub, &theft.alices, None)["outcome"],
        "accepted"
    );
    assert_eq!(
        theft.verify(&hub, &theft.thiefs, None)["outcome"],
        "accepted"
    );
    assert_revoked(&theft.verify(&hub, &theft.thiefs, Some(&alone)));
    // The revocation is not forgotten either when it is not given again.
    assert_revoked(&theft.verify(&hub, &theft.thiefs, None));
    assert_revoked(&theft.verify(&hub, &theft.alices, None));
    // One that checked the claim by itself.
    let reader = theft.world.verifier();
    let claim = reader.file("claim.json", &theft.claim);
    let checked = reader.json("id-verify", &["id", "verify", &claim]);
    assert_eq!(checked["outcome"], "confirmed");
    assert_revoked(&theft.verify(&reader, &theft.thiefs, Some(&alone)));
}

#[test]
fn a_source_tells_the_recovery_did_and_else_somebody_unknown_is_told() {
    let theft = theft();
    let alone = theft.source("r.json", &[&theft.revocation]);
    let unaware = theft.world.verifier();
    let answer = theft.verify(&unaware, &theft.thiefs, Some(&alone));
    assert_eq!(answer["outcome"], "accepted");
    let unknown = &answer["decision"]["revocations"]["unknown"];
    let expected = serde_json::json!([
        { "by": theft.recovery.did(), "revokes": { "did": theft.alice.did() } }
    ]);
    assert_eq!(*unknown, expected);
    let text = unaware.run(&[
        "namespace",
        "verify",
        &theft.thiefs,
        "--revocations",
        &alone,
    ]);
    assert!(
        text.out.contains("nothing known here gives it the right"),
        "{}",
        text.out
    );
    // The claim in the same source, in another one, or as a home keeps it.
    let both = theft.source("both.json", &[&theft.claim, &theft.revocation]);
    assert_revoked(&theft.verify(&theft.world.verifier(), &theft.thiefs, Some(&both)));
    assert_revoked(&theft.verify(&unaware, &theft.thiefs, Some(&both)));
    let folder = theft.recovery.path("published");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("r"), &theft.revocation).unwrap();
    let kept = theft.alice.kept("claims").pop().unwrap();
    fs::copy(kept, folder.join("alice")).unwrap();
    let folder = folder.display().to_string();
    let answer = theft.verify(&theft.world.verifier(), &theft.thiefs, Some(&folder));
    assert_revoked(&answer);
    let read = &answer["decision"]["revocations"]["sources"][0];
    assert_eq!(
        (&read["revocations"], &read["claims"]),
        (&"1".into(), &"1".into())
    );
}

#[test]
fn a_stranger_names_no_recovery_did_for_another() {
    let theft = theft();
    let mallory = Sandbox::new();
    let recovery = theft.recovery.did();
    assert_eq!(mallory.run(&["id", "new", "--recovery", &recovery]).code, 0);
    let own = mallory.json("id-claim", &["id", "claim", "pypi", "gutworth"])["claim"].to_string();
    let forged = own.replace(&mallory.did(), &theft.alice.did());
    for claim in [&own, &forged] {
        let source = theft.source("forged.json", &[&theft.revocation, claim]);
        let verifier = theft.world.verifier();
        let answer = theft.verify(&verifier, &theft.alices.clone(), None);
        assert_eq!(answer["outcome"], "accepted");
        let unaware = theft.world.verifier();
        let answer = theft.verify(&unaware, &theft.thiefs, Some(&source));
        // A forged one cannot be read as a claim of Alice's key, or says nothing: never a revocation.
        assert_ne!(answer["reason"], "revoked", "{answer:#}");
    }
}

#[test]
fn a_memory_that_cannot_be_read_is_no_yes() {
    let theft = theft();
    let hub = theft.world.verifier();
    assert_eq!(
        theft.verify(&hub, &theft.alices, None)["outcome"],
        "accepted"
    );
    let recovery = hub.home().join("keys/remembered/recovery");
    let place = fs::read_dir(&recovery)
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    let file = fs::read_dir(&place)
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    let whole = fs::read(&file).unwrap();
    fs::write(&file, &whole[..whole.len() / 2]).unwrap();
    let answer = theft.verify(&hub, &theft.thiefs, None);
    assert_eq!(
        (&answer["outcome"], &answer["reason"]),
        (&"undetermined".into(), &"store-failed".into()),
        "{answer:#}"
    );
    fs::write(&file, whole).unwrap();
    assert_eq!(
        theft.verify(&hub, &theft.thiefs, None)["outcome"],
        "accepted"
    );
    // Where it cannot be written: a file lies in the place of its folder.
    let other = theft.world.verifier();
    fs::create_dir_all(other.home().join("keys")).unwrap();
    fs::write(other.home().join("keys/remembered"), "x").unwrap();
    let answer = theft.verify(&other, &theft.alices, None);
    assert_eq!(answer["outcome"], "undetermined", "{answer:#}");
}

#[test]
fn a_renewed_claim_does_not_make_the_home_forget_the_recovery_did() {
    let recovery = Sandbox::with_key();
    let world = World::new();
    let alice = world.alice(&["id", "new", "--recovery", &recovery.did()]);
    // Even before any claim, and when all claims are gone: the key itself names it.
    let out = alice.path("six.json").display().to_string();
    let claim = ["namespace", "claim", "pypi:six", "--out", &out];
    assert_eq!(decide(&alice, &claim)["outcome"], "accepted");
    let revocation = recovery.json("signed", &["revoke", &alice.did()])["claim"].to_string();
    let source = recovery.file("r.json", revocation);
    let answer = decide(
        &alice,
        &["namespace", "verify", &out, "--revocations", &source],
    );
    assert_revoked(&answer);
}

#[test]
fn a_did_is_revoked_from_a_time_on() {
    let world = World::new();
    let alice = world.alice(&["id", "new"]);
    let out = alice.path("six.json").display().to_string();
    let claim = ["namespace", "claim", "pypi:six", "--out", &out];
    assert_eq!(decide(&alice, &claim)["outcome"], "accepted");
    let did = alice.did();
    let later = alice.json("signed", &["revoke", &did, "--since", "+1h"]);
    assert!(later["claim"]["since"].is_string(), "{later:#}");
    let verify = |at: &str| {
        let at = format!("--at={at}");
        decide(&alice, &["namespace", "verify", &out, &at])
    };
    let now = verify("+0s");
    assert_eq!(now["outcome"], "accepted", "{now:#}");
    assert!(now["decision"]["valid_until"].as_str() < later["claim"]["since"].as_str());
    assert_revoked(&verify("+1h"));
    assert_revoked(&verify("+2h"));
    // From before the claim says that it was signed, or after: a thief would write any time there.
    let earlier = alice.json("signed", &["revoke", &did, "--since=-30m"]);
    assert_eq!(earlier["outcome"], "done");
    assert_revoked(&verify("+0s"));
    let id = alice.json(
        "id-verify",
        &[
            "id",
            "verify",
            &alice.file("c.json", later["claim"].to_string()),
        ],
    );
    assert!(id["says"].as_str().unwrap().contains("from 2"), "{id:#}");
    let claim = alice.json("id-claim", &["id", "claim", "pypi", "gutworth"])["claim"].to_string();
    let file = alice.file("claim.json", claim);
    let refused = alice.json("failure", &["revoke", &file, "--since", "-1h"]);
    assert_eq!(refused["reason"], "usage");
}

#[test]
fn nothing_in_the_home_is_passed_over() {
    let world = World::new();
    let alice = world.alice(&["id", "new"]);
    let claim = ["namespace", "claim", "pypi:six"];
    assert_eq!(decide(&alice, &claim)["outcome"], "accepted");
    assert_eq!(alice.run(&["id", "claim", "pypi", "gutworth"]).code, 0);
    // A kept claim under another name is read; what is none is said.
    let kept = alice.kept("claims").pop().unwrap();
    fs::rename(&kept, kept.with_file_name("renamed.JSON")).unwrap();
    let status = alice.json("id-status", &["id", "status"]);
    assert_eq!(status["claims"].as_array().unwrap().len(), 1);
    fs::write(kept.with_file_name("notes"), "x").unwrap();
    let answer = alice.json("failure", &["id", "status"]);
    assert_eq!(answer["reason"], "bad-claim");
    assert!(answer["message"].as_str().unwrap().contains("notes"));
    fs::remove_file(kept.with_file_name("notes")).unwrap();
    // So in the home's revocations.
    fs::create_dir_all(alice.home().join("revocations")).unwrap();
    fs::write(alice.home().join("revocations/.DS_Store"), "x").unwrap();
    let answer = decide(&alice, &claim);
    assert_eq!(answer["reason"], "revocations-unread", "{answer:#}");
}
