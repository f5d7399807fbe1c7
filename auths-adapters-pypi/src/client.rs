//! The requests to PyPI: address, limits, and the part of the answer that is kept.

use auths_core::ports::NamespaceQuery;
use auths_core::{Namespace, Timestamp, Unavailable, UnavailableReason};
use auths_http::{Cached, Lookup, Request, RequestBudget, Response, SerialMemory, Transport};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::classify::{JSON, SIMPLE, classify};
use crate::config::PyPiConfig;
use crate::parse::{ProjectData, ReleaseMetadata, SimpleIndex};
use crate::serial::ensure_same_serial;

/// The most redirects of one answer. PyPI redirects to the normal form of a name.
const MAX_REDIRECTS: u8 = 2;

/// A client for one server.
#[derive(Debug)]
pub(crate) struct PyPiClient {
    pub(crate) config: PyPiConfig,
    transport: Transport,
    serials: SerialMemory,
}

/// One lookup of one project: the requests that it may still make, and the answers that it has read.
#[derive(Debug)]
pub(crate) struct ProjectRequests<'a> {
    client: &'a PyPiClient,
    namespace: &'a Namespace,
    requests: RequestBudget<'a>,
}

impl PyPiClient {
    pub(crate) fn new(config: PyPiConfig, transport: Transport) -> Self {
        let serials = SerialMemory::new("pypi-serials", config.origin(), transport.store());
        let serials = serials.required(config.is_public());
        Self {
            config,
            transport,
            serials,
        }
    }

    pub(crate) fn requests_for<'a>(&'a self, query: &'a NamespaceQuery) -> ProjectRequests<'a> {
        ProjectRequests {
            client: self,
            namespace: &query.namespace,
            requests: RequestBudget::new(&self.transport, self.config.limits, &query.budget),
        }
    }
}

impl ProjectRequests<'_> {
    /// Reads the project; `None` when the JSON API does not know it.
    pub(crate) async fn project(&mut self) -> Result<Option<ProjectData>, Unavailable> {
        let (client, namespace) = (self.client, self.namespace);
        let name = namespace.name();
        let request = client.get(&["pypi", name.as_str(), "json"])?;
        let request = request.accept(JSON).cache_as("pypi-project/5");
        let configured = client.config.configured();
        let read = self.read(request, JSON, |response| {
            ProjectData::new(response.json_object()?, namespace, configured)
        });
        let (found, header) = read.await?;
        let Some(mut project) = found.into_option() else {
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
    ) -> Result<ReleaseMetadata, Unavailable> {
        let (client, namespace) = (self.client, self.namespace);
        let request = client.get(&["pypi", namespace.name().as_str(), version, "json"])?;
        let request = request
            .accept(JSON)
            .max_bytes(client.config.max_release_bytes)
            .cache_as("pypi-release/3");
        let read = self.read(request, JSON, |response| {
            ReleaseMetadata::new(response.json_object()?, namespace, version)
        });
        let (found, header) = read.await?;
        // Some mirrors have no answer for single releases. It says nothing about the metadata.
        let metadata = found.or_unexpected(format_args!("the metadata of version {version}"))?;
        let serial = header.agree(metadata.serial)?;
        client
            .serials
            .advance(namespace.name().as_str(), serial)
            .await?;
        ensure_same_serial(project, serial)?;
        Ok(metadata)
    }

    /// Reads what the simple index says about a project that the JSON API does not know; `None` when the index does not know it
    /// either.
    pub(crate) async fn index(&mut self) -> Result<Option<SimpleIndex>, Unavailable> {
        let (client, namespace) = (self.client, self.namespace);
        let request = client.get(&["simple", namespace.name().as_str(), ""])?;
        let request = request.accept(SIMPLE).cache_as("pypi-index/2");
        let read = self.read(request, SIMPLE, |response| {
            SimpleIndex::new(response.json_object()?, namespace)
        });
        let (found, header) = read.await?;
        let Some(mut index) = found.into_option() else {
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
        self.requests.observed_at(now)
    }

    /// Returns the addresses that were read, in order.
    pub(crate) fn into_sources(self) -> Vec<String> {
        self.requests.into_sources()
    }

    /// Sends a request within the limits. Returns the thing with the serial in the answer's header.
    async fn read<T: Serialize + DeserializeOwned>(
        &mut self,
        request: Request,
        media_type: &str,
        parse: impl FnOnce(&Response) -> Result<T, Unavailable>,
    ) -> Result<(Lookup<T>, SerialHeader), Unavailable> {
        let place = describe_place(&request);
        let read = self
            .requests
            .read(request, |response| classify(response, media_type), parse);
        let Cached { value, head, .. } = read.await?;
        let text = head.header("x-pypi-last-serial").map(str::to_owned);
        Ok((value, SerialHeader { place, text }))
    }
}

impl PyPiClient {
    fn get(&self, segments: &[&str]) -> Result<Request, Unavailable> {
        let request = Request::get(self.config.origin(), segments)?;
        Ok(request.redirects_within_origin(MAX_REDIRECTS))
    }
}

/// The serial in an answer's header, if it has one.
struct SerialHeader {
    place: String,
    text: Option<String>,
}

impl SerialHeader {
    /// Returns the serial of the answer. Body and header must agree where both have one.
    fn agree(&self, body: Option<u64>) -> Result<Option<u64>, Unavailable> {
        let header = match self.text.as_deref().map(str::parse::<u64>) {
            None => None,
            Some(Ok(serial)) => Some(serial),
            Some(Err(_)) => {
                let detail = "X-PyPI-Last-Serial is no serial";
                return Err(self.wrong(UnavailableReason::Unreadable, detail));
            }
        };
        match (body, header) {
            (Some(body), Some(header)) if body != header => {
                let detail =
                    format!("the answer has serial {body} in its body and {header} in its header");
                Err(self.wrong(UnavailableReason::EvidenceMismatch, &detail))
            }
            (body, header) => Ok(body.or(header)),
        }
    }

    fn wrong(&self, why: UnavailableReason, detail: &str) -> Unavailable {
        Unavailable::new(why, format!("{}: {detail}", self.place))
    }
}

/// Returns the place that was asked, for messages.
fn describe_place(request: &Request) -> String {
    let url = request.url();
    format!("{}{}", url.host_str().unwrap_or_default(), url.path())
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
