//! A grant that was handed out, with what it rests on.

use super::PublishCheck;
use crate::SecretString;
use crate::grant::{Grant, IssuedGrant};

/// A grant that was handed out, with what it rests on: one decision and one pin for each package.
#[derive(Debug)]
pub struct PublishGrant {
    issued: IssuedGrant,
    packages: Vec<PublishCheck>,
}

impl PublishGrant {
    pub(super) const fn new(issued: IssuedGrant, packages: Vec<PublishCheck>) -> Self {
        Self { issued, packages }
    }

    /// Returns the token, which is a secret: whoever has it can use the grant.
    #[must_use]
    pub const fn token(&self) -> &SecretString {
        self.issued.token()
    }

    /// Returns what the grant says.
    #[must_use]
    pub const fn grant(&self) -> &Grant {
        self.issued.grant()
    }

    /// Returns what it rests on, in the order of the packages' names.
    #[must_use]
    pub fn packages(&self) -> &[PublishCheck] {
        &self.packages
    }

    /// Returns the grant alone.
    #[must_use]
    pub fn into_issued(self) -> IssuedGrant {
        self.issued
    }
}
