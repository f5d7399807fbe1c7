//! `auths namespace check --batch`: one question a line.

use std::collections::BTreeMap;

use auths_core::Namespace;
use auths_core::Policy;
use auths_core::workflow::{Question, check_many};
use futures_util::StreamExt;
use indicatif::{ProgressBar, ProgressStyle};

use super::Context;
use super::check::Checked;
use crate::exit::Exit;
use crate::failure::{Failure, with_causes};
use crate::files;
use crate::page::Page;
use crate::registry::Registry;

/// What some editors put before the first line.
const BOM: &[u8] = b"\xef\xbb\xbf";

/// Answers every line, in order, each as soon as it and those before it are known.
pub(crate) async fn run(
    context: &Context,
    file: &str,
    concurrency: usize,
) -> Result<Exit, Failure> {
    let bytes = files::read_or_stdin(file, files::MAX_BATCH)?;
    let bytes = bytes.strip_prefix(BOM).unwrap_or(&bytes);
    let registry = context.pypi_at_once(&context.home()?, concurrency)?;
    let mut questions = Vec::new();
    // Where each question stands in the file, and the lines that are none.
    let mut lines = Vec::new();
    for (i, line) in bytes.split(|b| *b == b'\n').enumerate() {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() {
            continue;
        }
        match question(line, &registry) {
            Ok(question) => {
                questions.push(question);
                lines.push((i + 1, None));
            }
            Err(failure) => lines.push((i + 1, Some(failure))),
        }
    }
    if lines.is_empty() {
        return Err(
            Failure::usage("the list holds no question").remedy("write one NS<TAB>LOGIN a line")
        );
    }
    let bar = progress(lines.len() as u64);
    let mut answers = Box::pin(check_many(
        registry.verifier(),
        questions,
        Policy::standard(),
        context.now(),
        concurrency,
    ));
    let mut tally = Tally::default();
    for (line, bad) in lines {
        let mut checked = match bad {
            Some(failure) => Checked::bad_line(failure),
            None => match answers.next().await {
                Some((question, answer)) => Checked::new(question, answer),
                None => return Err(Failure::internal("a question was not answered")),
            },
        };
        checked.line = Some(line);
        tally.count(&checked);
        let printed = bar.suspend(|| print(context, &checked));
        bar.inc(1);
        if printed.is_err() {
            // Nobody reads on: the rest stays unknown.
            tally.exit = tally.exit.worse(Exit::Unknown);
            break;
        }
    }
    bar.finish_and_clear();
    context.output.note(&tally.summary());
    Ok(tally.exit)
}

fn question(line: &[u8], registry: &Registry) -> Result<Question, Failure> {
    let text = std::str::from_utf8(line).map_err(|_| Failure::usage("the line is not UTF-8"))?;
    let (namespace, login) = text.split_once('\t').ok_or_else(|| {
        Failure::usage("the line is not NS<TAB>LOGIN")
            .remedy("write a namespace, one tab and a user name")
    })?;
    let namespace: Namespace = namespace
        .trim()
        .parse()
        .map_err(|e| Failure::invalid(auths_core::Invalid::BadName, with_causes(&e)))?;
    Ok(Question::new(
        registry.place(&namespace)?,
        registry.account(login.trim())?,
    ))
}

fn print(context: &Context, checked: &Checked) -> std::io::Result<()> {
    if context.output.is_json() {
        return context.output.json_line(checked);
    }
    let mut page = Page::new();
    let name = |ns: &Option<Namespace>| ns.as_ref().map_or_else(String::new, Namespace::short);
    let account = checked
        .account
        .as_ref()
        .map_or_else(String::new, |a| a.login().to_string());
    let why = checked.common.message.as_deref().unwrap_or_default();
    let line = checked.line.unwrap_or_default();
    let about = format!(
        "line {line}  {}  {account}  {why}",
        name(&checked.namespace)
    );
    page.outcome(checked.common.outcome, about.trim_end());
    context.output.text_line(&page)
}

fn progress(lines: u64) -> ProgressBar {
    // Draws on stderr, and nothing where that is no terminal.
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} {eta}");
    ProgressBar::new(lines).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

/// How many answers of each kind there were.
#[derive(Debug)]
struct Tally {
    counts: BTreeMap<&'static str, usize>,
    exit: Exit,
}

impl Default for Tally {
    fn default() -> Self {
        Self {
            counts: BTreeMap::new(),
            exit: Exit::Yes,
        }
    }
}

impl Tally {
    fn count(&mut self, checked: &Checked) {
        let outcome = checked.common.outcome;
        *self.counts.entry(outcome.as_str()).or_default() += 1;
        self.exit = self.exit.worse(outcome.exit());
    }

    fn summary(&self) -> String {
        let counts: Vec<_> = self
            .counts
            .iter()
            .map(|(k, n)| format!("{n} {k}"))
            .collect();
        counts.join(", ")
    }
}
