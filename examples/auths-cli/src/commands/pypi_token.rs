//! `auths pypi-token`: PyPI tokens, offline. The adapter says what a token means and whether it holds.

use std::path::Path;
use std::time::Duration;

use auths_adapters_pypi::token::{
    Attenuation, MAX_TEXT, RejectReason, Restriction, RootKey, Token, TokenRejected, TokenUse,
    TokenValid, TokenWarning, UnmetRestriction,
};
use auths_core::{Invalid, RefutedReason, Timestamp};
use secrecy::ExposeSecret;
use serde::Serialize;

use super::Context;
use crate::answer::Common;
use crate::args::{CheckToken, Create, FromWhere, Inspect, Restrict, RulesOf};
use crate::exit::{Exit, Word};
use crate::failure::Failure;
use crate::page::Page;
use crate::secret::Source;
use crate::when::When;

/// The longest file of a root key that is read.
const MAX_KEY: usize = 4_096;

/// The largest time by which the clock of a server may be behind ours.
const SKEW: Duration = Duration::from_secs(60);

const MORE_LISTED: &str =
    "PyPI keeps restrictions on its side, too: the token may be restricted to more than is listed";
const NONE_LISTED: &str = "no restriction is listed, which does not show that there is none: PyPI keeps restrictions on its side, too";

/// A restriction, as it is shown.
#[derive(Debug, Serialize)]
struct Shown<'a> {
    #[serde(flatten)]
    restriction: &'a Restriction,
    says: String,
}

impl<'a> Shown<'a> {
    fn new(restriction: &'a Restriction) -> Self {
        let says = restriction.to_string();
        Self { restriction, says }
    }
}

#[derive(Debug, Serialize)]
struct Inspected<'a> {
    #[serde(flatten)]
    common: Common,
    domain: &'a str,
    identifier: String,
    prefix: &'a str,
    format: String,
    restrictions: Vec<Shown<'a>>,
    note: &'static str,
}

/// Shows a token without its secret part.
pub(crate) fn inspect(context: &Context, what: &Inspect) -> Result<Exit, Failure> {
    let token = read(context, &what.token)?;
    let restrictions = token.restrictions();
    let document = Inspected {
        common: Common::positive(Word::Done),
        domain: token.domain(),
        identifier: String::from_utf8_lossy(token.identifier()).into_owned(),
        prefix: token.prefix(),
        format: token.format().to_string(),
        restrictions: restrictions.iter().map(Shown::new).collect(),
        note: match restrictions.is_empty() {
            true => NONE_LISTED,
            false => MORE_LISTED,
        },
    };
    let mut page = Page::new();
    page.line(format!("A token for {:?}", document.domain))
        .field("identifier", &document.identifier)
        .field("prefix", document.prefix)
        .field("format", &document.format);
    for (shown, n) in document.restrictions.iter().zip(1..) {
        page.field(&format!("{n}."), &shown.says);
    }
    page.line(document.note);
    Ok(context.output.answer(&document.common, &document, &page))
}

#[derive(Serialize)]
struct Made<'a> {
    #[serde(flatten)]
    common: Common,
    token: &'a str,
    restrictions: Vec<Shown<'a>>,
}

/// Derives a narrower token.
pub(crate) fn restrict(context: &Context, what: &Restrict) -> Result<Exit, Failure> {
    let narrowing = narrowing(what, context.now())?;
    let token = read(context, &what.token)?.restrict(&narrowing)?;
    Ok(made(context, &token))
}

/// Makes a token.
pub(crate) fn create(context: &Context, what: &Create) -> Result<Exit, Failure> {
    let key = key(context, &what.key_file)?;
    let token = Token::create(&what.domain, &what.identifier, &key)?;
    Ok(made(context, &token))
}

fn made(context: &Context, token: &Token) -> Exit {
    let text = token.to_text();
    let restrictions = token.restrictions();
    let document = Made {
        common: Common::positive(Word::Done),
        token: text.expose_secret(),
        restrictions: restrictions.iter().map(Shown::new).collect(),
    };
    let mut page = Page::new();
    page.line(document.token);
    context
        .output
        .answer_with_token(&document.common, &document, &page)
}

fn narrowing(what: &Restrict, now: Timestamp) -> Result<Attenuation, Failure> {
    let mut all = Attenuation::new();
    if !what.project.is_empty() {
        all = all.projects(&what.project)?;
    }
    if !what.project_id.is_empty() {
        all = all.project_ids(&what.project_id)?;
    }
    if let Some(id) = &what.user_id {
        all = all.user_id(id)?;
    }
    if let Some((start, end)) = window(what.not_before, what.not_after, now)? {
        all = all.between(start, end)?;
    }
    if what.legacy_noop {
        all = all.legacy_noop();
    }
    if !what.legacy_project.is_empty() {
        all = all.legacy_projects(&what.legacy_project)?;
    }
    if let Some((start, end)) = window(what.legacy_not_before, what.legacy_not_after, now)? {
        all = all.legacy_between(start, end)?;
    }
    Ok(all)
}

fn window(
    start: Option<When>,
    end: Option<When>,
    now: Timestamp,
) -> Result<Option<(Timestamp, Timestamp)>, Failure> {
    let Some(end) = end else { return Ok(None) };
    let end = end.from(now)?;
    // A caller who gives both ends means a time of their own, perhaps a past one, as in a test.
    if start.is_none() && end <= now {
        let message =
            format!("the time ends at {end}, and it is {now}: the token would never be good");
        let remedy = "let it end later: +10m is ten minutes from now";
        return Err(Failure::invalid(Invalid::BadTime, message).remedy(remedy));
    }
    let start = start.map_or(Ok(now - SKEW), |start| start.from(now))?;
    Ok(Some((start, end)))
}

#[derive(Debug, Serialize)]
struct Checked<'a> {
    #[serde(flatten)]
    common: Common,
    rules: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unmet: Vec<ShownUnmet<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<String>,
}

#[derive(Debug, Serialize)]
struct ShownUnmet<'a> {
    number: usize,
    cause: &'static str,
    restriction: &'a Restriction,
    says: String,
}

impl<'a> ShownUnmet<'a> {
    fn new(unmet: &'a UnmetRestriction) -> Self {
        Self {
            number: unmet.number,
            cause: unmet.cause.name(),
            restriction: &unmet.restriction,
            says: unmet.to_string(),
        }
    }
}

/// Prints whether a token holds.
pub(crate) fn check(context: &Context, what: &CheckToken) -> Result<Exit, Failure> {
    let mut asked = TokenUse::at(
        what.now
            .map_or(Ok(context.now()), |t| t.from(context.now()))?,
    );
    if let Some(name) = &what.project {
        asked = asked.project(name);
    }
    if let Some(id) = &what.project_id {
        asked = asked.project_id(id);
    }
    if let Some(id) = &what.user_id {
        asked = asked.user_id(id);
    }
    if let Some(id) = &what.publisher_id {
        asked = asked.publisher_id(id);
    }
    let key = key(context, &what.key_file)?;
    let answer = read(context, &what.token)?.check(&key, &asked, what.rules.rules());
    let warnings = answer
        .as_ref()
        .map_or_else(TokenRejected::warnings, TokenValid::warnings);
    for warning in warnings {
        context.output.warn(&warning.to_string());
    }
    let document = Checked {
        common: answer
            .as_ref()
            .map_or_else(refused, |_| Common::positive(Word::Confirmed)),
        rules: match what.rules {
            RulesOf::Strict => "strict",
            RulesOf::Pypitoken => "pypitoken",
            RulesOf::Warehouse => "warehouse",
        },
        unmet: match answer.as_ref().map_err(TokenRejected::reason) {
            Err(RejectReason::Unmet(unmet)) => unmet.iter().map(ShownUnmet::new).collect(),
            _ => Vec::new(),
        },
        warnings: warnings.iter().map(TokenWarning::to_string).collect(),
    };
    let mut page = Page::new();
    let held = match what.rules.rules().emulates() {
        None => "the token holds".to_owned(),
        Some(name) => format!("{name} would say that the token holds"),
    };
    let says = match &document.common.message {
        None => &held,
        Some(message) if document.unmet.is_empty() => message,
        Some(_) => "the token does not hold for this",
    };
    let code = document.common.code.map(|code| format!(" ({code})"));
    let code = code.unwrap_or_default();
    page.outcome(document.common.outcome, format!("{says}{code}"));
    for unmet in &document.unmet {
        page.line(format!("  {}", unmet.says));
    }
    if let Some(remedy) = &document.common.remedy {
        page.line(format!("  what to do: {remedy}"));
    }
    Ok(context.output.answer(&document.common, &document, &page))
}

fn refused(refusal: &TokenRejected) -> Common {
    let (by, remedy) = match refusal.reason() {
        RejectReason::Signature => (
            RefutedReason::BadSignature,
            Some("use the root key that belongs to the token's identifier, or get the token anew"),
        ),
        RejectReason::NotAccepted(_) => (RefutedReason::TokenNotServed, None),
        _ => (RefutedReason::RestrictionUnmet, None),
    };
    let (message, remedy) = (refusal.to_string(), remedy.map(str::to_owned));
    Common::because(Word::Refuted, by, message, remedy)
}

fn read(context: &Context, from: &FromWhere) -> Result<Token, Failure> {
    let source = Source {
        what: "the token",
        fd: from.token_fd,
        file: from.token_file.as_deref(),
    };
    let text = source.read(MAX_TEXT + 2, context.output)?;
    Ok(Token::parse(text.expose_secret())?)
}

fn key(context: &Context, file: &Path) -> Result<RootKey, Failure> {
    let source = Source {
        what: "the root key",
        fd: None,
        file: Some(file),
    };
    let text = source.read(MAX_KEY, context.output)?;
    Ok(RootKey::from_hex(text.expose_secret())?)
}
