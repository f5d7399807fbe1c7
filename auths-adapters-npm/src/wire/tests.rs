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

fn read(text: &str) -> Result<Packument, Why> {
    super::read(text.as_bytes(), &left(), 100).map_err(|error| error.why)
}

#[test]
fn no_part_of_a_packument_is_one() {
    assert!(read(LEFT).is_ok());
    for cut in 0..LEFT.len() {
        assert_eq!(read(&LEFT[..cut]).err(), Some(Why::Unreadable), "{cut}");
    }
    for more in ["{}", "x", "]"] {
        assert!(read(&format!("{LEFT}{more}")).is_err());
    }
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
        let behind = text.replacen(r#""alice""#, &format!("\"{long}\""), 1);
        assert_eq!(read(&behind).unwrap_err(), Why::TooLarge);
    }
    for put in [
        format!(r#""{long}":1,"name":"left""#),
        format!(r#""_id":1,"name":"{long}""#),
    ] {
        let text = LEFT.replacen(r#""name":"left""#, &put, 1);
        assert_eq!(read(&text).unwrap_err(), Why::TooLarge);
    }
    let deprecated = LEFT.replacen(
        r#""deprecated":"no""#,
        &format!(r#""deprecated":"{long}""#),
        1,
    );
    assert_eq!(read(&deprecated).unwrap_err(), Why::TooLarge);
}

#[test]
fn more_versions_than_allowed_are_too_large() {
    let versions = |n: usize| {
        let each: Vec<String> = (0..n).map(|n| format!("\"1.0.{n}\":{{}}")).collect();
        format!(r#"{{"versions":{{{}}}}}"#, each.join(","))
    };
    assert!(read(&versions(100)).is_ok());
    assert_eq!(read(&versions(101)).unwrap_err(), Why::TooLarge);
}
