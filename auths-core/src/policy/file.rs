//! A policy as a TOML file.

use std::collections::BTreeSet;
use std::str::FromStr;
use std::time::Duration;

use super::rules::{Policy, PolicyError};
use crate::capability::Capability;
use crate::identity::Did;
use crate::tokens::{find_token, find_token_word};

impl Policy {
    /// Reads the TOML form: `name`, `resist`, `maturity_hours`, `evidence_age_hours`, `trusted_observers`, `trust_self_reported`,
    /// `unchecked_revocations`. Unknown keys are refused.
    ///
    /// # Errors
    /// [`PolicyError`] with the fault.
    pub fn from_toml(text: &str) -> Result<Self, PolicyError> {
        let file = PolicyFile::read(text)?;
        let mut policy = Self::builder(file.name.as_deref().unwrap_or("custom"))
            .resisting(file.resist)
            .trusting(file.trusted_observers);
        if let Some(given) = file.maturity_hours {
            policy = policy.with_maturity(hours(given));
        }
        if let Some(given) = file.evidence_age_hours {
            policy = policy.with_evidence_age(hours(given));
        }
        if file.trust_self_reported {
            policy = policy.trusting_self_reported_names();
        }
        if file.unchecked_revocations {
            policy = policy.taking_unchecked_revocations();
        }
        policy.build()
    }
}

/// The content of a policy file.
#[derive(Default)]
struct PolicyFile {
    name: Option<String>,
    resist: Vec<Capability>,
    maturity_hours: Option<u64>,
    evidence_age_hours: Option<u64>,
    trusted_observers: BTreeSet<Did>,
    trust_self_reported: bool,
    unchecked_revocations: bool,
}

impl PolicyFile {
    /// The keys that a policy file may have.
    const KEYS: [&str; 7] = [
        "name",
        "resist",
        "maturity_hours",
        "evidence_age_hours",
        "trusted_observers",
        "trust_self_reported",
        "unchecked_revocations",
    ];

    /// Reads a policy file by hand, because the parser's own errors quote keys, values and whole lines.
    fn read(text: &str) -> Result<Self, PolicyError> {
        refuse_tokens(text)?;
        let table: toml::Table = text.parse().map_err(|e| not_toml(text, &e))?;
        let mut file = Self::default();
        for (key, value) in &table {
            let wrong = |what: &str| PolicyError::Syntax(format!("`{key}` is no {what}"));
            let yes_or_no = || value.as_bool().ok_or_else(|| wrong("true or false"));
            let hours = || {
                let hours = value.as_integer().and_then(|n| u64::try_from(n).ok());
                hours
                    .ok_or_else(|| wrong("whole number of hours"))
                    .map(Some)
            };
            match key.as_str() {
                "name" => {
                    let name = value.as_str().ok_or_else(|| wrong("text"))?;
                    file.name = Some(name.to_owned());
                }
                "resist" => file.resist = list(value, "list of capabilities", key)?,
                "maturity_hours" => file.maturity_hours = hours()?,
                "evidence_age_hours" => file.evidence_age_hours = hours()?,
                "trusted_observers" => {
                    let observers: Vec<Did> = list(value, "list of DIDs", key)?;
                    file.trusted_observers = observers.into_iter().collect();
                }
                "trust_self_reported" => file.trust_self_reported = yes_or_no()?,
                "unchecked_revocations" => file.unchecked_revocations = yes_or_no()?,
                _ => {
                    let known = Self::KEYS.join(", ");
                    let detail = format!("it has a key that is none of {known}");
                    return Err(PolicyError::Syntax(detail));
                }
            }
        }
        Ok(file)
    }
}

/// Reads a list of texts, each of type `T`. An error names the position of an invalid text, not the text.
fn list<T: FromStr>(value: &toml::Value, what: &str, key: &str) -> Result<Vec<T>, PolicyError> {
    let wrong = || PolicyError::Syntax(format!("`{key}` is no {what}"));
    let items = value.as_array().ok_or_else(wrong)?;
    let read = items.iter().enumerate().map(|(at, item)| {
        let read = item.as_str().and_then(|text| text.parse().ok());
        let number = at + 1;
        read.ok_or_else(|| {
            let detail = format!("`{key}` is no {what}: entry {number} of it is none");
            PolicyError::Syntax(detail)
        })
    });
    read.collect()
}

/// Creates the error for a text that is not TOML. It tells the position, and quotes nothing of the text.
fn not_toml(text: &str, error: &toml::de::Error) -> PolicyError {
    let at = error.span().map_or(0, |span| span.start);
    let line = 1 + text.bytes().take(at).filter(|b| *b == b'\n').count();
    PolicyError::Syntax(format!(
        "line {line} is not TOML, or has a key for the second time"
    ))
}

/// Refuses a text that contains a token. Tokens of older forms are refused only outside comments: digests look like them, and may
/// stand in comments.
fn refuse_tokens(text: &str) -> Result<(), PolicyError> {
    for (number, line) in (1..).zip(text.lines()) {
        let said = line.split('#').next().unwrap_or_default();
        let found = find_token(line).map(|found| found.kind);
        if let Some(kind) = found.or_else(|| find_token_word(said)) {
            return Err(PolicyError::Token { line: number, kind });
        }
    }
    Ok(())
}

/// Returns so many hours. What is too many to count is out of every range.
fn hours(given: u64) -> Duration {
    Duration::from_secs(given.saturating_mul(3_600))
}
