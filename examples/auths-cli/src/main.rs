//! The auths command.
fn main() {}
