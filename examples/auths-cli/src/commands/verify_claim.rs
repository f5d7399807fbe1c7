//! `auths id verify`: checks a signed claim by itself.

use auths_adapters_github::{GistId, GitHub};
use auths_core::claim::{
    AnyClaim, Audience, Claim, KeyRing, PlatformClaim, ProofExpectation, Signed,
};
use auths_core::decide::LinkReport;
use auths_core::evidence::{LinkedAccount, ObservedEvidence};
use auths_core::ports::ProofHint;
use auths_core::use_cases::{StoredLink, prove_account};
use auths_core::{Account, CapabilitySet, Did, Invalid, Origin, Policy, Timestamp};
use auths_http::{Request, SystemClock, TokioSleeper, Transport, TransportConfig};
use serde::Serialize;
use std::sync::Arc;

use super::Context;
use crate::answer::Common;
use crate::args::Verify;
use crate::evidence;
use crate::exit::{Exit, Word};
use crate::failure::{Failure, with_causes};
use crate::files;
use crate::guard;
use crate::home::Home;
use crate::page::Page;
use crate::progress::waiting;
use crate::revocations::{self, Sources};

#[derive(Debug, Serialize)]
struct VerifyAnswer {
    #[serde(flatten)]
    common: Common,
    claim_type: &'static str,
    did: Did,
    id: String,
    created: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires: Option<Timestamp>,
    audience: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<Account>,
    evidence: Vec<LinkReport>,
    proves: Proves,
    #[serde(skip_serializing_if = "Option::is_none")]
    falls_to: Option<CapabilitySet>,
    says: String,
}

/// The fact that a valid claim shows.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Proves {
    /// Nothing: the claim does not hold.
    Nothing,
    /// The DID's own statement, and no more.
    SignatureOnly,
    /// The account's agreement: a package that only the account can publish names the DID too.
    AccountStatement,
    /// The account's agreement: the account published the claim in a gist.
    GistProof,
    /// An act that the signature itself makes true: a delegation, a revocation, an observation.
    Act,
}

/// Checks signature, time, audience and revocations, and a statement when one is named.
pub(crate) async fn run(context: &Context, what: &Verify) -> Result<Exit, Failure> {
    let home = context.home()?;
    if let Some((github, gist)) = gist_of(context, &home, &what.source)? {
        let document = in_gist(context, what, &github, &gist).await?;
        let page = document.page();
        return Ok(context.output.answer(&document.common, &document, &page));
    }
    let bytes = read(context, &what.source).await?;
    guard::refuse_files(&what.revocations)?;
    let sources = Sources::new(&what.revocations, &home);
    let now = context.now();
    let public = ProofExpectation::new(Audience::public());
    let document = match AnyClaim::parse(&bytes)? {
        AnyClaim::Platform(claim) => platform(context, what, &claim, &sources, now).await?,
        AnyClaim::Namespace(claim) => {
            let audience = what.audience.clone();
            let audience = audience.unwrap_or_else(|| Audience::local(claim.did()));
            let body = claim.unverified();
            let says = format!("it speaks for {}: {}", body.namespace.short(), body.actions);
            let expected = ProofExpectation::new(audience);
            let (sources, proves) = (Some(&sources), Proves::SignatureOnly);
            check(&claim, &expected, sources, proves, says, now).await?
        }
        AnyClaim::Delegation(claim) => {
            let body = claim.unverified();
            let names: Vec<_> = body.namespaces.iter().map(|n| n.short()).collect();
            let says = format!("{} may {} for {}", body.to, body.actions, names.join(", "));
            check(&claim, &public, Some(&sources), Proves::Act, says, now).await?
        }
        AnyClaim::TrustedPublisher(claim) => {
            let body = claim.unverified();
            let names: Vec<_> = body.namespaces.iter().map(|n| n.short()).collect();
            let runs = format!("runs of {} may {}", body.publisher, body.actions);
            let says = format!("{runs} for {}", names.join(", "));
            check(&claim, &public, Some(&sources), Proves::Act, says, now).await?
        }
        AnyClaim::Revocation(claim) => {
            // A revocation holds for good, whatever happens to its signer.
            let says = revocations::says(claim.unverified());
            check(&claim, &public, None, Proves::Act, says, now).await?
        }
        AnyClaim::Observation(claim) => {
            let at = claim.unverified().evidence.observed_at();
            let says = format!("it saw the evidence at {at}");
            check(&claim, &public, Some(&sources), Proves::Act, says, now).await?
        }
        _ => {
            return Err(Failure::usage(
                "this version does not know that type of claim",
            ));
        }
    };
    let page = document.page();
    Ok(context.output.answer(&document.common, &document, &page))
}

/// Returns the gist that an address of GitHub names. Nothing else of the address is used.
fn gist_of(
    context: &Context,
    home: &Home,
    source: &str,
) -> Result<Option<(GitHub, GistId)>, Failure> {
    if !source.starts_with("https://") && !source.starts_with("http://") {
        return Ok(None);
    }
    let github = context.servers(home)?.github();
    let gist = github.config().gist_of(source).transpose();
    let gist = gist.map_err(|e| Failure::invalid(Invalid::BadName, e))?;
    Ok(gist.map(|gist| (github, gist)))
}

/// Checks a claim in a gist: the claim itself, and that its account published it.
async fn in_gist(
    context: &Context,
    what: &Verify,
    github: &GitHub,
    gist: &GistId,
) -> Result<VerifyAnswer, Failure> {
    guard::refuse_files(&what.revocations)?;
    let sources = Sources::new(&what.revocations, &context.home()?);
    let now = context.now();
    let page_of = github.config().gist_page_of(&what.source);
    let reading = github.read_page(gist, page_of.as_ref(), now);
    let proof = waiting("reading the gist", reading).await?;
    let mut document = signed(&proof.claim, &sources, now).await?;
    if document.common.outcome != Word::Confirmed {
        return Ok(document);
    }
    document.account = Some(proof.evidence.account.clone());
    let linked = LinkedAccount::new(proof.claim, vec![ObservedEvidence::live(proof.evidence)]);
    let support = evidence::support(&linked, &Policy::standard(), now);
    match support.proof().and_then(evidence::standing) {
        Some(obstacle) => document.common = obstacle,
        None => document.proves = Proves::GistProof,
    }
    document.falls_to = support.falls_to;
    document.evidence = support.links;
    Ok(document)
}

/// Checks a platform claim by itself.
async fn signed(
    claim: &Signed<PlatformClaim>,
    sources: &Sources,
    now: Timestamp,
) -> Result<VerifyAnswer, Failure> {
    let body = claim.unverified();
    let says = format!("it holds {}", body.account);
    let expected = ProofExpectation::new(Audience::public());
    let (sources, proves) = (Some(sources), Proves::SignatureOnly);
    let mut document = check(claim, &expected, sources, proves, says, now).await?;
    document.account = Some(body.account.clone());
    Ok(document)
}

async fn platform(
    context: &Context,
    what: &Verify,
    claim: &Signed<PlatformClaim>,
    sources: &Sources,
    now: Timestamp,
) -> Result<VerifyAnswer, Failure> {
    let mut document = signed(claim, sources, now).await?;
    if document.common.outcome != Word::Confirmed {
        return Ok(document);
    }
    let policy = Policy::standard();
    let stored = |hint| StoredLink::new(claim.clone(), hint);
    let linked = match &what.statement {
        None => prove_account(&stored(None), None, now, policy.maturity()).await,
        Some(package) => {
            let servers = context.servers(&context.home()?)?;
            let registry = servers.stating(claim.unverified().account.platform())?;
            let hint = ProofHint::Statement(registry.package(package)?);
            let prover = registry.prover();
            let stored = stored(Some(hint));
            let reading = prove_account(&stored, Some(&*prover), now, policy.maturity());
            waiting("reading the account statement", reading).await
        }
    };
    let support = evidence::support(&linked, &policy, now);
    match evidence::obstacle(&support, now) {
        Some(obstacle) => document.common = obstacle,
        None if support.statement().is_some() => document.proves = Proves::AccountStatement,
        None => {}
    }
    document.falls_to = support.falls_to;
    document.evidence = support.links;
    Ok(document)
}

/// Checks the claim itself: signature, time, audience, revocations.
async fn check<C: Claim>(
    claim: &Signed<C>,
    expected: &ProofExpectation,
    sources: Option<&Sources>,
    proves: Proves,
    says: String,
    now: Timestamp,
) -> Result<VerifyAnswer, Failure> {
    let mut document = VerifyAnswer {
        common: Common::positive(Word::Confirmed),
        claim_type: C::TYPE,
        did: claim.did().clone(),
        id: claim.id().to_string(),
        created: claim.created(),
        expires: claim.expires(),
        audience: claim.audience().to_string(),
        account: None,
        evidence: Vec::new(),
        proves,
        falls_to: None,
        says,
    };
    match claim.verify(expected, &KeyRing::intrinsic(), now) {
        Ok(verified) => document.falls_to = Some(verified.falls_to()),
        Err(error) => {
            document.common = Failure::from(error).0;
            document.proves = Proves::Nothing;
            return Ok(document);
        }
    }
    if let Some(sources) = sources
        && let Err(obstacle) = sources.check_unrevoked(claim, &[], now).await
    {
        document.common = Common::obstacle(&obstacle);
        document.proves = Proves::Nothing;
        document.falls_to = None;
    }
    Ok(document)
}

/// Reads a file, standard input, or an address.
async fn read(context: &Context, source: &str) -> Result<Vec<u8>, Failure> {
    if !source.starts_with("https://") && !source.starts_with("http://") {
        return files::read_or_stdin(source, files::MAX_CLAIM);
    }
    let bad = |e: &dyn std::error::Error| Failure::invalid(Invalid::BadName, with_causes(e));
    let address = url::Url::parse(source).map_err(|e| bad(&e))?;
    if address.query().is_some() || address.fragment().is_some() {
        return Err(Failure::usage(
            "an address of a claim has no query and no fragment",
        ));
    }
    if !address.username().is_empty() || address.password().is_some() {
        return Err(Failure::usage("an address of a claim has no user name"));
    }
    let origin = address.origin().ascii_serialization();
    let origin: Origin = origin
        .parse()
        .map_err(|e: auths_core::OriginError| bad(&e))?;
    let segments: Vec<String> = address
        .path_segments()
        .into_iter()
        .flatten()
        .map(percent_decode)
        .collect::<Option<_>>()
        .ok_or_else(|| Failure::usage("the address is not UTF-8"))?;
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    let request = Request::get(&origin, &segments).map_err(|e| bad(&e))?;
    let config = TransportConfig::default()
        .with_product("auths-cli", env!("CARGO_PKG_VERSION"))
        .with_deadline(context.global.time());
    let store = Arc::new(auths_core::ports::MemoryStore::new());
    let transport = Transport::new(config, Arc::new(SystemClock), Arc::new(TokioSleeper), store)
        .map_err(|e| Failure::invalid(Invalid::BadConfiguration, with_causes(&e)))?;
    context
        .output
        .note(&format!("reading the claim from {origin}"));
    let request = request.max_bytes(files::MAX_CLAIM);
    let response = waiting("reading the claim", transport.send(request)).await?;
    if response.status() != 200 {
        let detail = format!("{origin} answered with status {}", response.status());
        return Err(auths_core::Unavailable::new(
            auths_core::UnavailableReason::UnexpectedStatus,
            detail,
        )
        .into());
    }
    Ok(response.body().to_vec())
}

fn percent_decode(segment: &str) -> Option<String> {
    Some(
        percent_encoding::percent_decode_str(segment)
            .decode_utf8()
            .ok()?
            .into_owned(),
    )
}

impl VerifyAnswer {
    fn page(&self) -> Page {
        let mut page = Page::new();
        match &self.common.message {
            None => page.outcome(
                self.common.outcome,
                format!("{} says: {}", self.did, self.says),
            ),
            Some(message) => page.outcome(
                self.common.outcome,
                format!("{message} ({})", self.common.code.unwrap_or_default()),
            ),
        };
        let proves = match self.proves {
            Proves::Nothing => "nothing",
            Proves::SignatureOnly => "signature-only: that the key said so, not that it is true",
            Proves::AccountStatement => {
                "the account says so too, in a package that it alone can publish"
            }
            Proves::GistProof => "the account published it, in a gist of its own",
            Proves::Act => "the key said so, which makes it so as far as the key may",
        };
        page.field("type", self.claim_type).field("proves", proves);
        if let Some(falls_to) = &self.falls_to {
            page.field("falls to", falls_to.to_string());
        }
        if let Some(expires) = self.expires {
            page.field("expires", expires.to_string());
        }
        if let Some(remedy) = &self.common.remedy {
            page.field("what to do", remedy);
        }
        evidence::show(&mut page, &self.evidence);
        page
    }
}
