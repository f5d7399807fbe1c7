//! A memory of the owners that this verifier has found listed.

use std::sync::Arc;

use auths_core::claim::Incarnation;
use auths_core::evidence::{KnownOwners, Listing};
use auths_core::ports::{Store, StoreKey};
use auths_core::{Origin, PackageName, Timestamp, Unavailable};
use tokio::sync::Mutex;

use crate::roles::store_failed;

/// A store of [`KnownOwners`] for each package on one server.
///
/// Where an API token can add owners, a thief of a token makes an owner of its own, who is listed like any other. Only the
/// verifier's own earlier observations show since when each owner is listed. An adapter for such a registry records every listing
/// here.
///
/// Two processes on one store may overtake each other between reading and writing. The later record then says less: an owner is
/// known since a later time, never since an earlier one.
#[derive(Debug)]
pub struct OwnerHistory {
    store: Arc<dyn Store>,
    collection: &'static str,
    server: String,
    /// The lock held from reading a record to writing it.
    turn: Mutex<()>,
}

impl OwnerHistory {
    /// Creates the memory for packages on `server`, kept in that collection of `store`.
    #[must_use]
    pub fn new(collection: &'static str, server: &Origin, store: Arc<dyn Store>) -> Self {
        Self {
            store,
            collection,
            server: server.to_string(),
            turn: Mutex::new(()),
        }
    }

    /// Writes into a listing, read at `now`, what is known of its owners, and remembers it where the listing `is_whole`: whoever
    /// could not be read was not absent.
    ///
    /// # Errors
    /// [`UnavailableReason::StoreFailed`](auths_core::UnavailableReason::StoreFailed) when the store fails. An unreadable record does not count as an empty one: an owner who
    /// came back would then look new.
    pub async fn record(
        &self,
        name: &PackageName,
        incarnation: &Incarnation,
        listing: &mut Listing,
        now: Timestamp,
        is_whole: bool,
    ) -> Result<(), Unavailable> {
        let key = StoreKey::new(
            self.collection,
            format!("{} {}", self.server, name.as_str()),
        );
        let _turn = self.turn.lock().await;
        let before: Option<KnownOwners> = match self.store.get(&key).await? {
            None => None,
            Some(bytes) => {
                let record = serde_json::from_slice(&bytes);
                Some(
                    record
                        .map_err(|_| store_failed(format!("the record {key} holds no owners")))?,
                )
            }
        };
        let after = KnownOwners::record(before.clone(), incarnation, listing, now);
        if !is_whole || before.as_ref() == Some(&after) {
            return Ok(());
        }
        let bytes = serde_json::to_vec(&after).map_err(|e| store_failed(e.to_string()))?;
        self.store.put(&key, &bytes).await?;
        Ok(())
    }
}
