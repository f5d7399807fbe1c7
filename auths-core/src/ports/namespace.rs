//! The ports of namespace verification: a registry's answer about a name, and the accounts that a DID says it holds.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use super::Budget;
use crate::Timestamp;
use crate::decide::may_lead;
use crate::evidence::{LinkedAccount, NamespaceEvidence};
use crate::identity::{Account, Did, Ecosystem, Namespace, Origin, OriginError, escape};
use crate::policy::DEFAULT_MATURITY;
use crate::reason::{Invalid, Reason, Unavailable, UnavailableReason};
use crate::tokens::hide_tokens;

/// The query to a [`NamespaceVerifier`].
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct NamespaceQuery {
    /// The name, with its `repository_url` when a server other than the public one is meant.
    pub namespace: Namespace,
    /// The present time. An answer that is given now was observed at this time.
    pub now: Timestamp,
    /// The minimum age of statements. It determines how far back releases must be read.
    pub maturity: Duration,
    /// The parts to read.
    pub scope: ReadScope,
    /// The DIDs that the caller expects releases to name. If the newest release does not name one of them, older releases are
    /// read to tell whether it was dropped or never there.
    pub expected: Vec<Did>,
    /// The accounts that the question is about, if any. A registry that needs one request per owner is asked for these first.
    pub accounts: Vec<Account>,
    /// The limit on the cost of reading, in addition to the adapter's own limits.
    pub budget: Budget,
}

/// The parts of a name to read. A registry is asked for no more than the question needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReadScope {
    /// Existence, life of the name and listing.
    Listing,
    /// Everything: also the releases' statements, repositories and attested builds.
    Everything,
}

impl NamespaceQuery {
    /// Creates a query for everything about `namespace`, with the default maturity.
    #[must_use]
    pub fn new(namespace: Namespace, now: Timestamp) -> Self {
        Self {
            namespace,
            now,
            maturity: DEFAULT_MATURITY,
            scope: ReadScope::Everything,
            expected: Vec::new(),
            accounts: Vec::new(),
            budget: Budget::unlimited(),
        }
    }

    /// Sets the DIDs that releases are expected to name.
    #[must_use]
    pub fn expecting(mut self, dids: impl IntoIterator<Item = Did>) -> Self {
        self.expected.extend(dids);
        self
    }

    /// Sets the accounts that the question is mainly about.
    #[must_use]
    pub fn about(mut self, accounts: Vec<Account>) -> Self {
        self.accounts = accounts;
        self
    }

    /// Sets the budget.
    #[must_use]
    pub fn within(mut self, budget: Budget) -> Self {
        self.budget = budget;
        self
    }

    /// Sets the maturity.
    #[must_use]
    pub fn with_maturity(mut self, maturity: Duration) -> Self {
        self.maturity = maturity;
        self
    }

    /// Checks that the query is for this verifier: its ecosystem and its server. An adapter calls this before anything else.
    ///
    /// ```
    /// use auths_core::ports::{NamespaceQuery, NamespaceVerifier};
    /// # use auths_testkit::world::{SimulatedRegistry, World};
    /// # use std::sync::{Arc, Mutex};
    /// # let world = World::pypi("2026-01-01T00:00:00Z".parse()?);
    /// # let world = Arc::new(Mutex::new(world));
    /// # let pypi = SimulatedRegistry::public(world, "https://registry.example".parse()?);
    ///
    /// let ask = |name: &str| Ok::<_, Box<dyn std::error::Error>>(NamespaceQuery::new(name.parse()?, "2026-01-02T00:00:00Z".parse()?));
    /// assert!(ask("pypi:six")?.check_for(&pypi).is_ok());
    /// assert!(ask("npm:six")?.check_for(&pypi).is_err());
    /// assert!(ask("pkg:pypi/six?repository_url=https://mirror.example")?.check_for(&pypi).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`NamespaceError::Invalid`] when the query is for another verifier.
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

    /// Sets the scope to the listing only.
    #[must_use]
    pub fn listing_only(mut self) -> Self {
        self.scope = ReadScope::Listing;
        self
    }
}

/// A reason why a verifier has no evidence. It is never a "no": that a name does not exist is evidence too.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NamespaceError {
    /// The evidence could not be seen.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
    /// The query is not for this verifier: another ecosystem, another origin, or a name that it cannot ask for.
    #[error("this verifier cannot be asked that: {}", escape(what))]
    Invalid {
        /// The mismatch.
        what: String,
    },
}

impl NamespaceError {
    /// Returns the stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unavailable(why) => why.code(),
            Self::Invalid { .. } => Invalid::Usage.code(),
        }
    }

    /// Creates the error for a query that does not fit the verifier. Tokens are removed from the text
    /// ([`tokens`](crate::tokens)).
    #[must_use]
    pub fn invalid(what: impl Into<String>) -> Self {
        let what = hide_tokens(&what.into()).into_owned();
        Self::Invalid { what }
    }

    /// Returns whether the same query may succeed later although the caller changes nothing.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Unavailable(u) if u.is_retryable())
    }

    /// Converts the error into a reason why nothing could be seen.
    #[must_use]
    pub fn into_unavailable(self) -> Unavailable {
        match self {
            Self::Unavailable(unavailable) => unavailable,
            Self::Invalid { what } => Unavailable::new(UnavailableReason::EvidenceMismatch, what),
        }
    }
}

/// Converts the error for a name that makes no address on the server: it cannot be asked for.
impl From<OriginError> for NamespaceError {
    fn from(error: OriginError) -> Self {
        Self::invalid(error.to_string())
    }
}

/// A reader of one registry's answers about names. Adapters implement it; core decides.
///
/// The guide `docs/guides/write-an-adapter.md` explains how to write one, and the meaning of each field of the evidence.
///
/// # Contract
/// - The evidence is about `query.namespace` exactly, and its `origin` is [`origin`](NamespaceVerifier::origin). A query for
///   another ecosystem or origin is [`NamespaceError::Invalid`], before any request.
/// - Its `observed_at` is the time of the oldest registry answer that it rests on, and never later than `query.now`: a copy from
///   a cache shows an earlier state. Over HTTP, `auths_http::RequestBudget::observed_at` returns this time.
/// - Everything that was seen is reported and never weighed: no account is left out, no field is guessed. A part that could not
///   be read is [`Reading::Unread`](crate::evidence::Reading); an empty or missing answer is never an empty list.
/// - [`Existence::Absent`](crate::evidence::Existence) is reported only if the registry itself said so in a complete answer.
/// - 401, 403, 429, 5xx, timeouts, cut or huge bodies, and answers about another name are [`NamespaceError::Unavailable`].
/// - If something about one owner could not be read, the other owners are still reported, and the listing is marked incomplete:
///   [`ListingCompleteness::Unread`](crate::evidence::ListingCompleteness::Unread).
/// - Every request is taken from `query.budget` (`auths_http::RequestBudget::within` does this). An exhausted budget is never an
///   answer.
///
/// # Security
/// An adapter can lie: [`Verified`](crate::Verified) means that core accepted what the adapter *you* plugged in said. It cannot
/// make its evidence count for more than [`WORTH`](crate::evidence::WORTH) says, and it cannot decide:
/// [`NamespaceVerifierExt::verify`](super::NamespaceVerifierExt::verify) is implemented for every verifier and cannot be overridden.
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
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait NamespaceVerifier: fmt::Debug + Send + Sync {
    /// Returns the ecosystem of the names that it reads.
    fn ecosystem(&self) -> &Ecosystem;

    /// Returns the server that it reads from.
    fn origin(&self) -> &Origin;

    /// Returns whether that server is the ecosystem's public registry. Otherwise the namespace's purl must name the origin.
    fn is_public(&self) -> bool;

    /// Reads the registry's answer about a name.
    ///
    /// # Errors
    /// [`NamespaceError`] when nothing could be seen, or the query is for another verifier.
    async fn gather(&self, query: &NamespaceQuery) -> Result<NamespaceEvidence, NamespaceError>;
}

/// The query to a [`PlatformContext`].
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct LinkedAccountsQuery {
    /// The DID whose accounts are wanted.
    pub did: Did,
    /// The name that they may own.
    pub namespace: Namespace,
    /// The present time.
    pub now: Timestamp,
    /// The minimum age of statements.
    pub maturity: Duration,
    /// The accounts whose proofs are worth reading.
    pub proofs: ProofsToRead,
    /// The limit on the cost of reading.
    pub budget: Budget,
}

/// The accounts whose proofs are worth reading. Every claim is returned in any case, because it may name a recovery DID.
#[derive(Debug, Clone, Default)]
pub enum ProofsToRead {
    /// All accounts, because nothing is known of the name.
    #[default]
    All,
    /// The accounts that could lead to the evidence seen of the name.
    LeadingTo(Arc<NamespaceEvidence>),
    /// No accounts. Nothing could be seen of the name, so that no account can lead to it.
    None,
}

impl ProofsToRead {
    /// Returns whether the proof of `account` is worth reading.
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
    /// Creates a query for the accounts of `did` that may own `namespace`.
    #[must_use]
    pub fn new(did: Did, namespace: Namespace, now: Timestamp, maturity: Duration) -> Self {
        Self {
            did,
            namespace,
            now,
            maturity,
            proofs: ProofsToRead::All,
            budget: Budget::unlimited(),
        }
    }

    /// Sets the proofs that are worth reading.
    #[must_use]
    pub fn looking_for(mut self, proofs: ProofsToRead) -> Self {
        self.proofs = proofs;
        self
    }

    /// Sets the budget.
    #[must_use]
    pub fn within(mut self, budget: Budget) -> Self {
        self.budget = budget;
        self
    }
}

/// A source of the accounts that a DID says it holds, with the evidence that supports each.
///
/// # The worth of a platform claim
/// A platform claim says "this DID holds that account", and anyone may say it of any account. **Alone it grants nothing**: it
/// only makes it possible to make a namespace claim, which is always checked on its own. The capabilities that the link between
/// DID and account falls to depend on its support:
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
/// npm and PyPI have no public way to tell who presents a name. There is no token check here, because tokens are what CI leaks,
/// and PyPI's echo endpoint refuses ordinary tokens. So a self-reported name proves possession of the device key and nothing
/// about the account; under the default policy it is never enough.
///
/// # Contract
/// Every [`LinkedAccount`] carries the signed claim of `query.did`, whole. Accounts that could not be looked up are an error,
/// never left out: a missing account would silently reduce the rights of its holder. Proofs are read as far as `query.proofs`
/// wants them, within `query.budget`.
///
/// # Security
/// The implementation has no say in the grade of a link, and a claim alone is never more than self-reported. Core checks each
/// claim's signature, DID, audience and life. It checks that each piece of evidence is about the claim's own account and DID, and
/// fresh; that a gist holds exactly this claim; that a package is the account's alone and names the DID, and for how long. For
/// evidence in an observation, core checks the observer's signature, trust and revocation.
///
/// Core cannot check whether *live* evidence ([`ObservedEvidence::live`](crate::evidence::ObservedEvidence::live)) was seen at all. For
/// that, an implementation is trusted like every adapter that you plug in: one that returns a device flow that nobody ran proves
/// any account to any DID. Take live evidence only from an [`AccountProver`](super::AccountProver), as
/// [`ClaimsContext`](crate::use_cases::ClaimsContext) does, and never from the caller's request.
///
/// ```compile_fail,E0277
/// // There is no way to state an account by its name alone: no conversion, no default.
/// let account: auths_core::evidence::LinkedAccount = "pypi:alice".into();
/// ```
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait PlatformContext: fmt::Debug + Send + Sync {
    /// Returns the accounts of a DID.
    ///
    /// # Errors
    /// [`Unavailable`] when not all of them could be looked up.
    async fn accounts(
        &self,
        query: &LinkedAccountsQuery,
    ) -> Result<Vec<LinkedAccount>, Unavailable>;
}

/// Asks the registry, and checks the query and the answer against the verifier's own description.
pub(crate) async fn gather_checked<V: NamespaceVerifier + ?Sized>(
    verifier: &V,
    query: &NamespaceQuery,
) -> Result<NamespaceEvidence, NamespaceError> {
    query.check_for(verifier)?;
    let seen = verifier.gather(query).await?;
    if seen.namespace == query.namespace && seen.origin == *verifier.origin() {
        return Ok(seen);
    }
    let detail = format!("it is about {} at {}", seen.namespace, seen.origin);
    Err(Unavailable::new(UnavailableReason::EvidenceMismatch, detail).into())
}

#[cfg(test)]
mod tests;
