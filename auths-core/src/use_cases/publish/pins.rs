//! Holding answers to the pins of their packages.

use super::PublishError;
use crate::Timestamp;
use crate::decide::{NamespaceAuthority, Verified};
use crate::pin::{Pin, PinStep, hold_to_pin};
use crate::ports::{PinChange, PinRecording, PinStore, StoreError};
use crate::reason::{Refuted, RefutedReason, Unavailable, UnavailableReason};

/// An answer that passed its pin, and what is to be written for it.
pub(super) struct HeldToPin<'a> {
    pub(super) verified: &'a Verified<NamespaceAuthority>,
    pub(super) present: Option<Pin>,
    pub(super) step: PinStep,
}

/// Holds an answer to the pin of its package. Nothing is written, and neither token nor challenge is used up.
pub(super) async fn hold<'a>(
    pins: &dyn PinStore,
    verified: &'a Verified<NamespaceAuthority>,
    now: Timestamp,
) -> Result<HeldToPin<'a>, PublishError> {
    let name = &verified.get().namespace;
    let present = pins.read(name).await;
    let present = present.map_err(|error| PublishError::of_store(name, &error))?;
    let step = hold_to_pin(present.as_ref(), verified, now);
    Ok(HeldToPin {
        verified,
        step: step.map_err(|why| PublishError::pin(name, why))?,
        present,
    })
}

/// Writes the pin of an answer. Where another run was first, the answer is held to that run's pin.
pub(super) async fn write(
    pins: &dyn PinStore,
    held: HeldToPin<'_>,
    now: Timestamp,
) -> Result<(), PublishError> {
    let HeldToPin {
        verified,
        present,
        step,
    } = held;
    let name = &verified.get().namespace;
    let failed = |error: StoreError| PublishError::of_store(name, &error);
    let there = match (step, present) {
        (PinStep::Keep, _) => return Ok(()),
        (PinStep::Record(pin), _) => match pins.record(&pin).await.map_err(failed)? {
            PinRecording::Recorded => return Ok(()),
            PinRecording::Present(other) => Some(other),
        },
        (PinStep::Change(pin), Some(from)) => {
            match pins.change(&from, &pin).await.map_err(failed)? {
                PinChange::Changed => return Ok(()),
                PinChange::Conflict(other) => other,
            }
        }
        (PinStep::Change(_), None) => None,
    };
    let Some(other) = there else {
        let why = "the pin that was read is not there any more";
        let why = Unavailable::new(UnavailableReason::StoreFailed, why);
        return Err(PublishError::pin(name, why));
    };
    // Another run was first. It may be of the same repository.
    let step = hold_to_pin(Some(&other), verified, now);
    match step.map_err(|why| PublishError::pin(name, why))? {
        PinStep::Keep => Ok(()),
        _ => {
            let detail =
                "another run set the pin at the same time: ask for a new token, and try again";
            let refuted = Refuted::new(RefutedReason::PinnedToAnother, detail);
            Err(PublishError::pin(name, refuted))
        }
    }
}
