//! CI runs: an issuer of ID tokens, the rule of a maintainer, and the requests of runs to a registry.

use std::fmt;
use std::net::SocketAddr;

use auths_core::ci::{CiIssuer, CiProvider, PublisherRule};
use auths_core::claim::{Action, Actions, Signed, TrustedPublisher};
use auths_core::use_cases::trust_publisher;
use auths_testkit::issuer::{SigningKey, TestIssuer, TokenDraft};
use serde_json::json;

use crate::http::{Answer, send};
use crate::people::DAY;
use crate::{Failure, Outside, People};

/// A simulated GitHub Actions on a loopback address, whose runs are those of `acme/widget`.
///
/// A program that trusts the real one uses `CiIssuer::public(CiProvider::GitHubActions)` instead. The rest is the same.
pub struct Runs {
    outside: Outside,
    issuer: TestIssuer,
}

impl Runs {
    /// Creates the issuer.
    ///
    /// # Panics
    /// When no port of 127.0.0.1 can be had, or no key can be made.
    #[must_use]
    pub fn new(outside: &Outside) -> Self {
        let issuer = TestIssuer::start_with_clock(outside.clock.clone());
        let outside = outside.clone();
        Self { outside, issuer }
    }

    /// Returns the issuer, as a registry trusts it.
    ///
    /// # Errors
    /// Never in practice: the address is a valid one.
    pub fn issuer(&self) -> Result<CiIssuer, Failure> {
        let url = self.issuer.origin().to_string().parse()?;
        Ok(CiIssuer::new(CiProvider::GitHubActions, url))
    }

    /// Returns the rule that Alice signs for her two packages, as `auths publisher new` does.
    ///
    /// # Errors
    /// [`Failure`] when her key cannot sign.
    pub async fn rule_of_alice(
        &self,
        people: &People,
    ) -> Result<Signed<TrustedPublisher>, Failure> {
        let rule = json!({
            "issuer": self.issuer.origin().to_string(), "repositoryId": "700700", "ownerId": "4242",
            "repository": "acme/widget", "workflow": "release.yml", "environment": "pypi"
        });
        let rule: PublisherRule = rule.to_string().parse()?;
        let packages = ["pypi:widget", "pypi:alice-auths"].map(|name| self.outside.package(name));
        let packages = packages.into_iter().collect::<Result<Vec<_>, _>>()?;
        let publisher = TrustedPublisher::new(rule, packages, Actions::only(Action::Publish));
        let (key, now) = (&people.alice.key, self.outside.clock.now());
        Ok(trust_publisher(key, publisher, DAY * 90, now).await?)
    }

    /// Makes the runs' requests to the registry `accept_ci`, one after the other, and prints its answer to each.
    ///
    /// # Errors
    /// [`Failure`] when the registry cannot be asked.
    #[expect(clippy::print_stdout, reason = "a demonstration prints")]
    pub async fn ask_and_print(&self, registry: SocketAddr) -> Result<(), Failure> {
        let both = ["pypi:widget", "pypi:alice-auths"];
        let token = self.token("1", |draft| draft);
        let exchange = |token: String, packages: &'static [&'static str]| async move {
            let packages = packages.iter().map(|name| self.outside.package(name));
            let packages = packages.collect::<Result<Vec<_>, _>>()?;
            let body = json!({ "token": token, "packages": packages }).to_string();
            let json = "content-type: application/json\r\n";
            send(registry, "POST /grants", json, body.as_bytes(), body.len()).await
        };
        let upload = |package: &'static str, grant: String| async move {
            let package = crate::client::escape(&self.outside.package(package)?.to_string());
            let (request, header) = (
                format!("PUT /packages/{package}"),
                format!("authorization: Bearer {grant}\r\n"),
            );
            send(registry, &request, &header, b"", 0).await
        };
        let granted = exchange(token.clone(), &["pypi:widget", "pypi:alice-auths"]).await?;
        let grant = granted.body.as_str().unwrap_or_default().to_owned();
        println!(
            "a run asks for {}: {}",
            both.join(" and "),
            told(&granted, &grant)
        );
        for package in both {
            println!(
                "it uploads {package}: {}",
                upload(package, grant.clone()).await?
            );
        }
        let elsewhere = upload("pypi:gadget", grant.clone()).await?;
        println!("it uploads pypi:gadget: {elsewhere}");
        println!(
            "its token, a second time: {}",
            exchange(token, &["pypi:widget"]).await?
        );
        let branch = self.token("2", |draft| draft.claim("environment", "staging"));
        println!(
            "a run in another environment: {}",
            exchange(branch, &["pypi:widget"]).await?
        );
        let gadget = self.token("3", |draft| draft);
        println!(
            "a run asks for pypi:gadget: {}",
            exchange(gadget, &["pypi:gadget"]).await?
        );
        let late = self.token("4", |draft| draft);
        self.outside.set_down(true);
        println!(
            "PyPI is down: {}",
            exchange(late.clone(), &["pypi:widget"]).await?
        );
        self.outside.set_down(false);
        let back = exchange(late, &["pypi:widget"]).await?;
        println!(
            "it is back: {}",
            told(&back, back.body.as_str().unwrap_or_default())
        );
        self.outside.wait(DAY / 24);
        println!("an hour later: {}", upload("pypi:widget", grant).await?);
        println!("no grant: {}", upload("pypi:widget", String::new()).await?);
        Ok(())
    }

    /// Returns the token of a run of `release.yml` in `acme/widget`, changed in some way.
    fn token(&self, id: &str, change: impl FnOnce(TokenDraft) -> TokenDraft) -> String {
        let issuer = self.issuer.origin().to_string();
        let draft = TokenDraft::github(&issuer, "https://hub.example", self.outside.clock.now());
        change(draft.claim("jti", id)).sign(&SigningKey::shared(0))
    }
}

/// Returns an answer as it is printed: without its grant, which is a secret.
fn told(answer: &Answer, grant: &str) -> String {
    let text = answer.to_string();
    match grant.split('.').count() {
        3 => text.replace(grant, "a grant"),
        _ => text,
    }
}

impl fmt::Debug for Runs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Runs({})", self.issuer.origin())
    }
}
