//! Repositories: the numbers behind a name, which a publisher rule needs.

use auths_core::ci::{CiValueError, NumericId, OwnerIdentity, RepositoryIdentity, RepositoryName};
use auths_core::ports::Budget;
use auths_core::{Unavailable, UnavailableReason};
use auths_http::{AnswerClass, Response};
use serde::{Deserialize, Serialize};

use crate::accounts::GitHub;
use crate::classify::{RequestRoute, classify, has_moved};
use crate::wire::Repository;

/// What GitHub shows under the name of a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum NamedRepository {
    /// A repository has the name now.
    Found {
        /// The repository.
        repository: RepositoryIdentity,
        /// Its owner.
        owner: OwnerIdentity,
    },
    /// No repository has the name now: the one that had it was renamed or transferred.
    Moved,
    /// GitHub shows the caller no repository of this name.
    NotShown,
}

/// What an answer says, before it is compared with the question.
#[derive(Debug, Serialize, Deserialize)]
enum Answer {
    Found(Repository),
    Moved,
    NotShown,
}

impl Answer {
    fn read(response: &Response, route: &RequestRoute) -> Result<Self, Unavailable> {
        if has_moved(response) {
            return Ok(Self::Moved);
        }
        Ok(match classify(response, route)? {
            AnswerClass::Body => Self::Found(response.json_object()?),
            AnswerClass::NotFound => Self::NotShown,
        })
    }
}

impl GitHub {
    /// Reads which repository has a name now, and who owns it.
    ///
    /// GitHub answers a request for an earlier name with a redirect to the repository's number. It is not followed: whoever may
    /// transfer a repository would choose what is read, and whoever wrote the name must say which repository was meant.
    ///
    /// # Errors
    /// [`Unavailable`] when the repository cannot be read, or the answer is about another name
    /// ([`UnavailableReason::EvidenceMismatch`]).
    ///
    /// # Security
    /// It tells who has the name at this moment, by the server's word. Show the numbers to the person who signs a rule with them.
    ///
    /// Source: GitHub's page "REST API endpoints for repositories", section "Get a repository".
    pub async fn repository(&self, name: &RepositoryName) -> Result<NamedRepository, Unavailable> {
        let Some((owner, repository)) = name.as_str().split_once('/') else {
            return Ok(NamedRepository::NotShown);
        };
        let mut requests = self.client.requests_within(&Budget::unlimited());
        // The holder of a name may change at any time, so no old copy is used.
        let request = self
            .client
            .get(&["repos", owner, repository], self.token.as_ref())?
            .past_caches();
        let route = RequestRoute::read().with_token(self.token.as_ref());
        let read = requests.ask(request, |response| Answer::read(response, &route));
        let found = match read.await? {
            Answer::Found(found) => found,
            Answer::Moved => return Ok(NamedRepository::Moved),
            Answer::NotShown => return Ok(NamedRepository::NotShown),
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
        Ok(NamedRepository::Found { repository, owner })
    }
}

fn number(number: u64) -> Result<NumericId, Unavailable> {
    NumericId::new(number).map_err(unreadable)
}

fn unreadable(error: CiValueError) -> Unavailable {
    Unavailable::unreadable(format!("the answer about the repository: {error}"))
}
