//! Tokens in places where none belongs: each kind is recognised by its form, so that it is neither shown nor sent.
//!
//! A token can get into a list of packages, a policy or an argument by mistake. A reader of such a text checks it with
//! [`find_token`] before using it; text for display is passed through [`hide_tokens`]. Front ends refuse text with a token, and
//! name the kind of token.
//!
//! ```
//! use auths_core::tokens::{TokenKind, find_token, hide_tokens};
//!
//! let line = format!("npm:ghp_{}\talice", "aB3".repeat(12));
//! assert_eq!(find_token(&line).map(|found| found.kind), Some(TokenKind::GitHub));
//! assert_eq!(hide_tokens(&line), "npm:(hidden: a GitHub token)\talice");
//! assert_eq!(find_token("npm:npm_modules_of_mine"), None);
//! ```

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use percent_encoding::percent_decode_str;

/// The issuer or kind of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum TokenKind {
    /// A GitHub token: of a person, an app, an installation.
    GitHub,
    /// An npm token.
    Npm,
    /// A PyPI token, which is a macaroon.
    PyPi,
    /// A crates.io token.
    CratesIo,
    /// A signed token of any issuer (JWT), such as a CI run's ID token.
    Jwt,
}

/// A token in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FoundToken {
    /// The kind of token.
    pub kind: TokenKind,
    /// The position of the token, in bytes. The whole text, if the token appears only when the text is decoded.
    pub at: Range<usize>,
}

impl fmt::Display for TokenKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::GitHub => "a GitHub token",
            Self::Npm => "an npm token",
            Self::PyPi => "a PyPI token",
            Self::CratesIo => "a crates.io token",
            Self::Jwt => "a signed token (JWT)",
        })
    }
}

/// The form of one kind of token: its prefix, and the characters that follow.
struct TokenForm {
    kind: TokenKind,
    prefix: &'static str,
    rest: TokenRest,
}

/// The characters that follow a token's prefix. Fewer characters may be an ordinary name.
enum TokenRest {
    /// At least this many letters and digits, directly after the prefix.
    AtLeast(usize),
    /// Exactly this many letters and digits, and the token is a separate word.
    Exactly(usize),
    /// At least this many base64 characters, with both lower and upper case.
    Base64(usize),
    /// The rest of a header, a dot and a payload, each at least this long, and the token is a separate word.
    Segments(usize),
}

/// The kinds of tokens that are recognised by their prefix.
///
/// Sources: GitHub's page "About authentication to GitHub", npm's "About access tokens", PyPI's "API tokens" (a macaroon begins
/// with its version and the tag of its first field), crates.io's token formats, RFC 7519 (a header begins with `{"`).
const FORMS: [TokenForm; 13] = [
    form(TokenKind::GitHub, "ghp_", TokenRest::AtLeast(8)),
    form(TokenKind::GitHub, "gho_", TokenRest::AtLeast(8)),
    form(TokenKind::GitHub, "ghu_", TokenRest::AtLeast(8)),
    form(TokenKind::GitHub, "ghs_", TokenRest::AtLeast(8)),
    form(TokenKind::GitHub, "ghr_", TokenRest::AtLeast(8)),
    form(TokenKind::GitHub, "github_pat_", TokenRest::AtLeast(8)),
    form(TokenKind::Npm, "npm_", TokenRest::AtLeast(30)),
    form(TokenKind::PyPi, "pypi-AgE", TokenRest::AtLeast(8)),
    form(TokenKind::PyPi, "pypi-AgI", TokenRest::AtLeast(8)),
    form(TokenKind::PyPi, "pypi-", TokenRest::Base64(60)),
    form(TokenKind::CratesIo, "cio_tp_", TokenRest::AtLeast(24)),
    form(TokenKind::CratesIo, "cio", TokenRest::Exactly(32)),
    form(TokenKind::Jwt, "eyJ", TokenRest::Segments(10)),
];

const fn form(kind: TokenKind, prefix: &'static str, rest: TokenRest) -> TokenForm {
    TokenForm { kind, prefix, rest }
}

/// Finds the first token in a text that is recognised by its prefix, regardless of the surrounding text. A percent-encoded token
/// is found too.
///
/// The forms distinguish tokens from names: no name, DID, digest or signature of this project is taken for a token.
#[must_use]
pub fn find_token(text: &str) -> Option<FoundToken> {
    let plain = FORMS.iter().filter_map(|form| form.find(text));
    if let Some(found) = plain.min_by_key(|found| found.at.start) {
        return Some(found);
    }
    if !text.contains('%') {
        return None;
    }
    let decoded = percent_decode_str(text).decode_utf8_lossy();
    let mut found = FORMS.iter().filter_map(|form| form.find(&decoded));
    found.next().map(|found| FoundToken {
        kind: found.kind,
        at: 0..text.len(),
    })
}

/// Finds the first word in a text that has the shape of an older token without a prefix, and returns its kind: 40 hex digits
/// (GitHub), a UUID (npm), 32 letters of both cases and digits (crates.io).
///
/// Digests, ids and random names may have the same shape. Use this only on text that must not contain them, such as names and
/// accounts.
///
/// ```
/// use auths_core::tokens::{TokenKind, find_token_word};
///
/// assert_eq!(find_token_word("npm:0b1c4d2e-8f3a-4b5c-9d7e-8f901a2b3c4d"), Some(TokenKind::Npm));
/// assert_eq!(find_token_word("npm:left-pad"), None);
/// ```
#[must_use]
pub fn find_token_word(text: &str) -> Option<TokenKind> {
    text.split(|c: char| !is_letter(c)).find_map(shape)
}

/// Replaces every token in a text that [`find_token`] recognises by a note of its kind.
#[must_use]
pub fn hide_tokens(text: &str) -> Cow<'_, str> {
    let mut found: Vec<FoundToken> = FORMS.iter().flat_map(|form| form.find_all(text)).collect();
    found.sort_by_key(|found| found.at.start);
    let mut shown = Cow::Borrowed(text);
    if !found.is_empty() {
        let (mut plain, mut end) = (String::new(), 0);
        for FoundToken { kind, at } in found {
            if at.start >= end {
                plain.push_str(&text[end..at.start]);
                plain.push_str(&format!("(hidden: {kind})"));
            }
            end = end.max(at.end);
        }
        plain.push_str(&text[end..]);
        shown = Cow::Owned(plain);
    }
    // Any remaining token is percent-encoded, which hides the whole text.
    match find_token(&shown) {
        Some(encoded) => Cow::Owned(format!("(hidden: {})", encoded.kind)),
        None => shown,
    }
}

/// Returns an invalid name or id as an error may show it: without tokens, including those recognised by their shape only.
pub(crate) fn shown(text: &str) -> Cow<'_, str> {
    match find_token_word(text) {
        Some(kind) => Cow::Owned(format!("(hidden: it may be {kind})")),
        None => hide_tokens(text),
    }
}

impl TokenForm {
    /// Finds the first token of this kind.
    fn find(&self, text: &str) -> Option<FoundToken> {
        self.find_all(text).next()
    }

    /// Finds every token of this kind, in one pass: each run of letters is scanned once, however often the prefix occurs in it.
    fn find_all<'t>(&'t self, text: &'t str) -> impl Iterator<Item = FoundToken> + 't {
        let mut runs = CharacterRuns::default();
        let mut end = 0;
        text.match_indices(self.prefix).filter_map(move |(at, _)| {
            let from = at + self.prefix.len();
            if at < end {
                return None;
            }
            runs.move_to(text, from);
            end = self.rest.end(&runs, text, at, from)?;
            Some(FoundToken {
                kind: self.kind,
                at: at..end,
            })
        })
    }
}

/// The ends of the runs of characters that contain a position in a text. Each run is scanned only once.
#[derive(Debug, Default)]
struct CharacterRuns {
    /// The end of the run of letters and digits.
    plain: usize,
    /// The end of the run of letters, digits, `-` and `_`.
    all: usize,
    /// The position after the last lower-case letter of the run `all`. `capital` is the same for upper-case letters.
    small: usize,
    capital: usize,
    /// The length of the run of letters, digits, `-` and `_` after a dot that follows the run `all`.
    payload: usize,
    /// The end of the run of letters, digits, `-`, `_` and dots.
    whole: usize,
}

impl CharacterRuns {
    fn move_to(&mut self, text: &str, from: usize) {
        if from >= self.plain {
            self.plain = from + run(&text[from..], |c| c.is_ascii_alphanumeric());
        }
        if from >= self.whole {
            self.whole = from + run(&text[from..], |c| is_letter(c) || c == '.');
        }
        if from < self.all {
            return;
        }
        self.all = from + run(&text[from..], is_letter);
        self.small = last_end(text, from..self.all, u8::is_ascii_lowercase);
        self.capital = last_end(text, from..self.all, u8::is_ascii_uppercase);
        let behind = text[self.all..].strip_prefix('.');
        self.payload = behind.map_or(0, |payload| run(payload, is_letter));
    }
}

impl TokenRest {
    /// Returns the end of the token whose prefix is at `at..from`, or `None` if it is not a token.
    fn end(&self, runs: &CharacterRuns, text: &str, at: usize, from: usize) -> Option<usize> {
        let is_alone = !text[..at].ends_with(is_letter);
        let (plain, all) = (runs.plain - from, runs.all - from);
        match self {
            Self::AtLeast(least) => (plain >= *least).then_some(runs.all),
            Self::Exactly(length) => {
                (plain == *length && all == plain && is_alone).then_some(runs.plain)
            }
            Self::Base64(least) => {
                let is_mixed = runs.small > from && runs.capital > from;
                (all >= *least && is_mixed).then_some(runs.all)
            }
            Self::Segments(least) => {
                let is_long = all >= *least && runs.payload >= *least;
                (is_long && is_alone).then_some(runs.whole)
            }
        }
    }
}

/// Returns the end of the last byte of a kind in a part of the text, or 0 where there is none.
fn last_end(text: &str, part: Range<usize>, kind: fn(&u8) -> bool) -> usize {
    let start = part.start;
    let mut bytes = text.as_bytes()[part].iter();
    bytes.rposition(kind).map_or(0, |at| start + at + 1)
}

/// Returns the length of the prefix of the text that consists of matching characters, which are ASCII.
fn run(text: &str, belongs: fn(char) -> bool) -> usize {
    text.find(|c| !belongs(c)).unwrap_or(text.len())
}

/// Returns the kind of older token that the word may be.
fn shape(word: &str) -> Option<TokenKind> {
    match word.len() {
        40 if is_hex(word) => Some(TokenKind::GitHub),
        36 => {
            let groups = word.split('-');
            let is_uuid = groups.clone().map(str::len).eq([8, 4, 4, 4, 12]);
            (is_uuid && groups.into_iter().all(is_hex)).then_some(TokenKind::Npm)
        }
        32 => {
            let is_plain = word.bytes().all(|b| b.is_ascii_alphanumeric());
            let kinds = [
                u8::is_ascii_lowercase,
                u8::is_ascii_uppercase,
                u8::is_ascii_digit,
            ];
            let is_mixed = kinds.iter().all(|is| word.as_bytes().iter().any(is));
            (is_plain && is_mixed).then_some(TokenKind::CratesIo)
        }
        _ => None,
    }
}

fn is_hex(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_hexdigit())
}

fn is_letter(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '-' || c == '_'
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// One token of each kind that there is, made up.
    fn every_kind() -> Vec<(TokenKind, String)> {
        use TokenKind::*;
        let base62 = |n: usize| "aB3xYz9Q".chars().cycle().take(n).collect::<String>();
        vec![
            (GitHub, format!("ghp_{}", base62(36))),
            (GitHub, format!("gho_{}", base62(36))),
            (GitHub, format!("ghu_{}", base62(36))),
            (GitHub, format!("ghs_{}", base62(36))),
            (GitHub, format!("ghr_{}", base62(76))),
            (GitHub, format!("github_pat_{}_{}", base62(22), base62(59))),
            (Npm, format!("npm_{}", base62(36))),
            (
                PyPi,
                format!("pypi-AgEIcHlwaS5vcmc{}-_{}", base62(80), base62(20)),
            ),
            (PyPi, format!("pypi-AgENdGVzdC5weXBpLm9yZw{}", base62(90))),
            (PyPi, format!("pypi-MDAyMWxvY2F0aW9u{}", base62(120))),
            (CratesIo, format!("cio{}", base62(32))),
            (CratesIo, format!("cio_tp_{}", base62(32))),
            (
                Jwt,
                format!("eyJhbGciOiJSUzI1NiJ9.{}.{}", base62(200), base62(342)),
            ),
            (Jwt, format!("eyJhbGciOiJub25lIn0.{}.", base62(40))),
        ]
    }

    /// One of each older kind, which has no beginning of its own.
    const SHAPES: [(TokenKind, &str); 3] = [
        (
            TokenKind::GitHub,
            "0123456789abcdef0123456789abcdef01234567",
        ),
        (TokenKind::Npm, "0b1c4d2e-8f3a-4b5c-9d7e-8f901a2b3c4d"),
        (TokenKind::CratesIo, "aB3xYz9QaB3xYz9QaB3xYz9QaB3xYz9Q"),
    ];

    #[test]
    fn every_kind_is_told_by_its_form() {
        for (kind, token) in every_kind() {
            let found = find_token(&token).unwrap_or_else(|| panic!("{token}"));
            assert_eq!((found.kind, found.at), (kind, 0..token.len()), "{token}");
            assert_eq!(hide_tokens(&token), format!("(hidden: {kind})"));
        }
        for (kind, word) in SHAPES {
            assert_eq!(find_token_word(word), Some(kind));
            assert_eq!(find_token(word), None, "a digest looks like this too");
            assert_eq!(shown(word), format!("(hidden: it may be {kind})"));
        }
    }

    #[test]
    fn names_ids_digests_and_signatures_are_no_tokens() {
        let digest = format!("sha256:{}", "0123456789abcdef".repeat(4));
        let signature = format!("z{}", "3hY9cioQ".repeat(11));
        for text in [
            "",
            "ghp_acme",
            "npm:npm_modules_of_mine",
            "pypi:pypi-attestations",
            "pypi:pypi-agent-toolkit",
            "pypi-a-very-long-name-of-a-project-that-somebody-made-for-a-joke-which-no-one-got",
            "cargo:cio",
            "cargo:ciovo-the-crate-with-a-name-of-some-length",
            "eyJ",
            "eyJhbGciOiJSUzI1NiJ9",
            "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK",
            "pkg:npm/%40acme/left-pad?repository_url=https://npm.example",
            "100%",
            &digest,
            &signature,
        ] {
            assert_eq!(find_token(text), None, "{text}");
            assert_eq!(find_token_word(text), None, "{text}");
            assert_eq!(shown(text), text);
        }
        for id in ["aa5a315d61ae9438b18d", "0123456789abcdef0123456789abcdef"] {
            assert_eq!(find_token_word(id), None, "gists have such ids");
        }
    }

    #[test]
    fn an_older_form_is_told_by_every_part_of_it() {
        let hex = "0123456789abcdef".repeat(3);
        for word in [
            // 36 hex digits in no groups, and groups that are not hex.
            &hex[..36],
            "0b1c4d2e-8f3a-4b5c-9d7e-8f901a2b3c4z",
            // Of two kinds of characters only.
            "aBxYzQaBxYzQaBxYzQaBxYzQaBxYzQaB",
            "AB3XYZ9QAB3XYZ9QAB3XYZ9QAB3XYZ9Q",
            // 40 characters that are not all hex.
            "0123456789abcdef0123456789abcdef0123456g",
        ] {
            assert_eq!(find_token_word(word), None, "{word}");
        }
    }

    #[test]
    fn one_letter_of_the_other_case_makes_a_token_of_base64_wherever_it_stands() {
        let upper = "B".repeat(80);
        for at in [0, 1, 40, 79] {
            let mut rest = upper.clone();
            rest.replace_range(at..=at, "b");
            for text in [format!("pypi-{rest}"), format!("see pypi-{rest}")] {
                let found = find_token(&text).unwrap_or_else(|| panic!("{text}"));
                assert_eq!(found.at, text.len() - 85..text.len());
            }
        }
        assert_eq!(
            find_token(&format!("pypi-{upper}")),
            None,
            "of one case only"
        );
        // A letter of the other case in front of the beginning is none of its rest.
        assert_eq!(find_token(&format!("b_pypi-{upper}")), None);
        assert_eq!(
            find_token(&format!("B_pypi-{}", upper.to_lowercase())),
            None
        );
    }

    #[test]
    fn a_long_text_of_beginnings_is_gone_through_once() {
        // Gone through anew for each, these would take minutes.
        for form in &FORMS {
            let text = form.prefix.repeat(100_000);
            let _ = find_token(&text);
            let _ = shown(&text);
        }
        let tokens = format!("ghp_{} ", "aB3".repeat(12)).repeat(20_000);
        assert!(!hide_tokens(&tokens).contains("ghp_"));
    }

    #[test]
    fn what_is_encoded_is_found_and_hidden_whole() {
        let encoded = format!("pkg:npm/%6epm%5f{}", "aB3".repeat(12));
        assert_eq!(find_token(&encoded).unwrap().kind, TokenKind::Npm);
        assert_eq!(hide_tokens(&encoded), "(hidden: an npm token)");
    }

    /// What every parser of this crate says of a text that it refuses.
    fn errors(text: &str) -> Vec<String> {
        use crate::claim::{AnyClaim, Audience, Challenge, PlatformClaim, Signed};
        use crate::identity::{
            Account, AccountId, Did, Ecosystem, Login, Namespace, Origin, PackageName, Platform,
        };
        fn said<T, E: fmt::Debug + fmt::Display>(read: Result<T, E>) -> Option<String> {
            read.err().map(|error| format!("{error} {error:?}"))
        }
        let mut errors = vec![
            said(text.parse::<Namespace>()),
            said(text.parse::<Account>()),
            said(text.parse::<Did>()),
            said(text.parse::<Origin>()),
            said(text.parse::<Audience>()),
            said(text.parse::<Challenge>()),
            said(text.parse::<crate::Timestamp>()),
            said(crate::Timestamp::parse_rfc3339(text)),
            said(text.parse::<crate::Capability>()),
            said(AccountId::new(text)),
            said(Ecosystem::new(text)),
            said(Platform::new(text)),
            said(crate::Policy::from_toml(text)),
            said(crate::Policy::named(text)),
            said(Signed::<PlatformClaim>::parse(text.as_bytes())),
            said(AnyClaim::parse(text.as_bytes())),
            said(crate::Bundle::parse(text.as_bytes())),
        ];
        for ecosystem in [
            Ecosystem::NPM,
            Ecosystem::PYPI,
            Ecosystem::CARGO,
            Ecosystem::GITHUB,
        ] {
            errors.push(said(PackageName::parse(&ecosystem, text)));
        }
        for platform in [Platform::NPM, Platform::PYPI, Platform::GITHUB] {
            errors.push(said(Login::parse(&platform, text)));
        }
        errors.into_iter().flatten().collect()
    }

    #[test]
    fn no_error_of_a_parser_repeats_a_token() {
        let claim =
            r#"{"@context": [], "type": ["VerifiableCredential"], "HERE": {}, "proof": "HERE"}"#;
        let mut tokens = every_kind();
        tokens.extend(SHAPES.map(|(kind, word)| (kind, word.to_owned())));
        for (kind, token) in tokens {
            let is_shape = SHAPES.iter().any(|(_, word)| *word == token);
            for text in [
                token.clone(),
                format!("npm:{token}"),
                format!("npm:@{token}/!"),
                format!("pkg:npm/{token}@1"),
                format!("pkg:pypi/six?repository_url={token}"),
                format!("did:key:{token}"),
                format!("did:{token}:x"),
                format!("https://{token}@host.example/x"),
                format!("http://{token}.example"),
                format!("resist = ['{token}']"),
                format!("x{}{token}", "é".repeat(60)),
                format!("\"{token}\""),
                format!("[\"{token}\"]"),
                format!("{{\"{token}\": 1}}"),
                claim.replace("HERE", &token),
            ] {
                // What has the shape of a token alone may be a digest: it is hidden where a name is read.
                if is_shape && text.contains(['{', '[', '"']) {
                    continue;
                }
                for said in errors(&text) {
                    let part = &token[token.len() - 12..];
                    let shown = said.to_lowercase();
                    assert!(
                        !shown.contains(&part.to_lowercase()),
                        "{kind} {text}: {said}"
                    );
                }
            }
        }
    }

    proptest! {
        #[test]
        fn a_token_is_found_and_hidden_wherever_it_stands(
            which in 0usize..14,
            before in "[ -~éß\t\n]{0,20}",
            after in "[ -~éß\t\n]{0,20}",
            glue in prop::sample::select(vec![" ", "\t", "\"", "'", ":", "/", "=", "@", ",", "\n", "%", "(", "\\"]),
        ) {
            let (_, token) = every_kind().swap_remove(which);
            let text = format!("{before}{glue}{token}{glue}{after}");
            prop_assert!(find_token(&text).is_some(), "{text}");
            let shown = hide_tokens(&text);
            prop_assert!(find_token(&shown).is_none());
            // No part of it that could be of use: what it begins with tells the kind alone.
            let part = &token[token.len() - 20..];
            prop_assert!(!shown.contains(part), "{shown}");
        }

        #[test]
        fn two_tokens_are_both_hidden(a in 0usize..14, b in 0usize..14) {
            let (first, second) = (every_kind().swap_remove(a).1, every_kind().swap_remove(b).1);
            let text = format!("{first} and {second}");
            let shown = hide_tokens(&text).into_owned();
            prop_assert!(shown.starts_with("(hidden: ") && shown.ends_with(')'), "{shown}");
            prop_assert!(shown.len() < 70, "{shown}");
        }

        #[test]
        fn hiding_ends_and_leaves_other_text_alone(text in "\\PC{0,200}") {
            let shown = hide_tokens(&text);
            prop_assert!(find_token(&text).is_some() || shown == text);
            prop_assert!(find_token(&shown).is_none());
        }
    }
}
