//! People with device keys, and what they did in the simulated world before the programs begin.

use std::time::Duration;

use auths_adapters_github::{CratesIo, GitHub};
use auths_adapters_npm::Npm;
use auths_adapters_pypi::PyPi;
use auths_core::claim::{Audience, Challenge, Revocation, RevocationTarget, Signed};
use auths_core::crypto::KeyPair;
use auths_core::ports::{
    GistHint, MemoryRevocations, MemoryStore, ProofHint, RevocationList, Signer as _, new_seed,
};
use auths_core::use_cases::{ClaimRequest, StoredLink, revoke, sign_account_claim};
use auths_core::{Bundle, Did, Namespace, Platform, Policy, Verifier};
use auths_keystore::OsEntropy;
use auths_testkit::world::{Metadata, Session};

use crate::{Failure, Outside};

pub(crate) const DAY: Duration = Duration::from_secs(86_400);

/// A person with a device key, and the accounts that are linked to it.
#[derive(Debug)]
pub struct Holder {
    name: &'static str,
    pub(crate) key: KeyPair,
    links: Vec<StoredLink>,
}

/// Everybody in the simulated world.
#[derive(Debug)]
pub struct People {
    /// Alice owns `pypi:widget`. A package that only she can publish, `alice-auths`, says that her key speaks for her account.
    pub alice: Holder,
    /// Bob named his key in `pypi:gadget` yesterday.
    pub bob: Holder,
    /// Nina named her key in every release of `npm:left`, for eight days.
    pub nina: Holder,
    /// Carol owns `cargo:demo` by her GitHub account, and published the link to her key in a gist, nine days ago.
    pub carol: Holder,
    /// Mallory has only a key.
    pub mallory: Holder,
    ninas: Session,
}

impl People {
    /// Creates the people, and lets nine days pass.
    ///
    /// # Errors
    /// [`Failure`] when there is no randomness for keys.
    pub async fn new(outside: &Outside) -> Result<Self, Failure> {
        let (mut alice, mut carol) = (Holder::new("Alice")?, Holder::new("Carol")?);
        let (bob, nina) = (Holder::new("Bob")?, Holder::new("Nina")?);
        let mallory = Holder::new("Mallory")?;
        let (alices, bobs, ninas, carols) = {
            let mut world = outside.world();
            let (npm, github) = (Platform::NPM, Platform::GITHUB);
            (
                world.sign_up("alice")?,
                world.sign_up("bob")?,
                world.sign_up_on(&npm, "nina")?,
                world.sign_up_on(&github, "carol")?,
            )
        };
        let account = outside.account("pypi:alice".parse()?);
        let now = outside.clock.now();
        let claim = sign_account_claim(&alice.key, account, None, now).await?;
        let statement = outside.package("pypi:alice-auths")?;
        alice.links = vec![StoredLink::new(
            claim,
            Some(ProofHint::Statement(statement)),
        )];

        let account = outside.world().account_of_session(&carols)?;
        let account = outside.account(account);
        let claim = sign_account_claim(&carol.key, account, None, now).await?;
        let gist = outside.world().create_gist(&carols, claim.to_json())?;
        let gist = ProofHint::Gist(GistHint::new(gist));
        carol.links = vec![StoredLink::new(claim, Some(gist))];

        let speaks = alice.speaks_for_alice(outside)?;
        let (named, young) = (
            nina.named(outside, "npm:left")?,
            bob.named(outside, "pypi:gadget")?,
        );
        let mut world = outside.world();
        world.publish(&alices, "widget", "1.0", Metadata::new())?;
        world.publish(&alices, "alice-auths", "1.0", speaks.clone())?;
        world.publish(&ninas, "left", "1.0.0", named.clone())?;
        world.publish(&carols, "demo", "1.0.0", Metadata::new())?;
        world.wait(DAY * 8);
        world.publish(&alices, "alice-auths", "1.1", speaks)?;
        world.publish(&ninas, "left", "1.1.0", named)?;
        world.publish(&bobs, "gadget", "1.0", young)?;
        world.wait(DAY);
        drop(world);
        Ok(Self {
            alice,
            bob,
            nina,
            carol,
            mallory,
            ninas,
        })
    }

    /// Publishes a release of `npm:left` that does not name Nina's key.
    ///
    /// # Errors
    /// Never in practice: the version is published once.
    pub fn drop_ninas_key(&self, outside: &Outside) -> Result<(), Failure> {
        let mut world = outside.world();
        Ok(world.publish(&self.ninas, "left", "2.0.0", Metadata::new())?)
    }
}

impl Holder {
    fn new(name: &'static str) -> Result<Self, Failure> {
        Ok(Self {
            name,
            key: KeyPair::from_seed(&new_seed(&OsEntropy)?),
            links: Vec::new(),
        })
    }

    /// Returns the name of the person.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Returns the DID of the key.
    #[must_use]
    pub fn did(&self) -> Did {
        self.key.method().did().clone()
    }

    /// Makes the bundle that a maintainer sends to a registry, as `auths namespace claim` does.
    ///
    /// # Errors
    /// [`Failure`] when the package cannot be read.
    pub async fn bundle(&self, outside: &Outside, package: &str) -> Result<Bundle, Failure> {
        let own = Audience::local(&self.did());
        self.claim_for(outside, outside.package(package)?, own, None)
            .await
    }

    /// Claims a package for `https://hub.example`, as a command on the holder's machine does. Returns the text that is sent.
    ///
    /// # Errors
    /// [`Failure`] when the package cannot be read.
    pub async fn claim(
        &self,
        outside: &Outside,
        package: Namespace,
        challenge: Challenge,
    ) -> Result<String, Failure> {
        let hub = "https://hub.example".parse()?;
        let bundle = self.claim_for(outside, package, hub, Some(challenge));
        Ok(bundle.await?.to_json())
    }

    async fn claim_for(
        &self,
        outside: &Outside,
        package: Namespace,
        audience: Audience,
        challenge: Option<Challenge>,
    ) -> Result<Bundle, Failure> {
        let transport = outside.transport(MemoryStore::new())?;
        let verifier = Verifier::builder("https://hub.example".parse()?)
            .registry(PyPi::new(outside.pypi.clone(), transport.clone()))
            .registry(Npm::new(outside.npm.clone(), transport.clone()))
            .registry(CratesIo::new(outside.crates_io.clone(), transport.clone()))
            .accounts(GitHub::new(outside.github.clone(), transport))
            .revocations(RevocationList::new("the holder's own list"))
            .revocation_memory(MemoryRevocations::new())
            .without_challenges()
            .build()?;
        let mut request = ClaimRequest::new(package, outside.clock.now()).for_audience(audience);
        request.challenge = challenge;
        let (context, policy) = (verifier.context(self.links.clone()), Policy::standard());
        let claimed = verifier.claim(&self.key, &context, request, &policy);
        Ok(claimed.await?.bundle)
    }

    /// Signs the links to the accounts anew, for another life, where they are proved by packages: a package names the key, and not
    /// the claim.
    ///
    /// # Errors
    /// [`Failure`] when the key cannot sign.
    pub async fn renew_links(&mut self, outside: &Outside) -> Result<(), Failure> {
        for link in &mut self.links {
            if let Some(ProofHint::Statement(_)) = link.hint {
                let account = link.claim.unverified().account.clone();
                let now = outside.clock.now();
                link.claim = sign_account_claim(&self.key, account, None, now).await?;
            }
        }
        Ok(())
    }

    /// Revokes the key.
    ///
    /// # Errors
    /// [`Failure`] when it cannot sign.
    pub async fn revoke_key(&self, outside: &Outside) -> Result<Signed<Revocation>, Failure> {
        let now = outside.clock.now();
        Ok(revoke(&self.key, RevocationTarget::Did(self.did()), now).await?)
    }

    /// Returns the metadata of a release that names the key for a package.
    fn named(&self, outside: &Outside, package: &str) -> Result<Metadata, Failure> {
        Ok(Metadata::new().naming([self.did()], &outside.package(package)?))
    }

    fn speaks_for_alice(&self, outside: &Outside) -> Result<Metadata, Failure> {
        let name = outside.package("pypi:alice-auths")?;
        let account = "pypi:alice".parse()?;
        Ok(Metadata::new().speaking_for(self.did(), &name, &account))
    }
}
