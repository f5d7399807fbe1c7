//! Checking grants where they are used.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::deny::DenyList;
use super::error::GrantError;
use super::request::MAX_GRANT_LIFE;
use super::value::Grant;
use super::wire::{Parts, Payload};
use crate::capability::Capability;
use crate::ci::{CLOCK_LEEWAY, IssuerUrl, TokenAudience};
use crate::claim::{Action, KeyLookup, KeyRing};
use crate::crypto::PublicKey;
use crate::identity::{Did, Namespace, VerificationMethod};
use crate::pin::Pin;
use crate::ports::PinStore;
use crate::reason::{Refuted, RefutedReason, Unavailable, UnavailableReason};
use crate::time::in_words;
use crate::{ExposeSecret, SecretString, Timestamp};

/// A reader of grants: of one issuer, for one audience, signed by a key of one of the DIDs that it trusts.
///
/// The order is fixed: size, three segments of strict base64url, header, key, signature over the received bytes, payload, issuer,
/// audience, times. The leeway between two clocks is [`CLOCK_LEEWAY`].
///
/// ```
/// use std::sync::Arc;
/// use auths_core::claim::Action;
/// use auths_core::ports::MemoryPins;
/// use auths_core::grant::{DenyList, GrantError, GrantVerifier};
/// use auths_core::{SecretString, Timestamp};
///
/// # let signer = auths_testkit::scenes::did(&auths_testkit::scenes::key(1));
/// // The pins are those of the front end that hands the grants out.
/// let pins = Arc::new(MemoryPins::new());
/// let grants = GrantVerifier::new(
///     "https://hub.example".parse()?, "https://files.hub.example".parse()?, [signer], pins, DenyList::default(),
/// );
/// let now: Timestamp = "2026-11-21T08:46:00Z".parse()?;
/// let (token, demo) = (SecretString::from("no grant".to_owned()), "pypi:demo".parse()?);
/// let refused = auths_testkit::block_on(grants.authorize(&token, &demo, Action::Publish, now));
/// assert_eq!(refused.unwrap_err().code(), "AUTHS-1019");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct GrantVerifier {
    issuer: IssuerUrl,
    audience: TokenAudience,
    signers: BTreeSet<Did>,
    keys: KeyRing,
    pins: Arc<dyn PinStore>,
    denied: Arc<DenyList>,
}

impl GrantVerifier {
    /// Creates a reader of the grants of `issuer` for `audience`. Only keys of `signers` count: several while the issuer changes its
    /// key. No grant is good for a name of `denied`.
    #[must_use]
    pub fn new(
        issuer: IssuerUrl,
        audience: TokenAudience,
        signers: impl IntoIterator<Item = Did>,
        pins: Arc<dyn PinStore>,
        denied: DenyList,
    ) -> Self {
        Self {
            issuer,
            audience,
            signers: signers.into_iter().collect(),
            keys: KeyRing::intrinsic(),
            pins,
            denied: Arc::new(denied),
        }
    }

    /// Sets the keys of signers whose DIDs do not contain their own.
    #[must_use]
    pub fn with_keys(mut self, keys: KeyRing) -> Self {
        self.keys = keys;
        self
    }

    /// Reads a grant and checks that it holds now, for whatever it is for.
    ///
    /// Whoever acts on a grant asks [`authorize`](Self::authorize) instead.
    ///
    /// # Errors
    /// [`GrantError`]: `Malformed` for a text that is no grant; `Refuted` with a reason for each check; `Unavailable` where the keys of
    /// a signer were not looked up.
    pub fn verify(&self, token: &SecretString, now: Timestamp) -> Result<Grant, GrantError> {
        let parts = Parts::read(token.expose_secret())?;
        let signed = self.key(&parts.kid)?.verify(parts.signed, &parts.signature);
        signed.map_err(|_| {
            let detail = "the signature does not verify";
            GrantError::refuted(RefutedReason::GrantSignature, detail)
        })?;
        let payload = parts.payload()?;
        self.check_addressees(&payload)?;
        check_times(&payload, now)?;
        Ok(Grant::of(payload))
    }

    /// Reads a grant, and checks that it holds now, covers this action on this name, and that the name is not denied. For a name below
    /// an organisation that the grant lists, it also looks at the pin of that name.
    ///
    /// A run's grant for an organisation covers the names below it that are pinned to the run's repository. For a name without a pin,
    /// a run asks for a grant of the name itself, which sets the pin.
    ///
    /// # Errors
    /// The errors of [`verify`](Self::verify), and `Refuted` with [`RefutedReason::GrantTooNarrow`], [`RefutedReason::NameDenied`] or
    /// [`RefutedReason::PinnedToAnother`]; `Unavailable` where the pin cannot be read.
    pub async fn authorize(
        &self,
        token: &SecretString,
        namespace: &Namespace,
        action: Action,
        now: Timestamp,
    ) -> Result<Grant, GrantError> {
        let grant = self.verify(token, now)?;
        if !grant.covers(namespace, action) {
            let names: Vec<_> = grant.purls().iter().map(Namespace::short).collect();
            let detail = format!(
                "it is for {} of {}, and {action} of {} is asked for",
                grant.actions(),
                names.join(", "),
                namespace.short()
            );
            return Err(GrantError::refuted(RefutedReason::GrantTooNarrow, detail));
        }
        self.denied.check(namespace)?;
        if !grant.purls().contains(namespace) {
            let pin = self.pins.read(namespace).await.map_err(|error| {
                let detail = format!("the pins: {error}");
                Unavailable::new(UnavailableReason::StoreFailed, detail)
            })?;
            check_pin(&grant, namespace, pin.as_ref())?;
        }
        Ok(grant)
    }

    fn key<'a>(&'a self, kid: &'a VerificationMethod) -> Result<&'a PublicKey, GrantError> {
        let unknown = || {
            let detail = "its header names a key that is not one of its issuer's";
            GrantError::refuted(RefutedReason::GrantKey, detail)
        };
        if !self.signers.contains(kid.did()) {
            return Err(unknown());
        }
        match self.keys.lookup(kid) {
            KeyLookup::Key(key) => Ok(key),
            KeyLookup::NotAKey => Err(unknown()),
            KeyLookup::Unresolved(why) => Err(why.into()),
        }
    }

    fn check_addressees(&self, payload: &Payload) -> Result<(), GrantError> {
        let (issuer, audience) = (&payload.iss, &payload.aud);
        if *issuer != self.issuer {
            let detail = format!("it is of {issuer}, and {} was expected", self.issuer);
            return Err(GrantError::refuted(RefutedReason::GrantIssuer, detail));
        }
        if *audience != self.audience {
            let detail = format!("it is for {audience}, and {} was expected", self.audience);
            return Err(GrantError::refuted(RefutedReason::GrantAudience, detail));
        }
        Ok(())
    }
}

/// Checks expiry, time of issue and life, in this order. A grant holds until a leeway after it expires, that moment left out, and from
/// a leeway before it was issued on, that moment included.
fn check_times(payload: &Payload, now: Timestamp) -> Result<(), GrantError> {
    let (iat, exp) = (payload.iat, payload.exp);
    if now >= exp + CLOCK_LEEWAY {
        let detail = format!("it ended {exp}, and it is {now}");
        return Err(GrantError::refuted(RefutedReason::GrantExpired, detail));
    }
    if iat > now + CLOCK_LEEWAY {
        let detail = format!("it is issued {iat}, and it is {now}");
        return Err(GrantError::refuted(RefutedReason::GrantNotYetValid, detail));
    }
    if exp <= iat {
        let detail = "it ends before it was issued";
        return Err(GrantError::refuted(RefutedReason::GrantExpired, detail));
    }
    let life = exp.since(iat);
    if life > MAX_GRANT_LIFE {
        let [life, most] = [life, MAX_GRANT_LIFE].map(in_words);
        let detail = format!("it lives {life}, and a grant at most {most}");
        return Err(GrantError::refuted(RefutedReason::GrantLifeTooLong, detail));
    }
    Ok(())
}

/// Holds a grant for an organisation to the pin of a name below it. A pin that was set by a chain that falls to `collaborator` holds
/// no grant that does not fall to it.
fn check_pin(grant: &Grant, name: &Namespace, pin: Option<&Pin>) -> Result<(), Refuted> {
    let falls_to_collaborator = grant.falls_to().contains(Capability::Collaborator);
    let passes = match (grant.subject().run(), pin) {
        (None, pin) => pin.is_none() || !falls_to_collaborator,
        (Some(_), None) => {
            let detail = format!(
                "no run has published {} yet: ask for a grant of the name itself",
                name.short()
            );
            return Err(Refuted::new(RefutedReason::GrantTooNarrow, detail));
        }
        (Some(run), Some(pin)) => {
            let is_its = run.is_of(pin.issuer(), pin.repository().id, pin.owner());
            is_its || (pin.falls_to_collaborator() && !falls_to_collaborator)
        }
    };
    if passes {
        return Ok(());
    }
    let detail = format!(
        "{} is pinned to another repository than the grant's",
        name.short()
    );
    Err(Refuted::new(RefutedReason::PinnedToAnother, detail))
}
