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
        assert_eq!(spelled(written.parse().unwrap()), one);
    }
}
