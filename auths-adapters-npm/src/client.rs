//! The request to npm: address, limits, and the part of the answer that is kept.

use std::io::Read;

use auths_core::ports::Budget;
use auths_core::{Namespace, Unavailable, UnavailableReason};
use auths_http::{
    AnswerClass, Lookup, Request, RequestBudget, ResponseHead, SerialMemory, Transport,
};

use crate::classify::{JSON, classify, is_own_404};
use crate::config::NpmConfig;
use crate::parse::Package;
use crate::wire;

/// The most bytes read of an answer that says that there is no such package.
const MAX_404: u64 = 64 * 1024;

/// A client for one server.
#[derive(Debug)]
pub(crate) struct NpmClient {
    pub(crate) config: NpmConfig,
    transport: Transport,
    serials: SerialMemory,
}

impl NpmClient {
    pub(crate) fn new(config: NpmConfig, transport: Transport) -> Self {
        let serials = SerialMemory::new("npm-revisions", config.origin(), transport.store());
        Self {
            config,
            transport,
            serials,
        }
    }

    /// Creates a lookup, which takes one request.
    pub(crate) fn requests_within(&self, budget: &Budget) -> RequestBudget<'_> {
        RequestBudget::new(&self.transport, self.config.limits, budget)
    }

    /// Reads the package within a lookup; `None` when the registry does not know it.
    pub(crate) async fn package(
        &self,
        requests: &mut RequestBudget<'_>,
        namespace: &Namespace,
    ) -> Result<Option<Package>, Unavailable> {
        // A scoped name is one segment: its slash is escaped, once.
        let request = Request::get(self.config.origin(), &[namespace.name().as_str()])?;
        let request = request.accept(JSON).cache_as("npm-packument/5");
        let reader = AnswerReader {
            namespace: namespace.clone(),
            config: self.config.clone(),
        };
        let asked = requests.ask_stream(request, move |head, body| reader.read(head, body));
        let Some(package) = asked.await?.found() else {
            return Ok(None);
        };
        self.advance(namespace, &package).await?;
        Ok(Some(*package))
    }

    /// Refuses an answer that is older than one seen before. Within one life of the name the revision only grows.
    async fn advance(&self, namespace: &Namespace, package: &Package) -> Result<(), Unavailable> {
        match package.incarnation.get() {
            Ok(life) => {
                let name = format!("{} {}", namespace.name().as_str(), life.value());
                self.serials.advance(&name, package.changes).await
            }
            Err(_) => Ok(()),
        }
    }
}

/// A reader of the answer, which runs on its own thread.
struct AnswerReader {
    namespace: Namespace,
    config: NpmConfig,
}

impl AnswerReader {
    fn read(
        &self,
        head: &ResponseHead,
        body: &mut dyn Read,
    ) -> Result<Lookup<Box<Package>>, Unavailable> {
        match classify(head, || self.is_own_404(head, &mut *body))? {
            AnswerClass::Body => {
                let read = wire::read(body, &self.namespace, self.config.max_versions)?;
                let package = Package::new(read, &self.namespace, self.config.configured())?;
                Ok(Lookup::Found(Box::new(package)))
            }
            AnswerClass::NotFound => Ok(Lookup::NotFound),
        }
    }

    fn is_own_404(&self, head: &ResponseHead, body: &mut dyn Read) -> Result<(), Unavailable> {
        let mut bytes = Vec::new();
        let read = body.take(MAX_404).read_to_end(&mut bytes);
        read.map_err(|error| Unavailable::new(UnavailableReason::Truncated, error.to_string()))?;
        is_own_404(head, &bytes, &self.namespace)
    }
}
