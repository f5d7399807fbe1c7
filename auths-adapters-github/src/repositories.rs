//! Repositories: the numbers behind a name, which a publisher rule needs.

use auths_core::ci::{NumericId, OwnerIdentity, RepositoryIdentity, RepositoryName};
use auths_core::ports::Budget;
use auths_core::{Unavailable, UnavailableReason};
use auths_http::Response;

use crate::accounts::GitHub;
use crate::classify::RequestRoute;
use crate::wire::Repository;

impl GitHub {
    /// Reads which repository has a name now, and who owns it. `None` when the API says that it shows the caller none.
    ///
    /// GitHub answers a request for an earlier name with a redirect. It is not followed: a name that is no longer the repository's
    /// must be corrected by whoever wrote it.
    ///
    /// # Errors
    /// [`Unavailable`] when the repository cannot be read, or the answer is about another name
    /// ([`UnavailableReason::EvidenceMismatch`]).
    ///
    /// # Security
    /// It tells who has the name at this moment, by the server's word. Show the numbers to the person who signs a rule with them.
    ///
    /// Source: GitHub's page "REST API endpoints for repositories", section "Get a repository".
    pub async fn repository(
        &self,
        name: &RepositoryName,
    ) -> Result<Option<(RepositoryIdentity, OwnerIdentity)>, Unavailable> {
        let Some((owner, repository)) = name.as_str().split_once('/') else {
            return Ok(None);
        };
        let mut requests = self.client.requests_within(&Budget::unlimited());
        // The holder of a name may change at any time, so no old copy is used.
        let request = self
            .client
            .get(&["repos", owner, repository], self.token.as_ref())?
            .past_caches();
        let route = RequestRoute::read().with_token(self.token.as_ref());
        let read = requests.read(request, &route, Response::json_object::<Repository>);
        let Some(found) = read.await?.into_option() else {
            return Ok(None);
        };
        let repository = RepositoryIdentity {
            id: number(found.id)?,
            name: found.full_name.parse().map_err(unreadable)?,
        };
        let owner = OwnerIdentity {
            id: number(found.owner.id)?,
            name: found.owner.login.parse().map_err(unreadable)?,
        };
        if !repository.name.is_same_as(name) {
            let detail = format!(
                "{name} was asked for, and the answer is about {}",
                repository.name
            );
            return Err(Unavailable::new(
                UnavailableReason::EvidenceMismatch,
                detail,
            ));
        }
        if !name.owner().eq_ignore_ascii_case(owner.name.as_str()) {
            let detail = format!("the answer about {name} names {} as its owner", owner.name);
            return Err(Unavailable::new(
                UnavailableReason::EvidenceMismatch,
                detail,
            ));
        }
        Ok(Some((repository, owner)))
    }
}

fn number(number: u64) -> Result<NumericId, Unavailable> {
    NumericId::new(number).map_err(unreadable)
}

fn unreadable(error: auths_core::ci::CiValueError) -> Unavailable {
    Unavailable::unreadable(format!("the answer about the repository: {error}"))
}
