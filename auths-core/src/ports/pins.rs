//! The port for the pins of packages.

use std::fmt;

use async_trait::async_trait;

use super::StoreError;
use crate::identity::Namespace;
use crate::pin::Pin;

/// The result of recording a first pin.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "another pin may have been there first"]
#[expect(
    clippy::large_enum_variant,
    reason = "it is looked at once and dropped"
)]
pub enum PinRecording {
    /// There was none, and the pin is recorded.
    Recorded,
    /// This one is there, and nothing was written. It may equal the one that was to be recorded.
    Present(Pin),
}

/// The result of changing a pin.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "the pin may have been changed by another"]
#[expect(
    clippy::large_enum_variant,
    reason = "it is looked at once and dropped"
)]
pub enum PinChange {
    /// The pin was the expected one, and is changed.
    Changed,
    /// This one is there instead of the expected one, or none, and nothing was written.
    Conflict(Option<Pin>),
}

/// A store of the pins of packages, one for each.
///
/// # Contract
/// - A package is told by its namespace in normal form, its server included. A pin is read as it was written, whole.
/// - Of any number of concurrent [`record`](PinStore::record) calls for one package, one records. Of any number of concurrent
///   [`change`](PinStore::change) calls from one pin, one changes. The others write nothing, and say which pin is there.
/// - What was written is durable when the call returns, where the store outlives its process. Pins are never dropped.
/// - A pin that cannot be read is a [`StoreError`], and so is a store that is not there. Neither is ever `None`.
///
/// [`hold_to_pin`](crate::pin::hold_to_pin) says when to call which.
///
/// # Security
/// All who accept one audience share one store. Whoever can write to it decides which repository a package is pinned to; whoever can
/// make it forget lets the next accepted run set the pin.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait PinStore: fmt::Debug + Send + Sync {
    /// Returns the pin of a package, or `None` when it has none.
    ///
    /// # Errors
    /// [`StoreError`] when it could not be read.
    async fn read(&self, namespace: &Namespace) -> Result<Option<Pin>, StoreError>;

    /// Records the first pin of its package.
    ///
    /// # Errors
    /// [`StoreError`] when it could not be written, or the present one could not be read.
    async fn record(&self, pin: &Pin) -> Result<PinRecording, StoreError>;

    /// Replaces the pin `from` by `to`, a pin of the same package. Every part of the present pin must equal `from`.
    ///
    /// # Errors
    /// [`StoreError`] when it could not be written, the present one could not be read, or the two are of different packages.
    async fn change(&self, from: &Pin, to: &Pin) -> Result<PinChange, StoreError>;
}
