//! `auths delegate` and `auths revoke`.

use std::path::Path;

use auths_adapters_pypi::PyPiConfig;
use auths_core::claim::{AnyClaim, Claim, ClaimId, Delegation, Revoked, Signed};
use auths_core::{Did, Ecosystem, Invalid, workflow};
use serde::Serialize;

use super::Context;
use crate::answer::Common;
use crate::args::{Delegate, Revoke};
use crate::exit::{Exit, Word};
use crate::failure::Failure;
use crate::files;
use crate::page::Page;
use crate::registry;

#[derive(Debug, Serialize)]
struct SignedAnswer<C: Claim> {
    #[serde(flatten)]
    common: Common,
    claim: Signed<C>,
}

/// Signs a delegation.
pub(crate) async fn delegate(context: &Context, what: Delegate) -> Result<Exit, Failure> {
    let home = context.home()?;
    let now = context.now();
    let ends = what.expires.from(now);
    if ends <= now {
        return Err(Failure::invalid(
            Invalid::BadTime,
            format!("the delegation would end at {ends}, and it is {now}"),
        )
        .remedy("name a time to come: --expires +7d"));
    }
    let origins = context.origins()?;
    let pypi = origins.get("pypi").cloned().map(PyPiConfig::at);
    let server = pypi.as_ref().and_then(PyPiConfig::configured);
    let namespaces = what.namespaces.into_iter().map(|namespace| {
        let is_elsewhere =
            namespace.repository().is_some() || *namespace.ecosystem() != Ecosystem::PYPI;
        if is_elsewhere {
            registry::short(&namespace)
        } else {
            namespace.at(server.cloned())
        }
    });
    let mut delegation = Delegation::new(what.to, namespaces, what.actions);
    if what.further {
        delegation = delegation.with_further();
    }
    let (signer, _) = context.signer(&home, &what.key).await?;
    let signed = workflow::delegate(&*signer, delegation, ends.since(now), now).await?;
    let body = signed.unverified();
    let names: Vec<_> = body.namespaces.iter().map(|n| n.short()).collect();
    let says = format!(
        "{} may {} for {} until {ends}",
        body.to,
        body.actions,
        names.join(", ")
    );
    Ok(print(context, signed, &says))
}

/// Signs a revocation, and keeps it.
pub(crate) async fn revoke(context: &Context, what: &Revoke) -> Result<Exit, Failure> {
    let home = context.home()?;
    let revoked = revoked(&what.what)?;
    let (signer, _) = context.signer(&home, &what.key).await?;
    let says = match &revoked {
        Revoked::Claim(id) => format!("the claim {id} holds no longer"),
        Revoked::Did(did) => format!("{did} and all its claims hold no longer"),
        _ => "it holds no longer".to_owned(),
    };
    let signed = workflow::revoke(&*signer, revoked, context.now()).await?;
    let path = home.keep_revocation(&signed)?;
    context.output.note(&format!(
        "kept in {}; publish it where verifiers look",
        path.display()
    ));
    Ok(print(context, signed, &says))
}

/// A DID, a claim id, or the file of a claim.
fn revoked(what: &str) -> Result<Revoked, Failure> {
    if what.starts_with("did:") {
        let did: Did = what
            .parse()
            .map_err(|e| Failure::invalid(Invalid::BadName, e))?;
        return Ok(Revoked::Did(did));
    }
    if what.starts_with("sha256:") {
        let id: ClaimId = what.parse()?;
        return Ok(Revoked::Claim(id));
    }
    let bytes = files::read(Path::new(what), files::MAX_CLAIM)?;
    Ok(Revoked::Claim(match AnyClaim::parse(&bytes)? {
        AnyClaim::Platform(claim) => claim.id().clone(),
        AnyClaim::Namespace(claim) => claim.id().clone(),
        AnyClaim::Delegation(claim) => claim.id().clone(),
        AnyClaim::Observation(claim) => claim.id().clone(),
        AnyClaim::Revocation(_) => {
            return Err(Failure::usage("a revocation cannot be taken back"));
        }
        _ => {
            return Err(Failure::usage(
                "this version does not know that type of claim",
            ));
        }
    }))
}

fn print<C: Claim>(context: &Context, claim: Signed<C>, says: &str) -> Exit {
    let mut page = Page::new();
    page.outcome(Word::Done, says)
        .field("signed by", claim.did().to_string())
        .field("claim", claim.id().to_string());
    for line in claim.to_json().lines() {
        page.line(line);
    }
    let document = SignedAnswer {
        common: Common::positive(Word::Done),
        claim,
    };
    context.output.answer(&document.common, &document, &page)
}
