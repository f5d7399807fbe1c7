//! What a front end hands grants out with.

use std::sync::Arc;
use std::time::Duration;

use super::super::TokenUses;
use crate::ci::TokenAudience;
use crate::grant::{GrantIssuer, MAX_GRANT_LIFE};
use crate::ports::{CiTokenVerifier, EnvironmentReader, PinStore};

/// What a front end looks at before a publish: who reads tokens and environments, and where pins and uses are recorded.
///
/// It hands nothing out. With a maker of grants it is a [`GrantDesk`].
///
/// # Security
/// All front ends of one audience share the pins and the record of uses, and both outlive a restart.
///
/// ```
/// use std::sync::Arc;
/// use auths_core::ports::{CiTokenVerifier, PinStore, ReplayGuard};
/// use auths_core::use_cases::{PublishError, PublishGate, PublishRequest, TokenUses, Verifier};
/// use auths_core::{Policy, Timestamp};
///
/// /// Answers whether a run could publish now. Nothing is used up, and no pin is set.
/// async fn look(
///     verifier: &Verifier, tokens: Arc<dyn CiTokenVerifier>, used: Arc<dyn ReplayGuard>, pins: Arc<dyn PinStore>,
///     asked: &PublishRequest, now: Timestamp,
/// ) -> Result<(), Box<dyn std::error::Error>> {
///     let gate = PublishGate::new("registry.example".parse()?, tokens, TokenUses::new(used), pins);
///     for package in verifier.check_publish(&gate, asked, &Policy::standard(), now).await? {
///         println!("{}", package.decision().cost());
///     }
///     Ok(())
/// }
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct PublishGate {
    /// The audience that tokens must name.
    pub audience: TokenAudience,
    /// The reader of tokens.
    pub tokens: Arc<dyn CiTokenVerifier>,
    /// The readers of environments, at most one for each issuer.
    pub environments: Vec<Arc<dyn EnvironmentReader>>,
    /// The record of used tokens.
    pub uses: TokenUses,
    /// The pins.
    pub pins: Arc<dyn PinStore>,
}

impl PublishGate {
    /// Creates a gate that reads no environments: every run is then one that writers of its repository can make.
    #[must_use]
    pub const fn new(
        audience: TokenAudience,
        tokens: Arc<dyn CiTokenVerifier>,
        uses: TokenUses,
        pins: Arc<dyn PinStore>,
    ) -> Self {
        Self {
            audience,
            tokens,
            environments: Vec::new(),
            uses,
            pins,
        }
    }

    /// Adds a reader of environments.
    #[must_use]
    pub fn reading_environments(mut self, reader: Arc<dyn EnvironmentReader>) -> Self {
        self.environments.push(reader);
        self
    }
}

/// What a front end hands grants out with: its [`PublishGate`], and the maker of grants.
///
/// ```
/// use std::sync::Arc;
/// use auths_core::grant::GrantIssuer;
/// use auths_core::ports::{CiTokenVerifier, PinStore, ReplayGuard};
/// use auths_core::use_cases::{GrantDesk, PublishError, PublishGate, PublishRequest, TokenUses, Verifier};
/// use auths_core::{Policy, SecretString, Timestamp};
///
/// fn desk(
///     tokens: Arc<dyn CiTokenVerifier>, used: Arc<dyn ReplayGuard>, pins: Arc<dyn PinStore>, grants: GrantIssuer,
/// ) -> Result<GrantDesk, Box<dyn std::error::Error>> {
///     let gate = PublishGate::new("registry.example".parse()?, tokens, TokenUses::new(used), pins);
///     Ok(GrantDesk::new(gate, grants))
/// }
///
/// /// Answers a run that asks to publish: the grant, or a problem for the caller.
/// async fn exchange(verifier: &Verifier, desk: &GrantDesk, mut asked: PublishRequest, now: Timestamp) -> Result<SecretString, PublishError> {
///     // What this registry keeps of the packages.
///     asked.publishers = Vec::new();
///     let granted = verifier.publish(desk, asked, &Policy::standard(), now).await?;
///     Ok(granted.token().clone())
/// }
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct GrantDesk {
    /// What is looked at before.
    pub gate: PublishGate,
    /// The maker of grants.
    pub grants: GrantIssuer,
    /// The life of its grants: whole seconds, at least one, and [`MAX_GRANT_LIFE`] at most.
    pub life: Duration,
}

impl GrantDesk {
    /// Creates a desk whose grants live for [`MAX_GRANT_LIFE`].
    #[must_use]
    pub const fn new(gate: PublishGate, grants: GrantIssuer) -> Self {
        Self {
            gate,
            grants,
            life: MAX_GRANT_LIFE,
        }
    }

    /// Sets the life of its grants.
    #[must_use]
    pub const fn granting_for(mut self, life: Duration) -> Self {
        self.life = life;
        self
    }
}
