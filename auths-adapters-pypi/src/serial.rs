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

/// What a serial of a release's answer must not fall below: the project's own, read just before.
///
/// # Errors
/// [`Why::SerialRegressed`] when it does; [`Why::MissingField`] when only the project has one.
pub(crate) fn at_least(floor: Option<u64>, serial: Option<u64>) -> Result<(), Unavailable> {
    match (floor, serial) {
        (Some(floor), Some(serial)) if serial < floor => Err(Unavailable::new(
            Why::SerialRegressed,
            format!(
                "the answer about a release has serial {serial}, the one about its project {floor}"
            ),
        )),
        (Some(_), None) => Err(Unavailable::new(
            Why::MissingField,
            "the answer about a release has no last_serial",
        )),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use auths_core::Ecosystem;
    use auths_core::ports::MemoryStore;

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
    fn a_release_is_not_older_than_its_project() {
        let why = |floor, serial| at_least(floor, serial).map_err(|u| u.why);
        assert_eq!(why(Some(7), Some(7)), Ok(()));
        assert_eq!(why(Some(7), Some(8)), Ok(()));
        assert_eq!(why(None, None), Ok(()));
        assert_eq!(why(None, Some(1)), Ok(()));
        assert_eq!(why(Some(7), Some(6)), Err(Why::SerialRegressed));
        assert_eq!(why(Some(7), None), Err(Why::MissingField));
    }
}
