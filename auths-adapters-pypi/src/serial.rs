//! The serial of a project, which PyPI raises with every change: an answer with a lower one is old.

use std::sync::Arc;

use auths_core::ports::{Store, StoreKey};
use auths_core::{PackageName, Unavailable, Why};
use tokio::sync::Mutex;

use crate::config::PyPiConfig;

/// Remembers the highest serial of each project of one server.
///
/// Two processes on one store may overtake each other between reading and writing, so that the lower of two serials, both
/// just seen, remains. It then guards a little less, and never refuses what is fresh.
#[derive(Debug)]
pub(crate) struct Serials {
    store: Arc<dyn Store>,
    is_public: bool,
    server: String,
    /// Held from reading a serial to writing it.
    turn: Mutex<()>,
}

impl Serials {
    pub(crate) fn new(config: &PyPiConfig, store: Arc<dyn Store>) -> Self {
        Self {
            store,
            is_public: config.is_public(),
            server: config.origin().to_string(),
            turn: Mutex::new(()),
        }
    }

    /// Takes note of the serial that came with an answer about `name`.
    ///
    /// # Errors
    /// [`Why::SerialRegressed`] when a higher one was seen before; [`Why::MissingField`] when there is none although
    /// there was one before, or although the public PyPI answered; [`Why::StoreFailed`].
    pub(crate) async fn advance(
        &self,
        name: &PackageName,
        serial: Option<u64>,
    ) -> Result<(), Unavailable> {
        let key = StoreKey::new("pypi-serials", format!("{} {name}", self.server));
        let _turn = self.turn.lock().await;
        let failed = |detail: String| Unavailable::new(Why::StoreFailed, detail);
        let record = self
            .store
            .get(&key)
            .await
            .map_err(|e| failed(e.to_string()))?;
        let known = match record {
            None => None,
            Some(bytes) => Some(
                read(&bytes).ok_or_else(|| failed(format!("the record {key} holds no serial")))?,
            ),
        };
        match (serial, known) {
            (None, None) if !self.is_public => Ok(()),
            (None, _) => Err(Unavailable::new(
                Why::MissingField,
                format!("the answer about {name} has no last_serial"),
            )),
            (Some(serial), Some(known)) if serial < known => Err(Unavailable::new(
                Why::SerialRegressed,
                format!("the answer about {name} has serial {serial}; {known} was seen before"),
            )),
            (Some(serial), Some(known)) if serial == known => Ok(()),
            (Some(serial), _) => {
                let written = self.store.put(&key, serial.to_string().as_bytes()).await;
                written.map_err(|e| failed(e.to_string()))
            }
        }
    }
}

fn read(bytes: &[u8]) -> Option<u64> {
    std::str::from_utf8(bytes).ok()?.parse().ok()
}

/// That an answer about a release shows the project as its own answer, read just before, did.
///
/// # Errors
/// [`Why::SerialRegressed`] when the serials differ: one of the answers is old, or the project changed between the two.
/// [`Why::MissingField`] when only one has a serial.
pub(crate) fn same(project: Option<u64>, release: Option<u64>) -> Result<(), Unavailable> {
    match (project, release) {
        (Some(project), Some(release)) if project != release => {
            let older = if release < project {
                "release"
            } else {
                "project"
            };
            let detail = format!(
                "the answer about the {older} is the older one: the project has serial {project}, its release {release}"
            );
            Err(Unavailable::new(Why::SerialRegressed, detail))
        }
        (Some(_), None) | (None, Some(_)) => Err(Unavailable::new(
            Why::MissingField,
            "only one of the answers about a project and its release has a last_serial",
        )),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use auths_core::Ecosystem;
    use auths_core::ports::{MemoryStore, StoreError};

    fn advance(serials: &Serials, serial: Option<u64>) -> Result<(), Why> {
        let name = PackageName::parse(&Ecosystem::PYPI, "six").unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        runtime
            .block_on(serials.advance(&name, serial))
            .map_err(|u| u.why)
    }

    fn serials(origin: &str, store: &Arc<MemoryStore>) -> Serials {
        Serials::new(
            &PyPiConfig::at(origin.parse().unwrap()),
            Arc::clone(store) as _,
        )
    }

    #[test]
    fn it_never_goes_backwards_not_even_in_the_next_process() {
        let store = Arc::new(MemoryStore::new());
        let first = serials("https://a.example", &store);
        assert_eq!(advance(&first, Some(7)), Ok(()));
        assert_eq!(advance(&first, Some(7)), Ok(()));
        assert_eq!(advance(&first, Some(9)), Ok(()));
        let second = serials("https://a.example", &store);
        assert_eq!(advance(&second, Some(8)), Err(Why::SerialRegressed));
        assert_eq!(advance(&second, None), Err(Why::MissingField));
        assert_eq!(advance(&second, Some(9)), Ok(()));
        assert_eq!(
            advance(&serials("https://b.example", &store), Some(1)),
            Ok(())
        );
    }

    #[test]
    fn only_a_configured_server_may_have_none() {
        let store = Arc::new(MemoryStore::new());
        let public = Serials::new(&PyPiConfig::public().unwrap(), Arc::clone(&store) as _);
        assert_eq!(advance(&public, None), Err(Why::MissingField));
        assert_eq!(advance(&serials("https://a.example", &store), None), Ok(()));
    }

    #[test]
    fn a_damaged_record_is_no_reason_to_forget() {
        let store = Arc::new(MemoryStore::new());
        let serials = serials("https://a.example", &store);
        let key = StoreKey::new("pypi-serials", "https://a.example six");
        for damaged in ["", "-1", "seven", "99999999999999999999999"] {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .build()
                .unwrap();
            runtime
                .block_on(store.put(&key, damaged.as_bytes()))
                .unwrap();
            assert_eq!(
                advance(&serials, Some(1)),
                Err(Why::StoreFailed),
                "{damaged}"
            );
        }
    }

    #[test]
    fn a_release_is_of_the_project_as_it_was_read() {
        let why = |project, release| same(project, release).map_err(|u| u.why);
        assert_eq!(why(Some(7), Some(7)), Ok(()));
        assert_eq!(why(None, None), Ok(()));
        assert_eq!(why(Some(7), Some(8)), Err(Why::SerialRegressed));
        assert_eq!(why(Some(7), Some(6)), Err(Why::SerialRegressed));
        assert_eq!(why(None, Some(1)), Err(Why::MissingField));
        assert_eq!(why(Some(7), None), Err(Why::MissingField));
    }

    /// A store that fails to read, or to write.
    #[derive(Debug)]
    struct Failing {
        reads: bool,
    }

    #[async_trait::async_trait]
    impl Store for Failing {
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
            let config = PyPiConfig::at("https://a.example".parse().unwrap());
            let serials = Serials::new(&config, Arc::new(Failing { reads }));
            assert_eq!(advance(&serials, Some(7)), Err(Why::StoreFailed));
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
                    let name = PackageName::parse(&Ecosystem::PYPI, "six").unwrap();
                    let _ = serials.advance(&name, Some(n * 37 % 64)).await;
                })
            });
            for task in each.collect::<Vec<_>>() {
                task.await.unwrap();
            }
        });
        assert_eq!(advance(&serials, Some(62)), Err(Why::SerialRegressed));
        assert_eq!(advance(&serials, Some(63)), Ok(()));
    }
}
