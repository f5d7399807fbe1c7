use super::*;

#[test]
fn the_first_part_of_a_revision_is_a_number_or_nothing() {
    for (rev, number) in [
        ("7-4cf1", Some(7)),
        ("1402-a-b", Some(1402)),
        ("7", None),
        ("-7", None),
        ("7-", None),
        ("+7-a", None),
        ("5f1c2b", None),
        ("99999999999999999999-a", None),
        ("10000000-a", Some(10_000_000)),
        ("10000001-a", None),
        ("18446744073709551615-x", None),
    ] {
        assert_eq!(changes(rev), number, "{rev}");
    }
}

#[test]
fn a_time_has_one_spelling() {
    for (written, one) in [
        ("2026-01-01T00:00:00.000Z", "2026-01-01T00:00:00Z"),
        ("2026-01-01T01:00:00+01:00", "2026-01-01T00:00:00Z"),
        ("2026-01-01T00:00:00.25Z", "2026-01-01T00:00:00.250Z"),
        ("2026-01-01T00:00:00.000001Z", "2026-01-01T00:00:00.000001Z"),
    ] {
        let time = ExactTime::parse_rfc3339(written).unwrap();
        assert_eq!(time.spelled(TimePrecision::Milliseconds), one);
    }
}

#[test]
fn no_mirror_is_blamed_where_the_registry_itself_leaves_a_field_out() {
    let namespace: Namespace = "npm:left".parse().unwrap();
    let text = r#"{"name":"left","versions":{"1.0.0":{}},"time":{"created":"2026-01-01T00:00:00.000Z"},
        "maintainers":[{"name":"alice"}]}"#;
    let read = |configured: Option<&Origin>| {
        let packument = crate::wire::read(text.as_bytes(), &namespace, 10).unwrap();
        let package = Package::new(packument, &namespace, configured).unwrap();
        package.incarnation.get().unwrap_err().clone()
    };
    let public = read(None);
    assert_eq!(public.reason, UnavailableReason::MissingField);
    assert!(public.raw_detail.contains("the answer has no"), "{public}");
    assert!(!public.raw_detail.contains("mirror"), "{public}");
    let server: Origin = "https://npm.example".parse().unwrap();
    let configured = read(Some(&server));
    assert!(
        configured.raw_detail.contains("https://npm.example"),
        "{configured}"
    );
}
