//! Statements: the DIDs that the metadata of a release names for its project, and how they are read.
//!
//! A statement stands in one of two places of a release's metadata. It names the DID **and** the project, so that copied metadata
//! says nothing about another project:
//!
//! - a project URL, under any label ([`LABEL`] is recommended), whose fragment is `auths-did=did:key:z6Mk...&for=pypi:six`, with
//!   commas between several DIDs;
//! - a keyword `auths-did=did:key:z6Mk...&for=pypi:six` with one DID. Several DIDs need several keywords, because commas also
//!   divide keywords.
//!
//! Both parts occur exactly once, in any order, and there is no other part, except a third one in an *account statement*: a
//! project that was made to speak for an account says so in every release, as
//! `auths-did=did:key:z6Mk...&for=pypi:x&account=pypi:alice`.
//!
//! `%` escapes are decoded after the text is divided. A text that breaks any rule, or is for another project, names nobody. No
//! URL is ever fetched.

use std::collections::BTreeSet;

use auths_core::evidence::NamedAccount;
use auths_core::{Account, Did, Ecosystem, Namespace, Platform};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::config::public_origin;

/// The label to write a statement under. Any label is read.
pub const LABEL: &str = "Auths";

/// The longest text that is read as a statement, in bytes.
const MAX_TEXT: usize = 4096;

/// The characters that stay as they are in a rendered statement. Every character that divides a statement is escaped.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b':');

/// Returns the project URL that names these DIDs for `namespace`. A publisher puts it under [`LABEL`] into `[project.urls]` of
/// `pyproject.toml`.
///
/// ```
/// use auths_adapters_pypi::statement;
/// use auths_core::{Did, Namespace};
///
/// let did: Did = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK".parse()?;
/// let six: Namespace = "pypi:six".parse()?;
/// let url = statement::render([&did], &six);
/// assert_eq!(
///     url,
///     "https://pypi.org/project/six/#auths-did=did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK&for=pypi:six"
/// );
/// assert!(statement::named_by_url(&url, &six).contains(&did));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn render<'a>(dids: impl IntoIterator<Item = &'a Did>, namespace: &Namespace) -> String {
    let dids: Vec<String> = dids.into_iter().map(|did| escape(did.as_str())).collect();
    at_page(&text(&dids.join(","), namespace), namespace)
}

/// Returns the project URL that says that `did` speaks for `account`. The project must be made for that purpose, and must say so
/// in every release from the first on.
///
/// ```
/// use auths_adapters_pypi::statement;
/// use auths_core::{Account, Did, Namespace};
///
/// let did: Did = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK".parse()?;
/// let (name, alice): (Namespace, Account) = ("pypi:alice-auths".parse()?, "pypi:alice".parse()?);
/// let url = statement::render_for_account(&did, &name, &alice);
/// assert!(url.ends_with("&for=pypi:alice-auths&account=pypi:alice"));
/// assert_eq!(statement::accounts_named_by_url(&url, &name).len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn render_for_account(did: &Did, namespace: &Namespace, account: &Account) -> String {
    let text = render_keyword_for_account(did, namespace, account);
    at_page(&text, namespace)
}

/// Returns the keyword that says that `did` speaks for `account`, for publishers whose tools leave project URLs out.
#[must_use]
pub fn render_keyword_for_account(did: &Did, namespace: &Namespace, account: &Account) -> String {
    let account = format!("{}:{}", account.platform(), account.login());
    let text = render_keyword(did, namespace);
    format!("{text}&account={}", escape(&account))
}

/// Returns the address of the project's page with a text as its fragment.
fn at_page(text: &str, namespace: &Namespace) -> String {
    let page = match namespace
        .repository()
        .cloned()
        .map_or_else(public_origin, Ok)
    {
        Ok(origin) => origin.at(&["project", namespace.name().as_str(), ""]),
        Err(error) => Err(error),
    };
    // Names and the public address always make an address.
    let page = page.map(String::from).unwrap_or_default();
    format!("{page}#{text}")
}

/// Returns the keyword that names one DID for `namespace`, for publishers whose tools leave project URLs out.
#[must_use]
pub fn render_keyword(did: &Did, namespace: &Namespace) -> String {
    text(&escape(did.as_str()), namespace)
}

/// Returns the DIDs that a project URL names for `namespace`; none when it is no statement for it.
#[must_use]
pub fn named_by_url(url: &str, namespace: &Namespace) -> BTreeSet<Did> {
    said_by_url(url, namespace).dids
}

/// Returns the accounts that a project URL names in an account statement of `namespace`, each with the DID that speaks for it.
#[must_use]
pub fn accounts_named_by_url(url: &str, namespace: &Namespace) -> BTreeSet<NamedAccount> {
    said_by_url(url, namespace).accounts
}

/// The statements for one project in metadata: the DIDs, and the accounts that account statements name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProjectStatements {
    pub(crate) dids: BTreeSet<Did>,
    pub(crate) accounts: BTreeSet<NamedAccount>,
}

impl ProjectStatements {
    pub(crate) fn add(&mut self, more: Self) {
        self.dids.extend(more.dids);
        self.accounts.extend(more.accounts);
    }
}

/// Returns the statements for `namespace` in a project URL.
pub(crate) fn said_by_url(url: &str, namespace: &Namespace) -> ProjectStatements {
    let plain = url.len() <= MAX_TEXT && url.bytes().all(|b| b.is_ascii_graphic());
    match url.split_once('#') {
        Some((_, fragment)) if plain && is_web(url) => {
            read(fragment, namespace).unwrap_or_default()
        }
        _ => ProjectStatements::default(),
    }
}

fn is_web(url: &str) -> bool {
    Url::parse(url).is_ok_and(|u| matches!(u.scheme(), "http" | "https") && u.host_str().is_some())
}

/// Returns the DIDs that a release's keywords name for `namespace`. Keywords are divided by commas or white space.
#[must_use]
pub fn named_by_keywords(keywords: &str, namespace: &Namespace) -> BTreeSet<Did> {
    said_by_keywords(keywords, namespace).dids
}

/// Returns the statements for `namespace` in a release's keywords.
pub(crate) fn said_by_keywords(keywords: &str, namespace: &Namespace) -> ProjectStatements {
    let words = keywords.split(|c: char| c == ',' || c.is_whitespace());
    let short = words.filter(|word| word.len() <= MAX_TEXT);
    let mut said = ProjectStatements::default();
    short
        .filter_map(|word| read(word, namespace))
        .for_each(|more| said.add(more));
    said
}

fn escape(text: &str) -> String {
    utf8_percent_encode(text, PLAIN).to_string()
}

fn text(dids: &str, namespace: &Namespace) -> String {
    // The release holds the name without a server: the same file may be uploaded to several servers.
    let name = namespace.clone().at(None).short();
    format!("auths-did={dids}&for={}", escape(&name))
}

/// Reads `auths-did=...&for=...`, perhaps with `&account=...`; `None` when it breaks a rule or is for another project.
fn read(text: &str, asked: &Namespace) -> Option<ProjectStatements> {
    let (mut dids, mut name, mut account) = (None, None, None);
    for part in text.split('&') {
        let (key, value) = part.split_once('=')?;
        let place = match key {
            "auths-did" => &mut dids,
            "for" => &mut name,
            "account" => &mut account,
            _ => return None,
        };
        if place.replace(value).is_some() {
            return None;
        }
    }
    if !asked.is_named_by(&decode(name?)?) || *asked.ecosystem() != Ecosystem::PYPI {
        return None;
    }
    let dids = dids?.split(',').map(|did| decode(did)?.parse().ok());
    let dids: BTreeSet<Did> = dids.collect::<Option<_>>()?;
    let accounts = match account {
        None => BTreeSet::new(),
        Some(account) => {
            let account: Account = decode(account)?.parse().ok()?;
            if *account.platform() != Platform::PYPI {
                return None;
            }
            let account = account.at(asked.repository().cloned());
            let each = dids.iter().cloned();
            each.map(|did| NamedAccount::new(did, account.clone()))
                .collect()
        }
    };
    Some(ProjectStatements { dids, accounts })
}

/// Decodes `%` escapes. Every `%` must begin an escape, dividing characters must not occur unescaped, and the result must be
/// UTF-8.
fn decode(text: &str) -> Option<String> {
    let mut bytes = text.bytes();
    let mut decoded = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'%' => {
                let digits = [bytes.next()?, bytes.next()?].map(|b| char::from(b).to_digit(16));
                u8::try_from(digits[0]? * 16 + digits[1]?).ok()?
            }
            b'&' | b'=' | b',' | b'#' | b'"' | b'<' | b'>' => return None,
            byte if byte.is_ascii_graphic() => byte,
            _ => return None,
        });
    }
    String::from_utf8(decoded).ok()
}

#[cfg(test)]
mod tests;
