//! The rule of pins: whether an accepted answer agrees with the pin of its package, and what is to be written.

use super::record::Pin;
use crate::Timestamp;
use crate::capability::Capability;
use crate::claim::Incarnation;
use crate::decide::{NamespaceAuthority, Verified};
use crate::reason::{Obstacle, Refuted, RefutedReason, Unavailable, UnavailableReason};

/// What is to be written to the store of pins before an answer is acted on.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
#[must_use = "the pin must be written before the answer is acted on"]
pub enum PinStep {
    /// Nothing.
    Keep,
    /// This pin: there is none yet ([`PinStore::record`](crate::ports::PinStore::record)).
    Record(Pin),
    /// This pin, in the place of the one that was looked at ([`PinStore::change`](crate::ports::PinStore::change)).
    Change(Pin),
}

/// Holds an accepted answer to the pin of its package, and says what to write. `present` is what the store has now: the step is only
/// good while that pin is still there, which the store checks when it writes.
///
/// | present pin | key | run of its repository | run of another repository |
/// |---|---|---|---|
/// | none, or of another life of the name | passes | sets its pin | sets its pin |
/// | there is one, and the chain of the answer falls to `collaborator` | refused | passes | refused |
/// | set by a chain that falls to `collaborator`, and that of the answer does not | passes | sets its pin anew | sets its pin |
/// | neither chain falls to `collaborator` | passes | passes | sets its pin if a trusted publisher that was signed after the pin was set names the package itself; refused otherwise |
///
/// Two pins are to one repository where issuer, repository number and owner number are the same. Where an answer may not set a pin
/// ([`Pin::of`]), it passes or is refused in the same way, and nothing is written. A pin that is set anew has the present time, so a
/// trusted publisher that was signed earlier does not move it.
///
/// # Errors
/// [`RefutedReason::PinnedToAnother`] where the table says so. [`UnavailableReason::Internal`] when `present` is the pin of another
/// package.
///
/// # Security
/// The caller reads `present` from the one store of all who accept an audience. A store that cannot be read is never `None` here.
/// The time of a trusted publisher is its signer's word: it keeps an earlier document from being replayed, and nothing else.
pub fn hold_to_pin(
    present: Option<&Pin>,
    verified: &Verified<NamespaceAuthority>,
    now: Timestamp,
) -> Result<PinStep, Obstacle> {
    let authority = verified.get();
    if let Some(other) = present.filter(|pin| pin.namespace != authority.namespace) {
        let (found, asked) = (other.namespace.short(), authority.namespace.short());
        let detail = format!("the pin of {found} was looked at for {asked}");
        return Err(Unavailable::new(UnavailableReason::Internal, detail).into());
    }
    let publisher = authority.publisher.as_ref();
    let named = publisher.filter(|matched| matched.names_namespace);
    let asking = Asking {
        incarnation: &authority.incarnation,
        falls_to_collaborator: verified.falls_to().contains(Capability::Collaborator),
        run: authority.speaker.run().map(|run| AskingRun {
            pin: Pin::of_run(run, verified, now),
            may_set: Pin::of(verified, now).is_some(),
            named_at: named.map(|matched| matched.signed_at),
        }),
    };
    Ok(asking.step(present)?)
}

/// What the rule looks at of an accepted answer.
pub(super) struct Asking<'a> {
    pub(super) incarnation: &'a Incarnation,
    pub(super) falls_to_collaborator: bool,
    /// The run; `None` where a key asks.
    pub(super) run: Option<AskingRun>,
}

/// What the rule looks at of a run.
pub(super) struct AskingRun {
    /// The pin to its repository.
    pub(super) pin: Pin,
    /// True where it may set that pin.
    pub(super) may_set: bool,
    /// The time when the trusted publisher that it rests on was signed, where that names the package itself.
    pub(super) named_at: Option<Timestamp>,
}

impl Asking<'_> {
    pub(super) fn step(&self, present: Option<&Pin>) -> Result<PinStep, Refuted> {
        let held_to = present.filter(|pin| pin.incarnation == *self.incarnation);
        let Some(run) = &self.run else {
            return match held_to {
                Some(pin) if self.falls_to_collaborator => Err(refused(pin, "a key asks")),
                _ => Ok(PinStep::Keep),
            };
        };
        let Some(pin) = held_to else {
            return Ok(run.set(present));
        };
        let is_stronger = pin.falls_to_collaborator && !self.falls_to_collaborator;
        if is_stronger {
            return Ok(run.set(present));
        }
        if pin.is_of_same_repository(&run.pin) {
            return Ok(PinStep::Keep);
        }
        let is_named_since = run.named_at.is_some_and(|at| at > pin.recorded_at);
        if is_named_since && !self.falls_to_collaborator {
            return Ok(run.set(present));
        }
        let (name, id, owner) = (
            &run.pin.repository.name,
            run.pin.repository.id,
            run.pin.owner,
        );
        let asks = format!("a run of {name} (repository {id} of owner {owner}) asks");
        Err(refused(pin, &asks))
    }
}

impl AskingRun {
    /// Returns the step that sets the run's pin, where it may set one.
    fn set(&self, present: Option<&Pin>) -> PinStep {
        match (self.may_set, present) {
            (false, _) => PinStep::Keep,
            (true, None) => PinStep::Record(self.pin.clone()),
            (true, Some(_)) => PinStep::Change(self.pin.clone()),
        }
    }
}

fn refused(pin: &Pin, asks: &str) -> Refuted {
    Refuted::new(RefutedReason::PinnedToAnother, format!("{pin}, and {asks}"))
}
