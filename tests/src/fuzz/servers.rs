//! Answers of servers, texts of publishers in them, and files on the disk.

use std::time::Duration;

use auths_adapters_pypi::{fuzzing, statement as statements};
use auths_core::claim::{Observation, Signed, SigningRequest};
use auths_core::evidence::{Evidence, NamespaceEvidence, OwnerRole, Reading};
use auths_core::{Did, Namespace, Platform};
use auths_http::Response;
use auths_keystore::fuzzing as keystore;

use super::claims::text;
use crate::claims::{alice, now, sign};

fn six() -> Namespace {
    "pypi:six".parse().unwrap()
}

/// Reads PyPI's answer about a project. The kept part can be stored, signed by an observer, and read again.
pub fn pypi_project(data: &[u8]) -> bool {
    let Some(evidence) = fuzzing::project(data, &six(), now()) else {
        return false;
    };
    if let Reading::Read(listing) = &evidence.listing {
        for listed in &listing.accounts {
            assert_eq!(*listed.account.platform(), Platform::PYPI);
            assert_ne!(listed.role, OwnerRole::OwnAccount);
        }
    }
    if let Reading::Read(timeline) = &evidence.timeline {
        assert!(
            timeline
                .releases()
                .is_sorted_by_key(|release| release.uploaded_at)
        );
    }
    can_be_told(evidence);
    true
}

/// Reads npm's packument. The kept part can be stored, signed by an observer, and read again. The listed accounts and named DIDs
/// stand in the packument, for this package.
pub fn npm_packument(data: &[u8]) -> bool {
    let left: Namespace = "npm:left".parse().unwrap();
    let Some(evidence) = auths_adapters_npm::fuzzing::package(data, &left, now()) else {
        return false;
    };
    if let Reading::Read(listing) = &evidence.listing {
        assert!(!listing.accounts.is_empty());
        for listed in &listing.accounts {
            assert_eq!(*listed.account.platform(), Platform::NPM);
            assert_eq!(listed.role, OwnerRole::Owner);
        }
    }
    if let Reading::Read(timeline) = &evidence.timeline {
        for did in timeline.dids() {
            is_said(data, did);
        }
    }
    let other: Namespace = "npm:right".parse().unwrap();
    assert!(auths_adapters_npm::fuzzing::package(data, &other, now()).is_none());
    can_be_told(evidence);
    true
}

/// Checks that evidence can be signed by an observer, and read again.
fn can_be_told(evidence: NamespaceEvidence) {
    let observation = Observation::new(Evidence::Namespace(Box::new(evidence)));
    let signed = sign(SigningRequest::new(observation, now()), &alice());
    let again = Signed::<Observation>::parse(signed.to_json().as_bytes());
    assert_eq!(
        again.expect("what was seen can be told").unverified(),
        signed.unverified()
    );
}

/// Reads PyPI's answer about a release. Each named DID stands in the bytes.
pub fn pypi_release(data: &[u8]) -> bool {
    let named = fuzzing::release(data, &six(), "1.0");
    for did in named.iter().flatten() {
        is_said(data, did);
    }
    named.is_some()
}

/// Reads PyPI's simple index. An answer that this project does not exist names this project.
pub fn pypi_index(data: &[u8]) -> bool {
    let is_absent = fuzzing::index(data, &six()).is_some();
    if is_absent {
        // The name has three letters, and each may be escaped.
        let text = String::from_utf8_lossy(data).to_ascii_lowercase();
        assert!(text.contains('\\') || text.contains("six"), "{text}");
        assert!(fuzzing::index(data, &"pypi:sax".parse().unwrap()).is_none());
    }
    is_absent
}

/// Reads a statement in a project URL or in keywords. It can be written and read again, and names nobody for any other project.
pub fn statement(data: &[u8]) -> bool {
    let Some(text) = text(data) else { return false };
    let (six, other): (_, Namespace) = (six(), "pypi:sax".parse().unwrap());
    let by_url = statements::named_by_url(text, &six);
    if !by_url.is_empty() {
        let url = statements::render(&by_url, &six);
        assert_eq!(statements::named_by_url(&url, &six), by_url);
        assert!(statements::named_by_url(&url, &other).is_empty());
        assert!(statements::named_by_url(text, &other).is_empty());
    }
    let by_keyword = statements::named_by_keywords(text, &six);
    for did in by_url.iter().chain(&by_keyword) {
        is_said(data, did);
    }
    let words: Vec<_> = by_keyword
        .iter()
        .map(|did| statements::render_keyword(did, &six))
        .collect();
    assert_eq!(
        statements::named_by_keywords(&words.join(","), &six),
        by_keyword
    );
    !by_url.is_empty() || !by_keyword.is_empty()
}

/// Checks that a DID that was read out of some bytes stands in them. Only its `:` and `%` escapes may hide it.
fn is_said(data: &[u8], did: &Did) {
    let text = String::from_utf8_lossy(data);
    let hidden = text.contains(['%', '\\']);
    assert!(hidden || text.contains(did.as_str()), "{did}");
}

/// Reads the headers with times. No wait is longer than a day, whatever a server asks for.
pub fn headers(data: &[u8]) -> bool {
    let Some(text) = text(data) else { return false };
    let mut lines = text.split('\n');
    let mut line = || lines.next().unwrap_or_default();
    let headers = [("retry-after", line()), ("date", line()), ("age", line())];
    let url = "https://registry.example/x".parse().unwrap();
    let response = Response::from_parts(url, 429, &headers, "", now());
    const DAY: Duration = Duration::from_secs(24 * 3600);
    assert!(response.retry_after().is_none_or(|wait| wait <= DAY));
    if let Some(date) = response.server_date() {
        assert_eq!(date.to_string().parse(), Ok(date));
    }
    response.retry_after().is_some() || response.server_date().is_some()
}

/// Reads a key file. The digest guards it, and its statements about the key are valid values of their types.
pub fn key_file(data: &[u8]) -> bool {
    let digested = keystore::digested(data);
    let mut is_read = false;
    for bytes in [data, digested.as_slice()] {
        let Some(info) = keystore::key_file(bytes) else {
            continue;
        };
        assert!(bytes.starts_with(b"auths-key 1\n"));
        assert_eq!(info.name.to_string().parse().as_ref(), Ok(&info.name));
        assert_eq!(info.did.to_string().parse().as_ref(), Ok(&info.did));
        let mut changed = bytes.to_vec();
        changed[0] ^= 1;
        assert!(keystore::key_file(&changed).is_none());
        is_read = true;
    }
    is_read
}
