//! People with device keys, and their requests to a server.

use std::net::SocketAddr;
use std::time::Duration;

use auths_core::crypto::KeyPair;
use auths_core::ports::{MemoryRevocations, ProofHint, RevocationList, Signer as _, new_seed};
use auths_core::use_cases::{ClaimRequest, StoredLink, sign_account_claim};
use auths_core::{Account, Did, Policy, Verifier};
use auths_keystore::OsEntropy;
use auths_testkit::world::Metadata;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::post::{Answer, post};
use crate::{Failure, Outside};

const DAY: Duration = Duration::from_secs(86_400);

/// The visitors of a server. Alice owns `widget`, and her account is linked by a package that only she can publish. Bob named his
/// key in `gadget` yesterday. Mallory has only a key.
#[derive(Debug)]
pub struct Visitors {
    outside: Outside,
    server: SocketAddr,
    alice: KeyPair,
    bob: KeyPair,
    mallory: KeyPair,
}

impl Visitors {
    /// Creates the visitors of `server`, which reads the registry of `outside`.
    ///
    /// # Errors
    /// [`Failure`] when there is no randomness for keys.
    pub fn new(outside: Outside, server: SocketAddr) -> Result<Self, Failure> {
        let key = || Ok::<_, Failure>(KeyPair::from_seed(&new_seed(&OsEntropy)?));
        let (alice, bob, mallory) = (key()?, key()?, key()?);
        let named = |key: &KeyPair, name: &str| -> Result<Metadata, Failure> {
            Ok(Metadata::new().naming([did(key)], &outside.package(name)?))
        };
        let spoken: Account = "pypi:alice".parse()?;
        let name = outside.package("alice-auths")?;
        let statement = Metadata::new().speaking_for(did(&alice), &name, &spoken);
        let young = named(&bob, "gadget")?;
        let mut world = outside.world();
        let (a, b) = (world.sign_up("alice")?, world.sign_up("bob")?);
        world.publish(&a, "widget", "1.0", Metadata::new())?;
        world.publish(&a, "alice-auths", "1.0", statement.clone())?;
        world.wait(DAY * 8);
        world.publish(&a, "alice-auths", "1.1", statement)?;
        world.publish(&b, "gadget", "1.0", young)?;
        world.wait(DAY);
        drop(world);
        Ok(Self {
            outside,
            server,
            alice,
            bob,
            mallory,
        })
    }

    /// Makes the visitors' requests, one after the other, and prints the server's answer to each, line by line.
    ///
    /// # Errors
    /// [`Failure`] when the server cannot be asked, or gives no challenge.
    #[expect(clippy::print_stdout, reason = "a demonstration prints")]
    pub async fn ask_and_print(&self) -> Result<(), Failure> {
        let mut said = Vec::new();
        let bundle = self.bundle(&self.alice, "widget", true).await?;
        said.push(("Alice claims widget", self.claim(&bundle).await?));
        said.push(("her bundle, a second time", self.claim(&bundle).await?));
        let young = self.bundle(&self.bob, "gadget", false).await?;
        said.push(("Bob claims gadget, days early", self.claim(&young).await?));
        let stranger = self.bundle(&self.mallory, "widget", false).await?;
        said.push(("Mallory claims widget", self.claim(&stranger).await?));

        let later = self.bundle(&self.alice, "widget", true).await?;
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

    /// Asks for a challenge, and answers it, as a command on the holder's machine does.
    async fn bundle(&self, key: &KeyPair, name: &str, linked: bool) -> Result<String, Failure> {
        let (outside, now) = (&self.outside, self.outside.clock.now());
        let namespace = outside.package(name)?;
        let escape = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let (did, purl) = (escape(did(key).as_str()), escape(&namespace.to_string()));
        let given = post(self.server, &format!("/challenges/{did}/{purl}"), &[], 0).await?;

        let mut request = ClaimRequest::new(namespace, now);
        request.audience = Some("https://hub.example".parse()?);
        let challenge = given.body["challenge"].as_str();
        request.challenge = Some(challenge.ok_or("no challenge was given")?.parse()?);
        let mut links = Vec::new();
        if linked {
            let claim = sign_account_claim(key, outside.account("alice")?, None, now).await?;
            let proof = ProofHint::Statement(outside.package("alice-auths")?);
            links.push(StoredLink::new(claim, Some(proof)));
        }
        let verifier = Verifier::builder("https://hub.example".parse()?)
            .registry(outside.pypi.clone())
            .revocations(RevocationList::new("our own list"))
            .revocation_memory(MemoryRevocations::new())
            .build()?;
        let context = verifier.context(links);
        let claimed = verifier
            .claim(key, &context, request, &Policy::standard())
            .await?;
        Ok(claimed.bundle.to_json())
    }
}

fn did(key: &KeyPair) -> Did {
    key.method().did().clone()
}
