//! The signatures of one decision, each checked once.

use std::cell::RefCell;
use std::collections::BTreeMap;

use crate::claim::{Claim, ClaimError, KeyRing, Signed};

/// Checks signatures under the keys of one decision, and remembers how each check went: many chains may ask for the same.
#[derive(Debug)]
pub(super) struct Signatures<'a> {
    keys: &'a KeyRing,
    checked: RefCell<BTreeMap<Checked, Result<(), ClaimError>>>,
}

/// What was checked: the signed bytes, the verification method among them, and the signature.
type Checked = ([u8; 64], [u8; 64]);

impl<'a> Signatures<'a> {
    pub(super) fn under(keys: &'a KeyRing) -> Self {
        let checked = RefCell::default();
        Self { keys, checked }
    }

    /// Whether a key of its DID signed `claim`.
    pub(super) fn check<C: Claim>(&self, claim: &Signed<C>) -> Result<(), ClaimError> {
        let (_, data, signature) = claim.signature_parts();
        let what = (*data, signature.to_bytes());
        if let Some(known) = self.checked.borrow().get(&what) {
            return known.clone();
        }
        let fresh = claim.check_signature(self.keys);
        self.checked.borrow_mut().insert(what, fresh.clone());
        fresh
    }

    /// Takes a signature for one that was checked before.
    pub(super) fn accept<C: Claim>(&self, claim: &Signed<C>) {
        let (_, data, signature) = claim.signature_parts();
        let what = (*data, signature.to_bytes());
        self.checked.borrow_mut().insert(what, Ok(()));
    }
}
