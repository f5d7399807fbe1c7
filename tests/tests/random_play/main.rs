//! Play against the truth of the simulated world: what the oracle finds.

#![expect(
    clippy::unwrap_used,
    reason = "a move that the world refuses fails its test"
)]

mod oracle;
