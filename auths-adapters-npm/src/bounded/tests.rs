use super::*;
use proptest::prelude::*;

/// Gives as many bytes at once as it is told.
struct InPieces<'a>(&'a [u8], usize);

impl Read for InPieces<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let n = self.1.min(out.len()).min(self.0.len());
        out[..n].copy_from_slice(&self.0[..n]);
        self.0 = &self.0[n..];
        Ok(n)
    }
}

/// What is passed on of `text`, coming in pieces of that many bytes, and what was taken out first.
fn passed_on(text: &str, piece: usize, skips: bool) -> (String, Option<RemovedPart>) {
    let mut bounded = BoundedReader::new(InPieces(text.as_bytes(), piece));
    let pieces = bounded.pieces();
    pieces.skip(skips);
    let mut all = String::new();
    bounded.read_to_string(&mut all).unwrap();
    (all, pieces.take_cut())
}

#[test]
fn nesting_counts_where_it_is_nesting() {
    let deep = |n: usize| format!("{}7{}", "[".repeat(n), "]".repeat(n));
    let quoted = format!("[\"{}\\\"{0}\\\\\"]", "[".repeat(500));
    let closed = format!("[{}1]", "[{}],".repeat(1_000));
    for piece in [1, 2, 3, 7, 4096] {
        for whole in [&deep(128), &quoted, &closed] {
            assert_eq!(passed_on(whole, piece, false), (whole.clone(), None));
        }
        let cut = format!("{}0{}", "[".repeat(128), "]".repeat(128));
        for bad in [
            deep(129),
            deep(200_000),
            format!(
                "{}{{\"]\\\"]}}\":[\"]]\"]}}{}",
                "[".repeat(128),
                "]".repeat(128)
            ),
        ] {
            assert_eq!(
                passed_on(&bad, piece, false),
                (cut.clone(), Some(RemovedPart::Deep))
            );
            assert_eq!(
                passed_on(&bad, piece, true),
                (cut.clone(), Some(RemovedPart::Deep))
            );
        }
    }
}

#[test]
fn what_never_ends_takes_no_memory_and_is_passed_on_without_its_end() {
    for open in ["[", "{\"a\":", "\"", "[\"\\"] {
        let text = format!("{}{}", "[".repeat(128), open.repeat(100_000));
        let (passed, _) = passed_on(&text, 4096, false);
        assert!(serde_json::from_str::<serde::de::IgnoredAny>(&passed).is_err());
    }
}

#[test]
fn a_text_that_is_too_long_is_cut_and_said_and_what_is_behind_it_stays() {
    let long = |n: usize| format!("[\"{}\",\"b\"]", "x".repeat(n));
    let most = MAX_TEXT as usize;
    for piece in [1, 1000, 65_536] {
        assert_eq!(passed_on(&long(most), piece, false), (long(most), None));
        for n in [most + 1, most + PIECE, 5 * most] {
            let (passed, cut) = passed_on(&long(n), piece, false);
            assert_eq!(cut, Some(RemovedPart::Long), "{n} in {piece}");
            assert!(passed.len() <= most + 2 * PIECE && passed.ends_with("\",\"b\"]"));
            assert_eq!(passed_on(&long(n), piece, true), (long(n), None));
        }
    }
    let many = format!("[{}1]", "\"x\",".repeat(300_000));
    assert_eq!(passed_on(&many, 777, false), (many.clone(), None));
}

#[test]
fn a_cut_text_has_no_half_escape() {
    for unit in ["\\\"", "\\u00e4", "\\\\", "\\ud83d\\ude00", "ab\\u1234"] {
        let text = format!("\"{}\"", unit.repeat(MAX_TEXT as usize));
        for piece in [1, 5, 4_093, 65_536] {
            let (passed, cut) = passed_on(&text, piece, false);
            assert_eq!(cut, Some(RemovedPart::Long));
            let inner = &passed[1..passed.len() - 1];
            let units = inner.len() % unit.len();
            let half = &inner[inner.len() - units..];
            assert!(
                !half.contains('\\') || half == &unit[..units] && unit[units..].starts_with('\\'),
                "{unit} in {piece}: {half}"
            );
            assert!(serde_json::from_str::<serde::de::IgnoredAny>(&passed).is_ok());
        }
    }
}

#[test]
fn a_cut_is_told_of_the_value_that_it_was_in() {
    let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
    let text = format!("{{\"a\":1,\"b\":{deep},\"c\":\"{}\"}}", "x".repeat(200_000));
    let mut bounded = BoundedReader::new(text.as_bytes());
    let pieces = bounded.pieces();
    let mut read = |n: usize| bounded.by_ref().take(n as u64).read_to_end(&mut Vec::new());
    read("{\"a\":1,\"b\":".len()).unwrap();
    assert_eq!(pieces.take_cut(), None, "it is ready, and not read yet");
    read(255).unwrap();
    assert_eq!(pieces.take_cut(), Some(RemovedPart::Deep));
    assert_eq!(pieces.take_cut(), None);
    read(300_000).unwrap();
    assert_eq!(pieces.take_cut(), None);
}

#[test]
fn the_bytes_of_a_value_are_kept_across_pieces() {
    let value = "x".repeat(MAX_VALUE);
    let text = format!("before{value}behind");
    for piece in [1, 7, 4096] {
        let mut bounded = BoundedReader::new(InPieces(text.as_bytes(), piece));
        let pieces = bounded.pieces();
        let mut read = |n: usize| bounded.by_ref().take(n as u64).read_to_end(&mut Vec::new());
        read(6).unwrap();
        pieces.begin(MAX_VALUE);
        read(value.len()).unwrap();
        assert_eq!(pieces.end(<[u8]>::to_vec), Some(value.clone().into_bytes()));
        pieces.begin(MAX_VALUE);
        assert_eq!(pieces.end(<[u8]>::len), Some(0));
    }
    let mut bounded = BoundedReader::new(text.as_bytes());
    let pieces = bounded.pieces();
    pieces.begin(MAX_VALUE);
    bounded.read_to_end(&mut Vec::new()).unwrap();
    assert_eq!(pieces.end(<[u8]>::len), None, "more than are kept");
}

proptest! {
    /// However the bytes come, the same is passed on.
    #[test]
    fn pieces_do_not_matter(text in "[\\[\\]{}\"\\\\au,]{0,400}", piece in 1usize..20) {
        prop_assert_eq!(passed_on(&text, piece, false), passed_on(&text, 4096, false));
    }

    /// What is within the limits is passed on as it is.
    #[test]
    fn what_is_within_the_limits_stays(text in "[\\[\\]{}\"\\\\a,]{0,120}") {
        prop_assert_eq!(passed_on(&text, 9, false), (text, None));
    }
}
