//! The adapter that reads what crates.io shows of a crate, as evidence.

use std::collections::BTreeMap;

use async_trait::async_trait;
use auths_core::evidence::{Existence, Listing, ListingCompleteness, NamespaceEvidence, Reading};
use auths_core::ports::{NamespaceError, NamespaceQuery, NamespaceVerifier};
use auths_core::{Ecosystem, Origin, Refuted, RefutedReason, Unavailable, UnavailableReason};
use auths_http::{OwnerHistory, Transport};

use super::client::{CrateRequests, CratesIoClient};
use super::config::CratesIoConfig;
use super::parse::{CrateRecord, KnownAccounts, listing, may_be_one_of, put_longest_known_first};
use super::wire::AnyOwner;

/// An adapter that reads what crates.io, or a server that speaks its API, shows of a crate: which life of the name it is, and who
/// owns it, by the ids of the GitHub accounts that the owners sign in with.
///
/// # What an owner is worth
/// A token with the scope `change-owners` adds owners, and an added one may publish. crates.io keeps no public record of who was
/// an owner when, so being listed alone falls to a `stolen-token`. This adapter reports further facts, and core weighs them:
///
/// | seen of the owner | falls to |
/// |---|---|
/// | the owner published the crate's first version, longer ago than the maturity | `account-session` |
/// | the owner published a later version, or was listed at every observation, that long ago | `held-token` |
/// | no fact that old | `stolen-token`, until one is that old |
///
/// If an observation does not find an owner listed, the owner's earlier versions no longer count, because a token may have added
/// the owner again. Observations are remembered in the [`Store`](auths_core::ports::Store). Without a store that lasts, each process begins anew. One case
/// cannot be seen: an owner who was removed, and added again by a thief, while this verifier did not look.
///
/// # Security
/// - Reading the linked accounts of an owner takes one request each. Where they cannot be read, the owner is listed as an account
///   of crates.io, and the listing is open. The other owners are listed as usual, and nobody is said not to be listed.
/// - User names of crates.io can be chosen freely, and say nothing about GitHub. Only linked ids count. On a server that is too
///   old to show them, the ids in the addresses of pictures are read, and labelled as recyclable names.
/// - Teams are listed apart and never count: their members may publish, and their names outlive their organisations.
/// - A crate's own source repository is not read: its publisher typed it.
///
/// ```
/// use std::sync::Arc;
/// use auths_adapters_github::{CratesIo, CratesIoConfig};
/// use auths_core::ports::{MemoryStore, NamespaceQuery, NamespaceVerifier};
/// use auths_http::{SystemClock, TokioSleeper, Transport, TransportConfig};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let store = Arc::new(MemoryStore::new());
/// let transport = Transport::new(
///     TransportConfig::default().with_contact("https://hub.example/contact"),
///     Arc::new(SystemClock),
///     Arc::new(TokioSleeper),
///     store.clone(),
/// )?;
/// let crates_io = CratesIo::new(CratesIoConfig::public()?, transport);
/// let query = NamespaceQuery::new("cargo:serde".parse()?, "2026-11-21T08:46:00Z".parse()?);
/// let evidence = crates_io.gather(&query).await?;
/// println!("{:?}", evidence.listing);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct CratesIo {
    client: CratesIoClient,
    memory: OwnerHistory,
}

impl CratesIo {
    /// Creates an adapter that asks by `transport` and remembers owners in `store`.
    ///
    /// `store` may be the transport's own. Its records count across processes only if it outlives them.
    #[must_use]
    pub fn new(config: CratesIoConfig, transport: Transport) -> Self {
        Self {
            memory: OwnerHistory::new("crates-io-owners", config.origin(), transport.store()),
            client: CratesIoClient::new(config, transport),
        }
    }

    async fn listing(
        &self,
        requests: &mut CrateRequests<'_>,
        krate: &CrateRecord,
        query: &NamespaceQuery,
    ) -> Result<Listing, Unavailable> {
        let (mut users, mut teams, mut is_whole) = (Vec::new(), Vec::new(), true);
        for owner in requests.owners().await? {
            match owner {
                AnyOwner::User(user) => users.push(user),
                AnyOwner::Team(team) => teams.push(team),
                AnyOwner::Odd => is_whole = false,
            }
        }
        let odd = "an owner is neither a readable user nor a readable team";
        if !is_whole && users.is_empty() {
            return Err(Unavailable::unreadable(odd));
        }
        requests.ensure_unchanged(krate).await?;
        // The owners that the query is about come first: of a crate of many owners not all may be read.
        let mut order: Vec<usize> = (0..users.len()).collect();
        order.sort_by_key(|at| !may_be_one_of(&users[*at], &query.accounts));
        let mut known = BTreeMap::new();
        for at in order {
            let linked = requests.linked(&users[at]).await;
            known.insert(at, linked.unwrap_or_else(KnownAccounts::Unread));
        }
        let owners: Vec<_> = users.into_iter().zip(known.into_values()).collect();
        let mut listing = listing(krate, &owners, teams, self.client.config.accounts_of())?;
        if !is_whole && listing.owners == ListingCompleteness::Listed {
            listing.owners = ListingCompleteness::Unread(Unavailable::unreadable(odd));
        }
        let (name, life) = (query.namespace.name(), krate.incarnation());
        let at = requests.observed_at(query.now);
        self.memory
            .record(name, &life, &mut listing, at, is_whole)
            .await?;
        if listing.accounts.is_empty() && listing.teams.is_empty() {
            let detail = "the answer lists no owner and no team";
            return Err(Unavailable::new(UnavailableReason::Empty, detail));
        }
        put_longest_known_first(&mut listing.accounts);
        Ok(listing)
    }
}

#[async_trait]
impl NamespaceVerifier for CratesIo {
    fn ecosystem(&self) -> &Ecosystem {
        &Ecosystem::CARGO
    }

    fn origin(&self) -> &Origin {
        self.client.config.origin()
    }

    fn is_public(&self) -> bool {
        self.client.config.is_public()
    }

    async fn gather(&self, query: &NamespaceQuery) -> Result<NamespaceEvidence, NamespaceError> {
        query.check_for(self)?;
        let origin = self.origin().clone();
        let mut evidence = NamespaceEvidence::new(query.namespace.clone(), origin, query.now);
        // crates.io does not show what a manifest says about DIDs.
        evidence.timeline = Reading::NotOffered;
        let mut requests = self.client.requests_for(query);
        match requests.read_crate().await? {
            None => {
                let detail = "crates.io says that the crate does not exist";
                let refuted = Refuted::new(RefutedReason::UnknownProject, detail);
                evidence.existence = Existence::Absent(refuted);
            }
            Some(krate) => {
                evidence.namespace = krate.namespace(&query.namespace);
                evidence.incarnation = Reading::Read(krate.incarnation());
                let listing = self.listing(&mut requests, &krate, query).await;
                evidence.listing = listing.into();
            }
        }
        evidence.observed_at = requests.observed_at(query.now);
        evidence.sources = requests.into_sources();
        Ok(evidence)
    }
}
