//! `auths pin`: shows the repositories that packages are pinned to.

use auths_core::pin::Pin;
use serde::Serialize;

use super::Context;
use crate::answer::Common;
use crate::args::Pins;
use crate::exit::{Exit, Word};
use crate::failure::Failure;
use crate::page::Page;

#[derive(Debug, Serialize)]
struct PinsAnswer {
    #[serde(flatten)]
    common: Common,
    pins: Vec<Pin>,
}

/// Runs a command of `auths pin`.
pub(crate) fn run(context: &Context, what: Pins) -> Result<Exit, Failure> {
    let home = context.home()?;
    let mut pins = home.all_pins()?;
    if let Pins::Show { namespace } = what {
        let named = context.place([namespace])?;
        pins.retain(|pin| named.contains(pin.namespace()));
    }
    let document = PinsAnswer {
        common: Common::positive(Word::Done),
        pins,
    };
    Ok(context
        .output
        .answer(&document.common, &document, &page(&document.pins)))
}

fn page(pins: &[Pin]) -> Page {
    let mut page = Page::new();
    if pins.is_empty() {
        page.line("In this home there is no pin: no run got a grant here.");
    }
    for pin in pins {
        page.strong(pin.namespace().short());
        page.field(
            "repository",
            format!("{} (number {})", pin.repository().name, pin.repository().id),
        )
        .field("owner", format!("number {}", pin.owner()))
        .field("issuer", pin.issuer().to_string())
        .field("since", pin.recorded_at().to_string());
        match pin.publisher() {
            Some(claim) => page.field("set by", format!("the trusted publisher {claim}")),
            None => page.field("set by", "what the registry shows of the repository"),
        };
        if pin.falls_to_collaborator() {
            page.field(
                "yields to",
                "a run whose chain does not fall to collaborator",
            );
        }
    }
    page
}
