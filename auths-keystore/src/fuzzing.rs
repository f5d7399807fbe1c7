//! Entry points for the fuzz targets of `tests/fuzz`.

use auths_core::ports::KeyInfo;

use crate::keyfile::{KeyFile, with_digest};

/// Returns what a key file says about its key; `None` when it cannot be read.
#[must_use]
pub fn key_file(bytes: &[u8]) -> Option<KeyInfo> {
    KeyFile::parse(bytes).ok().map(|file| file.info())
}

/// Returns the bytes as those of a key file, with the matching digest, which a fuzzer would never find by chance.
#[must_use]
pub fn digested(body: &[u8]) -> Vec<u8> {
    with_digest(body.to_vec())
}
