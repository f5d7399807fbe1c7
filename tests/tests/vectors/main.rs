//! The vectors: our own golden ones, those that the standards' authors published, and Wycheproof's. `tests/run` runs them twice: as the workspace is
//! built, and with every feature of `serde_json` on that changes how JSON is read (see `features.rs`).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may fail by panicking"
)]

mod bundles;
mod claims;
mod features;
mod grants;
mod jcs;
mod proofs;
mod published;
mod shelf;
mod tokens;
mod wycheproof;

/// Every reader of vectors, over one shelf: a file that none of them asks for is read by no test.
#[test]
fn no_file_is_unread() {
    let shelf = shelf::Shelf::default();
    claims::read_all(&shelf);
    bundles::read_all(&shelf);
    grants::read_all(&shelf);
    jcs::read_all(&shelf);
    proofs::read_all(&shelf);
    tokens::read(&shelf);
    assert_eq!(shelf.unread(), [""; 0], "no test reads these");
}
