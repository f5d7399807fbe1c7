//! Requests of people to a server.

use std::net::SocketAddr;

use auths_core::Did;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::people::{Holder, People};
use crate::post::{Answer, post};
use crate::{Failure, Outside};

/// The visitors of the server `embed_in_server`.
#[derive(Debug)]
pub struct Visitors {
    outside: Outside,
    server: SocketAddr,
}

impl Visitors {
    /// Creates the visitors of `server`, which reads the registries of `outside`.
    #[must_use]
    pub fn new(outside: Outside, server: SocketAddr) -> Self {
        Self { outside, server }
    }

    /// Makes the visitors' requests, one after the other, and prints the server's answer to each, line by line.
    ///
    /// # Errors
    /// [`Failure`] when the server cannot be asked, or gives no challenge.
    #[expect(clippy::print_stdout, reason = "a demonstration prints")]
    pub async fn ask_and_print(&self) -> Result<(), Failure> {
        let people = People::new(&self.outside).await?;
        let (widget, gadget) = ("pypi:widget", "pypi:gadget");
        let mut said = Vec::new();
        let bundle = self.bundle(&people.alice, widget).await?;
        said.push(("Alice claims widget", self.claim(&bundle).await?));
        said.push(("her bundle, a second time", self.claim(&bundle).await?));
        let young = self.bundle(&people.bob, gadget).await?;
        said.push(("Bob claims gadget, days early", self.claim(&young).await?));
        let stranger = self.bundle(&people.mallory, widget).await?;
        said.push(("Mallory claims widget", self.claim(&stranger).await?));

        let later = self.bundle(&people.alice, widget).await?;
        self.outside.set_down(true);
        said.push(("Alice, while PyPI is down", self.claim(&later).await?));
        self.outside.set_down(false);
        said.push(("Alice, when it is back", self.claim(&later).await?));

        let made_up = later.replace("\"challenge\": \"", "\"challenge\": \"AAAA");
        said.push(("a challenge that nobody gave", self.claim(&made_up).await?));
        let half = &later[..later.len() / 2];
        said.push(("half a bundle", self.claim(half).await?));
        let huge = " ".repeat((1 << 20) + 1);
        said.push(("a huge body", self.claim(&huge).await?));
        let slow = post(self.server, "/claims", b"{", 2).await?;
        said.push(("a body that never ends", slow));
        let nobody = post(self.server, "/challenges/alice/widget", &[], 0).await?;
        said.push(("a challenge for no DID", nobody));
        for (what, answer) in said {
            println!("{what}: {answer}");
        }
        Ok(())
    }

    async fn claim(&self, bundle: &str) -> Result<Answer, Failure> {
        post(self.server, "/claims", bundle.as_bytes(), bundle.len()).await
    }

    /// Asks for a challenge, and answers it.
    async fn bundle(&self, holder: &Holder, package: &str) -> Result<String, Failure> {
        let package = self.outside.package(package)?;
        let path = challenge_path(&holder.did(), &package.to_string());
        let given = post(self.server, &path, &[], 0).await?;
        let challenge = given.body["challenge"].as_str();
        let challenge = challenge.ok_or("no challenge was given")?.parse()?;
        holder.claim(&self.outside, package, challenge).await
    }
}

fn challenge_path(did: &Did, package: &str) -> String {
    let escape = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    format!("/challenges/{}/{}", escape(did.as_str()), escape(package))
}
