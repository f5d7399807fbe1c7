//! Test doubles of every port, and the suites that check an implementation against its port's contract.
//!
//! | to | use |
//! |---|---|
//! | replace a port, and set what each call returns | `ports::Mock<Port>` (`mockall`) |
//! | replace a port by a double with state | the fakes here, [`MemoryStore`](crate::ports::MemoryStore), the simulated world |
//! | let any of them fail at the next call | [`FailNext`] |
//! | run moves of owners and attackers against a registry | [`simulation`](crate::simulation) |
//! | show that your implementation of a port keeps its contract | [`conformance`] |
//!
//! # Security
//! None of this can make a [`Verified`](crate::Verified): doubles give evidence, and only the real decision accepts.
//!
//! ```compile_fail,E0451
//! // A test gets a `Verified` as everybody does: there is no door for it.
//! let forged: auths_core::Verified<u8> = auths_core::Verified { value: 1, record: todo!() };
//! ```
//!
//! ```
//! use auths_core::ports::{MemoryStore, Store, StoreError, StoreKey};
//! use auths_core::testing::{FailNext, block_on};
//!
//! let store = FailNext::new(MemoryStore::new());
//! let key = StoreKey::new("seen", "six");
//! store.fail_next(StoreError::new(&key, "read", "the disk is gone"));
//! assert!(block_on(store.get(&key)).is_err());
//! assert!(block_on(store.get(&key)).is_ok(), "one failure, and it works again");
//! ```

pub mod conformance;
mod fail_next;
mod fakes;
mod run;

pub use fail_next::FailNext;
pub use fakes::{CountingEntropy, FakeAccounts, FakeKeyStore, FakeResolver, ManualClock};
pub use run::block_on;
