//! What a publish of one package comes to, before anything is written or used up.

use crate::decide::Decision;
use crate::pin::{Pin, PinStep};

/// What a request to publish comes to for one package.
///
/// It tells, and gives no right: there is no [`Verified`](crate::Verified) in it.
///
/// ```compile_fail,E0599
/// # fn checked() -> auths_core::use_cases::PublishCheck { unimplemented!() }
/// let verified = checked().into_verified();
/// ```
#[derive(Debug, Clone)]
pub struct PublishCheck {
    decision: Decision,
    present: Option<Pin>,
    step: PinStep,
}

impl PublishCheck {
    /// Takes a decision that was sealed or has no `Verified`.
    pub(super) const fn new(decision: Decision, present: Option<Pin>, step: PinStep) -> Self {
        Self {
            decision,
            present,
            step,
        }
    }

    /// Returns the decision about the package: accepted, or there would be no such value. It opens nothing.
    pub const fn decision(&self) -> &Decision {
        &self.decision
    }

    /// Returns the pin that the package had when it was looked at.
    #[must_use]
    pub const fn present_pin(&self) -> Option<&Pin> {
        self.present.as_ref()
    }

    /// Returns the pin of the package after the publish.
    #[must_use]
    pub fn pin(&self) -> Option<&Pin> {
        match &self.step {
            PinStep::Keep => self.present.as_ref(),
            PinStep::Record(pin) | PinStep::Change(pin) => Some(pin),
        }
    }

    /// Returns what the publish does to the pin.
    pub const fn step(&self) -> &PinStep {
        &self.step
    }
}
