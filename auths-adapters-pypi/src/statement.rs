//! Statements: how the metadata of a release names DIDs for its project, and how it is read.
//!
//! A statement stands in one of two places of a release's metadata, and says the DID **and** the project, so that copied
//! metadata says nothing of another project:
//!
//! - a project URL, under any label ([`LABEL`] is recommended), whose fragment is
//!   `auths-did=did:key:z6Mk...&for=pypi:six`; several DIDs are divided by commas;
//! - a keyword `auths-did=did:key:z6Mk...&for=pypi:six` with one DID; several DIDs take several keywords, because
//!   keywords are themselves divided by commas.
//!
//! Both parts stand exactly once, in either order, and nothing else does. `%` escapes are decoded after the text is
//! divided. A text that breaks any rule, or is for another project, names nobody. No URL is ever fetched.

use std::collections::BTreeSet;

use auths_core::{Did, Ecosystem, Namespace};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::Url;

use crate::config::public_origin;

/// The label to write a statement under. Any label is read.
pub const LABEL: &str = "Auths";

/// The longest text that is read as a statement, in bytes.
const MAX_TEXT: usize = 4096;

/// Stays as it is in a rendered statement. Everything that divides one is escaped.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b':');

/// The project URL that names these DIDs for `namespace`: what a publisher puts under [`LABEL`] into `[project.urls]` of
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
    let page = match namespace
        .repository()
        .cloned()
        .map_or_else(public_origin, Ok)
    {
        Ok(origin) => origin.at(&["project", namespace.name().as_str(), ""]),
        Err(error) => Err(error),
    };
    // Names and the public address make an address by construction.
    let page = page.map(String::from).unwrap_or_default();
    format!("{page}#{}", text(&dids.join(","), namespace))
}

/// The keyword that names one DID for `namespace`, for publishers whose tools leave project URLs out.
#[must_use]
pub fn render_keyword(did: &Did, namespace: &Namespace) -> String {
    text(&escape(did.as_str()), namespace)
}

/// The DIDs that a project URL names for `namespace`; none when it is no statement for it.
#[must_use]
pub fn named_by_url(url: &str, namespace: &Namespace) -> BTreeSet<Did> {
    let is_web = || {
        Url::parse(url)
            .is_ok_and(|u| matches!(u.scheme(), "http" | "https") && u.host_str().is_some())
    };
    let plain = url.len() <= MAX_TEXT && url.bytes().all(|b| b.is_ascii_graphic());
    match url.split_once('#') {
        Some((_, fragment)) if plain && is_web() => read(fragment, namespace).unwrap_or_default(),
        _ => BTreeSet::new(),
    }
}

/// The DIDs that a release's keywords name for `namespace`. Keywords are divided by commas or white space.
#[must_use]
pub fn named_by_keywords(keywords: &str, namespace: &Namespace) -> BTreeSet<Did> {
    keywords
        .split(|c: char| c == ',' || c.is_whitespace())
        .filter(|word| word.len() <= MAX_TEXT)
        .filter_map(|word| read(word, namespace))
        .flatten()
        .collect()
}

fn escape(text: &str) -> String {
    utf8_percent_encode(text, PLAIN).to_string()
}

fn text(dids: &str, namespace: &Namespace) -> String {
    // The release says the name alone: the same file may be uploaded to several servers.
    let name = namespace.clone().at(None).short();
    format!("auths-did={dids}&for={}", escape(&name))
}

/// Reads `auths-did=...&for=...`; `None` when it breaks a rule or is for another project.
fn read(text: &str, asked: &Namespace) -> Option<BTreeSet<Did>> {
    let (first, second) = text.split_once('&')?;
    let (dids, name) = match (first.split_once('=')?, second.split_once('=')?) {
        (("auths-did", dids), ("for", name)) | (("for", name), ("auths-did", dids)) => (dids, name),
        _ => return None,
    };
    if !asked.is_named_by(&decode(name)?) || *asked.ecosystem() != Ecosystem::PYPI {
        return None;
    }
    dids.split(',')
        .map(|did| decode(did)?.parse().ok())
        .collect()
}

/// Decodes `%` escapes. Every `%` must begin one, the divisions of the text must not stand bare, and the result must be
/// UTF-8.
fn decode(text: &str) -> Option<String> {
    let mut bytes = text.bytes();
    let mut decoded = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'%' => {
                let digit = |b: u8| char::from(b).to_digit(16);
                let value = digit(bytes.next()?)? * 16 + digit(bytes.next()?)?;
                u8::try_from(value).ok()?
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
