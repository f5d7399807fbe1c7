//! The use cases that put ports together.

mod keys;
pub use keys::resolve_keys;
