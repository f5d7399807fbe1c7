//! The configured servers.

use auths_core::{Invalid, Origin};

use crate::args::Global;
use crate::failure::{Failure, with_causes};
use crate::output::Output;

/// The servers that can be named.
const NAMES: [&str; 7] = [
    "github",
    "github-api",
    "crates-io",
    "npm",
    "pypi",
    "github-actions",
    "gitlab",
];

/// The configured servers. Servers that are not named are the public ones.
#[derive(Debug, Clone, Default)]
pub(crate) struct Origins {
    named: Vec<(&'static str, Origin)>,
}

impl Origins {
    /// Reads the servers from `--origin` first, then from the environment.
    pub(crate) fn new(global: &Global, output: Output) -> Result<Self, Failure> {
        let mut origins = Self::default();
        for given in &global.origin {
            let (name, url) = given
                .split_once('=')
                .ok_or_else(|| refused(format!("--origin {given:?} is not NAME=URL")))?;
            let name = known(name)?;
            if origins.get(name).is_some() {
                return Err(refused(format!("--origin {name} is given twice")));
            }
            origins.named.push((name, parse(name, url)?));
        }
        let in_ci = std::env::var_os("CI").is_some_and(|ci| !ci.is_empty());
        for name in NAMES {
            let variable = variable(name);
            let Some(url) = std::env::var_os(&variable).filter(|v| !v.is_empty()) else {
                continue;
            };
            if origins.get(name).is_some() {
                continue;
            }
            if in_ci && !global.allow_env_origin {
                output.warn(&format!(
                    "{variable} is ignored because CI is set: use --origin, or --allow-env-origin"
                ));
                continue;
            }
            let origin = parse(name, &url.to_string_lossy())?;
            output.warn(&format!(
                "{variable} sends questions for {name} to {origin}"
            ));
            origins.named.push((name, origin));
        }
        Ok(origins)
    }

    /// Returns the configured server of that name.
    pub(crate) fn get(&self, name: &str) -> Option<&Origin> {
        self.named.iter().find(|(n, _)| *n == name).map(|(_, o)| o)
    }
}

fn known(name: &str) -> Result<&'static str, Failure> {
    NAMES.into_iter().find(|n| *n == name).ok_or_else(|| {
        refused(format!(
            "there is no server named {name:?}: {}",
            NAMES.join(", ")
        ))
    })
}

fn variable(name: &str) -> String {
    format!("AUTHS_ORIGIN_{}", name.replace('-', "_").to_uppercase())
}

fn parse(name: &str, url: &str) -> Result<Origin, Failure> {
    url.parse().map_err(|e: auths_core::OriginError| {
        refused(format!("origin {name}: {}", with_causes(&e)))
    })
}

fn refused(message: String) -> Failure {
    Failure::invalid(Invalid::BadConfiguration, message)
}
