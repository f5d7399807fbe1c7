//! `auths namespace verify`: checks a bundle and decides again.

use auths_core::claim::{Audience, ProofExpectation, Signed};
use auths_core::use_cases::{RevocableParts, VerifyOptions, verify_live, verify_offline};
use auths_core::{Bundle, Invalid};

use super::{Context, decision};
use crate::args::VerifyBundle;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::progress::waiting;
use crate::revocations::Sources;
use crate::{files, guard, keys, policy};

/// Decides about a bundle.
pub(crate) async fn run(context: &Context, what: VerifyBundle) -> Result<Exit, Failure> {
    let home = context.home()?;
    let bytes = files::read_or_stdin(&what.file, files::MAX_BUNDLE)?;
    let bundle = Bundle::parse(&bytes).map_err(|e| Failure::invalid(Invalid::BadBundle, e))?;
    let now = context.now();
    let at = what.at.map_or(Ok(now), |when| when.from(now))?;

    let limits = what.deciding.on.limits(context.global.time());
    let trusted = what.deciding.trust_observer;
    let others = policy::trusting(&what.deciding.on.policy, &[], &trusted)?;
    // Evidence that is read again needs no observer.
    let observed = bundle.observations.iter().map(Signed::did);
    let observed = observed.filter(|did| !what.live && !others.trusts(did));
    let own = keys::observers(&context.keys(&home)?, observed, context.output).await?;
    let policy = policy::trusting(&what.deciding.on.policy, &own, &trusted)?;
    let did = bundle.claim.did().clone();
    let audience = what.audience.unwrap_or_else(|| Audience::local(&did));
    let mut expected = ProofExpectation::new(audience);
    if let Some(challenge) = what.challenge {
        expected = expected.with_challenge(challenge);
    }
    guard::refuse_files(&what.deciding.on.revocations)?;
    let sources = Sources::new(&what.deciding.on.revocations, &home);
    let revocable = RevocableParts::bundle(&bundle, &policy);
    let known = sources.collect_revocations(&revocable, at).await;
    let mut terms = VerifyOptions::new(expected, &policy, at).with_revocations(known);
    terms.limits = limits;

    let decided = if what.live {
        let servers = context.servers(&home)?;
        let namespace = &bundle.claim.unverified().namespace;
        let (registry, placed) = servers.registry(namespace)?;
        if placed != *namespace {
            return Err(Failure::usage(format!(
                "the bundle is about {}, and another server is configured",
                namespace.short()
            ))
            .remedy("ask without --origin, or make a bundle about that server"));
        }
        let asking = format!("asking about {}", namespace.short());
        let verifier = registry.verifier();
        let live = verify_live(&bundle, terms, &*verifier, servers.provers());
        waiting(&asking, live).await
    } else {
        verify_offline(bundle, terms)?
    };
    decision::answer(context, &decided, None)
}
