use super::*;
use serde_json::{Value, json};

const DID: &str = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK";

fn six() -> Namespace {
    "pypi:six".parse().unwrap()
}

fn answer() -> Value {
    json!({
        "info": {
            "name": "Six", "version": "1.1", "keywords": "", "home_page": "https://github.com/benjaminp/six",
            "project_urls": { "Auths": format!("https://a.example/#auths-did={DID}&for=pypi:six") },
        },
        "last_serial": 7,
        "ownership": { "organization": null, "roles": [{ "role": "Owner", "user": "Alice" }] },
        "releases": {
            "1.0": [file("2026-01-01T00:00:00.500000Z", false), file("2026-01-01T00:00:00Z", true)],
            "1.1": [file("2026-02-01T00:00:01.9Z", true), file("2026-02-01T00:00:00.1Z", true)],
            "0.9": [],
        },
    })
}

fn file(time: &str, yanked: bool) -> Value {
    json!({ "upload_time_iso_8601": time, "yanked": yanked, "size": 1 })
}

fn parsed(answer: &Value) -> Result<ProjectData, UnavailableReason> {
    let answer =
        serde_json::from_str(&answer.to_string()).map_err(|_| UnavailableReason::Unreadable)?;
    ProjectData::new(answer, &six(), None).map_err(|u| u.reason)
}

/// The answer with the value at `pointer` replaced, or removed when `value` is `None`.
fn with(pointer: &str, value: Option<Value>) -> Value {
    let mut answer = answer();
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    let parent = answer.pointer_mut(parent).unwrap().as_object_mut().unwrap();
    match value {
        Some(value) => drop(parent.insert(key.to_owned(), value)),
        None => drop(parent.remove(key)),
    }
    answer
}

fn why<T: std::fmt::Debug>(reading: &Reading<T>) -> Option<UnavailableReason> {
    match reading {
        Reading::Unread(unavailable) => Some(unavailable.reason),
        _ => None,
    }
}

#[test]
fn a_whole_answer() {
    let project = parsed(&answer()).unwrap();
    assert_eq!(project.serial, Some(7));
    let listing = project.listing.get().unwrap();
    assert_eq!(listing.accounts[0].account, "pypi:alice".parse().unwrap());
    assert_eq!(listing.accounts[0].label, "Owner");
    assert_eq!(listing.owners, ListingCompleteness::Listed);
    assert!(!listing.tokens_may_add_owners);
    let incarnation = project.incarnation.get().unwrap();
    assert_eq!(
        incarnation,
        &Incarnation::new("first-upload", "2026-01-01T00:00:00Z")
    );
    let releases = project.releases.get().unwrap();
    let seen: Vec<_> = releases
        .iter()
        .map(|r| {
            (
                r.version.as_str(),
                r.uploaded_at.map(|t| t.to_string()),
                r.withdrawn,
            )
        })
        .collect();
    let at = |text: &str| Some(text.to_owned());
    assert!(seen.contains(&("1.0", at("2026-01-01T00:00:00Z"), false)));
    assert!(seen.contains(&("1.1", at("2026-02-01T00:00:00Z"), true)));
    assert!(seen.contains(&("0.9", None, false)));
    assert_eq!(project.said.get().unwrap().dids.len(), 1);
    assert_eq!(project.repositories.get().unwrap()[0].owner, "benjaminp");
}

#[test]
fn a_listing_of_which_nobody_can_be_read_is_unread() {
    let roles = |roles: Value| with("/ownership/roles", Some(roles));
    for (answer, expected) in [
        (with("/ownership", None), UnavailableReason::MissingField),
        (
            with("/ownership", Some(Value::Null)),
            UnavailableReason::MissingField,
        ),
        (
            with("/ownership/roles", None),
            UnavailableReason::MissingField,
        ),
        (roles(Value::Null), UnavailableReason::MissingField),
        (
            with("/ownership/organization", None),
            UnavailableReason::MissingField,
        ),
        (
            with("/ownership", Some(json!("x"))),
            UnavailableReason::Unreadable,
        ),
        (
            with("/ownership", Some(json!(["x"]))),
            UnavailableReason::Unreadable,
        ),
        (
            with("/ownership/organization", Some(json!({"name": "Acme"}))),
            UnavailableReason::Unreadable,
        ),
        (
            roles(json!([{"role": "Owner", "user": ""}])),
            UnavailableReason::Unreadable,
        ),
        (
            roles(json!([{"role": "Owner", "user": "a b"}])),
            UnavailableReason::Unreadable,
        ),
        (
            roles(json!([{"role": "", "user": "ok"}])),
            UnavailableReason::Unreadable,
        ),
        (
            roles(json!([{"role": "Owner", "user": "аlice"}])),
            UnavailableReason::Unreadable,
        ),
    ] {
        assert_eq!(
            why(&parsed(&answer).unwrap().listing),
            Some(expected),
            "{answer}"
        );
    }
    for broken in [
        json!([{"user": "a"}]),
        json!([{"role": "Owner"}]),
        json!([["Owner", "a"]]),
        json!("x"),
        json!([7]),
    ] {
        let project = parsed(&roles(broken)).unwrap();
        assert_eq!(why(&project.listing), Some(UnavailableReason::Unreadable));
        assert!(project.said.get().is_ok() && project.releases.get().is_ok());
    }
    let empty = parsed(&roles(json!([]))).unwrap();
    assert_eq!(why(&empty.listing), Some(UnavailableReason::Empty));
}

#[test]
fn roles_and_organizations_in_pypis_words() {
    let mut answer = with("/ownership/organization", Some(json!("Acme")));
    answer["ownership"]["roles"] = json!([
        { "role": "Owner", "user": "a" },
        { "role": "Maintainer", "user": "b" },
    ]);
    let project = parsed(&answer).unwrap();
    let listing = project.listing.get().unwrap();
    let roles: Vec<_> = listing
        .accounts
        .iter()
        .map(|a| (a.role, a.label.as_str()))
        .collect();
    assert_eq!(
        roles,
        [
            (OwnerRole::Owner, "Owner"),
            (OwnerRole::Maintainer, "Maintainer"),
        ]
    );
    assert_eq!(
        listing.owners,
        ListingCompleteness::Organization("Acme".into())
    );
    assert!(listing.sole_owner().is_none());
}

#[test]
fn a_role_that_pypi_does_not_document_is_nobodys() {
    let long = "Owner".repeat(100_000);
    for role in [
        "owner", "OWNER", "Owner ", "x", "", "Billing", "King", &long,
    ] {
        let roles = json!([{ "role": "Owner", "user": "a" }, { "role": role, "user": "b" }]);
        let project = parsed(&with("/ownership/roles", Some(roles))).unwrap();
        let listing = project.listing.get().unwrap();
        assert_eq!(listing.accounts.len(), 1, "{role}");
        match &listing.owners {
            ListingCompleteness::Unread(why) => {
                assert_eq!(why.reason, UnavailableReason::Unreadable, "{role}");
                assert!(why.raw_detail.len() < 100, "{}", why.raw_detail);
            }
            other => panic!("{other:?}"),
        }
    }
    let long = with("/ownership/organization", Some(json!(long)));
    assert_eq!(
        why(&parsed(&long).unwrap().listing),
        Some(UnavailableReason::Unreadable)
    );
}

#[test]
fn an_organization_hides_its_members_whoever_else_cannot_be_read() {
    let mut answer = with("/ownership/organization", Some(json!("Acme")));
    answer["ownership"]["roles"] = json!([{ "role": "Owner", "user": "a" }, null]);
    let project = parsed(&answer).unwrap();
    let listing = project.listing.get().unwrap();
    assert_eq!(
        listing.owners,
        ListingCompleteness::Organization("Acme".into())
    );
    assert_eq!(listing.accounts.len(), 1);
}

#[test]
fn one_instant_is_one_life_however_it_is_spelled() {
    let marker = |time: &str| {
        let releases =
            json!({ "1.0": [file(time, false)], "1.1": [file("2026-02-01T00:00:00Z", false)] });
        let project = parsed(&with("/releases", Some(releases))).unwrap();
        project.incarnation.get().unwrap().clone()
    };
    for (spelling, others) in [
        (
            "2026-01-01T10:00:00.250000Z",
            [
                "2026-01-01T10:00:00.25Z",
                "2026-01-01T10:00:00.250000000Z",
                "2026-01-01T12:00:00.25+02:00",
            ],
        ),
        (
            "2026-01-01T10:00:00Z",
            [
                "2026-01-01T10:00:00.000000Z",
                "2026-01-01T10:00:00.0Z",
                "2026-01-01T10:00:00+00:00",
            ],
        ),
    ] {
        let own = Incarnation::new("first-upload", spelling);
        assert_eq!(marker(spelling), own, "PyPI's spelling stays as it is");
        for other in others {
            assert_eq!(marker(other), own, "{other}");
        }
    }
    let close = ["2026-01-01T10:00:00.250000001Z", "2026-01-01T10:00:00.25Z"];
    assert_ne!(marker(close[0]), marker(close[1]));
}

#[test]
fn accounts_of_a_configured_server_are_its_own() {
    let origin: Origin = "http://127.0.0.1:9".parse().unwrap();
    let answer = serde_json::from_str(&answer().to_string()).unwrap();
    let project = ProjectData::new(answer, &six().at(Some(origin.clone())), Some(&origin)).unwrap();
    let listing = project.listing.get().unwrap().clone();
    assert_eq!(listing.accounts[0].account.origin(), Some(&origin));
    assert_eq!(project.said.get().unwrap().dids.len(), 1);
}

#[test]
fn an_answer_about_another_project_is_none() {
    for name in ["seven", "six-", "", "s ix", "ѕix"] {
        assert_eq!(
            parsed(&with("/info/name", Some(json!(name)))),
            Err(UnavailableReason::EvidenceMismatch)
        );
    }
    assert_eq!(
        parsed(&with("/info/name", None)),
        Err(UnavailableReason::MissingField)
    );
}

#[test]
fn missing_releases_and_times_are_not_guessed() {
    let none = parsed(&with("/releases", None)).unwrap();
    assert_eq!(why(&none.releases), Some(UnavailableReason::MissingField));
    assert_eq!(
        why(&none.incarnation),
        Some(UnavailableReason::MissingField)
    );
    let empty = parsed(&with("/releases", Some(json!({})))).unwrap();
    assert_eq!(why(&empty.releases), Some(UnavailableReason::Empty));
    assert_eq!(
        why(&empty.incarnation),
        Some(UnavailableReason::MissingField)
    );
    for bad in [
        json!(null),
        json!(""),
        json!("yesterday"),
        json!("2026-01-01T00:00:00"),
    ] {
        let files = json!([file("2026-01-01T00:00:00Z", false), { "upload_time_iso_8601": bad, "yanked": false }]);
        let project = parsed(&with("/releases/1.0", Some(files))).unwrap();
        assert_eq!(
            why(&project.incarnation),
            Some(UnavailableReason::MissingField)
        );
        let releases = project.releases.get().unwrap();
        let release = releases.iter().find(|r| r.version == "1.0").unwrap();
        assert_eq!(release.uploaded_at, None);
    }
    let files = json!([{ "upload_time_iso_8601": "2026-01-01T00:00:00Z" }]);
    let project = parsed(&with("/releases/1.0", Some(files))).unwrap();
    let releases = project.releases.get().unwrap();
    let unread = |version: &str| {
        let release = releases.iter().find(|r| r.version == version);
        release.unwrap().unread.as_ref().map(|why| why.reason)
    };
    assert_eq!(unread("1.0"), Some(UnavailableReason::MissingField));
    assert_eq!(unread("1.1"), None, "it costs that release alone");
    for version in ["", "1 0", "1\u{202e}0", &"1".repeat(201)] {
        for (files, is_unread) in [
            (json!([]), false),
            (json!([file("2026-01-01T00:00:00Z", false)]), true),
        ] {
            let mut answer = answer();
            answer["releases"][version] = files;
            let project = parsed(&answer).unwrap();
            let releases = project.releases.get().unwrap();
            assert_eq!(releases.len(), 4);
            // Its own files tell when it was, whatever it is called; without any, nobody can install it.
            let odd = releases.iter().find(|r| !is_readable(&r.version)).unwrap();
            assert_eq!(odd.uploaded_at.is_some(), is_unread, "{version:?}");
            assert_eq!(odd.unread.is_some(), is_unread, "{version:?}");
            assert!(project.incarnation.get().is_ok());
        }
    }
}

#[test]
fn metadata_names_nobody_only_when_it_was_all_there() {
    for pointer in ["/info/project_urls", "/info/keywords"] {
        let project = parsed(&with(pointer, None)).unwrap();
        assert_eq!(why(&project.said), Some(UnavailableReason::MissingField));
    }
    let null = parsed(&with("/info/project_urls", Some(Value::Null))).unwrap();
    assert!(null.said.get().unwrap().dids.is_empty());
    let keywords = json!(format!("a,auths-did={DID}&for=pypi:six"));
    let mut answer = with("/info/keywords", Some(keywords));
    answer["info"]["project_urls"] = Value::Null;
    assert_eq!(parsed(&answer).unwrap().said.get().unwrap().dids.len(), 1);
    let many: Vec<_> = (0..=MAX_DIDS)
        .map(|n| format!("auths-did=did:web:h{n}.example&for=pypi:six"))
        .collect();
    let project = parsed(&with("/info/keywords", Some(json!(many.join(","))))).unwrap();
    assert_eq!(why(&project.said), Some(UnavailableReason::TooLarge));
}

#[test]
fn what_is_odd_in_one_release_costs_that_release_alone() {
    let deep = (0..110).fold(json!(7), |inner, _| json!([inner]));
    let long = json!("x".repeat(260 * 1024));
    for odd in [
        json!(7),
        json!([]),
        json!({}),
        json!(true),
        deep,
        long.clone(),
    ] {
        for at in [
            "/info/keywords",
            "/info/project_urls",
            "/info/project_urls/Auths",
            "/info/home_page",
        ] {
            let project = parsed(&with(at, Some(odd.clone()))).unwrap();
            assert!(project.listing.get().is_ok(), "{at}: {odd}");
            assert_eq!(project.releases.get().unwrap().len(), 3);
            let is_text = match at {
                "/info/project_urls" => odd == json!({}),
                _ => odd == long,
            };
            let unread = why(&project.said) == Some(UnavailableReason::Unreadable);
            assert_eq!(unread, !is_text && at != "/info/home_page", "{at}");
        }
        // In one release's own files too: its place is not known, and its marker neither.
        for files in [
            odd.clone(),
            json!([odd]),
            json!([{ "upload_time_iso_8601": odd, "yanked": odd }]),
        ] {
            // No file at all, and a file of which it is not said whether it is yanked, are other matters.
            if files == json!([]) || files == json!([{}]) {
                continue;
            }
            let project = parsed(&with("/releases/1.0", Some(files))).unwrap();
            let releases = project.releases.get().unwrap();
            let of = |version: &str| releases.iter().find(|r| r.version == version).unwrap();
            assert_eq!(of("1.0").uploaded_at, None);
            assert!(of("1.0").unread.is_some(), "{odd}");
            assert!(of("1.1").uploaded_at.is_some() && of("1.1").unread.is_none());
            assert!(project.listing.get().is_ok() && project.incarnation.get().is_err());
        }
    }
}

#[test]
fn an_account_statement_is_read_with_the_account_of_the_server() {
    let url = format!("https://a.example/#auths-did={DID}&for=pypi:six&account=pypi:Alice");
    let with_url = with("/info/project_urls/Auths", Some(json!(url)));
    let origin: Origin = "http://127.0.0.1:9".parse().unwrap();
    for at in [None, Some(origin)] {
        let answer = serde_json::from_str(&with_url.to_string()).unwrap();
        let project = ProjectData::new(answer, &six().at(at.clone()), at.as_ref()).unwrap();
        let said = project.said.get().unwrap();
        let alice: Account = "pypi:alice".parse().unwrap();
        assert_eq!(said.dids.len(), 1);
        let named = said.accounts.first().unwrap();
        assert!(named.says(&DID.parse().unwrap(), &alice.at(at)));
    }
}

#[test]
fn a_releases_answer_is_about_that_release() {
    let read = |name: &str, version: Value| {
        let answer = json!({ "info": {
            "name": name, "version": version, "project_urls": null, "keywords": null,
        }, "last_serial": 7 });
        let answer = serde_json::from_str(&answer.to_string()).unwrap();
        ReleaseMetadata::new(answer, &six(), "1.0").map_err(|u| u.reason)
    };
    assert!(read("six", json!("1.0")).unwrap().said.dids.is_empty());
    assert_eq!(
        read("seven", json!("1.0")),
        Err(UnavailableReason::EvidenceMismatch)
    );
    assert_eq!(
        read("six", json!("1.0.0")),
        Err(UnavailableReason::EvidenceMismatch)
    );
    assert_eq!(
        read("six", Value::Null),
        Err(UnavailableReason::MissingField)
    );
}

#[test]
fn what_the_simple_index_says() {
    let index = |status: Option<Value>, files: usize, versions: usize| {
        let mut answer = json!({
            "meta": { "api-version": "1.4", "_last-serial": 7 }, "name": "six",
            "files": vec![json!({}); files], "versions": vec!["1"; versions],
        });
        if let Some(status) = status {
            answer["project-status"] = status;
        }
        let answer = serde_json::from_str(&answer.to_string()).unwrap();
        SimpleIndex::new(answer, &six())
            .map(|i| i.absent)
            .map_err(|u| u.reason)
    };
    let status = |text: &str| Some(json!({ "status": text, "reason": "x" }));
    assert_eq!(index(None, 0, 0), Ok(RefutedReason::NoReleases));
    assert_eq!(index(Some(json!({})), 0, 0), Ok(RefutedReason::NoReleases));
    assert_eq!(index(status("active"), 0, 0), Ok(RefutedReason::NoReleases));
    assert_eq!(
        index(status("archived"), 0, 0),
        Ok(RefutedReason::NoReleases)
    );
    assert_eq!(
        index(status("quarantined"), 0, 0),
        Ok(RefutedReason::Quarantined)
    );
    assert_eq!(
        index(status("active"), 1, 1),
        Err(UnavailableReason::EvidenceMismatch)
    );
    assert_eq!(
        index(status("active"), 0, 1),
        Err(UnavailableReason::EvidenceMismatch)
    );
    assert_eq!(
        index(status("frozen"), 0, 0),
        Err(UnavailableReason::Unreadable)
    );
    for (pointer, value) in [
        ("/name", json!("seven")),
        ("/meta/api-version", json!("2.0")),
    ] {
        let mut answer =
            json!({ "meta": { "api-version": "1.0" }, "name": "six", "files": [], "versions": [] });
        *answer.pointer_mut(pointer).unwrap() = value;
        let answer = serde_json::from_str(&answer.to_string()).unwrap();
        assert!(SimpleIndex::new(answer, &six()).is_err(), "{pointer}");
    }
}

#[test]
fn what_is_kept_reads_back() {
    let project = parsed(&answer()).unwrap();
    let text = serde_json::to_string(&project).unwrap();
    assert_eq!(serde_json::from_str::<ProjectData>(&text).unwrap(), project);
}

/// Every place in a document, as JSON pointers.
fn places(value: &Value, at: &str, into: &mut Vec<String>) {
    let mut each = |key: &str, value: &Value| {
        let at = format!("{at}/{}", key.replace('~', "~0").replace('/', "~1"));
        places(value, &at, into);
        into.push(at);
    };
    match value {
        Value::Object(fields) => fields.iter().for_each(|(k, v)| each(k, v)),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .for_each(|(i, v)| each(&i.to_string(), v)),
        _ => {}
    }
}

proptest::proptest! {
    #[test]
    fn a_damaged_answer_never_lists_or_names_anybody_else(at in 0usize..1000, kind in 0usize..8) {
        let whole = parsed(&answer()).unwrap();
        let mut damaged = answer();
        let mut all = Vec::new();
        places(&damaged, "", &mut all);
        let at = &all[at % all.len()];
        let values = [json!(null), json!(7), json!(""), json!("x"), json!([]), json!({}), json!(true), json!("Owner")];
        *damaged.pointer_mut(at).unwrap() = values[kind].clone();
        let Ok(project) = parsed(&damaged) else { return Ok(()); };
        if let (Ok(listing), Ok(before)) = (project.listing.get(), whole.listing.get()) {
            let is_role = at.starts_with("/ownership/roles");
            proptest::prop_assert!(is_role || listing.accounts == before.accounts, "{at}");
            for listed in &listing.accounts {
                proptest::prop_assert!(is_role || listed.role == OwnerRole::Owner, "{at}");
            }
        }
        if let Ok(said) = project.said.get() {
            let before = whole.said.get().unwrap();
            proptest::prop_assert!(said.dids.is_subset(&before.dids), "{at}");
            proptest::prop_assert!(said.accounts.is_subset(&before.accounts), "{at}");
            let is_text = at.starts_with("/info/project_urls") || at == "/info";
            proptest::prop_assert!(is_text || said == before, "{at}");
        }
    }
}
