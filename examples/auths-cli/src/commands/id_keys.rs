//! `auths id new`, `auths id show`, `auths id list`.

use auths_core::ports::{
    Clock, KeyInfo, KeyName, KeyStore, KeyStoreError, NewKey, Persistence, new_seed,
};
use auths_core::{Did, Timestamp};
use auths_http::SystemClock;
use auths_keystore::OsEntropy;
use serde::Serialize;

use super::Context;
use crate::answer::Common;
use crate::exit::{Exit, Word};
use crate::failure::Failure;
use crate::home::Home;
use crate::keys;
use crate::page::Page;

/// A key, as it is shown.
#[derive(Debug, Serialize)]
struct Key {
    did: Did,
    name: KeyName,
    keystore: &'static str,
    created: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    recovery: Option<Did>,
}

#[derive(Debug, Serialize)]
struct OneKey {
    #[serde(flatten)]
    common: Common,
    #[serde(flatten)]
    key: Key,
}

#[derive(Debug, Serialize)]
struct ManyKeys {
    #[serde(flatten)]
    common: Common,
    keys: Vec<Key>,
}

/// Makes a key.
pub(crate) async fn new(
    context: &Context,
    name: KeyName,
    recovery: Option<Did>,
) -> Result<Exit, Failure> {
    let home = Home::new(context.global.home.clone())?;
    let store = keys::open(&context.global, &home, context.output)?;
    let key = NewKey::new(name, new_seed(&OsEntropy)?, SystemClock.now(), recovery);
    let made = store.create(key).await?;
    if store.describe().1 == Persistence::Process {
        context
            .output
            .warn("this key lives in memory: it is gone when the process ends");
    }
    Ok(one(context, &*store, made))
}

/// Shows a key. Asks for no passphrase.
pub(crate) async fn show(context: &Context, name: &KeyName) -> Result<Exit, Failure> {
    let home = Home::new(context.global.home.clone())?;
    let store = keys::open(&context.global, &home, context.output)?;
    let found = store.list().await?.into_iter().find(|k| k.name == *name);
    let found = found.ok_or_else(|| KeyStoreError::NotFound(name.clone()))?;
    Ok(one(context, &*store, found))
}

/// Lists the keys. Asks for no passphrase.
pub(crate) async fn list(context: &Context) -> Result<Exit, Failure> {
    let home = Home::new(context.global.home.clone())?;
    let store = keys::open(&context.global, &home, context.output)?;
    let keys: Vec<Key> = store
        .list()
        .await?
        .into_iter()
        .map(|info| key(&*store, info))
        .collect();
    let mut page = Page::new();
    if keys.is_empty() {
        page.line("There is no device key yet: make one with `auths id new`.");
    } else {
        let rows: Vec<_> = keys
            .iter()
            .map(|k| vec![k.name.to_string(), k.created.to_string(), k.did.to_string()])
            .collect();
        page.table(&["name", "created", "DID"], &rows);
    }
    let common = Common::positive(Word::Done);
    let document = ManyKeys { common, keys };
    Ok(context.output.answer(&document.common, &document, &page))
}

fn key(store: &dyn KeyStore, info: KeyInfo) -> Key {
    Key {
        did: info.did,
        name: info.name,
        keystore: store.describe().0,
        created: info.created,
        recovery: info.recovery,
    }
}

fn one(context: &Context, store: &dyn KeyStore, info: KeyInfo) -> Exit {
    let document = OneKey {
        common: Common::positive(Word::Done),
        key: key(store, info),
    };
    let shown = &document.key;
    let mut page = Page::new();
    page.line(shown.did.to_string())
        .field("name", shown.name.as_str())
        .field("keystore", shown.keystore)
        .field("created", shown.created.to_string());
    if let Some(recovery) = &shown.recovery {
        page.field("recovery", recovery.to_string());
    }
    context.output.answer(&document.common, &document, &page)
}
