//! The servers of the commands: one transport, and an adapter for each server.

use std::sync::Arc;
use std::time::Duration;

use auths_adapters_ci::{GitHubJob, IdTokenConfig, IdTokenVerifier, IssuerConfig};
use auths_adapters_github::{
    AccountsOf, CratesIo, CratesIoConfig, DeviceFlow, GitHub, GitHubConfig, GitHubEnvironments,
    GitHubOrgs,
};
use auths_adapters_npm::{Npm, NpmConfig};
use auths_adapters_pypi::{PyPi, PyPiConfig};
use auths_core::ci::{CiIssuer, CiProvider, IssuerUrl, TokenAudience};
use auths_core::decide::Obstacle;
use auths_core::ports::{AccountProver, Budget, Clock, MemoryStore, NamespaceVerifier, Store};
use auths_core::use_cases::{Registries, VerifierBuilder};
use auths_core::{Account, Ecosystem, Invalid, Namespace, Platform};
use auths_http::{Sleeper, SystemClock, TokioSleeper, Transport, TransportConfig};
use auths_keystore::{FileStore, RecordKey};
use secrecy::SecretString;

use crate::failure::{Failure, with_causes};
use crate::files;
use crate::home::Home;
use crate::output::Output;
use crate::registry::{Registry, configured, on_another_server, unread};
use crate::settings::Origins;

/// The time and the concurrency of requests to a server.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// The time for one question, all its requests together.
    pub(crate) time: Duration,
    /// The number of requests that may be under way at once. Waiting for a turn counts as a question's time.
    pub(crate) at_once: usize,
}

impl Limits {
    /// The default number of requests at once, unless there are more questions at once.
    pub(crate) const AT_ONCE: usize = 8;
}

/// All servers, public or configured.
#[derive(Debug, Clone)]
pub(crate) struct Servers {
    transport: Transport,
    /// The registries that are asked, one for each ecosystem.
    registries: Registries,
    /// The public registries, also those in whose places others are asked. They know their own addresses in names.
    public: Registries,
    github: GitHubConfig,
    issuers: Vec<CiIssuer>,
    max_time: Duration,
    token: Option<SecretString>,
}

impl Servers {
    /// Creates the public servers, or those configured in their places. What is observed of them is remembered in `store`.
    pub(crate) fn new(
        origins: &Origins,
        limits: Limits,
        store: Arc<dyn Store>,
        token: Option<SecretString>,
    ) -> Result<Self, Failure> {
        let (clock, sleeper) = (Arc::new(SystemClock), Arc::new(TokioSleeper));
        let transport = transport(limits.at_once, clock, sleeper, store)?;
        let github = github_config(origins)?.with_max_time(limits.time);
        let mut servers = Self {
            transport,
            registries: Registries::default(),
            public: Registries::default(),
            issuers: issuers(origins)?,
            max_time: limits.time,
            github,
            token,
        };
        servers.registries = servers.registries_at(origins)?;
        servers.public = servers.registries_at(&Origins::default())?;
        Ok(servers)
    }

    /// Creates the registries: the public ones, or those configured in their places.
    fn registries_at(&self, origins: &Origins) -> Result<Registries, Failure> {
        let pypi = match origins.get("pypi") {
            Some(origin) => PyPiConfig::at(origin.clone()),
            None => PyPiConfig::public().map_err(internal)?,
        };
        let npm = match origins.get("npm") {
            Some(origin) => NpmConfig::at(origin.clone()),
            None => NpmConfig::public().map_err(internal)?,
        };
        let crates_io = match origins.get("crates-io") {
            Some(origin) => CratesIoConfig::at(origin.clone()),
            None => CratesIoConfig::public().map_err(internal)?,
        };
        // The owners on crates.io are accounts of the configured GitHub.
        let crates_io = crates_io.with_accounts_of(AccountsOf::from(&self.github));
        let github = github_config(origins)?.with_max_time(self.max_time);
        let (time, by) = (self.max_time, &self.transport);
        let registries: [Arc<dyn NamespaceVerifier>; 4] = [
            Arc::new(PyPi::new(pypi.with_max_time(time), by.clone())),
            Arc::new(Npm::new(npm.with_max_time(time), by.clone())),
            Arc::new(CratesIo::new(crates_io.with_max_time(time), by.clone())),
            Arc::new(self.orgs_at(github)),
        ];
        let mut all = Registries::default();
        for registry in registries {
            all.add(registry)
                .map_err(|e| Failure::internal(e.to_string()))?;
        }
        Ok(all)
    }

    /// Reports the servers that are not the public ones.
    pub(crate) fn say(&self, output: Output) {
        let registries = self.registries.iter();
        for registry in registries.filter(|registry| !registry.is_public()) {
            let (origin, public) = (registry.origin(), public_name(registry.ecosystem()));
            output.note(&format!("asking {origin} in place of the public {public}"));
        }
        for issuer in self.issuers.iter().filter(|issuer| !issuer.is_public()) {
            let (url, provider) = (&issuer.url, issuer.provider);
            output.note(&format!(
                "trusting {url} in place of the public issuer of {provider}"
            ));
        }
    }

    /// Returns the registry that reads a name, and the name as that registry writes it.
    pub(crate) fn registry(&self, namespace: &Namespace) -> Result<(Registry, Namespace), Failure> {
        let placed = self.place(namespace.clone());
        if let Ok(verifier) = self.registries.find(&placed) {
            return Ok((self.with_accounts(verifier.clone()), placed));
        }
        let asked = self.asked(namespace.ecosystem());
        Err(match namespace.repository().filter(|_| asked.is_some()) {
            Some(named) => on_another_server(namespace, named),
            None => unread(
                &format!("{} is a name in", namespace.short()),
                namespace.ecosystem().as_str(),
            ),
        })
    }

    /// Returns the registry that is asked about an ecosystem.
    fn asked(&self, ecosystem: &Ecosystem) -> Option<&Arc<dyn NamespaceVerifier>> {
        let mut registries = self.registries.iter();
        registries.find(|registry| registry.ecosystem() == ecosystem)
    }

    /// Returns a registry with the accounts that it lists: its own, or those of the configured GitHub.
    fn with_accounts(&self, verifier: Arc<dyn NamespaceVerifier>) -> Registry {
        let at = configured(&*verifier).cloned();
        match verifier.ecosystem().as_str() {
            "pypi" => Registry::new(verifier, Platform::PYPI, at),
            "npm" => Registry::new(verifier, Platform::NPM, at),
            _ => Registry::new(
                verifier,
                Platform::GITHUB,
                self.github.configured().cloned(),
            ),
        }
    }

    /// Returns the registry whose packages can hold statements that prove a platform's accounts.
    pub(crate) fn stating(&self, platform: &Platform) -> Result<Registry, Failure> {
        let mut registries = self.registries.iter();
        let stating =
            registries.find(|r| r.ecosystem().accounts_with_statements() == Some(platform.clone()));
        let stating = stating.ok_or_else(|| {
            Failure::usage(format!(
                "accounts of {platform} are not proved by the statement of a package"
            ))
        })?;
        Ok(self.with_accounts(stating.clone()))
    }

    /// Returns GitHub's accounts, or those of the server configured in its place.
    pub(crate) fn github(&self) -> GitHub {
        let github = GitHub::new(self.github.clone(), self.transport.clone());
        match &self.token {
            Some(token) => github.reading_as(token.clone()),
            None => github,
        }
    }

    /// Returns the user's token, if one was given.
    pub(crate) fn token(&self) -> Option<&SecretString> {
        self.token.as_ref()
    }

    /// Returns GitHub's organisations, as the user's token sees them.
    pub(crate) fn orgs(&self) -> GitHubOrgs {
        self.orgs_at(self.github.clone())
    }

    fn orgs_at(&self, github: GitHubConfig) -> GitHubOrgs {
        let orgs = GitHubOrgs::new(github, self.transport.clone());
        match &self.token {
            Some(token) => orgs.reading_as(token.clone()),
            None => orgs,
        }
    }

    /// Returns GitHub's organisations as a registry of names.
    pub(crate) fn orgs_registry(&self) -> Registry {
        self.with_accounts(Arc::new(self.orgs()))
    }

    /// Returns device flows on GitHub as the app of this client id, and the page where an approval for it can be withdrawn.
    pub(crate) fn device_flow(
        &self,
        client_id: Option<&str>,
    ) -> Result<(DeviceFlow, Option<String>), Failure> {
        let config = match client_id.filter(|id| !id.is_empty()) {
            Some(id) => self.github.clone().with_client_id(id)?,
            None => self.github.clone(),
        };
        let page = config.approval_page();
        let (clock, sleeper) = (Arc::new(SystemClock), Arc::new(TokioSleeper));
        let flow = DeviceFlow::new(config, self.transport.clone(), sleeper, clock)?;
        Ok((flow, page))
    }

    /// Returns a name on the configured server of its registry, unless the name says its server itself.
    pub(crate) fn place(&self, namespace: Namespace) -> Namespace {
        if namespace.repository().is_some() {
            return self.public.canonical(&namespace);
        }
        let asked = self.asked(namespace.ecosystem());
        let server = asked.and_then(|registry| configured(&**registry));
        namespace.at(server.cloned())
    }

    /// Returns the issuer of the ID tokens of a platform.
    pub(crate) fn issuer(&self, provider: CiProvider) -> Result<CiIssuer, Failure> {
        let mut issuers = self.issuers.iter();
        let found = issuers.find(|issuer| issuer.provider == provider);
        found.cloned().ok_or_else(|| {
            Failure::invalid(
                Invalid::BadConfiguration,
                format!("no issuer of {provider} is configured"),
            )
        })
    }

    /// Returns the verifier of ID tokens, and the only issuer to accept, where one is named.
    pub(crate) fn id_tokens(
        &self,
        only: Option<CiProvider>,
    ) -> Result<(IdTokenVerifier, Option<IssuerUrl>), Failure> {
        let only = only.map(|provider| self.issuer(provider)).transpose()?;
        let issuers = self.issuers.iter().cloned().map(IssuerConfig::new);
        let config = issuers.fold(IdTokenConfig::new(), IdTokenConfig::with_issuer);
        let config = config.with_max_time(self.max_time);
        let verifier = IdTokenVerifier::new(config, self.transport.clone())?;
        Ok((verifier, only.map(|issuer| issuer.url)))
    }

    /// Asks the job in which this runs for its own ID token.
    pub(crate) async fn ambient_token(
        &self,
        audience: &TokenAudience,
    ) -> Result<SecretString, Failure> {
        // A variable that is empty says as little as one that is not there.
        let variable = |name| std::env::var(name).ok().filter(|v| !v.trim().is_empty());
        let address = variable("ACTIONS_ID_TOKEN_REQUEST_URL");
        let secret = variable("ACTIONS_ID_TOKEN_REQUEST_TOKEN").map(SecretString::from);
        let (Some(address), Some(secret)) = (address, secret) else {
            let failure =
                Failure::usage("this is no job of GitHub Actions that may ask for ID tokens");
            return Err(failure.remedy(
                "give the job `permissions: id-token: write`; in a GitLab job, give the token of `id_tokens` on standard input",
            ));
        };
        let job = GitHubJob::new(&address, secret)?;
        let budget = Budget::unlimited();
        let token = job.request_token(&self.transport, audience, &budget);
        Ok(token.await?)
    }

    /// Returns the reader of GitHub's environments, where a GitHub token was given. Without one, every environment counts as open.
    pub(crate) fn environments(&self) -> Result<Option<GitHubEnvironments>, Failure> {
        let Some(token) = &self.token else {
            return Ok(None);
        };
        let issuer = self.issuer(CiProvider::GitHubActions)?;
        let (config, by) = (self.github.clone(), self.transport.clone());
        let reader = GitHubEnvironments::new(issuer, config, by)?;
        Ok(Some(reader.reading_as(token.clone())))
    }

    /// Gives every registry and every prover of accounts to a verifier.
    pub(crate) fn plug_into(&self, verifier: VerifierBuilder) -> VerifierBuilder {
        let verifier = verifier.accounts(self.github());
        let registries = self.registries.iter().cloned();
        registries.fold(verifier, VerifierBuilder::registry)
    }

    /// Returns every prover of accounts.
    pub(crate) fn provers(&self) -> Vec<Arc<dyn AccountProver>> {
        let statements = self.registries.statement_provers();
        let mut provers: Vec<Arc<dyn AccountProver>> = Vec::new();
        provers.extend(statements.map(|prover| Arc::new(prover) as Arc<dyn AccountProver>));
        provers.push(Arc::new(self.github()));
        provers
    }

    /// Returns the account that has a login on GitHub now, with its id.
    pub(crate) async fn resolve(&self, account: &Account) -> Result<Account, Obstacle> {
        self.github().resolve(account).await
    }

    /// Returns the account on the configured server of its platform, by its id where it has one.
    pub(crate) async fn place_account(&self, account: &Account) -> Result<Account, Failure> {
        let login = account.login().as_str();
        if *account.platform() == Platform::GITHUB {
            return Ok(self.resolve(&self.orgs_registry().account(login)?).await?);
        }
        match self.stating(account.platform()) {
            Ok(registry) => registry.account(login),
            Err(_) => Err(unread(
                &format!("{account} is an account of"),
                account.platform().as_str(),
            )),
        }
    }
}

/// Opens the memory of a home for what is observed of servers, or one that ends with the process.
pub(crate) fn store(home: &Home, output: Output) -> Arc<dyn Store> {
    match files::make_dir(&home.store()) {
        Ok(()) => Arc::new(FileStore::new(home.store(), RecordKey::in_dir(home.keys()))),
        Err(_) => {
            output.warn("the home cannot be written: nothing that was seen will be remembered");
            Arc::new(MemoryStore::new())
        }
    }
}

/// Returns the name of an ecosystem's public registry, for people.
fn public_name(ecosystem: &Ecosystem) -> &str {
    match ecosystem.as_str() {
        "pypi" => "PyPI",
        "cargo" => "crates.io",
        "github" => "GitHub",
        other => other,
    }
}

/// Returns the issuers of ID tokens: the public ones, or those configured in their places.
fn issuers(origins: &Origins) -> Result<Vec<CiIssuer>, Failure> {
    let issuers = CiProvider::ALL.into_iter().map(|provider| {
        let issuer = match origins.get(provider.name()) {
            Some(origin) => {
                let url = origin.to_string().parse();
                url.map(|url| CiIssuer::new(provider, url))
            }
            None => CiIssuer::public(provider),
        };
        issuer.map_err(|e| Failure::invalid(Invalid::BadConfiguration, e))
    });
    issuers.collect()
}

/// Returns the configuration for GitHub.
fn github_config(origins: &Origins) -> Result<GitHubConfig, Failure> {
    let config = match origins.get("github-api") {
        Some(api) => GitHubConfig::at(api.clone()),
        None => GitHubConfig::public().map_err(internal)?,
    };
    Ok(match origins.get("github") {
        Some(web) => config.with_web(web.clone()),
        None => config,
    })
}

/// Creates PyPI's registry with this transport.
pub(crate) fn pypi(config: PyPiConfig, transport: Transport) -> Registry {
    let origin = config.configured().cloned();
    let verifier = PyPi::new(config, transport);
    Registry::new(Arc::new(verifier), Platform::PYPI, origin)
}

/// Creates a transport with these ports.
pub(crate) fn transport(
    at_once: usize,
    clock: Arc<dyn Clock>,
    sleeper: Arc<dyn Sleeper>,
    store: Arc<dyn Store>,
) -> Result<Transport, Failure> {
    let config = TransportConfig::default()
        .with_product("auths-cli", env!("CARGO_PKG_VERSION"))
        .with_max_concurrent(at_once);
    Transport::new(config, clock, sleeper, store)
        .map_err(|e| Failure::invalid(Invalid::BadConfiguration, with_causes(&e)))
}

fn internal(error: auths_core::OriginError) -> Failure {
    Failure::internal(error.to_string())
}
