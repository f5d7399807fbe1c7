//! The signatures of one decision. Each is checked once.

use std::cell::RefCell;
use std::collections::BTreeMap;

use crate::claim::{Claim, ClaimError, KeyRing, Signed};

/// A cache of signature checks under the keys of one decision. Many chains may need the same check.
#[derive(Debug)]
pub(super) struct SignatureCache<'a> {
    keys: &'a KeyRing,
    checked: RefCell<BTreeMap<SignatureKey, Result<(), ClaimError>>>,
}

/// The cache key of a check: the 64 bytes that were signed, and the signature. The former are the digest of the proof's options,
/// which name the verification method, and the digest of the claim. So no check under another key or of another claim has the same
/// key.
type SignatureKey = ([u8; 64], [u8; 64]);

impl<'a> SignatureCache<'a> {
    pub(super) fn under(keys: &'a KeyRing) -> Self {
        let checked = RefCell::default();
        Self { keys, checked }
    }

    /// Checks that a key of its DID signed `claim`.
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

    /// Records a signature as checked before.
    pub(super) fn accept<C: Claim>(&self, claim: &Signed<C>) {
        let (_, data, signature) = claim.signature_parts();
        let what = (*data, signature.to_bytes());
        self.checked.borrow_mut().insert(what, Ok(()));
    }
}
