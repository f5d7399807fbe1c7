//! The policy that the arguments name.

use std::path::Path;

use auths_core::{Did, Invalid, Policy, PolicyError};

use crate::failure::Failure;
use crate::files;
use crate::keys::Opened;

/// Reads a policy: a preset, or a TOML file.
pub(crate) fn read(name: &str) -> Result<Policy, Failure> {
    match Policy::named(name) {
        Err(PolicyError::UnknownPreset(_)) if is_file(name) => {
            let bytes = files::read(Path::new(name), files::MAX_POLICY)?;
            let text = String::from_utf8(bytes)
                .map_err(|_| Failure::invalid(Invalid::BadPolicy, "the policy is not UTF-8"))?;
            Ok(Policy::from_toml(&text)?)
        }
        known => Ok(known?),
    }
}

/// Reads a policy, and makes it trust the observations of these keys of the home, and of these observers.
pub(crate) fn trusting(name: &str, own: &[Opened], others: &[Did]) -> Result<Policy, Failure> {
    let own = own.iter().map(|key| key.info.did.clone());
    Ok(read(name)?.trusting(own.chain(others.iter().cloned())))
}

fn is_file(name: &str) -> bool {
    name.ends_with(".toml") || name.contains(std::path::MAIN_SEPARATOR)
}
