//! The requests to crates.io: address, limits, and the part of the answer that is kept.

use auths_core::ports::NamespaceQuery;
use auths_core::{Namespace, Timestamp, Unavailable, UnavailableReason};
use auths_http::{Field, Object, Request, RequestBudget, Response, Transport, read_json};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::classify::{Answer, JSON, classify};
use super::config::CratesIoConfig;
use super::listing::{Digest, Known, life, unreadable};
use super::wire::{AnyOwner, CrateAnswer, LifeAnswer, Linked, Owner, OwnersAnswer, UserAnswer};
use crate::client::not_an_address;

/// A client for one server.
#[derive(Debug)]
pub(super) struct Client {
    pub(super) config: CratesIoConfig,
    transport: Transport,
}

/// One lookup of one crate: the requests that it may still make, and the answers that it has read.
#[derive(Debug)]
pub(super) struct CrateRequests<'a> {
    client: &'a Client,
    namespace: &'a Namespace,
    question: RequestBudget<'a>,
}

/// The thing that was found, or the message of a 404.
#[derive(Debug, Clone, Serialize, Deserialize)]
enum CrateLookup<T> {
    Found(T),
    /// A message is never kept: the transport keeps answers of status 200 only.
    NotFound(String),
}

/// The kept part of an owner's account: its id on crates.io, and its linked accounts where the server names them.
type UserDigest = (u64, Option<Vec<Linked>>);

impl Client {
    pub(super) fn new(config: CratesIoConfig, transport: Transport) -> Self {
        Self { config, transport }
    }

    pub(super) fn asking<'a>(&'a self, query: &'a NamespaceQuery) -> CrateRequests<'a> {
        let CratesIoConfig {
            max_requests,
            max_time,
            ..
        } = self.config;
        CrateRequests {
            client: self,
            namespace: &query.namespace,
            question: RequestBudget::new(&self.transport, max_requests, max_time, &query.budget),
        }
    }

    fn get(&self, segments: &[&str], include: Option<&str>) -> Result<Request, Unavailable> {
        let segments = [&["api", "v1"], segments].concat();
        let request = Request::get(self.config.origin(), &segments).map_err(not_an_address)?;
        let request = request.accept(JSON).max_bytes(self.config.max_bytes);
        let request = match include {
            Some(include) => request.query("include", include),
            None => request,
        };
        Ok(match self.config.pace {
            Some(pace) => request.min_interval(pace),
            None => request,
        })
    }
}

impl CrateRequests<'_> {
    /// Reads the crate; `None` when the registry says that it does not exist.
    pub(super) async fn krate(&mut self) -> Result<Option<Digest>, Unavailable> {
        let namespace = self.namespace;
        let name = namespace.name().as_written();
        let request = self.client.get(&["crates", name], Some("versions"))?;
        let request = request.cache_as("crates-io-crate/2");
        let found = self.read(request, |response| {
            Digest::new(parse::<CrateAnswer>(response)?, namespace)
        });
        match found.await? {
            CrateLookup::Found(digest) => Ok(Some(digest)),
            // Other 404s, such as that of a route that the server does not have, say nothing about the crate.
            CrateLookup::NotFound(said) if said == format!("crate `{name}` does not exist") => {
                Ok(None)
            }
            CrateLookup::NotFound(said) => Err(status_404(&said)),
        }
    }

    /// Reads the owners.
    pub(super) async fn owners(&mut self) -> Result<Vec<AnyOwner>, Unavailable> {
        let name = self.namespace.name().as_written();
        let request = self.client.get(&["crates", name, "owners"], None)?;
        let request = request.cache_as("crates-io-owners/2");
        let found = self.read(request, |response| {
            let answer: OwnersAnswer = parse(response)?;
            Ok(answer
                .users
                .iter()
                .map(AnyOwner::new)
                .collect::<Vec<AnyOwner>>())
        });
        match found.await? {
            CrateLookup::Found(owners) => Ok(owners),
            CrateLookup::NotFound(said) => Err(status_404(&said)),
        }
    }

    /// Checks that the crate is still in the life that was read before its owners. The answer with the owners does not name the
    /// life.
    pub(super) async fn still(&mut self, digest: &Digest) -> Result<(), Unavailable> {
        let namespace = self.namespace;
        let request = self
            .client
            .get(&["crates", namespace.name().as_written()], Some(""))?;
        let request = request.cache_as("crates-io-life/1");
        let found = self.read(request, |response| {
            let Object(krate) = parse::<LifeAnswer>(response)?.krate;
            life(&krate, namespace)
        });
        match found.await? {
            CrateLookup::Found(created_at) if created_at == digest.created_at => Ok(()),
            CrateLookup::Found(created_at) => {
                let before = &digest.created_at;
                let detail = format!("the crate was made at {before}, and then at {created_at}");
                Err(Unavailable::new(
                    UnavailableReason::EvidenceMismatch,
                    detail,
                ))
            }
            CrateLookup::NotFound(said) => Err(status_404(&said)),
        }
    }

    /// Reads the accounts that an owner's account is linked to.
    pub(super) async fn linked(&mut self, owner: &Owner) -> Result<Known, Unavailable> {
        let fits = |b: u8| b.is_ascii_alphanumeric() || b"-_".contains(&b);
        let (login, length) = (owner.login.as_str(), owner.login.len());
        if !(1..=64).contains(&length) || !login.bytes().all(fits) {
            return Err(unreadable("an owner's user name is none of crates.io"));
        }
        let request = self
            .client
            .get(&["users", login], Some("linked_accounts"))?;
        let request = request.cache_as("crates-io-user/2");
        let found = self.read(request, |response| {
            let answer: UserAnswer = parse(response)?;
            let linked = match answer.linked_accounts {
                Field::Missing => None,
                Field::Null => return Err(unreadable("linked_accounts is null")),
                Field::Value(linked) => Some(linked.iter().map(Linked::new).collect()),
            };
            Ok::<UserDigest, _>((answer.user.id, linked))
        });
        let (id, linked) = match found.await? {
            CrateLookup::Found(digest) => digest,
            CrateLookup::NotFound(said) => return Err(status_404(&said)),
        };
        // Between the two answers the name may have gone to another account.
        if id != owner.id {
            let detail = format!(
                "the user {login} has the id {id}, and the owner {}",
                owner.id
            );
            return Err(Unavailable::new(
                UnavailableReason::EvidenceMismatch,
                detail,
            ));
        }
        Ok(linked.map_or(Known::NotSaid, Known::Linked))
    }

    /// Returns the time of the evidence: when the oldest of the answers was made.
    pub(super) fn observed_at(&self, now: Timestamp) -> Timestamp {
        self.question.observed_at(now)
    }

    /// Returns the addresses that were read, in order.
    pub(super) fn into_sources(self) -> Vec<String> {
        self.question.into_sources()
    }

    async fn read<T: Serialize + DeserializeOwned>(
        &mut self,
        request: Request,
        digest: impl FnOnce(&Response) -> Result<T, Unavailable>,
    ) -> Result<CrateLookup<T>, Unavailable> {
        let asked = self.question.ask(request, |response| {
            Ok(match classify(response)? {
                Answer::Body => CrateLookup::Found(digest(response)?),
                Answer::NotFound(said) => CrateLookup::NotFound(said),
            })
        });
        Ok(asked.await?.value)
    }
}

fn parse<T: DeserializeOwned>(response: &Response) -> Result<T, Unavailable> {
    read_json::<Object<T>>(response.body()).map(|Object(answer)| answer)
}

fn status_404(said: &str) -> Unavailable {
    Unavailable::new(
        UnavailableReason::UnexpectedStatus,
        format!("status 404: {said}"),
    )
}
