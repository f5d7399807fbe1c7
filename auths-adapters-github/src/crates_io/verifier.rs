//! The adapter that reads what crates.io shows of a crate, as evidence.

use std::collections::BTreeMap;

use async_trait::async_trait;
use auths_core::evidence::{Existence, Listing, NamespaceEvidence, Owners, Reading};
use auths_core::ports::{NamespaceError, NamespaceQuery, NamespaceVerifier};
use auths_core::{Ecosystem, Origin, Refuted, RefutedReason, Unavailable};
use auths_http::Transport;

use super::client::{Client, CrateRequests};
use super::config::CratesIoConfig;
use super::listing::{Digest, Known, listing, may_be_one_of, put_longest_known_first, unreadable};
use super::memory::OwnerHistory;
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
/// the owner again. Observations are remembered in the [`Store`]. Without a store that lasts, each process begins anew. One case
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
    client: Client,
    memory: OwnerHistory,
}

impl CratesIo {
    /// Creates an adapter that asks by `transport` and remembers owners in `store`.
    ///
    /// `store` may be the transport's own. Its records count across processes only if it outlives them.
    #[must_use]
    pub fn new(config: CratesIoConfig, transport: Transport) -> Self {
        Self {
            memory: OwnerHistory::new(config.origin().to_string(), transport.store()),
            client: Client::new(config, transport),
        }
    }

    /// Checks that the query is for this server.
    fn check(&self, query: &NamespaceQuery) -> Result<(), NamespaceError> {
        let namespace = &query.namespace;
        if *namespace.ecosystem() != Ecosystem::CARGO {
            let what = format!("{namespace} is no crate");
            return Err(NamespaceError::invalid(what));
        }
        if namespace.repository() != self.client.config.configured() {
            let what = format!("{namespace} is not on {}", self.origin());
            return Err(NamespaceError::invalid(what));
        }
        Ok(())
    }

    async fn listing(
        &self,
        asking: &mut CrateRequests<'_>,
        digest: &Digest,
        query: &NamespaceQuery,
    ) -> Result<Listing, Unavailable> {
        let (mut users, mut teams, mut is_whole) = (Vec::new(), Vec::new(), true);
        for owner in asking.owners().await? {
            match owner {
                AnyOwner::User(user) => users.push(user),
                AnyOwner::Team(team) => teams.push(team),
                AnyOwner::Odd => is_whole = false,
            }
        }
        let odd = || unreadable("an owner is neither a readable user nor a readable team");
        if !is_whole && users.is_empty() {
            return Err(odd());
        }
        asking.still(digest).await?;
        // The owners that the query is about come first: of a crate of many owners not all may be read.
        let mut order: Vec<usize> = (0..users.len()).collect();
        order.sort_by_key(|at| !may_be_one_of(&users[*at], &query.accounts));
        let mut known = BTreeMap::new();
        for at in order {
            let linked = asking.linked(&users[at]).await;
            known.insert(at, linked.unwrap_or_else(Known::Unread));
        }
        let owners: Vec<_> = users.into_iter().zip(known.into_values()).collect();
        let mut listing = listing(digest, &owners, teams, self.client.config.accounts_of())?;
        if !is_whole && listing.owners == Owners::Listed {
            listing.owners = Owners::Unread(odd());
        }
        let (name, life) = (query.namespace.name(), digest.incarnation());
        let at = asking.observed_at(query.now);
        self.memory
            .record(name, &life, &mut listing, at, is_whole)
            .await?;
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
        self.check(query)?;
        let origin = self.origin().clone();
        let mut evidence = NamespaceEvidence::new(query.namespace.clone(), origin, query.now);
        // crates.io does not show what a manifest says about DIDs.
        evidence.timeline = Reading::NotOffered;
        let mut asking = self.client.asking(query);
        match asking.krate().await? {
            None => {
                let detail = "crates.io says that the crate does not exist";
                let refuted = Refuted::new(RefutedReason::UnknownProject, detail);
                evidence.existence = Existence::Absent(refuted);
            }
            Some(digest) => {
                evidence.namespace = digest.namespace(&query.namespace);
                evidence.incarnation = Reading::Read(digest.incarnation());
                let listing = self.listing(&mut asking, &digest, query).await;
                evidence.listing = match listing {
                    Ok(listing) => Reading::Read(listing),
                    Err(why) => Reading::Unread(why),
                };
            }
        }
        evidence.observed_at = asking.observed_at(query.now);
        evidence.sources = asking.into_sources();
        Ok(evidence)
    }
}
