//! The fuzz targets, without a fuzzer: over their seeds and over what lies near them, on any toolchain. `tests/fuzz` says how
//! to run them for longer.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test may fail by panicking"
)]

use std::collections::BTreeSet;
use std::fs;
use std::time::{Duration, Instant};

use auths_tests::fuzz::{TARGETS, Target};
use auths_tests::root;

/// How long each target is tried.
const TIME: Duration = Duration::from_millis(400);

/// What is put into the middle of inputs: what means something to some parser.
const WORDS: &[&[u8]] = &[
    b"\"",
    b"\\",
    b"{",
    b"}",
    b"[",
    b"]",
    b":",
    b",",
    b"null",
    b"1",
    b"-0",
    b"1e9",
    b"true",
    b"{}",
    b"[]",
    b"\"a\":",
    b"\\u0061",
    b"\\ud800",
    b"\xff",
    b"\xef\xbb\xbf",
    b"\0",
    b"\n",
    b" ",
    b"#",
    b"?",
    b"@",
    b"%",
    b"%2F",
    b"%2f",
    b"..",
    b".",
    b"/",
    b"&",
    b"=",
    b"did:key:z",
    b"pkg:",
    b"z",
    b"\xe2\x80\xae",
    b"GMT",
    b"\"type\":",
    b"'",
    b"T",
    b"Z",
    b"+00:00",
    b"0",
    b"9999999999",
];

/// A small generator of numbers: the same inputs on every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        let n = u64::try_from(n.max(1)).unwrap();
        usize::try_from(self.0 % n).unwrap()
    }
}

/// Something near `seed`, with a part of `other` in it at times.
fn near(dice: &mut Dice, seed: &[u8], other: &[u8]) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    for _ in 0..=dice.below(3) {
        let at = dice.below(bytes.len());
        let end = (at + 1 + dice.below(8)).min(bytes.len());
        match dice.below(6) {
            0 if !bytes.is_empty() => bytes[at] ^= 1 << dice.below(8),
            1 if !bytes.is_empty() => drop(bytes.drain(at..end)),
            2 => {
                let word = WORDS[dice.below(WORDS.len())];
                bytes.splice(at..at, word.iter().copied());
            }
            3 if !bytes.is_empty() => {
                let word = WORDS[dice.below(WORDS.len())];
                bytes.splice(at..end, word.iter().copied());
            }
            4 => {
                let from = dice.below(other.len());
                let part = &other[from..(from + dice.below(64)).min(other.len())];
                bytes.splice(at..at, part.iter().copied());
            }
            _ => bytes.truncate(at.max(1)),
        }
    }
    bytes
}

fn try_out(target: &Target) {
    let seeds = (target.seeds)();
    assert!(!seeds.is_empty(), "{}: no seeds", target.name);
    (target.run)(b"");
    let read = seeds.iter().filter(|seed| (target.run)(seed)).count();
    assert!(read > 0, "{}: none of its seeds is read", target.name);
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let mut still_read = 0;
    let start = Instant::now();
    while start.elapsed() < TIME {
        let seed = &seeds[dice.below(seeds.len())];
        let other = &seeds[dice.below(seeds.len())];
        let bytes = near(&mut dice, seed, other);
        let run = std::panic::catch_unwind(|| (target.run)(&bytes));
        still_read += usize::from(matches!(run, Ok(true)));
        assert!(
            run.is_ok(),
            "{}: {:?}",
            target.name,
            String::from_utf8_lossy(&bytes)
        );
    }
    assert!(still_read > 0, "{}: only seeds are read", target.name);
}

#[test]
fn every_target_holds_for_its_seeds_and_near_them() {
    TARGETS.iter().for_each(try_out);
}

/// A target that `cargo fuzz` does not know is never fuzzed, and one that is not in the table is never run here.
#[test]
fn every_target_is_one_of_cargo_fuzz() {
    let folder = root().join("tests/fuzz");
    let files: BTreeSet<String> = fs::read_dir(folder.join("fuzz_targets"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    let manifest: toml::Table = fs::read_to_string(folder.join("Cargo.toml"))
        .unwrap()
        .parse()
        .unwrap();
    let bins = manifest["bin"].as_array().unwrap().iter();
    let bins: BTreeSet<String> = bins
        .map(|b| b["name"].as_str().unwrap().to_owned())
        .collect();
    let table: BTreeSet<String> = TARGETS.iter().map(|t| t.name.to_owned()).collect();
    assert_eq!(files, table);
    assert_eq!(bins, table);
    for name in table {
        let source = fs::read_to_string(folder.join(format!("fuzz_targets/{name}.rs"))).unwrap();
        assert!(
            source.contains(&format!("auths_tests::fuzz::{name}(data);")),
            "{name}"
        );
    }
}
