//! The cost of one guess at a passphrase.

use auths_core::{Invalid, Reason};
use serde::{Deserialize, Serialize};

/// The cost of Argon2id (RFC 9106): the work of opening a key file, and so of each guess at its passphrase.
///
/// The default is 64 MiB, 3 passes, 1 lane: the memory and passes of RFC 9106's second recommended option (section 4), above the
/// recommendation of the OWASP Password Storage Cheat Sheet. Costs below [`Cost::MINIMUM`], which is OWASP's first choice, and
/// above [`Cost::MAXIMUM`] are refused. The cost stands in the key file, and a file from another source must not take all memory
/// or run for ever.
///
/// ```
/// use auths_keystore::Cost;
///
/// assert_eq!(Cost::default().memory_kib(), 64 * 1024);
/// assert!(Cost::new(1024 * 1024, 4, 1).is_err());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct Cost {
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

impl Cost {
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
    /// [`CostError`] when any of the three lies below [`Cost::MINIMUM`] or above [`Cost::MAXIMUM`].
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

impl Default for Cost {
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
struct Written {
    memory_kib: u32,
    passes: u32,
    lanes: u32,
}

impl TryFrom<Written> for Cost {
    type Error = CostError;

    fn try_from(written: Written) -> Result<Self, CostError> {
        Self::new(written.memory_kib, written.passes, written.lanes)
    }
}

impl From<Cost> for Written {
    fn from(cost: Cost) -> Self {
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
        for cost in [Cost::MINIMUM, Cost::MAXIMUM, Cost::default()] {
            assert_eq!(
                Cost::new(cost.memory_kib, cost.passes, cost.lanes),
                Ok(cost)
            );
        }
        let (least, most) = (Cost::MINIMUM, Cost::MAXIMUM);
        for (memory_kib, passes, lanes) in [
            (least.memory_kib - 1, 2, 1),
            (least.memory_kib, 1, 1),
            (least.memory_kib, 2, 0),
            (most.memory_kib + 1, 2, 1),
            (least.memory_kib, 11, 1),
            (least.memory_kib, 2, 5),
            (u32::MAX, u32::MAX, u32::MAX),
        ] {
            assert_eq!(Cost::new(memory_kib, passes, lanes), Err(CostError));
        }
    }

    #[test]
    fn reading_checks_too() {
        let json = r#"{"memory_kib":4294967295,"passes":2,"lanes":1}"#;
        assert!(serde_json::from_str::<Cost>(json).is_err());
        let json = serde_json::to_string(&Cost::MINIMUM).unwrap();
        assert_eq!(serde_json::from_str::<Cost>(&json).unwrap(), Cost::MINIMUM);
    }
}
