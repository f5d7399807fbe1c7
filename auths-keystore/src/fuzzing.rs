//! Ways in for the fuzz targets of `tests/fuzz`.

use auths_core::ports::KeyInfo;

use crate::keyfile::{KeyFile, with_digest};

/// What a key file says of its key; `None` when it cannot be read.
#[must_use]
pub fn key_file(bytes: &[u8]) -> Option<KeyInfo> {
    KeyFile::parse(bytes).ok().map(|file| file.info())
}

/// The bytes as a key file's, with the digest that fits them: what chance would never find.
#[must_use]
pub fn digested(body: &[u8]) -> Vec<u8> {
    with_digest(body.to_vec())
}
