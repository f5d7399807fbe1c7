//! The ports of namespace verification: what a registry shows, and which accounts a DID says it holds.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use super::Budget;
use crate::Timestamp;
use crate::decide::{Decision, DecisionInput, decide, may_lead};
use crate::evidence::{LinkedAccount, NamespaceEvidence};
use crate::identity::{Account, Did, Ecosystem, Namespace, Origin, OriginError, escape};
use crate::policy::{DEFAULT_MATURITY, Policy};
use crate::reason::{Unavailable, UnavailableReason};
use crate::tokens::hide_tokens;
use crate::use_cases::Limits;
use crate::use_cases::gather::gather;

/// What is asked of a [`NamespaceVerifier`].
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct NamespaceQuery {
    /// The name, with its `repository_url` when another server than the public one is meant.
    pub namespace: Namespace,
    /// The time now: evidence from an answer that is made now was observed then.
    pub now: Timestamp,
    /// How long statements must stand: decides how far back releases must be read.
    pub maturity: Duration,
    /// How much to read.
    pub scope: Scope,
    /// The DIDs that the asker expects releases to name. Of one that the newest release does not name, older releases tell
    /// whether it was dropped or never there.
    pub expected: Vec<Did>,
    /// The accounts that the question is about, where it is about some: a registry that must be asked for each owner is asked for
    /// these first.
    pub accounts: Vec<Account>,
    /// What reading may cost, beside the adapter's own limits.
    pub budget: Budget,
}

/// How much of a name to read: a registry is asked for no more than the question needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Scope {
    /// Existence, incarnation and listing.
    Listing,
    /// That, and the releases' statements, repositories and attested builds.
    Everything,
}

impl NamespaceQuery {
    /// Asks for everything about `namespace`, with the default maturity.
    #[must_use]
    pub fn new(namespace: Namespace, now: Timestamp) -> Self {
        Self {
            namespace,
            now,
            maturity: DEFAULT_MATURITY,
            scope: Scope::Everything,
            expected: Vec::new(),
            accounts: Vec::new(),
            budget: Budget::unlimited(),
        }
    }

    /// Expecting that releases name these DIDs.
    #[must_use]
    pub fn expecting(mut self, dids: impl IntoIterator<Item = Did>) -> Self {
        self.expected.extend(dids);
        self
    }

    /// Which asks about these accounts above all.
    #[must_use]
    pub fn about(mut self, accounts: Vec<Account>) -> Self {
        self.accounts = accounts;
        self
    }

    /// Within this budget.
    #[must_use]
    pub fn within(mut self, budget: Budget) -> Self {
        self.budget = budget;
        self
    }

    /// With this maturity.
    #[must_use]
    pub fn with_maturity(mut self, maturity: Duration) -> Self {
        self.maturity = maturity;
        self
    }

    /// That the question is one for this verifier: its ecosystem, and its server. What an adapter asks before anything else.
    ///
    /// ```
    /// use auths_core::ports::{NamespaceQuery, NamespaceVerifier};
    /// # #[cfg(feature = "simulation")] {
    /// # use auths_core::simulation::{SimulatedRegistry, World};
    /// # use std::sync::{Arc, Mutex};
    /// # let world = World::pypi("2026-01-01T00:00:00Z".parse()?);
    /// # let world = Arc::new(Mutex::new(world));
    /// # let pypi = SimulatedRegistry::public(world, "https://registry.example".parse()?);
    ///
    /// let ask = |name: &str| Ok::<_, Box<dyn std::error::Error>>(NamespaceQuery::new(name.parse()?, "2026-01-02T00:00:00Z".parse()?));
    /// assert!(ask("pypi:six")?.check_for(&pypi).is_ok());
    /// assert!(ask("npm:six")?.check_for(&pypi).is_err());
    /// assert!(ask("pkg:pypi/six?repository_url=https://mirror.example")?.check_for(&pypi).is_err());
    /// # }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`NamespaceError::Invalid`] when it is for another.
    pub fn check_for<V: NamespaceVerifier + ?Sized>(
        &self,
        verifier: &V,
    ) -> Result<(), NamespaceError> {
        let (namespace, origin) = (&self.namespace, verifier.origin());
        let place = (!verifier.is_public()).then_some(origin);
        if namespace.ecosystem() == verifier.ecosystem() && namespace.repository() == place {
            return Ok(());
        }
        let ecosystem = verifier.ecosystem();
        let what = format!("{namespace} is not a name in {ecosystem} at {origin}");
        Err(NamespaceError::invalid(what))
    }

    /// Asks for the listing only.
    #[must_use]
    pub fn listing_only(mut self) -> Self {
        self.scope = Scope::Listing;
        self
    }
}

/// Why a verifier has no evidence to give. A "no" is not among them: that a name is unknown is evidence too.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NamespaceError {
    /// It could not be seen.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
    /// The question is not for this verifier: another ecosystem, another origin, a name it cannot ask for.
    #[error("this verifier cannot be asked that: {}", escape(what))]
    Invalid {
        /// Why not.
        what: String,
    },
}

impl NamespaceError {
    /// The question does not fit the verifier. The text is kept without the tokens in it ([`tokens`](crate::tokens)).
    #[must_use]
    pub fn invalid(what: impl Into<String>) -> Self {
        let what = hide_tokens(&what.into()).into_owned();
        Self::Invalid { what }
    }

    /// Whether the same question may be answered later with nothing changed by the caller.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Unavailable(u) if u.is_retryable())
    }

    /// The same, as a reason why nothing could be seen.
    #[must_use]
    pub fn into_unavailable(self) -> Unavailable {
        match self {
            Self::Unavailable(unavailable) => unavailable,
            Self::Invalid { what } => Unavailable::new(UnavailableReason::EvidenceMismatch, what),
        }
    }
}

/// A name that makes no address on the server cannot be asked for.
impl From<OriginError> for NamespaceError {
    fn from(error: OriginError) -> Self {
        Self::invalid(error.to_string())
    }
}

/// Reads what one registry shows of a name. Adapters implement it; core decides.
///
/// The guide `docs/guides/write-an-adapter.md` takes you through one, with what each field of the evidence means.
///
/// # Contract
/// - The evidence is about `query.namespace` exactly, and its `origin` is [`origin`](NamespaceVerifier::origin). A question for
///   another ecosystem or origin is [`NamespaceError::Invalid`], before any request.
/// - Its `observed_at` is when the registry made the oldest of the answers that it rests on, at the latest `query.now`: a copy
///   from a cache shows what was so then. Over HTTP, `auths_http::RequestBudget::observed_at` says it.
/// - What was seen is reported, never weighed: no account is left out, no field is guessed. A part that could not be
///   read is [`Reading::Unread`](crate::evidence::Reading); an empty or missing answer is never an empty list.
/// - [`Existence::Absent`](crate::evidence::Existence) only on the registry's own, complete word.
/// - 401, 403, 429, 5xx, timeouts, cut or huge bodies, answers about another name: [`NamespaceError::Unavailable`].
/// - What could not be read of one owner leaves the others read, and the listing open:
///   [`Owners::Unread`](crate::evidence::Owners::Unread).
/// - Every request is taken from `query.budget` (`auths_http::RequestBudget::within` does it), whose end is no answer.
///
/// # Security
/// An adapter can lie: [`Verified`](crate::Verified) means that core accepted what the adapter *you* plugged in said. It
/// cannot make its evidence count for more than [`WORTH`](crate::evidence::WORTH) says, and it cannot decide:
/// [`NamespaceVerifierExt::verify`] is implemented for every verifier and cannot be overridden.
///
/// ```compile_fail,E0119
/// use auths_core::ports::{NamespaceVerifier, NamespaceVerifierExt};
///
/// #[derive(Debug)]
/// struct Mine;
/// # #[async_trait::async_trait]
/// # impl NamespaceVerifier for Mine {
/// #     fn ecosystem(&self) -> &auths_core::Ecosystem { unimplemented!() }
/// #     fn origin(&self) -> &auths_core::Origin { unimplemented!() }
/// #     fn is_public(&self) -> bool { true }
/// #     async fn gather(&self, _: &auths_core::ports::NamespaceQuery)
/// #         -> Result<auths_core::evidence::NamespaceEvidence, auths_core::ports::NamespaceError> { unimplemented!() }
/// # }
/// // The decision is not the adapter's to write: this conflicts with the blanket implementation.
/// impl NamespaceVerifierExt for Mine {}
/// ```
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait NamespaceVerifier: fmt::Debug + Send + Sync {
    /// The ecosystem whose names it reads.
    fn ecosystem(&self) -> &Ecosystem;

    /// The server that it reads them from.
    fn origin(&self) -> &Origin;

    /// Whether that server is the ecosystem's public registry; otherwise the origin stands in the namespace's purl.
    fn is_public(&self) -> bool;

    /// Reads what the registry shows of a name.
    ///
    /// # Errors
    /// [`NamespaceError`] when nothing could be seen, or the question is for another verifier.
    async fn gather(&self, query: &NamespaceQuery) -> Result<NamespaceEvidence, NamespaceError>;
}

/// What is asked of a [`PlatformContext`].
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct LinkedAccountsQuery {
    /// The DID whose accounts are asked for.
    pub did: Did,
    /// The name that they may own.
    pub namespace: Namespace,
    /// The time now.
    pub now: Timestamp,
    /// How long statements must stand.
    pub maturity: Duration,
    /// Which accounts' proofs are worth looking for.
    pub proofs: Proofs,
    /// What looking may cost.
    pub budget: Budget,
}

/// Which accounts' proofs are worth looking for. Every claim is shown in any case: it may name a recovery DID.
#[derive(Debug, Clone, Default)]
pub enum Proofs {
    /// All: nothing is known of the name.
    #[default]
    All,
    /// Those of accounts that could lead to what was seen of the name.
    LeadingTo(Arc<NamespaceEvidence>),
    /// None: nothing could be seen of the name, so that no account leads anywhere.
    None,
}

impl Proofs {
    /// Whether that of `account` is worth looking for.
    #[must_use]
    pub fn are_wanted_of(&self, account: &Account) -> bool {
        match self {
            Self::All => true,
            Self::LeadingTo(evidence) => may_lead(evidence, account),
            Self::None => false,
        }
    }
}

impl LinkedAccountsQuery {
    /// Asks for the accounts of `did` that may own `namespace`.
    #[must_use]
    pub fn new(did: Did, namespace: Namespace, now: Timestamp, maturity: Duration) -> Self {
        Self {
            did,
            namespace,
            now,
            maturity,
            proofs: Proofs::All,
            budget: Budget::unlimited(),
        }
    }

    /// Looking for these proofs alone.
    #[must_use]
    pub fn looking_for(mut self, proofs: Proofs) -> Self {
        self.proofs = proofs;
        self
    }

    /// Within this budget.
    #[must_use]
    pub fn within(mut self, budget: Budget) -> Self {
        self.budget = budget;
        self
    }
}

/// Shows a verifier the accounts that a DID says it holds, with what supports each.
///
/// # What a platform claim is worth
/// A platform claim says "this DID holds that account", and anyone may say it of any account. **Alone it grants
/// nothing**: it only lets a namespace claim be asked for, which is always checked on its own. What the link between DID
/// and account falls to depends on what supports it:
///
/// | platform | supported by | falls to |
/// |---|---|---|
/// | GitHub | a device flow that the verifier ran | `account-session` |
/// | GitHub | a gist of the account's numeric id, mature | `held-token` (young: `stolen-token`) |
/// | npm | the signed claim alone | `stranger` |
/// | npm | a package only this login can publish (`@login/auths`) names the DID, mature | `held-token` (young: `stolen-token`) |
/// | PyPI | the signed claim alone | `stranger` |
/// | PyPI | a project whose one role is this Owner names the DID, mature | `held-token` (young: `stolen-token`) |
///
/// npm and PyPI have no public way to tell who presents a name: there is no token check here, because a token is what CI
/// leaks, and PyPI's echo endpoint refuses ordinary tokens. So a self-reported name proves possession of the device key
/// and nothing about the account; under the default policy it is never enough.
///
/// # Contract
/// Every [`LinkedAccount`] carries the signed claim of `query.did`, whole. Accounts that could not be looked up are an
/// error, never left out: a missing account would silently shrink what its holder may do. Proofs are looked for as far as
/// `query.proofs` wants them, within `query.budget`.
///
/// # Security
/// The grade of a link is not the implementation's to give, and a claim alone is never more than self-reported: core checks
/// each claim's signature, DID, audience and life; that each piece of evidence is about the claim's own account and DID, and
/// fresh; that a gist holds this very claim, that a package is the account's alone and names the DID, and for how long; and
/// for evidence in an observation the observer's signature, trust and revocation.
///
/// What core cannot check is whether *live* evidence ([`ObservedEvidence::live`](crate::evidence::ObservedEvidence::live)) was seen at all. An
/// implementation is trusted for that like every adapter that you plug in: one that hands over a device flow that nobody ran has
/// proved any account to any DID. Take live evidence from an [`AccountProver`](super::AccountProver) and nowhere else, as
/// [`ClaimsContext`](crate::use_cases::ClaimsContext) does; never from the request of whoever asks.
///
/// ```compile_fail,E0277
/// // There is no way to state an account by its name alone: no conversion, no default.
/// let account: auths_core::evidence::LinkedAccount = "pypi:alice".into();
/// ```
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait PlatformContext: fmt::Debug + Send + Sync {
    /// The accounts of a DID.
    ///
    /// # Errors
    /// [`Unavailable`] when they could not all be looked up.
    async fn accounts(
        &self,
        query: &LinkedAccountsQuery,
    ) -> Result<Vec<LinkedAccount>, Unavailable>;
}

/// The deciding call. Implemented for every [`NamespaceVerifier`], and for no other reason than that nobody can
/// implement it otherwise.
#[async_trait]
pub trait NamespaceVerifierExt: NamespaceVerifier {
    /// Asks the registry, and holds the question and the answer against what the verifier says of itself: its ecosystem,
    /// its server, whether that is the public one, and the very name that was asked for.
    ///
    /// Every workflow gathers through this. An adapter that forgets these checks, or answers for another server than its
    /// own, gives nothing that could be mistaken for evidence.
    ///
    /// # Errors
    /// [`NamespaceError::Invalid`], before any request, when the name is not one of this verifier's;
    /// [`UnavailableReason::EvidenceMismatch`] when the answer is about another name or from another server; else what
    /// [`gather`](NamespaceVerifier::gather) says.
    async fn gather_checked(
        &self,
        query: &NamespaceQuery,
    ) -> Result<NamespaceEvidence, NamespaceError>;

    /// Reads the evidence on the namespace of `case`, adds the accounts that `context` shows, and decides.
    ///
    /// What cannot be read becomes an undetermined answer, never a smaller one. No more is asked of others than
    /// [`Limits::default`](crate::use_cases::Limits) lets.
    async fn verify(
        &self,
        context: &dyn PlatformContext,
        case: DecisionInput,
        policy: &Policy,
        now: Timestamp,
    ) -> Decision;
}

#[async_trait]
impl<V: NamespaceVerifier + ?Sized> NamespaceVerifierExt for V {
    async fn gather_checked(
        &self,
        query: &NamespaceQuery,
    ) -> Result<NamespaceEvidence, NamespaceError> {
        let namespace = &query.namespace;
        query.check_for(self)?;
        let seen = self.gather(query).await?;
        if seen.namespace == *namespace && seen.origin == *self.origin() {
            return Ok(seen);
        }
        let detail = format!("it is about {} at {}", seen.namespace, seen.origin);
        Err(Unavailable::new(UnavailableReason::EvidenceMismatch, detail).into())
    }

    async fn verify(
        &self,
        context: &dyn PlatformContext,
        mut case: DecisionInput,
        policy: &Policy,
        now: Timestamp,
    ) -> Decision {
        let limits = Limits::default();
        gather(&mut case, self, context, policy, limits, now).await;
        decide(&case, policy, now)
    }
}

#[cfg(test)]
mod tests;
