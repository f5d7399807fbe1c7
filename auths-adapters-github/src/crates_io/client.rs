//! The requests to crates.io: address, limits, and the part of the answer that is kept.

use auths_core::ports::NamespaceQuery;
use auths_core::{Namespace, Timestamp, Unavailable, UnavailableReason};
use auths_http::{Field, Lookup, Object, Request, RequestBudget, Response, Transport};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::classify::{JSON, classify};
use super::config::CratesIoConfig;
use super::parse::{CrateRecord, KnownAccounts, life};
use super::wire::{AnyOwner, LifeAnswer, LinkedLogin, Owner, OwnersAnswer, UserAnswer};

/// A client for one server.
#[derive(Debug)]
pub(super) struct CratesIoClient {
    pub(super) config: CratesIoConfig,
    transport: Transport,
}

/// One lookup of one crate: the requests that it may still make, and the answers that it has read.
#[derive(Debug)]
pub(super) struct CrateRequests<'a> {
    client: &'a CratesIoClient,
    namespace: &'a Namespace,
    requests: RequestBudget<'a>,
}

/// The kept part of an owner's account: its id on crates.io, and its linked accounts where the server names them.
type UserRecord = (u64, Option<Vec<LinkedLogin>>);

impl CratesIoClient {
    pub(super) fn new(config: CratesIoConfig, transport: Transport) -> Self {
        Self { config, transport }
    }

    pub(super) fn requests_for<'a>(&'a self, query: &'a NamespaceQuery) -> CrateRequests<'a> {
        CrateRequests {
            client: self,
            namespace: &query.namespace,
            requests: RequestBudget::new(&self.transport, self.config.limits, &query.budget),
        }
    }

    fn get(&self, segments: &[&str], include: Option<&str>) -> Result<Request, Unavailable> {
        let segments = [&["api", "v1"], segments].concat();
        let request = Request::get(self.config.origin(), &segments)?.accept(JSON);
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
    pub(super) async fn read_crate(&mut self) -> Result<Option<CrateRecord>, Unavailable> {
        let namespace = self.namespace;
        let name = namespace.name().as_written();
        let request = self.client.get(&["crates", name], Some("versions"))?;
        let request = request.cache_as("crates-io-crate/2");
        // Other 404s, such as that of a route that the server does not have, say nothing about the crate.
        let no = format!("crate `{name}` does not exist");
        let read = self.requests.read(
            request,
            |response| classify(response, |said| said == no),
            |response| CrateRecord::new(response.json_object()?, namespace),
        );
        Ok(read.await?.found())
    }

    /// Reads the owners.
    pub(super) async fn owners(&mut self) -> Result<Vec<AnyOwner>, Unavailable> {
        let name = self.namespace.name().as_written();
        let request = self.client.get(&["crates", name, "owners"], None)?;
        let request = request.cache_as("crates-io-owners/2");
        let read = self.read(request, |response| {
            let answer: OwnersAnswer = response.json_object()?;
            Ok(answer
                .users
                .iter()
                .map(AnyOwner::new)
                .collect::<Vec<AnyOwner>>())
        });
        read.await?.or_unexpected("the owners")
    }

    /// Checks that the crate is still in the life that was read before its owners. The answer with the owners does not name the
    /// life.
    pub(super) async fn ensure_unchanged(
        &mut self,
        before: &CrateRecord,
    ) -> Result<(), Unavailable> {
        let namespace = self.namespace;
        let request = self
            .client
            .get(&["crates", namespace.name().as_written()], Some(""))?;
        let request = request.cache_as("crates-io-life/1");
        let read = self.read(request, |response| {
            let Object(krate) = response.json_object::<LifeAnswer>()?.krate;
            life(&krate, namespace)
        });
        let (before, created_at) = (&before.created_at, read.await?.or_unexpected("the crate")?);
        if created_at == *before {
            return Ok(());
        }
        let detail = format!("the crate was made at {before}, and then at {created_at}");
        Err(Unavailable::new(
            UnavailableReason::EvidenceMismatch,
            detail,
        ))
    }

    /// Reads the accounts that an owner's account is linked to.
    pub(super) async fn linked(&mut self, owner: &Owner) -> Result<KnownAccounts, Unavailable> {
        let login = owner.login.as_str();
        if !is_login(login) {
            return Err(Unavailable::unreadable(
                "an owner's user name is none of crates.io",
            ));
        }
        let request = self
            .client
            .get(&["users", login], Some("linked_accounts"))?;
        let request = request.cache_as("crates-io-user/2");
        let read = self.read(request, |response| {
            let answer: UserAnswer = response.json_object()?;
            let linked = match answer.linked_accounts {
                Field::Missing => None,
                Field::Null => return Err(Unavailable::unreadable("linked_accounts is null")),
                Field::Value(linked) => Some(linked.iter().map(LinkedLogin::new).collect()),
            };
            Ok::<UserRecord, _>((answer.user.id, linked))
        });
        let (id, linked) = read.await?.or_unexpected("an owner's account")?;
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
        Ok(linked.map_or(KnownAccounts::NotSaid, KnownAccounts::Linked))
    }

    /// Returns the time of the evidence: when the oldest of the answers was made.
    pub(super) fn observed_at(&self, now: Timestamp) -> Timestamp {
        self.requests.observed_at(now)
    }

    /// Returns the addresses that were read, in order.
    pub(super) fn into_sources(self) -> Vec<String> {
        self.requests.into_sources()
    }

    /// Sends a request to which no 404 is an answer.
    async fn read<T: Serialize + DeserializeOwned>(
        &mut self,
        request: Request,
        parse: impl FnOnce(&Response) -> Result<T, Unavailable>,
    ) -> Result<Lookup<T>, Unavailable> {
        let read = self
            .requests
            .read(request, |response| classify(response, |_| false), parse);
        Ok(read.await?.value)
    }
}

/// Returns whether a text can be a user name on crates.io.
fn is_login(text: &str) -> bool {
    let is_plain = text
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
    (1..=64).contains(&text.len()) && is_plain
}
