//! A store of pins in memory.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use super::pins::{PinChange, PinRecording, PinStore};
use super::store::{StoreError, StoreKey};
use crate::identity::Namespace;
use crate::pin::Pin;

/// A store of pins that lasts as long as the process.
///
/// ```
/// use auths_core::ports::{MemoryPins, PinStore};
/// # use futures_util::FutureExt as _;
///
/// let pins = MemoryPins::new();
/// let pin = pins.read(&"pypi:six".parse()?).now_or_never().ok_or("it waits for nothing")??;
/// assert!(pin.is_none());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Security
/// After a restart every package has no pin: the next accepted run sets it. Use it in tests, and where nothing is published.
#[derive(Debug, Default)]
pub struct MemoryPins {
    pins: Mutex<BTreeMap<Namespace, Pin>>,
}

impl MemoryPins {
    /// Creates an empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn pins(&self) -> MutexGuard<'_, BTreeMap<Namespace, Pin>> {
        // Each pin is written in one step, so a panic elsewhere leaves the map whole.
        self.pins.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl PinStore for MemoryPins {
    async fn read(&self, namespace: &Namespace) -> Result<Option<Pin>, StoreError> {
        Ok(self.pins().get(namespace).cloned())
    }

    async fn record(&self, pin: &Pin) -> Result<PinRecording, StoreError> {
        let mut pins = self.pins();
        if let Some(present) = pins.get(pin.namespace()) {
            return Ok(PinRecording::Present(present.clone()));
        }
        pins.insert(pin.namespace().clone(), pin.clone());
        Ok(PinRecording::Recorded)
    }

    async fn change(&self, from: &Pin, to: &Pin) -> Result<PinChange, StoreError> {
        if to.namespace() != from.namespace() {
            let key = StoreKey::new("pins", from.namespace().to_string());
            return Err(StoreError::new(
                &key,
                "written",
                "the new pin is of another package",
            ));
        }
        let mut pins = self.pins();
        match pins.get_mut(from.namespace()) {
            Some(present) if present == from => {
                *present = to.clone();
                Ok(PinChange::Changed)
            }
            other => Ok(PinChange::Conflict(other.cloned())),
        }
    }
}
