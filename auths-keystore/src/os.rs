//! A module reserved for operating systems' keychains. **Nothing is built here yet**: the module has no type, so that none can be
//! mistaken for a working one.
//!
//! The plan: a [`KeyStore`](auths_core::ports::KeyStore) over the system's own keychain, on the API of `keyring-core` with one
//! store crate for each system, each behind a cargo feature:
//!
//! | system | keychain | store crate |
//! |---|---|---|
//! | Linux | Secret Service (GNOME Keyring, KWallet) | `zbus-secret-service-keyring-store` |
//! | macOS | Keychain | `apple-native-keyring-store` |
//! | Windows | Credential Manager | `windows-native-keyring-store` |
//!
//! Requirements beyond the port's contract:
//!
//! - A locked keychain is [`Locked`](auths_core::ports::KeyStoreError::Locked), never an empty store: Secret Service answers "no
//!   such entry" for an item that does not exist even while its collection is locked, so the lock must be checked first, and "no
//!   entry" is never a reason to make a new key.
//! - A desktop may wait for its user's prompt for ever, so every call runs on its own thread with a deadline.
//! - The Linux store panics when called directly inside a tokio runtime, so that thread must not be one of the runtime's.
//! - Keychains replace entries silently, so `create` needs its own lock to refuse a name that is taken.
