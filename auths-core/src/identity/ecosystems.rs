//! What core knows of each ecosystem: one row for each, and one for all that it does not know.
//!
//! Whatever depends on the ecosystem of a name asks this table. A new ecosystem is a new row.

use super::grammar::{Read, cargo_name, github_name, npm_name, other_name, pypi_name};
use super::platform::Platform;

/// What core knows of one ecosystem.
#[derive(Debug)]
pub(crate) struct EcosystemFacts {
    /// The purl type. Empty in the row of all others.
    name: &'static str,
    /// Reads a name.
    pub(crate) read_name: fn(&str) -> Read,
    /// True where the registry has its own spelling of a name beside the normal form. Everywhere else the normal form is the
    /// registry's spelling: PEP 503 on PyPI, the name itself on npm.
    pub(crate) keeps_spelling: bool,
    /// The platform of the accounts that the registry lists; `None` where core does not know.
    pub(crate) accounts: Option<Platform>,
    /// True where a package that was made for it proves an account of the registry.
    pub(crate) has_account_statements: bool,
    /// True where a name without `/` is an organisation's or a person's, and `OWNER/NAME` a package's below it.
    pub(crate) names_organizations: bool,
}

/// Returns what core knows of an ecosystem.
pub(super) fn facts(name: &str) -> &'static EcosystemFacts {
    let row = ECOSYSTEMS.iter().find(|row| row.name == name);
    row.unwrap_or(&OTHER)
}

static ECOSYSTEMS: [EcosystemFacts; 4] = [
    EcosystemFacts {
        name: "cargo",
        read_name: cargo_name,
        keeps_spelling: true,
        accounts: Some(Platform::GITHUB),
        has_account_statements: false,
        names_organizations: false,
    },
    EcosystemFacts {
        name: "github",
        read_name: github_name,
        keeps_spelling: false,
        accounts: Some(Platform::GITHUB),
        has_account_statements: false,
        names_organizations: true,
    },
    EcosystemFacts {
        name: "npm",
        read_name: npm_name,
        keeps_spelling: false,
        accounts: Some(Platform::NPM),
        has_account_statements: true,
        names_organizations: false,
    },
    EcosystemFacts {
        name: "pypi",
        read_name: pypi_name,
        keeps_spelling: false,
        accounts: Some(Platform::PYPI),
        has_account_statements: true,
        names_organizations: false,
    },
];

/// The row of every ecosystem that core does not know.
static OTHER: EcosystemFacts = EcosystemFacts {
    name: "",
    read_name: other_name,
    keeps_spelling: false,
    accounts: None,
    has_account_statements: false,
    names_organizations: false,
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::{Ecosystem, PackageName};

    #[test]
    fn every_ecosystem_that_has_a_name_here_has_one_row() {
        let known = [
            Ecosystem::CARGO,
            Ecosystem::GITHUB,
            Ecosystem::NPM,
            Ecosystem::PYPI,
        ];
        let rows: Vec<&str> = ECOSYSTEMS.iter().map(|row| row.name).collect();
        let names: Vec<&str> = known.iter().map(Ecosystem::as_str).collect();
        assert_eq!(rows, names);
    }

    #[test]
    fn an_ecosystem_without_a_row_gets_the_one_of_all_others() {
        let shelf = Ecosystem::new("shelf").unwrap();
        assert_eq!(shelf.facts().name, "");
        assert!(shelf.facts().accounts.is_none() && !shelf.facts().names_organizations);
        assert!(PackageName::parse(&shelf, "a/b").is_ok());
    }

    #[test]
    fn the_accounts_of_every_row_have_a_row_of_their_own() {
        for row in &ECOSYSTEMS {
            let accounts = row.accounts.as_ref().unwrap();
            assert_eq!(accounts.facts().name, accounts.as_str(), "{}", row.name);
        }
    }
}
