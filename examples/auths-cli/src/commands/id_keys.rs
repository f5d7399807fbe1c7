//! `auths id new`, `auths id show`, `auths id list`.

use auths_core::ports::{KeyInfo, KeyName, KeyPersistence, KeyStore, NewKey, new_seed};
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
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unreadable: Vec<Common>,
}

/// Makes a key.
pub(crate) async fn new(
    context: &Context,
    name: KeyName,
    recovery: Option<Did>,
) -> Result<Exit, Failure> {
    let home = Home::new(context.global.home.clone())?;
    let keys = keys::open(&context.global, &home, context.output)?;
    let store = keys.store();
    let key = NewKey::new(name, new_seed(&OsEntropy)?, SystemClock.now(), recovery);
    let made = store.create(key).await?;
    if let Some(recovery) = &made.recovery {
        home.remember_recovery(&made.did, recovery).await?;
    }
    if store.describe().1 == KeyPersistence::Process {
        context
            .output
            .warn("this key lives in memory: it is gone when the process ends");
    }
    Ok(one(context, store, made))
}

/// Shows a key. Asks for no passphrase.
pub(crate) async fn show(context: &Context, name: &KeyName) -> Result<Exit, Failure> {
    let home = Home::new(context.global.home.clone())?;
    let keys = keys::open(&context.global, &home, context.output)?;
    let found = keys.info(name).await?;
    Ok(one(context, keys.store(), found))
}

/// Lists the keys, and those that cannot be read. Asks for no passphrase.
pub(crate) async fn list(context: &Context) -> Result<Exit, Failure> {
    let home = Home::new(context.global.home.clone())?;
    let store = keys::open(&context.global, &home, context.output)?;
    let (mut keys, mut unreadable) = (Vec::new(), Vec::new());
    for found in store.each().await? {
        match found {
            Ok(info) => keys.push(key(store.store(), info)),
            Err(error) => unreadable.push(Failure::from(error).0),
        }
    }
    let mut page = Page::new();
    for common in &unreadable {
        let message = common.message.as_deref().unwrap_or_default();
        let code = common.code.unwrap_or_default();
        page.outcome(common.outcome, format!("{message} ({code})"));
    }
    if keys.is_empty() && unreadable.is_empty() {
        page.line("There is no device key yet: make one with `auths id new`.");
    } else if !keys.is_empty() {
        let rows: Vec<_> = keys
            .iter()
            .map(|k| vec![k.name.to_string(), k.created.to_string(), k.did.to_string()])
            .collect();
        page.table(&["name", "created", "DID"], &rows);
    }
    // The list is incomplete: the worst error is the answer.
    let worst = unreadable.iter().max_by_key(|c| c.outcome == Word::Invalid);
    let common = worst.cloned().unwrap_or(Common::positive(Word::Done));
    let document = ManyKeys {
        common,
        keys,
        unreadable,
    };
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
