//! `auths id claim pypi` and `npm`: signs that this DID holds an account, and reads its statement.

use auths_adapters_npm::statement as npm;
use auths_adapters_pypi::statement as pypi;
use auths_core::claim::{PlatformClaim, Signed};
use auths_core::decide::LinkReport;
use auths_core::use_cases::{LinkByStatement, prove_account};
use auths_core::{Account, CapabilitySet, Did, Namespace, Platform, Policy, Timestamp};
use serde::Serialize;
use serde_json::Value;

use super::Context;
use crate::answer::Common;
use crate::args::LoginClaim;
use crate::evidence;
use crate::exit::{Exit, Word};
use crate::failure::Failure;
use crate::page::Page;
use crate::progress::waiting;

#[derive(Debug, Serialize)]
struct ClaimAnswer {
    #[serde(flatten)]
    common: Common,
    claim: Signed<PlatformClaim>,
    account: Account,
    evidence: Vec<LinkReport>,
    #[serde(skip_serializing_if = "Option::is_none")]
    falls_to: Option<CapabilitySet>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ripe_at: Option<Timestamp>,
    statement: Statement,
}

/// The text that every release must carry to say that the DID speaks for the account.
#[derive(Debug, Serialize)]
struct Statement {
    package: Namespace,
    label: &'static str,
    /// The project URL, on PyPI.
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    /// The value of the field, on npm.
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<Value>,
}

/// Signs and stores the claim, and reads the statement when one is named.
pub(crate) async fn run(
    context: &Context,
    what: &LoginClaim,
    platform: Platform,
) -> Result<Exit, Failure> {
    let home = context.home()?;
    let registry = context.servers(&home)?.stating(&platform)?;
    let account = registry.account(&what.login)?;
    let named = what.statement.as_deref().map(|p| registry.package(p));
    let named = named.transpose()?;
    let (signer, recovery) = context.signer(&home, &what.key).await?;
    let (now, links, memory) = (context.now(), home.links(), home.memory());
    let mut linking = LinkByStatement::new(&links, &memory);
    if let Some(package) = named {
        linking = linking.with_package(package);
    }
    let kept = linking
        .run(&*signer, account.clone(), recovery, now)
        .await?;
    let path = links.path_of(&kept);
    context
        .output
        .note(&format!("the claim is kept in {}", path.display()));

    let policy = Policy::standard();
    let prover = registry.prover();
    let linked = waiting(
        "reading the account statement",
        prove_account(&kept.link(), Some(&*prover), now, policy.maturity()),
    )
    .await;
    let support = evidence::support(&linked, &policy, now);
    let named = kept.statement.as_ref().filter(|_| !support.is_of_others());
    let package = match named {
        Some(package) => package.clone(),
        None => registry.package(&Statement::usual(&account))?,
    };
    let document = ClaimAnswer {
        common: evidence::obstacle(&support, now).unwrap_or(Common::positive(Word::Done)),
        account: linked.account().clone(),
        ripe_at: support.ripe_at(now),
        evidence: support.links,
        falls_to: support.falls_to,
        statement: Statement::new(kept.claim.did(), package, &account),
        claim: kept.claim,
    };
    let page = document.page(kept.statement.is_some());
    Ok(context.output.answer(&document.common, &document, &page))
}

impl Statement {
    /// Creates the statement in `package` that `did` speaks for `account`.
    fn new(did: &Did, package: Namespace, account: &Account) -> Self {
        let at_npm = *package.ecosystem() == auths_core::Ecosystem::NPM;
        let (url, value) = match at_npm {
            true => (None, Some(npm::render_for_account(did, &package, account))),
            false => (Some(pypi::render_for_account(did, &package, account)), None),
        };
        Self {
            label: if at_npm { npm::FIELD } else { pypi::LABEL },
            url,
            value,
            package,
        }
    }

    /// Returns the usual name of such a package.
    fn usual(account: &Account) -> String {
        match *account.platform() == Platform::NPM {
            true => format!("@{}/auths", account.login()),
            false => format!("{}-auths", account.login()),
        }
    }

    /// Returns the place where a publisher puts it, and the lines.
    fn lines(&self) -> (&'static str, Vec<String>) {
        match (&self.url, &self.value) {
            (Some(url), _) => (
                "pyproject.toml",
                vec![
                    "[project.urls]".to_owned(),
                    format!("{} = \"{url}\"", self.label),
                ],
            ),
            (None, value) => {
                let value = value.clone().unwrap_or_default();
                ("package.json", vec![format!("\"{}\": {value}", self.label)])
            }
        }
    }
}

impl ClaimAnswer {
    fn page(&self, reads_statement: bool) -> Page {
        let mut page = Page::new();
        let says = match &self.common.message {
            None => format!("{} says that it holds {}", self.claim.did(), self.account),
            Some(message) => format!("signed, but the account statement: {message}"),
        };
        page.outcome(self.common.outcome, says);
        if let Some(remedy) = &self.common.remedy {
            page.field("what to do", remedy);
        }
        if let Some(falls_to) = &self.falls_to {
            page.field("falls to", falls_to.to_string());
        }
        if let Some(expires) = self.claim.expires() {
            page.field("expires", expires.to_string());
        }
        evidence::show(&mut page, &self.evidence);
        if self.common.outcome != Word::Done || !reads_statement {
            let (package, (file, lines)) = (self.statement.package.short(), self.statement.lines());
            let whose = match *self.account.platform() == Platform::NPM {
                true => "in this account's own scope, with no other maintainer",
                false => "that only this account owns",
            };
            page.gap()
                .line(format!(
                    "To make the link worth more, make a package for it {whose}, such as {package}, publish it by hand and not \
                     from CI, and let every release, from the first on, carry this in its {file}:"
                ))
                .gap();
            for line in lines {
                page.line(format!("  {line}"));
            }
            page.gap().line(format!(
                "and then: auths id claim {} {} --statement {}",
                self.account.platform(),
                self.account.login(),
                self.statement.package.name()
            ));
        }
        page
    }
}
