//! Confirms that an answer is about the name that was asked for.

use crate::identity::{Namespace, PackageName, shorten};
use crate::reason::{Unavailable, UnavailableReason};

/// The longest part of another name that is shown, in characters.
const MAX_SHOWN: usize = 214;

impl Namespace {
    /// Checks that an answer about the package `answered` is an answer about this name, in any spelling that the ecosystem takes
    /// for the same name. A cache may return the answer about another name.
    ///
    /// ```
    /// use auths_core::{Namespace, UnavailableReason};
    ///
    /// let asked: Namespace = "pypi:six".parse()?;
    /// assert!(asked.confirm("Six").is_ok());
    /// assert_eq!(asked.confirm("seven").unwrap_err().reason, UnavailableReason::EvidenceMismatch);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`UnavailableReason::EvidenceMismatch`] when the answer is about another name.
    pub fn confirm(&self, answered: &str) -> Result<(), Unavailable> {
        let asked = self.name();
        if PackageName::parse(self.ecosystem(), answered).is_ok_and(|found| found == *asked) {
            return Ok(());
        }
        let shown = shorten(answered, MAX_SHOWN);
        let detail = format!("asked about {asked}, the server answers about {shown:?}");
        Err(Unavailable::new(
            UnavailableReason::EvidenceMismatch,
            detail,
        ))
    }
}
