//! `auths grant check`: verifies a grant, and whether it permits what is asked.

use auths_core::Timestamp;
use auths_core::grant::{Grant, GrantVerifier, MAX_GRANT_BYTES};
use serde::Serialize;

use super::{Context, publish};
use crate::answer::Common;
use crate::args::{CheckGrant, Grants};
use crate::exit::{Exit, Word};
use crate::failure::Failure;
use crate::page::Page;
use crate::secret::Source;

/// Runs a command of `auths grant`.
pub(crate) async fn run(context: &Context, what: &Grants) -> Result<Exit, Failure> {
    match what {
        Grants::Check(what) => check(context, what).await,
    }
}

#[derive(Debug, Serialize)]
struct GrantAnswer<'a> {
    #[serde(flatten)]
    common: Common,
    grant: &'a Grant,
    valid_until: Timestamp,
}

async fn check(context: &Context, what: &CheckGrant) -> Result<Exit, Failure> {
    let (home, now) = (context.home()?, context.now());
    let denied = publish::read_deny_list(context, what.deny.as_deref())?;
    let (issuer, audience) = (what.grant_issuer.clone(), what.grant_audience.clone());
    let signers = what.key.iter().cloned();
    let verifier = GrantVerifier::new(issuer, audience, signers, home.pins()?, denied);
    let source = Source {
        what: "the grant",
        fd: None,
        file: what.grant_file.as_deref(),
    };
    // More than a grant may have, so that the verifier says that it is too large.
    let token = source.read(4 * MAX_GRANT_BYTES, context.output)?;
    let mut page = Page::new();
    let grant = match what.namespace.clone().zip(what.action) {
        Some((namespace, action)) => {
            for namespace in context.place([namespace])? {
                verifier.authorize(&token, &namespace, action, now).await?;
                let says = format!("The grant lets its holder {action} {}", namespace.short());
                page.outcome(Word::Confirmed, says);
            }
            verifier.verify(&token, now)?
        }
        None => {
            let says = "The grant holds. Whether it covers an action is asked with --namespace and --action";
            page.outcome(Word::Confirmed, says);
            verifier.verify(&token, now)?
        }
    };
    describe(&mut page, &grant);
    let document = GrantAnswer {
        common: Common::positive(Word::Confirmed),
        valid_until: grant.expires(),
        grant: &grant,
    };
    Ok(context.output.answer(&document.common, &document, &page))
}

fn describe(page: &mut Page, grant: &Grant) {
    let names: Vec<_> = grant.purls().iter().map(|name| name.short()).collect();
    page.field("issuer", grant.issuer().to_string())
        .field("audience", grant.audience().as_str())
        .field("holder", grant.subject().to_string())
        .field("actions", grant.actions().to_string())
        .field("packages", names.join(", "))
        .field("falls to", grant.falls_to().to_string())
        .field("valid until", grant.expires().to_string());
}
