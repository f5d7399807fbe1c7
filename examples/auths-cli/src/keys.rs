//! The keystore that the arguments name.

use std::sync::Arc;

use auths_core::ports::KeyStore;
use auths_core::{Did, Unavailable, Why};
use auths_keystore::{FileKeyStore, MemoryKeyStore};

use crate::args::{Global, Keystore};
use crate::failure::Failure;
use crate::home::Home;
use crate::output::Output;
use crate::passphrase::Asking;

/// Opens the keystore. Touches no key yet.
pub(crate) fn open(
    global: &Global,
    home: &Home,
    output: Output,
) -> Result<Arc<dyn KeyStore>, Failure> {
    match global.keystore {
        Keystore::Memory => Ok(Arc::new(MemoryKeyStore::new())),
        Keystore::File => {
            let asking = Arc::new(Asking::new(global.passphrase_fd, output));
            Ok(Arc::new(FileKeyStore::new(home.keys(), asking)))
        }
        Keystore::Os => Err(Unavailable::new(
            Why::KeystoreFailed,
            "this version was built without the operating system's keychain",
        )
        .into()),
    }
}

/// The DIDs of every key.
pub(crate) async fn dids(keys: &dyn KeyStore) -> Result<Vec<Did>, Failure> {
    Ok(keys.list().await?.into_iter().map(|key| key.did).collect())
}
