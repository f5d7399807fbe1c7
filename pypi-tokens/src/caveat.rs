//! One caveat, in the bytes that are signed.

use super::reading;
use super::restriction::Restriction;

/// A caveat: one thing that a token's signature binds it to, in its original bytes. They are never rewritten, because that would
/// break the signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caveat {
    id: Vec<u8>,
    third_party: Option<ThirdParty>,
}

/// The additional part of a caveat that a third party must discharge. PyPI has no third parties, so nothing ever discharges it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct ThirdParty {
    location: Option<String>,
    vid: Vec<u8>,
}

impl Caveat {
    pub(super) fn first_party(id: Vec<u8>) -> Self {
        let third_party = None;
        Self { id, third_party }
    }

    pub(super) fn third_party(id: Vec<u8>, location: Option<String>, vid: Vec<u8>) -> Self {
        let third_party = Some(ThirdParty { location, vid });
        Self { id, third_party }
    }

    /// Returns the signed bytes. PyPI's caveats are JSON.
    #[must_use]
    pub fn id(&self) -> &[u8] {
        &self.id
    }

    /// Returns whether a third party would have to discharge it.
    #[must_use]
    pub fn is_third_party(&self) -> bool {
        self.third_party.is_some()
    }

    /// Returns the location of that third party, as the caveat says. It is not signed.
    #[must_use]
    pub fn location(&self) -> Option<&str> {
        self.third_party.as_ref()?.location.as_deref()
    }

    pub(super) fn vid(&self) -> Option<&[u8]> {
        self.third_party.as_ref().map(|third| &third.vid[..])
    }

    /// Returns its meaning, as far as it is understood.
    #[must_use]
    pub fn restriction(&self) -> Restriction {
        if self.is_third_party() {
            let location = self.location().unwrap_or_default().to_owned();
            return Restriction::ThirdParty { location };
        }
        reading::any(&self.id).unwrap_or_else(|| Restriction::Unknown {
            caveat: self.id.clone(),
        })
    }
}
