//! What a decision about a publish is made with: the documents that were given, who asks, the verifier, and the gate.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use auths_core::claim::{Action, Actions, Audience, Signed, TrustedPublisher};
use auths_core::grant::DenyList;
use auths_core::ports::{PinStore, PublishedRevocations, RevocationList};
use auths_core::use_cases::{
    KeyPublishRequest, PublishGate, PublishRequest, StoredLink, TokenUses, Verifier,
};
use auths_core::{Bundle, Invalid, Namespace, Timestamp};
use secrecy::ExposeSecret;

use super::super::{Context, ci, publisher};
use super::Asked;
use crate::args::CheckPublish;
use crate::failure::Failure;
use crate::home::Home;
use crate::revocations::Sources;
use crate::{files, guard};

/// The documents that a decision may rest on. None of them says who asks.
pub(super) struct Documents {
    publishers: Vec<Signed<TrustedPublisher>>,
    /// Each with the name of its file.
    bundles: Vec<(String, Bundle)>,
    /// The platform claims of this home.
    own: Vec<StoredLink>,
}

/// Who asks, with what was given.
pub(super) enum Speaking {
    Run(Box<PublishRequest>),
    Key(Box<KeyPublishRequest>),
}

impl Documents {
    pub(super) fn read(what: &CheckPublish, home: &Home, now: Timestamp) -> Result<Self, Failure> {
        let publishers = what.publisher.iter();
        let publishers = publishers.map(|file| publisher::read_signed(file));
        let bundles = what.bundle.iter();
        let bundles = bundles.map(|file| Ok((file.display().to_string(), read_bundle(file)?)));
        let kept = home.claims()?.into_iter();
        let own = kept.filter(|kept| !kept.is_expired(now));
        Ok(Self {
            publishers: publishers.collect::<Result<_, Failure>>()?,
            bundles: bundles.collect::<Result<_, Failure>>()?,
            own: own.map(|kept| kept.link()).collect(),
        })
    }

    /// Adds the documents to the request of a run.
    fn add_to_run(&self, mut request: PublishRequest) -> PublishRequest {
        request.publishers.clone_from(&self.publishers);
        request.links.extend(self.own.iter().cloned());
        let bundles = self.bundles.iter();
        bundles.fold(request, |request, (_, bundle)| {
            request.with_documents_of(bundle)
        })
    }

    /// Adds the documents of the bundles to the bundle of a key.
    fn add_to_claim(&self, bundle: &mut Bundle) {
        for (_, more) in &self.bundles {
            bundle.platform_claims.extend(more.platform_claims.clone());
            bundle.observations.extend(more.observations.clone());
            bundle.delegations.extend(more.delegations.clone());
            bundle.revocations.extend(more.revocations.clone());
        }
    }

    /// Returns the revocations of the bundles, each bundle as a source of its own.
    fn revocations(&self) -> impl Iterator<Item = RevocationList> + '_ {
        self.bundles.iter().map(|(name, bundle)| {
            let list = RevocationList::new(format!("the bundle {name}"));
            list.publish(PublishedRevocations::new(bundle.revocations.clone()));
            list
        })
    }
}

impl Asked {
    /// Reads the proof of who asks.
    pub(super) async fn speaking(
        &self,
        context: &Context,
        what: &CheckPublish,
    ) -> Result<Speaking, Failure> {
        let names = what.namespaces.iter();
        let names = names.map(|name| self.servers.registry(name).map(|(_, placed)| placed));
        let names = names.collect::<Result<BTreeSet<_>, _>>()?;
        match &what.claim {
            Some(file) => self.key(file, names, what).map(Speaking::Key),
            None => self.run(context, names, what).await.map(Speaking::Run),
        }
    }

    async fn run(
        &self,
        context: &Context,
        names: BTreeSet<Namespace>,
        what: &CheckPublish,
    ) -> Result<Box<PublishRequest>, Failure> {
        let token = ci::token(context, &self.servers, &what.token, &what.audience).await?;
        if token.expose_secret().is_empty() {
            let failure = Failure::usage("there is no ID token: nothing was given");
            return Err(failure.remedy(
                "give the token of the job on standard input, with --token-file, or in a job with --ambient; for a key, --claim and --challenge",
            ));
        }
        let request = PublishRequest::new(token, names, Actions::only(Action::Publish));
        Ok(Box::new(self.documents.add_to_run(request)))
    }

    fn key(
        &self,
        file: &Path,
        names: BTreeSet<Namespace>,
        what: &CheckPublish,
    ) -> Result<Box<KeyPublishRequest>, Failure> {
        let mut names = names.into_iter();
        let (Some(name), None, Some(given)) = (names.next(), names.next(), &what.challenge) else {
            let failure = Failure::usage("a claim is about one package, and several are asked for");
            return Err(
                failure.remedy("ask about each package, with a claim and a challenge of its own")
            );
        };
        let mut bundle = read_bundle(file)?;
        self.documents.add_to_claim(&mut bundle);
        let request = KeyPublishRequest::new(bundle)
            .asking(name, Actions::only(Action::Publish))
            .answering(given.clone());
        Ok(Box::new(request))
    }
}

/// Makes the verifier: every registry, the platforms, and the revocations that are known here.
pub(super) fn verifier(
    context: &Context,
    what: &CheckPublish,
    asked: &Asked,
) -> Result<Verifier, Failure> {
    let audience: Result<Audience, _> = what.audience.as_str().parse();
    let audience = match what.claim {
        Some(_) => audience.map_err(|e| Failure::invalid(Invalid::BadName, e))?,
        // No claim is compared with it.
        None => audience.unwrap_or_else(|_| Audience::public()),
    };
    guard::refuse_files(&what.deciding.revocations)?;
    let verifier = Verifier::builder(audience)
        .limits(what.deciding.limits(context.global.time()))
        .without_challenges();
    let sources = Sources::new(&what.deciding.revocations, &asked.home);
    let verifier = asked.servers.plug_into(sources.plug_into(verifier));
    let more = asked.documents.revocations();
    let verifier = more.fold(verifier, |verifier, list| verifier.revocations(list));
    let built = verifier.build();
    built.map_err(|e| Failure::internal(e.to_string()))
}

/// Makes the gate: the issuers, the environments where they can be read, and what this home keeps.
pub(super) fn gate(
    what: &CheckPublish,
    asked: &Asked,
    pins: Arc<dyn PinStore>,
) -> Result<PublishGate, Failure> {
    let (tokens, _) = asked.servers.id_tokens(None)?;
    let uses = TokenUses::new(asked.home.used());
    let gate = PublishGate::new(what.audience.clone(), Arc::new(tokens), uses, pins);
    Ok(match asked.servers.environments()? {
        Some(reader) => gate.reading_environments(Arc::new(reader)),
        None => gate,
    })
}

/// Reads the deny list of a file; none denies nothing. A name without a server is on the configured one, as it is in an argument.
pub(in crate::commands) fn read_deny_list(
    context: &Context,
    file: Option<&Path>,
) -> Result<DenyList, Failure> {
    let Some(file) = file else {
        return Ok(DenyList::default());
    };
    let bytes = files::read(file, files::MAX_DENY_LIST)?;
    let text = String::from_utf8(bytes)
        .map_err(|_| Failure::invalid(Invalid::BadDenyList, "the deny list is not UTF-8"))?;
    let names = text.parse::<DenyList>()?;
    let placed = context.place(names.names().cloned())?;
    Ok(placed.into_iter().collect())
}

fn read_bundle(file: &Path) -> Result<Bundle, Failure> {
    let bytes = files::read(file, files::MAX_BUNDLE)?;
    let bundle = Bundle::parse(&bytes);
    bundle.map_err(|e| {
        Failure::invalid(Invalid::BadBundle, e)
            .adding(&format!("the bundle is in {}", file.display()))
    })
}
