//! The claims of a token whose signature holds, each read by its type.

use std::borrow::Cow;
use std::str::FromStr;

use auths_core::ci::{CiProvider, CiValueError, NumericId, TokenAudience, TokenTimes};
use auths_core::ports::CiTokenError;
use auths_core::{Refuted, RefutedReason, Timestamp, shorten};

use crate::members::{Members, Value};
use crate::parse::malformed;

/// The claims of a token whose signature holds. No name stands twice among them.
pub(crate) struct Claims<'a>(Members<'a>);

impl<'a> Claims<'a> {
    /// Takes the members of a payload whose signature was checked.
    ///
    /// # Errors
    /// [`Invalid::MalformedToken`](auths_core::Invalid::MalformedToken) when a name stands twice, also one that nobody looks at.
    pub(crate) fn new(members: Members<'a>) -> Result<Self, CiTokenError> {
        match members.has_doubled() {
            true => Err(malformed("a claim stands twice")),
            false => Ok(Self(members)),
        }
    }

    /// Checks that the token is of this issuer.
    pub(crate) fn check_issuer(&self, issuer: &str) -> Result<(), Refuted> {
        match self.0.get("iss") {
            Some(Value::Text(found)) if found == issuer => Ok(()),
            _ => Err(Refuted::new(
                RefutedReason::TokenIssuer,
                "its issuer is another one",
            )),
        }
    }

    /// Reads the audience, which must be one text, and the expected one.
    pub(crate) fn audience(&self, expected: &TokenAudience) -> Result<TokenAudience, Refuted> {
        let found = match self.0.get("aud") {
            None => "it names no audience".to_owned(),
            Some(Value::Text(found)) if found == expected.as_str() => return Ok(expected.clone()),
            Some(Value::Text(found)) => format!("it is for \"{}\"", cut(&found)),
            Some(Value::Number(_)) => "its audience is a number".to_owned(),
            Some(Value::Other(kind)) => format!("its audience is {kind}"),
        };
        let detail = format!("{found}, and {expected} was expected, as one text");
        Err(Refuted::new(RefutedReason::TokenAudience, detail))
    }

    /// Reads and checks the times of the token, whole seconds: `exp`, then `nbf`, then `iat`, then its life. The first fault ends it,
    /// so that nothing is said of a later claim of a token that has expired.
    pub(crate) fn times(
        &self,
        provider: CiProvider,
        now: Timestamp,
    ) -> Result<TokenTimes, Refuted> {
        let expires = self.time("exp")?.ok_or_else(|| missing("exp"))?;
        TokenTimes::check_expires(expires, now)?;
        let not_before = self.time("nbf")?;
        if let Some(not_before) = not_before {
            TokenTimes::check_not_before(not_before, now)?;
        }
        let issued_at = self.time("iat")?.ok_or_else(|| missing("iat"))?;
        let times = TokenTimes::new(issued_at, not_before, expires);
        times.check(provider, now)?;
        Ok(times)
    }

    fn time(&self, name: &str) -> Result<Option<Timestamp>, Refuted> {
        let seconds = match self.0.get(name) {
            None => return Ok(None),
            Some(Value::Number(seconds)) => i64::try_from(seconds).ok(),
            Some(Value::Text(_)) => {
                return Err(wrong(name, "it is a text, not a number of seconds"));
            }
            Some(Value::Other(kind)) => {
                return Err(wrong(
                    name,
                    &format!("it is {kind}, not a number of seconds"),
                ));
            }
        };
        let time = seconds.and_then(|seconds| Timestamp::from_unix(seconds).ok());
        time.map(Some)
            .ok_or_else(|| wrong(name, "it is beyond the year 9999"))
    }

    /// Reads a required claim.
    pub(crate) fn required<T: FromStr<Err = CiValueError>>(
        &self,
        name: &str,
    ) -> Result<T, Refuted> {
        self.optional(name)?.ok_or_else(|| missing(name))
    }

    /// Reads a claim that may be absent, but neither null nor empty.
    pub(crate) fn optional<T: FromStr<Err = CiValueError>>(
        &self,
        name: &str,
    ) -> Result<Option<T>, Refuted> {
        let Some(text) = self.text(name)? else {
            return Ok(None);
        };
        if text.is_empty() {
            return Err(wrong(name, "it is empty"));
        }
        parse(name, &text).map(Some)
    }

    /// Reads a required claim that may be empty, which is `None`.
    pub(crate) fn maybe_empty<T: FromStr<Err = CiValueError>>(
        &self,
        name: &str,
    ) -> Result<Option<T>, Refuted> {
        match self.text(name)? {
            None => Err(missing(name)),
            Some(text) if text.is_empty() => Ok(None),
            Some(text) => parse(name, &text).map(Some),
        }
    }

    /// Reads a required id: decimal text, or a JSON integer.
    pub(crate) fn id(&self, name: &str) -> Result<NumericId, Refuted> {
        self.optional_id(name)?.ok_or_else(|| missing(name))
    }

    /// Reads an id that may be absent.
    pub(crate) fn optional_id(&self, name: &str) -> Result<Option<NumericId>, Refuted> {
        match self.0.get(name) {
            Some(Value::Number(number)) => NumericId::new(number)
                .map(Some)
                .map_err(|error| wrong(name, &error.to_string())),
            _ => self.optional(name),
        }
    }

    /// Reads a claim that may be absent, and is one of a few words.
    pub(crate) fn word<T: Copy>(
        &self,
        name: &str,
        words: &[(&str, T)],
    ) -> Result<Option<T>, Refuted> {
        let Some(text) = self.text(name)? else {
            return Ok(None);
        };
        let found = words.iter().find(|(word, _)| *word == text);
        found.map(|(_, value)| Some(*value)).ok_or_else(|| {
            let words: Vec<_> = words.iter().map(|(word, _)| *word).collect();
            wrong(
                name,
                &format!("\"{}\" is none of {}", cut(&text), words.join(", ")),
            )
        })
    }

    /// Reads a claim that may be absent, and says yes or no in text.
    pub(crate) fn flag(&self, name: &str) -> Result<Option<bool>, Refuted> {
        self.word(name, &[("true", true), ("false", false)])
    }

    /// Returns the text of a claim that is only looked at for what it may contradict; `None` for everything else.
    pub(crate) fn label(&self, name: &str) -> Option<Cow<'a, str>> {
        self.0.text(name)
    }

    fn text(&self, name: &str) -> Result<Option<Cow<'a, str>>, Refuted> {
        match self.0.get(name) {
            None => Ok(None),
            Some(Value::Text(text)) => Ok(Some(text)),
            Some(Value::Number(_)) => Err(wrong(name, "it is a number, not a text")),
            Some(Value::Other(kind)) => Err(wrong(name, &format!("it is {kind}, not a text"))),
        }
    }
}

fn parse<T: FromStr<Err = CiValueError>>(name: &str, text: &str) -> Result<T, Refuted> {
    text.parse()
        .map_err(|error: CiValueError| wrong(name, &error.to_string()))
}

fn missing(name: &str) -> Refuted {
    Refuted::new(RefutedReason::TokenClaimMissing, name)
}

fn wrong(name: &str, what: &str) -> Refuted {
    Refuted::new(
        RefutedReason::TokenClaimMalformed,
        format!("{name}: {what}"),
    )
}

/// Returns the beginning of a claim's value, for a message.
pub(crate) fn cut(text: &str) -> String {
    shorten(text, 200)
}
