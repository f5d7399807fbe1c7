//! A memory of the state in which this verifier has seen a gist.

use std::sync::Arc;

use auths_core::ports::{Store, StoreKey};
use auths_core::{AccountId, Timestamp, Unavailable, UnavailableReason};
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;

use crate::gist::{GistId, GistSnapshot};

/// A store of the state in which each gist of one server was seen, and since when it has that state.
///
/// A star or a comment, which anybody can make, moves GitHub's `updated_at` (G14 in `docs/platform-facts.md`). It does not move
/// what this verifier saw itself: the newest revision, and the SHA-256 of the file. The memory is the verifier's own: nothing
/// that somebody sends is written into it.
///
/// Two processes on one store may overtake each other between reading and writing. The later record then says less: a state holds
/// since a later time, never since an earlier one.
#[derive(Debug)]
pub(crate) struct GistMemory {
    store: Arc<dyn Store>,
    server: String,
    /// The lock held from reading a record to writing it.
    turn: Mutex<()>,
}

/// A state that was seen, and the time since when it holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KnownState {
    state: GistContent,
    since: Timestamp,
}

/// The parts of a gist that must be equal for it to be unchanged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct GistContent {
    owner: AccountId,
    revision: String,
    digest: String,
    created: Timestamp,
}

impl GistContent {
    /// Returns the state of a gist; `None` where the server shows no revision. Without revisions, another content may lie between
    /// two equal ones.
    fn of(seen: &GistSnapshot) -> Option<Self> {
        Some(Self {
            owner: seen.owner.id()?.clone(),
            revision: seen.revision.clone()?,
            digest: seen.digest.clone(),
            created: seen.created,
        })
    }
}

impl GistMemory {
    pub(crate) fn new(server: String, store: Arc<dyn Store>) -> Self {
        Self {
            store,
            server,
            turn: Mutex::new(()),
        }
    }

    /// Returns the time since when a gist, as it was seen at `at`, is in this state: the first time it was seen in this state, or
    /// its last change where that is longer ago. Records the state.
    ///
    /// A state that cannot be written is forgotten, and counts from a later time at a later observation.
    ///
    /// # Errors
    /// [`UnavailableReason::StoreFailed`] when the store fails. An unreadable record does not count as an empty one.
    pub(crate) async fn record(
        &self,
        id: &GistId,
        seen: &GistSnapshot,
        at: Timestamp,
    ) -> Result<Timestamp, Unavailable> {
        let Some(state) = GistContent::of(seen) else {
            return Ok(seen.updated);
        };
        let key = StoreKey::new("gist-states", format!("{} {id}", self.server));
        let _turn = self.turn.lock().await;
        let before: Option<KnownState> = match self.store.get(&key).await? {
            None => None,
            Some(bytes) => {
                let record = serde_json::from_slice(&bytes);
                Some(record.map_err(|_| {
                    let detail = format!("the record {key} holds no state of a gist");
                    Unavailable::new(UnavailableReason::StoreFailed, detail)
                })?)
            }
        };
        let same = before.as_ref().filter(|before| before.state == state);
        let since = seen.updated.min(at);
        let since = same.map_or(since, |before| before.since.min(since));
        let after = KnownState { state, since };
        if before.as_ref() != Some(&after)
            && let Ok(bytes) = serde_json::to_vec(&after)
        {
            self.store.put(&key, &bytes).await.ok();
        }
        Ok(since)
    }
}

#[cfg(test)]
mod tests {
    use auths_core::ports::MemoryStore;
    use auths_core::{Account, Platform};

    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_unix(1_700_000_000 + seconds).unwrap()
    }

    fn seen(updated: i64, revision: Option<&str>, digest: &str) -> GistSnapshot {
        let owner = Account::parse_login(Platform::GITHUB, "alice").unwrap();
        GistSnapshot {
            owner: owner.with_id(AccountId::new("7").unwrap()),
            created: at(0),
            updated: at(updated),
            revision: revision.map(str::to_owned),
            flaw: None,
            content: Ok(String::new()),
            digest: digest.to_owned(),
        }
    }

    /// Since when the gist stands at the last of these looks: when, what was changed when, its revision, its digest.
    async fn since(looks: &[(i64, i64, Option<&str>, &str)]) -> i64 {
        let store = Arc::new(MemoryStore::new());
        let id = "aa5a315d61ae9438b18d".parse().unwrap();
        let mut since = at(0);
        for (now, updated, revision, digest) in looks {
            // Each look is another process.
            let memory = GistMemory::new("https://api.example".to_owned(), store.clone());
            let seen = seen(*updated, *revision, digest);
            since = memory.record(&id, &seen, at(*now)).await.unwrap();
        }
        since.as_unix() - at(0).as_unix()
    }

    #[tokio::test]
    async fn a_state_stands_since_it_was_seen_or_changed_whichever_is_longer_ago() {
        let (one, two) = (Some("1"), Some("2"));
        for (looks, expected) in [
            (&[(100, 50, one, "a")][..], 50),
            // A star moved the time.
            (&[(100, 50, one, "a"), (900, 800, one, "a")], 50),
            (
                &[
                    (100, 50, one, "a"),
                    (900, 800, one, "a"),
                    (950, 940, one, "a"),
                ],
                50,
            ),
            // The server's clock is ahead: it was seen before that.
            (&[(100, 200, one, "a"), (900, 800, one, "a")], 100),
            // Edited, and edited back.
            (&[(100, 50, one, "a"), (900, 800, two, "a")], 800),
            (&[(100, 50, one, "a"), (900, 800, one, "b")], 800),
            (
                &[
                    (100, 50, one, "a"),
                    (500, 400, two, "b"),
                    (900, 800, one, "a"),
                ],
                800,
            ),
            // Without revisions nothing tells what lay between.
            (&[(100, 50, None, "a"), (900, 800, None, "a")], 800),
            (&[(100, 50, one, "a"), (900, 800, None, "a")], 800),
        ] {
            assert_eq!(since(looks).await, expected, "{looks:?}");
        }
    }

    #[tokio::test]
    async fn a_damaged_record_is_no_empty_one() {
        let store = Arc::new(MemoryStore::new());
        let id: GistId = "aa5a31".parse().unwrap();
        let key = StoreKey::new("gist-states", "https://api.example aa5a31");
        store.put(&key, b"{}").await.unwrap();
        let memory = GistMemory::new("https://api.example".to_owned(), store);
        let failed = memory.record(&id, &seen(50, Some("1"), "a"), at(100)).await;
        assert_eq!(failed.unwrap_err().reason, UnavailableReason::StoreFailed);
    }
}
