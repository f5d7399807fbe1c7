//! Revocations: which were consulted, and which of them count against whom.

use serde::Serialize;

use crate::claim::{Claim, KeyRing, Revocation, Revoked, Signed};
use crate::identity::Did;
use crate::outcome::{Refutation, Refuted, Unavailable, Why};

/// A source of revocations, and whether it could be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Consulted {
    /// What the source is called.
    pub source: String,
    /// Why it could not be read, if it could not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unread: Option<Unavailable>,
}

/// The revocations that a decision knows of, and where it looked for them.
#[derive(Debug, Clone, Default)]
pub struct Revocations {
    consulted: Vec<Consulted>,
    found: Vec<Signed<Revocation>>,
}

impl Revocations {
    /// No source was consulted: the answer will say `not-checked`.
    #[must_use]
    pub fn not_checked() -> Self {
        Self::default()
    }

    /// Adds what a source gave.
    #[must_use]
    pub fn with(
        mut self,
        source: impl Into<String>,
        given: Result<Vec<Signed<Revocation>>, Unavailable>,
    ) -> Self {
        let source = source.into();
        let unread = match given {
            Ok(revocations) => {
                self.found.extend(revocations);
                None
            }
            Err(why) => Some(why),
        };
        self.consulted.push(Consulted { source, unread });
        self
    }

    /// Adds revocations that came with the case itself: they count, and no source was consulted for them.
    pub fn extend(&mut self, revocations: impl IntoIterator<Item = Signed<Revocation>>) {
        self.found.extend(revocations);
    }

    /// Where it looked.
    #[must_use]
    pub fn consulted(&self) -> &[Consulted] {
        &self.consulted
    }

    /// What was found. Not verified.
    #[must_use]
    pub fn found(&self) -> &[Signed<Revocation>] {
        &self.found
    }

    /// The first source that could not be read: a revocation in it could only have said no.
    pub(crate) fn unread(&self) -> Option<Unavailable> {
        let unread = self
            .consulted
            .iter()
            .find_map(|c| Some((&c.source, c.unread.as_ref()?)));
        unread.map(|(source, why)| {
            Unavailable::new(Why::RevocationsUnread, format!("{source}: {why}"))
                .retry_after(why.retry_after)
        })
    }

    /// Whether `claim` or its DID was revoked by somebody who may: its signer, or one of `above` (delegators, recovery
    /// DIDs).
    pub(crate) fn against<C: Claim>(
        &self,
        claim: &Signed<C>,
        above: &[Did],
        keys: &KeyRing,
    ) -> Result<(), Refuted> {
        let may_revoke = |revoker: &Did| revoker == claim.did() || above.contains(revoker);
        for revocation in &self.found {
            let what = match &revocation.unverified().revokes {
                Revoked::Claim(id) if id == claim.id() => format!("claim {id}"),
                Revoked::Did(did) if did == claim.did() => format!("{did} with all its claims"),
                _ => continue,
            };
            // A revocation counts whatever its time says: a wrong clock must not keep it from winning.
            if may_revoke(revocation.did()) && revocation.check_signature(keys).is_ok() {
                let detail = format!(
                    "{} revoked {what} at {}",
                    revocation.did(),
                    revocation.created()
                );
                return Err(Refuted::new(Refutation::Revoked, detail));
            }
        }
        Ok(())
    }
}
