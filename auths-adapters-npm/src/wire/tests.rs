use super::*;

const LEFT: &str = r#"{"_rev":"7-a","name":"left","dist-tags":{"latest":"1.1.0"},
    "versions":{"1.0.0":{"name":"left"},"1.1.0":{"deprecated":"no","auths":[]}},
    "time":{"created":"2026-01-01T00:00:00.000Z","1.0.0":"2026-01-01T00:00:00.000Z"},
    "maintainers":[{"name":"alice","email":"a"}],"repository":{"url":"acme/left"}}"#;

const A: &str = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK";
const B: &str = "did:key:z6MkpTHR8VNsBxYAAWHut2Geadd9jSwuBV8xRoAnwWsdvktH";

fn left() -> Namespace {
    "npm:left".parse().unwrap()
}

fn read(text: &str) -> Result<Packument, UnavailableReason> {
    super::read(text.as_bytes(), &left(), 100).map_err(|error| error.reason)
}

#[test]
fn no_part_of_a_packument_is_one() {
    assert!(read(LEFT).is_ok());
    for cut in 0..LEFT.len() {
        assert_eq!(
            read(&LEFT[..cut]).err(),
            Some(UnavailableReason::Unreadable),
            "{cut}"
        );
    }
    for more in ["{}", "x", "]"] {
        assert!(read(&format!("{LEFT}{more}")).is_err());
    }
}

#[test]
fn the_name_of_a_packument_stands_once() {
    let twice = LEFT.replacen(r#""name":"left""#, r#""name":"left","name":"left""#, 1);
    assert_eq!(read(&twice).unwrap_err(), UnavailableReason::Unreadable);
}

#[test]
fn a_version_names_whom_its_statements_name_for_this_package() {
    let named = |auths: &str| -> Vec<String> {
        let text = format!(r#"{{"versions":{{"1.0.0":{{"auths":{auths}}}}}}}"#);
        let timeline = read(&text).unwrap().versions.timeline(None);
        let dids = timeline.releases()[0].dids.clone().unwrap();
        dids.iter().map(ToString::to_string).collect()
    };
    let unusable = |auths: &str| {
        let text = format!(r#"{{"versions":{{"1.0.0":{{"auths":{auths}}}}}}}"#);
        let timeline = read(&text).unwrap().versions.timeline(None);
        timeline.unusable().map(str::to_owned)
    };
    let one = |did: &str| format!(r#"{{"did":"{did}","for":"npm:left"}}"#);
    assert_eq!(named(&one(A)), [A]);
    assert_eq!(unusable(&one(A)), None);
    assert_eq!(named(&format!("[{},{}]", one(A), one(B))), [A, B]);
    assert_eq!(
        named(&format!(r#"[7,null,"{A}",{},[{}]]"#, one(A), one(B))),
        [A]
    );
    for nobody in [
        "null".to_owned(),
        "7".to_owned(),
        "[]".to_owned(),
        "{}".to_owned(),
        format!("\"{A}\""),
        format!(r#"{{"did":"{A}"}}"#),
        format!(r#"{{"did":["{A}"],"for":"npm:left"}}"#),
        format!(r#"{{"did":"{A}","for":"npm:right"}}"#),
        format!(r#"{{"did":"{A}","for":["npm:left"]}}"#),
        format!(r#"{{"did":"{A}","for":"npm:left","more":1}}"#),
        format!(r#"{{"auths":{}}}"#, one(A)),
    ] {
        assert!(named(&nobody).is_empty(), "{nobody}");
        // What says something and names nobody is told to its publisher.
        let says_nothing = ["null", "[]"].contains(&&*nobody);
        assert_eq!(unusable(&nobody).is_none(), says_nothing, "{nobody}");
    }
}

#[test]
fn a_long_text_that_nobody_reads_is_passed_over_and_one_that_is_read_is_too_large() {
    let long = "x".repeat(3 * MAX_TEXT as usize);
    let whole = read(LEFT).unwrap();
    for (at, put) in [
        (
            r#""name":"left""#,
            format!(r#""readme":"{long}","name":"left""#),
        ),
        (
            r#""name":"left""#,
            format!(r#""x":{{"{long}":["{long}"]}},"name":"left""#),
        ),
        (
            r#""deprecated""#,
            format!(r#""scripts":{{"a":"{long}"}},"deprecated""#),
        ),
    ] {
        let text = LEFT.replacen(at, &put, 1);
        assert_ne!(text, LEFT);
        let seen = read(&text).unwrap();
        assert_eq!(
            (&seen.versions, &seen.maintainers),
            (&whole.versions, &whole.maintainers)
        );
        // What comes behind it is held to the limit again.
        let behind = text.replacen(r#""acme/left""#, &format!("\"{long}\""), 1);
        assert_eq!(read(&behind).unwrap_err(), UnavailableReason::TooLarge);
    }
    for put in [
        format!(r#""{long}":1,"name":"left""#),
        format!(r#""_id":1,"name":"{long}""#),
    ] {
        let text = LEFT.replacen(r#""name":"left""#, &put, 1);
        assert_eq!(read(&text).unwrap_err(), UnavailableReason::TooLarge);
    }
    let deprecated = LEFT.replacen(
        r#""deprecated":"no""#,
        &format!(r#""deprecated":"{long}""#),
        1,
    );
    let timeline = read(&deprecated).unwrap().versions.timeline(None);
    assert!(timeline.releases()[0].dids.is_some() && timeline.releases()[0].withdrawn);
}

/// A package of three versions, of which this is the package.json of the one in the middle.
fn with_manifest(manifest: &str) -> String {
    let own =
        format!(r#"{{"auths":{{"did":"{A}","for":"npm:left"}},"_npmUser":{{"name":"alice"}}}}"#);
    let at = |day: u32| format!("2026-01-{day:02}T00:00:00.000Z");
    format!(
        r#"{{"_rev":"7-a","name":"left","dist-tags":{{"latest":"1.2.0"}},
        "versions":{{"1.0.0":{own},"1.1.0":{manifest},"1.2.0":{own}}},
        "time":{{"created":"{0}","1.0.0":"{0}","1.1.0":"{1}","1.2.0":"{2}"}},
        "maintainers":[{{"name":"alice"}}],"repository":"acme/left"}}"#,
        at(1),
        at(2),
        at(3)
    )
}

#[test]
fn what_is_wrong_in_one_manifest_costs_that_release_and_says_why() {
    let one = format!(r#"{{"did":"{A}","for":"npm:left"}}"#);
    let deep = format!("{}7{}", "[".repeat(130), "]".repeat(130));
    let deepest = format!("{}7{}", r#"{"a":["#.repeat(100_000), "]}".repeat(100_000));
    let long = "x".repeat(260 * 1024);
    let longest = "x".repeat(3 << 20);
    for (manifest, why) in [
        (
            format!(r#"{{"a":{deep},"auths":{one}}}"#),
            UnavailableReason::Unreadable,
        ),
        (
            format!(r#"{{"auths":{one},"a":{deepest}}}"#),
            UnavailableReason::Unreadable,
        ),
        (
            format!(r#"{{"auths":[{one},{deep}]}}"#),
            UnavailableReason::Unreadable,
        ),
        (
            format!(r#"{{"deprecated":{deep}}}"#),
            UnavailableReason::Unreadable,
        ),
        (
            format!(r#"{{"auths":{{"did":"{long}","for":"npm:left"}}}}"#),
            UnavailableReason::TooLarge,
        ),
        (
            format!(r#"{{"auths":{{"did":"{longest}"}}}}"#),
            UnavailableReason::TooLarge,
        ),
        (
            format!(r#"{{"auths":{{"{long}":1}}}}"#),
            UnavailableReason::TooLarge,
        ),
        (
            format!(r#"{{"{long}":1,"auths":{one}}}"#),
            UnavailableReason::TooLarge,
        ),
        (format!(r#"{{"{longest}":1}}"#), UnavailableReason::TooLarge),
        (
            format!(r#"{{"_npmUser":{{"name":"{long}"}}}}"#),
            UnavailableReason::TooLarge,
        ),
        (
            format!(r#"{{"auths":{one},"auths":{one}}}"#),
            UnavailableReason::Unreadable,
        ),
        (
            format!(r#"{{"auths":{{"did":"{A}","did":"{A}","for":"npm:left"}}}}"#),
            UnavailableReason::Unreadable,
        ),
        (
            r#"{"deprecated":"a","deprecated":"b"}"#.to_owned(),
            UnavailableReason::Unreadable,
        ),
        (
            r#"{"deprecated":1e999}"#.to_owned(),
            UnavailableReason::Unreadable,
        ),
        (
            r#"{"auths":{"did":"\ud800","for":"npm:left"}}"#.to_owned(),
            UnavailableReason::Unreadable,
        ),
        (
            r#"{"_npmUser":{"name":7}}"#.to_owned(),
            UnavailableReason::Unreadable,
        ),
        (
            r#"{"_npmUser":{"name":"a","name":"b"}}"#.to_owned(),
            UnavailableReason::Unreadable,
        ),
        (
            r#"{"dist":{"attestations":1,"attestations":2}}"#.to_owned(),
            UnavailableReason::Unreadable,
        ),
        ("null".to_owned(), UnavailableReason::Unreadable),
        ("[]".to_owned(), UnavailableReason::Unreadable),
        ("7".to_owned(), UnavailableReason::Unreadable),
        ("\"x\"".to_owned(), UnavailableReason::Unreadable),
    ] {
        let shown: String = manifest.chars().take(80).collect();
        let packument =
            read(&with_manifest(&manifest)).unwrap_or_else(|why| panic!("{why}: {shown}"));
        assert_eq!(
            packument.maintainers,
            Some(Ok(vec![Some("alice".to_owned())]))
        );
        let timeline = packument.versions.timeline(Some("1.2.0"));
        assert_eq!(timeline.why_stopped(), None);
        for release in timeline.releases() {
            let is_odd = release.version == "1.1.0";
            assert_eq!(release.dids.is_none(), is_odd, "{shown}");
            assert_eq!(
                release.unread.as_ref().map(|u| u.reason),
                is_odd.then_some(why),
                "{shown}"
            );
            assert_eq!(release.publisher.is_some(), !is_odd, "{shown}");
        }
    }
}

#[test]
fn what_is_odd_where_nobody_reads_costs_nothing() {
    for harmless in [
        r#""a":1e999"#.to_owned(),
        r#""\ud800":1"#.to_owned(),
        r#""a":"\udfff""#.to_owned(),
        r#""a":{"b":1,"b":2}"#.to_owned(),
        format!(r#""readme":"{}""#, "x".repeat(1 << 20)),
        format!(r#""dist":{{"x":{}}}"#, r#"{"a":"b"}"#),
    ] {
        let manifest = format!(r#"{{{harmless},"auths":{{"did":"{A}","for":"npm:left"}}}}"#);
        let timeline = read(&with_manifest(&manifest))
            .unwrap()
            .versions
            .timeline(None);
        assert!(
            timeline
                .releases()
                .iter()
                .all(|r| r.dids.as_ref().is_some_and(|d| d.len() == 1)),
            "{harmless}"
        );
    }
}

#[test]
fn a_cut_outside_of_any_version_costs_the_package() {
    let deep = format!("{}7{}", "[".repeat(130), "]".repeat(130));
    let long = "x".repeat(600 * 1024);
    let whole = with_manifest("{}");
    for (put, why) in [
        (
            format!(r#""a":{deep},"name":"left""#),
            UnavailableReason::Unreadable,
        ),
        (
            format!(r#""{long}":1,"name":"left""#),
            UnavailableReason::TooLarge,
        ),
        (format!(r#""name":"{long}""#), UnavailableReason::TooLarge),
    ] {
        let text = whole.replacen(r#""name":"left""#, &put, 1);
        assert_eq!(read(&text).unwrap_err(), why);
    }
    let time = whole.replacen("2026-01-02T00", &long, 1);
    assert_eq!(read(&time).unwrap_err(), UnavailableReason::TooLarge);
}

#[test]
fn a_version_tells_who_published_it_and_whether_ci_did() {
    let told = |fields: &str| {
        let text = format!(r#"{{"versions":{{"1.0.0":{{{fields}}}}}}}"#);
        let timeline = read(&text).unwrap().versions.timeline(None);
        let release = &timeline.releases()[0];
        assert!(release.dids.is_some(), "{fields}");
        let by = release.publisher.as_ref().map(ToString::to_string);
        (by, release.from_ci)
    };
    let alice = || Some("npm:alice".to_owned());
    let person = r#""_npmUser":{"name":"alice","email":"a@mail.example"}"#;
    let workflow =
        r#""_npmUser":{"name":"GitHub Actions","email":"x","trustedPublisher":{"id":"github"}}"#;
    let plain = r#""dist":{"integrity":"sha512-x","signatures":[{"keyid":"a"}]}"#;
    let attested =
        r#""dist":{"attestations":{"url":"x","provenance":{"predicateType":"y"}},"tarball":"x"}"#;
    let escaped = r#""dist":{"\u0061ttestations":{"url":"x"}}"#;
    for (fields, expected) in [
        (String::new(), (None, None)),
        (person.to_owned(), (alice(), Some(false))),
        (format!("{person},{plain}"), (alice(), Some(false))),
        (format!("{plain},{person}"), (alice(), Some(false))),
        (format!("{person},{attested}"), (alice(), Some(true))),
        (format!("{person},{escaped}"), (alice(), Some(true))),
        (workflow.to_owned(), (None, Some(true))),
        (format!("{attested},{workflow}"), (None, Some(true))),
        (attested.to_owned(), (None, Some(true))),
        (plain.to_owned(), (None, None)),
        (r#""_npmUser":null,"dist":null"#.to_owned(), (None, None)),
        (r#""_npmUser":{}"#.to_owned(), (None, None)),
        (r#""_npmUser":{"name":"no login"}"#.to_owned(), (None, None)),
        (
            r#""_npmUser":{"name":"alice","trustedPublisher":null}"#.to_owned(),
            (alice(), Some(false)),
        ),
        (
            r#""_npmUser":{"name":"alice","trustedPublisher":true}"#.to_owned(),
            (None, Some(true)),
        ),
        (
            format!(r#"{person},"dist":{{"attestations":null}}"#),
            (alice(), Some(false)),
        ),
        (
            format!(r#"{person},"dist":{{"x":"attestations"}}"#),
            (alice(), Some(false)),
        ),
    ] {
        assert_eq!(told(&fields), expected, "{fields}");
    }
}

#[test]
fn an_account_statement_is_a_statement_with_an_account() {
    let named = |auths: &str| {
        let text = format!(r#"{{"versions":{{"1.0.0":{{"auths":{auths}}}}}}}"#);
        let timeline = read(&text).unwrap().versions.timeline(None);
        let release = timeline.releases()[0].clone();
        let accounts = release
            .accounts
            .iter()
            .map(|named| named.account.to_string());
        (release.dids.unwrap().len(), accounts.collect::<Vec<_>>())
    };
    let one = |account: &str| format!(r#"{{"did":"{A}","for":"npm:left","account":{account}}}"#);
    assert_eq!(
        named(&one("\"npm:alice\"")),
        (1, vec!["npm:alice".to_owned()])
    );
    let both = format!("[{},{}]", one("\"npm:alice\""), one("\"npm:bob\""));
    assert_eq!(named(&both).1, ["npm:alice", "npm:bob"]);
    for odd in [
        "7",
        "null",
        "[]",
        "\"\"",
        "\"alice\"",
        "\"pypi:alice\"",
        "[\"npm:alice\"]",
    ] {
        assert_eq!(named(&one(odd)), (0, Vec::new()), "{odd}");
    }
}

#[test]
fn more_versions_than_allowed_are_too_large() {
    let versions = |n: usize| {
        let each: Vec<String> = (0..n).map(|n| format!("\"1.0.{n}\":{{}}")).collect();
        format!(r#"{{"versions":{{{}}}}}"#, each.join(","))
    };
    assert!(read(&versions(100)).is_ok());
    assert_eq!(
        read(&versions(101)).unwrap_err(),
        UnavailableReason::TooLarge
    );
}
