//! The requests to an issuer: its discovery document, and its keys.

use auths_core::ports::Budget;
use auths_core::{Origin, Timestamp, Unavailable, UnavailableReason};
use auths_http::{Limits, Request, RequestBudget, Response, Transport};

use crate::classify::{JSON, read_key_set};
use crate::config::{IssuerConfig, KeyAddress};
use crate::key_set::{KeySet, read_keys};
use crate::wire::{Discovery, KeySetAnswer};

/// A client for one issuer.
#[derive(Debug)]
pub(crate) struct KeyClient {
    pub(crate) issuer: IssuerConfig,
    transport: Transport,
    limits: Limits,
}

impl KeyClient {
    pub(crate) fn new(issuer: IssuerConfig, transport: Transport, limits: Limits) -> Self {
        Self {
            issuer,
            transport,
            limits,
        }
    }

    /// Reads the keys, and when the older of the answers was made.
    ///
    /// Nothing of them is kept in the transport's store: what a program trusts for a while is in its memory alone.
    pub(crate) async fn read(
        &self,
        now: Timestamp,
        budget: &Budget,
    ) -> Result<(KeySet, Timestamp), Unavailable> {
        let mut requests = RequestBudget::new(&self.transport, self.limits, budget);
        let address = match &self.issuer.keys {
            KeyAddress::Fixed(address) => address.clone(),
            KeyAddress::Discovered => self.discover(&mut requests).await?,
        };
        let request =
            Request::get(&address, &[])?.accept("application/jwk-set+json, application/json");
        let read = requests.ask(request.no_store(), |response: &Response| {
            read_keys(&read_key_set::<KeySetAnswer>(response)?)
        });
        let material = read.await?.value;
        Ok((KeySet::new(material), requests.observed_at(now)))
    }

    /// Reads the address of the keys, which must be on the issuer's own server.
    async fn discover(&self, requests: &mut RequestBudget<'_>) -> Result<Origin, Unavailable> {
        let origin = self.issuer.issuer.url.origin();
        let request = Request::get(origin, &[".well-known", "openid-configuration"])?;
        let read = requests.ask(request.accept(JSON).no_store(), |response: &Response| {
            let discovery: Discovery = response.object()?;
            self.check_discovery(&discovery)
        });
        Ok(read.await?.value)
    }

    /// Checks that the document is the issuer's, and returns the address of the keys.
    fn check_discovery(&self, discovery: &Discovery) -> Result<Origin, Unavailable> {
        let issuer = &self.issuer.issuer.url;
        if discovery.issuer != issuer.to_string() {
            let detail = "the document is of another issuer";
            return Err(Unavailable::new(
                UnavailableReason::EvidenceMismatch,
                detail,
            ));
        }
        // Only an address in its one spelling is followed, so that no two readers see two servers in it.
        let address = Origin::try_from(discovery.jwks_uri.clone());
        let address = address
            .map_err(|_| Unavailable::unreadable("jwks_uri is no address that can be used"))?;
        match issuer.origin().contains(&address.at(&[])?) {
            true => Ok(address),
            false => {
                let detail = "jwks_uri is on another server than the issuer";
                Err(Unavailable::new(
                    UnavailableReason::EvidenceMismatch,
                    detail,
                ))
            }
        }
    }
}
