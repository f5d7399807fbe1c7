//! The answers of `auths publish`.

use auths_core::decide::Obstacle;
use auths_core::grant::Grant;
use auths_core::pin::PinStep;
use auths_core::ports::PinStore;
use auths_core::tokens::hide_tokens;
use auths_core::use_cases::{PublishCheck, PublishError, PublishGrant};
use auths_core::{Decision, RefutedReason, Timestamp};
use secrecy::ExposeSecret;
use serde::Serialize;
use serde_json::Value;

use super::super::{Context, decision};
use crate::answer::Common;
use crate::exit::{Exit, Word};
use crate::failure::Failure;
use crate::page::Page;

/// An answer about one package, or about several.
#[derive(Debug, Serialize)]
struct Answer {
    #[serde(flatten)]
    common: Common,
    #[serde(skip_serializing_if = "Option::is_none")]
    speaker: Option<Value>,
    /// The one package, or the first one that is refused.
    #[serde(flatten)]
    one: Option<Package>,
    /// Several packages that may all be published.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    packages: Vec<Package>,
    #[serde(skip_serializing_if = "Option::is_none")]
    grant: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    valid_until: Option<Timestamp>,
}

/// One package: what was decided, its pin afterwards, and what happens to the pin.
#[derive(Debug, Default, Serialize)]
struct Package {
    #[serde(skip_serializing_if = "Option::is_none")]
    decision: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pin: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pin_step: Option<&'static str>,
}

impl Package {
    fn new(checked: &PublishCheck) -> Result<Self, Failure> {
        Ok(Self {
            decision: Some(decision::json(checked.decision())?),
            pin: checked.pin().map(value).transpose()?,
            pin_step: Some(step(checked.step())),
        })
    }
}

impl Answer {
    fn new(common: Common) -> Self {
        Self {
            common,
            speaker: None,
            one: None,
            packages: Vec::new(),
            grant: None,
            valid_until: None,
        }
    }

    fn accepted(packages: &[PublishCheck]) -> Result<Self, Failure> {
        let mut answer = Self::new(Common::positive(Word::Accepted));
        if let Some(first) = packages.first() {
            answer.speaker = Some(value(first.decision().speaker())?);
        }
        match packages {
            [one] => answer.one = Some(Package::new(one)?),
            several => {
                let several = several.iter().map(Package::new);
                answer.packages = several.collect::<Result<_, _>>()?;
            }
        }
        Ok(answer)
    }
}

/// Prints the answer to a check that is a yes.
pub(super) fn checked(context: &Context, packages: &[PublishCheck]) -> Result<Exit, Failure> {
    let answer = Answer::accepted(packages)?;
    let mut page = Page::new();
    for package in packages {
        show(&mut page, package);
    }
    page.line("Nothing was used up, and no pin was set: `auths publish grant` does both.");
    Ok(context.output.answer(&answer.common, &answer, &page))
}

/// Prints a grant. It is the one token that is shown.
pub(super) fn granted(context: &Context, granted: &PublishGrant) -> Result<Exit, Failure> {
    let answer = Answer::accepted(granted.packages())?;
    let hidden = hide_tokens(&value(&answer)?.to_string()).into_owned();
    let mut answer: Value = serde_json::from_str(&hidden).map_err(unwritten)?;
    let token = granted.token().expose_secret();
    answer["grant"] = token.into();
    answer["valid_until"] = value(&granted.grant().expires())?;
    if !context.output.is_json() {
        note(context, granted.grant(), granted.packages());
    }
    let mut page = Page::new();
    page.line(token);
    let common = Common::positive(Word::Accepted);
    Ok(context.output.answer_with_token(&common, &answer, &page))
}

/// Says on stderr what the grant on stdout is.
fn note(context: &Context, grant: &Grant, packages: &[PublishCheck]) {
    let names: Vec<_> = grant.purls().iter().map(|name| name.short()).collect();
    context.output.note(&format!(
        "the grant lets {} {} {} until {}; it falls to {}",
        grant.subject(),
        grant.actions(),
        names.join(", "),
        grant.expires(),
        grant.falls_to()
    ));
    for package in packages {
        if let (Some(pin), PinStep::Record(_) | PinStep::Change(_)) =
            (package.pin(), package.step())
        {
            context.output.note(&pin.to_string());
        }
    }
}

/// Prints an answer that is no yes.
pub(super) async fn refused(
    context: &Context,
    error: PublishError,
    pins: &dyn PinStore,
) -> Result<Exit, Failure> {
    match error {
        PublishError::NotAccepted(not) => {
            let decision: &Decision = &not.0;
            let mut answer = Answer::new(Common::decision(decision));
            answer.speaker = Some(value(decision.speaker())?);
            answer.one = Some(Package {
                decision: Some(decision::json(decision)?),
                ..Package::default()
            });
            let mut page = Page::new();
            decision::show(&mut page, decision, None);
            Ok(context.output.answer(&answer.common, &answer, &page))
        }
        PublishError::Pin {
            namespace,
            obstacle,
        } if is_of_another(&obstacle) => {
            let mut answer = Answer::new(Common::standing_in_the_way(Word::Denied, &obstacle));
            let present = pins.read(&namespace).await?;
            answer.one = Some(Package {
                pin: present.as_ref().map(value).transpose()?,
                ..Package::default()
            });
            let mut page = Page::new();
            page.outcome(Word::Denied, namespace.short());
            page.field("because", format!("{obstacle} ({})", obstacle.code()));
            page.field("what to do", obstacle.remedy());
            Ok(context.output.answer(&answer.common, &answer, &page))
        }
        other => Err(other.into()),
    }
}

fn is_of_another(obstacle: &Obstacle) -> bool {
    matches!(obstacle, Obstacle::Refuted(refuted) if refuted.reason == RefutedReason::PinnedToAnother)
}

fn show(page: &mut Page, package: &PublishCheck) {
    decision::show(page, package.decision(), None);
    match (package.pin(), package.step()) {
        (None, _) => page.field("pin", "none, and a grant sets none"),
        (Some(pin), PinStep::Keep) => page.field("pin", pin.to_string()),
        (Some(pin), PinStep::Record(_)) => {
            page.field("pin", format!("none; a grant sets it: {pin}"))
        }
        (Some(pin), _) => page.field("pin", format!("a grant moves it: {pin}")),
    };
}

fn step(step: &PinStep) -> &'static str {
    match step {
        PinStep::Record(_) => "record",
        PinStep::Change(_) => "change",
        _ => "keep",
    }
}

fn value(of: &impl Serialize) -> Result<Value, Failure> {
    serde_json::to_value(of).map_err(unwritten)
}

fn unwritten(error: serde_json::Error) -> Failure {
    Failure::internal(format!("the answer does not serialize: {error}"))
}
