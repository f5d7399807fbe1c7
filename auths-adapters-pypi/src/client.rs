//! The requests to PyPI: address, limits, and the part of the answer that is kept.

use auths_core::ports::NamespaceQuery;
use auths_core::{Namespace, OriginError, Timestamp, Unavailable, UnavailableReason};
use auths_http::{Lookup, Object, Request, Response, Serials, Transport, read_json};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::classify::{Answer, JSON, SIMPLE, classify};
use crate::config::PyPiConfig;
use crate::digest::{Index, Metadata, Project};
use crate::serial::same;

/// The most redirects of one answer. PyPI redirects to the normal form of a name.
const MAX_REDIRECTS: u8 = 2;

/// A client for one server.
#[derive(Debug)]
pub(crate) struct Client {
    pub(crate) config: PyPiConfig,
    transport: Transport,
    serials: Serials,
}

/// One lookup of one project: the requests that it may still make, and the answers that it has read.
#[derive(Debug)]
pub(crate) struct ProjectRequests<'a> {
    client: &'a Client,
    namespace: &'a Namespace,
    asking: auths_http::RequestBudget<'a>,
}

impl Client {
    pub(crate) fn new(config: PyPiConfig, transport: Transport) -> Self {
        let serials = Serials::new("pypi-serials", config.origin(), transport.store());
        let serials = serials.required(config.is_public());
        Self {
            config,
            transport,
            serials,
        }
    }

    pub(crate) fn question<'a>(&'a self, query: &'a NamespaceQuery) -> ProjectRequests<'a> {
        let (max_requests, max_time) = (self.config.max_requests, self.config.max_time);
        let budget = &query.budget;
        ProjectRequests {
            client: self,
            namespace: &query.namespace,
            asking: auths_http::RequestBudget::new(&self.transport, max_requests, max_time, budget),
        }
    }
}

impl ProjectRequests<'_> {
    /// Reads the project; `None` when the JSON API does not know it.
    pub(crate) async fn project(&mut self) -> Result<Option<Project>, Unavailable> {
        let (client, namespace) = (self.client, self.namespace);
        let name = namespace.name();
        let request = client.get(&["pypi", name.as_str(), "json"])?;
        let request = request
            .accept(JSON)
            .max_bytes(client.config.max_project_bytes)
            .cache_as("pypi-project/5");
        let configured = client.config.configured();
        let digested = self.ask(request, JSON, |response| {
            Project::new(parse(response)?, namespace, configured)
        });
        let Some((mut project, header)) = digested.await? else {
            return Ok(None);
        };
        project.serial = header.agree(project.serial)?;
        client
            .serials
            .advance(name.as_str(), project.serial)
            .await?;
        Ok(Some(project))
    }

    /// Reads the metadata of one release. `project` is the serial of the project's own answer, read just before.
    pub(crate) async fn release(
        &mut self,
        version: &str,
        project: Option<u64>,
    ) -> Result<Metadata, Unavailable> {
        let (client, namespace) = (self.client, self.namespace);
        let request = client.get(&["pypi", namespace.name().as_str(), version, "json"])?;
        let request = request
            .accept(JSON)
            .max_bytes(client.config.max_release_bytes)
            .cache_as("pypi-release/3");
        let digested = self.ask(request, JSON, |response| {
            Metadata::new(parse(response)?, namespace, version)
        });
        let Some((metadata, header)) = digested.await? else {
            // Some mirrors have no answer for single releases. It says nothing about the metadata.
            let detail = format!("status 404 for the metadata of version {version}");
            return Err(Unavailable::new(
                UnavailableReason::UnexpectedStatus,
                detail,
            ));
        };
        let serial = header.agree(metadata.serial)?;
        client
            .serials
            .advance(namespace.name().as_str(), serial)
            .await?;
        same(project, serial)?;
        Ok(metadata)
    }

    /// Reads what the simple index says about a project that the JSON API does not know; `None` when the index does not know it
    /// either.
    pub(crate) async fn index(&mut self) -> Result<Option<Index>, Unavailable> {
        let (client, namespace) = (self.client, self.namespace);
        let request = client.get(&["simple", namespace.name().as_str(), ""])?;
        let request = request
            .accept(SIMPLE)
            .max_bytes(client.config.max_project_bytes)
            .cache_as("pypi-index/2");
        let digested = self.ask(request, SIMPLE, |response| {
            Index::new(parse(response)?, namespace)
        });
        let Some((mut index, header)) = digested.await? else {
            return Ok(None);
        };
        index.serial = header.agree(index.serial)?;
        client
            .serials
            .advance(namespace.name().as_str(), index.serial)
            .await?;
        Ok(Some(index))
    }

    /// Returns the time of the evidence: when the oldest of the answers was made.
    pub(crate) fn observed_at(&self, now: Timestamp) -> Timestamp {
        self.asking.observed_at(now)
    }

    /// Returns the addresses that were read, in order.
    pub(crate) fn into_sources(self) -> Vec<String> {
        self.asking.into_sources()
    }

    /// Sends a request within the budget; `None` is a 404. Returns the value with the serial in the answer's header.
    async fn ask<T: Serialize + DeserializeOwned>(
        &mut self,
        request: Request,
        media_type: &str,
        digest: impl FnOnce(&Response) -> Result<T, Unavailable>,
    ) -> Result<Option<(T, SerialHeader)>, Unavailable> {
        let place = place(&request);
        let asked = self.asking.ask(request, |response| {
            Ok(match classify(response, media_type)? {
                Answer::Json => Lookup::Found(digest(response)?),
                Answer::NotFound => Lookup::NotFound,
            })
        });
        let digested = asked.await?;
        let text = digested
            .head
            .header("x-pypi-last-serial")
            .map(str::to_owned);
        let header = SerialHeader { place, text };
        let found = digested.value.into_option();
        Ok(found.map(|value| (value, header)))
    }
}

impl Client {
    fn get(&self, segments: &[&str]) -> Result<Request, Unavailable> {
        let request =
            Request::get(self.config.origin(), segments).map_err(|error: OriginError| {
                Unavailable::new(UnavailableReason::Unreadable, error.to_string())
            })?;
        Ok(request.redirects_within_origin(MAX_REDIRECTS))
    }
}

fn parse<T: DeserializeOwned>(response: &Response) -> Result<T, Unavailable> {
    read_json::<Object<T>>(response.body()).map(|Object(answer)| answer)
}

/// The serial in an answer's header, if it has one.
struct SerialHeader {
    place: String,
    text: Option<String>,
}

impl SerialHeader {
    /// Returns the serial of the answer. Body and header must agree where both have one.
    fn agree(&self, body: Option<u64>) -> Result<Option<u64>, Unavailable> {
        let fail = |why, detail: String| Err(at(&self.place, Unavailable::new(why, detail)));
        let header = match self.text.as_deref().map(str::parse::<u64>) {
            None => None,
            Some(Ok(serial)) => Some(serial),
            Some(Err(_)) => {
                let detail = "X-PyPI-Last-Serial is no serial";
                return fail(UnavailableReason::Unreadable, detail.into());
            }
        };
        match (body, header) {
            (Some(body), Some(header)) if body != header => fail(
                UnavailableReason::EvidenceMismatch,
                format!("the answer has serial {body} in its body and {header} in its header"),
            ),
            (body, header) => Ok(body.or(header)),
        }
    }
}

/// Returns the place that was asked, for messages.
fn place(request: &Request) -> String {
    let url = request.url();
    format!("{}{}", url.host_str().unwrap_or_default(), url.path())
}

fn at(place: &str, error: Unavailable) -> Unavailable {
    Unavailable::new(error.reason, format!("{place}: {}", error.raw_detail))
        .retry_after(error.retry_after)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn body_and_header_agree_on_the_serial() {
        let serial = |body, header: Option<&str>| {
            let header = SerialHeader {
                place: "h.example/x".into(),
                text: header.map(str::to_owned),
            };
            header.agree(body).map_err(|u| u.reason)
        };
        assert_eq!(serial(None, None), Ok(None));
        assert_eq!(serial(Some(7), None), Ok(Some(7)));
        assert_eq!(serial(None, Some("7")), Ok(Some(7)));
        assert_eq!(serial(Some(7), Some("7")), Ok(Some(7)));
        assert_eq!(
            serial(Some(7), Some("8")),
            Err(UnavailableReason::EvidenceMismatch)
        );
        for bad in ["", "-1", "7.0", " 7", "seven"] {
            assert_eq!(
                serial(Some(7), Some(bad)),
                Err(UnavailableReason::Unreadable),
                "{bad}"
            );
        }
    }
}
