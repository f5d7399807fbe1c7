//! `auths delegate` and `auths revoke`.

use auths_core::claim::{
    AnyClaim, Claim, ClaimId, Delegation, KeyRing, Revocation, RevocationTarget, Signed,
};
use auths_core::ports::{KeyInfo, RevocationMemory as _};
use auths_core::{Did, Invalid, use_cases};
use serde::Serialize;

use super::Context;
use crate::answer::Common;
use crate::args::{Delegate, Revoke};
use crate::exit::{Exit, Word};
use crate::failure::Failure;
use crate::files;
use crate::home::Home;
use crate::page::Page;
use crate::revocations::{self, Sources};

#[derive(Debug, Serialize)]
struct SignedAnswer<C: Claim> {
    #[serde(flatten)]
    common: Common,
    claim: Signed<C>,
    #[serde(skip_serializing_if = "Option::is_none")]
    warning: Option<String>,
}

/// Signs a delegation.
pub(crate) async fn delegate(context: &Context, what: Delegate) -> Result<Exit, Failure> {
    let home = context.home()?;
    let now = context.now();
    let ends = what.expires.from(now)?;
    if ends <= now {
        return Err(Failure::invalid(
            Invalid::BadTime,
            format!("the delegation would end at {ends}, and it is {now}"),
        )
        .remedy("name a time to come: --expires +7d"));
    }
    let namespaces = context.place(what.namespaces)?;
    let mut delegation = Delegation::new(what.to, namespaces, what.actions);
    if what.further {
        delegation = delegation.with_further();
    }
    let (signer, recovery) = context.signer(&home, &what.key).await?;
    let signed = use_cases::delegate(&*signer, delegation, ends.since(now), now).await?;
    let sources = Sources::new(&[], &home);
    context
        .warn_if_revoked(&signed, recovery.as_ref(), &sources)
        .await;
    let body = signed.unverified();
    let names: Vec<_> = body.namespaces.iter().map(|n| n.short()).collect();
    let says = format!(
        "{} may {} for {} until {ends}",
        body.to,
        body.actions,
        names.join(", ")
    );
    Ok(print(context, signed, &says, None))
}

/// Signs a revocation, and stores it.
pub(crate) async fn revoke(context: &Context, what: &Revoke) -> Result<Exit, Failure> {
    let home = context.home()?;
    let target = target(&what.what, &home)?;
    let now = context.now();
    let since = what.since.map(|since| since.from(now)).transpose()?;
    if since.is_some() && !matches!(target.revoked, RevocationTarget::Did(_)) {
        return Err(Failure::usage(
            "a claim is revoked for good: --since is for a DID",
        ));
    }
    let (signer, _) = context.signer(&home, &what.key).await?;
    let warning = without_effect(context, &home, &target, signer.method().did()).await;
    let mut revocation = Revocation::new(target.revoked);
    if let Some(since) = since {
        revocation = revocation.starting(since);
    }
    let says = revocations::says(&revocation);
    let signed = use_cases::revoke(&*signer, revocation, now).await?;
    let path = home.keep_revocation(&signed)?;
    context.output.note(&format!(
        "kept in {}; publish it where verifiers look",
        path.display()
    ));
    if let Some(warning) = &warning {
        context.output.warn(warning);
    }
    Ok(print(context, signed, &says, warning))
}

/// The subject of a revocation, and those who may revoke it, as far as known here.
struct Target {
    revoked: RevocationTarget,
    /// The DID that the subject belongs to: the claim's signer, or the DID itself.
    owner: Option<Did>,
    /// The recovery DID that the claim names.
    recovery: Option<Did>,
}

/// Reads the subject: a DID, a claim id, or the file of a claim.
fn target(what: &str, home: &Home) -> Result<Target, Failure> {
    if what.starts_with("did:") {
        let did: Did = what
            .parse()
            .map_err(|e| Failure::invalid(Invalid::BadName, e))?;
        return Ok(Target {
            revoked: RevocationTarget::Did(did.clone()),
            owner: Some(did),
            recovery: None,
        });
    }
    if what.starts_with("sha256:") {
        let id: ClaimId = what.parse()?;
        let kept = home.claims().unwrap_or_default();
        let known = kept.iter().find(|kept| *kept.claim.id() == id);
        return Ok(Target {
            revoked: RevocationTarget::Claim(id),
            owner: known.map(|kept| kept.claim.did().clone()),
            recovery: None,
        });
    }
    let bytes = files::read_or_stdin(what, files::MAX_CLAIM)?;
    match AnyClaim::parse(&bytes)? {
        AnyClaim::Platform(claim) => of_claim(&claim, claim.unverified().recovery.as_ref()),
        AnyClaim::Namespace(claim) => of_claim(&claim, None),
        AnyClaim::Delegation(claim) => of_claim(&claim, None),
        AnyClaim::TrustedPublisher(claim) => of_claim(&claim, None),
        AnyClaim::Observation(claim) => of_claim(&claim, None),
        AnyClaim::Revocation(_) => Err(Failure::usage("a revocation cannot be taken back")),
        _ => Err(Failure::usage(
            "this version does not know that type of claim",
        )),
    }
}

/// Returns the target for a claim with a valid signature. The id of a changed claim is the id of nothing that anybody could
/// present.
fn of_claim<C: Claim>(claim: &Signed<C>, recovery: Option<&Did>) -> Result<Target, Failure> {
    claim.check_signature(&KeyRing::intrinsic())?;
    Ok(Target {
        revoked: RevocationTarget::Claim(claim.id().clone()),
        owner: Some(claim.did().clone()),
        recovery: recovery.cloned(),
    })
}

/// Returns why the revocation may have no effect: nothing that is known here gives `own` the right to it.
///
/// A document in another place may give that right, so this is a warning, and no refusal.
async fn without_effect(
    context: &Context,
    home: &Home,
    target: &Target,
    own: &Did,
) -> Option<String> {
    let Some(owner) = &target.owner else {
        return Some(format!(
            "whose claim that is cannot be seen here: the revocation counts only if {own} signed it, or may revoke for its \
            signer. Name the claim's file to have it checked"
        ));
    };
    if owner == own || target.recovery.as_ref() == Some(own) {
        return None;
    }
    let kept = home.claims().unwrap_or_default();
    let by_claim = kept.iter().any(|kept| {
        kept.claim.did() == owner && kept.claim.unverified().recovery.as_ref() == Some(own)
    });
    let by_key = || async {
        let keys = context
            .keys(home)
            .ok()?
            .readable(context.output)
            .await
            .ok()?;
        let names_own = |key: &KeyInfo| key.did == *owner && key.recovery.as_ref() == Some(own);
        Some(keys.iter().any(names_own))
    };
    let remembered = home.memory().recovery_dids(owner).await;
    let by_memory = remembered.is_ok_and(|named| named.contains(own));
    if by_claim || by_memory || by_key().await == Some(true) {
        return None;
    }
    Some(format!(
        "nothing here shows that {own} may revoke for {owner}: the revocation counts only if a platform claim of that DID names \
        this one for recovery, or this one delegated to it"
    ))
}

/// Prints a signed claim.
pub(super) fn print<C: Claim>(
    context: &Context,
    claim: Signed<C>,
    says: &str,
    warning: Option<String>,
) -> Exit {
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
        warning,
    };
    context.output.answer(&document.common, &document, &page)
}
