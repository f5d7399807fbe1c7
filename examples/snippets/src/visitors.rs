//! The visitors of a server.

use std::net::SocketAddr;

use crate::{Client, Failure, Outside, People};

/// The visitors of the server `embed_in_server`.
#[derive(Debug)]
pub struct Visitors {
    outside: Outside,
    client: Client,
}

impl Visitors {
    /// Creates the visitors of `server`, which reads the registries of `outside`.
    #[must_use]
    pub fn new(outside: Outside, server: SocketAddr) -> Self {
        let client = Client::new(outside.clone(), server);
        Self { outside, client }
    }

    /// Makes the visitors' requests, one after the other, and prints the server's answer to each, line by line.
    ///
    /// # Errors
    /// [`Failure`] when the server cannot be asked, or gives no challenge.
    #[expect(clippy::print_stdout, reason = "a demonstration prints")]
    pub async fn ask_and_print(&self) -> Result<(), Failure> {
        let (client, people) = (&self.client, People::new(&self.outside).await?);
        let (widget, gadget) = ("pypi:widget", "pypi:gadget");
        let bundle = client.bundle(&people.alice, widget).await?;
        let first = client.post_claim(&bundle).await?;
        let second = client.post_claim(&bundle).await?;
        let young = client.claim(&people.bob, gadget).await?;
        let stranger = client.claim(&people.mallory, widget).await?;
        let later = client.bundle(&people.alice, widget).await?;
        self.outside.set_down(true);
        let down = client.post_claim(&later).await?;
        self.outside.set_down(false);
        let back = client.post_claim(&later).await?;
        let made_up = later.replace("\"challenge\": \"", "\"challenge\": \"AAAA");
        let huge = " ".repeat((1 << 20) + 1);
        for (what, answer) in [
            ("Alice claims widget", first),
            ("her bundle, a second time", second),
            ("Bob claims gadget, days early", young),
            ("Mallory claims widget", stranger),
            ("Alice, while PyPI is down", down),
            ("Alice, when it is back", back),
            (
                "a challenge that nobody gave",
                client.post_claim(&made_up).await?,
            ),
            (
                "half a bundle",
                client.post_claim(&later[..later.len() / 2]).await?,
            ),
            ("a huge body", client.post_claim(&huge).await?),
            (
                "a body that never ends",
                client.post("/claims", b"{", 2).await?,
            ),
            (
                "a challenge for no DID",
                client.post("/challenges/alice/widget", b"", 0).await?,
            ),
        ] {
            println!("{what}: {answer}");
        }
        Ok(())
    }
}
