//! A memory of the account that was seen as the only Owner of a package.

use std::sync::Arc;

use auths_core::evidence::{NamespaceEvidence, Reading, SeenRoles};
use auths_core::ports::{Store, StoreKey};
use auths_core::{Origin, Unavailable, UnavailableReason};
use tokio::sync::Mutex;

/// A store of [`SeenRoles`] for each package on one server.
///
/// Two processes on one store may overtake each other between reading and writing. Of two observations at nearly the same moment,
/// one may then be lost.
#[derive(Debug)]
pub struct RoleMemory {
    store: Arc<dyn Store>,
    collection: &'static str,
    server: String,
    /// The lock held from reading a record to writing it.
    turn: Mutex<()>,
}

impl RoleMemory {
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

    /// Records the accounts that `evidence` lists, and sets in it the roles known from then on. Evidence without a listing, or
    /// without the marker of the name's life, is no observation and is left as it is. Where the store fails, the listing becomes
    /// unread: [`UnavailableReason::StoreFailed`].
    pub async fn record(&self, evidence: &mut NamespaceEvidence) {
        match self.seen(evidence).await {
            Ok(seen) => evidence.seen_roles = seen,
            Err(why) => evidence.listing = Reading::Unread(why),
        }
    }

    async fn seen(&self, evidence: &NamespaceEvidence) -> Result<Option<SeenRoles>, Unavailable> {
        let (Reading::Read(listing), Reading::Read(life)) =
            (&evidence.listing, &evidence.incarnation)
        else {
            return Ok(None);
        };
        let name = evidence.namespace.name().as_str();
        let key = StoreKey::new(self.collection, format!("{} {name}", self.server));
        let _turn = self.turn.lock().await;
        let before: Option<SeenRoles> = match self.store.get(&key).await? {
            None => None,
            Some(bytes) => {
                let record = serde_json::from_slice(&bytes);
                Some(record.map_err(|_| store_failed(format!("the record {key} holds no roles")))?)
            }
        };
        let after = SeenRoles::record(before.clone(), life, listing, evidence.observed_at);
        if before.as_ref() != Some(&after) {
            let bytes = serde_json::to_vec(&after).map_err(|e| store_failed(e.to_string()))?;
            self.store.put(&key, &bytes).await?;
        }
        Ok(Some(after))
    }
}

/// Returns the failure of a record that cannot be read or written.
pub(crate) fn store_failed(detail: String) -> Unavailable {
    Unavailable::new(UnavailableReason::StoreFailed, detail)
}

#[cfg(test)]
mod tests {
    use super::*;
    use auths_core::claim::Incarnation;
    use auths_core::evidence::{ListedAccount, Listing, OwnerRole};
    use auths_core::ports::MemoryStore;
    use auths_core::{Account, Timestamp};

    fn evidence(at: i64) -> NamespaceEvidence {
        let alice: Account = "pypi:alice".parse().unwrap();
        let origin = "https://a.example".parse().unwrap();
        let at = Timestamp::from_unix(at).unwrap();
        let mut evidence = NamespaceEvidence::new("pypi:six".parse().unwrap(), origin, at);
        let owner = ListedAccount::new(alice, OwnerRole::Owner, "Owner");
        evidence.listing = Reading::Read(Listing::new(vec![owner]));
        evidence.incarnation = Reading::Read(Incarnation::new("first-upload", "x"));
        evidence
    }

    fn record(store: &Arc<MemoryStore>, evidence: &mut NamespaceEvidence) {
        let origin = "https://a.example".parse().unwrap();
        let memory = RoleMemory::new("roles", &origin, store.clone());
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        runtime.unwrap().block_on(memory.record(evidence));
    }

    #[test]
    fn the_next_process_remembers_what_this_one_saw() {
        let store = Arc::new(MemoryStore::new());
        let (mut first, mut second) = (evidence(0), evidence(3_600));
        record(&store, &mut first);
        record(&store, &mut second);
        let alice: Account = "pypi:alice".parse().unwrap();
        let between = [Timestamp::from_unix(1_800).unwrap()];
        assert!(!first.seen_roles.unwrap().show_alone(&alice, &between));
        assert!(second.seen_roles.unwrap().show_alone(&alice, &between));
    }

    #[test]
    fn what_was_not_read_is_no_look() {
        let store = Arc::new(MemoryStore::new());
        let why = Unavailable::missing_field("x");
        let (mut listing, mut life) = (evidence(0), evidence(0));
        listing.listing = Reading::Unread(why.clone());
        life.incarnation = Reading::Unread(why);
        for mut blind in [listing, life] {
            record(&store, &mut blind);
            assert_eq!(blind.seen_roles, None);
        }
    }

    #[test]
    fn a_damaged_record_is_no_empty_one() {
        let store = Arc::new(MemoryStore::new());
        let key = StoreKey::new("roles", "https://a.example six");
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        let put = store.put(&key, b"{}");
        runtime.unwrap().block_on(put).unwrap();
        let mut seen = evidence(0);
        record(&store, &mut seen);
        assert_eq!(
            seen.listing.get().unwrap_err().reason,
            UnavailableReason::StoreFailed
        );
    }
}
