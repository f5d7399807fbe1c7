//! `auths namespace claim`: reads the registry, signs, decides, and bundles all of it.

use std::path::Path;

use auths_core::Outcome;
use auths_core::claim::{AnyClaim, Delegation, Signed};
use auths_core::use_cases::{
    ClaimNamespace, ClaimRequest, ClaimResult, ClaimsContext, StoredLink, sign_account_claim,
};

use super::{Context, decision};
use crate::args::Claim;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::files;
use crate::guard;
use crate::home::Home;
use crate::policy;
use crate::progress::waiting;
use crate::revocations::Sources;
use auths_keystore::KeptLink;

/// Claims to speak for a package.
pub(crate) async fn run(context: &Context, what: Claim) -> Result<Exit, Failure> {
    let home = context.home()?;
    let servers = context.servers(&home)?;
    let (registry, namespace) = servers.registry(&what.namespace)?;
    let mut accounts = Vec::with_capacity(what.account.len());
    for account in &what.account {
        let placing = servers.place_account(account);
        accounts.push(waiting("asking for an account's id", placing).await?);
    }
    let delegations = what.delegation.iter().map(|file| delegation(file));
    let delegations = delegations.collect::<Result<Vec<_>, _>>()?;
    let mut links = what
        .linked
        .iter()
        .map(|file| linked(file))
        .collect::<Result<Vec<_>, _>>()?;
    // Bad arguments are reported before the passphrase is asked for.
    policy::read(&what.deciding.on.policy)?;

    let key = context.opened(&home, &what.key).await?;
    let now = context.now();
    let policy = policy::trusting(
        &what.deciding.on.policy,
        std::slice::from_ref(&key),
        &what.deciding.trust_observer,
    )?;
    let (signer, recovery) = (key.signer, key.info.recovery);
    let did = signer.method().did().clone();
    let mut observations = Vec::new();
    for kept in home.claims()? {
        let is_alive = !kept.is_expired(now);
        if *kept.claim.did() == did && is_alive {
            links.push(kept.link());
            observations.extend(kept.observations);
        }
    }
    for account in accounts {
        let claim = sign_account_claim(&*signer, account, recovery.clone(), now).await?;
        links.push(StoredLink::new(claim, None));
    }

    let mut request = ClaimRequest::new(namespace.clone(), now);
    request.actions = what.actions;
    request.audience = what.audience;
    request.challenge = what.challenge;
    request.delegations = delegations;
    request.observations = observations;
    request.limits = what.deciding.on.limits(context.global.time());
    let claims = ClaimsContext::new(links, servers.provers());
    guard::refuse_files(&what.deciding.on.revocations)?;
    let sources = Sources::new(&what.deciding.on.revocations, &home);
    let verifier = registry.verifier();
    let workflow = ClaimNamespace {
        signer: &*signer,
        verifier: &*verifier,
        context: &claims,
        revocations: &sources.ports(),
        memory: sources.memory(),
        resolver: None,
    };
    let asking = format!("asking about {}", namespace.short());
    let claimed = waiting(&asking, workflow.run(request, &policy)).await?;
    for omitted in &claimed.omitted {
        context
            .output
            .warn(&format!("the bundle lacks {}", auths_core::escape(omitted)));
    }
    let signed = &claimed.bundle.claim;
    context
        .warn_if_revoked(signed, recovery.as_ref(), &sources)
        .await;
    let bundle = keep(&claimed, what.out.as_deref(), &home)?;
    decision::answer(context, &claimed.decision, bundle)
}

/// Writes the bundle to the requested path when the answer is or will be a yes. Without a path, stores an accepted bundle in the
/// home.
fn keep(claimed: &ClaimResult, out: Option<&Path>, home: &Home) -> Result<Option<String>, Failure> {
    let outcome = claimed.decision.outcome();
    let text = claimed.bundle.to_json();
    match out {
        Some(path) if matches!(outcome, Outcome::Accepted | Outcome::Pending) => {
            files::write(path, format!("{text}\n").as_bytes())?;
            Ok(Some(path.display().to_string()))
        }
        None if outcome == Outcome::Accepted => {
            let path = home.keep_bundle(&claimed.bundle.claim.id().to_string(), &text)?;
            Ok(Some(path.display().to_string()))
        }
        _ => Ok(None),
    }
}

fn delegation(file: &Path) -> Result<Signed<Delegation>, Failure> {
    Ok(Signed::parse(&files::read(file, files::MAX_CLAIM)?)?)
}

/// Reads a delegator's platform claim: the document alone, or with its statement as a home stores it.
fn linked(file: &Path) -> Result<StoredLink, Failure> {
    let bytes = files::read(file, 2 * files::MAX_CLAIM)?;
    if let Ok(AnyClaim::Platform(claim)) = AnyClaim::parse(&bytes) {
        return Ok(StoredLink::new(claim, None));
    }
    let kept = KeptLink::parse(&bytes).map_err(|e| {
        Failure::invalid(
            auths_core::Invalid::BadClaim,
            format!("{} is no platform claim: {e}", file.display()),
        )
    })?;
    Ok(kept.link())
}
