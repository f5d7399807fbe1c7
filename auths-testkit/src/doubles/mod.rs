//! Test doubles of every port, and the suites that check an implementation against its port's contract.
//!
//! | to | use |
//! |---|---|
//! | replace a port, and set what each call returns | `ports::Mock<Port>` (`mockall`) |
//! | replace a port by a double with state | the fakes here, [`MemoryStore`](auths_core::ports::MemoryStore), the simulated world |
//! | let any of them fail at the next call | [`FailNext`] |
//! | run moves of owners and attackers against a registry | [`world`](crate::world) |
//! | show that your implementation of a port keeps its contract | [`conformance`](crate::conformance) |
//!
//! # Security
//! None of this can make a [`Verified`](auths_core::Verified): doubles give evidence, and only the real decision accepts.
//!
//! ```compile_fail,E0451
//! // A test gets a `Verified` as everybody does: there is no door for it.
//! let forged: auths_core::Verified<u8> = auths_core::Verified { value: 1, record: todo!() };
//! ```
//!
//! ```
//! use auths_core::ports::{MemoryStore, Store, StoreError, StoreKey};
//! use auths_testkit::doubles::FailNext;
//! use auths_testkit::block_on;
//!
//! let store = FailNext::new(MemoryStore::new());
//! let key = StoreKey::new("seen", "six");
//! store.fail_next(StoreError::new(&key, "read", "the disk is gone"));
//! assert!(block_on(store.get(&key)).is_err());
//! assert!(block_on(store.get(&key)).is_ok(), "one failure, and it works again");
//! ```

mod ci_tokens;
mod environments;
mod fail_next;
mod fakes;
#[cfg(feature = "server")]
mod recording_sleeper;

pub use ci_tokens::FakeCiTokens;
pub use environments::FakeEnvironments;
pub use fail_next::FailNext;
pub use fakes::{CountingEntropy, FakeAccounts, FakeKeyStore, FakeResolver, ManualClock};
#[cfg(feature = "server")]
pub use recording_sleeper::RecordingSleeper;
