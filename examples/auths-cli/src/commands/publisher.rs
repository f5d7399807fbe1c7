//! `auths publisher`: signs trusted publishers, and matches CI runs against their rules.

use auths_adapters_github::NamedRepository;
use auths_core::ci::{
    CiIdentity, CiProvider, MatchedRule, NoRuleMatches, NumericId, PublisherRule,
    PublisherRuleFields, RepositoryComparison, RepositoryName, ReusableWorkflow,
    find_matching_rule,
};
use auths_core::claim::{AnyClaim, Audience, KeyRing, ProofExpectation, Signed, TrustedPublisher};
use auths_core::{Invalid, Timestamp, use_cases};
use serde::Serialize;
use std::path::Path;

use super::{Context, ci, signing};
use crate::answer::Common;
use crate::args::{MatchRules, NewPublisher, Publisher, ReusableName};
use crate::exit::{Exit, Word};
use crate::failure::Failure;
use crate::files;
use crate::guard;
use crate::page::Page;
use crate::progress::waiting;
use crate::revocations::Sources;
use crate::servers::Servers;

/// Runs a command of `auths publisher`.
pub(crate) async fn run(context: &Context, what: Publisher) -> Result<Exit, Failure> {
    match what {
        Publisher::New(what) => new(context, what).await,
        Publisher::Match(what) => compare(context, &what).await,
    }
}

async fn new(context: &Context, what: NewPublisher) -> Result<Exit, Failure> {
    let home = context.home()?;
    let now = context.now();
    let ends = what.expires.from(now)?;
    if ends <= now {
        let message = format!("the rule would end at {ends}, and it is {now}");
        let failure = Failure::invalid(Invalid::BadTime, message);
        return Err(failure.remedy("name a time to come: --expires +90d"));
    }
    check_platform(&what)?;
    let servers = context.servers(&home)?;
    let rule = rule(context, &servers, &what).await?;
    let namespaces = what.namespaces.into_iter().map(|name| servers.place(name));
    let publisher = TrustedPublisher::new(rule, namespaces, what.actions);
    let (signer, recovery) = context.signer(&home, &what.key).await?;
    let signed = use_cases::trust_publisher(&*signer, publisher, ends.since(now), now).await?;
    let sources = Sources::new(&[], &home);
    context
        .warn_if_revoked(&signed, recovery.as_ref(), &sources)
        .await;
    let body = signed.unverified();
    let names: Vec<_> = body.namespaces.iter().map(|n| n.short()).collect();
    let says = format!(
        "runs of {} may {} for {} until {ends}",
        body.publisher,
        body.actions,
        names.join(", ")
    );
    for warning in warnings(&body.publisher, what.issuer) {
        context.output.warn(&warning);
    }
    Ok(signing::print(context, signed, &says, None))
}

/// Checks what only the platform tells: its forms of names, and its events.
fn check_platform(what: &NewPublisher) -> Result<(), Failure> {
    let is_github = what.issuer == CiProvider::GitHubActions;
    let reusable = what.reusable.as_ref().map(|named| &named.repository);
    for name in [Some(&what.repository), reusable].into_iter().flatten() {
        if is_github && name.owner().contains('/') {
            return Err(Failure::usage(format!(
                "{name} is not OWNER/NAME: write the file of a workflow without its folder"
            )));
        }
    }
    if !is_github && reusable.is_some() {
        return Err(Failure::usage(
            "--reusable is for GitHub Actions: GitLab shows one workflow",
        ));
    }
    let known = what.issuer.known_triggers();
    let mut triggers = what.triggers.iter();
    match triggers.find(|trigger| !known.contains(&trigger.as_str())) {
        Some(unknown) => Err(Failure::usage(format!(
            "{} starts no run on {}: {}",
            unknown.as_str(),
            what.issuer,
            known.join(", ")
        ))),
        None => Ok(()),
    }
}

/// Returns what the rule leaves open, for the person who signs it.
fn warnings(rule: &PublisherRule, provider: CiProvider) -> Vec<String> {
    let fields = rule.fields();
    let mut refs = fields.refs.iter().flatten();
    let takes_any_ref = fields.refs.is_none() || refs.any(|r| matches!(r.as_str(), "*" | "refs/*"));
    let open = (fields.environment.is_none() && takes_any_ref).then(|| {
        "without --environment and --ref, whoever can write to the repository can start a run that matches".to_owned()
    });
    let default = provider.default_triggers();
    let triggers = fields.triggers.iter().flatten();
    let risky = triggers.filter(|trigger| !default.contains(&trigger.as_str()));
    let risky = risky.map(|trigger| {
        format!(
            "runs that {} starts may work on what a stranger sent: trust them only if the workflow never runs it",
            trigger.as_str()
        )
    });
    open.into_iter().chain(risky).collect()
}

/// Makes the rule, with the numbers that the person gave or that the platform shows.
async fn rule(
    context: &Context,
    servers: &Servers,
    what: &NewPublisher,
) -> Result<PublisherRule, Failure> {
    let issuer = servers.issuer(what.issuer)?;
    let (repository_id, owner_id) = match what.repository_id.zip(what.owner_id) {
        Some(given) => given,
        None => numbers(context, servers, what.issuer, &what.repository).await?,
    };
    let mut fields = PublisherRuleFields::new(
        issuer.url,
        repository_id,
        owner_id,
        what.repository.clone(),
        what.workflow.clone(),
    );
    fields.binding = what.binding;
    fields.environment = what.environment.clone();
    fields.refs = some(&what.refs);
    fields.triggers = some(&what.triggers);
    fields.runner = what.runner;
    if let Some(named) = &what.reusable {
        fields.reusable = Some(reusable(context, servers, what, named, repository_id).await?);
    }
    PublisherRule::new(fields).map_err(|e| Failure::invalid(Invalid::BadPublisherRule, e))
}

fn some<T: Clone>(list: &[T]) -> Option<Vec<T>> {
    (!list.is_empty()).then(|| list.to_vec())
}

async fn reusable(
    context: &Context,
    servers: &Servers,
    what: &NewPublisher,
    named: &ReusableName,
    own: NumericId,
) -> Result<ReusableWorkflow, Failure> {
    let id = match what.reusable_id {
        Some(id) => id,
        None if named.repository.is_same_as(&what.repository) => own,
        None => {
            numbers(context, servers, what.issuer, &named.repository)
                .await?
                .0
        }
    };
    let reusable = ReusableWorkflow::new(id, named.repository.clone(), named.workflow.clone());
    Ok(reusable.pinned(named.pin.clone()))
}

/// Reads the numbers of a repository and its owner, and shows them.
async fn numbers(
    context: &Context,
    servers: &Servers,
    provider: CiProvider,
    name: &RepositoryName,
) -> Result<(NumericId, NumericId), Failure> {
    if provider != CiProvider::GitHubActions {
        let failure = Failure::usage(format!("the numbers of {name} are needed"));
        return Err(failure.remedy(
            "give --repository-id and --owner-id: GitLab shows the project's number on its page, and the namespace's in its API",
        ));
    }
    let github = servers.github();
    if servers.issuer(provider)?.is_public() != github.config().configured().is_none() {
        let failure = Failure::usage(format!(
            "the numbers of {name} cannot be read: the issuer and GitHub's API are not of one server"
        ));
        return Err(failure.remedy(
            "name both servers (--origin github-actions=URL --origin github-api=URL), or give --repository-id and --owner-id",
        ));
    }
    let found = waiting(&format!("reading {name}"), github.repository(name)).await?;
    let (repository, owner) = match found {
        NamedRepository::Found { repository, owner } => (repository, owner),
        NamedRepository::Moved => {
            let failure = Failure::usage(format!(
                "no repository is called {name} now: the one that was has been renamed or transferred"
            ));
            return Err(failure.remedy(
                "look up what it is called now and who owns it, and if you still mean it, name it so: its old page on GitHub leads there",
            ));
        }
        _ => {
            let failure = Failure::usage(format!("GitHub shows no repository {name}"));
            return Err(failure.remedy(
                "correct the name; for a private repository set AUTHS_GITHUB_TOKEN, or give --repository-id and --owner-id",
            ));
        }
    };
    context.output.note(&format!(
        "{} is number {}, and its owner {} is number {}",
        repository.name, repository.id, owner.name, owner.id
    ));
    Ok((repository.id, owner.id))
}

#[derive(Debug, Serialize)]
struct MatchAnswer<'a> {
    #[serde(flatten)]
    common: Common,
    identity: &'a CiIdentity,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<usize>,
    mismatches: Vec<ShownMismatch>,
    notes: Vec<String>,
    valid_until: Timestamp,
}

#[derive(Debug, Serialize)]
struct ShownMismatch {
    rule: usize,
    field: &'static str,
    expected: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    found: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<&'static str>,
}

async fn compare(context: &Context, what: &MatchRules) -> Result<Exit, Failure> {
    let now = context.now();
    guard::refuse_files(&what.revocations)?;
    let sources = Sources::new(&what.revocations, &context.home()?);
    let (mut rules, mut places, mut refused) = (Vec::new(), Vec::new(), Vec::new());
    for (place, file) in what.rules.iter().enumerate() {
        let rule = read_rule(file, &sources, now).await;
        match rule.map_err(|failure| failure.adding(&format!("the rule is in {file}"))) {
            Ok(rule) => {
                rules.push(rule);
                places.push(place);
            }
            // A rule that has ended keeps no other from matching.
            Err(failure) if failure.0.outcome == Word::Refuted => refused.push(failure),
            Err(failure) => return Err(failure),
        }
    }
    let token = ci::verified(context, &what.verify).await?;
    let found = find_matching_rule(&rules, token.identity());
    if let (Err(_), Some(first)) = (&found, refused.into_iter().next()) {
        return Err(first);
    }
    let document = MatchAnswer {
        common: match &found {
            Ok(_) => Common::positive(Word::Confirmed),
            Err(none) => none_matches(none),
        },
        identity: token.identity(),
        rule: found.as_ref().ok().map(|matched| places[matched.index]),
        mismatches: found
            .as_ref()
            .err()
            .map(|none| mismatches(none, &places))
            .unwrap_or_default(),
        notes: found.as_ref().map(notes).unwrap_or_default(),
        valid_until: token.times().expires,
    };
    let page = match_page(&document, &what.rules);
    Ok(context.output.answer(&document.common, &document, &page))
}

/// Reads a rule: that of a signed trusted publisher, which must hold, or a bare one.
async fn read_rule(
    file: &str,
    sources: &Sources,
    now: Timestamp,
) -> Result<PublisherRule, Failure> {
    let bytes = files::read_or_stdin(file, files::MAX_CLAIM)?;
    match parse_rule(file, &bytes)? {
        RuleDocument::Signed(claim) => {
            let expected = ProofExpectation::new(Audience::public());
            let verified = claim.verify(&expected, &KeyRing::intrinsic(), now)?;
            sources.check_unrevoked(&*claim, &[], now).await?;
            Ok(verified.get().publisher.clone())
        }
        RuleDocument::Bare(rule) => Ok(*rule),
    }
}

/// Reads a signed trusted publisher. Whether it holds is for the decision that it is given to.
pub(super) fn read_signed(file: &Path) -> Result<Signed<TrustedPublisher>, Failure> {
    let bytes = files::read(file, files::MAX_CLAIM)?;
    let name = file.display().to_string();
    match parse_rule(&name, &bytes)? {
        RuleDocument::Signed(claim) => Ok(*claim),
        RuleDocument::Bare(_) => {
            let failure = Failure::usage(format!("{name} is a bare rule, which nobody signed"));
            Err(failure.remedy("let an owner of the package sign it: `auths publisher new`"))
        }
    }
}

/// What the file of a rule holds.
enum RuleDocument {
    Signed(Box<Signed<TrustedPublisher>>),
    Bare(Box<PublisherRule>),
}

fn parse_rule(file: &str, bytes: &[u8]) -> Result<RuleDocument, Failure> {
    let document: Option<serde_json::Value> = serde_json::from_slice(bytes).ok();
    let has = |name| document.as_ref().is_some_and(|d| d.get(name).is_some());
    if has("claim") && has("outcome") {
        let failure = Failure::usage(format!(
            "{file} is the answer of a command, and the signed claim is its member `claim`"
        ));
        return Err(failure.remedy("give that member alone: jq .claim < ANSWER > RULE"));
    }
    if has("proof") {
        return match AnyClaim::parse(bytes)? {
            AnyClaim::TrustedPublisher(claim) => Ok(RuleDocument::Signed(claim)),
            _ => Err(Failure::usage(format!(
                "{file} is a signed claim, and no trusted publisher"
            ))),
        };
    }
    let rule = PublisherRule::parse(bytes);
    let rule = rule.map_err(|e| Failure::invalid(Invalid::BadPublisherRule, e))?;
    Ok(RuleDocument::Bare(Box::new(rule)))
}

fn none_matches(none: &NoRuleMatches) -> Common {
    Common::obstacle(&none.refuted().into())
}

fn mismatches(none: &NoRuleMatches, places: &[usize]) -> Vec<ShownMismatch> {
    let rules = places.iter().copied().zip(&none.mismatches);
    rules
        .flat_map(|(rule, mismatch)| {
            mismatch.fields.iter().map(move |differs| ShownMismatch {
                rule,
                field: differs.field.as_str(),
                expected: differs.raw_expected.clone(),
                found: differs.raw_found.clone(),
                hint: differs.hint(),
            })
        })
        .collect()
}

/// Returns what a reader of a match should know.
fn notes(matched: &MatchedRule) -> Vec<String> {
    let matched = &matched.matched;
    let drifts = matched.drifts.iter().map(|drift| {
        format!(
            "the rule says {}, which is called {} now; the number is the same",
            drift.rule, drift.now
        )
    });
    let foreign = matched.foreign_workflow.iter().map(|foreign| {
        let compared = match foreign.compared {
            RepositoryComparison::ByNumber => "its repository was compared by number",
            RepositoryComparison::ByName => {
                "its repository was compared by name, since the token shows no number"
            }
            _ => "its repository was not compared: the rule binds the caller alone",
        };
        let pinned = match foreign.is_pinned {
            true => "; the rule pins its commit",
            false => "; whoever can write to that repository can change what the job does",
        };
        let workflow = foreign.workflow.reference.as_str();
        format!("the job is in a reusable workflow, {workflow}: {compared}{pinned}")
    });
    drifts.chain(foreign).collect()
}

fn match_page(document: &MatchAnswer<'_>, files: &[String]) -> Page {
    let mut page = Page::new();
    match document.rule {
        Some(rule) => {
            page.outcome(Word::Confirmed, format!("The run matches {}", files[rule]));
        }
        None => {
            page.outcome(Word::Refuted, "The run matches no rule");
        }
    }
    ci::describe(&mut page, document.identity);
    for differs in &document.mismatches {
        let found = differs.found.as_deref().unwrap_or("nothing");
        page.field(
            &format!("{}: {}", files[differs.rule], differs.field),
            format!("expected {}, found {found}", differs.expected),
        );
        if let Some(hint) = differs.hint {
            page.field("what to do", hint);
        }
    }
    for note in &document.notes {
        page.line(note.as_str());
    }
    page
}
