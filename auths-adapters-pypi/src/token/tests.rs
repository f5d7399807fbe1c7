//! What the token module promises.
