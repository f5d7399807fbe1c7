//! Taking a trusted publisher in.

use super::intake::PublisherIntake;
use super::verified::{NamespaceAuthority, Verified};
use crate::Timestamp;
use crate::claim::{Signed, TrustedPublisher};

impl PublisherIntake {
    /// Makes the record of a trusted publisher whose signer was just accepted for everything that it names. `None` where the decision
    /// was about another DID or about fewer names, and where it rests on nothing that this verifier saw itself and that lasts.
    #[must_use]
    pub fn of(
        publisher: &Signed<TrustedPublisher>,
        signer: &Verified<NamespaceAuthority>,
        now: Timestamp,
    ) -> Option<Self> {
        let authority = signer.get();
        let names = &publisher.unverified().namespaces;
        let is_covered = names.iter().all(|name| authority.namespace.includes(name));
        let is_signer = authority.speaker.did() == Some(publisher.did());
        let seen = signer.lasting();
        let holds = is_signer && is_covered && !names.is_empty() && !seen.is_empty();
        holds.then(|| {
            // What is seen of a name below an organisation is seen of the organisation.
            let namespace = authority.namespace.in_normal_form();
            let namespace = namespace.parent().unwrap_or(namespace);
            Self::new(
                (publisher.id().clone(), publisher.did().clone()),
                (namespace, authority.incarnation.clone()),
                now,
                seen.to_vec(),
            )
        })
    }
}
