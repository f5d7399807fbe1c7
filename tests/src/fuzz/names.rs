//! DIDs, namespaces, packages, accounts, servers and times.

use auths_core::{
    Account, Did, Ecosystem, Login, Namespace, Origin, PackageName, Platform, StableIds, Timestamp,
    VerificationMethod,
};
use auths_http::Request;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::claims::text;

/// Checks that serde reads what it writes as the same value.
fn survives_json<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(value: &T) {
    let written = serde_json::to_string(value).unwrap();
    assert_eq!(
        serde_json::from_str::<T>(&written).as_ref().ok(),
        Some(value)
    );
}

/// Reads a DID or one of its keys. It is printed as it was read.
pub fn did(data: &[u8]) -> bool {
    let Some(text) = text(data) else { return false };
    if let Ok(method) = text.parse::<VerificationMethod>() {
        assert_eq!(method.to_string(), text);
        survives_json(&method);
    }
    let Ok(did) = text.parse::<Did>() else {
        return false;
    };
    assert_eq!(did.as_str(), text);
    survives_json(&did);
    assert_eq!(did.key().is_some(), did.method() == "key");
    if let Some(key) = did.key() {
        assert_eq!(Did::from_key(key), did);
        assert_eq!(did.key_method().map(|m| m.did().clone()), Some(did));
    }
    true
}

/// Reads a purl or its short form. A namespace has one canonical spelling, and no two share one.
pub fn namespace(data: &[u8]) -> bool {
    let Some(text) = text(data) else { return false };
    let Ok(namespace) = text.parse::<Namespace>() else {
        return false;
    };
    let purl = namespace.to_string();
    assert_eq!(purl.parse::<Namespace>().as_ref(), Ok(&namespace));
    assert_eq!(Namespace::try_from(text.to_owned()).is_ok(), text == purl);
    survives_json(&namespace);
    if namespace.repository().is_none() {
        assert_eq!(
            namespace.short().parse::<Namespace>().as_ref(),
            Ok(&namespace)
        );
    }
    stays_in_place(namespace.ecosystem(), namespace.name());
    true
}

/// Reads a package's name in every ecosystem. Normal forms are fixed points, and an address keeps its host and depth.
pub fn package(data: &[u8]) -> bool {
    let Some(text) = text(data) else { return false };
    let mut is_name = false;
    let other = Ecosystem::new("golang").unwrap();
    for ecosystem in [
        Ecosystem::PYPI,
        Ecosystem::CARGO,
        Ecosystem::NPM,
        Ecosystem::GITHUB,
        other,
    ] {
        let Ok(name) = PackageName::parse(&ecosystem, text) else {
            continue;
        };
        assert_eq!(
            PackageName::parse(&ecosystem, name.as_str()).as_ref(),
            Ok(&name)
        );
        stays_in_place(&ecosystem, &name);
        is_name = true;
    }
    is_name
}

fn stays_in_place(ecosystem: &Ecosystem, name: &PackageName) {
    let origin: Origin = "https://registry.example/base".parse().unwrap();
    let request = Request::get(&origin, &["x", name.as_str(), "json"]).unwrap();
    let url = request.url();
    assert!(origin.contains(url), "{ecosystem} {name}: {url}");
    assert_eq!(
        url.path_segments().unwrap().count(),
        4,
        "{ecosystem} {name}: {url}"
    );
    assert_eq!(
        (url.query(), url.fragment()),
        (None, None),
        "{ecosystem} {name}: {url}"
    );
}

/// Reads an account, and a login on every platform.
pub fn account(data: &[u8]) -> bool {
    let Some(text) = text(data) else { return false };
    for platform in [Platform::GITHUB, Platform::NPM, Platform::PYPI] {
        if let Ok(login) = Login::parse(&platform, text) {
            assert_eq!(login.as_str(), text);
        }
    }
    if let Ok(account) = serde_json::from_str::<Account>(text) {
        survives_json(&account);
    }
    let Ok(account) = text.parse::<Account>() else {
        return false;
    };
    assert_eq!(account.to_string(), text);
    assert!(account.same_login(&account) && account.id().is_none());
    assert_eq!(
        account.same_as(&account),
        account.platform().stable_ids() != StableIds::Always
    );
    survives_json(&account);
    true
}

/// Reads a server's address: https or loopback, one canonical spelling. No path below it leads out of it.
pub fn origin(data: &[u8]) -> bool {
    let Some(text) = text(data) else { return false };
    let Ok(origin) = text.parse::<Origin>() else {
        return false;
    };
    let written = origin.to_string();
    assert!(
        written.starts_with("https://") || origin.is_loopback(),
        "{written}"
    );
    assert_eq!(written.parse::<Origin>().as_ref(), Ok(&origin), "{written}");
    assert_eq!(
        Origin::try_from(text.to_owned()).is_ok(),
        text == written,
        "{text}"
    );
    survives_json(&origin);
    let below = origin.at(&["a/b", "c?d#e"]).unwrap();
    assert_eq!(below.as_str(), format!("{written}/a%2Fb/c%3Fd%23e"));
    assert!(origin.contains(&below));
    true
}

/// Reads a time on the wire, and one as platforms send it.
pub fn time(data: &[u8]) -> bool {
    let Some(text) = text(data) else { return false };
    let read = Timestamp::parse_rfc3339(text);
    if let Ok(time) = &read {
        assert_eq!(time.to_string().parse::<Timestamp>().as_ref(), Ok(time));
        survives_json(time);
    }
    if let Ok(time) = text.parse::<Timestamp>() {
        assert_eq!(time.to_string(), text);
        assert_eq!(read, Ok(time));
    }
    read.is_ok()
}
