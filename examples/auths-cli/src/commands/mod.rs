//! The commands, one in each file.

mod check;
mod check_batch;
mod ci;
mod claim_account;
mod claim_github;
mod claim_namespace;
mod decision;
#[cfg(feature = "demo")]
mod demo;
mod explain;
mod grant;
mod id_keys;
mod org;
mod pin;
mod publish;
mod publisher;
mod pypi_token;
mod shell;
mod signing;
mod statements;
mod status;
mod verify_bundle;
mod verify_claim;

use auths_core::Did;
use auths_core::claim::{Claim, Signed};
use auths_core::decide::Obstacle;
use auths_core::ports::{KeyName, MemoryStore, Signer, Store};
use auths_core::{Namespace, Platform, Timestamp};
use auths_http::SystemClock;
use std::sync::Arc;

use crate::args::{ClaimPlatform, Cli, Command, Global, Id, Namespaces, PypiTokens};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::home::Home;
use crate::keys::{self, Keys, Opened};
use crate::output::Output;
use crate::revocations::Sources;
use crate::servers::{self, Limits, Servers};
use crate::settings::Origins;
use crate::token;

/// The input that every command is given.
#[derive(Debug, Clone)]
pub(crate) struct Context {
    pub(crate) global: Global,
    pub(crate) output: Output,
}

impl Context {
    /// Returns the time now. Commands ask once, and pass it on.
    pub(crate) fn now(&self) -> Timestamp {
        SystemClock.now()
    }

    /// Returns the home.
    pub(crate) fn home(&self) -> Result<Home, Failure> {
        Home::new(self.global.home.clone())
    }

    /// Returns the configured servers.
    pub(crate) fn origins(&self) -> Result<Origins, Failure> {
        Origins::new(&self.global, self.output)
    }

    /// Returns the servers, public or configured.
    pub(crate) fn servers(&self, home: &Home) -> Result<Servers, Failure> {
        self.servers_at_once(home, Limits::AT_ONCE)
    }

    /// Returns the servers, for questions about this many packages at once.
    pub(crate) fn servers_at_once(&self, home: &Home, at_once: usize) -> Result<Servers, Failure> {
        self.servers_with(servers::store(home, self.output), at_once)
    }

    /// Returns the servers for a command that remembers nothing of what it reads, and so makes no home.
    pub(crate) fn servers_without_memory(&self) -> Result<Servers, Failure> {
        self.servers_with(Arc::new(MemoryStore::new()), Limits::AT_ONCE)
    }

    fn servers_with(&self, store: Arc<dyn Store>, at_once: usize) -> Result<Servers, Failure> {
        let limits = Limits {
            time: self.global.time(),
            at_once,
        };
        let token = token::read(self.global.token_stdin)?;
        let origins = self.origins()?;
        let servers = Servers::new(&origins, limits, store, token)?;
        servers.say(self.output);
        Ok(servers)
    }

    /// Returns names on the configured servers of their registries, except those that say their servers themselves. No server is
    /// asked.
    pub(crate) fn place(
        &self,
        namespaces: impl IntoIterator<Item = Namespace>,
    ) -> Result<Vec<Namespace>, Failure> {
        let limits = Limits {
            time: self.global.time(),
            at_once: 1,
        };
        let servers = Servers::new(&self.origins()?, limits, Arc::new(MemoryStore::new()), None)?;
        let namespaces = namespaces.into_iter();
        Ok(namespaces.map(|name| servers.place(name)).collect())
    }

    /// Returns the keystore.
    pub(crate) fn keys(&self, home: &Home) -> Result<Keys, Failure> {
        keys::open(&self.global, home, self.output)
    }

    /// Opens one key.
    pub(crate) async fn opened(&self, home: &Home, name: &KeyName) -> Result<Opened, Failure> {
        Ok(self.keys(home)?.open(name).await?)
    }

    /// Returns a signer for one key, and the recovery DID that the key was made with.
    pub(crate) async fn signer(
        &self,
        home: &Home,
        name: &KeyName,
    ) -> Result<(Arc<dyn Signer>, Option<Did>), Failure> {
        let key = self.opened(home, name).await?;
        Ok((key.signer, key.info.recovery))
    }

    /// Warns when the new claim does not count, because its key was revoked.
    pub(crate) async fn warn_if_revoked<C: Claim>(
        &self,
        signed: &Signed<C>,
        recovery: Option<&Did>,
        sources: &Sources,
    ) {
        let recovery: Vec<Did> = recovery.into_iter().cloned().collect();
        let revoked = sources.check_unrevoked(signed, &recovery, self.now()).await;
        if let Err(Obstacle::Refuted(refuted)) = revoked {
            let what = format!("this key was revoked, what it signs does not count: {refuted}");
            self.output.warn(&what);
        }
    }
}

/// Runs one command.
pub(crate) async fn run(cli: Cli, output: &Output) -> Result<Exit, Failure> {
    let context = Context {
        global: cli.global,
        output: *output,
    };
    match cli.command {
        #[cfg(feature = "demo")]
        Command::Demo => demo::run(&context).await,
        Command::Id(Id::New { name, recovery }) => id_keys::new(&context, name, recovery).await,
        Command::Id(Id::Show { name }) => id_keys::show(&context, &name).await,
        Command::Id(Id::List) => id_keys::list(&context).await,
        Command::Id(Id::Status(what)) => status::run(&context, &what).await,
        Command::Id(Id::Claim(ClaimPlatform::Pypi(what))) => {
            claim_account::run(&context, &what, Platform::PYPI).await
        }
        Command::Id(Id::Claim(ClaimPlatform::Npm(what))) => {
            claim_account::run(&context, &what, Platform::NPM).await
        }
        Command::Id(Id::Claim(ClaimPlatform::Github(what))) => {
            claim_github::run(&context, &what).await
        }
        Command::Id(Id::Verify(what)) => verify_claim::run(&context, &what).await,
        Command::Namespace(Namespaces::Check(what)) => check::run(&context, &what).await,
        Command::Namespace(Namespaces::Statements(what)) => statements::run(&context, &what).await,
        Command::Namespace(Namespaces::Claim(what)) => claim_namespace::run(&context, what).await,
        Command::Namespace(Namespaces::Verify(what)) => verify_bundle::run(&context, what).await,
        Command::Org(what) => org::run(&context, &what).await,
        Command::Ci(what) => ci::run(&context, &what).await,
        Command::Publisher(what) => publisher::run(&context, what).await,
        Command::Publish(what) => publish::run(&context, what).await,
        Command::Grant(what) => grant::run(&context, &what).await,
        Command::Pin(what) => pin::run(&context, what),
        Command::Delegate(what) => signing::delegate(&context, what).await,
        Command::Revoke(what) => signing::revoke(&context, &what).await,
        Command::PypiToken(PypiTokens::Inspect(what)) => pypi_token::inspect(&context, &what),
        Command::PypiToken(PypiTokens::Restrict(what)) => pypi_token::restrict(&context, &what),
        Command::PypiToken(PypiTokens::Check(what)) => pypi_token::check(&context, &what),
        Command::PypiToken(PypiTokens::Create(what)) => pypi_token::create(&context, &what),
        Command::Explain(what) => explain::run(&context, &what),
        Command::Completions { shell } => Ok(shell::completions(&context, shell)),
        Command::Man => shell::man(&context),
    }
}
