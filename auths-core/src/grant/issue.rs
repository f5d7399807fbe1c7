//! Making grants.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use data_encoding::BASE64URL_NOPAD;

use super::deny::DenyList;
use super::error::GrantIssueError;
use super::request::{GrantRequest, MAX_GRANT_LIFE};
use super::subject::GrantSubject;
use super::value::Grant;
use super::wire::{MAX_GRANT_BYTES, Payload, signing_input, with_signature};
use crate::capability::CapabilitySet;
use crate::ci::{IssuerUrl, TokenAudience, TokenId};
use crate::claim::Actions;
use crate::decide::{NamespaceAuthority, Verified};
use crate::ports::{Entropy, EntropyError, Signer};
use crate::reason::{Refuted, RefutedReason};
use crate::time::in_words;
use crate::{SecretString, Timestamp};

/// The random bytes of a grant's id.
const ID_BYTES: usize = 16;
/// The length of a signature with the dot before it.
const SIGNATURE_TEXT: usize = 87;

/// A maker of grants: for one audience, under one name, with one key.
///
/// # Security
/// It makes a grant of accepted decisions only, each of which it checks again against the policy of the request. It does not use a
/// token or a challenge up, and looks at no pin: whoever hands grants out has done so before.
///
/// ```
/// # use auths_core::{NamespaceAuthority, Policy, Timestamp, Verified};
/// use std::sync::Arc;
/// use auths_core::claim::{Action, Actions};
/// use auths_core::grant::{DenyList, GrantIssueError, GrantIssuer, GrantRequest, IssuedGrant};
/// use auths_core::ports::{Entropy, Signer};
///
/// /// What a front end hands out after it has used up what the speaker showed.
/// async fn hand_out(
///     signer: Arc<dyn Signer>, entropy: Arc<dyn Entropy>, decided: &[Verified<NamespaceAuthority>],
///     policy: &Policy, now: Timestamp,
/// ) -> Result<IssuedGrant, Box<dyn std::error::Error>> {
///     let denied: DenyList = "pypi:six\n".parse()?;
///     let (issuer, audience) = ("https://hub.example".parse()?, "https://files.hub.example".parse()?);
///     let grants = GrantIssuer::new(issuer, audience, signer, entropy, denied);
///     let request = GrantRequest::new(decided, Actions::only(Action::Publish), policy, now);
///     Ok(grants.issue(&request).await?)
/// }
/// ```
#[derive(Debug, Clone)]
pub struct GrantIssuer {
    issuer: IssuerUrl,
    audience: TokenAudience,
    signer: Arc<dyn Signer>,
    entropy: Arc<dyn Entropy>,
    denied: Arc<DenyList>,
}

/// A grant that was just made, with its token.
#[derive(Debug)]
pub struct IssuedGrant {
    token: SecretString,
    grant: Grant,
}

impl IssuedGrant {
    /// Returns the token, which is a secret: whoever has it can use the grant.
    #[must_use]
    pub const fn token(&self) -> &SecretString {
        &self.token
    }

    /// Returns what the grant says.
    #[must_use]
    pub const fn grant(&self) -> &Grant {
        &self.grant
    }

    /// Returns the token and what the grant says.
    #[must_use]
    pub fn into_parts(self) -> (SecretString, Grant) {
        (self.token, self.grant)
    }
}

impl GrantIssuer {
    /// Creates a maker of grants. `issuer` is its own name, `audience` that of whoever takes the grants in, and `denied` the names that
    /// no grant is made for.
    #[must_use]
    pub fn new(
        issuer: IssuerUrl,
        audience: TokenAudience,
        signer: Arc<dyn Signer>,
        entropy: Arc<dyn Entropy>,
        denied: DenyList,
    ) -> Self {
        Self {
            issuer,
            audience,
            signer,
            entropy,
            denied: Arc::new(denied),
        }
    }

    /// Makes one grant for every name of the request, or none.
    ///
    /// It ends after the life of the request, and with the first decision that ends. What it falls to is what any of the decisions
    /// falls to.
    ///
    /// # Errors
    /// [`GrantIssueError`]:
    /// - `Invalid` for a request without a decision, of several speakers, with a life that is not of 1 second to
    ///   [`MAX_GRANT_LIFE`], or with more names than a grant holds;
    /// - `NotResisting` when a decision is not good enough for the policy, or is over;
    /// - `Refuted` when a decision does not cover the actions, a name is denied, or the file of the run's workflow is not shown;
    /// - `Signer` and `Entropy` when these fail.
    pub async fn issue(&self, request: &GrantRequest<'_>) -> Result<IssuedGrant, GrantIssueError> {
        let payload = self.payload(request)?;
        let input = self.input(&payload)?;
        let signature = self.signer.sign(input.as_bytes()).await?;
        Ok(IssuedGrant {
            token: with_signature(&input, &signature).into(),
            grant: Grant::of(payload),
        })
    }

    /// Returns what is signed, where the grant is not too large.
    fn input(&self, payload: &Payload) -> Result<String, GrantIssueError> {
        let input = signing_input(self.signer.method(), payload);
        if input.len() + SIGNATURE_TEXT > MAX_GRANT_BYTES {
            let count = payload.purls.len();
            let what = format!("{count} names of this length are too many for one grant");
            return Err(GrantIssueError::invalid(what));
        }
        Ok(input)
    }

    /// Checks, before anything is used up for it, that a grant of these decisions is not too large.
    pub(crate) fn check_size(
        &self,
        decided: &[&Verified<NamespaceAuthority>],
        actions: &Actions,
        now: Timestamp,
    ) -> Result<(), GrantIssueError> {
        let Some(first) = decided.first() else {
            return Ok(());
        };
        let names = decided.iter().map(|one| one.get().namespace.clone());
        let falls_to = decided.iter().map(|one| one.falls_to());
        let payload = Payload {
            iss: self.issuer.clone(),
            sub: GrantSubject::of(&first.get().speaker)?,
            aud: self.audience.clone(),
            iat: now,
            exp: now,
            jti: self.new_id()?,
            purls: names.collect(),
            actions: actions.clone(),
            falls_to: falls_to.fold(CapabilitySet::default(), CapabilitySet::union),
        };
        self.input(&payload).map(|_| ())
    }

    /// Checks, before anything is used up for it, that a grant may name this speaker and this package.
    pub(crate) fn check_names(&self, authority: &NamespaceAuthority) -> Result<(), Refuted> {
        self.denied.check(&authority.namespace)?;
        GrantSubject::of(&authority.speaker).map(|_| ())
    }

    fn payload(&self, request: &GrantRequest<'_>) -> Result<Payload, GrantIssueError> {
        check_life(request.life)?;
        let [first, others @ ..] = request.authorities else {
            return Err(GrantIssueError::invalid("it names no decision"));
        };
        let speaker = &self.check(first, request)?.speaker;
        let mut purls = BTreeSet::from([first.get().namespace.clone()]);
        for other in others {
            let authority = self.check(other, request)?;
            if authority.speaker != *speaker {
                let what = format!("it is of two speakers: {speaker} and {}", authority.speaker);
                return Err(GrantIssueError::invalid(what));
            }
            purls.insert(authority.namespace.clone());
        }
        let ends = request.authorities.iter().map(Verified::valid_until);
        let falls_to = request.authorities.iter().map(Verified::falls_to);
        Ok(Payload {
            iss: self.issuer.clone(),
            sub: GrantSubject::of(speaker)?,
            aud: self.audience.clone(),
            iat: request.now,
            exp: ends.fold(request.now + request.life, Timestamp::min),
            jti: self.new_id()?,
            purls,
            actions: request.actions.clone(),
            falls_to: falls_to.fold(CapabilitySet::default(), CapabilitySet::union),
        })
    }

    /// Checks that a decision holds for the request.
    fn check<'v>(
        &self,
        verified: &'v Verified<NamespaceAuthority>,
        request: &GrantRequest<'_>,
    ) -> Result<&'v NamespaceAuthority, GrantIssueError> {
        let authority = verified.resisting(request.policy, request.now)?;
        let name = &authority.namespace;
        if !authority.actions.cover(&request.actions) {
            let detail = format!(
                "{} was decided for {}, and {} is asked for",
                authority.actions,
                name.short(),
                request.actions
            );
            return Err(Refuted::new(RefutedReason::GrantTooNarrow, detail).into());
        }
        self.denied.check(name)?;
        Ok(authority)
    }

    fn new_id(&self) -> Result<TokenId, GrantIssueError> {
        let mut bytes = [0; ID_BYTES];
        self.entropy.fill(&mut bytes)?;
        let id = BASE64URL_NOPAD.encode(&bytes).parse();
        id.map_err(|error| EntropyError(Box::new(error)).into())
    }
}

/// Checks that a grant may live for so long.
pub(crate) fn check_life(life: Duration) -> Result<(), GrantIssueError> {
    if (1..=MAX_GRANT_LIFE.as_secs()).contains(&life.as_secs()) && life <= MAX_GRANT_LIFE {
        return Ok(());
    }
    let what = format!("a grant lives 1 second to {}", in_words(MAX_GRANT_LIFE));
    Err(GrantIssueError::invalid(what))
}
