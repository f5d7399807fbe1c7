//! The cost of one guess at a passphrase.

use auths_core::{Invalid, Reason};
use serde::{Deserialize, Serialize};

/// The cost of Argon2id (RFC 9106): the work of opening a key file, and so of each guess at its passphrase.
///
/// The default is 64 MiB, 3 passes, 1 lane: the memory and passes of RFC 9106's second recommended option (section 4), above the
/// recommendation of the OWASP Password Storage Cheat Sheet. Costs below [`Argon2Cost::MINIMUM`], which is OWASP's first choice, and
/// above [`Argon2Cost::MAXIMUM`] are refused. The cost stands in the key file, and a file from another source must not take all memory
/// or run for ever.
///
/// ```
/// use auths_keystore::Argon2Cost;
///
/// assert_eq!(Argon2Cost::default().memory_kib(), 64 * 1024);
/// assert!(Argon2Cost::new(1024 * 1024, 4, 1).is_err());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "WrittenCost", into = "WrittenCost")]
pub struct Argon2Cost {
    memory_kib: u32,
    passes: u32,
    lanes: u32,
}

/// A cost outside of the safe range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the Argon2id cost must lie between 19456 KiB, 2 passes, 1 lane and 262144 KiB, 10 passes, 4 lanes"
)]
pub struct CostError;

impl CostError {
    /// Returns the stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        Invalid::BadConfiguration.code()
    }
}

impl Argon2Cost {
    /// The lowest cost: 19 MiB, 2 passes, 1 lane. For tests and small machines.
    pub const MINIMUM: Self = Self {
        memory_kib: 19 * 1024,
        passes: 2,
        lanes: 1,
    };

    /// The highest cost: 256 MiB, 10 passes, 4 lanes.
    pub const MAXIMUM: Self = Self {
        memory_kib: 256 * 1024,
        passes: 10,
        lanes: 4,
    };

    /// Creates a cost of `memory_kib` KiB, `passes` over it, in `lanes` (which are computed one after another).
    ///
    /// # Errors
    /// [`CostError`] when any of the three lies below [`Argon2Cost::MINIMUM`] or above [`Argon2Cost::MAXIMUM`].
    pub fn new(memory_kib: u32, passes: u32, lanes: u32) -> Result<Self, CostError> {
        let (least, most) = (Self::MINIMUM, Self::MAXIMUM);
        let ok = (least.memory_kib..=most.memory_kib).contains(&memory_kib)
            && (least.passes..=most.passes).contains(&passes)
            && (least.lanes..=most.lanes).contains(&lanes);
        if !ok {
            return Err(CostError);
        }
        Ok(Self {
            memory_kib,
            passes,
            lanes,
        })
    }

    /// Returns the memory, in KiB.
    #[must_use]
    pub const fn memory_kib(self) -> u32 {
        self.memory_kib
    }

    /// Returns the passes over the memory.
    #[must_use]
    pub const fn passes(self) -> u32 {
        self.passes
    }

    /// Returns the lanes.
    #[must_use]
    pub const fn lanes(self) -> u32 {
        self.lanes
    }
}

impl Default for Argon2Cost {
    fn default() -> Self {
        Self {
            memory_kib: 64 * 1024,
            passes: 3,
            lanes: 1,
        }
    }
}

/// The cost as it stands in a key file, not yet checked.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenCost {
    memory_kib: u32,
    passes: u32,
    lanes: u32,
}

impl TryFrom<WrittenCost> for Argon2Cost {
    type Error = CostError;

    fn try_from(written: WrittenCost) -> Result<Self, CostError> {
        Self::new(written.memory_kib, written.passes, written.lanes)
    }
}

impl From<Argon2Cost> for WrittenCost {
    fn from(cost: Argon2Cost) -> Self {
        Self {
            memory_kib: cost.memory_kib,
            passes: cost.passes,
            lanes: cost.lanes,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bounds_and_the_default_are_inside_and_their_neighbours_are_not() {
        for cost in [
            Argon2Cost::MINIMUM,
            Argon2Cost::MAXIMUM,
            Argon2Cost::default(),
        ] {
            assert_eq!(
                Argon2Cost::new(cost.memory_kib, cost.passes, cost.lanes),
                Ok(cost)
            );
        }
        let (least, most) = (Argon2Cost::MINIMUM, Argon2Cost::MAXIMUM);
        for (memory_kib, passes, lanes) in [
            (least.memory_kib - 1, 2, 1),
            (least.memory_kib, 1, 1),
            (least.memory_kib, 2, 0),
            (most.memory_kib + 1, 2, 1),
            (least.memory_kib, 11, 1),
            (least.memory_kib, 2, 5),
            (u32::MAX, u32::MAX, u32::MAX),
        ] {
            assert_eq!(Argon2Cost::new(memory_kib, passes, lanes), Err(CostError));
        }
    }

    #[test]
    fn reading_checks_too() {
        let json = r#"{"memory_kib":4294967295,"passes":2,"lanes":1}"#;
        assert!(serde_json::from_str::<Argon2Cost>(json).is_err());
        let json = serde_json::to_string(&Argon2Cost::MINIMUM).unwrap();
        assert_eq!(
            serde_json::from_str::<Argon2Cost>(&json).unwrap(),
            Argon2Cost::MINIMUM
        );
    }
}
