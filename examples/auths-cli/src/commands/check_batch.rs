//! `auths namespace check --batch`: one question on each line.

use std::collections::BTreeMap;

use auths_core::decide::Obstacle;
use auths_core::use_cases::{ListingQuery, check_many};
use auths_core::{Account, Ecosystem, Namespace, Policy};
use futures_util::StreamExt;
use indicatif::{ProgressBar, ProgressStyle};

use super::Context;
use super::check::{Checked, resolve};
use crate::exit::Exit;
use crate::failure::{Failure, with_causes};
use crate::files;
use crate::guard;
use crate::page::Page;
use crate::registry::Registry;
use crate::servers::Servers;

/// The bytes that some editors put before the first line.
const BOM: &[u8] = b"\xef\xbb\xbf";

/// Answers every line, in order, each as soon as its answer and the earlier answers are known.
pub(crate) async fn run(
    context: &Context,
    file: &str,
    concurrency: usize,
) -> Result<Exit, Failure> {
    if file == "-" && context.global.token_stdin {
        return Err(
            Failure::usage("standard input holds either the list or the token")
                .remedy("give the token in AUTHS_GITHUB_TOKEN"),
        );
    }
    let bytes = files::read_list(file, files::MAX_BATCH)?;
    let bytes = bytes.strip_prefix(BOM).unwrap_or(&bytes);
    let mut list = List::new(context.servers_at_once(&context.home()?, concurrency)?);
    for (i, line) in bytes.split(|b| *b == b'\n').enumerate() {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if !line.is_empty() {
            list.add(i + 1, line).await;
        }
    }
    let List { lines, groups, .. } = list;
    if lines.is_empty() {
        return Err(
            Failure::usage("the list holds no question").remedy("write one NS<TAB>LOGIN a line")
        );
    }
    let bar = progress(lines.len() as u64);
    let mut answers: BTreeMap<_, _> = groups
        .into_iter()
        .map(|(ecosystem, (registry, questions))| {
            let (policy, now) = (Policy::standard(), context.now());
            let asked = check_many(registry.verifier(), questions, policy, now, concurrency);
            (ecosystem, Box::pin(asked))
        })
        .collect();
    let mut tally = Tally::default();
    for (line, asked) in lines {
        let mut checked = match asked {
            Asked::Known(checked) => *checked,
            Asked::Of(ecosystem) => {
                let next = answers.get_mut(&ecosystem).map(StreamExt::next);
                let answer = match next {
                    Some(next) => next.await,
                    None => None,
                };
                let Some((question, answer)) = answer else {
                    return Err(Failure::internal("a question was not answered"));
                };
                Checked::new(question, answer)
            }
        };
        checked.line = Some(line);
        tally.count(&checked);
        let printed = bar.suspend(|| print(context, &checked));
        bar.inc(1);
        if printed.is_err() {
            // The reader is gone: the rest stays unknown.
            tally.exit = tally.exit.worse(Exit::Unknown);
            break;
        }
    }
    bar.finish_and_clear();
    context.output.note(&tally.summary());
    Ok(tally.exit)
}

/// The lines of a list, and its questions by their ecosystem.
struct List {
    servers: Servers,
    lines: Vec<(usize, Asked)>,
    groups: BTreeMap<Ecosystem, (Registry, Vec<ListingQuery>)>,
    /// The accounts that have these logins now. Each login is looked up once.
    accounts: BTreeMap<Account, Result<Account, Obstacle>>,
}

/// The state of a line.
enum Asked {
    /// The line is the next question about this ecosystem.
    Of(Ecosystem),
    /// The answer of a line that is no question, or whose account does not exist.
    Known(Box<Checked>),
}

impl List {
    fn new(servers: Servers) -> Self {
        Self {
            servers,
            lines: Vec::new(),
            groups: BTreeMap::new(),
            accounts: BTreeMap::new(),
        }
    }

    async fn add(&mut self, number: usize, line: &[u8]) {
        let asked = match self.read(line).await {
            Ok(asked) => asked,
            Err(failure) => Asked::Known(Box::new(Checked::bad_line(failure))),
        };
        self.lines.push((number, asked));
    }

    async fn read(&mut self, line: &[u8]) -> Result<Asked, Failure> {
        let (namespace, login) = split(line)?;
        let (registry, namespace) = self.servers.registry(&namespace)?;
        let ecosystem = namespace.ecosystem().clone();
        let group = self.groups.entry(ecosystem.clone());
        let (registry, questions) = group.or_insert_with(|| (registry, Vec::new()));
        let named = registry.account(login)?;
        let found = match self.accounts.get(&named) {
            Some(found) => found.clone(),
            None => {
                let found = resolve(&self.servers, registry, &named).await;
                self.accounts.insert(named.clone(), found.clone());
                found
            }
        };
        Ok(match found {
            Ok(account) => {
                questions.push(ListingQuery::new(namespace, account));
                Asked::Of(ecosystem)
            }
            Err(obstacle) => {
                let question = ListingQuery::new(namespace, named);
                Asked::Known(Box::new(Checked::new(question, Err(obstacle))))
            }
        })
    }
}

fn split(line: &[u8]) -> Result<(Namespace, &str), Failure> {
    let text = std::str::from_utf8(line).map_err(|_| Failure::usage("the line is not UTF-8"))?;
    guard::refuse_names("the line", text)?;
    let (namespace, login) = text.split_once('\t').ok_or_else(|| {
        Failure::usage("the line is not NS<TAB>LOGIN")
            .remedy("write a namespace, one tab and a user name")
    })?;
    let namespace = namespace
        .trim()
        .parse()
        .map_err(|e| Failure::invalid(auths_core::Invalid::BadName, with_causes(&e)))?;
    Ok((namespace, login.trim()))
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
    // Draws on stderr, and draws nothing where stderr is no terminal.
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} {eta}");
    ProgressBar::new(lines).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

/// The number of answers of each kind.
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
