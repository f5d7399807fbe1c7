//! Checking grants where they are used.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::deny::DenyList;
use super::error::GrantError;
use super::request::MAX_GRANT_LIFE;
use super::value::Grant;
use super::wire::{Parts, Payload};
use crate::ci::{CLOCK_LEEWAY, IssuerUrl, TokenAudience};
use crate::claim::{Action, KeyLookup, KeyRing};
use crate::crypto::PublicKey;
use crate::identity::{Did, Namespace, VerificationMethod};
use crate::reason::RefutedReason;
use crate::time::in_words;
use crate::{ExposeSecret, SecretString, Timestamp};

/// A reader of grants: of one issuer, for one audience, signed by a key of one of the DIDs that it trusts.
///
/// The order is fixed: size, three segments of strict base64url, header, key, signature over the received bytes, payload, issuer,
/// audience, times. The leeway between two clocks is [`CLOCK_LEEWAY`].
///
/// ```
/// use auths_core::claim::Action;
/// use auths_core::grant::{DenyList, GrantError, GrantVerifier};
/// use auths_core::{SecretString, Timestamp};
///
/// # let signer = auths_testkit::scenes::did(&auths_testkit::scenes::key(1));
/// let grants = GrantVerifier::new(
///     "https://hub.example".parse()?, "https://files.hub.example".parse()?, [signer], DenyList::default(),
/// );
/// let now: Timestamp = "2026-11-21T08:46:00Z".parse()?;
/// let upload = |token: &SecretString| grants.authorize(token, &"pypi:demo".parse().unwrap(), Action::Publish, now);
/// let refused = upload(&"no grant".to_owned().into());
/// assert_eq!(refused.unwrap_err().code(), "AUTHS-1019");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct GrantVerifier {
    issuer: IssuerUrl,
    audience: TokenAudience,
    signers: BTreeSet<Did>,
    keys: KeyRing,
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
        denied: DenyList,
    ) -> Self {
        Self {
            issuer,
            audience,
            signers: signers.into_iter().collect(),
            keys: KeyRing::intrinsic(),
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

    /// Reads a grant, and checks that it holds now, covers this action on this name, and that the name is not denied.
    ///
    /// # Errors
    /// The errors of [`verify`](Self::verify), and `Refuted` with [`RefutedReason::GrantTooNarrow`] or [`RefutedReason::NameDenied`].
    pub fn authorize(
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
