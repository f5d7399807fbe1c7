//! The requests of holders to a server that gives challenges and takes claims.

use std::net::SocketAddr;

use auths_core::claim::Challenge;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::http::{Answer, send};
use crate::{Failure, Holder, Outside};

/// A client of a server with the routes `POST /challenges/{did}/{package}`, `POST /claims` and `GET /packages/{package}`.
#[derive(Debug, Clone)]
pub struct Client {
    outside: Outside,
    server: SocketAddr,
}

impl Client {
    /// Creates a client of `server`, which reads the registries of `outside`.
    #[must_use]
    pub fn new(outside: Outside, server: SocketAddr) -> Self {
        Self { outside, server }
    }

    /// Asks for a challenge, and sends a claim that answers it, as a command on the holder's machine does.
    ///
    /// # Errors
    /// [`Failure`] when the server cannot be asked, or gives no challenge, or the package cannot be read.
    pub async fn claim(&self, holder: &Holder, package: &str) -> Result<Answer, Failure> {
        let bundle = self.bundle(holder, package).await?;
        self.post_claim(&bundle).await
    }

    /// Returns a bundle that answers a new challenge of the server.
    ///
    /// # Errors
    /// [`Failure`], as for [`claim`](Self::claim).
    pub async fn bundle(&self, holder: &Holder, package: &str) -> Result<String, Failure> {
        let challenge = self.challenge(holder, package).await?;
        let package = self.outside.package(package)?;
        holder.claim(&self.outside, package, challenge).await
    }

    /// Asks for a challenge.
    ///
    /// # Errors
    /// [`Failure`] when the server cannot be asked, or gives none.
    pub async fn challenge(&self, holder: &Holder, package: &str) -> Result<Challenge, Failure> {
        let package = self.outside.package(package)?;
        let (did, package) = (escape(holder.did().as_str()), escape(&package.to_string()));
        let path = format!("/challenges/{did}/{package}");
        let given = self.post(&path, b"", 0).await?;
        let challenge = given.body["challenge"].as_str();
        Ok(challenge.ok_or("no challenge was given")?.parse()?)
    }

    /// Sends a bundle.
    ///
    /// # Errors
    /// [`Failure`] when the server cannot be asked.
    pub async fn post_claim(&self, bundle: &str) -> Result<Answer, Failure> {
        self.post("/claims", bundle.as_bytes(), bundle.len()).await
    }

    /// Asks who may act for a package.
    ///
    /// # Errors
    /// [`Failure`] when the server cannot be asked.
    pub async fn get_package(&self, package: &str) -> Result<Answer, Failure> {
        let package = escape(&self.outside.package(package)?.to_string());
        self.get(&format!("/packages/{package}")).await
    }

    /// Asks for a path.
    ///
    /// # Errors
    /// [`Failure`] when the server cannot be asked.
    pub async fn get(&self, path: &str) -> Result<Answer, Failure> {
        send(self.server, &format!("GET {path}"), "", b"", 0).await
    }

    /// Sends `body`, said to be `length` bytes long.
    pub(crate) async fn post(
        &self,
        path: &str,
        body: &[u8],
        length: usize,
    ) -> Result<Answer, Failure> {
        send(self.server, &format!("POST {path}"), "", body, length).await
    }
}

/// Escapes a text, to be one segment of a path.
pub(crate) fn escape(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}
