//! Tokens among the arguments: seen by their form, refused, and never repeated.

use std::borrow::Cow;
use std::ffi::OsString;
use std::ops::Range;

use auths_core::tokens::hide_tokens;

use crate::failure::Failure;
use crate::guard;

/// The name of an argument in a refusal.
const PLACE: &str = "an argument";

/// The text in the place of a possible token.
const HIDDEN: &str = "(hidden, as it may be a token)";

/// The longest run of letters that a message repeats. No name, DID or digest is longer, and every PyPI token is.
const LONGEST: usize = 80;

/// The shortest part of a token that could be of use to anybody: 32 bytes in base64, as a signature is.
const SHORTEST: usize = 43;

/// The options whose values are public, and are never an older token.
const PUBLIC: [&str; 4] = ["--challenge", "--identifier", "--project-id", "--user-id"];

/// Refuses a command line that holds a token: others can read it there, and programs keep it.
pub(super) fn refuse(args: &[OsString]) -> Result<(), Failure> {
    let mut is_public = false;
    for arg in args.iter().skip(1) {
        let arg = arg.to_string_lossy();
        let names_public = PUBLIC.iter().any(|name| {
            arg.strip_prefix(name)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('='))
        });
        guard::refuse(PLACE, &arg)?;
        if !is_public && !names_public {
            refuse_old(&arg)?;
        }
        is_public = PUBLIC.contains(&&*arg);
    }
    Ok(())
}

/// Returns the text without possible tokens.
pub(super) fn hide(text: &str) -> Cow<'_, str> {
    let mut shown = hide_tokens(text);
    while let Some(found) = run(&shown) {
        shown.to_mut().replace_range(found, HIDDEN);
    }
    shown
}

/// The parts of arguments that may be tokens of no known form. No failure repeats them. They may as well be names, so nothing is
/// refused for them.
pub(crate) struct SecretArguments(Vec<String>);

impl SecretArguments {
    /// Finds the possible tokens in a command line.
    pub(super) fn among(args: &[OsString]) -> Self {
        let mut found = Vec::new();
        let mut is_public = false;
        for arg in args.iter().skip(1) {
            let arg = arg.to_string_lossy();
            let name = arg.split('=').next().unwrap_or_default();
            if !is_public && !PUBLIC.contains(&name) {
                found.extend(suspects(&arg).map(|run| arg[run].to_owned()));
            }
            is_public = PUBLIC.contains(&&*arg);
        }
        Self(found)
    }

    /// Returns the text without them, whole or in part.
    pub(crate) fn hide(&self, text: &str) -> String {
        let mut shown = text.to_owned();
        let runs: Vec<_> = suspects(text).collect();
        for run in runs.into_iter().rev() {
            let seen = &text[run.clone()];
            if self.0.iter().any(|s| s.contains(seen) || seen.contains(s)) {
                shown.replace_range(run, HIDDEN);
            }
        }
        shown
    }
}

/// Returns the runs of base64 that may be a token: long, and with more mixed letters than names, digests and DIDs have.
fn suspects(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut end = 0;
    let pieces = text.split_inclusive(|c| !is_base64(c)).map(move |piece| {
        let begin = end;
        end += piece.len();
        begin..begin + piece.trim_end_matches(|c| !is_base64(c)).len()
    });
    pieces.filter(|run| {
        let has = |kind: fn(&u8) -> bool| text[run.clone()].bytes().any(|b| kind(&b));
        let is_mixed =
            has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase) && has(u8::is_ascii_digit);
        let before = text[..run.start]
            .rsplit(|c| !is_base64(c) && c != ':')
            .next();
        let is_did = before.is_some_and(|before| before.starts_with("did:"));
        run.len() >= SHORTEST && is_mixed && !is_did
    })
}

fn is_base64(c: char) -> bool {
    u8::try_from(c).is_ok_and(is_letter)
}

/// Returns the runs of letters that are longer than any name, DID or digest.
fn run(text: &str) -> Option<Range<usize>> {
    let belongs = |c: char| u8::try_from(c).is_ok_and(|b| is_letter(b) || b"=.+".contains(&b));
    let mut end = 0;
    text.split_inclusive(|c| !belongs(c)).find_map(|piece| {
        let begin = end;
        end += piece.len();
        let run = piece.trim_end_matches(|c| !belongs(c)).len();
        (run > LONGEST).then(|| begin..begin + run)
    })
}

/// Refuses an argument that is an older token and nothing else, alone or after the last `:` or `=`: of GitHub's, 40 hex digits, which
/// the secrets of its apps are too.
fn refuse_old(arg: &str) -> Result<(), Failure> {
    let value = arg.rsplit([':', '=']).next().unwrap_or_default();
    match value.bytes().all(is_letter) {
        true => guard::refuse_names(PLACE, value),
        false => Ok(()),
    }
}

fn is_letter(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b"-_".contains(&b)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refuses(args: &[&str]) -> bool {
        let args: Vec<OsString> = args.iter().map(OsString::from).collect();
        refuse(&[&["auths".into()], &args[..]].concat()).is_err()
    }

    #[test]
    fn what_looks_like_a_token_is_refused_wherever_it_stands() {
        let (base62, hex) = ("aB3".repeat(12), "0123456789".repeat(4));
        let mut tokens: Vec<String> = [
            "ghp_",
            "gho_",
            "ghu_",
            "ghs_",
            "ghr_",
            "github_pat_",
            "npm_",
        ]
        .map(|prefix| format!("{prefix}{base62}"))
        .to_vec();
        tokens.extend([format!("pypi-AgEIcHlwaS5vcmc_{base62}"), hex]);
        tokens.extend([
            format!("cio{}", &base62[..32]),
            format!("cio_tp_{}", &base62[..32]),
        ]);
        tokens.extend([
            base62[..32].to_owned(),
            format!("eyJhbGciOiJSUzI1NiJ9.{base62}.{base62}"),
        ]);
        tokens.push("0b1c4d2e-8f3a-4b5c-9d7e-8f901a2b3c4d".to_owned());
        for token in tokens {
            for arg in [
                token.clone(),
                format!("npm:{token}"),
                format!("--account={token}"),
            ] {
                assert!(refuses(&["x", &arg]), "{arg}");
            }
        }
    }

    #[test]
    fn names_challenges_and_paths_are_no_tokens() {
        let hex = "0123456789".repeat(4);
        for args in [
            &[
                "namespace",
                "check",
                "pypi:pypi-attestations",
                "--account",
                "ghp_acme",
            ][..],
            &["npm:npm_modules_of_mine"],
            &["--challenge", &hex],
            &["--project-id", "0b1c4d2e-8f3a-4b5c-9d7e-8f901a2b3c4d"],
            &["--user-id=0b1c4d2e-8f3a-4b5c-9d7e-8f901a2b3c4d"],
            &["https://gist.github.com/alice/0123456789abcdef0123456789abcdef"],
            &[&format!("--challenge={hex}")],
            &[&format!("/builds/{hex}/claim.json")],
            &["did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"],
        ] {
            assert!(!refuses(args), "{args:?}");
        }
    }

    #[test]
    fn a_message_is_shown_without_tokens() {
        let token = format!("github_pat_11AAAAAAA0_{}", "x".repeat(59));
        let shown = hide(&format!("no such thing: 'é{token}', nor {token}")).into_owned();
        let hidden = "(hidden: a GitHub token)";
        assert_eq!(shown, format!("no such thing: 'é{hidden}', nor {hidden}"));
        assert!(hide(&"Ag_I".repeat(30)).starts_with("(hidden"));
        assert_eq!(hide("é: nothing").as_ref(), "é: nothing");
    }
}
