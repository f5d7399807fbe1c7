//! Serial numbers that a server raises with every change. An answer with a lower serial than one seen before is old.

use std::sync::Arc;

use auths_core::ports::{Store, StoreKey};
use auths_core::{Origin, Unavailable, UnavailableReason};
use tokio::sync::Mutex;

use crate::roles::store_failed;

/// A memory of the highest serial of each name on one server.
///
/// Two processes on one store may overtake each other between reading and writing. Of two serials just seen, the lower one may
/// then remain. The memory then guards a little less, and never refuses a fresh answer.
///
/// ```
/// use std::sync::Arc;
/// use auths_core::{UnavailableReason, ports::MemoryStore};
/// use auths_http::SerialMemory;
///
/// # let runtime = tokio::runtime::Builder::new_current_thread().build()?;
/// # runtime.block_on(async {
/// let server = "https://registry.example".parse().expect("an origin");
/// let serials = SerialMemory::new("example-serials", &server, Arc::new(MemoryStore::new()));
/// serials.advance("six", Some(7)).await?;
/// let old = serials.advance("six", Some(6)).await;
/// assert_eq!(old.unwrap_err().reason, UnavailableReason::SerialRegressed);
/// # Ok::<(), auths_core::Unavailable>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct SerialMemory {
    store: Arc<dyn Store>,
    collection: &'static str,
    server: String,
    required: bool,
    /// The lock held from reading a serial to writing it.
    turn: Mutex<()>,
}

impl SerialMemory {
    /// Creates the memory for names on `server`, kept in that collection of `store`. An answer without a serial passes until one
    /// with a serial was seen.
    #[must_use]
    pub fn new(collection: &'static str, server: &Origin, store: Arc<dyn Store>) -> Self {
        Self {
            store,
            collection,
            server: server.to_string(),
            required: false,
            turn: Mutex::new(()),
        }
    }

    /// Sets whether every answer must have a serial.
    #[must_use]
    pub fn required(mut self, required: bool) -> Self {
        self.required = required;
        self
    }

    /// Records the serial that came with an answer about `name`.
    ///
    /// # Errors
    /// [`UnavailableReason::SerialRegressed`] when a higher serial was seen before. [`UnavailableReason::MissingField`] when
    /// there is none although one was seen before or is required. [`UnavailableReason::StoreFailed`] when the store fails.
    pub async fn advance(&self, name: &str, serial: Option<u64>) -> Result<(), Unavailable> {
        let key = StoreKey::new(self.collection, format!("{} {name}", self.server));
        let _turn = self.turn.lock().await;
        let record = self.store.get(&key).await?;
        let known = match record {
            None => None,
            Some(bytes) => Some(
                read(&bytes)
                    .ok_or_else(|| store_failed(format!("the record {key} holds no serial")))?,
            ),
        };
        match (serial, known) {
            (None, None) if !self.required => Ok(()),
            (None, _) => Err(Unavailable::new(
                UnavailableReason::MissingField,
                format!("the answer about {name} has no serial"),
            )),
            (Some(serial), Some(known)) if serial < known => Err(Unavailable::new(
                UnavailableReason::SerialRegressed,
                format!(
                    "the answer about {name} has serial {serial}; {known} was seen before, says the collection {} of the store",
                    self.collection
                ),
            )),
            (Some(serial), Some(known)) if serial == known => Ok(()),
            (Some(serial), _) => {
                self.store.put(&key, serial.to_string().as_bytes()).await?;
                Ok(())
            }
        }
    }
}

fn read(bytes: &[u8]) -> Option<u64> {
    std::str::from_utf8(bytes).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use auths_core::ports::{MemoryStore, StoreError};

    fn advance(serials: &SerialMemory, serial: Option<u64>) -> Result<(), UnavailableReason> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        runtime
            .block_on(serials.advance("six", serial))
            .map_err(|u| u.reason)
    }

    fn serials(origin: &str, store: &Arc<MemoryStore>) -> SerialMemory {
        let store = Arc::clone(store);
        SerialMemory::new("serials", &origin.parse().unwrap(), store)
    }

    #[test]
    fn it_never_goes_backwards_not_even_in_the_next_process() {
        let store = Arc::new(MemoryStore::new());
        let first = serials("https://a.example", &store);
        assert_eq!(advance(&first, Some(7)), Ok(()));
        assert_eq!(advance(&first, Some(7)), Ok(()));
        assert_eq!(advance(&first, Some(9)), Ok(()));
        let second = serials("https://a.example", &store);
        assert_eq!(
            advance(&second, Some(8)),
            Err(UnavailableReason::SerialRegressed)
        );
        assert_eq!(advance(&second, None), Err(UnavailableReason::MissingField));
        assert_eq!(advance(&second, Some(9)), Ok(()));
        assert_eq!(
            advance(&serials("https://b.example", &store), Some(1)),
            Ok(())
        );
    }

    #[test]
    fn where_there_must_be_one_there_is() {
        let store = Arc::new(MemoryStore::new());
        let required = serials("https://c.example", &store).required(true);
        assert_eq!(
            advance(&required, None),
            Err(UnavailableReason::MissingField)
        );
        assert_eq!(advance(&serials("https://a.example", &store), None), Ok(()));
    }

    #[test]
    fn a_damaged_record_is_no_reason_to_forget() {
        let store = Arc::new(MemoryStore::new());
        let serials = serials("https://a.example", &store);
        let key = StoreKey::new("serials", "https://a.example six");
        for damaged in ["", "-1", "seven", "99999999999999999999999"] {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .build()
                .unwrap();
            runtime
                .block_on(store.put(&key, damaged.as_bytes()))
                .unwrap();
            assert_eq!(
                advance(&serials, Some(1)),
                Err(UnavailableReason::StoreFailed),
                "{damaged}"
            );
        }
    }

    /// A store that fails to read, or to write.
    #[derive(Debug)]
    struct FailingStore {
        reads: bool,
    }

    #[async_trait::async_trait]
    impl Store for FailingStore {
        async fn get(&self, key: &StoreKey) -> Result<Option<Vec<u8>>, StoreError> {
            match self.reads {
                true => Ok(None),
                false => Err(StoreError::new(key, "read", "the disk is gone")),
            }
        }

        async fn put(&self, key: &StoreKey, _: &[u8]) -> Result<(), StoreError> {
            Err(StoreError::new(key, "written", "the disk is gone"))
        }

        async fn put_new(&self, key: &StoreKey, _: &[u8]) -> Result<bool, StoreError> {
            Err(StoreError::new(key, "written", "the disk is gone"))
        }

        async fn remove(&self, key: &StoreKey) -> Result<(), StoreError> {
            Err(StoreError::new(key, "written", "the disk is gone"))
        }
    }

    #[test]
    fn a_store_that_fails_is_no_empty_store() {
        for reads in [false, true] {
            let origin = "https://a.example".parse().unwrap();
            let serials = SerialMemory::new("serials", &origin, Arc::new(FailingStore { reads }));
            assert_eq!(
                advance(&serials, Some(7)),
                Err(UnavailableReason::StoreFailed)
            );
        }
    }

    #[test]
    fn the_highest_of_many_at_once_remains() {
        let store = Arc::new(MemoryStore::new());
        let serials = Arc::new(serials("https://a.example", &store));
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .build()
            .unwrap();
        runtime.block_on(async {
            let each = (0..64u64).map(|n| {
                let serials = Arc::clone(&serials);
                tokio::spawn(async move {
                    let _ = serials.advance("six", Some(n * 37 % 64)).await;
                })
            });
            for task in each.collect::<Vec<_>>() {
                task.await.unwrap();
            }
        });
        assert_eq!(
            advance(&serials, Some(62)),
            Err(UnavailableReason::SerialRegressed)
        );
        assert_eq!(advance(&serials, Some(63)), Ok(()));
    }
}
