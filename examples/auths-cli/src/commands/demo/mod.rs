//! `auths demo`: the whole story on a loopback address, through the real adapter and transport.

mod attacks;
mod person;
mod runs;
mod stage;
mod story;

use auths_core::Decision;
use serde::Serialize;

use super::Context;
use crate::answer::Common;
use crate::exit::{Exit, Word};
use crate::failure::Failure;
use crate::page::Page;
use crate::progress::waiting;

/// One scene, and its ending.
#[derive(Debug, Serialize)]
struct Step {
    title: &'static str,
    outcome: Word,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
    expected: Word,
    #[serde(skip)]
    message: String,
}

#[derive(Debug, Serialize)]
struct DemoAnswer {
    #[serde(flatten)]
    common: Common,
    steps: Vec<Step>,
}

/// Plays the story, and returns whether every scene ended as it must.
pub(crate) async fn run(context: &Context) -> Result<Exit, Failure> {
    let steps = waiting("playing", play()).await?;
    let wrong: Vec<_> = steps
        .iter()
        .filter(|s| s.outcome != s.expected)
        .map(|s| s.title)
        .collect();
    let common = if wrong.is_empty() {
        Common::positive(Word::Done)
    } else {
        let message = format!("these did not end as they must: {}", wrong.join("; "));
        Common {
            outcome: Word::Refuted,
            ..Failure::internal(message).0
        }
    };
    let played = DemoAnswer { common, steps };
    let page = played.page();
    Ok(context.output.answer(&played.common, &played, &page))
}

async fn play() -> Result<Vec<Step>, Failure> {
    let mut steps = Vec::new();
    let story = story::play(&mut steps).await?;
    attacks::play(&story, &mut steps).await?;
    runs::play(&story, &mut steps).await?;
    Ok(steps)
}

impl Step {
    /// Creates a scene with this ending.
    fn new(title: &'static str, expected: Word, ended: Result<Common, Failure>) -> Self {
        let common = ended.unwrap_or_else(|failure| failure.0);
        Self {
            title,
            outcome: common.outcome,
            code: common.code,
            expected,
            message: common.message.unwrap_or_default(),
        }
    }

    /// Creates a scene that ended with a decision.
    fn decided(title: &'static str, expected: Word, decision: &Decision) -> Self {
        let mut step = Self::new(title, expected, Ok(Common::decision(decision)));
        if step.message.is_empty() {
            step.message = decision.cost().to_owned();
        }
        step
    }
}

impl DemoAnswer {
    fn page(&self) -> Page {
        let mut page = Page::new();
        page.strong("A claim that is accepted, and attackers with one stolen thing each");
        for step in &self.steps {
            page.gap();
            page.line(step.title);
            let code = step.code.map_or_else(String::new, |c| format!(" ({c})"));
            page.outcome(step.outcome, format!("{}{code}", step.message));
            if step.outcome != step.expected {
                page.line(format!("  it should have been {}", step.expected.as_str()));
            }
        }
        page.gap();
        page.outcome(
            self.common.outcome,
            self.common.message.as_deref().unwrap_or(
                "every step ended as it must; all of it ran on this machine, through the code that asks PyPI",
            ),
        );
        page
    }
}

impl From<auths_testkit::world::Refused> for Failure {
    fn from(refused: auths_testkit::world::Refused) -> Self {
        Self::internal(format!("the simulated world refuses a move: {refused}"))
    }
}
