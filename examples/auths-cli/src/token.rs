//! The source of a GitHub token: standard input, or the environment. Never the arguments.

use std::io::{self, Read};

use auths_core::Invalid;
use auths_core::tokens::{TokenKind, find_token};
use secrecy::{ExposeSecret, SecretString, zeroize::Zeroizing};

use crate::failure::Failure;
use crate::guard;

/// The longest token that is read, in bytes.
const MAX: u64 = 4_096;

/// The variable that holds a token.
const VARIABLE: &str = "AUTHS_GITHUB_TOKEN";

/// Reads the token from standard input, or else from the environment; `None` where neither was meant to hold one.
pub(crate) fn read(from_stdin: bool) -> Result<Option<SecretString>, Failure> {
    if from_stdin {
        let mut text = Zeroizing::new(String::new());
        let read = io::stdin().take(MAX + 1).read_to_string(&mut text);
        read.map_err(|_| unusable("standard input holds no token that can be read"))?;
        return checked(&text, "standard input").map(Some);
    }
    match std::env::var(VARIABLE).map(Zeroizing::new) {
        Err(std::env::VarError::NotPresent) => Ok(None),
        Err(_) => Err(unusable("AUTHS_GITHUB_TOKEN holds no token")),
        Ok(text) if text.trim().is_empty() => Ok(None),
        Ok(text) => checked(&text, VARIABLE).map(Some),
    }
}

/// Returns the token, or a failure where there is none.
pub(crate) fn required(token: Option<&SecretString>) -> Result<&SecretString, Failure> {
    token.ok_or_else(|| {
        Failure::invalid(
            Invalid::Usage,
            "this needs a GitHub token, and none was given",
        )
        .remedy(
            "put a token with the scope read:org into AUTHS_GITHUB_TOKEN, or give it on standard input with --token-stdin",
        )
    })
}

fn checked(text: &str, place: &str) -> Result<SecretString, Failure> {
    let token = SecretString::from(text.trim());
    let held = token.expose_secret();
    let fits = !held.is_empty() && held.len() as u64 <= MAX;
    if let Some(found) = find_token(held)
        && found.kind != TokenKind::GitHub
    {
        // The token would be sent to GitHub.
        return Err(guard::refusal(place, found.kind));
    }
    if fits && held.bytes().all(|b| b.is_ascii_graphic()) {
        return Ok(token);
    }
    Err(unusable(&format!("{place} holds no token")))
}

fn unusable(what: &str) -> Failure {
    Failure::invalid(Invalid::BadConfiguration, what).remedy("give the token alone, in one line")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_one_word() {
        let read = |text: &str| {
            checked(text, "it")
                .map(|t| t.expose_secret().to_owned())
                .ok()
        };
        assert_eq!(read("ghp_abc\n").as_deref(), Some("ghp_abc"));
        for bad in ["", "\n", "a b", "a\nb", "é", &"a".repeat(5_000)] {
            assert_eq!(read(bad), None);
        }
    }

    #[test]
    fn a_token_of_another_service_is_refused_by_its_kind_and_not_sent_to_github() {
        let base62 = "aB3".repeat(12);
        for (token, kind) in [
            (format!("npm_{base62}"), "an npm token"),
            (format!("pypi-AgEIcHlwaS5vcmc{base62}"), "a PyPI token"),
            (format!("cio{}", &base62[..32]), "a crates.io token"),
            (
                format!("eyJhbGciOiJSUzI1NiJ9.{base62}.{base62}"),
                "a signed token",
            ),
        ] {
            let refused = format!("{:?}", checked(&token, "it").unwrap_err());
            assert!(
                refused.contains(kind) && !refused.contains("aB3"),
                "{refused}"
            );
        }
        assert!(checked(&format!("ghs_{base62}"), "it").is_ok());
    }

    #[test]
    fn a_refusal_does_not_repeat_it() {
        let refused = checked("hunter2 hunter3", "it").unwrap_err();
        assert!(!format!("{refused:?}").contains("hunter"));
    }
}
