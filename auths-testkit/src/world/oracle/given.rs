//! What a verifier was given that speaks against an answer.

use super::{Asked, AskedWith, did_of};
use auths_core::Timestamp;
use auths_core::claim::{ClaimId, PlatformClaim, Revocation, RevocationTarget, Signed};
use auths_core::decide::LinkReport;
use auths_core::evidence::EvidenceKind;
use auths_core::identity::Did;

/// The claims and revocations that a verifier was given, with this answer or before it.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Given {
    /// Every revocation.
    pub revocations: Vec<Signed<Revocation>>,
    /// Every platform claim. The recovery DIDs that they name are remembered.
    pub platform_claims: Vec<Signed<PlatformClaim>>,
}

impl Given {
    /// Creates an empty value.
    #[must_use]
    pub fn nothing() -> Self {
        Self::default()
    }

    /// Returns the rightfully revoked DID or claim that an answer rests on.
    pub(super) fn find_revoked(
        &self,
        asked: &Asked<'_>,
        links: &[LinkReport],
        at: Timestamp,
    ) -> Option<String> {
        let delegators = links
            .iter()
            .filter(|link| link.kind == EvidenceKind::Delegation);
        let delegators: Vec<&Did> = delegators.filter_map(did_of).collect();
        if let AskedWith::Claim(claim) = asked.with
            && self.revokes(claim, &delegators, at)
        {
            return Some(format!("{} or its claim was revoked", claim.did()));
        }
        let rests_on = |id: &ClaimId| {
            let id = id.to_string();
            let mut links = links.iter();
            links.any(|link| link.stable_ids.get("claim") == Some(&id))
        };
        let mut publishers = asked.publishers.iter().filter(|one| rests_on(one.id()));
        if let Some(revoked) = publishers.find(|one| self.revokes(one, &delegators, at)) {
            return Some(format!("a rule of {} was revoked", revoked.did()));
        }
        let mut delegations = asked.delegations.iter().filter(|one| rests_on(one.id()));
        if let Some(revoked) = delegations.find(|d| self.revokes(d, &delegators, at)) {
            return Some(format!("a delegation of {} was revoked", revoked.did()));
        }
        let account = links.iter().find_map(|link| {
            let ids = &link.stable_ids;
            let is_proof = matches!(
                link.kind,
                EvidenceKind::SelfReported
                    | EvidenceKind::DeviceFlow
                    | EvidenceKind::TokenHolder
                    | EvidenceKind::GistProof
                    | EvidenceKind::AccountStatement
            );
            is_proof
                .then(|| ids.get("account").or_else(|| ids.get("login")))
                .flatten()
        })?;
        let of_it = |claim: &&Signed<PlatformClaim>| {
            let named = &claim.unverified().account;
            let id = named.id().map(ToString::to_string);
            id.unwrap_or_else(|| named.login().to_string()) == *account
        };
        let mut of_it = asked.platform_claims.iter().filter(of_it).peekable();
        of_it.peek()?;
        let all = of_it.all(|claim| self.revokes(claim, &delegators, at));
        all.then(|| format!("every claim of the account {account} was revoked"))
    }

    /// Returns whether a DID was rightfully revoked, as far as this verifier can know.
    pub(in crate::world) fn revokes_did(&self, did: &Did, at: Timestamp) -> bool {
        let mut revocations = self.in_force(at);
        revocations.any(|revocation| {
            revocation.unverified().revokes == RevocationTarget::Did(did.clone())
                && self.may_revoke(revocation.did(), did, &[])
        })
    }

    /// Returns the revocations that count in a decision as of some time.
    fn in_force(&self, at: Timestamp) -> impl Iterator<Item = &Signed<Revocation>> {
        let counts = move |since: Option<Timestamp>| since.is_none_or(|since| since <= at);
        let all = self.revocations.iter();
        all.filter(move |revocation| counts(revocation.unverified().since))
    }

    fn revokes<C: auths_core::claim::Claim>(
        &self,
        claim: &Signed<C>,
        above: &[&Did],
        at: Timestamp,
    ) -> bool {
        let did = claim.did();
        let mut revocations = self.in_force(at);
        revocations.any(|revocation| {
            let meant = match &revocation.unverified().revokes {
                RevocationTarget::Did(revoked) => revoked == did,
                RevocationTarget::Claim(id) => id == claim.id(),
                // A kind that the oracle does not know yet: it counts, so that a yes over it is reported.
                _ => true,
            };
            meant && self.may_revoke(revocation.did(), did, above)
        })
    }

    /// Returns whether a DID may revoke claims of a signer: the signer itself, its recovery DID, or a DID that delegated to it.
    fn may_revoke(&self, by: &Did, signer: &Did, above: &[&Did]) -> bool {
        let recovery = |claim: &Signed<PlatformClaim>| {
            claim.did() == signer && claim.unverified().recovery.as_ref() == Some(by)
        };
        by == signer || above.contains(&by) || self.platform_claims.iter().any(recovery)
    }
}
