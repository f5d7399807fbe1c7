//! A shared port is the port: `Arc<T>` implements what `T` does, so that one adapter can be plugged in at several places.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;

use super::{
    AccountProofQuery, AccountProver, AccountProverError, CiTokenError, CiTokenQuery,
    CiTokenVerifier, DidResolver, Entropy, EntropyError, EnvironmentQuery, EnvironmentReader,
    LinkedAccountsQuery, NamespaceError, NamespaceQuery, NamespaceVerifier, PinChange,
    PinRecording, PinStore, PlatformContext, PublishedRevocations, ReplayGuard, RevocationMemory,
    RevocationSource, StoreError, TokenUse,
};
use crate::Timestamp;
use crate::ci::{CiIssuer, CiTokenEvidence, EnvironmentEvidence};
use crate::claim::{ChallengeKey, Revocation, RevocationTarget, Signed};
use crate::crypto::PublicKey;
use crate::evidence::{AccountEvidence, LinkedAccount, NamespaceEvidence};
use crate::identity::{Did, Ecosystem, Namespace, Origin, Platform, VerificationMethod};
use crate::pin::Pin;
use crate::reason::Unavailable;

#[async_trait]
impl<T: NamespaceVerifier + ?Sized> NamespaceVerifier for Arc<T> {
    fn ecosystem(&self) -> &Ecosystem {
        (**self).ecosystem()
    }

    fn origin(&self) -> &Origin {
        (**self).origin()
    }

    fn is_public(&self) -> bool {
        (**self).is_public()
    }

    async fn gather(&self, query: &NamespaceQuery) -> Result<NamespaceEvidence, NamespaceError> {
        (**self).gather(query).await
    }
}

#[async_trait]
impl<T: PlatformContext + ?Sized> PlatformContext for Arc<T> {
    async fn accounts(
        &self,
        query: &LinkedAccountsQuery,
    ) -> Result<Vec<LinkedAccount>, Unavailable> {
        (**self).accounts(query).await
    }
}

#[async_trait]
impl<T: AccountProver + ?Sized> AccountProver for Arc<T> {
    fn platform(&self) -> &Platform {
        (**self).platform()
    }

    fn accounts_at(&self) -> Option<Origin> {
        (**self).accounts_at()
    }

    async fn prove(
        &self,
        query: &AccountProofQuery,
    ) -> Result<AccountEvidence, AccountProverError> {
        (**self).prove(query).await
    }
}

#[async_trait]
impl<T: CiTokenVerifier + ?Sized> CiTokenVerifier for Arc<T> {
    fn issuers(&self) -> &[CiIssuer] {
        (**self).issuers()
    }

    async fn read_token(&self, query: &CiTokenQuery) -> Result<CiTokenEvidence, CiTokenError> {
        (**self).read_token(query).await
    }
}

#[async_trait]
impl<T: EnvironmentReader + ?Sized> EnvironmentReader for Arc<T> {
    fn issuer(&self) -> &CiIssuer {
        (**self).issuer()
    }

    async fn read_environment(&self, query: &EnvironmentQuery) -> EnvironmentEvidence {
        (**self).read_environment(query).await
    }
}

#[async_trait]
impl<T: RevocationSource + ?Sized> RevocationSource for Arc<T> {
    fn name(&self) -> String {
        (**self).name()
    }

    async fn revocations(
        &self,
        dids: &[Did],
        now: Timestamp,
    ) -> Result<PublishedRevocations, Unavailable> {
        (**self).revocations(dids, now).await
    }
}

#[async_trait]
impl<T: RevocationMemory + ?Sized> RevocationMemory for Arc<T> {
    async fn remember_recovery(&self, did: &Did, recovery: &Did) -> Result<(), StoreError> {
        (**self).remember_recovery(did, recovery).await
    }

    async fn recovery_dids(&self, did: &Did) -> Result<Vec<Did>, StoreError> {
        (**self).recovery_dids(did).await
    }

    async fn remember_revocation(&self, revocation: &Signed<Revocation>) -> Result<(), StoreError> {
        (**self).remember_revocation(revocation).await
    }

    async fn revocations(
        &self,
        what: &RevocationTarget,
        by: &BTreeSet<Did>,
    ) -> Result<Vec<Signed<Revocation>>, StoreError> {
        (**self).revocations(what, by).await
    }
}

#[async_trait]
impl<T: ReplayGuard + ?Sized> ReplayGuard for Arc<T> {
    async fn consume(
        &self,
        token: &str,
        now: Timestamp,
        expires: Timestamp,
    ) -> Result<TokenUse, StoreError> {
        (**self).consume(token, now, expires).await
    }

    async fn peek(
        &self,
        token: &str,
        now: Timestamp,
        expires: Timestamp,
    ) -> Result<TokenUse, StoreError> {
        (**self).peek(token, now, expires).await
    }

    async fn key(&self, fresh: ChallengeKey) -> Result<ChallengeKey, StoreError> {
        (**self).key(fresh).await
    }
}

#[async_trait]
impl<T: PinStore + ?Sized> PinStore for Arc<T> {
    async fn read(&self, namespace: &Namespace) -> Result<Option<Pin>, StoreError> {
        (**self).read(namespace).await
    }

    async fn record(&self, pin: &Pin) -> Result<PinRecording, StoreError> {
        (**self).record(pin).await
    }

    async fn change(&self, from: &Pin, to: &Pin) -> Result<PinChange, StoreError> {
        (**self).change(from, to).await
    }
}

impl<T: Entropy + ?Sized> Entropy for Arc<T> {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), EntropyError> {
        (**self).fill(buffer)
    }
}

#[async_trait]
impl<T: DidResolver + ?Sized> DidResolver for Arc<T> {
    async fn resolve(
        &self,
        did: &Did,
        at: Timestamp,
    ) -> Result<Vec<(VerificationMethod, PublicKey)>, Unavailable> {
        (**self).resolve(did, at).await
    }
}
